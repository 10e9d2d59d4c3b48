import { type ErrorCode, errors, isErrorCode } from '../errors.ts'
import { MAX_PIPE_TEXT } from '../limits.ts'
import { type Api, type Method, type Params, params, type Result } from './api.ts'
import type { Pipe } from './pipe.ts'
import type { Event, Snapshot } from './views.ts'

/**
 * Calls, answers and events over a pipe. The seam rules H1–H8 (architecture.md) are kept here and tested on every kind of pipe.
 *
 *   window → core   {"i":7,"m":"sendMessage","p":{…}}   {"i":1,"m":"subscribe"}
 *   core → window   {"i":7,"r":…}   {"i":7,"e":{"code":…,"message":…}}   {"s":42,"ev":{…}}
 */

/** An expected refusal on its way to a window. */
export class Refused extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode) {
    super(errors[code])
    this.name = 'Refused'
    this.code = code
  }
}

type ToCore = { i: number; m: string; p?: unknown }
type ToWindow = { i: number; r?: unknown } | { i: number; e: { code: string; message: string } } | { s: number; ev: Event }

/** The announcements of the core: each with its number, for any number of windows. */
export interface Announcer {
  readonly seq: number
  snapshot(): Snapshot
  /** Calls back on every event from now on; returns how to stop. */
  listen(listener: (seq: number, event: Event) => void): () => void
}

/** The core's end. Malformed or oversized text closes the pipe [H4, H5] and never throws into the core. */
export function serve(pipe: Pipe, api: Api, announcer: Announcer, onBug: (error: unknown) => void): void {
  let stop: (() => void) | undefined
  const send = (message: ToWindow) => pipe.send(JSON.stringify(message))
  pipe.onClose(() => stop?.())
  pipe.onText((text) => {
    const call = text.length > MAX_PIPE_TEXT ? undefined : parseCall(text)
    if (call === undefined) return pipe.close()
    if (call.m === 'subscribe') {
      stop?.()
      // [H7] snapshot and number in one step: nothing can be announced in between.
      send({ i: call.i, r: { seq: announcer.seq, snapshot: announcer.snapshot() } })
      stop = announcer.listen((s, ev) => send({ s, ev }))
      return
    }
    answer(api, call).then(
      (r) => send({ i: call.i, r }),
      (error: unknown) => {
        if (!(error instanceof Refused)) onBug(error)
        const code = error instanceof Refused ? error.code : 'internal'
        send({ i: call.i, e: { code, message: errors[code] } })
      },
    )
  })
}

function parseCall(text: string): ToCore | undefined {
  try {
    const { i, m, p } = JSON.parse(text) as Record<string, unknown>
    return typeof i === 'number' && typeof m === 'string' ? { i, m, p } : undefined
  } catch {
    return undefined
  }
}

async function answer(api: Api, call: ToCore): Promise<unknown> {
  if (!Object.hasOwn(params, call.m)) throw new Refused('unknown-method')
  const method = call.m as Method
  const parsed = params[method].safeParse(call.p ?? {})
  if (!parsed.success) throw new Refused('bad-request')
  return (api[method] as (p: unknown) => unknown)(parsed.data)
}

/** What a window calls. */
export interface Client {
  call<M extends Method>(method: M, p: Params<M>): Promise<Result<M>>
  /** Snapshot first, then every event in order. */
  subscribe(onSnapshot: (snapshot: Snapshot) => void, onEvent: (event: Event) => void): Promise<void>
  onClose(listener: () => void): void
}

/** The window's end. On close, pending calls reject with `pipe-closed` [H6]. */
export function connect(pipe: Pipe): Client {
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Refused) => void }>()
  const closeListeners: (() => void)[] = []
  let next = 1
  let isClosed = false
  let onEvent: ((event: Event) => void) | undefined

  pipe.onText((text) => {
    const message = JSON.parse(text) as ToWindow
    if ('ev' in message) return onEvent?.(message.ev)
    const call = pending.get(message.i)
    pending.delete(message.i)
    if (call === undefined) return
    if ('e' in message) call.reject(new Refused(isErrorCode(message.e.code) ? message.e.code : 'internal'))
    else call.resolve(message.r)
  })
  pipe.onClose(() => {
    isClosed = true
    for (const call of pending.values()) call.reject(new Refused('pipe-closed'))
    pending.clear()
    for (const listener of closeListeners) listener()
  })

  function request(m: string, p?: unknown): Promise<unknown> {
    if (isClosed) return Promise.reject(new Refused('pipe-closed'))
    const i = next++
    return new Promise((resolve, reject) => {
      pending.set(i, { resolve, reject })
      pipe.send(JSON.stringify({ i, m, p }))
    })
  }

  return {
    call: (method, p) => request(method, p) as Promise<never>,
    async subscribe(onSnapshot, listener) {
      const early: Event[] = []
      onEvent = (event) => early.push(event)
      const { snapshot } = (await request('subscribe')) as { seq: number; snapshot: Snapshot }
      onSnapshot(snapshot)
      for (const event of early) listener(event)
      onEvent = listener
    },
    onClose: (listener) => void closeListeners.push(listener),
  }
}
