// What clients have sent to a server, and what of that was answered: numbers, each of which goes somewhere in a way of its own.
import type { Random } from '../../src/base/random.ts';
import type { Reply } from '../support/resp.ts';

export type Words = readonly string[];
export type Ask = (...words: string[]) => Promise<Reply>;

const LONG_MS = '600000';
const SUMS = 20;

interface Kind {
  readonly write: (number: number) => Words[];
  /** The numbers that are there; NaN among them says that something is there by half. */
  readonly read: (ask: Ask) => Promise<number[]>;
}

const strings = async (ask: Ask, ...words: string[]): Promise<string[]> => (await ask(...words)) as string[];
const numbers = (texts: readonly string[]): number[] => texts.map(Number);

/** The numbers of keys `prefix:number` that `isWhole` accepts, and NaN for each that it does not. */
async function keys(
  ask: Ask,
  prefix: string,
  isWhole: (number: string) => Promise<boolean>,
): Promise<number[]> {
  const found: number[] = [];
  for (const key of await strings(ask, 'KEYS', `${prefix}:*`)) {
    const number = key.slice(prefix.length + 1);
    found.push((await isWhole(number)) ? Number(number) : Number.NaN);
  }
  return found;
}

const KINDS: Readonly<Record<string, Kind>> = {
  transaction: {
    write: (n) => [['MULTI'], ['RPUSH', 'list', `${n}`], ['SADD', 'set', `${n}`], ['EXEC']],
    read: async (ask) => {
      const list = numbers(await strings(ask, 'LRANGE', 'list', '0', '-1'));
      const set = new Set(numbers(await strings(ask, 'SMEMBERS', 'set')));
      const isWhole = set.size === list.length && list.every((one) => set.has(one));
      return isWhole ? list : [...list, Number.NaN];
    },
  },
  hash: {
    write: (n) => [['HSET', 'hash', `${n}`, `value ${n}`]],
    read: async (ask) => {
      const found = await strings(ask, 'HGETALL', 'hash');
      return found.flatMap((text, i) => {
        if (i % 2 === 1) return [];
        return found[i + 1] === `value ${text}` ? [Number(text)] : [Number.NaN];
      });
    },
  },
  field: {
    write: (n) => [
      ['MULTI'],
      ['HSET', 'fields', `${n}`, '1'],
      ['HPEXPIRE', 'fields', LONG_MS, 'FIELDS', '1', `${n}`],
      ['EXEC'],
    ],
    read: async (ask) => {
      const names = await strings(ask, 'HKEYS', 'fields');
      if (names.length === 0) return [];
      const left = (await ask('HPTTL', 'fields', 'FIELDS', String(names.length), ...names)) as number[];
      return names.map((name, i) => (left[i]! > 0 ? Number(name) : Number.NaN));
    },
  },
  sorted: {
    write: (n) => [['ZADD', 'sorted', `${n}`, `member ${n}`]],
    read: async (ask) =>
      numbers((await strings(ask, 'ZRANGE', 'sorted', '0', '-1')).map((name) => name.slice(7))),
  },
  stream: {
    write: (n) => [['XADD', 'stream', '*', 'n', `${n}`]],
    read: async (ask) => {
      const entries = (await ask('XRANGE', 'stream', '-', '+')) as [string, string[]][];
      return entries.map(([, fields]) => Number(fields[1]));
    },
  },
  strings: {
    write: (n) => [['MSET', `one:${n}`, `${n}`, `two:${n}`, `${n}`]],
    read: (ask) =>
      keys(
        ask,
        'one',
        async (n) => (await ask('GET', `one:${n}`)) === n && (await ask('GET', `two:${n}`)) === n,
      ),
  },
  volatile: {
    write: (n) => [['SET', `volatile:${n}`, `${n}`, 'PX', LONG_MS]],
    read: (ask) => keys(ask, 'volatile', async (n) => Number(await ask('PTTL', `volatile:${n}`)) > 0),
  },
  appended: {
    write: (n) => [['APPEND', 'text', `${n},`]],
    read: async (ask) =>
      numbers(
        String((await ask('GET', 'text')) ?? '')
          .split(',')
          .slice(0, -1),
      ),
  },
};

/** Kinds of which not just all that was answered is there. */
const OTHERS = ['queued', 'pooled', 'summed', 'passing'];

