import { useEffect, useState } from 'react'

/** The time, again every `every` milliseconds. */
export function useNow(every = 30_000): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [every])
  return now
}

/** Seconds until then, at least 1. */
export const useSecondsUntil = (until: number): number => Math.max(1, Math.ceil((until - useNow(1_000)) / 1_000))
