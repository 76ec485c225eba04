import { describe, expect, it } from 'vitest';
import { Engine } from '../support/engine.ts';
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

const INVALID_TYPE =
  '-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.';
const INVALID_OFFSET = '-ERR bit offset is not an integer or out of range';

describe.each(PROTOCOLS)('BITFIELD, %s', (_, resp3) => {
  it('reads, writes and adds integers of any width', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(engine, 'BITFIELD k SET u8 0 255 GET u4 2 INCRBY i5 100 1 GET i8 #0', 'STRLEN k'),
    ).toEqual([[0, 15, 1, -1], 14]);
    expect(
      runLines(
        engine,
        'BITFIELD k SET i64 #1 -5 GET i64 64 GET u63 65 GET u1 64',
        'BITFIELD k INCRBY i64 64 9223372036854775807',
      ),
    ).toEqual([[8388608, -5, 9223372036854775803n, 1], [9223372036854775802n]]);
    expect(
      runLines(
        engine,
        'BITFIELD k',
        'BITFIELD none',
        'BITFIELD none GET i64 4000000000',
        'EXISTS none',
        'BITFIELD_RO k GET u8 #0 OVERFLOW SAT',
        'BITFIELD_RO none GET u8 0',
      ),
    ).toEqual([[], [], [0], 0, [255], [0]]);
    expect(
      runLines(
        engine,
        'SET n 12',
        'BITFIELD n GET u8 0 GET u8 #1 GET u16 8',
        'BITFIELD n INCRBY u8 0 1',
        'GET n',
        'OBJECT ENCODING n',
      ),
    ).toEqual(['OK', [49, 50, 12800], [50], '22', 'raw']);
    engine.verify();
  });

  it('handles overflow as told, from there on', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(
        engine,
        'BITFIELD k SET u8 0 250',
        'BITFIELD k INCRBY u8 0 10 OVERFLOW SAT INCRBY u8 0 1000 INCRBY u8 0 -1000 OVERFLOW FAIL INCRBY u8 0 -1 GET u8 0',
      ),
    ).toEqual([[0], [4, 255, 0, null, 0]]);
    expect(
      runLines(
        engine,
        'BITFIELD i SET i8 0 127 INCRBY i8 0 1 OVERFLOW SAT INCRBY i8 0 -5 INCRBY i8 0 300 OVERFLOW fail INCRBY i8 0 1 OVERFLOW WRAP INCRBY i8 0 -256',
      ),
    ).toEqual([[0, -128, -128, 127, null, 127]]);
    expect(
      runLines(
        engine,
        'BITFIELD s SET u8 0 -1 GET u8 0 OVERFLOW SAT SET u8 0 -1 GET u8 0 SET i8 0 -200 GET i8 0 SET i8 0 200 GET i8 0 OVERFLOW FAIL SET u8 0 256 SET u8 0 -1',
      ),
    ).toEqual([[0, 255, 255, 255, -1, -128, -128, 127, null, null]]);
    expect(
      runLines(
        engine,
        'BITFIELD w SET i64 0 9223372036854775807 INCRBY i64 0 1 OVERFLOW SAT INCRBY i64 0 -1 INCRBY i64 0 9223372036854775807 OVERFLOW FAIL INCRBY i64 0 -9223372036854775808',
      ),
    ).toEqual([[0, -9223372036854775808n, -9223372036854775808n, -1, null]]);
    expect(
      runLines(
        engine,
        'BITFIELD x SET u63 1 -1 GET u63 1 OVERFLOW SAT INCRBY u63 1 1 INCRBY u63 1 -9223372036854775807 OVERFLOW FAIL INCRBY u63 1 -1',
      ),
    ).toEqual([[0, 9223372036854775807n, 9223372036854775807n, 0, null]]);
    expect(
      runLines(
        engine,
        'BITFIELD y SET u32 0 4294967295 INCRBY u32 0 9223372036854775807 SET i32 0 -2147483649 GET i32 0 INCRBY i33 0 -9223372036854775808',
      ),
    ).toEqual([[0, 4294967294, -2, 2147483647, 4294967294]]);
  });
});

