import { useEffect, useState } from 'react'

/** How long a button says that it copied, milliseconds. */
const COPIED_FOR = 2_000

export function useCopied() {
  const [isCopied, setIsCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setIsCopied(false), COPIED_FOR)
    return () => clearTimeout(timer)
  }, [isCopied])
  const copy = async (what: string) => {
    await navigator.clipboard.writeText(what)
    setIsCopied(true)
  }
  return { isCopied, copy }
}
