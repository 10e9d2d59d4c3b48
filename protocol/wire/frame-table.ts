import type { DropClass } from './signaling.ts'

/** [W30] Which frame may travel where: default deny. Judged for each frame against the state after the frame before it. */

export type BuddyState = 'none' | 'asked' | 'asking' | 'declined' | 'accepted' | 'removed' | 'left' | 'blocked'
/** What an envelope was sealed to (section 4.2). */
export type KeyKind = 'k' | 'r' | 'rk' | 'pool' | 'last'
export type LinkStage = 'proving' | 'up'
export type Way = { by: 'link'; stage: LinkStage } | { by: 'envelope'; cls: DropClass; key: KeyKind }

interface Row {
  link?: LinkStage
  envelope?: Partial<Record<DropClass, readonly KeyKind[]>>
  states: readonly BuddyState[]
}

const ACCEPTED = ['accepted'] as const
const sealed: Row = { link: 'up', envelope: { msg: ['k', 'r'] }, states: ACCEPTED }
const onLink: Row = { link: 'up', states: ACCEPTED }
const signal = (...keys: KeyKind[]): Row => ({ envelope: { sig: keys }, states: ACCEPTED })
const proof: Row = { link: 'proving', states: ACCEPTED }

const rows = new Map<string, Row>([
  ...['msg', 'logging', 'grant', 'left', 'profile', 'file.offer', 'share.offer', 'edit', 'retract', 'react', 'retention', 'log.ask',
    'log.answer', 'rcpt', 'gap', 'void', 'nak', 'pre', 'file.reject', 'file.stop'].map((t) => [t, sealed] as const),
  ...['ping', 'pong', 'bye', 'typing', 'file.accept', 'file.manifest', 'file.pull', 'file.pause', 'file.done', 'share.ls', 'share.shares',
    'share.dir', 'share.entries', 'share.find', 'share.hits', 'share.get', 'share.file', 'share.err'].map((t) => [t, onLink] as const),
  ['sig.offer', signal('r')],
  ['sig.answer', signal('rk')],
  ['sig.cand', signal('rk')],
  ['sig.end', signal('rk', 'r')],
  ['knock', { envelope: { knock: ['pool', 'last'], msg: ['pool', 'last'] }, states: ['none', 'asked', 'asking', 'accepted', 'removed', 'left'] }],
  ['knock.ok', { envelope: { msg: ['k', 'r'] }, states: ['asked', 'accepted'] }],
  ['hello', proof],
  ['auth', proof],
])

export function mayTravel(t: string, way: Way, state: BuddyState): boolean {
  const row = rows.get(t)
  if (row === undefined || !row.states.includes(state)) return false
  return way.by === 'link' ? row.link === way.stage : (row.envelope?.[way.cls]?.includes(way.key) ?? false)
}
