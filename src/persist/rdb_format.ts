// Numbers of the RDB format: versions, kinds of values, and how lengths and strings begin. Source: the format as
// redis-server 7.0 and 7.4 write it, and of kinds 26 and 27 as readers of files of 8.6 and 8.8 describe them.
import type { Files } from '../base/files.ts';

/** The version that says all but expiries of fields; every server from Redis 7.0 on reads it. */
export const VERSION_COMMON = 10;
/** The version that says expiries of fields (Redis 7.4). */
export const VERSION_FIELD_EXPIRY = 12;
/** The version that says ids of producers of streams (Redis 8.6), and that which says released entries (8.8). */
export const VERSION_STREAM_PRODUCERS = 13;
export const VERSION_STREAM_RELEASES = 14;
/** The newest version of Redis that is understood. */
export const VERSION_MAX = 14;
/** Valkey 9 writes what version 11 says, and expiries of fields in a way of its own. Numbers between are Redis's alone. */
export const VERSION_VALKEY = 80;

export const RDB_STRING = 0;
export const RDB_LIST = 1;
export const RDB_SET = 2;
/** Sorted set with scores as text. */
export const RDB_ZSET = 3;
export const RDB_HASH = 4;
/** Sorted set with binary scores. */
export const RDB_ZSET_2 = 5;
export const RDB_HASH_ZIPMAP = 9;
export const RDB_LIST_ZIPLIST = 10;
export const RDB_SET_INTSET = 11;
export const RDB_ZSET_ZIPLIST = 12;
export const RDB_HASH_ZIPLIST = 13;
/** Nodes that are ziplists. */
export const RDB_LIST_QUICKLIST = 14;
export const RDB_STREAM = 15;
export const RDB_HASH_LISTPACK = 16;
export const RDB_ZSET_LISTPACK = 17;
/** Nodes that are listpacks or single elements. */
export const RDB_LIST_QUICKLIST_2 = 18;
/** With the first id, the highest deleted id, and counts of entries added and read. */
export const RDB_STREAM_2 = 19;
export const RDB_SET_LISTPACK = 20;
/** With the time at which a consumer was last active. */
export const RDB_STREAM_3 = 21;
/** Hashes with expiries as release candidates of 7.4 wrote them: times are absolute. */
export const RDB_HASH_EXPIRIES_OLD = 22;
export const RDB_HASH_LISTPACK_EX_OLD = 23;
/** Before the fields stands the earliest expiry, to which the others are relative. */
export const RDB_HASH_EXPIRIES = 24;
/** Before the listpack of triples stands the earliest expiry. */
export const RDB_HASH_LISTPACK_EX = 25;
/** With what producers of a stream sent lately (idempotent XADD). */
export const RDB_STREAM_4 = 26;
/** With the entries that were released to their groups. */
export const RDB_STREAM_5 = 27;

/** Valkey's hash with expiries, which has number 22 in its files: the absolute time follows each value, -1 for none. */
export const RDB_HASH_EXPIRIES_VALKEY = 0x100 + 22;
const VALKEY_HASH = 22;

/** The kind that a number stands for in files and dumps of Valkey. */
export function valkeyKind(kind: number): number {
  return kind === VALKEY_HASH ? RDB_HASH_EXPIRIES_VALKEY : kind > VALKEY_HASH ? Number.NaN : kind;
}

/** The number by which files and dumps name a kind. */
export function numberOfKind(kind: number): number {
  return kind & 0xff;
}

/** Whether this is the kind of a value that is understood; modules have kinds of their own. */
export function isValueKind(kind: number): boolean {
  return (
    kind <= RDB_ZSET_2 ||
    (kind >= RDB_HASH_ZIPMAP && kind <= RDB_STREAM_5) ||
    kind === RDB_HASH_EXPIRIES_VALKEY
  );
}

/** Upper two bits of a length's first byte. */
export const LENGTH_6 = 0;
export const LENGTH_14 = 1;
export const LENGTH_WIDE = 2;
/** No length, but a string in a form of its own: the lower six bits say which. */
export const SPECIAL = 3;
/** First bytes of the wide lengths, whose numbers have the highest byte first. */
export const LENGTH_32 = 0x80;
export const LENGTH_64 = 0x81;

/** Forms of strings: integers of 8, 16 and 32 bits with the low byte first, and compressed bytes. */
export const STRING_INT8 = 0;
export const STRING_INT16 = 1;
export const STRING_INT32 = 2;
export const STRING_LZF = 3;

/** How a node of RDB_LIST_QUICKLIST_2 begins: one element, or a listpack. */
export const NODE_PLAIN = 1;
export const NODE_LISTPACK = 2;

/** What ends a dump: the version in 2 bytes, and the checksum of everything before it in 8, low bytes first. */
export const DUMP_FOOTER_BYTES = 10;

/** What a file begins with, before four digits of the version. */
export const MAGIC = 'REDIS';
/** Of Valkey, before three digits. */
export const MAGIC_VALKEY = 'VALKEY';

/** Whether an open file begins as an RDB file does. */
export function beginsAsRdb(files: Files, fd: number): boolean {
  const head = new Uint8Array(Math.max(MAGIC.length, MAGIC_VALKEY.length));
  const read = files.readAt(fd, head, 0, head.length, 0);
  const text = Buffer.from(head.subarray(0, read)).toString('latin1');
  return text.startsWith(MAGIC) || text.startsWith(MAGIC_VALKEY);
}

/** What stands in a file where the kind of a value may stand. */
export const OP_SLOT_INFO = 244;
export const OP_FUNCTION = 245;
export const OP_FUNCTION_OLD = 246;
export const OP_MODULE_AUX = 247;
/** Seconds since the key after it was last used, or its logarithmic counter. */
export const OP_IDLE = 248;
export const OP_FREQUENCY = 249;
/** A name and a value that say something about the file. */
export const OP_AUX = 250;
/** How many keys, and keys with an expiry, a database has. */
export const OP_RESIZE = 251;
/** Expiry of the key after it, in ms or seconds since 1970. */
export const OP_EXPIRY_MS = 252;
export const OP_EXPIRY_SECONDS = 253;
export const OP_DATABASE = 254;
export const OP_END = 255;
