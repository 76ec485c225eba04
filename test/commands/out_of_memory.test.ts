// The n-th block cannot be had, for each n: a command is then refused and leaves no trace, or a value that is whole.
import { describe, expect, it } from 'vitest';
import { OutOfMemoryError } from '../../src/arena/granules.ts';
import { Engine } from '../support/engine.ts';
import type { Argument } from '../support/resp.ts';
import { plain } from './string_support.ts';

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.";
const LONG = 'x'.repeat(3000);
/** A node of its own in a list. */
const HUGE = 'y'.repeat(20_000);

const CREATORS: Argument[][] = [
  ['SET', 'k', LONG],
  ['SETRANGE', 'k', '5000', 'x'],
  ['APPEND', 'k', LONG],
  ['SETBIT', 'k', '90000', '1'],
  ['INCR', 'k'],
  ['HSET', 'k', 'field', LONG],
  ['HSETNX', 'k', LONG, 'value'],
  ['LPUSH', 'k', 'a'],
  ['RPUSH', 'k', LONG],
  ['SADD', 'k', '1'],
  ['SADD', 'k', 'a'],
  ['SADD', 'k', LONG],
  ['ZADD', 'k', '1', LONG],
  ['XADD', 'k', '1-1', 'field', 'value'],
  ['XADD', 'k', '1-1', 'field', LONG],
  ['COPY', 'from', 'k'],
  ['SUNIONSTORE', 'k', 'members'],
  ['ZUNIONSTORE', 'k', '1', 'members'],
  ['SORT', 'members', 'BY', 'nosort', 'STORE', 'k'],
];

const FIELDS = Array.from({ length: 9 }, (_, i) => `f${i} v${i}`).join(' ');
const SCORES = Array.from({ length: 9 }, (_, i) => `${i} m${i}`).join(' ');
const FULL_HASH = `HSET k ${Array.from({ length: 512 }, (_, i) => `f${i} v${i}`).join(' ')}`;
const FULL_ZSET = `ZADD k ${Array.from({ length: 128 }, (_, i) => `${i} m${i}`).join(' ')}`;
const TABLE_ZSET = `ZADD k ${Array.from({ length: 200 }, (_, i) => `${i} m${i}`).join(' ')}`;
const LONG_LIST = `RPUSH k ${Array.from({ length: 900 }, (_, i) => `element${i}`).join(' ')}`;
const STREAM = [
  'XADD k 1-1 f v',
  'XADD k 2-1 f v',
  'XGROUP CREATE k g 0',
  'XREADGROUP GROUP g c COUNT 1 STREAMS k >',
];

