// Commands that the reference does not have yet, tested against what they must mean in terms of those it has. A rule
// makes random data, runs the new command, and works out the same from older commands or by hand.
import { type Address, type Argument, type Reply, ReplyError, RespClient } from '../support/resp.ts';
import type { Random } from './random.ts';
import { drawString, FLOATS, INTEGERS } from './values.ts';

const ROUNDS = 200;
const SMALL_BYTES = 600;
const LONG_SECONDS = 100_000;

/** What a rule works with: calls to the server, and values that often meet each other. */
class Bench {
  readonly random: Random;
  readonly #client: RespClient;

  constructor(client: RespClient, random: Random) {
    this.#client = client;
    this.random = random;
  }

  call(...args: Argument[]): Promise<Reply> {
    return this.#client.call(...args);
  }

  /** A value of moderate size, as latin1 text. */
  value(): string {
    for (;;) {
      const bytes = drawString(this.random);
      if (bytes.length <= SMALL_BYTES) return bytes.toString('latin1');
    }
  }

  /** `value` itself, or another one. */
  guess(value: string | null): string {
    return value !== null && this.random.chance(0.5) ? value : this.value();
  }

  /** Stores a random value in `key`, or deletes it; returns what it holds. */
  async fill(key: string): Promise<string | null> {
    await this.call('DEL', key);
    if (this.random.chance(0.2)) return null;
    const value = this.value();
    await this.call('SET', key, value);
    return value;
  }

  async get(key: string): Promise<string | null> {
    return (await this.call('GET', key)) as string | null;
  }
}

/** Throws with both sides when they are not the same. */
function same(what: string, actual: unknown, expected: unknown): void {
  const [left, right] = [actual, expected].map((side) => JSON.stringify(side) ?? 'undefined');
  if (left !== right) throw new Error(`${what}: ${left} instead of ${right}`);
}

async function digests(bench: Bench): Promise<void> {
  const [left, right] = [await bench.fill('a'), await bench.fill('b')];
  const [one, other] = [await bench.call('DIGEST', 'a'), await bench.call('DIGEST', 'b')];
  same('digests are equal when values are', one === other, left === right);
  if (left === null) return same('DIGEST of nothing', one, null);
  same('DIGEST has 16 hexadecimal digits', /^[0-9a-f]{16}$/.test(String(one)), true);
  await bench.call('COPY', 'a', 'b', 'REPLACE');
  same('DIGEST of a copy', await bench.call('DIGEST', 'b'), one);
}

const CONDITIONS = ['IFEQ', 'IFNE', 'IFDEQ', 'IFDNE'] as const;

/** A random condition on `key`, which holds `value`, and whether it holds; no value makes only the negated ones true. */
async function condition(bench: Bench, value: string | null): Promise<{ words: string[]; holds: boolean }> {
  const name = bench.random.pick(CONDITIONS);
  const guess = bench.guess(value);
  const equal = value !== null && guess === value;
  const holds = name === 'IFEQ' || name === 'IFDEQ' ? equal : !equal;
  if (!name.startsWith('IFD')) return { words: [name, guess], holds };
  await bench.call('SET', 'guess', guess);
  return { words: [name, String(await bench.call('DIGEST', 'guess'))], holds };
}

async function conditionalDelete(bench: Bench): Promise<void> {
  const value = await bench.fill('k');
  const { words, holds } = await condition(bench, value);
  const deletes = value !== null && holds;
  same(`DELEX ${words.join(' ')}`, await bench.call('DELEX', 'k', ...words), deletes ? 1 : 0);
  same('what DELEX leaves', await bench.get('k'), deletes ? null : value);
}

async function deleteIfEqual(bench: Bench): Promise<void> {
  const value = await bench.fill('k');
  const guess = bench.guess(value);
  same('DELIFEQ', await bench.call('DELIFEQ', 'k', guess), Number(value !== null && guess === value));
  same('what DELIFEQ leaves', await bench.get('k'), guess === value ? null : value);
}

async function conditionalSet(bench: Bench): Promise<void> {
  const value = await bench.fill('k');
  const { words, holds } = await condition(bench, value);
  const next = bench.value();
  same(`SET ${words.join(' ')}`, await bench.call('SET', 'k', next, ...words), holds ? 'OK' : null);
  same('what SET leaves', await bench.get('k'), holds ? next : value);
}

