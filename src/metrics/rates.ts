// Rates over the last 1.6 seconds: 16 samples, one each 100 ms, of counters that only grow (instantaneous_* of INFO).

const SAMPLES = 16;

export class Rate {
  readonly #perSecond = new Float64Array(SAMPLES);
  #index = 0;
  #lastValue = 0;
  #lastMs = 0;

  /** Notes the counter's value at a monotonic time. */
  sample(value: number, nowMs: number): void {
    const elapsedMs = nowMs - this.#lastMs;
    if (elapsedMs <= 0) return;
    this.#perSecond[this.#index] = ((value - this.#lastValue) * 1000) / elapsedMs;
    this.#index = (this.#index + 1) % SAMPLES;
    this.#lastValue = value;
    this.#lastMs = nowMs;
  }

  /** Mean of the samples, per second. */
  get value(): number {
    let sum = 0;
    for (const sample of this.#perSecond) sum += sample;
    return sum / SAMPLES;
  }

  reset(value: number, nowMs: number): void {
    this.#perSecond.fill(0);
    this.#lastValue = value;
    this.#lastMs = nowMs;
  }
}

/** What INFO shows of the present. */
export class Rates {
  readonly commands = new Rate();
  readonly bytesIn = new Rate();
  readonly bytesOut = new Rate();
  /** Turns of the loops that serve connections, and microseconds in which something was done. */
  readonly cycles = new Rate();
  readonly busyUs = new Rate();
}
