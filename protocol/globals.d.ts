// The few globals that every JavaScript engine of ours has (Node and Chromium) and that `lib` has only together with the DOM.
declare function queueMicrotask(callback: () => void): void
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>
}
declare class TextDecoder {
  constructor(label: 'utf-8', options: { fatal: true; ignoreBOM: true })
  decode(bytes: Uint8Array): string
}
