// The n-th operation of a disk fails, for every n: alone, or with all that follow until the disk is mended. Then nothing that
// was promised is lost, by the end of the process or of the power, the next start succeeds, writes are refused as long as it is
// necessary and no longer than 5 seconds after the disk works again, and no file is synced again after that has failed.
import { Random } from '../../src/base/random.ts';
import { Engine } from '../support/engine.ts';
import { type DiskState, SimulatedDisk } from '../support/simulated_disk.ts';
import { Losses } from './loss.ts';
import { CONFIG, DIRECTORY_PATH, EMPTY, Recovery } from './recovery.ts';
import type { Result } from './result.ts';

const CODES = ['ENOSPC', 'EIO', 'EDQUOT', 'EROFS'];
/** What fails on a disk that is full; on a broken one everything does. */
const FULL_CALLS = ['write', 'create', 'makeDirectory', 'sync', 'syncDirectory'];
const POLICIES = ['always', 'everysec'];
const STEPS = 60;
const STEP_MS = 110;
const HEALED_MS = 5000;
const LOSSES = 4;
const FAILURES_MAX = 3;

interface Variant {
  readonly policy: string;
  readonly code: string;
  readonly isForEver: boolean;
  readonly seed: number;
}

export async function faults(trials: number, firstSeed: number): Promise<Result> {
  const failures: string[] = [];
  const recovery = new Recovery();
  let done = 0;
  for (let seed = firstSeed; done < trials && failures.length < FAILURES_MAX; seed++) {
    const variant = {
      policy: POLICIES[seed % 2]!,
      isForEver: (seed >> 1) % 2 === 1,
      code: CODES[(seed >> 2) % CODES.length]!,
      seed,
    };
    const first = new Trial(recovery, variant, Infinity, EMPTY);
    await first.run();
    const start = torn(first.disk.state);
    for (let failAt = 1; failures.length < FAILURES_MAX; failAt++) {
      const trial = new Trial(recovery, variant, failAt, start);
      await trial.run();
      failures.push(...trial.failures);
      done++;
      if (trial.calls < failAt) break;
    }
  }
  return { done, failures };
}

/** The same with an increment whose last unit is not whole. */
function torn({ files, directories }: DiskState): DiskState {
  const path = [...files.keys()].find((name) => name.endsWith('.incr.aof'))!;
  return { directories, files: new Map([...files, [path, files.get(path)!.subarray(0, -3)]]) };
}

class Trial {
  readonly failures: string[] = [];
  /** Operations so far. */
  calls = 0;
  readonly #recovery: Recovery;
  readonly #variant: Variant;
  readonly #failAt: number;
  readonly #start: DiskState;
  readonly disk: SimulatedDisk;
  readonly #losses: Losses;
  readonly #random: Random;
  #engine!: Engine;
  #isMended = false;
  #failed = '';
  #slot = 0;
  /** Numbers that were sent, answered, and are promised to survive a loss of power. */
  #sent = 0;
  readonly #answered = new Set<number>();
  readonly #promised = new Set<number>();
  /** Numbers that the disk held at first. */
  #old: readonly number[] = [];

  constructor(recovery: Recovery, variant: Variant, failAt: number, start: DiskState) {
    this.#recovery = recovery;
    this.#variant = variant;
    this.#failAt = failAt;
    this.#start = start;
    this.disk = new SimulatedDisk(start);
    this.#losses = new Losses(start, this.disk.journal);
    this.#random = new Random(variant.seed);
  }

  async run(): Promise<void> {
    this.#old = await this.#numbers(this.#start);
    this.disk.fault = (call, path) => this.#fault(call, path);
    let isStarted = true;
    try {
      this.#engine = await this.#started();
    } catch {
      isStarted = false;
    }
    if (isStarted) await this.#serve();
    this.#isMended = true;
    await this.#check();
  }

  #fault(call: string, path: string): Error | null {
    this.calls++;
    const { code, isForEver } = this.#variant;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    const isMeant = isForEver ? this.calls >= this.#failAt : this.calls === this.#failAt;
    if (!isMeant || this.#isMended || (isForEver && isFull && !FULL_CALLS.includes(call))) return null;
    this.#failed ||= `${call} ${path}`;
    return Object.assign(new Error(`${code}: ${call} ${path}`), { code, errno: -1 });
  }

  async #started(): Promise<Engine> {
    const config = { ...CONFIG, appendfsync: this.#variant.policy };
    const engine = new Engine({ dir: DIRECTORY_PATH, config, files: this.disk, seed: 1 });
    this.disk.nowMs = () => engine.clock.monotonicMs();
    await engine.server.aof.load();
    return engine;
  }

