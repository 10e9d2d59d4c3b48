import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Buddy, ChatItem, Event, Snapshot, Transfer } from '../../protocol/app/views.ts'
import type { Ik } from '../../protocol/ids.ts'
import { fold, fromSnapshot, openedChat, type State, withPage } from './fold.ts'

const ben = 'ben' as Ik
const chen = 'chen' as Ik
const buddy = (ik: Ik, name: string) => ({ ik, name }) as Buddy
const item = (id: string, pos: number, text = id) => ({ kind: 'message', id, pos, mine: false, text, at: pos }) as ChatItem
const transfer = (id: string, at: number, name = id) => ({ id, at, name }) as Transfer
const start = fromSnapshot({
  can: {}, phase: { at: 'ready' }, version: '1', connection: { at: 'off' }, buddies: [buddy(ben, 'Ben')], requests: [], refused: 0,
  invites: [], blocked: [], settings: {}, defaults: {}, banners: [], transfers: [transfer('new', 5), transfer('old', 3)], rules: [], shares: [], scanner: { kind: 'none', answers: false },
} as unknown as Snapshot)
const opened = withPage(start, ben, { items: [item('b', 2), item('d', 4)], more: true })
const ids = (state: State, ik = ben) => state.chats[ik]?.items.map(({ id }) => id)

const replaced: readonly (readonly [Event, (state: State) => unknown, unknown])[] = [
  [{ e: 'phase', phase: { at: 'failed', code: 'read-only' } }, (s) => s.phase.at, 'failed'],
  [{ e: 'me', me: { name: 'Ada' } as never }, (s) => s.me?.name, 'Ada'],
  [{ e: 'connection', connection: { at: 'on' } }, (s) => s.connection.at, 'on'],
  [{ e: 'buddy', buddy: buddy(ben, 'Benny') }, (s) => s.buddies.map((b) => b.name), ['Benny']],
  [{ e: 'buddy', buddy: buddy(chen, 'Chen') }, (s) => s.buddies.map((b) => b.name), ['Ben', 'Chen']],
  [{ e: 'buddy-gone', ik: ben }, (s) => s.buddies.length, 0],
  [{ e: 'requests', requests: [], refused: 3 }, (s) => s.refused, 3],
  [{ e: 'invites', invites: [{ id: 'i' } as never] }, (s) => s.invites.length, 1],
  [{ e: 'blocked', blocked: [{ ik: chen } as never] }, (s) => s.blocked.length, 1],
  [{ e: 'settings', settings: { mailbox: true } as never }, (s) => s.settings.mailbox, true],
  [{ e: 'defaults', defaults: { relay: true } as never }, (s) => s.defaults.relay, true],
  [{ e: 'offered-invite', link: 'parley://i#x' }, (s) => s.offeredInvite, 'parley://i#x'],
  [{ e: 'offered-invite' }, (s) => 'offeredInvite' in s, false],
  [{ e: 'transfer', transfer: transfer('newest', 6) }, (s) => s.transfers.map((t) => t.id), ['newest', 'new', 'old']],
  [{ e: 'transfer', transfer: transfer('middle', 4) }, (s) => s.transfers.map((t) => t.id), ['new', 'middle', 'old']],
  [{ e: 'transfer', transfer: transfer('oldest', 1) }, (s) => s.transfers.map((t) => t.id), ['new', 'old', 'oldest']],
  [{ e: 'transfer', transfer: transfer('old', 3, 'changed') }, (s) => s.transfers.map((t) => t.name), ['new', 'changed']],
  [{ e: 'transfer-gone', id: 'new' }, (s) => s.transfers.map((t) => t.id), ['old']],
  [{ e: 'rules', rules: [{ id: 'r' } as never] }, (s) => s.rules.length, 1],
  [{ e: 'shares', shares: [{ id: 's' } as never] }, (s) => s.shares.length, 1],
  [{ e: 'scanner', scanner: { kind: 'clamd', answers: true } }, (s) => s.scanner.kind, 'clamd'],
  [{ e: 'banners', banners: [{ kind: 'disk-full' }] }, (s) => s.banners.length, 1],
]
for (const [event, look, expected] of replaced) {
  test(`an event ${event.e} takes the place of what was shown (${JSON.stringify(expected)})`, () => {
    const before = structuredClone(start)
    assert.deepEqual(look(fold(start, event)), expected)
    assert.deepEqual(start, before, 'the state before stays as it was')
  })
}

const inChat: readonly (readonly [string, Event, string[]])[] = [
  ['goes to its place by pos', { e: 'item', ik: ben, item: item('c', 3) }, ['b', 'c', 'd']],
  ['goes to its place by id where pos is the same', { e: 'item', ik: ben, item: item('a', 2) }, ['a', 'b', 'd']],
  ['goes to the end', { e: 'item', ik: ben, item: item('e', 5) }, ['b', 'd', 'e']],
  ['moves when its pos changed', { e: 'item', ik: ben, item: item('b', 9) }, ['d', 'b']],
  ['goes away', { e: 'item-gone', ik: ben, id: 'b' }, ['d']],
  ['was never here', { e: 'item-gone', ik: ben, id: 'x' }, ['b', 'd']],
  ['goes with all others', { e: 'chat-cleared', ik: ben }, []],
]
for (const [what, event, expected] of inChat) test(`an item ${what}`, () => assert.deepEqual(ids(fold(opened, event)), expected))

test('a changed item replaces the one with its id', () => {
  const [first] = fold(opened, { e: 'item', ik: ben, item: item('b', 2, 'edited') }).chats[ben]?.items ?? []
  assert.equal(first?.kind === 'message' && first.text, 'edited')
})

test('chats that nobody opened are not followed', () => {
  assert.equal(fold(start, { e: 'item', ik: chen, item: item('a', 1) }), start)
})

test('what happens between opening a chat and its first page is kept', () => {
  const waiting = fold(openedChat(start, ben), { e: 'item', ik: ben, item: item('e', 5) })
  assert.equal(waiting.chats[ben]?.isRead, false)
  assert.deepEqual(ids(withPage(waiting, ben, { items: [item('d', 4), item('e', 5)], more: false })), ['d', 'e'])
})

test('an older page goes before, and says whether there is more', () => {
  const older = withPage(opened, ben, { items: [item('a', 1)], more: false })
  assert.deepEqual(ids(older), ['a', 'b', 'd'])
  assert.equal(older.chats[ben]?.more, false)
})

test('opening twice reads once', () => assert.equal(openedChat(opened, ben), opened))
test('a buddy who goes takes the chat along', () => assert.equal(fold(opened, { e: 'buddy-gone', ik: ben }).chats[ben], undefined))
test('an event nobody knows is an error', () => assert.throws(() => fold(start, { e: 'new' } as never), /unknown event/))
