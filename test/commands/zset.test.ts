import { describe, expect, it } from 'vitest';
import { Announcements, engineOf, NOT_AN_INTEGER, runLines, SYNTAX, WRONG_TYPE } from './string_support.ts';
import { CASES, checkSortedSet, engineFor, score, scored } from './zset_support.ts';

const NOT_A_FLOAT = '-ERR value is not a valid float';
const NOT_A_BOUND = '-ERR min or max is not a float';
const NOT_A_LEX_BOUND = '-ERR min or max not valid string range item';
const INCOMPATIBLE = '-ERR GT, LT, and/or NX options at the same time are not compatible';

describe.each(CASES)('%s', (_, encoding, resp3) => {
  it('adds, changes and removes members', () => {
    const engine = engineFor(encoding, resp3);
    expect(runLines(engine, 'ZADD z 1 a 2 b 2 b 3 c', 'ZCARD z', 'OBJECT ENCODING z')).toEqual([
      3,
      3,
      encoding,
    ]);
    expect(runLines(engine, 'ZADD z CH 1 a 5 b 0 d', 'ZADD z NX 9 a 9 e', 'ZADD z XX 7 a 7 f')).toEqual([
      2, 1, 0,
    ]);
    expect(runLines(engine, 'ZADD z GT CH 6 a 8 b', 'ZADD z LT CH 6 a 9 b', 'ZADD z GT 1 new')).toEqual([
      1, 1, 1,
    ]);
    expect(runLines(engine, 'ZRANGE z 0 -1 WITHSCORES')).toEqual([
      scored(resp3, ['d', 0], ['new', 1], ['c', 3], ['a', 6], ['b', 8], ['e', 9]),
    ]);
    checkSortedSet(engine, 'z');
    expect(runLines(engine, 'ZREM z a x a', 'ZREM z b c d', 'ZREM z new e y', 'EXISTS z')).toEqual([
      1, 3, 2, 0,
    ]);
    engine.verify();
  });

  it('increments scores', () => {
    const engine = engineFor(encoding, resp3);
    const replies = runLines(
      engine,
      'ZINCRBY z 2.5 a',
      'ZINCRBY z -1 a',
      'ZADD z INCR 10 a',
      'ZADD z INCR NX 1 a',
      'ZADD z XX INCR 1 b',
      'ZADD n XX INCR 1 b',
      'ZADD z GT INCR -1 a',
      'ZADD z INCR inf a',
      'ZINCRBY z -inf a',
    );
    const numbers = [2.5, 1.5, 11.5].map((value) => score(resp3, value));
    const error = '-ERR resulting score is not a number (NaN)';
    expect(replies).toEqual([...numbers, null, null, null, null, score(resp3, Infinity), error]);
    expect(runLines(engine, 'ZSCORE z a', 'ZMSCORE z x a', 'ZSCORE n a')).toEqual([
      score(resp3, Infinity),
      [null, score(resp3, Infinity)],
      null,
    ]);
  });

  it('ranks members', () => {
    const engine = engineFor(encoding, resp3);
    runLines(engine, 'ZADD z 1 b 1 a 2 c 3 d');
    expect(runLines(engine, 'ZRANK z a', 'ZRANK z b', 'ZREVRANK z a', 'ZRANK z x', 'ZRANK n x')).toEqual([
      0,
      1,
      3,
      null,
      null,
    ]);
    expect(runLines(engine, 'ZRANK z c WITHSCORE', 'ZREVRANK z c WITHSCORE', 'ZRANK z x WITHSCORE')).toEqual([
      [2, score(resp3, 2)],
      [1, score(resp3, 2)],
      null,
    ]);
    expect(engine.bytes([['ZRANK', 'z', 'x', 'WITHSCORE']]).toString()).toBe(resp3 ? '_\r\n' : '*-1\r\n');
  });

  it('ranges by rank, score and member', () => {
    const engine = engineFor(encoding, resp3);
    runLines(engine, 'ZADD z 1 a 2 b 3 c 4 d 5 e', 'ZADD l 0 a 0 b 0 c 0 aa 0 d');
    expect(
      runLines(
        engine,
        'ZRANGE z 1 2',
        'ZRANGE z -2 100 REV',
        'ZREVRANGE z 0 0 WITHSCORES',
        'ZRANGE z 3 1',
        'ZRANGEBYSCORE z (1 3',
        'ZRANGEBYSCORE z -inf +inf LIMIT 1 2',
        'ZREVRANGEBYSCORE z 4 (1 LIMIT 1 -1',
        'ZRANGE z (4 1 BYSCORE REV LIMIT 0 2 WITHSCORES',
        'ZRANGEBYSCORE z 1 5 LIMIT -1 5',
        'ZRANGEBYSCORE z (2 2',
        'ZCOUNT z (1 (5',
      ),
    ).toEqual([
      ['b', 'c'],
      ['b', 'a'],
      scored(resp3, ['e', 5]),
      [],
      ['b', 'c'],
      ['b', 'c'],
      ['c', 'b'],
      scored(resp3, ['c', 3], ['b', 2]),
      [],
      [],
      3,
    ]);
    expect(
      runLines(
        engine,
        'ZRANGEBYLEX l - +',
        'ZRANGEBYLEX l [aa (c',
        'ZREVRANGEBYLEX l + (a LIMIT 1 2',
        'ZRANGE l [c [a BYLEX REV',
        'ZLEXCOUNT l (a [c',
        'ZLEXCOUNT l + -',
      ),
    ).toEqual([['a', 'aa', 'b', 'c', 'd'], ['aa', 'b'], ['c', 'b'], ['c', 'b', 'aa', 'a'], 3, 0]);
  });

  it('removes ranges', () => {
    const engine = engineFor(encoding, resp3);
    runLines(engine, 'ZADD z 1 a 2 b 3 c 4 d 5 e', 'ZADD l 0 a 0 b 0 c');
    expect(runLines(engine, 'ZREMRANGEBYRANK z -1 -1', 'ZREMRANGEBYSCORE z (1 2', 'ZRANGE z 0 -1')).toEqual([
      1,
      1,
      ['a', 'c', 'd'],
    ]);
    expect(runLines(engine, 'ZREMRANGEBYLEX l [b +', 'ZRANGE l 0 -1', 'ZREMRANGEBYLEX l [b +')).toEqual([
      2,
      ['a'],
      0,
    ]);
    checkSortedSet(engine, 'z');
    expect(runLines(engine, 'ZREMRANGEBYRANK z 0 -1', 'EXISTS z', 'ZREMRANGEBYRANK z 0 -1')).toEqual([
      3, 0, 0,
    ]);
    engine.verify();
  });

  it('pops from both ends', () => {
    const engine = engineFor(encoding, resp3);
    runLines(engine, 'ZADD z 1 a 2 b 3 c 4 d 5 e 6 f');
    const pair = (member: string, value: number): unknown[] => [member, score(resp3, value)];
    expect(runLines(engine, 'ZPOPMIN z', 'ZPOPMAX z 2', 'ZPOPMIN z 0', 'ZPOPMIN n', 'ZPOPMIN n 5')).toEqual([
      pair('a', 1),
      scored(resp3, ['f', 6], ['e', 5]),
      [],
      [],
      [],
    ]);
    expect(runLines(engine, 'ZMPOP 2 n z MAX', 'ZMPOP 1 z MIN COUNT 9', 'ZMPOP 1 z MIN', 'EXISTS z')).toEqual(
      [['z', [pair('d', 4)]], ['z', [pair('b', 2), pair('c', 3)]], null, 0],
    );
    engine.verify();
  });

  it('stores ranges', () => {
    const engine = engineFor(encoding, resp3);
    runLines(engine, 'ZADD z 1 a 2 b 3 c 4 d', 'SET s x');
    expect(runLines(engine, 'ZRANGESTORE s z 1 2', 'ZRANGE s 0 -1 WITHSCORES', 'OBJECT ENCODING s')).toEqual([
      2,
      scored(resp3, ['b', 2], ['c', 3]),
      encoding,
    ]);
    expect(runLines(engine, 'ZRANGESTORE s z 9 9', 'EXISTS s', 'ZRANGESTORE s n 0 -1')).toEqual([0, 0, 0]);
    expect(runLines(engine, 'ZRANGESTORE z z (1 +inf BYSCORE LIMIT 1 1', 'ZRANGE z 0 -1')).toEqual([
      1,
      ['c'],
    ]);
    engine.verify();
  });

  it('combines sorted sets and sets', () => {
    const engine = engineFor(encoding, resp3);
    runLines(engine, 'ZADD a 1 x 2 y 3 z', 'ZADD b 10 y 20 z 30 w', 'SADD s y w');
    expect(
      runLines(
        engine,
        'ZUNION 2 a b WITHSCORES',
        'ZINTER 2 a b WEIGHTS 2 1 WITHSCORES',
        'ZINTER 3 a b s AGGREGATE MAX WITHSCORES',
        'ZUNION 2 a s AGGREGATE MIN',
        'ZUNION 3 a b s WEIGHTS 1 1 5 AGGREGATE COUNT WITHSCORES',
        'ZDIFF 2 a s WITHSCORES',
        'ZDIFF 2 a a',
        'ZDIFF 2 n a',
        'ZINTERCARD 2 a b',
        'ZINTERCARD 2 a b LIMIT 1',
        'ZINTERCARD 2 a n',
      ),
    ).toEqual([
      scored(resp3, ['x', 1], ['y', 12], ['z', 23], ['w', 30]),
      scored(resp3, ['y', 14], ['z', 26]),
      scored(resp3, ['y', 10]),
      ['w', 'x', 'y', 'z'],
      scored(resp3, ['x', 1], ['z', 2], ['w', 6], ['y', 7]),
      scored(resp3, ['x', 1], ['z', 3]),
      [],
      [],
      2,
      1,
      0,
    ]);
    expect(
      runLines(engine, 'ZUNIONSTORE a 2 a b', 'ZRANGE a 0 -1', 'ZINTERSTORE t 2 a n', 'EXISTS t'),
    ).toEqual([4, ['x', 'y', 'z', 'w'], 0, 0]);
    expect(runLines(engine, 'ZDIFFSTORE t 2 a s', 'ZRANGE t 0 -1 WITHSCORES', 'OBJECT ENCODING t')).toEqual([
      2,
      scored(resp3, ['x', 1], ['z', 23]),
      encoding,
    ]);
    checkSortedSet(engine, 't');
  });

  it('adds infinities of both signs up to zero', () => {
    const engine = engineFor(encoding, resp3);
    runLines(engine, 'ZADD a inf x', 'ZADD b -inf x', 'ZADD c 5 x');
    expect(runLines(engine, 'ZUNION 2 a b WITHSCORES', 'ZUNION 1 a WEIGHTS 0 WITHSCORES')).toEqual([
      scored(resp3, ['x', 0]),
      scored(resp3, ['x', 0]),
    ]);
  });

  it('scans all members', () => {
    const engine = engineFor(encoding, resp3);
    const names = Array.from({ length: 300 }, (_, i) => `m${i}`);
    engine.run(['ZADD', 'z', ...names.flatMap((name, i) => [String(i / 2), name])]);
    const seen = new Map<string, string>();
    let cursor = '0';
    do {
      const [next, found] = engine.run(['ZSCAN', 'z', cursor, 'COUNT', '20']) as [string, string[]];
      for (let i = 0; i < found.length; i += 2) seen.set(found[i]!, found[i + 1]!);
      cursor = next;
    } while (cursor !== '0');
    expect([...seen].sort()).toEqual(names.map((name, i) => [name, String(i / 2)]).sort());
    const [, some] = engine.run(['ZSCAN', 'z', '0', 'MATCH', 'm29?', 'COUNT', '1000']) as [string, string[]];
    expect(some.filter((_, i) => i % 2 === 0).sort()).toEqual(names.slice(290));
    expect(runLines(engine, 'ZSCAN n 0', 'ZSCAN z x')).toEqual([['0', []], '-ERR invalid cursor']);
  });

  it.each([1, 5, 32, 34, 99, 100, 500])('picks %i of a hundred', (count) => {
    const engine = engineFor(encoding, resp3);
    const names = Array.from({ length: 100 }, (_, i) => `m${i}`);
    engine.run(['ZADD', 'z', ...names.flatMap((name, i) => [String(i), name])]);
    const shown = engine.run(['ZRANDMEMBER', 'z', String(count)]) as string[];
    expect(new Set(shown).size).toBe(Math.min(count, 100));
    expect(shown.length).toBe(Math.min(count, 100));
    const again = engine.run(['ZRANDMEMBER', 'z', String(-count), 'WITHSCORES']) as unknown[];
    expect(again.length).toBe(resp3 ? count : count * 2);
    const pairs = (
      resp3 ? again : again.map((_, i) => again.slice(i, i + 2)).filter((_, i) => i % 2 === 0)
    ) as [string, string | number][];
    for (const [name, value] of pairs) expect(name).toBe(`m${value}`);
    expect(names).toContain(engine.line('ZRANDMEMBER z'));
  });
});

