import { describe, expect, it } from 'vitest';
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

const INVALID_EXPIRE = "-ERR invalid expire time in 'set' command";

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('stores, returns and replaces strings of every size', { timeout: 60_000 }, () => {
    const engine = engineOf(resp3);
    for (const length of [0, 1, 44, 45, 2048, 2049, 60_000, 300_000, 17 * 1024 * 1024]) {
      const value = Buffer.alloc(length, 'x').toString('latin1');
      expect(engine.run(['SET', 'k', value])).toBe('OK');
      expect(engine.run(['GET', 'k']) === value).toBe(true);
      expect(engine.run(['STRLEN', 'k'])).toBe(length);
      expect(engine.run(['OBJECT', 'ENCODING', 'k'])).toBe(length > 44 ? 'raw' : 'embstr');
    }
    expect(engine.run(['SET', 'k', '12'])).toBe('OK');
    expect(engine.run(['OBJECT', 'ENCODING', 'k'])).toBe('int');
    engine.verify();
    expect(engine.run(['GETDEL', 'k'])).toBe('12');
    expect(engine.run(['GET', 'k'])).toBe(null);
  });

  it('knows the conditions and GET', () => {
    const engine = engineOf(resp3);
    expect(runLines(engine, 'SET k a XX', 'SET k a NX', 'SET k b NX', 'SET k c XX', 'GET k')).toEqual([
      null,
      'OK',
      null,
      'OK',
      'c',
    ]);
    expect(runLines(engine, 'SET k d GET', 'SET k e NX GET', 'SET k f XX GET', 'GET k')).toEqual([
      'c',
      'd',
      'd',
      'f',
    ]);
    expect(runLines(engine, 'SET new g XX GET', 'EXISTS new', 'SET new g NX GET', 'GET new')).toEqual([
      null,
      0,
      null,
      'g',
    ]);
    expect(
      runLines(engine, 'SETNX k x', 'SETNX fresh x', 'GETSET k y', 'GETSET none z', 'MGET k none'),
    ).toEqual([0, 1, 'f', null, ['y', 'z']]);
  });

  it('replaces any type, but reads only strings', () => {
    const engine = engineOf(resp3);
    putList(engine, 'l');
    for (const line of [
      'GET l',
      'GETDEL l',
      'GETEX l',
      'GETSET l x',
      'SET l x GET',
      'SET l x NX GET',
      'STRLEN l',
      'GETEX l EX 0',
    ]) {
      expect([line, ...runLines(engine, line)]).toEqual([line, `-${WRONG_TYPE}`]);
    }
    expect(runLines(engine, 'SET l x NX', 'SETNX l x', 'TYPE l', 'SET l x', 'GET l')).toEqual([
      null,
      0,
      'list',
      'OK',
      'x',
    ]);
    putList(engine, 'm');
    expect(runLines(engine, 'SETEX m 10 v', 'TTL m', 'OBJECT ENCODING m')).toEqual(['OK', 10, 'embstr']);
    engine.verify();
  });

  it('refuses options that exclude each other, and takes the last of equal ones', () => {
    const engine = engineOf(resp3);
    const wrong = [
      'NX XX',
      'EX 1 PX 1',
      'EX 1 KEEPTTL',
      'KEEPTTL PXAT 1',
      'PERSIST',
      'EX',
      'FOO',
      'EX 0 FOO',
      'NX IFEQ a',
      'IFEQ a IFNE a',
      'IFEQ',
    ];
    for (const options of wrong) {
      expect([options, ...runLines(engine, `SET k v ${options}`)]).toEqual([options, `-${SYNTAX}`]);
    }
    expect(
      runLines(
        engine,
        'EXISTS k',
        'SET k v NX nx GET get',
        'SET k v EX 10 EX 20',
        'TTL k',
        'SET k v KEEPTTL KEEPTTL',
        'TTL k',
      ),
    ).toEqual([0, null, 'OK', 20, 'OK', 20]);
    for (const options of ['EX 1 PERSIST', 'KEEPTTL', 'NX', 'EX', 'GET']) {
      expect([options, ...runLines(engine, `GETEX k ${options}`)]).toEqual([options, `-${SYNTAX}`]);
    }
  });
});

