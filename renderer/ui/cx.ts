/** Class names that hold, joined. */
export const cx = (...names: (string | false | undefined)[]): string => names.filter(Boolean).join(' ')