/** How a value is made, and commands that change it as a whole or not at all. */
const CHANGES: [string[], string[]][] = [
  [
    [`HSET k ${FIELDS}`],
    [
      'HSET k new value',
      `HSET k f1 ${LONG}`,
      'HINCRBY k n 5',
      'HINCRBYFLOAT k n 1.5',
      'HSETNX k q w',
      'HDEL k f1',
    ],
  ],
  [
    [`HSET k ${FIELDS}`, 'HPEXPIREAT k 9999999999999 FIELDS 2 f1 f2'],
    ['HSET k new value', 'HPEXPIREAT k 9999999999990 FIELDS 1 f4', 'HPERSIST k FIELDS 1 f1', 'HDEL k f1'],
  ],
  [[FULL_HASH], ['HSET k one more', 'HINCRBY k n 5', `HSET k f1 ${LONG}`]],
  [
    [`ZADD k ${SCORES}`],
    [
      'ZADD k 5.5 new',
      'ZADD k 3.25 m1',
      'ZADD k 1 m5',
      'ZINCRBY k 1.5 m1',
      'ZINCRBY k 1 new',
      'GEOADD k 13 38 p',
      'ZREM k m1',
    ],
  ],
  [[FULL_ZSET], ['ZADD k 5.5 new', 'ZINCRBY k 1 new']],
  [[TABLE_ZSET], ['ZADD k 5.5 new', 'ZADD k 150.5 m1', 'GEOADD k 13 38 p']],
  [['PFADD k a b c'], ['PFADD k d']],
  [['SADD k 1 2 3'], ['SADD k 4', 'SADD k 70000', 'SADD k a', 'SREM k 1']],
  [['RPUSH k a b c'], ['RPUSH k d', `LSET k 1 ${LONG}`, `LINSERT k AFTER b ${LONG}`, 'LREM k 0 b']],
  [[LONG_LIST], ['LINSERT k BEFORE element450 x', `LSET k 450 ${LONG}`]],
  [[`RPUSH k a ${HUGE} b c ${HUGE} d`], [`LSET k 1 ${HUGE}z`, 'LSET k 1 small', `LSET k 2 ${HUGE}z`]],
  [
    ['CONFIG SET list-compress-depth 1', `RPUSH k a ${HUGE} b c ${HUGE} d`],
    [
      `LSET k 1 ${HUGE}z`,
      'LSET k 1 small',
      `LSET k 2 ${HUGE}z`,
      'LSET k 3 small',
      `LINSERT k AFTER b ${HUGE}`,
    ],
  ],
  [
    STREAM,
    [
      'XADD k 5-1 f v',
      `XADD k 5-1 f ${LONG}`,
      'XGROUP CREATE k h 0',
      'XGROUP CREATECONSUMER k g d',
      'XDEL k 1-1',
      'XCFGSET k IDMP-MAXSIZE 3',
    ],
  ],
];
/** Those that move an element. It may stand in both places, for want of memory to make the first one smaller. */
const MOVES: [string[], string[]][] = [
  [
    ['RPUSH k a b', 'RPUSH other c d'],
    ['LMOVE k other LEFT RIGHT', 'RPOPLPUSH k other', 'RPOPLPUSH k new', 'BLMOVE k new LEFT LEFT 0'],
  ],
  [[`RPUSH k ${HUGE}`], ['LMOVE k new RIGHT LEFT', 'RPOPLPUSH k k', 'BRPOPLPUSH k new 0']],
  [
    [`RPUSH k a ${HUGE} b ${HUGE}`, `RPUSH other ${HUGE} c`],
    ['LMOVE k k RIGHT LEFT', 'LMOVE k k RIGHT RIGHT', 'LMOVE k other RIGHT LEFT', 'LMOVE k other LEFT RIGHT'],
  ],
  [
    ['SADD k 1 2 3', 'SADD other 1 2'],
    ['SMOVE k other 3', 'SMOVE k other 1'],
  ],
  [
    [`SADD k a ${LONG}`, 'SADD other 1 2'],
    [`SMOVE k other ${LONG}`, 'SMOVE k other a'],
  ],
  [[`SADD k ${LONG}`, 'SADD other a'], [`SMOVE k other ${LONG}`]],
];
/** Those that do several things, some of which may be done. */
const CHANGES_IN_STEPS: [string[], string[]][] = [
  [[`HSET k ${FIELDS}`], ['HSET k a 1 b 2 c 3', 'HSETEX k EX 100 FIELDS 2 f1 a f2 b']],
  [[`ZADD k ${SCORES}`], ['ZADD k 1 a 2 b 3 c', 'ZPOPMIN k 2']],
  [
    [...STREAM, 'XADD k IDMP p i * f v'],
    [
      'XADD k IDMP p j * f v',
      'XADD k IDMP q i * f v',
      'XREADGROUP GROUP g d STREAMS k >',
      'XCLAIM k g d 0 1-1',
      'XNACK k g FAIL IDS 2 1-1 2-1 FORCE',
      'XACK k g 1-1',
      'XIDMPRECORD k q j 2-1',
    ],
  ],
];

function flat(changes: [string[], string[]][]): [string, string[], string][] {
  return changes.flatMap(([setup, commands]) =>
    commands.map((line): [string, string[], string] => [
      `${setup.at(-1)!.slice(0, 12)}: ${line.slice(0, 40)}`,
      setup,
      line,
    ]),
  );
}

function engineAfter(lines: readonly string[]): Engine {
  const engine = new Engine();
  for (const line of lines) expect(String(plain(engine.line(line)))).not.toMatch(/^-/);
  return engine;
}

/** Checks the value of `k` to the last block, and the arena. */
function checkValue(engine: Engine): void {
  const { keyspace } = engine.server;
  const { entries, hash, hashes, lists, sets, streams, zsets } = keyspace;
  const key = Buffer.from('k');
  const ref = keyspace.db(0).find(key, 0, 1, hash.hash(key, 0, 1));
  if (ref !== 0) [null, lists, sets, zsets, hashes, null, streams][entries.type(ref)]?.check(ref);
  engine.verify();
}