describe('mistakes', () => {
  it.each([
    ['ZADD z 1', "-ERR wrong number of arguments for 'zadd' command"],
    ['ZADD z 1 a 2', SYNTAX],
    ['ZADD z NX CH XX', SYNTAX],
    ['ZADD z NX XX 1 a', '-ERR XX and NX options at the same time are not compatible'],
    ['ZADD z NX GT 1 a', INCOMPATIBLE],
    ['ZADD z GT LT 1 a', INCOMPATIBLE],
    ['ZADD z INCR 1 a 2 b', '-ERR INCR option supports a single increment-element pair'],
    ['ZADD z 1 a x b', NOT_A_FLOAT],
    ['ZADD z nan a', NOT_A_FLOAT],
    ['ZINCRBY z x a', NOT_A_FLOAT],
    ['ZCOUNT z x 1', NOT_A_BOUND],
    ['ZCOUNT z 1 (x', NOT_A_BOUND],
    ['ZRANGEBYSCORE z 1 nan', NOT_A_BOUND],
    ['ZLEXCOUNT z a b', NOT_A_LEX_BOUND],
    ['ZRANGEBYLEX z [a +b', NOT_A_LEX_BOUND],
    ['ZREMRANGEBYLEX z - x', NOT_A_LEX_BOUND],
    ['ZREMRANGEBYRANK z a 1', NOT_AN_INTEGER],
    ['ZRANGE z 0 x', NOT_AN_INTEGER],
    ['ZRANGE z 0 1 BYLEX', NOT_A_LEX_BOUND],
    ['ZRANGE z 0 1 BYLEX BYSCORE', SYNTAX],
    [
      'ZRANGE z 0 1 LIMIT 0 1',
      '-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
    ],
    [
      'ZRANGE z - + BYLEX WITHSCORES',
      '-ERR syntax error, WITHSCORES not supported in combination with BYLEX',
    ],
    ['ZRANGEBYSCORE z 0 1 LIMIT 0', SYNTAX],
    ['ZRANGEBYSCORE z 0 1 LIMIT 0 x', NOT_AN_INTEGER],
    ['ZRANGESTORE t z 0 1 WITHSCORES', SYNTAX],
    ['ZRANK z a b', SYNTAX],
    ['ZRANK z a WITHSCORE b', SYNTAX],
    ['ZPOPMIN z -1', '-ERR value is out of range, must be positive'],
    ['ZPOPMIN z 1 2', SYNTAX],
    ['ZMPOP 0 z MIN', '-ERR numkeys should be greater than 0'],
    ['ZMPOP 2 z MIN', SYNTAX],
    ['ZMPOP 1 z MID', SYNTAX],
    ['ZMPOP 1 z MIN COUNT 0', '-ERR count should be greater than 0'],
    ['ZUNION x a', NOT_AN_INTEGER],
    ['ZUNION 0 a', "-ERR at least 1 input key is needed for 'zunion' command"],
    ['ZINTERSTORE t 3 a b', SYNTAX],
    ['ZUNION 1 a WEIGHTS x', '-ERR weight value is not a float'],
    ['ZUNION 1 a WEIGHTS', SYNTAX],
    ['ZUNION 1 a AGGREGATE avg', SYNTAX],
    ['ZDIFF 1 a WEIGHTS 1', SYNTAX],
    ['ZUNIONSTORE t 1 a WITHSCORES', SYNTAX],
    ['ZINTERCARD 1 a LIMIT -1', "-ERR LIMIT can't be negative"],
    ['ZRANDMEMBER z x', NOT_AN_INTEGER],
    ['ZRANDMEMBER z 1 x', SYNTAX],
    ['ZRANDMEMBER z 9223372036854775807 WITHSCORES', '-ERR value is out of range'],
  ])('%s', (line, error) => {
    const text = error.startsWith('-') ? error : `-${error}`;
    expect(runLines(engineOf(false), line)).toEqual([text]);
  });

  it('is another type', () => {
    const engine = engineOf(false);
    runLines(engine, 'SET s x', 'ZADD z 1 a');
    const lines = [
      ...['ZADD s 1 a', 'ZINCRBY s 1 a', 'ZREM s a', 'ZCARD s', 'ZSCORE s a', 'ZMSCORE s a', 'ZRANK s a'],
      ...['ZCOUNT s 0 1', 'ZLEXCOUNT s - +', 'ZRANGE s 0 1', 'ZRANGESTORE t s 0 1', 'ZREMRANGEBYRANK s 0 1'],
      ...['ZPOPMIN s', 'ZMPOP 1 s MIN', 'BZPOPMIN s 1', 'ZUNION 2 z s', 'ZINTERCARD 2 z s', 'ZSCAN s 0'],
      'ZRANDMEMBER s 1',
    ];
    expect(new Set(runLines(engine, ...lines))).toEqual(new Set([`-${WRONG_TYPE}`]));
  });
});

