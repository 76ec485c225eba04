// What the keyspace asks of every type, whatever its values look like.
import type { Ref } from '../arena/arena.ts';

export interface ValueType {
  /** About how many blocks the value holds outside its entry; 0 when there is nothing to free there. */
  effort(ref: Ref): number;
  /**
   * Frees about `blocks` of the blocks outside the entry (Infinity: all); true when none is left. The entry stands in no
   * table any more; after false its words still lead to the rest.
   */
  freeSome(ref: Ref, blocks: number): boolean;
  /**
   * Moves blocks outside the entry that stand in sparse spans of the arena; the entry's words follow. With a cursor (0 at
   * first) it does one part of the value; returns the next cursor, 0 when all was looked at.
   */
  moveBlocks(ref: Ref, cursor: number): number;
  /** Gives `to`, an entry of the same shape whose words still are those of `from`, a value of its own. */
  copyValue(from: Ref, to: Ref): void;
  /** Bytes of the blocks outside the entry; elements are estimated from the first `samples` (0: all are looked at). */
  outsideBytes(ref: Ref, samples: number): number;
}
