// Runs one sequence against the reference and the server under test, in lockstep, and compares every reply, then what
// the sequence left in the databases.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { type Address, decodeReply, encodeCommand, RespClient } from '../support/resp.ts';
import { isAllowed } from './allowed.ts';
import { type Check, elementsOf, sameReply } from './check.ts';
import { DEFAULTS } from './grammar/server.ts';
import { inlineText } from './print.ts';
import type { CommandStep, ScanStep, Sequence, Step } from './steps.ts';

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

const DATABASES = [0, 1, 15];
const REPLY_TIMEOUT_MS = 20_000;
const CUT_BYTES = 7;
const SLOWLOG = 'slowlog-log-slower-than';
const CUTS = 40;

const latin1 = (bytes: Buffer): string => bytes.toString('latin1');

/** One of the two servers and our connections to it. */
class Side {
  readonly address: Address;
  readonly clients: RespClient[] = [];
  observer!: RespClient;

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
    for (const protocol of sequence.protocols) {
      const client = await RespClient.connect(this.address);
      this.clients.push(client);
      if (protocol === 3) await client.call('HELLO', 3);
    }
  }

  close(): void {
    for (const client of this.clients.splice(0)) client.close();
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

/** All keys of a full iteration, sorted and without repetitions, or the reply that ended it. */
async function scanAll(client: RespClient, step: ScanStep): Promise<string> {
  await client.call('SELECT', step.database);
  // The number of calls depends on the order of the keys, so they must not show in the slow log.
  const threshold = (await client.call('CONFIG', 'GET', SLOWLOG)) as string[];
  await client.call('CONFIG', 'SET', SLOWLOG, -1);
  const keys = new Set<string>();
  let cursor = '0';
  do {
    const reply = await client.raw('SCAN', cursor, ...step.options);
    const parts = elementsOf(reply);
    if (parts?.length !== 2) return latin1(reply);
    cursor = String(decodeReply(parts[0]!));
    for (const key of elementsOf(parts[1]!) ?? []) keys.add(latin1(key));
  } while (cursor !== '0');
  await client.call('CONFIG', 'SET', SLOWLOG, threshold[1]!);
  return [...keys].sort().join('');
}

/** A text of everything the databases hold: keys, types, encodings, values and, where they are exact, expiry times. */
async function snapshot(client: RespClient, exactTimes: boolean): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const database of DATABASES) {
    await client.call('SELECT', database);
    const keys = (elementsOf(await client.raw('KEYS', '*')) ?? []).map((raw) => String(decodeReply(raw)));
    for (const key of keys) {
      const asked = [
        ['TYPE', key],
        ['OBJECT', 'ENCODING', key],
        ['GET', key],
        ['PEXPIRETIME', key],
      ];
      client.write(Buffer.concat(asked.map(encodeCommand)));
      const [type, encoding, value, time] = (await client.take(asked.length)).map(latin1);
      const expiry = exactTimes || time === ':-1\r\n' ? time : 'some time';
      found.set(`${database} ${JSON.stringify(key)}`, [type, encoding, value, expiry].join(' '));
    }
  }
  return found;
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
  #queued: [Check[], Check[]] = [[], []];

  constructor(reference: Address, target: Address, observe: Observer = () => {}) {
    this.#sides = [new Side(reference), new Side(target)];
    this.#observe = observe;
  }

  /** Runs a sequence on empty databases; its differences, in order. Stops where the two cannot be compared any more. */
  async run(sequence: Sequence, stop: (difference: Difference) => boolean): Promise<Difference[]> {
    this.#queued = [[], []];
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
      differences.push(...(await this.#compareState(sequence)));
      return differences;
    } finally {
      for (const side of this.#sides) side.close();
    }
  }

  async #batch(batch: readonly Step[], at: number): Promise<Difference[]> {
    const first = batch[0]!;
    if (first.kind === 'scan') return this.#scan(first, at);
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
    const same = sameReply(step.check, expected, actual, queued) || isAllowed(step, expected, actual);
    if (expected.equals(QUEUED)) queued.push(step.check);
    else if (['EXEC', 'DISCARD', 'RESET'].includes(step.name)) queued.length = 0;
    return same ? null : { step: index, name: step.name, expected: latin1(expected), actual: latin1(actual) };
  }

  async #scan(step: ScanStep, index: number): Promise<Difference[]> {
    const [expected, actual] = await Promise.all(this.#sides.map((side) => scanAll(side.observer, step)));
    this.#observe('SCAN', false);
    return expected === actual ? [] : [{ step: index, name: 'SCAN', expected: expected!, actual: actual! }];
  }

  async #compareState(sequence: Sequence): Promise<Difference[]> {
    const states = this.#sides.map((side) => snapshot(side.observer, sequence.exactTimes));
    const [expected, actual] = (await Promise.all(states)) as [Map<string, string>, Map<string, string>];
    const step = sequence.steps.length;
    for (const key of new Set([...expected.keys(), ...actual.keys()])) {
      const [left, right] = [expected.get(key) ?? '(no such key)', actual.get(key) ?? '(no such key)'];
      if (left !== right) return [{ step, name: `state: key ${key}`, expected: left, actual: right }];
    }
    return [];
  }
}

const QUEUED = Buffer.from('+QUEUED\r\n');

/** The steps from `at` that are sent together: up to a flush, a change of connection or a scan. */
function batchFrom(steps: readonly Step[], at: number): readonly Step[] {
  const first = steps[at]!;
  if (first.kind === 'scan') return [first];
  let end = at + 1;
  for (let last: Step = first; !last.flush && end < steps.length; end++) {
    const next = steps[end]!;
    if (next.kind === 'scan' || next.connection !== first.connection) break;
    last = next;
  }
  return steps.slice(at, end);
}
