import { EventEmitter } from 'node:events'
import type { MessagePortMain, WebContents } from 'electron'
import type { Electron } from './electron.ts'
import { ORIGIN } from './pages.ts'

/** A recording Electron for tests: it does nothing, remembers everything, and lets a test play the system, the user and the pages. */

interface Call { what: string; with: unknown[] }

export class FakeContents extends EventEmitter {
  static next = 1
  readonly id = FakeContents.next++
  mainFrame = { origin: ORIGIN }
  openHandler: ((details: { url: string }) => { action: string }) | undefined
  webRtcPolicy: string | undefined
  devToolsClosed = 0
  url = ''
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }) {
    this.openHandler = handler
  }
  setWebRTCIPHandlingPolicy(policy: string) {
    this.webRtcPolicy = policy
  }
  closeDevTools() {
    this.devToolsClosed++
  }
  getURL() {
    return this.url
  }
}

export class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents()
  readonly did: string[] = []
  isSmall = false
  readonly options: Record<string, any>
  constructor(options: Record<string, any>) {
    super()
    this.options = options
  }
  async loadURL(url: string) {
    this.did.push(`load ${url}`)
    this.webContents.url = url
  }
  show = () => void this.did.push('show')
  focus = () => void this.did.push('focus')
  restore = () => void this.did.push('restore')
  isMinimized = () => this.isSmall
  destroy() {
    this.did.push('destroy')
    this.emit('closed')
  }
}

export interface FakeOptions {
  isPackaged?: boolean
  /** Somebody else holds the single instance lock. */
  isSecond?: boolean
  /** What safeStorage says it is; undefined: not available. */
  keychain?: string | undefined
}

export function createFakeElectron({ isPackaged = false, isSecond = false, keychain = 'gnome_libsecret' }: FakeOptions = {}) {
  const calls: Call[] = []
  const windows: FakeWindow[] = []
  const notifications: (EventEmitter & { options: unknown; did: string[] })[] = []
  const record = (what: string) => (...args: unknown[]) => void calls.push({ what, with: args })
  const ended: number[] = []
  /** What the user does in a dialog, and what the system says of a file it is to open; '': nothing went wrong. */
  const answers = { save: { canceled: true, filePath: '' }, open: { canceled: true, filePaths: [] as string[] }, fault: '' }

  const app = Object.assign(new EventEmitter(), {
    isPackaged,
    commandLine: { appendSwitch: record('appendSwitch') },
    enableSandbox: record('enableSandbox'),
    setPath: record('setPath'),
    getPath: (name: string) => `/home/ada/${name}`,
    requestSingleInstanceLock: () => (record('requestSingleInstanceLock')(), !isSecond),
    whenReady: async () => record('whenReady')(),
    setAsDefaultProtocolClient: record('setAsDefaultProtocolClient'),
    quit: () => {
      record('quit')()
      app.emit('before-quit', { preventDefault() {} })
    },
    exit: (code: number) => void ended.push(code),
  })
  const handlers: Record<string, any> = {}
  const session = Object.assign(new EventEmitter(), {
    setPermissionRequestHandler: (handler: unknown) => (handlers['request'] = handler),
    setPermissionCheckHandler: (handler: unknown) => (handlers['check'] = handler),
    setDevicePermissionHandler: (handler: unknown) => (handlers['device'] = handler),
    setDisplayMediaRequestHandler: (handler: unknown) => (handlers['display'] = handler),
  })
  const mask = (bytes: Uint8Array) => Buffer.from(bytes.map((byte) => byte ^ 0x5a))

  const electron = {
    app,
    BrowserWindow: class extends FakeWindow {
      constructor(options: Record<string, any>) {
        super(options)
        windows.push(this)
        app.emit('web-contents-created', {}, this.webContents)
      }
    },
    dialog: {
      showErrorBox: record('showErrorBox'),
      showMessageBox: async (options: unknown) => (record('showMessageBox')(options), { response: 0 }),
      showSaveDialog: async (options: unknown) => (record('showSaveDialog')(options), answers.save),
      showOpenDialog: async (options: unknown) => (record('showOpenDialog')(options), answers.open),
    },
    ipcMain: Object.assign(new EventEmitter(), { handle: (channel: string, handler: unknown) => (handlers[channel] = handler) }),
    Menu: { setApplicationMenu: record('setApplicationMenu'), buildFromTemplate: (template: unknown) => template },
    Notification: class extends EventEmitter {
      static isSupported = () => true
      readonly did: string[] = []
      readonly options: unknown
      constructor(options: unknown) {
        super()
        this.options = options
        notifications.push(this)
      }
      show = () => void this.did.push('show')
      close = () => void this.did.push('close')
    },
    powerMonitor: new EventEmitter(),
    protocol: {
      registerSchemesAsPrivileged: record('registerSchemesAsPrivileged'),
      handle: (scheme: string, handler: unknown) => (handlers[scheme] = handler),
    },
    safeStorage: {
      isEncryptionAvailable: () => keychain !== undefined,
      getSelectedStorageBackend: () => keychain ?? 'unknown',
      encryptString: (text: string) => mask(Buffer.from(text)),
      decryptString: (sealed: Buffer) => mask(sealed).toString(),
    },
    session: { defaultSession: session },
    shell: {
      openExternal: async (url: string) => record('openExternal')(url),
      openPath: async (path: string) => (record('openPath')(path), answers.fault),
      showItemInFolder: record('showItemInFolder'),
    },
  }
  return {
    electron: electron as unknown as Electron,
    app,
    ipcMain: electron.ipcMain,
    session,
    handlers,
    calls,
    windows,
    notifications,
    answers,
    /** Exit codes. */
    ended,
    called: (what: string) => calls.filter((call) => call.what === what).map((call) => call.with),
  }
}

