import { useEffect, useState } from 'react'
import { t } from './words/index.ts'

/** The window that holds the lock holds the link page; when it goes, another takes over and links reconnect. */
export function LinkPage() {
  const [isHeld, setIsHeld] = useState(false)
  useEffect(() => {
    const leave = new AbortController()
    navigator.locks
      .request('parley-link', { signal: leave.signal }, () => {
        setIsHeld(true)
        return new Promise<void>((resolve) => leave.signal.addEventListener('abort', () => resolve()))
      })
      .catch(() => {})
    return () => {
      leave.abort()
      setIsHeld(false)
    }
  }, [])
  return isHeld && <iframe src="link/link.html" title={t('link.title')} hidden />
}
