import { WINDOW_CHUNK } from '../../protocol/limits.ts'

/** [H4] What one message from a page may hold, the same in both hosts; bytes. A longer one closes its pipe. */

/** Kind and number, with room to spare. */
const HEAD = 64
/** The largest message that a data channel of Chromium takes (262,144), and its head. */
export const MAX_LINK_BYTES = 2 ** 18 + HEAD
export const MAX_WINDOW_BYTES = WINDOW_CHUNK + HEAD
