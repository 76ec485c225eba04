// An element of a large set, sorted set or hash: a member and what belongs to it, in one block.
//
//   word 0    flags:3 | member bytes:29               (member bytes in the low bits)
//   [ score: float64 ]                                with HAS_SCORE
//   [ expiry: milliseconds since 1970 as int64 ]      with HAS_EXPIRY
//   [ value bytes:32 ]                                with HAS_VALUE
//   member bytes, then value bytes
//
// All words have their low half first. A set's member of n bytes takes 4 + n bytes, a sorted set's 12 + n, a field of a
// hash 8 + n and its value. Adding or dropping a part moves the bytes behind it, so those functions return the element's
// new reference.
import type { Arena, Ref } from '../arena/arena.ts';
import { copyBytes } from '../base/bytes.ts';

export const HAS_SCORE = 1;
export const HAS_VALUE = 2;
export const HAS_EXPIRY = 4;

/** The longest member: 29 bits. */
export const MEMBER_BYTES_MAX = 0x1fffffff;

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const FLAGS_SHIFT = 29;
const TWO_32 = 4294967296;
/** Words before the member for each combination of flags. */
export const HEAD_WORDS = new Int32Array([1, 3, 2, 4, 3, 5, 4, 6]);

export class Elements {
  readonly arena: Arena;
  readonly #u8: Uint8Array[];
  readonly #u32: Uint32Array[];
  readonly #double = new Float64Array(1);
  readonly #doubleWords = new Uint32Array(this.#double.buffer);

  constructor(arena: Arena) {
    this.arena = arena;
    this.#u8 = arena.u8;
    this.#u32 = arena.u32;
  }

  /** A new element with these flags; score, expiry and the `valueBytes` bytes of the value are for the caller to fill. */
  create(member: Uint8Array, at: number, bytes: number, flags: number, valueBytes: number): Ref {
    const headWords = HEAD_WORDS[flags]!;
    const ref = this.arena.alloc((headWords << 2) + bytes + valueBytes);
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const word = (ref & UNIT_MASK) << 1;
    words[word] = (flags << FLAGS_SHIFT) | bytes;
    if ((flags & HAS_VALUE) !== 0) words[word + headWords - 1] = valueBytes;
    this.arena.put(member, at, bytes, ref >>> CHUNK_SHIFT, (word + headWords) << 2);
    return ref;
  }

  /** Moves an element that stands in a sparse span of the arena; its reference. */
  moved(ref: Ref): Ref {
    const bytes = this.blockBytes(ref);
    return this.arena.isSparse(ref, bytes) ? this.arena.move(ref, bytes) : ref;
  }

  free(ref: Ref): void {
    this.arena.free(ref, this.blockBytes(ref));
  }

  /** Bytes that the element's block was asked for. */
  blockBytes(ref: Ref): number {
    return (HEAD_WORDS[this.flags(ref)]! << 2) + this.memberBytes(ref) + this.valueBytes(ref);
  }

  /** The view that holds the element; byte positions below are in it. */
  view(ref: Ref): Uint8Array {
    return this.#u8[ref >>> CHUNK_SHIFT]!;
  }

  flags(ref: Ref): number {
    return this.#u32[ref >>> CHUNK_SHIFT]![(ref & UNIT_MASK) << 1]! >>> FLAGS_SHIFT;
  }

  memberBytes(ref: Ref): number {
    return this.#u32[ref >>> CHUNK_SHIFT]![(ref & UNIT_MASK) << 1]! & MEMBER_BYTES_MAX;
  }

