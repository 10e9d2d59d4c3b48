import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { defaultDataDir, readCommand, variableOf, WrongSetting } from './configuration.ts'
import { connect, greet, makePerson, registerOf, tempDir } from './test-client.ts'

const CLI = fileURLToPath(new URL('cli.ts', import.meta.url))

/** The process by itself, without settings of whoever runs the tests. */
function run(t: TestContext, args: string[], env: Record<string, string> = {}): ChildProcess {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_SERVER_')))
  const child = spawn(process.execPath, [CLI, ...args], { env: { ...clean, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  return child
}

async function ended(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  const [out, err, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'exit')])
  return { code: code as number | null, out, err }
}

const firstLine = async (child: ChildProcess): Promise<string> => {
  let all = ''
  for await (const chunk of child.stdout!.setEncoding('utf8')) {
    all += chunk
    if (all.includes('\n')) return all.slice(0, all.indexOf('\n'))
  }
  throw new Error('no line')
}

test('[S9] start, ready line with the first code, invite beside it, register, SIGTERM', async (t) => {
  const dir = tempDir(t)
  const args = ['--data-dir', dir, '--port', '0']
  const child = run(t, args)
  const line = await firstLine(child)
  const ready = JSON.parse(line)
  assert.match(line, /^\{"ready":true,"url":"ws:\/\/127\.0\.0\.1:\d+","pid":\d+,"code":"[a-z2-7]{4}(-[a-z2-7]{4}){3}"\}$/)
  assert.equal(ready.pid, child.pid)
  const invited = await ended(run(t, ['invite', '--data-dir', dir]))
  assert.match(invited.out, /^[a-z2-7]{4}(-[a-z2-7]{4}){3}\n$/)
  for (const [handle, code] of [['ada', ready.code], ['ben', invited.out.trim()]]) {
    const client = await connect(ready.url)
    const challenge = await greet(client)
    client.say(registerOf(makePerson(handle, challenge.server), challenge, code))
    await client.next('ready')
  }
  const port = new URL(ready.url).port
  const [taken, second] = await Promise.all([ended(run(t, ['--data-dir', tempDir(t), '--port', port])), ended(run(t, args))])
  assert.deepEqual([taken.code, taken.err], [1, `Another program uses port ${port} on 127.0.0.1.\n`])
  assert.deepEqual([second.code, second.err], [1, `Another Parley server uses the data folder ${dir}.\n`])
  const start = performance.now()
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
  assert.ok(performance.now() - start < 5000)
})

test('[S9] a second start prints no code; logs are lines of JSON, on request', async (t) => {
  const dir = tempDir(t)
  for (const [i, wanted] of [/"code"/, /"pid":\d+\}$/].entries()) {
    const child = run(t, ['--data-dir', dir, '--port', '0', '--log'])
    const err = text(child.stderr!)
    assert.match(await firstLine(child), wanted)
    child.kill('SIGINT')
    await once(child, 'exit')
    assert.equal(JSON.parse((await err).split('\n')[0]!).fact, 'listening', String(i))
  }
})

test('wrong usage is a sentence on stderr and exit code 2; what failed is 1', async (t) => {
  const dir = tempDir(t)
  const config = join(dir, 'config.json')
  writeFileSync(config, '{"prot": 1}')
  const runs = await Promise.all([
    ended(run(t, ['--host', '0.0.0.0', '--data-dir', dir])), ended(run(t, ['--config', config])), ended(run(t, ['invite', '--data-dir', join(dir, 'none')])), ended(run(t, ['--help'])),
  ])
  assert.deepEqual(runs.map(({ code }) => code), [2, 2, 1, 0])
  assert.match(runs[0]!.err, /loopback and private/)
  assert.match(runs[1]!.err, /prot/)
  assert.match(runs[2]!.err, /no server in/)
  assert.match(runs[3]!.out, /--data-dir/)
})

const read = (argv: string[], env: Record<string, string> = {}, files: Record<string, string> = {}) =>
  readCommand({
    argv, env, cwd: '/here', defaultDataDir: '/default',
    readFile: (path) => files[path] ?? (() => { throw Object.assign(new Error(), { code: 'ENOENT' }) })(),
  })
