import { describe, expect, it } from 'vitest';
import { applyForeignLines } from '../../src/server/foreign_lines.ts';
import { Engine } from '../support/engine.ts';
import { plain, runLines } from './string_support.ts';

const NO_KEY = '-NOPERM this user has no permissions to access one of the keys used as arguments';
const NO_CHANNEL = '-NOPERM this user has no permissions to access one of the channels used as arguments';
const WRONG_PASSWORD = '-WRONGPASS invalid username-password pair or user is disabled.';
const noCommand = (name: string): string =>
  `-NOPERM this user has no permissions to run the '${name}' command`;

/** What the second connection, a user called bob with these rules, gets. */
function asBob(rules: string, ...lines: string[]): unknown[] {
  const engine = new Engine();
  expect(engine.line(`ACL SETUSER bob on nopass ${rules}`)).toBe('OK');
  expect(engine.line('AUTH bob x', 1)).toBe('OK');
  return lines.map((line) => plain(engine.line(line, 1)));
}

/** The fields of the newest entry of ACL LOG. */
function newest(engine: Engine): Record<string, unknown> {
  const [entry] = engine.line('ACL LOG 1') as unknown[][];
  return Object.fromEntries(
    Array.from({ length: entry!.length / 2 }, (_, i) => [String(entry![2 * i]), entry![2 * i + 1]]),
  );
}

describe('who a client is', () => {
  it('logs in with any of its passwords', () => {
    const engine = new Engine();
    runLines(engine, 'ACL SETUSER bob on >one >two +@all ~*');
    expect(engine.line('AUTH bob one', 1)).toBe('OK');
    expect(runLines(engine, 'AUTH bob two', 'ACL WHOAMI')).toEqual(['OK', 'bob']);
    expect(runLines(engine, 'AUTH bob three', 'ACL WHOAMI')).toEqual([WRONG_PASSWORD, 'bob']);
    runLines(engine, 'AUTH default x', 'ACL SETUSER bob <one');
    expect(plain(engine.line('AUTH bob one', 2))).toBe(WRONG_PASSWORD);
    const digest = '3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3';
    expect(plain(engine.line('ACL GETUSER bob'))).toContainEqual([digest]);
    runLines(engine, `ACL SETUSER bob !${digest}`);
    expect(plain(engine.line('AUTH bob two', 2))).toBe(WRONG_PASSWORD);
    runLines(engine, `ACL SETUSER bob #${digest}`);
    expect(plain(engine.line('AUTH bob two', 2))).toBe('OK');
  });

  it('may log in without a password, but not while it is off', () => {
    const engine = new Engine();
    runLines(engine, 'ACL SETUSER bob nopass');
    expect(plain(engine.line('AUTH bob x', 1))).toBe(WRONG_PASSWORD);
    runLines(engine, 'ACL SETUSER bob on +acl|whoami');
    expect(plain(engine.line('HELLO 3 AUTH bob any SETNAME me', 1))).toContain('server');
    expect(engine.line('ACL WHOAMI', 1)).toBe('bob');
    expect(engine.line('CLIENT LIST')).toMatch(/name=me .*user=bob/);
    runLines(engine, 'ACL SETUSER bob off +@all');
    expect(engine.line('ACL WHOAMI', 1)).toBe('bob');
    expect(plain(engine.line('RESET', 1))).toBe('RESET');
    expect(engine.line('ACL WHOAMI', 1)).toBe('default');
  });

  it('must log in when the default user needs a password or is off', () => {
    const engine = new Engine();
    runLines(engine, 'ACL SETUSER bob on nopass +@all ~*', 'ACL SETUSER default off');
    expect(plain(engine.line('GET a', 1))).toBe('-NOAUTH Authentication required.');
    expect(engine.line('AUTH bob x', 1)).toBe('OK');
    expect(engine.line('GET a', 1)).toBe(null);
    expect(engine.reactor.settings.get('auth-required')).toBe(1);
    runLines(engine, 'ACL SETUSER default on >secret');
    expect(plain(engine.line('AUTH secret', 2))).toBe('OK');
    expect(engine.reactor.settings.get('protected')).toBe(0);
    runLines(engine, 'ACL SETUSER default nopass');
    expect(plain(engine.line('GET a', 3))).toBe(null);
    expect(engine.reactor.settings.get('protected')).toBe(1);
  });

  it('has requirepass for the password of the default user', () => {
    const engine = new Engine();
    runLines(engine, 'CONFIG SET requirepass one', 'ACL SETUSER default >two');
    expect(plain(engine.line('AUTH one', 1))).toBe('OK');
    expect(plain(engine.line('AUTH default two', 2))).toBe('OK');
    runLines(engine, 'CONFIG SET requirepass three');
    expect(plain(engine.line('AUTH two', 3))).toBe(WRONG_PASSWORD);
    expect(plain(engine.line('AUTH three', 3))).toBe('OK');
    expect(plain(engine.line('CONFIG GET requirepass'))).toEqual(['requirepass', 'three']);
    runLines(engine, "CONFIG SET requirepass ''");
    expect(plain(engine.line('PING', 4))).toBe('PONG');
  });
});

