import react from '@vitejs/plugin-react'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vite'

const root = import.meta.dirname
const pages = ['index.html', 'link/link.html'].map((page) => join(root, page)).filter((page) => existsSync(page))

export default defineConfig({
  root,
  base: './',
  plugins: [react()],
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    target: 'es2024',
    // The CSP allows neither data: nor inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One chunk: it comes from this machine.
    chunkSizeWarningLimit: 1_000,
    rollupOptions: {
      input: pages,
      // protocol/ is types and pure functions: what is not used of it (the core's parsers, and with them zod) is left out.
      treeshake: { moduleSideEffects: [{ test: /\/protocol\//, sideEffects: false }] },
    },
  },
})
