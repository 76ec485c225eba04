import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import {
  Announcements,
  engineOf,
  NOT_AN_INTEGER,
  PROTOCOLS,
  plain,
  runLines,
  SYNTAX,
  WRONG_TYPE,
} from './string_support.ts';

function encoding(engine: Engine, key: string): unknown {
  return plain(engine.line(`OBJECT ENCODING ${key}`));
}

describe.each(PROTOCOLS)('%s', (_name, resp3) => {
  const nullArray = resp3 ? '_\r\n' : '*-1\r\n';
  const nothing = resp3 ? '_\r\n' : '$-1\r\n';

  function raw(engine: Engine, line: string): string {
    return engine.bytes([line.split(' ')]).toString('latin1');
  }

  it('push and pop at both ends', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(
        engine,
        'RPUSH l b c',
        'LPUSH l a z',
        'LRANGE l 0 -1',
        'LPUSHX l y',
        'RPUSHX none y',
        'LPUSHX none y',
        'LPOP l',
        'RPOP l',
        'LPOP l 2',
        'RPOP l 9',
        'EXISTS l',
      ),
    ).toEqual([2, 4, ['z', 'a', 'b', 'c'], 5, 0, 0, 'y', 'c', ['z', 'a'], ['b'], 0]);
  });

  it('tell a missing list from a missing element', () => {
    const engine = engineOf(resp3);
    for (const line of ['LPOP none', 'RPOP none', 'LINDEX none 0', 'LPOS none a', 'LMOVE none l LEFT LEFT']) {
      expect([line, raw(engine, line)]).toEqual([line, nothing]);
    }
    for (const line of ['LPOP none 0', 'RPOP none 3', 'LMPOP 2 none none2 LEFT']) {
      expect([line, raw(engine, line)]).toEqual([line, nullArray]);
    }
    runLines(engine, 'RPUSH l a');
    for (const line of [
      'LPOP l 0',
      'LPOS none a COUNT 0',
      'LPOS l b COUNT 0',
      'LRANGE l 1 0',
      'LRANGE none 0 -1',
    ]) {
      expect([line, raw(engine, line)]).toEqual([line, '*0\r\n']);
    }
    expect(raw(engine, 'LINDEX l 1')).toBe(nothing);
  });

  it('refuse what makes no sense, in the words of the reference', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'RPUSH l a b', 'SET s x');
    const positive = '-ERR value is out of range, must be positive';
    const expected: readonly (readonly [line: string, error: string])[] = [
      ['LPOP l x', positive],
      ['RPOP l -1', positive],
      ['LPOP s x', positive],
      ['RPOP l 1 2', "-ERR wrong number of arguments for 'rpop' command"],
      ['LINDEX l x', `-${NOT_AN_INTEGER}`],
      ['LRANGE none 0 9223372036854775808', `-${NOT_AN_INTEGER}`],
      ['LTRIM none x 0', `-${NOT_AN_INTEGER}`],
      ['LREM none x a', `-${NOT_AN_INTEGER}`],
      ['LSET none x a', '-ERR no such key'],
      ['LSET l 2 a', '-ERR index out of range'],
      ['LINSERT none at a b', `-${SYNTAX}`],
      ['LMOVE none none UP LEFT', `-${SYNTAX}`],
      ['LPOS l a RANK x', `-${NOT_AN_INTEGER}`],
      [
        'LPOS l a RANK 0',
        "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start " +
          'from the end of the list',
      ],
      ['LPOS l a COUNT -1', "-ERR COUNT can't be negative"],
      ['LPOS l a MAXLEN x', "-ERR MAXLEN can't be negative"],
      ['LPOS l a RANK', `-${SYNTAX}`],
      ['LMPOP 0 l LEFT', '-ERR numkeys should be greater than 0'],
      ['LMPOP 2 l LEFT', `-${SYNTAX}`],
      ['LMPOP 1 l LEFT COUNT 0 COUNT 1', '-ERR count should be greater than 0'],
      ['LMPOP 1 l LEFT COUNT 1 COUNT 1', `-${SYNTAX}`],
      ['LMPOP 1 l LEFT COUNT', `-${SYNTAX}`],
      ...[
        'LPUSH s a',
        'RPUSHX s a',
        'LPOP s',
        'RPOP s 0',
        'LLEN s',
        'LINDEX s 0',
        'LSET s 0 a',
        'LPOS s a',
      ].map((line) => [line, `-${WRONG_TYPE}`] as const),
      ...['LINSERT s AFTER a b', 'LRANGE s 0 1', 'LTRIM s 0 1', 'LREM s 0 a', 'LMPOP 2 none s LEFT'].map(
        (line) => [line, `-${WRONG_TYPE}`] as const,
      ),
      ['RPOPLPUSH s l', `-${WRONG_TYPE}`],
      ['LMOVE l s LEFT LEFT', `-${WRONG_TYPE}`],
    ];
    for (const [line, error] of expected) expect([line, ...runLines(engine, line)]).toEqual([line, error]);
    expect(runLines(engine, 'LRANGE l 0 -1', 'LMOVE none s LEFT LEFT')).toEqual([['a', 'b'], null]);
  });

  it('take indexes beyond what a number holds exactly', () => {
    const engine = engineOf(resp3);
    const [least, most] = ['-9223372036854775808', '9223372036854775807'];
    expect(
      runLines(
        engine,
        'RPUSH l a b a',
        `LRANGE l ${least} ${most}`,
        `LRANGE l ${most} ${least}`,
        `LINDEX l ${most}`,
        `LREM l ${least} b`,
        `LPOS l a RANK ${least}`,
        `LPOS l a RANK ${most}`,
        `LPOP l ${most}`,
      ),
    ).toEqual([3, ['a', 'b', 'a'], [], null, 1, 1, null, ['a', 'a']]);
  });

  it('announce changes and count them', () => {
    const engine = engineOf(resp3);
    const seen = new Announcements(engine);
    expect(
      [
        'RPUSH l a b c d e f',
        'LPUSHX l z',
        'LPUSHX none z',
        'LPOP l',
        'RPOP l 2',
        'LPOP l 0',
        'LSET l 0 A',
        'LINSERT l AFTER A b',
        'LINSERT l AFTER none b',
        'LREM l 0 b',
        'LREM l 0 b',
        'LMOVE l m LEFT RIGHT',
        'RPOPLPUSH l l',
        'LTRIM l 0 -1',
        'RPUSH l x y z',
        'LTRIM l 1 2',
        'LMPOP 2 none l RIGHT COUNT 1',
        'LMOVE m l LEFT RIGHT',
        'LREM l 1 A',
        'LTRIM l 5 6',
        'RPUSH l a',
        'RPOP l',
      ].map((line) => `${line}: ${seen.of(line)}`),
    ).toEqual([
      'RPUSH l a b c d e f: new:l rpush:l +6',
      'LPUSHX l z: lpush:l +1',
      'LPUSHX none z: +0',
      'LPOP l: lpop:l +1',
      'RPOP l 2: rpop:l +2',
      'LPOP l 0: +0',
      'LSET l 0 A: lset:l +1',
      'LINSERT l AFTER A b: linsert:l +1',
      'LINSERT l AFTER none b: +0',
      'LREM l 0 b: lrem:l +2',
      'LREM l 0 b: +0',
      'LMOVE l m LEFT RIGHT: new:m rpush:m lpop:l +1',
      'RPOPLPUSH l l: lpush:l rpop:l +1',
      'LTRIM l 0 -1: ltrim:l +0',
      'RPUSH l x y z: rpush:l +3',
      'LTRIM l 1 2: ltrim:l +3',
      'LMPOP 2 none l RIGHT COUNT 1: rpop:l +1',
      'LMOVE m l LEFT RIGHT: rpush:l lpop:m del:m +1',
      'LREM l 1 A: lrem:l +1',
      'LTRIM l 5 6: ltrim:l del:l +1',
      'RPUSH l a: new:l rpush:l +1',
      'RPOP l: rpop:l del:l +1',
    ]);
  });

  it('become quicklists when one node would be too large, and listpacks again at half of it', () => {
    const engine = engineOf(resp3, { config: { 'list-max-listpack-size': '6' } });
    runLines(engine, 'RPUSH l 1 2 3 4 5 6');
    expect(encoding(engine, 'l')).toBe('listpack');
    runLines(engine, 'LINSERT l AFTER none x');
    expect(encoding(engine, 'l')).toBe('quicklist');
    runLines(engine, 'RPOP l', 'LPOP l');
    expect(encoding(engine, 'l')).toBe('quicklist');
    runLines(engine, 'LREM l 0 3');
    expect(encoding(engine, 'l')).toBe('listpack');
    runLines(engine, 'RPUSH l a b c');
    expect(encoding(engine, 'l')).toBe('listpack');
    runLines(engine, `LSET l 0 ${'x'.repeat(9000)}`);
    expect(encoding(engine, 'l')).toBe('quicklist');
    runLines(engine, 'LTRIM l 1 3');
    expect(encoding(engine, 'l')).toBe('listpack');
    runLines(engine, `LSET l 0 ${'x'.repeat(9000)}`, 'LTRIM l 0 2', 'LSET l 0 y');
    expect(encoding(engine, 'l')).toBe('listpack');
    expect(runLines(engine, 'LRANGE l 0 -1')).toEqual([['y', '5', 'a']]);
    runLines(engine, `RPUSH big a ${'y'.repeat(9000)}`);
    expect(encoding(engine, 'big')).toBe('quicklist');
    runLines(engine, 'RPOPLPUSH big l');
    expect([encoding(engine, 'big'), encoding(engine, 'l')]).toEqual(['listpack', 'quicklist']);
    engine.verify();
  });

  it('keep the limit of bytes with negative sizes', () => {
    for (const [size, bytes] of [
      ['-1', 4096],
      ['-2', 8192],
      ['-5', 65536],
    ] as const) {
      const engine = engineOf(resp3, { config: { 'list-max-listpack-size': size } });
      runLines(engine, `RPUSH l ${'x'.repeat(bytes - 7)}`, `RPUSH m ${'x'.repeat(bytes - 6)}`);
      expect([encoding(engine, 'l'), encoding(engine, 'm')]).toEqual(['listpack', 'quicklist']);
    }
  });

  it('are copied, renamed and deleted whole', () => {
    const engine = engineOf(resp3, { config: { 'list-max-listpack-size': '2', 'list-compress-depth': '1' } });
    const elements = ['1', 'b'.repeat(100), 'b'.repeat(90), '', '-5', 'z'.repeat(9000), '7'];
    engine.run(['RPUSH', 'l', ...elements]);
    expect(runLines(engine, 'COPY l m', 'LSET l 0 other', 'RENAME m n', 'LRANGE n 0 -1')).toEqual([
      1,
      'OK',
      'OK',
      elements,
    ]);
    expect(runLines(engine, 'LINDEX l 0', 'DEL l', 'LRANGE n -1 -1', 'TYPE n')).toEqual([
      'other',
      1,
      ['7'],
      'list',
    ]);
    expect(Number(plain(engine.line('MEMORY USAGE n')))).toBeGreaterThan(300);
    engine.verify();
  });

  it('of many nodes are freed in slices', () => {
    const engine = engineOf(resp3, { config: { 'list-max-listpack-size': '1' } });
    const blocks = engine.server.arena.liveBlocks;
    engine.run(['RPUSH', 'l', ...Array.from({ length: 3000 }, (_, i) => `element ${i}`)]);
    const used = engine.server.arena.liveBlocks;
    expect(used - blocks).toBeGreaterThan(6000);
    expect(runLines(engine, 'DEL l', 'EXISTS l')).toEqual([1, 0]);
    expect(engine.server.arena.liveBlocks).toBeGreaterThan(used - 100);
    while (engine.server.keyspace.lazyfree.slice(0));
    expect(engine.server.arena.liveBlocks).toBeLessThan(blocks + 10);
  });

  it('free what LTRIM and counted pops cut off in slices too', () => {
    const engine = engineOf(resp3, { config: { 'list-max-listpack-size': '1' } });
    const elements = Array.from({ length: 3000 }, (_, i) => `element ${i}`);
    for (const [line, kept] of [
      ['LTRIM l 0 9', elements.slice(0, 10)],
      ['LTRIM l -5 -1', elements.slice(-5)],
      ['LTRIM l 1000 1001', elements.slice(1000, 1002)],
    ] as const) {
      engine.run(['RPUSH', 'l', ...elements]);
      const used = engine.server.arena.liveBlocks;
      runLines(engine, line);
      expect(engine.server.arena.liveBlocks).toBeGreaterThan(used - 2200);
      while (engine.server.keyspace.lazyfree.slice(0));
      expect(engine.server.arena.liveBlocks).toBeLessThan(60);
      expect([line, ...runLines(engine, 'LRANGE l 0 -1', 'DEL l')]).toEqual([line, kept, 1]);
    }
    engine.verify();
  });

  it('answer in frames of any size', () => {
    const engine = engineOf(resp3, { outBytes: 1 << 13 });
    const elements = Array.from({ length: 500 }, (_, i) => `${i}:${'x'.repeat(i % 100)}`);
    engine.run(['RPUSH', 'l', ...elements]);
    expect(runLines(engine, 'LRANGE l 0 -1', 'LRANGE l 250 260')).toEqual([
      elements,
      elements.slice(250, 261),
    ]);
    expect(runLines(engine, 'RPOP l 400')).toEqual([elements.slice(100).reverse()]);
  });
});
