import { dirname, isAbsolute, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import type { ServerOptions } from './index.ts'
import { limits, registration } from './settings.ts'

/**
 * The settings of a server that runs by itself: flag, else environment variable, else configuration file, else default. Every
 * setting exists in all three; what is unknown or wrong anywhere is refused in words, never passed over.
 */

const path = z.string().min(1).max(4096)
const settings = z.strictObject({
  /** Key, database and lock. */
  dataDir: path,
  host: z.string().min(1).max(255),
  port: z.number().int().min(0).max(65_535),
  name: z.string().min(1).max(259),
  tlsCert: path,
  tlsKey: path,
  behindProxy: z.boolean(),
  trustedProxies: z.array(z.string().max(64)).max(64),
  registration,
  log: z.boolean(),
  limits,
}).partial()
type Settings = z.infer<typeof settings>
type Name = keyof Settings

/** How each setting is read from text; the file has it as JSON. */
const kinds: Record<Name, 'text' | 'number' | 'switch' | 'list' | 'json'> = {
  dataDir: 'text', host: 'text', port: 'number', name: 'text', tlsCert: 'text', tlsKey: 'text', behindProxy: 'switch', trustedProxies: 'list',
  registration: 'text', log: 'switch', limits: 'json',
}
const names = Object.keys(kinds) as Name[]
const PATHS: readonly Name[] = ['dataDir', 'tlsCert', 'tlsKey']

const flagOf = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
export const variableOf = (name: string) => `PARLEY_SERVER_${flagOf(name).replaceAll('-', '_').toUpperCase()}`

export type Command =
  | { command: 'serve' | 'invite'; options: ServerOptions; hasLog: boolean }
  | { command: 'help' }

export interface Sources {
  argv: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  cwd: string
  readFile: (path: string) => string
  /** Where the data goes when nobody says. */
  defaultDataDir: string
}

/** A setting that can't be used, in words. */
export class WrongSetting extends Error {}

export function readCommand(sources: Sources): Command {
  const { flags, command } = readFlags(sources.argv)
  if (command === 'help') return { command }
  const variables = readVariables(sources.env)
  const configPath = flags.get('config') ?? sources.env[variableOf('config')]
  const file = configPath === undefined ? {} : readConfig(resolve(sources.cwd, String(configPath)), sources.readFile)
  const raw: Record<string, unknown> = { ...file }
  for (const name of names) {
    const said = flags.has(name) ? { text: flags.get(name)!, from: `--${flagOf(name)}` } : variables.has(name) ? { text: variables.get(name)!, from: variableOf(name) } : undefined
    if (said !== undefined) raw[name] = fromText(name, said.text, said.from)
  }
  const { log, tlsCert, tlsKey, dataDir, ...rest } = check(raw, 'The settings')
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw new WrongSetting('TLS needs both --tls-cert and --tls-key.')
  return {
    command, hasLog: log ?? false,
    options: {
      dataDir: resolve(sources.cwd, dataDir ?? sources.defaultDataDir),
      ...rest as Omit<Settings, 'log' | 'tlsCert' | 'tlsKey' | 'dataDir'> & { host?: string },
      ...(tlsCert === undefined || tlsKey === undefined ? {} : { tls: { certFile: resolve(sources.cwd, tlsCert), keyFile: resolve(sources.cwd, tlsKey) } }),
    } as ServerOptions,
  }
}

function readFlags(argv: readonly string[]): { flags: Map<string, string | boolean>; command: Command['command'] } {
  const options: Record<string, { type: 'boolean' | 'string'; short?: string }> = { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } }
  for (const name of names) options[flagOf(name)] = { type: kinds[name] === 'switch' ? 'boolean' : 'string' }
  let parsed: { values: Record<string, unknown>; positionals: string[] }
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new WrongSetting(`${(error as Error).message.split('. To specify')[0]}`.replace(/\.?$/, '.'))
  }
  const { values, positionals } = parsed
  if (values['help'] === true) return { flags: new Map(), command: 'help' }
  const [command = 'serve', ...more] = positionals
  if ((command !== 'serve' && command !== 'invite') || more.length > 0) throw new WrongSetting(`"${positionals.join(' ')}" is not a command. There is "invite", which prints one invite code.`)
  const flags = new Map<string, string | boolean>()
  for (const name of [...names, 'config']) {
    const value = values[flagOf(name)]
    if (value !== undefined) flags.set(name, value as string | boolean)
  }
  return { flags, command }
}

