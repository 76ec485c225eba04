import { describe, expect, it } from 'vitest';
import type { VirtualClock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import { Engine } from '../support/engine.ts';
import { seededRandom } from '../support/seed.ts';
import { Announcements, engineOf, PROTOCOLS, plain, putList, runLines } from './string_support.ts';

const NO_SUCH_KEY = '-ERR no such key';
const SAME_OBJECT = '-ERR source and destination objects are the same';
const NOT_AN_INTEGER = '-ERR value is not an integer or out of range';
const BEYOND_INT = '-ERR value is out of range, value must between -2147483648 and 2147483647';
const NO_SUCH_DB = '-ERR DB index is out of range';
const SYNTAX = '-ERR syntax error';

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('counts, deletes and names types', () => {
    const engine = engineOf(resp3);
    putList(engine, 'l');
    expect(
      runLines(engine, 'MSET a 1 b 2', 'EXISTS a b none a', 'TOUCH a none b', 'DBSIZE', 'TYPE a', 'TYPE l'),
    ).toEqual(['OK', 3, 2, 3, 'string', 'list']);
    expect(
      runLines(engine, 'DEL a none a', 'UNLINK b none', 'TYPE a', 'EXISTS a b', 'DBSIZE', 'FLUSHDB'),
    ).toEqual([1, 1, 'none', 0, 1, 'OK']);
    expect(engine.line('RANDOMKEY')).toBe(null);
    engine.verify();
  });

  it('renames over what is there, with value, expiry and encoding', () => {
    const engine = engineOf(resp3);
    const long = 'x'.repeat(5000);
    runLines(engine, `SET a ${long} PX 5000`, 'APPEND b 12', 'SET n 7', 'SET c old');
    expect(runLines(engine, 'RENAME a c', 'PTTL c', 'EXISTS a', 'RENAME b d', 'GET d')).toEqual([
      'OK',
      5000,
      0,
      'OK',
      '12',
    ]);
    expect(engine.line('GET c')).toBe(long);
    expect(runLines(engine, 'RENAME n d', 'OBJECT ENCODING d', 'GET d', 'PTTL d')).toEqual([
      'OK',
      'int',
      '7',
      -1,
    ]);
    expect(runLines(engine, 'RENAMENX c d', 'RENAMENX c e', 'RENAME none x', 'RENAMENX none x')).toEqual([
      0,
      1,
      NO_SUCH_KEY,
      NO_SUCH_KEY,
    ]);
    expect(runLines(engine, 'RENAME e e', 'RENAMENX e e', 'RENAME none none')).toEqual([
      'OK',
      0,
      NO_SUCH_KEY,
    ]);
    engine.verify();
    runLines(engine, 'FLUSHALL');
    engine.verify();
  });

  it('copies a value of its own, to any database', () => {
    const engine = engineOf(resp3);
    const long = 'x'.repeat(70_000);
    runLines(engine, `SET a ${long} PX 5000`, 'SET n 123', 'SET s short');
    expect(runLines(engine, 'COPY a b', 'COPY a b', 'COPY a b REPLACE', 'PTTL b', 'COPY none x')).toEqual([
      1, 0, 1, 5000, 0,
    ]);
    runLines(engine, 'APPEND b y');
    expect(
      runLines(engine, 'STRLEN a', 'STRLEN b', 'COPY n a REPLACE', 'GET a', 'OBJECT ENCODING a'),
    ).toEqual([70_000, 70_001, 1, '123', 'int']);
    expect(runLines(engine, 'COPY s s DB 3', 'COPY s s DB 3', 'COPY s s DB 3 REPLACE', 'SELECT 3')).toEqual([
      1,
      0,
      1,
      'OK',
    ]);
    expect(runLines(engine, 'GET s', 'DBSIZE', 'SELECT 0', 'GET s')).toEqual(['short', 1, 'OK', 'short']);
    expect(
      runLines(
        engine,
        'COPY s s',
        'COPY s s DB 0 REPLACE',
        'COPY s x DB',
        'COPY s x what',
        'COPY s x DB 16',
        'COPY s x DB -1',
        'COPY s x DB 1x',
        'COPY s x DB 2147483648',
      ),
    ).toEqual([SAME_OBJECT, SAME_OBJECT, SYNTAX, SYNTAX, NO_SUCH_DB, NO_SUCH_DB, NOT_AN_INTEGER, BEYOND_INT]);
    engine.verify();
    runLines(engine, 'FLUSHALL');
    engine.verify();
  });

  it('keeps the encoding of a copied string', () => {
    const engine = engineOf(resp3);
    runLines(
      engine,
      'APPEND raw sho',
      'APPEND raw rt',
      'COPY raw copy',
      'SET embstr short',
      'COPY embstr copy2',
    );
    expect(runLines(engine, 'OBJECT ENCODING copy', 'OBJECT ENCODING copy2', 'GET copy')).toEqual([
      'raw',
      'embstr',
      'short',
    ]);
  });

  it('moves a key to another database', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET a 1 PX 700', 'SET b 2');
    expect(runLines(engine, 'MOVE a 1', 'EXISTS a', 'MOVE a 1', 'MOVE none 1', 'MOVE b 0')).toEqual([
      1,
      0,
      0,
      0,
      SAME_OBJECT,
    ]);
    expect(runLines(engine, 'MOVE b 16', 'MOVE b x', 'MOVE b 2147483648', 'SELECT 1', 'PTTL a')).toEqual([
      NO_SUCH_DB,
      NOT_AN_INTEGER,
      BEYOND_INT,
      'OK',
      700,
    ]);
    expect(runLines(engine, 'SET b 3', 'MOVE b 0', 'GET b', 'SELECT 0', 'GET b')).toEqual([
      'OK',
      0,
      '3',
      'OK',
      '2',
    ]);
    engine.verify();
  });

  it('lists keys that match', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'MSET one 1 two 2 three 3 four 4', 'PSETEX five 10 5');
    engine.clock.advance(11);
    const sorted = (pattern: string) => (plain(engine.run(['KEYS', pattern])) as string[]).sort();
    expect(sorted('*')).toEqual(['four', 'one', 'three', 'two']);
    expect(sorted('t*')).toEqual(['three', 'two']);
    expect(sorted('?o[ur]?t')).toEqual([]);
    expect(sorted('[fo]*')).toEqual(['four', 'one']);
    expect(sorted('')).toEqual([]);
    expect(runLines(engine, 'SELECT 1', 'KEYS *')).toEqual(['OK', []]);
  });

  it('returns every live key as the random one', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'MSET a 1 b 2 c 3', 'PSETEX gone 5 x');
    engine.clock.advance(10);
    const seen = new Set<unknown>();
    for (let i = 0; i < 200; i++) seen.add(engine.line('RANDOMKEY'));
    expect([...seen].sort()).toEqual(['a', 'b', 'c']);
    runLines(engine, 'FLUSHALL', 'PSETEX gone 5 x');
    engine.clock.advance(10);
    expect(runLines(engine, 'RANDOMKEY', 'DBSIZE')).toEqual([null, 0]);
  });

  it('shows how values are stored', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET small 9999', 'SET large 10000', 'SET text abc');
    expect(
      runLines(
        engine,
        'OBJECT REFCOUNT small',
        'OBJECT REFCOUNT large',
        'OBJECT REFCOUNT text',
        'OBJECT REFCOUNT x',
      ),
    ).toEqual([2147483647, 1, 1, null]);
    expect(runLines(engine, 'OBJECT ENCODING x', 'OBJECT IDLETIME x', 'OBJECT FREQ x')).toEqual([
      null,
      null,
      null,
    ]);
    engine.clock.advance(7000);
    expect(
      runLines(engine, 'OBJECT IDLETIME text', 'EXISTS text', 'TYPE text', 'OBJECT IDLETIME text'),
    ).toEqual([7, 1, 'string', 7]);
    expect(runLines(engine, 'TOUCH text', 'OBJECT IDLETIME text')).toEqual([1, 0]);
    expect(plain(engine.line('OBJECT FREQ text'))).toMatch(
      /^-ERR An LFU maxmemory policy is not selected, access/,
    );
    engine.server.keyspace.lfu = true;
    runLines(engine, 'SET new 1');
    expect(engine.line('OBJECT FREQ new')).toBe(5);
    expect(plain(engine.line('OBJECT IDLETIME new'))).toMatch(
      /^-ERR An LFU maxmemory policy is selected, idle time/,
    );
    expect(plain(engine.line('OBJECT'))).toBe("-ERR wrong number of arguments for 'object' command");
    expect(plain(engine.line('OBJECT X y'))).toBe("-ERR unknown subcommand 'X'. Try OBJECT HELP.");
    expect((plain(engine.line('OBJECT HELP')) as string[])[0]).toMatch(/^OBJECT <subcommand>/);
  });

  it('empties and exchanges databases', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET a 0', 'SELECT 1', 'SET a 1', 'SET b 1');
    expect(runLines(engine, 'SWAPDB 0 1', 'GET a', 'EXISTS b', 'SELECT 0', 'GET b')).toEqual([
      'OK',
      '0',
      0,
      'OK',
      '1',
    ]);
    expect(
      runLines(
        engine,
        'SWAPDB 0 0',
        'SWAPDB x 0',
        'SWAPDB 0 x',
        'SWAPDB 0 16',
        'SWAPDB -1 0',
        'SWAPDB 0 2147483648',
      ),
    ).toEqual([
      'OK',
      '-ERR invalid first DB index',
      '-ERR invalid second DB index',
      NO_SUCH_DB,
      NO_SUCH_DB,
      '-ERR invalid second DB index',
    ]);
    expect(runLines(engine, 'FLUSHDB', 'DBSIZE', 'SET c 1', 'GET c', 'SELECT 1', 'DBSIZE')).toEqual([
      'OK',
      0,
      'OK',
      '1',
      'OK',
      1,
    ]);
    expect(runLines(engine, 'FLUSHALL ASYNC', 'DBSIZE', 'SELECT 0', 'DBSIZE', 'SET a 1')).toEqual([
      'OK',
      0,
      'OK',
      0,
      'OK',
    ]);
    expect(runLines(engine, 'FLUSHDB SYNC', 'FLUSHDB x', 'FLUSHALL SYNC ASYNC', 'FLUSHALL SYNC')).toEqual([
      'OK',
      SYNTAX,
      SYNTAX,
      'OK',
    ]);
    engine.verify();
  });

  it('empties a database in the middle of a pipeline', () => {
    const engine = engineOf(resp3);
    const words = (line: string) => line.split(' ');
    expect(
      engine.batch(['SET a 1', 'FLUSHALL', 'SET b 2', 'DBSIZE', 'SWAPDB 0 1', 'DBSIZE'].map(words)),
    ).toEqual(['OK', 'OK', 'OK', 1, 'OK', 0]);
    expect(engine.batch(['SET c 1', 'SWAPDB 0 1', 'GET b', 'GET c'].map(words))).toEqual([
      'OK',
      'OK',
      '2',
      null,
    ]);
    engine.verify();
  });
});