describe('errors', () => {
  it('of types, offsets and words come before any operation runs', () => {
    const engine = engineOf(false);
    for (const type of [
      'u64',
      'i65',
      'u0',
      'i0',
      'x8',
      'u',
      "''",
      'i-1',
      'u08',
      'U8',
      'u+8',
      'u9999999999999999999',
    ]) {
      expect([type, ...runLines(engine, `BITFIELD k SET u8 0 1 GET ${type} 0`)]).toEqual([
        type,
        INVALID_TYPE,
      ]);
    }
    for (const offset of [
      '-1',
      'x',
      '#',
      '#-1',
      "''",
      '4294967296',
      '#536870912',
      '#9223372036854775807',
      '9223372036854775808',
    ]) {
      expect([offset, ...runLines(engine, `BITFIELD k SET u8 0 1 GET u8 ${offset}`)]).toEqual([
        offset,
        INVALID_OFFSET,
      ]);
    }
    for (const words of [
      'GET u8',
      'SET u8 0',
      'INCRBY u8 0',
      'FOO u8 0 1',
      'OVERFLOW',
      'GET u8 0 0',
      'SET u8 0 1 x',
    ]) {
      expect([words, ...runLines(engine, `BITFIELD k ${words}`)]).toEqual([words, `-${SYNTAX}`]);
    }
    expect(runLines(engine, 'EXISTS k')).toEqual([0]);
  });

  it('of operands, of writing where only reading is allowed, and of the key', () => {
    const engine = engineOf(false);
    expect(
      runLines(
        engine,
        'BITFIELD k SET u8 0 x',
        'BITFIELD k INCRBY u8 0 9223372036854775808',
        'BITFIELD k OVERFLOW foo GET u8 0',
        'BITFIELD_RO k SET u8 0 1',
        'BITFIELD_RO k GET u8 0 INCRBY u8 0 1',
        'EXISTS k',
      ),
    ).toEqual([
      `-${NOT_AN_INTEGER}`,
      `-${NOT_AN_INTEGER}`,
      '-ERR Invalid OVERFLOW type specified',
      '-ERR BITFIELD_RO only supports the GET subcommand',
      '-ERR BITFIELD_RO only supports the GET subcommand',
      0,
    ]);
    putList(engine, 'l');
    expect(
      runLines(
        engine,
        'BITFIELD l',
        'BITFIELD l GET u8 0',
        'BITFIELD l SET u8 0 1',
        'BITFIELD_RO l GET u8 0',
        'BITFIELD l GET u64 0',
      ),
    ).toEqual([...Array(4).fill(`-${WRONG_TYPE}`), INVALID_TYPE]);
  });
});

describe('announcements', () => {
  it('come once for a command, with every changed integer counted', () => {
    const engine = engineOf(false);
    const heard = new Announcements(engine);
    const expected: [string, string][] = [
      ['BITFIELD k SET u8 0 255 INCRBY u8 0 10', 'new:k setbit:k +2'],
      ['BITFIELD k SET u8 0 9', '+0'],
      ['BITFIELD k INCRBY u8 0 0 INCRBY u8 0 1', 'setbit:k +1'],
      ['BITFIELD k SET u8 1000 0', 'setbit:k +1'],
      ['BITFIELD k GET u8 0', '+0'],
      ['BITFIELD k OVERFLOW FAIL INCRBY u8 0 255', '+0'],
      ['SET n 5', 'new:n set:n +1'],
      ['BITFIELD n SET u8 0 53', '+0'],
    ];
    for (const [line, events] of expected) expect([line, heard.of(line)]).toEqual([line, events]);
    // A key that a failed write made is there, so it must be known to snapshots and replicas.
    expect(heard.of('BITFIELD new OVERFLOW FAIL INCRBY u8 0 300')).toBe('new:new setbit:new +1');
    expect(runLines(engine, 'GET new')).toEqual(['\0']);
  });
});

it('saturates the most negative operands of SET at the top, as the reference does', () => {
  const engine = new Engine();
  expect(engine.line('bitfield a overflow sat set i5 1 -9223372036854775808 get i5 1')).toEqual([0, 15]);
  expect(engine.line('bitfield b overflow sat set i5 1 -9223372036854775000 get i5 1')).toEqual([0, -16]);
});
