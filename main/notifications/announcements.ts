import { IntlMessageFormat } from 'intl-messageformat'
import type { Settings } from '../../protocol/app/views.ts'
import type { Notifier } from '../ports.ts'
import { isKept } from '../privacy/modes.ts'
import type { Buddy } from '../roster/roster.ts'
import { en } from './en.ts'

/** [C35] What the system's notifications say: everything, the name, or nothing but that something came. */
export interface Announcements {
  message(buddy: Buddy, text: string): void
  signedOn(buddy: Buddy): void
  /** One for any number of requests. */
  request(waiting: number): void
  inviteOpened(buddy: Buddy): void
  /** A file is offered, or has arrived and was looked at. */
  file(buddy: Buddy, name: string, what: 'offered' | 'arrived'): void
}

const LONGEST = 200
const say = (key: keyof typeof en, values: Record<string, string | number> = {}) => String(new IntlMessageFormat(en[key], 'en').format(values))

export function createAnnouncements({ notifier, show }: { notifier: Notifier; show(): Settings['notifications'] }): Announcements {
  const hides = () => show() === 'nothing'
  const post = (notification: Parameters<Notifier['show']>[0]) => {
    if (show() !== 'off') notifier.show(notification)
  }
  return {
    // [G2] The system may store what it shows: a text that is not kept is not given to it.
    message: ({ ik, name, mine }, text) =>
      post({ tag: `message:${ik}`, title: hides() ? en.title : name, body: show() === 'all' && isKept(mine.mode) ? text.slice(0, LONGEST) : say('message.hidden'), ik }),
    signedOn: ({ ik, name }) =>
      post({ tag: `presence:${ik}`, title: en.title, body: hides() ? say('presence.hidden') : say('presence.named', { name }), ik }),
    request: (count) => post({ tag: 'requests', title: en.title, body: say('requests', { count }) }),
    file: ({ ik, name, mine }, file, what) =>
      post({ tag: `file:${ik}`, title: hides() ? en.title : name, body: show() === 'all' && isKept(mine.mode) ? say(`file.${what}`, { file: file.slice(0, LONGEST) }) : say(`file.${what}.hidden`), ik }),
    inviteOpened: ({ ik, name }) =>
      post({ tag: `invite:${ik}`, title: en.title, body: hides() ? say('invite.hidden') : say('invite.named', { name }), ik }),
  }
}
