import { ArrowUp } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import type { Buddy } from '../../protocol/app/views.ts'
import { MAX_TEXT } from '../../protocol/limits.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { IconButton } from '../ui/Button.tsx'
import { cx } from '../ui/cx.ts'
import { ErrorLine } from '../ui/Field.tsx'
import { Icon } from '../ui/Icon.tsx'
import textCss from '../ui/text.module.css'
import { sentence, t } from '../words/index.ts'
import css from './Composer.module.css'
import { heldDraft, holdDraft, saysOnce } from './drafts.ts'

/** A draft is kept this long after the last key, milliseconds. */
const SAVE_AFTER = 400
/** From here on the room that is left is shown, bytes. */
const NEARLY_FULL = MAX_TEXT - 1_024

/** What is written; kept as a draft, and kept when it is refused. */
export function Composer({ buddy }: { buddy: Buddy }) {
  const { ik, name } = buddy
  const { client } = useParley()
  const { act, refusal, forget } = useAct()
  const enterSends = useShown((state) => state.settings.enterSends)
  const [text, setText] = useState(() => buddy.draft || heldDraft(ik))
  const [isToldNotKept, setIsToldNotKept] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const draft = useDraft(buddy)
  const noteId = useId()
  const mustChoose = !buddy.mine.chosen
  const isKept = buddy.mine.mode === 'disk' || buddy.mine.mode === 'archive'
  const left = MAX_TEXT - new TextEncoder().encode(text).length

  useEffect(() => {
    if (!mustChoose && matchMedia('(hover: hover)').matches) field.current?.focus()
  }, [mustChoose])

  const type = (value: string) => {
    setText(value)
    forget()
    if (isKept) return draft.save(value)
    // "Don't keep" is gone with the chat; "Until I sign off" comes back with it.
    if (buddy.mine.mode === 'session') holdDraft(ik, value)
    if (value !== '' && saysOnce(ik)) setIsToldNotKept(true)
  }
  const send = async () => {
    // The question above it is the next thing to do.
    if (mustChoose) return document.querySelector<HTMLElement>('[data-first-choice] input')?.focus()
    if (text.trim() === '' || buddy.keyChanged) return
    draft.drop()
    holdDraft(ik, '')
    setText('')
    setIsToldNotKept(false)
    const { done } = await act(() => client.call('sendMessage', { ik, text }))
    if (!done) {
      setText((since) => (since === '' ? text : since))
      if (isKept) draft.save(text)
    }
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing || event.shiftKey === enterSends) return
    event.preventDefault()
    void send()
  }
  const problem = refusal ? sentence(refusal) : left < 0 ? t('composer.tooLong', { count: -left }) : undefined
  return (
    <div className={css.place} data-area="composer">
      <div className={cx(css.composer, mustChoose && css.waits)}>
        <textarea
          ref={field}
          rows={1}
          data-stop="composer"
          dir="auto"
          aria-label={t('composer')}
          placeholder={mustChoose ? t('composer.choose') : t('composer.hint', { name })}
          readOnly={mustChoose}
          aria-describedby={mustChoose ? noteId : undefined}
          value={text}
          onChange={(event) => type(event.target.value)}
          onKeyDown={onKey}
        />
        <IconButton look="send" label={t('send')} aria-disabled={mustChoose || buddy.keyChanged || undefined} aria-describedby={buddy.keyChanged || mustChoose ? noteId : undefined} onClick={() => void send()}><Icon of={ArrowUp} /></IconButton>
      </div>
      {buddy.keyChanged && !mustChoose && <p id={noteId} className={css.note}>{t('composer.keyFirst', { name })}</p>}
      {mustChoose && <p id={noteId} className={textCss.sr}>{t('composer.choose')}</p>}
      {isToldNotKept && <p className={css.note} role="status">{t('composer.notKept')}</p>}
      {problem ? <ErrorLine>{problem}</ErrorLine> : left < MAX_TEXT - NEARLY_FULL && <p className={css.left}>{t('composer.left', { count: left })}</p>}
    </div>
  )
}

/** Saves what is written a moment after the last key, and when the chat is left. */
function useDraft({ ik }: Buddy) {
  const { client } = useParley()
  const pending = useRef<{ timer: ReturnType<typeof setTimeout>; text: string }>(undefined)
  const save = (text: string) => void client.call('saveDraft', { ik, text }).catch(() => {})
  const flush = useRef(() => {})
  flush.current = () => {
    if (pending.current === undefined) return
    clearTimeout(pending.current.timer)
    save(pending.current.text)
    pending.current = undefined
  }
  useEffect(() => () => flush.current(), [])
  return {
    save(text: string) {
      clearTimeout(pending.current?.timer)
      pending.current = { text, timer: setTimeout(() => flush.current(), SAVE_AFTER) }
    },
    /** Sent: the core clears what it keeps. */
    drop() {
      clearTimeout(pending.current?.timer)
      pending.current = undefined
      save('')
    },
  }
}
