import type { Key } from './index.ts'

/** What is said: a key and what stands in it. */
export interface Said { k: Key; values: Record<string, string | number> }
export const said = (k: Key, values: Said['values'] = {}): Said => ({ k, values })
