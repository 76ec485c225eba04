// An entry: a key, what is known about it, and a small value, in one block.
//
//   word 0    access clock:24 | type:4 | encoding:4                    (encoding in the low bits)
//   word 1    flags:4 | inline bytes:12 | key bytes:16                 (key bytes in the low bits)
//   [ long key: key bytes:32, 0 ]                                      with LONG_KEY (16-bit field is then 0xffff)
//   [ expiry: milliseconds since 1970 as int64, low word first ]       with HAS_EXPIRY
//   [ value: two words: an int64, or a reference and a length ]        with HAS_WORDS
//   key bytes, then inline value bytes
//
// A 16-byte key with a 32-byte value and no TTL takes 56 bytes. The two value words mean: encoding int, the integer;
// a string too long to be inline, reference of its blob and its length; any other type, whatever its structure keeps.
//
// Adding or dropping an optional part moves the bytes behind it, so those functions return the entry's new reference.
import type { Arena, Ref } from '../arena/arena.ts';
import { copyBytes } from '../base/bytes.ts';

export const TYPE_STRING = 0;
export const TYPE_LIST = 1;
export const TYPE_SET = 2;
export const TYPE_ZSET = 3;
export const TYPE_HASH = 4;
export const TYPE_STREAM = 6;

/** Encodings, numbered as the RDB tools print them. */
export const ENC_RAW = 0;
export const ENC_INT = 1;
export const ENC_HASHTABLE = 2;
export const ENC_INTSET = 6;
export const ENC_SKIPLIST = 7;
export const ENC_EMBSTR = 8;
export const ENC_QUICKLIST = 9;
export const ENC_STREAM = 10;
export const ENC_LISTPACK = 11;
export const ENC_LISTPACK_EX = 12;

export const HAS_EXPIRY = 1;
export const HAS_WORDS = 2;
export const LONG_KEY = 4;

/** The longest value kept inside an entry; the field has 12 bits. */
export const INLINE_BYTES_MAX = 2048;
const LONG_KEY_MARK = 0xffff;
const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const FLAGS_SHIFT = 28;
/** Bytes before the key for each combination of flags. */
const KEY_AT = new Int32Array([8, 16, 16, 24, 16, 24, 24, 32]);
/** Words before the value words, which stand right before the key. */
const WORDS_AT = KEY_AT.map((bytes) => bytes / 4 - 2);

export class Entries {
  readonly arena: Arena;
  readonly #u8: Uint8Array[];
  readonly #u32: Uint32Array[];

  constructor(arena: Arena) {
    this.arena = arena;
    this.#u8 = arena.u8;
    this.#u32 = arena.u32;
  }