  async #serve(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      this.#write();
      if (step === 12 || step === 40) this.#engine.bytes([['BGREWRITEAOF']], this.#slot++);
      await this.#pass(step % 7 === 0 ? STEP_MS : STEP_MS / 10);
    }
    // As long as it takes for all that can fail to have failed.
    if (this.#variant.isForEver) for (let i = 0; i < 30; i++) await this.#pass(STEP_MS);
    this.#lose('while the disk fails');
    this.#isMended = true;
    await this.#heal();
  }

  #write(): boolean {
    const number = this.#sent++;
    const { aof } = this.#engine.server;
    const wasRefusing = aof.isBroken;
    const unit = [['MULTI'], ['RPUSH', 'list', `${number}`], ['SADD', 'set', `${number}`], ['EXEC']];
    // A connection of its own for each: that of a reply which is taken back is closed.
    const reply = this.#engine.bytes(unit, this.#slot++).toString('latin1');
    const isGood = /\*2\r\n:\d+\r\n:1\r\n$/.test(reply);
    if (wasRefusing && isGood) this.#fail(`a write was accepted while the log was broken`);
    if (wasRefusing && !/-MISCONF/.test(reply)) this.#fail(`refused by ${JSON.stringify(reply)}`);
    if (wasRefusing && this.#engine.line('GET none', this.#slot++) !== null) this.#fail('GET was refused');
    if (!isGood) return false;
    this.#answered.add(number);
    if (this.#variant.policy === 'always') this.#promised.add(number);
    else aof.whenSynced(() => this.#promised.add(number));
    return true;
  }

  /** Lets time pass, and other threads do their work. */
  async #pass(ms: number): Promise<void> {
    const { clock, server } = this.#engine;
    for (let i = 0; i < 3; i++) {
      while (this.disk.waitingCount > 0) this.disk.work(0);
      await new Promise((resolve) => setImmediate(resolve));
    }
    clock.advance(ms);
    server.runDueWork();
    server.aof.tick();
  }

  async #heal(): Promise<void> {
    const { clock, server } = this.#engine;
    const limitMs = clock.monotonicMs() + HEALED_MS;
    while (!this.#write()) {
      if (clock.monotonicMs() > limitMs) {
        this.#fail(`not healed: ${server.aof.refusal}`);
        return;
      }
      await this.#pass(STEP_MS);
    }
    // What was answered before it failed has to be durable now, too.
    for (let i = 0; i < 30; i++) await this.#pass(STEP_MS);
    if (!server.aof.hasSyncedAll) this.#fail('the log is not synced');
    for (const number of this.#answered) this.#promised.add(number);
  }

  /** Power is lost, the next start has all that is promised. */
  #lose(when: string): void {
    this.#losses.advance(this.disk.journal.length);
    const promised = new Set(this.#promised);
    for (let i = 0; i < LOSSES; i++)
      this.#lost.push({ state: this.#losses.draw(this.#random), promised, when });
  }

  readonly #lost: { state: DiskState; promised: ReadonlySet<number>; when: string }[] = [];

  async #check(): Promise<void> {
    this.#lose('at the end');
    this.#lost.push({
      state: this.disk.state,
      promised: this.#answered,
      when: 'after the end of the process',
    });
    for (const { state, promised, when } of this.#lost) {
      try {
        this.#compare(await this.#numbers(state), promised, when);
      } catch (error) {
        this.#fail(`${when}, refused to start: ${error}`);
      }
    }
    const failed = new Set<number>();
    for (const entry of this.disk.journal) {
      if (entry.kind !== 'sync') continue;
      if (failed.has(entry.file)) this.#fail('a file was synced again after that had failed');
      if (!entry.isGood) failed.add(entry.file);
    }
  }

  /** The numbers that are there after a start from `state`. */
  async #numbers(state: DiskState): Promise<number[]> {
    const [found, members] = await this.#recovery.ask(state, ['LRANGE list 0 -1', 'SMEMBERS set']);
    const list = (found as string[]).map(Number);
    const set = new Set((members as string[]).map(Number));
    if (set.size !== new Set(list).size || list.some((one) => !set.has(one)))
      this.#fail('half a transaction');
    return list;
  }

  #compare(found: readonly number[], promised: ReadonlySet<number>, when: string): void {
    const isOld = this.#old.every((number, i) => found[i] === number);
    const fresh = new Set(found.slice(this.#old.length));
    const lost = [...promised].filter((number) => !fresh.has(number));
    if (!isOld || lost.length > 0) this.#fail(`${when}, lost: ${isOld ? lost : 'what was there'}`);
    if (fresh.size !== found.length - this.#old.length) this.#fail(`${when}, something is there twice`);
    if (found.some((number) => number >= STEPS * 2 + this.#sent)) this.#fail('a number that was never sent');
  }

  #fail(what: string): void {
    const { seed, policy, code, isForEver } = this.#variant;
    const where = `seed ${seed}, ${policy}, ${code} ${isForEver ? 'from' : 'at'} operation ${this.#failAt}`;
    this.failures.push(`${where}, ${this.#failed}: ${what}\n  ${this.#engine?.log.slice(-5).join('  ')}`);
  }
}