describe('encodings', () => {
  it('change when there are too many members, or one is too long, and never back', () => {
    const config = { 'zset-max-listpack-entries': '3', 'zset-max-listpack-value': '5' };
    const engine = engineOf(false, { config });
    const encodings = (...lines: string[]): unknown[] =>
      lines.map((line) => runLines(engine, line, 'OBJECT ENCODING z')[1]);
    expect(encodings('ZADD z 1 a 2 b 3 c', 'ZADD z 9 a', 'ZADD z 4 d', 'ZREM z a b c')).toEqual([
      'listpack',
      'listpack',
      'skiplist',
      'skiplist',
    ]);
    expect(encodings('DEL z', 'ZADD z 1 abcdef', 'DEL z', 'ZADD z 1 abcde', 'ZADD z 1 abcdef')).toEqual([
      null,
      'skiplist',
      null,
      'listpack',
      'skiplist',
    ]);
    expect(encodings('ZRANGESTORE z z 0 0', 'ZUNIONSTORE z 1 z')).toEqual(['listpack', 'listpack']);
    checkSortedSet(engine, 'z');
  });

  it('keep values and scores when they change, and in copies', () => {
    const engine = engineOf(false);
    runLines(engine, 'ZADD z -0 zero 1.5 half inf top 9007199254740993 big -17 17 1e100 far');
    const all = runLines(engine, 'ZRANGE z 0 -1 WITHSCORES')[0];
    const words = '17 -17 zero 0 half 1.5 big 9007199254740992 far 1e+100 top inf';
    expect(all).toEqual(words.split(' '));
    const long = 'x'.repeat(65);
    expect(runLines(engine, `ZADD z 3 ${long}`, 'OBJECT ENCODING z', `ZREM z ${long}`)).toEqual([
      1,
      'skiplist',
      1,
    ]);
    expect(runLines(engine, 'ZRANGE z 0 -1 WITHSCORES')[0]).toEqual(all);
    expect(runLines(engine, 'COPY z y', 'DEL z', 'ZRANGE y 0 -1 WITHSCORES')).toEqual([1, 1, all]);
    checkSortedSet(engine, 'y');
    expect(engine.line('MEMORY USAGE y')).toBeGreaterThan(500);
  });
});

