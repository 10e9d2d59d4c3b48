import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Settings } from '../../protocol/app/views.ts'
import type { Buddy } from '../roster/roster.ts'
import { createAnnouncements } from './announcements.ts'

const ben = { ik: 'ben', name: '<b>Ben</b> {0}', mine: { mode: 'disk', since: 1, rev: 1 } } as Buddy

function said(show: Settings['notifications']) {
  const shown: string[] = []
  const news = createAnnouncements({ show: () => show, notifier: { show: ({ title, body }) => void shown.push(`${title}: ${body}`), clear: () => undefined } })
  news.message(ben, 'the secret')
  news.signedOn(ben)
  news.request(1)
  news.request(12)
  news.inviteOpened(ben)
  return shown
}

test('LP9: notifications show everything, the name, or nothing', () => {
  const name = '<b>Ben</b> {0}'
  assert.deepEqual(said('all'), [`${name}: the secret`, `Parley: ${name} is online`, 'Parley: Somebody wants to reach you', 'Parley: 12 people want to reach you', `Parley: ${name} opened your invite`])
  assert.deepEqual(said('name'), [`${name}: New message`, `Parley: ${name} is online`, 'Parley: Somebody wants to reach you', 'Parley: 12 people want to reach you', `Parley: ${name} opened your invite`])
  assert.deepEqual(said('nothing'), ['Parley: New message', 'Parley: A buddy is online', 'Parley: Somebody wants to reach you', 'Parley: 12 people want to reach you', 'Parley: Your invite was opened'])
  assert.deepEqual(said('off'), [])
})

test('[G2] the text of a chat that is not kept is never handed to the system', () => {
  const bodies: string[] = []
  const news = createAnnouncements({ show: () => 'all', notifier: { show: ({ body }) => void bodies.push(body), clear: () => undefined } })
  for (const mode of ['off', 'session'] as const) news.message({ ...ben, mine: { mode, since: 1, rev: 1 } }, 'the secret')
  assert.deepEqual(bodies, ['New message', 'New message'])
})

test('[C35] one notification for any number of requests: they share a tag', () => {
  const tags = new Set<string>()
  const news = createAnnouncements({ show: () => 'all', notifier: { show: ({ tag }) => void tags.add(tag), clear: () => undefined } })
  for (let i = 1; i <= 50; i++) news.request(i)
  assert.equal(tags.size, 1)
})
