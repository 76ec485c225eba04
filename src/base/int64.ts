// Signed 64-bit integers as decimal text: parsing, printing, and splitting into two 32-bit words.
//
// The server meets integers mostly as ASCII digits inside a request or an arena block. The hot functions read
// and write those bytes directly, in doubles and 32-bit integers, without a string, a BigInt or an
// allocation. They serve the integers a double holds exactly (|n| < 2^53); what lies beyond is rare and goes
// through the BigInt functions.
//
// The accepted grammar is the one Redis uses to decide that a value "is an integer": an optional minus, then
// digits without a leading zero, nothing around them, inside the range of a signed 64-bit integer. "+1",
// "01", " 1" and "-0" are not integers.

const zero = 48;
const minus = 45;
const maxDigits = '9223372036854775807';
const minDigits = '9223372036854775808';

/** Longest text of a signed 64-bit integer: a minus and 19 digits. */
export const int64CharsMax = 20;

export const int64Max = 2n ** 63n - 1n;
export const int64Min = -(2n ** 63n);

/**
 * Reads the `len` bytes at `off` as an integer.
 * @returns the integer (never -0), or NaN when the bytes are no integer or one beyond ±(2^53 - 1), which
 * `parseInt64` tells apart.
 */
export function parseInt53(u8: Uint8Array, off: number, len: number): number {
  let at = off;
  const end = off + len;
  const negative = len > 1 && u8[at] === minus;
  if (negative) at++;
  const digits = end - at;
  if (digits < 1 || digits > 16) return NaN;
  const first = u8[at]! - zero;
  if (first === 0) return len === 1 ? 0 : NaN;
  if (first < 0 || first > 9) return NaN;
  let value = first;
  at++;
  // Nine digits fit a 32-bit integer, so that nearly all integers never become doubles.
  const smallEnd = digits > 9 ? at + 8 : end;
  for (; at < smallEnd; at++) {
    const digit = u8[at]! - zero;
    if (digit < 0 || digit > 9) return NaN;
    value = (Math.imul(value, 10) + digit) | 0;
  }
  if (at === end) return negative ? -value : value;
  return parseLongTail(u8, at, end, value, negative);
}

