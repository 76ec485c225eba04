// Streams against a plain model, at the level of the type: entries, nodes, ranges, trimming, groups.
import { describe, expect, it } from 'vitest';
import type { Arena, Ref } from '../../src/arena/arena.ts';
import type { Random } from '../../src/base/random.ts';
import { Entries } from '../../src/structs/entry.ts';
import { compareIds, type Id } from '../../src/structs/stream_id.ts';
import { defaultLimits } from '../../src/types/limits.ts';
import { Streams } from '../../src/types/stream.ts';
import { BY_ID, BY_LENGTH } from '../../src/types/stream_trim.ts';
import { makeArena } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

interface Row {
  id: Id;
  fields: string[];
}

const LOWEST = Uint32Array.of(0, 0, 0, 0);
const HIGHEST = new Uint32Array(4).fill(0xffffffff);

/** Texts that a listpack writes in every way it has. */
function someText(random: Random): string {
  const kind = random.below(12);
  if (kind === 0) return '';
  if (kind === 1) return String(random.u32() * random.below(3) - 2 ** 31);
  if (kind === 2) return (BigInt(random.u32()) * 2n ** 31n * (random.below(2) === 0 ? 1n : -1n)).toString();
  if (kind === 3)
    return ['9223372036854775807', '-9223372036854775808', '9223372036854775808', '-0', '007'][
      random.below(5)
    ]!;
  if (kind === 4) return 'x'.repeat(60 + random.below(10));
  if (kind === 5) return 'y'.repeat(random.below(20) === 0 ? 4090 + random.below(100) : 130);
  if (kind < 9) return String(random.below(300) - 100);
  return `text${random.below(50)}`;
}

class Pair {
  readonly arena: Arena;
  readonly limits = defaultLimits();
  readonly streams: Streams;
  readonly entry: Ref;
  readonly stream: Ref;
  rows: Row[] = [];

  constructor(arena = makeArena()) {
    this.arena = arena;
    this.streams = new Streams(new Entries(arena), this.limits);
    this.entry = this.streams.createEntry(Buffer.from('key'), 0, 3, 0);
    this.stream = this.streams.of(this.entry);
  }

  append(id: Id, fields: string[]): void {
    const bytes = Buffer.from(fields.join(''), 'latin1');
    const pairs = new Int32Array(fields.length * 2 + 3);
    let at = 0;
    for (const [i, { length }] of fields.entries()) {
      pairs.set([at, length], 3 + 2 * i);
      at += length;
    }
    Object.assign(this.streams.fields, { bytes, pairs, first: 3, count: fields.length >> 1 });
    this.streams.append(this.stream, id);
    this.rows.push({ id, fields });
  }

  range(from: Id, to: Id, backward: boolean): Row[] {
    const { cursor } = this.streams;
    const rows: Row[] = [];
    if (!cursor.start(this.stream, from, to, backward)) return rows;
    const total = cursor.count(Number.POSITIVE_INFINITY);
    const some = cursor.count(3);
    do {
      const { reader } = cursor;
      const fields: string[] = [];
      for (let i = 0; i < reader.fields; i++) {
        reader.readName();
        fields.push(text(reader));
        reader.readValue();
        fields.push(text(reader));
      }
      rows.push({ id: reader.id.slice(), fields });
    } while (cursor.next());
    expect(total).toBe(rows.length);
    expect(some).toBe(Math.min(3, rows.length));
    return rows;
  }

  compare(random: Random): void {
    this.streams.check(this.entry);
    expect(this.streams.length(this.stream)).toBe(this.rows.length);
    expect(this.range(LOWEST, HIGHEST, false)).toEqual(this.rows);
    for (let i = 0; i < 6; i++) {
      const [from, to] = [this.someBound(random), this.someBound(random)];
      const expected = this.rows.filter(({ id }) => compareIds(id, from) >= 0 && compareIds(id, to) <= 0);
      expect(this.range(from, to, false)).toEqual(expected);
      expect(this.range(from, to, true)).toEqual(expected.reverse());
    }
  }

  /** An id in the stream, or near one. */
  someBound(random: Random): Id {
    const row = this.rows[random.below(this.rows.length + 1)];
    const id = row === undefined ? Uint32Array.of(0, random.u32(), 0, 0) : row.id.slice();
    if (random.below(2) === 0) id[3] = id[3]! + random.below(3) - 1;
    return id;
  }

  free(): void {
    while (!this.streams.freeSome(this.entry, 50)) expect(this.arena.liveBlocks).toBeGreaterThan(1);
    this.streams.entries.free(this.entry);
    this.arena.verify();
    expect(this.arena.liveBlocks).toBe(0);
  }
}

function text({ bytes, at, length }: { bytes: Uint8Array; at: number; length: number }): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('latin1');
}

/** The next id: most often the next sequence or a few ms on, now and then a leap of any size. */
function nextId(random: Random, last: Id): Id {
  const id = last.slice();
  const kind = random.below(40);
  if (kind === 0 && id[0]! < 0xffff0000) {
    id.set([id[0]! + random.below(1000) + 1, random.u32(), random.u32(), random.u32()]);
  } else if (kind < 20 || id[1]! > 0xffff0000) {
    const leap = kind === 1 ? random.u32() : 1;
    id[2] = id[2]! + (id[3]! + leap > 0xffffffff ? 1 : 0);
    id[3] = id[3]! + leap;
  } else {
    id.set([id[0]!, id[1]! + 1 + random.below(50), 0, random.below(3)]);
  }
  return id;
}

