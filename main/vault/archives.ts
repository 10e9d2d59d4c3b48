import { type FileHandle, open } from 'node:fs/promises'
import type { Verdict } from '../../protocol/app/views.ts'

/**
 * Archives that a scanner can't look into, though it says of them that it found nothing: clamd does so unless its administrator has
 * switched the alerts on. Only the directories are read, a bounded part of them, and nothing is unpacked.
 * Sources: PKWARE APPNOTE 6.3.10; 7-Zip's 7zFormat.txt; RAR 5.0 and 4.x technotes; [MS-CFB], [MS-OFFCRYPTO] 2.3.4.
 */

export type Closed = Extract<Verdict, { is: 'partly' }>['why']

/** What clamd opens by default: MaxFiles; MaxScanSize and MaxFileSize, bytes. Beyond, it stops and says nothing. */
const SCANNED_FILES = 10_000
const SCANNED_BYTES = 400 * 2 ** 20
const SCANNED_FILE = 100 * 2 ** 20
/** Blocks of a RAR that are walked: each costs a read. */
const MAX_BLOCKS = 20_000
/** One header of a RAR, bytes: a name and small records. No usual one is larger. */
const RAR_HEADER = 8_192
/** A 7z directory that is looked through, bytes. */
const MAX_DIRECTORY = 2 ** 20
const ZIP_END = 22
const ZIP_ENTRY = 46

/** Why the scanner can't have seen all of it; undefined where nothing speaks against it. Throws only where the file can't be read. */
export async function looksClosed(path: string): Promise<Closed | undefined> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const read = (from: number, length: number) => readAt(handle, from, Math.min(length, size - from))
    const head = await read(0, 512)
    const magic = head.toString('latin1', 0, 8)
    if (magic.startsWith('7z\xbc\xaf\x27\x1c')) return await closed7z(head, read)
    if (magic.startsWith('Rar!\x1a\x07\x01\0')) return await closedRar5(read, size)
    if (magic.startsWith('Rar!\x1a\x07\0')) return await closedRar4(read, size)
    if (magic === '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1') return await closedOffice(head, read)
    return await closedZip(head, read, size)
  } finally {
    await handle.close()
  }
}

type Read = (from: number, length: number) => Promise<Buffer>

/** Shorter, or empty, where the file ends before. */
async function readAt(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  if (length <= 0) return Buffer.alloc(0)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from)
  return buffer.subarray(0, bytesRead)
}

async function closedZip(head: Buffer, read: Read, size: number): Promise<Closed | undefined> {
  const isZip = head.toString('latin1', 0, 4) === 'PK\x03\x04'
  if (isZip && head.length >= 8 && isLocked(head.readUInt16LE(6))) return 'password'
  const tailAt = Math.max(0, size - ZIP_END - 0xffff)
  const tail = await read(tailAt, ZIP_END + 0xffff)
  const end = tail.lastIndexOf('PK\x05\x06', tail.length - ZIP_END, 'latin1')
  // A program that repairs archives opens more of it than the scanner did.
  const notWhole = isZip ? 'stopped' : undefined
  if (tail.length < ZIP_END || end < 0) return notWhole
  const count = tail.readUInt16LE(end + 10)
  const length = tail.readUInt32LE(end + 12)
  const isZip64 = count === 0xffff || length === 0xffff_ffff || tail.readUInt32LE(end + 16) === 0xffff_ffff || (end >= 20 && tail.toString('latin1', end - 20, end - 16) === 'PK\x06\x07')
  if (isZip64) return 'stopped'
  // Before a program that unpacks itself, places don't count from the start of the file; the directory always ends where its end record begins.
  const walked = await walkZip(read, tailAt + end - length, length)
  return walked === 'broken' ? notWhole : walked
}

