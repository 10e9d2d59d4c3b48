import type { Buddy } from '../../protocol/app/views.ts'
import type { Row } from './rows.ts'

/** What an article of the log needs to know of its place. */
export interface ArticleProps {
  row: Row
  /** Place in the log, from 1, and how many there are; -1 while older ones are not here. */
  place: number
  of: number
  buddy: Buddy
  id: string
  isTabStop: boolean
  onFocus: (id: string) => void
}
