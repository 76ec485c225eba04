// Strings: where their bytes are, which encoding they report, and how they change.
//
// Three places hold a string's bytes. Up to INLINE_BYTES_MAX they stand in the entry behind the key. Longer ones have a
// blob of their own, named by the entry's value words (reference, length), with room to grow:
//
//   blob:  capacity in bytes:32 | 0:32 | bytes ...
//
// A string that is a canonical signed 64-bit integer is kept as that integer in the value words (encoding int). The
// encoding's name is a matter of history, not of place: embstr up to 44 bytes when written whole, raw when longer or
// once changed in place.
import type { Arena, Ref } from '../arena/arena.ts';
import { copyBytes } from '../base/bytes.ts';
import { isInt64, parseInt53, parseInt64, writeInt } from '../base/int64.ts';
import {
  ENC_EMBSTR,
  ENC_INT,
  ENC_RAW,
  type Entries,
  HAS_EXPIRY,
  HAS_WORDS,
  INLINE_BYTES_MAX,
  TYPE_STRING,
} from '../structs/entry.ts';
import type { ValueType } from './value.ts';

export const EMBSTR_BYTES_MAX = 44;
const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const BLOB_HEAD_BYTES = 8;
const PREALLOCATION_BYTES_MAX = 1024 * 1024;
const TWO_32 = 4294967296;
const INT_TEXT_BYTES_MAX = 20;
const SAFE_TEXT_BYTES_MAX = 15;
const KIND_INT = (TYPE_STRING << 4) | ENC_INT;
const KIND_EMBSTR = (TYPE_STRING << 4) | ENC_EMBSTR;
const KIND_RAW = (TYPE_STRING << 4) | ENC_RAW;
/** The longest string that a blob can hold: its length has 32 bits, and its block a head and room to grow. */
export const STRING_BYTES_MAX = 0xfff00000;

/** Who has to see bytes of a string before they change for the first time. */
export interface StringGuard {
  /** Bytes from `from` on and below `to` are about to change. */
  before(from: number, to: number): void;
  /** All bytes stand elsewhere now. */
  moved(to: Ref): void;
  /** Nobody needs the bytes any more; `release` frees them once the guard needs them no longer. */
  inherit(release: () => void): void;
}

export class Strings implements ValueType {
  readonly entries: Entries;
  readonly arena: Arena;
  /** Set by `locate`: the string's bytes are bytes[at … at + length). */
  bytes: Uint8Array = new Uint8Array(32);
  at = 0;
  length = 0;
  /** Guards by the blobs they look after; null while there are none. */
  guards: ReadonlyMap<Ref, StringGuard> | null = null;
  readonly #scratch = new Uint8Array(32);
  readonly #scratchWords = new Uint32Array(this.#scratch.buffer);

  constructor(entries: Entries) {
    this.entries = entries;
    this.arena = entries.arena;
  }

  isInt(ref: Ref): boolean {
    return this.entries.encoding(ref) === ENC_INT;
  }

  /** The integer of an int-encoded string if it is safe (±2^53), else NaN. */
  int53(ref: Ref): number {
    const value = (this.entries.wordHigh(ref) | 0) * TWO_32 + this.entries.wordLow(ref);
    return Number.isSafeInteger(value) ? value : Number.NaN;
  }

  /** The exact integer of an int-encoded string. */
  int64(ref: Ref): bigint {
    return (BigInt(this.entries.wordHigh(ref) | 0) << 32n) | BigInt(this.entries.wordLow(ref));
  }

  /** Points bytes, at and length to the string's bytes. They stay valid until the string or an integer is touched. */
  locate(ref: Ref): void {
    const entries = this.entries;
    const inline = entries.inlinePlace(ref);
    if (inline >= 0) {
      this.bytes = entries.view(ref);
      this.at = inline;
      this.length = entries.inlineBytes(ref);
    } else if (entries.encoding(ref) === ENC_INT) {
      this.#locateInt(ref);
    } else {
      this.locateBlob(entries.wordLow(ref), entries.wordHigh(ref));
    }
  }

