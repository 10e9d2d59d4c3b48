import { type Log, placeOf } from './log.ts'

/** What a request leaves to be done once it is committed. */
export interface Committed {
  /** Says the answer. All answers of a tick leave together, before anything that follows from them [S18]. */
  answer(): void
  /** Pushes, presence, goodbyes. */
  then?: (() => void) | undefined
}

export interface Job {
  /** Writes nothing: a tick of such jobs only takes no lock and makes no transaction. */
  isReadOnly?: boolean
  /** May wait a moment for others: a log-on, so that a crowd that comes back together shares commits. */
  isPatient?: boolean
  /** Reads, decides and writes. Changes nothing in memory that a rollback would have to take back. */
  run(): Committed
  /** Nothing of it was written. */
  fail(): void
}

/** How long a patient job waits for company, milliseconds: nobody feels it at a log-on, and it halves the commits of a crowd. */
const PATIENCE = 2
/** Jobs in one transaction: enough to share a sync among a burst, few enough that nobody waits long for the loop. */
const JOBS_PER_TICK = 128

export interface Deps {
  /** All of it or nothing, with synchronous writes. */
  transaction: (work: () => void) => void
  log: Log
}

/**
 * [S18] Everything that was asked within one turn of the event loop is one transaction, and all its answers leave after the one
 * commit, in the order asked, whatever became of each. So nobody can tell a stored envelope from a swallowed one by when its
 * answer comes, and a burst costs one sync instead of one each.
 */
export function createTick({ transaction, log }: Deps) {
  let waiting: Job[] = []
  let scheduled: 'no' | 'soon' | 'now' = 'no'

  function runAll(jobs: Job[]): Committed[] | undefined {
    const done: Committed[] = []
    const runJobs = () => {
      for (const job of jobs) done.push(job.run())
    }
    try {
      if (jobs.every((job) => job.isReadOnly)) runJobs()
      else transaction(runJobs)
      return done
    } catch (error) {
      log('commit-failed', { error: placeOf(error), code: String((error as NodeJS.ErrnoException).code), jobs: jobs.length })
      return undefined
    }
  }

  function finish(jobs: Job[], done: Committed[] | undefined) {
    if (done !== undefined) {
      for (const { answer } of done) guarded(answer)
      for (const { then } of done) if (then !== undefined) guarded(then)
    } else if (jobs.length === 1) {
      guarded(jobs[0]!.fail)
    } else {
      // One of them broke it (or the disk is full): each by itself, so that only the broken one pays.
      for (const job of jobs) finish([job], runAll([job]))
    }
  }

  function guarded(work: () => void) {
    try {
      work()
    } catch (error) {
      log('bug', { error: placeOf(error) })
    }
  }

  function flush() {
    scheduled = 'no'
    const jobs = waiting.splice(0, JOBS_PER_TICK)
    if (waiting.length > 0) schedule(false)
    if (jobs.length > 0) finish(jobs, runAll(jobs))
  }

  function schedule(isPatient: boolean) {
    if (scheduled === 'now' || (scheduled === 'soon' && isPatient)) return
    scheduled = isPatient ? 'soon' : 'now'
    if (isPatient) setTimeout(flush, PATIENCE)
    else setImmediate(flush)
  }

  return {
    add(job: Job) {
      waiting.push(job)
      schedule(job.isPatient === true)
    },
    /** Does what waits, and takes nothing more. */
    close() {
      while (waiting.length > 0) flush()
      waiting = []
    },
  }
}
export type Tick = ReturnType<typeof createTick>
