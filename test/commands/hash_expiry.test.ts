import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import { CASES, engineFor, verifyHashes } from './hash_support.ts';
import { Announcements, engineOf, NOT_AN_INTEGER, plain, runLines } from './string_support.ts';

const MISSING = '-ERR Mandatory argument FIELDS is missing or not at the right position';
const MISMATCH = '-ERR The `numfields` parameter must match the number of arguments';

/** Runs the active expiry until nothing is left to do. */
function expireAll(engine: Engine): void {
  engine.server.expiry.slice(Number.POSITIVE_INFINITY);
}

describe.each(CASES)('%s', (_, encoding, resp3) => {
  function engineWith(...fields: string[]): Engine {
    const engine = engineFor(encoding, resp3);
    engine.run(['HSET', 'h', ...fields.flatMap((field) => [field, `v-${field}`])]);
    encoding.settle(engine, 'h');
    return engine;
  }

  it('sets, reads and takes off expiries of fields', () => {
    const engine = engineWith('a', 'b', 'c', 'd', 'e');
    const nowMs = engine.server.keyspace.nowMs;
    expect(
      runLines(
        engine,
        'HEXPIRE h 100 FIELDS 3 a b none',
        'HPEXPIRE h 5500 FIELDS 1 c',
        `HEXPIREAT h ${Math.ceil(nowMs / 1000) + 300} FIELDS 1 d`,
        `HPEXPIREAT h ${nowMs + 7001} FIELDS 1 e`,
        'HTTL h FIELDS 4 a c none e',
        'HPTTL h FIELDS 2 c e',
        'HPEXPIRETIME h FIELDS 2 e none',
        'HEXPIRETIME h FIELDS 1 e',
      ),
    ).toEqual([
      [1, 1, -2],
      [1],
      [1],
      [1],
      [100, 6, -2, 8],
      [5500, 7001],
      [nowMs + 7001, -2],
      [Math.ceil((nowMs + 7001) / 1000)],
    ]);
    expect(
      runLines(engine, 'HPERSIST h FIELDS 3 a none a', 'HTTL h FIELDS 1 a', 'HTTL none FIELDS 2 a b'),
    ).toEqual([[1, -2, -1], [-1], [-2, -2]]);
    expect(runLines(engine, 'HSET h b x', 'HTTL h FIELDS 1 b', 'HEXPIRE none 5 FIELDS 1 a')).toEqual([
      0,
      [-1],
      [-2],
    ]);
    verifyHashes(engine, 'h');
  });

  it('honours conditions', () => {
    const engine = engineWith('a', 'b');
    const results = (...conditions: string[]) =>
      conditions.map((condition) => (plain(engine.line(`HEXPIRE h ${condition} FIELDS 1 a`)) as number[])[0]);
    expect(results('10 XX', '10 GT', '10 LT', '20 NX', '5 GT', '20 gt', '30 lt', '15 LT', '9 xx')).toEqual([
      0, 0, 1, 0, 0, 1, 0, 1, 1,
    ]);
    expect(plain(engine.line('HTTL h FIELDS 2 a b'))).toEqual([9, -1]);
    expect(results('0 NX', '0 XX')).toEqual([0, 2]);
    expect(runLines(engine, 'HEXISTS h a', 'HPEXPIREAT h 1 FIELDS 1 b', 'EXISTS h')).toEqual([0, [2], 0]);
  });

  it('hides expired fields from every reader and drops them when they are met', () => {
    const engine = engineWith('a', 'b', 'c', 'd', 'e', 'f');
    engine.line('HPEXPIRE h 100 FIELDS 5 a b c d e');
    engine.clock.advance(101);
    expect(runLines(engine, 'HLEN h', 'HKEYS h', 'HVALS h', 'HTTL h FIELDS 1 a')).toEqual([
      6,
      ['f'],
      ['v-f'],
      [-2],
    ]);
    expect(runLines(engine, 'HSCAN h 0', 'HGETALL h')).toEqual([
      ['0', ['f', 'v-f']],
      ['f', 'v-f'],
    ]);
    expect(
      runLines(engine, 'HGET h a', 'HLEN h', 'HEXISTS h b', 'HLEN h', 'HMGET h c f d', 'HLEN h'),
    ).toEqual([null, 5, 0, 4, [null, 'v-f', null], 2]);
    expect(runLines(engine, 'HSETNX h e new', 'HTTL h FIELDS 1 e', 'HLEN h')).toEqual([1, [-1], 2]);
    runLines(engine, 'HPEXPIRE h 10 FIELDS 2 e f');
    engine.clock.advance(11);
    expect(runLines(engine, 'HGETALL h', 'HLEN h')).toEqual([[], 2]);
    expect(runLines(engine, 'HINCRBY h f 4', 'HGET h e', 'HLEN h')).toEqual([4, null, 1]);
    runLines(engine, 'HPEXPIRE h 10 FIELDS 1 f');
    engine.clock.advance(11);
    expect(runLines(engine, 'HGET h f', 'EXISTS h')).toEqual([null, 0]);
    engine.verify();
  });

  it('expires fields that nobody asks for, wherever their hash went', () => {
    const engine = engineWith('a', 'b', 'c');
    runLines(engine, 'HEXPIRE h 10 FIELDS 2 a b', 'COPY h other', 'RENAME h renamed', 'MOVE other 1');
    engine.clock.advance(9000);
    expireAll(engine);
    expect(engine.line('HLEN renamed')).toBe(3);
    runLines(engine, 'HEXPIRE renamed 20 FIELDS 1 b');
    engine.clock.advance(1001);
    expireAll(engine);
    expect(runLines(engine, 'HLEN renamed', 'SELECT 1', 'HLEN other', 'SELECT 0')).toEqual([
      2,
      'OK',
      1,
      'OK',
    ]);
    runLines(engine, 'HEXPIRE renamed 5 FIELDS 2 b c');
    engine.clock.advance(5001);
    expireAll(engine);
    expect(engine.line('EXISTS renamed')).toBe(0);
    for (let db = 0; db < 2; db++) expect(engine.server.keyspace.db(db).volatileHashes.size).toBe(0);
    engine.line('FLUSHALL');
    engine.verify();
  });

  it('reads and changes in one command', () => {
    const engine = engineWith('a', 'b', 'c');
    expect(
      runLines(
        engine,
        'HGETEX h FIELDS 2 a none',
        'HGETEX h EX 10 FIELDS 2 a b',
        'HTTL h FIELDS 3 a b c',
        'HGETEX h PERSIST FIELDS 2 a c',
        'HTTL h FIELDS 2 a b',
        'HGETEX h PXAT 1 FIELDS 1 a',
        'HGETEX none EX 5 FIELDS 1 a',
        'HGETDEL h FIELDS 2 b none',
        'HGETDEL none FIELDS 1 a',
        'HGETDEL h FIELDS 1 c',
        'EXISTS h',
      ),
    ).toEqual([
      ['v-a', null],
      ['v-a', 'v-b'],
      [10, 10, -1],
      ['v-a', 'v-c'],
      [-1, 10],
      ['v-a'],
      [null],
      ['v-b', null],
      [null],
      ['v-c'],
      0,
    ]);
  });

  it('sets fields with an expiry', () => {
    const engine = engineWith('a', 'b');
    expect(
      runLines(
        engine,
        'HSETEX h FIELDS 2 a 1 c 2',
        'HSETEX h EX 100 FIELDS 2 a 3 d 4',
        'HTTL h FIELDS 3 a c d',
        'HSETEX h KEEPTTL FIELDS 1 a 5',
        'HTTL h FIELDS 1 a',
        'HSETEX h FIELDS 1 a 6',
        'HTTL h FIELDS 1 a',
        'HSETEX h FNX FIELDS 2 x 1 b 1',
        'HSETEX h FXX PX 5000 FIELDS 2 a 7 x 1',
        'HSETEX h FXX PX 5000 FIELDS 2 a 7 b 8',
        'HPTTL h FIELDS 2 a b',
        'HSETEX h PXAT 0 FIELDS 1 a 9',
        'HEXISTS h a',
        'HSETEX none FXX FIELDS 1 a 1',
        'HSETEX fresh FNX EX 9 FIELDS 1 a 1',
        'HTTL fresh FIELDS 1 a',
        'HSETEX gone PXAT 1 FIELDS 1 a 1',
        'EXISTS none gone',
      ),
    ).toEqual([1, 1, [100, -1, 100], 1, [100], 1, [-1], 0, 0, 1, [5000, 5000], 1, 0, 0, 1, [9], 1, 0]);
    verifyHashes(engine, 'h', 'fresh');
  });

  it('announces what it does', () => {
    const engine = engineWith('a', 'b', 'c', 'd', 'e', 'f');
    const announced = new Announcements(engine);
    expect(announced.of('HEXPIRE h 10 FIELDS 3 a b none')).toBe('hexpire:h +2');
    expect(announced.of('HPERSIST h FIELDS 2 a c')).toBe('hpersist:h +1');
    expect(announced.of('HEXPIRE h 0 FIELDS 1 a')).toBe('hdel:h +1');
    expect(announced.of('HEXPIRE h 5 NX FIELDS 1 b')).toBe('+0');
    expect(announced.of('HGETEX h EX 10 FIELDS 1 b')).toBe('hexpire:h +1');
    expect(announced.of('HGETEX h PERSIST FIELDS 1 b')).toBe('hpersist:h +1');
    expect(announced.of('HGETDEL h FIELDS 1 b')).toBe('hdel:h +1');
    expect(announced.of('HSETEX h EX 10 FIELDS 1 c x')).toBe('hset:h hexpire:h +1');
    expect(announced.of('HPEXPIRE h 10 FIELDS 3 c d e')).toBe('hexpire:h +3');
    engine.clock.advance(11);
    expect(announced.of('HGET h c')).toBe('hexpired:h +0');
    expect(announced.of('HMGET h d e')).toBe('hexpired:h +0');
    expect(announced.of('HGETEX h PX 1 FIELDS 1 f')).toBe('hexpire:h +1');
    engine.clock.advance(2);
    expect(announced.of('HEXISTS h f')).toBe('hexpired:h del:h +0');
    runLines(engine, 'HSETEX h PX 5 FIELDS 2 a 1 b 2');
    engine.clock.advance(6);
    announced.of('PING');
    expireAll(engine);
    expect(announced.of('PING')).toBe('hexpired:h del:h +0');
  });
});

