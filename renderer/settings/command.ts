/** A command line as words: parted at spaces, but for what stands in quotation marks. Nothing else is special, and no shell reads it. */
export const wordsOf = (line: string): string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').filter((word) => word !== '')

/** The same words as a line that is read back. */
export const commandText = (words: readonly string[]): string => words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' ')