describe('expiry', () => {
  it('is set, kept and removed', () => {
    const engine = engineOf(false);
    expect(
      runLines(engine, 'SET k v EX 100', 'TTL k', 'SET k w KEEPTTL', 'TTL k', 'GET k', 'SET k v', 'TTL k'),
    ).toEqual(['OK', 100, 'OK', 100, 'w', 'OK', -1]);
    expect(
      runLines(engine, 'SET k v PX 1500', 'PTTL k', 'SETEX k 7 v', 'TTL k', 'PSETEX k 70 v', 'PTTL k'),
    ).toEqual(['OK', 1500, 'OK', 7, 'OK', 70]);
    const nowMs = engine.clock.nowMs();
    expect(
      runLines(
        engine,
        `SET k v EXAT ${nowMs / 1000 + 5}`,
        'TTL k',
        `SET k v PXAT ${nowMs + 77}`,
        'PTTL k',
        'GETSET k x',
        'TTL k',
      ),
    ).toEqual(['OK', 5, 'OK', 77, 'v', -1]);
    expect(
      runLines(engine, 'SET n v KEEPTTL', 'TTL n', 'SET k v EX 9', 'APPEND k x', 'INCRBYFLOAT k 1', 'TTL k'),
    ).toEqual(['OK', -1, 'OK', 2, '-ERR value is not a valid float', 9]);
    putList(engine, 'l');
    expect(runLines(engine, 'EXPIRE l 50', 'SET l v KEEPTTL', 'TTL l', 'GET l')).toEqual([1, 'OK', 50, 'v']);
  });

  it('makes a key disappear, for readers and for conditions', () => {
    const engine = engineOf(false);
    runLines(
      engine,
      'SET a 1 PX 10',
      'SET b 2 PX 10',
      'SET c 3 PX 10',
      'SET d 4 PX 10',
      'SET e 5 PX 10',
      'SET f 6 PX 10',
    );
    engine.clock.advance(11);
    expect(
      runLines(engine, 'GET a', 'SET b x NX', 'SET c x XX', 'INCR d', 'SET e x GET', 'APPEND f y'),
    ).toEqual([null, 'OK', null, 1, null, 1]);
    expect(runLines(engine, 'TTL b', 'TTL d', 'TTL e', 'TTL f', 'DBSIZE')).toEqual([-1, -1, -1, -1, 4]);
    engine.verify();
  });

  it('may lie in the past: SET stores and lets expire, GETEX deletes', () => {
    const engine = engineOf(false);
    const heard = new Announcements(engine);
    expect(heard.of('SET k v EXAT 1')).toBe('new:k set:k expire:k +1');
    expect(heard.of('GET k')).toBe('expired:k +0');
    expect(heard.of('SET k v')).toBe('new:k set:k +1');
    expect(heard.of('GETEX k PXAT 1')).toBe('del:k +1');
    expect(runLines(engine, 'EXISTS k')).toEqual([0]);
  });

  it('is refused where the reference refuses it', () => {
    const engine = engineOf(false);
    for (const options of [
      'EX 0',
      'EX -1',
      'PX 0',
      'EXAT -1',
      'PXAT 0',
      'EX 9223372036854775807',
      'EX 9223372036854775',
      'PX 9223372036854775807',
      'EXAT 9223372036854776',
    ]) {
      expect([options, ...runLines(engine, `SET k v ${options}`)]).toEqual([options, INVALID_EXPIRE]);
    }
    expect(
      runLines(engine, 'SET k v EX abc', "SET k v EX ''", 'SET k v EX 9223372036854775808', 'SET k v EX 1.5'),
    ).toEqual(Array(4).fill(`-${NOT_AN_INTEGER}`));
    expect(
      runLines(engine, 'SETEX k 0 v', 'PSETEX k -5 v', 'SETEX k x v', 'SETEX k 9223372036854775807 v'),
    ).toEqual([
      "-ERR invalid expire time in 'setex' command",
      "-ERR invalid expire time in 'psetex' command",
      `-${NOT_AN_INTEGER}`,
      "-ERR invalid expire time in 'setex' command",
    ]);
    expect(
      runLines(engine, 'EXISTS k', 'GETEX k EX 0', 'SET k v', 'GETEX k EX 0', 'GETEX k EX a', 'TTL k'),
    ).toEqual([0, null, 'OK', "-ERR invalid expire time in 'getex' command", `-${NOT_AN_INTEGER}`, -1]);
  });

  it('is exact up to 64 bits', () => {
    const engine = engineOf(false);
    expect(
      runLines(
        engine,
        'SET k v PXAT 9223372036854775807',
        'PEXPIRETIME k',
        'SET k w KEEPTTL',
        'PEXPIRETIME k',
      ),
    ).toEqual(['OK', 9223372036854775807n, 'OK', 9223372036854775807n]);
    expect(
      runLines(
        engine,
        'SET k v EXAT 9223372036854775',
        'PEXPIRETIME k',
        'PSETEX k 9007199254740993 v',
        'PTTL k',
        'GETEX k PXAT 9007199254740995',
        'PEXPIRETIME k',
      ),
    ).toEqual(['OK', 9223372036854775000n, 'OK', 9007199254740993n, 'v', 9007199254740995n]);
  });

  it('changes by GETEX', () => {
    const engine = engineOf(false);
    runLines(engine, 'SET k v');
    expect(
      runLines(
        engine,
        'GETEX k EX 10',
        'TTL k',
        'GETEX k',
        'TTL k',
        'GETEX k PERSIST',
        'TTL k',
        'GETEX none EX 10',
        'GETEX none FOO',
      ),
    ).toEqual(['v', 10, 'v', 10, 'v', -1, null, `-${SYNTAX}`]);
  });
});

