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

export const EMBSTR_BYTES_MAX = 44;
const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const BLOB_HEAD_BYTES = 8;
const PREALLOCATION_BYTES_MAX = 1024 * 1024;
const TWO_32 = 4294967296;
const INT_TEXT_BYTES_MAX = 20;
const SAFE_TEXT_BYTES_MAX = 15;
const KIND_INT = (TYPE_STRING << 4) | ENC_INT;

export class Strings {
  readonly entries: Entries;
  readonly arena: Arena;
  /** Set by `locate`: the string's bytes are bytes[at … at + length). */
  bytes: Uint8Array = new Uint8Array(32);
  at = 0;
  length = 0;
  readonly #scratch = new Uint8Array(32);

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
    if (!entries.hasWords(ref)) {
      this.bytes = entries.view(ref);
      this.at = entries.inlineAt(ref);
      this.length = entries.inlineBytes(ref);
    } else if (entries.encoding(ref) === ENC_INT) {
      this.#locateInt(ref);
    } else {
      const blob = entries.wordLow(ref);
      this.bytes = this.arena.u8[blob >>> CHUNK_SHIFT]!;
      this.at = ((blob & UNIT_MASK) << 3) + BLOB_HEAD_BYTES;
      this.length = entries.wordHigh(ref);
    }
  }

  /** Length in bytes. */
  byteLength(ref: Ref): number {
    this.locate(ref);
    return this.length;
  }

  /** Bytes that the string takes outside its entry's block. */
  outsideBytes(ref: Ref): number {
    if (!this.entries.hasWords(ref) || this.isInt(ref)) return 0;
    return this.arena.usableBytes(BLOB_HEAD_BYTES + this.#capacity(this.entries.wordLow(ref)));
  }

  /** Frees what the string holds outside its entry. */
  dispose(ref: Ref): void {
    if (!this.entries.hasWords(ref) || this.isInt(ref)) return;
    this.#freeBlob(this.entries.wordLow(ref));
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

  /** A new entry with this string; `expiryFlag` is HAS_EXPIRY (the expiry is then for the caller to write) or 0. */
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
    const entries = this.entries;
    const number = valueBytes <= INT_TEXT_BYTES_MAX ? parseInt53(value, valueAt, valueBytes) : Number.NaN;
    if (number === number) {
      const ref = entries.create(key, keyAt, keyBytes, KIND_INT, clock, expiryFlag | HAS_WORDS, 0);
      this.writeInt53(ref, number);
      return ref;
    }
    if (isBeyondInt53(value, valueAt, valueBytes)) {
      const ref = entries.create(key, keyAt, keyBytes, KIND_INT, clock, expiryFlag | HAS_WORDS, 0);
      this.writeInt64(ref, parseInt64(value, valueAt, valueBytes)!);
      return ref;
    }
    const encoding = valueBytes <= EMBSTR_BYTES_MAX ? ENC_EMBSTR : ENC_RAW;
    const kind = (TYPE_STRING << 4) | encoding;
    if (valueBytes <= INLINE_BYTES_MAX) {
      const ref = entries.create(key, keyAt, keyBytes, kind, clock, expiryFlag, valueBytes);
      copyBytes(value, valueAt, entries.view(ref), entries.inlineAt(ref), valueBytes);
      return ref;
    }
    const blob = this.#newBlob(valueBytes);
    copyBytes(value, valueAt, this.arena.u8[blob >>> CHUNK_SHIFT]!, this.#blobAt(blob), valueBytes);
    const ref = entries.create(key, keyAt, keyBytes, kind, clock, expiryFlag | HAS_WORDS, 0);
    entries.writeWords(ref, blob, valueBytes);
    return ref;
  }

  /**
   * Overwrites a whole string in its entry, if old and new have the same shape; false when the entry must be made anew.
   * The value must not lie in the arena.
   */
  overwrite(ref: Ref, value: Uint8Array, valueAt: number, valueBytes: number): boolean {
    const entries = this.entries;
    if (entries.hasWords(ref)) return false;
    if (entries.inlineBytes(ref) !== valueBytes) return false;
    if (valueBytes <= INT_TEXT_BYTES_MAX) {
      const number = parseInt53(value, valueAt, valueBytes);
      if (number === number || isBeyondInt53(value, valueAt, valueBytes)) return false;
    }
    entries.setKind(ref, TYPE_STRING, valueBytes <= EMBSTR_BYTES_MAX ? ENC_EMBSTR : ENC_RAW);
    copyBytes(value, valueAt, entries.view(ref), entries.inlineAt(ref), valueBytes);
    return true;
  }

  /** Writes a safe integer into an int-encoded entry. */
  writeInt53(ref: Ref, value: number): void {
    this.entries.writeWords(ref, value >>> 0, Math.floor(value / TWO_32) >>> 0);
  }

  writeInt64(ref: Ref, value: bigint): void {
    this.entries.writeWords(ref, Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn));
  }

  /** Turns any string entry into an int-encoded one holding `value` (any int64); returns its new reference. */
  becomeInt(ref: Ref, value: bigint): Ref {
    const next = this.#reshape(ref, HAS_WORDS, 0);
    this.entries.setKind(next, TYPE_STRING, ENC_INT);
    this.writeInt64(next, value);
    return next;
  }

  /**
   * Makes room to change the string in place: afterwards it has exactly `newLength` bytes (new ones zero), encoding raw,
   * and `locate` points to them. Returns the entry's new reference.
   */
  resize(ref: Ref, newLength: number): Ref {
    const entries = this.entries;
    this.locate(ref);
    const oldLength = this.length;
    let next = ref;
    if (entries.hasWords(ref) && !this.isInt(ref)) {
      this.#resizeBlob(ref, oldLength, newLength);
    } else if (newLength <= INLINE_BYTES_MAX) {
      next = this.#resizeInline(ref, newLength);
    } else {
      next = this.#moveToBlob(ref, newLength);
    }
    entries.setKind(next, TYPE_STRING, ENC_RAW);
    this.locate(next);
    if (newLength > oldLength) this.bytes.fill(0, this.at + oldLength, this.at + newLength);
    return next;
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
    if (!this.isInt(ref)) return this.#reshape(ref, 0, newLength);
    const text = this.bytes.slice(this.at, this.at + this.length);
    const next = this.#reshape(ref, 0, newLength);
    const kept = Math.min(text.length, newLength);
    copyBytes(text, 0, this.entries.view(next), this.entries.inlineAt(next), kept);
    return next;
  }

  #moveToBlob(ref: Ref, newLength: number): Ref {
    const blob = this.#newBlob(roomFor(newLength));
    const kept = Math.min(this.length, newLength);
    copyBytes(this.bytes, this.at, this.arena.u8[blob >>> CHUNK_SHIFT]!, this.#blobAt(blob), kept);
    const next = this.#reshape(ref, HAS_WORDS, 0);
    this.entries.setKind(next, TYPE_STRING, ENC_RAW);
    this.entries.writeWords(next, blob, newLength);
    return next;
  }

  #resizeBlob(ref: Ref, oldLength: number, newLength: number): void {
    let blob = this.entries.wordLow(ref);
    const capacity = this.#capacity(blob);
    if (newLength > capacity) {
      const room = roomFor(newLength);
      const to = this.#newBlob(room);
      const from = this.#blobAt(blob);
      this.arena.u8[to >>> CHUNK_SHIFT]!.set(
        this.arena.u8[blob >>> CHUNK_SHIFT]!.subarray(from, from + oldLength),
        this.#blobAt(to),
      );
      this.#freeBlob(blob);
      blob = to;
    }
    this.entries.writeWords(ref, blob, newLength);
  }

  #reshape(ref: Ref, wordsFlag: number, inlineBytes: number): Ref {
    const entries = this.entries;
    if (!this.isInt(ref)) {
      if (wordsFlag !== 0 && entries.hasWords(ref)) this.#freeBlob(entries.wordLow(ref));
    }
    return entries.reshape(ref, (entries.flags(ref) & HAS_EXPIRY) | wordsFlag, inlineBytes);
  }

  #newBlob(capacity: number): Ref {
    const blob = this.arena.alloc(BLOB_HEAD_BYTES + capacity);
    const words = this.arena.u32[blob >>> CHUNK_SHIFT]!;
    const at = (blob & UNIT_MASK) << 1;
    words[at] = capacity;
    words[at + 1] = 0;
    return blob;
  }

  #freeBlob(blob: Ref): void {
    this.arena.free(blob, BLOB_HEAD_BYTES + this.#capacity(blob));
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
  return length + Math.min(length, PREALLOCATION_BYTES_MAX);
}

/** Whether the bytes, which are no integer within ±2^53, are one within 64 bits. */
function isBeyondInt53(value: Uint8Array, at: number, bytes: number): boolean {
  return bytes > SAFE_TEXT_BYTES_MAX && bytes <= INT_TEXT_BYTES_MAX && isInt64(value, at, bytes);
}
