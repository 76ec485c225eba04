// Unions, intersections and differences of sorted sets and sets, whose members all have the score 1.
import type { Ref } from '../arena/arena.ts';
import type { KeyHash } from '../base/keyhash.ts';
import { TYPE_SET } from '../structs/entry.ts';
import type { Sets } from './set.ts';
import { SetCursor } from './set_cursor.ts';
import type { SortedSets } from './zset.ts';
import { ZsetCursor } from './zset_cursor.ts';

export interface Source {
  /** Entry of a sorted set or a set; 0: nothing there. */
  ref: Ref;
  weight: number;
}

export interface Aggregate {
  readonly combine: (a: number, b: number) => number;
  /** Whether scores are looked at; if not, each counts as 1. */
  readonly usesScores: boolean;
}

/** Infinity and -Infinity add up to 0. */
function sum(a: number, b: number): number {
  return orZero(a + b);
}

/** The other score only if it is lower: one that is not a number never is. */
function lower(a: number, b: number): number {
  if (b < a) return b;
  return a;
}

function higher(a: number, b: number): number {
  if (b > a) return b;
  return a;
}

function orZero(score: number): number {
  return Number.isNaN(score) ? 0 : score;
}

export const AGGREGATES: Readonly<Record<'sum' | 'min' | 'max' | 'count', Aggregate>> = {
  sum: { combine: sum, usesScores: true },
  min: { combine: lower, usesScores: true },
  max: { combine: higher, usesScores: true },
  count: { combine: sum, usesScores: false },
};

export class ZsetAlgebra {
  readonly #zsets: SortedSets;
  readonly #sets: Sets;
  readonly #cursor: ZsetCursor;
  readonly #setCursor: SetCursor;
  /** Score of the member that `#has` found. */
  #score = 0;

  constructor(zsets: SortedSets, sets: Sets, hash: KeyHash) {
    this.#zsets = zsets;
    this.#sets = sets;
    this.#cursor = new ZsetCursor(zsets.entries, zsets.table.elements);
    this.#setCursor = new SetCursor(zsets.entries, hash);
  }

  /** Number of members of a source. */
  size({ ref }: Source): number {
    if (ref === 0) return 0;
    return this.#isSet(ref) ? this.#sets.size(ref) : this.#zsets.size(ref);
  }

  /** Makes `into`, an empty sorted set that is no listpack, the union of the sources. */
  unite(sources: readonly Source[], aggregate: Aggregate, into: Ref): void {
    for (const { ref, weight } of sources) {
      this.#each(ref, (bytes, at, length, score) => {
        const weighted = orZero(weight * (aggregate.usesScores ? score : 1));
        this.#zsets.gather(into, bytes, at, length, weighted, aggregate.combine);
        return true;
      });
    }
    this.#zsets.order(into);
  }

  /** Hands `found` the members of the first source that are in all others, with scores, until it answers false. */
  intersect(sources: readonly Source[], aggregate: Aggregate, found: Visit): void {
    const [first, ...others] = sources;
    this.#each(first!.ref, (bytes, at, length, score) => {
      let result = orZero(first!.weight * (aggregate.usesScores ? score : 1));
      for (const { ref, weight } of others) {
        if (!this.#has(ref, bytes, at, length)) return true;
        result = aggregate.combine(result, weight * (aggregate.usesScores ? this.#score : 1));
      }
      return found(bytes, at, length, result);
    });
  }

  /** Puts what the first source has and no other one into `into`, an empty sorted set. */
  subtract(sources: readonly Source[], into: Ref): void {
    const [first, ...others] = sources;
    if (others.some(({ ref }) => ref === first!.ref)) return;
    const lookUps = (this.size(first!) * sources.length) / 2;
    const members = sources.reduce((total, source) => total + this.size(source), 0);
    if (Math.floor(lookUps) > members) {
      this.#copyAndRemove(first!, others, into);
      return;
    }
    const byChance = [...others].sort((a, b) => this.size(b) - this.size(a));
    this.#each(first!.ref, (bytes, at, length, score) => {
      if (!byChance.some(({ ref }) => ref !== 0 && this.#has(ref, bytes, at, length))) {
        this.put(into, bytes, at, length, score);
      }
      return true;
    });
  }

  /** Adds a member that is not there. */
  put(into: Ref, bytes: Uint8Array, at: number, length: number, score: number): void {
    this.#zsets.find(into, bytes, at, length);
    this.#zsets.add(into, bytes, at, length, score);
  }

  #copyAndRemove(first: Source, others: readonly Source[], into: Ref): void {
    this.#each(first.ref, (bytes, at, length, score) => {
      this.put(into, bytes, at, length, score);
      return true;
    });
    for (const { ref } of others) {
      this.#each(ref, (bytes, at, length) => {
        if (this.#zsets.find(into, bytes, at, length)) this.#zsets.removeFound(into);
        return this.#zsets.size(into) > 0;
      });
    }
  }

  #isSet(ref: Ref): boolean {
    return this.#zsets.entries.type(ref) === TYPE_SET;
  }

  #has(ref: Ref, bytes: Uint8Array, at: number, length: number): boolean {
    if (this.#isSet(ref)) {
      this.#score = 1;
      return this.#sets.has(ref, bytes, at, length);
    }
    const found = this.#zsets.find(ref, bytes, at, length);
    this.#score = this.#zsets.score;
    return found;
  }

  /** Visits all members of a set or sorted set until the visitor answers false. */
  #each(ref: Ref, visit: Visit): void {
    if (ref === 0) return;
    if (this.#isSet(ref)) {
      const cursor = this.#setCursor;
      cursor.start(ref);
      while (cursor.next()) if (!visit(cursor.bytes, cursor.at, cursor.length, 1)) return;
      return;
    }
    const cursor = this.#cursor;
    cursor.start(ref, 0);
    do if (!visit(cursor.bytes, cursor.at, cursor.length, cursor.score)) return;
    while (cursor.next());
  }
}

type Visit = (bytes: Uint8Array, at: number, length: number, score: number) => boolean;
