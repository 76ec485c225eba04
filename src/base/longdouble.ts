// The arithmetic of INCRBYFLOAT: x87 long doubles, which Redis uses on x86-64, and their printing as
// "%.17Lf".
//
// A long double has a 64-bit mantissa and a 15-bit exponent:
//
//   value = mantissa * 2^exponent     0 <= |mantissa| < 2^64,  exponent >= -16445,  |value| < 2^16384
//
// Visible results depend on each rounding ("10.5" + "0.1" is "10.6", but larger numbers show noise in the
// last of the 17 decimals), so every step is done exactly on BigInts and rounded once, to nearest with ties
// to even, as the processor does it. The sign of a zero is never shown and therefore not kept. An infinite
// value has an infinite exponent; adding opposite infinities gives a NaN exponent.

import { bitLength, type FiniteText, readFloatText, roundBinary, shiftRightToEven } from './float_text.ts';

export interface LongDouble {
  /** Signed; 0n for zero. */
  readonly mantissa: bigint;
  readonly exponent: number;
}

const mantissaBits = 64;
const exponentMin = -16445;
const exponentEnd = 16384;
const decimalsOfReplies = 17;

/** Texts of this many bytes or more are refused as numbers. */
export const longDoubleTextEnd = 5 * 1024;

const zero: LongDouble = { mantissa: 0n, exponent: 0 };

/** The largest finite number. */
export const longDoubleMax: LongDouble = { mantissa: 2n ** 64n - 1n, exponent: exponentEnd - mantissaBits };

/**
 * Reads a number as Redis does for INCRBYFLOAT: the whole text, no white space, hexadecimal and "inf"
 * included.
 * @returns null when the text is no number, a NaN, too long, too large, or too small to differ from zero.
 */
export function parseLongDouble(text: string): LongDouble | null {
  if (text.length >= longDoubleTextEnd) return null;
  const parts = readFloatText(text);
  if (parts === null) return null;
  if (parts.mantissa === null) return { mantissa: parts.negative ? -1n : 1n, exponent: Infinity };
  if (parts.mantissa === 0n) return zero;
  const magnitude = parts.base === 2 ? round(parts.mantissa, parts.exponent) : roundDecimal(parts);
  if (magnitude.mantissa === 0n || !isFiniteLongDouble(magnitude)) return null;
  return parts.negative ? { mantissa: -magnitude.mantissa, exponent: magnitude.exponent } : magnitude;
}

function roundDecimal(parts: FiniteText): LongDouble {
  // Whatever the digits are, these powers of ten overflow or vanish; the real work below stays small.
  if (parts.exponent > exponentEnd) return round(1n, exponentEnd);
  if (parts.exponent < -3 * longDoubleTextEnd) return zero;
  if (parts.exponent >= 0) return round(parts.mantissa * 10n ** BigInt(parts.exponent), 0);
  const divisor = 10n ** BigInt(-parts.exponent);
  // A quotient of at least 66 bits: the 64 kept, one to round by, and one that says whether anything is left.
  const shift = Math.max(0, mantissaBits + 2 + bitLength(divisor) - bitLength(parts.mantissa));
  const dividend = parts.mantissa << BigInt(shift);
  const quotient = dividend / divisor;
  const sticky = quotient * divisor === dividend ? 0n : 1n;
  return round((quotient << 1n) | sticky, -shift - 1);
}

function round(mantissa: bigint, exponent: number): LongDouble {
  const rounded = roundBinary(mantissa, exponent, mantissaBits, exponentMin);
  const overflows = rounded.exponent + bitLength(rounded.mantissa) > exponentEnd;
  return overflows ? { mantissa: 1n, exponent: Infinity } : rounded;
}

/** The sum, rounded. Check it with `isFiniteLongDouble` before printing. */
export function addLongDoubles(a: LongDouble, b: LongDouble): LongDouble {
  if (!isFiniteLongDouble(a) || !isFiniteLongDouble(b)) return addInfinities(a, b);
  if (a.mantissa === 0n) return b;
  if (b.mantissa === 0n) return a;
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  if (sum === 0n) return zero;
  if (sum > 0n) return round(sum, exponent);
  const magnitude = round(-sum, exponent);
  return { mantissa: -magnitude.mantissa, exponent: magnitude.exponent };
}

function addInfinities(a: LongDouble, b: LongDouble): LongDouble {
  if (isFiniteLongDouble(a)) return b;
  if (isFiniteLongDouble(b) || a.mantissa === b.mantissa) return a;
  return { mantissa: 0n, exponent: NaN };
}

export function negateLongDouble(x: LongDouble): LongDouble {
  return { mantissa: -x.mantissa, exponent: x.exponent };
}

/** Negative, 0 or positive, exactly; neither may be a NaN. */
export function compareLongDoubles(a: LongDouble, b: LongDouble): number {
  const signs = signOf(a.mantissa) - signOf(b.mantissa);
  if (signs !== 0 || a.mantissa === 0n) return signs;
  if (!isFiniteLongDouble(a) || !isFiniteLongDouble(b)) {
    if (a.exponent === b.exponent) return 0;
    return isFiniteLongDouble(a) ? -signOf(b.mantissa) : signOf(a.mantissa);
  }
  const exponent = Math.min(a.exponent, b.exponent);
  return signOf(
    (a.mantissa << BigInt(a.exponent - exponent)) - (b.mantissa << BigInt(b.exponent - exponent)),
  );
}

function signOf(n: bigint): number {
  return n > 0n ? 1 : n < 0n ? -1 : 0;
}

/** The product with a whole number, rounded as a long double, then up to a whole number; of an infinity, 2^128. */
export function scaledUp(x: LongDouble, factor: bigint): bigint {
  const sign = BigInt(signOf(x.mantissa));
  if (!isFiniteLongDouble(x)) return sign << 128n;
  if (sign === 0n) return 0n;
  const { mantissa, exponent } = round(sign * x.mantissa * factor, x.exponent);
  if (exponent >= 0) return (sign * mantissa) << BigInt(exponent);
  const bits = BigInt(-exponent);
  return sign > 0n ? -(-mantissa >> bits) : -(mantissa >> bits);
}

/** False for an infinity and for a NaN. */
export function isFiniteLongDouble(x: LongDouble): boolean {
  return Number.isFinite(x.exponent);
}

/** Fixed notation with up to 17 decimals, trailing zeros and a minus before zero removed. */
export function formatLongDouble(x: LongDouble): string {
  const magnitude = x.mantissa < 0n ? -x.mantissa : x.mantissa;
  const text = formatMagnitude(magnitude, x.exponent, decimalsOfReplies);
  return x.mantissa < 0n && text !== '0' ? `-${text}` : text;
}

function formatMagnitude(mantissa: bigint, exponent: number, decimals: number): string {
  if (exponent >= 0) return (mantissa << BigInt(exponent)).toString();
  const scaled = shiftRightToEven(mantissa * 10n ** BigInt(decimals), BigInt(-exponent));
  const digits = scaled.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, -decimals);
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/**
 * The finite double `x` in fixed notation, rounded half to even to `decimals` (1 or more) digits behind the
 * point, trailing zeros removed. With 17 it is the notation of `formatLongDouble`: coordinates of GEOPOS and
 * the like.
 */
export function formatDoubleFixed(x: number, decimals: number): string {
  if (x === 0) return '0';
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(x));
  const bits = view.getBigUint64(0);
  const exponent = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n);
  const text = formatMagnitude(mantissa, Math.max(exponent, 1) - 1075, decimals);
  return x < 0 && text !== '0' ? `-${text}` : text;
}