describe('stream', () => {
  it('does as a plain list of entries does', () => {
    const random = seededRandom('stream');
    for (let round = 0; round < 6; round++) {
      const pair = new Pair();
      pair.limits.streamNodeMaxEntries = [100, 3, 0, 10, 200, 1][round]!;
      pair.limits.streamNodeMaxBytes = [4096, 0, 300, 4096, 0, 4096][round]!;
      const { streams, stream } = pair;
      let last: Id = Uint32Array.of(0, 1, 0, 0);
      let names = ['a', 'b'];
      for (let step = 0; step < 1200; step++) {
        const action = random.below(100);
        if (action < 80) {
          if (random.below(10) === 0)
            names = Array.from({ length: 1 + random.below(4) }, () => someText(random));
          last = nextId(random, last);
          pair.append(
            last,
            names.flatMap((name) => [name, someText(random)]),
          );
        } else if (action < 97 && pair.rows.length > 0) {
          const at = random.below(pair.rows.length);
          expect(streams.has(stream, pair.rows[at]!.id)).toBe(true);
          expect(streams.remove(stream, pair.rows[at]!.id)).toBe(true);
          expect(streams.remove(stream, pair.rows[at]!.id)).toBe(false);
          pair.rows.splice(at, 1);
          streams.updateFirstId(stream);
        } else if (random.below(4) === 0) {
          trimBoth(random, pair);
        }
        if (step % 100 === 0) pair.compare(random);
      }
      pair.compare(random);
      pair.free();
    }
  });

  it('trims whole nodes only if told to be quick', () => {
    const pair = new Pair();
    for (let i = 1; i <= 250; i++) pair.append(Uint32Array.of(0, i, 0, 0), ['f', String(i)]);
    const { trimmer } = pair.streams;
    Object.assign(trimmer, { by: BY_LENGTH, lengthMax: 120, approximate: true, limit: 0 });
    expect(trimmer.trim(pair.stream)).toBe(100);
    Object.assign(trimmer, { lengthMax: 0, limit: 99 });
    expect(trimmer.trim(pair.stream)).toBe(0);
    expect(pair.streams.length(pair.stream)).toBe(150);
    pair.streams.check(pair.entry);
  });

  it('knows how much memory it takes', () => {
    const random = seededRandom('stream bytes');
    const pair = new Pair(makeArena(false));
    const { streams, stream, arena } = pair;
    const { groups } = streams;
    const before = arena.usedBytes - streams.outsideBytes(pair.entry, 0);
    for (let i = 1; i <= 500; i++) {
      pair.append(Uint32Array.of(0, i, 0, 0), ['name', someText(random)]);
      if (i % 100 !== 0) continue;
      const name = Buffer.from(`group${i * i}`);
      const group = groups.create(streams.groupsOf(stream), name, 0, name.length, LOWEST, 0n);
      for (let j = 3; j < name.length; j++) {
        const consumer = groups.createConsumer(group, name, 0, j, 1);
        for (let k = 0; k < 20; k++) groups.deliver(group, consumer, Uint32Array.of(0, j * 20 + k, 0, 0), 1);
      }
      expect(streams.outsideBytes(pair.entry, 0)).toBe(arena.usedBytes - before);
    }
  });

  it('gives a copy everything but the memory', () => {
    const random = seededRandom('stream copy');
    const pair = new Pair();
    const { streams, stream } = pair;
    for (let i = 1; i <= 300; i++) pair.append(Uint32Array.of(0, i, 0, 0), ['name', someText(random)]);
    const { groups } = streams;
    const name = Buffer.from('groupanna');
    const group = groups.create(streams.groupsOf(stream), name, 0, 5, LOWEST, 7n);
    const consumer = groups.createConsumer(group, name, 5, 4, 1234);
    for (let i = 1; i <= 130; i++) groups.deliver(group, consumer, Uint32Array.of(0, i, 0, 0), 99);
    const other = streams.entries.create(name, 0, 5, streams.entries.kind(pair.entry), 0, 2, 0);
    streams.copyValue(pair.entry, other);
    expect(streams.outsideBytes(other, 0)).toBeGreaterThan(5000);
    pair.free = () => {};
    while (!streams.freeSome(pair.entry, 40));
    streams.check(other);
    const copied = groups.find(streams.groupsOf(streams.of(other)), name, 0, 5);
    expect(groups.pendingCount(copied)).toBe(130);
    expect(groups.entriesRead(copied)).toBe(7n);
    expect(groups.consumerCount(copied)).toBe(1);
    expect(streams.length(streams.of(other))).toBe(300);
    while (!streams.freeSome(other, 40));
    pair.arena.verify();
    expect(pair.arena.liveBlocks).toBe(2);
  });
});

function trimBoth(random: Random, pair: Pair): void {
  const { trimmer } = pair.streams;
  Object.assign(trimmer, { approximate: false, limit: 0 });
  if (random.below(2) === 0) {
    Object.assign(trimmer, { by: BY_LENGTH, lengthMax: Math.max(0, pair.rows.length - random.below(60)) });
    const removed = Math.max(0, pair.rows.length - trimmer.lengthMax);
    expect(trimmer.trim(pair.stream)).toBe(removed);
    pair.rows.splice(0, removed);
  } else {
    const bound = pair.rows[random.below(Math.min(60, pair.rows.length + 1))]?.id ?? LOWEST;
    trimmer.idMin.set(bound);
    trimmer.by = BY_ID;
    const kept = pair.rows.filter(({ id }) => compareIds(id, bound) >= 0);
    expect(trimmer.trim(pair.stream)).toBe(pair.rows.length - kept.length);
    pair.rows = kept;
  }
}