  /** Like `locate`; returns the words over the buffer that holds the bytes. */
  locateWords(ref: Ref): Uint32Array {
    this.locate(ref);
    if (this.bytes === this.#scratch) return this.#scratchWords;
    const block = this.entries.hasWords(ref) ? this.entries.wordLow(ref) : ref;
    return this.arena.u32[block >>> CHUNK_SHIFT]!;
  }

  /** The string's bytes until the arena changes; an integer's are a copy. */
  view(ref: Ref): Uint8Array {
    this.locate(ref);
    const end = this.at + this.length;
    return this.bytes === this.#scratch ? this.bytes.slice(this.at, end) : this.bytes.subarray(this.at, end);
  }

  /** Length in bytes. */
  byteLength(ref: Ref): number {
    this.locate(ref);
    return this.length;
  }

  effort(ref: Ref): number {
    return this.#hasBlob(ref) ? 1 : 0;
  }

  /** Bytes that the string takes outside its entry's block. */
  outsideBytes(ref: Ref): number {
    if (!this.#hasBlob(ref)) return 0;
    return this.arena.usableBytes(BLOB_HEAD_BYTES + this.#capacity(this.entries.wordLow(ref)));
  }

  /** Frees what the string holds outside its entry. */
  freeSome(ref: Ref): boolean {
    if (this.#hasBlob(ref)) this.#freeBlob(this.entries.wordLow(ref));
    return true;
  }

  moveBlocks(ref: Ref): number {
    if (!this.#hasBlob(ref)) return 0;
    const blob = this.entries.wordLow(ref);
    const bytes = BLOB_HEAD_BYTES + this.#capacity(blob);
    if (this.arena.isSparse(blob, bytes)) {
      this.entries.writeWords(ref, this.arena.move(blob, bytes), this.entries.wordHigh(ref));
    }
    return 0;
  }

  /** Gives `to`, an entry of the same shape whose words still are those of `from`, a value of its own. */
  copyValue(from: Ref, to: Ref): void {
    if (this.isInt(from)) return;
    const length = this.entries.wordHigh(from);
    const blob = this.#newBlob(length);
    const source = this.entries.wordLow(from);
    copyBytes(
      this.arena.u8[source >>> CHUNK_SHIFT]!,
      this.#blobAt(source),
      this.arena.u8[blob >>> CHUNK_SHIFT]!,
      this.#blobAt(blob),
      length,
    );
    this.entries.writeWords(to, blob, length);
  }

  /**
   * A new entry with this string as SET stores it: as an integer if it is one. `expiryFlag` is HAS_EXPIRY (the expiry is
   * then for the caller to write) or 0.
   */
  create(
    key: Uint8Array,
    keyAt: number,
    keyBytes: number,
    clock: number,
    expiryFlag: number,
    value: Uint8Array,
    valueAt: number,
    valueBytes: number,
  ): Ref {
    const number = valueBytes <= INT_TEXT_BYTES_MAX ? parseInt53(value, valueAt, valueBytes) : Number.NaN;
    if (!Number.isNaN(number)) {
      const ref = this.createInt(key, keyAt, keyBytes, clock, expiryFlag);
      this.writeInt53(ref, number);
      return ref;
    }
    if (isBeyondInt53(value, valueAt, valueBytes)) {
      const ref = this.createInt(key, keyAt, keyBytes, clock, expiryFlag);
      this.writeInt64(ref, parseInt64(value, valueAt, valueBytes)!);
      return ref;
    }
    return this.createText(key, keyAt, keyBytes, clock, expiryFlag, value, valueAt, valueBytes);
  }

  /** Like `create`, but never stores an integer (INCRBYFLOAT). */
  createText(
    key: Uint8Array,
    keyAt: number,
    keyBytes: number,
    clock: number,
    expiryFlag: number,
    value: Uint8Array,
    valueAt: number,
    valueBytes: number,
  ): Ref {
    const kind = valueBytes <= EMBSTR_BYTES_MAX ? KIND_EMBSTR : KIND_RAW;
    const ref = this.#createBytes(key, keyAt, keyBytes, kind, clock, expiryFlag, valueBytes);
    this.#fill(ref, value, valueAt, valueBytes);
    return ref;
  }

  /** A new entry with encoding int; the integer is for the caller to write. */
  createInt(key: Uint8Array, keyAt: number, keyBytes: number, clock: number, expiryFlag: number): Ref {
    return this.entries.create(key, keyAt, keyBytes, KIND_INT, clock, expiryFlag | HAS_WORDS, 0);
  }

  /** A new entry without expiry that holds `length` zero bytes, encoding raw; `locate` points to them. */
  createZeros(key: Uint8Array, keyAt: number, keyBytes: number, clock: number, length: number): Ref {
    const ref = this.#createBytes(key, keyAt, keyBytes, KIND_RAW, clock, 0, length);
    this.locate(ref);
    this.bytes.fill(0, this.at, this.at + length);
    return ref;
  }

  /**
   * Replaces the whole string of an entry, as SET stores it; key, expiry and clock stay. Returns the entry's new
   * reference. The value must not lie in the arena.
   */
  assign(ref: Ref, value: Uint8Array, valueAt: number, valueBytes: number): Ref {
    if (valueBytes <= INT_TEXT_BYTES_MAX) {
      const number = parseInt53(value, valueAt, valueBytes);
      if (!Number.isNaN(number)) return this.assignInt53(ref, number);
      if (isBeyondInt53(value, valueAt, valueBytes)) {
        return this.assignInt64(ref, parseInt64(value, valueAt, valueBytes)!);
      }
    }
    return this.assignText(ref, value, valueAt, valueBytes);
  }

  /** Like `assign`, but never stores an integer. */
  assignText(ref: Ref, value: Uint8Array, valueAt: number, valueBytes: number): Ref {
    const next =
      valueBytes <= INLINE_BYTES_MAX ? this.#shapeInline(ref, valueBytes) : this.#shapeBlob(ref, valueBytes);
    this.entries.setKind(next, TYPE_STRING, valueBytes <= EMBSTR_BYTES_MAX ? ENC_EMBSTR : ENC_RAW);
    this.#fill(next, value, valueAt, valueBytes);
    return next;
  }

  /** Replaces the whole string of an entry by a safe integer; returns the entry's new reference. */
  assignInt53(ref: Ref, value: number): Ref {
    const next = this.#shapeInt(ref);
    this.writeInt53(next, value);
    return next;
  }

  /** Replaces the whole string of an entry by any 64-bit integer; returns the entry's new reference. */
  assignInt64(ref: Ref, value: bigint): Ref {
    const next = this.#shapeInt(ref);
    this.writeInt64(next, value);
    return next;
  }

  /** Writes a safe integer into an int-encoded entry. */
  writeInt53(ref: Ref, value: number): void {
    this.entries.writeWords(ref, value >>> 0, Math.floor(value / TWO_32) >>> 0);
  }

  writeInt64(ref: Ref, value: bigint): void {
    this.entries.writeWords(ref, Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn));
  }

  /**
   * Makes room to change the string in place: afterwards it has exactly `newLength` bytes, encoding raw, and `locate`
   * points to them. New bytes up to `zeroTo` are zero, the others are for the caller to write. Returns the entry's new
   * reference.
   */
  resize(ref: Ref, newLength: number, zeroTo: number): Ref {
    this.locate(ref);
    const oldLength = this.length;
    if (newLength < oldLength) this.beforeChange(ref, newLength, oldLength);
    let next = ref;
    if (this.#hasBlob(ref)) this.#resizeBlob(ref, newLength);
    else if (newLength <= INLINE_BYTES_MAX) next = this.#resizeInline(ref, newLength);
    else next = this.#moveToBlob(ref, newLength);
    this.entries.setKind(next, TYPE_STRING, ENC_RAW);
    this.locate(next);
    if (zeroTo > oldLength) this.bytes.fill(0, this.at + oldLength, this.at + zeroTo);
    return next;
  }

  /** To be called before bytes from `from` on and below `to` are written in place, those of them that were there. */
  beforeChange(ref: Ref, from: number, to: number): void {
    if (this.guards !== null && this.#hasBlob(ref))
      this.guards.get(this.entries.wordLow(ref))?.before(from, to);
  }

  /** Points bytes, at and length to the string of a blob. */
  locateBlob(blob: Ref, length: number): void {
    this.bytes = this.arena.u8[blob >>> CHUNK_SHIFT]!;
    this.at = this.#blobAt(blob);
    this.length = length;
  }

  #locateInt(ref: Ref): void {
    const value = (this.entries.wordHigh(ref) | 0) * TWO_32 + this.entries.wordLow(ref);
    this.bytes = this.#scratch;
    this.at = 0;
    if (Number.isSafeInteger(value)) {
      this.length = writeInt(this.#scratch, 0, value);
      return;
    }
    const text = this.int64(ref).toString();
    for (let i = 0; i < text.length; i++) this.#scratch[i] = text.charCodeAt(i);
    this.length = text.length;
  }

  #resizeInline(ref: Ref, newLength: number): Ref {
    const { entries } = this;
    if (!this.isInt(ref)) return entries.reshape(ref, entries.flags(ref), newLength);
    const text = this.bytes.slice(this.at, this.at + this.length);
    const next = entries.reshape(ref, entries.flags(ref) & HAS_EXPIRY, newLength);
    copyBytes(text, 0, entries.view(next), entries.inlineAt(next), Math.min(text.length, newLength));
    return next;
  }

  #moveToBlob(ref: Ref, newLength: number): Ref {
    const { entries } = this;
    const blob = this.#newBlob(roomFor(newLength));
    const kept = Math.min(this.length, newLength);
    copyBytes(this.bytes, this.at, this.arena.u8[blob >>> CHUNK_SHIFT]!, this.#blobAt(blob), kept);
    const next = entries.reshape(ref, entries.flags(ref) | HAS_WORDS, 0);
    entries.writeWords(next, blob, newLength);
    return next;
  }

  #resizeBlob(ref: Ref, newLength: number): void {
    let blob = this.entries.wordLow(ref);
    const capacity = this.#capacity(blob);
    if (newLength > capacity) {
      const room = roomFor(newLength);
      const old = blob;
      blob = this.arena.resize(blob, BLOB_HEAD_BYTES + capacity, BLOB_HEAD_BYTES + room);
      this.#setCapacity(blob, room);
      if (this.guards !== null && blob !== old) this.guards.get(old)?.moved(blob);
    }
    this.entries.writeWords(ref, blob, newLength);
  }

  #createBytes(
    key: Uint8Array,
    keyAt: number,
    keyBytes: number,
    kind: number,
    clock: number,
    expiryFlag: number,
    length: number,
  ): Ref {
    const { entries } = this;
    if (length <= INLINE_BYTES_MAX)
      return entries.create(key, keyAt, keyBytes, kind, clock, expiryFlag, length);
    const blob = this.#newBlob(length);
    const ref = entries.create(key, keyAt, keyBytes, kind, clock, expiryFlag | HAS_WORDS, 0);
    entries.writeWords(ref, blob, length);
    return ref;
  }

  /** Writes the bytes of a string that has this length already. */
  #fill(ref: Ref, value: Uint8Array, valueAt: number, valueBytes: number): void {
    const { entries } = this;
    if (valueBytes <= INLINE_BYTES_MAX) {
      this.arena.put(value, valueAt, valueBytes, ref >>> CHUNK_SHIFT, entries.inlineAt(ref));
    } else {
      const blob = entries.wordLow(ref);
      this.arena.put(value, valueAt, valueBytes, blob >>> CHUNK_SHIFT, this.#blobAt(blob));
    }
  }

  /** Gives an entry room for `length` bytes inside itself, content undefined. */
  #shapeInline(ref: Ref, length: number): Ref {
    const { entries } = this;
    const flags = entries.flags(ref);
    if ((flags & HAS_WORDS) === 0) {
      return entries.inlineBytes(ref) === length ? ref : entries.reshape(ref, flags, length);
    }
    const blob = this.isInt(ref) ? 0 : entries.wordLow(ref);
    const next = entries.reshape(ref, flags & ~HAS_WORDS, length);
    if (blob !== 0) this.#freeBlob(blob);
    return next;
  }

  /** Gives an entry a blob of `length` bytes, content undefined; one of fitting size is used again. */
  #shapeBlob(ref: Ref, length: number): Ref {
    const { entries } = this;
    const old = this.#hasBlob(ref) ? entries.wordLow(ref) : 0;
    let blob = old;
    if (old === 0 || !this.#fits(old, length)) {
      blob = this.#newBlob(length);
      if (old !== 0) this.#freeBlob(old);
    }
    const next = entries.reshape(ref, entries.flags(ref) | HAS_WORDS, 0);
    entries.writeWords(next, blob, length);
    return next;
  }

  #shapeInt(ref: Ref): Ref {
    const { entries } = this;
    if (this.isInt(ref)) return ref;
    const blob = entries.hasWords(ref) ? entries.wordLow(ref) : 0;
    const next = entries.reshape(ref, entries.flags(ref) | HAS_WORDS, 0);
    entries.setKind(next, TYPE_STRING, ENC_INT);
    if (blob !== 0) this.#freeBlob(blob);
    return next;
  }

