import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import { seededRandom } from '../support/seed.ts';
import { engineOf, PROTOCOLS, plain, runLines } from './string_support.ts';

const OTHER = 1;
const ABORTED = '-EXECABORT Transaction discarded because of previous errors.';

/** Runs lines on the second connection. */
function other(engine: Engine, ...lines: string[]): unknown[] {
  return lines.map((line) => plain(engine.line(line, OTHER)));
}

/** What EXEC answers to a transaction with one PING in it: ['PONG'], or null if a watched key changed. */
function execPing(engine: Engine): unknown {
  return runLines(engine, 'MULTI', 'PING', 'EXEC')[2];
}

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('queues, then runs as one', () => {
    const engine = engineOf(resp3);
    expect(runLines(engine, 'MULTI', 'SET a 1', 'INCR a', 'OBJECT ENCODING a', 'GET none')).toEqual([
      'OK',
      'QUEUED',
      'QUEUED',
      'QUEUED',
      'QUEUED',
    ]);
    expect(other(engine, 'EXISTS a')).toEqual([0]);
    expect(runLines(engine, 'EXEC', 'GET a', 'EXEC')).toEqual([
      ['OK', 2, 'int', null],
      '2',
      '-ERR EXEC without MULTI',
    ]);
    expect(runLines(engine, 'MULTI', 'EXEC', 'MULTI', 'SET a 9', 'DISCARD', 'GET a', 'DISCARD')).toEqual([
      'OK',
      [],
      'OK',
      'QUEUED',
      'OK',
      '2',
      '-ERR DISCARD without MULTI',
    ]);
  });

  it('goes on after a command that fails, but not after one that was refused', () => {
    const engine = engineOf(resp3);
    expect(runLines(engine, 'MULTI', 'SET a x', 'INCR a', 'SET b 1', 'EXEC', 'GET b')).toEqual([
      'OK',
      'QUEUED',
      'QUEUED',
      'QUEUED',
      ['OK', '-ERR value is not an integer or out of range', 'OK'],
      '1',
    ]);
    for (const wrong of ['NOSUCH x', 'GET', 'CLIENT NOSUCH', 'CLIENT ID x']) {
      const [multi, queued, error, exec, value] = runLines(
        engine,
        'MULTI',
        'SET b 2',
        wrong,
        'EXEC',
        'GET b',
      );
      expect([multi, queued, exec, value], wrong).toEqual(['OK', 'QUEUED', ABORTED, '1']);
      expect(error).toMatch(/^-ERR /);
    }
    expect(runLines(engine, 'MULTI', 'NOSUCH', 'DISCARD', 'MULTI', 'PING', 'EXEC').at(-1)).toEqual(['PONG']);
    const wrongExec =
      "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command";
    expect(runLines(engine, 'MULTI', 'SET b 3', 'EXEC x', 'EXEC', 'GET b').slice(2)).toEqual([
      wrongExec,
      '-ERR EXEC without MULTI',
      '1',
    ]);
    expect(runLines(engine, 'WATCH b', 'SET b 4', 'EXEC x').at(-1)).toBe(wrongExec);
    expect(execPing(engine)).toEqual(['PONG']);
  });

  it('refuses MULTI and WATCH inside MULTI without spoiling it', () => {
    const engine = engineOf(resp3);
    expect(runLines(engine, 'MULTI', 'MULTI', 'WATCH a', 'UNWATCH', 'EXEC')).toEqual([
      'OK',
      '-ERR MULTI calls can not be nested',
      '-ERR WATCH inside MULTI is not allowed',
      'QUEUED',
      ['OK'],
    ]);
  });

  it('changes database and protocol on the way', () => {
    const engine = engineOf(resp3);
    runLines(
      engine,
      'SET a zero',
      'MULTI',
      'SELECT 2',
      'SET a two',
      'GET none',
      'HELLO 3',
      'GET none',
      'HELLO 2',
    );
    engine.line('SWAPDB 2 3');
    engine.line('GET a');
    const sent = engine.bytes([['EXEC']]).toString('latin1');
    const nullThen = resp3 ? '_\r\n' : '$-1\r\n';
    expect(sent.startsWith(`*8\r\n+OK\r\n+OK\r\n${nullThen}%7\r\n`)).toBe(true);
    expect(sent).toContain('modules\r\n*0\r\n_\r\n*14\r\n');
    expect(sent.endsWith('modules\r\n*0\r\n+OK\r\n$-1\r\n')).toBe(true);
    expect(runLines(engine, 'SELECT 3', 'GET a', 'SELECT 0', 'GET a')).toEqual(['OK', 'two', 'OK', 'zero']);
  });

  it('answers null when a watched key changed, however it changed', () => {
    const engine = engineOf(resp3);
    const changes = [
      'SET k 2',
      'APPEND k x',
      'INCR k',
      'DEL k',
      'UNLINK k',
      'EXPIRE k 100',
      'EXPIRE k 0',
      'RENAME k m',
      'RENAME o k',
      'COPY o k REPLACE',
      'MOVE k 1',
      'SETRANGE k 0 1',
      'FLUSHDB',
      'FLUSHALL',
      'SWAPDB 0 1',
    ];
    for (const change of changes) {
      runLines(engine, 'FLUSHALL', 'SET k 1', 'SET o 1', 'WATCH a k b');
      other(engine, change);
      expect(execPing(engine), change).toBe(null);
      expect(execPing(engine), `after ${change}`).toEqual(['PONG']);
    }
    for (const change of [
      'GET k',
      'TOUCH k',
      'SET k2 1',
      'PERSIST k',
      'DEL none',
      'EXPIRE k 100 XX',
      'SWAPDB 3 4',
      'PING',
    ]) {
      runLines(engine, 'FLUSHALL', 'SET k 1', 'WATCH k none');
      other(engine, change);
      expect(execPing(engine), change).toEqual(['PONG']);
    }
    expect(engine.server.keyspace.listening).toBe(false);
  });

  it('watches a key in its database only, and absent keys too', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'WATCH k');
    other(engine, 'SELECT 1', 'SET k 1');
    expect(execPing(engine)).toEqual(['PONG']);
    runLines(engine, 'WATCH k');
    other(engine, 'FLUSHDB', 'FLUSHALL');
    expect(execPing(engine)).toEqual(['PONG']);
    runLines(engine, 'WATCH k');
    other(engine, 'SET k 1', 'SWAPDB 0 1');
    expect(execPing(engine)).toBe(null);
    runLines(engine, 'WATCH k', 'SELECT 5');
    other(engine, 'SELECT 0', 'DEL k');
    expect(execPing(engine)).toBe(null);
  });

  it('notes its own changes before MULTI, but not those of its transaction', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'WATCH k', 'SET k 1');
    expect(execPing(engine)).toBe(null);
    expect(runLines(engine, 'WATCH k', 'MULTI', 'SET k 2', 'SET k 3', 'EXEC').at(-1)).toEqual(['OK', 'OK']);
    expect(runLines(engine, 'WATCH k', 'SET k 4', 'UNWATCH', 'MULTI', 'PING', 'EXEC').at(-1)).toEqual([
      'PONG',
    ]);
    runLines(engine, 'WATCH k', 'SET k 5', 'MULTI', 'DISCARD');
    expect(execPing(engine)).toEqual(['PONG']);
    runLines(engine, 'WATCH k', 'SET k 6', 'WATCH other');
    expect(execPing(engine)).toBe(null);
  });

  it('counts an expiry as a change unless the key had expired before', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'PSETEX k 10 v', 'WATCH k');
    engine.clock.advance(20);
    expect(execPing(engine)).toBe(null);
    runLines(engine, 'PSETEX k 10 v', 'WATCH k');
    engine.clock.advance(20);
    other(engine, 'GET k');
    expect(execPing(engine)).toBe(null);
    const expired = () => {
      runLines(engine, 'PSETEX k 10 v');
      engine.clock.advance(20);
      runLines(engine, 'WATCH k');
    };
    expired();
    expect(execPing(engine)).toEqual(['PONG']);
    expired();
    other(engine, 'GET k');
    expect(execPing(engine)).toEqual(['PONG']);
    expired();
    other(engine, 'FLUSHALL');
    expect(execPing(engine)).toEqual(['PONG']);
    expired();
    other(engine, 'GET k', 'SET k 1');
    expect(execPing(engine)).toBe(null);
    expired();
    other(engine, 'SET k 1');
    expect(execPing(engine)).toBe(null);
    runLines(engine, 'FLUSHALL');
    other(engine, 'SELECT 1', 'PSETEX k 10 v');
    engine.clock.advance(20);
    runLines(engine, 'WATCH k');
    other(engine, 'SWAPDB 0 1');
    expect(execPing(engine)).toEqual(['PONG']);
    expired();
    other(engine, 'SELECT 2', 'SET k 1', 'SWAPDB 0 2');
    expect(execPing(engine)).toBe(null);
    engine.verify();
  });

  it('shows the queue and what it takes, and ends a client that queues too much', () => {
    const engine = engineOf(resp3, { config: { 'client-query-buffer-limit': '1048576' } });
    runLines(engine, 'MULTI', 'SET key value', 'GET key');
    const line = other(engine, 'CLIENT LIST')[0] as string;
    // 11 and 6 bytes of words, and 8 bytes for each of 5 words.
    expect(line).toMatch(/id=1 .* flags=x .* multi=2 .* multi-mem=57 /);
    expect(runLines(engine, 'EXEC')[0]).toEqual(['OK', 'value']);
    expect(other(engine, 'CLIENT LIST')[0]).toMatch(/id=1 .* flags=N .* multi=-1 .* multi-mem=0 /);
    const long = 'x'.repeat(400_000);
    runLines(engine, 'MULTI', `SET a ${long}`, `SET b ${long}`);
    expect(engine.bytes([['SET', 'c', long]]).length).toBe(0);
    expect(engine.reactor.closed.has(0)).toBe(true);
    expect(engine.log.join('')).toContain('max query buffer length');
    expect(other(engine, 'EXISTS a b c')).toEqual([0]);
  });

  it('forgets queue and watches with the connection', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'WATCH k', 'MULTI', 'SET k 1');
    expect([engine.server.watches.clientCount, engine.server.watches.keyCount]).toEqual([1, 1]);
    engine.reactor.close(0);
    expect([engine.server.watches.clientCount, engine.server.watches.keyCount]).toEqual([0, 0]);
    expect(engine.server.keyspace.listening).toBe(false);
    expect(other(engine, 'EXISTS k')).toEqual([0]);
  });
});

