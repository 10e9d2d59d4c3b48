import { setFlagsFromString } from 'node:v8'

/**
 * V8's young heap stays as small as it begins. The bytes of a file pass through it, and left to itself it grows by some 40 MB that it
 * never gives back (measured at the receiver of a transfer: +42–54 MB before, +7–14 MB since, at the same rate).
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
