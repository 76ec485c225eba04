import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { counter } from '../../src/bridge/binding.ts';
import { Cron } from '../../src/server/cron.ts';
import { plain, runLines } from '../commands/string_support.ts';
import { Engine } from '../support/engine.ts';

/** An engine whose periodic work runs while its time passes. */
class Running extends Engine {
  readonly cron = new Cron(this.server);

  constructor(config: Record<string, string> = {}) {
    super({ config });
    this.cron.start();
  }

  /** Lets time pass in steps of a millisecond. */
  pass(ms: number): void {
    for (let i = 0; i < ms; i++) {
      this.clock.advance(1);
      vi.advanceTimersByTime(1);
    }
  }
}

function field(engine: Engine, name: string): string {
  return new RegExp(`^${name}:(.*)\\r$`, 'm').exec(plain(engine.line('INFO everything')) as string)![1]!;
}

describe('periodic work', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('deletes expired keys within a period of 1000 / hz ms, also after hz has changed', () => {
    const engine = new Running({ hz: '20' });
    runLines(engine, 'SET a b PX 10');
    engine.pass(49);
    expect(runLines(engine, 'DBSIZE')).toEqual([1]);
    engine.pass(1);
    expect(runLines(engine, 'DBSIZE', 'CONFIG SET hz 500', 'SET a b PX 1')).toEqual([0, 'OK', 'OK']);
    engine.pass(50);
    expect(runLines(engine, 'DBSIZE', 'SET a b PX 1')).toEqual([0, 'OK']);
    engine.pass(4);
    expect(runLines(engine, 'DBSIZE')).toEqual([0]);
    engine.cron.stop();
  });

  it('rests while it is paused, and ends when it is stopped', () => {
    const engine = new Running();
    runLines(engine, 'SET a b PX 10', 'DEBUG PAUSE-CRON 1');
    engine.pass(500);
    expect(runLines(engine, 'DBSIZE', 'DEBUG PAUSE-CRON 0')).toEqual([1, 'OK']);
    engine.pass(100);
    expect(runLines(engine, 'DBSIZE', 'SET a b PX 10')).toEqual([0, 'OK']);
    engine.cron.stop();
    engine.pass(500);
    expect(runLines(engine, 'DBSIZE')).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('frees what FLUSHALL ASYNC left behind', () => {
    const engine = new Running();
    runLines(engine, 'DEBUG POPULATE 3000', 'FLUSHALL ASYNC');
    expect(field(engine, 'lazyfree_pending_objects')).toBe('3000');
    engine.pass(100);
    expect([field(engine, 'lazyfree_pending_objects'), field(engine, 'lazyfreed_objects')]).toEqual([
      '0',
      '3000',
    ]);
    engine.cron.stop();
  });

  it('measures rates over 1.6 seconds, and the peak of memory', () => {
    const engine = new Running();
    let bytesIn = 0;
    engine.reactor.counters = (into) => {
      into.fill(0);
      into[counter.bytesIn] = bytesIn;
    };
    engine.pass(1600);
    for (let i = 0; i < 160; i++) {
      engine.line('PING');
      bytesIn += 1024;
      engine.pass(10);
    }
    expect(Number(field(engine, 'instantaneous_ops_per_sec'))).toBe(100);
    expect(Number(field(engine, 'instantaneous_input_kbps'))).toBeCloseTo(100, 0);
    runLines(engine, 'DEBUG POPULATE 1000 key 1000');
    const used = engine.server.memory.usedBytes;
    engine.pass(100);
    expect(engine.server.memory.peakBytes).toBe(used);
    engine.pass(1700);
    expect(Number(field(engine, 'instantaneous_ops_per_sec'))).toBeLessThan(1);
    engine.cron.stop();
  });

  it('gives pages back to the system after a while', () => {
    const engine = new Running();
    runLines(engine, `SET big ${'x'.repeat(20)}`, 'SETRANGE big 3000000 x');
    runLines(engine, 'DEL big');
    engine.server.arena.verify();
    const { arena } = engine.server;
    engine.pass(3000);
    expect(arena.purgeableBytes).toBe(0);
    engine.cron.stop();
  });

  it('counts what clients hold towards the memory limit', () => {
    const engine = new Running();
    runLines(engine, `CONFIG SET maxmemory ${engine.server.memory.usedBytes + 1_000_000}`);
    expect(engine.server.memoryLimit.isOver).toBe(false);
    engine.reactor.counters = (into) => {
      into.fill(0);
      into[counter.outputHeldBytes] = 2_000_000;
    };
    engine.pass(100);
    expect(engine.server.memoryLimit.isOver).toBe(true);
    expect(plain(engine.line('SET a b'))).toBe("-OOM command not allowed when used memory > 'maxmemory'.");
    engine.cron.stop();
  });
});
