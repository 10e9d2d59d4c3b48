import { openBytePipe } from './byte-pipe.ts'
import { createLinks } from './links.ts'
import { holdReserve } from './memory.ts'

/** The link page: simple-peer behind a byte pipe. The core decides; this page only connects. */

/** Wait before the core is tried again, doubling from the first to the last. */
const FIRST_WAIT = 1_000
const LONGEST_WAIT = 30_000

function run(wait: number) {
  let nextWait = Math.min(wait * 2, LONGEST_WAIT)
  let isRefused = false
  const pipe = openBytePipe({
    onOpen: () => (nextWait = FIRST_WAIT),
    onRefused: () => (isRefused = true),
  })
  const links = createLinks(pipe)
  pipe.onClose(() => {
    links.close()
    if (!isRefused) setTimeout(run, nextWait, nextWait)
  })
}

holdReserve()
run(FIRST_WAIT)
