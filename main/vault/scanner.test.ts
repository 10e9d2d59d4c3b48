import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { MAX_SCAN } from '../../protocol/limits.ts'
import { type Clamd, EICAR, startClamd } from '../testing/clamd.ts'
import { zip } from '../testing/zip.ts'
import { isThere, verdictOf } from './clamd.ts'
import { argsFor, defenderPlaces, defenderProgram, programOf, verdictOfExit } from './scan-command.ts'
import { createScanner, type ScannerDeps } from './scanner.ts'

const folder = mkdtempSync(join(tmpdir(), 'parley-scan-'))
after(() => rmSync(folder, { recursive: true }))

const clock: ScannerDeps['clock'] = {
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}
let files = 0
function file(bytes: string | Buffer): [path: string, size: number] {
  const path = join(folder, `file${++files}`)
  writeFileSync(path, bytes)
  return [path, bytes.length]
}
const scannerAt = (place: string | undefined, more: Partial<ScannerDeps> = {}) => createScanner({ clock, command: () => [], socketPaths: place === undefined ? [] : [place], platform: 'linux', ...more })
const NO_ANSWER = { is: 'unscanned', why: 'no-answer' }
const openHandles = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0)

test('[T10] whichever scanner says clean, what it can’t have looked into is not fully checked', async () => {
  const scanner = scannerAt(undefined, { command: () => ['/bin/true'] })
  assert.deepEqual(await scanner.scan(...file(zip([{ name: 'a.txt', data: Buffer.from('hello') }]))), { is: 'clean' })
  assert.deepEqual(await scanner.scan(...file(zip([{ name: 'a.txt', data: Buffer.from('hello'), flags: 1 }]))), { is: 'partly', why: 'password' })
  assert.deepEqual(await scanner.scan(...file(zip([{ name: 'a.txt', data: Buffer.from('hello') }], { isZip64: true }))), { is: 'partly', why: 'stopped' })
})

