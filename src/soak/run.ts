// One soak run: its phases, a sample of everything each second, and what came of it.
//
//   open ─ connected ─ sweep ─ served ─ run ─ drain ─ drained ─ hold ─ idle ─ sweep ─ close ─ closed
//
// The words after "─" that are no phases are marks: the server's memory is noted there.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Soak, SoakLatency } from '../bridge/binding.ts';
import { soakCount, soakCountCount, soakPhase } from '../bridge/soak.ts';
import type { SoakOptions } from './options.ts';
import type { Probe, ServerState } from './probe.ts';

export interface Sample {
  readonly seconds: number;
  readonly phase: string;
  readonly connections: number;
  readonly commandsPerSec: number;
  readonly messagesPerSec: number;
  readonly connectsPerSec: number;
  /** null while nothing was timed. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
  readonly rssBytes: number;
  readonly usedBytes: number;
  readonly bytesPerConnection: number | null;
  /** Cores that the server used. */
  readonly cpus: number;
}

export interface Mark {
  readonly name: string;
  readonly seconds: number;
  readonly connections: number;
  readonly rssBytes: number;
  readonly usedBytes: number;
  readonly bytesPerConnection: number | null;
}

export interface Outcome {
  readonly samples: readonly Sample[];
  readonly marks: readonly Mark[];
  readonly openSec: number;
  readonly sweepSec: number;
  readonly finalSweepSec: number;
  /** Connections that answered at the end. */
  readonly alive: number;
  readonly totals: Readonly<Record<keyof typeof soakCount, number>>;
  readonly latency: SoakLatency;
  readonly faults: readonly string[];
  readonly passed: boolean;
}

const SAMPLE_MS = 1000;
const LOOK_MS = 20;
/** Without any progress for this long, a phase is given up. */
const PATIENCE_MS = 60_000;
const SETTLE_MS = 1000;
const FAULTS = 100;

export class SoakRun {
  readonly #options: SoakOptions;
  readonly #soak: Soak;
  readonly #probe: Probe;
  readonly #watch: (sample: Sample, fraction: number) => void;
  readonly #startMs = performance.now();
  readonly #samples: Sample[] = [];
  readonly #marks: Mark[] = [];
  readonly #faults: string[] = [];
  #phase = '';
  readonly #counts = new Float64Array(soakCountCount);
  #latency: SoakLatency = { count: 0, p50Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 };
  #before: ServerState = { rssBytes: 0, usedBytes: 0, clients: 0, cpuSec: 0 };
  #last = { atMs: 0, counts: new Float64Array(soakCountCount), cpuSec: 0 };

  constructor(options: SoakOptions, soak: Soak, probe: Probe, watch: (s: Sample, fraction: number) => void) {
    this.#options = options;
    this.#soak = soak;
    this.#probe = probe;
    this.#watch = watch;
  }

