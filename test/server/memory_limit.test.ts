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

describe('eviction', () => {
  /** 200 keys of about 10 KB, and a limit that leaves room for some more. */
  const filled = (policy: string, spareBytes = 100_000): Engine => {
    const engine = new Engine({ config: { 'maxmemory-policy': policy } });
    for (let i = 0; i < 200; i++) engine.run(['SET', `old${i}`, 'x'.repeat(10_000)]);
    limit(engine, spareBytes);
    return engine;
  };
  const info = (engine: Engine, field: string): number =>
    Number(new RegExp(`^${field}:(.*)$`, 'm').exec(plain(engine.line('INFO everything')) as string)![1]);

  it.each(['allkeys-lru', 'allkeys-lfu', 'allkeys-random'])('makes room for new keys under %s', (policy) => {
    const engine = filled(policy);
    const replies = engine.batch(
      Array.from({ length: 300 }, (_, i) => ['SET', `new${i}`, 'y'.repeat(10_000)]),
    );
    expect(new Set(replies.map(plain))).toEqual(new Set(['OK']));
    const limitBytes = engine.server.config.number('maxmemory');
    expect(engine.server.memory.usedBytes).toBeLessThan(limitBytes + 15_000);
    expect(info(engine, 'evicted_keys')).toBeGreaterThan(280);
    expect(info(engine, 'evicted_keys') + engine.server.keyspace.keyCount).toBe(500);
    engine.verify();
  });

  it('refuses when there is nothing that it may take', () => {
    const engine = filled('volatile-lru', 1000);
    runLines(engine, 'SET a 1', 'SET b 1');
    limit(engine, -1);
    expect(runLines(engine, 'SET c 1', 'GET a', 'PEXPIRE a 100000')).toEqual([OOM, '1', 1]);
    const replies = runLines(engine, 'SET c 1', 'SET d 1', 'SET e 1', 'SET f 1', 'EXISTS a');
    expect([replies[0], ...replies.slice(-2)]).toEqual(['OK', OOM, 0]);
    expect(info(engine, 'evicted_keys')).toBe(1);
  });

  it('happens before a batch, whatever its commands are', () => {
    const engine = filled('allkeys-random');
    limit(engine, -500_000);
    expect(engine.line('DBSIZE')).toBeLessThan(160);
  });

  it('frees what waits for lazy freeing before it takes more keys', () => {
    const engine = new Engine({ config: { 'maxmemory-policy': 'allkeys-lru' } });
    const members = Array.from({ length: 5000 }, (_, i) => `member${i}`);
    engine.run(['SADD', 'big', ...members]);
    runLines(engine, 'SET a 1', 'SET b 1', 'UNLINK big');
    expect(engine.server.keyspace.lazyfree.pendingObjects).toBe(1);
    limit(engine, -1000);
    expect(runLines(engine, 'SET c 1', 'DBSIZE')).toEqual(['OK', 3]);
    expect(info(engine, 'evicted_keys')).toBe(0);
  });

  it('waits while clients are paused', () => {
    const engine = filled('allkeys-lru');
    runLines(engine, 'CLIENT PAUSE 1000 WRITE');
    limit(engine, -1000);
    expect(engine.line('DBSIZE')).toBe(200);
    expect(info(engine, 'current_eviction_exceeded_time')).toBe(0);
    engine.clock.advance(500);
    expect(info(engine, 'current_eviction_exceeded_time')).toBe(500);
    runLines(engine, 'CLIENT UNPAUSE');
    expect(engine.line('DBSIZE')).toBeLessThan(200);
    expect(info(engine, 'current_eviction_exceeded_time')).toBe(0);
    expect(info(engine, 'total_eviction_exceeded_time')).toBe(500);
    runLines(engine, 'CONFIG RESETSTAT');
    expect(info(engine, 'total_eviction_exceeded_time')).toBe(0);
  });

  it('waits while data are being loaded', () => {
    const engine = filled('allkeys-lru');
    Object.defineProperty(engine.server.loading, 'active', { value: true, configurable: true });
    limit(engine, -1000);
    engine.server.runDueWork();
    expect(engine.line('DBSIZE')).toBe(200);
    Object.defineProperty(engine.server.loading, 'active', { value: false });
    expect(engine.line('DBSIZE')).toBeLessThan(200);
  });

  it('is heard by subscribers, WATCH and those who wait for a key to go', () => {
    const engine = new Engine({
      config: { 'maxmemory-policy': 'allkeys-lru', 'notify-keyspace-events': 'Ee' },
    });
    runLines(engine, 'SET a 1');
    engine.line('SUBSCRIBE __keyevent@0__:evicted', 1);
    engine.line('WATCH a', 2);
    limit(engine, -1);
    expect(runLines(engine, 'SET b 1')).toEqual(['OK']);
    expect(engine.take(1).toString()).toContain('message\r\n$22\r\n__keyevent@0__:evicted\r\n$1\r\na');
    engine.line('MULTI', 2);
    engine.line('PING', 2);
    expect(engine.line('EXEC', 2)).toBe(null);
  });

  it('does not touch a transaction in progress', () => {
    const engine = new Engine({ config: { 'maxmemory-policy': 'allkeys-lru' } });
    expect(runLines(engine, 'MULTI', 'INCR x', 'CONFIG SET maxmemory 1', 'INCR x', 'EXEC').at(-1)).toEqual([
      1,
      'OK',
      2,
    ]);
    expect(engine.line('DBSIZE')).toBe(0);
  });

  it('stops at its time limit, lets the command run, and goes on later', () => {
    const engine = filled('allkeys-lru');
    runLines(engine, 'CONFIG SET maxmemory-eviction-tenacity 0');
    limit(engine, -1_500_000);
    expect(runLines(engine, 'SET c 1', 'DEBUG SLEEP 0')).toEqual(['OK', 'OK']);
    const before = engine.server.keyspace.keyCount;
    expect(before).toBeGreaterThan(100);
    expect(before).toBeLessThan(200);
    engine.server.runDueWork();
    expect(engine.server.memoryLimit.isOver).toBe(false);
  });

  it('counts as events of the latency monitor', () => {
    const engine = filled('allkeys-lru');
    runLines(engine, 'CONFIG SET latency-monitor-threshold 1');
    expect(engine.server.admin.latencyMonitor.history('eviction-cycle')).toBeUndefined();
    engine.server.keyspace.subscribe({
      changed: () => engine.clock.advance(3),
      replacing: () => {},
    });
    limit(engine, -1000);
    engine.line('PING');
    expect(engine.server.admin.latencyMonitor.history('eviction-cycle')!.maxMs).toBe(3);
    expect(engine.server.admin.latencyMonitor.history('eviction-del')!.maxMs).toBe(3);
  });
});

