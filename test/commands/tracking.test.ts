import { describe, expect, it } from 'vitest';
import { Engine, type EngineOptions } from '../support/engine.ts';
import { decodeReply, type Reply, replyEnd } from '../support/resp.ts';
import { engineOf, plain, runLines } from './string_support.ts';

const SELF = 0;
const OTHER = 1;
const THIRD = 2;
const CHANNEL = '__redis__:invalidate';

/** An engine whose first connection speaks RESP3 and tracks with these options. */
function tracked(options = '', engineOptions: EngineOptions = {}): Engine {
  const engine = engineOf(true, engineOptions);
  expect(on(engine, SELF, `CLIENT TRACKING ON ${options}`.trim())).toEqual(['OK']);
  return engine;
}

/** Everything a connection receives for these lines, sent at once: replies and pushes in their order. */
function on(engine: Engine, slot: number, ...lines: string[]): unknown[] {
  const bytes = engine.bytes(
    lines.map((line) => line.split(' ')),
    slot,
  );
  return decoded(bytes).map(plain);
}

function got(engine: Engine, slot = SELF): unknown[] {
  return decoded(engine.take(slot)).map(plain);
}

function decoded(bytes: Buffer): Reply[] {
  const replies: Reply[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = replyEnd(bytes, at);
    replies.push(decodeReply(bytes.subarray(at, end)));
    at = end;
  }
  return replies;
}

function told(...keys: string[]): unknown[] {
  return ['invalidate', keys];
}

const TOLD_ALL = ['invalidate', null];

function info(engine: Engine): number[] {
  const text = String(engine.line('INFO everything', THIRD));
  const names = ['clients', 'total_keys', 'total_items', 'total_prefixes'];
  return names.map((name) => Number(new RegExp(`tracking_${name}:(\\d+)`).exec(text)![1]));
}