describe('announcements', () => {
  it('come once for each change', () => {
    const engine = engineOf(false);
    const heard = new Announcements(engine);
    const expected: [string, string][] = [
      ['SET k v', 'new:k set:k +1'],
      ['SET k w', 'set:k +1'],
      ['SET k v EX 10', 'set:k expire:k +1'],
      ['SET k v KEEPTTL', 'set:k +1'],
      ['SET k v NX', '+0'],
      ['SET k v GET', 'set:k +1'],
      ['SETNX k v', '+0'],
      ['SETEX k 10 v', 'set:k expire:k +1'],
      ['GETEX k', '+0'],
      ['GETEX k EX 5', 'expire:k +1'],
      ['GETEX k PERSIST', 'persist:k +1'],
      ['GETEX k PERSIST', '+0'],
      ['GETSET k v', 'set:k +1'],
      ['GET k', '+0'],
      ['GETDEL k', 'del:k +1'],
      ['GETDEL k', '+0'],
    ];
    for (const [line, events] of expected) expect([line, heard.of(line)]).toEqual([line, events]);
  });

  it('come after the change: a listener sees the whole entry', () => {
    const engine = engineOf(false);
    const { keyspace } = engine.server;
    const seen: string[] = [];
    keyspace.subscribe({
      changed: (db, key, at, bytes, _eventClass, event) => {
        const ref = db.find(key, at, bytes, keyspace.hash.hash(key, at, bytes));
        keyspace.strings.locate(ref);
        const { strings, entries } = keyspace;
        const value = Buffer.from(strings.bytes).toString('latin1', strings.at, strings.at + strings.length);
        seen.push(`${event} ${value} ${entries.hasExpiry(ref) ? entries.expiry(ref) : 'never'}`);
      },
      replacing: () => {},
    });
    runLines(
      engine,
      'SET k v PXAT 4102444800000',
      'INCR n',
      'INCRBYFLOAT f 1.5',
      'INCREX x BYINT 5 PXAT 4102444800000',
    );
    expect(seen).toEqual([
      ...['new', 'set', 'expire'].map((event) => `${event} v 4102444800000`),
      ...['new', 'incrby'].map((event) => `${event} 1 never`),
      ...['new', 'incrbyfloat'].map((event) => `${event} 1.5 never`),
      'new 5 never',
      'incrby 5 4102444800000',
      'expire 5 4102444800000',
    ]);
  });

  it('counts hits and misses of readers only', () => {
    const engine = engineOf(false);
    runLines(engine, 'SET k v', 'INCR n', 'APPEND a b', 'SETNX k v', 'SET k v XX', 'MSETNX k v');
    expect([...engine.server.keyspace.stats.slice(0, 2)]).toEqual([0, 0]);
    runLines(engine, 'GET k', 'GET x', 'MGET k x', 'GETEX x', 'SET k v GET', 'GETSET y v', 'STRLEN k');
    expect([...engine.server.keyspace.stats.slice(0, 2)]).toEqual([4, 4]);
  });
});

describe('access clock', () => {
  it('restarts when a value is replaced, or keeps its frequency under LFU', () => {
    const engine = engineOf(false);
    const { keyspace } = engine.server;
    const clockOf = (key: string): number => {
      const name = Buffer.from(key);
      return keyspace.entries.clock(
        keyspace.db(0).find(name, 0, name.length, keyspace.hash.hash(name, 0, name.length)),
      );
    };
    runLines(engine, 'SET k value', 'SET n 5');
    const before = clockOf('k');
    engine.clock.advance(60_000);
    keyspace.tick();
    keyspace.touching = false;
    runLines(engine, 'SET k other', 'SET n longer');
    expect([clockOf('k'), clockOf('n')]).toEqual([before + 60, before + 60]);
    keyspace.touching = true;
    keyspace.lfu = true;
    runLines(engine, 'SET f value');
    for (let i = 0; i < 50; i++) runLines(engine, 'GET f');
    const frequency = clockOf('f') & 255;
    expect(frequency).toBeGreaterThan(5);
    runLines(engine, 'SET f v2 EX 10');
    expect(clockOf('f') & 255).toBeGreaterThanOrEqual(frequency);
  });
});
