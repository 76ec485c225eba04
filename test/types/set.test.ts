import { describe, expect, it } from 'vitest';
import type { Arena, Ref } from '../../src/arena/arena.ts';
import { isInt64 } from '../../src/base/int64.ts';
import { KeyHash } from '../../src/base/keyhash.ts';
import type { Random } from '../../src/base/random.ts';
import { ENC_HASHTABLE, ENC_INTSET, ENC_LISTPACK, Entries } from '../../src/structs/entry.ts';
import { defaultLimits, type Limits } from '../../src/types/limits.ts';
import { Sets } from '../../src/types/set.ts';
import { SetAlgebra } from '../../src/types/set_algebra.ts';
import { SetCursor } from '../../src/types/set_cursor.ts';
import { SetSampler } from '../../src/types/set_sampler.ts';
import { makeArena } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

const HASH = new KeyHash(3, 4);
const ENCODINGS = [ENC_INTSET, ENC_LISTPACK, ENC_HASHTABLE];
const INF = Number.POSITIVE_INFINITY;

interface Fixture {
  arena: Arena;
  entries: Entries;
  limits: Limits;
  sets: Sets;
}

function fixture(limits: Partial<Limits> = {}, checked = true): Fixture {
  const arena = makeArena(checked);
  const entries = new Entries(arena);
  const all = { ...defaultLimits(), ...limits };
  return { arena, entries, limits: all, sets: new Sets(entries, HASH, all) };
}

function create({ sets }: Fixture, encoding: number, members: readonly string[] = []): Ref {
  const ref = sets.create(Buffer.from('key'), 0, 3, 0, encoding);
  for (const member of members) expect(sets.add(ref, Buffer.from(member), 0, member.length)).toBe(true);
  return ref;
}

function drop({ entries, sets }: Fixture, ref: Ref, blocks = INF): number {
  let steps = 1;
  while (!sets.freeSome(ref, blocks)) steps++;
  entries.free(ref);
  return steps;
}

/** Members in the order of a walk. */
function membersOf({ entries }: Fixture, ref: Ref): string[] {
  const cursor = new SetCursor(entries, HASH);
  const members: string[] = [];
  cursor.start(ref);
  while (cursor.next()) members.push(textOf(cursor));
  return members;
}

function textOf({ bytes, at, length }: { bytes: Uint8Array; at: number; length: number }): string {
  return Buffer.from(bytes.slice(at, at + length)).toString('latin1');
}

/** Collects what is handed to it. */
function sink(): { members: string[]; bulk: (bytes: Uint8Array, at: number, length: number) => void } {
  const members: string[] = [];
  return { members, bulk: (bytes, at, length) => members.push(textOf({ bytes, at, length })) };
}

function isInteger(member: string): boolean {
  return isInt64(Buffer.from(member), 0, member.length);
}

/** The encoding of a set of these members once another one has been added. */
function encodingAfter(limits: Limits, encoding: number, members: Set<string>, added: string): number {
  if (encoding === ENC_HASHTABLE) return ENC_HASHTABLE;
  if (encoding === ENC_INTSET && isInteger(added)) {
    return members.size + 1 > limits.setMaxIntsetEntries ? ENC_HASHTABLE : ENC_INTSET;
  }
  const integers = encoding === ENC_INTSET ? [...members].map((member) => member.length) : [];
  const longest = Math.max(added.length, ...integers);
  const fits = members.size < limits.setMaxListpackEntries && longest <= limits.setMaxListpackValue;
  return fits ? ENC_LISTPACK : ENC_HASHTABLE;
}

function randomMember(random: Random, integers: boolean): string {
  if (integers || random.below(3) === 0) {
    const wide = BigInt.asIntN(64, (BigInt(random.u32()) << 32n) | BigInt(random.u32()));
    return String(wide >> BigInt(random.below(64)));
  }
  const length = random.below(20) === 0 ? random.below(300) : random.below(4);
  return Array.from({ length }, () => String.fromCharCode(random.below(256))).join('');
}