async function setMany(bench: Bench): Promise<void> {
  const keys = ['k1', 'k2', 'k3'].slice(0, bench.random.between(1, 3));
  const before: (string | null)[] = [];
  for (const key of keys) before.push(await bench.fill(key));
  const values = keys.map(() => bench.value());
  const mode = bench.random.pick(['', 'NX', 'XX']);
  const time = bench.random.chance(0.5) ? ['EX', String(LONG_SECONDS)] : [];
  const pairs = keys.flatMap((key, i) => [key, values[i]!]);
  const stores = before.every((value) => mode === '' || (mode === 'XX') === (value !== null));
  const reply = await bench.call('MSETEX', keys.length, ...pairs, ...(mode === '' ? [] : [mode]), ...time);
  same(`MSETEX ${mode}`, reply, Number(stores));
  for (const [i, key] of keys.entries()) {
    same('what MSETEX leaves', await bench.get(key), stores ? values[i] : before[i]);
    const ttl = Number(await bench.call('TTL', key));
    if (stores) same('time to live after MSETEX', Math.abs(ttl - LONG_SECONDS) < 60, time.length > 0);
  }
}

async function increments(bench: Bench): Promise<void> {
  const [kind, command, list] = bench.random.pick([
    ['BYINT', 'INCRBY', INTEGERS],
    ['BYFLOAT', 'INCRBYFLOAT', FLOATS],
  ] as const);
  const [start, step] = [bench.random.pick(list), bench.random.pick(list)];
  await bench.call('MSET', 'k', start, 'model', start);
  const expected = await bench.call(command, 'model', step);
  const reply = await bench.call('INCREX', 'k', kind, step);
  // What no number type can hold is an error of the older commands; INCREX treats it as crossing a bound.
  const overflows = expected instanceof ReplyError && /overflow|Infinity/.test(expected.text);
  const fails = [reply, expected].map((side) => side instanceof ReplyError);
  if (!overflows) same(`INCREX ${kind} ${step} of ${start} fails`, fails[0], fails[1]);
  same('what INCREX leaves', await bench.get('k'), await bench.get('model'));
  if (Array.isArray(reply) && !overflows)
    same('value that INCREX answers', String(reply[0]), String(expected));
}

/** BITOP's newer operations, bit by bit: which bits of the result are set, from the number of sources that have them. */
const BIT_RULES: Record<string, (first: boolean, others: number) => boolean> = {
  DIFF: (first, others) => first && others === 0,
  DIFF1: (first, others) => !first && others > 0,
  ANDOR: (first, others) => first && others > 0,
  ONE: (first, others) => Number(first) + others === 1,
};

async function bitOperations(bench: Bench): Promise<void> {
  const operation = bench.random.pick(Object.keys(BIT_RULES));
  const keys = ['k1', 'k2', 'k3', 'k4'].slice(0, bench.random.between(2, 4));
  const values: Buffer[] = [];
  for (const key of keys) values.push(Buffer.from((await bench.fill(key)) ?? '', 'latin1'));
  const result = Buffer.alloc(Math.max(...values.map(({ length }) => length)));
  const bit = (bytes: Buffer, i: number): boolean => (((bytes[i >> 3] ?? 0) >> (i & 7)) & 1) === 1;
  for (let i = 0; i < result.length * 8; i++) {
    const others = values.slice(1).filter((bytes) => bit(bytes, i)).length;
    if (BIT_RULES[operation]!(bit(values[0]!, i), others)) result[i >> 3]! |= 1 << (i & 7);
  }
  same(`BITOP ${operation}`, await bench.call('BITOP', operation, 'to', ...keys), result.length);
  same(
    `result of BITOP ${operation}`,
    await bench.get('to'),
    result.length === 0 ? null : result.toString('latin1'),
  );
}

async function clientInfo(bench: Bench): Promise<void> {
  const [name, version] = [`lib${bench.random.below(1000)}`, `1.${bench.random.below(1000)}`];
  same('CLIENT SETINFO', await bench.call('CLIENT', 'SETINFO', 'LIB-NAME', name), 'OK');
  same('CLIENT SETINFO', await bench.call('CLIENT', 'SETINFO', 'lib-ver', version), 'OK');
  const info = String(await bench.call('CLIENT', 'INFO'));
  same('CLIENT INFO', info.includes(`lib-name=${name} lib-ver=${version}`), true);
  same('CLIENT NO-TOUCH', await bench.call('CLIENT', 'NO-TOUCH', bench.random.pick(['ON', 'off'])), 'OK');
}

const RULES = {
  digests,
  conditionalDelete,
  deleteIfEqual,
  conditionalSet,
  setMany,
  increments,
  bitOperations,
  clientInfo,
};

export const RULE_COUNT = Object.keys(RULES).length;

/** The rules that the server breaks, with what it did. */
export async function brokenRules(target: Address, random: Random): Promise<string[]> {
  const broken: string[] = [];
  for (const [name, rule] of Object.entries(RULES)) {
    const client = await RespClient.connect(target);
    try {
      await client.call('FLUSHALL');
      for (let round = 0; round < ROUNDS; round++) await rule(new Bench(client, random));
    } catch (error) {
      broken.push(`${name}: ${(error as Error).message}`);
    } finally {
      client.close();
    }
  }
  return broken;
}
