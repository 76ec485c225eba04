// Time enters the server here and nowhere else, so that a test or a simulation can own it.

export interface Clock {
  /** Wall clock, milliseconds since 1970, an integer. TTLs follow it. */
  nowMs(): number;
  /** Wall clock, microseconds since 1970 (TIME), an integer. */
  nowUs(): number;
  /** Monotonic time in milliseconds with a fraction: durations and timers follow it. */
  monotonicMs(): number;
  /** Lets time pass while nothing else happens (DEBUG SLEEP). */
  sleep(ms: number): void;
}

export class SystemClock implements Clock {
  nowMs(): number {
    return Date.now();
  }

  nowUs(): number {
    return Math.floor((performance.timeOrigin + performance.now()) * 1000);
  }

  monotonicMs(): number {
    return performance.now();
  }

  sleep(ms: number): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }
}

/** A clock that stands still until it is advanced. */
export class VirtualClock implements Clock {
  #ms: number;
  readonly #startMs: number;

  constructor(startMs = 1_700_000_000_000) {
    this.#ms = startMs;
    this.#startMs = startMs;
  }

  nowMs(): number {
    return this.#ms;
  }

  nowUs(): number {
    return this.#ms * 1000;
  }

  monotonicMs(): number {
    return this.#ms - this.#startMs;
  }

  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError('a clock only goes forward');
    this.#ms += Math.floor(ms);
  }

  sleep(ms: number): void {
    this.advance(ms);
  }
}
