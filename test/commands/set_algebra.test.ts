import { describe, expect, it } from 'vitest';
import { seededRandom } from '../support/seed.ts';
import { CASES, ENCODINGS, encodingOf, engineFor, kindOf, members, sorted } from './set_support.ts';
import { Announcements, engineOf, runLines, SYNTAX, WRONG_TYPE } from './string_support.ts';

const NUMKEYS = '-ERR numkeys should be greater than 0';
const FEW_KEYS = "-ERR Number of keys can't be greater than number of args";
const LIMIT = "-ERR LIMIT can't be negative";

describe.each(CASES)('%s', (_, encoding, resp3) => {
  it('intersects, unites and subtracts', () => {
    const engine = engineFor(encoding, resp3);
    const names = members(encoding, 0, 60);
    engine.run(['SADD', 'a', ...names.slice(0, 40)]);
    engine.run(['SADD', 'b', ...names.slice(20)]);
    engine.run(['SADD', 'c', ...names.slice(30, 35)]);
    const part = (from: number, end: number): string[] => names.slice(from, end).sort();
    expect(sorted(engine, 'SINTER', 'a', 'b')).toEqual(part(20, 40));
    expect(sorted(engine, 'SINTER', 'a', 'b', 'c')).toEqual(part(30, 35));
    expect(sorted(engine, 'SINTER', 'a')).toEqual(part(0, 40));
    expect(sorted(engine, 'SINTER', 'a', 'a')).toEqual(part(0, 40));
    expect(sorted(engine, 'SUNION', 'a', 'b', 'c', 'none')).toEqual(part(0, 60));
    expect(sorted(engine, 'SUNION', 'none', 'a', 'a')).toEqual(part(0, 40));
    expect(sorted(engine, 'SDIFF', 'a', 'b')).toEqual(part(0, 20));
    expect(sorted(engine, 'SDIFF', 'a', 'none', 'c')).toEqual([...part(0, 30), ...part(35, 40)].sort());
    // So many sets to subtract that copying and removing is less work than looking up.
    const many = Array.from({ length: 20 }, () => 'c');
    expect(sorted(engine, 'SDIFF', 'b', ...many)).toEqual([...part(20, 30), ...part(35, 60)].sort());
    expect(
      runLines(engine, 'SINTER a none', 'SDIFF a a', 'SDIFF none a', 'SUNION none', 'SDIFF c a'),
    ).toEqual([[], [], [], [], []]);
    engine.verify();
  });

  it('counts', () => {
    const engine = engineFor(encoding, resp3);
    const names = members(encoding, 0, 60);
    engine.run(['SADD', 'a', ...names.slice(0, 40)]);
    engine.run(['SADD', 'b', ...names.slice(20)]);
    engine.run(['SADD', 'c', ...names.slice(30, 35)]);
    expect(
      runLines(
        engine,
        'SINTERCARD 2 a b',
        'SINTERCARD 2 a b LIMIT 7',
        'SINTERCARD 2 a b LIMIT 0',
        'SINTERCARD 2 a b limit 5 limit 100',
        'SINTERCARD 1 a LIMIT 3',
        'SINTERCARD 2 a none',
      ),
    ).toEqual([20, 7, 20, 20, 3, 0]);
    expect(
      runLines(
        engine,
        'SUNIONCARD 3 a b none',
        'SUNIONCARD 2 a b LIMIT 50',
        'SUNIONCARD 1 a LIMIT 9',
        'SUNIONCARD 2 a b APPROX LIMIT 0',
        'SUNIONCARD 1 none',
      ),
    ).toEqual([60, 50, 9, 60, 0]);
    expect(
      runLines(
        engine,
        'SDIFFCARD 2 a b',
        'SDIFFCARD 2 a b LIMIT 3',
        'SDIFFCARD 2 a a',
        'SDIFFCARD 2 none a',
        'SDIFFCARD 9 b c c c c c c c c LIMIT 34',
      ),
    ).toEqual([20, 3, 0, 0, 34]);
    engine.verify();
  });

  it('stores results, over sources and other types too', () => {
    const engine = engineFor(encoding, resp3);
    const names = members(encoding, 0, 30);
    engine.run(['SADD', 'a', ...names.slice(0, 20)]);
    engine.run(['SADD', 'b', ...names.slice(10)]);
    const part = (from: number, end: number): string[] => names.slice(from, end).sort();
    expect(runLines(engine, 'SINTERSTORE d a b', 'SUNIONSTORE e a b', 'SDIFFSTORE f a b')).toEqual([
      10, 30, 10,
    ]);
    expect(sorted(engine, 'SMEMBERS', 'd')).toEqual(part(10, 20));
    expect(sorted(engine, 'SMEMBERS', 'e')).toEqual(part(0, 30));
    expect(sorted(engine, 'SMEMBERS', 'f')).toEqual(part(0, 10));
    expect(runLines(engine, 'SET str x PX 5000', 'SUNIONSTORE str a', 'PTTL str')).toEqual(['OK', 20, -1]);
    expect(runLines(engine, 'PEXPIRE a 5000', 'SUNIONSTORE a a b', 'PTTL a', 'SCARD a')).toEqual([
      1, 30, -1, 30,
    ]);
    expect(runLines(engine, 'SDIFFSTORE a a b', 'SINTERSTORE b b a', 'EXISTS a b')).toEqual([10, 0, 1]);
    expect(
      runLines(engine, 'SDIFFSTORE a a a', 'SUNIONSTORE e none', 'EXISTS a e', 'SINTERSTORE x none'),
    ).toEqual([0, 0, 0, 0]);
    engine.verify();
    engine.line('FLUSHALL');
    engine.verify();
  });

  it('replies with sets as sets', () => {
    const engine = engineFor(encoding, resp3);
    engine.run(['SADD', 'a', ...members(encoding, 0, 5)]);
    engine.run(['SADD', 'b', ...members(encoding, 3, 5)]);
    const kinds = ['SINTER', 'SUNION', 'SDIFF'].flatMap((name) => [
      kindOf(engine, name, 'a', 'b'),
      kindOf(engine, name, 'none'),
    ]);
    expect(new Set(kinds)).toEqual(new Set([resp3 ? '~' : '*']));
  });
});

