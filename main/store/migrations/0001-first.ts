import type { Migration } from '../migrate.ts'

/** Times are unix ms. Ids, hashes and keys are B64 text. JSON documents are written and read by one module each. */
export const first: Migration = {
  version: 1,
  sql: `
-- One value a key, JSON: identity, server, settings.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- roster/: one person, with whatever state stands between us.
CREATE TABLE buddies (ik TEXT PRIMARY KEY, c TEXT NOT NULL UNIQUE, doc TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- Rules at the server [C20]; the server's copy is made equal to this at each log-on [C23].
CREATE TABLE rules (id TEXT PRIMARY KEY, ik TEXT NOT NULL, h TEXT NOT NULL, may TEXT NOT NULL, tomb INTEGER NOT NULL, until INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE denied (h TEXT PRIMARY KEY, ik TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE invites (id TEXT PRIMARY KEY, t TEXT NOT NULL, link TEXT NOT NULL, made INTEGER NOT NULL, exp INTEGER NOT NULL, uses INTEGER NOT NULL, withdrawn INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE invite_uses (invite TEXT NOT NULL REFERENCES invites(id) ON DELETE CASCADE, ik TEXT NOT NULL, PRIMARY KEY (invite, ik)) STRICT, WITHOUT ROWID;

-- envelopes/: private halves of mine [4.2], and public halves of theirs that I may seal to.
CREATE TABLE batches (ik TEXT NOT NULL, dev TEXT NOT NULL, b INTEGER NOT NULL, pub TEXT NOT NULL, made INTEGER NOT NULL, acked INTEGER, used INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (ik, dev, b)) STRICT, WITHOUT ROWID;
-- The highest b ever made for a device of theirs: numbers go on after the batches went [E5].
CREATE TABLE batch_tops (ik TEXT NOT NULL, dev TEXT NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (ik, dev)) STRICT, WITHOUT ROWID;
CREATE TABLE own_keys (id TEXT PRIMARY KEY, kind TEXT NOT NULL, priv TEXT NOT NULL, pub TEXT NOT NULL, ik TEXT, dev TEXT, b INTEGER, made INTEGER NOT NULL, replaced INTEGER, drains INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE INDEX own_keys_batch ON own_keys (ik, dev, b);
CREATE TABLE used_keys (id TEXT PRIMARY KEY, ik TEXT, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE issued_keys (id TEXT PRIMARY KEY, ik TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE seen_envelopes (key TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (key, id)) STRICT, WITHOUT ROWID;
CREATE TABLE peer_keys (ik TEXT NOT NULL, id TEXT NOT NULL, dev TEXT NOT NULL, b INTEGER NOT NULL, kind TEXT NOT NULL, pk TEXT NOT NULL, used INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (ik, id)) STRICT, WITHOUT ROWID;
CREATE INDEX peer_keys_newest ON peer_keys (ik, b, kind, used);

-- messages/: frames out. bytes is null where the content is not kept [G2], and once the frame is got.
CREATE TABLE out_frames (c TEXT NOT NULL, n INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, t TEXT NOT NULL, h TEXT NOT NULL, bytes BLOB, state TEXT NOT NULL, at INTEGER NOT NULL, envelope TEXT, PRIMARY KEY (c, n)) STRICT, WITHOUT ROWID;
-- Frames that may still become got. The planner would walk the conversation instead: queries name it.
CREATE INDEX out_frames_open ON out_frames (c, n) WHERE state NOT IN ('got', 'void');
CREATE TABLE out_envelopes (id TEXT PRIMARY KEY, ik TEXT NOT NULL, dev TEXT NOT NULL, key TEXT NOT NULL, bytes BLOB, made INTEGER NOT NULL, tried INTEGER NOT NULL, tries INTEGER NOT NULL, accepted INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX out_envelopes_of ON out_envelopes (ik, made);

-- messages/: frames in, each n once; what the content became stands in items.
CREATE TABLE in_frames (c TEXT NOT NULL, dev TEXT NOT NULL, n INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, t TEXT NOT NULL, h TEXT NOT NULL, ph TEXT NOT NULL, pos REAL NOT NULL, PRIMARY KEY (c, dev, n)) STRICT, WITHOUT ROWID;
CREATE TABLE in_voids (c TEXT NOT NULL, dev TEXT NOT NULL, lo INTEGER NOT NULL, hi INTEGER NOT NULL, h TEXT NOT NULL, PRIMARY KEY (c, dev, lo)) STRICT, WITHOUT ROWID;
-- How far everything of a device is here: all n up to up_to.
CREATE TABLE in_tops (c TEXT NOT NULL, dev TEXT NOT NULL, up_to INTEGER NOT NULL, top INTEGER NOT NULL, PRIMARY KEY (c, dev)) STRICT, WITHOUT ROWID;
CREATE TABLE holes (c TEXT NOT NULL, dev TEXT NOT NULL, lo INTEGER NOT NULL, hi INTEGER NOT NULL, seen INTEGER NOT NULL, asked INTEGER NOT NULL, asks INTEGER NOT NULL, missing INTEGER NOT NULL, PRIMARY KEY (c, dev, lo)) STRICT, WITHOUT ROWID;
-- Frames that came before the knock.ok they follow [C3].
CREATE TABLE held_frames (ik TEXT NOT NULL, seq INTEGER NOT NULL, dev TEXT NOT NULL, bytes BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (ik, seq)) STRICT, WITHOUT ROWID;

-- transfers/: files and folders under way or here. Pieces that are verified, one bit each, and the hashes of all, 32 bytes each.
CREATE TABLE transfers (id TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE transfer_pieces (id TEXT PRIMARY KEY, have BLOB NOT NULL, hashes BLOB NOT NULL) STRICT;
CREATE TABLE file_rules (id TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- shares/: what I share. next: the number that the next entry gets. Over once ended is set, and why; forgotten ones go as soon as their index has.
CREATE TABLE shares (id TEXT PRIMARY KEY, root TEXT NOT NULL, name TEXT NOT NULL, made INTEGER NOT NULL, until INTEGER NOT NULL, used INTEGER NOT NULL, rate INTEGER NOT NULL, daily INTEGER NOT NULL, once INTEGER NOT NULL, files INTEGER NOT NULL, bytes INTEGER NOT NULL, next INTEGER NOT NULL, ended INTEGER, why TEXT) STRICT, WITHOUT ROWID;
-- With whom. key: what its entries are called towards this buddy [B4]. told: it was offered.
CREATE TABLE share_grants (share TEXT NOT NULL REFERENCES shares(id) ON DELETE CASCADE, ik TEXT NOT NULL, key TEXT NOT NULL, told INTEGER NOT NULL, PRIMARY KEY (share, ik)) STRICT, WITHOUT ROWID;
CREATE INDEX share_grants_of ON share_grants (ik, share);
-- Looks and fetches, a row for each buddy and day of this machine's time [B7].
CREATE TABLE share_served (share TEXT NOT NULL REFERENCES shares(id) ON DELETE CASCADE, day TEXT NOT NULL, ik TEXT NOT NULL, looks INTEGER NOT NULL, files INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (share, day, ik)) STRICT, WITHOUT ROWID;
-- What is in it. node: dev:ino. due: of a folder that is fetched once, and still to be fetched [B8]. No reference: it goes in slices.
CREATE TABLE share_entries (share TEXT NOT NULL, row INTEGER NOT NULL, parent INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL, node TEXT NOT NULL, due INTEGER NOT NULL, PRIMARY KEY (share, row)) STRICT, WITHOUT ROWID;
CREATE INDEX share_entries_in ON share_entries (share, parent, kind, folded, row);
CREATE INDEX share_entries_due ON share_entries (share) WHERE due = 1;

-- What stands in a chat.
CREATE TABLE items (c TEXT NOT NULL, id TEXT NOT NULL, pos REAL NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, mine INTEGER NOT NULL, body TEXT NOT NULL, state TEXT, doc TEXT, PRIMARY KEY (c, id)) STRICT, WITHOUT ROWID;
CREATE INDEX items_by_pos ON items (c, pos, id);
-- One row a conversation, so that the list never counts messages.
CREATE TABLE conversations (c TEXT PRIMARY KEY, n INTEGER NOT NULL, h TEXT NOT NULL, last_mine INTEGER, last_text TEXT, last_at INTEGER, unread INTEGER NOT NULL DEFAULT 0, waiting INTEGER NOT NULL DEFAULT 0, pos REAL NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
`,
}
