// Signed 64-bit integers as two 32-bit words, read from decimal text and written as such without a BigInt: for structures
// that hold any such integer and meet it on the hot path. The grammar is that of int64.ts.
//
// A double holds 53 bits, so text beyond that is cut in two: the last nine digits, and those before them (at most ten), which
// are multiplied by 10^9 in halves of 17 bits; each product stays below 2^48. Writing divides 16 bits at a time.
import { isInt64, parseInt53, writeInt } from './int64.ts';

const TWO_32 = 4294967296;
const TAIL_DIGITS = 9;
const TAIL_SCALE = 1e9;
const HALF = 2 ** 17;
/** Eight digits are cut off at a time: what is left of 2^63 is a safe integer. */
const CUT_DIGITS = 8;
const CUT_SCALE = 1e8;
const ZERO = 48;
const MINUS = 45;

export class WideInt {
  /** The integer, as the two signed words of its two's complement. */
  low = 0;
  high = 0;

  /** Reads the bytes as an integer; false if they are none, and the words are as before. */
  parse(bytes: Uint8Array, at: number, length: number): boolean {
    const safe = parseInt53(bytes, at, length);
    if (!Number.isNaN(safe)) {
      this.low = safe | 0;
      this.high = Math.floor(safe / TWO_32) | 0;
      return true;
    }
    if (length < 16 || !isInt64(bytes, at, length)) return false;
    this.#parseWide(bytes, at, length);
    return true;
  }

  /** Writes an integer, given as its words, as digits at `at`; returns the position behind them. */
  write(bytes: Uint8Array, at: number, low: number, high: number): number {
    if (high === low >> 31) return writeInt(bytes, at, low);
    const value = high * TWO_32 + (low >>> 0);
    return Number.isSafeInteger(value) ? writeInt(bytes, at, value) : writeWide(bytes, at, low, high);
  }

  #parseWide(bytes: Uint8Array, at: number, length: number): void {
    const end = at + length;
    const negative = bytes[at] === MINUS;
    let head = 0;
    let tail = 0;
    for (let i = negative ? at + 1 : at; i < end - TAIL_DIGITS; i++) head = head * 10 + bytes[i]! - ZERO;
    for (let i = end - TAIL_DIGITS; i < end; i++) tail = tail * 10 + bytes[i]! - ZERO;
    // head · 10^9 + tail = upper · 2^17 + lower, and upper · 2^17 = a whole number of 2^32 and a rest.
    const upper = Math.floor(head / HALF) * TAIL_SCALE;
    const lower = (head % HALF) * TAIL_SCALE + tail;
    const rest = (upper % (TWO_32 / HALF)) * HALF + lower;
    this.low = rest | 0;
    this.high = (Math.floor(upper / (TWO_32 / HALF)) + Math.floor(rest / TWO_32)) | 0;
    if (negative) this.#negate();
  }

  #negate(): void {
    this.low = -this.low | 0;
    this.high = (~this.high + (this.low === 0 ? 1 : 0)) | 0;
  }
}

function writeWide(bytes: Uint8Array, at: number, low: number, high: number): number {
  let upper = high >>> 0;
  let lower = low >>> 0;
  if (high < 0) {
    bytes[at++] = MINUS;
    lower = -low >>> 0;
    upper = (~high + (lower === 0 ? 1 : 0)) >>> 0;
  }
  const middle = (upper % CUT_SCALE) * 65536 + (lower >>> 16);
  const last = (middle % CUT_SCALE) * 65536 + (lower & 0xffff);
  const quotient =
    Math.floor(upper / CUT_SCALE) * TWO_32 +
    Math.floor(middle / CUT_SCALE) * 65536 +
    Math.floor(last / CUT_SCALE);
  const digitsAt = writeInt(bytes, at, quotient);
  let rest = last % CUT_SCALE;
  for (let i = digitsAt + CUT_DIGITS - 1; i >= digitsAt; i--) {
    bytes[i] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return digitsAt + CUT_DIGITS;
}
