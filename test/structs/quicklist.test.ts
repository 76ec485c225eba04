import { describe, expect, it } from 'vitest';
import type { Arena, Ref } from '../../src/arena/arena.ts';
import type { Random } from '../../src/base/random.ts';
import { Listpacks } from '../../src/structs/listpack.ts';
import { Quicklists } from '../../src/structs/quicklist.ts';
import { HEAD, TAIL } from '../../src/structs/quicklist_chain.ts';
import { makeArena } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

interface Fixture {
  arena: Arena;
  lists: Quicklists;
  /** Live blocks before there was a list. */
  blocks: number;
}

function fixture(plainBytesMin = 0): Fixture {
  const arena = makeArena();
  const lists = new Quicklists(new Listpacks(arena));
  lists.plainBytesMin = plainBytesMin;
  return { arena, lists, blocks: arena.liveBlocks };
}

function push({ lists }: Fixture, list: Ref, end: number, ...texts: string[]): void {
  for (const text of texts) lists.push(list, end, Buffer.from(text, 'latin1'), 0, text.length);
}

function located({ lists }: Fixture): string {
  return Buffer.from(lists.bytes.slice(lists.at, lists.at + lists.length)).toString('latin1');
}

/** All elements, read in one of two ways. */
function contents(f: Fixture, list: Ref, isForward = true): string[] {
  const found: string[] = [];
  for (let is = f.lists.seek(list, isForward ? 0 : -1); is; is = f.lists.step(isForward)) {
    f.lists.locate();
    found.push(located(f));
  }
  return found;
}

function emitted({ lists }: Fixture, list: Ref, from: number, count: number): string[] {
  const found: string[] = [];
  lists.emit(list, from, count, {
    bulk: (bytes, at, length) => found.push(Buffer.from(bytes.slice(at, at + length)).toString('latin1')),
  });
  return found;
}

function verify(f: Fixture, list: Ref, model: readonly string[]): void {
  f.lists.check(list);
  f.arena.verify();
  expect(f.lists.size(list)).toBe(model.length);
  expect(contents(f, list)).toEqual(model);
}

function drop(f: Fixture, list: Ref): void {
  expect(f.lists.freeSome(list, Number.POSITIVE_INFINITY)).toBe(true);
  f.arena.verify();
  expect(f.arena.liveBlocks).toBe(f.blocks);
}

const FILLS = [-2, -1, -5, 1, 2, 5, 128];
const DEPTHS = [0, 1, 2];

function randomElement(random: Random): string {
  const kind = random.below(12);
  if (kind < 3) return String(random.below(200) - 100);
  if (kind < 4) return String(random.below(2 ** 31) * 1_000_000);
  if (kind < 5) return '';
  if (kind === 5) return 'z'.repeat(random.below(12_000));
  return String.fromCharCode(97 + random.below(20)).repeat(random.below(kind === 6 ? 2000 : 80));
}

/** One random change of a list and of the array that says what it ought to be. */
function change(f: Fixture, list: Ref, model: string[], random: Random): void {
  const { lists } = f;
  const text = randomElement(random);
  const bytes = Buffer.from(text, 'latin1');
  const index = random.below(Math.max(1, model.length));
  const operation = model.length === 0 ? random.below(2) : random.below(9);
  if (operation === 0) {
    push(f, list, TAIL, text);
    model.push(text);
  } else if (operation === 1) {
    push(f, list, HEAD, text);
    model.unshift(text);
  } else if (operation === 2) {
    const end = random.below(2) === 0 ? HEAD : TAIL;
    lists.locateEnd(list, end);
    expect(located(f)).toBe(end === HEAD ? model.shift() : model.pop());
    lists.dropEnd(list, end);
  } else if (operation < 5) {
    expect(lists.seek(list, random.below(2) === 0 ? index : index - model.length)).toBe(true);
    const isAfter = random.below(2) === 0;
    lists.insert(isAfter, bytes, 0, bytes.length);
    model.splice(isAfter ? index + 1 : index, 0, text);
  } else if (operation === 5) {
    lists.seek(list, index);
    lists.replace(bytes, 0, bytes.length);
    model[index] = text;
  } else if (operation === 6) {
    removeEqual(f, list, model, random);
  } else if (operation === 7) {
    if (model.length < 2) return;
    const count = 1 + random.below(Math.min(model.length - 1, random.below(4) === 0 ? 1000 : 4));
    const end = random.below(2) === 0 ? HEAD : TAIL;
    const rest = lists.cut(list, end, count);
    const gone = end === HEAD ? model.splice(0, count) : model.splice(-count);
    if (rest === 0) return;
    lists.settle(rest, 0);
    lists.check(rest);
    expect(end === HEAD ? gone.slice(0, lists.size(rest)) : gone.slice(-lists.size(rest))).toEqual(
      contents(f, rest),
    );
    lists.freeSome(rest, Number.POSITIVE_INFINITY);
  } else {
    const count = 1 + random.below(model.length - index);
    expect(emitted(f, list, index, count)).toEqual(model.slice(index, index + count));
  }
}

