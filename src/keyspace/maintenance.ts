// Gives memory of sparse tables back: a walk over the segments of a database that lost most of its keys, a few segments
// at a time. A walk that changes something is followed by another one, because merged segments may merge again; one
// that changes nothing is not repeated until the table has grown or a good part of the keys has gone.
import type { Database } from './database.ts';
import type { Keyspace } from './keyspace.ts';

/** A table filled less than this is worth a walk. */
const SPARSE_FILL = 0.3;
/** What must be left of the keys for another walk after one in vain. */
const WALK_AGAIN_SHARE = 0.7;

/** How far the walk of one database is. */
export class ShrinkWalk {
  cursor = 0;
  /** Slots of the table when the walk began. */
  slotsBefore = 0;
  /** After a walk in vain: the slots it found, and how few keys make another one worth while. */
  vainSlots = -1;
  vainKeys = 0;
}

export class Maintenance {
  readonly #keyspace: Keyspace;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Works for at most `budgetMs`; true when there is more to do at once. */
  slice(budgetMs: number): boolean {
    const { clock } = this.#keyspace;
    const endMs = clock.monotonicMs() + budgetMs;
    for (let index = 0; index < this.#keyspace.databaseCount; index++) {
      const db = this.#keyspace.db(index);
      while (isWorthWhile(db)) {
        step(db);
        if (clock.monotonicMs() > endMs) return true;
      }
    }
    return false;
  }
}

function isWorthWhile({ size, capacity, expectedCount, shrinking }: Database): boolean {
  if (shrinking.cursor !== 0) return true;
  if (Math.max(size, expectedCount) >= capacity * SPARSE_FILL) return false;
  return capacity !== shrinking.vainSlots || size < shrinking.vainKeys;
}

/** Shrinks the segment at the cursor if it can. */
function step(db: Database): void {
  const { shrinking } = db;
  if (shrinking.cursor === 0) shrinking.slotsBefore = db.capacity;
  shrinking.cursor = db.shrinkAt(shrinking.cursor);
  if (shrinking.cursor !== 0 || db.capacity < shrinking.slotsBefore) return;
  shrinking.vainSlots = db.capacity;
  shrinking.vainKeys = db.size * WALK_AGAIN_SHARE;
}
