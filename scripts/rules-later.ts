/** Rules of docs/PROTOCOL.md that are written down and not yet in force: each goes from here when its part is made. */
export const laterRules: RegExp[] = [
  /^Y\d+$/, // policy
  /^G(9|10|11|12)$/, // log requests, retention, archive
  /^W29$/, // editing, reactions
  /^I19$/, // backup archive
  /^S23$/, // turn.get
  /^P(4|6)$/, // being hidden at the client, visibility per buddy
]

/** Ids of other papers that titles quote too: seam rules (H, architecture), faults (F, reliability). */
export const otherIds = /^(H[1-8]|F([1-9]|[12]\d|30))$/
