import { describe, expect, it } from 'vitest';
import { exactAsin, exactCos, exactSin } from '../../src/base/exact_trig.ts';
import { seededRandom } from '../support/seed.ts';

// Fixed-point numbers with 300 bits behind the point.
const BITS = 300n;
const ONE = 1n << BITS;

function fixed(x: number): bigint {
  // A double times 2^200 is exact; 2^-200 is far below what a case here has.
  const scaled = x * 2 ** 200;
  return BigInt(Number.isInteger(scaled) ? scaled : Math.round(scaled)) << (BITS - 200n);
}

/** The alternating series of sine (n = 2, from x) and cosine (n = 1, from 1). */
function series(first: bigint, x: bigint, n: number): bigint {
  let term = first;
  let sum = first;
  for (let i = BigInt(n); term !== 0n; i += 2n) {
    term = -((((term * x) >> BITS) * x) >> BITS) / (i * (i + 1n));
    sum += term;
  }
  return sum;
}

function ulp(x: number): number {
  return 2 ** (Math.floor(Math.log2(Math.abs(x))) - 52);
}

/** Whether a double is the nearest one to a fixed-point number. */
function isNearest(x: number, exact: bigint): boolean {
  const away = fixed(x) - exact;
  return (away < 0n ? -away : away) * 2n <= fixed(ulp(x));
}

describe('exact trigonometry', () => {
  it('rounds sines and cosines to the nearest double', () => {
    const random = seededRandom('exact sine');
    const angles = [0.5, 1, Math.PI / 4, Math.PI / 2, 3, -3.1, 3.14, 1e-8, 0.785398163397448];
    for (let i = 0; i < 400; i++) angles.push((random.unit() - 0.5) * 2 * Math.PI);
    for (const angle of angles) {
      const x = fixed(angle);
      if (!isNearest(exactSin(angle), series(x, x, 2))) throw new Error(`sine of ${angle}`);
      if (!isNearest(exactCos(angle), series(ONE, x, 1))) throw new Error(`cosine of ${angle}`);
    }
  });

  it('rounds arc sines to the nearest double', () => {
    const random = seededRandom('exact arc sine');
    for (let i = 0; i < 400; i++) {
      const y = i < 20 ? 1 - 2 ** -i / 3 : random.unit() ** 3;
      const angle = exactAsin(y);
      // The true angle lies within half a unit: so does y between the sines of the ends.
      const half = fixed(ulp(angle)) / 2n;
      const [low, high] = [fixed(angle) - half, fixed(angle) + half];
      expect([y, series(low, low, 2) <= fixed(y), fixed(y) <= series(high, high, 2)]).toEqual([
        y,
        true,
        true,
      ]);
    }
  });

  it('knows the ends', () => {
    expect([exactSin(0), exactCos(0), exactAsin(0), exactAsin(1), exactAsin(-1)]).toEqual([
      0,
      1,
      0,
      Math.PI / 2,
      -Math.PI / 2,
    ]);
    expect(Object.is(exactSin(-0), -0)).toBe(true);
  });
});
