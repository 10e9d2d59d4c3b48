import { crc32 } from 'node:zlib'

/** A zip, stored and not packed, whose directory may say what isn't so. */

export interface ZipEntry { name: string; data: Buffer; flags?: number; method?: number; /** Bytes it claims to unpack to. */ unpacked?: number }

export function zip(entries: ZipEntry[], { comment = '', isZip64 = false } = {}): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  entries.forEach(({ name, data, flags = 0, method = 0, unpacked = data.length }, i) => {
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(flags, 2)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(unpacked, 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(at, 10)
    const first = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), data])
    // The first entry is read at the start of the file too; what a test says of a later one stands in the directory alone.
    if (i > 0) first.writeUInt16LE(0, 6)
    files.push(first)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, place, Buffer.from(name)]))
    at += first.length
  })
  const length = Buffer.concat(directory).length
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(isZip64 ? 0xffff : entries.length, 8)
  end.writeUInt16LE(isZip64 ? 0xffff : entries.length, 10)
  end.writeUInt32LE(isZip64 ? 0xffff_ffff : length, 12)
  end.writeUInt32LE(isZip64 ? 0xffff_ffff : at, 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([...files, ...directory, end, Buffer.from(comment)])
}
