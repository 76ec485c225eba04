import { describe, expect, it } from 'vitest';
import { KeyHash } from '../../src/base/keyhash.ts';
import { Random } from '../../src/base/random.ts';
import { TrackingTable } from '../../src/session/tracking_table.ts';
import { makeArena } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

const HASH = new KeyHash(3, 4);

function place(text: string): [Uint8Array, number, number, number] {
  const bytes = Buffer.from(`..${text}`, 'latin1');
  return [bytes, 2, text.length, HASH.hash(bytes, 2, text.length)];
}

function taken(table: TrackingTable, key: string): number[] {
  const count = table.take(...place(key));
  return [...table.tickets.subarray(0, count)];
}

describe('the table of tracked keys', () => {
  it.each([true, false])('agrees with a plain model (arena checked: %s)', (checked) => {
    const random = seededRandom('tracking table');
    const arena = makeArena(checked);
    const table = new TrackingTable(arena, HASH);
    let model = new Map<string, Set<number>>();
    for (let step = 0; step < 30_000; step++) {
      const key = 'k'.repeat(random.below(3)) + random.below(300);
      const chance = random.below(1000);
      if (chance < 880) {
        const ticket = 1 + random.below(40) * 0x6000_0000;
        table.add(...place(key), ticket >>> 0);
        model.set(key, (model.get(key) ?? new Set()).add(ticket >>> 0));
      } else if (chance < 999) {
        expect(taken(table, key)).toEqual([...(model.get(key) ?? [])].sort((a, b) => a - b));
        model.delete(key);
      } else {
        table.clear();
        model = new Map();
      }
      if (step % 1000 === 0) arena.verify();
    }
    expect(table.size).toBe(model.size);
    expect(table.items).toBe([...model.values()].reduce((sum, { size }) => sum + size, 0));
    for (const [key, tickets] of model) expect(taken(table, key).length).toBe(tickets.size);
    table.clear();
    arena.verify();
    // A checked arena keeps what was freed for a while.
    if (!checked) expect(arena.usedBytes).toBe(0);
  });

  it('holds thousands of clients for one key, whatever their order', () => {
    const arena = makeArena();
    const table = new TrackingTable(arena, HASH);
    const count = 5000;
    for (let i = 0; i < count; i++) table.add(...place('hot'), ((i * 2347) % count) + 1);
    for (let i = 0; i < count; i++) table.add(...place('hot'), i + 1);
    expect([table.size, table.items]).toEqual([1, count]);
    expect(taken(table, 'hot')).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    expect(taken(table, 'hot')).toEqual([]);
    expect([table.size, table.items]).toEqual([0, 0]);
  });

  it('gives a large table back in slices while a new one fills', () => {
    const arena = makeArena(false);
    const table = new TrackingTable(arena, HASH);
    const keys = 20_000;
    for (let i = 0; i < keys; i++) table.add(...place(`key:${i}`), 1);
    // 8 bytes of head, the key, 8 of value; 8 in the table; rounded up to a size class.
    expect(arena.usedBytes / keys).toBeLessThan(44);
    table.clear();
    expect([table.size, table.items]).toEqual([0, 0]);
    expect(arena.usedBytes).toBeGreaterThan(keys * 16);
    table.add(...place('new'), 7);
    let slices = 1;
    while (table.freeSome()) slices++;
    expect(slices).toBeGreaterThan(20);
    expect(taken(table, 'new')).toEqual([7]);
    table.clear();
    expect(arena.usedBytes).toBe(0);
  });

  it('chooses keys at random', () => {
    const table = new TrackingTable(makeArena(), HASH);
    for (let i = 0; i < 10; i++) table.add(...place(`${i}`), 1);
    const random = new Random(5);
    const counts = new Map<string, number>();
    for (let i = 0; i < 2000; i++) {
      const key = Buffer.from(table.randomKey(random)).toString();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(10);
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(80);
  });
});
