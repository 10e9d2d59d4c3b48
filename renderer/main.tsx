import '@fontsource-variable/inter/wght.css'
import './styles/tokens.css'
import './styles/reset.css'
import { createRoot } from 'react-dom/client'
import type { Ik } from '../protocol/ids.ts'
import { Root } from './Root.tsx'

const place = document.getElementById('root')
if (place === null) throw new Error('no place for the app')
const chat = new URLSearchParams(location.search).get('chat') ?? undefined

createRoot(place).render(<Root onlyChat={chat as Ik | undefined} />)
