// Behaviour of Redis 8.8, from its documentation and its tests; the reference server is older.
import { describe, expect, it } from 'vitest';
import {
  Announcements,
  engineOf,
  PROTOCOLS,
  putList,
  runLines,
  SYNTAX,
  WRONG_TYPE,
} from './string_support.ts';

const MAX = 9223372036854775807n;
const MIN = -9223372036854775808n;

describe.each(PROTOCOLS)('INCREX, %s', (_, resp3) => {
  const numbers = (...values: number[]): unknown[] => (resp3 ? values : values.map(String));

  it('adds an integer and says how much', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(
        engine,
        'INCREX k',
        'INCREX k BYINT 5',
        'INCREX k BYINT -10',
        'INCREX k BYINT 0',
        'GET k',
        'OBJECT ENCODING k',
      ),
    ).toEqual([[1, 1], [6, 5], [-4, -10], [-4, 0], '-4', 'int']);
  });

  it('leaves everything alone outside of the bounds', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET k 10 EX 500');
    expect(
      runLines(
        engine,
        'INCREX k BYINT 6 UBOUND 15',
        'INCREX k BYINT -6 LBOUND 5 PERSIST',
        'INCREX k BYINT 5 LBOUND 20 EX 9',
        'INCREX k BYINT 5 UBOUND 15',
        'TTL k',
      ),
    ).toEqual([[10, 0], [10, 0], [10, 0], [15, 5], 500]);
    expect(runLines(engine, 'INCREX none BYINT 5 LBOUND 10', 'INCREX none UBOUND 0', 'EXISTS none')).toEqual([
      [0, 0],
      [0, 0],
      0,
    ]);
    expect(runLines(engine, `SET m ${MAX}`, 'INCREX m', 'GET m', 'INCREX m BYINT -1')).toEqual([
      'OK',
      [MAX, 0],
      `${MAX}`,
      [MAX - 1n, -1],
    ]);
  });

  it('goes to the bound with SATURATE', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET k 10');
    expect(
      runLines(
        engine,
        'INCREX k BYINT 10 UBOUND 15 SATURATE',
        'INCREX k BYINT -100 LBOUND 5 SATURATE',
        'INCREX k BYINT 1 UBOUND 3 SATURATE',
        'INCREX k LBOUND 20 SATURATE',
        'INCREX none LBOUND 5 SATURATE',
      ),
    ).toEqual([
      [15, 5],
      [5, -10],
      [3, -2],
      [20, 17],
      [5, 5],
    ]);
    runLines(engine, `SET k ${MAX - 7n}`);
    expect(
      runLines(engine, `INCREX k BYINT ${MAX} SATURATE`, 'SET k -5', `INCREX k BYINT ${MIN} SATURATE`),
    ).toEqual([[MAX, 7], 'OK', [MIN, MIN + 5n]]);
    expect(runLines(engine, `SET k ${MAX}`, `INCREX k BYINT -5 UBOUND ${MIN} SATURATE`, 'GET k')).toEqual([
      'OK',
      '-ERR applied increment would overflow',
      `${MAX}`,
    ]);
  });

  it('adds floats, whose reply is a double or its text', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(
        engine,
        'INCREX f BYFLOAT 2.5',
        'INCREX f BYFLOAT 0.25 UBOUND 3',
        'INCREX f BYFLOAT 5.5 UBOUND 12.5 SATURATE',
        'INCREX f BYFLOAT 5.5 UBOUND 12.5 SATURATE',
        'INCREX f BYFLOAT 1 UBOUND 12.5',
        'GET f',
        'OBJECT ENCODING f',
      ),
    ).toEqual([
      numbers(2.5, 2.5),
      numbers(2.75, 0.25),
      numbers(8.25, 5.5),
      numbers(12.5, 4.25),
      numbers(12.5, 0),
      '12.5',
      'embstr',
    ]);
    expect(
      runLines(
        engine,
        'SET k 10',
        'INCREX k BYFLOAT -100 LBOUND -5.5 SATURATE',
        'INCREX k BYFLOAT 5.5',
        'INCREX k',
      ),
    ).toEqual(['OK', numbers(-5.5, -15.5), numbers(0, 5.5), [1, 1]]);
  });

  it('keeps floats finite', () => {
    const engine = engineOf(resp3);
    const big = '1.1e4932';
    expect(
      runLines(
        engine,
        'INCREX f BYFLOAT inf',
        'INCREX f BYFLOAT -inf',
        'SET i inf',
        'INCREX i BYFLOAT 1',
        'EXISTS f',
      ),
    ).toEqual([
      '-ERR BYFLOAT increment cannot be Infinity',
      '-ERR BYFLOAT increment cannot be Infinity',
      'OK',
      '-ERR value cannot be Infinity',
      0,
    ]);
    engine.run(['SET', 'k', '10']);
    expect(
      runLines(
        engine,
        `INCREX k BYFLOAT ${big} UBOUND 100`,
        `INCREX k BYFLOAT ${big} UBOUND 100 SATURATE`,
        `INCREX k BYFLOAT -${big} LBOUND -100 SATURATE`,
        `SET k ${big}`,
        `INCREX k BYFLOAT ${big} LBOUND 5`,
      )[3],
    ).toBe('OK');
    expect(
      runLines(
        engine,
        'SET k 10',
        'INCREX k BYFLOAT 1 LBOUND -inf UBOUND inf',
        'INCREX k BYFLOAT 1 LBOUND inf UBOUND inf',
        'INCREX k BYFLOAT 1 LBOUND -inf UBOUND -inf SATURATE',
      ),
    ).toEqual(['OK', numbers(11, 1), numbers(11, 0), '-ERR applied increment would be Infinity']);
    engine.run(['SET', 'k', `-${big}`]);
    expect(runLines(engine, `INCREX k BYFLOAT ${big} LBOUND ${big} SATURATE`)).toEqual([
      '-ERR applied increment would be Infinity',
    ]);
  });
});