/** Lets the n-th allocation of the engine's arena fail; returns a function that ends this, and says whether it came to that. */
function failAt(engine: Engine, n: number): () => boolean {
  const { arena } = engine.server;
  const alloc = arena.alloc.bind(arena);
  let left = n;
  arena.alloc = (bytes) => {
    if (--left === 0) throw new OutOfMemoryError('none left');
    return alloc(bytes);
  };
  return () => {
    arena.alloc = alloc;
    return left <= 0;
  };
}

describe('a command that finds no memory', () => {
  it.each(
    CREATORS.map((words) => [words.map((word) => String(word).slice(0, 10)).join(' '), words] as const),
  )('leaves no key behind: %s', (_, words) => {
    for (let n = 1; ; n++) {
      const engine = new Engine();
      engine.run(['LPUSH', 'from', 'a', LONG]);
      engine.run(['SADD', 'members', 'a', 'b', LONG]);
      const failed = failAt(engine, n);
      const reply = plain(engine.run(words));
      if (!failed()) {
        expect(n).toBeGreaterThan(1);
        break;
      }
      expect(reply).toBe(OOM);
      expect(engine.line('EXISTS k')).toBe(0);
      expect(engine.line('DBSIZE')).toBe(2);
      engine.verify();
      expect(plain(engine.run(words))).not.toBe(OOM);
      expect(engine.line('EXISTS k')).toBe(1);
    }
  });

  it.each(flat(CHANGES))('changes a value as a whole or not at all: %s', (_, setup, line) => {
    const whole = engineAfter(setup);
    const before = whole.line('DEBUG DIGEST');
    whole.line(line);
    const after = whole.line('DEBUG DIGEST');
    for (let n = 1, isDone = false; !isDone && n < 30; n++) {
      const engine = engineAfter(setup);
      const failed = failAt(engine, n);
      const reply = plain(engine.line(line));
      isDone = !failed();
      checkValue(engine);
      expect(engine.line('DEBUG DIGEST')).toBe(reply === OOM ? before : after);
      if (reply === OOM) expect(plain(engine.line(line))).not.toBe(OOM);
      expect(engine.line('DEBUG DIGEST')).toBe(after);
      checkValue(engine);
    }
  });

  it.each(flat(MOVES))('loses nothing that it moves: %s', (_, setup, line) => {
    const whole = engineAfter(setup);
    const elements = (engine: Engine): string[] =>
      ['k', 'other', 'new']
        .flatMap((key) => [`LRANGE ${key} 0 -1`, `SMEMBERS ${key}`].map((read) => plain(engine.line(read))))
        .flatMap((reply) => (Array.isArray(reply) ? reply.map(String) : []));
    const before = elements(whole);
    whole.line(line);
    const after = whole.line('DEBUG DIGEST');
    for (let n = 1, isDone = false; !isDone && n < 30; n++) {
      const engine = engineAfter(setup);
      const failed = failAt(engine, n);
      const reply = plain(engine.line(line));
      isDone = !failed();
      checkValue(engine);
      const extra = elements(engine);
      if (reply === OOM) {
        for (const element of before) {
          expect(extra).toContain(element);
          extra.splice(extra.indexOf(element), 1);
        }
        expect(extra.length).toBeLessThanOrEqual(1);
        if (extra.length === 1) continue;
        expect(plain(engine.line(line))).not.toBe(OOM);
      }
      expect(engine.line('DEBUG DIGEST')).toBe(after);
    }
  });

  it.each(flat(CHANGES_IN_STEPS))('leaves a value that is whole: %s', (_, setup, line) => {
    for (let n = 1, isDone = false; !isDone && n < 30; n++) {
      const engine = engineAfter(setup);
      const failed = failAt(engine, n);
      engine.line(line);
      isDone = !failed();
      checkValue(engine);
      if (!isDone) expect(plain(engine.line(line))).not.toBe(OOM);
      checkValue(engine);
      engine.line('DEL k');
      engine.verify();
    }
  });

  it('keeps the table whole however it grows', () => {
    for (let n = 1; n < 60; n++) {
      const engine = new Engine();
      const failed = failAt(engine, n);
      let stored = 0;
      for (let i = 0; i < 400; i++) if (plain(engine.run(['SET', `key${i}`, 'v'])) === 'OK') stored++;
      expect(failed()).toBe(true);
      expect(engine.line('DBSIZE')).toBe(stored);
      engine.verify();
      expect(stored).toBe(399);
    }
  });
});
