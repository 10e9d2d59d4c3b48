import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Snapshot } from '../../protocol/app/views.ts'
import type { ChatItem } from '../../protocol/app/views.ts'
import { startServer } from '../../signaling-server/index.ts'
import { tempDir } from './core.ts'

/** F1: two cores in processes of their own, killed with -9 in mid-chat again and again; then what each promised is looked up. */

const PROGRAM = fileURLToPath(new URL('./core-process.ts', import.meta.url))

interface Proc { child: ChildProcess; ready: Promise<void>; saved: number[]; bugs: unknown[]; ask<T>(order: object): Promise<T>; kill(): Promise<void> }

function launch(dir: string, name: string, url: string, flag: string | undefined, saved: number[]): Proc {
  const child = spawn(process.execPath, [PROGRAM, dir, name, url, ...(flag === undefined ? [] : [flag])], { stdio: ['pipe', 'pipe', 'inherit'] })
  const pending = new Map<number, (value: never) => void>()
  const bugs: unknown[] = []
  let id = 0
  const { promise: ready, resolve: isReady, reject: failed } = Promise.withResolvers<void>()
  ready.catch(() => undefined)
  const exited = new Promise<void>((resolve) => child.once('exit', () => {
    failed(new Error(`${name} ended by itself`))
    resolve()
  }))
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const message = JSON.parse(line) as { ready?: true; saved?: number; bug?: unknown; id?: number; r?: never }
    if (message.ready) isReady()
    if (message.saved !== undefined) saved.push(message.saved)
    if (message.bug !== undefined) bugs.push(message.bug)
    if (message.id !== undefined) pending.get(message.id)?.(message.r!)
  })
  child.stdin!.on('error', () => undefined)
  return {
    child, ready, saved, bugs,
    ask: (order) => new Promise((resolve, reject) => {
      const number = ++id
      pending.set(number, resolve)
      void exited.then(() => reject(new Error(`${name} ended before it answered`)))
      child.stdin!.write(`${JSON.stringify({ id: number, ...order })}\n`)
    }),
    kill() {
      child.kill('SIGKILL')
      return exited
    },
  }
}

export interface KillReport { kills: number; saved: number; lost: number; twice: number; outOfOrder: number; undelivered: number; deliveredMs: number; arrivedMs: number; bugs: unknown[] }

