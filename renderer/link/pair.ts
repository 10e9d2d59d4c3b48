/** The addresses in use, from getStats(). */
export interface Pair { local: string; localType: string; remoteType: string }

interface Stat { id: string; type: string; selectedCandidatePairId?: string; localCandidateId?: string; remoteCandidateId?: string; candidateType?: string; address?: string }

/**
 * The selected pair. The address of a local candidate is what the other side sees: its own for `host`, the router's for `srflx` and
 * `prflx`, the relay's for `relay`. Empty where Chromium hides it.
 */
export async function readPair(pc: RTCPeerConnection): Promise<Pair | undefined> {
  const stats = new Map<string, Stat>()
  const report = await pc.getStats().catch(() => undefined)
  report?.forEach((stat: Stat) => stats.set(stat.id, stat))
  const transport = [...stats.values()].find(({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId !== undefined)
  const pair = stats.get(transport?.selectedCandidatePairId ?? '')
  const local = stats.get(pair?.localCandidateId ?? '')
  const remote = stats.get(pair?.remoteCandidateId ?? '')
  if (local === undefined || remote === undefined) return undefined
  return { local: local.address ?? '', localType: local.candidateType ?? '', remoteType: remote.candidateType ?? '' }
}
