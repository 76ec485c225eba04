import { describe, expect, it } from 'vitest';
import { REDIS_VERSION } from '../../src/base/version.ts';
import { Engine } from '../support/engine.ts';
import { engineOf, PROTOCOLS, plain, runLines } from './string_support.ts';

const WRONG_PASSWORD = '-WRONGPASS invalid username-password pair or user is disabled.';
const NO_AUTH = '-NOAUTH Authentication required.';
const SYNTAX = '-ERR syntax error';
const BAD_NAME = '-ERR Client names cannot contain spaces, newlines or special characters.';

/** The map that HELLO answers, as pairs. */
function hello(proto: number, id = 1): unknown[] {
  const pairs = { server: 'redis', version: REDIS_VERSION, proto, id, mode: 'standalone', role: 'master' };
  return [...Object.entries(pairs).flat(), 'modules', []];
}

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('answers PING and ECHO with bytes as they are', () => {
    const engine = engineOf(resp3);
    const odd = Buffer.from([0, 13, 10, 255]);
    expect(runLines(engine, 'PING', 'PING hello', 'ECHO hi', 'PING a b')).toEqual([
      'PONG',
      'hello',
      'hi',
      "-ERR wrong number of arguments for 'ping' command",
    ]);
    expect(engine.run(['PING', odd])).toBe(odd.toString('latin1'));
    expect(engine.run(['ECHO', ''])).toBe('');
  });

  it('selects databases without an object for the client', () => {
    const engine = engineOf(resp3);
    expect(runLines(engine, 'SELECT 15', 'SET a 1', 'SELECT 0', 'EXISTS a', 'SELECT 15', 'EXISTS a')).toEqual(
      ['OK', 'OK', 'OK', 0, 'OK', 1],
    );
    expect(runLines(engine, 'SELECT 16', 'SELECT -1', 'SELECT x', "SELECT ''", 'SELECT 2147483648')).toEqual([
      '-ERR DB index is out of range',
      '-ERR DB index is out of range',
      '-ERR value is not an integer or out of range',
      '-ERR value is not an integer or out of range',
      '-ERR value is out of range, value must between -2147483648 and 2147483647',
    ]);
    expect(plain(engine.line('EXISTS a', 1))).toBe(0);
    expect([...engine.server.clients.known()]).toEqual([]);
  });

  it('changes the protocol with HELLO, and says who it is', () => {
    const engine = engineOf(resp3);
    expect(runLines(engine, 'HELLO', 'HELLO 3', 'HELLO', 'HELLO 2')).toEqual([
      hello(resp3 ? 3 : 2),
      hello(3),
      hello(3),
      hello(2),
    ]);
    expect([...engine.server.clients.known()]).toEqual([]);
    expect(
      engine
        .bytes([
          ['HELLO', '3'],
          ['GET', 'none'],
          ['HELLO', '2'],
          ['GET', 'none'],
        ])
        .toString(),
    ).toMatch(/^%7\r\n[^_]*_\r\n\*14\r\n.*\$-1\r\n$/s);
    expect(
      runLines(engine, 'HELLO 1', 'HELLO 4', 'HELLO x', 'HELLO 3 what', 'HELLO 3 SETNAME', 'HELLO 3 AUTH a'),
    ).toEqual([
      '-NOPROTO unsupported protocol version',
      '-NOPROTO unsupported protocol version',
      '-ERR Protocol version is not an integer or out of range',
      "-ERR Syntax error in HELLO option 'what'",
      "-ERR Syntax error in HELLO option 'SETNAME'",
      "-ERR Syntax error in HELLO option 'AUTH'",
    ]);
    expect(plain(engine.run(['HELLO', '3', 'SETNAME', 'a b']))).toBe(BAD_NAME);
    expect(runLines(engine, 'HELLO 2 SETNAME me AUTH default any', 'CLIENT GETNAME')).toEqual([
      hello(2),
      'me',
    ]);
    expect(plain(engine.line('HELLO 2 AUTH nobody x'))).toBe(WRONG_PASSWORD);
  });

  it('needs no password while none is set', () => {
    const engine = engineOf(resp3);
    expect(runLines(engine, 'AUTH x', 'AUTH default x', 'AUTH nobody x', 'AUTH a b c')).toEqual([
      '-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
      'OK',
      WRONG_PASSWORD,
      SYNTAX,
    ]);
  });

  it('goes back to the start with RESET', () => {
    const engine = engineOf(resp3);
    runLines(
      engine,
      'SELECT 3',
      'HELLO 3',
      'CLIENT SETNAME me',
      'CLIENT SETINFO lib-name lib',
      'CLIENT NO-TOUCH ON',
    );
    runLines(engine, 'WATCH k', 'MULTI', 'SET a 1');
    expect(engine.bytes([['RESET'], ['GET', 'none']]).toString()).toBe('+RESET\r\n$-1\r\n');
    expect(runLines(engine, 'CLIENT GETNAME', 'EXEC')).toEqual([null, '-ERR EXEC without MULTI']);
    expect(engine.line('CLIENT INFO')).toMatch(
      / name= .* flags=N db=0 .* multi=-1 .* resp=2 lib-name=lib lib-ver= capa= watch=0\n$/,
    );
    expect(engine.server.watches.clientCount).toBe(0);
    const off = [['CLIENT', 'REPLY', 'OFF'], ['PING'], ['RESET'], ['PING']];
    expect(engine.bytes(off).toString()).toBe('+RESET\r\n+PONG\r\n');
  });

  it('ends with QUIT, and runs nothing after it', () => {
    const engine = engineOf(resp3);
    expect(engine.bytes([['SET', 'a', '1'], ['QUIT'], ['SET', 'a', '2'], ['PING']]).toString()).toBe(
      '+OK\r\n+OK\r\n',
    );
    expect(engine.reactor.closed.has(0)).toBe(true);
    expect(engine.line('GET a', 1)).toBe('1');
    expect(engine.bytes([['MULTI'], ['SET', 'a', '3'], ['QUIT']], 1).toString()).toBe(
      '+OK\r\n+QUEUED\r\n+OK\r\n',
    );
    expect(engine.line('GET a', 2)).toBe('1');
  });

  it('has no cluster', () => {
    const engine = engineOf(resp3);
    const refusal = '-ERR This instance has cluster support disabled';
    expect(runLines(engine, 'READONLY', 'READWRITE', 'ASKING')).toEqual([refusal, refusal, refusal]);
  });

  it('waits for replicas that are not there until its time is up', () => {
    const engine = engineOf(resp3);
    expect(runLines(engine, 'WAIT 0 0', 'WAIT -1 5', 'WAIT x 0', 'WAIT 0 x', 'WAIT 0 -1')).toEqual([
      0,
      0,
      '-ERR value is not an integer or out of range',
      '-ERR timeout is not an integer or out of range',
      '-ERR timeout is negative',
    ]);
    expect(runLines(engine, 'WAITAOF 0 0 0', 'WAITAOF 1 0 0', 'WAITAOF 2 0 0', 'WAITAOF 0 -1 0')).toEqual([
      [0, 0],
      '-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.',
      '-ERR value is out of range, value must between 0 and 1',
      '-ERR value is out of range, must be positive',
    ]);
    expect(runLines(engine, 'MULTI', 'WAIT 1 0', 'EXEC')[2]).toEqual([0]);
    expect(engine.bytes([['WAIT', '1', '50'], ['PING']]).length).toBe(0);
    engine.clock.advance(49);
    engine.server.runDueWork();
    expect(engine.take().length).toBe(0);
    engine.clock.advance(1);
    engine.server.runDueWork();
    expect(engine.take().toString()).toBe(':0\r\n+PONG\r\n');
    expect(engine.line('PING')).toBe('PONG');
  });
});

