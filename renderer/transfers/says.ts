import type { PauseReason, Transfer, TransferState, Verdict } from '../../protocol/app/views.ts'
import { type Said, said } from '../words/said.ts'
import { percent, size, sizeOf, speed, timeLeft, timeLeftSaid } from '../words/amounts.ts'
import { clock } from '../words/dates.ts'
import { type Key, t } from '../words/index.ts'

/** Signs before a state. */
export type Sign = 'clock' | 'disk' | 'check' | 'scan' | 'shield' | 'shield-part' | 'shield-open' | 'shield-bad' | 'triangle' | 'ring' | 'ticks' | 'cross' | 'lock'

export interface FileSaid {
  /** The first words: they name the row. */
  name: Said
  sign?: Sign
  tone?: 'attention' | 'danger'
  /** Stands after the sign, in the tone. Without it the row has no sign. */
  lead?: Said
  /** Sentences, or what stands between middle dots. */
  rest: Said[]
  isSentence?: boolean
  tip?: Said
  bar?: { percent: number; isPaused: boolean; text: string }
}

/** Types whose offer says more than their name. */
const SAYS_MORE = new Set([
  'zip', 'archive', 'script', 'shortcut', 'macro-document', 'macro-sheet', 'macro-slides', 'active-document', 'web-page', 'disk-image', 'settings-file', 'unknown',
] as const)
type SaysMore = typeof SAYS_MORE extends Set<infer T> ? T : never
const saysMore = (type: string): type is SaysMore => SAYS_MORE.has(type as SaysMore)

/** From here on an offer says how much room there is, bytes. */
const LARGE = 1_000_000_000

/** A size, a speed, a time. */
const fact = (text: string): Said => said('file.fact', { fact: text })

/** `214 files, 1.9 GB` or `2.1 MB`. */
export const facts = (of: { size: number; files?: number | undefined }): string =>
  of.files === undefined ? size(of.size) : t('size.files', { count: of.files, size: size(of.size) })
export const factsOf = (transfer: Transfer): string => facts({ size: transfer.size, files: transfer.files?.all })

/** Words, sign and bar of a transfer. `name`: the buddy's. In a chat it is plain whose file it is, and its size stands first. */
export function fileSays(transfer: Transfer, name: string, isInChat = false): FileSaid {
  const { state } = transfer
  const known = { name }
  const from = isInChat ? [] : [said(transfer.mine ? 'file.to' : 'file.from', known)]
  const amount = fact(factsOf(transfer))
  const about = isInChat ? [] : [...from, amount]
  switch (state.at) {
    case 'asking': return { name: said('file.asking'), isSentence: true, rest: offerSays(transfer, state, name) }
    case 'offered': return { name: said('file.offered', known), lead: said('file.offered', known), rest: [said('file.offered.rest', known), ...(isInChat ? [] : [amount])], tip: said('file.tip.offered', known) }
    case 'waiting': return { name: said('file.waiting'), sign: 'clock', lead: said('file.waiting.for', known), isSentence: true, rest: [said('file.waiting.rest')] }
    case 'queued': return { name: said('file.queued'), sign: 'clock', lead: said('file.queued'), rest: [said('file.queued.rest'), ...about] }
    case 'moving': return movingSays(transfer, state, name, isInChat)
    case 'paused': return { ...pausedSays(state.why, state.free, name), bar: barOf(transfer, state.done, undefined, true) }
    case 'checking': return { name: said('file.checking'), sign: 'check', lead: said('file.checking'), rest: [said('file.checking.rest'), ...about] }
    case 'scanning': return { name: said('file.scanning'), sign: 'scan', lead: said('file.scanning'), rest: about, tip: said('file.tip.scanning') }
    case 'arrived': return arrivedSays(transfer, state, about)
    case 'damaged': return { name: said('file.damaged'), sign: 'ring', tone: 'danger', lead: said('file.damaged'), rest: [said('file.damaged.rest', known)], tip: said('file.tip.damaged', known) }
    case 'sent': return { name: said('file.sent', known), sign: 'ticks', lead: said('file.sent', known), rest: isInChat ? [] : [amount, fact(clock(transfer.stateAt))] }
    case 'ended': return endedSays(transfer, state.why, name)
  }
}

function offerSays(transfer: Transfer, state: TransferState & { at: 'asking' }, name: string): Said[] {
  const { type, files } = transfer
  const kind = t(saysMore(type) ? `type.${type}.offer` : `type.${type}`)
  const free = size(state.free)
  return [
    said(files === undefined ? 'file.wants' : 'file.wants.folder', { name, size: factsOf(transfer) }),
    ...(files === undefined ? [said('file.type', { type: kind })] : []),
    ...(state.needs !== undefined ? [said('file.needs', { size: size(transfer.size), free })] : transfer.size >= LARGE ? [said('file.free', { size: free })] : []),
    ...(state.tooBigToScan ? [said('file.tooBigToScan')] : []),
  ]
}