describe('CLIENT TRACKING of the keys that a client reads', () => {
  it('tells of a change by somebody else once, until the key is read again', () => {
    const engine = tracked();
    expect(on(engine, SELF, 'GET a', 'MGET b c', 'EXISTS d', 'OBJECT ENCODING e')).toHaveLength(4);
    expect(info(engine)).toEqual([1, 5, 5, 0]);
    on(engine, OTHER, 'MSET a 1 b 1', 'SET a 2', 'SET other 1', 'RPUSH d x');
    expect(got(engine)).toEqual([told('a'), told('b'), told('d')]);
    on(engine, OTHER, 'SET a 3');
    expect(got(engine)).toEqual([]);
    on(engine, SELF, 'GET a');
    on(engine, OTHER, 'DEL a');
    expect(got(engine)).toEqual([told('a')]);
    expect(info(engine)).toEqual([1, 2, 2, 0]);
  });

  it('finds the keys of commands whose keys are not at fixed places', () => {
    const engine = tracked();
    on(engine, SELF, 'ZUNION 2 a b', 'XREAD COUNT 1 STREAMS c d 0 0', 'SINTERCARD 2 e f LIMIT 1');
    on(engine, SELF, 'SORT_RO g BY x*', 'ZUNION 9 h i', 'GEORADIUS_RO j 1 1 1 m');
    on(engine, OTHER, ...[...'abcdefghijx'].map((key) => `SET ${key} 1`));
    expect(got(engine)).toEqual([...'abcdefgj'].map((key) => told(key)));
  });

  it('tells a client of its own changes behind the reply, of a transaction behind all of it', () => {
    const engine = tracked();
    expect(on(engine, SELF, 'GET a', 'SET a 1', 'GET a', 'INCR a', 'INCR a')).toEqual([
      null,
      'OK',
      told('a'),
      '1',
      2,
      told('a'),
      3,
    ]);
    const lines = ['MULTI', 'GET a', 'SET a 2', 'GET a', 'GET b', 'SET b 1', 'EXEC'];
    expect(on(engine, SELF, ...lines).slice(-3)).toEqual([
      ['3', 'OK', '2', null, 'OK'],
      told('a'),
      told('b'),
    ]);
    on(engine, OTHER, 'SET a 4');
    expect(got(engine)).toEqual([told('a')]);
  });

  it('says nothing of its own changes with NOLOOP, and forgets the key all the same', () => {
    const engine = tracked('NOLOOP');
    expect(on(engine, SELF, 'GET a', 'SET a 1', 'PING')).toEqual([null, 'OK', 'PONG']);
    on(engine, OTHER, 'SET a 2');
    expect(got(engine)).toEqual([]);
    on(engine, SELF, 'GET a');
    on(engine, OTHER, 'SET a 3');
    expect(got(engine)).toEqual([told('a')]);
  });

  it('remembers with OPTIN only what follows CLIENT CACHING YES', () => {
    const engine = tracked('OPTIN');
    on(engine, SELF, 'GET a', 'CLIENT CACHING YES', 'CLIENT ID', 'GET b', 'GET c');
    on(engine, SELF, 'CLIENT CACHING YES', 'NONSENSE', 'GET d');
    on(engine, SELF, 'CLIENT CACHING YES', 'MULTI', 'GET e', 'GET f', 'EXEC', 'GET g');
    on(engine, OTHER, ...[...'abcdefg'].map((key) => `SET ${key} 1`));
    expect(got(engine)).toEqual([told('b'), told('e'), told('f')]);
  });

  it('remembers with OPTOUT all but what follows CLIENT CACHING NO', () => {
    const engine = tracked('OPTOUT');
    on(
      engine,
      SELF,
      'CLIENT CACHING NO',
      'GET a',
      'GET b',
      'CLIENT CACHING NO',
      'MULTI',
      'GET c',
      'EXEC',
      'GET d',
    );
    on(engine, OTHER, ...[...'abcd'].map((key) => `SET ${key} 1`));
    expect(got(engine)).toEqual([told('b'), told('d')]);
  });

  it('does not care for databases', () => {
    const engine = tracked();
    on(engine, SELF, 'SELECT 3', 'GET a');
    on(engine, OTHER, 'SET a 1');
    expect(got(engine)).toEqual([told('a')]);
  });

  it('tells of keys that expire, by themselves and when they are missed', () => {
    const engine = tracked();
    on(engine, OTHER, 'SET a 1 PX 10', 'SET b 1 PX 20');
    on(engine, SELF, 'MGET a b');
    engine.clock.advance(11);
    engine.server.runDueWork();
    expect(got(engine)).toEqual([told('a')]);
    engine.clock.advance(11);
    expect(on(engine, SELF, 'GET b', 'SET b 2')).toEqual([null, told('b'), 'OK', told('b')]);
  });

  it('tells of what happens inside collections and to names, not of what consumer groups do', () => {
    const engine = tracked();
    on(engine, OTHER, 'XADD s 1-1 a b', 'SADD t a', 'ZADD z 1 a', 'RPUSH l a b', 'SET k v');
    const lines: [string, ...string[]][] = [
      ['SREM t a', 't'],
      ['ZINCRBY z 1 a', 'z'],
      ['LMOVE l m LEFT LEFT', 'm', 'l'],
      ['EXPIRE k 100', 'k'],
      ['PERSIST k', 'k'],
      ['RENAME k n', 'k', 'n'],
      ['COPY n k', 'k'],
      ['XGROUP CREATE s g 0'],
      ['XGROUP CREATE made g 0 MKSTREAM', 'made'],
      ['XREADGROUP GROUP g c COUNT 1 STREAMS s >'],
      ['XACK s g 1-1'],
      ['XDEL s 1-1', 's'],
      ['GETDEL n', 'n'],
      ['PERSIST z'],
      ['SETNX k 1'],
    ];
    for (const [line, ...keys] of lines) {
      on(engine, SELF, ...[...'stzlmkn', 'made'].map((key) => `EXISTS ${key}`));
      on(engine, OTHER, line);
      expect([line, ...got(engine)]).toEqual([line, ...keys.map((key) => told(key))]);
    }
  });

  it('tells of FLUSHALL and FLUSHDB once, of all keys, and forgets them', () => {
    const engine = tracked();
    for (const line of ['FLUSHALL', 'FLUSHDB', 'FLUSHALL ASYNC', 'FLUSHDB SYNC']) {
      on(engine, SELF, 'GET a');
      on(engine, OTHER, line);
      expect(got(engine)).toEqual([TOLD_ALL]);
      expect(info(engine)[1]).toBe(0);
    }
    expect(on(engine, SELF, 'GET a', 'MULTI', 'SET a 1', 'FLUSHALL', 'SET a 2', 'EXEC').slice(-3)).toEqual([
      ['OK', 'OK', 'OK'],
      told('a'),
      TOLD_ALL,
    ]);
    on(engine, OTHER, 'SWAPDB 0 1');
    expect(got(engine)).toEqual([]);
  });

  it('forgets keys chosen at random when there are too many, and tells who has read them', () => {
    const engine = tracked('', { config: { 'tracking-table-max-keys': '10' } });
    const keys = Array.from({ length: 25 }, (_, i) => `k${i}`);
    const [, ...pushes] = on(engine, SELF, `MGET ${keys.join(' ')}`);
    expect(pushes).toHaveLength(15);
    expect(info(engine)[1]).toBe(10);
    const gone = new Set(pushes.map((push) => ((push as unknown[])[1] as string[])[0]!));
    expect(gone.size).toBe(15);
    on(engine, OTHER, `DEL ${keys.join(' ')}`, ...keys.map((key) => `SET ${key} 1`));
    expect(got(engine)).toEqual(keys.filter((key) => !gone.has(key)).map((key) => told(key)));
    on(engine, SELF, `MGET ${keys.slice(0, 10).join(' ')}`);
    on(engine, OTHER, 'CONFIG SET tracking-table-max-keys 4');
    expect(got(engine)).toHaveLength(6);
    on(engine, OTHER, 'CONFIG SET tracking-table-max-keys 0');
    expect(on(engine, SELF, `MGET ${keys.join(' ')}`)).toHaveLength(1);
    expect(info(engine)[1]).toBe(25);
    engine.verify();
  });

  it('comes down to the limit in steps when it is lowered by much', () => {
    const engine = tracked('NOLOOP');
    for (let i = 0; i < 30; i++) {
      on(engine, SELF, `EXISTS ${Array.from({ length: 200 }, (_, j) => `k${i * 200 + j}`).join(' ')}`);
    }
    expect(info(engine)[1]).toBe(6000);
    const first = on(engine, SELF, 'CONFIG SET tracking-table-max-keys 1').length - 1;
    expect(first).toBeGreaterThan(1000);
    expect(first).toBeLessThan(2000);
    let pushes = first;
    for (let i = 0; i < 20; i++) {
      engine.server.afterBackground();
      pushes += got(engine).length;
    }
    expect([pushes, info(engine)[1]]).toEqual([5999, 1]);
  });
});

