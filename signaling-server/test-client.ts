import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import type { Address, B64, DevId, Dk, Handle, Ik, RuleId } from '../protocol/ids.ts'
import { type Bytes, toB64, utf8 } from '../protocol/wire/bytes.ts'
import { binaryMessage, parseMail, parseS2C } from '../protocol/wire/codec.ts'
import type { Signed } from '../protocol/wire/scalars.ts'
import type { AclRule, C2S, Challenge, DropHead, MailHead, Ready, S2C } from '../protocol/wire/signaling.ts'
import { authInput, challengeInput, denyInput, registerInput, ruleInput, type SignedLabel, signedInput } from '../protocol/wire/tbs.ts'
import type { Clock } from './clock.ts'
import { b64Of, bytesOf, createVerify, sha256, type Signer, signerOf } from './crypto.ts'
import { type RunningServer, type ServerOptions, startServer } from './index.ts'

/** A small client for the tests: makes identities, says what it is told to (right or wrong), and keeps what comes. */

// ---------- time ----------
export interface FakeClock extends Clock {
  /** Lets so much time pass; whatever falls due is called, in order. */
  pass(ms: number): void
}

export function fakeClock(start = Date.UTC(2026, 0, 5, 12)): FakeClock {
  let now = start
  let due: { at: number; callback: () => void }[] = []
  return {
    now: () => now,
    after(ms, callback) {
      const one = { at: now + ms, callback }
      due.push(one)
      return () => void (due = due.filter((other) => other !== one))
    },
    pass(ms) {
      const end = now + ms
      // Over a long time what repeats every second is called once.
      if (ms > HOUR) now = end
      for (;;) {
        const next = due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        due = due.filter((other) => other !== next)
        now = Math.max(now, next.at)
        next.callback()
      }
      now = end
    },
  }
}

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

// ---------- server ----------
export interface Place { server: RunningServer; clock: FakeClock; dir: string; options: ServerOptions; restart: () => Promise<void> }

export function tempDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'parley-server-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A server of one's own on a free port of 127.0.0.1, gone when the test is. */
export async function place(t: TestContext, options: Partial<ServerOptions> = {}): Promise<Place> {
  const dir = options.dataDir ?? tempDir(t)
  const clock = fakeClock()
  const all: ServerOptions = { dataDir: dir, port: 0, registration: 'open', clock, ...options }
  const made: Place = {
    server: await startServer(all), clock, dir, options: all,
    async restart() {
      await made.server.close()
      made.server = await startServer(all)
    },
  }
  t.after(() => made.server.close())
  return made
}

// ---------- identity ----------
export interface Person {
  handle: Handle
  addr: Address
  ik: Signer & { b64: Ik }
  dk: Signer & { b64: Dk }
  dev: DevId
  rec: Signed
  seq: number
  run: number
}

const signer = <T extends string>() => {
  const made = signerOf(randomBytes(32))
  return { ...made, b64: b64Of(made.pub) as T }
}

export function signAs(label: SignedLabel, key: Signer, value: unknown): Signed {
  const p = utf8(JSON.stringify(value))
  return { p: toB64(p), s: b64Of(key.sign(signedInput(label, p))) }
}

export function makePerson(handle: string, server: string): Person {
  const person: Person = {
    handle: handle as Handle, addr: `${handle}@${server}` as Address, ik: signer<Ik>(), dk: signer<Dk>(), dev: b64Of(randomBytes(16)) as DevId,
    rec: { p: '', s: '' }, seq: 1000, run: 0,
  }
  person.rec = recordOf(person)
  return person
}

export function recordOf(of: Person, { seq = of.seq, certSeq = seq }: { seq?: number; certSeq?: number } = {}): Signed {
  const cert = signAs('devcert/1', of.ik, { v: 1, ik: of.ik.b64, dev: of.dev, dk: of.dk.b64, seq: certSeq, iat: seq })
  return signAs('account/1', of.ik, { v: 1, ik: of.ik.b64, addr: of.addr, seq, iat: seq, devs: [cert] })
}

/** The same person on a new computer [I10]. */
export function onNewComputer(of: Person): Person {
  const moved: Person = { ...of, dk: signer<Dk>(), dev: b64Of(randomBytes(16)) as DevId, seq: of.seq + 1, run: 0 }
  moved.rec = recordOf(moved)
  return moved
}

export function makePrekey(of: Person, { use = 'once', exp }: { use?: 'once' | 'last-resort'; exp: number }): Signed {
  return signAs('prekey/1', of.dk, { v: 1, ik: of.ik.b64, dev: of.dev, id: b64Of(randomBytes(8)), pk: b64Of(randomBytes(32)), use, exp })
}

