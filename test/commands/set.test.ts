import { describe, expect, it } from 'vitest';
import { seededRandom } from '../support/seed.ts';
import { CASES, ENCODINGS, encodingOf, engineFor, kindOf, members, sorted } from './set_support.ts';
import {
  Announcements,
  engineOf,
  NOT_AN_INTEGER,
  plain,
  runLines,
  SYNTAX,
  WRONG_TYPE,
} from './string_support.ts';

describe.each(CASES)('%s', (_, encoding, resp3) => {
  it('adds, finds, counts and removes members', () => {
    const engine = engineFor(encoding, resp3);
    const names = members(encoding, 0, 50);
    const other = encoding.member(50);
    expect(engine.run(['SADD', 's', ...names])).toBe(50);
    expect(engine.run(['SADD', 's', names[3]!, other, other])).toBe(1);
    expect(encodingOf(engine, 's')).toBe(encoding.name);
    expect(engine.line('SCARD s')).toBe(51);
    expect(engine.run(['SISMEMBER', 's', names[7]!])).toBe(1);
    expect(engine.line('SISMEMBER s none')).toBe(0);
    expect(engine.run(['SMISMEMBER', 's', names[7]!, 'none', other])).toEqual([1, 0, 1]);
    expect(sorted(engine, 'SMEMBERS', 's')).toEqual([...names, other].sort());
    expect(engine.run(['SREM', 's', names[0]!, 'none', names[1]!, names[0]!])).toBe(2);
    expect(sorted(engine, 'SMEMBERS', 's')).toEqual([...names.slice(2), other].sort());
    expect(engine.run(['SREM', 's', ...names, other, 'none'])).toBe(49);
    expect(runLines(engine, 'EXISTS s', 'SCARD s', 'SMEMBERS s')).toEqual([0, 0, []]);
    engine.verify();
  });

  it('takes a key that is not there for an empty set, and no other type', () => {
    const engine = engineFor(encoding, resp3);
    expect(
      runLines(
        engine,
        'SREM n a',
        'SCARD n',
        'SISMEMBER n a',
        'SMISMEMBER n a b',
        'SMEMBERS n',
        'SMOVE n m a',
      ),
    ).toEqual([0, 0, 0, [0, 0], [], 0]);
    expect(runLines(engine, 'SSCAN n 0', 'EXISTS n m')).toEqual([['0', []], 0]);
    runLines(engine, 'SET str x');
    const lines = [
      'SADD str a',
      'SREM str a',
      'SCARD str',
      'SISMEMBER str a',
      'SMISMEMBER str a',
      'SMEMBERS str',
    ];
    for (const line of [...lines, 'SSCAN str 0', 'SMOVE str n a']) {
      expect(runLines(engine, line)).toEqual([`-${WRONG_TYPE}`]);
    }
  });

  it('replies with sets as sets', () => {
    const engine = engineFor(encoding, resp3);
    engine.run(['SADD', 's', ...members(encoding, 0, 5)]);
    const kind = resp3 ? '~' : '*';
    expect([kindOf(engine, 'SMEMBERS', 's'), kindOf(engine, 'SMEMBERS', 'n')]).toEqual([kind, kind]);
    expect([kindOf(engine, 'SMISMEMBER', 's', '1'), kindOf(engine, 'SSCAN', 's', '0')]).toEqual(['*', '*']);
    expect(kindOf(engine, 'SISMEMBER', 's', '1')).toBe(':');
  });

  it('moves a member', () => {
    const engine = engineFor(encoding, resp3);
    const [a, b, c] = members(encoding, 0, 3) as [string, string, string];
    engine.run(['SADD', 'from', a, b]);
    engine.run(['SADD', 'to', b]);
    expect([engine.run(['SMOVE', 'from', 'to', c]), engine.run(['SMOVE', 'from', 'from', a])]).toEqual([
      0, 1,
    ]);
    expect(engine.run(['SMOVE', 'from', 'from', c])).toBe(0);
    expect([engine.run(['SMOVE', 'from', 'to', b]), engine.run(['SMOVE', 'from', 'to', a])]).toEqual([1, 1]);
    expect([sorted(engine, 'SMEMBERS', 'to'), engine.line('EXISTS from')]).toEqual([[a, b].sort(), 0]);
    expect([engine.run(['SMOVE', 'to', 'new', a]), sorted(engine, 'SMEMBERS', 'new')]).toEqual([1, [a]]);
    runLines(engine, 'SET str x');
    expect(runLines(engine, `SMOVE to str ${b}`, `SMOVE none str ${b}`)).toEqual([`-${WRONG_TYPE}`, 0]);
    engine.verify();
  });

  it('scans every member', () => {
    const engine = engineFor(encoding, resp3);
    const names = members(encoding, 0, 100);
    engine.run(['SADD', 's', ...names]);
    const found = new Set<string>();
    let cursor = '0';
    do {
      const [next, some] = engine.run(['SSCAN', 's', cursor, 'COUNT', '7']) as [string, string[]];
      for (const name of some) found.add(name);
      cursor = next;
    } while (cursor !== '0');
    expect([...found].sort()).toEqual([...names].sort());
    const [end, matching] = engine.run(['SSCAN', 's', '0', 'COUNT', '1000', 'MATCH', '*1']) as [
      string,
      string[],
    ];
    expect([end, matching.sort()]).toEqual(['0', names.filter((name) => name.endsWith('1')).sort()]);
    expect(
      runLines(
        engine,
        'SSCAN s x',
        'SSCAN s 0 TYPE set',
        'SSCAN s 0 COUNT 0',
        'SSCAN s 0 COUNT x',
        'SSCAN s 0 MATCH',
      ),
    ).toEqual(['-ERR invalid cursor', `-${SYNTAX}`, `-${SYNTAX}`, `-${NOT_AN_INTEGER}`, `-${SYNTAX}`]);
    expect(runLines(engine, 'SET str x', 'SSCAN str x', 'SSCAN n 0 what')).toEqual([
      'OK',
      '-ERR invalid cursor',
      ['0', []],
    ]);
  });

  it('survives copying, renaming, moving and expiry', () => {
    const engine = engineFor(encoding, resp3);
    const names = members(encoding, 0, 60).sort();
    engine.run(['SADD', 's', ...names]);
    expect(runLines(engine, 'COPY s copy', 'RENAME s t', 'MOVE t 3', 'TYPE copy', 'SELECT 3')).toEqual([
      1,
      'OK',
      1,
      'set',
      'OK',
    ]);
    engine.run(['SREM', 't', names[0]!]);
    expect(sorted(engine, 'SMEMBERS', 't')).toEqual(names.slice(1));
    runLines(engine, 'PEXPIRE t 100', 'SELECT 0');
    expect(sorted(engine, 'SMEMBERS', 'copy')).toEqual(names);
    engine.verify();
    engine.clock.advance(101);
    expect(runLines(engine, 'SELECT 3', 'SCARD t', 'FLUSHALL')).toEqual(['OK', 0, 'OK']);
    engine.verify();
  });
});

