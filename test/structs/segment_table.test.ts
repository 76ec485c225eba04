import { describe, expect, it } from 'vitest';
import type { Arena, Ref } from '../../src/arena/arena.ts';
import { SegmentTable } from '../../src/structs/segment_table.ts';
import { makeArena } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

/** Entries are blocks that hold just their hash. */
class HashBlocks extends SegmentTable {
  add(hash: number, marked = false): Ref {
    const ref = this.arena.alloc(8);
    this.u32[ref >>> 23]![(ref & 0x7fffff) << 1] = hash;
    this.insert(hash, ref, marked);
    return ref;
  }

  remove(ref: Ref): void {
    if (!this.hitRef(ref, this.hashOf(ref))) throw new Error('entry is not in the table');
    this.removeHit();
    this.arena.free(ref, 8);
  }

  override hashOf(ref: Ref): number {
    return this.u32[ref >>> 23]![(ref & 0x7fffff) << 1]!;
  }

  protected override directoryMoved(): void {}
}

function shrinkAll(table: HashBlocks): void {
  let cursor = 0;
  do cursor = table.shrinkAt(cursor);
  while (cursor !== 0);
}

describe('segment table', () => {
  it('keeps its invariants under random inserts, removals and shrinking', () => {
    const random = seededRandom('segment table');
    const arena: Arena = makeArena();
    const table = new HashBlocks(arena);
    const live: Ref[] = [];
    for (let phase = 0; phase < 6; phase++) {
      const growing = phase % 2 === 0;
      for (let step = 0; step < 12000; step++) {
        if (live.length === 0 || random.below(100) < (growing ? 85 : 10)) {
          live.push(table.add(random.u32(), random.below(4) === 0));
        } else {
          const index = random.below(live.length);
          table.remove(live[index]!);
          live[index] = live[live.length - 1]!;
          live.pop();
        }
      }
      table.check();
      if (!growing) shrinkAll(table);
      table.check();
      expect(table.size).toBe(live.length);
    }
    arena.verify();
    for (const ref of live) arena.free(ref, 8);
    table.dispose();
    expect(arena.liveBlocks).toBe(0);
  });

  it('takes less than 8 bytes an entry on average over all sizes, and little more at worst', () => {
    const random = seededRandom('fill');
    const table = new HashBlocks(makeArena(false));
    let worst = 0;
    let sum = 0;
    for (let i = 1; i <= 100000; i++) {
      table.add(random.u32());
      if (i <= 5000) continue;
      worst = Math.max(worst, table.tableBytes / i);
      sum += table.tableBytes / i;
    }
    console.log(`${(sum / 95000).toFixed(2)} bytes an entry on average, ${worst.toFixed(2)} at worst`);
    expect(sum / 95000).toBeLessThan(8);
    expect(worst).toBeLessThan(9);
  });

  it.each([1, 100, 1136, 1137, 3000, 9093, 40_000])('is made for %i entries that are to come', (entries) => {
    const random = seededRandom(`made for ${entries}`);
    const table = new HashBlocks(makeArena(false));
    let cursor = 0;
    do {
      cursor = table.reserveAt(cursor, entries);
      table.check();
    } while (cursor !== 0);
    const before = table.capacity;
    expect(new Set(table.fill().map(({ buckets }) => buckets)).size).toBe(1);
    for (let i = 0; i < entries; i++) table.add(random.u32(), random.below(4) === 0);
    table.check();
    expect(table.size).toBe(entries);
    expect(table.capacity / before).toBeLessThan(1.5);
    if (entries > 1000) expect(table.tableBytes / entries).toBeLessThan(9.5);
    let visited = 0;
    do cursor = table.scan(cursor, () => visited++);
    while (cursor !== 0);
    expect(visited).toBe(entries);
    for (let i = 0; i < 2 * entries; i++) table.add(random.u32());
    table.check();
    table.dispose();
  });

  it('visits every entry that stays, while it grows and shrinks', () => {
    const random = seededRandom('scan');
    const table = new HashBlocks(makeArena());
    const stay = new Set<Ref>();
    for (let i = 0; i < 3000; i++) stay.add(table.add(random.u32()));
    const others: Ref[] = [];
    for (let round = 0; round < 4; round++) {
      const seen = new Set<Ref>();
      let cursor = 0;
      do {
        cursor = table.scan(cursor, (ref) => seen.add(ref));
        if (round % 2 === 0 && others.length < 9000)
          for (let i = 0; i < 40; i++) others.push(table.add(random.u32()));
        if (round % 2 === 1) for (let i = 0; i < 60 && others.length > 0; i++) table.remove(others.pop()!);
        if (random.below(50) === 0) shrinkAll(table);
      } while (cursor !== 0);
      for (const ref of stay) if (!seen.has(ref)) throw new Error('an entry that stayed was not visited');
    }
    table.check();
  });

  it('visits each entry exactly once when nothing changes', () => {
    const random = seededRandom('scan once');
    const table = new HashBlocks(makeArena());
    for (let i = 0; i < 20000; i++) table.add(random.u32(), i % 5 === 0);
    const seen: Ref[] = [];
    let cursor = 0;
    do cursor = table.scan(cursor, (ref) => seen.push(ref));
    while (cursor !== 0);
    expect(seen.length).toBe(20000);
    expect(new Set(seen).size).toBe(20000);
    let marked = 0;
    do cursor = table.scanMarked(cursor, () => marked++);
    while (cursor !== 0);
    expect(marked).toBe(4000);
  });

  it('chooses random entries fairly', () => {
    const random = seededRandom('fair');
    const table = new HashBlocks(makeArena());
    const counts = new Map<Ref, number>();
    for (let i = 0; i < 1500; i++) counts.set(table.add(random.u32()), 0);
    const draws = 1500 * 200;
    for (let i = 0; i < draws; i++) {
      const ref = table.randomRef(random);
      counts.set(ref, counts.get(ref)! + 1);
    }
    let chiSquare = 0;
    for (const count of counts.values()) chiSquare += (count - 200) ** 2 / 200;
    // 1,499 degrees of freedom: mean 1,499, standard deviation 55; seven deviations are never chance.
    expect(chiSquare).toBeLessThan(1499 + 7 * 55);
  });

  it('cuts a segment whose entries stand behind the cut and the end', () => {
    const random = seededRandom('cut');
    for (let round = 0; round < 8; round++) {
      const table = new HashBlocks(makeArena());
      const live: Ref[] = [];
      const marked = new Set<Ref>();
      // Buckets at the end of a segment, or of a half, get more entries than others.
      while (table.fill().length < 5) {
        const bucket = random.below(3) === 0 ? [63, 127, 31, 95][random.below(4)]! : random.below(128);
        const hash = ((bucket << 25) | random.below(1 << 25)) >>> 0;
        const isMarked = random.below(2) === 0;
        const ref = table.add(hash, isMarked);
        live.push(ref);
        if (isMarked) marked.add(ref);
        if (live.length % 100 === 0) table.check();
      }
      table.check();
      const seen = new Set<Ref>();
      let cursor = 0;
      do cursor = table.scanMarked(cursor, (ref) => seen.add(ref));
      while (cursor !== 0);
      expect(seen).toEqual(marked);
      for (const ref of live) table.remove(ref);
      table.check();
    }
  });

  it('survives hashes that all share a segment', () => {
    const table = new HashBlocks(makeArena());
    for (let i = 0; i < 3000; i++) table.add(i);
    table.check();
    expect(table.size).toBe(3000);
  });
});
