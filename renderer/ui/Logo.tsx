import css from './Logo.module.css'

/** Two speech bubbles. */
export const Logo = () => (
  <svg className={css.logo} viewBox="0 0 32 32" aria-hidden>
    <rect width="32" height="32" rx="8" />
    <path className={css.near} d="M8 9h11a3 3 0 0 1 3 3v4a3 3 0 0 1-3 3h-5l-4 4v-4H8a3 3 0 0 1-3-3v-4a3 3 0 0 1 3-3z" />
    <path className={css.far} d="M25 13a3 3 0 0 1 2 3v4a3 3 0 0 1-3 3v3l-4-3h-3" />
  </svg>
)
