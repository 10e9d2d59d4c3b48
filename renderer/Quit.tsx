import type { Lost } from './shell.ts'
import { useParley } from './store/parley.ts'
import { Actions, Button } from './ui/Button.tsx'
import { Dialog } from './ui/Dialog.tsx'
import text from './ui/text.module.css'
import { t } from './words/index.ts'
import { Words } from './words/Words.tsx'

/** Before what stands in memory only is lost. */
export function Quit({ unread, waiting, files, onClose }: Lost & { onClose: () => void }) {
  const { client } = useParley()
  const [file] = files
  return (
    <Dialog title={t('quit')} onClose={onClose} onSubmit={onClose}>
      <div className={text.apart}>
        {unread > 0 && <p>{t('quit.unread', { count: unread })}</p>}
        {waiting > 0 && <p>{t('quit.waiting', { count: waiting })}</p>}
        {file !== undefined && <p><Words k="quit.files" file={file} count={files.length} /></p>}
      </div>
      <Actions>
        <Button big look="line" danger onClick={() => void client.call('quit', {})}>{t('quit.anyway')}</Button>
        <Button big look="primary" type="submit">{t(file === undefined ? 'quit.stay' : 'quit.keepOpen')}</Button>
      </Actions>
    </Dialog>
  )
}
