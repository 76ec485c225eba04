import { describe, expect, it } from 'vitest';
import {
  Announcements,
  engineOf,
  NOT_AN_INTEGER,
  PROTOCOLS,
  putList,
  runLines,
  SYNTAX,
  WRONG_TYPE,
} from './string_support.ts';

const INVALID_OFFSET = '-ERR bit offset is not an integer or out of range';
const INVALID_BIT = '-ERR bit is not an integer or out of range';
const NOT_0_OR_1 = '-ERR The bit argument must be 1 or 0.';

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('sets and reads single bits, growing as needed', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(
        engine,
        'SETBIT k 7 1',
        'SETBIT k 7 0',
        'SETBIT k 7 1',
        'GET k',
        'SETBIT k 17 1',
        'GET k',
        'OBJECT ENCODING k',
      ),
    ).toEqual([0, 1, 0, '\x01', 0, '\x01\0@', 'raw']);
    expect(
      runLines(engine, 'GETBIT k 7', 'GETBIT k 6', 'GETBIT k 17', 'GETBIT k 4294967295', 'GETBIT none 0'),
    ).toEqual([1, 0, 1, 0, 0]);
    expect(
      runLines(
        engine,
        'SET n 1',
        'SETBIT n 6 1',
        'GET n',
        'SET m 1',
        'SETBIT m 0 0',
        'OBJECT ENCODING m',
        'GETBIT m 3',
      ),
    ).toEqual(['OK', 0, '3', 'OK', 0, 'raw', 1]);
    expect(runLines(engine, 'SET e v EX 50', 'SETBIT e 30000 1', 'TTL e', 'STRLEN e', 'BITCOUNT e')).toEqual([
      'OK',
      0,
      50,
      3751,
      6,
    ]);
    engine.verify();
  });

  it('counts bits in ranges of bytes and of bits', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET s foobar', 'SET n 12');
    const counts: [string, number][] = [
      ['', 26],
      [' 0 0', 4],
      [' 1 1', 6],
      [' 1 1 BYTE', 6],
      [' 5 30 BIT', 17],
      [' -1 -1 bit', 0],
      [' -9 -7 BIT', 2],
      [' -2 1', 0],
      [' 0 1000', 26],
      [' 5 -100', 0],
      [' 0 -100', 4],
      [' -5 -7', 0],
      [' -5 -7 WRONG', 0],
      [' 0 -9223372036854775808 BIT', 0],
      [' -9223372036854775808 9223372036854775807 BIT', 26],
    ];
    for (const [range, count] of counts)
      expect([range, ...runLines(engine, `BITCOUNT s${range}`)]).toEqual([range, count]);
    expect(
      runLines(
        engine,
        'BITCOUNT n',
        'BITCOUNT n 1 1',
        "SET e ''",
        'BITCOUNT e',
        'BITCOUNT e 0 -1 BIT',
        'BITCOUNT none',
        'BITCOUNT none 0',
        'BITCOUNT none a b',
      ),
    ).toEqual([6, 3, 'OK', 0, 0, 0, 0, 0]);
  });

  it('finds the first bit that is set or clear', () => {
    const engine = engineOf(resp3);
    engine.run(['SET', 'a', Uint8Array.of(0, 0xff, 0xf0)]);
    engine.run(['SET', 'ones', Uint8Array.of(0xff, 0xff, 0xff)]);
    engine.run(['SET', 'zeros', new Uint8Array(3)]);
    const positions: [string, number][] = [
      ['a 1', 8],
      ['a 0', 0],
      ['a 1 2', 16],
      ['a 0 1', 20],
      ['a 0 1 1', -1],
      ['a 1 0 0', -1],
      ['a 1 -1', 16],
      ['a 0 2 2 BIT', 2],
      ['a 1 7 15 BIT', 8],
      ['a 0 8 -5 BIT', -1],
      ['a 0 8 -4 BIT', 20],
      ['a 1 3 9', -1],
      ['a 1 2 1', -1],
      ['a 1 -100 -1', 8],
      ['ones 0', 24],
      ['ones 0 1', 24],
      ['ones 0 3', -1],
      ['ones 0 0 -1', -1],
      ['ones 0 1 -1 BIT', -1],
      ['zeros 1', -1],
      ['zeros 0', 0],
      ['none 1', -1],
      ['none 0', 0],
      ['none 1 x', -1],
    ];
    for (const [words, position] of positions)
      expect([words, ...runLines(engine, `BITPOS ${words}`)]).toEqual([words, position]);
    expect(
      runLines(
        engine,
        "SET e ''",
        'BITPOS e 0',
        'BITPOS e 1',
        'BITPOS e 0 0 -1',
        'SET n 12',
        'BITPOS n 1',
        'BITPOS n 0',
      ),
    ).toEqual(['OK', -1, -1, -1, 'OK', 2, 0]);
  });
});

