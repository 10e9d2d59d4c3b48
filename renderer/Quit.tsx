import { useParley } from './store/parley.ts'
import { Actions, Button } from './ui/Button.tsx'
import { Dialog } from './ui/Dialog.tsx'
import text from './ui/text.module.css'
import { t } from './words/index.ts'

/** Before what stands in memory only is lost. */
export function Quit({ unread, waiting, onClose }: { unread: number; waiting: number; onClose: () => void }) {
  const { client } = useParley()
  return (
    <Dialog title={t('quit')} onClose={onClose} onSubmit={onClose}>
      <div className={text.apart}>
        {unread > 0 && <p>{t('quit.unread', { count: unread })}</p>}
        {waiting > 0 && <p>{t('quit.waiting', { count: waiting })}</p>}
      </div>
      <Actions>
        <Button big look="line" danger onClick={() => void client.call('quit', {})}>{t('quit.anyway')}</Button>
        <Button big look="primary" type="submit">{t('quit.stay')}</Button>
      </Actions>
    </Dialog>
  )
}
