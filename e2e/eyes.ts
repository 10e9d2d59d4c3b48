import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** `PARLEY_SHOTS=dir` keeps a picture of each window, for people to look at. */
const SHOTS = process.env['PARLEY_SHOTS']
const WIDE = { width: 1280, height: 800 }
const LOOKS = [
  { name: 'wide light', ...WIDE, colorScheme: 'light' },
  { name: 'wide dark', ...WIDE, colorScheme: 'dark' },
  { name: 'narrow light', width: 390, height: 760, colorScheme: 'light' },
  { name: 'narrow dark', width: 390, height: 760, colorScheme: 'dark' },
  { name: '320', width: 320, height: 640, colorScheme: 'light' },
] as const

/** Looks at a window as it stands, and gathers what is wrong in each look, so that one run tells all of it. */
export function openEyes(page: Page) {
  const found: string[] = []

  /** What axe finds, and what is wider than the window: also at 200 % zoom and with letters twice as large. */
  async function look(window: string, only?: string[]) {
    for (const { name, width, height, colorScheme } of LOOKS) {
      if (only !== undefined && !only.includes(name)) continue
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await isNotWider(`${window}, ${name}`)
      if (SHOTS !== undefined) {
        mkdirSync(SHOTS, { recursive: true })
        await page.screenshot({ path: join(SHOTS, `${window} - ${name}.png`.replaceAll(' ', '-')) })
      }
      if (name === '320') continue
      // What stands where is the same in the dark: only the colours are another matter.
      const axe = new AxeBuilder({ page })
      const { violations } = await (colorScheme === 'dark' ? axe.withRules('color-contrast') : axe).analyze()
      for (const { id, help, nodes } of violations) {
        found.push(`${window}, ${name}: ${id}: ${help}: ${nodes.map(({ html, any }) => `${html.slice(0, 160)} ${any.map(({ message }) => message).join(' ')}`).join(' | ')}`)
      }
    }
    if (only === undefined) {
      await page.setViewportSize({ width: WIDE.width / 2, height: WIDE.height / 2 })
      await isNotWider(`${window}, 200 %`)
      await page.evaluate('document.documentElement.style.fontSize = "200%"')
      await isNotWider(`${window}, large letters`)
      await page.evaluate('document.documentElement.style.fontSize = ""')
      await page.setViewportSize({ width: 320, height: 256 })
      await isReachable(`${window}, 400 %`)
    }
    await page.setViewportSize(WIDE)
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  }

  async function isNotWider(where: string) {
    const wider = await page.evaluate(() => {
      const { document, innerWidth } = globalThis as unknown as {
        innerWidth: number
        document: { documentElement: { scrollWidth: number }; querySelectorAll(of: string): Iterable<Box> }
      }
      interface Box { className: unknown; tagName: string; clientWidth: number; scrollWidth: number; getBoundingClientRect(): { left: number; right: number; width: number } }
      const wide = document.documentElement.scrollWidth > innerWidth ? [`the window by ${document.documentElement.scrollWidth - innerWidth}`] : []
      // A button that is cut off cannot be pressed.
      for (const box of document.querySelectorAll('button, input, textarea, [role=link]')) {
        const { left, right, width } = box.getBoundingClientRect()
        const hidden = width <= 1
        if (!hidden && (right > innerWidth + 1 || left < -1)) wide.push(`${box.tagName} ${String((box as { ariaLabel?: unknown }).ariaLabel ?? (box as { textContent?: unknown }).textContent).slice(0, 30)} ${Math.round(left)}–${Math.round(right)} of ${innerWidth}`)
      }
      return wide
    })
    if (wider.length > 0) found.push(`${where}: wider: ${wider.join(', ')}`)
  }

  /** In a window of hardly any height, rows, messages and the composer have room, and can be scrolled into sight. */
  async function isReachable(where: string) {
    await isNotWider(where)
    const lost = await page.evaluate(() => {
      interface Box { className: unknown; offsetParent: unknown; scrollIntoView(how: { block: 'nearest' }): void; getBoundingClientRect(): { top: number; bottom: number; height: number } }
      const { document, innerHeight } = globalThis as unknown as { innerHeight: number; document: { querySelectorAll(of: string): Iterable<Box> } }
      const lost: string[] = []
      for (const [what, least] of [['[data-row]', 40], ['[data-area=log]', 100], ['[data-stop=composer]', 24]] as const) {
        for (const box of document.querySelectorAll(what)) {
          // In a narrow window the other half is not drawn.
          if (box.offsetParent === null) continue
          box.scrollIntoView({ block: 'nearest' })
          const { top, bottom, height } = box.getBoundingClientRect()
          if (height < least || bottom < 1 || top > innerHeight - 1) lost.push(`${what} ${Math.round(height)} px high, from ${Math.round(top)} to ${Math.round(bottom)} of ${innerHeight}`)
        }
      }
      return lost
    })
    if (lost.length > 0) found.push(`${where}: out of reach: ${lost.join(', ')}`)
  }

  /** Tab reaches everything in turn, and each stop is seen. */
  async function tab(window: string) {
    const seen = new Set<string>()
    for (let stop = 0; stop < 40; stop++) {
      await page.keyboard.press('Tab')
      const at = await page.evaluate(() => {
        interface Style { outlineStyle: string; outlineWidth: string; boxShadow: string; borderColor: string }
        interface Element { outerHTML: string; tagName: string; parentElement: Element | null }
        const { document, getComputedStyle } = globalThis as unknown as { document: { activeElement: Element; body: Element }; getComputedStyle(of: Element): Style }
        const element = document.activeElement
        if (element === document.body) return undefined
        // A field may leave it to the frame around it.
        const isSeen = [element, element.parentElement, element.parentElement?.parentElement].some((one) => {
          if (one === null || one === undefined) return false
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one)
          return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none'
        })
        return { html: element.outerHTML.slice(0, 200), isSeen }
      })
      // After the last comes the browser itself, then the first.
      if (at === undefined && seen.size === 0) continue
      if (at === undefined || seen.has(at.html)) break
      seen.add(at.html)
      if (!at.isSeen) found.push(`${window}: the focus is not seen on ${at.html}`)
    }
    if (seen.size < 3) found.push(`${window}: Tab reaches only ${[...seen].join(', ')}`)
  }

  function none() {
    expect(found).toEqual([])
  }

  return { look, tab, none }
}
