// Intsets: small sets of integers in one block, in order. The format is Redis's, byte for byte, so that dumps can take a
// block as it is:
//
//   | bytes of an integer:32 | integers:32 | integer | integer | ... |      (2, 4 or 8 bytes each, ascending, low byte first)
//
// All integers take as many bytes as the widest that was ever added. The block is as large as the intset says it is: the
// classes of the arena's blocks are the spare room to grow into.
//
// One object serves all intsets of an arena. Integers come and go as the two signed words of their two's complement
// (base/wide_int.ts), so that all 64 bits are exact and nothing is allocated. Calls that change an intset return its
// reference, which may be a new one.
import type { Arena, Ref } from '../arena/arena.ts';
import { copyBytes } from '../base/bytes.ts';
import { int64CharsMax } from '../base/int64.ts';
import { WideInt } from '../base/wide_int.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const HEAD_BYTES = 8;
const HEAD_WORDS = 2;
const BYTES_16 = 2;
const BYTES_32 = 4;
const BYTES_64 = 8;

export class Intsets {
  readonly arena: Arena;
  readonly #u8: Uint8Array[];
  readonly #u32: Uint32Array[];
  readonly #wide = new WideInt();
  /** The integer that `get` found. */
  low = 0;
  high = 0;
  /** Set by `find`: where the integer stands, or would. */
  index = 0;
  /** Text of the integer that `locate` found: `length` bytes of `bytes`, good until the next call. */
  readonly bytes = new Uint8Array(int64CharsMax);
  length = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.#u8 = arena.u8;
    this.#u32 = arena.u32;
  }

  /** A new intset without integers. */
  create(): Ref {
    const ref = this.arena.alloc(HEAD_BYTES);
    this.#writeHead(ref, BYTES_16, 0);
    return ref;
  }

  free(ref: Ref): void {
    this.arena.free(ref, this.totalBytes(ref));
  }

  copy(ref: Ref): Ref {
    const bytes = this.totalBytes(ref);
    const to = this.arena.alloc(bytes);
    const fromAt = (ref & UNIT_MASK) << 3;
    copyBytes(
      this.#u8[ref >>> CHUNK_SHIFT]!,
      fromAt,
      this.#u8[to >>> CHUNK_SHIFT]!,
      (to & UNIT_MASK) << 3,
      bytes,
    );
    return to;
  }

  /** Number of integers. */
  count(ref: Ref): number {
    return this.#u32[ref >>> CHUNK_SHIFT]![((ref & UNIT_MASK) << 1) + 1]!;
  }

  /** Bytes of each integer: 2, 4 or 8. */
  integerBytes(ref: Ref): number {
    return this.#u32[ref >>> CHUNK_SHIFT]![(ref & UNIT_MASK) << 1]!;
  }

  /** Bytes of the intset, which are those of its block. */
  totalBytes(ref: Ref): number {
    return HEAD_BYTES + this.integerBytes(ref) * this.count(ref);
  }

  /** Sets `low` and `high` to the integer at an index. */
  get(ref: Ref, index: number): void {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const at = (ref & UNIT_MASK) << 1;
    const bytes = words[at]!;
    if (bytes === BYTES_64) {
      this.low = words[at + HEAD_WORDS + (index << 1)]! | 0;
      this.high = words[at + HEAD_WORDS + (index << 1) + 1]! | 0;
      return;
    }
    this.low = bytes === BYTES_32 ? words[at + HEAD_WORDS + index]! | 0 : read16(words, at, index);
    this.high = this.low >> 31;
  }

  /** Points `bytes` and `length` to the digits of the integer at an index. */
  locate(ref: Ref, index: number): void {
    this.get(ref, index);
    this.length = this.#wide.write(this.bytes, 0, this.low, this.high);
  }

  /** Whether an integer is in the intset; `index` says where it is, or would be. */
  find(ref: Ref, low: number, high: number): boolean {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const at = (ref & UNIT_MASK) << 1;
    const bytes = words[at]!;
    const count = words[at + 1]!;
    if (bytesFor(low, high) > bytes) {
      this.index = high < 0 ? 0 : count;
      return false;
    }
    if (bytes === BYTES_16) return this.#find16(words, at, count, low);
    if (bytes === BYTES_32) return this.#find32(words, at, count, low);
    return this.#find64(words, at, count, low, high);
  }

  /** Adds an integer, which is not in the intset, as `find` just said. */
  insert(ref: Ref, low: number, high: number): Ref {
    const oldBytes = this.integerBytes(ref);
    const bytes = Math.max(oldBytes, bytesFor(low, high));
    const count = this.count(ref);
    const next = this.arena.resize(ref, HEAD_BYTES + oldBytes * count, HEAD_BYTES + bytes * (count + 1));
    if (bytes === oldBytes) {
      const from = ((next & UNIT_MASK) << 3) + HEAD_BYTES + this.index * bytes;
      const end = ((next & UNIT_MASK) << 3) + HEAD_BYTES + count * bytes;
      if (from < end) this.#u8[next >>> CHUNK_SHIFT]!.copyWithin(from + bytes, from, end);
    } else {
      this.#widen(next, bytes, count);
    }
    this.#writeHead(next, bytes, count + 1);
    this.#write(next, bytes, this.index, low, high);
    return next;
  }

  /** Removes the integer at an index: all or nothing, if the smaller block cannot be had. */
  removeAt(ref: Ref, index: number): Ref {
    const { arena } = this;
    const bytes = this.integerBytes(ref);
    const count = this.count(ref);
    const oldBytes = HEAD_BYTES + bytes * count;
    const at = HEAD_BYTES + index * bytes;
    const next = arena.staysInPlace(oldBytes, oldBytes - bytes) ? ref : arena.alloc(oldBytes - bytes);
    const from = this.#u8[ref >>> CHUNK_SHIFT]!;
    const to = this.#u8[next >>> CHUNK_SHIFT]!;
    const fromBase = (ref & UNIT_MASK) << 3;
    const toBase = (next & UNIT_MASK) << 3;
    if (next !== ref) copyBytes(from, fromBase, to, toBase, at);
    copyBytes(from, fromBase + at + bytes, to, toBase + at, oldBytes - at - bytes);
    this.#writeHead(next, bytes, count - 1);
    if (next !== ref) arena.free(ref, oldBytes);
    return next;
  }

  /** Walks the intset and throws on any broken invariant. */
  check(ref: Ref): void {
    const bytes = this.integerBytes(ref);
    if (bytes !== BYTES_16 && bytes !== BYTES_32 && bytes !== BYTES_64)
      throw new Error(`intset: integers of ${bytes} bytes`);
    let low = 0;
    let high = 0;
    for (let i = 0; i < this.count(ref); i++) {
      this.get(ref, i);
      const ascends = high < this.high || (high === this.high && low >>> 0 < this.low >>> 0);
      if (i > 0 && !ascends) throw new Error('intset: the integers are not in order');
      low = this.low;
      high = this.high;
    }
  }

  #find16(words: Uint32Array, at: number, count: number, low: number): boolean {
    let first = 0;
    let end = count;
    if (count > 0 && low > read16(words, at, count - 1)) first = count;
    while (first < end) {
      const middle = (first + end) >>> 1;
      const value = read16(words, at, middle);
      if (value === low) {
        this.index = middle;
        return true;
      }
      if (value < low) first = middle + 1;
      else end = middle;
    }
    this.index = first;
    return false;
  }

  #find32(words: Uint32Array, at: number, count: number, low: number): boolean {
    const base = at + HEAD_WORDS;
    let first = 0;
    let end = count;
    if (count > 0 && low > (words[base + count - 1]! | 0)) first = count;
    while (first < end) {
      const middle = (first + end) >>> 1;
      const value = words[base + middle]! | 0;
      if (value === low) {
        this.index = middle;
        return true;
      }
      if (value < low) first = middle + 1;
      else end = middle;
    }
    this.index = first;
    return false;
  }

  #find64(words: Uint32Array, at: number, count: number, low: number, high: number): boolean {
    const base = at + HEAD_WORDS;
    let first = 0;
    let end = count;
    while (first < end) {
      const middle = (first + end) >>> 1;
      const valueHigh = words[base + (middle << 1) + 1]! | 0;
      const valueLow = words[base + (middle << 1)]!;
      if (valueHigh === high && valueLow === low >>> 0) {
        this.index = middle;
        return true;
      }
      if (valueHigh < high || (valueHigh === high && valueLow < low >>> 0)) first = middle + 1;
      else end = middle;
    }
    this.index = first;
    return false;
  }

  /** Rewrites the integers with `bytes` bytes each, from the last one on, leaving a place free at `index`. */
  #widen(ref: Ref, bytes: number, count: number): void {
    const shift = this.index === 0 ? 1 : 0;
    for (let i = count - 1; i >= 0; i--) {
      this.get(ref, i);
      this.#write(ref, bytes, i + shift, this.low, this.high);
    }
  }

  #write(ref: Ref, bytes: number, index: number, low: number, high: number): void {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const at = ((ref & UNIT_MASK) << 1) + HEAD_WORDS;
    if (bytes === BYTES_64) {
      words[at + (index << 1)] = low;
      words[at + (index << 1) + 1] = high;
    } else if (bytes === BYTES_32) {
      words[at + index] = low;
    } else {
      const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
      u8[(at << 2) + (index << 1)] = low;
      u8[(at << 2) + (index << 1) + 1] = low >> 8;
    }
  }

  #writeHead(ref: Ref, bytes: number, count: number): void {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const at = (ref & UNIT_MASK) << 1;
    words[at] = bytes;
    words[at + 1] = count;
  }
}

/** The 16-bit integer at an index of the intset at word `at`. */
function read16(words: Uint32Array, at: number, index: number): number {
  const pair = words[at + HEAD_WORDS + (index >> 1)]!;
  return (index & 1) === 0 ? (pair << 16) >> 16 : pair >> 16;
}

/** How many bytes an integer needs. */
function bytesFor(low: number, high: number): number {
  if (high !== low >> 31) return BYTES_64;
  return (low << 16) >> 16 === low ? BYTES_16 : BYTES_32;
}
