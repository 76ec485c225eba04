import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import { engineOf, PROTOCOLS, plain, runLines } from './string_support.ts';

const WATCHER = 1;

/** An engine whose connection 1 monitors. */
function watched(resp3 = false): Engine {
  const engine = engineOf(resp3);
  engine.server.clients.speak(0, WATCHER, resp3);
  expect(engine.bytes([['MONITOR']], WATCHER).toString()).toBe('+OK\r\n');
  return engine;
}

/** What the monitor was shown, without the time. */
function shown(engine: Engine): string[] {
  const lines = engine.take(WATCHER).toString('latin1').split('\r\n').slice(0, -1);
  return lines.map((line) => line.replace(/^\+\d+\.\d{6} /, ''));
}

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('is shown every command with time, database, address and quoted words', () => {
    const engine = watched(resp3);
    engine.clock.advance(7);
    engine.run(['SET', 'a b', Buffer.from('"\n\x01\xff\\', 'latin1')]);
    const us = engine.clock.nowUs();
    expect(engine.take(WATCHER).toString('latin1')).toBe(
      `+${Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')} [0 127.0.0.1:40000] ` +
        '"SET" "a b" "\\"\\n\\x01\\xff\\\\"\r\n',
    );
  });

  it('is shown its own commands after their replies', () => {
    const engine = watched(resp3);
    expect(engine.bytes([['PING'], ['ECHO', '']], WATCHER).toString()).toMatch(
      /^\+PONG\r\n\+\d+\.\d{6} \[0 127\.0\.0\.1:40001\] "PING"\r\n\$0\r\n\r\n\+\d+\.\d{6} \[0 127\.0\.0\.1:40001\] "ECHO" ""\r\n$/,
    );
  });

  it('may not touch keys, and gets no second OK', () => {
    const engine = watched(resp3);
    const refused = "-ERR Replica can't interact with the keyspace\r\n";
    expect(engine.bytes([['GET', 'a']], WATCHER).toString()).toBe(refused);
    expect(engine.bytes([['SET', 'a', 'b']], WATCHER).toString()).toBe(refused);
    expect(engine.bytes([['MONITOR']], WATCHER).toString()).toBe('');
    expect(engine.bytes([['NOSUCH']], WATCHER).toString()).toBe(
      "-ERR unknown command 'NOSUCH', with args beginning with: \r\n",
    );
  });
});

it('shows commands as they run: those of EXEC before it, none that is queued or refused', () => {
  const engine = watched();
  runLines(engine, 'MULTI', 'SET a b', 'GET a');
  expect(shown(engine)).toEqual(['[0 127.0.0.1:40000] "MULTI"']);
  runLines(engine, 'EXEC', 'NOSUCH', 'GET');
  expect(shown(engine)).toEqual([
    '[0 127.0.0.1:40000] "SET" "a" "b"',
    '[0 127.0.0.1:40000] "GET" "a"',
    '[0 127.0.0.1:40000] "EXEC"',
  ]);
  runLines(engine, 'SELECT 3', 'INCR a');
  expect(shown(engine)).toEqual(['[3 127.0.0.1:40000] "SELECT" "3"', '[3 127.0.0.1:40000] "INCR" "a"']);
});

it('leaves out commands of administrators, and secrets', () => {
  const engine = watched();
  engine.line('MONITOR', 2);
  runLines(engine, 'CONFIG GET x', 'SLOWLOG LEN', 'DEBUG SLEEP 0', 'AUTH secret', 'HELLO 2 AUTH x secret');
  expect(shown(engine)).toEqual([
    '[0 127.0.0.1:40000] "AUTH" "(redacted)"',
    '[0 127.0.0.1:40000] "HELLO" "2" "AUTH" "(redacted)" "(redacted)"',
  ]);
});

it('shows every command of a batch to every monitor, and goes on with the batch', () => {
  const engine = watched();
  engine.line('MONITOR', 2);
  const replies = engine.batch([
    ['SET', 'a', '1'],
    ['INCR', 'a'],
    ['GET', 'a'],
  ]);
  expect(replies.map(plain)).toEqual(['OK', 2, '2']);
  const lines = shown(engine);
  expect(lines.map((line) => line.split('] ')[1])).toEqual(['"SET" "a" "1"', '"INCR" "a"', '"GET" "a"']);
  expect(engine.take(2).toString().split('\r\n').length).toBe(4);
});

it('names clients of a unix socket by its path', () => {
  const engine = watched();
  const row = engine.reactor.clientRow.bind(engine.reactor);
  engine.reactor.clientRow = (lane, slot) => ({
    ...row(lane, slot),
    addr: '/run/x:0',
    laddr: '/run/x:0',
    unix: true,
  });
  runLines(engine, 'PING');
  expect(shown(engine)).toEqual(['[0 unix:/run/x] "PING"']);
});

it('ends with RESET, QUIT and the connection', () => {
  const engine = watched();
  expect(engine.bytes([['RESET']], WATCHER).toString()).toBe('+RESET\r\n');
  expect(engine.server.monitors.active).toBe(false);
  runLines(engine, 'PING');
  expect(shown(engine)).toEqual([]);
  expect(plain(engine.line('SET a b', WATCHER))).toBe('OK');
  engine.bytes([['MONITOR']], WATCHER);
  engine.reactor.close(WATCHER);
  expect(engine.server.monitors.active).toBe(false);
  runLines(engine, 'PING');
});

it('cannot begin inside a transaction', () => {
  const engine = engineOf(false);
  expect(runLines(engine, 'MULTI', 'MONITOR', 'EXEC')).toEqual([
    'OK',
    'QUEUED',
    ["-ERR MONITOR isn't allowed for DENY BLOCKING client"],
  ]);
  expect(engine.server.monitors.active).toBe(false);
});