  type(ref: Ref): number {
    return (this.#u32[ref >>> CHUNK_SHIFT]![(ref & UNIT_MASK) << 1]! >>> 4) & 15;
  }

  encoding(ref: Ref): number {
    return this.#u32[ref >>> CHUNK_SHIFT]![(ref & UNIT_MASK) << 1]! & 15;
  }

  /** Type and encoding in one number: type << 4 | encoding. */
  kind(ref: Ref): number {
    return this.#word(ref, 0) & 0xff;
  }

  setKind(ref: Ref, type: number, encoding: number): void {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const at = (ref & UNIT_MASK) << 1;
    words[at] = (words[at]! & 0xffffff00) | (type << 4) | encoding;
  }

  /** The 24 bits that LRU or LFU keep. */
  clock(ref: Ref): number {
    return this.#u32[ref >>> CHUNK_SHIFT]![(ref & UNIT_MASK) << 1]! >>> 8;
  }

  setClock(ref: Ref, clock: number): void {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const at = (ref & UNIT_MASK) << 1;
    words[at] = (clock << 8) | (words[at]! & 0xff);
  }

  flags(ref: Ref): number {
    return this.#u32[ref >>> CHUNK_SHIFT]![((ref & UNIT_MASK) << 1) + 1]! >>> FLAGS_SHIFT;
  }

  hasExpiry(ref: Ref): boolean {
    return (this.flags(ref) & HAS_EXPIRY) !== 0;
  }

  hasWords(ref: Ref): boolean {
    return (this.flags(ref) & HAS_WORDS) !== 0;
  }

  keyBytes(ref: Ref): number {
    const short = this.#word(ref, 1) & 0xffff;
    return short === LONG_KEY_MARK ? this.#word(ref, 2) : short;
  }

  inlineBytes(ref: Ref): number {
    return (this.#word(ref, 1) >>> 16) & 0xfff;
  }

  /** The view that holds the entry; byte positions below are in it. */
  view(ref: Ref): Uint8Array {
    return this.#u8[ref >>> CHUNK_SHIFT]!;
  }

  keyAt(ref: Ref): number {
    return ((ref & UNIT_MASK) << 3) + KEY_AT[this.flags(ref)]!;
  }

  inlineAt(ref: Ref): number {
    return this.keyAt(ref) + this.keyBytes(ref);
  }

  /** Where the inline bytes start, or -1 when the value is in words: `inlineAt` for the hot path. */
  inlinePlace(ref: Ref): number {
    const at = (ref & UNIT_MASK) << 1;
    const lengths = this.#u32[ref >>> CHUNK_SHIFT]![at + 1]!;
    const flags = lengths >>> FLAGS_SHIFT;
    if ((flags & HAS_WORDS) !== 0) return -1;
    if ((flags & LONG_KEY) !== 0) return this.inlineAt(ref);
    return (at << 2) + 8 + ((flags & HAS_EXPIRY) << 3) + (lengths & 0xffff);
  }

  /** Expiry in milliseconds since 1970 as a double (exact below 2^53). Only with HAS_EXPIRY. */
  expiry(ref: Ref): number {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const at = this.#expiryAt(ref);
    return (words[at + 1]! | 0) * 4294967296 + words[at]!;
  }

  /** The exact expiry. Only with HAS_EXPIRY. */
  expiryExact(ref: Ref): bigint {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const at = this.#expiryAt(ref);
    return (BigInt(words[at + 1]! | 0) << 32n) | BigInt(words[at]!);
  }

  /** The two words of the expiry. Only with HAS_EXPIRY. */
  expiryLow(ref: Ref): number {
    return this.#u32[ref >>> CHUNK_SHIFT]![this.#expiryAt(ref)]!;
  }

  expiryHigh(ref: Ref): number {
    return this.#u32[ref >>> CHUNK_SHIFT]![this.#expiryAt(ref) + 1]!;
  }

  /** Overwrites an existing expiry. */
  writeExpiry(ref: Ref, low: number, high: number): void {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const at = this.#expiryAt(ref);
    words[at] = low;
    words[at + 1] = high;
  }

  /** Gives one entry the expiry of another; both have one. */
  copyExpiry(from: Ref, to: Ref): void {
    const words = this.#u32[from >>> CHUNK_SHIFT]!;
    const at = this.#expiryAt(from);
    this.writeExpiry(to, words[at]!, words[at + 1]!);
  }

  /** First value word (low half of an integer, or a reference). Only with HAS_WORDS. */
  wordLow(ref: Ref): number {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const at = (ref & UNIT_MASK) << 1;
    return words[at + WORDS_AT[words[at + 1]! >>> FLAGS_SHIFT]!]!;
  }

  wordHigh(ref: Ref): number {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const at = (ref & UNIT_MASK) << 1;
    return words[at + WORDS_AT[words[at + 1]! >>> FLAGS_SHIFT]! + 1]!;
  }

  writeWords(ref: Ref, low: number, high: number): void {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const entryAt = (ref & UNIT_MASK) << 1;
    const at = entryAt + WORDS_AT[words[entryAt + 1]! >>> FLAGS_SHIFT]!;
    words[at] = low;
    words[at + 1] = high;
  }

  /** Bytes that the entry's block was asked for. */
  blockBytes(ref: Ref): number {
    return KEY_AT[this.flags(ref)]! + this.keyBytes(ref) + this.inlineBytes(ref);
  }

  /** A new entry; value words and inline bytes are for the caller to fill. `clock` has 24 bits. */
  create(
    key: Uint8Array,
    keyAt: number,
    keyBytes: number,
    kind: number,
    clock: number,
    flags: number,
    inlineBytes: number,
  ): Ref {
    if (keyBytes >= LONG_KEY_MARK) flags |= LONG_KEY;
    const headBytes = KEY_AT[flags]!;
    const ref = this.arena.alloc(headBytes + keyBytes + inlineBytes);
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const at = (ref & UNIT_MASK) << 1;
    words[at] = (clock << 8) | kind;
    if ((flags & LONG_KEY) === 0) {
      words[at + 1] = (flags << FLAGS_SHIFT) | (inlineBytes << 16) | keyBytes;
    } else {
      words[at + 1] = (flags << FLAGS_SHIFT) | (inlineBytes << 16) | LONG_KEY_MARK;
      words[at + 2] = keyBytes;
      words[at + 3] = 0;
    }
    this.arena.put(key, keyAt, keyBytes, ref >>> CHUNK_SHIFT, (at << 2) + headBytes);
    return ref;
  }

  /**
   * Gives an entry other optional parts or another inline length, keeping key, kind and clock, the expiry and words that
   * stay, and as many inline bytes as fit. Returns its new reference; the old one is freed if it moved.
   */
  reshape(ref: Ref, flags: number, inlineBytes: number): Ref {
    const oldFlags = this.flags(ref);
    flags = (flags & (HAS_EXPIRY | HAS_WORDS)) | (oldFlags & LONG_KEY);
    const keyBytes = this.keyBytes(ref);
    const oldInline = this.inlineBytes(ref);
    const oldBytes = KEY_AT[oldFlags]! + keyBytes + oldInline;
    if (flags === oldFlags) {
      const moved = this.arena.resize(ref, oldBytes, KEY_AT[flags]! + keyBytes + inlineBytes);
      this.#writeLengths(moved, flags, inlineBytes);
      return moved;
    }
    const word0 = this.#word(ref, 0);
    const next = this.create(
      this.view(ref),
      this.keyAt(ref),
      keyBytes,
      word0 & 0xff,
      word0 >>> 8,
      flags,
      inlineBytes,
    );
    if ((flags & oldFlags & HAS_EXPIRY) !== 0) this.copyExpiry(ref, next);
    if ((flags & oldFlags & HAS_WORDS) !== 0) this.writeWords(next, this.wordLow(ref), this.wordHigh(ref));
    const kept = Math.min(oldInline, inlineBytes);
    copyBytes(this.view(ref), this.inlineAt(ref), this.view(next), this.inlineAt(next), kept);
    this.arena.free(ref, oldBytes);
    return next;
  }

  /** Frees the entry's own block (not what its words refer to). */
  free(ref: Ref): void {
    this.arena.free(ref, this.blockBytes(ref));
  }

  #writeLengths(ref: Ref, flags: number, inlineBytes: number): void {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const at = ((ref & UNIT_MASK) << 1) + 1;
    words[at] = (flags << FLAGS_SHIFT) | (inlineBytes << 16) | (words[at]! & 0xffff);
  }

  #word(ref: Ref, index: number): number {
    return this.#u32[ref >>> CHUNK_SHIFT]![((ref & UNIT_MASK) << 1) + index]!;
  }

  #expiryAt(ref: Ref): number {
    return ((ref & UNIT_MASK) << 1) + ((this.flags(ref) & LONG_KEY) !== 0 ? 4 : 2);
  }
}
