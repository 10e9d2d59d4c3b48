/**
 * The first schema. It names no pair of accounts anywhere: who deposited, who claimed, who watches whom and who is on are never
 * written [S25]. Edited freely until the first release, frozen from then on.
 */
export const first = `
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: an id is never given again, so nothing kept in memory by id can reach a later account.
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ik BLOB NOT NULL UNIQUE CHECK (length(ik) = 32),
  handle TEXT NOT NULL UNIQUE,
  rec_p BLOB NOT NULL,                 -- the signed record, as it came [W2]
  rec_s BLOB NOT NULL,
  rec_hash BLOB NOT NULL UNIQUE,       -- SHA-256(rec_p): a log-on with a known record is found without parsing it
  seq INTEGER NOT NULL,
  dev BLOB NOT NULL CHECK (length(dev) = 16),
  dk BLOB NOT NULL CHECK (length(dk) = 32),
  since INTEGER NOT NULL,              -- day of registration, for the limits of new accounts
  knock_mode TEXT NOT NULL DEFAULT 'members' CHECK (knock_mode IN ('everyone', 'members', 'invite', 'nobody')),
  knocks_refused INTEGER NOT NULL DEFAULT 0,
  acl_state BLOB                       -- [C23]; NULL after a change
) STRICT;

-- [S7] Highest run of the listed device. Apart from the wide rows of accounts: this is what every log-on writes.
CREATE TABLE runs (
  account INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  run INTEGER NOT NULL
) STRICT;

-- [S14]
CREATE TABLE freed_handles (
  handle TEXT PRIMARY KEY,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- [S9] SHA-256 of the code.
CREATE TABLE codes (
  hash BLOB PRIMARY KEY,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- [S16] A claimed key stays as its bare id until its end, so that a repeated keys.put can't bring it back.
CREATE TABLE prekeys (
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  id BLOB NOT NULL CHECK (length(id) = 8),
  kind TEXT NOT NULL CHECK (kind IN ('once', 'last', 'used')),
  p BLOB,
  s BLOB,
  expires INTEGER NOT NULL,
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX prekeys_by_kind ON prekeys (account, kind, expires);
CREATE INDEX prekeys_by_end ON prekeys (expires);

-- [C20] h hides both the token and its holder. flags: 1 drop, 2 presence, 4 tombstone [C23].
CREATE TABLE rules (
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  id BLOB NOT NULL CHECK (length(id) = 8),
  h BLOB NOT NULL CHECK (length(h) = 32),
  flags INTEGER NOT NULL CHECK (flags BETWEEN 0 AND 7),
  PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX rules_by_hash ON rules (account, h, flags);

CREATE TABLE denied (
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;

-- [I14] SHA-256(gate) of the open invites.
CREATE TABLE gates (
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;

-- kind: real; ghost [C33] (deposited under a tombstone); held [P5] (fetched by someone hidden). The last two have no body and
-- count for their token only. tok is the rule's h; a knock has none.
CREATE TABLE mail (
  seq INTEGER PRIMARY KEY,             -- rising while a process runs, so that a session knows what it has sent
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('real', 'ghost', 'held')),
  id TEXT NOT NULL,
  cls TEXT NOT NULL CHECK (cls IN ('msg', 'knock')),
  tok BLOB,
  hash BLOB NOT NULL,                  -- first 16 bytes of SHA-256(envelope) [S19]
  size INTEGER NOT NULL,
  at INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  body BLOB,
  CHECK ((kind = 'real') = (body IS NOT NULL))
) STRICT;
CREATE INDEX mail_waiting ON mail (account, seq, size, expires) WHERE kind = 'real';
CREATE INDEX mail_by_token ON mail (account, tok, hash, size, expires);
CREATE INDEX mail_by_end ON mail (expires);

-- [C6] A slot is freed by time, not by fetching.
CREATE TABLE knock_slots (
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  expires INTEGER NOT NULL,
  gated INTEGER NOT NULL CHECK (gated IN (0, 1))
) STRICT;
CREATE INDEX knock_slots_by_account ON knock_slots (account, expires, gated);

-- One row of zeros, put anew with the size of the envelope where none is stored, so that the commit takes as long [S18, C33].
CREATE TABLE filler (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  body BLOB NOT NULL
) STRICT;
INSERT INTO filler (one, body) VALUES (1, x'00');
`
