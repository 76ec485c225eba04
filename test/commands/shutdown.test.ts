import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

it.each([
  ['60 1', 'SHUTDOWN', true],
  ['60 1', 'SHUTDOWN NOSAVE', false],
  ['', 'SHUTDOWN', false],
  ['', 'SHUTDOWN SAVE', true],
])('with save "%s" %s saves: %s', (save, line, isSaved) => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-shutdown-'));
  const engine = engineOf(false, { dir, config: { save } });
  endsOf(engine);
  // What comes after the save is not run, lest it be lost.
  expect(engine.bytes([['SET', 'a', 'b'], line.split(' '), ['SET', 'c', 'd']]).toString()).toBe('+OK\r\n');
  expect([readdirSync(dir), engine.server.keyspace.keyCount]).toEqual([isSaved ? ['dump.rdb'] : [], 1]);
  rmSync(dir, { recursive: true });
});

it('goes on when there are save points and nothing can be saved, unless it is forced to end', async () => {
  const engine = engineOf(false, { config: { save: '60 1' } });
  const ends = endsOf(engine);
  expect(runLines(engine, 'SET a b', 'SHUTDOWN', 'SET a c')).toEqual([
    'OK',
    '-ERR Errors trying to SHUTDOWN. Check logs.',
    'OK',
  ]);
  expect(engine.log.at(-1)).toContain('Errors trying to shut down the server. Check the logs');
  engine.bytes([['SHUTDOWN', 'FORCE']]);
  await turn();
  expect(ends.count).toBe(1);
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