/** Removes some of the elements that equal one of them, from either end, as LREM does. */
function removeEqual({ lists }: Fixture, list: Ref, model: string[], random: Random): void {
  const isForward = random.below(2) === 0;
  const wanted = model[random.below(model.length)]!;
  const bytes = Buffer.from(wanted, 'latin1');
  let rest = 1 + random.below(3);
  let is = lists.seek(list, isForward ? 0 : -1);
  if (random.below(2) === 0) {
    const found = isForward ? model.indexOf(wanted) : model.length - 1 - model.lastIndexOf(wanted);
    expect(lists.pass(isForward, found, bytes, 0, bytes.length)).toBe(-1);
    lists.seek(list, isForward ? 0 : -1);
    expect(lists.pass(isForward, found + 1 + random.below(5), bytes, 0, bytes.length)).toBe(found);
  }
  while (is && rest > 0) {
    if (lists.matches(bytes, 0, bytes.length)) {
      rest--;
      is = lists.remove(isForward);
      model.splice(isForward ? model.indexOf(wanted) : model.lastIndexOf(wanted), 1);
    } else {
      is = lists.step(isForward);
    }
  }
  lists.close();
}

describe('a quicklist under random changes', () => {
  for (const plainBytesMin of [0, 1, 40]) {
    for (const depth of DEPTHS) {
      it(`holds what an array holds, at depth ${depth}, plain nodes from ${plainBytesMin || 'the limit on'}`, () => {
        const random = seededRandom(`quicklist depth ${depth} plain ${plainBytesMin}`);
        for (const fill of FILLS) {
          const f = fixture(plainBytesMin);
          const list = f.lists.create(fill, depth);
          const model: string[] = [];
          for (let i = 0; i < 120; i++) {
            change(f, list, model, random);
            f.lists.check(list);
            if (i % 25 === 0) verify(f, list, model);
          }
          verify(f, list, model);
          expect(contents(f, list, false)).toEqual([...model].reverse());
          drop(f, list);
        }
      });
    }
  }
});

describe('the ends of a quicklist', () => {
  it('hold what an array holds under random pushes and pops, read now and then', () => {
    const random = seededRandom('quicklist ends');
    for (const [fill, depth] of [
      [-2, 0],
      [-1, 1],
      [7, 0],
      [128, 2],
      [-5, 0],
    ] as const) {
      const f = fixture();
      const list = f.lists.create(fill, depth);
      const model: string[] = [];
      for (let phase = 0; phase < 12; phase++) {
        const pushes = random.below(10);
        const heads = random.below(11);
        for (let i = random.below(300); i > 0; i--) {
          const end = random.below(10) < heads ? HEAD : TAIL;
          if (random.below(10) < pushes || model.length === 0) {
            const text = random.below(60) === 0 ? randomElement(random) : 'e'.repeat(random.below(50));
            push(f, list, end, text);
            if (end === HEAD) model.unshift(text);
            else model.push(text);
          } else {
            f.lists.locateEnd(list, end);
            expect(located(f)).toBe(end === HEAD ? model.shift() : model.pop());
            f.lists.dropEnd(list, end);
          }
        }
        if (phase % 3 === 0) verify(f, list, model);
      }
      f.arena.verify();
      const copy = f.lists.copy(list);
      f.lists.freeSome(list, Number.POSITIVE_INFINITY);
      verify(f, copy, model);
      drop(f, copy);
    }
  });

  it('leave no room in the nodes behind them', () => {
    const f = fixture();
    const list = f.lists.create(-2, 0);
    push(f, list, HEAD, ...Array.from({ length: 10_000 }, () => 'x'.repeat(32)));
    expect(f.lists.arenaBytes(list, 0) / 10_000).toBeLessThan(35);
    drop(f, list);
  });
});