describe('sets', () => {
  it.each([
    ['default limits', {}],
    ['small limits', { setMaxIntsetEntries: 10, setMaxListpackEntries: 20, setMaxListpackValue: 30 }],
    ['no intsets', { setMaxIntsetEntries: 0 }],
    ['no listpacks', { setMaxListpackEntries: 0 }],
    ['short listpack values', { setMaxListpackValue: 3 }],
    [
      'no bounds',
      { setMaxIntsetEntries: 2 ** 32, setMaxListpackEntries: 2 ** 32, setMaxListpackValue: 2 ** 32 },
    ],
  ])('follow a model of members and encoding: %s', (name, limits) => {
    const random = seededRandom(`sets, ${name}`);
    const f = fixture(limits);
    const { entries, sets } = f;
    for (let round = 0; round < 6; round++) {
      const model = new Set<string>();
      let encoding = ENCODINGS[round % 3]!;
      const ref = create(f, encoding);
      const onlyIntegers = round % 2 === 0;
      for (let step = 0; step < 400; step++) {
        const member = randomMember(random, onlyIntegers && step < 200);
        const bytes = Buffer.from(member, 'latin1');
        expect(sets.has(ref, bytes, 0, bytes.length)).toBe(model.has(member));
        if (random.below(10) < 7) {
          if (!model.has(member)) encoding = encodingAfter(f.limits, encoding, model, member);
          expect(sets.add(ref, bytes, 0, bytes.length)).toBe(!model.has(member));
          model.add(member);
        } else if (model.size > 0 && random.below(2) === 0) {
          sets.pick(ref, random);
          const picked = textOf(sets);
          expect(model.delete(picked)).toBe(true);
          sets.removePicked(ref);
          expect(sets.has(ref, Buffer.from(picked, 'latin1'), 0, picked.length)).toBe(false);
        } else {
          const [first] = model;
          const victim = first !== undefined && random.below(2) === 0 ? first : member;
          const found = sets.remove(ref, Buffer.from(victim, 'latin1'), 0, victim.length);
          expect(found).toBe(model.delete(victim));
        }
        expect(sets.size(ref)).toBe(model.size);
        expect(entries.encoding(ref)).toBe(encoding);
      }
      sets.check(ref);
      expect(membersOf(f, ref).sort()).toEqual([...model].sort());
      const all = sink();
      sets.emit(ref, all);
      expect(all.members).toEqual(membersOf(f, ref));
      drop(f, ref);
    }
    f.arena.verify();
    expect(f.arena.liveBlocks).toBe(0);
  });

  it('become another encoding when many members are announced', () => {
    const f = fixture();
    const encodingAfterExpecting = (encoding: number, count: number): number => {
      const ref = create(f, encoding, ['1']);
      f.sets.expect(ref, count);
      expect(membersOf(f, ref)).toEqual(['1']);
      const after = f.entries.encoding(ref);
      drop(f, ref);
      return after;
    };
    expect(encodingAfterExpecting(ENC_INTSET, 512)).toBe(ENC_INTSET);
    expect(encodingAfterExpecting(ENC_INTSET, 513)).toBe(ENC_HASHTABLE);
    expect(encodingAfterExpecting(ENC_LISTPACK, 128)).toBe(ENC_LISTPACK);
    expect(encodingAfterExpecting(ENC_LISTPACK, 129)).toBe(ENC_HASHTABLE);
    const first = (member: string, count: number) =>
      f.sets.firstEncoding(Buffer.from(member), 0, member.length, count);
    expect([first('1', 512), first('1', 513), first('x', 128), first('x', 129)]).toEqual([
      ENC_INTSET,
      ENC_HASHTABLE,
      ENC_LISTPACK,
      ENC_HASHTABLE,
    ]);
  });

  it('become intsets only if all members are integers and few enough', () => {
    const f = fixture({ setMaxIntsetEntries: 4 });
    const compacted = (encoding: number, members: string[]): number => {
      const ref = create(f, encoding, members);
      f.sets.compactIntegers(ref);
      const after = f.entries.encoding(ref);
      f.sets.check(ref);
      expect(membersOf(f, ref).sort()).toEqual([...members].sort());
      drop(f, ref);
      return after;
    };
    for (const encoding of [ENC_LISTPACK, ENC_HASHTABLE]) {
      expect(compacted(encoding, ['3', '-1', '9223372036854775807', '0'])).toBe(ENC_INTSET);
      expect(compacted(encoding, ['3', '-1', '1', '0', '2'])).toBe(encoding);
      expect(compacted(encoding, ['3', '01'])).toBe(encoding);
    }
    expect(f.arena.liveBlocks).toBe(0);
  });

  it.each(ENCODINGS)('copy their value (encoding %i)', (encoding) => {
    const f = fixture();
    const { entries, sets } = f;
    const members = Array.from({ length: 100 }, (_, i) => String(i * 1000));
    const from = create(f, encoding, members);
    const to = sets.create(Buffer.from('other'), 0, 5, 0, encoding);
    sets.freeSome(to, INF);
    entries.writeWords(to, entries.wordLow(from), entries.wordHigh(from));
    sets.copyValue(from, to);
    drop(f, from);
    expect(membersOf(f, to).sort()).toEqual([...members].sort());
    f.sets.check(to);
    drop(f, to);
    expect(f.arena.liveBlocks).toBe(0);
  });

  it.each(ENCODINGS)('tell what their blocks take and how many they are (encoding %i)', (encoding) => {
    const f = fixture({}, false);
    const ref = create(
      f,
      encoding,
      Array.from({ length: 100 }, (_, i) => String(i * 1000)),
    );
    expect(f.sets.effort(ref)).toBeGreaterThanOrEqual(encoding === ENC_HASHTABLE ? 100 : 1);
    const exact = f.sets.outsideBytes(ref, 0);
    expect(Math.abs(f.sets.outsideBytes(ref, 5) - exact)).toBeLessThan(exact / 4);
    const before = f.arena.usedBytes - f.arena.usableBytes(f.entries.blockBytes(ref));
    drop(f, ref);
    expect(before - f.arena.usedBytes).toBe(exact);
  });

  it('are freed in slices when they are large', () => {
    const f = fixture();
    const members = Array.from({ length: 20_000 }, (_, i) => `member:${i}`);
    const ref = create(f, ENC_HASHTABLE, members);
    const other = create(f, ENC_INTSET, ['5']);
    f.sets.exchange(ref, other);
    expect([f.entries.encoding(ref), f.sets.size(other), membersOf(f, ref)]).toEqual([
      ENC_INTSET,
      20_000,
      ['5'],
    ]);
    expect(drop(f, ref)).toBe(1);
    expect(drop(f, other, 1000)).toBeGreaterThan(5);
    f.arena.verify();
    expect(f.arena.liveBlocks).toBe(0);
  });
});

