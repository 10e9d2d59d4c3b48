import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { EndReason, Verdict } from '../../protocol/app/views.ts'
import { Refused } from '../../protocol/app/rpc.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import { MAX_PREVIEW, MAX_PREVIEW_PIXELS, SCAN_AGAIN } from '../../protocol/limits.ts'
import type { Desktop, Dialogs } from '../ports.ts'
import type { Transfer } from './book.ts'
import type { Ground } from './ground.ts'

/** [T8–T10] From the vault to a person: scanned, named, marked, and only then handed over. */

/** The vault's way out. */
export interface Out {
  pathOf(part: string): string
  release(part: string, folder: string, name: string): Promise<Saved>
  releaseAs(part: string, path: string): Promise<Saved>
  releaseFolder(files: { part: string; path: string[] }[], folder: string, name: string): Promise<Saved>
}
type Saved = { ok: true; name: string } | { ok: false; code: ErrorCode }

export interface ReleaseDeps {
  ground: Ground
  out: Out
  scan(path: string, size: number): Promise<Verdict>
  /** By the first bytes of what is there. */
  pictureOf(head: Uint8Array): { mime: string; width?: number; height?: number } | undefined
  isRisky(name: string): boolean
  downloads: string
  dialogs: Pick<Dialogs, 'pickSave'>
  desktop: Desktop
  onScanned(row: Transfer): void
}

export interface Release {
  scan(row: Transfer): void
  /** What no scanner has looked at and nobody has saved is looked at again. `isThere`: this computer has a scanner. */
  scanAgain(isThere: boolean): void
  /** Each file of a folder was looked at, or has ended. */
  judgeFolder(row: Transfer): void
  open(row: Transfer, anyway: boolean): Promise<string>
  show(row: Transfer, anyway: boolean): Promise<string>
  saveAs(row: Transfer, anyway: boolean): Promise<boolean>
  /** Type of the picture at this path; undefined where it is none, or none to be shown. */
  pictureAt(path: string, size: number): Promise<string | undefined>
  /** A picture's bytes and type, where it may be shown. */
  picture(row: Transfer): Promise<{ mime: string; bytes: Uint8Array<ArrayBuffer> } | undefined>
  isRisky(row: Transfer): boolean
}

/** Enough to know what a picture is, and how large in most of them. */
const HEAD = 262_144

/** The worst of all: what a person must know before a folder is opened. */
const WORST = ['infected', 'unscanned', 'partly', 'clean'] as const