describe('with a password', () => {
  const make = () => {
    const engine = new Engine({ config: { requirepass: 'secret' } });
    engine.server.clients.authRequired = true;
    return engine;
  };

  it('lets nobody do anything before', () => {
    const engine = make();
    expect(runLines(engine, 'PING', 'GET a', 'SELECT 1', 'NOSUCH', 'MULTI', 'HELLO 3 what')).toEqual([
      NO_AUTH,
      NO_AUTH,
      NO_AUTH,
      "-ERR unknown command 'NOSUCH', with args beginning with: ",
      NO_AUTH,
      "-ERR Syntax error in HELLO option 'what'",
    ]);
    expect(plain(engine.line('HELLO 3'))).toMatch(
      /^-NOAUTH HELLO must be called with the client already authenticated/,
    );
    expect(
      runLines(engine, 'AUTH wrong', 'AUTH secre', 'AUTH secrets', 'AUTH nobody secret', 'PING'),
    ).toEqual([WRONG_PASSWORD, WRONG_PASSWORD, WRONG_PASSWORD, WRONG_PASSWORD, NO_AUTH]);
  });

  it('knows both ways in, and RESET as the way out', () => {
    const engine = make();
    expect(runLines(engine, 'AUTH secret', 'PING', 'AUTH wrong', 'PING', 'RESET', 'PING')).toEqual([
      'OK',
      'PONG',
      WRONG_PASSWORD,
      'PONG',
      'RESET',
      NO_AUTH,
    ]);
    expect(
      runLines(engine, 'AUTH default secret', 'PING', 'RESET', 'HELLO 2 AUTH default secret', 'PING'),
    ).toEqual(['OK', 'PONG', 'RESET', hello(2), 'PONG']);
    expect(plain(engine.line('PING', 1))).toBe(NO_AUTH);
    expect(plain(engine.line('QUIT', 1))).toBe('OK');
  });

  it('logs failed logins, those of a minute in one entry', () => {
    const engine = make();
    runLines(engine, 'AUTH wrong', 'AUTH wrong', 'HELLO 3 AUTH bob x');
    engine.clock.advance(61_000);
    runLines(engine, 'AUTH wrong', 'AUTH secret');
    const log = engine.line('ACL LOG') as unknown[][];
    const field = (entry: unknown[], name: string) => entry[entry.indexOf(name) + 1];
    expect(
      log.map((entry) => [field(entry, 'count'), field(entry, 'username'), field(entry, 'object')]),
    ).toEqual([
      [1, 'default', 'AUTH'],
      [1, 'bob', 'HELLO'],
      [2, 'default', 'AUTH'],
    ]);
    expect(field(log[2]!, 'reason')).toBe('auth');
    expect(field(log[2]!, 'context')).toBe('toplevel');
    expect(field(log[2]!, 'age-seconds')).toBe('61');
    expect(field(log[2]!, 'client-info')).toMatch(/^id=1 .* cmd=auth user=default /);
    expect((engine.line('ACL LOG 1') as unknown[]).length).toBe(1);
    expect(runLines(engine, 'ACL LOG RESET', 'ACL LOG', 'ACL LOG x')).toEqual([
      'OK',
      [],
      '-ERR value is not an integer or out of range',
    ]);
  });

  it('shows the digest of the password in ACL LIST and GETUSER', () => {
    const engine = make();
    engine.line('AUTH secret');
    const digest = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';
    expect(engine.line('ACL LIST')).toEqual([`user default on #${digest} ~* &* +@all`]);
    expect(engine.line('ACL GETUSER default')).toEqual(
      [
        ['flags', ['on']],
        ['passwords', [digest]],
        ['commands', '+@all'],
        ['keys', '~*'],
        ['channels', '&*'],
        ['selectors', []],
      ].flat(1),
    );
  });
});