it('refuses other types and wrong words', () => {
  const engine = engineOf(false);
  runLines(engine, 'SADD a 1 2', 'SET str x');
  const lines = ['SINTER none str', 'SINTER a str', 'SUNION none str', 'SDIFF none str', 'SDIFF str none'];
  const counting = ['SINTERCARD 2 none str', 'SUNIONCARD 2 none str', 'SDIFFCARD 2 none str'];
  for (const line of [
    ...lines,
    ...counting,
    'SINTERSTORE d none str',
    'SUNIONSTORE d str',
    'SDIFFSTORE d a str',
  ])
    expect(runLines(engine, line)).toEqual([`-${WRONG_TYPE}`]);
  for (const name of ['SINTERCARD', 'SUNIONCARD', 'SDIFFCARD']) {
    const ends = [
      '0 a',
      'x a',
      '9223372036854775808 a',
      '2 a',
      '1 a LIMIT',
      '1 a LIMIT -1',
      '1 a LIMIT x',
      '1 a what',
    ];
    expect(runLines(engine, ...ends.map((end) => `${name} ${end}`))).toEqual([
      NUMKEYS,
      NUMKEYS,
      NUMKEYS,
      FEW_KEYS,
      `-${SYNTAX}`,
      LIMIT,
      LIMIT,
      `-${SYNTAX}`,
    ]);
  }
  expect(runLines(engine, 'SINTERCARD 1 a APPROX', 'EXISTS d')).toEqual([`-${SYNTAX}`, 0]);
});

