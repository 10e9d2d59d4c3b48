import { addressKind, parseIpv4, parseIpv6 } from '../protocol/wire/addresses.ts'

/** Client addresses: what limits go by [S23], whom to believe about them [S24], and how little of them a log may hold [S25]. */

/** An IPv4 address that came over an IPv6 socket is that IPv4 address. */
const plain = (ip: string): string => (ip.toLowerCase().startsWith('::ffff:') && parseIpv4(ip.slice(7)) !== undefined ? ip.slice(7) : ip)

const groups = (of: number[]): string => of.map((group) => group.toString(16)).join(':')

/**
 * What the per-address limits count by: an IPv4 address, or the /64 of an IPv6 one, which is the least a household has.
 * Undefined for loopback, which has no limits per address [S24]. What is no address at all shares one bucket.
 */
export function addressKey(ip: string): string | undefined {
  const one = plain(ip)
  if (addressKind(one) === 'loopback') return undefined
  if (parseIpv4(one) !== undefined) return one
  const six = parseIpv6(one)
  return six === undefined ? 'unknown' : `${groups(six.slice(0, 4))}::/64`
}

/** [S25] All a log may hold of an address: /24, /48. */
export function addressCut(ip: string): string {
  const one = plain(ip)
  const four = parseIpv4(one)
  if (four !== undefined) return `${four.slice(0, 3).join('.')}.0/24`
  const six = parseIpv6(one)
  return six === undefined ? 'unknown' : `${groups(six.slice(0, 3))}::/48`
}

/** A range of addresses, `a.b.c.d/n` or `x::/n`; a single address is the longest prefix. Undefined where it is neither. */
export function parseRange(text: string): ((ip: string) => boolean) | undefined {
  const [base = '', length, ...more] = text.split('/')
  const wanted = bitsOf(base)
  const prefix = length === undefined ? wanted?.length : /^[0-9]{1,3}$/.test(length) ? Number(length) : undefined
  if (wanted === undefined || prefix === undefined || more.length > 0 || prefix > wanted.length) return undefined
  return (ip) => {
    const bits = bitsOf(ip)
    return bits !== undefined && bits.length === wanted.length && bits.slice(0, prefix) === wanted.slice(0, prefix)
  }
}

function bitsOf(ip: string): string | undefined {
  const one = plain(ip)
  const four = parseIpv4(one)
  if (four !== undefined) return four.map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return parseIpv6(one)?.map((group) => group.toString(2).padStart(16, '0')).join('')
}

/**
 * [S24] The client's address. `X-Forwarded-For` is believed only as far as named proxies wrote it: it is read from the end, and
 * the first address that is no proxy of ours is the client, whatever stands before it.
 */
export function clientAddress(socketAddress: string, forwardedFor: string | undefined, isProxy: (ip: string) => boolean): string {
  let address = plain(socketAddress)
  const said = (forwardedFor ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '')
  while (isProxy(address) && said.length > 0) address = plain(said.pop()!)
  return address
}