describe('CLIENT TRACKING with BCAST', () => {
  it('names the keys that a batch has changed in one message for each prefix', () => {
    const engine = tracked('BCAST PREFIX b PREFIX a');
    expect(info(engine)).toEqual([1, 0, 0, 2]);
    on(engine, SELF, 'GET a1');
    on(engine, OTHER, 'SET b2 1', 'SET a1 1', 'SET b10 1', 'SET c 1', 'DEL b2', 'SET a1 2');
    expect(got(engine)).toEqual([told('a1'), told('b10', 'b2')]);
    expect(on(engine, SELF, 'SET a 1', 'MULTI', 'SET b 1', 'EXEC', 'PING')).toEqual([
      'OK',
      'OK',
      'QUEUED',
      ['OK'],
      'PONG',
      told('a'),
      told('b'),
    ]);
    expect(info(engine)).toEqual([1, 0, 0, 2]);
  });

  it('leaves out with NOLOOP what the client alone has changed, but not what time has', () => {
    const engine = tracked('BCAST NOLOOP');
    engine.reactor.runSteps(
      [
        [SELF, 'SET a 1'],
        [SELF, 'SET b 1'],
        [OTHER, 'SET b 2'],
        [OTHER, 'SET c 2'],
      ].map(([slot, line]) => ({
        slot: slot as number,
        words: String(line)
          .split(' ')
          .map((word) => Buffer.from(word)),
      })),
    );
    expect(got(engine)).toEqual(['OK', 'OK', told('b', 'c')]);
    expect(on(engine, SELF, 'SET d 1', 'PEXPIRE d 5')).toEqual(['OK', 1]);
    engine.clock.advance(6);
    expect(on(engine, SELF, 'GET d', 'SET e 1')).toEqual([null, 'OK', told('d')]);
    expect(on(engine, SELF, 'FLUSHDB')).toEqual(['OK', TOLD_ALL]);
  });

  it('tells of keys that expire between batches', () => {
    const engine = tracked('BCAST');
    on(engine, OTHER, 'SET a 1 PX 5');
    expect(got(engine)).toEqual([told('a')]);
    engine.clock.advance(6);
    engine.server.runDueWork();
    expect(got(engine)).toEqual([told('a')]);
  });

  it('adds prefixes, refuses those that overlap, and shows them in order', () => {
    const engine = tracked('BCAST PREFIX foo PREFIX bar');
    const overlap = (text: string) => `-ERR Prefix ${text} Prefixes for a single client must not overlap.`;
    expect(
      on(
        engine,
        SELF,
        'CLIENT TRACKING ON BCAST PREFIX baz PREFIX ba',
        'CLIENT TRACKING ON BCAST PREFIX fo',
        'CLIENT TRACKING ON BCAST PREFIX zap PREFIX foo1',
        'CLIENT TRACKING ON BCAST PREFIX zap NOLOOP',
        'CLIENT TRACKINGINFO',
        'CLIENT TRACKING ON BCAST',
        'CLIENT TRACKINGINFO',
      ),
    ).toEqual([
      overlap("'baz' overlaps with another provided prefix 'ba'."),
      overlap("'fo' overlaps with an existing prefix 'foo'."),
      overlap("'foo1' overlaps with an existing prefix 'foo'."),
      'OK',
      ['flags', ['on', 'bcast', 'noloop'], 'redirect', 0, 'prefixes', ['bar', 'foo', 'zap']],
      'OK',
      ['flags', ['on', 'bcast'], 'redirect', 0, 'prefixes', ['', 'bar', 'foo', 'zap']],
    ]);
    on(engine, OTHER, 'SET foo1 1');
    expect(got(engine)).toEqual([told('foo1'), told('foo1')]);
  });
});

