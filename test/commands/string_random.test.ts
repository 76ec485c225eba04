// Random commands against a plain model, over both protocols and through all encodings.
import { describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import { seededRandom } from '../support/seed.ts';
import { StringModel } from './string_model.ts';
import { engineOf, PROTOCOLS, plain } from './string_support.ts';

const STEPS = 2500;
/** Far more than it takes, even where other programs keep the machine busy. */
const LIMIT_MS = 120_000;
const KEYS = ['a', 'b', 'c', 'd', `long key ${'k'.repeat(300)}`];
const LENGTHS = [0, 1, 4, 19, 20, 21, 44, 45, 46, 200, 1000, 2040, 2048, 2049, 5000];
const INTEGERS = [
  '0',
  '-1',
  '7',
  '99999',
  '9007199254740991',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '01',
];

class Maker {
  readonly #random: Random;
  readonly #model: StringModel;

  constructor(random: Random, model: StringModel) {
    this.#random = random;
    this.#model = model;
  }

  /** A command and what the model answers to it. */
  next(): [args: (string | number)[], reply: unknown] {
    const makers = [
      this.#whole,
      this.#whole,
      this.#expiring,
      this.#number,
      this.#part,
      this.#many,
      this.#bit,
      this.#bits,
      this.#field,
      this.#look,
    ];
    return this.#pick(makers).call(this);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#random.below(from.length)]!;
  }

  #key(): string {
    return this.#pick(KEYS);
  }

  #text(): string {
    if (this.#random.below(3) === 0) return this.#pick(INTEGERS);
    const length = this.#random.below(3) === 0 ? this.#pick(LENGTHS) : this.#random.below(30);
    return Buffer.alloc(length, this.#random.below(256)).toString('latin1');
  }

  #index(): number {
    return this.#random.below(120) - 60;
  }

  #whole(): [(string | number)[], unknown] {
    const [model, key, text] = [this.#model, this.#key(), this.#text()];
    switch (this.#random.below(6)) {
      case 0:
        return [['GETDEL', key], model.take(key)];
      case 1:
        return [['GETSET', key, text], model.swap(key, text)];
      case 2:
        return [['SETNX', key, text], model.setWith(key, text, 'NX', false, null) === 'OK' ? 1 : 0];
      default:
        return [['SET', key, text], model.set(key, text)];
    }
  }

  #expiring(): [(string | number)[], unknown] {
    const [model, key, text] = [this.#model, this.#key(), this.#text()];
    const forMs = 1 + this.#random.below(200);
    const condition = this.#pick(['', '', 'NX', 'XX']);
    const words = [...(condition === '' ? [] : [condition]), ...(this.#random.below(3) === 0 ? ['GET'] : [])];
    switch (this.#random.below(5)) {
      case 0:
        return [['PSETEX', key, forMs, text], model.set(key, text, model.nowMs + forMs)];
      case 1:
        return [['GETEX', key, 'PX', forMs], model.expire(key, model.nowMs + forMs)];
      case 2:
        return [['GETEX', key, 'PERSIST'], model.expire(key, null)];
      case 3:
        return [
          ['SET', key, text, 'KEEPTTL', ...words],
          model.setWith(key, text, condition, words.includes('GET'), 'keep'),
        ];
      default:
        return [
          ['SET', key, text, ...words, 'PXAT', model.nowMs + forMs],
          model.setWith(key, text, condition, words.includes('GET'), model.nowMs + forMs),
        ];
    }
  }

  #number(): [(string | number)[], unknown] {
    const [model, key] = [this.#model, this.#key()];
    const by = this.#pick(INTEGERS.filter((text) => text !== '01' && text !== '9223372036854775808'));
    switch (this.#random.below(3)) {
      case 0:
        return [['INCR', key], model.add(key, 1n)];
      case 1:
        return [['DECR', key], model.add(key, -1n)];
      default:
        return [['INCRBY', key, by], model.add(key, BigInt(by))];
    }
  }

  #part(): [(string | number)[], unknown] {
    const [model, key, text] = [this.#model, this.#key(), this.#text()];
    const offset = this.#random.below(this.#random.below(4) === 0 ? 4000 : 60);
    const [start, end] = [this.#index(), this.#index()];
    switch (this.#random.below(3)) {
      case 0:
        return [['APPEND', key, text], model.append(key, text)];
      case 1:
        return [['SETRANGE', key, offset, text], model.setRange(key, offset, text)];
      default:
        return [['GETRANGE', key, start, end], model.getRange(key, start, end)];
    }
  }

  #many(): [(string | number)[], unknown] {
    const model = this.#model;
    const keys = Array.from({ length: 1 + this.#random.below(3) }, () => this.#key());
    const pairs = keys.map((key) => [key, this.#text()] as const);
    switch (this.#random.below(3)) {
      case 0:
        return [['MSET', ...pairs.flat()], model.setAll(pairs)];
      case 1: {
        const free = keys.every((key) => model.get(key) === null);
        if (free) model.setAll(pairs);
        return [['MSETNX', ...pairs.flat()], free ? 1 : 0];
      }
      default:
        return [['MGET', ...keys], keys.map((key) => model.get(key))];
    }
  }

  #bit(): [(string | number)[], unknown] {
    const [model, key] = [this.#model, this.#key()];
    const offset = this.#random.below(this.#random.below(4) === 0 ? 20_000 : 400);
    const bit = this.#pick(['0', '1']);
    if (this.#random.below(2) === 0) return [['GETBIT', key, offset], model.getBit(key, offset)];
    return [['SETBIT', key, offset, bit], model.setBit(key, offset, bit)];
  }

  #bits(): [(string | number)[], unknown] {
    const [model, key, unit] = [this.#model, this.#key(), this.#pick(['BIT', 'BYTE'])];
    const [start, end, bit] = [this.#index(), this.#index(), this.#pick(['0', '1'])];
    const operation = this.#pick(['AND', 'OR', 'XOR', 'ONE', 'NOT']);
    const count = operation === 'NOT' ? 1 : 1 + this.#random.below(3);
    const sources = Array.from({ length: count }, () => this.#key());
    switch (this.#random.below(3)) {
      case 0:
        return [['BITCOUNT', key, start, end, unit], model.bitCount(key, start, end, unit)];
      case 1:
        return [['BITPOS', key, bit, start, end, unit], model.bitPos(key, bit, start, end, unit)];
      default:
        return [['BITOP', operation, key, ...sources], model.bitOp(operation, key, sources)];
    }
  }

  #field(): [(string | number)[], unknown] {
    const signed = this.#random.below(2) === 0;
    const width = 1 + this.#random.below(signed ? 64 : 63);
    const [key, code, offset] = [this.#key(), this.#pick(['SET', 'INCRBY']), this.#random.below(300)];
    const operand = this.#pick([
      '0',
      '1',
      '-1',
      '255',
      '-128',
      '4294967296',
      '9223372036854775807',
      '-9223372036854775808',
    ]);
    return [
      ['BITFIELD', key, code, `${signed ? 'i' : 'u'}${width}`, offset, operand],
      this.#model.bitField(key, code, signed, width, offset, BigInt(operand)),
    ];
  }

  #look(): [(string | number)[], unknown] {
    const [model, key] = [this.#model, this.#key()];
    const stored = model.keys.get(key);
    switch (this.#random.below(5)) {
      case 0:
        return [['OBJECT', 'ENCODING', key], stored?.encoding ?? null];
      case 1:
        return [['PEXPIRETIME', key], stored === undefined ? -2 : (stored.expiryMs ?? -1)];
      case 2:
        return [['STRLEN', key], model.text(key).length];
      case 3:
        return [['DEL', key], model.delete(key)];
      default:
        return [['GET', key], model.get(key)];
    }
  }
}

/** A reply short enough to be shown. */
function brief(reply: unknown): string {
  const text =
    JSON.stringify(reply, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)) ?? '';
  return text.length <= 200
    ? text
    : `${text.slice(0, 200)}… (${text.length} characters, ${Buffer.from(text).toString('base64').slice(-20)})`;
}

describe.each(PROTOCOLS)('%s', (name, resp3) => {
  it('strings and bitmaps agree with the model', { timeout: LIMIT_MS }, () => {
    const random = seededRandom(`strings, ${name}`);
    const engine = engineOf(resp3);
    const model = new StringModel();
    model.nowMs = engine.clock.nowMs();
    const maker = new Maker(random, model);
    for (let step = 0; step < STEPS; step++) {
      if (random.below(10) === 0) engine.clock.advance(random.below(80));
      model.advanceTo(engine.clock.nowMs());
      const [args, wanted] = maker.next();
      const reply = plain(engine.run(args));
      if (brief(reply) !== brief(wanted)) {
        expect.fail(`step ${step}, ${brief(args)}: ${brief(reply)} instead of ${brief(wanted)}`);
      }
      if (step % 500 === 0) engine.verify();
    }
    for (const key of KEYS) expect(engine.run(['GET', key]) === model.get(key)).toBe(true);
    engine.verify();
    engine.run(['FLUSHALL']);
  });
});
