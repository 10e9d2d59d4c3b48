/** A handle from a name: small letters without marks, dots for spaces. Empty where nothing is left. */
export const handleFrom = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/\s+/g, '.')
    .replace(/[^a-z0-9._-]/g, '')
    .replace(/^[._-]+/, '')
    .slice(0, 32)
    .replace(/[._-]+$/, '')

/** [I3] The words for what is wrong with a handle, before the server is asked. */
export function handleProblem(handle: string): 'handle.letters' | 'handle.length' | undefined {
  if (!/^[a-z0-9._-]*$/.test(handle) || /^[._-]|[._-]$/.test(handle)) return 'handle.letters'
  return handle.length < 3 || handle.length > 32 ? 'handle.length' : undefined
}
