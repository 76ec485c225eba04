import { describe, expect, it } from 'vitest';
import { FRAME_PAUSE_READ, FRAME_RESUME_READ } from '../../src/bridge/abi.ts';
import { Engine } from '../support/engine.ts';
import { engineOf, PROTOCOLS, plain, runLines } from './string_support.ts';

const BAD_NAME = '-ERR Client names cannot contain spaces, newlines or special characters.';
const SYNTAX = '-ERR syntax error';
const NOT_AN_INTEGER = '-ERR value is not an integer or out of range';

/** Runs a line on a connection; its plain reply. */
function on(engine: Engine, slot: number, line: string): unknown {
  return plain(engine.line(line, slot));
}

/** Sends lines on a connection as one batch; the bytes that come back at once. */
function send(engine: Engine, slot: number, ...lines: string[]): string {
  const commands = lines.map((line) => line.split(' '));
  return engine.bytes(commands, slot).toString('latin1');
}

function received(engine: Engine, slot: number): string {
  return engine.take(slot).toString('latin1');
}

/** The lines of CLIENT LIST, by id, each as an object of its fields. */
function list(engine: Engine, slot: number, options = ''): Record<string, Record<string, string>> {
  const text = engine.line(`CLIENT LIST${options}`, slot) as string;
  const lines = text.split('\n').filter((line) => line !== '');
  const clients = lines.map((line) =>
    Object.fromEntries(line.split(' ').map((field) => field.split('=', 2))),
  );
  return Object.fromEntries(clients.map((client) => [client.id, client]));
}

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('remembers names and libraries', () => {
    const engine = engineOf(resp3);
    expect(runLines(engine, 'CLIENT ID', 'CLIENT GETNAME', 'CLIENT SETNAME me', 'CLIENT GETNAME')).toEqual([
      1,
      null,
      'OK',
      'me',
    ]);
    for (const name of ['a b', 'a\nb', 'ä', '\x7f']) {
      expect(plain(engine.run(['CLIENT', 'SETNAME', Buffer.from(name, 'latin1')]))).toBe(BAD_NAME);
    }
    expect(runLines(engine, "CLIENT SETNAME ''", 'CLIENT GETNAME')).toEqual(['OK', null]);
    expect(runLines(engine, 'CLIENT SETINFO LIB-NAME redis-x', 'CLIENT SETINFO lib-ver 1.2')).toEqual([
      'OK',
      'OK',
    ]);
    expect(engine.line('CLIENT INFO')).toMatch(/ lib-name=redis-x lib-ver=1\.2 capa= watch=0\n$/);
    expect(plain(engine.run(['CLIENT', 'SETINFO', 'lib-Ver', 'a b']))).toBe(
      '-ERR lib-Ver cannot contain spaces, newlines or special characters.',
    );
    expect(runLines(engine, 'CLIENT SETINFO x y', "CLIENT SETINFO lib-name ''")).toEqual([
      "-ERR Unrecognized option 'x'",
      'OK',
    ]);
    expect(engine.line('CLIENT INFO')).toMatch(/ lib-name= lib-ver=1\.2 capa= watch=0\n$/);
  });

  it('describes every connection in one line', () => {
    const engine = engineOf(resp3);
    on(engine, 1, 'SELECT 4');
    on(engine, 2, 'CONFIG GET port');
    on(engine, 3, 'CLIENT NO-EVICT ON');
    const resp = resp3 ? 3 : 2;
    expect(engine.line('CLIENT INFO')).toBe(
      'id=1 addr=127.0.0.1:40000 laddr=127.0.0.1:6379 fd=10 name= age=0 idle=0 flags=N db=0 sub=0 psub=0 ssub=0 ' +
        'multi=-1 qbuf=26 qbuf-free=0 argv-mem=10 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=164 events=r ' +
        `cmd=client|info user=default redir=-1 resp=${resp} lib-name= lib-ver= capa= watch=0\n`,
    );
    const clients = list(engine, 0);
    expect(Object.keys(clients)).toEqual(['1', '2', '3', '4']);
    expect([clients[1]!.cmd, clients[2]!.db, clients[4]!.flags, clients[1]!.resp]).toEqual([
      'client|list',
      '4',
      'e',
      String(resp),
    ]);
    engine.reactor.close(2);
    expect(Object.keys(list(engine, 0))).toEqual(['1', '2', '4']);
  });

  it('filters the list', () => {
    const engine = engineOf(resp3);
    on(engine, 0, 'PING');
    on(engine, 1, 'CLIENT SETNAME one');
    on(engine, 2, 'SELECT 2');
    on(engine, 2, 'CLIENT SETINFO lib-name lib');
    const ids = (options: string) => Object.keys(list(engine, 0, options)).join();
    expect(ids(' TYPE normal')).toBe('1,2,3');
    expect(ids(' TYPE pubsub')).toBe('');
    expect(ids(' ID 3 99 1')).toBe('1,3');
    expect((engine.line('CLIENT LIST ID 3 1 3') as string).match(/^id=\d/gm)).toEqual([
      'id=3',
      'id=1',
      'id=3',
    ]);
    expect(ids(' SKIPME yes')).toBe('2,3');
    expect(ids(' NAME one')).toBe('2');
    expect(ids(' NOT-NAME one')).toBe('1,3');
    expect(ids(' ADDR 127.0.0.1:40001')).toBe('2');
    expect(ids(' LADDR 127.0.0.1:6379 IP 127.0.0.1 USER default')).toBe('1,2,3');
    expect(ids(' DB 2')).toBe('3');
    expect(ids(' LIB-NAME lib ID 1 2 3')).toBe('3');
    expect(ids(' NOT-ID 1 2')).toBe('3');
    expect(ids(' FLAGS N NOT-DB 2')).toBe('1,2');
    expect(ids(' IDLE 1')).toBe('');
    expect(ids(' NAME x NAME one')).toBe('2');
    expect(ids(' NAME one NOT-DB 2 NOT-DB 0')).toBe('');
    expect(ids(' ID 1 ID 3 NAME one ID 2')).toBe('2');
    expect(ids(' NOT-ID 1 NOT-ID 3')).toBe('2');
    expect(runLines(engine, 'CLIENT LIST FLAGS NZ')[0]).toBe(
      '-ERR Unknown flags found in the provided filter: NZ',
    );
    expect(ids(' MAXAGE 1')).toBe('');
    expect(
      runLines(
        engine,
        'CLIENT LIST x',
        'CLIENT LIST ID',
        'CLIENT LIST ID x',
        'CLIENT LIST ID 1 x',
        'CLIENT LIST TYPE',
        'CLIENT LIST TYPE x',
        'CLIENT LIST USER bob',
        'CLIENT LIST SKIPME maybe',
        'CLIENT LIST TYPE normal x',
      ),
    ).toEqual([
      SYNTAX,
      SYNTAX,
      '-ERR Invalid client ID',
      '-ERR Invalid client ID',
      SYNTAX,
      "-ERR Unknown client type 'x'",
      "-ERR No such user 'bob'",
      SYNTAX,
      SYNTAX,
    ]);
  });

  it('remembers what clients are able to do', () => {
    const engine = engineOf(resp3);
    on(engine, 1, 'PING');
    const ids = (options: string) => Object.keys(list(engine, 0, options)).join();
    expect(runLines(engine, 'CLIENT CAPA x Redirect future', 'CLIENT CAPA')).toEqual([
      'OK',
      "-ERR wrong number of arguments for 'client|capa' command",
    ]);
    expect(engine.line('CLIENT INFO')).toMatch(/ capa=r watch=0\n$/);
    expect(on(engine, 1, 'CLIENT INFO')).toMatch(/ capa= watch=0\n$/);
    expect(ids(' CAPA r')).toBe('1');
    expect(ids(' NOT-CAPA r')).toBe('2');
    expect(runLines(engine, 'CLIENT LIST CAPA rx', 'CLIENT LIST NOT-CAPA x', 'CLIENT LIST CAPA')).toEqual([
      '-ERR Unknown capa found in the provided filter: rx',
      '-ERR Unknown capa found in the NOT-CAPA filter: x',
      SYNTAX,
    ]);
    expect(on(engine, 1, 'CLIENT KILL CAPA r')).toBe(1);
    expect([...engine.reactor.closed]).toEqual([0]);
  });

  it('closes connections by several ids', () => {
    const engine = engineOf(resp3);
    for (let slot = 0; slot < 6; slot++) on(engine, slot, 'PING');
    expect(on(engine, 0, 'CLIENT KILL ID 2 ID 99 ID 4 TYPE normal')).toBe(2);
    expect(on(engine, 0, 'CLIENT KILL ID 5 6 5')).toBe(2);
    expect([...engine.reactor.closed].sort()).toEqual([1, 3, 4, 5]);
  });

  it('closes connections by address and by filters', () => {
    const engine = engineOf(resp3);
    for (let slot = 1; slot < 6; slot++) on(engine, slot, 'PING');
    expect(on(engine, 0, 'CLIENT KILL 127.0.0.1:40001')).toBe('OK');
    expect([...engine.reactor.closed]).toEqual([1]);
    engine.reactor.close(1);
    expect(on(engine, 0, 'CLIENT KILL 127.0.0.1:40001')).toBe('-ERR No such client');
    expect(on(engine, 0, 'CLIENT KILL ID 3 TYPE normal')).toBe(1);
    expect(on(engine, 0, 'CLIENT KILL ID 99')).toBe(0);
    expect(on(engine, 0, 'CLIENT KILL ID 1')).toBe(0);
    expect(on(engine, 0, 'CLIENT KILL MAXAGE 1')).toBe(0);
    expect(
      on(engine, 0, 'CLIENT KILL LADDR 127.0.0.1:6379 USER default ADDR 127.0.0.1:40003 SKIPME yes'),
    ).toBe(1);
    expect([...engine.reactor.closed]).toEqual([1, 2, 3]);
    expect(send(engine, 0, 'CLIENT KILL TYPE normal SKIPME no', 'SET late 1', 'PING')).toBe(':3\r\n');
    expect([...engine.reactor.closed].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(on(engine, 7, 'EXISTS late')).toBe(0);
  });

  it('drops what a closed connection had still sent', () => {
    const engine = engineOf(resp3);
    on(engine, 1, 'MULTI');
    on(engine, 0, 'CLIENT KILL ID 2');
    expect(send(engine, 1, 'SET late 1', 'EXEC')).toBe('');
    expect(on(engine, 0, 'EXISTS late')).toBe(0);
  });

  it('refuses to close what is described wrongly', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(
        engine,
        'CLIENT KILL',
        'CLIENT KILL ID',
        'CLIENT KILL ID 0',
        'CLIENT KILL ID x',
        'CLIENT KILL ID 1 x',
        'CLIENT KILL TYPE x',
        'CLIENT KILL USER bob',
        'CLIENT KILL SKIPME x',
        'CLIENT KILL MAXAGE x',
        'CLIENT KILL MAXAGE 0',
        'CLIENT KILL x y',
      ),
    ).toEqual([
      "-ERR wrong number of arguments for 'client|kill' command",
      '-ERR No such client',
      '-ERR client-id should be greater than 0',
      '-ERR client-id should be greater than 0',
      SYNTAX,
      "-ERR Unknown client type 'x'",
      "-ERR No such user 'bob'",
      SYNTAX,
      '-ERR maxage is not an integer or out of range',
      '-ERR maxage should be greater than 0',
      SYNTAX,
    ]);
  });

  it('turns replies off, on, and off for one', () => {
    const engine = engineOf(resp3);
    expect(send(engine, 0, 'CLIENT REPLY OFF', 'PING', 'NOSUCH', 'SET a 1', 'CLIENT REPLY ON', 'PING')).toBe(
      '+OK\r\n+PONG\r\n',
    );
    expect(send(engine, 0, 'CLIENT REPLY SKIP', 'PING', 'GET a')).toBe('$1\r\n1\r\n');
    expect(send(engine, 0, 'CLIENT REPLY SKIP', 'CLIENT REPLY SKIP', 'PING', 'PING')).toBe('+PONG\r\n');
    expect(send(engine, 0, 'CLIENT REPLY SKIP', 'CLIENT REPLY ON', 'PING')).toBe('+OK\r\n+PONG\r\n');
    expect(send(engine, 0, 'CLIENT REPLY OFF', 'CLIENT REPLY SKIP', 'PING', 'PING')).toBe('');
    expect(send(engine, 0, 'MULTI', 'INCR a', 'SELECT 1', 'EXEC', 'SELECT 0', 'CLIENT REPLY ON')).toBe(
      '+OK\r\n',
    );
    expect(on(engine, 0, 'GET a')).toBe('2');
    expect(on(engine, 0, 'CLIENT REPLY x')).toBe(SYNTAX);
    const long = 'x'.repeat(100_000);
    engine.run(['SET', 'long', long]);
    expect(
      send(engine, 0, 'CLIENT REPLY OFF', 'GET long', 'GET long', 'CLIENT REPLY ON', 'STRLEN long'),
    ).toBe('+OK\r\n:100000\r\n');
  });

  it('leaves clocks alone for a client that asked for it, but for TOUCH', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET a 1', 'SET b 1', 'SET c 1', 'CLIENT NO-TOUCH ON');
    engine.clock.advance(5000);
    runLines(engine, 'GET a', 'TOUCH b');
    on(engine, 1, 'GET c');
    expect(runLines(engine, 'OBJECT IDLETIME a', 'OBJECT IDLETIME b', 'OBJECT IDLETIME c')).toEqual([
      5, 0, 0,
    ]);
    expect(runLines(engine, 'MULTI', 'GET a', 'OBJECT IDLETIME a', 'EXEC')[3]).toEqual(['1', 5]);
    expect(runLines(engine, 'CLIENT NO-TOUCH OFF', 'GET a', 'OBJECT IDLETIME a')).toEqual(['OK', '1', 0]);
    expect(runLines(engine, 'CLIENT NO-TOUCH x', 'CLIENT NO-EVICT x', 'CLIENT NO-EVICT off')).toEqual([
      SYNTAX,
      SYNTAX,
      'OK',
    ]);
  });
});

