/**
 * [L3, I17] What kind of address an IP literal is, judged by its bytes. Only the kinds named here ever leave this machine or
 * are given to Chromium, which would send packets to anything.
 */
export type AddressKind = 'public' | 'private' | 'loopback' | 'never'

/** The kind of an IPv4 or IPv6 literal; undefined where it is no literal (names, zones, brackets, octal). */
export function addressKind(ip: string): AddressKind | undefined {
  const four = parseIpv4(ip)
  if (four !== undefined) return ipv4Kind(four)
  const six = parseIpv6(ip)
  return six === undefined ? undefined : ipv6Kind(six)
}

export function parseIpv4(ip: string): number[] | undefined {
  const parts = ip.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part))) return undefined
  const bytes = parts.map(Number)
  return bytes.every((byte) => byte <= 255) ? bytes : undefined
}

/** Eight groups of 16 bits. */
export function parseIpv6(ip: string): number[] | undefined {
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(ip) || ip.includes(':::')) return undefined
  const halves = ip.split('::')
  if (halves.length > 2) return undefined
  const groups = halves.map((half, i) => ipv6Groups(half, i === halves.length - 1))
  if (groups.some((half) => half === undefined)) return undefined
  const [front, back] = groups as [number[], number[] | undefined]
  if (back === undefined) return front.length === 8 ? front : undefined
  const zeros = 8 - front.length - back.length
  return zeros >= 1 ? [...front, ...new Array<number>(zeros).fill(0), ...back] : undefined
}

function ipv6Groups(half: string, mayEndInIpv4: boolean): number[] | undefined {
  if (half === '') return []
  const out: number[] = []
  const parts = half.split(':')
  for (const [i, part] of parts.entries()) {
    if (part.includes('.')) {
      const four = mayEndInIpv4 && i === parts.length - 1 ? parseIpv4(part) : undefined
      if (four === undefined) return undefined
      out.push(four[0]! * 256 + four[1]!, four[2]! * 256 + four[3]!)
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
      out.push(Number.parseInt(part, 16))
    }
  }
  return out.length <= 8 ? out : undefined
}

function ipv4Kind([a, b]: number[]): AddressKind {
  if (a === 127) return 'loopback'
  if (a === 10 || (a === 172 && b! >= 16 && b! <= 31) || (a === 192 && b === 168) || (a === 100 && b! >= 64 && b! <= 127)) return 'private'
  if (a === 0 || (a === 169 && b === 254) || a! >= 224) return 'never'
  return 'public'
}

function ipv6Kind(groups: number[]): AddressKind {
  if (groups.slice(0, 7).every((group) => group === 0) && groups[7] === 1) return 'loopback'
  const first = groups[0]!
  if ((first & 0xfe00) === 0xfc00) return 'private'
  const isTeredo = first === 0x2001 && groups[1] === 0
  const is6to4 = first === 0x2002
  return (first & 0xe000) === 0x2000 && !isTeredo && !is6to4 ? 'public' : 'never'
}
