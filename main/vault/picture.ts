/**
 * [T10] What a picture is by its first bytes, and how large it would be once decoded. Nothing is decoded here: what doesn't say its
 * size within the bytes read has none, and the caller shows no preview of it. Sources: RFC 2083, GIF89a, ITU T.81, RFC 9649.
 */

export interface Picture {
  mime: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp'
  /** Pixels; both or none. */
  width?: number
  height?: number
}

/** Bytes of a file's start that hold the size of any usual photograph: cameras put a small picture and a profile before it. */
export const PICTURE_HEAD = 256 * 1024

type Size = { width: number; height: number } | undefined

export function pictureOf(head: Uint8Array): Picture | undefined {
  const bytes = head.subarray(0, PICTURE_HEAD)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const starts = (text: string, at = 0) => at + text.length <= bytes.length && Array.from(text).every((c, i) => bytes[at + i] === c.charCodeAt(0))
  if (starts('\x89PNG\r\n\x1a\n')) return { mime: 'image/png', ...(starts('IHDR', 12) ? pngSize(view) : undefined) }
  if (starts('\xff\xd8\xff')) return { mime: 'image/jpeg', ...jpegSize(view) }
  if (starts('GIF87a') || starts('GIF89a')) return { mime: 'image/gif', ...gifSize(view) }
  if (starts('RIFF') && starts('WEBP', 8)) {
    const kind = ['VP8 ', 'VP8L', 'VP8X'].find((chunk) => starts(chunk, 12))
    return { mime: 'image/webp', ...webpSize(view, kind) }
  }
  return undefined
}

const pngSize = (view: DataView): Size => (view.byteLength < 24 ? undefined : { width: view.getUint32(16), height: view.getUint32(20) })

/** The screen of the animation, or its first frame where that is larger: browsers widen the screen to it. */
function gifSize(view: DataView): Size {
  if (view.byteLength < 13) return undefined
  const screen = { width: view.getUint16(6, true), height: view.getUint16(8, true) }
  const flags = view.getUint8(10)
  let at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)
  // Extensions: two bytes of kind, then blocks that begin with their length, up to an empty one.
  while (at < view.byteLength && view.getUint8(at) === 0x21) {
    at += 2
    while (at < view.byteLength && view.getUint8(at) !== 0) at += view.getUint8(at) + 1
    at += 1
  }
  if (at + 9 > view.byteLength || view.getUint8(at) !== 0x2c) return undefined
  const edge = (offset: number, length: number) => view.getUint16(at + offset, true) + view.getUint16(at + length, true)
  return { width: Math.max(screen.width, edge(1, 5)), height: Math.max(screen.height, edge(3, 7)) }
}

function webpSize(view: DataView, kind: string | undefined): Size {
  if (view.byteLength < 30) return undefined
  if (kind === 'VP8 ') return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
  if (kind === 'VP8L') {
    const bits = view.getUint32(21, true)
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  const u24 = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 2 ** 16
  return kind === 'VP8X' ? { width: u24(24) + 1, height: u24(27) + 1 } : undefined
}

/** From marker to marker up to a start of frame; all but the bare ones carry their length. */
function jpegSize(view: DataView): Size {
  let at = 2
  while (at + 9 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return undefined
    const marker = view.getUint8(at + 1)
    // Markers may be padded with FF.
    if (marker === 0xff) at += 1
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else if (isStartOfFrame(marker)) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    else if (marker === 0xda || marker === 0xd9) return undefined
    else at += 2 + view.getUint16(at + 2)
  }
  return undefined
}

/** C0 to CF without tables (C4), the reserved C8, and arithmetic conditioning (CC). */
const isStartOfFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
