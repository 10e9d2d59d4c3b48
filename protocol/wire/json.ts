import { utf8Text } from './bytes.ts'

/** [W5] Objects and arrays nest at most this deep; the outermost is 1. */
const MAX_DEPTH = 8
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])

export type Parsed = { ok: true; value: unknown } | { ok: false; why: string }

/**
 * [W5] JSON from outside: UTF-8 without a byte order mark, integers up to 2^53 - 1 either way, depth 8, no key that could
 * reach an object's prototype. Parse once, use only what this returned.
 */
export function parseJson(bytes: Uint8Array): Parsed {
  const text = utf8Text(bytes)
  if (text === undefined) return { ok: false, why: 'not UTF-8' }
  return parseJsonText(text)
}

/** The same for text that a WebSocket already decoded. */
export function parseJsonText(text: string): Parsed {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, why: 'syntax' }
  }
  const why = faultIn(value, 1)
  return why === undefined ? { ok: true, value } : { ok: false, why }
}

function faultIn(value: unknown, depth: number): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? undefined : 'number'
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > MAX_DEPTH) return 'depth'
  for (const key of Object.keys(value)) {
    if (!Array.isArray(value) && FORBIDDEN.has(key)) return 'key'
    const why = faultIn((value as Record<string, unknown>)[key], depth + 1)
    if (why !== undefined) return why
  }
  return undefined
}
