import { describe, expect, it } from 'vitest';
import { formatDouble } from '../../src/base/double.ts';
import type { Random } from '../../src/base/random.ts';
import { seededRandom } from '../support/seed.ts';
import { engineOf, plain } from './string_support.ts';
import { type Pair, SortedSetModel } from './zset_model.ts';
import { checkSortedSet } from './zset_support.ts';

const KEYS = ['a', 'b', 'c'];
const STEPS = 6000;

/** Small numbers of members make listpacks come and go; many make trees of several levels. */
const CASES = [
  { name: 'small', entries: 8, bytes: 6, members: 24 },
  { name: 'middle', entries: 40, bytes: 6, members: 150 },
  { name: 'large', entries: 128, bytes: 64, members: 6000 },
];

class Game {
  readonly random: Random;
  readonly model: SortedSetModel;
  readonly #members: number;

  constructor(random: Random, members: number, model: SortedSetModel) {
    this.random = random;
    this.model = model;
    this.#members = members;
  }

  key(): string {
    return KEYS[this.random.below(KEYS.length)]!;
  }

  member(): string {
    const number = this.random.below(this.#members);
    return number % 7 === 0 ? `member:${number}` : String(number);
  }

  score(): number {
    const roll = this.random.below(100);
    if (roll === 0) return this.random.below(2) === 0 ? Infinity : -Infinity;
    return roll < 60 ? this.random.below(12) - 4 : this.random.below(1000) / 8;
  }

  pairs(): Pair[] {
    const count = 1 + this.random.below(this.random.below(8) === 0 ? 40 : 4);
    const pairs = new Map<string, number>();
    while (pairs.size < count && pairs.size < this.#members / 4) pairs.set(this.member(), this.score());
    return [...pairs];
  }

  /** The words of a command, and what it must answer. */
  step(): [words: string[], expected: unknown] {
    const steps = [this.#add, this.#add, this.#change, this.#read, this.#range, this.#drop, this.#combine];
    return steps[this.random.below(steps.length)]!.call(this);
  }

  #add(): [string[], unknown] {
    const key = this.key();
    const option = ['', '', 'NX', 'XX', 'CH', 'GT', 'LT'][this.random.below(7)]!;
    const pairs = this.pairs();
    const words = ['ZADD', key, ...(option === '' ? [] : [option])];
    for (const [member, score] of pairs) words.push(formatDouble(score), member);
    return [words, this.model.add(key, option, pairs)];
  }

  #change(): [string[], unknown] {
    const key = this.key();
    if (this.random.below(2) === 0) {
      const members = this.pairs().map(([member]) => member);
      return [['ZREM', key, ...members], this.model.remove(key, members)];
    }
    const member = this.member();
    const by = this.random.below(21) - 10;
    return [['ZINCRBY', key, String(by), member], formatDouble(this.model.increment(key, member, by))];
  }

  #read(): [string[], unknown] {
    const key = this.key();
    const member = this.member();
    const roll = this.random.below(5);
    if (roll === 0) {
      const score = this.model.keys.get(key)?.scores.get(member);
      return [['ZSCORE', key, member], score === undefined ? null : formatDouble(score)];
    }
    if (roll === 1) return [['ZRANK', key, member], this.model.rank(key, member, false)];
    if (roll === 2) return [['ZREVRANK', key, member], this.model.rank(key, member, true)];
    if (roll === 3) return [['OBJECT', 'ENCODING', key], this.model.encoding(key)];
    return [['ZCARD', key], this.model.pairs(key).length];
  }