describe('CLIENT PAUSE', () => {
  it('holds everything back until its time is up, then goes on in order', () => {
    const engine = new Engine();
    expect(on(engine, 0, 'CLIENT PAUSE 100')).toBe('OK');
    expect(send(engine, 1, 'APPEND k a', 'APPEND k b')).toBe('');
    expect(send(engine, 2, 'APPEND k c', 'GET k')).toBe('');
    expect(send(engine, 1, 'APPEND k d')).toBe('');
    expect(send(engine, 0, 'PING')).toBe('');
    engine.clock.advance(99);
    engine.server.runDueWork();
    expect(received(engine, 1)).toBe('');
    engine.clock.advance(1);
    engine.server.runDueWork();
    expect(received(engine, 1)).toBe(':1\r\n:2\r\n:3\r\n');
    expect(received(engine, 2)).toBe(':4\r\n$4\r\nabdc\r\n');
    expect(received(engine, 0)).toBe('+PONG\r\n');
    expect(engine.server.waiting.count).toBe(0);
    expect(on(engine, 1, 'GET k')).toBe('abdc');
  });

  it('holds only writes back, and transactions that hold some', () => {
    const engine = new Engine();
    runLines(engine, 'SET k 1');
    on(engine, 1, 'MULTI');
    on(engine, 1, 'GET k');
    on(engine, 2, 'MULTI');
    on(engine, 2, 'INCR k');
    on(engine, 0, 'CLIENT PAUSE 100000 WRITE');
    expect(on(engine, 0, 'GET k')).toBe('1');
    expect(on(engine, 1, 'EXEC')).toEqual(['1']);
    expect(send(engine, 2, 'EXEC', 'PING')).toBe('');
    expect(send(engine, 3, 'INCR k', 'GET k')).toBe('');
    expect(send(engine, 4, 'MULTI', 'SET x 1')).toBe('+OK\r\n');
    const clients = list(engine, 0);
    expect([clients[3]!.flags, clients[4]!.flags, clients[5]!.flags, clients[1]!.flags]).toEqual([
      'xb',
      'b',
      'xb',
      'N',
    ]);
    expect([clients[3]!.cmd, clients[4]!.cmd, clients[4]!['argv-mem']]).toEqual(['exec', 'incr', '5']);
    expect(engine.server.waiting.count).toBe(3);
    expect(on(engine, 0, 'CLIENT UNPAUSE')).toBe('OK');
    expect(received(engine, 2)).toBe('*1\r\n:2\r\n+PONG\r\n');
    expect(received(engine, 3)).toBe(':3\r\n$1\r\n3\r\n');
    expect(received(engine, 4)).toBe('+QUEUED\r\n');
    expect(on(engine, 0, 'CLIENT UNPAUSE')).toBe('OK');
  });

  it('refuses before it holds back', () => {
    const engine = new Engine();
    on(engine, 0, 'CLIENT PAUSE 1000');
    expect(on(engine, 0, 'NOSUCH')).toMatch(/^-ERR unknown command/);
    expect(on(engine, 0, 'GET')).toMatch(/^-ERR wrong number/);
  });

  it('gets longer and stricter, never shorter or milder', () => {
    const engine = new Engine();
    runLines(engine, 'SET k 1', 'MULTI', 'CLIENT PAUSE 100 ALL', 'CLIENT PAUSE 20 WRITE', 'EXEC');
    engine.clock.advance(50);
    expect(send(engine, 0, 'GET k')).toBe('');
    engine.clock.advance(50);
    engine.server.runDueWork();
    expect(received(engine, 0)).toBe('$1\r\n1\r\n');
    runLines(engine, 'MULTI', 'CLIENT PAUSE 100 WRITE', 'CLIENT PAUSE 20 ALL', 'EXEC');
    engine.clock.advance(50);
    expect(send(engine, 0, 'GET k')).toBe('');
    engine.clock.advance(50);
    engine.server.runDueWork();
    expect(received(engine, 0)).toBe('$1\r\n1\r\n');
    runLines(engine, 'CLIENT PAUSE 0');
    expect(on(engine, 0, 'SET k 2')).toBe('OK');
    expect(on(engine, 0, `CLIENT PAUSE ${2n ** 63n - 1n}`)).toBe('-ERR timeout is out of range');
    expect(on(engine, 0, 'SET k 3')).toBe('OK');
  });

  it('lets a transaction end that began it', () => {
    const engine = new Engine();
    expect(runLines(engine, 'MULTI', 'CLIENT PAUSE 1000', 'SET k 1', 'EXEC')[3]).toEqual(['OK', 'OK']);
    expect(send(engine, 0, 'GET k')).toBe('');
  });

  it('keeps expired keys, and hides them', () => {
    const engine = new Engine();
    runLines(engine, 'PSETEX k 10 v', 'SET other 1', 'CLIENT PAUSE 1000 WRITE');
    engine.clock.advance(50);
    engine.server.runDueWork();
    expect(runLines(engine, 'GET k', 'EXISTS k', 'TTL k', 'RANDOMKEY', 'SCAN 0', 'KEYS k', 'DBSIZE')).toEqual(
      [null, 0, -2, 'other', ['0', ['other']], [], 2],
    );
    expect(runLines(engine, 'CLIENT UNPAUSE', 'GET k', 'DBSIZE')).toEqual(['OK', null, 1]);
  });

  it('stops reading a connection that sends on and on, and forgets one that goes away', () => {
    const engine = new Engine();
    const frames: [kind: number, slot: number][] = [];
    engine.reactor.onControl = (kind, slot) => frames.push([kind, slot]);
    on(engine, 0, 'CLIENT PAUSE 100000 WRITE');
    send(engine, 1, 'SET a 1');
    expect(frames.filter(([kind]) => kind === FRAME_PAUSE_READ)).toEqual([]);
    engine.bytes([['SET', 'a', 'x'.repeat(70_000)]], 1);
    engine.bytes([['SET', 'a', 'x'.repeat(70_000)]], 2);
    expect(frames.filter(([kind]) => kind === FRAME_PAUSE_READ)).toEqual([
      [FRAME_PAUSE_READ, 1],
      [FRAME_PAUSE_READ, 2],
    ]);
    engine.reactor.close(2);
    expect(engine.server.waiting.count).toBe(1);
    on(engine, 0, 'CLIENT UNPAUSE');
    expect(frames.filter(([kind]) => kind === FRAME_RESUME_READ)).toEqual([[FRAME_RESUME_READ, 1]]);
    expect(received(engine, 1)).toBe('+OK\r\n+OK\r\n');
    engine.verify();
  });

  it('refuses what is no time and no mode', () => {
    const engine = new Engine();
    expect(
      runLines(
        engine,
        'CLIENT PAUSE x',
        'CLIENT PAUSE -1',
        'CLIENT PAUSE 1 x',
        'CLIENT PAUSE x y',
        'CLIENT PAUSE 1 ALL x',
      ),
    ).toEqual([
      '-ERR timeout is not an integer or out of range',
      '-ERR timeout is negative',
      '-ERR CLIENT PAUSE mode must be WRITE or ALL',
      '-ERR CLIENT PAUSE mode must be WRITE or ALL',
      "-ERR unknown subcommand or wrong number of arguments for 'PAUSE'. Try CLIENT HELP.",
    ]);
  });
});

