import { HEAD } from '../../protocol/app/framing.ts'
import { type FromPage, readToPage, type ToPage, writeFromPage } from '../../protocol/app/link.ts'
import type { BytePipe } from '../../protocol/app/pipe.ts'
import { BULK_HEAD, MAX_CHUNK } from '../../protocol/limits.ts'
import { createLinkPeer, type LinkPeer } from './link-peer.ts'

/** [L8] One kind of certificate, made anew for each link. */
const CERTIFICATE = { name: 'ECDSA', namedCurve: 'P-256' }

/** All links of this page, by number. [L7] Nothing of WebRTC is constructed before the core says `open`. */
export function createLinks(pipe: BytePipe) {
  /** A peer is there once its certificate is made; what the core says meanwhile waits for it, in order. */
  const links = new Map<number, Promise<LinkPeer | undefined>>()
  /** A socket and a port copy what they are given, so one memory serves all messages of `bulk`; new memory for each cost as much as sending it. */
  const scratch = new Uint8Array(HEAD + BULK_HEAD + MAX_CHUNK)

  pipe.onBytes((bytes) => {
    const message = readToPage(bytes)
    if (message !== undefined) take(message)
  })
  function take(message: ToPage) {
    switch (message.kind) {
      case 'open':
        if (!links.has(message.link)) links.set(message.link, open(message))
        return
      case 'close':
        return close(message.link)
      default:
        void links.get(message.link)?.then((peer) => peer?.take(message))
    }
  }

  async function open(message: ToPage & { kind: 'open' }): Promise<LinkPeer | undefined> {
    const { link } = message
    const certificate = await RTCPeerConnection.generateCertificate(CERTIFICATE)
    if (!links.has(link)) return undefined
    const onClosed = (why: string) => {
      if (links.delete(link)) tell({ kind: 'closed', link, why })
    }
    try {
      return createLinkPeer({ open: message, certificate, tell, onClosed })
    } catch {
      // Chromium takes no such iceServers.
      onClosed('config')
      return undefined
    }
  }

  function close(link: number) {
    const peer = links.get(link)
    links.delete(link)
    void peer?.then((open) => open?.close())
  }

  function tell(message: FromPage) {
    pipe.send(writeFromPage(message, message.kind === 'bulk' ? scratch : undefined))
  }

  return {
    /** The core is gone: nothing may stay connected. */
    close() {
      for (const link of [...links.keys()]) close(link)
    },
  }
}
