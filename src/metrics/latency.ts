// How long commands take: a histogram for each command (INFO latencystats, LATENCY HISTOGRAM).
//
// Buckets follow HdrHistogram with two significant digits (Tene): for each power of two 64 linear steps, here over
// nanoseconds from 1 µs to about 1 s, so that a value is known to about 1 %.

const STEPS = 64;
const UNIT_NS = 1000;
const BUCKETS = 21 * STEPS;

export class Latency {
  readonly #counts: (Float64Array | undefined)[] = [];
  enabled = true;

  /** Notes `calls` calls of `us` microseconds each. */
  record(id: number, us: number, calls: number): void {
    if (!this.enabled) return;
    const counts = (this.#counts[id] ??= new Float64Array(BUCKETS));
    counts[bucketOf(us * 1000)]! += calls;
  }

  /** Buckets of a command that was ever called, as (upper bound in ns, count), smallest first; null if never. */
  buckets(id: number): { upToNs: number; count: number }[] | null {
    const counts = this.#counts[id];
    if (counts === undefined) return null;
    const rows: { upToNs: number; count: number }[] = [];
    for (let i = 0; i < BUCKETS; i++) if (counts[i]! > 0) rows.push({ upToNs: boundOf(i), count: counts[i]! });
    return rows;
  }

  reset(): void {
    this.#counts.length = 0;
  }
}

function bucketOf(ns: number): number {
  const value = Math.max(0, Math.floor(ns / UNIT_NS * STEPS));
  if (value < STEPS) return value;
  const power = Math.floor(Math.log2(value)) - 6;
  return Math.min(BUCKETS - 1, (power + 1) * STEPS + Math.floor(value / 2 ** power) - STEPS);
}

function boundOf(bucket: number): number {
  const power = Math.floor(bucket / STEPS) - 1;
  const step = bucket % STEPS;
  const value = power < 0 ? step + 1 : (step + STEPS + 1) * 2 ** power;
  return (value * UNIT_NS) / STEPS;
}

/** The value in ns below which `percent` per cent of the calls lie. */
export function percentile(buckets: readonly { upToNs: number; count: number }[], percent: number): number {
  let total = 0;
  for (const bucket of buckets) total += bucket.count;
  let rest = (total * percent) / 100;
  for (const { upToNs, count } of buckets) {
    rest -= count;
    if (rest <= 0) return upToNs;
  }
  return buckets.at(-1)?.upToNs ?? 0;
}
