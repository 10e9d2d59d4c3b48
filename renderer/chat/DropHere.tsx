import { type DragEvent, useState } from 'react'
import type { Buddy } from '../../protocol/app/views.ts'
import { dropsOf, hasFiles } from '../files/dropped.ts'
import { useParley } from '../store/parley.ts'
import { t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import css from './DropHere.module.css'

/** Files over a chat: dropped, they stand beside the draft. */
export function useDrop(buddy: Buddy | undefined) {
  const { attached } = useParley()
  const [isOver, setIsOver] = useState(false)
  const take = (event: DragEvent) => {
    if (buddy === undefined || !hasFiles(event.dataTransfer)) return false
    event.preventDefault()
    return true
  }
  const handlers = {
    onDragEnter: (event: DragEvent) => take(event) && setIsOver(true),
    onDragOver: (event: DragEvent) => {
      if (take(event)) event.dataTransfer.dropEffect = 'copy'
    },
    onDragLeave: (event: DragEvent) => {
      if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setIsOver(false)
    },
    onDrop: (event: DragEvent) => {
      setIsOver(false)
      if (!take(event) || buddy === undefined) return
      if (buddy.canFiles) attached.add(buddy.ik, dropsOf(event.dataTransfer))
      else attached.refuse(buddy.ik, 'no-files-yet')
      document.querySelector<HTMLElement>('[data-stop=composer]')?.focus()
    },
  }
  return { isOver, handlers }
}

export function DropHere({ buddy: { name, presence, canFiles } }: { buddy: Buddy }) {
  if (!canFiles) return <div className={css.drop}><b><Words k="attach.cannot" name={name} /></b></div>
  return (
    <div className={css.drop}>
      <b><Words k="drop.title" name={name} /></b>
      <p>{presence === 'off' ? <Words k="drop.offline" name={name} /> : t('drop.online')}</p>
    </div>
  )
}
