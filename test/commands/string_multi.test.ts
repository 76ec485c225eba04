import { describe, expect, it } from 'vitest';
import {
  Announcements,
  engineOf,
  NOT_AN_INTEGER,
  PROTOCOLS,
  putList,
  runLines,
  SYNTAX,
} from './string_support.ts';

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('reads many keys, null for those that hold no string', () => {
    const engine = engineOf(resp3);
    putList(engine, 'l');
    expect(runLines(engine, "MSET a 1 b two c ''", 'MGET a none b l c a', 'MGET none')).toEqual([
      'OK',
      ['1', null, 'two', null, '', '1'],
      [null],
    ]);
  });

  it('stores many keys, the last value of one given twice', () => {
    const engine = engineOf(resp3);
    putList(engine, 'l');
    expect(runLines(engine, 'SET a old EX 50', 'MSET a 1 b 2 a 3 l 4', 'MGET a b l', 'TTL a')).toEqual([
      'OK',
      'OK',
      ['3', '2', '4'],
      -1,
    ]);
    expect(
      runLines(engine, 'MSETNX x 1 a 2', 'EXISTS x', 'MSETNX x 1 y 2 x 3', 'MGET x y', 'MSETNX l 1'),
    ).toEqual([0, 0, 1, ['3', '2'], 0]);
    expect(runLines(engine, 'MSET a', 'MSET a 1 b', 'MSETNX a 1 b')).toEqual([
      "-ERR wrong number of arguments for 'mset' command",
      "-ERR wrong number of arguments for 'mset' command",
      "-ERR wrong number of arguments for 'msetnx' command",
    ]);
    engine.verify();
  });

  it('stores many keys on one condition with one expiry', () => {
    const engine = engineOf(resp3);
    expect(runLines(engine, 'MSETEX 2 a 1 b 2 EX 100', 'MGET a b', 'TTL a', 'TTL b')).toEqual([
      1,
      ['1', '2'],
      100,
      100,
    ]);
    expect(
      runLines(
        engine,
        'MSETEX 2 a x new y NX',
        'EXISTS new',
        'MSETEX 2 a x new y XX',
        'MSETEX 2 a 3 b 4 XX KEEPTTL',
        'MGET a b',
        'TTL a',
      ),
    ).toEqual([0, 0, 0, 1, ['3', '4'], 100]);
    expect(
      runLines(
        engine,
        'MSETEX 2 c 1 d 2 PX 5000 NX',
        'TTL d',
        'MSETEX 1 a 9',
        'TTL a',
        'MSETEX 2 k ex nx xx',
        'MGET k nx',
      ),
    ).toEqual([1, 5, 1, -1, 1, ['ex', 'xx']]);
  });
});

describe('MSETEX', () => {
  it('refuses what makes no sense, and then stores nothing', () => {
    const engine = engineOf(false);
    for (const count of ['0', '-1', 'a', '2147483648', "''", '1.0']) {
      expect([count, ...runLines(engine, `MSETEX ${count} a 1`)]).toEqual([
        count,
        '-ERR invalid numkeys value',
      ]);
    }
    const pairs = '-ERR wrong number of key-value pairs';
    expect(runLines(engine, 'MSETEX 2 a 1', 'MSETEX 2 a 1 b', 'MSETEX 2147483647 a 1')).toEqual([
      pairs,
      pairs,
      pairs,
    ]);
    for (const options of [
      'NX XX',
      'FOO',
      'EX',
      'EX 1 PX 1',
      'EX 1 KEEPTTL',
      'PERSIST',
      'GET',
      'IFEQ a',
      'b 2',
    ]) {
      expect([options, ...runLines(engine, `MSETEX 1 a 1 ${options}`)]).toEqual([options, `-${SYNTAX}`]);
    }
    expect(runLines(engine, 'MSETEX 1 a 1 EX 0', 'MSETEX 1 a 1 EX x', 'EXISTS a')).toEqual([
      "-ERR invalid expire time in 'msetex' command",
      `-${NOT_AN_INTEGER}`,
      0,
    ]);
  });
});

describe('announcements', () => {
  it('come once for each key', () => {
    const engine = engineOf(false);
    const heard = new Announcements(engine);
    const expected: [string, string][] = [
      ['MSET a 1 b 2 a 3', 'new:a set:a new:b set:b set:a +3'],
      ['MSETNX a 1 c 2', '+0'],
      ['MSETNX c 1 d 2', 'new:c set:c new:d set:d +2'],
      ['MSETEX 2 a 1 e 2 EX 5', 'set:a expire:a new:e set:e expire:e +2'],
      ['MSETEX 2 a 1 e 2 NX', '+0'],
      ['MSETEX 2 a 1 e 2 KEEPTTL', 'set:a set:e +2'],
      ['MGET a b', '+0'],
    ];
    for (const [line, events] of expected) expect([line, heard.of(line)]).toEqual([line, events]);
  });
});