/** Through the central directory, a window at a time. */
async function walkZip(read: Read, start: number, length: number): Promise<Closed | 'broken' | undefined> {
  if (start < 0) return 'broken'
  let bytes = 0
  let isLarge = false
  let window: Buffer = Buffer.alloc(0)
  let at = 0
  for (let files = 0, done = 0; done < length; files++) {
    if (files === SCANNED_FILES) return 'too-many'
    if (at + ZIP_ENTRY > window.length) {
      window = await read(start + done, Math.min(65_536, length - done))
      at = 0
    }
    if (window.length - at < ZIP_ENTRY || window.toString('latin1', at, at + 4) !== 'PK\x01\x02') return 'broken'
    if (isLocked(window.readUInt16LE(at + 8)) || window.readUInt16LE(at + 10) === 99) return 'password'
    const unpacked = window.readUInt32LE(at + 24)
    bytes += unpacked
    isLarge ||= unpacked > SCANNED_FILE
    const entry = ZIP_ENTRY + window.readUInt16LE(at + 28) + window.readUInt16LE(at + 30) + window.readUInt16LE(at + 32)
    at += entry
    done += entry
  }
  return isLarge || bytes > SCANNED_BYTES ? 'stopped' : undefined
}

/** Bit 0: encrypted. Bit 6: strongly so. Bit 13: the directory is. */
const isLocked = (flags: number) => (flags & 0x2041) !== 0

/** The coder of AES-256 stands in a plain header. Where that is packed too (7-Zip does so), only a scanner that unpacks it can tell. */
async function closed7z(head: Buffer, read: Read): Promise<Closed | undefined> {
  if (head.length < 32) return 'stopped'
  const from = 32 + Number(head.readBigUInt64LE(12))
  const directory = await read(from, Math.min(Number(head.readBigUInt64LE(20)), MAX_DIRECTORY))
  if (directory.length === 0) return 'stopped'
  return directory.includes('\x06\xf1\x07\x01', 0, 'latin1') ? 'password' : undefined
}

async function closedRar4(read: Read, size: number): Promise<Closed | undefined> {
  let at = 7
  for (let blocks = 0; at < size; blocks++) {
    if (blocks === MAX_BLOCKS) return 'too-many'
    const block = await read(at, 11)
    if (block.length < 7) return 'stopped'
    const type = block.readUInt8(2)
    const flags = block.readUInt16LE(3)
    const length = block.readUInt16LE(5)
    if ((type === 0x73 && flags & 0x80) || (type === 0x74 && flags & 0x04)) return 'password'
    if (type === 0x7b) return undefined
    if (length < 7) return 'stopped'
    at += length + (flags & 0x8000 && block.length === 11 ? block.readUInt32LE(7) : 0)
  }
  return undefined
}

async function closedRar5(read: Read, size: number): Promise<Closed | undefined> {
  let at = 8
  for (let blocks = 0; at < size; blocks++) {
    if (blocks === MAX_BLOCKS) return 'too-many'
    const window = await read(at, RAR_HEADER)
    const block = createReader(window, 4)
    const length = block.vint()
    const start = block.at
    const type = block.vint()
    const flags = block.vint()
    const extra = flags & 1 ? block.vint() : 0
    const data = flags & 2 ? block.vint() : 0
    if (type === 4) return 'password'
    if (type === 5) return undefined
    const isWhole = length > 0 && extra <= length && start + length <= window.length
    if (!isWhole) return 'stopped'
    if ((type === 2 || type === 3) && hasLockRecord(block, start + length - extra, start + length)) return 'password'
    at += start + length + data
  }
  return undefined
}

/** Record 1 of a file's extra area. */
function hasLockRecord(block: Reader, from: number, to: number): boolean {
  block.at = from
  while (block.at < to) {
    const length = block.vint()
    const next = block.at + length
    if (block.vint() === 1) return true
    block.at = next
  }
  return false
}

interface Reader { at: number; vint(): number }

function createReader(bytes: Buffer, start: number): Reader {
  return {
    at: start,
    /** Seven bits a byte, lowest first, at most 49 of them: no size is larger. Beyond the end stand zeros. */
    vint() {
      let value = 0
      for (let i = 0; i < 7; i++) {
        const byte = bytes[this.at++] ?? 0
        value += (byte & 0x7f) * 2 ** (7 * i)
        if (byte < 0x80) break
      }
      return value
    },
  }
}

/** A document of Office with a password is a compound file that holds `EncryptedPackage`. Its names stand in the first sector of the directory. */
async function closedOffice(head: Buffer, read: Read): Promise<Closed | undefined> {
  if (head.length < 52) return undefined
  const sector = 2 ** Math.min(head.readUInt16LE(30), 16)
  const directory = await read((head.readUInt32LE(48) + 1) * sector, 4_096)
  return directory.includes(Buffer.from('EncryptedPackage', 'utf16le')) ? 'password' : undefined
}