it('agrees with a plain model of watching', () => {
  const random = seededRandom('watch');
  const engine = engineOf(false);
  const values = new Map<string, string>();
  const watched = [new Set<string>(), new Set<string>()];
  const lost = [false, false];
  const key = () => `k${random.below(6)}`;
  const changed = (name: string) => {
    for (const [i, keys] of watched.entries()) if (keys.has(name)) lost[i] = true;
  };
  for (let step = 0; step < 3000; step++) {
    const slot = random.below(2);
    const name = key();
    switch (random.below(6)) {
      case 0:
        expect(engine.line(`WATCH ${name}`, slot)).toBe('OK');
        watched[slot]!.add(name);
        break;
      case 1:
        engine.line(`SET ${name} ${step}`, slot);
        values.set(name, String(step));
        changed(name);
        break;
      case 2: {
        const existed = values.delete(name);
        if (existed) changed(name);
        expect(engine.line(`DEL ${name}`, slot)).toBe(Number(existed));
        break;
      }
      case 3:
        if (random.below(3) > 0) break;
        engine.line('UNWATCH', slot);
        watched[slot]!.clear();
        lost[slot] = false;
        break;
      case 4:
        if (random.below(4) > 0) break;
        engine.line('FLUSHALL', slot);
        for (const gone of values.keys()) changed(gone);
        values.clear();
        break;
      default: {
        engine.batch([['MULTI'], ['SET', name, 't']], slot);
        const wins = !lost[slot];
        watched[slot]!.clear();
        lost[slot] = false;
        expect(plain(engine.line('EXEC', slot)), `step ${step}`).toEqual(wins ? ['OK'] : null);
        if (!wins) break;
        values.set(name, 't');
        changed(name);
      }
    }
  }
  for (const name of ['k0', 'k1', 'k2', 'k3', 'k4', 'k5'])
    expect(engine.line(`GET ${name}`)).toBe(values.get(name) ?? null);
  engine.verify();
});