  async run(): Promise<Outcome> {
    const { connections, durationSec, holdSec } = this.#options;
    this.#before = await this.#probe.state();
    this.#last.atMs = performance.now();
    this.#last.cpuSec = this.#before.cpuSec;
    const settled = () =>
      this.#count('openNow') + this.#count('failedConnects') >= connections && this.#isQuiet();
    const openSec = await this.#until('open', soakPhase.open, settled);
    await this.#markAs('connected');
    const swept = () => this.#count('swept') >= this.#count('openNow') && this.#isQuiet();
    const sweepSec = await this.#until('sweep', soakPhase.sweep, swept);
    await this.#markAs('served');
    await this.#until('run', soakPhase.run, (ms) => ms >= durationSec * 1000, durationSec * 1000);
    await this.#until('drain', soakPhase.drain, () => this.#isQuiet() && this.#count('owedNow') === 0);
    await this.#markAs('drained');
    await this.#until('hold', soakPhase.rest, (ms) => ms >= holdSec * 1000, holdSec * 1000);
    await this.#markAs('idle');
    const finalSweepSec = await this.#until('final sweep', soakPhase.sweep, swept);
    const alive = this.#count('swept');
    await this.#until('close', soakPhase.close, () => this.#count('openNow') === 0);
    await sleep(SETTLE_MS);
    await this.#markAs('closed');
    return { ...this.#outcome(alive), openSec, sweepSec, finalSweepSec };
  }

  #outcome(alive: number): Omit<Outcome, 'openSec' | 'sweepSec' | 'finalSweepSec'> {
    const names = Object.keys(soakCount) as (keyof typeof soakCount)[];
    const totals = Object.fromEntries(names.map((name) => [name, this.#count(name)])) as Outcome['totals'];
    const { lost, misdelivered, wrong, dropped, failedConnects } = totals;
    const bad = lost + misdelivered + wrong + dropped + failedConnects;
    return {
      samples: this.#samples,
      marks: this.#marks,
      alive,
      totals,
      latency: this.#latency,
      faults: this.#faults,
      passed: bad === 0 && alive === this.#options.connections && this.#faults.length === 0,
    };
  }

  #count(name: keyof typeof soakCount): number {
    return this.#counts[soakCount[name]]!;
  }

  #isQuiet(): boolean {
    return this.#count('busyNow') === 0;
  }

  /** Takes the run through a phase, which is over when `done` says so; returns how long it took, in seconds. */
  async #until(
    name: string,
    phase: number,
    done: (ms: number) => boolean,
    lengthMs?: number,
  ): Promise<number> {
    const startMs = performance.now();
    this.#phase = name;
    this.#soak.enter(phase);
    let progress = '';
    let progressMs = startMs;
    for (;;) {
      this.#soak.counts(this.#counts);
      const nowMs = performance.now();
      if (done(nowMs - startMs)) break;
      const present = this.#counts.join();
      if (present !== progress) progressMs = nowMs;
      progress = present;
      if (nowMs - progressMs > PATIENCE_MS && lengthMs === undefined) {
        this.#faults.push(`${name}: nothing happened for ${PATIENCE_MS / 1000} s, given up`);
        break;
      }
      if (nowMs - this.#last.atMs >= SAMPLE_MS) await this.#sample(this.#fraction(nowMs - startMs, lengthMs));
      else await sleep(LOOK_MS);
    }
    const seconds = (performance.now() - startMs) / 1000;
    await this.#sample(1);
    return seconds;
  }

  #fraction(ms: number, lengthMs: number | undefined): number {
    const { connections } = this.#options;
    if (lengthMs !== undefined) return ms / lengthMs;
    if (this.#phase === 'open') return this.#count('openNow') / connections;
    return this.#count('swept') / connections;
  }

  /** A sample of what happened since the last one. */
  async #sample(fraction: number): Promise<void> {
    const state = await this.#probe.state();
    this.#soak.counts(this.#counts);
    const { latency, totalLatency, faults } = this.#soak.report();
    this.#latency = totalLatency;
    this.#faults.push(...faults.slice(0, FAULTS - this.#faults.length));
    const wasTimed = latency.count > 0;
    const nowMs = performance.now();
    const seconds = Math.max((nowMs - this.#last.atMs) / 1000, 1e-3);
    const counts = this.#counts.slice();
    const rate = (name: keyof typeof soakCount): number =>
      (counts[soakCount[name]]! - this.#last.counts[soakCount[name]]!) / seconds;
    const sample = {
      seconds: (nowMs - this.#startMs) / 1000,
      phase: this.#phase,
      connections: this.#count('openNow'),
      commandsPerSec: rate('commands'),
      messagesPerSec: rate('messages'),
      connectsPerSec: rate('connects'),
      p50Ms: wasTimed ? latency.p50Ms : null,
      p99Ms: wasTimed ? latency.p99Ms : null,
      maxMs: wasTimed ? latency.maxMs : null,
      rssBytes: state.rssBytes,
      usedBytes: state.usedBytes,
      bytesPerConnection: this.#perConnection(state),
      cpus: (state.cpuSec - this.#last.cpuSec) / seconds,
    };
    this.#last = { atMs: nowMs, counts, cpuSec: state.cpuSec };
    this.#samples.push(sample);
    this.#watch(sample, Math.min(fraction, 1));
  }

  #perConnection(state: ServerState): number | null {
    const connections = this.#count('openNow');
    return connections === 0 ? null : (state.rssBytes - this.#before.rssBytes) / connections;
  }

  async #markAs(name: string): Promise<void> {
    const state = await this.#probe.state();
    this.#marks.push({
      name,
      seconds: (performance.now() - this.#startMs) / 1000,
      connections: this.#count('openNow'),
      rssBytes: state.rssBytes - this.#before.rssBytes,
      usedBytes: state.usedBytes - this.#before.usedBytes,
      bytesPerConnection: this.#perConnection(state),
    });
  }
}
