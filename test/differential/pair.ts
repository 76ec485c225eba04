// Runs one sequence against the reference and the server under test, in lockstep, and compares every reply, then what
// the sequence left in the databases.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { type Address, decodeReply, encodeCommand, RespClient } from '../support/resp.ts';
import { isAllowed } from './allowed.ts';
import { elementsOf, type SameQueued, sameReply } from './check.ts';
import { DEFAULTS } from './grammar/server.ts';
import { inlineText } from './print.ts';
import { snapshot } from './snapshot.ts';
import { countsAll, type Lookups, lookupsOf, statistics } from './statistics.ts';
import {
  type BlockStep,
  type CommandStep,
  type ScanStep,
  type Sequence,
  type Step,
  type UnblockStep,
  WAITERS,
} from './steps.ts';
import { Waiters } from './waiters.ts';

export interface Difference {
  /** Index of the step, or the number of steps when the databases differ at the end. */
  readonly step: number;
  /** Name of the command in the grammar, or what else differs. */
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
}

/** Told of every reply of the reference: coverage counts from it. */
export type Observer = (name: string, failed: boolean) => void;

const REPLY_TIMEOUT_MS = 20_000;
const CUT_BYTES = 7;
const SLOWLOG = 'slowlog-log-slower-than';
const CUTS = 40;
const ERROR = 0x2d;

const latin1 = (bytes: Buffer): string => bytes.toString('latin1');

/** One of the two servers and our connections to it. */
class Side {
  readonly address: Address;
  readonly clients: RespClient[] = [];
  observer!: RespClient;
  waiters!: Waiters;
  /** Lookups of iterations: how many calls one takes depends on the order of elements. */
  lookups: Lookups = { hits: 0, misses: 0 };

  constructor(address: Address) {
    this.address = address;
  }

  async open(sequence: Sequence): Promise<void> {
    this.observer = await RespClient.connect(this.address);
    await this.observer.call('CONFIG', 'SET', ...DEFAULTS.flat());
    await this.observer.call('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    await this.observer.call('CLIENT', 'UNPAUSE');
    await this.observer.call('SLOWLOG', 'RESET');
    await this.observer.call('FLUSHALL');
    this.waiters = new Waiters(this.observer);
    const waiting = sequence.steps.some(({ kind }) => kind === 'block' || kind === 'unblock');
    await this.waiters.open(waiting ? WAITERS : 0, () => RespClient.connect(this.address));
    for (const protocol of sequence.protocols) {
      const client = await RespClient.connect(this.address);
      this.clients.push(client);
      if (protocol === 3) await client.call('HELLO', 3);
    }
    this.lookups = { hits: 0, misses: 0 };
    await this.observer.call('CONFIG', 'RESETSTAT');
  }

  close(): void {
    for (const client of this.clients.splice(0)) client.close();
    this.waiters?.close();
    this.observer?.close();
  }
}

/** Bytes of a batch, as one piece or cut into many small ones. */
async function send(client: RespClient, batch: readonly CommandStep[]): Promise<void> {
  const bytes = Buffer.concat(
    batch.map((step) => (step.inline ? inlineText(step.args) : encodeCommand(step.args))),
  );
  let at = 0;
  for (let cut = 0; batch[0]!.cut && cut < CUTS && at < bytes.length; cut++) {
    client.write(bytes.subarray(at, at + CUT_BYTES));
    at += CUT_BYTES;
    await nextTurn();
  }
  client.write(bytes.subarray(at));
}

/** Replies to a batch; fewer than sent when the server closed the connection or went silent. */
async function exchange(client: RespClient, batch: readonly CommandStep[]): Promise<Buffer[]> {
  await send(client, batch);
  const replies: Buffer[] = [];
  for (let i = 0; i < batch.length; i++) {
    try {
      replies.push(...(await client.take(1, REPLY_TIMEOUT_MS)));
    } catch {
      break;
    }
  }
  return replies;
}

/** All keys of a full iteration, whose lookups are not counted. */
async function scanUncounted({ observer, lookups }: Side, step: ScanStep): Promise<string> {
  const before = await lookupsOf(observer);
  const keys = await scanAll(observer, step);
  const after = await lookupsOf(observer);
  lookups.hits += after.hits - before.hits;
  lookups.misses += after.misses - before.misses;
  return keys;
}

/** All keys of a full iteration, sorted and without repetitions, or the reply that ended it. */
async function scanAll(client: RespClient, step: ScanStep): Promise<string> {
  await client.call('SELECT', step.database);
  // The number of calls depends on the order of the keys, so they must not show in the slow log.
  const threshold = (await client.call('CONFIG', 'GET', SLOWLOG)) as string[];
  await client.call('CONFIG', 'SET', SLOWLOG, -1);
  const keys = new Set<string>();
  const width = /^[HZ]/.test(latin1(step.command[0]!)) ? 2 : 1;
  let cursor = '0';
  do {
    const reply = await client.raw(...step.command, cursor, ...step.options);
    const parts = elementsOf(reply);
    if (parts?.length !== 2) return latin1(reply);
    cursor = String(decodeReply(parts[0]!));
    const found = (elementsOf(parts[1]!) ?? []).map(latin1);
    for (let i = 0; i < found.length; i += width) keys.add(found.slice(i, i + width).join(''));
  } while (cursor !== '0');
  await client.call('CONFIG', 'SET', SLOWLOG, threshold[1]!);
  return [...keys].sort().join('');
}

/** Whether the key that a reply names exists in both databases; true for any other reply. */
async function namesKey(clients: RespClient[], reply?: Buffer): Promise<boolean> {
  const key = reply && reply[0] === 0x24 ? decodeReply(reply) : null;
  if (typeof key !== 'string') return true;
  const answers = await Promise.all(clients.map((client) => client.raw('EXISTS', key)));
  return answers.every((answer) => latin1(answer) === ':1\r\n');
}

export class Pair {
  readonly #sides: [Side, Side];
  readonly #observe: Observer;
  #queued: [CommandStep[], CommandStep[]] = [[], []];
  /** One of them answered with an error that is forgiven, so that they count different errors. */
  #sawMeantDifference = false;

