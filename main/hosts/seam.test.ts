import { memoryPipes } from '../../protocol/app/pipe.ts'
import { seamSuite } from './seam.suite.ts'

seamSuite('memory', async (attach) => ({
  async open() {
    const [core, window] = memoryPipes()
    attach(core)
    return window
  },
  strangers: {},
  async close() {},
}))
