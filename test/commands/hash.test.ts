import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import { CASES, engineFor, verifyHashes } from './hash_support.ts';
import {
  Announcements,
  engineOf,
  NOT_AN_INTEGER,
  plain,
  runLines,
  SYNTAX,
  WRONG_TYPE,
} from './string_support.ts';

const encodingOf = (engine: Engine, key: string) => engine.line(`OBJECT ENCODING ${key}`);

describe.each(CASES)('%s', (_, encoding, resp3) => {
  function engineWith(...pairs: string[]): Engine {
    const engine = engineFor(encoding, resp3);
    engine.run(['HSET', 'h', ...pairs]);
    encoding.settle(engine, 'h');
    expect(encodingOf(engine, 'h')).toBe(encoding.name);
    return engine;
  }

  it('sets, reads, counts and removes fields', () => {
    const engine = engineWith('a', '1', 'b', 'text', '17', '-5000');
    expect(runLines(engine, 'HSET h a 2 c 3', 'HMSET h d 4 a 5', 'HSETNX h a 6', 'HSETNX h e 7')).toEqual([
      1,
      'OK',
      0,
      1,
    ]);
    expect(runLines(engine, 'HGET h a', 'HGET h 17', 'HGET h none', 'HLEN h')).toEqual([
      '5',
      '-5000',
      null,
      6,
    ]);
    expect(runLines(engine, 'HMGET h a none b', 'HEXISTS h e', 'HEXISTS h none')).toEqual([
      ['5', null, 'text'],
      1,
      0,
    ]);
    expect(runLines(engine, 'HSTRLEN h b', 'HSTRLEN h 17', 'HSTRLEN h none')).toEqual([4, 5, 0]);
    expect(runLines(engine, 'HDEL h a none b a', 'HLEN h', 'HDEL h 17 c d e x', 'EXISTS h')).toEqual([
      2, 4, 4, 0,
    ]);
    verifyHashes(engine, 'h');
  });

  it('returns everything in the types of the protocol', () => {
    const engine = engineWith('a', '1', 'b', '');
    const order = encoding.name === 'hashtable' ? (runLines(engine, 'HKEYS h')[0] as string[]) : ['a', 'b'];
    const held: Record<string, string> = { a: '1', b: '' };
    const all = order.flatMap((field) => [field, held[field]!]);
    const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;
    const sent = (line: string) => engine.bytes([line.split(' ')]).toString('latin1');
    expect(sent('HGETALL h')).toBe((resp3 ? '%2\r\n' : '*4\r\n') + all.map(bulk).join(''));
    expect(sent('HKEYS h')).toBe(`*2\r\n${order.map(bulk).join('')}`);
    expect(sent('HVALS h')).toBe(`*2\r\n${order.map((field) => bulk(held[field]!)).join('')}`);
    expect(sent('HGETALL none')).toBe(resp3 ? '%0\r\n' : '*0\r\n');
    expect(sent('HKEYS none')).toBe('*0\r\n');
    expect(sent('HGET none a')).toBe(resp3 ? '_\r\n' : '$-1\r\n');
    const pair = sent('HRANDFIELD h -1 WITHVALUES');
    expect(pair).toMatch(resp3 ? /^\*1\r\n\*2\r\n\$1/ : /^\*2\r\n\$1/);
  });

  it('adds integers, exactly up to 64 bits, and keeps expiries', () => {
    const engine = engineWith('n', '5', 'big', '9007199254740992', 's', 'text', 'f', '1.5');
    expect(runLines(engine, 'HINCRBY h n 10', 'HINCRBY h n -100', 'HINCRBY h new -7')).toEqual([15, -85, -7]);
    const exact = engine.bytes([['HINCRBY', 'h', 'big', '1']]).toString();
    expect(exact).toBe(':9007199254740993\r\n');
    expect(engine.line('HGET h big')).toBe('9007199254740993');
    expect(
      runLines(
        engine,
        'HINCRBY h s 1',
        'HINCRBY h f 1',
        'HINCRBY h n 1.5',
        'HSET h m 9223372036854775807',
        'HINCRBY h m 1',
        'HINCRBY h m -9223372036854775808',
      ),
    ).toEqual([
      '-ERR hash value is not an integer',
      '-ERR hash value is not an integer',
      `-${NOT_AN_INTEGER}`,
      1,
      '-ERR increment or decrement would overflow',
      -1,
    ]);
    expect(
      runLines(
        engine,
        'HINCRBYFLOAT h f 0.1',
        'HINCRBYFLOAT h n 1e3',
        'HINCRBYFLOAT h fresh -0.5',
        'HINCRBYFLOAT h s 1',
        'HINCRBYFLOAT h f x',
        'HINCRBYFLOAT h f inf',
        'HGET h f',
      ),
    ).toEqual([
      '1.6',
      '915',
      '-0.5',
      '-ERR hash value is not a float',
      '-ERR value is not a valid float',
      '-ERR value is NaN or Infinity',
      '1.6',
    ]);
    runLines(engine, 'HEXPIRE h 100 FIELDS 2 n f', 'HINCRBY h n 1', 'HINCRBYFLOAT h f 1');
    expect(plain(engine.line('HTTL h FIELDS 2 n f'))).toEqual([100, 100]);
    expect(runLines(engine, 'HINCRBY fresh f 3', 'HINCRBYFLOAT fresh g 0.25', 'HLEN fresh')).toEqual([
      3,
      '0.25',
      2,
    ]);
    verifyHashes(engine, 'h', 'fresh');
  });

  it('chooses fields at random', () => {
    const pairs = Array.from({ length: 60 }, (_unused, i) => [`f${i}`, `v${i}`]);
    const engine = engineWith(...pairs.flat());
    const seen = new Set<unknown>();
    for (let i = 0; i < 1500; i++) seen.add(engine.line('HRANDFIELD h'));
    expect(seen.size).toBe(60);
    for (const count of [0, 1, 5, 19, 30, 59, 60, 100]) {
      const chosen = plain(engine.line(`HRANDFIELD h ${count}`)) as string[];
      expect(chosen.length).toBe(Math.min(count, 60));
      expect(new Set(chosen).size).toBe(chosen.length);
      const withValues = (
        plain(engine.line(`HRANDFIELD h ${count} withvalues`)) as unknown[]
      ).flat() as string[];
      for (let i = 0; i < withValues.length; i += 2)
        expect(withValues[i + 1]).toBe(`v${withValues[i]!.slice(1)}`);
    }
    expect((plain(engine.line('HRANDFIELD h -150')) as string[]).length).toBe(150);
    expect(
      runLines(
        engine,
        'HRANDFIELD none',
        'HRANDFIELD none 5',
        'HRANDFIELD none -5 WITHVALUES',
        'HRANDFIELD h 1 x',
      ),
    ).toEqual([null, [], [], `-${SYNTAX}`]);
    expect(
      runLines(
        engine,
        'HRANDFIELD h x',
        'HRANDFIELD h 9223372036854775807 WITHVALUES',
        'HRANDFIELD h -9223372036854775808',
        'HRANDFIELD h 1 WITHVALUES x',
      ),
    ).toEqual([
      `-${NOT_AN_INTEGER}`,
      '-ERR value is out of range',
      '-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
      `-${SYNTAX}`,
    ]);
  });

  it('scans all fields, with a pattern and without values', () => {
    const pairs = Array.from({ length: 300 }, (_unused, i) => [`f${i}`, `v${i}`]);
    const engine = engineWith(...pairs.flat());
    const scanned = (options: string): string[] => {
      const found: string[] = [];
      let cursor = '0';
      do {
        const [next, part] = plain(engine.line(`HSCAN h ${cursor}${options}`)) as [string, string[]];
        found.push(...part);
        cursor = next;
      } while (cursor !== '0');
      return found;
    };
    expect(scanned('').sort()).toEqual(pairs.flat().sort());
    expect(scanned(' COUNT 7 MATCH f1?').sort()).toEqual(
      pairs
        .filter(([field]) => /^f1.$/.test(field!))
        .flat()
        .sort(),
    );
    expect(scanned(' NOVALUES MATCH f2').sort()).toEqual(['f2']);
    expect(runLines(engine, 'HSCAN h x', 'HSCAN none 0', 'HSCAN h 0 TYPE hash', 'HSCAN h 0 COUNT 0')).toEqual(
      ['-ERR invalid cursor', ['0', []], `-${SYNTAX}`, `-${SYNTAX}`],
    );
  });

  it('copies, renames and frees', () => {
    const engine = engineWith(...Array.from({ length: 100 }, (_unused, i) => [`f${i}`, `v${i}`]).flat());
    engine.line('HEXPIRE h 100 FIELDS 1 f7');
    expect(runLines(engine, 'COPY h copy', 'HDEL h f1', 'RENAME h r', 'HLEN r', 'HLEN copy')).toEqual([
      1,
      1,
      'OK',
      99,
      100,
    ]);
    expect(plain(engine.line('HTTL copy FIELDS 2 f7 f8'))).toEqual([100, -1]);
    verifyHashes(engine, 'r', 'copy');
    expect(Number(engine.line('MEMORY USAGE r'))).toBeGreaterThan(1000);
    engine.clock.advance(101_000);
    engine.server.expiry.slice(Number.POSITIVE_INFINITY);
    expect(runLines(engine, 'HLEN r', 'HLEN copy')).toEqual([98, 99]);
    expect(engine.line('FLUSHALL')).toBe('OK');
    engine.verify();
  });

  it('announces what it does', () => {
    const engine = engineWith('a', '1', 'b', '2');
    const announced = new Announcements(engine);
    expect(announced.of('HSET h a 5 x 7')).toBe('hset:h +2');
    expect(announced.of('HMSET h a 5 y 7')).toBe('hset:h +2');
    expect(announced.of('HSETNX h a 1')).toBe('+0');
    expect(announced.of('HSETNX h z 1')).toBe('hset:h +1');
    expect(announced.of('HINCRBY h z 1')).toBe('hincrby:h +1');
    expect(announced.of('HINCRBYFLOAT h z 1')).toBe('hincrbyfloat:h +1');
    expect(announced.of('HDEL h x y none')).toBe('hdel:h +2');
    expect(announced.of('HDEL h a b z')).toBe('hdel:h del:h +3');
    expect(announced.of('HSET h a 5')).toBe('new:h hset:h +1');
  });
});

