// The life of a server on a simulated disk: random writes of several clients, rewriting, saving, kills of the process. At any
// point of it power may be lost; whatever state of the disk that leaves, the next start must succeed, with what a prefix of the
// log leads to, and that prefix must hold all that was promised:
//
//   always    every write that was answered
//   everysec  what WAITAOF would have told, and, where the disk is not slow, all that was answered more than a second ago
//   no        nothing
//
// A server that ends in order promises all that it did.
import { Random } from '../../src/base/random.ts';
import { Engine } from '../support/engine.ts';
import { type DiskState, SimulatedDisk } from '../support/simulated_disk.ts';
import { fingerprint } from './fingerprint.ts';
import { Losses } from './loss.ts';
import { CONFIG, DIRECTORY_PATH, EMPTY, type LogState, type Recovery } from './recovery.ts';
import { Writes } from './writes.ts';

const STEPS = 110;
const RUNS = 4;
const POINTS = 250;
const CLIENTS = 4;
const WAITER = 100;
const WAITERS = 700;
/** No operation of a disk that is not slow takes longer. */
const FAST_MS = 30;
const TICK_MS = 100;
const PROMISED_MS = 1000;

export interface Outcome {
  points: number;
  readonly failures: string[];
}

/** From `journalAt` on a loss must leave the log up to `logAt`; before `dueMs` nothing is promised. */
interface Promised {
  readonly journalAt: number;
  readonly logAt: number;
  readonly dueMs: number;
}

export class Life {
  readonly #random: Random;
  readonly #recovery: Recovery;
  readonly #policy: string;
  readonly #isSlow: boolean;
  readonly #seed: number;
  readonly #outcome: Outcome = { points: 0, failures: [] };
  #disk!: SimulatedDisk;
  #losses!: Losses;
  #engine!: Engine;
  #timeMs = 0;
  /** Where in the whole log this run of the server began; what a loss may lead to; what is promised. */
  #startAt = 0;
  #states: LogState[] = [];
  #promised: Promised[] = [];
  /** Increments that the disk began with, by their numbers. */
  #increments = new Map<number, string>();
  /** When each entry of the journal was made. */
  #journalMs: number[] = [];

  constructor(seed: number, recovery: Recovery) {
    const random = new Random(seed);
    this.#seed = seed;
    this.#random = random;
    this.#recovery = recovery;
    this.#policy = ['always', 'always', 'everysec', 'everysec', 'no'][random.below(5)]!;
    this.#isSlow = random.below(4) === 0;
  }

  async run(): Promise<Outcome> {
    this.#begin(EMPTY, 0);
    for (let run = 0; run < RUNS && this.#outcome.failures.length === 0; run++) {
      const from = this.#disk.journal.length;
      const state = this.#disk.state;
      await this.#serve();
      await this.#collectStates(state, from);
      await this.#lose(from);
      if (this.#random.below(3) === 0) await this.#kill(state, from);
      else await this.#losePower();
    }
    return this.#outcome;
  }

  #begin(state: DiskState, logAt: number): void {
    this.#disk = new SimulatedDisk(state);
    this.#losses = new Losses(state, this.#disk.journal);
    this.#journalMs = [];
    const increments = [...state.files.keys()].filter((path) => path.endsWith('.incr.aof'));
    this.#increments = new Map(increments.map((path) => [this.#disk.fileAt(path), path]));
    this.#promised = [{ journalAt: 0, logAt, dueMs: 0 }];
    this.#startAt = logAt;
  }

  // ---- a run of the server ----

