import SimplePeer from 'simple-peer/simplepeer.min.js'
import type { FromPage, ToPage } from '../../protocol/app/link.ts'
import { MAX_FRAME } from '../../protocol/limits.ts'
import { createBulk } from './bulk.ts'
import { readPair } from './pair.ts'

export interface LinkPeer {
  take(message: Exclude<ToPage, { kind: 'open' | 'close' }>): void
  close(): void
}

interface Deps {
  open: ToPage & { kind: 'open' }
  certificate: RTCCertificate
  tell(message: FromPage): void
  /** Once, when it ended by itself; not after `close()`. */
  onClosed(why: string): void
}

/** One link: simple-peer with everything it must not decide for itself decided. */
export function createLinkPeer({ open, certificate, tell, onClosed }: Deps): LinkPeer {
  const { link, initiator } = open
  let pc!: RTCPeerConnection
  let isUp = false
  let isDescribed = false
  let isRemoteDescribed = false
  let isConnected = true
  let why = 'closed'
  /** Candidates found before our description has left. */
  const early: FromPage[] = []

  const peer = new SimplePeer({
    initiator,
    trickle: true,
    objectMode: true,
    channelName: 'ctl',
    // [L9] Both sides make the channel; none is announced.
    channelConfig: { negotiated: true, id: 0 },
    // [L5] Always given: simple-peer's own are Google's and Twilio's.
    config: { iceServers: open.iceServers, iceTransportPolicy: open.policy, certificates: [certificate] },
    wrtc: { RTCPeerConnection: capturing((made) => (pc = made)), RTCSessionDescription, RTCIceCandidate },
  })

  function tellAfterDescription(message: FromPage) {
    if (isDescribed) tell(message)
    else early.push(message)
  }

  function fail(reason: string) {
    why = reason
    peer.destroy()
  }

  peer.on('signal', (data) => {
    if (data.type === 'candidate') {
      // An empty line ends the candidates; `gathered` says that.
      if (data.candidate.candidate) tellAfterDescription({ kind: 'candidate', link, candidate: data.candidate.candidate })
    } else if ((data.type === 'offer' || data.type === 'answer') && !isDescribed) {
      isDescribed = true
      tell({ kind: 'local', link, type: data.type, sdp: data.sdp ?? '', fp: fingerprint(certificate), iceServers: readIceServers(pc) })
      for (const message of early.splice(0)) tell(message)
    }
    // [L2] All else (renegotiate, transceiverRequest, a second description) stays here.
  })

  peer.on('connect', () => {
    const der = pc.sctp?.transport.getRemoteCertificates()[0]
    if (der === undefined) return fail('no-certificate')
    isUp = true
    tell({ kind: 'up', link, der: new Uint8Array(der) })
    void tellPair()
    // Listened to only now: what came before `up` has waited in the stream.
    peer.on('data', (data: Uint8Array | string) => {
      const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data)
      if (bytes.length > MAX_FRAME) return fail('too-big')
      tell({ kind: 'ctl', link, bytes })
    })
  })

  peer.on('error', (error) => (why = (error as { code?: string }).code ?? 'error'))
  peer.on('close', () => onClosed(why))

  // Made before the offer is, so that it is in it.
  const bulk = createBulk(pc, { link, fail, tell: (message) => isUp && tell(message) })

  pc.addEventListener('icegatheringstatechange', () => {
    if (pc.iceGatheringState === 'complete') tellAfterDescription({ kind: 'gathered', link })
  })
  pc.addEventListener('iceconnectionstatechange', () => {
    const state = pc.iceConnectionState
    const now = state === 'connected' || state === 'completed' ? true : state === 'disconnected' ? false : isConnected
    if (now === isConnected || !isUp) return
    isConnected = now
    tell({ kind: 'ice', link, connected: now })
    if (now) void tellPair()
  })
  // [L9] Whatever the other side opens is closed at once.
  pc.addEventListener('datachannel', ({ channel }) => channel.close())

  async function tellPair() {
    const pair = await readPair(pc)
    if (pair !== undefined && !peer.destroyed) tell({ kind: 'pair', link, ...pair })
  }

  return {
    take(message) {
      if (peer.destroyed) return
      switch (message.kind) {
        case 'remote':
          // [L2] A second description, or one of the wrong role, would silently change roles.
          if (isRemoteDescribed || message.type !== (initiator ? 'answer' : 'offer')) return
          isRemoteDescribed = true
          return peer.signal({ type: message.type, sdp: message.sdp })
        case 'candidate':
          return peer.signal({ type: 'candidate', candidate: { candidate: message.candidate, sdpMid: '0', sdpMLineIndex: 0 } as RTCIceCandidate })
        case 'ctl':
          return send(message.bytes)
        case 'bulk':
          return bulk.send(message.bytes)
        default:
          return unreachable(message)
      }
    },
    close() {
      peer.removeAllListeners('close')
      peer.destroy()
    },
  }

  function send(bytes: Uint8Array) {
    try {
      if (isUp) peer.send(bytes)
    } catch {
      fail('send')
    }
  }
}

const unreachable = (message: never): never => message

/** simple-peer constructs the connection itself; this is how its connection is known from outside. */
function capturing(onMade: (pc: RTCPeerConnection) => void): typeof RTCPeerConnection {
  return class extends RTCPeerConnection {
    constructor(config?: RTCConfiguration) {
      super(config)
      onMade(this)
    }
  }
}

/** sha-256 of our certificate, 64 small hex digits. */
function fingerprint(certificate: RTCCertificate): string {
  const found = certificate.getFingerprints().find(({ algorithm }) => algorithm === 'sha-256')
  return (found?.value ?? '').replaceAll(':', '').toLowerCase()
}

/** [L5] Read back, not remembered. */
function readIceServers(pc: RTCPeerConnection): string[] {
  return (pc.getConfiguration().iceServers ?? []).flatMap(({ urls }) => urls)
}