it('announces every change once, under the events that Redis has for it', () => {
  const engine = new Engine();
  const announced = new Announcements(engine);
  runLines(engine, 'MSET a 1 b 2 c 3');
  announced.of('PING');
  expect(announced.of('DEL a b none')).toBe('del:a del:b +2');
  expect(announced.of('UNLINK none')).toBe('+0');
  expect(announced.of('RENAME c d')).toBe('new:d rename_from:c rename_to:d +1');
  expect(announced.of('RENAME d d')).toBe('+0');
  expect(announced.of('COPY d e')).toBe('new:e copy_to:e +1');
  expect(announced.of('MOVE e 1')).toBe('new:e move_from:e move_to:e +1');
  expect(announced.of('EXPIRE d 100')).toBe('expire:d +1');
  expect(announced.of('PERSIST d')).toBe('persist:d +1');
  expect(announced.of('PERSIST d')).toBe('+0');
  expect(announced.of('EXPIRE d 0')).toBe('del:d +1');
  runLines(engine, 'PSETEX x 5 1');
  announced.of('PING');
  engine.clock.advance(6);
  expect(announced.of('EXISTS x')).toBe('expired:x +0');
  runLines(engine, 'MSET a 1 b 2');
  announced.of('PING');
  expect(announced.of('FLUSHDB')).toBe('+2');
  expect(announced.of('SWAPDB 0 1')).toBe('+1');
});

