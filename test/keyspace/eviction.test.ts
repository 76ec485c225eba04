import { describe, expect, it } from 'vitest';
import { EVICTED, NOTHING_LEFT, SEARCHING } from '../../src/keyspace/eviction.ts';
import { STAT_EVICTED } from '../../src/keyspace/stats.ts';
import { seededRandom } from '../support/seed.ts';
import { TestKeyspace } from './support.ts';

const KEYS = 1000;

/** A keyspace under a policy, with keys `k0` … of which every second one expires, the later the larger its number. */
function filled(policy: string, keys = KEYS): TestKeyspace {
  const keyspace = new TestKeyspace(7);
  keyspace.eviction.policy = policy;
  keyspace.lfu = policy.endsWith('lfu');
  for (let i = 0; i < keys; i++)
    keyspace.put(i % 3, `k${i}`, `v${i}`, i % 2 === 0 ? 1_000_000 + i : undefined);
  return keyspace;
}

/** Gives the entry of each key an access clock. */
function setClocks(keyspace: TestKeyspace, clockOf: (i: number) => number, keys = KEYS): void {
  for (let i = 0; i < keys; i++)
    keyspace.entries.setClock(keyspace.find(keyspace.db(i % 3), `k${i}`), clockOf(i));
}

/** Evicts until nothing is left or `count` keys are gone; says how many. */
function evict(keyspace: TestKeyspace, count: number): number {
  let evicted = 0;
  while (evicted < count) {
    const outcome = keyspace.eviction.evictOne();
    if (outcome === NOTHING_LEFT) break;
    if (outcome === EVICTED) evicted++;
  }
  keyspace.verify();
  return evicted;
}

/** Numbers of the keys that are left. */
function left(keyspace: TestKeyspace): number[] {
  return [0, 1, 2].flatMap((index) => keyspace.names(index).map((name) => Number(name.slice(1))));
}

const mean = (numbers: number[]): number => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

describe('eviction', () => {
  it('does nothing under noeviction, nor in an empty keyspace', () => {
    expect(filled('noeviction').eviction.evictOne()).toBe(NOTHING_LEFT);
    for (const policy of ['allkeys-lru', 'volatile-ttl', 'allkeys-random'])
      expect(filled(policy, 0).eviction.evictOne()).toBe(NOTHING_LEFT);
  });

  it.each(['allkeys-lru', 'allkeys-lfu', 'allkeys-random'])('takes any key under %s', (policy) => {
    const keyspace = filled(policy);
    expect(evict(keyspace, KEYS + 1)).toBe(KEYS);
    expect(keyspace.keyCount).toBe(0);
    expect(keyspace.stats[STAT_EVICTED]).toBe(KEYS);
  });

  it.each(['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl'])(
    'takes only keys with an expiry under %s',
    (policy) => {
      const keyspace = filled(policy);
      expect(evict(keyspace, KEYS)).toBe(KEYS / 2);
      expect(left(keyspace).every((i) => i % 2 === 1)).toBe(true);
      expect(left(keyspace)).toHaveLength(KEYS / 2);
    },
  );

  it('takes the least recently used first, about', () => {
    const keyspace = filled('allkeys-lru');
    setClocks(keyspace, (i) => keyspace.lruClock - 10_000 + i);
    expect(evict(keyspace, KEYS / 2)).toBe(KEYS / 2);
    // Exact order would leave a mean of 749.5, chance one of 499.5.
    expect(mean(left(keyspace))).toBeGreaterThan(700);
  });

  it('takes the least frequently used first, and among those the longest unused', () => {
    const keyspace = filled('allkeys-lfu');
    const minute = Math.floor(keyspace.nowMs / 60_000) & 0xffff;
    keyspace.lfuDecayMinutes = 0;
    setClocks(keyspace, (i) => ((minute - (i % 4)) << 8) | Math.floor(i / 200));
    evict(keyspace, KEYS / 2);
    expect(mean(left(keyspace).map((i) => Math.floor(i / 200)))).toBeGreaterThan(2.9);
    const middle = left(keyspace).filter((i) => Math.floor(i / 200) === 2);
    expect(mean(middle.map((i) => i % 4))).toBeLessThan(1.5);
  });

  it('takes what expires next first under volatile-ttl', () => {
    const keyspace = filled('volatile-ttl');
    evict(keyspace, KEYS / 4);
    expect(mean(left(keyspace).filter((i) => i % 2 === 0))).toBeGreaterThan(700);
  });

  it('is nearer to exact order with more samples', () => {
    const means = [1, 3, 10].map((samples) => {
      const keyspace = filled('allkeys-lru');
      keyspace.eviction.samples = samples;
      setClocks(keyspace, (i) => keyspace.lruClock - 10_000 + i);
      evict(keyspace, KEYS / 2);
      return mean(left(keyspace));
    });
    expect(means).toEqual([...means].sort((a, b) => a - b));
  });

  it('passes over keys that were used, changed, moved or deleted since they came into the pool', () => {
    const random = seededRandom('eviction pool');
    const keyspace = filled('allkeys-lru');
    setClocks(keyspace, (i) => keyspace.lruClock - 10_000 + i);
    for (let round = 0; keyspace.keyCount > 100; round++) {
      evict(keyspace, 1);
      const names = left(keyspace);
      const name = `k${names[random.below(names.length)]}`;
      const index = [0, 1, 2].find((i) => keyspace.find(keyspace.db(i), name) !== 0)!;
      if (round % 4 === 0) keyspace.remove(index, name);
      else if (round % 4 === 1) keyspace.put(index, name, 'x'.repeat(random.below(200)));
      else if (round % 4 === 2) keyspace.touch(keyspace.find(keyspace.db(index), name));
      else keyspace.swap(0, 1);
      if (round === 300) keyspace.flush(1, true);
      if (round % 50 === 0) keyspace.lazyfree.slice(1);
    }
    keyspace.verify();
  });

  it('finds the few keys with an expiry among many without, in bounded steps', () => {
    const keyspace = new TestKeyspace(9);
    keyspace.eviction.policy = 'volatile-random';
    for (let i = 0; i < 20_000; i++) keyspace.put(0, `plain${i}`, 'v');
    for (let i = 0; i < 3; i++) keyspace.put(0, `volatile${i}`, 'v', 1000);
    let searched = 0;
    let evicted = 0;
    for (let outcome = SEARCHING; outcome !== NOTHING_LEFT; ) {
      outcome = keyspace.eviction.evictOne();
      if (outcome === SEARCHING) searched++;
      if (outcome === EVICTED) evicted++;
    }
    expect(evicted).toBe(3);
    expect(searched).toBeLessThan(100);
    expect(keyspace.db(0).size).toBe(20_000);
  });

  it('announces what it took', () => {
    const keyspace = filled('allkeys-random', 10);
    const heard: string[] = [];
    keyspace.subscribe({
      changed: (db, key, at, bytes, eventClass, event) => {
        heard.push(`${db.index} ${Buffer.from(key.subarray(at, at + bytes))} ${eventClass} ${event}`);
      },
      replacing: () => {},
    });
    evict(keyspace, 10);
    expect(heard.sort()).toEqual(Array.from({ length: 10 }, (_, i) => `${i % 3} k${i} e evicted`).sort());
    expect(keyspace.dirty).toBe(0);
  });
});
