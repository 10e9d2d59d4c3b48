import { type Bytes, reader, u32be, utf8, utf8Text } from '../wire/bytes.ts'

/**
 * Messages over a byte pipe: `u8 kind | u32be id | payload`. A payload is JSON, but for the kinds whose payload is bytes: these cross
 * as they are, once, and never as text.
 */
export interface Framing<M extends { kind: string }> {
  /** `into`: memory to write to where it has the room; what is given is a part of it. Else memory of its own. */
  write(message: M, into?: Bytes): Bytes
  /** Undefined for anything malformed. What it gives is of a known kind with a number; its fields are for the caller to check. */
  read(bytes: Bytes): (M & Record<string, unknown>) | undefined
}

/** u8 and u32be */
export const HEAD = 5

/** `number`: the field that is the number; `binary`: under which name a kind has its bytes. */
export function createFraming<M extends { kind: string }>(kinds: readonly M['kind'][], number: 'link' | 'id', binary: Partial<Record<M['kind'], string>>): Framing<M> {
  const nameOf = (kind: string) => (binary as Record<string, string | undefined>)[kind]
  return {
    write(message, into) {
      const { kind, [number]: id, ...rest } = message as M & Record<string, unknown>
      const name = nameOf(kind)
      const payload = name === undefined ? utf8(JSON.stringify(rest)) : (rest as Record<string, Bytes>)[name]!
      const length = HEAD + payload.length
      const bytes: Bytes = into !== undefined && length <= into.length ? into.subarray(0, length) : new Uint8Array(length)
      bytes[0] = kinds.indexOf(kind)
      bytes.set(u32be(id as number), 1)
      bytes.set(payload, HEAD)
      return bytes
    },
    read(bytes) {
      const from = reader(bytes)
      const kind = kinds[from.u8() ?? -1]
      const id = from.u32()
      if (kind === undefined || id === undefined) return undefined
      const name = nameOf(kind)
      if (name !== undefined) return { kind, [number]: id, [name]: from.rest() } as never
      try {
        const rest: unknown = JSON.parse(utf8Text(from.rest()) ?? '')
        return typeof rest === 'object' && rest !== null ? ({ ...rest, kind, [number]: id } as never) : undefined
      } catch {
        return undefined
      }
    },
  }
}
