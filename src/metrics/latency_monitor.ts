// The latency monitor: events that took longer than a limit, by the name of the event. For each event the last 160
// seconds in which it happened are kept, with the longest time of each.

const SAMPLES_MAX = 160;
const SECONDS_PER_MINUTE = 60;

export interface Sample {
  /** Unix time in seconds. */
  readonly time: number;
  ms: number;
}

export class EventHistory {
  /** Oldest first. */
  readonly samples: Sample[] = [];
  /** The longest time since the server started or the event was reset. */
  maxMs = 0;

  add(time: number, ms: number): void {
    this.maxMs = Math.max(this.maxMs, ms);
    const last = this.samples.at(-1);
    if (last !== undefined && last.time === time) {
      last.ms = Math.max(last.ms, ms);
      return;
    }
    if (this.samples.length === SAMPLES_MAX) this.samples.shift();
    this.samples.push({ time, ms });
  }

  get minMs(): number {
    return Math.min(...this.samples.map(({ ms }) => ms));
  }

  get currentMaxMs(): number {
    return Math.max(...this.samples.map(({ ms }) => ms));
  }

  /** Mean of the samples, and mean distance from it, both rounded down to whole ms. */
  get average(): { meanMs: number; deviationMs: number } {
    const { samples } = this;
    const sum = samples.reduce((total, { ms }) => total + ms, 0);
    const meanMs = Math.floor(sum / samples.length);
    const distances = samples.reduce((total, { ms }) => total + Math.abs(meanMs - ms), 0);
    return { meanMs, deviationMs: Math.floor(distances / samples.length) };
  }

  /** Seconds between two samples on average, from the oldest one until now. */
  periodSec(nowSec: number): number {
    return Math.max(1, nowSec - this.samples[0]!.time) / this.samples.length;
  }
}

export class LatencyMonitor {
  /** Milliseconds from which on an event is noted; 0 turns the monitor off. */
  thresholdMs = 0;
  readonly #events = new Map<string, EventHistory>();

  get enabled(): boolean {
    return this.thresholdMs > 0;
  }

  /** Notes an event of `ms` at Unix time `time` (seconds) if it is over the limit. */
  note(event: string, ms: number, time: number): void {
    if (this.thresholdMs === 0 || ms < this.thresholdMs) return;
    let history = this.#events.get(event);
    if (history === undefined) {
      history = new EventHistory();
      this.#events.set(event, history);
    }
    history.add(time, Math.floor(ms));
  }

  history(event: string): EventHistory | undefined {
    return this.#events.get(event);
  }

  /** Events that were noted, by name. */
  events(): Iterable<[name: string, history: EventHistory]> {
    return this.#events;
  }

  /** Forgets an event, or all; returns how many were forgotten. */
  reset(event?: string): number {
    if (event !== undefined) return this.#events.delete(event) ? 1 : 0;
    const count = this.#events.size;
    this.#events.clear();
    return count;
  }
}

/** How long ago, in the largest unit that gives a whole number above zero: 42s, 17m, 5h, 3d. */
export function ago(seconds: number): string {
  if (seconds < SECONDS_PER_MINUTE) return `${seconds}s`;
  const minutes = Math.floor(seconds / SECONDS_PER_MINUTE);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}
