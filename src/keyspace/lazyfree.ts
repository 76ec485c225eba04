// Freeing in slices: databases that were emptied and large values that were dropped wait here and lose a few blocks at a
// time, so that neither FLUSHALL nor DEL stalls the server.
import type { Ref } from '../arena/arena.ts';
import type { Database } from './database.ts';
import type { Keyspace } from './keyspace.ts';

/** What a FLUSHALL SYNC may free at once: well below a millisecond. */
const AT_ONCE_KEYS = 2000;
const BUCKETS_BETWEEN_CLOCK_READS = 64;
/** How many blocks of one value are freed between two looks at the clock. */
const BLOCKS_AT_ONCE = 256;

export class Lazyfree {
  readonly #keyspace: Keyspace;
  readonly #queue: { db: Database; cursor: number }[] = [];
  /** Entries in no table whose values are being freed. */
  readonly #entries: Ref[] = [];
  /** For each of them 1, or 0 if it counts with its database. */
  readonly #counts: number[] = [];
  readonly #dispose: (ref: Ref) => void;
  /** Objects that wait to be freed (INFO lazyfree_pending_objects). */
  pendingObjects = 0;
  /** Objects freed in slices since the last reset (INFO lazyfreed_objects). */
  freedObjects = 0;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.#dispose = (ref) => {
      if (this.#keyspace.isLarge(ref)) this.#push(ref, 0);
      else this.#keyspace.dispose(ref, false);
    };
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

  /** Takes over an entry that stands in no table any more. */
  addEntry(ref: Ref): void {
    this.pendingObjects++;
    this.#push(ref, 1);
  }

  #push(ref: Ref, count: number): void {
    this.#entries.push(ref);
    this.#counts.push(count);
  }

  /** Frees for at most `budgetMs`; true when something is left. */
  slice(budgetMs: number): boolean {
    const clock = this.#keyspace.clock;
    const endMs = clock.monotonicMs() + budgetMs;
    if (this.#freeEntries(endMs)) return true;
    if (this.#queue.length === 0) return false;
    let buckets = 0;
    while (this.#queue.length > 0) {
      const head = this.#queue[0]!;
      const isRid = head.db.volatileHashes.freeSome(BLOCKS_AT_ONCE);
      if (isRid) head.cursor = head.db.walk(head.cursor, this.#dispose);
      if (isRid && head.cursor === 0) {
        this.pendingObjects -= head.db.size;
        this.freedObjects += head.db.size;
        head.db.dispose();
        this.#queue.shift();
      }
      if (++buckets % BUCKETS_BETWEEN_CLOCK_READS === 0 && clock.monotonicMs() > endMs) break;
    }
    return this.#queue.length > 0 || this.#entries.length > 0;
  }

  /** Frees values until `endMs`; true when the time is up. */
  #freeEntries(endMs: number): boolean {
    const { clock, entries, types } = this.#keyspace;
    for (let ref = this.#entries.at(-1); ref !== undefined; ref = this.#entries.at(-1)) {
      if (types[entries.type(ref)]!.freeSome(ref, BLOCKS_AT_ONCE)) {
        this.#entries.pop();
        entries.free(ref);
        const count = this.#counts.pop()!;
        this.pendingObjects -= count;
        this.freedObjects += count;
      }
      if (clock.monotonicMs() > endMs) return this.#entries.length > 0;
    }
    return false;
  }
}