function movingSays(transfer: Transfer, { done, rate, left }: TransferState & { at: 'moving' }, name: string, isInChat: boolean): FileSaid {
  const { files } = transfer
  return {
    name: said(transfer.mine ? 'file.sending' : 'file.receiving', { percent: percent(done, transfer.size) }),
    rest: [
      ...(isInChat ? [] : [said(transfer.mine ? 'file.To' : 'file.From', { name })]),
      ...(files === undefined ? [] : [said('file.filesOf', { done: files.done, count: files.all })]),
      fact(sizeOf(done, transfer.size)),
      ...(rate > 0 ? [fact(speed(rate))] : []),
      ...(left === undefined ? [] : [fact(timeLeft(left))]),
    ],
    bar: barOf(transfer, done, left, false),
  }
}

function barOf(transfer: Transfer, done: number, left: number | undefined, isPaused: boolean) {
  const amount = percent(done, transfer.size)
  const text = left === undefined ? t('file.progress', { percent: amount }) : t('file.progress.left', { percent: amount, left: timeLeftSaid(left) })
  return { percent: amount, isPaused, text }
}

function pausedSays(why: PauseReason, free: number | undefined, name: string): FileSaid {
  const paused = said('file.paused')
  if (why === 'disk-full') {
    return { name: paused, sign: 'disk', tone: 'attention', lead: said('file.paused.disk-full'), isSentence: true, rest: free === undefined ? [] : [said('file.paused.disk-full.rest', { size: size(free) })] }
  }
  return { name: paused, lead: paused, rest: [said(`file.paused.${why}`, { name })] }
}

const VERDICT_SIGNS = { clean: 'shield', partly: 'shield-part', unscanned: 'shield-open', infected: 'shield-bad' } as const satisfies Record<Verdict['is'], Sign>

function arrivedSays(transfer: Transfer, { verdict, saved }: TransferState & { at: 'arrived' }, about: Said[]): FileSaid {
  const { files } = transfer
  const part = files === undefined || files.done >= files.all ? [] : [said('file.filesHere', { done: files.done, count: files.all })]
  const place = saved === undefined ? [] : [said('file.saved', { folder: saved.folder })]
  if (verdict.is === 'infected') {
    const lead = said('file.infected', { threat: verdict.name })
    return { name: lead, sign: 'shield-bad', tone: 'danger', lead, rest: [said('file.infected.rest'), ...about.slice(0, 1)], tip: said('file.tip.infected') }
  }
  if (transfer.isRisky) {
    const lead = said('file.risky')
    return { name: lead, sign: 'triangle', tone: 'attention', lead, rest: [said(`type.${transfer.type}`), said(`file.mid.${verdict.is}`), ...part, ...place, ...about], tip: said('file.tip.risky') }
  }
  const lead = said(`file.${verdict.is}`)
  const why = verdict.is === 'partly' ? [said(`file.partly.${verdict.why}`)] : verdict.is === 'unscanned' ? [said(`file.unscanned.${verdict.why}`)] : []
  return {
    name: lead, sign: VERDICT_SIGNS[verdict.is], ...(verdict.is !== 'clean' && { tone: 'attention' as const }),
    lead, rest: [...why, ...part, ...place, ...about], tip: said(`file.tip.${verdict.is}`),
  }
}

function endedSays(transfer: Transfer, why: (TransferState & { at: 'ended' })['why'], name: string): FileSaid {
  const whose = transfer.mine ? 'mine' : 'theirs'
  const end = (k: Key, ...rest: Said[]): FileSaid => ({ name: said(k, { name }), sign: 'cross', lead: said(k, { name }), rest })
  const more = (k: Key) => said(k, { name })
  switch (why) {
    case 'rejected': return end('file.rejected', more('file.rejected.them'))
    case 'rejected-by-me': return end('file.rejected', more('file.rejected.me'))
    case 'cancelled': return end('file.cancelled.them')
    case 'cancelled-by-me': return end('file.cancelled', more('file.rejected.me'))
    case 'expired': return end('file.expired', ...(transfer.mine ? [more('file.expired.mine')] : []))
    case 'changed': return end('file.changed', more(`file.changed.${whose}`))
    case 'missing': return end('file.missing', more(`file.missing.${whose}`))
    case 'gone': return end('file.ended', more(transfer.fetched && !transfer.mine ? 'file.gone.share' : `file.gone.${whose}`))
    case 'no-space': return end('file.ended', more(`file.no-space.${whose}`))
    case 'unreadable': return end('file.ended', more(`file.unreadable.${whose}`))
    case 'key-changed': return end('file.ended', more('file.key-changed.rest'))
    case 'deleted': return end('file.deleted')
    case 'not-allowed': return { ...end('file.notAllowed', more('file.notAllowed.rest')), sign: 'lock' }
  }
}

/** The same as plain text. */
export const nameSaid = ({ k, values }: Said): string => t(k, values)
