import { describe, expect, it } from 'vitest';
import { toLatin1 } from '../../src/base/bytes.ts';
import { ActiveExpiry } from '../../src/keyspace/active_expiry.ts';
import type { KeyspaceListener } from '../../src/keyspace/keyspace.ts';
import { STAT_EXPIRED } from '../../src/keyspace/stats.ts';
import { seededRandom } from '../support/seed.ts';
import { TestKeyspace } from './support.ts';

const FOREVER = Number.POSITIVE_INFINITY;

/** A keyspace whose clock moves a little whenever it is asked for the time that passes. */
function ticking(stepMs: number): TestKeyspace {
  const keyspace = new TestKeyspace();
  const { clock } = keyspace;
  let extraMs = 0;
  const monotonicMs = clock.monotonicMs.bind(clock);
  clock.monotonicMs = () => monotonicMs() + (extraMs += stepMs);
  return keyspace;
}

describe('active expiry', () => {
  it('leaves no expired key when there is no limit of time, and touches no other', () => {
    const random = seededRandom('active expiry');
    const keyspace = new TestKeyspace(random.u32());
    const expiry = new ActiveExpiry(keyspace);
    const expected: string[][] = [[], [], [], []];
    for (let i = 0; i < 8000; i++) {
      const index = random.below(4);
      const ttlMs = [undefined, 5, 10, 500][random.below(4)];
      keyspace.put(index, `key${i}`, 'v', ttlMs);
      if (ttlMs === undefined || ttlMs > 10) expected[index]!.push(`key${i}`);
    }
    keyspace.clock.advance(11);
    expect(expiry.slice(FOREVER)).toBe(false);
    for (let index = 0; index < 4; index++) {
      expect(keyspace.names(index)).toEqual(expected[index]!.sort());
    }
    expect(keyspace.stats[STAT_EXPIRED]).toBe(8000 - expected.flat().length);
    keyspace.verify();
    keyspace.clock.advance(500);
    expiry.slice(FOREVER);
    for (let index = 0; index < 4; index++) expect(keyspace.db(index).volatileCount).toBe(0);
    keyspace.verify();
  });

  it('works on in slices for as long as many keys are expired', () => {
    const keyspace = ticking(0.5);
    const expiry = new ActiveExpiry(keyspace);
    for (let i = 0; i < 6000; i++) keyspace.put(0, `key${i}`, 'v', 5);
    keyspace.clock.advance(10);
    let slices = 0;
    let before = keyspace.db(0).size;
    while (expiry.slice(1)) {
      const { size } = keyspace.db(0);
      expect(size).toBeLessThan(before);
      before = size;
      slices++;
    }
    expect(slices).toBeGreaterThan(2);
    expect(expiry.timeCapReached).toBe(slices);
    expect(expiry.spentMs).toBeGreaterThan(slices);
    expect(keyspace.db(0).size).toBe(0);
    keyspace.verify();
  });

  it('stops when few keys are expired, and comes round to all in the end', () => {
    const keyspace = new TestKeyspace();
    const expiry = new ActiveExpiry(keyspace);
    for (let i = 0; i < 4000; i++) keyspace.put(0, `key${i}`, 'v', i % 40 === 0 ? 5 : 100_000);
    keyspace.clock.advance(10);
    expect(expiry.slice(1)).toBe(false);
    expect(keyspace.db(0).size).toBeGreaterThan(3900);
    let slices = 1;
    for (; keyspace.db(0).size > 3900 && slices < 1000; slices++) expect(expiry.slice(1)).toBe(false);
    expect(keyspace.db(0).size).toBe(3900);
    expect(slices).toBeGreaterThan(20);
    expect(expiry.stalePercent).toBeGreaterThan(0);
    expect(expiry.stalePercent).toBeLessThan(10);
    keyspace.verify();
  });

  it('does more at a higher effort', () => {
    const leftAfterOneSlice = (effort: number) => {
      const keyspace = new TestKeyspace();
      const expiry = new ActiveExpiry(keyspace);
      expiry.effort = effort;
      for (let i = 0; i < 5000; i++) keyspace.put(0, `key${i}`, 'v', i % 12 === 0 ? 5 : 100_000);
      keyspace.clock.advance(10);
      expiry.slice(1);
      return keyspace.db(0).size;
    };
    expect(leftAfterOneSlice(10)).toBeLessThan(leftAfterOneSlice(1));
  });

  it('finds the few keys with an expiry among very many without', () => {
    const keyspace = new TestKeyspace();
    const expiry = new ActiveExpiry(keyspace);
    for (let i = 0; i < 20_000; i++) keyspace.put(1, `key${i}`, 'v', i === 12_345 ? 5 : undefined);
    keyspace.clock.advance(10);
    expiry.slice(1);
    expect(keyspace.db(1).size).toBe(19_999);
  });

  it('does not ask for more time to search, only to delete', () => {
    const keyspace = ticking(5);
    const expiry = new ActiveExpiry(keyspace);
    for (let i = 0; i < 60_000; i++) keyspace.put(0, `key${i}`, 'v', i === 30_000 ? 100_000 : undefined);
    for (let round = 0; round < 5; round++) expect(expiry.slice(1)).toBe(false);
  });

  it('estimates the mean time to live', () => {
    const keyspace = new TestKeyspace();
    const expiry = new ActiveExpiry(keyspace);
    for (let i = 0; i < 500; i++) keyspace.put(2, `key${i}`, 'v', 1000 + (i % 2) * 2000);
    for (let round = 0; round < 400; round++) expiry.slice(1);
    expect(keyspace.db(2).averageTtlMs).toBeGreaterThan(1800);
    expect(keyspace.db(2).averageTtlMs).toBeLessThan(2200);
    for (let i = 0; i < 500; i++) keyspace.remove(2, `key${i}`);
    expiry.slice(1);
    expect(keyspace.db(2).averageTtlMs).toBe(0);
  });

  it('announces what expires, and rests while told to', () => {
    const keyspace = new TestKeyspace();
    const expiry = new ActiveExpiry(keyspace);
    const events: string[] = [];
    const listener: KeyspaceListener = {
      changed: (db, key, at, bytes, eventClass, event) => {
        events.push(`${db.index}:${toLatin1(key, at, bytes)}:${eventClass}:${event}`);
      },
      replacing: () => {},
    };
    keyspace.put(1, 'a', 'v', 5);
    keyspace.subscribe(listener);
    keyspace.clock.advance(10);
    keyspace.isPaused = true;
    expiry.slice(FOREVER);
    keyspace.isPaused = false;
    expiry.enabled = false;
    expiry.slice(FOREVER);
    expect([events, keyspace.db(1).size]).toEqual([[], 1]);
    expiry.enabled = true;
    expiry.slice(FOREVER);
    expect([events, keyspace.db(1).size]).toEqual([['1:a:x:expired'], 0]);
    keyspace.unsubscribe(listener);
    expect(keyspace.listening).toBe(false);
  });
});
