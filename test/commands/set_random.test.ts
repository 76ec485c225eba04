import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import {
  CASES,
  ENCODINGS,
  type Encoding,
  encodingOf,
  engineFor,
  kindOf,
  members,
  sorted,
} from './set_support.ts';
import { Announcements, NOT_AN_INTEGER, plain, runLines, SYNTAX, WRONG_TYPE } from './string_support.ts';

const NOT_POSITIVE = '-ERR value is out of range, must be positive';
const BEYOND_INT64 =
  '-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807';
const SEED = 20261122;
/** Chi-square of 40 members, 39 degrees of freedom, is larger once in a million times. */
const CHI_SQUARE_MAX = 93;
const SIZE = 40;

describe.each(CASES)('%s', (_, encoding, resp3) => {
  it('pops members until none is left', () => {
    const engine = engineFor(encoding, resp3);
    const names = members(encoding, 0, 30);
    engine.run(['SADD', 's', ...names]);
    const popped = names.map(() => engine.line('SPOP s') as string);
    expect(popped.sort()).toEqual([...names].sort());
    expect(runLines(engine, 'EXISTS s', 'SPOP s', 'SPOP s 2', 'SPOP s 0')).toEqual([0, null, [], []]);
    engine.verify();
  });

  it.each([1, 5, 20, 52, 53, 99, 100, 200])('pops %i of a hundred', (count) => {
    const engine = engineFor(encoding, resp3);
    const names = members(encoding, 0, 100);
    engine.run(['SADD', 's', ...names]);
    const popped = plain(engine.run(['SPOP', 's', String(count)])) as string[];
    expect(popped.length).toBe(Math.min(count, 100));
    const left = sorted(engine, 'SMEMBERS', 's');
    expect([...popped, ...left].sort()).toEqual([...names].sort());
    expect(engine.line('EXISTS s')).toBe(left.length === 0 ? 0 : 1);
    engine.verify();
    engine.line('FLUSHALL');
    engine.verify();
  });

  it.each([1, 5, 33, 34, 99, 100, 200])('shows %i of a hundred, each once', (count) => {
    const engine = engineFor(encoding, resp3);
    const names = new Set(members(encoding, 0, 100));
    engine.run(['SADD', 's', ...names]);
    const shown = plain(engine.run(['SRANDMEMBER', 's', String(count)])) as string[];
    expect([shown.length, new Set(shown).size]).toEqual([Math.min(count, 100), Math.min(count, 100)]);
    const again = plain(engine.run(['SRANDMEMBER', 's', String(-count)])) as string[];
    expect(again.length).toBe(count);
    for (const name of [...shown, ...again, engine.line('SRANDMEMBER s') as string]) {
      expect(names.has(name)).toBe(true);
    }
    expect(engine.line('SCARD s')).toBe(100);
  });

  it('replies with a set to SPOP and with an array to SRANDMEMBER', () => {
    const engine = engineFor(encoding, resp3);
    engine.run(['SADD', 's', ...members(encoding, 0, 10)]);
    const kinds = ['SPOP s 2', 'SPOP s 0', 'SPOP n 1', 'SPOP s 99'].map((line) =>
      kindOf(engine, ...line.split(' ')),
    );
    expect(new Set(kinds)).toEqual(new Set([resp3 ? '~' : '*']));
    engine.run(['SADD', 's', ...members(encoding, 0, 10)]);
    for (const line of [
      'SRANDMEMBER s 2',
      'SRANDMEMBER s -2',
      'SRANDMEMBER s 0',
      'SRANDMEMBER n 1',
      'SRANDMEMBER s 99',
    ])
      expect(kindOf(engine, ...line.split(' '))).toBe('*');
    expect([kindOf(engine, 'SPOP', 's'), kindOf(engine, 'SPOP', 'n')]).toEqual(['$', resp3 ? '_' : '$']);
  });
});

it('refuses what is no count', () => {
  const engine = engineFor(ENCODINGS[0]!, false);
  runLines(engine, 'SADD s 1 2 3', 'SET str x');
  expect(
    runLines(engine, 'SPOP s -1', 'SPOP s x', 'SPOP n x', 'SPOP s 1 2', 'SPOP str', 'SPOP str 0'),
  ).toEqual([NOT_POSITIVE, NOT_POSITIVE, NOT_POSITIVE, `-${SYNTAX}`, `-${WRONG_TYPE}`, `-${WRONG_TYPE}`]);
  expect(
    runLines(
      engine,
      'SRANDMEMBER s x',
      'SRANDMEMBER n x',
      'SRANDMEMBER s 1 2',
      'SRANDMEMBER str',
      'SRANDMEMBER str 1',
      'SRANDMEMBER s -9223372036854775808',
      'SRANDMEMBER s 9223372036854775808',
      'SRANDMEMBER n -9223372036854775807',
    ),
  ).toEqual([
    `-${NOT_AN_INTEGER}`,
    `-${NOT_AN_INTEGER}`,
    `-${SYNTAX}`,
    `-${WRONG_TYPE}`,
    `-${WRONG_TYPE}`,
    BEYOND_INT64,
    `-${NOT_AN_INTEGER}`,
    [],
  ]);
  expect((engine.line('SRANDMEMBER s 9223372036854775807') as string[]).length).toBe(3);
});

