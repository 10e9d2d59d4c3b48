/**
 * The one registry of error codes that reach a person, each with its sentence. A test keeps docs/ERRORS.md equal to it.
 * Sentences name no content; `{…}` is filled in by the window that shows it.
 */
export const errors = {
  // the seam
  'unknown-method': 'This window asked for something Parley doesn’t know. Please restart Parley.',
  'bad-request': 'That input isn’t right.',
  'pipe-closed': 'The connection to Parley’s core was lost.',
  'too-big': 'That is too long.',
  internal: 'Something went wrong in Parley. Nothing was lost; please try again.',
  // identity and setting up
  'no-identity': 'Make an identity first.',
  'has-identity': 'This profile already has an identity.',
  'bad-name': 'A name has 1 to 64 characters on one line.',
  'bad-handle': 'Only small letters, digits, dot, dash and underscore. Between 3 and 32 characters.',
  'bad-server': 'That isn’t the address of a server.',
  'no-server': 'No Parley server answers at {server}. Check the spelling.',
  'handle-taken': '{handle} is taken at {server}. Try another.',
  'invite-required': '{server} only takes people with an invite code.',
  'bad-words': 'The words don’t fit together. Check the order.',
  'unknown-word': 'Word {n} isn’t one of the words.',
  'not-found-account': 'No identity with these words is known at {server}.',
  'words-gone': 'The words are no longer on this computer.',
  // the server
  'server-key': 'The key of {server} has changed. Parley stopped, so that nobody can listen in between.',
  'wrong-server': 'Another server answers at this address.',
  'server-version': '{server} speaks another version of Parley.',
  'log-on-refused': 'The server refused to sign you on.',
  'signed-off': 'You are signed off. Go online first.',
  'port-taken': 'Another program uses port {port} on this computer. Close it, or start Parley with --server-port and another number.',
  'copied-profile': 'This profile was copied or restored, and its other copy has been online since. To go on here, start with an empty profile and your 24 words.',
  replaced: 'Signed on at another computer. Signed off here.',
  rate: 'Too much at once. Try again in a moment.',
  quota: 'The mailbox is full.',
  unavailable: 'The server can’t do that right now.',
  // buddies
  'bad-invite': 'This isn’t an invite link of Parley.',
  'used-invite': 'This invite was used already, or its time is over. Ask for a new one.',
  'own-invite': 'This is your own invite.',
  'invite-elsewhere': 'This invite is for people at {server}. Your address is at another server.',
  'address-elsewhere': 'This address is at another server. You can only ask people at your own.',
  'wrong-key': 'The server gave another key than the invite. Nothing was sent.',
  'bad-address': 'An address looks like ben@example.org.',
  'unknown-address': 'Nobody can be found at this address.',
  'own-address': 'This is your own address.',
  'already-buddy': 'You are buddies already.',
  'too-many-buddies': 'You have 500 buddies, which is the most Parley keeps.',
  'unknown-buddy': 'This buddy isn’t in your list.',
  'knock-text': 'A request has at most 300 characters.',
  'bad-status': 'A status has at most 140 characters on one line.',
  'not-choosable': 'Choose what you keep.',
  'key-changed': 'Check this buddy’s key first.',
  // messages
  'empty-message': 'There is nothing to send.',
  'long-message': 'A message has at most 16,384 bytes.',
  'unknown-message': 'This message is gone.',
  // this machine
  'disk-full': 'The disk is full. Nothing was lost; what you wrote is still here.',
  'read-only': 'Parley can’t write to its folder.',
  'no-folder': 'Parley’s folder is missing or can’t be opened.',
  'newer-database': 'A newer Parley has used this profile. Please update.',
  'unreleased-database': 'This profile was made by an unfinished Parley that this one can’t read.',
  'not-encrypted': 'What Parley kept on this disk isn’t encrypted. Parley stopped.',
  'wrong-store-key': 'The key of this profile doesn’t open what it keeps.',
  'damaged-store': 'What Parley kept on this disk is damaged. Nothing was deleted.',
  'crypto-self-test': 'A check of the encryption failed at start. Parley stopped.',
  'old-node': 'Parley needs Node 22 or later.',
  'profile-in-use': 'This profile is open already.',
  // the protocol’s own alarms [2.4]
  rollback: 'An older record of this buddy came. It was ignored.',
  divergent: 'Two different records of this buddy came. The second was ignored.',
  'self-audit': 'The server shows another record of you than your own.',
  'link-proof': 'The direct connection wasn’t with this buddy. It was closed; nothing of it was used.',
  fork: 'Two different messages came with one number. The first was kept.',
  missing: 'A message is missing.',
  'logging-mismatch': 'This buddy’s program said two things about what it keeps. Read it as “may keep this”.',
} as const

export type ErrorCode = keyof typeof errors
export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errors, code)

/** An expected refusal. */
export interface Refusal { ok: false; code: ErrorCode }
export const refused = (code: ErrorCode): Refusal => ({ ok: false, code })
