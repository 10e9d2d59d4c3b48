/** The words of the system's notifications, in English, as ICU messages. Translators: one file a language, the same keys. */
export const en = {
  title: 'Parley',
  /** Instead of a text that is not to be shown. */
  'message.hidden': 'New message',
  /** {name}: the buddy. */
  'presence.named': '{name} is online',
  'presence.hidden': 'A buddy is online',
  /** {count}: requests waiting. */
  requests: '{count, plural, one {Somebody wants to reach you} other {# people want to reach you}}',
  'invite.named': '{name} opened your invite',
  'invite.hidden': 'Your invite was opened',
  /** {file}: its name. */
  'file.offered': 'wants to send {file}',
  'file.offered.hidden': 'A file is offered',
  'file.arrived': '{file} is here',
  'file.arrived.hidden': 'A file is here',
} as const
