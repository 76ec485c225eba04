import { describe, expect, it } from 'vitest';
import type { Arena, Ref } from '../../src/arena/arena.ts';
import type { Random } from '../../src/base/random.ts';
import type { Members } from '../../src/structs/ranked_nodes.ts';
import { RankedTree } from '../../src/structs/ranked_tree.ts';
import { makeArena } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

interface Item {
  score: number;
  member: string;
  ref: Ref;
}

/** Blocks of a length word and the member. */
class Blocks implements Members {
  readonly #arena: Arena;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  make(member: string): Ref {
    const ref = this.#arena.alloc(4 + member.length);
    this.#arena.u32[ref >>> 23]![(ref & 0x7fffff) << 1] = member.length;
    this.#arena.u8[ref >>> 23]!.set(Buffer.from(member, 'latin1'), this.memberAt(ref));
    return ref;
  }

  free(ref: Ref): void {
    this.#arena.free(ref, 4 + this.memberBytes(ref));
  }

  memberAt(ref: Ref): number {
    return ((ref & 0x7fffff) << 3) + 4;
  }

  memberBytes(ref: Ref): number {
    return this.#arena.u32[ref >>> 23]![(ref & 0x7fffff) << 1]!;
  }
}

function order(a: Item, b: Item): number {
  return (
    a.score - b.score || Buffer.compare(Buffer.from(a.member, 'latin1'), Buffer.from(b.member, 'latin1'))
  );
}

/** A tree and a sorted array of the same elements. */
class Pair {
  readonly arena = makeArena();
  readonly blocks = new Blocks(this.arena);
  readonly tree = new RankedTree(this.arena, this.blocks);
  readonly header = this.tree.create();
  readonly random: Random;
  /** How many different scores there are; 0: doubles. */
  readonly scores: number;
  items: Item[] = [];
  #made = 0;

  constructor(random: Random, scores: number) {
    this.random = random;
    this.scores = scores;
  }

  score(): number {
    if (this.scores === 0) return this.random.unit() * 2000 - 1000;
    const score = this.random.below(this.scores) - (this.scores >> 1);
    return score === 3 ? Infinity : score === -3 ? -Infinity : score;
  }

