// Listpacks: many short strings and integers in one block, written one after the other. The format is Redis's, byte for
// byte ("Listpack specification", github.com/antirez/listpack), so that dumps can take a block as it is.
//
//   | total bytes:32 | elements:16 | element | element | ... | 0xff |          (low byte first; 65535 elements: unknown)
//
//   element:  body (encoding, content) | bytes of the body, readable from the end          (listpack_codec.ts)
//
// The block is as large as the listpack says it is: the classes of the arena's blocks are the spare room to grow into. A
// text that is the decimal notation of a 64-bit integer is stored as that integer and written out again when read.
//
// One object serves all listpacks of an arena. A position is the byte offset of an element from the start of the block; 0
// says that there is none. Calls that change a listpack return its reference, which may be a new one, and set `position`.
import type { Arena, Ref } from '../arena/arena.ts';
import { copyBytes, equalBytes } from '../base/bytes.ts';
import { int64CharsMax, isInt64, parseInt53, writeBigInt, writeInt } from '../base/int64.ts';
import {
  bodyBytes,
  closingBytes,
  END,
  elementBytes,
  elementBytesBefore,
  findShort,
  INT_64,
  INT_64_BODY_BYTES,
  integerBodyBytes,
  isString,
  read32,
  readInteger,
  stringHeadBytes,
  stringHeadBytesFor,
  write32,
  writeClosing,
  writeInteger,
  writeStringHead,
  writeWords,
} from './listpack_codec.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const HEAD_BYTES = 6;
const EMPTY_BYTES = HEAD_BYTES + 1;
const COUNT_AT = 4;
const COUNT_UNKNOWN = 0xffff;
/** Integers of fewer characters are safe. */
const WIDE_CHARS_MIN = 16;

/** What a text is stored as. */
const AS_STRING = 0;
const AS_INTEGER = 1;
const AS_WORDS = 2;