describe('what a user may do', () => {
  it('is said by commands, subcommands and categories, the last rule first', () => {
    expect(
      asBob(
        '+@read +@string -get +config|get -config|get +client -client|list +select|0 ~*',
        ...['SET a 1', 'STRLEN a', 'GET a', 'CONFIG GET maxmemory', 'CLIENT ID', 'CLIENT LIST', 'SELECT 0'],
        ...['SELECT 1', 'LPUSH a 1', 'LLEN b', 'MULTI', 'nosuch'],
      ).map((reply) => (typeof reply === 'number' ? 'number' : reply)),
    ).toEqual([
      'OK',
      'number',
      noCommand('get'),
      noCommand('config|get'),
      'number',
      noCommand('client|list'),
      'OK',
      noCommand('select'),
      noCommand('lpush'),
      'number',
      noCommand('multi'),
      "-ERR unknown command 'nosuch', with args beginning with: ",
    ]);
  });

  it('is said by patterns of keys with what may be done to them', () => {
    expect(
      asBob(
        '+@all ~own* %R~read* %W~write*',
        ...['SET own1 1', 'GET read1', 'SET read1 1', 'GET write1', 'SET write1 2', 'COPY read1 write1'],
        ...[
          'COPY write1 own1',
          'SET write1 2 GET',
          'MGET own1 read1',
          'MGET own1 other',
          'EXISTS other',
          'DBSIZE',
        ],
      ),
    ).toEqual(['OK', null, NO_KEY, NO_KEY, 'OK', 0, NO_KEY, NO_KEY, ['1', null], NO_KEY, NO_KEY, 2]);
  });

  it('concerns keys also of commands in which a key has no company', () => {
    expect(asBob('+@all ~a', 'PFMERGE b', 'PFMERGE a', 'BITOP AND b', 'XREAD STREAMS b')).toEqual([
      NO_KEY,
      'OK',
      "-ERR wrong number of arguments for 'bitop' command",
      "-ERR wrong number of arguments for 'xread' command",
    ]);
  });

  it('is what CLIENT TRACKING BCAST tells of', () => {
    const engine = new Engine();
    runLines(engine, 'ACL SETUSER bob on nopass +@all ~a* (+@all %R~b* %W~c*)');
    for (const line of ['HELLO 3 AUTH bob x', 'CLIENT TRACKING on BCAST']) engine.line(line, 1);
    for (const line of ['HELLO 3', 'CLIENT TRACKING on BCAST']) engine.line(line, 2);
    runLines(engine, 'MSET a1 1 b1 1 c1 1 d1 1', 'SET d2 1');
    const told = (keys: string[]) =>
      `>2\r\n$10\r\ninvalidate\r\n*${keys.length}\r\n${keys.map((key) => `$2\r\n${key}\r\n`).join('')}`;
    expect(engine.take(1).toString()).toBe(told(['a1', 'b1']));
    expect(engine.take(2).toString()).toBe(told(['a1', 'b1', 'c1', 'd1']) + told(['d2']));
  });

  it('is allowed if one selector allows all of it', () => {
    expect(
      asBob(
        '+get ~a* (+set ~b*) (+@read %R~c*)',
        ...['GET a', 'SET b 1', 'SET a 1', 'GET b', 'STRLEN c', 'STRLEN a', 'MGET c a'],
      ),
    ).toEqual([null, 'OK', NO_KEY, NO_KEY, 0, NO_KEY, NO_KEY]);
  });

  it('is said by patterns of channels', () => {
    expect(
      asBob(
        'resetchannels &news* &a? +@all',
        ...['PUBLISH news1 x', 'PUBLISH other x', 'SPUBLISH other x', 'SUBSCRIBE a1 b1', 'PSUBSCRIBE news1*'],
        ...['PSUBSCRIBE news*', 'UNSUBSCRIBE b1', 'SUBSCRIBE news1'],
      ),
    ).toEqual([
      0,
      NO_CHANNEL,
      NO_CHANNEL,
      NO_CHANNEL,
      NO_CHANNEL,
      ['psubscribe', 'news*', 1],
      ['unsubscribe', 'b1', 1],
      ['subscribe', 'news1', 2],
    ]);
    expect(asBob('+@all allchannels', 'PUBLISH a x')).toEqual([0]);
  });

  it('depends on acl-pubsub-default as far as channels are not spoken of', () => {
    const engine = new Engine();
    runLines(engine, 'ACL SETUSER a', 'CONFIG SET acl-pubsub-default allchannels', 'ACL SETUSER b (+get)');
    expect((engine.line('ACL LIST') as string[]).slice(0, 2)).toEqual([
      'user a off resetchannels -@all',
      'user b off &* -@all (&* -@all +get)',
    ]);
    runLines(engine, 'ACL SETUSER a reset');
    expect((engine.line('ACL LIST') as string[])[0]).toBe('user a off sanitize-payload &* -@all');
  });

  it('lets SORT read other keys only for those who may read all', () => {
    const lines = ['SORT a BY w*', 'SORT a BY nosort', 'SORT a GET #', 'SORT_RO a GET k*'];
    const by = '-ERR BY option of SORT denied due to insufficient ACL permissions.';
    const get = '-ERR GET option of SORT denied due to insufficient ACL permissions.';
    expect(asBob('+@all ~a*', ...lines)).toEqual([by, [], get, get]);
    expect(asBob('+@all %W~* (+sort %R~*)', ...lines)).toEqual([[], [], [], NO_KEY]);
    expect(asBob('+@all ~a (+@all %R~*)', ...lines)).toEqual([[], [], [], []]);
  });

  it('always includes logging in and leaving', () => {
    expect(asBob('-@all', 'AUTH bob x', 'RESET', 'PING')).toEqual(['OK', 'RESET', 'PONG']);
    expect(asBob('-@all', 'QUIT')).toEqual(['OK']);
  });

  it('holds for the default user, with or without anything else known of its connections', () => {
    const engine = new Engine();
    expect(plain(engine.line('GET a', 1))).toBe(null);
    runLines(engine, 'ACL SETUSER root on nopass +@all ~* &*', 'AUTH root x', 'ACL SETUSER default -get');
    expect(plain(engine.line('GET a', 1))).toBe(noCommand('get'));
    expect(plain(engine.line('GET a', 2))).toBe(noCommand('get'));
    expect(plain(engine.line('SELECT 3', 2))).toBe('OK');
    expect(plain(engine.line('GET a', 2))).toBe(noCommand('get'));
    expect(plain(engine.line('GET a'))).toBe(null);
    runLines(engine, 'ACL SETUSER default +@all');
    expect(plain(engine.line('GET a', 1))).toBe(null);
    expect(plain(engine.line('GET a', 2))).toBe(null);
    expect(plain(engine.line('CLIENT LIST', 2))).toContain('db=3');
  });
});