export function createRelease({ ground, out, desktop, ...deps }: ReleaseDeps): Release {
  const { book, clock } = ground
  /** Files that no scanner answered for, until they are looked at again. */
  const waiting = new Map<string, () => void>()

  async function look(id: string): Promise<void> {
    const row = book.get(id)
    if (row?.part === undefined || (row.stage.at !== 'scanning' && row.stage.at !== 'arrived')) return
    const path = out.pathOf(row.part)
    const picture = await pictureAt(path, row.size)
    const verdict = await deps.scan(path, row.size)
    const now = book.get(id)
    // Saved meanwhile: what was looked at was not there any more. And a scan that was cut short says nothing.
    if (now === undefined || isSaved(now) || ground.isEnding()) return
    ground.store.write(() => {
      if (picture !== undefined) book.change(id, { picture })
      ground.apply(id, { on: 'verdict', verdict })
      // It arrives once, however often it is looked at.
      if (now.stage.at === 'scanning') ground.store.after(() => deps.onScanned(book.get(id)!))
    })
    // [F30] A scanner that was down is asked again, as long as the file waits for it.
    waiting.get(id)?.()
    waiting.delete(id)
    if (verdict.is === 'unscanned' && verdict.why === 'no-answer') waiting.set(id, clock.after(SCAN_AGAIN, () => again(id)))
  }
  function again(id: string) {
    waiting.delete(id)
    const row = book.get(id)
    if (row?.stage.at === 'arrived' && !isSaved(row)) ground.background(look(id))
  }
  const isSaved = ({ stage }: Transfer) => stage.at === 'arrived' && stage.saved !== undefined

  /** One after the other: a folder may hold thousands of them. */
  async function lookAgain(isThere: boolean): Promise<void> {
    for (const { id } of book.all()) {
      if (ground.isEnding()) return
      const row = book.get(id)
      if (row?.part === undefined || row.stage.at !== 'arrived' || isSaved(row) || row.stage.verdict.is !== 'unscanned') continue
      const { why } = row.stage.verdict
      if (why === 'no-answer' || (why === 'none' && isThere)) await look(id)
    }
  }

  async function pictureAt(path: string, size: number): Promise<string | undefined> {
    if (size > MAX_PREVIEW) return undefined
    const handle = await open(path, 'r').catch(() => undefined)
    if (handle === undefined) return undefined
    try {
      const head = Buffer.alloc(Math.min(HEAD, size))
      const { bytesRead } = await handle.read(head, 0, head.length, 0)
      const found = deps.pictureOf(head.subarray(0, bytesRead))
      // Where its size does not stand in its head, no decoder gets it.
      return found?.width === undefined || found.height === undefined || found.width * found.height > MAX_PREVIEW_PIXELS ? undefined : found.mime
    } finally {
      await handle.close()
    }
  }

  const childrenHere = (row: Transfer) => book.childrenOf(row.id).filter((child) => child.stage.at === 'arrived' && child.stage.verdict.is !== 'infected' && child.part !== undefined)
  const isRisky = (row: Transfer): boolean => (row.folder === undefined ? deps.isRisky(row.name) : book.childrenOf(row.id).some((child) => deps.isRisky(child.name)))

  /** [FI12, FI13] What stands between this file and a person. */
  function unlock(row: Transfer, how: 'open' | 'show' | 'save', anyway: boolean) {
    if (row.stage.at !== 'arrived') throw new Refused('still-locked')
    const { verdict } = row.stage
    if (verdict.is === 'infected') throw new Refused('infected')
    if (isRisky(row) && (how === 'open' || (how === 'show' && row.stage.saved === undefined))) throw new Refused('never-opened')
    if ((verdict.is !== 'clean' || isRisky(row)) && !anyway && row.stage.saved === undefined) throw new Refused('needs-second-step')
    return row.stage
  }

  function noteSaved(row: Transfer, path: string) {
    ground.apply(row.id, { on: 'saved', saved: { name: basename(path), folder: basename(dirname(path)), path } })
    // What is in the folder has left the vault with it.
    ground.store.write(() => {
      for (const child of book.childrenOf(row.id)) book.drop(child.id)
    })
  }

  /** Asked for twice, it is saved once. */
  const saving = new Map<string, Promise<string>>()
  function toDownloads(row: Transfer): Promise<string> {
    const under = saving.get(row.id) ?? save(row).finally(() => saving.delete(row.id))
    saving.set(row.id, under)
    return under
  }

  async function save(row: Transfer): Promise<string> {
    if (row.stage.at === 'arrived' && row.stage.saved !== undefined) return row.stage.saved.path
    const saved = row.folder === undefined
      ? await out.release(row.part!, deps.downloads, row.name)
      : await out.releaseFolder(childrenHere(row).map(({ part, path }) => ({ part: part!, path: path! })), deps.downloads, row.name)
    if (!saved.ok) throw new Refused(saved.code)
    const path = join(deps.downloads, saved.name)
    noteSaved(row, path)
    return path
  }

  return {
    isRisky, pictureAt,
    scan: (row) => ground.background(look(row.id)),
    scanAgain: (isThere) => ground.background(lookAgain(isThere)),
    judgeFolder(row) {
      const children = book.childrenOf(row.id)
      const verdicts = children.flatMap(({ stage }) => (stage.at === 'arrived' ? [stage.verdict] : []))
      // Nothing came of what was to come: it ended as its files did, and no verdict stands over an empty folder.
      if (verdicts.length === 0 && row.folder!.files > 0) {
        const has = (why: EndReason) => children.some(({ stage }) => stage.at === 'ended' && stage.why === why)
        const why = has('gone') || children.length === 0 ? 'gone' : has('unreadable') ? 'io' : 'changed'
        return void ground.apply(row.id, { on: 'told', end: { t: 'file.stop', why } })
      }
      const worst = WORST.map((is) => verdicts.find((verdict) => verdict.is === is)).find((verdict) => verdict !== undefined)
      ground.store.write(() => {
        book.change(row.id, { folder: { ...row.folder!, here: verdicts.length } })
        ground.apply(row.id, { on: 'complete' })
        ground.apply(row.id, { on: 'verdict', verdict: worst ?? { is: 'clean' } })
      })
    },
    async open(row, anyway) {
      unlock(row, 'open', anyway)
      const path = await toDownloads(row)
      // A folder is shown, never opened: on some systems its name makes it a program.
      if (!(await (row.folder === undefined ? desktop.open(path) : desktop.reveal(path)))) throw new Refused('not-opened')
      return basename(dirname(path))
    },
    async show(row, anyway) {
      unlock(row, 'show', anyway)
      const path = await toDownloads(row)
      if (!(await desktop.reveal(path))) throw new Refused('not-opened')
      return basename(dirname(path))
    },
    async saveAs(row, anyway) {
      unlock(row, 'save', anyway)
      const path = await deps.dialogs.pickSave(row.name)
      if (path === null) return false
      const saved = row.folder === undefined
        ? await out.releaseAs(row.part!, path)
        : await out.releaseFolder(childrenHere(row).map(({ part, path: inside }) => ({ part: part!, path: inside! })), dirname(path), basename(path))
      if (!saved.ok) throw new Refused(saved.code)
      noteSaved(row, row.folder === undefined ? path : join(dirname(path), saved.name))
      return true
    },
    async picture(row) {
      if (row.picture === undefined || (row.stage.at === 'arrived' && row.stage.verdict.is === 'infected')) return undefined
      const path = row.mine ? row.source?.path : row.stage.at === 'arrived' && row.stage.saved !== undefined ? row.stage.saved.path : row.part === undefined ? undefined : out.pathOf(row.part)
      if (path === undefined) return undefined
      const handle = await open(path, 'r').catch(() => undefined)
      if (handle === undefined) return undefined
      try {
        const { size } = await handle.stat()
        if (size > MAX_PREVIEW) return undefined
        const bytes = new Uint8Array(size)
        const { bytesRead } = await handle.read(bytes, 0, size, 0)
        // What was saved may have been changed since: it is judged anew.
        const found = deps.pictureOf(bytes.subarray(0, Math.min(HEAD, bytesRead)))
        if (found?.width === undefined || found.height === undefined || found.width * found.height > MAX_PREVIEW_PIXELS) return undefined
        return { mime: found.mime, bytes: bytes.subarray(0, bytesRead) }
      } finally {
        await handle.close()
      }
    },
  }
}