  #range(): [string[], unknown] {
    const key = this.key();
    const reverse = this.random.below(2) === 0;
    if (this.random.below(2) === 0) {
      const first = this.random.below(60) - 30;
      const last = this.random.below(60) - 30;
      const words = [reverse ? 'ZREVRANGE' : 'ZRANGE', key, String(first), String(last), 'WITHSCORES'];
      return [words, flat(this.model.byRank(key, first, last, reverse))];
    }
    const [min, max, found] = this.#bounds(key);
    if (this.random.below(3) === 0) return [['ZCOUNT', key, min, max], found.length];
    const offset = this.random.below(4);
    const limit = this.random.below(10) - 1;
    const bounds = reverse ? [max, min] : [min, max];
    const words = ['ZRANGE', key, ...bounds, 'BYSCORE', ...(reverse ? ['REV'] : []), 'WITHSCORES'];
    const ordered = reverse ? [...found].reverse() : found;
    const part = ordered.slice(offset, limit < 0 ? undefined : offset + limit);
    return [[...words, 'LIMIT', String(offset), String(limit)], flat(part)];
  }

  #bounds(key: string): [min: string, max: string, found: Pair[]] {
    const [min, max] = [this.score(), this.score()];
    const [minOpen, maxOpen] = [this.random.below(2) === 0, this.random.below(2) === 0];
    const text = (score: number, open: boolean): string => (open ? '(' : '') + formatDouble(score);
    return [text(min, minOpen), text(max, maxOpen), this.model.byScore(key, min, minOpen, max, maxOpen)];
  }

  #drop(): [string[], unknown] {
    const key = this.key();
    const roll = this.random.below(4);
    if (roll < 2) {
      const count = this.random.below(6);
      const words = [roll === 0 ? 'ZPOPMIN' : 'ZPOPMAX', key, String(count)];
      return [words, flat(this.model.pop(key, count, roll === 1))];
    }
    if (roll === 2) {
      const first = this.random.below(40) - 20;
      const last = first + this.random.below(5);
      const found = this.model.byRank(key, first, last, false);
      return [['ZREMRANGEBYRANK', key, String(first), String(last)], this.#without(key, found)];
    }
    const [min, max, found] = this.#bounds(key);
    // Large ranges would leave too little.
    if (found.length > 60) return [['ZCOUNT', key, min, max], found.length];
    return [['ZREMRANGEBYSCORE', key, min, max], this.#without(key, found)];
  }

  #without(key: string, found: readonly Pair[]): number {
    return this.model.remove(
      key,
      found.map(([member]) => member),
    );
  }

  #combine(): [string[], unknown] {
    const operation = ['ZUNION', 'ZINTER', 'ZDIFF'][this.random.below(3)]!;
    const sources = Array.from({ length: 1 + this.random.below(3) }, () => this.key());
    const weights = sources.map(() => (operation === 'ZDIFF' ? 1 : [-1, 1, 2, 3][this.random.below(4)]!));
    const aggregate = operation === 'ZDIFF' ? 'SUM' : ['SUM', 'MIN', 'MAX'][this.random.below(3)]!;
    const options = operation === 'ZDIFF' ? [] : ['WEIGHTS', ...weights.map(String), 'AGGREGATE', aggregate];
    const result = this.model.combine(operation, sources, weights, aggregate);
    const words = [String(sources.length), ...sources, ...options];
    if (this.random.below(3) > 0) return [[operation, ...words, 'WITHSCORES'], flat(result)];
    const target = this.key();
    return [[`${operation}STORE`, target, ...words], this.model.store(target, result)];
  }
}

function flat(pairs: readonly Pair[]): string[] {
  return pairs.flatMap(([member, score]) => [member, formatDouble(score)]);
}

/** A reply as text. Whether a zero keeps its sign depends on the encoding. */
function textOf(reply: unknown): string {
  return JSON.stringify(reply).replaceAll('"-0"', '"0"');
}

describe.each(CASES)('random commands on sorted sets, $name', ({ name, entries, bytes, members }) => {
  it('answer as a plain model does', () => {
    const config = { 'zset-max-listpack-entries': String(entries), 'zset-max-listpack-value': String(bytes) };
    const engine = engineOf(false, { config });
    const random = seededRandom(`sorted sets, ${name}`);
    const game = new Game(random, members, new SortedSetModel({ entries, bytes }));
    for (let step = 0; step < STEPS; step++) {
      const [words, expected] = game.step();
      const reply = plain(engine.run(words));
      if (textOf(reply) !== textOf(expected)) {
        expect([step, words, reply]).toEqual([step, words, expected]);
      }
      if (step % 200 === 0) for (const key of KEYS) checkSortedSet(engine, key);
    }
    for (const key of KEYS) {
      checkSortedSet(engine, key);
      const all = plain(engine.line(`ZRANGE ${key} 0 -1 WITHSCORES`));
      expect(textOf(all)).toBe(textOf(flat(game.model.pairs(key))));
      expect(engine.line(`OBJECT ENCODING ${key}`)).toBe(game.model.encoding(key));
    }
    engine.line('FLUSHALL');
    engine.verify();
  });
});
