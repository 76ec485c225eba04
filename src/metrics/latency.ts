// How long commands take: a histogram for each command (INFO latencystats, LATENCY HISTOGRAM).
//
// Counts follow HdrHistogram (Gil Tene) with two significant digits over 1 ns … 1 s, so that the percentiles come out as
// the reference prints them. A bucket holds values which agree in their highest eight bits:
//
//   value (ns)          step    buckets
//   0     …    255         1    0 … 255
//   256   …    511         2    256 … 383         from here on 128 steps for each power of two
//   512   …   1023         4    384 … 511
//   2^k   … 2^(k+1)-1  2^(k-7)  128 (k - 6) … 128 (k - 5) - 1

const MAX_NS = 1_000_000_000;
const HALF = 128;
const BUCKETS = 24 * HALF;
/** Where the coarse histogram of LATENCY HISTOGRAM begins: values up to about a microsecond. */
const FIRST_COARSE_NS = 1024;

/** One step of a cumulative histogram: so many calls took at most so long. */
export interface Step {
  readonly upToUs: number;
  readonly calls: number;
}

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  /** Calls counted. */
  total = 0;

  /** Counts `calls` calls of `ns` nanoseconds each. */
  add(ns: number, calls: number): void {
    this.#counts[bucketOf(ns)]! += calls;
    this.total += calls;
  }

  /** The time in µs that `percent` per cent of the calls did not exceed; 0 per cent gives the shortest one. */
  percentileUs(percent: number): number {
    const wanted = Math.max(1, Math.floor((Math.min(percent, 100) / 100) * this.total + 0.5));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= wanted) return (percent === 0 ? lowestOf(bucket) : highestOf(bucket)) / 1000;
    }
    return 0;
  }

  /** The cumulative histogram in powers of two, without steps that add nothing. */
  steps(): Step[] {
    const steps: Step[] = [];
    let seen = 0;
    let bucket = 0;
    for (let boundNs = FIRST_COARSE_NS; seen < this.total; boundNs *= 2) {
      const before = seen;
      const last = boundNs > MAX_NS ? BUCKETS - 1 : bucketOf(boundNs);
      for (; bucket <= last; bucket++) seen += this.#counts[bucket]!;
      if (seen > before) steps.push({ upToUs: Math.floor(highestOf(last) / 1000), calls: seen });
    }
    return steps;
  }
}

export class Latency {
  readonly #histograms: (Histogram | undefined)[] = [];
  enabled = true;

  /** Notes `calls` calls of command `id` that took `us` microseconds each. */
  record(id: number, us: number, calls: number): void {
    if (!this.enabled) return;
    const histogram = (this.#histograms[id] ??= new Histogram());
    histogram.add(us * 1000, calls);
  }

  /** The histogram of a command; undefined if no call of it was noted. */
  of(id: number): Histogram | undefined {
    return this.#histograms[id];
  }

  reset(): void {
    this.#histograms.length = 0;
  }
}

function bucketOf(ns: number): number {
  const value = ns < 1 ? 1 : ns > MAX_NS ? MAX_NS : ns | 0;
  if (value < 2 * HALF) return value;
  const shift = 24 - Math.clz32(value);
  return HALF * shift + (value >>> shift);
}

function lowestOf(bucket: number): number {
  if (bucket < 2 * HALF) return bucket;
  const shift = (bucket >>> 7) - 1;
  return (bucket - HALF * shift) * 2 ** shift;
}

function highestOf(bucket: number): number {
  if (bucket < 2 * HALF) return bucket;
  return lowestOf(bucket) + 2 ** ((bucket >>> 7) - 1) - 1;
}