export class Ledger {
  answered = 0;
  readonly #random: Random;
  readonly #sent = new Map<string, Set<number>>();
  readonly #answered = new Map<string, Set<number>>();
  readonly #moved = new Set<number>();
  readonly #popped = new Set<number>();
  readonly #wrong: string[] = [];
  #next = 1;

  constructor(random: Random) {
    this.#random = random;
    for (const kind of [...Object.keys(KINDS), ...OTHERS]) {
      this.#sent.set(kind, new Set());
      this.#answered.set(kind, new Set());
    }
  }

  /** Commands that bring the next number somewhere, and what to call when all of them were answered. */
  next(): { commands: readonly Words[]; answered: () => void } {
    const number = this.#next++;
    const names = [...this.#sent.keys()];
    const name = names[this.#random.below(names.length)]!;
    this.#sent.get(name)!.add(number);
    const answered = (): void => {
      this.answered++;
      this.#answered.get(name)!.add(number);
    };
    return { commands: KINDS[name]?.write(number) ?? this.#other(name, `${number}`), answered };
  }

  #other(name: string, number: string): Words[] {
    if (name === 'queued') return [['LPUSH', 'source', number]];
    if (name === 'pooled') return [['SADD', 'pool', number]];
    if (name === 'summed') return [['INCRBYFLOAT', `sum:${Number(number) % SUMS}`, '0.5']];
    return [['SET', `passing:${number}`, number, 'PX', '1']];
  }

  complain(what: string): void {
    this.#wrong.push(what);
  }

  moved(number: string): void {
    this.#moved.add(Number(number));
  }

  popped(number: string): void {
    this.#popped.add(Number(number));
  }

  /** What is wrong with what is there. */
  async check(ask: Ask): Promise<string[]> {
    for (const [name, { read }] of Object.entries(KINDS)) this.#compare(name, await read(ask));
    await this.#checkQueue(ask);
    await this.#checkPool(ask);
    await this.#checkSums(ask);
    if ((await strings(ask, 'KEYS', 'passing:*')).length > 0)
      this.complain('something that expired is there');
    return this.#wrong;
  }

  /** All that was answered is there, once; what is there was sent. `gone`: what may be missing. */
  #compare(name: string, found: readonly number[], gone: ReadonlySet<number> = new Set(), unknown = 0): void {
    const there = new Set(found);
    if (there.has(Number.NaN)) this.complain(`${name}: something is there by half`);
    if (there.size !== found.length) this.complain(`${name}: something is there twice`);
    const lost = [...this.#answered.get(name)!].filter((one) => !there.has(one) && !gone.has(one));
    if (lost.length > unknown) this.complain(`${name}: ${lost.join(' ')} lost`);
    const sent = this.#sent.get(name)!;
    if (found.some((one) => !sent.has(one))) this.complain(`${name}: something was never sent`);
  }

  async #checkQueue(ask: Ask): Promise<void> {
    const waiting = numbers(await strings(ask, 'LRANGE', 'source', '0', '-1'));
    const moved = numbers(await strings(ask, 'LRANGE', 'moved', '0', '-1'));
    this.#compare('queued', [...waiting, ...moved]);
    const there = new Set(moved);
    if ([...this.#moved].some((one) => !there.has(one))) this.complain('queued: a move was lost');
  }

  async #checkPool(ask: Ask): Promise<void> {
    const there = numbers(await strings(ask, 'SMEMBERS', 'pool'));
    // The answer to the last SPOP may not have come.
    this.#compare('pooled', there, this.#popped, 1);
    if (there.some((one) => this.#popped.has(one))) this.complain('pooled: what was taken out is back');
  }

  async #checkSums(ask: Ask): Promise<void> {
    for (let sum = 0; sum < SUMS; sum++) {
      const count = (of: ReadonlyMap<string, ReadonlySet<number>>): number =>
        [...of.get('summed')!].filter((number) => number % SUMS === sum).length;
      const found = Number((await ask('GET', `sum:${sum}`)) ?? 0) * 2;
      if (found < count(this.#answered) || found > count(this.#sent))
        this.complain(`summed: ${found} of ${count(this.#answered)} to ${count(this.#sent)}`);
    }
  }
}
