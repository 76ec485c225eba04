// One run of the differential test: draws sequences, has them compared, shrinks and reports what differs.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer, type TestServer } from '../support/server.ts';
import { Coverage } from './coverage.ts';
import type { Family } from './grammar/index.ts';
import { brokenRules } from './metamorphic.ts';
import { type Difference, type Observer, Pair } from './pair.ts';
import { printDifference, printSequence } from './print.ts';
import { compareProtocol } from './protocol.ts';
import { Random } from './random.ts';
import { shrink } from './shrink.ts';
import { Generator, type Sequence } from './steps.ts';
import { compareTracking } from './tracking.ts';

const SHRINK_MS = 15_000;
const SHOWN_INPUT = 120;
const SHOWN_LINES = 60;
const SILENCE_MS = 60_000;
const LAST_WORDS = 25;

export interface Settings {
  readonly families: readonly Family[];
  readonly commands: number;
  readonly seed: number;
  /** Commands in a sequence. */
  readonly length: number;
  /** How many different differences end the run. */
  readonly max: number;
}

/** Something that listens, once it is asked to be ready. */
export interface Runnable {
  ready(): Promise<{ port: number }>;
  stop(): Promise<void>;
}

/** A server that is started again when it died. */
export class Server implements Runnable {
  readonly #program: string;
  #running: TestServer | undefined;

  readonly #args: readonly string[];

  constructor(program: string, args: readonly string[] = []) {
    this.#program = program;
    this.#args = args;
  }

  /** The server, started anew if it ended or went silent; then its last words are printed. */
  async ready(): Promise<TestServer> {
    if (this.#running && !(await this.#running.answers(SILENCE_MS))) {
      const words = this.#running.log.trimEnd().split('\n').slice(-LAST_WORDS);
      console.log(`\n[the server ended] ${this.#program}\n  ${words.join('\n  ')}`);
      await this.#running.stop('SIGKILL');
      this.#running = undefined;
    }
    const args = ['--enable-debug-command', 'yes', ...this.#args];
    this.#running ??= await startServer({ program: this.#program, args });
    return this.#running;
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
  }
}

/** A command, or that the databases differ at the end. */
function placeOf(name: string): string {
  return name.startsWith('state:') ? 'state' : name;
}

/** What makes two differences the same one for the report: the command, and the replies without their numbers. */
function signature({ name, expected, actual }: Difference): string {
  const mask = (reply: string): string => reply.replace(/\d+/g, '#').slice(0, 40);
  return `${placeOf(name)} ${mask(expected)} ${mask(actual)}`;
}

/** Runs a sequence; a server that cannot be reached any more is a difference, too. */
async function runOrLose(
  pair: Pair,
  sequence: Sequence,
  stop: (difference: Difference) => boolean,
): Promise<Difference[]> {
  try {
    return await pair.run(sequence, stop);
  } catch (error) {
    return [{ step: sequence.steps.length, name: 'server', expected: 'two servers', actual: String(error) }];
  }
}

export class Run {
  readonly #settings: Settings;
  readonly #reference: Runnable;
  readonly #target: Runnable;
  readonly coverage: Coverage;
  readonly #seen = new Map<string, number>();
  readonly failed = new Set<string>();
  /** What differs, each with how to see it again. */
  readonly failures: string[] = [];
  /** Steps of the shortest failing sequence so far. */
  shortestSteps = Infinity;

  constructor(settings: Settings, reference: Runnable, target: Runnable) {
    this.#settings = settings;
    this.coverage = new Coverage(settings.families);
    this.#reference = reference;
    this.#target = target;
  }

  get found(): number {
    return this.#seen.size;
  }

  async #pair(observe?: Observer): Promise<Pair> {
    const [reference, target] = [await this.#reference.ready(), await this.#target.ready()];
    return new Pair({ port: reference.port }, { port: target.port }, observe);
  }

