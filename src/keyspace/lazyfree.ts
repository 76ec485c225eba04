// Freeing in slices: databases that were emptied wait here and lose a few buckets at a time, so that no FLUSHALL stalls
// the server.
import type { Ref } from '../arena/arena.ts';
import type { Database } from './database.ts';
import type { Keyspace } from './keyspace.ts';

/** What a FLUSHALL SYNC may free at once: well below a millisecond. */
const AT_ONCE_KEYS = 2000;
const BUCKETS_BETWEEN_CLOCK_READS = 64;

export class Lazyfree {
  readonly #keyspace: Keyspace;
  readonly #queue: { db: Database; cursor: number }[] = [];
  readonly #dispose: (ref: Ref) => void;
  /** Objects that wait to be freed (INFO lazyfree_pending_objects). */
  pendingObjects = 0;
  /** Objects freed in slices since the last reset (INFO lazyfreed_objects). */
  freedObjects = 0;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.#dispose = (ref) => this.#keyspace.dispose(ref);
  }

  /** Takes over a database that no client can reach any more. */
  addDatabase(db: Database, inSlices: boolean): void {
    this.pendingObjects += db.size;
    this.#queue.push({ db, cursor: 0 });
    if (!inSlices && db.size <= AT_ONCE_KEYS && this.#queue.length === 1) {
      const freed = this.freedObjects;
      this.slice(Number.POSITIVE_INFINITY);
      this.freedObjects = freed;
    }
  }

  /** Frees for at most `budgetMs`; true when something is left. */
  slice(budgetMs: number): boolean {
    if (this.#queue.length === 0) return false;
    const clock = this.#keyspace.clock;
    const endMs = clock.monotonicMs() + budgetMs;
    let buckets = 0;
    while (this.#queue.length > 0) {
      const head = this.#queue[0]!;
      head.cursor = head.db.walk(head.cursor, this.#dispose);
      if (head.cursor === 0) {
        this.pendingObjects -= head.db.size;
        this.freedObjects += head.db.size;
        head.db.dispose();
        this.#queue.shift();
      }
      if (++buckets % BUCKETS_BETWEEN_CLOCK_READS === 0 && clock.monotonicMs() > endMs) break;
    }
    return this.#queue.length > 0;
  }
}
