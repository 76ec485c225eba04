import { describe, expect, it } from 'vitest';
import type { Arena, Ref } from '../../src/arena/arena.ts';
import { KeyHash } from '../../src/base/keyhash.ts';
import type { Random } from '../../src/base/random.ts';
import { Elements, HAS_EXPIRY, HAS_SCORE, HAS_VALUE } from '../../src/structs/element.ts';
import { ElementTable } from '../../src/structs/element_table.ts';
import { makeArena } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

const bytesOf = (text: string) => Buffer.from(text, 'latin1');

function makeTable(arena: Arena): ElementTable {
  return new ElementTable(arena, new KeyHash(1, 2));
}

function find(table: ElementTable, member: string): Ref {
  const bytes = bytesOf(member);
  return table.find(bytes, 0, bytes.length, table.hash(bytes, 0, bytes.length));
}

function add(table: ElementTable, member: string, flags = 0): Ref {
  const bytes = bytesOf(member);
  const ref = table.elements.create(bytes, 0, bytes.length, flags, 0);
  table.add(table.hash(bytes, 0, bytes.length), ref);
  return ref;
}

function remove(table: ElementTable, member: string): void {
  const ref = find(table, member);
  if (ref === 0) throw new Error(`${member} is not there`);
  table.removeHit();
  table.elements.free(ref);
}

function memberOf(table: ElementTable, ref: Ref): string {
  const { elements } = table;
  const at = elements.memberAt(ref);
  return Buffer.from(elements.view(ref).subarray(at, at + elements.memberBytes(ref))).toString('latin1');
}

function walked(table: ElementTable): string[] {
  const members: string[] = [];
  table.startWalk();
  for (let ref = table.nextRef(); ref !== 0; ref = table.nextRef()) members.push(memberOf(table, ref));
  return members;
}

describe('element', () => {
  it('keeps member, score, expiry and value whatever parts come and go', () => {
    const random = seededRandom('element');
    const arena = makeArena();
    const elements = new Elements(arena);
    for (let round = 0; round < 300; round++) {
      const member = bytesOf('m'.repeat(random.below(100)));
      let value = 'v'.repeat(random.below(100));
      const score = random.unit() * 1e300 - 5e299;
      const expiryMs = 1.7e12 + random.below(1e9);
      let ref = elements.create(member, 0, member.length, HAS_SCORE | HAS_VALUE, value.length);
      elements.setScore(ref, score);
      ref = elements.setValue(ref, bytesOf(value), 0, value.length);
      for (let step = 0; step < 6; step++) {
        if (random.below(2) === 0) {
          value = String(random.below(10)).repeat(random.below(300));
          ref = elements.setValue(ref, bytesOf(value), 0, value.length);
        } else {
          ref = elements.reshape(ref, elements.flags(ref) ^ HAS_EXPIRY);
          if ((elements.flags(ref) & HAS_EXPIRY) !== 0) elements.writeExpiry(ref, expiryMs);
        }
        const copy = elements.copy(ref);
        const view = elements.view(copy);
        const memberAt = elements.memberAt(copy);
        const valueAt = elements.valueAt(copy);
        expect(Buffer.from(view.slice(memberAt, memberAt + elements.memberBytes(copy)))).toEqual(member);
        expect(Buffer.from(view.slice(valueAt, valueAt + elements.valueBytes(copy))).toString()).toBe(value);
        expect(elements.score(copy)).toBe(score);
        if ((elements.flags(copy) & HAS_EXPIRY) !== 0) expect(elements.expiry(copy)).toBe(expiryMs);
        elements.free(copy);
      }
      elements.free(ref);
    }
    expect(arena.liveBlocks).toBe(0);
  });

  it('takes 20 bytes for a 16-byte member of a set and 28 in a sorted set', () => {
    const elements = new Elements(makeArena());
    const member = bytesOf('0123456789abcdef');
    expect(elements.blockBytes(elements.create(member, 0, 16, 0, 0))).toBe(20);
    expect(elements.blockBytes(elements.create(member, 0, 16, HAS_SCORE, 0))).toBe(28);
    expect(elements.blockBytes(elements.create(member, 0, 16, HAS_VALUE, 32))).toBe(56);
  });
});

