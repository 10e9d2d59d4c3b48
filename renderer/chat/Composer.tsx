import { ArrowUp } from 'lucide-react'
import { type ClipboardEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import type { Buddy } from '../../protocol/app/views.ts'
import { MAX_TEXT } from '../../protocol/limits.ts'
import { pasted } from '../files/dropped.ts'
import { useAct, useParley, useShown } from '../store/parley.ts'
import { IconButton } from '../ui/Button.tsx'
import { cx } from '../ui/cx.ts'
import { ErrorLine } from '../ui/Field.tsx'
import { Icon } from '../ui/Icon.tsx'
import textCss from '../ui/text.module.css'
import { sentence, t } from '../words/index.ts'
import { Attach, ServerNote } from './Attach.tsx'
import { Chips } from './Chips.tsx'
import css from './Composer.module.css'
import { heldDraft, holdDraft, saysOnce } from './drafts.ts'
import { useFiles } from './files.ts'

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
  const files = useFiles(buddy)
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
    files.forget()
    if (isKept) return draft.save(value)
    // "Don't keep" is gone with the chat; "Until I sign off" comes back with it.
    if (buddy.mine.mode === 'session') holdDraft(ik, value)
    if (value !== '' && saysOnce(ik)) setIsToldNotKept(true)
  }
  // The question above it is the next thing to do.
  const askFirst = () => document.querySelector<HTMLElement>('[data-first-choice] input')?.focus()
  const send = async () => {
    if (mustChoose) return askFirst()
    if (buddy.keyChanged) return
    if (text.trim() !== '' && !(await sendText())) return
    await files.send()
  }
  const sendText = async () => {
    draft.drop()
    holdDraft(ik, '')
    setText('')
    setIsToldNotKept(false)
    const { done } = await act(() => client.call('sendMessage', { ik, text }))
    if (!done) {
      setText((since) => (since === '' ? text : since))
      if (isKept) draft.save(text)
    }
    return done
  }
  const paste = (event: ClipboardEvent) => {
    const pictures = pasted(event.clipboardData, (ending) => t('attach.pasted', { ending }))
    if (pictures.length === 0) return
    event.preventDefault()
    files.add(pictures)
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing || event.shiftKey === enterSends) return
    event.preventDefault()
    void send()
  }
  const problem = refusal ? sentence(refusal) : left < 0 ? t('composer.tooLong', { count: -left }) : undefined
  return (
    <div className={css.place} data-area="composer">
      <ServerNote buddy={buddy} hasFiles={files.chips.length > 0} />
      <div className={cx(css.composer, mustChoose && css.waits)}>
        <Chips chips={files.chips} onRemove={files.remove} />
        <div className={css.line}>
          <Attach onChoose={files.choose} onCannot={mustChoose ? askFirst : buddy.canFiles ? undefined : files.cannot} />
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
            onPaste={paste}
          />
          <IconButton look="send" label={t('send')} aria-disabled={mustChoose || buddy.keyChanged || undefined} aria-describedby={buddy.keyChanged || mustChoose ? noteId : undefined} onClick={() => void send()}><Icon of={ArrowUp} /></IconButton>
        </div>
      </div>
      {buddy.keyChanged && !mustChoose && <p id={noteId} className={css.note}>{t('composer.keyFirst', { name })}</p>}
      {mustChoose && <p id={noteId} className={textCss.sr}>{t('composer.choose')}</p>}
      {files.isWaiting && <p className={css.note} role="status">{t('attach.waits')}</p>}
      {files.problem && <ErrorLine>{files.problem === 'no-files-yet' ? t('attach.cannot', { name }) : sentence(files.problem)}</ErrorLine>}
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
