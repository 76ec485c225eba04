import { describe, expect, it } from 'vitest';
import { Engine } from '../support/engine.ts';

/** What INFO says of freeing in the background: objects that wait, objects that went. */
function counts(engine: Engine): number[] {
  const { pendingObjects, freedObjects } = engine.server.keyspace.lazyfree;
  return [pendingObjects, freedObjects];
}

function addSet(engine: Engine, key: string, size: number): void {
  for (let i = 0; i < size; i += 500) {
    const count = Math.min(500, size - i);
    engine.run(['SADD', key, ...Array.from({ length: count }, (_, j) => `member:${i + j}`)]);
  }
}

describe('values that are freed in the background', () => {
  // [members, how the key goes, with this setting, whether it goes in the background]
  it.each([
    [40, 'UNLINK s', '', false],
    [300, 'UNLINK s', '', true],
    [300, 'DEL s', '', false],
    [300, 'DEL s', 'lazyfree-lazy-user-del', true],
    [300, 'SET s x', '', false],
    [300, 'SET s x', 'lazyfree-lazy-server-del', true],
    [300, 'RENAME other s', 'lazyfree-lazy-server-del', true],
    [300, 'PEXPIRE s 0', '', false],
    [300, 'PEXPIRE s 0', 'lazyfree-lazy-expire', true],
    [3000, 'DEL s', '', true],
    [3000, 'SUNIONSTORE s other', '', true],
  ])('%i members, %s, %s: %s', (size, line, setting, inBackground) => {
    const engine = new Engine();
    engine.line('SADD other a b');
    if (setting !== '') engine.line(`CONFIG SET ${setting} yes`);
    addSet(engine, 's', size);
    const blocks = engine.server.arena.liveBlocks;
    engine.line(line);
    expect(counts(engine)).toEqual([inBackground ? 1 : 0, 0]);
    engine.server.runDueWork();
    expect(counts(engine)).toEqual([0, inBackground ? 1 : 0]);
    expect(engine.server.arena.liveBlocks).toBeLessThan(blocks);
    engine.line('CONFIG RESETSTAT');
    expect(counts(engine)).toEqual([0, 0]);
    engine.verify();
  });

  it('expire there if they are told to', () => {
    const engine = new Engine({ config: { 'lazyfree-lazy-expire': 'yes' } });
    addSet(engine, 's', 300);
    engine.line('PEXPIRE s 10');
    engine.clock.advance(20);
    expect(engine.line('EXISTS s')).toBe(0);
    expect(counts(engine)).toEqual([1, 0]);
  });

  it('are counted once when their database is emptied', () => {
    const engine = new Engine();
    addSet(engine, 'large', 5000);
    addSet(engine, 'small', 10);
    engine.line('FLUSHALL ASYNC');
    expect(counts(engine)).toEqual([2, 0]);
    engine.server.runDueWork();
    expect(counts(engine)).toEqual([0, 2]);
    engine.verify();
  });
});
