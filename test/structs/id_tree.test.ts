import { describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import { IdTree } from '../../src/structs/id_tree.ts';
import { compareIds, type Id } from '../../src/structs/stream_id.ts';
import { makeArena } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

const HEADER_BYTES = 16;

interface Row {
  id: Id;
  value: number;
}

/** A tree beside a sorted array. */
class Pair {
  readonly arena = makeArena();
  readonly tree = new IdTree(this.arena);
  readonly header = this.arena.alloc(HEADER_BYTES);
  rows: Row[] = [];

  constructor() {
    this.tree.init(this.header);
  }

  /** Index of the first row that is not lower than an id. */
  lowerBound(id: Id): number {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareIds(this.rows[middle]!.id, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  has(id: Id): boolean {
    const row = this.rows[this.lowerBound(id)];
    return row !== undefined && compareIds(row.id, id) === 0;
  }

  add(id: Id, value: number): void {
    this.rows.splice(this.lowerBound(id), 0, { id, value });
    this.tree.insert(this.header, id, value);
  }

  remove(id: Id): void {
    const at = this.lowerBound(id);
    const expected = this.has(id) ? this.rows.splice(at, 1)[0]!.value : 0;
    expect(this.tree.remove(this.header, id)).toBe(expected);
  }

  here(): Row {
    const id = new Uint32Array(4);
    this.tree.readId(id);
    return { id, value: this.tree.value };
  }

  compareAll(): void {
    const { tree, header } = this;
    tree.check(header);
    expect(tree.count(header)).toBe(this.rows.length);
    const forward: Row[] = [];
    for (let more = tree.seekFirst(header); more; more = tree.next()) forward.push(this.here());
    expect(forward).toEqual(this.rows);
    const backward: Row[] = [];
    for (let more = tree.seekLast(header); more; more = tree.previous()) backward.push(this.here());
    expect(backward.reverse()).toEqual(this.rows);
  }

  compareSeeks(id: Id): void {
    const { tree, header } = this;
    const at = this.lowerBound(id);
    const found = this.has(id);
    expect(tree.find(header, id)).toBe(found ? this.rows[at]!.value : 0);
    expect(tree.seekAtLeast(header, id) ? this.here() : undefined).toEqual(this.rows[at]);
    const most = found ? at : at - 1;
    expect(tree.seekAtMost(header, id) ? this.here() : undefined).toEqual(this.rows[most]);
  }
}

/** An id from a narrow range, so that ids meet again; now and then from the whole one. */
function someId(random: Random, range: number): Id {
  if (random.below(20) === 0) return Uint32Array.from({ length: 4 }, () => random.u32());
  return Uint32Array.of(random.below(2), random.below(3) * 0x7fffffff, 0, random.below(range));
}

describe('id tree', () => {
  it('does as a sorted array does, whatever the order of inserts and removals', () => {
    const random = seededRandom('id tree');
    for (let round = 0; round < 4; round++) {
      const pair = new Pair();
      const range = [30, 300, 2000, 5000][round]!;
      for (let phase = 0; phase < 4; phase++) {
        const growing = phase % 2 === 0;
        for (let step = 0; step < 2500; step++) {
          const id = someId(random, range);
          if (random.below(100) < (growing ? 90 : 15)) {
            if (!pair.has(id)) pair.add(id, random.u32());
          } else if (growing || pair.rows.length === 0 || random.below(3) === 0) {
            pair.remove(id);
          } else {
            pair.remove(pair.rows[random.below(pair.rows.length)]!.id);
          }
          if (step % 50 === 0) pair.compareSeeks(someId(random, range));
        }
        pair.compareAll();
      }
      while (pair.rows.length > 0) pair.remove(pair.rows[random.below(pair.rows.length)]!.id);
      pair.compareAll();
      pair.arena.verify();
      expect(pair.arena.liveBlocks).toBe(1);
    }
  });

  it('serves as a queue: ids come at the end and go at the beginning', () => {
    const random = seededRandom('id queue');
    const pair = new Pair();
    let next = 1;
    for (let step = 0; step < 20000; step++) {
      if (random.below(100) < 52) pair.add(Uint32Array.of(0, next++, 0, 0), next);
      else if (pair.rows.length > 0) pair.remove(pair.rows[0]!.id);
    }
    pair.compareAll();
    const full = pair.tree.nodeBytes(pair.header);
    expect(full).toBeLessThan(pair.rows.length * 25 + 4000);
  });

  it('packs growing ids tightly and a few ids small', () => {
    const pair = new Pair();
    for (let i = 1; i <= 3; i++) pair.tree.insert(pair.header, Uint32Array.of(0, i, 0, 0), i);
    expect(pair.tree.nodeBytes(pair.header)).toBe(96);
    for (let i = 4; i <= 10000; i++) pair.tree.insert(pair.header, Uint32Array.of(0, i, 0, 0), i);
    expect(pair.tree.nodeBytes(pair.header) / 10000).toBeLessThan(21);
  });

  it('lets values be changed in place', () => {
    const pair = new Pair();
    for (let i = 1; i <= 200; i++) pair.add(Uint32Array.of(0, 0, 0, i), i);
    const id = Uint32Array.of(0, 0, 0, 77);
    expect(pair.tree.find(pair.header, id)).toBe(77);
    pair.tree.value = 4000000000;
    expect(pair.tree.find(pair.header, id)).toBe(4000000000);
  });

  it('is taken apart in slices and hands every value out', () => {
    const pair = new Pair();
    const random = seededRandom('id slices');
    while (pair.rows.length < 3000) {
      const id = someId(random, 3000);
      if (!pair.has(id)) pair.add(id, pair.rows.length + 1);
    }
    const values: number[] = [];
    let slices = 1;
    while (!pair.tree.freeSome(pair.header, 100, (value) => values.push(value))) slices++;
    expect(slices).toBeGreaterThan(20);
    expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 3000 }, (_, i) => i + 1));
    expect(pair.tree.count(pair.header)).toBe(0);
    expect(pair.arena.liveBlocks).toBe(1);
    pair.tree.check(pair.header);
  });
});
