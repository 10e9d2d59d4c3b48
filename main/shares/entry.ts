import type { B64 } from '../../protocol/ids.ts'
import { type Bytes, fromB64, toB64 } from '../../protocol/wire/bytes.ts'
import { hmac256 } from '../identity/crypto.ts'

/**
 * [B4] What a row of the index is called on the wire: 16 bytes that say nothing, and another thing to each buddy.
 * `key`: 32 bytes, of this share and buddy. `row`: its number in 8 bytes.
 */
export const entryId = (key: B64, row: Bytes): B64 => toB64(hmac256(fromB64(key), row).subarray(0, 16))
