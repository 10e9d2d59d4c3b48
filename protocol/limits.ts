/** Every size, count and rate of the wire, named and reasoned. [protocol.md section 13] The published table is in docs/PROTOCOL.md. */

const KiB = 1024
const MiB = 1024 * KiB
const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

// ---------- bytes ----------
/** One WebSocket message: the largest envelope and its head, with room for the largest list of rules. */
export const MAX_WS_MESSAGE = 98_304
/** An envelope with everything. */
export const MAX_ENVELOPE = 65_536
/** [E3] A frame, by link or in an envelope: holds a 16,384-byte text of nothing but quotation marks. */
export const MAX_FRAME = 40_960
/** Text of one message, bytes of UTF-8. */
export const MAX_TEXT = 16_384
/** `p` of what is signed, decoded. */
export const MAX_SIGNED = 4_096
/** [I4] `p` of a device certificate, decoded: it stands in every envelope. */
export const MAX_CERT = 1_024
/** A server's signed policy. */
export const MAX_SIGNED_POLICY = 16_384
/** A whole invite link. */
export const MAX_INVITE = 2_048
/** One chunk on the bulk channel. */
export const MAX_CHUNK = 65_536

// ---------- characters ----------
/** Text of a knock, note of an offer: what a stranger may say. */
export const MAX_KNOCK_TEXT = 300
export const MAX_STATUS = 140
export const MAX_ABOUT = 500
export const MAX_NAME = 64

// ---------- counts ----------
/** [E19] Frames in one envelope; un-got frames on a link. */
export const MAX_FRAMES_PER_ENVELOPE = 16
export const MAX_UNGOT_ON_LINK = 32
/** [4.2] One-time keys in a batch. */
export const BATCH_KEYS = 8
/** [E6] Living batches per buddy device. */
export const MAX_BATCHES = 2
/** [S16] One-time prekeys at the server, and when to refill. */
export const POOL_KEYS = 100
export const POOL_REFILL = 25
/** Candidates per `sid`, description and later ones together. */
export const MAX_CANDIDATES = 24
export const MAX_BUDDIES = 500
export const MAX_RULES = 600
export const MAX_TOMBSTONES = 2_000
export const MAX_DENIED = 5_000
export const MAX_SUBSCRIPTIONS = 500
/** [S20] Mail sent and not acknowledged. */
export const MAX_FETCH = 50
/** [C6] Knocks pending per account, and of these with a gate only. */
export const MAX_KNOCKS_PENDING = 50
export const KNOCKS_FOR_GATES = 10
/** [C3] Frames held before the `knock.ok` they follow. */
export const MAX_HELD_FRAMES = 64
export const MAX_FEATURES = 32
/** [W22] Numbers one `gap` may ask for. */
export const MAX_GAP = 256
export const MAX_RECEIPT_IDS = 64
/** [S20] Mailbox of one account, and what one token may hold of it; the last is kept free for each token even when all is full. */
export const MAIL_BYTES = 20 * MiB
export const MAIL_COUNT = 2_000
export const TOKEN_BYTES = 5 * MiB
export const TOKEN_COUNT = 300
export const TOKEN_ALWAYS_BYTES = 256 * KiB
export const TOKEN_ALWAYS_COUNT = 20
/** [S19] Signals held in memory per token. */
export const MAX_SIG_WAITING = 16

// ---------- time, milliseconds ----------
export const TTL_MSG = 14 * day
export const TTL_KNOCK = 7 * day
export const TTL_SIG = 60 * second
/** [S3] Each step of a log-on, and the life of a nonce. */
export const LOGON_STEP = 10 * second
/** [S11] Nothing heard: ping; no answer: cut. [S22] The server cuts later. */
export const SERVER_PING_AFTER = 25 * second
export const SERVER_PONG_WITHIN = 10 * second
export const SERVER_SILENT = 40 * second
/** A ping after a change of network, a wake-up or a slow request. */
export const SERVER_QUICK_PONG = 5 * second
/** [L15] */ export const OFFER_LIFE = 45 * second
export const CONNECT_TIMEOUT = 20 * second
export const PROOF_TIMEOUT = 10 * second
export const ANSWER_TIMEOUT = 10 * second
/** [L8] Candidates gathered before the offer leaves, and how later ones are batched. */
export const GATHER_BEFORE_OFFER = 2 * second
export const CANDIDATE_BATCH = 100
export const LINK_IDLE = 15 * minute
export const LINK_PING = 25 * second
export const LINK_UNANSWERED = 5 * second
/** [4.2] Private half of an `rk`. */
export const RK_LIFE = 90 * second
/** [W21] */ export const RECEIPT_ON_LINK = 250
export const RECEIPT_BY_MAIL = 2 * second
/** [W22] */ export const GAP_WAIT = 5 * second
export const GAP_SPACING = 30 * second
export const GAP_GIVE_UP = 24 * hour
/** [E11] */ export const REPEAT_RECEIPT_SPACING = 2 * second
/** [E18] First distance between two tries while the buddy is on, and the longest. */
export const RESEND_FIRST = 60 * second
export const RESEND_LONGEST = 6 * hour
/** [E17] The same bytes until then; [E18] afterwards "not delivered". */
export const RESEND_LIFE = 14 * day
/** [E14, E12] Used-key tombstones and issued ids. */
export const USED_KEY_MEMORY = 60 * day
/** [E7] An older batch after the newer one was acknowledged. */
export const OLD_BATCH_AFTER_DRAIN = 10 * minute
export const OLD_BATCH_LIFE = 14 * day
/** [S16] Pool and last-resort keys are replaced; [4.2] how long a replaced one is kept at least and at most. */
export const POOL_LIFE = 7 * day
export const POOL_KEPT_AT_LEAST = 48 * hour
export const POOL_KEPT_AT_MOST = 37 * day
/** [C4] A knock without an answer; [C4] sent again meanwhile; [C3] an unconfirmed answer sent again. */
export const KNOCK_LIFE = 30 * day
export const KNOCK_AGAIN = 8 * day
export const KNOCK_OK_AGAIN = 7 * day
export const HELD_LIFE = 7 * day
/** [C22] The old rule after the new token was taken. */
export const OLD_RULE_LIFE = 24 * hour
/** [C31, S14] */ export const HANDLE_QUARANTINE = 180 * day
/** [W10] A clock this far off is told to the user. */
export const CLOCK_OFF = 5 * minute
/** [I13] */ export const INVITE_LIFE = 7 * day
/** [P1] Presence changes per watcher. */
export const PRESENCE_SPACING = 5 * second
/** [S11] Wait between tries to reach the server, doubling from the first to the last. */
export const RECONNECT_FIRST = 1 * second
export const RECONNECT_LONGEST = 60 * second

