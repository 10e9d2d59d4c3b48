/** The parts of Electron that this host uses, handed to every factory: tests hand in fake.ts. */
export type Electron = Pick<
  typeof import('electron'),
  'app' | 'BrowserWindow' | 'dialog' | 'ipcMain' | 'Menu' | 'Notification' | 'powerMonitor' | 'protocol' | 'safeStorage' | 'session' | 'shell'
>
