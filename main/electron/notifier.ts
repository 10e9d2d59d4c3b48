import type { Notification } from 'electron'
import type { Ik } from '../../protocol/ids.ts'
import type { Notifier } from '../ports.ts'
import type { Electron } from './electron.ts'

interface Deps {
  electron: Pick<Electron, 'Notification'>
  /** A click on a notification: the chat it leads to, or just the window. */
  onClick(ik: Ik | undefined): void
}

/** The system's notifications; one per tag, and a click leads to its chat. */
export function electronNotifier({ electron, onClick }: Deps): Notifier {
  const shown = new Map<string, Notification>()
  const clear = (tag: string) => {
    shown.get(tag)?.close()
    shown.delete(tag)
  }
  return {
    show({ tag, title, body, ik }) {
      clear(tag)
      const notification = new electron.Notification({ title, body })
      notification.on('click', () => onClick(ik))
      // Kept until it goes: one that nothing refers to is collected, and its click with it.
      notification.on('close', () => shown.get(tag) === notification && shown.delete(tag))
      shown.set(tag, notification)
      notification.show()
    },
    clear,
  }
}
