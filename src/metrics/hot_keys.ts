// One session of HOTKEYS: which keys cost most time and most bytes. Whoever runs commands hands it their keys.
import { HeavyHitters, type Weighed } from './heavy_hitters.ts';

/** Keys counted for each one that is shown. */
const PLACES_PER_KEY = 100;

export interface HotKeysOptions {
  readonly cpu: boolean;
  readonly net: boolean;
  /** How many keys are shown of each kind. */
  readonly count: number;
  /** Infinity: until it is stopped. */
  readonly durationMs: number;
  /** One command in so many is looked at. */
  readonly sampleRatio: number;
}

export class HotKeys {
  readonly options: HotKeysOptions;
  /** When it began, in ms since 1970. */
  readonly startedMs: number;
  /** How long it took; NaN while it goes on. */
  durationMs = Number.NaN;
  /** Microseconds and bytes of all commands that had keys. */
  timeUs = 0;
  bytes = 0;
  readonly #byTime: HeavyHitters;
  readonly #byBytes: HeavyHitters;
  readonly #cpuBefore = process.cpuUsage();

  constructor(options: HotKeysOptions, nowMs: number) {
    this.options = options;
    this.startedMs = nowMs;
    this.#byTime = new HeavyHitters(options.count * PLACES_PER_KEY);
    this.#byBytes = new HeavyHitters(options.count * PLACES_PER_KEY);
  }

  get isActive(): boolean {
    return Number.isNaN(this.durationMs);
  }

  /** Bytes of the commands that were looked at. */
  get sampledBytes(): number {
    return this.#byBytes.total;
  }

  /** CPU time of the process since the beginning, in ms. */
  get cpuMs(): { user: number; system: number } {
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    return { user: user / 1000, system: system / 1000 };
  }

  /** A command with these keys took so many microseconds, and so many bytes with its reply. */
  ran(keys: readonly string[], us: number, bytes: number, isSampled: boolean): void {
    this.timeUs += us;
    this.bytes += bytes;
    if (!isSampled) return;
    const { cpu, net } = this.options;
    for (const key of keys) {
      if (cpu) this.#byTime.add(key, us / keys.length);
      if (net) this.#byBytes.add(key, bytes / keys.length);
    }
  }

  /** The keys that took most microseconds. */
  slowest(): Weighed[] {
    return this.#byTime.heaviest(this.options.count);
  }

  /** The keys that took most bytes. */
  largest(): Weighed[] {
    return this.#byBytes.heaviest(this.options.count);
  }

  stop(nowMs: number): void {
    this.durationMs = Math.min(nowMs - this.startedMs, this.options.durationMs);
  }
}