it('announces each change once and counts members', () => {
  const engine = engineOf(false);
  const heard = new Announcements(engine);
  expect(heard.of('SADD s a b c')).toBe('new:s sadd:s +3');
  expect(heard.of('SADD s a')).toBe('+0');
  expect(heard.of('SREM s a x')).toBe('srem:s +1');
  expect(heard.of('SMOVE s t b')).toBe('srem:s new:t sadd:t +2');
  expect(heard.of('SMOVE s t c')).toBe('srem:s del:s sadd:t +2');
  expect(heard.of('SMOVE t t c')).toBe('+0');
  expect(heard.of('SREM t b c')).toBe('srem:t del:t +2');
});

it('chooses the encoding as Redis 7.2 does', () => {
  const engine = engineOf(false);
  const put = (key: string, ...names: string[]): unknown => {
    engine.run(['SADD', key, ...names]);
    return encodingOf(engine, key);
  };
  const integers = Array.from({ length: 513 }, (_, i) => String(i));
  expect(put('i', ...integers.slice(0, 512))).toBe('intset');
  expect(put('i', '600')).toBe('hashtable');
  expect(put('j', ...integers)).toBe('hashtable');
  expect(put('k', '1', 'a')).toBe('listpack');
  expect(put('k', 'x'.repeat(64))).toBe('listpack');
  expect(put('k', 'x'.repeat(65))).toBe('hashtable');
  expect(put('l', 'x'.repeat(65))).toBe('hashtable');
  expect(put('m', ...integers.slice(0, 127).map((name) => `a${name}`))).toBe('listpack');
  expect([put('m', 'one'), put('m', 'more')]).toEqual(['listpack', 'hashtable']);
  expect(put('n', ...integers.slice(0, 129).map((name) => `a${name}`))).toBe('hashtable');
  expect([put('o', ...integers.slice(0, 127)), put('o', 'a')]).toEqual(['intset', 'listpack']);
  expect([put('p', ...integers.slice(0, 128)), put('p', 'a')]).toEqual(['intset', 'hashtable']);
  engine.line('CONFIG SET set-max-intset-entries 0');
  expect(put('q', '1')).toBe('listpack');
  engine.line('CONFIG SET set-max-listpack-entries 0');
  expect(put('r', '1')).toBe('hashtable');
  engine.verify();
});