it('refuses to repeat members without end', () => {
  const engine = engineFor(ENCODINGS[0]!, false);
  runLines(engine, 'SADD s a', 'HSET h f v', 'ZADD z 1 a');
  const refusal = '-ERR value is out of range, value must between -67108864 and 9223372036854775807';
  for (const count of ['-67108865', '-4000000000', '-9223372036854775807']) {
    expect(
      runLines(
        engine,
        `SRANDMEMBER s ${count}`,
        `HRANDFIELD h ${count}`,
        `ZRANDMEMBER z ${count}`,
        `SRANDMEMBER n ${count}`,
        `HRANDFIELD n ${count}`,
        `ZRANDMEMBER n ${count}`,
      ),
    ).toEqual([refusal, refusal, refusal, [], [], []]);
  }
  expect(runLines(engine, 'HRANDFIELD h -4000000000 WITHVALUES')).toEqual([refusal]);
  expect((engine.line('SRANDMEMBER s -100000') as string[]).length).toBe(100_000);
});

it('announces what was popped and counts it', () => {
  const engine = engineFor(ENCODINGS[0]!, false);
  engine.run(['SADD', 's', ...members(ENCODINGS[0]!, 0, 100)]);
  const heard = new Announcements(engine);
  expect(heard.of('SPOP s')).toBe('spop:s +1');
  expect(heard.of('SPOP s 9')).toBe('spop:s +9');
  expect(heard.of('SPOP s 85')).toBe('spop:s +85');
  expect(heard.of('SPOP s 0')).toBe('+0');
  expect(heard.of('SRANDMEMBER s 2')).toBe('+0');
  expect(heard.of('SPOP s 99')).toBe('spop:s del:s +5');
  expect(heard.of('SADD s 1')).toBe('new:s sadd:s +1');
  expect(heard.of('SPOP s')).toBe('spop:s del:s +1');
});

it('makes what is left of a large set small when most of it was popped', () => {
  const engine = engineFor(ENCODINGS[0]!, false);
  const names = Array.from({ length: 5000 }, (_, i) => `member:${i}`);
  engine.run(['SADD', 's', ...names]);
  expect(encodingOf(engine, 's')).toBe('hashtable');
  expect((engine.line('SPOP s 4900') as string[]).length).toBe(4900);
  expect([encodingOf(engine, 's'), engine.line('SCARD s')]).toEqual(['listpack', 100]);
  engine.verify();
});

describe.each(ENCODINGS.map((encoding) => [encoding.name, encoding] as const))('%s', (_, encoding) => {
  const draws: readonly (readonly [title: string, rounds: number, draw: (engine: Engine) => string[]])[] = [
    ['SRANDMEMBER', 8000, (engine) => [engine.line('SRANDMEMBER s') as string]],
    ['SRANDMEMBER of some', 800, (engine) => engine.line('SRANDMEMBER s 10') as string[]],
    ['SRANDMEMBER of most', 300, (engine) => engine.line('SRANDMEMBER s 30') as string[]],
    ['SRANDMEMBER with repetition', 80, (engine) => engine.line('SRANDMEMBER s -100') as string[]],
    ['SPOP', 3000, (engine) => popped(engine, 'SPOP s')],
    ['SPOP of some', 500, (engine) => popped(engine, 'SPOP s 8')],
    ['SPOP of most', 300, (engine) => popped(engine, 'SPOP s 36')],
  ];

  it.each(draws)('%s gives every member the same chance', (_title, rounds, draw) => {
    const engine = engineFor(encoding, false, { seed: SEED });
    engine.run(['SADD', 's', ...members(encoding, 0, SIZE)]);
    const counts = new Map(members(encoding, 0, SIZE).map((name) => [name, 0]));
    let drawn = 0;
    for (let round = 0; round < rounds; round++) {
      const names = draw(engine);
      drawn += names.length;
      for (const name of names) counts.set(name, counts.get(name)! + 1);
    }
    expect(chiSquare([...counts.values()], drawn / SIZE)).toBeLessThan(CHI_SQUARE_MAX);
  });

  it('draws every pair equally often', () => {
    const engine = engineFor(encoding, false, { seed: SEED });
    const names = members(encoding, 0, 7);
    engine.run(['SADD', 's', ...names]);
    const counts = new Map<string, number>();
    for (let round = 0; round < 4200; round++) {
      const pair = (engine.line('SRANDMEMBER s 2') as string[]).sort().join();
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    // 21 pairs, 20 degrees of freedom: larger once in a million times.
    expect(counts.size).toBe(21);
    expect(chiSquare([...counts.values()], 200)).toBeLessThan(64);
  });

  /** What a line pops; it is put back. */
  function popped(engine: Engine, line: string): string[] {
    const names = [plain(engine.line(line))].flat() as string[];
    engine.run(['SADD', 's', ...names]);
    return names;
  }
});

function chiSquare(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

it('draws evenly from a large table that has become sparse', () => {
  const encoding: Encoding = ENCODINGS[2]!;
  const engine = engineFor(encoding, false, { seed: SEED });
  const names = Array.from({ length: 30_000 }, (_, i) => `member:${i}`);
  for (let i = 0; i < names.length; i += 1000) engine.run(['SADD', 's', ...names.slice(i, i + 1000)]);
  for (let i = SIZE; i < names.length; i += 1000) engine.run(['SREM', 's', ...names.slice(i, i + 1000)]);
  const counts = new Map(names.slice(0, SIZE).map((name) => [name, 0]));
  for (let round = 0; round < 8000; round++) {
    const name = engine.line('SRANDMEMBER s') as string;
    counts.set(name, counts.get(name)! + 1);
  }
  expect(chiSquare([...counts.values()], 200)).toBeLessThan(CHI_SQUARE_MAX);
  engine.verify();
});
