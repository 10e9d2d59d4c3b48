import { type Api, params } from '../../protocol/app/api.ts'
import { Refused, serve } from '../../protocol/app/rpc.ts'
import type { Can, Snapshot } from '../../protocol/app/views.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { App } from '../ports.ts'

/** Stands in for a core that could not start: its windows show one sentence, and every call is refused with the same code. */
export function failedApp(code: ErrorCode, can: Can): App {
  const refuse = () => {
    throw new Refused(code)
  }
  const api = Object.fromEntries(Object.keys(params).map((method) => [method, refuse])) as unknown as Api
  const announcer = { seq: 0, snapshot: () => failedSnapshot(code, can), listen: () => () => {} }
  return {
    attachWindow: (pipe) => serve(pipe, api, announcer, () => {}),
    attachLinkPage: (pipe) => pipe.close(),
    attachWindowBytes: (pipe) => pipe.close(),
    give: async () => undefined,
    openLink() {},
    wake() {},
    async close() {},
  }
}

export const failedSnapshot = (code: ErrorCode, can: Can): Snapshot => ({
  can,
  phase: { at: 'failed', code },
  version: '',
  connection: { at: 'off' },
  buddies: [],
  requests: [],
  refused: 0,
  invites: [],
  blocked: [],
  settings: {
    mailbox: true, readReceipts: true, goOnlineAtStart: false, notifications: 'all', appearance: 'system', enterSends: true, knocks: 'everyone',
    uploadLimit: 0, downloadLimit: 0, scanCommand: [], leaveOut: ['Thumbs.db', '.DS_Store', 'desktop.ini'],
  },
  defaults: { connect: 'server', relay: false },
  banners: [],
  transfers: [],
  rules: [],
  shares: [],
  scanner: { kind: 'none', answers: false },
})
