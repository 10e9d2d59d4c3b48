import type { Settings } from '../../protocol/app/views.ts'
import type { Notifier } from '../ports.ts'
import type { Buddy } from '../roster/roster.ts'

/** [LP9, C35] What the system's notifications say: everything, the name, or nothing but that something came. */
export interface Announcements {
  message(buddy: Buddy, text: string): void
  signedOn(buddy: Buddy): void
  /** One for any number of requests. */
  request(buddy: Buddy, waiting: number): void
  inviteOpened(buddy: Buddy): void
}

const LONGEST = 200

export function createAnnouncements({ notifier, show }: { notifier: Notifier; show(): Settings['notifications'] }): Announcements {
  const hides = () => show() === 'nothing'
  const isOff = () => show() === 'off'
  return {
    message({ ik, name }, text) {
      if (isOff()) return
      const body = show() === 'all' ? text.slice(0, LONGEST) : 'New message'
      notifier.show({ tag: `message:${ik}`, title: hides() ? 'Parley' : name, body: hides() ? 'New message' : body, ik })
    },
    signedOn({ ik, name }) {
      if (!isOff()) notifier.show({ tag: `presence:${ik}`, title: 'Parley', body: hides() ? 'A buddy is online' : `${name} is online`, ik })
    },
    request(_, waiting) {
      if (!isOff()) notifier.show({ tag: 'requests', title: 'Parley', body: waiting === 1 ? 'Somebody wants to reach you' : `${waiting} people want to reach you` })
    },
    inviteOpened({ ik, name }) {
      if (!isOff()) notifier.show({ tag: `invite:${ik}`, title: 'Parley', body: hides() ? 'Your invite was opened' : `${name} opened your invite`, ik })
    },
  }
}
