import type { FileRule } from '../../protocol/app/views.ts'
import type { Ik, Ms } from '../../protocol/ids.ts'
import type { Chance } from '../random.ts'
import type { Store } from '../store/store.ts'
import { dayOf, type Rule } from './rules.ts'

/** What accepts by itself, written through. */
export interface Rules {
  all(): Rule[]
  views(): FileRule[]
  add(rule: Pick<Rule, 'ik' | 'types' | 'largest' | 'daily' | 'until'>): void
  put(rule: Rule): void
  remove(id: string): void
  forget(ik: Ik): void
}

export function createRules({ store, chance, now, onChange }: { store: Store; chance: Chance; now: () => Ms; onChange(): void }): Rules {
  const sql = {
    all: store.db.prepare<[], { doc: string }>('SELECT doc FROM file_rules'),
    put: store.db.prepare('INSERT OR REPLACE INTO file_rules VALUES (?, ?)'),
    drop: store.db.prepare('DELETE FROM file_rules WHERE id = ?'),
  }
  const rules: Rules = {
    all: () => sql.all.all().map(({ doc }) => JSON.parse(doc) as Rule),
    views: () => rules.all().filter(({ until }) => until > now()).map(({ day, ...rule }) => ({ ...rule, usedToday: day === dayOf(now()) ? rule.usedToday : 0 })),
    add: (rule) => rules.put({ ...rule, id: chance.b64(16), usedToday: 0, day: dayOf(now()) }),
    put(rule) {
      store.write(() => {
        sql.put.run(rule.id, JSON.stringify(rule))
        store.after(onChange)
      })
    },
    remove(id) {
      store.write(() => {
        sql.drop.run(id)
        store.after(onChange)
      })
    },
    forget(ik) {
      for (const rule of rules.all()) if (rule.ik === ik) rules.remove(rule.id)
    },
  }
  return rules
}
