import type { Client } from '../../protocol/app/rpc.ts'
import type { Buddy } from '../../protocol/app/views.ts'
import type { useUndo } from '../ui/Undo.tsx'
import { t } from '../words/index.ts'

/** Blocks at once, and offers to take it back. */
export async function block(client: Client, undo: ReturnType<typeof useUndo>, { ik, name }: Buddy): Promise<void> {
  await client.call('block', { ik })
  undo({ text: t('blocked.done', { name }), undo: () => void client.call('undo', { ik }) })
}
