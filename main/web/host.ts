import { Refused } from '../../protocol/app/rpc.ts'
import type { Can } from '../../protocol/app/views.ts'
import { type ErrorCode, errors } from '../../protocol/errors.ts'
import type { CreateApp } from '../app.ts'
import { appOptions, type Args } from '../hosts/args.ts'
import { failedApp } from '../hosts/failed-app.ts'
import { createLog, systemClock, systemRandom } from '../hosts/givens.ts'
import { askFirst, type Knock, listenForStarts } from '../hosts/instance.ts'
import { lockProfile } from '../hosts/lock.ts'
import { chooseProfile, dataRoot, here, openProfile, type Profile, rememberProfile, type System } from '../hosts/profile.ts'
import type { App } from '../ports.ts'
import { hasDesktop, quietDesktop, webDesktop } from './desktop.ts'
import { webDialogs } from './dialogs.ts'
import { webDownloads } from './downloads.ts'
import { createLinger, renewAddress } from './lifetime.ts'
import { webNotifier } from './notifier.ts'
import { webSecrets } from './secrets.ts'
import { startServer } from './server.ts'
import { createSessions, TOKEN_LIFE } from './sessions.ts'
import { webWindows } from './windows.ts'

/** Dialogs are answers given beforehand. */
const canOf = ({ picks }: Args): Can => ({
  keychain: false, tray: false, notifications: false, popOut: true, saveFile: true, dialogs: picks.length > 0, dropPaths: false, openFiles: true,
})

interface Deps {
  args: Args
  createApp: CreateApp
  /** out/renderer */
  root: string
  say(line: string): void
  warn(line: string): void
  /** The host wants to end: its last window closed, or the user quit. */
  onEnd(): void
  system?: System
}

export type Started = { at: 'serving'; url: string; close(): Promise<void> } | { at: 'open-already' } | { at: 'failed' }

/** Everything from the arguments to the first address. A core that can't start is served as a page that says why. */
export async function startWebHost(deps: Deps): Promise<Started> {
  const { args, say, warn, system = here() } = deps
  const can = canOf(args)
  const seat = takeSeat(args)
  if (seat.at === 'taken') return sayOpenAlready(seat.profile, deps)

  const sessions = createSessions({ clock: systemClock, random: systemRandom })
  const linger = createLinger({ onGone: () => args.untilLastWindow && deps.onEnd() })
  let app: App = failedApp('internal', can)
  const server = await startServer({
    root: deps.root,
    port: args.port,
    sessions,
    onWindow: (pipe) => app.attachWindow(pipe),
    // A browser's one page serves both: what is told of it is the core's filter alone.
    onLinkPage: (pipe) => app.attachLinkPage(pipe, ['default', 'all']),
    onWindowBytes: (pipe) => app.attachWindowBytes(pipe),
    onCount: linger.count,
  }).catch((error: NodeJS.ErrnoException) => {
    warn(error.code === 'EADDRINUSE' ? `Another program uses port ${args.port} on this computer.\n` : 'Parley can’t open a port on this computer.\n')
  })
  if (server === undefined) {
    if (seat.at === 'ours') seat.release()
    return { at: 'failed' }
  }

  const address = (query: string) => `${server.origin}/${query}#${sessions.mintToken()}`
  app = seat.at === 'ours' ? await startApp(seat.profile, address, { ...deps, system, can }) : failed(seat.code, { warn, can })
  if (args.link !== undefined) app.openLink(args.link)

  const onKnock = ({ link }: Knock) => {
    if (link !== undefined) app.openLink(link)
    focus(deps)
  }
  const starts = seat.at === 'ours' ? listenForStarts(seat.profile.profile, onKnock) : undefined

  const announce = () => {
    const token = sessions.mintToken()
    const url = `${server.origin}/#${token}`
    say(readyLine(url, process.pid))
    return { token, url }
  }
  const first = announce()
  const stopRenewing = args.renew
    ? renewAddress({ first: first.token, announce: () => announce().token, isWaiting: sessions.isWaiting, hasOpened: linger.hasOpened, every: TOKEN_LIFE / 4 })
    : undefined

  return {
    at: 'serving',
    url: first.url,
    async close() {
      stopRenewing?.()
      starts?.close()
      linger.stop()
      await app.close()
      await server.close()
      if (seat.at === 'ours') seat.release()
    },
  }
}

type Seat = { at: 'ours'; profile: Profile; release(): void } | { at: 'taken'; profile: Profile } | { at: 'failed'; code: ErrorCode }

/** The profile's folder and its lock. */
function takeSeat(args: Args): Seat {
  try {
    const root = dataRoot(args.dataDir)
    const profile = openProfile(root, chooseProfile(root, args))
    const lock = lockProfile(profile.profile)
    if (lock === undefined) return { at: 'taken', profile }
    rememberProfile(profile)
    return { at: 'ours', profile, release: lock.release }
  } catch (error) {
    if (error instanceof Refused) return { at: 'failed', code: error.code }
    throw error
  }
}

async function startApp(profile: Profile, address: (query: string) => string, deps: Required<Deps> & { can: Can }): Promise<App> {
  const { args, system, can, warn } = deps
  const downloads = webDownloads(args.downloads, system)
  try {
    return await deps.createApp(
      {
        can,
        clock: systemClock,
        random: systemRandom,
        paths: { ...profile, downloads },
        secrets: webSecrets({ folder: profile.profile, random: systemRandom }),
        notifier: webNotifier,
        windows: webWindows({ address, focus: () => focus(deps), quit: deps.onEnd }),
        dialogs: webDialogs({ downloads, picks: args.picks }),
        // Where downloads were given it is a test: no program is started.
        desktop: args.downloads === undefined ? webDesktop({ hasDesktop: hasDesktop(system), system }) : quietDesktop,
        log: createLog(warn),
      },
      appOptions(args),
    )
  } catch (error) {
    if (error instanceof Refused) return failed(error.code, deps)
    warn(`${error instanceof Error ? error.stack : String(error)}\n`)
    return failed('internal', deps)
  }
}

function failed(code: ErrorCode, { warn, can }: Pick<Deps, 'warn'> & { can: Can }): App {
  warn(`${errors[code]}\n`)
  return failedApp(code, can)
}

/** The line that scripts and people wait for. */
const readyLine = (url: string, pid: number) => `${JSON.stringify({ ready: true, url, pid })}\n`

/** A starter that opened the browser reads this line and brings the window to the front; others have no use for it. */
function focus({ args, say }: Deps): void {
  if (args.untilLastWindow) say('{"focus":true}\n')
}

/** A second start: the first shows its window. For a starter that is all there is to do; a script waits for an address in vain. */
async function sayOpenAlready(profile: Profile, { args, warn }: Deps): Promise<Started> {
  const isShown = await askFirst(profile.profile, args.link === undefined ? {} : { link: args.link })
  warn(`${errors['profile-in-use']}\n`)
  return { at: args.untilLastWindow && isShown ? 'open-already' : 'failed' }
}
