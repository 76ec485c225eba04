import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import { engineOf, PROTOCOLS, runLines } from './string_support.ts';

/** Counts how often a server was told to end. */
function endsOf(engine: Engine): { count: number } {
  const ends = { count: 0 };
  engine.server.admin.onShutdown = () => ends.count++;
  return ends;
}

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('refuses what makes no sense, and goes on', async () => {
    const engine = engineOf(resp3);
    const ends = endsOf(engine);
    expect(
      runLines(
        engine,
        'SHUTDOWN nosuch',
        'SHUTDOWN SAVE NOSAVE',
        'SHUTDOWN ABORT NOW',
        'SHUTDOWN NOSAVE ABORT',
        'SHUTDOWN ABORT',
        'SHUTDOWN SAVE',
        'PING',
      ),
    ).toEqual([
      '-ERR syntax error',
      '-ERR syntax error',
      '-ERR syntax error',
      '-ERR syntax error',
      '-ERR No shutdown in progress.',
      '-ERR Errors trying to SHUTDOWN. Check logs.',
      'PONG',
    ]);
    expect(runLines(engine, 'MULTI', 'SHUTDOWN NOSAVE', 'EXEC').slice(1)).toEqual([
      '-ERR Command not allowed inside a transaction',
      '-EXECABORT Transaction discarded because of previous errors.',
    ]);
    await turn();
    expect(ends.count).toBe(0);
  });

  it.each(['SHUTDOWN', 'SHUTDOWN NOSAVE', 'shutdown nosave now force', 'SHUTDOWN SAVE FORCE'])(
    '%s ends the server without a reply',
    async (line) => {
      const engine = engineOf(resp3);
      const ends = endsOf(engine);
      expect(engine.bytes([['PING'], line.split(' '), ['PING']]).toString()).toBe('+PONG\r\n');
      await turn();
      expect(ends.count).toBe(1);
    },
  );
});

it('says what is lost if somebody expected it to be saved', () => {
  const lost = (save: string, line: string): boolean => {
    const engine = engineOf(false, { config: { save } });
    endsOf(engine);
    runLines(engine, 'SET a b');
    engine.bytes([line.split(' ')]);
    return engine.log.join('').includes('1 keys go with the server');
  };
  expect([lost('60 1', 'SHUTDOWN'), lost('60 1', 'SHUTDOWN NOSAVE'), lost('', 'SHUTDOWN')]).toEqual([
    true,
    false,
    false,
  ]);
});

it('stays a primary', () => {
  expect(
    runLines(
      engineOf(false),
      'REPLICAOF NO ONE',
      'SLAVEOF no one',
      'REPLICAOF 127.0.0.1 6379',
      'REPLICAOF 127.0.0.1 x',
      'SLAVEOF 127.0.0.1 65536',
      'REPLICAOF no two',
      'REPLICAOF',
    ),
  ).toEqual([
    'OK',
    'OK',
    '-ERR replication is not available in this version of millrace',
    '-ERR Invalid master port',
    '-ERR Invalid master port',
    '-ERR Invalid master port',
    "-ERR wrong number of arguments for 'replicaof' command",
  ]);
});
