import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FileType } from '../../protocol/app/views.ts'
import { safeName } from './names.ts'
import { HARMLESS, judgeType, RISKY } from './types.ts'

/** What Outlook blocks, copied from Microsoft's list and kept apart from ours. */
const OUTLOOK =
  'ade adp app appcontent-ms application appref-ms asp aspx asx bas bat bgi cab cdxml cer chm cmd cnt com cpl crt csh der diagcab exe fxp gadget grp hlp hpj hta htc inf ins iso isp its jar jnlp js jse ksh lnk ' +
  'mad maf mag mam maq mar mas mat mau mav maw mcf mda mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml msh1xml msh2xml msi msp mst msu ops osd pcd pif pl plg prf prg printerexport ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psdm1 ' +
  'pssc pst py pyc pyo pyw pyz pyzw reg scf scr sct search-ms settingcontent-ms shb shs theme tmp udl url vb vbe vbp vbs vhd vhdx vsmacros vsw webpnp website ws wsb wsc wsf wsh xbap xll xnk'

const harmless = Object.values(HARMLESS).flatMap((endings) => endings.split(' '))
const risky = Object.values(RISKY).flatMap((endings) => endings.split(' '))

test('[T9] types by the saved name', () => {
  const table: [name: string, type: FileType, isRisky: boolean][] = [
    ['holiday.JPG', 'image', false], ['a.webp', 'image', false], ['film.mkv', 'video', false], ['a.opus', 'audio', false], ['a.pdf', 'pdf', false], ['notes.txt', 'text', false],
    ['a.docx', 'document', false], ['a.xlsx', 'sheet', false], ['a.csv', 'sheet', false], ['a.pptx', 'slides', false], ['a.epub', 'book', false], ['winter-plan.zip', 'zip', false],
    ['a.tar.gz', 'archive', false], ['a.ttf', 'font', false], ['a.ics', 'calendar', false], ['a.vcf', 'contact', false],
    ['invoice.pdf.exe', 'windows-program', true], ['a.SCR', 'windows-program', true], ['a.app', 'mac-program', true], ['a.AppImage', 'linux-program', true], ['a.run', 'linux-program', true],
    ['a.apk', 'phone-app', true], ['a.msi', 'installer', true], ['a.deb', 'installer', true], ['a.pkg', 'installer', true], ['a.flatpakref', 'installer', true], ['a.dll', 'library', true],
    ['a.ps1', 'script', true], ['a.py', 'script', true], ['a.sh', 'script', true], ['a.jar', 'script', true], ['a.hta', 'script', true], ['a.command', 'script', true],
    ['a.lnk', 'shortcut', true], ['a.url', 'shortcut', true], ['a.desktop', 'shortcut', true], ['a.webloc', 'shortcut', true],
    ['budget.docm', 'macro-document', true], ['a.doc', 'macro-document', true], ['a.xls', 'macro-sheet', true], ['a.xlsb', 'macro-sheet', true], ['a.xlam', 'macro-sheet', true], ['a.ppt', 'macro-slides', true], ['a.sldm', 'macro-slides', true],
    ['a.rtf', 'active-document', true], ['a.one', 'active-document', true], ['a.chm', 'active-document', true],
    ['a.html', 'web-page', true], ['a.svg', 'web-page', true], ['a.mht', 'web-page', true], ['a.iso', 'disk-image', true], ['a.dmg', 'disk-image', true],
    ['a.reg', 'settings-file', true], ['a.settingcontent-ms', 'settings-file', true], ['desktop.ini', 'settings-file', true], ['autorun.inf', 'settings-file', true], ['a.scf', 'settings-file', true],
    ['README', 'unknown', true], ['a.xyz', 'unknown', true], ['', 'unknown', true], ['.', 'unknown', true], ['a.', 'unknown', true], ['a.pdf.', 'pdf', false], ['a.__proto__', 'unknown', true], ['a.constructor', 'unknown', true],
    ['pdf', 'unknown', true], ['photo.jpg (2)', 'unknown', true],
  ]
  for (const [name, type, isRisky] of table) assert.deepEqual(judgeType(name), { type, isRisky }, name)
})

test('[T9] an ending in disguise is judged as what it is, and none becomes harmless by it', () => {
  for (const name of ['a.exe ', 'a.exe.', 'a.exe . .', 'a.exe\u00a0', 'a．exe', 'a.ｅｘｅ', 'a.e\u200bxe', 'a.exe\u3164', 'a.EXE\u202c', 'a.txt\u202e.exe']) assert.equal(judgeType(name).type, 'windows-program', JSON.stringify(name))
  // The system sees no ending here and looks into the file.
  for (const name of ['a．pdf', 'a.ｐｄｆ', 'a.p\u200bdf', 'a․pdf', 'a.ﬂac']) assert.equal(judgeType(name).isRisky, true, JSON.stringify(name))
  assert.equal(judgeType(safeName('a.txt::$DATA')).isRisky, true)
  assert.equal(judgeType(safeName(`${'a'.repeat(251)}.exe${'z'.repeat(30)}`)).type, 'windows-program')
})

test('[T9] everything Outlook blocks can only be saved', () => {
  const list = OUTLOOK.split(' ')
  assert.ok(list.length > 125)
  assert.deepEqual(list.filter((ending) => !judgeType(`a.${ending}`).isRisky || !judgeType(`a.pdf.${ending.toUpperCase()}`).isRisky), [])
})

test('[T9] what is harmless stands in no list of what is not, and every ending stands once', () => {
  const dangerous = new Set([...risky, ...OUTLOOK.split(' ')])
  assert.deepEqual(harmless.filter((ending) => dangerous.has(ending)), [])
  const all = [...harmless, ...risky]
  assert.deepEqual(all.filter((ending, at) => all.indexOf(ending) !== at || ending !== ending.trim().toLowerCase() || ending === ''), [])
  for (const ending of harmless) assert.equal(judgeType(`a.${ending}`).isRisky, false, ending)
  for (const ending of risky) assert.equal(judgeType(`a.${ending}`).isRisky, true, ending)
})