  #hasBlob(ref: Ref): boolean {
    return this.entries.hasWords(ref) && !this.isInt(ref);
  }

  /** Whether a blob holds `length` bytes and a new one would take no less memory. */
  #fits(blob: Ref, length: number): boolean {
    const capacity = this.#capacity(blob);
    if (length > capacity || this.guards?.has(blob)) return false;
    const { arena } = this;
    return arena.usableBytes(BLOB_HEAD_BYTES + length) === arena.usableBytes(BLOB_HEAD_BYTES + capacity);
  }

  #newBlob(capacity: number): Ref {
    const blob = this.arena.alloc(BLOB_HEAD_BYTES + capacity);
    this.#setCapacity(blob, capacity);
    return blob;
  }

  #setCapacity(blob: Ref, capacity: number): void {
    const words = this.arena.u32[blob >>> CHUNK_SHIFT]!;
    const at = (blob & UNIT_MASK) << 1;
    words[at] = capacity;
    words[at + 1] = 0;
  }

  #freeBlob(blob: Ref): void {
    if (this.guards !== null && this.#leave(blob)) return;
    this.arena.free(blob, BLOB_HEAD_BYTES + this.#capacity(blob));
  }

  /** Leaves a blob to its guard, if it has one. */
  #leave(blob: Ref): boolean {
    const guard = this.guards!.get(blob);
    guard?.inherit(() => this.#freeBlob(blob));
    return guard !== undefined;
  }

  #capacity(blob: Ref): number {
    return this.arena.u32[blob >>> CHUNK_SHIFT]![(blob & UNIT_MASK) << 1]!;
  }

  #blobAt(blob: Ref): number {
    return ((blob & UNIT_MASK) << 3) + BLOB_HEAD_BYTES;
  }
}

/** Capacity for a string that grew to `length`: twice that, at most a mebibyte more. */
function roomFor(length: number): number {
  return length + Math.max(0, Math.min(length, PREALLOCATION_BYTES_MAX, STRING_BYTES_MAX - length));
}

/** Whether the bytes, which are no integer within ±2^53, are one within 64 bits. */
function isBeyondInt53(value: Uint8Array, at: number, bytes: number): boolean {
  return bytes > SAFE_TEXT_BYTES_MAX && bytes <= INT_TEXT_BYTES_MAX && isInt64(value, at, bytes);
}
