// Intersections, unions and differences of sets.
//
// A reply begins with the number of members, which nobody knows before the last one. So a first walk marks the members to be
// returned in a bitmap, and a second walk in the same order writes them: no result is ever built. Only where that would
// mean to look up many members in many sets a temporary set is made (`unite`, `subtract`).
import type { Ref } from '../arena/arena.ts';
import type { KeyHash } from '../base/keyhash.ts';
import { WideInt } from '../base/wide_int.ts';
import { ENC_INTSET, ENC_LISTPACK } from '../structs/entry.ts';
import { Listpacks } from '../structs/listpack.ts';
import type { ElementSink } from '../structs/listpack_parts.ts';
import { ListpackIndex } from './listpack_index.ts';
import type { Sets } from './set.ts';
import { SetCursor } from './set_cursor.ts';

/** A bitmap up to this size is kept for the next call. */
const MARKS_KEPT_BYTES = 65536;
/** A listpack is indexed when so many texts or more are looked for, and it has so many elements or more. */
const INDEXED_LOOKUPS_MIN = 24;
const INDEXED_MEMBERS_MIN = 12;
/** In the place of an encoding: a listpack with an index. */
const INDEXED = -1;

export class SetAlgebra {
  readonly #sets: Sets;
  readonly #hash: KeyHash;
  readonly #cursor: SetCursor;
  readonly #listpacks: Listpacks;
  #marks = new Uint8Array(MARKS_KEPT_BYTES);
  readonly #wide = new WideInt();
  /** The sets of a call: encoding (or INDEXED), structure, index of the listpack. */
  readonly #encodings: number[] = [];
  readonly #structures: Ref[] = [];
  readonly #indexes: ListpackIndex[] = [];
  /** Hash of the member at the cursor, once somebody needed it. */
  #memberHash = 0;
  #isHashed = false;

  constructor(sets: Sets, hash: KeyHash) {
    this.#sets = sets;
    this.#hash = hash;
    this.#cursor = new SetCursor(sets.entries, hash);
    this.#listpacks = new Listpacks(sets.entries.arena);
  }