  constructor(reference: Address, target: Address, observe: Observer = () => {}) {
    this.#sides = [new Side(reference), new Side(target)];
    this.#observe = observe;
  }

  /** Runs a sequence on empty databases; its differences, in order. Stops where the two cannot be compared any more. */
  async run(sequence: Sequence, stop: (difference: Difference) => boolean): Promise<Difference[]> {
    this.#queued = [[], []];
    this.#sawMeantDifference = false;
    const differences: Difference[] = [];
    try {
      await Promise.all(this.#sides.map((side) => side.open(sequence)));
      for (let at = 0; at < sequence.steps.length; ) {
        const batch = batchFrom(sequence.steps, at);
        const found = await this.#batch(batch, at);
        differences.push(...found);
        if (found.some(stop)) return differences;
        at += batch.length;
      }
      if (countsAll(sequence) && !this.#sawMeantDifference)
        differences.push(...(await this.#compareCounts(sequence)));
      differences.push(...(await this.#compareState(sequence)));
      return differences;
    } finally {
      for (const side of this.#sides) side.close();
    }
  }

  async #batch(batch: readonly Step[], at: number): Promise<Difference[]> {
    const first = batch[0]!;
    if (first.kind === 'scan') return this.#scan(first, at);
    if (first.kind === 'block') return this.#block(first, at);
    if (first.kind === 'unblock') return this.#unblock(first, at);
    const steps = batch as readonly CommandStep[];
    const clients = this.#sides.map((side) => side.clients[first.connection]!);
    const [expected, actual] = await Promise.all(clients.map((client) => exchange(client, steps)));
    const found: Difference[] = [];
    for (const [i, step] of steps.entries()) {
      const difference = this.#compare(step, at + i, expected![i], actual![i]);
      if (difference) found.push(difference);
    }
    const last = steps.at(-1)!;
    if (last.check === 'member' && !(await namesKey(clients, actual!.at(-1)))) {
      found.push({
        step: at + steps.length - 1,
        name: last.name,
        expected: 'a key',
        actual: 'a key that does not exist',
      });
    }
    if (last.pauseMs > 0) await sleep(last.pauseMs);
    found.push(...(await this.#served(at + steps.length - 1)));
    return found;
  }

  #compare(step: CommandStep, index: number, expected?: Buffer, actual?: Buffer): Difference | null {
    if (!expected || !actual) {
      if (!expected && !actual) return null;
      const lost = (reply?: Buffer): string => (reply ? latin1(reply) : '(connection closed, or no answer)');
      return { step: index, name: step.name, expected: lost(expected), actual: lost(actual) };
    }
    this.#observe(step.name, expected[0] === 0x2d);
    const queued = this.#queued[step.connection as 0 | 1];
    const same = this.#isSame(step, expected, actual, queued);
    if (expected.equals(QUEUED)) queued.push(step);
    else if (['EXEC', 'DISCARD', 'RESET'].includes(step.name)) queued.length = 0;
    return same ? null : { step: index, name: step.name, expected: latin1(expected), actual: latin1(actual) };
  }

  /** Whether both servers answered the same, or what is meant to differ; `queued` are the commands that EXEC ran. */
  #isSame(step: CommandStep, expected: Buffer, actual: Buffer, queued: readonly CommandStep[]): boolean {
    const sameQueued: SameQueued = (place, left, right) => {
      const inner = queued[place];
      return inner === undefined ? left.equals(right) : this.#isSame(inner, left, right, []);
    };
    const isMeant = isAllowed(step, expected, actual);
    const same = isMeant || sameReply(step.check, expected, actual, sameQueued);
    if (isMeant || (same && (expected[0] === ERROR) !== (actual[0] === ERROR)))
      this.#sawMeantDifference = true;
    return same;
  }

  /** Lets a waiter send a command that may block, unless it is blocked already. */
  async #block(step: BlockStep, index: number): Promise<Difference[]> {
    if (this.#sides[0].waiters.isBusy(step.waiter)) return [];
    const [expected, actual] = await Promise.all(this.#sides.map((side) => side.waiters.send(step)));
    const found = this.#compareWaits(step, index, expected!, actual!);
    return [...found, ...(await this.#served(index))];
  }

  async #unblock(step: UnblockStep, index: number): Promise<Difference[]> {
    if (!this.#sides[0].waiters.isBusy(step.waiter)) return [];
    const [expected, actual] = (await Promise.all(
      this.#sides.map((side) => side.waiters.unblock(step.waiter, step.reason)),
    )) as [Buffer, Buffer];
    if (expected.equals(actual)) return this.#served(index);
    return [{ step: index, name: 'CLIENT UNBLOCK', expected: latin1(expected), actual: latin1(actual) }];
  }

  /** Compares which waiters were served by what happened last, and their replies. */
  async #served(index: number): Promise<Difference[]> {
    if (!this.#sides[0].waiters.anyBusy) return [];
    const [expected, actual] = (await Promise.all(this.#sides.map((side) => side.waiters.served()))) as [
      Awaited<ReturnType<Waiters['served']>>,
      Awaited<ReturnType<Waiters['served']>>,
    ];
    const found: Difference[] = [];
    for (const waiter of new Set([...expected.keys(), ...actual.keys()])) {
      const { step } = (expected.get(waiter) ?? actual.get(waiter))!;
      const replies = [expected, actual].map((side) => side.get(waiter)?.reply ?? null);
      if (step.name === 'XREAD' && replies[1] === null && isWithoutEntries(replies[0]!)) {
        await this.#sides[1].waiters.drop(waiter);
        continue;
      }
      found.push(...this.#compareWaits(step, index, replies[0]!, replies[1]!));
    }
    return found;
  }

  /** Compares the replies to a command that may block; null stands for a waiter that is blocked. */
  #compareWaits(
    step: BlockStep,
    index: number,
    expected: Buffer | null,
    actual: Buffer | null,
  ): Difference[] {
    if (expected === null && actual === null) return [];
    if (expected !== null) this.#observe(step.name, expected[0] === 0x2d);
    const check = step.inTransaction ? 'exec' : step.check;
    if (
      expected !== null &&
      actual !== null &&
      sameReply(check, expected, actual, (_, one, other) => sameReply(step.check, one, other, NOTHING_QUEUED))
    )
      return [];
    const shown = (reply: Buffer | null): string => (reply === null ? '(blocked)' : latin1(reply));
    return [{ step: index, name: step.name, expected: shown(expected), actual: shown(actual) }];
  }

  async #scan(step: ScanStep, index: number): Promise<Difference[]> {
    const [expected, actual] = await Promise.all(this.#sides.map((side) => scanUncounted(side, step)));
    const name = latin1(step.command[0]!);
    this.#observe(name, expected![0] === '-');
    return expected === actual ? [] : [{ step: index, name, expected: expected!, actual: actual! }];
  }

  async #compareState(sequence: Sequence): Promise<Difference[]> {
    const states = this.#sides.map((side) => snapshot(side.observer, sequence));
    const [expected, actual] = await Promise.all(states);
    return differencesOf('state: key', sequence.steps.length, expected!, actual!);
  }

  async #compareCounts(sequence: Sequence): Promise<Difference[]> {
    const counts = this.#sides.map(({ observer, lookups }) => statistics(observer, sequence, lookups));
    const [expected, actual] = await Promise.all(counts);
    return differencesOf('count:', sequence.steps.length, expected!, actual!);
  }
}

type Texts = ReadonlyMap<string, string>;

/** What differs between two maps, in an order of its own: a shrunk sequence must show the same. */
function differencesOf(what: string, step: number, expected: Texts, actual: Texts): Difference[] {
  const found: Difference[] = [];
  for (const key of [...new Set([...expected.keys(), ...actual.keys()])].sort()) {
    const [left, right] = [expected.get(key) ?? '(nothing)', actual.get(key) ?? '(nothing)'];
    if (left !== right) found.push({ step, name: `${what} ${key}`, expected: left, actual: right });
  }
  return found;
}

const NOTHING_QUEUED: SameQueued = () => false;

/** What 7.0 answers to XREAD when an entry came and went at once; since 7.2 such a client goes on waiting. */
function isWithoutEntries(reply: Buffer): boolean {
  return latin1(reply).endsWith('\r\n*0\r\n');
}

const QUEUED = Buffer.from('+QUEUED\r\n');

/** The steps from `at` that are sent together: up to a flush, a change of connection or a scan. */
function batchFrom(steps: readonly Step[], at: number): readonly Step[] {
  const first = steps[at]!;
  if (first.kind !== 'command') return [first];
  let end = at + 1;
  for (let last: Step = first; !last.flush && end < steps.length; end++) {
    const next = steps[end]!;
    if (next.kind !== 'command' || next.connection !== first.connection) break;
    last = next;
  }
  return steps.slice(at, end);
}
