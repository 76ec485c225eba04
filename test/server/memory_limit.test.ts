import { describe, expect, it } from 'vitest';
import { plain, runLines } from '../commands/string_support.ts';
import { Engine } from '../support/engine.ts';

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.";

/** Sets a limit so many bytes above what is in use. */
function limit(engine: Engine, spareBytes: number): void {
  const limitBytes = engine.server.memory.usedBytes + spareBytes;
  expect(runLines(engine, `CONFIG SET maxmemory ${limitBytes}`)).toEqual(['OK']);
}

describe('over maxmemory', () => {
  it('refuses commands that may need memory, and no others', () => {
    const engine = new Engine();
    runLines(engine, 'SET a b', 'CONFIG SET maxmemory 1');
    expect(
      runLines(engine, 'SET a c', 'APPEND a x', 'INCR n', 'GET a', 'PING', 'DEL a', 'PEXPIRE a 1'),
    ).toEqual([OOM, OOM, OOM, 'b', 'PONG', 1, 0]);
    const text = plain(engine.line('INFO everything')) as string;
    expect(text).toContain('errorstat_OOM:count=3\r\n');
    expect(text).toMatch(/cmdstat_set:calls=1,.*rejected_calls=1,failed_calls=0\r\n/);
    expect(runLines(engine, 'CONFIG SET maxmemory 0', 'SET a c')).toEqual(['OK', 'OK']);
    expect(engine.log.join('')).toContain('maxmemory is now 1 bytes');
  });

  it('is noticed inside a batch, in both directions', () => {
    const engine = new Engine();
    const replies = engine.batch([
      ['SET', 'a', '1'],
      ['CONFIG', 'SET', 'maxmemory', '1'],
      ['SET', 'a', '2'],
      ['CONFIG', 'SET', 'maxmemory', '0'],
      ['SET', 'a', '3'],
    ]);
    expect(replies.map(plain)).toEqual(['OK', 'OK', OOM, 'OK', 'OK']);
  });

  it('begins with the very command that finds the limit passed', () => {
    const engine = new Engine();
    limit(engine, 100_000);
    const replies = engine.batch(Array.from({ length: 40 }, (_, i) => ['SET', `k${i}`, 'x'.repeat(10_000)]));
    const first = replies.findIndex((reply) => plain(reply) === OOM);
    expect(first).toBeGreaterThan(5);
    expect(first).toBeLessThan(12);
    expect(replies.slice(first).every((reply) => plain(reply) === OOM)).toBe(true);
    expect(engine.server.memory.usedBytes - engine.server.config.number('maxmemory')).toBeLessThan(15_000);
  });

  it('leaves the fast path alone while the limit is far', () => {
    const engine = new Engine();
    limit(engine, 100 * 1024 * 1024);
    expect(engine.server.gate.denied).toBe(0);
    runLines(engine, 'SET a b');
    expect(engine.server.gate.denied).toBe(0);
    limit(engine, 1024 * 1024);
    expect(engine.server.gate.denied).not.toBe(0);
    expect(runLines(engine, 'SET a c')).toEqual(['OK']);
  });
});

describe('transactions over maxmemory', () => {
  const full = (): Engine => {
    const engine = new Engine();
    runLines(engine, 'SET a b');
    return engine;
  };
  const LIMIT = 'CONFIG SET maxmemory 1';

  it('may read if they were queued in time, but not write', () => {
    const engine = full();
    expect(runLines(engine, 'MULTI', 'GET a')).toEqual(['OK', 'QUEUED']);
    engine.line(LIMIT, 1);
    expect(runLines(engine, 'EXEC')).toEqual([['b']]);
    engine.line('CONFIG SET maxmemory 0', 1);
    expect(runLines(engine, 'MULTI', 'GET a', 'SET a c')).toEqual(['OK', 'QUEUED', 'QUEUED']);
    engine.line(LIMIT, 1);
    expect(runLines(engine, 'EXEC', 'GET a')).toEqual([
      "-EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.",
      'b',
    ]);
  });

  it('queue nothing any more, but can be discarded', () => {
    const engine = full();
    runLines(engine, LIMIT);
    expect(runLines(engine, 'MULTI', 'GET a', 'DISCARD', 'MULTI', 'PING', 'EXEC', 'GET a')).toEqual([
      'OK',
      OOM,
      'OK',
      'OK',
      OOM,
      '-EXECABORT Transaction discarded because of previous errors.',
      'b',
    ]);
  });
});