describe('changes of what users may do', () => {
  it('close the connections of deleted users', () => {
    const engine = new Engine();
    runLines(engine, 'ACL SETUSER bob on nopass +@all ~*', 'ACL SETUSER eve on nopass +@all');
    engine.line('AUTH bob x', 1);
    engine.bytes([['BLPOP', 'l', '0']], 1);
    engine.line('AUTH eve x', 2);
    expect(engine.line('ACL DELUSER bob nobody')).toBe(1);
    expect([...engine.reactor.closed]).toEqual([1]);
    expect(engine.batch([['ACL', 'DELUSER', 'eve'], ['PING']], 2)).toEqual([1]);
    expect(engine.line('ACL USERS')).toEqual(['default']);
  });

  it.each([
    ['idle', []],
    ['inside MULTI', ['WATCH k', 'MULTI', 'SET k 1']],
    ['blocked', ['BLPOP l 0']],
    ['blocked, with more to come', ['BLPOP l 0', 'SET k 1']],
    ['listening', ['SUBSCRIBE news', 'PSUBSCRIBE n*', 'SSUBSCRIBE news']],
    ['watching everything', ['MONITOR']],
    ['tracking', ['HELLO 3', 'CLIENT TRACKING on', 'GET k']],
    ['without replies', ['CLIENT REPLY OFF', 'WATCH k']],
    ['held back', ['CLIENT PAUSE 100000 WRITE', 'SET k 1']],
  ])('end a connection that is %s when its user goes', (_, lines) => {
    const engine = new Engine();
    runLines(engine, 'ACL SETUSER bob on nopass +@all ~* &*');
    engine.line('AUTH bob x', 1);
    for (const line of lines) engine.bytes([line.split(' ')], 1);
    engine.take(1);
    expect(engine.line('ACL DELUSER bob')).toBe(1);
    expect([...engine.reactor.closed]).toEqual([1]);
    engine.batch(['CLIENT UNPAUSE', 'PUBLISH news x', 'RPUSH l 1', 'SET k 2'].map((line) => line.split(' ')));
    engine.clock.advance(200_000);
    engine.reactor.close(1);
    expect(runLines(engine, 'LLEN l', 'GET k', 'PUBSUB NUMPAT')).toEqual([1, '2', 0]);
    expect(engine.take(1).toString()).toBe('');
    expect(engine.server.waiting.count).toBe(0);
    engine.verify();
  });

  it('close the connections of those who listen to what they may not hear any more', () => {
    const engine = new Engine();
    runLines(engine, 'ACL SETUSER bob on nopass +@all &a &b* ~*');
    const listen = [['SUBSCRIBE a'], ['PSUBSCRIBE b*'], ['SSUBSCRIBE b1'], ['PING']];
    listen.forEach(([line], i) => {
      engine.line('AUTH bob x', i + 1);
      engine.line(line!, i + 1);
    });
    runLines(engine, 'ACL SETUSER bob &c');
    expect([...engine.reactor.closed]).toEqual([]);
    runLines(engine, 'ACL SETUSER bob resetchannels &a &b1');
    expect([...engine.reactor.closed]).toEqual([2]);
    runLines(engine, 'ACL SETUSER bob resetchannels (&a)');
    expect([...engine.reactor.closed]).toEqual([2, 3]);
  });

  it('are seen by EXEC, command by command', () => {
    const engine = new Engine();
    runLines(engine, 'ACL SETUSER bob on nopass +@all ~*');
    for (const line of ['AUTH bob x', 'MULTI', 'SET a 1', 'GET a', 'PING']) engine.line(line, 1);
    runLines(engine, 'ACL SETUSER bob -set resetkeys ~b');
    const changed =
      '-NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is ' +
      'no longer allowed for the following reason: ';
    expect(plain(engine.line('EXEC', 1))).toEqual([
      `${changed}no permission to execute the command or subcommand`,
      `${changed}no permission to touch the specified keys`,
      'PONG',
    ]);
    expect(newest(engine)).toMatchObject({ reason: 'key', context: 'multi', object: 'a' });
    expect(engine.line('EXISTS a')).toBe(0);
  });

  it('are seen by a command that was waiting', () => {
    const engine = new Engine();
    runLines(engine, 'ACL SETUSER bob on nopass +@all ~*');
    engine.line('AUTH bob x', 1);
    engine.bytes([['BLPOP', 'l', '0']], 1);
    runLines(engine, 'ACL SETUSER bob resetkeys', 'RPUSH l 1');
    expect(engine.take(1).toString()).toBe(`${NO_KEY}\r\n`);
    expect(engine.line('LLEN l')).toBe(1);
    expect(engine.line('PING', 1)).toBe('PONG');
  });

  it('refuse a command that is queued, and so the transaction', () => {
    expect(asBob('+multi +exec +ping', 'MULTI', 'GET a', 'PING', 'EXEC', 'PING')).toEqual([
      'OK',
      noCommand('get'),
      'QUEUED',
      '-EXECABORT Transaction discarded because of previous errors.',
      'PONG',
    ]);
  });

  it('are all made or none', () => {
    const engine = new Engine();
    const [before] = engine.line('ACL LIST') as string[];
    expect(runLines(engine, 'ACL SETUSER default -@all nosuch', 'ACL SETUSER new on +nosuch')).toEqual([
      "-ERR Error in ACL SETUSER modifier 'nosuch': Syntax error",
      "-ERR Error in ACL SETUSER modifier '+nosuch': Unknown command or category name in ACL",
    ]);
    expect(engine.line('ACL LIST')).toEqual([before]);
  });
});

