import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PICTURE_HEAD, type Picture, pictureOf } from './picture.ts'

const bytes = (...parts: (string | number[])[]) => Uint8Array.from(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part)))))
const zeros = (n: number) => Array.from({ length: n }, () => 0)

const PNG = '\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR'
const png = bytes(PNG, [0, 0, 2, 0x80, 0, 0, 1, 0xe0], zeros(9))
const gif = bytes('GIF89a', [0x40, 0x01, 0xf0, 0, 0x80, 0, 0], zeros(6), [0x21, 0xf9, 4, 0, 0, 0, 0, 0], [0x2c, 0, 0, 0, 0, 0x40, 0x01, 0xf0, 0, 0])
const jpeg = (app: number) => bytes([0xff, 0xd8, 0xff, 0xe0, 0, 16], zeros(14), [0xff, 0xe1, ((app + 2) >> 8) & 255, (app + 2) & 255], zeros(app), [0xff, 0xff, 0xdb, 0, 3, 0, 0xff, 0xc4, 0, 9, 1, 2, 3, 4, 5, 6, 7], [0xff, 0xc2, 0, 17, 8, 0x01, 0xe0, 0x02, 0x80, 3], zeros(9))
const webp = (chunk: string, data: number[]) => bytes('RIFF\0\0\0\0WEBP', chunk, [10, 0, 0, 0], data, zeros(10))

test('[T10] pictures and their sizes', () => {
  const table: [what: string, head: Uint8Array, picture: Picture | undefined][] = [
    ['png', png, { mime: 'image/png', width: 640, height: 480 }],
    ['png that says 4 billion', bytes(PNG, zeros(0), [255, 255, 255, 255, 255, 255, 255, 255]), { mime: 'image/png', width: 4294967295, height: 4294967295 }],
    ['png cut short', png.subarray(0, 20), { mime: 'image/png' }],
    ['png whose first chunk is another', bytes('\x89PNG\r\n\x1a\n\0\0\0\x0dtEXt', zeros(20)), { mime: 'image/png' }],
    ['gif', gif, { mime: 'image/gif', width: 320, height: 240 }],
    ['gif with a frame larger than its screen', bytes('GIF87a', [1, 0, 1, 0, 0, 0, 0], [0x2c, 0x10, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0]), { mime: 'image/gif', width: 65_551, height: 65_535 }],
    ['gif whose frame is not in sight', gif.subarray(0, 20), { mime: 'image/gif' }],
    ['jpeg', jpeg(100), { mime: 'image/jpeg', width: 640, height: 480 }],
    ['jpeg behind a large profile', jpeg(60_000), { mime: 'image/jpeg', width: 640, height: 480 }],
    ['jpeg cut in its profile', jpeg(60_000).subarray(0, 30_000), { mime: 'image/jpeg' }],
    ['jpeg whose picture begins without a frame', bytes([0xff, 0xd8, 0xff, 0xda, 0, 3, 0, 0xff, 0xc0, 0, 17, 8, 0, 1, 0, 1]), { mime: 'image/jpeg' }],
    ['webp, lossy', webp('VP8 ', [0, 0, 0, 0x9d, 1, 0x2a, 0x80, 0x42, 0xe0, 0x41]), { mime: 'image/webp', width: 640, height: 480 }],
    ['webp, lossless', webp('VP8L', [0x2f, 0x7f, 0xc2, 0x77, 0]), { mime: 'image/webp', width: 640, height: 480 }],
    ['webp, extended', webp('VP8X', [0, 0, 0, 0, 0x7f, 2, 0, 0xdf, 1, 0]), { mime: 'image/webp', width: 640, height: 480 }],
    ['webp of an unknown kind', webp('VP9 ', zeros(10)), { mime: 'image/webp' }],
    ['svg', bytes('<svg xmlns="http://www.w3.org/2000/svg"/>'), undefined],
    ['html', bytes('<!doctype html>'), undefined],
    ['bmp', bytes('BM', zeros(60)), undefined],
    ['RIFF of sound', bytes('RIFF\0\0\0\0WAVEfmt ', zeros(20)), undefined],
    ['nothing', bytes(), undefined],
  ]
  for (const [what, head, picture] of table) assert.deepEqual(pictureOf(head), picture, what)
})

test('[T10] a size stands in the first 256 KiB or nowhere', () => {
  const far = Buffer.concat([Buffer.from([0xff, 0xd8]), ...Array.from({ length: 5 }, () => Buffer.concat([Buffer.from([0xff, 0xe2, 0xff, 0xff]), Buffer.alloc(65_533)])), Buffer.from([0xff, 0xc0, 0, 17, 8, 0, 1, 0, 1, 3])])
  assert.ok(far.length > PICTURE_HEAD)
  assert.deepEqual(pictureOf(far), { mime: 'image/jpeg' })
})

test('[T10] F18: no bytes throw, and a size is both numbers or none', () => {
  const starts = [png, gif, jpeg(10), webp('VP8 ', zeros(10)), webp('VP8L', zeros(5)), webp('VP8X', zeros(10)), bytes('GIF89a'), bytes([0xff, 0xd8, 0xff]), bytes()]
  const damaged = fc.tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 60 }), fc.nat(80), fc.nat(120)).map(([start, noise, at, length]) => {
    const whole = Uint8Array.from([...start, ...noise])
    whole.set(noise.subarray(0, Math.max(0, whole.length - at)), Math.min(at, whole.length))
    return whole.subarray(0, length)
  })
  fc.assert(fc.property(damaged, (head) => {
    // A view into a larger buffer: nothing beyond it is read.
    const picture = pictureOf(head)
    assert.equal(picture?.width === undefined, picture?.height === undefined)
    for (const pixels of [picture?.width, picture?.height]) assert.ok(pixels === undefined || (Number.isSafeInteger(pixels) && pixels >= 0))
    assert.deepEqual(pictureOf(Uint8Array.from(head)), picture)
  }), { numRuns: 20_000 })
})
