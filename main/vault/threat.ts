/** Longest name of a threat that is shown; characters. */
const LONGEST = 100

/** The scanner's name for what it found, fit for a line of text: printable ASCII. */
export const cleanThreat = (name: string): string => name.replace(/[^\x20-\x7e]/g, '').trim().slice(0, LONGEST).trim() || 'unnamed'
