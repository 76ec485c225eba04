// Intersections, unions and differences of sets.
//
// A reply begins with the number of members, which nobody knows before the last one. So a first walk over one set marks the
// members to be returned in a bitmap, and a second walk in the same order writes them: no result is ever built.
import type { Ref } from '../arena/arena.ts';
import type { KeyHash } from '../base/keyhash.ts';
import { ENC_INTSET } from '../structs/entry.ts';
import type { ElementSink } from '../structs/listpack_parts.ts';
import type { Sets } from './set.ts';
import { SetCursor } from './set_cursor.ts';

/** A bitmap up to this size is kept for the next call. */
const MARKS_KEPT_BYTES = 65536;

export class SetAlgebra {
  readonly #sets: Sets;
  readonly #cursor: SetCursor;
  #marks = new Uint8Array(MARKS_KEPT_BYTES);

  constructor(sets: Sets, hash: KeyHash) {
    this.#sets = sets;
    this.#cursor = new SetCursor(sets.entries, hash);
  }

  /** How many members of the first set are in all others (`common`), or in none; at most `limit`. */
  count(sets: readonly Ref[], common: boolean, limit: number): number {
    const cursor = this.#cursor;
    let count = 0;
    cursor.start(sets[0]!);
    while (count < limit && cursor.next()) if (this.#passes(sets, common)) count++;
    return count;
  }

  /** Marks the members of the first set that are in all others (`common`), or in none; answers how many. */
  mark(sets: readonly Ref[], common: boolean): number {
    const bytes = (this.#sets.size(sets[0]!) + 7) >>> 3;
    if (this.#marks.length < bytes) this.#marks = new Uint8Array(bytes);
    else this.#marks.fill(0, 0, bytes);
    const cursor = this.#cursor;
    let count = 0;
    cursor.start(sets[0]!);
    for (let i = 0; cursor.next(); i++) {
      if (!this.#passes(sets, common)) continue;
      this.#marks[i >>> 3]! |= 1 << (i & 7);
      count++;
    }
    return count;
  }

  /** Hands the members of the set that were just marked to `sink`. */
  emitMarked(set: Ref, sink: ElementSink): void {
    const cursor = this.#cursor;
    cursor.start(set);
    for (let i = 0; cursor.next(); i++) {
      if ((this.#marks[i >>> 3]! & (1 << (i & 7))) !== 0) sink.bulk(cursor.bytes, cursor.at, cursor.length);
    }
    if (this.#marks.length > MARKS_KEPT_BYTES) this.#marks = new Uint8Array(MARKS_KEPT_BYTES);
  }

  /** Adds to `into` the members of the first set that are in all others (`common`), or in none. */
  store(sets: readonly Ref[], common: boolean, into: Ref): void {
    const cursor = this.#cursor;
    cursor.start(sets[0]!);
    while (cursor.next()) {
      if (this.#passes(sets, common)) this.#sets.add(into, cursor.bytes, cursor.at, cursor.length);
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

  /** Whether the member at the cursor is in all sets but the first, or in none of them. */
  #passes(sets: readonly Ref[], common: boolean): boolean {
    for (let i = 1; i < sets.length; i++) if (this.#isIn(sets[i]!) !== common) return false;
    return true;
  }

  #isIn(set: Ref): boolean {
    const cursor = this.#cursor;
    const { entries, intsets } = this.#sets;
    if (cursor.isInteger && entries.encoding(set) === ENC_INTSET) {
      return intsets.find(entries.wordLow(set), cursor.low, cursor.high);
    }
    return this.#sets.has(set, cursor.bytes, cursor.at, cursor.length);
  }
}
