/** better-sqlite3 13 needs Node 22 and crashes below without a word; Parley's own TypeScript runs from Node 24 on. */
export const OLDEST_NODE = 24

/** A sentence where this Node is too old, asked before anything else is loaded. */
export function nodeFault(version: string): string | undefined {
  const major = Number(version.split('.')[0])
  return major >= OLDEST_NODE ? undefined : `Parley needs Node ${OLDEST_NODE} or later; this is Node ${version}.`
}