it('counts hits and misses of reads alone', () => {
  const engine = new Engine();
  const { stats } = engine.server.keyspace;
  runLines(
    engine,
    'SET a 1',
    'EXISTS a none',
    'TYPE a',
    'TTL none',
    'OBJECT ENCODING a',
    'TOUCH a',
    'COPY a b',
  );
  expect([stats[0], stats[1]]).toEqual([5, 2]);
  runLines(engine, 'RENAME a c', 'DEL c none', 'EXPIRE b 10', 'PERSIST b', 'MOVE b 1');
  expect([stats[0], stats[1]]).toEqual([5, 2]);
});

interface Held {
  value: string;
  expiryMs: number;
}

/** What the server should hold, and where the random test stands. */
interface Model {
  readonly keys: Map<string, Held>[];
  readonly random: Random;
  readonly clock: VirtualClock;
  db: number;
}

type Step = (a: string, b: string) => [line: string, expected: unknown];

const VALUES = ['12', 'short', 'x'.repeat(60), 'y'.repeat(3000)];

function stepsOfKeys(m: Model): Record<string, Step> {
  return {
    set: (a) => {
      const value = VALUES[m.random.below(VALUES.length)]!;
      m.keys[m.db]!.set(a, { value, expiryMs: Number.POSITIVE_INFINITY });
      return [`SET ${a} ${value}`, 'OK'];
    },
    del: (a, b) => [`DEL ${a} ${b}`, Number(m.keys[m.db]!.delete(a)) + Number(m.keys[m.db]!.delete(b))],
    get: (a) => [`GET ${a}`, m.keys[m.db]!.get(a)?.value ?? null],
    exists: (a, b) => [`EXISTS ${a} ${b}`, Number(m.keys[m.db]!.has(a)) + Number(m.keys[m.db]!.has(b))],
    rename: (a, b) => {
      const held = m.keys[m.db]!.get(a);
      if (held === undefined) return [`RENAME ${a} ${b}`, NO_SUCH_KEY];
      m.keys[m.db]!.delete(a);
      m.keys[m.db]!.set(b, held);
      return [`RENAME ${a} ${b}`, 'OK'];
    },
    copy: (a, b) => {
      const to = m.random.below(3);
      const held = m.keys[m.db]!.get(a);
      const line = `COPY ${a} ${b} DB ${to}`;
      if (to === m.db && a === b) return [line, SAME_OBJECT];
      if (held === undefined || m.keys[to]!.has(b)) return [line, 0];
      m.keys[to]!.set(b, { ...held });
      return [line, 1];
    },
    move: (a) => {
      const to = m.random.below(3);
      const held = m.keys[m.db]!.get(a);
      if (to === m.db) return [`MOVE ${a} ${to}`, SAME_OBJECT];
      if (held === undefined || m.keys[to]!.has(a)) return [`MOVE ${a} ${to}`, 0];
      m.keys[m.db]!.delete(a);
      m.keys[to]!.set(a, held);
      return [`MOVE ${a} ${to}`, 1];
    },
  };
}

