import { ensureChromium } from './chromium.ts'
import { ensureClamd } from './clamav.ts'
import { hasDisplay, run } from './process.ts'

/** `npm run demo`: finds or installs Chromium, then plays the demo with it; its scanner likewise. */
const chromium = await ensureChromium({ isSeen: hasDisplay })
if (chromium === undefined) process.exit(1)
await ensureClamd()
process.exit(await run(process.execPath, ['e2e/demo.ts'], { env: { ...process.env, PARLEY_CHROMIUM: chromium } }))