const options = (...args: Parameters<typeof read>) => {
  const command = read(...args)
  assert.ok(command.command !== 'help')
  return command.options
}

test('[S24] a flag goes before a variable, a variable before the file, the file before the default', () => {
  const files = { '/here/c.json': '{"port": 3, "host": "10.0.0.3", "registration": "open"}' }
  const env = { PARLEY_SERVER_PORT: '2', PARLEY_SERVER_HOST: '10.0.0.2', PARLEY_SERVER_CONFIG: 'c.json' }
  const { port, host, registration, dataDir } = options(['--port', '1'], env, files)
  assert.deepEqual([port, host, registration, dataDir], [1, '10.0.0.2', 'open', '/default'])
  assert.equal(options([]).port, undefined)
})

test('[S24] every setting in each of the three ways', () => {
  const flags = ['--data-dir', 'd', '--host', '10.0.0.1', '--port', '5', '--name', 'x.example', '--tls-cert', 'c', '--tls-key', '/k', '--behind-proxy', '--trusted-proxies', '10.0.0.1, 10.1.0.0/16', '--registration', 'open', '--log', '--limits', '{"rules":7}']
  const env = Object.fromEntries(Object.entries({ dataDir: 'd', host: '10.0.0.1', port: '5', name: 'x.example', tlsCert: 'c', tlsKey: '/k', behindProxy: 'true', trustedProxies: '10.0.0.1,10.1.0.0/16', registration: 'open', log: '1', limits: '{"rules":7}' }).map(([name, value]) => [variableOf(name), value]))
  const file = { dataDir: '/here/d', host: '10.0.0.1', port: 5, name: 'x.example', tlsCert: '/here/c', tlsKey: '/k', behindProxy: true, trustedProxies: ['10.0.0.1', '10.1.0.0/16'], registration: 'open', log: true, limits: { rules: 7 } }
  const first = read(flags)
  assert.deepEqual(read([], env), first)
  assert.deepEqual(read(['--config', '/etc/x.json'], {}, { '/etc/x.json': JSON.stringify(file) }), first)
  const made = options(flags)
  assert.deepEqual([made.dataDir, made.tls, made.limits?.rules, made.limits?.denied], ['/here/d', { certFile: '/here/c', keyFile: '/k' }, 7, 5000])
  assert.equal(options(['--config', '/etc/p/x.json'], {}, { '/etc/p/x.json': '{"dataDir":"data"}' }).dataDir, '/etc/p/data')
})

test('[S24] what is wrong anywhere is refused in words', () => {
  const wrong: [RegExp, ...Parameters<typeof read>][] = [
    [/--bogus/, ['--bogus']], [/--port is a number/, ['--port', 'x']], [/port/, ['--port', '70000']], [/not a command/, ['frob']],
    [/registration/, ['--registration', 'maybe']], [/PARLEY_SERVER_PROT/, [], { PARLEY_SERVER_PROT: '1' }], [/PARLEY_SERVER_LOG/, [], { PARLEY_SERVER_LOG: 'yes' }],
    [/TLS needs both/, ['--tls-cert', 'x']], [/not JSON/, ['--limits', '{']], [/rulez/, ['--limits', '{"rulez":1}']], [/can’t be read/, ['--config', 'none.json']],
    [/is not JSON/, ['--config', '/c'], {}, { '/c': '{' }], [/extra/, ['--config', '/c'], {}, { '/c': '{"extra":1}' }], [/port/, ['--config', '/c'], {}, { '/c': '{"port":"1"}' }],
  ]
  for (const [words, ...args] of wrong) {
    assert.throws(() => read(...args), (error) => error instanceof WrongSetting && words.test(error.message) && !error.message.includes('\n'), String(words))
  }
})

test('data goes to the system’s folder, apart from the app’s', () => {
  assert.equal(defaultDataDir('linux', '/home/a', {}), '/home/a/.local/share/parley-server')
  assert.equal(defaultDataDir('linux', '/home/a', { XDG_DATA_HOME: '/x' }), '/x/parley-server')
  assert.match(defaultDataDir('darwin', '/Users/a', {}), /Application Support\/Parley Server$/)
})
