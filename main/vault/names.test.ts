import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { clashKey, endingOf, freeName, MAX_NAME_BYTES, safeName } from './names.ts'

/** FI9: 100,000 names of strangers in all, and those that are known to have done harm elsewhere. */
const RUNS = 25_000

const FRAGMENTS = [
  '..', '.', '/', '\\', ':', '*', '?', '"', '<', '>', '|', ' ', '\u00a0', '\u3000', '\t', '\n', '\r', '\0', '\x1b', '\x7f', '\x9b', '\u2028', '\u2029', '\ufeff',
  '\u202e', '\u2066', '\u200b', '\u200d', '\u061c', '\u00ad', '\u034f', '\u180e', '\u3164', '\ufe0f', '\u{e0100}', '\u{e0041}', '\u2800', '\uf03a', '\uffff', '\u{10ffff}',
  'CON', 'con', 'NUL', 'aux', 'COM1', 'COM¹', 'lpt³', 'CONIN$', 'CLOCK$', 'C:', '\\\\?\\', '::$DATA', '%2e%2e%2f', '~', '-rf',
  '.exe', '.pdf', '.tar.gz', '.settingcontent-ms', 'invoice', 'fdp', 'é', 'e\u0301', '\u0301', '\u0338', 'ﬁ', '．', '／', '👩‍👩‍👧', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '\ud83d', '\ude00', 'ß', 'İ', 'ı', '한', '\u1112\u1161\u11ab',
  'x'.repeat(120), 'é'.repeat(64), '👍🏽'.repeat(20), 'a' + '\u0300'.repeat(150), '\u0300'.repeat(200),
]
const hostile = fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 14 }).map((parts) => parts.join(''))
const anything = fc.string({ unit: 'binary', maxLength: 300 })
const halves = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 }).map((units) => String.fromCharCode(...units))

