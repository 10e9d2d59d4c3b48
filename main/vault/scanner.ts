import { MAX_SCAN, SCAN_CONNECT_WITHIN, SCAN_WITHIN } from '../../protocol/limits.ts'
import type { Scanner as ScannerView, Verdict } from '../../protocol/app/views.ts'
import type { Clock } from '../ports.ts'
import { looksClosed } from './archives.ts'
import { CLAMD_SOCKETS, isThere, pingClamd, scanWithClamd } from './clamd.ts'
import { canRun, findDefender, programOf, type ScanProgram, scanWithProgram } from './scan-command.ts'

/** [T10, F30] Asks whichever scanner this computer has. It never says "safe", and nothing that goes wrong here is an exception. */

export interface Scanner {
  /** `size`: bytes of the file. */
  scan(path: string, size: number): Promise<Verdict>
  /** What there is, and whether it answers now. */
  look(): Promise<ScannerView>
  /** What runs is given up. */
  close(): void
}

export interface ScannerDeps {
  clock: Pick<Clock, 'after'>
  /** The words of Settings; empty: what is found. */
  command: () => string[]
  /** Unix sockets, or `127.0.0.1:port`; the first that is there is asked. */
  socketPaths?: readonly string[]
  platform?: NodeJS.Platform
  /** Milliseconds. */
  connectWithin?: number
  answerWithin?: number
}

type Found = { kind: 'clamd'; place: string } | { kind: 'command'; program: ScanProgram | undefined } | { kind: 'none' }

export function createScanner({ clock, command, socketPaths = usualSockets(), platform = process.platform, connectWithin = SCAN_CONNECT_WITHIN, answerWithin = SCAN_WITHIN }: ScannerDeps): Scanner {
  const waits = createWaits(clock)
  const patience = { clock: waits, connectWithin, answerWithin }

  /** Anew each time: a scanner may be installed, or go, while the app runs. */
  async function find(): Promise<Found> {
    const words = command()
    if (words.length > 0) return { kind: 'command', program: programOf(words) }
    const place = socketPaths.find(isThere)
    if (place !== undefined) return { kind: 'clamd', place }
    const program = await findDefender(platform)
    return program === undefined ? { kind: 'none' } : { kind: 'command', program }
  }

  async function ask(found: Found, path: string): Promise<Verdict> {
    if (found.kind === 'none') return { is: 'unscanned', why: 'none' }
    const verdict = found.kind === 'clamd' ? await scanWithClamd(found.place, path, patience) : found.program === undefined ? NO_ANSWER : await scanWithProgram(found.program, path, patience)
    // Whichever scanner it is: into what is locked, or larger than it opens, it has not looked.
    if (verdict.is !== 'clean') return verdict
    const why = await looksClosed(path)
    return why === undefined ? verdict : { is: 'partly', why }
  }

  return {
    async scan(path, size) {
      if (size > MAX_SCAN) return { is: 'unscanned', why: 'too-big' }
      if (waits.isOver()) return NO_ANSWER
      return ask(await find(), path).catch(() => NO_ANSWER)
    },
    async look() {
      const found = await find()
      if (found.kind === 'none') return { kind: 'none', answers: false }
      if (found.kind === 'clamd') return { kind: 'clamd', answers: await pingClamd(found.place, patience) }
      return { kind: 'command', answers: found.program !== undefined && (await canRun(found.program)) }
    },
    close: waits.endAll,
  }
}

/** Waits that can all be over at once. */
function createWaits(clock: Pick<Clock, 'after'>): Pick<Clock, 'after'> & { isOver(): boolean; endAll(): void } {
  const ends = new Set<() => void>()
  let isOver = false
  return {
    after(ms, act) {
      const end = () => {
        cancel()
        act()
      }
      const stop = clock.after(ms, end)
      const cancel = () => {
        ends.delete(end)
        stop()
      }
      ends.add(end)
      // Not before who waits can cancel it.
      if (isOver) queueMicrotask(end)
      return cancel
    },
    isOver: () => isOver,
    endAll() {
      isOver = true
      for (const end of [...ends]) end()
    },
  }
}

const NO_ANSWER: Verdict = { is: 'unscanned', why: 'no-answer' }

/** Tests name their own scanner, or none, so that one of the machine's doesn't answer instead. */
function usualSockets(): readonly string[] {
  const named = process.env['PARLEY_CLAMD']
  return named === undefined ? CLAMD_SOCKETS : [named]
}