describe('[T10] with a real clamd', async () => {
  const clamds: Clamd[] = []
  const start = async (...settings: string[]): Promise<Clamd> => {
    const clamd = (await startClamd(settings))!
    clamds.push(clamd)
    return clamd
  }
  const first = await startClamd()
  if (first === undefined) {
    test('clamd isn’t installed (Debian: apt-get install clamav-daemon), so nothing was tried with it', { skip: true }, () => undefined)
    return
  }
  clamds.push(first)
  after(() => Promise.all(clamds.map((clamd) => clamd.stop())))
  const scanner = scannerAt(first.socket)
  const locked = zip([{ name: 'a.txt', data: Buffer.from('hello') }, { name: 'b.txt', data: Buffer.from('hello'), flags: 1 }])

  test('it is found, and answers', async () => {
    assert.deepEqual(await scanner.look(), { kind: 'clamd', answers: true })
  })

  test('its verdicts', async () => {
    const table: [what: string, bytes: string | Buffer, verdict: object][] = [
      ['clean', 'hello', { is: 'clean' }],
      ['an empty file', '', { is: 'clean' }],
      ['exactly one piece', Buffer.alloc(128 * 1024, 'a'), { is: 'clean' }],
      ['many pieces', Buffer.alloc(5_000_001, 'a'), { is: 'clean' }],
      ['EICAR', EICAR, { is: 'infected', name: 'Parley-Eicar.UNOFFICIAL' }],
      ['EICAR across two pieces', Buffer.concat([Buffer.alloc(128 * 1024 - 30, 'a'), EICAR]), { is: 'infected', name: 'Parley-Eicar.UNOFFICIAL' }],
      ['EICAR in a zip', zip([{ name: 'a.com', data: EICAR }]), { is: 'infected', name: 'Parley-Eicar.UNOFFICIAL' }],
      ['a zip with a password', locked, { is: 'partly', why: 'password' }],
      ['a zip with the places of ZIP64', zip([{ name: 'a.txt', data: Buffer.from('hello') }], { isZip64: true }), { is: 'partly', why: 'stopped' }],
      ['EICAR in a zip with a password elsewhere', zip([{ name: 'a.com', data: EICAR }, { name: 'b.txt', data: Buffer.from('hello'), flags: 1 }]), { is: 'infected', name: 'Parley-Eicar.UNOFFICIAL' }],
    ]
    for (const [what, bytes, verdict] of table) assert.deepEqual(await scanner.scan(...file(bytes)), verdict, what)
  })

  test('a zip made by another program, with a password', { skip: !existsSync('/usr/bin/zip') && 'no zip here' }, async () => {
    const path = join(folder, 'locked.zip')
    execFileSync('/usr/bin/zip', ['-q', '-j', '-P', 'secret', path, file('hello')[0]])
    assert.deepEqual(await scanner.scan(path, 200), { is: 'partly', why: 'password' })
  })

  test('a file that isn’t there has no answer, and a scan leaves nothing open', async () => {
    await scanner.scan(...file('hello'))
    const before = openHandles()
    for (let i = 0; i < 10; i++) await scanner.scan(...file('hello'))
    assert.deepEqual(await scanner.scan(join(folder, 'missing'), 1), NO_ANSWER)
    assert.equal(openHandles(), before)
  })

  test('a large file is sent in constant memory', async () => {
    const [path] = file('')
    truncateSync(path, 90_000_000)
    await scanner.scan(...file(''))
    const before = process.memoryUsage().rss
    let most = 0
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5)
    assert.deepEqual(await scanner.scan(path, 90_000_000), { is: 'clean' })
    clearInterval(watch)
    assert.ok(most - before < 40_000_000, `${most - before} bytes more`)
  })

  test('larger than it takes: it stopped early, every time', async () => {
    const { socket } = await start('StreamMaxLength 1M')
    const big = file(Buffer.alloc(6_000_000, 'a'))
    for (let i = 0; i < 20; i++) assert.deepEqual(await scannerAt(socket).scan(...big), { is: 'partly', why: 'stopped' })
  })

  test('where its administrator has switched the alerts on, its word counts', async () => {
    const { socket } = await start('AlertEncrypted yes', 'AlertExceedsMax yes', 'MaxFiles 3')
    const three = Array.from({ length: 9 }, (_, i) => ({ name: `${i}.txt`, data: Buffer.from('hello') }))
    assert.deepEqual(await scannerAt(socket).scan(...file(locked)), { is: 'partly', why: 'password' })
    assert.deepEqual(await scannerAt(socket).scan(...file(zip(three))), { is: 'partly', why: 'too-many' })
  })

  test('F30: killed in mid-scan, and gone afterwards', async () => {
    const clamd = await start()
    // Stopped, it takes what its socket holds and no more: the scan is under way for sure when it is killed.
    process.kill(clamd.pid, 'SIGSTOP')
    const began = performance.now()
    const verdict = scannerAt(clamd.socket).scan(...file(Buffer.alloc(20_000_000, 'a')))
    setTimeout(() => clamd.kill(), 200)
    assert.deepEqual(await verdict, NO_ANSWER)
    assert.ok(performance.now() - began > 190, 'it was under way')
    assert.deepEqual(await scannerAt(clamd.socket).scan(...file('hello')), NO_ANSWER)
    assert.deepEqual(await scannerAt(clamd.socket).look(), { kind: 'clamd', answers: false })
    assert.ok(performance.now() - began < 30_000)
  })
})