describe('expiry of fields', () => {
  it('refuses what the reference refuses', () => {
    const engine = engineOf(false);
    engine.line('HSET h a 1');
    const cases: [line: string, reply: string][] = [
      ['HEXPIRE h 1 FIELD 1 a', '-ERR unknown argument: FIELD'],
      ['HEXPIRE h 1 XX 1 FIELDS a', '-ERR unknown argument: 1'],
      ['HEXPIRE h 1 NX NX NX', '-ERR missing FIELDS argument'],
      ['HEXPIRE h 1 NX FIELDS 1', '-ERR FIELDS requires at least numfields and one field argument'],
      ['HEXPIRE h 1 NX FIELDS 1 a XX', '-ERR Multiple condition flags specified'],
      ['HEXPIRE h 1 FIELDS 1 a FIELDS 1 a', '-ERR FIELDS keyword specified multiple times'],
      ['HEXPIRE h 1 FIELDS 0 a', '-ERR Parameter `numFields` should be greater than 0'],
      ['HEXPIRE h 1 FIELDS x a', '-ERR Parameter `numFields` should be greater than 0'],
      ['HEXPIRE h 1 FIELDS 2 a', '-ERR wrong number of arguments'],
      ['HEXPIRE h 1 FIELDS 1 a b', '-ERR unknown argument: b'],
      ['HEXPIRE h -1 FIELDS 1 a', '-ERR invalid expire time, must be >= 0'],
      ['HEXPIRE h x FIELDS 1 a', `-${NOT_AN_INTEGER}`],
      ['HEXPIRE h 70368744178 FIELDS 1 a', "-ERR invalid expire time in 'hexpire' command"],
      ['HPEXPIREAT h 70368744177664 FIELDS 1 a', "-ERR invalid expire time in 'hpexpireat' command"],
      ['HPEXPIRE h 9223372036854775807 FIELDS 1 a', "-ERR invalid expire time in 'hpexpire' command"],
      ['HTTL h FIELD 1 a', MISSING],
      ['HTTL h FIELDS 0 a', '-ERR Number of fields must be a positive integer'],
      ['HPERSIST h FIELDS 3 a', MISMATCH],
      ['HGETDEL h FIELDS 0 a', '-ERR Number of fields must be a positive integer'],
      ['HGETEX h EX 5 FIELDS', "-ERR wrong number of arguments for 'hgetex' command"],
      ['HGETEX h FIELDS 0 a', '-ERR invalid number of fields'],
      ['HGETEX h FIELDS 1 a b', '-ERR unknown argument: b'],
      ['HGETEX h KEEPTTL FIELDS 1 a', '-ERR unknown argument'],
      ['HGETEX h FIELDS 1 a FXX', '-ERR unknown argument'],
      ['HGETEX h FIELDS 1 a EX', '-ERR missing expire time'],
      [
        'HGETEX h PERSIST FIELDS 1 a EX 5',
        '-ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified',
      ],
      ['HGETEX h EX -5 FIELDS 1 a', '-ERR invalid expire time, must be >= 0'],
      [
        'HSETEX h EX 5 PX 5 FIELDS 1 a b',
        '-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified',
      ],
      ['HSETEX h FNX FXX FIELDS 1 a b', '-ERR Only one of FXX or FNX arguments can be specified'],
      ['HSETEX h NX FIELDS 1 a b', '-ERR unknown argument: NX'],
      ['HSETEX h FIELDS 2 a b c', '-ERR wrong number of arguments'],
      ['HSETEX h FIELDS 1 a b c', '-ERR unknown argument: c'],
      ['HSETEX h PERSIST FIELDS 1 a b', '-ERR unknown argument'],
      ['HSETEX h FIELDS 0 a b', '-ERR invalid number of fields'],
      ['HSETEX h FNX FXX a b EX', '-ERR Only one of FXX or FNX arguments can be specified'],
      ['HSETEX h FNX KEEPTTL FIELDS 1', '-ERR wrong number of arguments'],
      ['HSETEX h FNX KEEPTTL 1 FIELDS', '-ERR unknown argument: 1'],
      ['HSETEX h FNX KEEPTTL FIELDS', "-ERR wrong number of arguments for 'hsetex' command"],
    ];
    for (const [line, reply] of cases) expect([line, runLines(engine, line)[0]]).toEqual([line, reply]);
    expect(runLines(engine, 'HGETALL h', 'HTTL h FIELDS 1 a')).toEqual([['a', '1'], [-1]]);
  });

  it('takes options behind the fields as well as before FIELDS', () => {
    const engine = engineOf(false);
    const ttls = 'HPTTL h FIELDS 3 a b nx';
    expect(runLines(engine, 'HSETEX h FIELDS 3 a 1 b 2 nx 3 FNX PX 500', ttls)).toEqual([1, [500, 500, 500]]);
    expect(runLines(engine, 'HPEXPIRE h 900 FIELDS 2 a nx GT', ttls)).toEqual([
      [1, 1],
      [900, 500, 900],
    ]);
    expect(runLines(engine, 'HPEXPIRE h 700 LT FIELDS 1 nx LT', ttls)).toEqual([[1], [900, 500, 700]]);
    expect(runLines(engine, 'HGETEX h FIELDS 2 a nx PERSIST', ttls)).toEqual([
      ['1', '3'],
      [-1, 500, -1],
    ]);
    expect(runLines(engine, 'HGETEX h FIELDS 1 a PX 300', ttls)).toEqual([['1'], [300, 500, -1]]);
    expect(runLines(engine, 'HSETEX h KEEPTTL FIELDS 1 b 9 FXX', ttls)).toEqual([1, [300, 500, -1]]);
    expect(runLines(engine, 'HGETALL h')).toEqual([['a', '1', 'b', '9', 'nx', '3']]);
  });

  it.each(['HRANDFIELD h', 'HRANDFIELD h 9', 'HRANDFIELD h -3'])(
    'lets %s drop the expired fields, and the hash with the last one',
    (line) => {
      for (const encoding of CASES) {
        const engine = engineFor(encoding[1], false);
        const announced = new Announcements(engine);
        runLines(engine, 'HSETEX h PX 10 FIELDS 3 a 1 b 2 c 3', 'HSETEX h PX 20 FIELDS 1 d 4');
        encoding[1].settle(engine, 'h');
        engine.clock.advance(11);
        announced.of('PING');
        expect(announced.of(line)).toMatch(/^hexpired:h \+0$/);
        expect(runLines(engine, 'HLEN h')).toEqual([1]);
        expect([engine.line(line)].flat()).toContain('d');
        engine.clock.advance(10);
        expect(announced.of(line)).toBe('hexpired:h del:h +0');
        expect(runLines(engine, 'EXISTS h', line)).toEqual([0, line === 'HRANDFIELD h' ? null : []]);
        expect(engine.line('INFO stats')).toContain(
          'expired_subkeys:4\r\nexpired_subkeys_active:0\r\nexpired_fields:4\r\n',
        );
      }
    },
  );

  it('counts the hashes that have them, whatever became of others', () => {
    const engine = engineOf(false);
    const counted = () =>
      /subexpiry=(\d+),keys_with_volatile_items=(\d+)/.exec(String(engine.line('INFO keyspace')))?.slice(1);
    for (const name of ['a', 'b', 'c', 'd', 'e']) engine.line(`HSETEX ${name} EX 100 FIELDS 1 f v`);
    expect(counted()).toEqual(['5', '5']);
    runLines(engine, 'DEL a', 'SET b text', 'RENAME c z', 'HPERSIST d FIELDS 1 f');
    expect(counted()).toEqual(['2', '2']);
    runLines(engine, 'FLUSHDB', 'SET k v');
    expect(counted()).toEqual(['0', '0']);
    for (let i = 0; i < 1500; i++) engine.line(`HSETEX h${i} EX 100 FIELDS 1 f v`);
    expect(counted()).toEqual(['1500', '1500']);
  });

  it('goes in slices through a table of many fields', () => {
    const engine = engineOf(false);
    for (let i = 0; i < 12; i++) {
      const names = Array.from({ length: 500 }, (_, n) => `f${i}-${n}`);
      engine.run(['HSET', 'h', ...names.flatMap((name) => [name, 'v'])]);
      if (i > 0) engine.run(['HPEXPIRE', 'h', String(i * 10), 'FIELDS', '500', ...names]);
    }
    engine.clock.advance(105);
    expect(engine.line('INFO stats')).toContain('expired_subkeys:0');
    const sizes: number[] = [];
    do sizes.push(engine.line('HLEN h') as number);
    while (engine.server.expiry.slice(-1));
    expect(sizes.length).toBeGreaterThan(5);
    expireAll(engine);
    expect(engine.line('HLEN h')).toBe(1000);
    expect(engine.line('INFO stats')).toContain('expired_subkeys:5000\r\nexpired_subkeys_active:5000\r\n');
    engine.clock.advance(10);
    expireAll(engine);
    expect(engine.line('HLEN h')).toBe(500);
    expect(engine.server.keyspace.db(0).volatileHashes.size).toBe(0);
    verifyHashes(engine, 'h');
  });
});
