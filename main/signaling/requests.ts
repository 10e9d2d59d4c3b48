import { SERVER_PING_AFTER, SERVER_PONG_WITHIN, SERVER_QUICK_PONG } from '../../protocol/limits.ts'
import { binaryMessage } from '../../protocol/wire/codec.ts'
import { type C2S, type DropHead, results, type Results, type ServerCode } from '../../protocol/wire/signaling.ts'
import type { Clock } from '../ports.ts'
import type { FromServer, Wire } from './dial.ts'

/** What the server answered. `closed`: the connection went before it did. */
export type Answer<R = unknown> = { ok: true; r: R } | { ok: false; code: ServerCode | 'closed'; after?: number }

type Ask = Extract<C2S, { q: number }> extends infer M ? (M extends { q: number } ? Omit<M, 'q'> : never) : never
type ResultOf<T extends string> = T extends keyof Results ? Results[T] : undefined

export interface Requests {
  request<M extends Ask>(message: M): Promise<Answer<ResultOf<M['t']>>>
  /** Where the server says that it is too much at once, again a little later, as the message is then: for what has to be done. */
  patiently<M extends Ask>(make: () => M): Promise<Answer<ResultOf<M['t']>>>
  drop(head: Omit<DropHead, 't' | 'q'>, envelope: Uint8Array): Promise<Answer>
  /** [S11] A ping at once, with 5 s: network changed, woken up. */
  check(): void
}

/** Numbers requests, matches answers, and watches that the server is still there. `onMessage` gets what is no answer. */
export function createRequests(clock: Clock, wire: Wire, onMessage: (message: FromServer) => void, onClose: () => void): Requests {
  const open = new Map<number, { t: string; done: (answer: Answer) => void; stopTimer: () => void }>()
  /** Ends a wait before its time. */
  const waits = new Set<() => void>()
  let q = 0
  let isOpen = true
  let stopWatch: () => void = () => undefined

  function watch(ms: number) {
    stopWatch()
    stopWatch = clock.after(ms, () => ping(SERVER_PONG_WITHIN))
  }
  function ping(within: number) {
    if (!isOpen) return
    stopWatch()
    send({ t: 'ping', q: ++q })
    stopWatch = clock.after(within, () => wire.close())
  }
  const send = (message: C2S) => wire.send(message)

  wire.onMessage((message) => {
    watch(SERVER_PING_AFTER)
    if (message.t !== 'ok' && message.t !== 'err') return onMessage(message)
    const asked = open.get(message.q)
    if (asked === undefined) return message.t === 'err' ? onMessage(message) : undefined
    open.delete(message.q)
    asked.stopTimer()
    if (message.t === 'err') return asked.done({ ok: false, code: message.code, ...(message.after === undefined ? {} : { after: message.after }) })
    const schema = results[asked.t as keyof Results]
    if (schema === undefined) return asked.done({ ok: true, r: undefined })
    const shaped = schema.safeParse(message.r)
    if (shaped.success) asked.done({ ok: true, r: shaped.data })
    else {
      asked.done({ ok: false, code: 'bad-frame' })
      wire.close()
    }
  })
  wire.onClose(() => {
    isOpen = false
    stopWatch()
    for (const asked of open.values()) {
      asked.stopTimer()
      asked.done({ ok: false, code: 'closed' })
    }
    open.clear()
    for (const end of [...waits]) end()
    onClose()
  })
  watch(SERVER_PING_AFTER)

  function ask(t: string, sendIt: (q: number) => void): Promise<Answer> {
    if (!isOpen) return Promise.resolve({ ok: false, code: 'closed' })
    const number = ++q
    return new Promise((done) => {
      // [S11] unanswered for 5 s: find out whether anyone is still there
      open.set(number, { t, done, stopTimer: clock.after(SERVER_QUICK_PONG, () => ping(SERVER_QUICK_PONG)) })
      sendIt(number)
    })
  }

  const wait = (ms: number) => new Promise<void>((resolve) => {
    const end = () => {
      stop()
      waits.delete(end)
      resolve()
    }
    const stop = clock.after(ms, end)
    waits.add(end)
  })
  const request = (message: Ask) => ask(message.t, (number) => send({ ...message, q: number } as C2S))

  return {
    request: (message) => request(message) as Promise<never>,
    async patiently(make) {
      for (;;) {
        const answer = await request(make())
        if (answer.ok || answer.code !== 'rate') return answer as never
        await wait(Math.max(1, answer.after ?? 1) * 1_000)
      }
    },
    drop: (head, envelope) => ask('drop', (number) => wire.sendBytes(binaryMessage({ t: 'drop', q: number, ...head }, envelope))),
    check: () => ping(SERVER_QUICK_PONG),
  }
}
