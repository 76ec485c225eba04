// Random commands on lists against a plain model, over both protocols and through all forms of nodes.
import { describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import { TYPE_LIST } from '../../src/structs/entry.ts';
import type { Engine } from '../support/engine.ts';
import { seededRandom } from '../support/seed.ts';
import { ListModel } from './list_model.ts';
import { engineOf, PROTOCOLS, plain } from './string_support.ts';

const STEPS = 500;
/** Far more than it takes, even where other programs keep the machine busy. */
const LIMIT_MS = 120_000;
const KEYS = ['a', 'b', `long key ${'k'.repeat(300)}`];
/** list-max-listpack-size, list-compress-depth, DEBUG QUICKLIST-PACKED-THRESHOLD. */
const SETTINGS = [
  ['-2', '0', '0'],
  ['-1', '1', '0'],
  ['1', '2', '0'],
  ['4', '1', '30'],
  ['3', '0', '1'],
  ['128', '0', '100'],
] as const;

class Maker {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): string[] {
    const key = this.#pick(KEYS);
    const makers: (() => string[])[] = [
      () => [this.#pick(['LPUSH', 'RPUSH', 'LPUSHX', 'RPUSHX']), key, ...this.#elements()],
      () => [this.#pick(['LPUSH', 'RPUSH']), key, ...this.#elements()],
      () => [this.#pick(['LPOP', 'RPOP']), key],
      () => [this.#pick(['LPOP', 'RPOP']), key, String(this.#random.below(5))],
      () => ['LLEN', key],
      () => ['LINDEX', key, this.#index()],
      () => ['LSET', key, this.#index(), this.#element()],
      () => ['LINSERT', key, this.#pick(['BEFORE', 'AFTER']), this.#element(), this.#element()],
      () => ['LRANGE', key, this.#index(), this.#index()],
      () => ['LTRIM', key, String(this.#random.below(3)), String(-1 - this.#random.below(3))],
      () => ['LREM', key, String(this.#random.below(7) - 3), this.#element()],
      () => ['LPOS', key, this.#element(), ...this.#search()],
      () => ['LMOVE', key, this.#pick(KEYS), this.#end(), this.#end()],
      () => ['RPOPLPUSH', key, this.#pick(KEYS)],
      () => ['LMPOP', '2', key, this.#pick(KEYS), this.#end(), 'COUNT', String(1 + this.#random.below(4))],
      () => (this.#random.below(8) === 0 ? ['LTRIM', key, this.#index(), this.#index()] : ['LLEN', key]),
    ];
    return this.#pick(makers)();
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#random.below(from.length)]!;
  }

  #end(): string {
    return this.#pick(['LEFT', 'RIGHT']);
  }

  #index(): string {
    return String(this.#random.below(60) - 30);
  }

  #elements(): string[] {
    return Array.from({ length: 1 + this.#random.below(4) }, () => this.#element());
  }

  #element(): string {
    const kind = this.#random.below(10);
    if (kind < 5) return String(this.#random.below(12) - 4);
    if (kind < 6) return this.#pick(['', '9223372036854775807', '-9223372036854775808', '007', '4294967296']);
    if (kind < 7) return 'x'.repeat(this.#random.below(9000));
    return 'abcdefgh'.repeat(this.#random.below(14));
  }

  #search(): string[] {
    const options: string[] = [];
    if (this.#random.below(2) === 0) options.push('RANK', this.#pick(['1', '2', '-1', '-2']));
    if (this.#random.below(2) === 0) options.push('COUNT', String(this.#random.below(3)));
    if (this.#random.below(3) === 0) options.push('MAXLEN', String(this.#random.below(20)));
    return options;
  }
}

/** Checks every list, and what it is encoded as. */
function check(engine: Engine, model: ListModel): void {
  const { keyspace } = engine.server;
  engine.verify();
  expect(engine.server.keyspace.db(0).size).toBe(model.lists.size);
  for (const [key, list] of model.lists) {
    expect(plain(engine.run(['LRANGE', key, '0', '-1']))).toEqual(list);
    const name = Buffer.from(key);
    const ref = keyspace.db(0).find(name, 0, name.length, keyspace.hash.hash(name, 0, name.length));
    expect(keyspace.entries.type(ref)).toBe(TYPE_LIST);
    keyspace.lists.check(ref);
  }
}

describe.each(PROTOCOLS)('%s', (name, resp3) => {
  it.each(SETTINGS)(
    'lists do what arrays do, with nodes of %s, depth %s, plain nodes from %s',
    (...settings) => {
      const [size, depth, threshold] = settings;
      const random = seededRandom(`lists ${name} ${settings.join(' ')}`);
      const engine = engineOf(resp3, {
        config: { 'list-max-listpack-size': size, 'list-compress-depth': depth },
        outBytes: 1 << 17,
      });
      engine.line(`DEBUG QUICKLIST-PACKED-THRESHOLD ${threshold}`);
      const blocks = engine.server.arena.liveBlocks;
      const model = new ListModel();
      const maker = new Maker(random);
      for (let step = 0; step < STEPS; step++) {
        const command = maker.next();
        const expected = model.run(command[0]!, ...command.slice(1));
        expect([command, plain(engine.run(command))]).toEqual([command, expected]);
        if (step % 50 === 0) check(engine, model);
      }
      check(engine, model);
      engine.batch([['SET', 'last', 'x'], ['FLUSHALL']]);
      expect(engine.server.arena.liveBlocks).toBeLessThanOrEqual(blocks);
    },
    LIMIT_MS,
  );
});
