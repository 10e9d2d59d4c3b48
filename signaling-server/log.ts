/** [S25] Facts, never content: no bodies, names, handles, keys or whole addresses. */
export type Log = (fact: string, details?: Record<string, number | string | boolean>) => void

export const noLog: Log = () => {}

/** JSON lines. Keeping them for 7 days at most is up to whoever turns the log on. */
export const jsonLog = (now: () => number, write: (line: string) => void): Log => (fact, details) =>
  write(`${JSON.stringify({ at: new Date(now()).toISOString(), fact, ...details })}\n`)

/** An error that should not have been: what kind and where, without its message, which could hold content. */
export function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at ')).slice(0, 4)
  return [error.name, ...frames.map((line) => line.trim().replace(/\(?file:.*\/([^/]+)\)?$/, '$1'))].join(' ')
}
