import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { B64, Ik, Uuid7 } from '../../protocol/ids.ts'
import { testStore } from '../testing/store.ts'
import { type Book, createBook, type Transfer } from './book.ts'
import type { Stage } from './machine.ts'

const ben = 'ben' as Ik
const chen = 'chen' as Ik
const wanted: Stage = { at: 'wanted', pausedByMe: false, pausedByThem: false, isFull: false }

const file = (id: string, more: Partial<Transfer> = {}): Transfer => ({
  id, ik: ben, fid: `fid-${id}` as B64, mine: false, kept: true, stage: wanted, at: 1, stateAt: 1, name: `${id}.txt`, size: 10, piece: 10, root: null, exp: 9, cleared: false, hasLeft: true, ...more,
})
const folder = (id: string, more: Partial<Transfer> = {}) => file(id, { folder: { share: 's' as B64, dir: '', once: false, files: 2, bytes: 20, isListed: true }, ...more })

let here: ReturnType<typeof testStore>
let book: Book
beforeEach(() => {
  here = testStore()
  book = createBook({ store: here.store })
})
afterEach(() => here.close())

const wantedNow = () => [...book.wanted()].map(([ik, rows]) => [ik, [...rows].map(({ id }) => id)] as const).filter(([, ids]) => ids.length > 0)

test('how many files of a folder are open is counted as they come, end, begin anew and go', () => {
  book.put(folder('album'))
  for (const id of ['a', 'b', 'c', 'd']) book.put(file(id, { parent: 'album' }))
  assert.equal(book.openIn('album'), 4)
  book.change('a', { stage: { at: 'scanning' } })
  assert.equal(book.openIn('album'), 4)
  book.change('a', { stage: { at: 'arrived', verdict: { is: 'clean' } } as Stage })
  book.change('a', { cleared: true })
  book.change('b', { stage: { at: 'damaged' } as Stage })
  assert.equal(book.openIn('album'), 2)
  book.change('b', { stage: wanted })
  book.drop('c')
  assert.equal(book.openIn('album'), 2)
  book.drop('a')
  assert.equal(book.openIn('album'), 2)
  assert.equal(book.openIn('another'), 0)
})

test('what is wanted stands by buddy, oldest first: files of theirs only', () => {
  book.put(folder('album'))
  book.put(file('b'))
  book.put(file('mine', { mine: true }))
  book.put(file('a', { parent: 'album' }))
  book.put(file('c', { ik: chen }))
  book.put(file('offered', { stage: { at: 'offered' } }))
  assert.deepEqual(wantedNow(), [[ben, ['b', 'a']], [chen, ['c']]])
  book.change('b', { stage: { at: 'scanning' } })
  book.change('offered', { stage: wanted })
  book.drop('c')
  assert.deepEqual(wantedNow(), [[ben, ['a', 'offered']]])
})

test('a transfer is found by the frame that offered it, as long as that is so', () => {
  book.put(file('a', { item: 'one' as Uuid7 }))
  assert.equal(book.byItem('one' as Uuid7)?.id, 'a')
  book.change('a', { item: 'two' as Uuid7 })
  assert.equal(book.byItem('one' as Uuid7), undefined)
  assert.equal(book.byItem('two' as Uuid7)?.id, 'a')
  book.drop('a')
  assert.equal(book.byItem('two' as Uuid7), undefined)
})

test('after a write that failed, and after a start, all of that is as it is on the disk', () => {
  book.put(folder('album'))
  for (const id of ['a', 'b']) book.put(file(id, { parent: 'album', item: `item-${id}` as Uuid7 }))
  book.put(file('secret', { parent: 'album', kept: false }))
  assert.throws(() => here.store.write(() => {
    book.change('a', { stage: { at: 'ended' } as Stage })
    book.drop('b')
    throw new Error('no room')
  }))
  const holds = () => {
    assert.equal(book.byItem('item-b' as Uuid7)?.id, 'b')
    assert.deepEqual(wantedNow().map(([, ids]) => [...ids].sort())[0]?.slice(0, 2), ['a', 'b'])
  }
  holds()
  assert.equal(book.openIn('album'), 3)
  book = createBook({ store: here.store })
  holds()
  assert.equal(book.openIn('album'), 2)
})
