// The life of a server that keeps no log but saves, on a simulated disk: random writes, SAVE, BGSAVE, save points, flushes, ends
// in order, kills of the process. At any point of it power may be lost; the next start must succeed, unaided, with what one of
// the snapshots holds: the last one that was said to be complete, or one that was begun later.
import { Random } from '../../src/base/random.ts';
import { Engine } from '../support/engine.ts';
import { type DiskState, SimulatedDisk } from '../support/simulated_disk.ts';
import { fingerprint } from './fingerprint.ts';
import type { Outcome } from './life.ts';
import { Losses } from './loss.ts';
import { DIRECTORY_PATH, EMPTY } from './recovery.ts';
import { Writes } from './writes.ts';

const STEPS = 110;
const RUNS = 4;
const POINTS = 250;
const TICK_MS = 100;
const REST_STEPS = 500;
const JOURNAL_SHOWN = 12;
const DONE = /Background saving terminated with success/;
const CONFIG = { appendonly: 'no', save: '1 15' };

/** Starts from what a disk holds, with one engine for all. Nothing has expired by then. */
export class SavedRecovery {
  readonly #engine = new Engine({ dir: DIRECTORY_PATH, config: CONFIG });

  get log(): readonly string[] {
    return this.#engine.log;
  }

  /** Fingerprint of what is loaded. Rejects when the server refuses to start. */
  async start(state: DiskState): Promise<number> {
    const { server } = this.#engine;
    this.#engine.log.length = 0;
    for (let index = 0; index < server.keyspace.databaseCount; index++) server.keyspace.flush(index, false);
    Object.assign(server, { files: new SimulatedDisk(state) });
    await server.saving.load();
    return fingerprint(this.#engine);
  }
}

export class SaveLife {
  readonly #random: Random;
  readonly #recovery: SavedRecovery;
  readonly #seed: number;
  readonly #outcome: Outcome = { points: 0, failures: [] };
  #disk!: SimulatedDisk;
  #losses!: Losses;
  #engine!: Engine;
  #timeMs = 0;
  /** What was there when each snapshot was begun; before the first one, what the disk began with. */
  #snapshots: number[] = [];
  /** From entry `journalAt` on a start must find a snapshot of this number or a later one. */
  #promised: { readonly journalAt: number; readonly number: number }[] = [];
  /** The last snapshot in the background. */
  #background = 0;

  constructor(seed: number, recovery: SavedRecovery) {
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#recovery = recovery;
  }

  async run(): Promise<Outcome> {
    await this.#begin(EMPTY);
    for (let run = 0; run < RUNS && this.#outcome.failures.length === 0; run++) {
      const from = this.#disk.journal.length;
      await this.#serve();
      await this.#lose(from);
      if (this.#random.below(3) === 0) await this.#kill();
      else await this.#losePower();
    }
    return this.#outcome;
  }

  async #begin(state: DiskState): Promise<void> {
    this.#disk = new SimulatedDisk(state);
    this.#losses = new Losses(state, this.#disk.journal);
    this.#snapshots = [await this.#recovery.start(state)];
    this.#promised = [{ journalAt: 0, number: 0 }];
  }

  // ---- a run of the server ----

  async #serve(): Promise<void> {
    const random = this.#random;
    const disk = this.#disk;
    const config = { ...CONFIG, rdbcompression: random.below(2) === 0 ? 'yes' : 'no' };
    const engine = new Engine({ dir: DIRECTORY_PATH, config, files: disk, seed: this.#seed });
    engine.clock.advance(this.#timeMs);
    disk.nowMs = () => engine.clock.monotonicMs();
    this.#engine = engine;
    await engine.server.saving.load();
    const writes = new Writes(random, () => engine.clock.nowMs());
    for (let step = 0; step < STEPS; step++) {
      this.#step(writes);
      await this.#settle();
    }
    if (random.below(2) === 0) await this.#rest();
    if (random.below(3) === 0) this.#end();
    this.#timeMs = engine.clock.monotonicMs();
  }

  #step(writes: Writes): void {
    const random = this.#random;
    const { saving } = this.#engine.server;
    const way = random.below(100);
    if (way < 65) this.#engine.bytes(writes.next(), random.below(4));
    else if (way < 77) this.#pass(random.below(2 * TICK_MS));
    else if (way < 93) this.#work();
    else if (way < 94) this.#snapshot('flushed', () => this.#engine.line('FLUSHALL'));
    else if (way < 97) this.#snapshot('later', () => this.#engine.line('BGSAVE'));
    else if (!saving.inBackground) this.#snapshot('at once', () => this.#engine.line('SAVE'));
  }

  /** Does what may make a snapshot: of what was there before, or of what a flush leaves; or has it made in the background. */
  #snapshot(when: 'at once' | 'flushed' | 'later', begin: () => void): void {
    const { saving } = this.#engine.server;
    const before = fingerprint(this.#engine);
    const { saves } = saving;
    begin();
    if (saving.saves === saves) return;
    const number = this.#snapshots.push(when === 'flushed' ? fingerprint(this.#engine) : before) - 1;
    if (when === 'later') this.#background = number;
    else this.#promise(number);
  }

  #promise(number: number): void {
    this.#promised.push({ journalAt: this.#disk.journal.length, number });
  }