describe('when the system gives no more memory', () => {
  it('refuses in time what may need some, and nothing else', () => {
    const engine = new Engine({ chunks: 2 });
    const value = 'x'.repeat(200_000);
    let stored = 0;
    while (plain(engine.run(['SET', `k${stored}`, value])) === 'OK') stored++;
    expect(stored).toBeGreaterThan(300);
    for (let i = 0; plain(engine.run(['SET', `small${i}`, 'x'.repeat(4000)])) === 'OK'; i++) stored++;
    expect(runLines(engine, 'SET a b', 'HSET h f v', 'EXISTS a h', 'STRLEN k0', 'DEL k0')).toEqual([
      OOM,
      OOM,
      0,
      200_000,
      1,
    ]);
    engine.verify();
    runLines(engine, 'FLUSHALL');
    engine.server.runDueWork();
    expect(runLines(engine, 'SET a b', 'HSET h f v')).toEqual(['OK', 1]);
  });

  it('refuses a value that cannot fit, and leaves what was there', () => {
    const engine = new Engine({ chunks: 2 });
    runLines(engine, 'SET a b');
    expect(
      runLines(engine, 'SETRANGE a 200000000 x', 'GET a', 'SETBIT new 4000000000 1', 'EXISTS new'),
    ).toEqual([OOM, 'b', OOM, 0]);
    engine.verify();
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