describe('hashes', () => {
  it('refuse keys of another type and wrong numbers of arguments', () => {
    const engine = engineOf(false);
    engine.line('SET s text');
    const lines = [
      'HSET s a 1',
      'HMSET s a 1',
      'HSETNX s a 1',
      'HGET s a',
      'HMGET s a',
      'HDEL s a',
      'HEXISTS s a',
      'HLEN s',
      'HSTRLEN s a',
      'HINCRBY s a 1',
      'HINCRBYFLOAT s a 1',
      'HGETALL s',
      'HKEYS s',
      'HVALS s',
      'HRANDFIELD s',
      'HRANDFIELD s 3',
      'HSCAN s 0',
      'HEXPIRE s 1 FIELDS 1 a',
      'HTTL s FIELDS 1 a',
      'HPERSIST s FIELDS 1 a',
      'HGETEX s FIELDS 1 a',
      'HGETDEL s FIELDS 1 a',
      'HSETEX s FIELDS 1 a b',
    ];
    for (const line of lines) expect([line, runLines(engine, line)[0]]).toEqual([line, `-${WRONG_TYPE}`]);
    expect(runLines(engine, 'HSET h a', 'HSET h a 1 b', 'HMSET h a 1 b')).toEqual([
      "-ERR wrong number of arguments for 'hset' command",
      "-ERR wrong number of arguments for 'hset' command",
      "-ERR wrong number of arguments for 'hmset' command",
    ]);
    expect(engine.line('EXISTS h')).toBe(0);
  });

  it.each(['HSET h a 5', 'HINCRBY h a 1', 'HINCRBYFLOAT h a 0.5', 'HSETNX h d 1'])(
    'becomes a table by %s when the limit was lowered, but by no error',
    (line) => {
      const engine = engineOf(false);
      runLines(engine, 'HSET h a 1 b 2 c x', 'CONFIG SET hash-max-listpack-entries 2');
      runLines(engine, 'HGET h a', 'HINCRBY h c 1', 'HDEL h none', 'HSETNX h a 1');
      expect(engine.line('OBJECT ENCODING h')).toBe('listpack');
      expect(runLines(engine, line, 'OBJECT ENCODING h', 'HMGET h b c')).toEqual([
        expect.anything(),
        'hashtable',
        ['2', 'x'],
      ]);
    },
  );

  it('become tables at the same operation as in the reference', () => {
    const engine = engineOf(false, {
      config: { 'hash-max-listpack-entries': '4', 'hash-max-listpack-value': '10' },
    });
    runLines(engine, 'HSET h a 1 b 2 c 3 d 4', 'HSET h a 5');
    expect(encodingOf(engine, 'h')).toBe('listpack');
    runLines(engine, 'HSET h e 5');
    expect(encodingOf(engine, 'h')).toBe('hashtable');
    runLines(engine, 'HDEL h a b c d', 'HSET v a 1234567890');
    expect([encodingOf(engine, 'h'), encodingOf(engine, 'v')]).toEqual(['hashtable', 'listpack']);
    runLines(engine, 'HSET v a 12345678901', 'HSET f 12345678901 x', 'HSET n a 9999999999', 'HINCRBY n a 1');
    expect(['v', 'f', 'n'].map((key) => encodingOf(engine, key))).toEqual([
      'hashtable',
      'hashtable',
      'hashtable',
    ]);
    expect(engine.line('HGET n a')).toBe('10000000000');
    runLines(engine, 'HSET x a 1 b 2 c 3 d 4', 'HEXPIRE x 100 FIELDS 1 b');
    expect(encodingOf(engine, 'x')).toBe('listpackex');
    runLines(engine, 'HSET x e 5');
    expect(encodingOf(engine, 'x')).toBe('hashtable');
    expect(plain(engine.line('HTTL x FIELDS 2 a b'))).toEqual([-1, 100]);
    verifyHashes(engine, 'h', 'v', 'f', 'n', 'x');
  });

  it('of many fields go in slices and leave nothing behind', () => {
    const engine = engineOf(false, { outBytes: 1 << 16 });
    for (let i = 0; i < 20; i++) {
      const pairs = Array.from({ length: 500 }, (_, n) => [`field ${i} ${n}`, `value ${n}`]);
      engine.run(['HSET', 'h', ...pairs.flat()]);
    }
    expect((plain(engine.line('HGETALL h')) as string[]).length).toBe(20000);
    const before = engine.server.arena.liveBlocks;
    engine.line('DEL h');
    expect(engine.server.arena.liveBlocks).toBeGreaterThan(before - 5000);
    while (engine.server.keyspace.lazyfree.slice(0));
    expect(engine.server.arena.liveBlocks).toBeLessThan(before - 10000);
    engine.verify();
  });
});
