import type { Migration } from '../migrate.ts'
import { first } from './0001-first.ts'

/** In order. Until the first release there is one, edited freely. */
export const migrations: readonly Migration[] = [first]