it('has one user at first, who may do everything', () => {
  const engine = new Engine();
  expect(
    runLines(engine, 'ACL WHOAMI', 'ACL USERS', 'ACL LIST', 'ACL GETUSER bob', 'ACL DELUSER bob'),
  ).toEqual(['default', ['default'], ['user default on nopass ~* &* +@all'], null, 0]);
  expect(
    runLines(engine, 'ACL DELUSER default', 'ACL SAVE', 'ACL LOAD').map((text) => String(text).slice(0, 40)),
  ).toEqual([
    "-ERR The 'default' user cannot be remove",
    '-ERR This Redis instance is not configur',
    '-ERR This Redis instance is not configur',
  ]);
  expect(
    runLines(
      engine,
      'ACL DRYRUN default get a',
      'ACL DRYRUN default get',
      'ACL DRYRUN default nosuch',
      'ACL DRYRUN bob get a',
    ),
  ).toEqual([
    'OK',
    "-ERR wrong number of arguments for 'get' command",
    "-ERR Command 'nosuch' not found",
    "-ERR User 'bob' not found",
  ]);
  expect((engine.line('ACL CAT') as string[]).length).toBe(21);
  expect(engine.line('ACL CAT transaction')).toEqual(['discard', 'exec', 'multi', 'unwatch', 'watch']);
  expect(plain(engine.line('ACL CAT nosuch'))).toBe("-ERR Unknown category 'nosuch'");
  expect(engine.line('ACL GENPASS')).toMatch(/^[0-9a-f]{64}$/);
  expect(engine.line('ACL GENPASS 5')).toMatch(/^[0-9a-f]{2}$/);
  const [one, another] = runLines(engine, 'ACL GENPASS', 'ACL GENPASS');
  expect(one).not.toBe(another);
  expect(
    runLines(engine, 'ACL GENPASS x', 'ACL GENPASS 0', 'ACL GENPASS 4097').map((text) =>
      String(text).slice(0, 20),
    ),
  ).toEqual(['-ERR value is not an', '-ERR ACL GENPASS arg', '-ERR ACL GENPASS arg']);
});
