import { describe, expect, it } from 'vitest';
import type { Arena, Ref } from '../../src/arena/arena.ts';
import { toLatin1 } from '../../src/base/bytes.ts';
import { KeyHash } from '../../src/base/keyhash.ts';
import { ENC_LISTPACK, ENC_SKIPLIST, Entries } from '../../src/structs/entry.ts';
import { defaultLimits } from '../../src/types/limits.ts';
import { SortedSets } from '../../src/types/zset.ts';
import { makeArena } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

const KEY = Buffer.from('key');

function setsIn(arena: Arena): SortedSets {
  return new SortedSets(new Entries(arena), new KeyHash(1, 2), defaultLimits());
}

function put(zsets: SortedSets, ref: Ref, member: string, score: number): void {
  const bytes = Buffer.from(`<${member}>`);
  if (zsets.find(ref, bytes, 1, member.length)) zsets.changeFound(ref, bytes, 1, member.length, score);
  else zsets.add(ref, bytes, 1, member.length, score);
}

function membersOf({ cursor }: SortedSets, ref: Ref): [string, number][] {
  const members: [string, number][] = [];
  cursor.start(ref, 0);
  do {
    const text = toLatin1(cursor.bytes, cursor.at, cursor.length);
    members.push([text, cursor.score]);
  } while (cursor.next());
  return members;
}

describe.each([
  ['listpack', ENC_LISTPACK, 100],
  ['skiplist', ENC_SKIPLIST, 5000],
])('%s', (name, encoding, size) => {
  it('copies and frees a value in slices, and leaves nothing behind', () => {
    const random = seededRandom(`sorted set, ${name}`);
    const arena = makeArena();
    const zsets = setsIn(arena);
    const { entries } = zsets;
    const ref = zsets.create(KEY, 0, 3, 0, encoding);
    for (let i = 0; i < size; i++) put(zsets, ref, `m${i}`, random.below(size));
    for (let i = 0; i < size; i += 3) put(zsets, ref, `m${i}`, random.unit());
    const copy = entries.create(KEY, 0, 3, entries.kind(ref), 0, entries.flags(ref), 0);
    entries.writeWords(copy, entries.wordLow(ref), entries.wordHigh(ref));
    zsets.copyValue(ref, copy);
    expect(membersOf(zsets, copy)).toEqual(membersOf(zsets, ref));
    put(zsets, copy, 'only here', 1);
    expect([zsets.size(ref), zsets.size(copy)]).toEqual([size, size + 1]);
    for (const each of [ref, copy]) {
      zsets.check(each);
      expect(zsets.outsideBytes(each, 0)).toBeGreaterThan(size * 6);
      expect(zsets.effort(each)).toBeGreaterThan(encoding === ENC_SKIPLIST ? size : 0);
      let slices = 1;
      while (!zsets.freeSome(each, 50)) slices++;
      // A slice of the table is at least one of its segments, a thousand members or so.
      expect(slices).toBeGreaterThanOrEqual(encoding === ENC_SKIPLIST ? 5 : 1);
      entries.free(each);
    }
    arena.verify();
    expect(arena.liveBlocks).toBe(0);
  });
});

describe('sorted sets', () => {
  it('take at most 65 bytes for a member of 16 bytes, table, tree and element together', () => {
    const random = seededRandom('sorted set, bytes');
    const arena = makeArena(false);
    const zsets = setsIn(arena);
    const ref = zsets.create(KEY, 0, 3, 0, ENC_SKIPLIST);
    for (let i = 1; i <= 100_000; i++) {
      put(zsets, ref, String(i).padStart(16, 'm'), random.unit());
      if (i % 10_000 === 0) expect(arena.usedBytes / i).toBeLessThan(65);
    }
    console.log(`${(arena.usedBytes / 100_000).toFixed(1)} bytes a member`);
    expect(zsets.outsideBytes(ref, 5) / arena.usedBytes).toBeCloseTo(1, 2);
  });

  it('removes long runs, which are looked up and freed leaf by leaf', () => {
    const random = seededRandom('sorted set, runs');
    const arena = makeArena();
    const zsets = setsIn(arena);
    const ref = zsets.create(KEY, 0, 3, 0, ENC_SKIPLIST);
    for (let i = 0; i < 4000; i++) put(zsets, ref, `m${i}`, random.below(500));
    let expected = membersOf(zsets, ref);
    while (expected.length > 1) {
      const rank = random.below(expected.length - 1);
      const count = 1 + random.below(Math.min(900, expected.length - 1 - rank));
      zsets.removeRange(ref, rank, count);
      expected = [...expected.slice(0, rank), ...expected.slice(rank + count)];
      zsets.check(ref);
      expect(membersOf(zsets, ref)).toEqual(expected);
    }
    arena.verify();
  });

  it('become listpacks again only when asked to, and only if they fit', () => {
    const arena = makeArena();
    const zsets = setsIn(arena);
    const ref = zsets.create(KEY, 0, 3, 0, ENC_SKIPLIST);
    for (let i = 0; i < 129; i++) put(zsets, ref, `m${i}`, i);
    zsets.compact(ref);
    expect(zsets.entries.encoding(ref)).toBe(ENC_SKIPLIST);
    zsets.removeRange(ref, 64, 1);
    const members = membersOf(zsets, ref);
    zsets.compact(ref);
    expect(zsets.entries.encoding(ref)).toBe(ENC_LISTPACK);
    expect(membersOf(zsets, ref)).toEqual(members);
    zsets.spread(ref);
    zsets.check(ref);
    expect(membersOf(zsets, ref)).toEqual(members);
    arena.verify();
  });
});
