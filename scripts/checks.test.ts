import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { findImportFaults } from './check-imports.ts'
import { findRuleFaults } from './check-rules.ts'

/** A tree of files of its own. */
function tree(t: TestContext, files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'parley-tree-'))
  t.after(() => rmSync(root, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

test('an import that the table allows is fine, and one that it does not is found with its line', (t) => {
  const root = tree(t, {
    'protocol/limits.ts': "import { z } from 'zod'\n",
    'main/messages/log.ts': "import { a } from './outbox.ts'\nimport { open } from '../store/open.ts'\nimport { z } from 'zod'\nimport { join } from 'node:path'\n",
    'main/messages/receive.ts': "import type { Roster } from '../roster/roster.ts'\nimport { sha256 } from '../identity/crypto.ts'\nimport type { x } from 'electron'\n",
    'main/messages/send.ts': "// import { x } from 'electron'\nimport {\n  link,\n} from '../links/links.ts'\n",
    'main/electron/index.ts': "import { app } from 'electron'\nimport { createApp } from '../app.ts'\n",
    'main/app.ts': "const electron = await import('electron')\nimport { core } from './testing/core.ts'\n",
    'main/testing/core.ts': "import { createApp } from '../app.ts'\n",
    'renderer/chat/Chat.tsx': "import { useState } from 'react'\nimport './Chat.module.css'\nimport type { Buddy } from '../../protocol/app/views.ts'\nexport * from '../../protocol/wire/peer.ts'\n",
    'signaling-server/index.ts': "import '../main/app.ts'\n",
    'main/links/links.test.ts': "import { startServer } from '../../signaling-server/index.ts'\nimport { test } from 'node:test'\n",
    'main/web/index.ts': "import { run } from '../../scripts/run.ts'\n",
    'elsewhere/x.ts': 'export {}\n',
    'out/main/x.ts': "import 'electron'\n",
  })
  assert.deepEqual(findImportFaults(root), [
    'elsewhere/x.ts is in no folder that scripts/check-imports.ts knows',
    'main/app.ts:1 imports electron, which main/app.ts may not',
    'main/app.ts:2 imports main/testing/core.ts, which main/app.ts may not',
    'main/messages/receive.ts:3 imports electron, which main/ may not',
    'main/messages/send.ts:4 imports main/links/links.ts, which main/ may not',
    'main/web/index.ts:1 imports scripts/run.ts, which main/web/ may not',
    'protocol/limits.ts:1 imports zod, which protocol/limits.ts may not',
    'renderer/chat/Chat.tsx:4 imports protocol/wire/peer.ts, which renderer/ may not',
    'signaling-server/index.ts:1 imports main/app.ts, which signaling-server/ may not',
  ])
})

test('a rule without a test is found, and a test of a rule that does not exist', (t) => {
  const root = tree(t, {
    'docs/PROTOCOL.md': '- **S1** One. - **S2** Two. - **S3** Three. - **Y4** Later. - **L2** Five.\n',
    'main/a.test.ts': "test('[S1] one', () => {})\ncheck('[S9] no such rule', () => {})\ntest('[H1] of another paper', () => {})\n",
    'e2e/specs/b.spec.ts': 'test(`[L1, L2] five`, async () => {})\n// [S3] in a comment is no test\n',
  })
  assert.deepEqual(findRuleFaults(root), [
    'S2 has no test',
    'S3 has no test',
    'e2e/specs/b.spec.ts quotes L1, which isn’t in docs/PROTOCOL.md',
    'main/a.test.ts quotes S9, which isn’t in docs/PROTOCOL.md',
  ])
  assert.equal(findRuleFaults(tree(t, {})), undefined)
})
