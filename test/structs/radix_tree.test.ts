import { describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import { RadixTree } from '../../src/structs/radix_tree.ts';
import { makeArena } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

/** Names that share beginnings, contain each other, and now and then are long or empty. */
function someName(random: Random): string {
  const length = random.below(30) === 0 ? 200 + random.below(300) : random.below(7);
  let name = '';
  for (let i = 0; i < length; i++)
    name += String.fromCharCode(random.below(4) === 0 ? random.below(256) : 97 + random.below(3));
  return name;
}

describe('radix tree', () => {
  it('does as a sorted list of names does', () => {
    const random = seededRandom('radix tree');
    const arena = makeArena();
    const tree = new RadixTree(arena);
    const header = arena.alloc(8);
    tree.init(header);
    const model = new Map<string, number>();
    for (let step = 0; step < 20000; step++) {
      const name = someName(random);
      const bytes = Buffer.from(`..${name}`, 'latin1');
      expect(tree.find(header, bytes, 2, name.length)).toBe(model.get(name) ?? 0);
      const growing = (step >> 12) % 2 === 0;
      if (model.has(name) || !growing) {
        expect(tree.remove(header, bytes, 2, name.length)).toBe(model.get(name) ?? 0);
        model.delete(name);
      } else {
        const value = random.u32() || 1;
        tree.insert(header, bytes, 2, name.length, value);
        model.set(name, value);
      }
      if (step % 500 === 0) tree.check(header);
      if (step % 2000 !== 0) continue;
      const values: number[] = [];
      for (let more = tree.seekFirst(header); more; more = tree.next()) values.push(tree.value);
      const sorted = [...model].sort(([a], [b]) =>
        Buffer.compare(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')),
      );
      expect(values).toEqual(sorted.map(([, value]) => value));
      expect(tree.count(header)).toBe(model.size);
    }
    for (const name of model.keys()) tree.remove(header, Buffer.from(name, 'latin1'), 0, name.length);
    expect(tree.count(header)).toBe(0);
    expect(tree.nodeBytes(header)).toBe(0);
    arena.verify();
    expect(arena.liveBlocks).toBe(1);
  });

  it('holds names that are prefixes of each other, however deep', () => {
    const arena = makeArena();
    const tree = new RadixTree(arena);
    const header = arena.alloc(8);
    tree.init(header);
    const bytes = Buffer.alloc(2000, 'a');
    for (let length = 2000; length >= 1; length--) tree.insert(header, bytes, 0, length, length);
    tree.check(header);
    const values: number[] = [];
    for (let more = tree.seekFirst(header); more; more = tree.next()) values.push(tree.value);
    expect(values).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1));
    for (let length = 1; length <= 2000; length++) expect(tree.remove(header, bytes, 0, length)).toBe(length);
    expect(arena.liveBlocks).toBe(1);
  });
});
