import { join } from 'node:path'
import { app, BrowserWindow, dialog, ipcMain, Menu, Notification, powerMonitor, protocol, safeStorage, session, shell } from 'electron'
import { createApp } from '../app.ts'
import { startElectronHost } from './host.ts'

/** Entry of the product; built to out/main/index.js, beside out/renderer and out/preload. */
void startElectronHost({
  electron: { app, BrowserWindow, dialog, ipcMain, Menu, Notification, powerMonitor, protocol, safeStorage, session, shell },
  argv: process.argv.slice(1),
  out: join(import.meta.dirname, '..'),
  createApp,
  warn: (line) => process.stderr.write(line),
})