describe('nodes', () => {
  it('close when the next element, with 8 bytes for its head, might make them too large', () => {
    for (const [fill, bytes, elements] of [
      [-1, 100, 39],
      [-2, 100, 79],
      [-5, 100, 636],
      [3, 100, 3],
      [0, 100, 1],
      [500, 100, 79],
    ] as const) {
      const f = fixture();
      const list = f.lists.create(fill, 0);
      while (f.lists.nodeCount(list) < 2) push(f, list, TAIL, 'x'.repeat(bytes));
      expect([fill, f.lists.size(list) - 1]).toEqual([fill, elements]);
      drop(f, list);
    }
  });

  it('of one large element are plain, between the parts of the node that it cuts', () => {
    const f = fixture();
    const list = f.lists.create(-1, 0);
    push(f, list, TAIL, 'a', 'b', 'c', 'd');
    f.lists.seek(list, 1);
    f.lists.insert(true, Buffer.alloc(4097, 'x'), 0, 4097);
    expect(f.lists.nodeCount(list)).toBe(3);
    verify(f, list, ['a', 'b', 'x'.repeat(4097), 'c', 'd']);
    f.lists.seek(list, 2);
    f.lists.replace(Buffer.from('y'), 0, 1);
    expect(f.lists.nodeCount(list)).toBe(1);
    verify(f, list, ['a', 'b', 'y', 'c', 'd']);
    drop(f, list);
  });

  it('take an inserted element from a full neighbour, or split and merge', () => {
    const f = fixture();
    const list = f.lists.create(4, 0);
    push(f, list, TAIL, ...'abcdefg');
    expect(f.lists.nodeCount(list)).toBe(2);
    f.lists.seek(list, 3);
    f.lists.insert(true, Buffer.from('X'), 0, 1);
    expect(f.lists.nodeCount(list)).toBe(2);
    f.lists.seek(list, 1);
    f.lists.insert(true, Buffer.from('Y'), 0, 1);
    verify(f, list, [...'abYcdXefg']);
    expect(f.lists.nodeCount(list)).toBe(3);
    drop(f, list);
  });

  it('beyond the depth are packed, and unpacked when they come near an end', () => {
    const f = fixture();
    const list = f.lists.create(1, 2);
    const element = (i: number) => `${i}:${'abc'.repeat(40)}`;
    const model = Array.from({ length: 10 }, (_, i) => element(i));
    push(f, list, TAIL, ...model);
    expect(f.lists.packedCount(list)).toBe(6);
    const packedBytes = f.lists.arenaBytes(list, 0);
    verify(f, list, model);
    for (let i = 0; i < 5; i++) f.lists.dropEnd(list, i % 2 === 0 ? HEAD : TAIL);
    expect(f.lists.packedCount(list)).toBe(1);
    verify(f, list, model.slice(3, 8));
    expect(f.lists.arenaBytes(list, 0) / 5).toBeGreaterThan(packedBytes / 10);
    drop(f, list);
  });
});

describe('very large elements', () => {
  it('are kept as they are, beyond the depth too', () => {
    const f = fixture();
    const list = f.lists.create(-2, 1);
    const model = ['a', 'b'.repeat(1 << 20), 'c'.repeat((1 << 20) + 1), 'd'];
    push(f, list, TAIL, ...model);
    expect(f.lists.packedCount(list)).toBe(1);
    verify(f, list, model);
    drop(f, list);
  });
});

describe('a whole list', () => {
  it('is copied with all kinds of nodes', () => {
    const f = fixture(60);
    const list = f.lists.create(2, 1);
    const model = [
      '1',
      '22',
      'y'.repeat(59),
      'x'.repeat(300),
      'z'.repeat(50),
      'z'.repeat(50),
      'w'.repeat(90),
      '5',
    ];
    push(f, list, TAIL, ...model);
    expect(f.lists.packedCount(list)).toBeGreaterThan(1);
    const copy = f.lists.copy(list);
    push(f, list, HEAD, 'more');
    verify(f, copy, model);
    verify(f, list, ['more', ...model]);
    f.lists.freeSome(list, Number.POSITIVE_INFINITY);
    drop(f, copy);
  });

  it('is freed in steps', () => {
    const f = fixture();
    const list = f.lists.create(1, 0);
    push(f, list, TAIL, ...'abcdefghij');
    expect(f.lists.freeSome(list, 6)).toBe(false);
    expect(contents(f, list)).toEqual([...'defghij']);
    expect(f.lists.freeSome(list, 14)).toBe(false);
    expect(f.lists.freeSome(list, 1)).toBe(true);
    expect(f.arena.liveBlocks).toBe(f.blocks);
  });

  it('counts the bytes of its blocks, or estimates them from the first nodes', () => {
    const f = fixture();
    const list = f.lists.create(1, 0);
    push(f, list, TAIL, ...Array.from({ length: 50 }, () => 'x'.repeat(100)));
    const node = f.arena.usableBytes(24) + f.arena.usableBytes(110);
    expect(f.lists.arenaBytes(list, 0)).toBe(f.arena.usableBytes(24) + 50 * node);
    expect(f.lists.arenaBytes(list, 5)).toBe(f.lists.arenaBytes(list, 0));
    drop(f, list);
  });
});