export type FakeElectron = ReturnType<typeof createFakeElectron>

/** Two ends of a message channel as the main process and a preload see them. Data is cloned, and a transfer list loses it. */
export function createFakePorts() {
  const main = new FakePort()
  const page = new FakePort()
  main.other = page
  page.other = main
  return { main: main as unknown as MessagePortMain, page }
}

export class FakePort extends EventEmitter {
  other: FakePort | undefined
  isClosed = false
  private isStarted = false
  private readonly waiting: unknown[] = []
  start() {
    this.isStarted = true
    for (const data of this.waiting.splice(0)) this.emit('message', { data, ports: [] })
  }
  postMessage(message: unknown, transfer: unknown[] = []) {
    if (transfer.length > 0) throw new Error('what stands in the transfer list is lost between processes')
    const data: unknown = structuredClone(message)
    queueMicrotask(() => {
      const { other } = this
      if (other === undefined || other.isClosed || this.isClosed) return
      if (other.isStarted) other.emit('message', { data, ports: [] })
      else other.waiting.push(data)
    })
  }
  /** Only the other side is told. */
  close() {
    if (this.isClosed) return
    this.isClosed = true
    queueMicrotask(() => {
      if (this.other !== undefined && !this.other.isClosed) {
        this.other.isClosed = true
        this.other.emit('close')
      }
    })
  }
}

/** What the main process sees when a page's preload hands over a port. */
export function postFrom(fake: FakeElectron, channel: string, contents: unknown, port: MessagePortMain, frame: unknown = (contents as FakeContents).mainFrame): void {
  fake.ipcMain.emit(channel, { ports: [port], sender: contents as WebContents, senderFrame: frame })
}

/** What a page's preload gets from `invoke`: a clone. */
export async function invokeFrom(fake: FakeElectron, channel: string, contents: unknown, given: unknown, frame: unknown = (contents as FakeContents).mainFrame): Promise<unknown> {
  return structuredClone(await fake.handlers[channel]({ sender: contents, senderFrame: frame }, given))
}
