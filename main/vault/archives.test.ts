import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { zip } from '../testing/zip.ts'
import { type Closed, looksClosed } from './archives.ts'

const folder = mkdtempSync(join(tmpdir(), 'parley-archives-'))
const path = join(folder, 'archive')
after(() => rmSync(folder, { recursive: true }))

const latin = (...parts: (string | number[] | Buffer)[]) => Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part as number[]))))
const u16 = (n: number) => [n & 255, n >> 8]
const u32 = (n: number) => [...u16(n & 0xffff), ...u16(n >>> 16)]
const one = { name: 'a.txt', data: Buffer.from('hello') }

const RAR4 = 'Rar!\x1a\x07\0'
const rar4 = (type: number, flags: number, data = '') => latin([0, 0, type], u16(flags), u16(data === '' ? 7 : 11), data === '' ? [] : u32(data.length), data)
const RAR5 = 'Rar!\x1a\x07\x01\0'
const rar5 = (header: number[], data = '') => latin([0, 0, 0, 0, header.length], header, data)
const sevenZip = (directory: string) => latin('7z\xbc\xaf\x27\x1c\0\x04', [0, 0, 0, 0], [4, 0, 0, 0, 0, 0, 0, 0], [directory.length, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0], 'data', directory)
const office = (entry: string) => latin('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', Buffer.alloc(22), u16(9), Buffer.alloc(16), u32(1), Buffer.alloc(972), Buffer.from(`Root Entry\0${entry}`, 'utf16le'), Buffer.alloc(400))

const table: [what: string, bytes: Buffer, why: Closed | undefined][] = [
  ['a plain file', Buffer.from('hello'), undefined],
  ['an empty file', Buffer.alloc(0), undefined],
  ['a zip', zip([one]), undefined],
  ['an empty zip', zip([]), undefined],
  ['a zip with a comment', zip([one], { comment: 'x'.repeat(60_000) }), undefined],
  ['a zip behind a program', latin('MZ', Buffer.alloc(500), zip([one])), undefined],
  ['a zip whose second file has a password', zip([one, { ...one, flags: 1 }]), 'password'],
  ['the same behind a program', latin('MZ', Buffer.alloc(500), zip([one, { ...one, flags: 1 }])), 'password'],
  ['a zip with AES', zip([one, { ...one, method: 99 }]), 'password'],
  ['a zip with an encrypted directory', zip([one, { ...one, flags: 0x2000 }]), 'password'],
  ['a zip locked in its first file only, not in the directory', latin('PK\x03\x04', u16(20), u16(1), Buffer.alloc(100)), 'password'],
  ['a zip with the places of ZIP64', zip([one], { isZip64: true }), 'stopped'],
  ['the same behind a program', latin('MZ', Buffer.alloc(500), zip([one], { isZip64: true })), 'stopped'],
  ['a zip whose directory ends within an entry', latin('PK\x03\x04', Buffer.alloc(40), 'PK\x01\x02', Buffer.alloc(4), 'PK\x05\x06', u16(0), u16(0), u16(1), u16(1), u32(8), u32(44), u16(0)), 'stopped'],
  ['a zip that unpacks to more than is scanned', zip(Array.from({ length: 5 }, () => ({ ...one, unpacked: 90 * 2 ** 20 }))), 'stopped'],
  ['a zip with one huge file', zip([{ ...one, unpacked: 150 * 2 ** 20 }]), 'stopped'],
  ['a zip with 10,000 files', zip(Array.from({ length: 10_000 }, (_, i) => ({ name: `${i}`, data: Buffer.alloc(0) }))), undefined],
  ['a zip with 10,001 files', zip(Array.from({ length: 10_001 }, (_, i) => ({ name: `${i}`, data: Buffer.alloc(0) }))), 'too-many'],
  ['a zip with names longer than what is read at once', zip(Array.from({ length: 4 }, (_, i) => ({ name: `${i}`.repeat(40_000), data: Buffer.alloc(0), flags: i === 3 ? 1 : 0 }))), 'password'],
  ['a zip cut short', zip([one]).subarray(0, 60), 'stopped'],
  ['a zip with a broken directory', Buffer.from(zip([one]).toString('latin1').replace('PK\x01\x02', 'PK\x01\x03'), 'latin1'), 'stopped'],
  ['text that mentions the end of a zip', latin('hello PK\x05\x06', Buffer.alloc(30, 7)), undefined],
  ['7z', sevenZip('\x01\x04\x06\x21\x21\x01'), undefined],
  ['7z with AES in its directory', sevenZip('\x17\x06\x24\x06\xf1\x07\x01\x0a'), 'password'],
  ['7z cut short', sevenZip('x').subarray(0, 34), 'stopped'],
  ['rar 4', latin(RAR4, rar4(0x73, 0), rar4(0x74, 0x8000, 'data'), rar4(0x7b, 0)), undefined],
  ['rar 4 with a password on its second file', latin(RAR4, rar4(0x73, 0), rar4(0x74, 0x8000, 'data'), rar4(0x74, 0x8004, 'data')), 'password'],
  ['rar 4 with encrypted names', latin(RAR4, rar4(0x73, 0x80)), 'password'],
  ['rar 4, broken', latin(RAR4, [0, 0, 0x74, 0, 0, 1, 0], Buffer.alloc(20)), 'stopped'],
  ['rar 5', latin(RAR5, rar5([1, 0, 0]), rar5([2, 2, 4], 'data'), rar5([5, 0, 0])), undefined],
  ['rar 5 with a password on its second file', latin(RAR5, rar5([1, 0, 0]), rar5([2, 2, 4], 'data'), rar5([2, 3, 5, 4, 1, 3, 2, 1, 1], 'data')), 'password'],
  ['rar 5 with other records on its file', latin(RAR5, rar5([2, 3, 3, 4, 2, 3, 0], 'data')), undefined],
  ['rar 5 with encrypted names', latin(RAR5, rar5([4, 0, 0])), 'password'],
  ['rar 5, broken', latin(RAR5, Buffer.alloc(40)), 'stopped'],
  ['a Word file', office('WordDocument'), undefined],
  ['a Word file with a password', office('EncryptedPackage'), 'password'],
]

test('[T10] archives a scanner can’t look into', async () => {
  for (const [what, bytes, why] of table) {
    writeFileSync(path, bytes)
    assert.equal(await looksClosed(path), why, what)
  }
})

test('[T10] F18: no archive, however broken, throws or takes long', async () => {
  const small = table.map(([, bytes]) => bytes).filter((bytes) => bytes.length < 2_000)
  const damaged = fc.tuple(fc.constantFrom(...small), fc.array(fc.tuple(fc.nat(2_000), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), { maxLength: 8 }), fc.nat(2_000))
  await fc.assert(fc.asyncProperty(damaged, async ([bytes, changes, length]) => {
    const broken = Buffer.from(bytes)
    for (const [at, value] of changes) if (broken.length > 0) broken[at % broken.length] = value
    writeFileSync(path, broken.subarray(0, Math.max(length, 8)))
    const start = performance.now()
    await looksClosed(path)
    assert.ok(performance.now() - start < 500)
  }), { numRuns: 2_000 })
})
