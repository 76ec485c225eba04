import { describe, expect, it } from 'vitest';
import { HeavyHitters } from '../../src/metrics/heavy_hitters.ts';
import { seededRandom } from '../support/seed.ts';

describe('heavy hitters', () => {
  it('counts exactly while there are places', () => {
    const random = seededRandom('heavy hitters');
    const hitters = new HeavyHitters(50);
    const truth = new Map<string, number>();
    for (let i = 0; i < 5000; i++) {
      const key = `k${random.below(50)}`;
      const weight = random.below(100) / 4;
      hitters.add(key, weight);
      truth.set(key, (truth.get(key) ?? 0) + weight);
    }
    const sorted = [...truth].map(([key, weight]) => ({ key, weight })).sort((a, b) => b.weight - a.weight);
    expect(hitters.heaviest(50).map(({ weight }) => weight)).toEqual(sorted.map(({ weight }) => weight));
    expect(hitters.heaviest(7)).toHaveLength(7);
    expect(hitters.total).toBe(sorted.reduce((sum, { weight }) => sum + weight, 0));
  });

  it('never misses a key above its share, and claims no more than the truth', () => {
    const random = seededRandom('heavy hitters among many');
    for (let round = 0; round < 20; round++) {
      const places = 1 + random.below(40);
      const hitters = new HeavyHitters(places);
      const truth = new Map<string, number>();
      const keys = 1 + random.below(400);
      for (let i = 0; i < 4000; i++) {
        const key = `k${Math.floor(keys * random.unit() ** 4)}`;
        const weight = 1 + random.below(9);
        hitters.add(key, weight);
        truth.set(key, (truth.get(key) ?? 0) + weight);
      }
      const found = hitters.heaviest(places);
      for (const { key, weight } of found) expect(weight).toBeLessThanOrEqual(truth.get(key)!);
      const names = new Set(found.map(({ key }) => key));
      // What it claims of a key may be short by the weight that the lightest place has.
      for (const [key, weight] of truth)
        if (weight > (2 * hitters.total) / places) expect(names).toContain(key);
    }
  });
});