describe('CLIENT TRACKING with REDIRECT', () => {
  const REDIRECTED = 'CLIENT TRACKING ON REDIRECT 3';

  it('tells a subscriber of RESP2 by messages of a channel', () => {
    const engine = new Engine();
    on(engine, THIRD, `SUBSCRIBE ${CHANNEL}`);
    on(engine, SELF, REDIRECTED, 'GET a', 'GET b');
    on(engine, OTHER, 'SET a 1', 'FLUSHALL');
    expect(got(engine, SELF)).toEqual([]);
    expect(got(engine, THIRD)).toEqual([
      ['message', CHANNEL, ['a']],
      ['message', CHANNEL, null],
    ]);
    on(engine, SELF, 'GET a');
    expect(on(engine, SELF, 'SET a 1')).toEqual(['OK']);
    expect(got(engine, THIRD)).toEqual([['message', CHANNEL, ['a']]]);
  });

  it('tells a client of RESP3 by pushes, one of RESP2 without subscriptions nothing', () => {
    const engine = new Engine();
    on(engine, THIRD, 'PING');
    on(engine, SELF, REDIRECTED, 'GET a');
    on(engine, OTHER, 'SET a 1');
    expect(got(engine, THIRD)).toEqual([]);
    on(engine, THIRD, 'HELLO 3');
    on(engine, SELF, 'GET a');
    expect(on(engine, THIRD, 'SET a 1')).toEqual([told('a'), 'OK']);
    on(engine, SELF, 'GET a');
    expect(on(engine, THIRD, 'MULTI', 'PING', 'SET a 1', 'PING', 'EXEC').slice(-2)).toEqual([
      ['PONG', 'OK', 'PONG'],
      told('a'),
    ]);
  });

  it('says that the redirection is broken when there is nobody any more', () => {
    const engine = new Engine();
    on(engine, THIRD, `SUBSCRIBE ${CHANNEL}`);
    on(engine, SELF, 'HELLO 3', REDIRECTED, 'GET a');
    expect(on(engine, SELF, 'CLIENT GETREDIR', 'CLIENT TRACKINGINFO')).toEqual([
      3,
      ['flags', ['on'], 'redirect', 3, 'prefixes', []],
    ]);
    expect(String(engine.line('CLIENT LIST ID 1', OTHER))).toMatch(/ flags=t .* redir=3 /);
    engine.reactor.close(THIRD);
    on(engine, OTHER, 'SET a 1');
    expect(got(engine)).toEqual([['tracking-redir-broken', 3]]);
    expect(on(engine, SELF, 'CLIENT TRACKINGINFO')).toEqual([
      ['flags', ['on', 'broken_redirect'], 'redirect', 3, 'prefixes', []],
    ]);
    expect(String(engine.line('CLIENT LIST ID 1', OTHER))).toMatch(/ flags=tR /);
  });
});