it('keeps all 64 bits of integers', () => {
  const engine = engineOf(false);
  const numbers = ['9223372036854775807', '-9223372036854775808', '9007199254740993', '0', '-1'];
  engine.run(['SADD', 's', ...numbers]);
  expect([encodingOf(engine, 's'), sorted(engine, 'SMEMBERS', 's')]).toEqual(['intset', [...numbers].sort()]);
  expect(engine.run(['SMISMEMBER', 's', ...numbers, '9007199254740992', '-0', '00'])).toEqual([
    1, 1, 1, 1, 1, 0, 0, 0,
  ]);
  expect(engine.line('SADD s 9223372036854775808')).toBe(1);
  expect(encodingOf(engine, 's')).toBe('listpack');
});

it('sends a large set through a small ring', () => {
  const engine = engineOf(true, { outBytes: 65536 });
  const names = Array.from({ length: 20_000 }, (_, i) => `member:${i}`);
  for (let i = 0; i < names.length; i += 1000) engine.run(['SADD', 's', ...names.slice(i, i + 1000)]);
  expect(sorted(engine, 'SMEMBERS', 's')).toEqual([...names].sort());
  runLines(engine, 'DEL s');
  engine.verify();
});

it('follows a model under random commands', () => {
  const random = seededRandom('set commands');
  for (const encoding of ENCODINGS) {
    const engine = engineFor(encoding, false);
    const model = new Map<string, Set<string>>();
    for (let step = 0; step < 1500; step++) {
      const key = `k${random.below(3)}`;
      const set = model.get(key) ?? new Set();
      const names = Array.from({ length: 1 + random.below(4) }, () => encoding.member(random.below(40)));
      if (random.below(2) === 0) {
        const added = new Set(names.filter((name) => !set.has(name)));
        expect(engine.run(['SADD', key, ...names])).toBe(added.size);
        model.set(key, new Set([...set, ...added]));
      } else if (random.below(5) === 0) {
        const popped = plain(engine.run(['SPOP', key, '3'])) as string[];
        expect(popped.length).toBe(Math.min(3, set.size));
        for (const name of popped) expect(set.delete(name)).toBe(true);
      } else {
        const removed = new Set(names.filter((name) => set.delete(name)));
        expect(engine.run(['SREM', key, ...names])).toBe(removed.size);
      }
      const now = model.get(key) ?? new Set();
      expect(engine.run(['EXISTS', key])).toBe(now.size === 0 ? 0 : 1);
      if (step % 50 === 0) expect(sorted(engine, 'SMEMBERS', key)).toEqual([...now].sort());
    }
    engine.verify();
    runLines(engine, 'FLUSHALL');
    engine.verify();
  }
});