describe('element table', () => {
  it('serves several tables with one object', () => {
    const random = seededRandom('element tables');
    const arena = makeArena();
    const table = makeTable(arena);
    const headers = [table.create(), table.create(), table.create()];
    const models = headers.map(() => new Set<string>());
    for (let step = 0; step < 30000; step++) {
      const which = random.below(3);
      const model = models[which]!;
      table.open(headers[which]!);
      const member = `m${random.below(step < 15000 ? 8000 : 40000)}`;
      const ref = find(table, member);
      expect(ref !== 0).toBe(model.has(member));
      if (ref === 0 && (step < 15000 || random.below(8) === 0)) {
        add(table, member);
        model.add(member);
      } else if (ref !== 0 && step >= 15000) {
        table.removeHit();
        table.elements.free(ref);
        model.delete(member);
      }
    }
    headers.forEach((header, which) => {
      table.open(header);
      table.check();
      expect(table.size).toBe(models[which]!.size);
      expect(walked(table).sort()).toEqual([...models[which]!].sort());
      table.drop(header);
    });
    arena.verify();
    expect(arena.liveBlocks).toBe(0);
  });

  it('gives memory back while elements go, and stays quick to choose from', () => {
    const random = seededRandom('shrinking');
    const arena = makeArena(false);
    const table = makeTable(arena);
    const header = table.create();
    expect(table.bytes).toBe(48);
    add(table, 'first');
    expect(table.bytes).toBeLessThanOrEqual(48 + 8 + 256);
    for (let i = 0; i < 60000; i++) add(table, `m${i}`);
    const fullBytes = table.bytes;
    expect(fullBytes / table.size).toBeLessThan(9);
    for (let i = 200; i < 60000; i++) remove(table, `m${i}`);
    table.check();
    expect(table.bytes).toBeLessThan(fullBytes / 50);
    let draws = 0;
    const counting = {
      int32: () => {
        draws++;
        return random.int32();
      },
      unit: () => random.unit(),
      below: random.below.bind(random),
    };
    for (let i = 0; i < 2000; i++) expect(table.randomRef(counting as Random)).not.toBe(0);
    // Tens, where a table that kept its size would need thousands.
    expect(draws / 2000).toBeLessThan(100);
    table.drop(header);
    expect(arena.usedBytes).toBe(0);
  });

  it('takes out elements as they were chosen at random', () => {
    const random = seededRandom('chosen');
    const table = makeTable(makeArena());
    const header = table.create();
    for (let i = 0; i < 3000; i++) add(table, `m${i}`);
    for (let left = 3000; left > 0; left--) {
      const ref = table.randomRef(random);
      const member = memberOf(table, ref);
      table.hitRandom(ref);
      table.removeHit();
      table.elements.free(ref);
      expect(find(table, member)).toBe(0);
      if (left % 100 === 0) table.check();
    }
    expect(table.size).toBe(0);
    table.drop(header);
  });

  it('visits by cursor each element that stays, while others come and go', () => {
    const random = seededRandom('element scan');
    const table = makeTable(makeArena());
    table.create();
    for (let i = 0; i < 2000; i++) add(table, `stay${i}`);
    let others = 0;
    for (let round = 0; round < 4; round++) {
      const seen = new Set<string>();
      let cursor = 0;
      do {
        cursor = table.scan(cursor, (ref) => seen.add(memberOf(table, ref)));
        const change = random.below(60);
        if (round % 2 === 0) for (let i = 0; i < change; i++) add(table, `other${others++}`);
        else for (let i = 0; i < change * 2 && others > 0; i++) remove(table, `other${--others}`);
      } while (cursor !== 0);
      for (let i = 0; i < 2000; i++) if (!seen.has(`stay${i}`)) throw new Error(`stay${i} was not visited`);
    }
    table.check();
  });

  it('counts marked elements through growth, shrinking and removal', () => {
    const random = seededRandom('marks');
    const table = makeTable(makeArena());
    const header = table.create();
    const marked = new Set<string>();
    for (let i = 0; i < 6000; i++) {
      const member = `m${i}`;
      add(table, member, HAS_EXPIRY);
      if (random.below(3) !== 0) continue;
      table.markHit(true);
      marked.add(member);
    }
    for (let i = 0; i < 5800; i++) {
      const member = `m${i}`;
      if (random.below(4) === 0 && find(table, member) !== 0) table.markHit(false);
      remove(table, member);
      marked.delete(member);
    }
    table.check();
    expect(table.markedCount).toBe(marked.size);
    const ref = find(table, 'm5900');
    find(table, 'm5901');
    table.hit(ref);
    table.markHit(true);
    marked.add('m5900');
    const seen = new Set<string>();
    let cursor = 0;
    do cursor = table.scanMarked(cursor, (element) => seen.add(memberOf(table, element)));
    while (cursor !== 0);
    expect([...seen].sort()).toEqual([...marked].sort());
    table.setOwn(3, 77);
    table.open(table.create());
    expect([table.own(3), table.size, find(table, 'm5900')]).toEqual([0, 0, 0]);
    table.open(header);
    expect(table.own(3)).toBe(77);
  });

  it('frees a table in slices', () => {
    const arena = makeArena();
    const table = makeTable(arena);
    const header = table.create();
    for (let i = 0; i < 20000; i++) add(table, `m${i}`);
    for (let i = 0; i < 17000; i++) remove(table, `m${i}`);
    expect(table.effort(header)).toBeGreaterThan(3000);
    let slices = 1;
    for (; !table.freeSome(header, 100); slices++) {
      const before = arena.liveBlocks;
      expect(before).toBeGreaterThan(0);
    }
    expect(slices).toBeGreaterThan(3);
    arena.verify();
    expect(arena.liveBlocks).toBe(0);
  });
});