// ---------- rates ----------
/** [C35] Messages one person writes to another: twenty in ten seconds, then one every half second. */
export const MESSAGES_AT_ONCE = 20
export const MESSAGE_EVERY = 500
/** [C35] Frames per second on a link, and in one burst. */
export const LINK_FRAMES_PER_SECOND = 50
export const LINK_FRAMES_BURST = 200

/** [C35] Frames of files and shares count apart: one pull names at most one piece, and pieces begin at 128 KiB. */
export const FILE_FRAMES_PER_SECOND = 500
export const FILE_FRAMES_BURST = 1_000

// ---------- files [9] ----------
/** [T2] Pieces: the smallest power of two from here on with at most so many pieces, up to the largest. */
export const SMALLEST_PIECE = 128 * KiB
export const LARGEST_PIECE = 16 * MiB
export const FEW_PIECES = 2_048
export const MAX_PIECES = 65_536
/** [T4] Hashes in one `file.manifest`: 1,000 would not fit a frame. */
export const MANIFEST_HASHES = 512
/** [T1] What the receiver has asked for and not got, per link; bytes. */
export const PULL_WINDOW = 8 * MiB
/** [T5] One pull. */
export const MAX_PULL = 4 * MiB
/** [T1] Transfers that move at once, over one link and in all. */
export const TRANSFERS_PER_LINK = 2
export const TRANSFERS_IN_ALL = 4
/** [T1] What may lie in the data channel's own buffer, and when it is filled up again: more makes a chat beside it slow. */
export const BULK_BUFFER = 512 * KiB
export const BULK_BUFFER_LOW = 256 * KiB
/** What the core hands the link page beyond what has gone into the channel: enough to keep it busy, little enough for a message to overtake. */
export const BULK_AHEAD = 384 * KiB
/** [T1] Before the data of each message of `bulk`. */
export const BULK_HEAD = 16
/** [T5] Data of a pull that is over is discarded for so long, and a transfer that breaks the order so often a minute ends the link. */
export const CLOSED_PULL_MEMORY = 30 * second
export const BREACHES_PER_MINUTE = 3
/** An offer, and a transfer that stands still, end after so long. */
export const OFFER_EXPIRES = 7 * day
/** A file up to this size is hashed before it is offered; a larger one is offered at once and hashed meanwhile [T4]. */
export const HASHED_FIRST = 8 * MiB
/** [T10] Pictures are shown up to this size, and this many pixels. */
export const MAX_PREVIEW = 20 * MiB
export const MAX_PREVIEW_PIXELS = 40_000_000
/** Larger files are not handed to the scanner: "not scanned". */
export const MAX_SCAN = 2_000_000_000
/** [T10] How long a scanner may take; [F30] how long before one that doesn't answer is said to be missing, and when it is asked again. */
export const SCAN_WITHIN = 120 * second
export const SCAN_CONNECT_WITHIN = 10 * second
export const SCAN_AGAIN = 60 * second
/** Room that is left free on the disk beside a file. */
export const ROOM_LEFT = 64 * MiB
/** Files handed over at once in one chat. */
export const MAX_PICKS = 50

// ---------- shared folders [10] ----------
/** [B1] As offered, and at most. */
export const SHARE_LIFE = 7 * day
export const SHARE_LIFE_MOST = 366 * day
export const SHARE_UNUSED = 14 * day
/** Bytes a second, and bytes a day. */
export const SHARE_RATE = 1 * MiB
export const SHARE_DAILY = 2_000_000_000
export const MAX_SHARES = 100
/** Files and folders of one share: more than anybody looks through. */
export const MAX_SHARE_ENTRIES = 200_000
export const MAX_SHARE_DEPTH = 64
/** [B5] */ export const MAX_ENTRIES = 500
export const MAX_HITS = 200
export const FINDS_PER_MINUTE = 10
export const SHARE_REQUEST_WITHIN = 15 * second
/** [B6] */ export const WAITING_GETS = 2

// ---------- the seam between core and windows ----------
/** [H4] One text message of the pipe: the longest page of messages of the longest text. */
export const MAX_PIPE_TEXT = 4 * MiB
/** Messages handed to a window at once. */
export const MESSAGE_PAGE = 60
/** Transfers a window is told of at its start; older ones stand in their chats. */
export const TRANSFER_PAGE = 300
/** A transfer's progress is told so often. */
export const PROGRESS_EVERY = 250
/** [H4] One message of a window's byte pipe, and what may be on its way and not taken. */
export const WINDOW_CHUNK = 256 * KiB
export const WINDOW_AHEAD = 2 * MiB