  async #serve(): Promise<void> {
    const random = this.#random;
    const disk = this.#disk;
    const config = {
      ...CONFIG,
      appendfsync: this.#policy,
      'auto-aof-rewrite-min-size': '2kb',
      'aof-timestamp-enabled': random.below(3) === 0 ? 'yes' : 'no',
      'aof-use-rdb-preamble': random.below(3) === 0 ? 'no' : 'yes',
    };
    const engine = new Engine({ dir: DIRECTORY_PATH, config, files: disk, seed: this.#seed });
    engine.clock.advance(this.#timeMs);
    disk.nowMs = () => engine.clock.monotonicMs();
    this.#engine = engine;
    await engine.server.aof.load();
    this.#noteTimes();
    const writes = new Writes(random, () => engine.clock.nowMs());
    for (let step = 0; step < STEPS; step++) {
      this.#step(writes);
      await new Promise((resolve) => setImmediate(resolve));
      this.#noteTimes();
    }
    if (random.below(2) === 0) await this.#rest();
    if (random.below(3) === 0) await this.#end();
    this.#timeMs = engine.clock.monotonicMs();
  }

  #noteTimes(): void {
    const nowMs = this.#engine.clock.monotonicMs();
    while (this.#journalMs.length <= this.#disk.journal.length) this.#journalMs.push(nowMs);
  }

  #step(writes: Writes): void {
    const random = this.#random;
    const way = random.below(100);
    if (way < 70) this.#write(writes);
    else if (way < 82) this.#pass(random.below(TICK_MS));
    else if (way < 92) this.#work();
    else if (way < 95) this.#engine.bytes([['BGREWRITEAOF']], 0);
    else if (way < 96) this.#engine.bytes([[random.below(2) === 0 ? 'SAVE' : 'BGSAVE']], 0);
    else this.#wait();
  }

  #write(writes: Writes): void {
    const { server } = this.#engine;
    this.#engine.bytes(writes.next(), this.#random.below(CLIENTS));
    this.#answered();
    const logAt = this.#startAt + server.effects.totalBytes;
    const isPromised = this.#policy === 'everysec' && !server.aof.hasSyncedAll;
    if (isPromised) server.aof.whenSynced(() => this.#promise(logAt, 0));
  }

  /** All that was done was answered. */
  #answered(): void {
    const { clock, server } = this.#engine;
    const logAt = this.#startAt + server.effects.totalBytes;
    if (this.#policy === 'always') this.#promise(logAt, 0);
    else if (this.#policy === 'everysec' && !this.#isSlow)
      this.#promise(logAt, clock.monotonicMs() + PROMISED_MS);
  }

  #promise(logAt: number, dueMs: number): void {
    this.#promised.push({ journalAt: this.#disk.journal.length, logAt, dueMs });
  }

  /** A client waits for what others will write. */
  #wait(): void {
    const waits = [
      ['BLPOP', 'l0', 'l1', '0'],
      ['BLMOVE', 'l0', 'l2', 'LEFT', 'RIGHT', '1'],
      ['BZPOPMIN', 'z0', '0.5'],
      ['XREADGROUP', 'GROUP', 'g', 'w', 'BLOCK', '0', 'STREAMS', 'x0', '>'],
    ];
    this.#engine.bytes([waits[this.#random.below(waits.length)]!], WAITER + this.#random.below(WAITERS));
    this.#answered();
  }