/** Written on its own, from the promise and not from the code. */
function faults(name: string): string[] {
  const stem = name.split('.')[0]!.replace(/ +$/, '').replace(/¹/g, '1').replace(/²/g, '2').replace(/³/g, '3').toUpperCase()
  const devices = ['CON', 'PRN', 'AUX', 'NUL', 'CONIN$', 'CONOUT$', 'CLOCK$', ...Array.from({ length: 10 }, (_, n) => [`COM${n}`, `LPT${n}`]).flat()]
  const claims: [string, boolean][] = [
    ['empty', name === ''],
    ['longer than 255 bytes', Buffer.byteLength(name) > 255],
    ['longer than 255 units', name.length > 255],
    ['separator or wildcard', /[/\\:*?"<>|]/.test(name)],
    ['control', Array.from(name).some((c) => c < ' ' || (c >= '\x7f' && c <= '\x9f'))],
    ['invisible', /[\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u2800\u3164\uffa0\ufe00-\ufe0f\u{e0000}-\u{e0fff}]/u.test(name)],
    ['half a pair', !name.isWellFormed()],
    ['not composed', name !== name.normalize('NFC')],
    ['dot at an end', name.startsWith('.') || name.endsWith('.')],
    ['blank at an end', name.trim() !== name],
    ['device', devices.includes(stem)],
  ]
  return claims.filter(([, isTrue]) => isTrue).map(([what]) => what)
}

for (const [what, arbitrary] of [['of hostile pieces', hostile], ['of any characters', anything], ['of half characters', halves]] as const) {
  test(`[T9] any name ${what} becomes one plain component, and stays it`, () => {
    fc.assert(fc.property(arbitrary, (wireName) => {
      const name = safeName(wireName)
      assert.deepEqual(faults(name), [])
      assert.equal(safeName(name), name)
    }), { numRuns: RUNS })
  })
}

test('[T9] a free name is safe too, keeps the ending, and is free', () => {
  fc.assert(fc.property(hostile, fc.integer({ min: 0, max: 5 }), (wireName, others) => {
    const name = safeName(wireName)
    const taken = new Set<string>()
    for (let i = 0; i < others; i++) {
      const free = freeName(name, (one) => taken.has(clashKey(one)))
      assert.ok(!taken.has(clashKey(free)))
      assert.deepEqual(faults(free), [])
      assert.equal(safeName(free), free)
      assert.ok(free.endsWith(endingOf(name)))
      taken.add(clashKey(free))
    }
  }), { numRuns: RUNS })
})

test('[T9] names that did harm elsewhere', () => {
  const table: [wire: string, saved: string][] = [
    ['report.pdf', 'report.pdf'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['..\\..\\Windows\\win.ini', '_.._Windows_win.ini'],
    ['..', 'file'],
    ['.', 'file'],
    ['', 'file'],
    [' . . ', 'file'],
    ['\u202e\u200b', 'file'],
    ['/', '_'],
    ['C:\\Windows\\System32\\calc.exe', 'C__Windows_System32_calc.exe'],
    ['\\\\server\\share\\a.txt', '__server_share_a.txt'],
    ['\\\\?\\C:\\a', '____C__a'],
    ['//host/a', '__host_a'],
    ['%2e%2e%2fetc%2fpasswd', '%2e%2e%2fetc%2fpasswd'],
    ['a.txt::$DATA', 'a.txt__$DATA'],
    ['a.txt:evil.exe', 'a.txt_evil.exe'],
    ['a.exe\0.txt', 'a.exe.txt'],
    ['a\r\nb.txt', 'a  b.txt'],
    ['CON', '_CON'],
    ['con.txt', '_con.txt'],
    ['Con .txt', '_Con .txt'],
    ['nul.tar.gz', '_nul.tar.gz'],
    ['COM1', '_COM1'],
    ['com¹.log', '_com¹.log'],
    ['LPT³', '_LPT³'],
    ['COM0', '_COM0'],
    ['conin$', '_conin$'],
    ['CLOCK$.a', '_CLOCK$.a'],
    ['..con.', '_con'],
    ['C\u200bON', '_CON'],
    ['COM10', 'COM10'],
    ['console', 'console'],
    ['.bashrc', 'bashrc'],
    ['...exe', 'exe'],
    ['a.exe. . ', 'a.exe'],
    ['a.exe\u00a0', 'a.exe'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['\u2066a\u2069.sh', 'a.sh'],
    ['a\u200d.e\ufe0fxe', 'a.exe'],
    ['\ufeffa.txt', 'a.txt'],
    ['e\u0301.txt', 'é.txt'],
    ['\u1112\u1161\u11ab', '한'],
    ['a\ud800.txt', 'a\ufffd.txt'],
    ['a\uf03ab', 'a_b'],
    ['desktop.ini', 'desktop.ini'],
    ['autorun.inf', 'autorun.inf'],
    ['__proto__', '__proto__'],
    ['<img src=x onerror=alert(1)>.png', '_img src=x onerror=alert(1)_.png'],
  ]
  for (const [wire, saved] of table) assert.equal(safeName(wire), saved, JSON.stringify(wire))
})

test('[T9] a long name loses the end of its stem, between characters, and nothing of its ending', () => {
  const whole = `${'a'.repeat(251)}.pdf`
  assert.equal(safeName(whole), whole)
  assert.equal(safeName(`a${whole}`), whole)
  assert.equal(safeName('a'.repeat(256)), 'a'.repeat(255))
  assert.equal(safeName(`${'é'.repeat(200)}.pdf.exe`), `${'é'.repeat(123)}.pdf.exe`)
  // Eight bytes each, and never a thumb without its colour.
  assert.equal(safeName(`${'👍🏽'.repeat(40)}.gz`), `${'👍🏽'.repeat(31)}.gz`)
  // One character of 401 bytes is cut all the same.
  const tower = safeName(`a${'\u0300'.repeat(200)}.txt`)
  assert.ok(tower.startsWith('à') && tower.endsWith('\u0300.txt') && Buffer.byteLength(tower) > 250, tower)
  const free = freeName(whole, (name) => name === whole)
  assert.equal(free, `${'a'.repeat(247)} (2).pdf`)
  assert.equal(Buffer.byteLength(free), MAX_NAME_BYTES)
})

test('[T9] the ending that is never cut on screen', () => {
  const table: [name: string, ending: string][] = [
    ['a.pdf', '.pdf'], ['invoice.pdf.exe', '.pdf.exe'], ['a.tar.gz', '.tar.gz'], ['a.pdf      .exe', '.pdf      .exe'],
    [`a.pdf${' '.repeat(60)}.exe`, '.exe'], ['report.2024.pdf', '.pdf'], ['a.7z.001', '.7z.001'], ['Dr. No.mp4', '.mp4'], ['Dr. No', ''], ['README', ''], ['.bashrc', ''], ['a.', ''], ['', ''],
    ['a.settingcontent-ms', '.settingcontent-ms'], [`a.${'x'.repeat(21)}`, ''], ['pdf.exe', '.exe'], ['.pdf.exe', '.exe'], ['a.приложение', '.приложение'],
  ]
  for (const [name, ending] of table) assert.equal(endingOf(name), ending, name)
})

test('[T9] names that one disk or another takes for the same', () => {
  const same = [['Photo.JPG', 'photo.jpg'], ['é', 'e\u0301'], ['STRASSE', 'straße'], ['ﬁle', 'FILE'], ['Ａ', 'a'], ['ſ', 'S'], ['Σ', 'ς'], ['ℂ', 'c'], ['ǅ', 'ǆ']] as const
  for (const [a, b] of same) assert.equal(clashKey(a), clashKey(b), `${a} ${b}`)
  for (const [a, b] of [['a', 'b'], ['a.txt', 'a .txt'], ['1', '2']] as const) assert.notEqual(clashKey(a), clashKey(b))
  const taken = new Set(['photo.jpg', 'photo (2).jpg'])
  assert.equal(freeName('PHOTO.jpg', (name) => taken.has(clashKey(name))), 'PHOTO (3).jpg')
  assert.equal(freeName('a.tar.gz', (name) => name === 'a.tar.gz'), 'a (2).tar.gz')
})