export class Listpacks {
  readonly arena: Arena;
  readonly #u8: Uint8Array[];
  /** Text of the element that `locate` found: `length` bytes of `bytes` from `at` on, good until the next call. */
  bytes: Uint8Array;
  at = 0;
  length = 0;
  /** After a change: the new element, or the one behind those removed (0: there is none). */
  position = 0;
  readonly #scratch = new Uint8Array(int64CharsMax);
  /** The text in hand, as `#classify` or `#takeInteger` understood it. */
  #form = AS_STRING;
  #integer = 0;
  #low = 0;
  #high = 0;
  /** Between `begin` and `done`: the listpack, the bytes of its block, and the smaller block that it will have then. */
  #held: Ref = 0;
  #heldBytes = 0;
  #spare: Ref = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.#u8 = arena.u8;
    this.bytes = this.#scratch;
  }

  /** A new listpack without elements. */
  create(): Ref {
    const ref = this.arena.alloc(EMPTY_BYTES);
    const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
    const base = (ref & UNIT_MASK) << 3;
    write32(u8, base, EMPTY_BYTES);
    u8[base + COUNT_AT] = 0;
    u8[base + COUNT_AT + 1] = 0;
    u8[base + HEAD_BYTES] = END;
    return ref;
  }

  free(ref: Ref): void {
    this.arena.free(ref, this.totalBytes(ref));
  }

  copy(ref: Ref): Ref {
    const bytes = this.totalBytes(ref);
    const to = this.arena.alloc(bytes);
    this.#copyTo(to, 0, ref, 0, bytes);
    return to;
  }

  /** Bytes of the listpack, which are those of its block. */
  totalBytes(ref: Ref): number {
    return read32(this.#u8[ref >>> CHUNK_SHIFT]!, (ref & UNIT_MASK) << 3);
  }

  /** Number of elements; from 65,535 on they are counted each time. */
  count(ref: Ref): number {
    const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
    const at = ((ref & UNIT_MASK) << 3) + COUNT_AT;
    const known = u8[at]! | (u8[at + 1]! << 8);
    if (known !== COUNT_UNKNOWN) return known;
    let count = 0;
    for (let p = this.first(ref); p !== 0; p = this.next(ref, p)) count++;
    if (count < COUNT_UNKNOWN) {
      u8[at] = count;
      u8[at + 1] = count >>> 8;
    }
    return count;
  }

  first(ref: Ref): number {
    return this.#orEnd(ref, HEAD_BYTES);
  }

  last(ref: Ref): number {
    return this.previous(ref, this.totalBytes(ref) - 1);
  }

  next(ref: Ref, p: number): number {
    const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
    const base = (ref & UNIT_MASK) << 3;
    const next = p + elementBytes(u8, base + p);
    return u8[base + next] === END ? 0 : next;
  }

  previous(ref: Ref, p: number): number {
    if (p === HEAD_BYTES) return 0;
    return p - elementBytesBefore(this.#u8[ref >>> CHUNK_SHIFT]!, ((ref & UNIT_MASK) << 3) + p);
  }

  /** Position of the element at an index, which counts from the end if negative (-1 is the last); 0 outside. */
  seek(ref: Ref, index: number): number {
    const count = this.count(ref);
    const forward = index < 0 ? count + index : index;
    if (forward < 0 || forward >= count) return 0;
    if (forward <= count >> 1) {
      let p = HEAD_BYTES;
      for (let i = 0; i < forward; i++) p = this.next(ref, p);
      return p;
    }
    let p = this.last(ref);
    for (let i = count - 1; i > forward; i--) p = this.previous(ref, p);
    return p;
  }

  /** Points `bytes`, `at` and `length` to the text of an element. */
  locate(ref: Ref, p: number): void {
    const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
    const at = ((ref & UNIT_MASK) << 3) + p;
    const head = u8[at]!;
    if (isString(head)) {
      const headBytes = stringHeadBytes(head);
      this.bytes = u8;
      this.at = at + headBytes;
      this.length = bodyBytes(u8, at) - headBytes;
      return;
    }
    const value = readInteger(u8, at);
    this.bytes = this.#scratch;
    this.at = 0;
    this.length = Number.isSafeInteger(value)
      ? writeInt(this.#scratch, 0, value)
      : writeBigInt(this.#scratch, 0, wideInteger(u8, at));
  }

  /** The integer that an element is stored as; NaN for a string and beyond ±2^53. */
  integer(ref: Ref, p: number): number {
    const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
    const at = ((ref & UNIT_MASK) << 3) + p;
    if (isString(u8[at]!)) return Number.NaN;
    const value = readInteger(u8, at);
    return Number.isSafeInteger(value) ? value : Number.NaN;
  }

  /** Whether the text of an element is this one. */
  equals(ref: Ref, p: number, bytes: Uint8Array, at: number, length: number): boolean {
    this.#classify(bytes, at, length);
    return this.#matches(this.#u8[ref >>> CHUNK_SHIFT]!, ((ref & UNIT_MASK) << 3) + p, bytes, at, length);
  }

  /** The first element of this text from `p` on, leaving out `skip` elements after each one looked at; 0 if none. */
  find(ref: Ref, p: number, bytes: Uint8Array, at: number, length: number, skip: number): number {
    if (p === 0) return 0;
    this.#classify(bytes, at, length);
    const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
    const base = (ref & UNIT_MASK) << 3;
    if (this.#form === AS_STRING && length < 64 && length > 0) {
      return findShort(u8, base, base + p, bytes, at, length, skip);
    }
    let element = base + p;
    while (u8[element] !== END) {
      if (this.#matches(u8, element, bytes, at, length)) return element - base;
      element += elementBytes(u8, element);
      for (let i = skip; i > 0 && u8[element] !== END; i--) element += elementBytes(u8, element);
    }
    return 0;
  }

  /**
   * Looks for a text among at most `most` elements from `p` on, forward or backward. Returns how many it passed; `position`
   * says where the element is, 0 if it was none of those.
   */
  pass(
    ref: Ref,
    p: number,
    isForward: boolean,
    most: number,
    bytes: Uint8Array,
    at: number,
    length: number,
  ): number {
    this.#classify(bytes, at, length);
    const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
    const base = (ref & UNIT_MASK) << 3;
    let element = base + p;
    let passed = 0;
    this.position = 0;
    while (passed < most) {
      if (this.#matches(u8, element, bytes, at, length)) {
        this.position = element - base;
        return passed;
      }
      passed++;
      if (isForward) {
        element += elementBytes(u8, element);
        if (u8[element] === END) return passed;
      } else {
        if (element === base + HEAD_BYTES) return passed;
        element -= elementBytesBefore(u8, element);
      }
    }
    return passed;
  }

  append(ref: Ref, bytes: Uint8Array, at: number, length: number): Ref {
    return this.#put(ref, this.totalBytes(ref) - 1, 0, bytes, at, length);
  }

  prepend(ref: Ref, bytes: Uint8Array, at: number, length: number): Ref {
    return this.#put(ref, HEAD_BYTES, 0, bytes, at, length);
  }

  insertBefore(ref: Ref, p: number, bytes: Uint8Array, at: number, length: number): Ref {
    return this.#put(ref, p, 0, bytes, at, length);
  }

  insertAfter(ref: Ref, p: number, bytes: Uint8Array, at: number, length: number): Ref {
    return this.#put(ref, p + this.#bytesAt(ref, p), 0, bytes, at, length);
  }

  replace(ref: Ref, p: number, bytes: Uint8Array, at: number, length: number): Ref {
    return this.#put(ref, p, this.#bytesAt(ref, p), bytes, at, length);
  }

  /** Appends a safe integer. */
  appendInteger(ref: Ref, value: number): Ref {
    return this.#putInteger(ref, this.totalBytes(ref) - 1, 0, value);
  }

  /** Puts a safe integer in the place of an element. */
  replaceInteger(ref: Ref, p: number, value: number): Ref {
    return this.#putInteger(ref, p, this.#bytesAt(ref, p), value);
  }

  /** Removes `count` elements from `p` on, or as many as there are. */
  remove(ref: Ref, p: number, count: number): Ref {
    const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
    const base = (ref & UNIT_MASK) << 3;
    let end = base + p;
    let removed = 0;
    for (; removed < count && u8[end] !== END; removed++) end += elementBytes(u8, end);
    const next = this.#splice(ref, p, end - base - p, 0);
    this.#addCount(next, -removed);
    this.position = this.#orEnd(next, p);
    return next;
  }

  /**
   * Begins several changes of which none may fail: all memory that they take is had now, or never. The listpack will be
   * `more` bytes longer in the end (shorter if negative), and not longer than that before. Returns its new reference.
   */
  begin(ref: Ref, more: number): Ref {
    const { arena } = this;
    const total = this.totalBytes(ref);
    this.#spare = more < 0 && !arena.staysInPlace(total, total + more) ? arena.alloc(total + more) : 0;
    this.#held = more > 0 ? arena.resize(ref, total, total + more) : ref;
    this.#heldBytes = Math.max(total, total + more);
    return this.#held;
  }

  /** Ends the changes; returns the listpack's new reference. */
  done(ref: Ref): Ref {
    const spare = this.#spare;
    this.#held = 0;
    if (spare === 0) return ref;
    this.#copyTo(spare, 0, ref, 0, this.totalBytes(ref));
    this.arena.free(ref, this.#heldBytes);
    return spare;
  }

  /** Bytes of `count` elements from `p` on, which are there. */
  bytesOf(ref: Ref, p: number, count: number): number {
    let end = p;
    for (let i = 0; i < count; i++) end += this.#bytesAt(ref, end);
    return end - p;
  }

  /** Bytes that a text takes as an element. */
  encodedBytes(bytes: Uint8Array, at: number, length: number): number {
    this.#classify(bytes, at, length);
    const body = this.#bodyFor(length);
    return body + closingBytes(body);
  }

  /** Writes the element that `encodedBytes` has just measured, of the same text, to byte `to` of a chunk. */
  writeMeasured(chunk: number, to: number, bytes: Uint8Array, at: number, length: number): void {
    const u8 = this.#u8[chunk]!;
    const body = this.#bodyFor(length);
    if (this.#form === AS_STRING) {
      writeStringHead(u8, to, length);
      this.arena.put(bytes, at, length, chunk, to + body - length);
    } else if (this.#form === AS_INTEGER) {
      writeInteger(u8, to, this.#integer);
    } else {
      writeWords(u8, to, this.#low, this.#high);
    }
    writeClosing(u8, to + body, body);
  }

  /** Walks the listpack and throws on any broken invariant. */
  check(ref: Ref): void {
    const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
    const base = (ref & UNIT_MASK) << 3;
    const end = base + this.totalBytes(ref) - 1;
    let at = base + HEAD_BYTES;
    let count = 0;
    for (; at < end; count++) {
      const bytes = elementBytes(u8, at);
      at += bytes;
      if (elementBytesBefore(u8, at) !== bytes)
        throw new Error('listpack: an element closes with a wrong length');
    }
    if (at !== end || u8[end] !== END) throw new Error('listpack: the end is not where it is said to be');
    const known = u8[base + COUNT_AT]! | (u8[base + COUNT_AT + 1]! << 8);
    if (known !== COUNT_UNKNOWN && known !== count)
      throw new Error(`listpack: ${count} elements stand, ${known} are counted`);
  }

  #orEnd(ref: Ref, p: number): number {
    return this.#u8[ref >>> CHUNK_SHIFT]![((ref & UNIT_MASK) << 3) + p] === END ? 0 : p;
  }

  #bytesAt(ref: Ref, p: number): number {
    return elementBytes(this.#u8[ref >>> CHUNK_SHIFT]!, ((ref & UNIT_MASK) << 3) + p);
  }

  /** Finds out whether a text is an integer, and which one. */
  #classify(bytes: Uint8Array, at: number, length: number): void {
    this.#form = AS_STRING;
    if (length > int64CharsMax) return;
    const value = parseInt53(bytes, at, length);
    if (!Number.isNaN(value)) {
      this.#form = AS_INTEGER;
      this.#integer = value;
    } else if (length >= WIDE_CHARS_MIN && isInt64(bytes, at, length)) {
      this.#classifyWide(bytes, at, length);
    }
  }

  #classifyWide(bytes: Uint8Array, at: number, length: number): void {
    let text = '';
    for (let i = 0; i < length; i++) text += String.fromCharCode(bytes[at + i]!);
    const value = BigInt.asUintN(64, BigInt(text));
    this.#form = AS_WORDS;
    this.#low = Number(value & 0xffffffffn);
    this.#high = Number(value >> 32n);
  }

  /** Whether the element at byte `element` is the text that was classified. */
  #matches(u8: Uint8Array, element: number, bytes: Uint8Array, at: number, length: number): boolean {
    const head = u8[element]!;
    if (isString(head)) {
      const headBytes = stringHeadBytes(head);
      if (bodyBytes(u8, element) - headBytes !== length) return false;
      return equalBytes(u8, element + headBytes, bytes, at, length);
    }
    if (this.#form === AS_INTEGER) return readInteger(u8, element) === this.#integer;
    if (this.#form === AS_STRING || head !== INT_64) return false;
    return read32(u8, element + 1) === this.#low && read32(u8, element + 5) === this.#high;
  }

  #bodyFor(length: number): number {
    if (this.#form === AS_STRING) return stringHeadBytesFor(length) + length;
    return this.#form === AS_INTEGER ? integerBodyBytes(this.#integer) : INT_64_BODY_BYTES;
  }

  /** Puts a text in the place of `oldBytes` bytes, which are one element or nothing. */
  #put(ref: Ref, p: number, oldBytes: number, bytes: Uint8Array, at: number, length: number): Ref {
    this.#classify(bytes, at, length);
    if (this.#form !== AS_STRING) return this.#putForm(ref, p, oldBytes);
    const body = this.#bodyFor(length);
    const next = this.#open(ref, p, oldBytes, body);
    const u8 = this.#u8[next >>> CHUNK_SHIFT]!;
    const to = ((next & UNIT_MASK) << 3) + p;
    writeStringHead(u8, to, length);
    this.arena.put(bytes, at, length, next >>> CHUNK_SHIFT, to + body - length);
    return next;
  }

  #putInteger(ref: Ref, p: number, oldBytes: number, value: number): Ref {
    this.#form = AS_INTEGER;
    this.#integer = value;
    return this.#putForm(ref, p, oldBytes);
  }

  #putForm(ref: Ref, p: number, oldBytes: number): Ref {
    const next = this.#open(ref, p, oldBytes, this.#bodyFor(0));
    const u8 = this.#u8[next >>> CHUNK_SHIFT]!;
    const to = ((next & UNIT_MASK) << 3) + p;
    if (this.#form === AS_INTEGER) writeInteger(u8, to, this.#integer);
    else writeWords(u8, to, this.#low, this.#high);
    return next;
  }

  /** Moves a listpack that stands in a sparse span of the arena; its reference. */
  moved(ref: Ref): Ref {
    const bytes = this.totalBytes(ref);
    return this.arena.isSparse(ref, bytes) ? this.arena.move(ref, bytes) : ref;
  }

  /** Makes room for an element with a body of `body` bytes in the place of `oldBytes` bytes, and closes it. */
  #open(ref: Ref, p: number, oldBytes: number, body: number): Ref {
    const next = this.#splice(ref, p, oldBytes, body + closingBytes(body));
    if (oldBytes === 0) this.#addCount(next, 1);
    writeClosing(this.#u8[next >>> CHUNK_SHIFT]!, ((next & UNIT_MASK) << 3) + p + body, body);
    this.position = p;
    return next;
  }

  /** Puts `newBytes` bytes, content undefined, in the place of `oldBytes` bytes at `p`. */
  #splice(ref: Ref, p: number, oldBytes: number, newBytes: number): Ref {
    if (oldBytes === newBytes) return ref;
    const total = this.totalBytes(ref);
    const newTotal = total - oldBytes + newBytes;
    const isHeld = ref === this.#held;
    if (newTotal < total && !isHeld && !this.arena.staysInPlace(total, newTotal))
      return this.#shrunk(ref, p, oldBytes, newBytes);
    const next = newTotal > total && !isHeld ? this.arena.resize(ref, total, newTotal) : ref;
    const u8 = this.#u8[next >>> CHUNK_SHIFT]!;
    const base = (next & UNIT_MASK) << 3;
    const tail = total - p - oldBytes;
    if (tail === 1) u8[base + newTotal - 1] = END;
    else u8.copyWithin(base + p + newBytes, base + p + oldBytes, base + total);
    write32(u8, base, newTotal);
    return next;
  }

  /** `#splice` into a smaller block. Where that cannot be had, nothing has changed. */
  #shrunk(ref: Ref, p: number, oldBytes: number, newBytes: number): Ref {
    const total = this.totalBytes(ref);
    const newTotal = total - oldBytes + newBytes;
    const to = this.arena.alloc(newTotal);
    this.#copyTo(to, 0, ref, 0, p);
    this.#copyTo(to, p + newBytes, ref, p + oldBytes, total - p - oldBytes);
    write32(this.#u8[to >>> CHUNK_SHIFT]!, (to & UNIT_MASK) << 3, newTotal);
    this.arena.free(ref, total);
    return to;
  }

  #copyTo(to: Ref, toAt: number, from: Ref, fromAt: number, bytes: number): void {
    const fromByte = ((from & UNIT_MASK) << 3) + fromAt;
    const toByte = ((to & UNIT_MASK) << 3) + toAt;
    copyBytes(this.#u8[from >>> CHUNK_SHIFT]!, fromByte, this.#u8[to >>> CHUNK_SHIFT]!, toByte, bytes);
  }

  #addCount(ref: Ref, difference: number): void {
    const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
    const at = ((ref & UNIT_MASK) << 3) + COUNT_AT;
    const known = u8[at]! | (u8[at + 1]! << 8);
    if (known === COUNT_UNKNOWN) return;
    u8[at] = known + difference;
    u8[at + 1] = (known + difference) >>> 8;
  }
}

/** The 64-bit integer element at byte `at`. */
function wideInteger(u8: Uint8Array, at: number): bigint {
  return BigInt.asIntN(64, (BigInt(read32(u8, at + 5)) << 32n) | BigInt(read32(u8, at + 1)));
}
