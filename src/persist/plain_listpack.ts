// Tells which foreign listpacks can be taken as they are, in one walk over their bytes.
//
// A listpack is plain if it is sound and written just as structs/listpack.ts would write it: no text is the notation of an
// integer, every integer and length has its shortest form, and no key (each `stride`th element) comes twice. In such a listpack
// equal texts are equal bytes, so keys are told apart by a hash of their bytes in a small table. Whatever is not plain may still
// be sound: it is then put together element by element, which finds out, and says, what is wrong.
import { compareBytes, equalBytes } from '../base/bytes.ts';
import { parseDoubleLoosely } from '../base/double.ts';
import { int64CharsMax, isInt64 } from '../base/int64.ts';
import {
  bodyBytes,
  closingBytes,
  END,
  integerBodyBytes,
  isString,
  read32,
  readInteger,
  stringHeadBytes,
  stringHeadBytesFor,
} from '../structs/listpack_codec.ts';
import { LISTPACK_HEAD_BYTES } from '../structs/listpack_parts.ts';
import { isKeptAsInteger } from '../types/zset_pairs.ts';

const COUNT_UNKNOWN = 0xffff;
const STRING_32 = 0xf0;
const INT_64 = 0xf4;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const SLOTS_MIN = 64;
const FNV_PRIME = 0x01000193;

export class PlainListpack {
  /** Of the listpack that `read` found to be plain: its elements, and the bytes of the longest text at most. */
  elements = 0;
  longestBytes = 0;
  /** Where a key begins, behind the start of the listpack; 0: none. */
  #slots = new Uint16Array(SLOTS_MIN);
  #mask = SLOTS_MIN - 1;

  /** Whether the `length` bytes at `at`, at most 64 KiB, are a plain listpack of at most `most` elements. */
  read(bytes: Uint8Array, at: number, length: number, stride: number, most: number): boolean {
    const last = at + length - 1;
    if (length <= LISTPACK_HEAD_BYTES || length > COUNT_UNKNOWN) return false;
    if (read32(bytes, at) !== length || bytes[last] !== END) return false;
    const count = bytes[at + 4]! | (bytes[at + 5]! << 8);
    if (count > most || count === COUNT_UNKNOWN || count % stride !== 0) return false;
    this.#clear(count / stride);
    this.elements = count;
    this.longestBytes = 0;
    let p = at + LISTPACK_HEAD_BYTES;
    for (let i = 0; i < count; i++) {
      const body = this.#body(bytes, p, last);
      if (body === 0) return false;
      if (i % stride === 0 && !this.#isNew(bytes, at, p, body)) return false;
      p += body + closingBytes(body);
    }
    return p === last;
  }

  /** Whether the pairs of member and score in a plain listpack stand in the order of a sorted set. */
  isOrdered(bytes: Uint8Array, at: number): boolean {
    let before = Number.NEGATIVE_INFINITY;
    let memberBefore = 0;
    let p = at + LISTPACK_HEAD_BYTES;
    for (let left = this.elements; left > 0; left -= 2) {
      const member = p;
      p += elementBytesAt(bytes, p);
      const score = scoreAt(bytes, p);
      p += elementBytesAt(bytes, p);
      if (!(score >= before)) return false;
      if (score === before && memberBefore !== 0 && !precedes(bytes, memberBefore, member)) return false;
      before = score;
      memberBefore = member;
    }
    return true;
  }

  /** Bytes of the body of the element at `p` if it is plain, else 0; `last` is where the listpack's end stands. */
  #body(bytes: Uint8Array, p: number, last: number): number {
    const head = bytes[p]!;
    // Any body has a byte behind it still: the head's second byte can be read.
    if (p + 1 >= last || head === STRING_32 || head > INT_64) return 0;
    const body = bodyBytes(bytes, p);
    const closing = closingBytes(body);
    if (body + closing > last - p) return 0;
    if (closing === 1) {
      if (bytes[p + body] !== body) return 0;
    } else if (bytes[p + body] !== body >>> 7 || bytes[p + body + 1] !== ((body & 127) | 128)) return 0;
    if (!isString(head)) {
      if (this.longestBytes < int64CharsMax) this.longestBytes = int64CharsMax;
      return integerBodyBytes(readInteger(bytes, p)) === body ? body : 0;
    }
    const headBytes = stringHeadBytes(head);
    const length = body - headBytes;
    if (length > this.longestBytes) this.longestBytes = length;
    if (stringHeadBytesFor(length) !== headBytes) return 0;
    const first = bytes[p + headBytes]!;
    const mayBeInteger = length > 0 && length <= int64CharsMax && first <= NINE;
    if (mayBeInteger && (first >= ZERO || first === MINUS) && isInt64(bytes, p + headBytes, length)) return 0;
    return body;
  }

  #clear(keys: number): void {
    let slots = SLOTS_MIN;
    while (slots < 2 * keys) slots *= 2;
    this.#mask = slots - 1;
    if (slots > this.#slots.length) this.#slots = new Uint16Array(slots);
    else this.#slots.fill(0, 0, slots);
  }

  /** Notes the key at `p`, whose body has so many bytes; false if it was there before. */
  #isNew(bytes: Uint8Array, at: number, p: number, body: number): boolean {
    const slots = this.#slots;
    const mask = this.#mask;
    let hash = body;
    for (let i = p; i < p + body; i++) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME);
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const other = at + slots[slot]!;
      if (bodyBytes(bytes, other) === body && equalBytes(bytes, other, bytes, p, body)) return false;
    }
    slots[slot] = p - at;
    return true;
  }
}

function elementBytesAt(bytes: Uint8Array, p: number): number {
  const body = bodyBytes(bytes, p);
  return body + closingBytes(body);
}

/** The score at `p`; NaN for what a sorted set does not write as it stands. */
function scoreAt(bytes: Uint8Array, p: number): number {
  const head = bytes[p]!;
  if (!isString(head)) return readInteger(bytes, p);
  const headBytes = stringHeadBytes(head);
  const score = parseDoubleLoosely(bytes, p + headBytes, bodyBytes(bytes, p) - headBytes);
  return isKeptAsInteger(score) ? Number.NaN : score;
}

/** Whether the member at `a`, a string, sorts before the one at `b`, another string. */
function precedes(bytes: Uint8Array, a: number, b: number): boolean {
  if (!isString(bytes[a]!) || !isString(bytes[b]!)) return false;
  const aHead = stringHeadBytes(bytes[a]!);
  const bHead = stringHeadBytes(bytes[b]!);
  const aBytes = bodyBytes(bytes, a) - aHead;
  const bBytes = bodyBytes(bytes, b) - bHead;
  return compareBytes(bytes, a + aHead, aBytes, bytes, b + bHead, bBytes) < 0;
}
