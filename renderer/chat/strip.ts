import type { Buddy, ChatItem, Keep, Line, LinkView } from '../../protocol/app/views.ts'
import type { LinkShape } from '../ui/signs.tsx'
import { clock, longDate } from '../words/dates.ts'
import type { Key } from '../words/index.ts'
import { type Said, said } from '../words/said.ts'

const DAY = 86_400

/** The words for one half of the strip. `mid`: inside a sentence. */
export function keepWords(keep: Keep, who: 'mine' | 'theirs', name: string, mid: 'yes' | 'no' = 'no'): Said {
  return said(`half.${who}.${keepForm(keep)}`, { name, mid, by: keep.by ?? '', days: daysOf(keep) })
}

/** The tooltip of that half. */
export function keepTip(keep: Keep, who: 'mine' | 'theirs', name: string): Said {
  return said(`half.${who}.${keepForm(keep)}.tip`, { name, by: keep.by ?? '', days: daysOf(keep) })
}

const daysOf = (keep: Keep): number => Math.round((keep.keep ?? 0) / DAY)

function keepForm(keep: Keep): 'unchosen' | 'days' | 'disk' | 'forced' | 'session' | 'off' | 'archive' | 'unknown' {
  if (keep.mode === 'off' && !keep.chosen) return 'unchosen'
  if (keep.mode !== 'disk') return keep.mode
  if (keep.by !== undefined) return 'forced'
  return keep.keep === undefined ? 'disk' : 'days'
}

export interface LinkSaid { shape?: LinkShape; text: Said; tip?: Said; name: Said }

/** The words for the connection to a buddy: text, tooltip and accessible name. */
export function linkWords(link: LinkView, buddy: Buddy, server: string): LinkSaid {
  const { name } = buddy
  switch (link.at) {
    case 'direct': {
      const values = { name, seen: link.seen }
      const k = `link.direct.${link.where}` as const
      return { shape: 'direct', text: said(k, values), tip: said(`${k}.tip`, values), name: said(`${k}.name`, values) }
    }
    case 'relayed': {
      // What you chose and what it is may differ: direct needs both sides.
      const tip = buddy.connect === 'direct' ? 'link.relayed.theirs' : 'link.relayed.tip'
      return { shape: 'relayed', text: said('link.relayed', { name }), tip: said(tip, { name, server }), name: said('link.relayed.name', { name }) }
    }
    case 'server': return { shape: 'server', text: said('link.server'), tip: said('link.server.tip', { name }), name: said('link.server.name', { name }) }
    case 'server-for-now': return { shape: 'server', text: said('link.forNow'), tip: said('link.server.tip', { name }), name: said('link.server.name', { name }) }
    case 'alarm': return { shape: 'server', text: said('link.alarm'), tip: said('link.alarm.tip', { name }), name: said('link.alarm.name', { name }) }
    case 'none': return { shape: 'none', text: said('link.none'), tip: said('link.none.tip', { name }), name: said('link.none.name') }
    case 'connecting':
    case 'retry': return { shape: 'none', text: said('link.connecting'), name: said('link.connecting.name') }
    case 'offline': return { shape: 'none', text: said('link.offline', { name }), tip: buddy.hasMailbox ? said('link.offline.tip.mailbox', { server }) : said('link.offline.tip'), name: said('link.offline.name', { name }) }
  }
}

type Message = ChatItem & { kind: 'message' }
/** `hasMailbox`: it need not wait until they are there. */
export interface DeliveryContext { name: string; server: string; isOff: boolean; hasMailbox: boolean }

/** The tooltip of a delivery sign. */
export function deliveryTip(message: Message, { name, server, isOff, hasMailbox }: DeliveryContext): Said {
  const time = clock(message.stateAt ?? message.at)
  switch (message.state ?? 'sent') {
    case 'waiting': return said(isOff ? 'tip.waiting.off' : hasMailbox ? 'tip.waiting.mailbox' : 'tip.waiting')
    case 'sent': return message.by === 'server' ? said('tip.sent.mailbox', { server }) : said('tip.sent', { time })
    case 'arrived': return said('tip.arrived', { name, time })
    case 'read': return said('tip.read', { name, time })
    case 'failed': return said(`tip.failed.${message.why ?? 'refused'}`, { name })
  }
}

/** The words of a line between messages, where they are a plain sentence. */
export function lineWords(line: Exclude<Line, { what: 'alarm' }>, name: string, at: number): Said & { isAttention: boolean } {
  const time = clock(at)
  const calm = (k: Key, values: Said['values'] = {}) => ({ ...said(k, { name, ...values }), isAttention: false })
  switch (line.what) {
    case 'i-keep': return calm(`line.mine.${keepForm(line.keep)}`, { by: line.keep.by ?? '', days: daysOf(line.keep) })
    case 'they-keep': return { ...calm(`line.theirs.${keepForm(line.keep)}`, { by: line.keep.by ?? '', days: daysOf(line.keep) }), isAttention: line.more }
    case 'added-by-my-invite': return calm('line.myInvite', { time })
    case 'added-by-their-invite': return calm('line.theirInvite', { time })
    case 'accepted': return calm('line.accepted', { time })
    case 'new-computer': return calm('line.newComputer')
    case 'key-changed': return { ...calm('line.keyChanged'), isAttention: true }
    case 'verified': return calm('line.verified')
    case 'missing': return calm('line.missing', { count: line.to - line.from + 1 })
    case 'not-understood': return calm('line.notUnderstood')
    case 'i-share': return calm('line.iShare', { share: line.name, date: longDate(line.exp) })
    case 'they-share': return calm('line.theyShare', { share: line.name, date: longDate(line.exp) })
  }
}
