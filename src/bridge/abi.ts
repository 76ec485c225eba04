// The memory shared with the I/O side: the numbers of native/abi.h, where each is explained. test/bridge/abi.test.ts
// compares the two files.

export const DESC_HEAD = 0;
export const DESC_TAIL = 16;
export const REQ_TAIL = 32;
export const OUT_HEAD = 48;
export const OUT_TAIL = 64;
export const JS_SLEEPING = 80;
export const IO_SLEEPING = 96;
export const CTL_WORDS = 112;

export const RECORD_HEADER_WORDS = 8;
export const RECORD_WRAP = 0;
export const RECORD_COMMAND = 1;
export const RECORD_CLOSED = 2;
export const RECORD_PROTOCOL_ERROR = 3;
export const RECORD_BIG_COMMAND = 4;

export const FRAME_HEADER_BYTES = 16;
export const FRAME_WRAP = 0;
export const FRAME_DATA = 1;
export const FRAME_CLOSE_AFTER = 2;
export const FRAME_CLOSE_NOW = 3;
export const FRAME_ACK_CLOSED = 4;
export const FRAME_PAUSE_READ = 5;
export const FRAME_RESUME_READ = 6;
export const FRAME_TRUSTED = 7;
export const FRAME_UNTRUSTED = 8;
export const FRAME_SELECT_DB = 9;
export const FRAME_CLASS = 10;
export const FRAME_MESSAGE = 11;
export const FRAME_PART = 12;

export const CLASS_NORMAL = 0;
export const CLASS_REPLICA = 1;
export const CLASS_PUBSUB = 2;
export const CLASS_PATIENT = 16;

export const CLOSED_BY_PEER = 0;
export const CLOSED_BY_REQUEST = 1;
export const CLOSED_BY_ERROR = 2;
export const CLOSED_OUTPUT_LIMIT = 3;
export const CLOSED_IDLE = 4;

export const PROTOCOL_BAD_MULTIBULK_LENGTH = 1;
export const PROTOCOL_BAD_BULK_LENGTH = 2;
export const PROTOCOL_EXPECTED_DOLLAR = 3;
export const PROTOCOL_TOO_BIG_MULTIBULK = 4;
export const PROTOCOL_TOO_BIG_BULK = 5;
export const PROTOCOL_TOO_BIG_INLINE = 6;
export const PROTOCOL_UNBALANCED_QUOTES = 7;
export const PROTOCOL_UNAUTH_MULTIBULK = 8;
export const PROTOCOL_UNAUTH_BULK = 9;
export const PROTOCOL_QUERY_BUFFER_LIMIT = 10;
export const PROTOCOL_CROSS_PROTOCOL = 11;

export const HINT_WORDS = 2;
export const CHUNK_SHIFT = 26;
export const REF_SHIFT = 3;
export const BUCKET_BYTES = 64;
export const BUCKET_SLOTS = 12;

/** Entries and encodings as the prefetcher sees them: structs/entry.ts has the same numbers. */
export const ENCODING_HASHTABLE = 2;
export const ENCODING_SKIPLIST = 7;
export const ENTRY_HAS_EXPIRY = 1;
export const ENTRY_HAS_WORDS = 2;
export const ENTRY_LONG_KEY = 4;