  #work(): void {
    const { waitingCount } = this.#disk;
    if (waitingCount > 0) this.#disk.work(this.#random.below(waitingCount));
  }

  #pass(ms: number): void {
    const { clock, server } = this.#engine;
    const disk = this.#disk;
    const limitMs = clock.monotonicMs() + ms - FAST_MS;
    if (!this.#isSlow) while (disk.waitingSinceMs < limitMs) disk.work(0);
    clock.advance(ms);
    server.runDueWork();
    server.saving.tick();
    server.aof.tick();
    this.#answered();
  }

  /** The server ends in order, perhaps while the log is rewritten: all that it did is promised. */
  async #end(): Promise<void> {
    const { server } = this.#engine;
    if (this.#random.below(2) === 0) this.#engine.bytes([['BGREWRITEAOF']], 0);
    for (let left = this.#random.below(14); left > 0; left--) {
      this.#work();
      await new Promise((resolve) => setImmediate(resolve));
      this.#noteTimes();
    }
    server.aof.stop();
    this.#noteTimes();
    this.#promise(this.#startAt + server.effects.totalBytes, 0);
  }

  /** Until all is done and synced. */
  async #rest(): Promise<void> {
    const { server } = this.#engine;
    const isBusy = (): boolean =>
      this.#disk.waitingCount > 0 ||
      server.snapshots.owner !== null ||
      (this.#policy === 'everysec' && !server.aof.hasSyncedAll);
    for (let i = 0; i < 500 && isBusy(); i++) {
      this.#work();
      if (i % 4 === 0) this.#pass(TICK_MS);
      await new Promise((resolve) => setImmediate(resolve));
      this.#noteTimes();
    }
    if (isBusy()) this.#fail('the server does not come to rest');
  }

  // ---- what losses lead to ----

  /** Log that was given to the files from entry `from` of the journal on. */
  #logSince(from: number): Buffer {
    const paths = new Map(this.#increments);
    for (const entry of this.#disk.journal)
      if (entry.kind === 'link' && entry.path.endsWith('.incr.aof')) paths.set(entry.file, entry.path);
    const pieces = new Map<number, Buffer[]>();
    for (const entry of this.#disk.journal.slice(from)) {
      if (entry.kind !== 'write' || !paths.has(entry.file)) continue;
      const of = pieces.get(entry.file) ?? [];
      pieces.set(entry.file, of);
      of.push(Buffer.from(entry.bytes));
    }
    const number = (file: number): number => Number(/\.(\d+)\.incr/.exec(paths.get(file)!)![1]);
    const files = [...pieces.keys()].sort((a, b) => number(a) - number(b));
    return Buffer.concat(files.flatMap((file) => pieces.get(file)!));
  }

  async #collectStates(state: DiskState, from: number): Promise<void> {
    const log = this.#logSince(from);
    const found = await this.#recovery.statesOf(state, log);
    this.#states = this.#states.filter(({ at }) => at <= this.#startAt);
    for (const { at, print } of found) this.#states.push({ at: this.#startAt + at, print });
    const isWhole = log.length === this.#engine.server.effects.totalBytes;
    if (isWhole && found.at(-1)!.print !== fingerprint(this.#engine))
      this.#fail('the log leads to something else than the commands');
  }

  async #lose(from: number): Promise<void> {
    const random = this.#random;
    const { journal } = this.#disk;
    const places = Array.from({ length: POINTS }, () => from + random.below(journal.length - from + 1));
    for (const place of places.sort((a, b) => a - b)) {
      this.#losses.advance(place);
      this.#outcome.points++;
      await this.#found(this.#losses.draw(random), place);
      if (this.#outcome.failures.length > 0) return;
    }
  }

  /** Up to where the log is there after a start from `state`; NaN if that fails. */
  async #found(state: DiskState, place: number): Promise<number> {
    let print = 0;
    try {
      print = await this.#recovery.start(state);
    } catch (error) {
      return this.#fail(`refused to start: ${error}`, state, place);
    }
    const known = this.#states.findLast((one) => one.print === print);
    if (known === undefined) return this.#fail('a state that never was', state, place);
    const dueMs = this.#journalMs[place]!;
    let least = 0;
    for (const one of this.#promised)
      if (one.journalAt <= place && one.dueMs <= dueMs) least = Math.max(least, one.logAt);
    if (known.at < least) return this.#fail(`lost: ${known.at} of ${least} bytes are there`, state, place);
    return known.at;
  }

  /** The process ends; what other threads were about to do may still be done: it may be more of the log. */
  async #kill(before: DiskState, from: number): Promise<void> {
    const random = this.#random;
    while (this.#disk.waitingCount > 0 && random.below(3) > 0) this.#work();
    this.#disk = this.#disk.inherited();
    await this.#collectStates(before, from);
    const at = await this.#found(this.#disk.state, this.#journalMs.length - 1);
    this.#startAt = at;
    this.#promised = this.#promised.filter(({ logAt }) => logAt <= at);
  }

  async #losePower(): Promise<void> {
    const place = this.#disk.journal.length;
    this.#losses.advance(place);
    const state = this.#losses.draw(this.#random);
    const at = await this.#found(state, place);
    if (!Number.isNaN(at)) this.#begin(state, at);
  }

  #fail(what: string, state?: DiskState, place?: number): number {
    const lines = [`seed ${this.#seed}, appendfsync ${this.#policy}: ${what}`];
    if (place !== undefined)
      lines.push(...this.#disk.journal.slice(Math.max(0, place - 12), place).map(describe));
    if (state !== undefined)
      for (const [path, bytes] of state.files) lines.push(`  ${path}: ${bytes.length} bytes`);
    lines.push(...this.#recovery.log.slice(-6).map((line) => `  ${line}`));
    this.#outcome.failures.push(lines.join('\n'));
    return Number.NaN;
  }
}

function describe(entry: { kind: string }): string {
  return `  ${JSON.stringify({ ...entry, ...('bytes' in entry && entry.kind === 'write' ? { bytes: (entry.bytes as Uint8Array).length } : {}) })}`;
}
