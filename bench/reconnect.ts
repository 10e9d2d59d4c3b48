import { RECONNECT_FIRST, RECONNECT_LONGEST } from '../protocol/limits.ts'
import { makePerson, type Person } from '../signaling-server/test-client.ts'
import type { SignedOn } from './cores.ts'
import { join, joinAll, type Place } from './crowd.ts'
import { type Figure, figure, later, percentile, say, spread } from './figures.ts'
import { type Helper, startHelper, tempDir } from './programs.ts'

/** F10: the server is restarted under twenty cores, in two processes; beside them twenty bare clients come back by the same rule. */

const CORES = 20
const RESTARTS = 8
/** Between the end of one server and the start of the next. */
const DOWN_MS = 500
const GOAL_MS = 5_000
/** Nobody comes back later than this; the bench would hang. */
const ALL_BACK_WITHIN = 60_000

export async function reconnect(): Promise<Figure> {
  const dataDir = tempDir()
  const startServer = async (port?: number) => {
    const server = startHelper('bench/our-server.ts')
    const { url, name, port: taken } = await server.ask<{ url: string; name: string; port: number }>({ do: 'start', dataDir, port, isUnchanged: true })
    return { server, url, name, port: taken, readyAt: performance.timeOrigin + performance.now() }
  }
  let running = await startServer()

  let back: SignedOn[] = []
  const cores = [0, 1].map(() => startHelper('bench/cores.ts'))
  for (const helper of cores) helper.onTold((told: SignedOn) => back.push(told))
  const dir = tempDir()
  await Promise.all(cores.map((helper, half) => helper.ask({ dir, url: running.url, names: Array.from({ length: CORES / 2 }, (_, i) => `core${half}${i}`) })))
  await until(() => back.length >= CORES)

  const people = Array.from({ length: CORES }, (_, i) => makePerson(`bare${i}`, running.name))
  const place = (): Place => ({ kind: 'ours', url: running.url })
  await Promise.all((await joinAll(place(), people, 'register')).map((member) => member.close()))
  let standing = await joinAll(place(), people, 'auth')

  const found = { ours: [] as number[], bare: [] as number[] }
  for (let restart = 0; restart < RESTARTS; restart++) {
    back = []
    const returning = Promise.all(standing.map((member) => member.closed.then(() => comeBack(place, member.person))))
    await stop(running.server)
    await later(DOWN_MS)
    running = await startServer(running.port)
    const [returned] = await Promise.all([returning, until(() => new Set(back.map(({ name }) => name)).size >= CORES)])
    found.ours.push(...back.map(({ at }) => Math.max(0, at - running.readyAt)))
    found.bare.push(...returned.map(({ at }) => Math.max(0, at - running.readyAt)))
    standing = returned.map(({ member }) => member)
  }
  for (const helper of [...cores, running.server]) await helper.stop()
  say(`reconnect: ours ${spread(found.ours)} ms; bare ${spread(found.bare)} ms, ${found.ours.length} returns after ${RESTARTS} restarts`)
  return figure('reconnect-p95', 'ms', { ours: percentile(found.ours, 0.95), bare: percentile(found.bare, 0.95), aim: 1.2, goal: `p95 ≤ ${GOAL_MS} ms` })
}

async function stop(server: Helper) {
  await server.ask({ do: 'stop' })
  await server.stop()
}

/** [S11] and nothing else: waits, tries, waits twice as long. */
async function comeBack(place: () => Place, person: Person) {
  for (let tries = 0; ; tries++) {
    await later(Math.min(RECONNECT_FIRST * 2 ** tries, RECONNECT_LONGEST) * (0.5 + Math.random()))
    const member = await join(place(), person, 'auth').catch(() => undefined)
    if (member !== undefined) return { member, at: performance.timeOrigin + performance.now() }
  }
}

async function until(holds: () => boolean) {
  for (const began = performance.now(); !holds(); await later(20)) {
    if (performance.now() - began > ALL_BACK_WITHIN) throw new Error('not all came back')
  }
}