it('goes by the names that commands were born with', () => {
  const engine = new Engine();
  const place = { line: 1, text: '' };
  applyForeignLines(engine.server, [
    { name: 'rename-command', words: ['get', 'fetch'], place },
    { name: 'rename-command', words: ['strlen', 'get'], place },
  ]);
  runLines(engine, 'ACL SETUSER bob on nopass +get ~*');
  engine.line('AUTH bob x', 1);
  expect(plain(engine.line('FETCH a', 1))).toBe(null);
  expect(plain(engine.line('GET a', 1))).toBe(noCommand('strlen'));
  expect(engine.line('ACL DRYRUN bob fetch a')).toBe('OK');
});

describe('ACL LOG', () => {
  it('tells what was refused, why, to whom, and how often', () => {
    const engine = new Engine();
    runLines(engine, 'ACL SETUSER bob on >x ~a +get +multi &none');
    engine.line('AUTH bob wrong', 1);
    expect(newest(engine)).toMatchObject({
      reason: 'auth',
      context: 'toplevel',
      object: 'AUTH',
      username: 'bob',
    });
    engine.line('AUTH bob x', 1);
    for (let i = 0; i < 3; i++) engine.line('CONFIG GET maxmemory', 1);
    expect(newest(engine)).toMatchObject({
      count: 3,
      reason: 'command',
      object: 'config|get',
      'entry-id': 1,
    });
    engine.line('GET b', 1);
    expect(newest(engine)).toMatchObject({ count: 1, reason: 'key', object: 'b', username: 'bob' });
    expect(String(newest(engine)['client-info'])).toMatch(/cmd=get user=bob/);
    engine.line('ACL SETUSER bob +publish');
    engine.line('PUBLISH c x', 1);
    expect(newest(engine)).toMatchObject({ reason: 'channel', object: 'c' });
    engine.line('MULTI', 1);
    engine.line('GET b', 1);
    expect(newest(engine)).toMatchObject({ count: 1, reason: 'key', context: 'multi', object: 'b' });
    expect(engine.line('INFO stats')).toMatch(
      /acl_access_denied_auth:1\r\nacl_access_denied_cmd:3\r\nacl_access_denied_key:2\r\nacl_access_denied_channel:1\r\n/,
    );
    expect((engine.line('ACL LOG') as unknown[]).length).toBe(5);
    expect(runLines(engine, 'ACL LOG RESET', 'ACL LOG')).toEqual(['OK', []]);
  });

  it('keeps as many entries as acllog-max-len says', () => {
    const engine = new Engine();
    runLines(engine, 'CONFIG SET acllog-max-len 2');
    for (const name of ['a', 'b', 'c']) engine.line(`AUTH ${name} x`);
    const entries = plain(engine.line('ACL LOG')) as unknown[][];
    expect(entries.map((entry) => entry[entry.indexOf('username') + 1])).toEqual(['c', 'b']);
  });
});

it('finds clients by user', () => {
  const engine = new Engine();
  runLines(engine, 'ACL SETUSER bob on nopass +@all');
  engine.line('AUTH bob x', 1);
  expect(runLines(engine, 'CLIENT KILL USER bob', 'CLIENT KILL USER nobody')).toEqual([
    1,
    "-ERR No such user 'nobody'",
  ]);
});
