// The text of a floating-point number as C's strtod reads it, taken apart, and exact rounding of what it
// says.
//
// Three forms exist: decimal ("-1.5e3", ".5", "5."), hexadecimal ("0x1.8p+3", exponent optional and a power
// of two) and "inf"/"infinity" in any case. "nan" is left out on purpose: every command refuses it. The
// finite forms become mantissa * base^exponent with an exact integer mantissa, so that double.ts and
// longdouble.ts can round once.

/** A finite number: (-1)^negative * mantissa * base^exponent. */
export interface FiniteText {
  readonly negative: boolean;
  readonly mantissa: bigint;
  readonly base: 2 | 10;
  readonly exponent: number;
}

export interface InfiniteText {
  readonly negative: boolean;
  readonly mantissa: null;
}

// No position of a text can be read in two ways, or a long one would take quadratic time.
const decimal = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
const hexadecimal = /^([+-]?)0x(?=\.?[\da-f])([\da-f]*)(?:\.([\da-f]*))?(?:p([+-]?\d+))?$/i;
const infinity = /^([+-]?)inf(?:inity)?$/i;

// More hexadecimal digits than any mantissa has; those behind only matter as "something is there".
const hexDigitsKept = 40;
// Far outside of every format's range, and small enough to be added up without loss.
const exponentBound = 1e12;

export function isDecimalText(text: string): boolean {
  return decimal.test(text);
}

/** Takes the text of a number apart; null when the whole text is not one (or is a NaN). */
export function readFloatText(text: string): FiniteText | InfiniteText | null {
  const ten = decimal.exec(text);
  if (ten !== null) {
    const fraction = ten[3] ?? '';
    const exponent = boundedExponent(ten[4]) - fraction.length;
    return { negative: ten[1] === '-', mantissa: BigInt(ten[2]! + fraction), base: 10, exponent };
  }
  const two = hexadecimal.exec(text);
  if (two !== null) return readHexadecimal(two[1] === '-', two[2]!, two[3] ?? '', boundedExponent(two[4]));
  const endless = infinity.exec(text);
  return endless === null ? null : { negative: endless[1] === '-', mantissa: null };
}

function boundedExponent(text: string | undefined): number {
  const value = Number(text ?? 0);
  return Math.max(-exponentBound, Math.min(exponentBound, value));
}

function readHexadecimal(negative: boolean, whole: string, fraction: string, power: number): FiniteText {
  const digits = (whole + fraction).replace(/^0+/, '');
  let exponent = power - 4 * fraction.length;
  let kept = digits;
  if (digits.length > hexDigitsKept) {
    const sticky = /[^0]/.test(digits.slice(hexDigitsKept)) ? '1' : '0';
    kept = digits.slice(0, hexDigitsKept) + sticky;
    exponent += 4 * (digits.length - kept.length);
  }
  return { negative, mantissa: BigInt(`0x${kept || '0'}`), base: 2, exponent };
}

/** A positive binary number: mantissa * 2^exponent. */
export interface Binary {
  readonly mantissa: bigint;
  readonly exponent: number;
}

export function bitLength(n: bigint): number {
  const hex = n.toString(16);
  return 4 * hex.length - Math.clz32(Number.parseInt(hex[0]!, 16)) + 28;
}

/**
 * Rounds mantissa * 2^exponent, mantissa > 0, to `bits` bits, or fewer where the last bit would fall below
 * 2^exponentMin (gradual underflow). To nearest, ties to even. The mantissa returned can be 0.
 */
export function roundBinary(mantissa: bigint, exponent: number, bits: number, exponentMin: number): Binary {
  const surplus = bitLength(mantissa) - bits;
  const drop = Math.max(surplus, exponentMin - exponent);
  if (drop <= 0) return { mantissa, exponent };
  if (drop > bits + surplus + 1) return { mantissa: 0n, exponent: exponentMin };
  return { mantissa: shiftRightToEven(mantissa, BigInt(drop)), exponent: exponent + drop };
}

/** n / 2^shift, rounded to nearest, ties to even; n >= 0, shift > 0. */
export function shiftRightToEven(n: bigint, shift: bigint): bigint {
  const quotient = n >> shift;
  const rest = n - (quotient << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}
