// Random subsets of sets. Where a good part of a set is wanted, one walk decides at each member, so that all subsets of that
// size have the same chance: selection sampling (Knuth, The Art of Computer Programming 3.4.2, algorithm S). Where few of many
// are wanted, members are drawn until enough different ones have come.
import type { Ref } from '../arena/arena.ts';
import type { KeyHash } from '../base/keyhash.ts';
import type { Random } from '../base/random.ts';
import { ENC_HASHTABLE } from '../structs/entry.ts';
import type { ElementSink } from '../structs/listpack_parts.ts';
import type { Sets } from './set.ts';
import { SetCursor } from './set_cursor.ts';

/** Drawing is for subsets at least this much smaller than the set: members that come twice are rare then. */
const DRAW_RATIO = 3;

export class SetSampler {
  readonly #sets: Sets;
  readonly #cursor: SetCursor;
  readonly #random: Random;

  constructor(sets: Sets, hash: KeyHash, random: Random) {
    this.#sets = sets;
    this.#cursor = new SetCursor(sets.entries, hash);
    this.#random = random;
  }

  /** Hands `count` different members to `sink`; the set has more. */
  emitSome(set: Ref, count: number, sink: ElementSink): void {
    const sets = this.#sets;
    const size = sets.size(set);
    if (sets.entries.encoding(set) === ENC_HASHTABLE && count * DRAW_RATIO <= size) {
      this.#draw(set, count, sink);
      return;
    }
    const cursor = this.#cursor;
    let wanted = count;
    cursor.start(set);
    for (let left = size; wanted > 0 && cursor.next(); left--) {
      if (this.#random.below(left) >= wanted) continue;
      sink.bulk(cursor.bytes, cursor.at, cursor.length);
      wanted--;
    }
  }

  /** Hands `count` different members to `sink` and adds the others to `others`. */
  split(set: Ref, count: number, sink: ElementSink, others: Ref): void {
    const sets = this.#sets;
    const cursor = this.#cursor;
    let wanted = count;
    let left = sets.size(set);
    cursor.start(set);
    while (cursor.next()) {
      if (this.#random.below(left--) < wanted) {
        sink.bulk(cursor.bytes, cursor.at, cursor.length);
        wanted--;
      } else {
        sets.add(others, cursor.bytes, cursor.at, cursor.length);
      }
    }
  }

  #draw(set: Ref, count: number, sink: ElementSink): void {
    const sets = this.#sets;
    const drawn = new Set<number>();
    while (drawn.size < count) {
      sets.pick(set, this.#random);
      if (drawn.has(sets.picked)) continue;
      drawn.add(sets.picked);
      sink.bulk(sets.bytes, sets.at, sets.length);
    }
  }
}