// ---------- what the protocol derives ----------
export const token = (): B64 => b64Of(randomBytes(32))
export const ruleId = (): RuleId => b64Of(randomBytes(8)) as RuleId
export const ruleFor = (tok: B64, holder: Person, may: AclRule['may'] = ['drop', 'presence']): AclRule =>
  ({ id: ruleId(), h: b64Of(sha256(ruleInput(tok, holder.ik.b64))), may })
export const denyHash = (mine: Person, theirs: Person): B64 => b64Of(sha256(denyInput(mine.ik.b64, theirs.ik.b64)))
export const hashOf = (text: B64): B64 => b64Of(sha256(bytesOf(text)))

/** An envelope of a legal size for this person's device, of random bytes. */
export function envelopeFor(of: Person, size = 1024): Bytes {
  const envelope = new Uint8Array(randomBytes(size + 74)) as Bytes
  envelope.set([1, 1])
  envelope.set(bytesOf(of.dev), 2)
  return envelope
}

// ---------- connection ----------
export type MailIn = MailHead & { envelope: Bytes }
export type In = S2C | MailIn
export type Reply = Extract<S2C, { t: 'ok' | 'err' }>

type WithoutQ<T> = T extends { q: number } ? Omit<T, 'q'> : never
export type Asked = WithoutQ<C2S>

/** Long enough for a busy machine; a test that waits so long has failed. */
const PATIENCE = 8000

const verify = createVerify()

export type Client = Awaited<ReturnType<typeof connect>>

export async function connect(url: string, headers: Record<string, string> = {}) {
  const ws = new WebSocket(url, { headers, perMessageDeflate: false, rejectUnauthorized: false })
  const inbox: In[] = []
  const heard: string[] = []
  const waiting = new Set<{ wants: (message: In) => boolean; take: (message: In) => void }>()
  let q = 0
  let isClosed = false
  let onClosed: (() => void)[] = []

  ws.on('message', (data: Buffer, isBinary) => {
    const bytes = Uint8Array.from(data) as Bytes
    heard.push(data.toString('latin1'))
    const parsed = isBinary ? parseMail(bytes) : parseS2C(bytes)
    if (!parsed.ok) throw new Error(`the server said nonsense: ${parsed.why}: ${data.toString('latin1')}`)
    const message: In = 'head' in parsed.value ? { ...parsed.value.head, envelope: parsed.value.envelope } : parsed.value
    for (const one of waiting) {
      if (!one.wants(message)) continue
      waiting.delete(one)
      return one.take(message)
    }
    inbox.push(message)
  })
  ws.on('error', () => {})
  ws.on('close', () => {
    isClosed = true
    for (const done of onClosed) done()
    onClosed = []
  })
  await new Promise<void>((done, fail) => {
    ws.once('open', done)
    ws.once('unexpected-response', (_, response) => fail(Object.assign(new Error(`refused: ${response.statusCode}`), { status: response.statusCode })))
    ws.once('error', fail)
  })

  function take<T extends In>(wants: ((message: In) => message is T) | ((message: In) => boolean)): Promise<T> {
    const found = inbox.findIndex(wants)
    if (found >= 0) return Promise.resolve(inbox.splice(found, 1)[0] as T)
    return new Promise((done, fail) => {
      const one = { wants, take: (message: In) => (clearTimeout(timer), done(message as T)) }
      const timer = setTimeout(() => {
        waiting.delete(one)
        fail(new Error(`nothing came; the inbox holds ${JSON.stringify(inbox.map(({ t }) => t))}`))
      }, PATIENCE)
      waiting.add(one)
    })
  }

  const next = <T extends In['t']>(t: T) => take((message): message is Extract<In, { t: T }> => message.t === t)

  async function ask(request: Asked): Promise<Reply> {
    const mine = ++q
    ws.send(JSON.stringify({ ...request, q: mine }))
    return replyTo(mine)
  }

  const replyTo = (mine: number) => take((message): message is Reply => (message.t === 'ok' || message.t === 'err') && message.q === mine)

  return {
    ws,
    inbox,
    /** All that came, as it came. */
    heard,
    take,
    next,
    say: (message: object) => ws.send(JSON.stringify(message)),
    raw: (data: string | Uint8Array) => ws.send(data),
    ask,
    /** The `r` of an `ok`; throws on `err`. */
    async get(request: Asked): Promise<any> {
      const reply = await ask(request)
      if (reply.t === 'err') throw new Error(`${request.t}: ${reply.code}`)
      return reply.r
    },
    /** `ok` or the code. */
    async code(request: Asked): Promise<string> {
      const reply = await ask(request)
      return reply.t === 'ok' ? 'ok' : reply.code
    },
    async drop(head: Omit<DropHead, 't' | 'q' | 'ttl'> & { ttl?: number }, envelope: Bytes): Promise<Reply> {
      const mine = ++q
      ws.send(binaryMessage({ t: 'drop', q: mine, ttl: 86_400, ...head }, envelope))
      return replyTo(mine)
    },
    /** Everything the server said before now has arrived after this. */
    async settled(): Promise<In[]> {
      await ask({ t: 'ping' })
      return inbox.splice(0)
    },
    closed: () => (isClosed ? Promise.resolve() : new Promise<void>((done) => onClosed.push(done))),
    isClosed: () => isClosed,
    close() {
      ws.close()
      return isClosed ? Promise.resolve() : new Promise<void>((done) => onClosed.push(done))
    },
    cut: () => ws.terminate(),
  }
}