describe('errors', () => {
  it('of arguments', () => {
    const engine = engineOf(false);
    runLines(engine, 'SET k v');
    for (const offset of [
      '-1',
      'x',
      '4294967296',
      '9223372036854775807',
      '9223372036854775808',
      "''",
      '1.0',
    ]) {
      expect([offset, ...runLines(engine, `SETBIT k ${offset} 1`, `GETBIT k ${offset}`)]).toEqual([
        offset,
        INVALID_OFFSET,
        INVALID_OFFSET,
      ]);
    }
    for (const bit of ['2', '-1', 'x', "''", '01'])
      expect([bit, ...runLines(engine, `SETBIT k 0 ${bit}`)]).toEqual([bit, INVALID_BIT]);
    expect(
      runLines(
        engine,
        'BITCOUNT k 0',
        'BITCOUNT k 0 1 BITS',
        'BITCOUNT k 0 1 BIT x',
        'BITCOUNT k 0 x',
        'BITCOUNT k x 0',
      ),
    ).toEqual([`-${SYNTAX}`, `-${SYNTAX}`, `-${SYNTAX}`, `-${NOT_AN_INTEGER}`, `-${NOT_AN_INTEGER}`]);
    expect(
      runLines(
        engine,
        'BITPOS k 2',
        'BITPOS k x',
        'BITPOS k 1 x',
        'BITPOS k 1 0 x',
        'BITPOS k 1 0 1 FOO',
        'BITPOS k 1 0 1 BIT x',
        'BITPOS none 2',
      ),
    ).toEqual([
      NOT_0_OR_1,
      `-${NOT_AN_INTEGER}`,
      `-${NOT_AN_INTEGER}`,
      `-${NOT_AN_INTEGER}`,
      `-${SYNTAX}`,
      `-${SYNTAX}`,
      NOT_0_OR_1,
    ]);
    const small = engineOf(false, { config: { 'proto-max-bulk-len': String(1024 * 1024) } });
    expect(
      runLines(small, 'SETBIT k 8388607 1', 'SETBIT k 8388608 1', 'GETBIT k 8388608', 'STRLEN k'),
    ).toEqual([0, INVALID_OFFSET, INVALID_OFFSET, 1048576]);
  });

  it('of type', () => {
    const engine = engineOf(false);
    putList(engine, 'l');
    for (const line of [
      'SETBIT l 0 1',
      'GETBIT l 0',
      'BITCOUNT l',
      'BITCOUNT l 0',
      'BITPOS l 1',
      'BITPOS l 1 x',
    ]) {
      expect([line, ...runLines(engine, line)]).toEqual([line, `-${WRONG_TYPE}`]);
    }
    expect(runLines(engine, 'SETBIT l -1 1', 'SETBIT l 0 2', 'GETBIT l x', 'BITPOS l 2')).toEqual([
      INVALID_OFFSET,
      INVALID_BIT,
      INVALID_OFFSET,
      NOT_0_OR_1,
    ]);
  });
});

describe('announcements', () => {
  it('come only for what changed', () => {
    const engine = engineOf(false);
    const heard = new Announcements(engine);
    const expected: [string, string][] = [
      ['SETBIT k 7 1', 'new:k setbit:k +1'],
      ['SETBIT k 7 1', '+0'],
      ['SETBIT k 7 0', 'setbit:k +1'],
      ['SETBIT k 100 0', 'setbit:k +1'],
      ['SETBIT new 0 0', 'new:new setbit:new +1'],
      ['SET n 1', 'new:n set:n +1'],
      ['SETBIT n 0 0', '+0'],
      ['GETBIT k 7', '+0'],
    ];
    for (const [line, events] of expected) expect([line, heard.of(line)]).toEqual([line, events]);
  });
});