describe('CLIENT UNBLOCK', () => {
  it('ends a wait as if its time were up, or with an error', () => {
    const engine = new Engine();
    expect(send(engine, 1, 'WAIT 1 0', 'PING')).toBe('');
    expect(list(engine, 0)[2]).toMatchObject({ flags: 'b', cmd: 'wait', 'argv-mem': '6' });
    expect(runLines(engine, 'CLIENT UNBLOCK 2', 'CLIENT UNBLOCK 2')).toEqual([1, 0]);
    expect(received(engine, 1)).toBe(':0\r\n+PONG\r\n');
    expect(send(engine, 1, 'WAIT 1 1000', 'PING', 'WAIT 1 0', 'PING')).toBe('');
    expect(on(engine, 0, 'CLIENT UNBLOCK 2 ERROR')).toBe(1);
    expect(received(engine, 1)).toBe('-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n+PONG\r\n');
    expect(engine.server.waiting.count).toBe(1);
    expect(on(engine, 0, 'CLIENT UNBLOCK 2 TIMEOUT')).toBe(1);
    expect(received(engine, 1)).toBe(':0\r\n+PONG\r\n');
    expect(engine.server.deadlines.count).toBe(0);
  });

  it('finds nobody to wake', () => {
    const engine = new Engine();
    on(engine, 1, 'PING');
    expect(
      runLines(engine, 'CLIENT UNBLOCK 2', 'CLIENT UNBLOCK 99', 'CLIENT UNBLOCK x', 'CLIENT UNBLOCK 2 x'),
    ).toEqual([0, 0, NOT_AN_INTEGER, '-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR']);
    expect(on(engine, 0, 'CLIENT UNBLOCK 2 ERROR x')).toBe(
      "-ERR unknown subcommand or wrong number of arguments for 'UNBLOCK'. Try CLIENT HELP.",
    );
    on(engine, 0, 'CLIENT PAUSE 1000 WRITE');
    send(engine, 1, 'SET a 1');
    expect(on(engine, 0, 'CLIENT UNBLOCK 2')).toBe(0);
  });

  it('ends with the connection, and leaves no deadline behind', () => {
    const engine = new Engine();
    send(engine, 1, 'WAIT 1 1000');
    send(engine, 2, 'WAIT 1 1000');
    expect([engine.server.waiting.count, engine.server.waiting.timedCount]).toEqual([2, 2]);
    engine.reactor.close(1);
    expect(on(engine, 0, 'CLIENT KILL ID 3')).toBe(1);
    expect([engine.server.waiting.count, engine.server.deadlines.count]).toEqual([0, 0]);
  });
});
