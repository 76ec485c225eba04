// Random commands on hashes against a Map, over both protocols, through all encodings, while fields expire.
import { describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import type { Engine } from '../support/engine.ts';
import { seededRandom } from '../support/seed.ts';
import { verifyHashes } from './hash_support.ts';
import { engineOf, PROTOCOLS, plain } from './string_support.ts';

const STEPS = 2000;
/** Far more than it takes, even where other programs keep the machine busy. */
const LIMIT_MS = 120_000;
const KEYS = ['a', 'b', 'c'];

interface Field {
  value: string;
  /** 0: none. */
  expiryMs: number;
}

/** What hashes are: fields with values and perhaps an expiry. A hash without fields is none. */
class Model {
  readonly #hashes = new Map<string, Map<string, Field>>();
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get nowMs(): number {
    return this.#engine.clock.nowMs();
  }

  /** The live fields of a hash. */
  live(key: string): Map<string, Field> {
    const fields = this.#hashes.get(key) ?? new Map<string, Field>();
    for (const [name, { expiryMs }] of fields)
      if (expiryMs !== 0 && expiryMs < this.nowMs) fields.delete(name);
    this.#hashes.set(key, fields);
    return fields;
  }

  set(key: string, name: string, value: string, keepsExpiry = false): number {
    const fields = this.live(key);
    const old = fields.get(name);
    fields.set(name, { value, expiryMs: keepsExpiry && old !== undefined ? old.expiryMs : 0 });
    return old === undefined ? 1 : 0;
  }

  expire(key: string, name: string, expiryMs: number): number {
    const field = this.live(key).get(name);
    if (field === undefined) return -2;
    if (expiryMs > this.nowMs) {
      field.expiryMs = expiryMs;
      return 1;
    }
    this.live(key).delete(name);
    return 2;
  }

  rename(from: string, to: string): void {
    this.#hashes.set(to, new Map(this.live(from)));
    this.#hashes.delete(from);
  }
}

type Step = [args: string[], expected: unknown];

class Maker {
  readonly #random: Random;
  readonly #model: Model;
  /** How many names fields may have, and how long values may be. */
  readonly #names: number;
  readonly #valueBytes: number;

  constructor(random: Random, model: Model, names: number, valueBytes: number) {
    this.#random = random;
    this.#model = model;
    this.#names = names;
    this.#valueBytes = valueBytes;
  }

  next(): Step {
    const makers = [
      this.#set,
      this.#set,
      this.#get,
      this.#remove,
      this.#add,
      this.#expire,
      this.#look,
      this.#rare,
    ];
    return makers[this.#random.below(makers.length)]!.call(this);
  }

  #key(): string {
    return KEYS[this.#random.below(KEYS.length)]!;
  }

  #name(): string {
    const n = this.#random.below(this.#names);
    return n % 3 === 0 ? String(n * 1000) : `field ${n}`;
  }

  #value(): string {
    const kind = this.#random.below(3);
    if (kind === 0) return String(this.#random.below(2 ** 32) - 2 ** 31);
    return 'x'.repeat(this.#random.below(this.#valueBytes));
  }

  #set(): Step {
    const key = this.#key();
    const pairs = Array.from(
      { length: 1 + this.#random.below(3) },
      () => [this.#name(), this.#value()] as const,
    );
    if (this.#random.below(8) === 0) {
      const [name, value] = pairs[0]!;
      const expiryMs = this.#model.nowMs + 1 + this.#random.below(3000);
      this.#model.set(key, name, value);
      this.#model.expire(key, name, expiryMs);
      return [['HSETEX', key, 'PXAT', String(expiryMs), 'FIELDS', '1', name, value], 1];
    }
    const created = pairs.reduce((sum, [name, value]) => sum + this.#model.set(key, name, value), 0);
    return [['HSET', key, ...pairs.flat()], created];
  }

  #get(): Step {
    const key = this.#key();
    const names = Array.from({ length: 1 + this.#random.below(4) }, () => this.#name());
    const fields = this.#model.live(key);
    return [['HMGET', key, ...names], names.map((name) => fields.get(name)?.value ?? null)];
  }

  #remove(): Step {
    const key = this.#key();
    const names = Array.from({ length: 1 + this.#random.below(6) }, () => this.#name());
    const fields = this.#model.live(key);
    const values = names.map((name) => {
      const value = fields.get(name)?.value ?? null;
      fields.delete(name);
      return value;
    });
    return [['HGETDEL', key, 'FIELDS', String(names.length), ...names], values];
  }

  #add(): Step {
    const key = this.#key();
    const name = this.#name();
    const by = this.#random.below(1000) - 500;
    const old = this.#model.live(key).get(name)?.value ?? '0';
    const args = ['HINCRBY', key, name, String(by)];
    if (!/^(0|-?[1-9]\d*)$/.test(old)) return [args, '-ERR hash value is not an integer'];
    this.#model.set(key, name, String(Number(old) + by), true);
    return [args, Number(old) + by];
  }

  #expire(): Step {
    const key = this.#key();
    const names = Array.from({ length: 1 + this.#random.below(3) }, () => this.#name());
    const expiryMs = this.#model.nowMs + this.#random.below(3000) - 100;
    const replies = names.map((name) => this.#model.expire(key, name, expiryMs));
    return [['HPEXPIREAT', key, String(expiryMs), 'FIELDS', String(names.length), ...names], replies];
  }

  #look(): Step {
    const key = this.#key();
    const names = Array.from({ length: 1 + this.#random.below(3) }, () => this.#name());
    const fields = this.#model.live(key);
    const replies = names.map((name) => {
      const field = fields.get(name);
      return field === undefined ? -2 : field.expiryMs || -1;
    });
    return [['HPEXPIRETIME', key, 'FIELDS', String(names.length), ...names], replies];
  }

  #rare(): Step {
    const key = this.#key();
    const fields = this.#model.live(key);
    const choice = this.#random.below(12);
    if (choice === 0 && fields.size > 0) {
      const to = KEYS.find((other) => other !== key)!;
      this.#model.rename(key, to);
      return [['RENAME', key, to], 'OK'];
    }
    if (choice === 1) {
      const existed = fields.size > 0 ? 1 : 0;
      fields.clear();
      return [['DEL', key], existed];
    }
    const name = this.#name();
    return [['HGET', key, name], fields.get(name)?.value ?? null];
  }
}

/** The pairs of a hash, sorted, as HGETALL and a whole HSCAN return them. */
function pairsOf(engine: Engine, key: string): [string[], string[]] {
  const all = pairs(plain(engine.line(`HGETALL ${key}`)) as string[]);
  const scanned = new Set<string>();
  let cursor = '0';
  do {
    const [next, part] = plain(engine.line(`HSCAN ${key} ${cursor}`)) as [string, string[]];
    for (const pair of pairs(part)) scanned.add(pair);
    cursor = next;
  } while (cursor !== '0');
  return [all.sort(), [...scanned].sort()];
}

function pairs(flat: string[]): string[] {
  const found: string[] = [];
  for (let i = 0; i < flat.length; i += 2) found.push(`${flat[i]}=${flat[i + 1]}`);
  return found;
}

describe.each(PROTOCOLS)('hashes under random commands, %s', (protocol, resp3) => {
  it.each([
    ['small ones', 8, 40],
    ['ones that become tables', 30, 40],
    ['tables', 600, 90],
  ])(
    '%s',
    (name, names, valueBytes) => {
      const random = seededRandom(`${name}, ${protocol}`);
      const engine = engineOf(resp3, { config: { 'hash-max-listpack-entries': '16' } });
      const model = new Model(engine);
      const maker = new Maker(random, model, names, valueBytes);
      for (let step = 0; step < STEPS; step++) {
        const [args, expected] = maker.next();
        expect([step, args, plain(engine.run(args))]).toEqual([step, args, expected]);
        if (step % 7 === 0) engine.clock.advance(random.below(60));
        if (step % 40 === 0) engine.server.expiry.slice(-1);
        if (step % 400 !== 0) continue;
        for (const key of KEYS) {
          const wanted = [...model.live(key)].map(([field, { value }]) => `${field}=${value}`).sort();
          expect(pairsOf(engine, key)).toEqual([wanted, wanted]);
        }
        engine.server.expiry.slice(Number.POSITIVE_INFINITY);
        for (const key of KEYS) expect(engine.line(`HLEN ${key}`)).toBe(model.live(key).size);
        verifyHashes(engine, ...KEYS);
      }
      engine.line('FLUSHALL');
      while (engine.server.keyspace.lazyfree.slice(0));
      engine.verify();
    },
    LIMIT_MS,
  );
});
