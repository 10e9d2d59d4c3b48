import { WebSocket } from 'ws'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { B64, Ms, ServerName } from '../../protocol/ids.ts'
import { LOGON_STEP, MAX_WS_MESSAGE } from '../../protocol/limits.ts'
import type { Bytes } from '../../protocol/wire/bytes.ts'
import { parseMail, parseS2C } from '../../protocol/wire/codec.ts'
import { isServerName } from '../../protocol/wire/scalars.ts'
import type { C2S, Challenge, MailHead, S2C } from '../../protocol/wire/signaling.ts'
import { challengeInput } from '../../protocol/wire/tbs.ts'
import { addressKind } from '../../protocol/wire/addresses.ts'
import { keyName, verifyB64 } from '../identity/crypto.ts'
import type { Clock } from '../ports.ts'

/** Opening a connection to a server, up to and with its proof [S1–S5]. Used by log-on and by Welcome alike. */

export type FromServer = S2C | { t: 'mail'; head: MailHead; envelope: Bytes }

export interface Wire {
  challenge: Challenge
  send(message: C2S): void
  sendBytes(message: Uint8Array): void
  onMessage(listener: (message: FromServer) => void): void
  /** Once, after the last message. */
  onClose(listener: () => void): void
  close(): void
}

export type Greeting = { ok: true; wire: Wire } | { ok: false; code: ErrorCode; retry: boolean }

export interface DialTo {
  url: string
  /** [S5] What was pinned before. */
  pinned?: { name: ServerName; spk: B64 }
}

export const PROTO: [number, number] = [1, 1]
const AGENT = 'Parley/1'

/**
 * [S2] What was typed as a server: `example.org`, `127.0.0.1:7275`, a `ws:` or `wss:` URL. The URL to dial, or undefined.
 * Without TLS only this machine and private addresses.
 */
export function serverUrl(typed: string): string | undefined {
  const text = typed.trim().toLowerCase()
  const match = /^(?:(wss?):\/\/)?(\[[0-9a-f:.]+\]|[^/:?#@\s[\]]+)(?::([1-9][0-9]{0,4}))?\/?$/.exec(text)
  if (match === null) return undefined
  const [, scheme, rawHost, port] = match
  const host = rawHost === 'localhost' ? '127.0.0.1' : rawHost!
  const kind = addressKind(host.replace(/^\[|\]$/g, ''))
  const isNear = kind === 'loopback' || kind === 'private'
  if (Number(port ?? 1) > 65_535 || (scheme === 'wss' && isNear) || (!isNear && (scheme === 'ws' || !isServerName(host)))) return undefined
  return isNear ? `ws://${host}:${port ?? 7275}/` : `wss://${host}${port === undefined || port === '443' ? '' : `:${port}`}/`
}

/** [S2] The name the server must have to be the one dialled. */
function expectedName(url: URL, spk: B64): string {
  return url.protocol === 'ws:' ? keyName(spk) : url.host
}

export function greet(clock: Clock, to: DialTo): Promise<Greeting> {
  const url = new URL(to.url)
  const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: MAX_WS_MESSAGE, handshakeTimeout: LOGON_STEP, followRedirects: false })
  socket.binaryType = 'nodebuffer'
  let listener: ((message: FromServer) => void) | undefined
  let closed: (() => void) | undefined
  const early: FromServer[] = []

  return new Promise((resolve) => {
    let isGreeted = false
    let stopTimer = clock.after(2 * LOGON_STEP, () => fail('no-server', true))
    function fail(code: ErrorCode, retry: boolean) {
      stopTimer()
      socket.terminate()
      resolve({ ok: false, code, retry })
    }
    const send = (message: C2S) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message))

    socket.on('error', () => undefined) // 'close' follows and says it
    socket.on('open', () => send({ t: 'hello', proto: PROTO, ua: AGENT, feat: [] }))
    socket.on('close', () => {
      if (!isGreeted) fail('no-server', true)
      else closed?.()
    })
    socket.on('message', (data: Buffer, isBinary) => {
      const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.length)
      const message = isBinary ? readMail(Uint8Array.from(bytes)) : readText(bytes)
      if (message === undefined) return socket.terminate()
      if (isGreeted) return listener === undefined ? void early.push(message) : listener(message)
      if (message.t === 'bye') return fail(message.code === 'version' ? 'server-version' : 'no-server', message.code !== 'version')
      if (message.t !== 'challenge') return fail('no-server', true)
      const wrong = faultOf(message, url, to.pinned)
      if (wrong !== undefined) return fail(wrong, false)
      isGreeted = true
      stopTimer()
      resolve({
        ok: true,
        wire: {
          challenge: message,
          send,
          sendBytes: (out) => socket.readyState === WebSocket.OPEN && socket.send(out),
          onMessage(to) {
            listener = to
            for (const one of early.splice(0)) to(one)
          },
          onClose(to) {
            closed = to
            if (socket.readyState === WebSocket.CLOSED) to()
          },
          close() {
            socket.close(1000)
            stopTimer = clock.after(1_000, () => socket.terminate())
            socket.once('close', () => stopTimer())
          },
        },
      })
    })
  })
}

function faultOf(challenge: Challenge, url: URL, pinned: DialTo['pinned']): ErrorCode | undefined {
  if (challenge.proto < PROTO[0] || challenge.proto > PROTO[1]) return 'server-version'
  if (!verifyB64(challenge.spk, challengeInput(challenge.server, challenge.nonce, challenge.ts), challenge.ssig)) return 'wrong-server'
  // [S5] A pinned name under another key is an alarm; without TLS the name is the key's, so the pin is looked at first.
  if (pinned !== undefined && pinned.spk !== challenge.spk) return 'server-key'
  if (pinned !== undefined && pinned.name !== challenge.server) return 'wrong-server'
  return challenge.server === expectedName(url, challenge.spk) ? undefined : 'wrong-server'
}

function readText(bytes: Uint8Array): FromServer | undefined {
  const parsed = parseS2C(bytes)
  return parsed.ok ? parsed.value : undefined
}

function readMail(bytes: Bytes): FromServer | undefined {
  const parsed = parseMail(bytes)
  return parsed.ok ? { t: 'mail', ...parsed.value } : undefined
}

/** How far the server's clock is ahead of ours [W10]. */
export const clockOffset = (challenge: Challenge, now: Ms) => challenge.ts - now
