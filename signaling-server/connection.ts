import type { WebSocket } from 'ws'
import type { Ik } from '../protocol/ids.ts'
import type { Bytes } from '../protocol/wire/bytes.ts'
import { parseC2S, parseDrop } from '../protocol/wire/codec.ts'
import type { ServerCode } from '../protocol/wire/signaling.ts'
import { challengeInput } from '../protocol/wire/tbs.ts'
import type { Mail } from './backplane/backplane.ts'
import { b64Of } from './crypto.ts'
import { emptyMailbox, type Live } from './live.ts'
import { placeOf } from './log.ts'
import { takeAll } from './rates.ts'
import { answer, isReadOnly } from './requests/answer.ts'
import type { Context, Done } from './requests/context.ts'
import { logOn, type LoggedOn } from './requests/log-on.ts'
import { signOff } from './requests/presence.ts'
import { type Challenge, type DropRequest, type Effect, type Event, type LogOn, type Request, type Session, step, unreachable } from './session.ts'
import type { Tick } from './tick.ts'

/** One socket: parses what comes in, lets session.ts decide, does what it says. */
export interface Connection {
  /** [S22] */
  closeIfSilent(): void
  end(code: ServerCode, after?: number): void
}

export interface Deps {
  context: Context
  tick: Tick
  ws: WebSocket
  /** Of this process, never given twice. */
  id: number
  /** For the limits per address; undefined on loopback. */
  address: string | undefined
  /** Told once, when it is over. */
  onClosed: () => void
}

const NONCE_LENGTH = 32
/** [S3] `auth` has no `q` of its own. */
const NO_Q = 0

