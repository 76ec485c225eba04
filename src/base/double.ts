// Doubles as text, byte for byte as Redis reads and prints them.
//
// Printing is C's "%.17g": 17 significant digits rounded half to even, trailing zeros dropped, an exponent of
// at least two digits when it is below -4 or above 16. It serves RESP2 and RESP3 replies and stored scores
// alike. JavaScript's toExponential gives the same digits except for exact ties, which it rounds up;
// `isTieRoundedUp` finds those.
//
// Reading is C's strtod with one of two rules around it. Most arguments are strict (`parseDouble`): no white
// space, nothing left over, neither overflow nor underflow to zero. Bounds of score ranges use
// `parseDoubleLoosely`.

import { toLatin1 } from './bytes.ts';
import { isDecimalText, readFloatText, roundBinary } from './float_text.ts';
import { writeInt } from './int64.ts';

/** Longest text `writeDouble` writes. */
export const doubleCharsMax = 24;

// A longer text is refused as no number, where C would go on reading; a JavaScript string has its limits.
const textBytesMax = 1 << 20;

// Longer texts are read with care, and mostly zeros.
const plainBytesMax = 32;

// All that are exact doubles.
const powersOfTen = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** The text of `x` in Redis's form: "0.10000000000000001", "1e+20", "-0", "inf", "-inf", "nan". */
export function formatDouble(x: number): string {
  if (Number.isFinite(x)) return formatFinite(x);
  if (Number.isNaN(x)) return 'nan';
  return x > 0 ? 'inf' : '-inf';
}

function formatFinite(x: number): string {
  if (Number.isSafeInteger(x)) return Object.is(x, -0) ? '-0' : String(x);
  const text = Math.abs(x).toExponential(16);
  const exponent = Number(text.slice(19));
  const digits = text[0] + text.slice(2, 18);
  const even = isTieRoundedUp(x, digits) ? `${digits.slice(0, 16)}2` : digits;
  return (x < 0 ? '-' : '') + layOut(even.replace(/0+$/, ''), exponent);
}