function parseLongTail(u8: Uint8Array, at: number, end: number, head: number, negative: boolean): number {
  let value = head;
  for (; at < end; at++) {
    const digit = u8[at]! - zero;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  // The last of 16 digits may have been rounded, but never across this bound.
  if (value > Number.MAX_SAFE_INTEGER) return NaN;
  return negative ? -value : value;
}

/** Whether the bytes are an integer in the range of a signed 64-bit one. */
export function isInt64(u8: Uint8Array, off: number, len: number): boolean {
  const negative = len > 1 && u8[off] === minus;
  const first = negative ? off + 1 : off;
  const end = off + len;
  const digits = end - first;
  if (digits < 1 || digits > 19) return false;
  if (u8[first] === zero) return len === 1;
  for (let at = first; at < end; at++) {
    const digit = u8[at]! - zero;
    if (digit < 0 || digit > 9) return false;
  }
  return digits < 19 || notAbove(u8, first, negative ? minDigits : maxDigits);
}

function notAbove(u8: Uint8Array, off: number, bound: string): boolean {
  for (let i = 0; i < bound.length; i++) {
    const difference = u8[off + i]! - bound.charCodeAt(i);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/** The integer in the bytes, or null when they are no signed 64-bit integer. */
export function parseInt64(u8: Uint8Array, off: number, len: number): bigint | null {
  if (!isInt64(u8, off, len)) return null;
  const small = parseInt53(u8, off, len);
  if (!Number.isNaN(small)) return BigInt(small);
  let text = '';
  for (let at = off; at < off + len; at++) text += String.fromCharCode(u8[at]!);
  return BigInt(text);
}

/** How many bytes `writeInt` writes for the safe integer `n`. */
export function intChars(n: number): number {
  let chars = 1;
  if (n < 0) {
    chars = 2;
    n = -n;
  }
  if (n >= 1e8) {
    chars += 8;
    n = Math.floor(n / 1e8);
  }
  return chars + smallChars(n | 0) - 1;
}

/**
 * Writes the safe integer `n` (-0 counts as 0) as decimal digits at `at`.
 * @returns the position after the last byte; up to 17 bytes are written.
 */
export function writeInt(u8: Uint8Array, at: number, n: number): number {
  if (n < 0) {
    u8[at++] = minus;
    n = -n;
  }
  if (n < 10) {
    u8[at] = zero + n;
    return at + 1;
  }
  if (n <= 0x7fffffff) {
    const small = n | 0;
    const end = at + smallChars(small);
    writeDigits(u8, at, end, small);
    return end;
  }
  const high = Math.floor(n / 1e8);
  const mid = writeInt(u8, at, high);
  writeDigits(u8, mid, mid + 8, (n - high * 1e8) | 0);
  return mid + 8;
}

/** Digits of an integer of 31 bits. Comparing is cheaper than dividing. */
function smallChars(n: number): number {
  if (n < 10_000) return n < 100 ? (n < 10 ? 1 : 2) : n < 1000 ? 3 : 4;
  if (n < 100_000_000) return n < 1_000_000 ? (n < 100_000 ? 5 : 6) : n < 10_000_000 ? 7 : 8;
  return n < 1_000_000_000 ? 9 : 10;
}

/** Two digits at a time, because each division waits for the one before. */
function writeDigits(u8: Uint8Array, from: number, end: number, n: number): void {
  let at = end - 1;
  for (; at > from; at -= 2) {
    const rest = (n / 100) | 0;
    const two = n - Math.imul(rest, 100);
    const tens = (two / 10) | 0;
    u8[at] = zero + two - Math.imul(tens, 10);
    u8[at - 1] = zero + tens;
    n = rest;
  }
  if (at === from) u8[at] = zero + n;
}

/** Writes `n` as decimal digits at `at`; returns the position after them. */
export function writeBigInt(u8: Uint8Array, at: number, n: bigint): number {
  const text = n.toString();
  for (let i = 0; i < text.length; i++) u8[at++] = text.charCodeAt(i);
  return at;
}

/** The decimal digits of `n` in an array of their own. */
export function int64ToBytes(n: number | bigint): Uint8Array {
  const bytes = new Uint8Array(int64CharsMax);
  const end = typeof n === 'bigint' ? writeBigInt(bytes, 0, n) : writeInt(bytes, 0, n);
  return bytes.slice(0, end);
}

/** Low 32 bits (0 .. 2^32 - 1) of the two's complement of the safe integer `n`. */
export function lowWord(n: number): number {
  return n >>> 0;
}

/** High 32 bits, signed, of the two's complement of the safe integer `n`. */
export function highWord(n: number): number {
  return Math.floor(n / 0x100000000) | 0;
}

/**
 * Joins two words to a number; NaN when the integer is beyond ±(2^53 - 1). Signs of the words do not matter.
 */
export function wordsToNumber(lo: number, hi: number): number {
  const value = (hi | 0) * 0x100000000 + (lo >>> 0);
  return Number.isSafeInteger(value) ? value : NaN;
}

/** Joins two words to a signed 64-bit integer. Signs of the words do not matter. */
export function wordsToBigInt(lo: number, hi: number): bigint {
  return (BigInt(hi | 0) << 32n) | BigInt(lo >>> 0);
}

/** `lowWord` of any 64-bit integer. */
export function lowWordOfBigInt(n: bigint): number {
  return Number(n & 0xffffffffn);
}

/** `highWord` of any 64-bit integer. */
export function highWordOfBigInt(n: bigint): number {
  return Number(BigInt.asIntN(32, n >> 32n));
}