function readVariables(env: Sources['env']): Map<Name, string> {
  const found = new Map<Name, string>()
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('PARLEY_SERVER_') || value === undefined || variable === variableOf('config')) continue
    const name = names.find((one) => variableOf(one) === variable)
    if (name === undefined) throw new WrongSetting(`The environment variable ${variable} is not a setting.`)
    found.set(name, value)
  }
  return found
}

function readConfig(path: string, readFile: Sources['readFile']): Settings {
  let value: unknown
  try {
    value = JSON.parse(readFile(path))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new WrongSetting(code === undefined ? `${path} is not JSON.` : `${path} can’t be read (${code}).`)
  }
  const file = check(value, path)
  // Paths in a file are meant from where the file is.
  for (const name of PATHS) {
    const one = file[name]
    if (typeof one === 'string' && !isAbsolute(one)) Object.assign(file, { [name]: join(dirname(path), one) })
  }
  return file
}

function fromText(name: Name, text: string | boolean, from: string): unknown {
  if (typeof text === 'boolean') return text
  switch (kinds[name]) {
    case 'text': return text
    case 'number':
      if (!/^[0-9]{1,9}$/.test(text)) throw new WrongSetting(`${from} is a number, and "${text}" is none.`)
      return Number(text)
    case 'switch':
      if (text !== 'true' && text !== 'false' && text !== '1' && text !== '0') throw new WrongSetting(`${from} is "true" or "false", not "${text}".`)
      return text === 'true' || text === '1'
    case 'list': return text.split(',').map((part) => part.trim()).filter((part) => part !== '')
    case 'json':
      try {
        return JSON.parse(text)
      } catch {
        throw new WrongSetting(`${from} is not JSON.`)
      }
  }
}

function check(value: unknown, where: string): Settings {
  const shaped = settings.safeParse(value)
  if (shaped.success) return shaped.data
  const issue = shaped.error.issues[0]!
  const at = issue.path.length === 0 ? '' : ` at "${issue.path.join('.')}"`
  throw new WrongSetting(`${where}: ${issue.message}${at}.`)
}

/** Where servers of this user keep their data: apart from the app's own, which has its embedded server there. */
export function defaultDataDir(platform: string, home: string, env: Sources['env']): string {
  switch (platform) {
    case 'win32': return join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Parley Server')
    case 'darwin': return join(home, 'Library', 'Application Support', 'Parley Server')
    default: return join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'parley-server')
  }
}

export const USAGE = `Parley's signaling server

  server [flags]           serves; prints one line of JSON when it is ready
  server invite [flags]    prints one invite code, also while a server runs on the same data

  --data-dir DIR           key and database
  --host H                 127.0.0.1; anything public needs TLS or a proxy
  --port N                 7275; 0 is any free one
  --name NAME              the host name people dial, with TLS or behind a proxy
  --tls-cert FILE --tls-key FILE
  --behind-proxy           a proxy in front does TLS
  --trusted-proxies A,B    addresses or ranges whose X-Forwarded-For is believed
  --registration open|code who may register: anyone, or who has a code (code)
  --limits JSON            limits that differ from the defaults
  --log                    facts as lines of JSON on stderr, without content
  --config FILE            all of these as JSON ("dataDir", "tlsCert", …)

Each is also an environment variable, such as PARLEY_SERVER_DATA_DIR. A flag goes before a variable, a variable before the file.
`