describe('CLIENT TRACKING', () => {
  it('refuses what does not go together', () => {
    const engine = tracked('OPTIN');
    const switched = (mode: string) =>
      `-ERR You can't switch ${mode} before disabling tracking for this client, and then re-enabling it with a different mode.`;
    const lines: [string, string][] = [
      ['ON OPTOUT', switched('OPTIN/OPTOUT mode')],
      ['ON BCAST', switched('BCAST mode on/off')],
      ['ON PREFIX a', '-ERR PREFIX option requires BCAST mode to be enabled'],
      ['ON OPTIN OPTOUT', "-ERR You can't specify both OPTIN mode and OPTOUT mode"],
      ['ON REDIRECT 99', '-ERR The client ID you want redirect to does not exist'],
      ['ON REDIRECT x', '-ERR value is not an integer or out of range'],
      ['ON REDIRECT 1 REDIRECT 1', '-ERR A client can only redirect to a single other client'],
      ['ON REDIRECT', '-ERR syntax error'],
      ['ON x', '-ERR syntax error'],
      ['maybe', '-ERR syntax error'],
      ['OFF', 'OK'],
      ['ON BCAST OPTIN', '-ERR OPTIN and OPTOUT are not compatible with BCAST'],
    ];
    for (const [options, reply] of lines) {
      expect([options, ...on(engine, SELF, `CLIENT TRACKING ${options}`)]).toEqual([options, reply]);
    }
  });

  it('refuses CLIENT CACHING without the mode for it', () => {
    const engine = engineOf(true);
    const without =
      '-ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled';
    expect(on(engine, SELF, 'CLIENT CACHING YES', 'CLIENT TRACKING ON OPTIN', 'CLIENT CACHING NO')).toEqual([
      without,
      'OK',
      '-ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.',
    ]);
    const flags = ['flags', ['on', 'optin', 'caching-yes'], 'redirect', 0, 'prefixes', []];
    expect(
      on(engine, SELF, 'CLIENT CACHING maybe', 'CLIENT CACHING YES', 'CLIENT TRACKINGINFO', 'PING').slice(
        0,
        3,
      ),
    ).toEqual(['-ERR syntax error', 'OK', flags]);
    expect(
      on(
        engine,
        SELF,
        'CLIENT TRACKING OFF',
        'CLIENT TRACKING ON BCAST',
        'CLIENT CACHING YES',
        'CLIENT CACHING NO',
      ),
    ).toEqual([
      'OK',
      'OK',
      '-ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.',
      '-ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.',
    ]);
  });

  it('sends nothing to a client of RESP2 that does not redirect', () => {
    const engine = new Engine();
    expect(on(engine, SELF, 'CLIENT TRACKING ON', 'GET a', 'SET a 1')).toEqual(['OK', null, 'OK']);
    on(engine, OTHER, 'SET a 2', 'FLUSHALL');
    expect(got(engine)).toEqual([]);
  });

  it('sends invalidations although replies are off', () => {
    const engine = tracked();
    on(engine, SELF, 'GET a', 'CLIENT REPLY OFF');
    on(engine, OTHER, 'SET a 1');
    expect(got(engine)).toEqual([told('a')]);
    expect(on(engine, SELF, 'GET a', 'SET a 2')).toEqual([told('a')]);
  });

  it('costs nothing while nobody tracks: nobody listens, nothing is remembered', () => {
    const ends: [string, (engine: Engine) => void][] = [
      ['OFF', (engine) => on(engine, SELF, 'CLIENT TRACKING OFF')],
      ['RESET', (engine) => on(engine, SELF, 'RESET')],
      ['KILL', (engine) => on(engine, OTHER, 'CLIENT KILL ID 1')],
      ['QUIT', (engine) => engine.reactor.close(SELF)],
    ];
    for (const [how, end] of ends) {
      for (const options of ['', 'BCAST PREFIX a', 'OPTOUT NOLOOP']) {
        const engine = engineOf(true);
        on(engine, OTHER, 'PING');
        expect(engine.server.keyspace.listening).toBe(false);
        on(engine, SELF, `CLIENT TRACKING ON ${options}`.trim(), 'GET a', 'GET b');
        expect(engine.server.keyspace.listening).toBe(true);
        end(engine);
        expect([how, options, engine.server.keyspace.listening]).toEqual([how, options, false]);
        expect(info(engine)).toEqual([0, 0, 0, 0]);
        on(engine, OTHER, 'SET a 1');
        expect(got(engine)).toEqual([]);
      }
    }
  });

  it('serves many clients that come and go', () => {
    const engine = new Engine();
    const trackers = [0, 3, 4, 5, 6];
    for (const slot of trackers) on(engine, slot, 'HELLO 3', 'CLIENT TRACKING ON', 'GET a');
    expect(info(engine)).toEqual([5, 1, 5, 0]);
    engine.reactor.close(4);
    on(engine, OTHER, 'SET a 1');
    for (const slot of [0, 3, 5, 6]) expect(got(engine, slot)).toEqual([told('a')]);
    on(engine, 4, 'HELLO 3', 'CLIENT TRACKING ON');
    on(engine, OTHER, 'SET a 1');
    expect(got(engine, 4)).toEqual([]);
    expect(runLines(engine, 'CLIENT TRACKING OFF')).toEqual(['OK']);
    expect(info(engine)[0]).toBe(4);
  });
});
