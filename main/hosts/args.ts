import { MAX_INVITE } from '../../protocol/limits.ts'
import type { AppOptions } from '../app.ts'
import { readProfileName } from './profile.ts'

/**
 * What was typed behind the program's name, for both hosts. Electron and Chromium put switches of their own there, and a `parley://`
 * link from outside may hold anything: so only what is named here is read, and a link is never read as a switch.
 */
export interface Args {
  dataDir?: string
  profile?: string
  /** A `parley://` link to open. */
  link?: string
  /** Port of the web host; 0: any. */
  port: number
  downloads?: string
  /** Answers for file dialogs, in order. */
  picks: string[]
  serverPort?: number
  candidates?: 'loopback-only'
  /** The web host ends 10 s after its last window. */
  untilLastWindow: boolean
  /** The web host prints a fresh address when the last one ran out unused. */
  renew: boolean
}

export type ArgsResult = { ok: true; args: Args } | { ok: false; why: string }

/** `strict`: a word that is not known is wrong usage. Electron's own switches are not ours to judge, so it is not strict. */
export function readArgs(argv: string[], strict: boolean): ArgsResult {
  const args: Args = { port: 0, picks: [], untilLastWindow: false, renew: false }
  const link = argv.find(isLink)
  if (link !== undefined) args.link = link
  // A system opens a link with `-- LINK`: what follows `--` is a link or nothing.
  const end = argv.indexOf('--')
  const words = (end < 0 ? argv : argv.slice(0, end)).filter((word) => !isLink(word))
  for (let at = 0; at < words.length; at++) {
    const [name, inline] = split(words[at]!)
    const option = options[name]
    if (option === undefined) {
      if (strict) return { ok: false, why: `${name} is not an option of Parley.` }
      continue
    }
    const value = option.flag ? undefined : (inline ?? words[++at])
    if (!option.flag && (value === undefined || value === '')) return { ok: false, why: `${name} needs a value.` }
    const why = option.set(args, value ?? '')
    if (why !== undefined) return { ok: false, why }
  }
  return { ok: true, args }
}

/** [I18] A link is taken by its first letters only; what it says is judged by the core, after a question. */
export const isLink = (word: string): boolean => /^parley:/i.test(word) && word.length <= MAX_INVITE

function split(word: string): [name: string, value?: string] {
  const at = word.indexOf('=')
  return word.startsWith('--') && at > 0 ? [word.slice(0, at), word.slice(at + 1)] : [word]
}

interface Option {
  flag?: true
  /** A sentence where the value is not right. */
  set(args: Args, value: string): string | undefined
}

const options: Record<string, Option> = {
  __proto__: null as never,
  '--data-dir': { set: (args, value) => void (args.dataDir = value) },
  '--profile': {
    set(args, value) {
      const name = readProfileName(value)
      if (name === undefined) return 'A profile’s name has 1 to 32 letters, digits, dots, dashes and underscores.'
      args.profile = name
      return undefined
    },
  },
  '--port': { set: (args, value) => setPort(value, (port) => (args.port = port)) },
  '--server-port': { set: (args, value) => setPort(value, (port) => (args.serverPort = port)) },
  '--downloads': { set: (args, value) => void (args.downloads = value) },
  '--pick': { set: (args, value) => void args.picks.push(value) },
  '--candidates': {
    set(args, value) {
      if (value !== 'loopback-only') return 'The only value of --candidates is loopback-only.'
      args.candidates = value
      return undefined
    },
  },
  '--until-last-window': { flag: true, set: (args) => void (args.untilLastWindow = true) },
  '--renew': { flag: true, set: (args) => void (args.renew = true) },
}

function setPort(value: string, set: (port: number) => void): string | undefined {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : -1
  if (port < 0 || port > 65_535) return `${value} is not a port.`
  set(port)
  return undefined
}

/** What of it concerns the core. */
export const appOptions = ({ candidates, serverPort }: Args): AppOptions => ({
  ...(candidates === undefined ? {} : { candidates }),
  ...(serverPort === undefined ? {} : { serverPort }),
})
