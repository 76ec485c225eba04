// Sine, cosine and arc sine, rounded to the nearest double. JavaScript's own may be off by one in the last place, and differ
// from those of the C library, whose results are stored and compared elsewhere (GEOSEARCHSTORE … STOREDIST).
//
// A number is kept as the sum of two doubles (Dekker, "A floating-point technique for extending the available precision",
// 1971), about 106 bits; series are Taylor's. That takes some microseconds: not for what only steers a search.

/** The sum high + low, |low| at most half a unit in the last place of high. */
interface Wide {
  readonly high: number;
  readonly low: number;
}

const SPLITTER = 2 ** 27 + 1;
/** Where series end: beyond 106 bits. */
const TINY = 2 ** -110;
/** Half of pi to 160 bits. */
const HALF_PI = [1.5707963267948966, 6.123233995736766e-17, -1.4973849048591833e-33] as const;

function sumOf(a: number, b: number): Wide {
  const high = a + b;
  const part = high - a;
  return { high, low: a - (high - part) + (b - part) };
}

function productOf(a: number, b: number): Wide {
  const high = a * b;
  const aBig = a * SPLITTER;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = b * SPLITTER;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  return { high, low: aHigh * bHigh - high + aHigh * bLow + aLow * bHigh + aLow * bLow };
}

function add(a: Wide, b: Wide): Wide {
  const high = sumOf(a.high, b.high);
  const low = sumOf(a.low, b.low);
  const first = sumOf(high.high, high.low + low.high);
  return sumOf(first.high, first.low + low.low);
}

function multiply(a: Wide, b: Wide): Wide {
  const product = productOf(a.high, b.high);
  return sumOf(product.high, product.low + a.high * b.low + a.low * b.high);
}

function divide(a: Wide, divisor: number): Wide {
  const quotient = a.high / divisor;
  const back = productOf(quotient, divisor);
  return sumOf(quotient, (a.high - back.high - back.low + a.low) / divisor);
}

/** `first` times the series 1 - x²/(n(n+1)) + x⁴/(n(n+1)(n+2)(n+3)) …: the sine with n = 2, the cosine with n = 1. */
function series(first: Wide, x: Wide, n: number): Wide {
  const square = multiply(x, x);
  let term = first;
  let sum = first;
  for (let i = n; Math.abs(term.high) > TINY * Math.abs(sum.high); i += 2) {
    const next = divide(multiply(term, square), i * (i + 1));
    term = { high: -next.high, low: -next.low };
    sum = add(sum, term);
  }
  return sum;
}

/** The sine of x + quarters · pi/2, for |x| up to 4. */
function sineAt(x: number, quarters: number): Wide {
  const turns = Math.round(x / HALF_PI[0]);
  let rest = sumOf(x, -turns * HALF_PI[0]);
  for (const part of HALF_PI.slice(1)) rest = add(rest, productOf(-turns, part));
  const quadrant = (turns + quarters) & 3;
  const one = { high: 1, low: 0 };
  const sine = (quadrant & 1) === 0 ? series(rest, rest, 2) : series(one, rest, 1);
  return quadrant < 2 ? sine : { high: -sine.high, low: -sine.low };
}

/** The sine of an angle between -4 and 4. */
export function exactSin(x: number): number {
  return x === 0 ? x : sineAt(x, 0).high;
}

/** The cosine of an angle between -4 and 4. */
export function exactCos(x: number): number {
  return sineAt(x, 1).high;
}

/** The arc sine of a number between -1 and 1. */
export function exactAsin(y: number): number {
  const near = Math.asin(y);
  if (near === 0 || Math.abs(y) === 1) return near;
  const rest = add({ high: y, low: 0 }, multiply(sineAt(near, 0), { high: -1, low: 0 }));
  return near + rest.high / sineAt(near, 1).high;
}
