import {
  Check, CheckCheck, CircleAlert, CircleX, Clock, File, FileArchive, FileAudio, FileImage, FileSpreadsheet, FileText, FileVideo, FileWarning, Folder, HardDrive, Lock, type LucideIcon, ScanLine,
  ShieldAlert, ShieldCheck, ShieldQuestionMark, ShieldX, TriangleAlert,
} from 'lucide-react'
import { Fragment } from 'react'
import type { FileType } from '../../protocol/app/views.ts'
import { cx } from '../ui/cx.ts'
import { Icon } from '../ui/Icon.tsx'
import { Words } from '../words/Words.tsx'
import type { Key } from '../words/index.ts'
import css from './parts.module.css'
import { type FileSaid, nameSaid, type Sign } from './says.ts'

const FILE_SIGNS: Partial<Record<FileType, LucideIcon>> = {
  folder: Folder, image: FileImage, video: FileVideo, audio: FileAudio, zip: FileArchive, archive: FileArchive, sheet: FileSpreadsheet,
  pdf: FileText, text: FileText, document: FileText, slides: FileText, book: FileText, font: File, calendar: File, contact: File,
}

/** What kind of thing it is; one look for all that can run programs, or is not known. */
export function FileSign({ type, inCard = false }: { type: FileType; inCard?: boolean }) {
  return <span className={cx(css.file, inCard && css.inCard)} aria-hidden><Icon of={FILE_SIGNS[type] ?? FileWarning} /></span>
}

/** A name on one line: cut in the middle, so that what decides about it is always seen. */
export function FileName({ name, ending, className }: { name: string; ending: string; className?: string | undefined }) {
  const hasEnding = ending !== '' && ending.length < name.length && name.endsWith(ending)
  const start = hasEnding ? name.slice(0, -ending.length) : name
  return (
    <span className={cx(css.name, className)} title={name}>
      <bdi className={css.start}>{start}</bdi>
      {hasEnding && <bdi className={css.ending}>{ending}</bdi>}
    </span>
  )
}

export function Bar({ label, percent, text, isPaused = false }: { label: string; percent: number; text: string; isPaused?: boolean }) {
  return (
    <div className={cx(css.bar, isPaused && css.paused)} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} aria-valuetext={text}>
      <i style={{ inlineSize: `${percent}%` }} />
    </div>
  )
}

const SIGNS: Record<Sign, LucideIcon> = {
  clock: Clock, disk: HardDrive, check: Check, scan: ScanLine, shield: ShieldCheck, 'shield-part': ShieldAlert, 'shield-open': ShieldQuestionMark, 'shield-bad': ShieldX,
  triangle: TriangleAlert, ring: CircleAlert, ticks: CheckCheck, cross: CircleX, lock: Lock,
}

/** At the end of a line, not at the start of the next. */
const DOT = '\u00a0· '
/** These are read as one. */
const AMOUNTS: ReadonlySet<Key> = new Set(['file.fact', 'file.filesOf'])

/** What has become of it, in words; the sign and the colour say the same. `size` stands first, where the line doesn't have it. */
export function StateLine({ says, size }: { says: FileSaid; size?: string | undefined }) {
  const { sign, tone, lead, rest, isSentence, tip } = says
  return (
    <p className={css.state} title={tip && nameSaid(tip)}>
      {size !== undefined && <>{size}{(lead !== undefined || rest.length > 0) && DOT}</>}
      {lead && <span className={cx(css.lead, tone === 'attention' && css.attention, tone === 'danger' && css.danger)}>{sign && <Icon of={SIGNS[sign]} small />}<span><Words k={lead.k} {...lead.values} /></span></span>}
      {rest.map(({ k, values }, index) => (
        <Fragment key={k + index}>{index === 0 && !lead ? '' : isSentence ? ' ' : DOT}<span className={cx(AMOUNTS.has(k) && css.amount)}><Words k={k} {...values} /></span></Fragment>
      ))}
    </p>
  )
}

/** The bar of what moves or stands still. */
export function StateBar({ says, name }: { says: FileSaid; name: string }) {
  return says.bar && <Bar label={name} {...says.bar} />
}