  /** How many members of the first set are in all others (`common`), or in none; at most `limit`. */
  count(sets: readonly Ref[], common: boolean, limit: number): number {
    const cursor = this.#cursor;
    let count = 0;
    this.#prepare(sets, 1, this.#sets.size(sets[0]!));
    cursor.start(sets[0]!);
    while (count < limit && cursor.next()) if (this.#passes(sets.length, common)) count++;
    return count;
  }

  /** Marks the members of the first set that are in all others (`common`), or in none; answers how many. */
  mark(sets: readonly Ref[], common: boolean): number {
    const cursor = this.#cursor;
    const size = this.#sets.size(sets[0]!);
    let count = 0;
    this.#clearMarks(size);
    this.#prepare(sets, 1, size);
    cursor.start(sets[0]!);
    for (let i = 0; cursor.next(); i++) {
      if (!this.#passes(sets.length, common)) continue;
      this.#marks[i >>> 3]! |= 1 << (i & 7);
      count++;
    }
    return count;
  }

  /** Marks the members of each set that are in none before it; answers how many. */
  markUnion(sets: readonly Ref[]): number {
    const cursor = this.#cursor;
    let size = 0;
    for (const set of sets) size += this.#sets.size(set);
    this.#clearMarks(size);
    this.#prepare(sets, 0, size - this.#sets.size(sets[0]!));
    let count = 0;
    let i = 0;
    for (let k = 0; k < sets.length; k++) {
      cursor.start(sets[k]!);
      for (; cursor.next(); i++) {
        if (this.#isInAny(k)) continue;
        this.#marks[i >>> 3]! |= 1 << (i & 7);
        count++;
      }
    }
    return count;
  }

  /** Hands the members of the sets that were just marked to `sink`; after `mark`, those of the first set. */
  emitMarked(sets: readonly Ref[], sink: ElementSink): void {
    const cursor = this.#cursor;
    let i = 0;
    for (const set of sets) {
      cursor.start(set);
      for (; cursor.next(); i++) {
        if ((this.#marks[i >>> 3]! & (1 << (i & 7))) !== 0) sink.bulk(cursor.bytes, cursor.at, cursor.length);
      }
    }
    if (this.#marks.length > MARKS_KEPT_BYTES) this.#marks = new Uint8Array(MARKS_KEPT_BYTES);
  }

  /** Adds to `into` the members of the first set that are in all others (`common`), or in none. */
  store(sets: readonly Ref[], common: boolean, into: Ref): void {
    const cursor = this.#cursor;
    this.#prepare(sets, 1, this.#sets.size(sets[0]!));
    cursor.start(sets[0]!);
    while (cursor.next()) {
      if (this.#passes(sets.length, common)) this.#sets.add(into, cursor.bytes, cursor.at, cursor.length);
    }
  }

  /** Adds the members of all sets to `into`, until it has `limit`; answers how many it has. */
  unite(sets: readonly Ref[], into: Ref, limit: number): number {
    const cursor = this.#cursor;
    let count = 0;
    for (let i = 0; i < sets.length && count < limit; i++) {
      cursor.start(sets[i]!);
      while (count < limit && cursor.next()) {
        if (this.#sets.add(into, cursor.bytes, cursor.at, cursor.length)) count++;
      }
    }
    return count;
  }

  /** Adds the members of the first set to `into` and removes those of all others; answers how many are left. */
  subtract(sets: readonly Ref[], into: Ref): number {
    const cursor = this.#cursor;
    let count = this.unite([sets[0]!], into, Number.POSITIVE_INFINITY);
    for (let i = 1; i < sets.length && count > 0; i++) {
      cursor.start(sets[i]!);
      while (count > 0 && cursor.next()) {
        if (this.#sets.remove(into, cursor.bytes, cursor.at, cursor.length)) count--;
      }
    }
    return count;
  }

  /** Notes where the members of the sets are; indexes the listpacks from `first` on if many texts are to be looked for. */
  #prepare(sets: readonly Ref[], first: number, lookups: number): void {
    const { entries } = this.#sets;
    for (let i = 0; i < sets.length; i++) {
      const structure = entries.wordLow(sets[i]!);
      this.#encodings[i] = entries.encoding(sets[i]!);
      this.#structures[i] = structure;
      if (this.#encodings[i] !== ENC_LISTPACK || i < first || lookups < INDEXED_LOOKUPS_MIN) continue;
      if (this.#listpacks.count(structure) < INDEXED_MEMBERS_MIN) continue;
      this.#indexes[i] ??= new ListpackIndex(this.#listpacks);
      this.#indexes[i].build(structure, this.#hash);
      this.#encodings[i] = INDEXED;
    }
  }

  #clearMarks(count: number): void {
    const bytes = (count + 7) >>> 3;
    if (this.#marks.length < bytes) this.#marks = new Uint8Array(bytes);
    else this.#marks.fill(0, 0, bytes);
  }

  /** Whether the member at the cursor is in all of the `count` sets but the first, or in none of those. */
  #passes(count: number, common: boolean): boolean {
    this.#isHashed = false;
    for (let i = 1; i < count; i++) if (this.#isIn(i) !== common) return false;
    return true;
  }

  /** Whether the member at the cursor is in one of the first `count` sets. */
  #isInAny(count: number): boolean {
    this.#isHashed = false;
    for (let i = 0; i < count; i++) if (this.#isIn(i)) return true;
    return false;
  }

  /** Whether the member at the cursor is in a set of those prepared. Its hash is computed once for all. */
  #isIn(i: number): boolean {
    const cursor = this.#cursor;
    const structure = this.#structures[i]!;
    const encoding = this.#encodings[i]!;
    const { bytes, at, length } = cursor;
    if (encoding === ENC_INTSET) return this.#isInIntset(structure);
    if (encoding === ENC_LISTPACK) {
      const listpacks = this.#listpacks;
      return listpacks.find(structure, listpacks.first(structure), bytes, at, length, 0) !== 0;
    }
    if (!this.#isHashed) {
      this.#memberHash = this.#hash.hash(bytes, at, length);
      this.#isHashed = true;
    }
    if (encoding === INDEXED) return this.#indexes[i]!.has(bytes, at, length, this.#memberHash);
    const { table } = this.#sets;
    if (table.header !== structure) table.open(structure);
    return table.find(bytes, at, length, this.#memberHash) !== 0;
  }

  #isInIntset(structure: Ref): boolean {
    const cursor = this.#cursor;
    const { intsets } = this.#sets;
    if (cursor.isInteger) return intsets.find(structure, cursor.low, cursor.high);
    const wide = this.#wide;
    return wide.parse(cursor.bytes, cursor.at, cursor.length) && intsets.find(structure, wide.low, wide.high);
  }
}