function stepsOfTimesAndDatabases(m: Model): Record<string, Step> {
  return {
    expire: (a) => {
      const ms = m.random.below(400) - 20;
      const held = m.keys[m.db]!.get(a);
      if (held !== undefined && ms <= 0) m.keys[m.db]!.delete(a);
      else if (held !== undefined) held.expiryMs = m.clock.nowMs() + ms;
      return [`PEXPIRE ${a} ${ms}`, held === undefined ? 0 : 1];
    },
    ttl: (a) => {
      const held = m.keys[m.db]!.get(a);
      if (held === undefined) return [`PTTL ${a}`, -2];
      return [`PTTL ${a}`, Number.isFinite(held.expiryMs) ? held.expiryMs - m.clock.nowMs() : -1];
    },
    persist: (a) => {
      const held = m.keys[m.db]!.get(a);
      const had = held !== undefined && Number.isFinite(held.expiryMs);
      if (had) held.expiryMs = Number.POSITIVE_INFINITY;
      return [`PERSIST ${a}`, Number(had)];
    },
    append: (a) => {
      const held = m.keys[m.db]!.get(a) ?? { value: '', expiryMs: Number.POSITIVE_INFINITY };
      m.keys[m.db]!.set(a, held);
      held.value = `${held.value.slice(0, 6000)}z`;
      return [`SETRANGE ${a} ${held.value.length - 1} z`, held.value.length];
    },
    select: () => {
      m.db = m.random.below(3);
      return [`SELECT ${m.db}`, 'OK'];
    },
    swap: () => {
      const [a, b] = [m.random.below(3), m.random.below(3)];
      [m.keys[a], m.keys[b]] = [m.keys[b]!, m.keys[a]!];
      return [`SWAPDB ${a} ${b}`, 'OK'];
    },
    keys: () => ['KEYS *', [...m.keys[m.db]!.keys()].sort()],
    flush: () => {
      if (m.random.below(20) > 0) return ['PING', 'PONG'];
      m.keys[m.db]!.clear();
      return ['FLUSHDB', 'OK'];
    },
  };
}

it('agrees with a plain model under random operations', () => {
  const random = seededRandom('keys');
  const engine = new Engine();
  const { clock } = engine;
  const model: Model = {
    keys: Array.from({ length: 3 }, () => new Map<string, Held>()),
    random,
    clock,
    db: 0,
  };
  const purge = () => {
    for (const keys of model.keys)
      for (const [key, held] of keys) if (held.expiryMs < clock.nowMs()) keys.delete(key);
  };
  const steps = { ...stepsOfKeys(model), ...stepsOfTimesAndDatabases(model) };
  const names = Object.keys(steps);
  const name = () => `key${random.below(25)}${random.below(4) === 0 ? 'long'.repeat(20) : ''}`;
  for (let step = 0; step < 6000; step++) {
    if (random.below(10) === 0) clock.advance(random.below(60));
    purge();
    let a = name();
    let b = name();
    if (a === b) [a, b] = ['one', 'two'];
    const [line, expected] = steps[names[random.below(names.length)]!]!(a, b);
    const answer = plain(engine.line(line));
    expect(Array.isArray(answer) ? answer.sort() : answer, `${step}: ${line}`).toEqual(expected);
    if (step % 2000 === 0) engine.verify();
  }
  runLines(engine, 'FLUSHALL');
  engine.verify();
});