  memberAt(ref: Ref): number {
    const word = (ref & UNIT_MASK) << 1;
    return (word + HEAD_WORDS[this.#u32[ref >>> CHUNK_SHIFT]![word]! >>> FLAGS_SHIFT]!) << 2;
  }

  /** Bytes of the value; 0 without one. */
  valueBytes(ref: Ref): number {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const word = (ref & UNIT_MASK) << 1;
    const flags = words[word]! >>> FLAGS_SHIFT;
    return (flags & HAS_VALUE) === 0 ? 0 : words[word + HEAD_WORDS[flags]! - 1]!;
  }

  valueAt(ref: Ref): number {
    return this.memberAt(ref) + this.memberBytes(ref);
  }

  /** Gives an element with a value room for one of another length, content undefined; returns its new reference. */
  setValueBytes(ref: Ref, valueBytes: number): Ref {
    const oldBytes = this.valueBytes(ref);
    if (oldBytes === valueBytes) return ref;
    const bytes = this.blockBytes(ref);
    const next = this.arena.resize(ref, bytes, bytes - oldBytes + valueBytes);
    const word = (next & UNIT_MASK) << 1;
    this.#u32[next >>> CHUNK_SHIFT]![word + HEAD_WORDS[this.flags(next)]! - 1] = valueBytes;
    return next;
  }

  /** Fills the value of an element that has room for so many bytes. */
  putValue(ref: Ref, value: Uint8Array, at: number, valueBytes: number): void {
    this.arena.put(value, at, valueBytes, ref >>> CHUNK_SHIFT, this.valueAt(ref));
  }

  /** Gives an element with a value another one, which must not stand in the same block; returns its new reference. */
  setValue(ref: Ref, value: Uint8Array, at: number, valueBytes: number): Ref {
    const next = this.setValueBytes(ref, valueBytes);
    this.putValue(next, value, at, valueBytes);
    return next;
  }

  /** Only with HAS_SCORE. */
  score(ref: Ref): number {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const word = (ref & UNIT_MASK) << 1;
    this.#doubleWords[0] = words[word + 1]!;
    this.#doubleWords[1] = words[word + 2]!;
    return this.#double[0]!;
  }

  /** Only with HAS_SCORE. */
  setScore(ref: Ref, score: number): void {
    this.#double[0] = score;
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const word = (ref & UNIT_MASK) << 1;
    words[word + 1] = this.#doubleWords[0]!;
    words[word + 2] = this.#doubleWords[1]!;
  }

  /** Milliseconds since 1970, exact below 2^53. Only with HAS_EXPIRY. */
  expiry(ref: Ref): number {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const word = this.#expiryWord(ref);
    return (words[word + 1]! | 0) * TWO_32 + words[word]!;
  }

  /** Overwrites the expiry with a safe integer of milliseconds. Only with HAS_EXPIRY. */
  writeExpiry(ref: Ref, ms: number): void {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const word = this.#expiryWord(ref);
    words[word] = ms >>> 0;
    words[word + 1] = Math.floor(ms / TWO_32) >>> 0;
  }

  /** Gives an element other flags, keeping what both have (new parts are undefined); returns its new reference. */
  reshape(ref: Ref, flags: number): Ref {
    const old = this.flags(ref);
    if (old === flags) return ref;
    const { arena } = this;
    const valueBytes = (flags & HAS_VALUE) === 0 ? 0 : this.valueBytes(ref);
    const memberBytes = this.memberBytes(ref);
    const from = this.view(ref);
    const next = this.create(from, this.memberAt(ref), memberBytes, flags, valueBytes);
    if ((flags & old & HAS_SCORE) !== 0) this.setScore(next, this.score(ref));
    if ((flags & old & HAS_EXPIRY) !== 0) this.writeExpiry(next, this.expiry(ref));
    copyBytes(from, this.valueAt(ref), this.view(next), this.valueAt(next), valueBytes);
    arena.free(ref, this.blockBytes(ref));
    return next;
  }

  /** A copy of the whole element. */
  copy(ref: Ref): Ref {
    const bytes = this.blockBytes(ref);
    const next = this.arena.alloc(bytes);
    const from = (ref & UNIT_MASK) << 3;
    copyBytes(this.view(ref), from, this.view(next), (next & UNIT_MASK) << 3, bytes);
    return next;
  }

  #expiryWord(ref: Ref): number {
    return ((ref & UNIT_MASK) << 1) + ((this.flags(ref) & HAS_SCORE) !== 0 ? 3 : 1);
  }
}
