import { Actions, Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import text from '../ui/text.module.css'
import { t } from '../words/index.ts'
import { Words } from '../words/Words.tsx'
import { openLink } from './links.ts'

/** Where a link really leads, before it is opened. */
export function OpenLink({ href, host, onClose }: { href: string; host: string; onClose: () => void }) {
  const open = () => {
    openLink(href)
    onClose()
  }
  return (
    <Dialog title={<Words k="link.ask" host={host} />} onClose={onClose} onSubmit={open}>
      <p dir="ltr" className={`${text.small} ${text.apart}`}>{href}</p>
      <p className={`${text.quiet} ${text.small} ${text.apart}`}>{t('link.sees')}</p>
      <Actions>
        <Button big onClick={onClose}>{t('notNow')}</Button>
        <Button big look="primary" type="submit">{t('link.open')}</Button>
      </Actions>
    </Dialog>
  )
}
