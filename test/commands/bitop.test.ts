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

describe.each(PROTOCOLS)('BITOP, %s', (_, resp3) => {
  it('combines strings, shorter and missing ones continued with zeros', () => {
    const engine = engineOf(resp3);
    engine.run(['SET', 'a', Uint8Array.of(0b1100, 0xff, 1)]);
    engine.run(['SET', 'b', Uint8Array.of(0b1010, 0x0f)]);
    engine.run(['SET', 'c', Uint8Array.of(0b0110)]);
    const results: [string, number[]][] = [
      ['AND d a b', [0b1000, 0x0f, 0]],
      ['OR d a b c', [0b1110, 0xff, 1]],
      ['xor d a b c', [0b0000, 0xf0, 1]],
      ['NOT d b', [0xf5, 0xf0]],
      ['DIFF d a b c', [0b0000, 0xf0, 1]],
      ['DIFF1 d c a b', [0b1000, 0xff, 1]],
      ['ANDOR d a b c', [0b1100, 0x0f, 0]],
      ['one d a b c', [0b0000, 0xf0, 1]],
      ['AND d a none', [0, 0, 0]],
      ['DIFF d none a', [0, 0, 0]],
      ['DIFF1 d none a', [0b1100, 0xff, 1]],
      ['OR d a', [0b1100, 0xff, 1]],
      ['ONE d a', [0b1100, 0xff, 1]],
    ];
    for (const [words, bytes] of results) {
      expect([words, ...runLines(engine, `BITOP ${words}`, 'GET d')]).toEqual([
        words,
        bytes.length,
        String.fromCharCode(...bytes),
      ]);
    }
    engine.verify();
  });

  it('takes integers and strings of any place, and may overwrite a source', () => {
    const engine = engineOf(resp3);
    const long = Buffer.alloc(100_001, 0x55);
    engine.run(['SET', 'long', long]);
    engine.run(['SET', 'inline', Buffer.alloc(1001, 0xff)]);
    expect(
      runLines(
        engine,
        'MSET i 1 j 2',
        'BITOP XOR d i j i',
        'GET d',
        'BITOP OR i i j',
        'GET i',
        'OBJECT ENCODING i',
      ),
    ).toEqual(['OK', 1, '2', 1, '3', 'raw']);
    expect(engine.run(['BITOP', 'XOR', 'long', 'long', 'inline'])).toBe(100_001);
    const wanted = Buffer.concat([Buffer.alloc(1001, 0xaa), Buffer.alloc(99_000, 0x55)]).toString('latin1');
    expect(engine.run(['GET', 'long']) === wanted).toBe(true);
    expect(engine.run(['BITOP', 'NOT', 'inline', 'long'])).toBe(100_001);
    engine.verify();
  });

  it('replaces a target of any type and deletes it for an empty result', () => {
    const engine = engineOf(resp3);
    putList(engine, 'l');
    expect(
      runLines(
        engine,
        'SET a x',
        'BITOP AND l a',
        'TYPE l',
        'EXPIRE l 100',
        'BITOP OR l a',
        'TTL l',
        'BITOP AND l none',
        'EXISTS l',
        'BITOP NOT none none',
        "SET e ''",
        'BITOP NOT e e',
        'EXISTS e',
      ),
    ).toEqual(['OK', 1, 'string', 1, 1, -1, 0, 0, 0, 'OK', 0, 0]);
  });
});

describe('BITOP', () => {
  it('refuses what makes no sense', () => {
    const engine = engineOf(false);
    putList(engine, 'l');
    const single = '-ERR BITOP NOT must be called with a single source key.';
    expect(
      runLines(
        engine,
        'SET a x',
        'BITOP FOO d a',
        'BITOP NOT d a a',
        'BITOP AND d a l',
        'BITOP NOT d',
        'EXISTS d',
      ),
    ).toEqual([
      'OK',
      `-${SYNTAX}`,
      single,
      `-${WRONG_TYPE}`,
      "-ERR wrong number of arguments for 'bitop' command",
      0,
    ]);
    for (const name of ['DIFF', 'DIFF1', 'ANDOR']) {
      expect(runLines(engine, `BITOP ${name} d a`)).toEqual([
        `-ERR BITOP ${name} must be called with at least two source keys.`,
      ]);
    }
  });

  it('announces the target', () => {
    const engine = engineOf(false);
    const heard = new Announcements(engine);
    runLines(engine, 'SET a x');
    heard.of('GET a');
    const expected: [string, string][] = [
      ['BITOP OR d a', 'new:d set:d +1'],
      ['BITOP OR d a', 'set:d +1'],
      ['BITOP OR d none', 'del:d +1'],
      ['BITOP OR d none', '+0'],
    ];
    for (const [line, events] of expected) expect([line, heard.of(line)]).toEqual([line, events]);
  });
});