  async sequences(): Promise<number> {
    const { commands, seed, length, max } = this.#settings;
    const generator = new Generator(new Random(seed), this.#settings.families);
    let done = 0;
    while (done < commands && this.found < max) {
      const sequence = generator.sequence(Math.min(length, commands - done));
      const pair = await this.#pair((name, failed) => this.coverage.count(name, failed));
      const known = (difference: Difference): boolean => this.#seen.has(signature(difference));
      const differences = await runOrLose(pair, sequence, (difference) => !known(difference));
      done += sequence.steps.length;
      if (differences.length > 0) await this.#report(sequence, differences[0]!);
    }
    return done;
  }

  /** Reports the first difference of a sequence; what follows it may follow from it. */
  async #report(sequence: Sequence, difference: Difference): Promise<void> {
    const kind = signature(difference);
    const times = this.#seen.get(kind) ?? 0;
    this.#seen.set(kind, times + 1);
    this.failed.add(placeOf(difference.name));
    if (times > 0) return;
    let last = difference;
    const fails = async (candidate: Sequence): Promise<boolean> => {
      const found = await runOrLose(await this.#pair(), candidate, () => true);
      const same = found.find(({ name }) => name === difference.name);
      if (same) last = same;
      return same !== undefined;
    };
    const upTo = { ...sequence, steps: sequence.steps.slice(0, difference.step + 1) };
    const repeats = await fails(upTo);
    const small = repeats ? await shrink(upTo, fails, SHRINK_MS) : upTo;
    this.shortestSteps = Math.min(this.shortestSteps, small.steps.length);
    if (signature(last) !== kind && this.#seen.has(signature(last))) return;
    this.#seen.set(signature(last), times + 1);
    this.#write(sequence, small, last, repeats);
  }

  #write(sequence: Sequence, small: Sequence, last: Difference, repeats: boolean): void {
    const path = join(tmpdir(), `millrace-difference-${this.#settings.seed}-${this.found}.txt`);
    const lines = printSequence(small).split('\n');
    writeFileSync(path, `${printDifference(last)}\n${lines.join('\n')}\n`);
    const shown = lines.length > SHOWN_LINES ? [...lines.slice(0, SHOWN_LINES), '# …'] : lines;
    const text = `${printDifference(last)}\n${shown.join('\n')}`;
    const note = repeats ? '' : ' (not seen again when repeated)';
    this.failures.push(`sequence ${sequence.number}${note}: ${printDifference(last)}`);
    console.log(`\n[difference ${this.found}] sequence ${sequence.number}${note}, saved as ${path}\n${text}`);
  }

  /** Tests commands that only the server under test has; the number of rules it breaks. */
  async newerCommands(): Promise<number> {
    const { port } = await this.#target.ready();
    const broken = await brokenRules({ port }, new Random(this.#settings.seed));
    for (const rule of broken) console.log(`\n[rule broken] ${rule}`);
    this.failures.push(...broken.map((rule) => `rule broken: ${rule}`));
    return broken.length;
  }

  async tracking(): Promise<number> {
    const [reference, target] = [await this.#reference.ready(), await this.#target.ready()];
    const random = new Random(this.#settings.seed);
    const found = await compareTracking({ port: reference.port }, { port: target.port }, random);
    for (const text of found) console.log(`\n[difference in ${text}]`);
    this.failures.push(...found);
    return found.length;
  }

  async protocol(): Promise<number> {
    const [reference, target] = [await this.#reference.ready(), await this.#target.ready()];
    const differences = await compareProtocol({ port: reference.port }, { port: target.port });
    for (const { input, expected, actual } of differences) {
      const text = printDifference({ step: 0, name: shortened(input), expected, actual });
      this.failures.push(`protocol: ${text}`);
      console.log(`\n[difference in the protocol]\n${text}`);
    }
    return differences.length;
  }
}

function shortened(input: string): string {
  return `input ${JSON.stringify(input.length > SHOWN_INPUT ? `${input.slice(0, SHOWN_INPUT)}…` : input)}`;
}