describe('algebra and samples', () => {
  /** Integers below 60, or those with an x in front: sets of all encodings that overlap. */
  function randomSet(f: Fixture, random: Random): { ref: Ref; members: Set<string> } {
    const encoding = ENCODINGS[random.below(3)]!;
    const members = new Set<string>();
    for (let i = random.below(60); i >= 0; i--) {
      const number = random.below(60);
      members.add(encoding !== ENC_INTSET && random.below(2) === 0 ? `x${number}` : String(number));
    }
    return { ref: create(f, encoding, [...members]), members };
  }

  it('follow a model over all encodings', () => {
    const random = seededRandom('set algebra');
    const f = fixture({ setMaxIntsetEntries: 30, setMaxListpackEntries: 50 });
    const algebra = new SetAlgebra(f.sets, HASH);
    for (let round = 0; round < 100; round++) {
      const given = Array.from({ length: 2 + random.below(3) }, () => randomSet(f, random));
      const refs = given.map(({ ref }) => ref);
      const [first, ...others] = given.map(({ members }) => members);
      const union = new Set(given.flatMap(({ members }) => [...members]));
      const rest = [...first!].filter((member) => !others.some((set) => set.has(member))).sort();
      for (const common of [true, false]) {
        const expected = common
          ? [...first!].filter((member) => others.every((set) => set.has(member))).sort()
          : rest;
        const found = sink();
        expect(algebra.mark(refs, common)).toBe(expected.length);
        algebra.emitMarked([refs[0]!], found);
        expect(found.members.sort()).toEqual(expected);
        expect(algebra.count(refs, common, INF)).toBe(expected.length);
        expect(algebra.count(refs, common, 2)).toBe(Math.min(2, expected.length));
        const into = create(f, ENCODINGS[round % 3]!);
        algebra.store(refs, common, into);
        expect(membersOf(f, into).sort()).toEqual(expected);
        drop(f, into);
      }
      const all = sink();
      expect(algebra.markUnion(refs)).toBe(union.size);
      algebra.emitMarked(refs, all);
      expect(all.members.sort()).toEqual([...union].sort());
      const limit = random.below(20) + 1;
      const results = [INF, limit].map((most) => {
        const into = create(f, ENC_INTSET);
        const count = algebra.unite(refs, into, most);
        expect(f.sets.size(into)).toBe(count);
        const members = membersOf(f, into);
        drop(f, into);
        return members;
      });
      expect(results[0]!.sort()).toEqual([...union].sort());
      expect(results[1]!.length).toBe(Math.min(limit, union.size));
      const into = create(f, ENC_HASHTABLE);
      expect(algebra.subtract(refs, into)).toBe(rest.length);
      expect(membersOf(f, into).sort()).toEqual(rest);
      for (const ref of [...refs, into]) drop(f, ref);
    }
    f.arena.verify();
    expect(f.arena.liveBlocks).toBe(0);
  });

  it('split a set, or show a part of it', () => {
    const random = seededRandom('set samples');
    const f = fixture();
    const sampler = new SetSampler(f.sets, HASH, random);
    for (const encoding of ENCODINGS) {
      const members = Array.from({ length: 60 }, (_, i) => String(i));
      const ref = create(f, encoding, members);
      for (let count = 0; count < 60; count++) {
        const some = sink();
        sampler.emitSome(ref, count, some);
        expect(new Set(some.members).size).toBe(count);
        expect(some.members.every((member) => members.includes(member))).toBe(true);
        const popped = sink();
        const others = create(f, encoding);
        sampler.split(ref, count, popped, others);
        expect(popped.members.length).toBe(count);
        expect([...popped.members, ...membersOf(f, others)].sort()).toEqual([...members].sort());
        drop(f, others);
      }
      drop(f, ref);
    }
    expect(f.arena.liveBlocks).toBe(0);
  });
});