it('gives stored results the encodings of Redis 7.2', () => {
  const engine = engineOf(false);
  const numbers = (from: number, count: number): string[] =>
    Array.from({ length: count }, (_, i) => String(from + i));
  engine.run(['SADD', 'ints', ...numbers(0, 300)]);
  engine.run(['SADD', 'more', ...numbers(200, 300)]);
  engine.run(['SADD', 'texts', ...numbers(0, 50), 'a', 'b']);
  engine.run(['SADD', 'table', ...numbers(0, 400), 'a']);
  const stored = (line: string): unknown => {
    runLines(engine, line);
    return encodingOf(engine, 'd');
  };
  expect(stored('SINTERSTORE d ints more')).toBe('intset');
  expect(stored('SINTERSTORE d texts ints')).toBe('intset');
  expect(stored('SINTERSTORE d texts table')).toBe('listpack');
  expect(stored('SINTERSTORE d table ints')).toBe('intset');
  expect(stored('SINTERSTORE d table')).toBe('hashtable');
  expect(stored('SUNIONSTORE d ints more')).toBe('intset');
  expect(stored('SUNIONSTORE d ints table')).toBe('hashtable');
  expect(stored('SUNIONSTORE d texts')).toBe('listpack');
  expect(stored('SDIFFSTORE d ints more')).toBe('intset');
  expect(stored('SDIFFSTORE d texts ints')).toBe('listpack');
  expect(stored('SDIFFSTORE d table texts')).toBe('intset');
  engine.verify();
});

it('announces what was stored or deleted, once', () => {
  const engine = engineOf(false);
  runLines(engine, 'SADD a 1 2 3', 'SADD b 2 3 4');
  const heard = new Announcements(engine);
  expect(heard.of('SINTERSTORE d a b')).toBe('new:d sinterstore:d +1');
  expect(heard.of('SUNIONSTORE d a b')).toBe('sunionstore:d +1');
  expect(heard.of('SDIFFSTORE d a b')).toBe('sdiffstore:d +1');
  expect(heard.of('SDIFFSTORE d a a')).toBe('del:d +1');
  expect(heard.of('SUNIONSTORE d none')).toBe('+0');
  expect(heard.of('SINTER a b')).toBe('+0');
});

it('frees a large result that is replaced in slices', () => {
  const engine = engineFor(ENCODINGS[2]!, false);
  const names = Array.from({ length: 10_000 }, (_, i) => `member:${i}`);
  for (let i = 0; i < names.length; i += 1000) engine.run(['SADD', 'a', ...names.slice(i, i + 1000)]);
  engine.run(['SADD', 'b', 'x']);
  expect(runLines(engine, 'SUNIONSTORE d a b', 'SUNIONSTORE d b', 'SCARD d')).toEqual([10_001, 1, 1]);
  const { lazyfree } = engine.server.keyspace;
  expect(lazyfree.slice(-1)).toBe(true);
  while (lazyfree.slice(1));
  engine.line('FLUSHALL');
  while (lazyfree.slice(1));
  engine.verify();
});

it('follows a model over sets of all encodings', () => {
  const random = seededRandom('set algebra commands');
  const engine = engineOf(false, {
    config: { 'set-max-intset-entries': '20', 'set-max-listpack-entries': '40' },
  });
  const sets = new Map<string, Set<string>>();
  const nameOf = (): string => `k${random.below(6)}`;
  for (let step = 0; step < 600; step++) {
    const key = nameOf();
    engine.run(['DEL', key]);
    sets.delete(key);
    const count = [5, 30, 70][random.below(3)]!;
    const integers = random.below(2) === 0;
    const names = Array.from(
      { length: random.below(count) },
      () => `${integers ? '' : 'x'}${random.below(count)}`,
    );
    if (names.length > 0) {
      engine.run(['SADD', key, ...names, '7']);
      sets.set(key, new Set([...names, '7']));
    }
    const keys = Array.from({ length: 1 + random.below(5) }, nameOf);
    const given = keys.map((name) => sets.get(name) ?? new Set<string>());
    const [first, ...others] = given as [Set<string>, ...Set<string>[]];
    const expected: Record<string, string[]> = {
      SINTER: [...first].filter((name) => others.every((set) => set.has(name))),
      SUNION: [...new Set(given.flatMap((set) => [...set]))],
      SDIFF: [...first].filter((name) => !others.some((set) => set.has(name))),
    };
    for (const [command, found] of Object.entries(expected)) {
      found.sort();
      expect(sorted(engine, command, ...keys), `${command} ${keys}`).toEqual(found);
      expect(engine.run([`${command}CARD`, String(keys.length), ...keys])).toBe(found.length);
      expect(engine.run([`${command}STORE`, 'd', ...keys])).toBe(found.length);
      expect(sorted(engine, 'SMEMBERS', 'd')).toEqual(found);
    }
    if (step % 100 === 0) engine.verify();
  }
  engine.line('FLUSHALL');
  engine.verify();
});