  #pass(ms: number): void {
    const { clock, server } = this.#engine;
    clock.advance(ms);
    server.runDueWork();
    this.#snapshot('later', () => server.saving.tick());
  }

  #work(): void {
    const { waitingCount } = this.#disk;
    if (waitingCount > 0) this.#disk.work(this.#random.below(waitingCount));
  }

  /** Lets what was done by other threads be noticed. */
  async #settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const { log } = this.#engine;
    if (log.some((line) => DONE.test(line))) this.#promise(this.#background);
    log.length = 0;
  }

  /** Until no snapshot is in progress. */
  async #rest(): Promise<void> {
    const isBusy = (): boolean => this.#disk.waitingCount > 0 || this.#engine.server.snapshots.owner !== null;
    for (let i = 0; i < REST_STEPS && isBusy(); i++) {
      this.#work();
      await this.#settle();
    }
    if (isBusy()) this.#fail('the server does not come to rest');
  }

  /** SHUTDOWN, perhaps while a snapshot is in progress. */
  #end(): void {
    const { admin } = this.#engine.server;
    const isDone = (): void => {
      if (!admin.prepareShutdown({ save: 'as-configured', force: false })) this.#fail('it does not end');
    };
    this.#snapshot('at once', isDone);
  }

  // ---- what losses lead to ----

  async #lose(from: number): Promise<void> {
    const random = this.#random;
    const { journal } = this.#disk;
    const places = Array.from({ length: POINTS }, () => from + random.below(journal.length - from + 1));
    for (const place of places.sort((a, b) => a - b)) {
      this.#losses.advance(place);
      this.#outcome.points++;
      await this.#check(this.#losses.draw(random), place);
      if (this.#outcome.failures.length > 0) return;
    }
  }

  /** The number of the snapshot that a start from `state` finds. */
  async #check(state: DiskState, place: number): Promise<number> {
    let print = 0;
    try {
      print = await this.#recovery.start(state);
    } catch (error) {
      this.#fail(`refused to start: ${error}`, state, place);
    }
    const found = this.#snapshots.lastIndexOf(print);
    if (found < 0) this.#fail('a state that was never saved', state, place);
    let least = 0;
    for (const { journalAt, number } of this.#promised)
      if (journalAt <= place) least = Math.max(least, number);
    if (found < least) this.#fail(`lost: snapshot ${found}, not ${least}, is there`, state, place);
    return found;
  }

  /** The process ends; what other threads were about to do may still be done. */
  async #kill(): Promise<void> {
    while (this.#disk.waitingCount > 0 && this.#random.below(3) > 0) this.#work();
    this.#disk = this.#disk.inherited();
    await this.#check(this.#disk.state, this.#disk.journal.length);
  }

  async #losePower(): Promise<void> {
    const place = this.#disk.journal.length;
    this.#losses.advance(place);
    const state = this.#losses.draw(this.#random);
    await this.#check(state, place);
    if (this.#outcome.failures.length === 0) await this.#begin(state);
  }

  #fail(what: string, state?: DiskState, place?: number): void {
    const lines = [`seed ${this.#seed}, snapshots only: ${what}`];
    for (const entry of place === undefined
      ? []
      : this.#disk.journal.slice(Math.max(0, place - JOURNAL_SHOWN), place))
      lines.push(
        `  ${JSON.stringify(entry.kind === 'write' ? { ...entry, bytes: entry.bytes.length } : entry)}`,
      );
    for (const [path, bytes] of state?.files ?? []) lines.push(`  ${path}: ${bytes.length} bytes`);
    lines.push(...this.#recovery.log.map((line) => `  ${line}`));
    this.#outcome.failures.push(lines.join('\n'));
  }
}