describe('announcements', () => {
  it('name what happened, and count each member', () => {
    const engine = engineOf(false);
    const announced = new Announcements(engine);
    const lines = [
      'ZADD z 1 a 2 b 3 c 4 d 5 e 6 f',
      'ZADD z 1 a',
      'ZADD z XX 9 a 9 new',
      'ZINCRBY z 1 b',
      'ZADD z INCR 0 b',
      'ZREM z a x',
      'ZREM z x',
      'ZPOPMIN z 2',
      'ZREMRANGEBYRANK z 0 0',
      'ZRANGESTORE t z 0 -1',
      'ZUNIONSTORE t 2 z t',
      'ZDIFFSTORE t 2 z z',
      'ZMPOP 1 z MAX COUNT 9',
      'ZPOPMIN z',
    ];
    expect(lines.map((line) => announced.of(line))).toEqual([
      'new:z zadd:z +6',
      '+0',
      'zadd:z +1',
      'zincr:z +1',
      '+0',
      'zrem:z +1',
      '+0',
      'zpopmin:z +2',
      'zremrangebyrank:z +1',
      'new:t zrangestore:t +1',
      'zunionstore:t +1',
      'del:t +1',
      'zpopmax:z del:z +2',
      '+0',
    ]);
  });
});

describe('blocking', () => {
  it('waits for members, first come first served', () => {
    const engine = engineOf(false);
    const text = (slot: number): string => engine.take(slot).toString();
    engine.bytes([['BZPOPMIN', 'n', 'z', '0']], 1);
    engine.bytes([['BZPOPMAX', 'z', '0']], 2);
    engine.bytes([['BZMPOP', '0', '1', 'z', 'MAX', 'COUNT', '2']], 3);
    engine.line('ZADD z 1 a 2 b 3 c 4 d');
    expect(text(1)).toBe('*3\r\n$1\r\nz\r\n$1\r\na\r\n$1\r\n1\r\n');
    expect(text(2)).toBe('*3\r\n$1\r\nz\r\n$1\r\nd\r\n$1\r\n4\r\n');
    expect(text(3)).toBe('*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\nc\r\n$1\r\n3\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n');
    expect(engine.line('EXISTS z')).toBe(0);
  });

  it('passes over keys of another type that appear meanwhile', () => {
    const engine = engineOf(false);
    engine.bytes([['BZPOPMIN', 'z', '0']], 1);
    engine.line('SET z x');
    expect(engine.take(1).length).toBe(0);
    runLines(engine, 'DEL z', 'ZUNIONSTORE z 1 n', 'ZADD z 5 e');
    expect(engine.take(1).toString()).toBe('*3\r\n$1\r\nz\r\n$1\r\ne\r\n$1\r\n5\r\n');
  });

  it('does not wait inside a transaction', () => {
    const engine = engineOf(false);
    runLines(engine, 'MULTI', 'BZPOPMIN z 0', 'BZMPOP 0 1 z MIN');
    expect(engine.bytes([['EXEC']]).toString()).toBe('*2\r\n*-1\r\n*-1\r\n');
  });
});