  add(score = this.score()): void {
    const letters = ['', 'a', 'a\0', 'b\xff', 'c'][this.random.below(5)]!;
    const member = letters + String(this.#made++ * 7919);
    const item = { score, member, ref: this.blocks.make(member) };
    this.items.splice(this.place(item), 0, item);
    this.tree.insert(this.header, score, item.ref);
  }

  place(item: Item): number {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (order(this.items[middle]!, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  remove(rank: number): void {
    const [item] = this.items.splice(rank, 1);
    this.tree.remove(this.header, item!.score, item!.ref);
    this.blocks.free(item!.ref);
  }

  removeRange(rank: number, count: number): void {
    for (const { ref } of this.items.splice(rank, count)) this.blocks.free(ref);
    while (count > 0) count -= this.tree.removeAt(this.header, rank, count);
  }

  move(rank: number, score: number): void {
    const [item] = this.items.splice(rank, 1);
    this.tree.move(this.header, item!.ref, item!.score, score);
    item!.score = score;
    this.items.splice(this.place(item!), 0, item!);
  }

  compare(): void {
    this.tree.check(this.header);
    expect(this.tree.size(this.header)).toBe(this.items.length);
    if (this.items.length === 0) return;
    this.tree.seek(this.header, 0);
    this.items.forEach(({ ref, score }, i) => {
      if (this.tree.element !== ref || this.tree.score !== score) throw new Error(`another element at ${i}`);
      if (this.tree.next() !== i < this.items.length - 1) throw new Error(`the walk ends wrongly at ${i}`);
    });
    this.tree.seek(this.header, this.items.length - 1);
    for (let i = this.items.length - 1; i >= 0; i--) {
      if (this.tree.element !== this.items[i]!.ref) throw new Error(`another element back at ${i}`);
      if (this.tree.previous() !== i > 0) throw new Error(`the walk back ends wrongly at ${i}`);
    }
  }

  /** Looks at a few ranks and bounds. */
  probe(): void {
    const rank = this.random.below(this.items.length);
    const item = this.items[rank]!;
    if (this.tree.rank(this.header, item.score, item.ref) !== rank) throw new Error(`not of rank ${rank}`);
    this.tree.seek(this.header, rank);
    if (this.tree.element !== item.ref) throw new Error(`another element of rank ${rank}`);
    const bound = this.random.below(2) === 0 ? item.score : this.score();
    for (const inclusive of [false, true]) {
      const below = this.items.filter(({ score }) => score < bound || (inclusive && score === bound)).length;
      if (this.tree.countBelow(this.header, bound, inclusive) !== below)
        throw new Error(`not ${below} below ${bound}`);
    }
  }

  dispose(): void {
    while (!this.tree.freeSome(this.header, 3)) this.arena.verify();
    for (const { ref } of this.items) this.blocks.free(ref);
    this.arena.verify();
    expect(this.arena.liveBlocks).toBe(0);
  }
}

describe.each([
  ['doubles', 0],
  ['few scores', 9],
  ['one score', 1],
])('ranked tree, %s', (name, scores) => {
  it('keeps order and invariants under random operations', { timeout: 60_000 }, () => {
    const pair = new Pair(seededRandom(`ranked tree, ${name}`), scores);
    const { random } = pair;
    for (let phase = 0; phase < 8; phase++) {
      const growth = [90, 15, 60, 35, 97, 50, 30, 2][phase]!;
      for (let step = 0; step < 2500; step++) {
        if (pair.items.length === 0 || random.below(100) < growth) pair.add();
        else if (random.below(3) === 0) pair.move(random.below(pair.items.length), pair.score());
        else pair.remove(random.below(pair.items.length));
        if (step % 50 === 0 && pair.items.length > 0) pair.probe();
        if (random.below(400) === 0) {
          const rank = random.below(pair.items.length + 1);
          pair.removeRange(rank, random.below(Math.min(300, pair.items.length - rank + 1)));
        }
        if (step % 250 === 0) pair.tree.check(pair.header);
      }
      pair.compare();
    }
    pair.dispose();
  });
});

describe('ranked tree', () => {
  it('counts by member where all scores are equal', () => {
    const pair = new Pair(seededRandom('ranked tree by member'), 1);
    for (let i = 0; i < 6000; i++) pair.add();
    for (let i = 0; i < 300; i++) {
      const known = pair.items[pair.random.below(pair.items.length)]!.member;
      const member = i % 3 === 0 ? known : known.slice(0, pair.random.below(6));
      const bytes = Buffer.from(`x${member}`, 'latin1');
      const place = pair.place({ score: 0, member, ref: 0 });
      const there = pair.items[place]?.member === member ? 1 : 0;
      const { tree, header } = pair;
      expect(tree.countBelowMember(header, bytes, 1, member.length, false)).toBe(place);
      expect(tree.countBelowMember(header, bytes, 1, member.length, true)).toBe(place + there);
    }
  });

  it('fills leaves with ascending scores, and nearly so with descending ones', () => {
    for (const [sign, most] of [
      [1, 12.9],
      [-1, 14.5],
    ] as const) {
      const pair = new Pair(seededRandom('ranked tree, sorted'), 0);
      for (let i = 0; i < 20_000; i++) pair.add(sign * i);
      pair.compare();
      expect(pair.tree.totalBytes(pair.header) / 20_000).toBeLessThan(most);
      while (pair.items.length > 0) pair.remove(sign > 0 ? pair.items.length - 1 : 0);
      pair.compare();
      pair.dispose();
    }
  });

  it('drops long runs from every place', () => {
    const random = seededRandom('ranked tree, runs');
    for (let round = 0; round < 12; round++) {
      const pair = new Pair(random, round % 2);
      for (let i = 0; i < 9000; i++) pair.add(round % 3 === 0 ? i : undefined);
      while (pair.items.length > 0) {
        const rank = random.below(pair.items.length);
        const length = pair.items.length - rank;
        pair.removeRange(rank, random.below(4) === 0 ? length : 1 + random.below(Math.min(4000, length)));
        pair.compare();
      }
      pair.dispose();
    }
  });

  it('takes at most 20 bytes an element, filled at random or churned', () => {
    const arena = makeArena(false);
    const random = seededRandom('ranked tree, bytes');
    const tree = new RankedTree(arena, new Blocks(arena));
    const header = tree.create();
    const scores = new Float64Array(100_001);
    for (let ref = 1; ref <= 100_000; ref++) {
      scores[ref] = random.unit();
      tree.insert(header, scores[ref]!, ref);
    }
    const filled = tree.totalBytes(header) / 100_000;
    for (let i = 0; i < 400_000; i++) {
      const ref = 1 + random.below(100_000);
      const score = random.unit();
      tree.move(header, ref, scores[ref]!, score);
      scores[ref] = score;
    }
    tree.check(header);
    const churned = tree.totalBytes(header) / 100_000;
    console.log(`${filled.toFixed(2)} bytes an element filled at random, ${churned.toFixed(2)} churned`);
    expect(Math.max(filled, churned)).toBeLessThan(20);
  });
});