describe('INCREX', () => {
  it('refuses options that do not go together', () => {
    const engine = engineOf(false);
    const wrong = [
      'FOO',
      'BYINT 1 BYFLOAT 1',
      'BYINT 1 BYINT 1',
      'BYINT',
      'LBOUND',
      'LBOUND 0 LBOUND 1',
      'UBOUND 9 UBOUND 8',
      'SATURATE SATURATE',
      'SAT',
      'ENX ENX EX 1',
      'EX 1 PX 1',
      'EX 1 EX 1',
      'PXAT 1 PXAT 1',
      'EX 1 PERSIST',
      'PERSIST EX 1',
      'PERSIST PERSIST',
      'PERSIST ENX',
      'ENX PERSIST',
      'KEEPTTL',
      'BYINT abc FOO',
    ];
    for (const options of wrong)
      expect([options, ...runLines(engine, `INCREX k ${options}`)]).toEqual([options, `-${SYNTAX}`]);
    expect(runLines(engine, 'EXISTS k')).toEqual([0]);
  });

  it('refuses operands and values that are no numbers, or none that fit', () => {
    const engine = engineOf(false);
    expect(
      runLines(
        engine,
        'INCREX k ENX',
        'INCREX k BYINT 1.5',
        'INCREX k LBOUND 1.5',
        'INCREX k UBOUND inf',
        'INCREX k BYFLOAT x',
        'INCREX k BYFLOAT 1 LBOUND x',
        'INCREX k BYFLOAT 1 UBOUND x',
      ),
    ).toEqual([
      '-ERR ENX flag requires an expiration',
      '-ERR Increment is not an integer or out of range',
      '-ERR LBOUND is not an integer or out of range',
      '-ERR UBOUND is not an integer or out of range',
      '-ERR Increment is not a valid float',
      '-ERR LBOUND is not a valid float',
      '-ERR UBOUND is not a valid float',
    ]);
    const crossed = "-ERR LBOUND can't be greater than UBOUND";
    expect(
      runLines(
        engine,
        'INCREX k LBOUND 10 UBOUND 5',
        'INCREX k BYFLOAT 1 LBOUND 2.5 UBOUND 2',
        'INCREX k BYFLOAT 1 LBOUND inf',
        'INCREX k BYFLOAT 1 UBOUND -inf',
      ),
    ).toEqual(Array(4).fill(crossed));
    expect(runLines(engine, 'INCREX k EX 0', 'INCREX k PX -1', 'EXISTS k')).toEqual([
      ...Array(2).fill("-ERR invalid expire time in 'increx' command"),
      0,
    ]);
    putList(engine, 'l');
    expect(
      runLines(engine, 'INCREX l', 'INCREX l BYFLOAT 1', 'SET t text', 'INCREX t', 'INCREX t BYFLOAT 1'),
    ).toEqual([
      `-${WRONG_TYPE}`,
      `-${WRONG_TYPE}`,
      'OK',
      '-ERR value is not an integer or out of range',
      '-ERR value is not a valid float',
    ]);
  });

  it('sets, keeps and removes the expiry', () => {
    const engine = engineOf(false);
    expect(
      runLines(
        engine,
        'INCREX k EX 100',
        'TTL k',
        'INCREX k',
        'TTL k',
        'INCREX k PERSIST',
        'TTL k',
        'INCREX k PX 5000 ENX',
        'TTL k',
        'INCREX k EX 99 ENX',
        'TTL k',
      ),
    ).toEqual([[1, 1], 100, [2, 1], 100, [3, 1], -1, [4, 1], 5, [5, 1], 5]);
    expect(
      runLines(
        engine,
        'INCREX k EXAT 1 ENX',
        'EXISTS k',
        'INCREX k EXAT 1',
        'EXISTS k',
        'INCREX none PXAT 1',
        'EXISTS none',
      ),
    ).toEqual([[6, 1], 1, [7, 1], 0, [1, 1], 0]);
    expect(runLines(engine, 'INCREX o EX 50 BYFLOAT 1.5 LBOUND 0', 'TTL o')).toEqual([['1.5', '1.5'], 50]);
    engine.verify();
  });

  it('announces the sum, then what became of the expiry', () => {
    const engine = engineOf(false);
    const heard = new Announcements(engine);
    const expected: [string, string][] = [
      ['INCREX k BYINT 5', 'new:k incrby:k +1'],
      ['INCREX k BYFLOAT 0.5', 'incrbyfloat:k +1'],
      ['SET k 10 EX 100', 'set:k expire:k +1'],
      ['INCREX k PERSIST', 'incrby:k persist:k +1'],
      ['INCREX k PERSIST', 'incrby:k +1'],
      ['INCREX k EX 100', 'incrby:k expire:k +1'],
      ['INCREX k EX 200 ENX', 'incrby:k +1'],
      ['INCREX k UBOUND 0', '+0'],
      ['INCREX k EXAT 1', 'del:k +1'],
      ['INCREX k EXAT 1', '+0'],
    ];
    for (const [line, events] of expected) expect([line, heard.of(line)]).toEqual([line, events]);
  });
});
