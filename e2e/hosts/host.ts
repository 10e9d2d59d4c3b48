import type { Page } from '@playwright/test'

/** One person's Parley, in either host. */
export interface Seat {
  page: Page
  /** What went wrong in any of its windows: policy violations, console errors, exceptions, requests to strangers. */
  faults: string[]
  /** Every WebRTC connection that any of its pages made, in order. */
  connections: Connection[]
  /** Ends it as a user would. */
  close(): Promise<void>
  /** kill -9 of the core. */
  kill(): Promise<void>
}

export interface SeatOptions {
  dataDir: string
  /** Where saved files go. */
  downloads: string
  /** Further arguments of the host. */
  args: string[]
}

/** A connection as its page saw it, read back from itself. */
export interface Connection {
  iceServers: unknown[]
  policy: string
  isClosed: boolean
  /** Addresses of the other side that it was given. */
  heard: string[]
}

/** In every page, before its own scripts: a violation of the policy is an error like any other, and WebRTC is watched. */
export const WATCH = `
addEventListener('securitypolicyviolation', (event) =>
  console.error('securitypolicyviolation ' + event.effectiveDirective + ' ' + event.blockedURI + ' ' + event.sourceFile + ':' + event.lineNumber))
{
  let made = 0
  const page = Math.random().toString(36).slice(2)
  const Real = globalThis.RTCPeerConnection
  globalThis.RTCPeerConnection = class RTCPeerConnection extends Real {
    #name = page + ++made
    constructor(...given) {
      super(...given)
      const { iceServers, iceTransportPolicy } = this.getConfiguration()
      console.debug('webrtc made ' + this.#name + ' ' + JSON.stringify({ iceServers, policy: iceTransportPolicy }))
    }
    setRemoteDescription(description) {
      console.debug('webrtc heard ' + this.#name + ' ' + JSON.stringify(description.sdp))
      return super.setRemoteDescription(description)
    }
    addIceCandidate(candidate) {
      console.debug('webrtc heard ' + this.#name + ' ' + JSON.stringify('a=' + candidate.candidate))
      return super.addIceCandidate(candidate)
    }
    close() {
      super.close()
      console.debug('webrtc closed ' + this.#name)
    }
  }
}`

/** Hears what WATCH says. */
export function hearConnections(into: Connection[]): (text: string) => void {
  const known = new Map<string, Connection>()
  return (text) => {
    const [, what, name = '', json = ''] = /^webrtc (made|heard|closed) (\S+) ?(.*)$/s.exec(text) ?? []
    if (what === 'made') {
      const made = { ...(JSON.parse(json) as Pick<Connection, 'iceServers' | 'policy'>), isClosed: false, heard: [] }
      known.set(name, made)
      into.push(made)
    }
    const connection = known.get(name)
    if (what === 'closed' && connection !== undefined) connection.isClosed = true
    if (what === 'heard') connection?.heard.push(...[...(JSON.parse(json) as string).matchAll(/a=candidate:\S+ \d \S+ \d+ (\S+)/g)].map((match) => match[1]!))
  }
}

/** A core that was ended on purpose leaves its windows with a connection refused. */
export const isFault = (text: string): boolean => !/ERR_CONNECTION_REFUSED|WebSocket connection to .* failed/.test(text)
