import { join, resolve } from 'node:path'
import { Refused } from '../../protocol/app/rpc.ts'
import type { Can } from '../../protocol/app/views.ts'
import { errors } from '../../protocol/errors.ts'
import type { CreateApp } from '../app.ts'
import { appOptions, type Args, isLink, readArgs } from '../hosts/args.ts'
import { CHROMIUM_FEATURES } from '../hosts/chromium.ts'
import { createLog, systemClock, systemRandom } from '../hosts/givens.ts'
import { askFirst, listenForStarts } from '../hosts/instance.ts'
import { lockProfile } from '../hosts/lock.ts'
import { presetDialogs } from '../hosts/preset-dialogs.ts'
import { chooseProfile, dataRoot, openProfile, type Profile, rememberProfile } from '../hosts/profile.ts'
import type { App, Dialogs } from '../ports.ts'
import { electronDesktop } from './desktop.ts'
import { electronDialogs } from './dialogs.ts'
import type { Electron } from './electron.ts'
import { acceptGiven } from './give.ts'
import { guardContents, guardSession } from './guards.ts'
import { electronNotifier } from './notifier.ts'
import { registerScheme, servePages } from './pages.ts'
import { acceptPipes } from './pipes.ts'
import { electronSecrets } from './secrets.ts'
import { createWindows } from './windows.ts'

/** The core may take so long to sign off and write everything; SIGTERM promises 5 s. */
const END_WITHIN = 4_500

interface Deps {
  electron: Electron
  /** Without the program's own name. */
  argv: string[]
  /** The folder with renderer/ and preload/. */
  out: string
  createApp: CreateApp
  warn(line: string): void
  platform?: NodeJS.Platform
}

/** From the arguments to the first window. A failure before that is one sentence in a dialog. */
export async function startElectronHost(deps: Deps): Promise<void> {
  const { app, dialog } = deps.electron
  const fail = (code: number, sentence: string) => {
    dialog.showErrorBox('Parley', sentence)
    app.exit(code)
  }
  prepare(deps.electron)
  const read = readArgs(deps.argv, false)
  if (!read.ok) return fail(2, read.why)
  try {
    const root = dataRoot(read.args.dataDir)
    const profile = openProfile(root, chooseProfile(root, read.args))
    // The profile is what there may be one of, so it has to be set before the lock is asked for.
    app.setPath('userData', profile.profile)
    app.setPath('sessionData', join(profile.profile, 'electron'))
    if (!app.requestSingleInstanceLock()) return app.exit(0)
    const lock = lockProfile(profile.profile)
    if (lock === undefined) {
      // The web host has it: that window is not ours to show.
      const isShown = await askFirst(profile.profile, read.args.link === undefined ? {} : { link: read.args.link })
      return isShown ? app.exit(0) : fail(1, errors['profile-in-use'])
    }
    rememberProfile(profile)
    await run(deps, read.args, profile)
  } catch (error) {
    if (!(error instanceof Refused)) deps.warn(`${error instanceof Error ? error.stack : String(error)}\n`)
    fail(1, errors[error instanceof Refused ? error.code : 'internal'])
  }
}

/** What Electron takes only before it is ready. */
function prepare(electron: Electron): void {
  electron.app.enableSandbox()
  for (const [name, features] of Object.entries(CHROMIUM_FEATURES)) electron.app.commandLine.appendSwitch(name, features)
  registerScheme(electron)
}

async function run(deps: Deps, args: Args, profile: Profile): Promise<void> {
  const { electron, out, platform = process.platform } = deps
  let core: App | undefined
  const early: string[] = args.link === undefined ? [] : [args.link]
  const openLink = (link: string) => (core === undefined ? void early.push(link) : core.openLink(link))

  const windows = createWindows({
    electron, platform,
    preload: join(out, 'preload/index.cjs'),
    // On macOS a program stays when its windows are closed.
    onAllClosed: () => platform !== 'darwin' && electron.app.quit(),
  })
  electron.app.on('web-contents-created', (_event, contents) => guardContents(contents, { electron, isLinkPage: (one) => windows.linkRoutes(one) !== undefined }))
  electron.app.on('second-instance', (_event, argv) => {
    const again = readArgs(argv.slice(1), false)
    if (again.ok && again.args.link !== undefined) openLink(again.args.link)
    if (core !== undefined) windows.showMain()
  })
  electron.app.on('open-url', (event, url) => {
    event.preventDefault()
    if (isLink(url)) openLink(url)
  })
  await electron.app.whenReady()

  guardSession(electron.session.defaultSession)
  servePages(electron, join(out, 'renderer'))
  setMenu(electron, platform)
  // `-- "LINK"`: nothing in a link is ever read as a switch.
  if (electron.app.isPackaged) electron.app.setAsDefaultProtocolClient('parley', process.execPath, ['--'])

  const { secrets, isKeychain } = electronSecrets({ electron, platform, folder: profile.profile, random: systemRandom })
  const can: Can = { keychain: isKeychain, tray: false, notifications: electron.Notification.isSupported(), popOut: true, saveFile: true, dialogs: true, dropPaths: true, openFiles: true }
  const downloads = args.downloads === undefined ? electron.app.getPath('downloads') : resolve(args.downloads)
  const log = createLog(deps.warn)
  const started = await deps.createApp(
    {
      can, secrets,
      clock: systemClock,
      random: systemRandom,
      paths: { ...profile, downloads },
      notifier: electronNotifier({ electron, onClick: (ik) => (ik === undefined ? windows.showMain() : void windows.port.popOut(ik)) }),
      windows: windows.port,
      dialogs: dialogsFor(electron, args),
      desktop: electronDesktop(electron),
      log,
    },
    appOptions(args),
  )
  core = started
  for (const link of early.splice(0)) started.openLink(link)
  electron.powerMonitor.on('resume', started.wake)

  acceptPipes({ electron, isWindow: windows.isWindow, linkRoutes: windows.linkRoutes, onWindow: started.attachWindow, onLinkPage: started.attachLinkPage, onWindowBytes: started.attachWindowBytes })
  acceptGiven({ electron, isWindow: windows.isWindow, give: started.give, log })
  const starts = listenForStarts(profile.profile, ({ link }) => {
    if (link !== undefined) openLink(link)
    windows.showMain()
  })
  endWell(electron, async () => {
    starts.close()
    windows.closeLinkPages()
    await started.close()
  })
  electron.app.on('activate', windows.showMain)
  windows.showMain()
}

/** Preset answers are for tests; a package always asks. */
function dialogsFor(electron: Electron, { downloads, picks }: Args): Dialogs {
  return downloads !== undefined && !electron.app.isPackaged ? presetDialogs({ downloads, picks, hasDialogs: true }) : electronDialogs(electron)
}

/** Quitting waits for the core, and not for ever. */
function endWell({ app }: Electron, close: () => Promise<void>): void {
  let isEnding = false
  app.on('before-quit', (event) => {
    event.preventDefault()
    if (isEnding) return
    isEnding = true
    setTimeout(() => app.exit(1), END_WITHIN).unref()
    close().then(() => app.exit(0), () => app.exit(1))
  })
}

/** macOS takes copy and paste from the menu; elsewhere there is none. */
function setMenu({ Menu }: Electron, platform: NodeJS.Platform): void {
  Menu.setApplicationMenu(platform === 'darwin' ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]) : null)
}
