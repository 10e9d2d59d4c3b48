import { useEffect, useState } from 'react'
import { useParley } from '../store/parley.ts'
import css from './Picture.module.css'

/** A picture that came or went, as bytes from the core: nothing else is ever drawn from a file. */
export function Picture({ id, name }: { id: string; name: string }) {
  const { desk } = useParley()
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const leave = new AbortController()
    let made: string | undefined
    desk.picture(id, leave.signal).then(
      (blob) => {
        if (leave.signal.aborted) return
        made = URL.createObjectURL(blob)
        setUrl(made)
      },
      // Without it the card alone says what it is.
      () => {},
    )
    return () => {
      leave.abort()
      if (made !== undefined) URL.revokeObjectURL(made)
    }
  }, [desk, id])
  return url !== undefined && <img className={css.picture} src={url} alt={name} onError={() => setUrl(undefined)} />
}
