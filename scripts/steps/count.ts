/** What a step of the tests comes to. */
export interface Count { passed: number; failed: number; skipped: number }

export const nothing: Count = { passed: 0, failed: 0, skipped: 0 }

export const add = (a: Count, b: Count): Count => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped })

/** The closing line, for people and for scripts. */
export const inWords = ({ passed, failed, skipped }: Count): string => `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/** Ends a step that was run as a program: says its count, to `npm test` too where that started it. */
export function endWith(count: Count): void {
  process.stdout.write(`${inWords(count)}\n`)
  const end = () => process.exit(count.failed === 0 ? 0 : 1)
  if (process.send === undefined) end()
  else process.send(count, end)
}
