import { describe, expect, it } from 'vitest';
import {
  Announcements,
  engineOf,
  NOT_AN_INTEGER,
  PROTOCOLS,
  putList,
  runLines,
  WRONG_TYPE,
} from './string_support.ts';

const OVERFLOW = '-ERR increment or decrement would overflow';
const NOT_A_FLOAT = '-ERR value is not a valid float';
const NAN_OR_INFINITY = '-ERR increment would produce NaN or Infinity';

describe.each(PROTOCOLS)('integers, %s', (_, resp3) => {
  it('go up and down from 0 and keep their encoding and expiry', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(engine, 'INCR n', 'INCRBY n 41', 'DECR n', 'DECRBY n -9', 'INCRBY n -50', 'GET n'),
    ).toEqual([1, 42, 41, 50, 0, '0']);
    expect(runLines(engine, 'DECR m', 'EXPIRE m 50', 'INCR m', 'TTL m', 'OBJECT ENCODING m')).toEqual([
      -1,
      1,
      0,
      50,
      'int',
    ]);
    expect(
      runLines(engine, 'SET s 1', 'APPEND s 2', 'OBJECT ENCODING s', 'INCR s', 'OBJECT ENCODING s'),
    ).toEqual(['OK', 2, 'raw', 13, 'int']);
  });

  it('are exact up to 64 bits', () => {
    const engine = engineOf(resp3);
    expect(runLines(engine, 'SET n 9007199254740991', 'INCR n', 'INCR n', 'DECRBY n 3')).toEqual([
      'OK',
      9007199254740992n,
      9007199254740993n,
      9007199254740990,
    ]);
    expect(
      runLines(
        engine,
        'INCRBY max 9223372036854775807',
        'INCR max',
        'DECRBY max 9223372036854775807',
        'DECRBY max 9223372036854775807',
        'DECR max',
        'DECR max',
      ),
    ).toEqual([9223372036854775807n, OVERFLOW, 0, -9223372036854775807n, -9223372036854775808n, OVERFLOW]);
    expect(
      runLines(
        engine,
        'SET x -9223372036854775808',
        'OBJECT ENCODING x',
        'INCRBY x 9223372036854775807',
        'DECRBY x -9223372036854775808',
      ),
    ).toEqual(['OK', 'int', -1, '-ERR decrement would overflow']);
    expect(runLines(engine, 'SET y 9007199254740990', 'INCRBY y 9007199254740990', 'GET y')).toEqual([
      'OK',
      18014398509481980n,
      '18014398509481980',
    ]);
  });

  it('are refused in any other spelling, of the value or of the argument', () => {
    const engine = engineOf(resp3);
    for (const text of ['', ' 1', '1 ', '01', '+1', '-0', '1.0', 'x', '9223372036854775808', '1e3']) {
      engine.run(['SET', 'k', text]);
      expect([text, ...runLines(engine, 'INCR k', 'INCRBY k 9223372036854775807', 'DECRBY k 1')]).toEqual([
        text,
        ...Array(3).fill(`-${NOT_AN_INTEGER}`),
      ]);
      expect(engine.run(['GET', 'k'])).toBe(text);
      const replies = [engine.run(['INCRBY', 'n', text]), engine.run(['DECRBY', 'n', text])];
      expect(replies).toMatchObject([{ text: NOT_AN_INTEGER }, { text: NOT_AN_INTEGER }]);
    }
    expect(engine.run(['EXISTS', 'n'])).toBe(0);
    putList(engine, 'l');
    expect(runLines(engine, 'INCR l', 'INCRBY l x', 'INCRBY l 9223372036854775807')).toEqual([
      `-${WRONG_TYPE}`,
      `-${NOT_AN_INTEGER}`,
      `-${WRONG_TYPE}`,
    ]);
  });
});

describe.each(PROTOCOLS)('floats, %s', (_, resp3) => {
  it('are added as long doubles and stored as text', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(
        engine,
        'INCRBYFLOAT f 10.5',
        'INCRBYFLOAT f 0.1',
        'INCRBYFLOAT f -5',
        'INCRBYFLOAT f 5.0e3',
        'GET f',
      ),
    ).toEqual(['10.5', '10.6', '5.6', '5005.60000000000000009', '5005.60000000000000009']);
    expect(
      runLines(
        engine,
        'SET n 10',
        'INCRBYFLOAT n 5',
        'OBJECT ENCODING n',
        'INCR n',
        'OBJECT ENCODING n',
        'INCRBYFLOAT n -16',
      ),
    ).toEqual(['OK', '15', 'embstr', 16, 'int', '0']);
    expect(
      runLines(engine, 'SET big 1', 'INCRBYFLOAT big 1e60', 'OBJECT ENCODING big', 'STRLEN big'),
    ).toEqual(['OK', '999999999999999999999373423426722168652130621984886772203520', 'raw', 60]);
    engine.verify();
  });

  it('are refused when one of the two is no number, or the sum is none', () => {
    const engine = engineOf(resp3);
    for (const text of ['', ' 1', '1 ', 'abc', 'nan', '1e5000', '1_0', '0x']) {
      expect([text, engine.run(['INCRBYFLOAT', 'f', text])]).toMatchObject([
        text,
        { text: NOT_A_FLOAT.slice(1) },
      ]);
      engine.run(['SET', 'k', text]);
      expect([text, ...runLines(engine, 'INCRBYFLOAT k 1')]).toEqual([text, NOT_A_FLOAT]);
    }
    const digits = '1'.repeat(6000);
    engine.run(['SET', 'k', digits]);
    expect(
      runLines(
        engine,
        'INCRBYFLOAT k 1',
        'INCRBYFLOAT f inf',
        'SET i inf',
        'INCRBYFLOAT i 1',
        'INCRBYFLOAT i -inf',
        'EXISTS f',
      ),
    ).toEqual([NOT_A_FLOAT, NAN_OR_INFINITY, 'OK', NAN_OR_INFINITY, NAN_OR_INFINITY, 0]);
    putList(engine, 'l');
    expect(runLines(engine, 'INCRBYFLOAT l x')).toEqual([`-${WRONG_TYPE}`]);
  });
});

describe('announcements', () => {
  it('come once for each change and not for an error', () => {
    const engine = engineOf(false);
    const heard = new Announcements(engine);
    const expected: [string, string][] = [
      ['INCR n', 'new:n incrby:n +1'],
      ['DECR n', 'incrby:n +1'],
      ['INCRBY n 0', 'incrby:n +1'],
      ['DECRBY n 9223372036854775807', 'incrby:n +1'],
      ['DECRBY n 9223372036854775807', '+0'],
      ['INCRBYFLOAT n 1.5', 'incrbyfloat:n +1'],
      ['INCR n', '+0'],
      ['INCRBYFLOAT m 0', 'new:m incrbyfloat:m +1'],
    ];
    for (const [line, events] of expected) expect([line, heard.of(line)]).toEqual([line, events]);
  });
});