// ---------- log-on ----------
export async function greet(client: Client, proto: [number, number] = [1, 1]): Promise<Challenge> {
  client.say({ t: 'hello', proto, ua: 'test', feat: [] })
  const challenge = await client.next('challenge')
  if (!verify(bytesOf(challenge.spk), challengeInput(challenge.server, challenge.nonce, challenge.ts), bytesOf(challenge.ssig))) throw new Error('ssig')
  return challenge
}

export function authOf(person: Person, challenge: Challenge, run = person.run) {
  const { server, nonce, ts } = challenge
  const recHash = sha256(bytesOf(person.rec.p))
  const sig = person.dk.sign(authInput({ server, nonce, ts, ik: person.ik.b64, dev: person.dev, run, recHash }))
  return { t: 'auth' as const, rec: person.rec, dev: person.dev, run, sig: b64Of(sig) }
}

export function registerOf(person: Person, { server, nonce }: Challenge, invite?: string) {
  const sig = person.dk.sign(registerInput(server, nonce, sha256(bytesOf(person.rec.p))))
  return { t: 'register' as const, q: 77, rec: person.rec, dev: person.dev, sig: b64Of(sig), ...(invite === undefined ? {} : { invite }) }
}

export interface On { person: Person; client: Client; ready: Ready; challenge: Challenge }

async function outcome(client: Client): Promise<Ready> {
  const message = await client.take((one) => one.t === 'ready' || one.t === 'err')
  if (message.t === 'ready') return message
  throw new Error((message as { code: string }).code)
}

export async function registers(where: Place, handle: string, { invite, headers }: { invite?: string; headers?: Record<string, string> } = {}): Promise<On> {
  const person = makePerson(handle, where.server.name)
  const client = await connect(where.server.url, headers)
  const challenge = await greet(client)
  client.say(registerOf(person, challenge, invite))
  return { person, client, challenge, ready: await outcome(client) }
}

/** With the next run, as a client would. */
export async function logsOn(where: Place, person: Person, headers: Record<string, string> = {}): Promise<On> {
  const client = await connect(where.server.url, headers)
  const challenge = await greet(client)
  person.run += 1
  client.say(authOf(person, challenge))
  return { person, client, challenge, ready: await outcome(client) }
}

// ---------- common scenes ----------
/** `holder` may drop at and watch `owner`; returns the token and its rule. */
export async function admits(owner: On, holder: On, may?: AclRule['may']): Promise<{ tok: B64; rule: AclRule }> {
  const tok = token()
  const rule = ruleFor(tok, holder.person, may)
  await owner.client.get({ t: 'acl.put', rules: [rule] })
  return { tok, rule }
}

export const watches = (watcher: On, target: On, tok: B64) =>
  watcher.client.get({ t: 'presence.sub', add: [{ addr: target.person.addr, tok }], del: [] })

export const shows = (who: On, rules: AclRule[], state: 'on' | 'away' | 'busy' | 'hidden' = 'on') =>
  who.client.get({ t: 'presence.set', state, cls: rules.map(({ id }) => id) })

/** Ada and Ben, both signed on, and a token of hers in his hands. */
export async function adaAdmitsBen(where: Place) {
  const ada = await registers(where, 'ada')
  const ben = await registers(where, 'ben')
  return { ada, ben, ...(await admits(ada, ben)) }
}

/** Ben watches Ada, who shows herself to him. */
export async function benWatchesAda(where: Place) {
  const people = await adaAdmitsBen(where)
  await shows(people.ada, [people.rule])
  await watches(people.ben, people.ada, people.tok)
  return people
}