function layOut(digits: string, exponent: number): string {
  if (exponent < -4 || exponent >= 17) {
    const size = Math.abs(exponent);
    const tail = `e${exponent < 0 ? '-' : '+'}${size < 10 ? '0' : ''}${size}`;
    return digits.length === 1 ? digits + tail : `${digits[0]}.${digits.slice(1)}${tail}`;
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = exponent + 1;
  return digits.length <= whole
    ? digits.padEnd(whole, '0')
    : `${digits.slice(0, whole)}.${digits.slice(whole)}`;
}

// A tie has 18 significant digits, the last a 5: an odd D / 10^k with 10^17 < D < 10^18. A double can be that
// only if 5^k divides D, so that 2 <= k <= 25. Hence x * 2^25 is an integer (hardly any number that needs 17
// digits is), and D ends in 25 or 75. Of the two only 25 makes the even neighbour the lower one:
// toExponential's 3 has to become a 2.
function isTieRoundedUp(x: number, digits: string): boolean {
  if (digits[16] !== '3' || Number.isInteger(x) || !Number.isInteger(x * 2 ** 25)) return false;
  // With at most 16 digits before the point and 25 behind it, 50 digits are all there are.
  const exact = Math.abs(x).toExponential(50);
  return /^250+e/.test(exact.slice(17));
}

/**
 * Writes the text of `formatDouble` at `at`; returns the position after it. Integers take no detour over a
 * string.
 */
export function writeDouble(u8: Uint8Array, at: number, x: number): number {
  if (Number.isSafeInteger(x) && (x !== 0 || 1 / x > 0)) return writeInt(u8, at, x);
  const text = formatDouble(x);
  for (let i = 0; i < text.length; i++) u8[at++] = text.charCodeAt(i);
  return at;
}

/**
 * Reads the `len` bytes at `off` strictly: the whole text is a number that a double can hold.
 * @returns the number (may be ±Infinity if spelled out), or NaN when the text is not acceptable.
 */
export function parseDouble(u8: Uint8Array, off: number, len: number): number {
  const plain = parsePlain(u8, off, len);
  return Number.isNaN(plain) ? convert(textOf(u8, off, len), false) : plain;
}

/**
 * Reads the bytes as bounds of score ranges are read: leading white space is skipped, a NUL ends the text,
 * the empty text is 0, what is too big becomes ±Infinity and what is too small 0.
 * @returns the number, or NaN when the text is none.
 */
export function parseDoubleLoosely(u8: Uint8Array, off: number, len: number): number {
  const plain = parsePlain(u8, off, len);
  if (!Number.isNaN(plain)) return plain;
  const text = textOf(u8, off, len).split('\0', 1)[0]!;
  return text === '' ? 0 : convert(text.replace(/^[ \t-\r]+/, ''), true);
}

// "-123", "3.25", "0.12345678901234567": at most 19 digits, without a string. Up to 15 digits one division of two exact
// doubles gives the correctly rounded result; with more, `divideWide` does, or does not know.
function parsePlain(u8: Uint8Array, off: number, len: number): number {
  if (len > plainBytesMax) return NaN;
  const end = off + len;
  const negative = len > 1 && u8[off] === 45;
  let value = 0;
  let more = 0;
  let digits = 0;
  let point = -1;
  for (let at = negative ? off + 1 : off; at < end; at++) {
    const digit = u8[at]! - 48;
    if (digit >= 0 && digit <= 9) {
      if (digits < 15) value = value * 10 + digit;
      else more = more * 10 + digit;
      // Zeros in front are no digits.
      if (value !== 0 && ++digits > 19) return NaN;
    } else if (digit === -2 && point < 0) point = at;
    else return NaN;
  }
  if (value === 0 && (len > 15 || end - off === (negative ? 1 : 0) + (point < 0 ? 0 : 1))) return NaN;
  const decimals = point < 0 ? 0 : end - point - 1;
  if (decimals >= powersOfTen.length) return NaN;
  if (digits > 15) value = divideWide(value, more, powersOfTen[digits - 15]!, powersOfTen[decimals]!);
  else value /= powersOfTen[decimals]!;
  return negative ? -value : value;
}

/**
 * (high * scale + low) / divisor, correctly rounded, or NaN when that is in doubt. The sum and the quotient are kept as
 * pairs of doubles (Dekker, "A floating-point technique for extending the available precision", 1971).
 */
function divideWide(high: number, low: number, scale: number, divisor: number): number {
  const product = high * scale;
  const sum = product + low;
  const rest = low - (sum - product) + productError(high, scale, product);
  const quotient = sum / divisor;
  const back = quotient * divisor;
  const correction = (sum - back - productError(quotient, divisor, back) + rest) / divisor;
  const value = quotient + correction;
  const error = correction - (value - quotient);
  return value + error * (1 + 2 ** -40) === value ? value : NaN;
}

/** What a * b lost when it was rounded to `product`. */
function productError(a: number, b: number, product: number): number {
  const aBig = a * 134217729;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = b * 134217729;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

function textOf(u8: Uint8Array, off: number, len: number): string {
  return len > textBytesMax ? '-' : toLatin1(u8, off, len);
}

function convert(text: string, loosely: boolean): number {
  if (isDecimalText(text)) {
    const value = Number(text);
    return loosely || isInRange(value, text) ? value : NaN;
  }
  const parts = readFloatText(text);
  if (parts === null) return NaN;
  const sign = parts.negative ? -1 : 1;
  if (parts.mantissa === null) return sign * Infinity;
  if (parts.mantissa === 0n) return sign * 0;
  const { mantissa, exponent } = roundBinary(parts.mantissa, parts.exponent, 53, -1074);
  const value = Number(mantissa) * 2 ** exponent;
  return loosely || (value !== 0 && value !== Infinity) ? sign * value : NaN;
}

// C reports a range error for a result that overflowed, or became zero although some digit was not.
function isInRange(value: number, text: string): boolean {
  if (value === 0) return !/^[^e]*[1-9]/i.test(text);
  return Number.isFinite(value);
}