describe('[T10] F30: with a clamd that isn’t one', () => {
  const fakes: (() => Promise<void>)[] = []
  after(() => Promise.all(fakes.map((close) => close())))
  async function fake(act: (socket: Socket) => void): Promise<{ place: string; close(): Promise<void>; asked(): number }> {
    const place = join(folder, `fake${fakes.length}.sock`)
    const open = new Set<Socket>()
    let asked = 0
    const server = createServer((socket) => {
      asked++
      open.add(socket.on('error', () => undefined))
      act(socket)
    })
    await new Promise<void>((resolve) => server.listen(place, resolve))
    const close = () => new Promise<void>((resolve) => {
      for (const socket of open) socket.destroy()
      server.close(() => resolve())
    })
    fakes.push(close)
    return { place, asked: () => asked, close }
  }

  test('none at all: said so, and nothing is asked', async () => {
    const scanner = scannerAt(join(folder, 'nowhere.sock'))
    assert.deepEqual(await scanner.look(), { kind: 'none', answers: false })
    assert.deepEqual(await scanner.scan(...file('hello')), { is: 'unscanned', why: 'none' })
  })

  test('a socket where nobody listens', async () => {
    const place = join(folder, 'left.sock')
    // A program that is killed leaves its socket behind.
    spawnSync(process.execPath, ['-e', `require('node:net').createServer().listen(${JSON.stringify(place)}, () => process.kill(process.pid, 'SIGKILL'))`])
    assert.ok(existsSync(place))
    assert.deepEqual(await scannerAt(place).scan(...file('hello')), NO_ANSWER)
    assert.deepEqual(await scannerAt(place).look(), { kind: 'clamd', answers: false })
  })

  test('silence ends in time, whether it reads or not, and is not tried twice', { timeout: 20_000 }, async () => {
    for (const act of [(socket: Socket) => void socket.resume(), (socket: Socket) => void socket.pause()]) {
      const { place, close, asked } = await fake(act)
      const before = openHandles()
      const scanner = scannerAt(place, { answerWithin: 150 })
      assert.deepEqual(await scanner.scan(...file(Buffer.alloc(5_000_000))), NO_ANSWER)
      assert.equal(asked(), 1)
      assert.deepEqual(await scanner.look(), { kind: 'clamd', answers: false })
      await close()
      // File and socket are closed.
      while (openHandles() > before) await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })

  test('closing ends the wait for one that is silent', { timeout: 20_000 }, async () => {
    const { place, asked } = await fake((socket) => void socket.resume())
    const scanner = scannerAt(place)
    const scan = scanner.scan(...file('hello'))
    while (asked() === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    scanner.close()
    assert.deepEqual(await scan, NO_ANSWER)
    assert.deepEqual(await scanner.look(), { kind: 'clamd', answers: false })
  })

  test('garbage, much of it, and hanging up are no answer', async () => {
    const says = (text: string) => (socket: Socket) => void socket.resume().end(text)
    for (const act of [says('stream: OKAY\0'), says('\0'), says('HTTP/1.1 400 Bad Request\r\n\r\n'), says('stream: OK'), says('x'.repeat(1_000_000)), says('stream: access denied ERROR\0'), says('stream: OK FOUND OK\0'), (socket: Socket) => void socket.destroy()]) {
      const { place } = await fake(act)
      assert.deepEqual(await scannerAt(place, { answerWithin: 2_000 }).scan(...file('hello')), NO_ANSWER)
    }
  })

  test('one that hangs up on a file each time, and is there, has stopped early', async () => {
    const { place, asked } = await fake((socket) => void socket.on('data', (bytes) => void (bytes.toString().startsWith('zPING') ? socket.end('PONG\0') : socket.destroy())))
    assert.deepEqual(await scannerAt(place).scan(...file(Buffer.alloc(2_000_000))), { is: 'partly', why: 'stopped' })
    assert.equal(asked(), 3)
  })

  test('one that hangs up once is asked again', async () => {
    let times = 0
    const { place } = await fake((socket) => void (times++ === 0 ? socket.destroy() : socket.resume().end('stream: Evil FOUND\0')))
    assert.deepEqual(await scannerAt(place).scan(...file('hello')), { is: 'infected', name: 'Evil' })
  })

  test('what it hears is INSTREAM, byte by byte', async () => {
    const heard: Buffer[] = []
    const { place } = await fake((socket) => void socket.on('data', (bytes) => {
      heard.push(bytes)
      if (Buffer.concat(heard).length === 10 + 9 + 4) socket.end('stream: OK\0')
    }))
    assert.deepEqual(await scannerAt(place).scan(...file('hello')), { is: 'clean' })
    assert.equal(Buffer.concat(heard).toString('latin1'), 'zINSTREAM\0\0\0\0\x05hello\0\0\0\0')
  })

  test('a port of this computer does as well', async () => {
    const server = createServer((socket) => void socket.resume().end('stream: OK\0'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const place = `127.0.0.1:${(server.address() as { port: number }).port}`
    const verdict = await scannerAt(place).scan(...file('hello'))
    await new Promise((resolve) => server.close(resolve))
    assert.deepEqual(verdict, { is: 'clean' })
  })

  test('over 2 GB it isn’t asked', async () => {
    const { place, asked } = await fake((socket) => void socket.destroy())
    assert.deepEqual(await scannerAt(place).scan(file('hello')[0], MAX_SCAN + 1), { is: 'unscanned', why: 'too-big' })
    assert.equal(asked(), 0)
  })

  test('a file, a folder, a link or another person’s socket is not a scanner', async () => {
    const { place } = await fake(() => undefined)
    const link = join(folder, 'link.sock')
    symlinkSync(place, link)
    assert.equal(isThere(place), true)
    for (const other of [file('x')[0], folder, link, '', '127.0.0.1', 'example.org:3310', '0.0.0.0:3310']) assert.equal(isThere(other), false, other)
    if (process.getuid?.() === 0) {
      execFileSync('chown', ['31337', place])
      assert.equal(isThere(place), false)
    }
  })

  test('what its words mean', () => {
    const table: [said: string, verdict: object][] = [
      ['stream: OK', { is: 'clean' }],
      ['stream: Win.Test.EICAR_HDB-1 FOUND', { is: 'infected', name: 'Win.Test.EICAR_HDB-1' }],
      ['stream: a\u202eb\x1b[31m\x07c FOUND', { is: 'infected', name: 'ab[31mc' }],
      [`stream: ${'x'.repeat(300)} FOUND`, { is: 'infected', name: 'x'.repeat(100) }],
      ['stream: \x01 FOUND', { is: 'infected', name: 'unnamed' }],
      ['stream: Heuristics.Encrypted.Zip FOUND', { is: 'partly', why: 'password' }],
      ['stream: Heuristics.Limits.Exceeded FOUND', { is: 'partly', why: 'too-many' }],
      ['stream: Heuristics.Limits.Exceeded.MaxFiles FOUND', { is: 'partly', why: 'too-many' }],
      ['stream: Heuristics.Limits.Exceeded.MaxScanTime FOUND', { is: 'partly', why: 'stopped' }],
      ['INSTREAM size limit exceeded. ERROR', { is: 'partly', why: 'stopped' }],
      ['stream: OK\n', NO_ANSWER],
      ['', NO_ANSWER],
    ]
    for (const [said, verdict] of table) assert.deepEqual(verdictOf(said), verdict, said)
  })
})

describe('[T10] with a program', { skip: process.platform === 'win32' }, () => {
  function script(lines: string): string {
    const path = join(folder, `script${++files}.sh`)
    writeFileSync(path, `#!/bin/sh\n${lines}\n`)
    chmodSync(path, 0o700)
    return path
  }
  const scanWith = (words: string[], more: Partial<ScannerDeps> = {}) => scannerAt('/nowhere', { command: () => words, ...more })

  test('its exit code is its verdict', async () => {
    const table: [lines: string, verdict: object][] = [
      ['exit 0', { is: 'clean' }],
      ['echo "$1: Evil.Thing FOUND"; exit 1', { is: 'infected', name: 'Evil.Thing' }],
      ['echo bad; exit 1', { is: 'infected', name: 'unnamed' }],
      ['printf "x: \\033[31mEvil\\342\\200\\256 FOUND\\n"; exit 1', { is: 'infected', name: '[31mEvil' }],
      ['echo "x: Evil FOUND"; exit 0', { is: 'clean' }],
      ['exit 2', NO_ANSWER],
      ['kill -9 $$', NO_ANSWER],
      ['head -c 10000000 /dev/zero; exit 0', { is: 'clean' }],
    ]
    for (const [lines, verdict] of table) assert.deepEqual(await scanWith([script(lines)]).scan(...file('hello')), verdict, lines)
  })

  test('it gets the path as one word, where it wants it, and little else', async () => {
    const out = join(folder, 'heard')
    const program = script(`printf '%s\\n' "$@" > ${out}; env >> ${out}`)
    const [path, size] = file('hello')
    process.env['PARLEY_CANARY'] = 'canary'
    await scanWith([program, '--file={file}', '; touch x', '$(id)']).scan(path, size)
    delete process.env['PARLEY_CANARY']
    const heard = readFileSync(out, 'utf8')
    assert.equal(heard.split('\n').slice(0, 3).join('\n'), `--file=${path}\n; touch x\n$(id)`)
    assert.ok(!heard.includes('canary'))
    await scanWith([program, '--quick']).scan(path, size)
    assert.equal(readFileSync(out, 'utf8').split('\n').slice(0, 2).join('\n'), `--quick\n${path}`)
  })

  test('a program that hangs is killed, and its children with it', { timeout: 20_000 }, async () => {
    const pid = join(folder, 'pid')
    const began = performance.now()
    assert.deepEqual(await scanWith([script(`sleep 60 & echo $! > ${pid}; wait`)], { answerWithin: 400 }).scan(...file('hello')), NO_ANSWER)
    assert.ok(performance.now() - began < 10_000)
    const stat = `/proc/${readFileSync(pid, 'utf8').trim()}/stat`
    const isRunning = () => existsSync(stat) && !/\) [ZX]/.test(readFileSync(stat, 'latin1'))
    while (isRunning()) await new Promise((resolve) => setTimeout(resolve, 20))
  })

  test('closing ends what runs, and nothing is begun any more', { timeout: 20_000 }, async () => {
    const began = join(folder, 'began')
    const scanner = scanWith([script(`echo x >> ${began}; sleep 60`)])
    const scan = scanner.scan(...file('hello'))
    while (!existsSync(began)) await new Promise((resolve) => setTimeout(resolve, 20))
    scanner.close()
    assert.deepEqual(await scan, NO_ANSWER)
    assert.deepEqual(await scanner.scan(...file('hello')), NO_ANSWER)
    assert.equal(readFileSync(began, 'utf8'), 'x\n')
  })

  test('without a whole path, or not there, it has no answer, and clamd isn’t asked instead', async () => {
    for (const words of [['true'], ['./true'], [join(folder, 'missing')], [''], [folder]]) {
      const scanner = scanWith(words)
      assert.deepEqual(await scanner.scan(...file('hello')), NO_ANSWER)
      if (words[0] !== folder) assert.deepEqual(await scanner.look(), { kind: 'command', answers: false })
    }
    assert.deepEqual(await scanWith(['/bin/true']).look(), { kind: 'command', answers: true })
  })

  test('Settings are read anew each time', async () => {
    let words: string[] = []
    const scanner = scannerAt(undefined, { command: () => words })
    assert.deepEqual(await scanner.scan(...file('hello')), { is: 'unscanned', why: 'none' })
    words = [script('exit 0')]
    assert.deepEqual(await scanner.scan(...file('hello')), { is: 'clean' })
  })
})

test('[T10] Microsoft Defender: where it stands, what it is told, what it says', () => {
  assert.deepEqual(defenderPlaces(['4.18.2211.5-0', 'desktop.ini', '4.18.24090.11-0', '4.18.24090.9-0']), [
    'C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24090.11-0\\MpCmdRun.exe',
    'C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24090.9-0\\MpCmdRun.exe',
    'C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.2211.5-0\\MpCmdRun.exe',
    'C:\\Program Files\\Windows Defender\\MpCmdRun.exe',
  ])
  const program = defenderProgram('C:\\MpCmdRun.exe')
  assert.deepEqual(argsFor(program, 'C:\\vault\\ab'), ['-Scan', '-ScanType', '3', '-DisableRemediation', '-File', 'C:\\vault\\ab'])
  const table: [code: number | null, said: string, verdict: object][] = [
    [0, 'Scanning C:\\vault\\ab found no threats.', { is: 'clean' }],
    [2, 'Scanning C:\\vault\\ab found 1 threats.\r\n\r\nThreat                  : Virus:DOS/EICAR_Test_File\r\nResources               : 1 total\r\n', { is: 'infected', name: 'Virus:DOS/EICAR_Test_File' }],
    [2, 'CmdTool: Failed with hr = 0x800106ba. Check C:\\…\\MpCmdRun.log', NO_ANSWER],
    [1, '', NO_ANSWER],
    [null, '', NO_ANSWER],
  ]
  for (const [code, said, verdict] of table) assert.deepEqual(verdictOfExit(program, code, said), verdict, said)
  assert.equal(programOf([]), undefined)
  assert.deepEqual(argsFor(programOf(['/bin/scan', '{file}{file}', '$&'])!, '/a$&b'), ['/a$&b/a$&b', '$&'])
})
