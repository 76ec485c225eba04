import { describe, expect, it } from 'vitest';
import { seededRandom } from '../support/seed.ts';

const ROUNDS = 40_000;

describe('random numbers below a bound', () => {
  it.each([1, 2, 3, 7, 12, 1000])('are equally frequent: %i', (bound) => {
    const random = seededRandom('below');
    const counts = new Array<number>(bound).fill(0);
    for (let i = 0; i < ROUNDS; i++) counts[random.below(bound)]!++;
    expect(counts.reduce((sum, count) => sum + count)).toBe(ROUNDS);
    // Seven standard deviations: one seed in a hundred million.
    const expected = ROUNDS / bound;
    for (const count of counts) expect(Math.abs(count - expected)).toBeLessThan(7 * Math.sqrt(expected) + 1);
  });

  it.each([2 ** 20 + 1, 2 ** 21, 2 ** 21 + 1, 3 * 2 ** 30, 2 ** 32])(
    'are integers that reach both ends: %i',
    (bound) => {
      const random = seededRandom('below');
      let least = bound;
      let most = 0;
      for (let i = 0; i < ROUNDS; i++) {
        const value = random.below(bound);
        if (!Number.isInteger(value) || value < 0 || value >= bound)
          throw new Error(`${value} below ${bound}`);
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      expect(least).toBeLessThan(bound / 1000);
      expect(most).toBeGreaterThan(bound - bound / 1000);
    },
  );
});
