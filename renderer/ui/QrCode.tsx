import { useMemo } from 'react'
import { encode } from 'uqr'
import css from './QrCode.module.css'

/** Modules of quiet zone around the code that readers need. */
const BORDER = 2

/** A QR code as one path, dark on white in every theme. */
export function QrCode({ text, label, small = false }: { text: string; label: string; small?: boolean }) {
  const { size, path } = useMemo(() => qrPath(text), [text])
  return (
    <svg className={small ? css.small : css.code} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <path d={path} />
    </svg>
  )
}

/** The same as a file. */
export function qrFile(text: string): string {
  const { size, path } = qrPath(text)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="${size * 8}" height="${size * 8}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`
}

function qrPath(text: string): { size: number; path: string } {
  const { size, data } = encode(text, { ecc: 'L', border: BORDER })
  const runs = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
  return { size, path: runs.join('') }
}
