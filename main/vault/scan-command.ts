import { spawn } from 'node:child_process'
import { access, constants, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, win32 } from 'node:path'
import type { Verdict } from '../../protocol/app/views.ts'
import type { Clock } from '../ports.ts'
import { cleanThreat } from './threat.ts'

/** A scanner that is a program: the one named in Settings, or Microsoft Defender's. Never through a shell. */

export interface ScanProgram {
  /** Absolute. */
  file: string
  /** `{file}` in a word stands for the path; without one, the path comes last. */
  args: string[]
  /** Exit code that says "infected"; 0 says that nothing was found, any other that it didn't work. */
  infectedAt: number
}

/** What is read of what it prints; bytes. */
const MAX_OUTPUT = 64 * 1024
/** What a program needs to run at all, and no more: nothing of ours goes to it by the environment. */
const ENVIRONMENT = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'SystemDrive', 'ProgramData', 'ProgramFiles', 'TEMP', 'TMP']

/** The words of Settings: as clamscan and clamdscan do, 1 means infected. Undefined where the first is no absolute path. */
export function programOf([file = '', ...args]: string[]): ScanProgram | undefined {
  return isAbsolute(file) ? { file, args, infectedAt: 1 } : undefined
}

/** MpCmdRun.exe's own scan of one file, which leaves the file where it is. Source: Microsoft, "Configure and manage Defender Antivirus with MpCmdRun". */
export const defenderProgram = (file: string): ScanProgram => ({ file, args: ['-Scan', '-ScanType', '3', '-DisableRemediation', '-File'], infectedAt: 2 })

/** Where it may stand, best first: each update comes in a folder of its version (`4.18.24090.11-0`). */
export function defenderPlaces(versions: string[]): string[] {
  const numbers = (version: string) => version.split(/[.-]/).map(Number)
  const newer = (a: string, b: string) => {
    const [left, right] = [numbers(a), numbers(b)]
    const at = left.findIndex((number, i) => number !== right[i])
    return at < 0 ? 0 : (right[at] ?? 0) - left[at]!
  }
  const platforms = versions.filter((version) => /^[\d.-]+$/.test(version)).sort(newer)
  return [
    ...platforms.map((version) => win32.join(DEFENDER_PLATFORMS, version, 'MpCmdRun.exe')),
    'C:\\Program Files\\Windows Defender\\MpCmdRun.exe',
  ]
}

const DEFENDER_PLATFORMS = 'C:\\ProgramData\\Microsoft\\Windows Defender\\Platform'

/** Microsoft Defender, where this is Windows and it is there. */
export async function findDefender(platform: NodeJS.Platform): Promise<ScanProgram | undefined> {
  if (platform !== 'win32') return undefined
  for (const file of defenderPlaces(await readdir(DEFENDER_PLATFORMS).catch(() => []))) {
    const program = defenderProgram(file)
    if (await canRun(program)) return program
  }
  return undefined
}

export const canRun = (program: ScanProgram): Promise<boolean> => access(program.file, constants.X_OK).then(() => true, () => false)

export const argsFor = ({ args }: ScanProgram, path: string): string[] =>
  args.some((word) => word.includes('{file}')) ? args.map((word) => word.replaceAll('{file}', () => path)) : [...args, path]

/** Runs it on one file; it is killed, with what it started, after so many milliseconds. */
export function scanWithProgram(program: ScanProgram, path: string, within: { clock: Pick<Clock, 'after'>; answerWithin: number }): Promise<Verdict> {
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  const env = Object.fromEntries(ENVIRONMENT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
  // A group of its own, so that its children can be killed with it.
  const child = spawn(program.file, argsFor(program, path), { cwd: tmpdir(), env, shell: false, windowsHide: true, detached: process.platform !== 'win32', stdio: ['ignore', 'pipe', 'ignore'] })
  let said = ''
  child.stdout.setEncoding('latin1').on('data', (text: string) => (said = (said + text).slice(0, MAX_OUTPUT)))
  const end = (verdict: Verdict) => {
    cancel()
    resolve(verdict)
  }
  const cancel = within.clock.after(within.answerWithin, () => {
    killGroup(child.pid)
    child.kill('SIGKILL')
    child.stdout.destroy()
    end({ is: 'unscanned', why: 'no-answer' })
  })
  child.on('error', () => end({ is: 'unscanned', why: 'no-answer' }))
  child.on('close', (code) => end(verdictOfExit(program, code, said)))
  return promise
}

export function verdictOfExit({ infectedAt }: ScanProgram, code: number | null, said: string): Verdict {
  if (code === 0) return { is: 'clean' }
  // Defender ends with 2 for what it found and for its own failures alike.
  if (code !== infectedAt || said.includes('Failed with hr = ')) return { is: 'unscanned', why: 'no-answer' }
  // clamscan: `PATH: NAME FOUND`. Defender: `Threat                  : NAME`.
  const name = /(?:^|: )([^:\r\n]+) FOUND\s*$/m.exec(said)?.[1] ?? /^Threat\s*:\s*(.+)$/m.exec(said)?.[1]
  return { is: 'infected', name: cleanThreat(name ?? '') }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined || process.platform === 'win32') return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It is gone.
  }
}
