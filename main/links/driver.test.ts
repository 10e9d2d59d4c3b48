import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { type FromPage, readToPage, type ToPage, writeFromPage } from '../../protocol/app/link.ts'
import { createPageDriver } from './driver.ts'

/** A link page that only writes down what it is told. */
function fakePage() {
  const told: ToPage[] = []
  let onBytes: (bytes: Uint8Array<ArrayBuffer>) => void = () => undefined
  let onClose: () => void = () => undefined
  let isClosed = false
  const close = () => {
    if (isClosed) return
    isClosed = true
    onClose()
  }
  return {
    told, close,
    isClosed: () => isClosed,
    say: (message: FromPage) => onBytes(writeFromPage(message)),
    pipe: {
      send: (bytes: Uint8Array) => void told.push(readToPage(new Uint8Array(bytes))!),
      onBytes: (to: typeof onBytes) => void (onBytes = to), onClose: (to: () => void) => void (onClose = to), close, waiting: () => 0,
    },
  }
}
const open = (link: number): ToPage => ({ kind: 'open', link, initiator: true, iceServers: [], policy: 'all' })

describe('the driver of link pages', () => {
  let driver: ReturnType<typeof createPageDriver>
  let heard: FromPage[]
  let came: number
  beforeEach(() => {
    driver = createPageDriver()
    heard = []
    came = 0
    driver.onMessage((message) => heard.push(message))
    driver.onThere(() => came++)
  })

  test('[L6] each link is with the page that serves its routes, from its first message to its last', () => {
    const [narrow, wide] = [fakePage(), fakePage()]
    driver.attach(narrow.pipe, ['default'])
    assert.deepEqual([driver.isThere('default'), driver.isThere('all'), came], [true, false, 1])
    driver.send(open(1), 'all')
    assert.deepEqual(narrow.told, [], 'no page with these routes: nothing is opened with fewer or more')
    driver.attach(wide.pipe, ['all'])
    driver.send(open(2), 'all')
    driver.send(open(3), 'default')
    driver.send({ kind: 'candidate', link: 2, candidate: 'x' })
    driver.send({ kind: 'close', link: 2 })
    driver.send({ kind: 'candidate', link: 2, candidate: 'late' })
    assert.deepEqual(wide.told.map(({ kind, link }) => [kind, link]), [['open', 2], ['candidate', 2], ['close', 2]])
    assert.deepEqual(narrow.told.map(({ kind, link }) => [kind, link]), [['open', 3]])
  })

  test('a page speaks for its own links only, and malformed bytes end it', () => {
    const [narrow, wide] = [fakePage(), fakePage()]
    driver.attach(narrow.pipe, ['default'])
    driver.attach(wide.pipe, ['all'])
    driver.send(open(1), 'default')
    wide.say({ kind: 'gathered', link: 1 })
    assert.deepEqual(heard, [])
    narrow.say({ kind: 'gathered', link: 1 })
    assert.deepEqual(heard, [{ kind: 'gathered', link: 1 }])
    narrow.say({ kind: 'nonsense', link: 1 } as never)
    assert.deepEqual([narrow.isClosed(), driver.isThere('default'), driver.isThere('all')], [true, false, true])
    assert.deepEqual(heard.at(-1), { kind: 'closed', link: 1, why: 'page' })
  })

  test('one page may serve both; a later one takes its place, and its links are told closed', () => {
    const [first, second] = [fakePage(), fakePage()]
    driver.attach(first.pipe, ['default', 'all'])
    driver.send(open(1), 'default')
    driver.send(open(2), 'all')
    driver.attach(second.pipe, ['default', 'all'])
    assert.deepEqual(heard, [{ kind: 'closed', link: 1, why: 'page' }, { kind: 'closed', link: 2, why: 'page' }])
    assert.deepEqual([first.isClosed(), second.isClosed(), driver.isThere('default'), came], [true, false, true, 2])
    second.close()
    assert.deepEqual([driver.isThere('default'), driver.isThere('all')], [false, false])
  })
})