export async function runKills({ rounds, naive = false, log = () => undefined }: { rounds: number; naive?: boolean; log?: (line: string) => void }): Promise<KillReport> {
  const temp = tempDir()
  const server = await startServer({
    dataDir: join(temp.path, 'server'), host: '127.0.0.1', port: 0, registration: 'open',
  })
  const flag = naive ? 'naive' : undefined
  const saved = { Ada: [] as number[], Ben: [] as number[] }
  const start = (name: 'Ada' | 'Ben') => launch(join(temp.path, name), name, server.url, flag, saved[name])
  let ada = start('Ada')
  let ben = start('Ben')
  const bugs: unknown[] = []
  try {
    await Promise.all([ada.ready, ben.ready])
    const { link } = await ada.ask<{ link: string }>({ do: 'createInvite', p: {} })
    await ben.ask({ do: 'addByInvite', p: { link, connect: 'direct', keep: 'disk' } })
    const other = async (proc: Proc) => {
      const until = Date.now() + 30_000
      for (;;) {
        if (Date.now() > until) throw new Error('they did not become buddies')
        const state = await proc.ask<Snapshot>({ do: 'state' })
        const buddy = state.buddies.find((one) => one.state === 'accepted')
        if (buddy !== undefined) return buddy.ik
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    const [adasBen, bensAda] = [await other(ada), await other(ben)]
    await ada.ask({ do: 'setKeep', p: { ik: adasBen, keep: 'disk', deleteHere: false } })
    await ada.ask({ do: 'setConnect', p: { ik: adasBen, connect: 'direct', lan: false } })

    let kills = 0
    const chatter = (proc: Proc, round: number) => proc.child.stdin!.write(`${JSON.stringify({ do: 'chatter', id: 0, from: round * 100_000, every: 15 })}\n`)
    for (let round = 0; round < rounds; round++) {
      // Numbers of their own each round: a message committed an instant before the kill was saved, but never said so.
      chatter(ada, round)
      chatter(ben, round)
      await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 180))
      // Alternately one, the other, both at once.
      const victims = round % 3 === 0 ? (['ada'] as const) : round % 3 === 1 ? (['ben'] as const) : (['ada', 'ben'] as const)
      await Promise.all(victims.map((who) => (who === 'ada' ? ada : ben).kill()))
      kills += victims.length
      for (const who of ['ada', 'ben'] as const) {
        const proc = who === 'ada' ? ada : ben
        bugs.push(...proc.bugs.splice(0))
        if (!(victims as readonly string[]).includes(who)) await proc.kill().then(() => kills++)
      }
      ada = start('Ada')
      ben = start('Ben')
      await Promise.all([ada.ready, ben.ready])
    }
    const began = Date.now()
    const isDrained = async (proc: Proc) => (await proc.ask<Snapshot>({ do: 'state' })).buddies.every((buddy) => buddy.waiting === 0)
    const read = async (proc: Proc, ik: string): Promise<ChatItem[]> => {
      const all: ChatItem[] = []
      let before: number | undefined
      for (;;) {
        const page = await proc.ask<{ items: ChatItem[]; more: boolean }>({ do: 'readChat', p: { ik, ...(before === undefined ? {} : { before }) } })
        all.unshift(...page.items)
        if (!page.more) return all
        before = page.items[0]!.pos
      }
    }
    const messages = (items: ChatItem[], mine: boolean) => items.flatMap((item) => (item.kind === 'message' && item.mine === mine ? [item] : []))
    const arrived = async () => {
      const all = [...messages(await read(ada, adasBen), true), ...messages(await read(ben, bensAda), true)]
      return all.every((item) => item.state === 'arrived' || item.state === 'read')
    }
    const delivered = async () => {
      const [adas, bens] = [await read(ada, adasBen), await read(ben, bensAda)]
      return messages(adas, true).length === messages(bens, false).length && messages(bens, true).length === messages(adas, false).length
    }
    const until = async (holds: () => Promise<boolean>) => {
      while (!(await holds()) && Date.now() - began < 20_000) await new Promise((resolve) => setTimeout(resolve, 20))
      return Date.now() - began
    }
    const deliveredMs = await until(delivered)
    const arrivedMs = await until(async () => (await isDrained(ada)) && (await isDrained(ben)) && (await arrived()))

    const report: KillReport = { kills, saved: saved.Ada.length + saved.Ben.length, lost: 0, twice: 0, outOfOrder: 0, undelivered: 0, deliveredMs, arrivedMs, bugs: [...bugs, ...ada.bugs, ...ben.bugs] }
    for (const [name, here, there] of [['Ada', await read(ada, adasBen), await read(ben, bensAda)], ['Ben', await read(ben, bensAda), await read(ada, adasBen)]] as const) {
      const own = messages(here, true)
      const theirs = messages(there, false)
      const numbersOf = (items: { text: string }[]) => items.map((item) => Number(item.text.split(' ')[1]))
      const [ownNumbers, theirNumbers] = [numbersOf(own), numbersOf(theirs)]
      report.lost += saved[name].filter((n) => !ownNumbers.includes(n)).length
      report.twice += ownNumbers.length - new Set(ownNumbers).size + theirNumbers.length - new Set(theirNumbers).size
      report.outOfOrder += theirNumbers.filter((n, i) => i > 0 && n < theirNumbers[i - 1]!).length
      report.undelivered += own.filter((item) => !theirs.some((one) => one.text === item.text)).length
    }
    log(JSON.stringify(report))
    return report
  } finally {
    await Promise.all([ada.kill(), ben.kill()])
    await server.close()
    temp.remove()
  }
}
