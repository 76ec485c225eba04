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

const TOO_LONG = '-ERR string exceeds maximum allowed size (proto-max-bulk-len)';
const OUT_OF_RANGE = '-ERR offset is out of range';

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('reads parts from either end', () => {
    const engine = engineOf(resp3);
    const parts: [string, number | string, number | string, string][] = [
      ['Hello World', 0, 3, 'Hell'],
      ['Hello World', 0, -1, 'Hello World'],
      ['Hello World', -4, -1, 'orld'],
      ['Hello World', 5, 3, ''],
      ['Hello World', 5, 5000, ' World'],
      ['Hello World', -5000, 10000, 'Hello World'],
      ['Hello World', 0, -100, 'H'],
      ['Hello World', 1, -100, ''],
      ['Hello World', -100, -99, 'H'],
      ['Hello World', -100, -101, ''],
      ['Hello World', 11, 20, ''],
      ['Hello World', '-9223372036854775807', '-9223372036854775808', ''],
      ['Hello World', '-9223372036854775808', '-9223372036854775807', 'H'],
      ['Hello World', '-9223372036854775808', '9223372036854775807', 'Hello World'],
      ['-1234', 1, -2, '123'],
      ['', 0, -1, ''],
    ];
    for (const [value, start, end, part] of parts) {
      engine.run(['SET', 'k', value]);
      expect([value, start, end, engine.run(['GETRANGE', 'k', start, end])]).toEqual([
        value,
        start,
        end,
        part,
      ]);
      expect(engine.run(['SUBSTR', 'k', start, end])).toBe(part);
    }
    expect(
      runLines(engine, 'GETRANGE none 0 -1', 'GETRANGE none x 0', 'GETRANGE k 0 1.5', 'STRLEN none'),
    ).toEqual(['', `-${NOT_AN_INTEGER}`, `-${NOT_AN_INTEGER}`, 0]);
  });

  it('writes parts and fills gaps with zeros', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(
        engine,
        'SETRANGE k 3 ab',
        'GET k',
        'SETRANGE k 0 xyz',
        'GET k',
        'SETRANGE k 8 !',
        'STRLEN k',
        'OBJECT ENCODING k',
      ),
    ).toEqual([5, '\0\0\0ab', 5, 'xyzab', 9, 9, 'raw']);
    expect(
      runLines(
        engine,
        'SET n 1234',
        "SETRANGE n 1 ''",
        'OBJECT ENCODING n',
        'SETRANGE n 1 9',
        'GET n',
        'OBJECT ENCODING n',
        "SETRANGE none 9 ''",
        'EXISTS none',
      ),
    ).toEqual(['OK', 4, 'int', 4, '1934', 'raw', 0, 0]);
    expect(
      runLines(
        engine,
        'SET e embedded EX 50',
        'SETRANGE e 3000 end',
        'TTL e',
        'GETRANGE e 6 9',
        'GETRANGE e 2999 -1',
      ),
    ).toEqual(['OK', 3003, 50, 'ed\0\0', '\0end']);
    engine.verify();
  });

  it('adds at the end', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(
        engine,
        'APPEND k 12',
        'OBJECT ENCODING k',
        "APPEND k ''",
        'OBJECT ENCODING k',
        'APPEND k 3',
        'GET k',
        "APPEND e ''",
        'OBJECT ENCODING e',
      ),
    ).toEqual([2, 'int', 2, 'raw', 3, '123', 0, 'embstr']);
    let whole = '123';
    for (const length of [40, 500, 1500, 10, 3000, 100_000, 1]) {
      const part = Buffer.alloc(length, String.fromCharCode(97 + (length % 26))).toString('latin1');
      whole += part;
      expect(engine.run(['APPEND', 'k', part])).toBe(whole.length);
    }
    expect(engine.run(['GET', 'k']) === whole).toBe(true);
    engine.verify();
  });
});

describe('limits', () => {
  it('are those of proto-max-bulk-len', () => {
    const engine = engineOf(false);
    expect(
      runLines(
        engine,
        'SETRANGE k 536870912 a',
        'SETRANGE k 536870911 ab',
        'SETRANGE k 9223372036854775807 a',
        'SETRANGE k -1 a',
        'SETRANGE k x a',
        "SETRANGE k 536870912 ''",
      ),
    ).toEqual([TOO_LONG, TOO_LONG, TOO_LONG, OUT_OF_RANGE, `-${NOT_AN_INTEGER}`, 0]);
    expect(runLines(engine, 'EXISTS k', 'SET k v', 'SETRANGE k 536870912 a', 'GET k')).toEqual([
      0,
      'OK',
      TOO_LONG,
      'v',
    ]);
    const small = engineOf(false, { config: { 'proto-max-bulk-len': String(1024 * 1024) } });
    small.run(['SET', 'k', Buffer.alloc(1024 * 1024 - 5)]);
    expect(
      runLines(
        small,
        'APPEND k 123456',
        'APPEND k 12345',
        'APPEND k 1',
        "APPEND k ''",
        'SETRANGE k 1048575 x',
        'SETRANGE k 1048575 xy',
      ),
    ).toEqual([TOO_LONG, 1048576, TOO_LONG, 1048576, 1048576, TOO_LONG]);
    small.verify();
  });

  it('of type come before those of size, after those of the arguments', () => {
    const engine = engineOf(false);
    putList(engine, 'l');
    expect(
      runLines(
        engine,
        'APPEND l x',
        'GETRANGE l 0 1',
        'GETRANGE l a b',
        'SETRANGE l 536870912 x',
        "SETRANGE l 0 ''",
        'SETRANGE l -1 x',
        'STRLEN l',
      ),
    ).toEqual([
      `-${WRONG_TYPE}`,
      `-${WRONG_TYPE}`,
      `-${NOT_AN_INTEGER}`,
      `-${WRONG_TYPE}`,
      `-${WRONG_TYPE}`,
      OUT_OF_RANGE,
      `-${WRONG_TYPE}`,
    ]);
  });

  it('leave room for strings of 512 MB', { timeout: 120_000 }, () => {
    const engine = engineOf(false);
    expect(
      runLines(
        engine,
        'SETRANGE k 536870911 x',
        'STRLEN k',
        'GETRANGE k 536870910 -1',
        'APPEND k y',
        'SETBIT k 4294967295 0',
        'BITCOUNT k',
        'BITPOS k 1',
        'DEL k',
      ),
    ).toEqual([536870912, 536870912, '\0x', TOO_LONG, 0, 4, 4294967289, 1]);
    engine.verify();
  });
});

describe('announcements', () => {
  it('come once for each change', () => {
    const engine = engineOf(false);
    const heard = new Announcements(engine);
    const expected: [string, string][] = [
      ['APPEND k a', 'new:k append:k +1'],
      ["APPEND k ''", 'append:k +1'],
      ['SETRANGE k 5 b', 'setrange:k +1'],
      ["SETRANGE k 5 ''", '+0'],
      ["SETRANGE none 5 ''", '+0'],
      ['SETRANGE s 2 x', 'new:s setrange:s +1'],
      ['SETRANGE s 536870912 x', '+0'],
      ['GETRANGE s 0 1', '+0'],
    ];
    for (const [line, events] of expected) expect([line, heard.of(line)]).toEqual([line, events]);
  });
});
