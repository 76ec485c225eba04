import { describe, expect, it } from 'vitest';
import { Histogram, Latency } from '../../src/metrics/latency.ts';

function histogramOf(...us: number[]): Histogram {
  const histogram = new Histogram();
  for (const each of us) histogram.add(each * 1000, 1);
  return histogram;
}

describe('histogram', () => {
  it('knows times to under a hundredth, with the bounds that the reference prints', () => {
    // Recorded from INFO latencystats of the reference: the shortest, and the longest time.
    expect(histogramOf(2).percentileUs(0)).toBe(2);
    expect(histogramOf(2).percentileUs(50)).toBe(2.007);
    expect(histogramOf(3).percentileUs(100)).toBe(3.007);
    expect(histogramOf(18).percentileUs(99.9)).toBe(18.047);
    expect(histogramOf(50).percentileUs(0)).toBe(49.92);
    expect(histogramOf(94).percentileUs(50)).toBe(94.207);
    expect(histogramOf(3100).percentileUs(0)).toBe(3096.576);
    expect(histogramOf(40_000).percentileUs(100)).toBe(40_108.031);
  });

  it('holds every time in the bucket whose bounds enclose it', () => {
    for (let ns = 1; ns < 1e9; ns = Math.ceil(ns * 1.07)) {
      const histogram = new Histogram();
      histogram.add(ns, 1);
      const low = histogram.percentileUs(0) * 1000;
      const high = histogram.percentileUs(100) * 1000;
      expect(low).toBeLessThanOrEqual(ns + 1e-6);
      expect(high).toBeGreaterThanOrEqual(ns - 1e-6);
      expect(high - low).toBeLessThanOrEqual(ns / 128 + 1e-6);
    }
  });

  it('takes times out of its range for its ends', () => {
    expect(histogramOf(0).percentileUs(50)).toBe(0.001);
    expect(histogramOf(5e6).percentileUs(50)).toBeCloseTo(1e6, -4);
  });

  it('finds percentiles over many calls', () => {
    const histogram = new Histogram();
    histogram.add(1000, 50);
    histogram.add(10_000, 49);
    histogram.add(100_000, 1);
    expect(histogram.total).toBe(100);
    expect([50, 51, 99, 99.9, 100].map((p) => Math.round(histogram.percentileUs(p)))).toEqual([
      1, 10, 10, 100, 100,
    ]);
  });

  it('adds up in powers of two, leaving out steps without calls', () => {
    // Recorded from LATENCY HISTOGRAM of the reference.
    expect(histogramOf(2.6e3, 5.7e3, 4e4).steps()).toEqual([
      { upToUs: 4227, calls: 1 },
      { upToUs: 8454, calls: 2 },
      { upToUs: 67633, calls: 3 },
    ]);
    expect(histogramOf(2, 2, 2, 3, 3).steps()).toEqual([
      { upToUs: 2, calls: 3 },
      { upToUs: 4, calls: 5 },
    ]);
    expect(histogramOf(0).steps()).toEqual([{ upToUs: 1, calls: 1 }]);
    expect(histogramOf(2e6).steps()).toEqual([{ upToUs: 1_073_741, calls: 1 }]);
    expect(new Histogram().steps()).toEqual([]);
  });
});

describe('latency of commands', () => {
  it('has a histogram for each command that was called while it is on', () => {
    const latency = new Latency();
    latency.record(3, 10, 2);
    latency.enabled = false;
    latency.record(3, 10, 1);
    latency.record(4, 10, 1);
    expect(latency.of(3)?.total).toBe(2);
    expect(latency.of(4)).toBeUndefined();
    latency.reset();
    expect(latency.of(3)).toBeUndefined();
  });
});