export function createConnection({ context, tick, ws, id, address, onClosed }: Deps): Connection {
  const { clock, limits, rates, log } = context
  const fresh = { nonce: () => b64Of(context.random(NONCE_LENGTH)), now: () => clock.now() }
  let session: Session = { at: 'greet' }
  let live: Live | undefined
  let heardAt = clock.now()
  let cancelDeadline: (() => void) | undefined

  function on(event: Event) {
    const next = step(session, event, fresh)
    session = next.session
    for (const effect of next.effects) perform(effect)
  }

  function perform(effect: Effect) {
    switch (effect.do) {
      case 'challenge': return challenge(effect.challenge)
      case 'judge': return judge(effect.message, effect.challenge)
      case 'answer': return ask(effect.request, effect.challenge)
      case 'deadline': return deadline(effect.is)
      case 'bye': return say(effect.after === undefined ? { t: 'bye', code: effect.code } : { t: 'bye', code: effect.code, after: effect.after })
      case 'leave': return leave()
      case 'close': return ws.close()
      default: return unreachable(effect)
    }
  }

  function deadline(is: 'on' | 'off') {
    cancelDeadline?.()
    cancelDeadline = is === 'on' ? clock.after(limits.stepMs, () => on({ t: 'late' })) : undefined
  }

  // ---------- out ----------
  function say(message: object) {
    ws.send(JSON.stringify(message))
    cutIfSlow()
  }

  /** Text that was built before, for many. */
  function tell(frame: Buffer) {
    ws.send(frame, { binary: false })
    cutIfSlow()
  }

  /** [S1] `u16be length | head | envelope`: the envelope is copied once and never looked into. */
  function push({ id: mail, cls, at, envelope }: Mail) {
    const head = JSON.stringify({ t: 'mail', id: mail, cls, at })
    const message = Buffer.allocUnsafe(2 + head.length + envelope.length)
    message.writeUInt16BE(head.length)
    message.write(head, 2, 'latin1')
    message.set(envelope, 2 + head.length)
    ws.send(message)
    cutIfSlow()
  }

  /** A client that takes nothing must not fill the memory. What it misses lies in the mailbox. */
  function cutIfSlow() {
    if (ws.bufferedAmount <= limits.bufferedBytes) return
    log('cut-slow')
    ws.terminate()
  }

  // ---------- log-on ----------
  function challenge({ proto, feat, nonce, ts }: Challenge) {
    const { server, key } = context
    const ssig = b64Of(key.sign(challengeInput(server, nonce, ts)))
    say({ t: 'challenge', proto, server, nonce, ts, feat, spk: b64Of(key.pub), ssig })
  }

  function judge(message: LogOn, challenge: Challenge) {
    const q = message.t === 'register' ? message.q : NO_Q
    const refuse = (code: ServerCode, after?: number) => {
      log('log-on', { with: message.t, result: code })
      if (session.at !== 'closed') say(after === undefined ? { t: 'err', q, code } : { t: 'err', q, code, after })
      on({ t: 'refused' })
    }
    tick.add({
      isPatient: true,
      run() {
        const outcome = logOn(context, message, { challenge, address })
        return outcome.ok
          ? { answer: () => accept(outcome), then: () => begin(outcome) }
          : { answer: () => refuse(outcome.code, outcome.after) }
      },
      fail: () => refuse('unavailable'),
    })
  }

  type Accepted = Extract<LoggedOn, { ok: true }>

  function accept({ ready }: Accepted) {
    log('log-on', { result: 'ok' })
    if (session.at === 'judged') say(ready)
    on({ t: 'accepted' })
  }

  /** [S10] Others of this account end before this one begins. */
  function begin({ account, addr, then }: Accepted) {
    then?.()
    if (session.at !== 'ready') return
    context.backplane.say({ t: 'session', account: account.id, session: id })
    live = {
      session: id, account: account.id, addr, ik: b64Of(account.ik) as Ik, address, mail: emptyMailbox(), presence: undefined,
      watching: new Map(), wasToldLow: false, ruleHashes: new Map(), say, tell, push, bye: (code) => on({ t: 'end', code }),
    }
    context.lives.set(account.id, live)
    for (const { envelope, at } of context.signals.take(account.id)) push({ id: context.mailId(), cls: 'sig', at, envelope })
  }

  function leave() {
    if (live !== undefined) signOff(context, live)
    live = undefined
  }

  // ---------- requests ----------
  function ask(request: Request, { nonce }: Challenge) {
    const from = live
    const q = request.t === 'drop' ? request.head.q : request.q
    if (from === undefined) return
    const reply = (done: Done['reply']) => {
      if (session.at === 'ready') say(done.ok ? { t: 'ok', q, ...(done.r === undefined ? {} : { r: done.r }) } : { t: 'err', q, code: done.code, ...(done.after === undefined ? {} : { after: done.after }) })
    }
    const wait = takeAll([rates.messages, from.account])
    if (wait > 0) return reply({ ok: false, code: 'rate', after: wait })
    tick.add({
      isReadOnly: isReadOnly(request),
      run() {
        const { first, reply: verdict, then } = answer(context, from, request, nonce)
        return {
          answer() {
            if (session.at === 'ready') first?.()
            reply(verdict)
          },
          // What was committed is told to others even if this session has just ended.
          then,
        }
      },
      fail: () => reply({ ok: false, code: 'unavailable' }),
    })
  }

  // ---------- in ----------
  /** [S23] Everything that costs something, control frames too. */
  function heard(): boolean {
    heardAt = clock.now()
    const wait = takeAll([rates.messagesPerAddress, address])
    if (wait > 0) on({ t: 'end', code: 'rate', after: wait })
    return session.at !== 'closed'
  }

  function received(data: Bytes, isBinary: boolean) {
    if (session.at === 'closed' || !heard()) return
    const parsed = isBinary ? parseDrop(data) : parseC2S(data)
    if (!parsed.ok) return on({ t: 'malformed' })
    const message = 'envelope' in parsed.value ? ({ t: 'drop', ...parsed.value } satisfies DropRequest) : parsed.value
    on({ t: 'message', message })
  }

  /** Nothing that comes over the wire may end the process. */
  function guarded(work: () => void) {
    try {
      work()
    } catch (error) {
      log('bug', { error: placeOf(error) })
      ws.terminate()
    }
  }

  ws.on('message', (data, isBinary) => guarded(() => received(data as Buffer as Bytes, isBinary)))
  ws.on('ping', () => guarded(() => void heard()))
  ws.on('pong', () => guarded(() => void heard()))
  // A breach of the WebSocket protocol or its size; ws closes the socket itself.
  ws.on('error', (error) => log('socket-error', { error: String((error as NodeJS.ErrnoException).code) }))
  ws.on('close', () => {
    guarded(() => on({ t: 'gone' }))
    onClosed()
  })
  deadline('on')

  return {
    closeIfSilent() {
      if (session.at === 'ready' && clock.now() - heardAt >= limits.silentMs) on({ t: 'silent' })
    },
    end: (code, after) => on(after === undefined ? { t: 'end', code } : { t: 'end', code, after }),
  }
}
