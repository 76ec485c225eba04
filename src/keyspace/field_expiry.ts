// Deletes expired fields of hashes that nobody asks for: walks over the databases' lists of hashes that have fields with an
// expiry (volatile_hashes.ts), and takes a bounded number of fields from each whose time has come. Hashes without such
// fields are not on those lists and cost nothing.
import { TYPE_HASH } from '../structs/entry.ts';
import type { Database } from './database.ts';
import { EVENT_GENERIC, EVENT_HASH, type Keyspace } from './keyspace.ts';
import { STAT_EXPIRED_FIELDS, STAT_EXPIRED_FIELDS_ACTIVE } from './stats.ts';

/** Buckets of a list that are looked at at once. */
const BUCKETS_AT_ONCE = 256;
/** Hashes, and fields of each, that are dealt with between two looks at the clock: well below a millisecond. */
const NAMES_AT_ONCE = 8;
const FIELDS_AT_ONCE = 128;

export class FieldExpiry {
  readonly #keyspace: Keyspace;
  /** The database that the next slice begins with. */
  #next = 0;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Removes all fields that have expired. */
  everything(): void {
    for (let index = 0; index < this.#keyspace.databaseCount; index++) {
      const db = this.#keyspace.db(index);
      for (let found = true; found; ) {
        found = false;
        do if (this.#look(db)) found = true;
        while (!db.volatileHashes.isAtStart);
      }
    }
  }

  /** Works until `endMs` of the monotonic clock at most; true when there is more to do at once. */
  slice(endMs: number): boolean {
    const { clock, databaseCount } = this.#keyspace;
    for (let left = databaseCount; left > 0; left--) {
      const db = this.#keyspace.db(this.#next);
      // A list is walked a bit at a time, but on and on while that finds something.
      while (db.volatileHashes.size > 0 && this.#look(db)) if (clock.monotonicMs() > endMs) return true;
      this.#next = (this.#next + 1) % databaseCount;
    }
    return false;
  }

  /** Goes on through the list of a database; whether there was anything to do. */
  #look(db: Database): boolean {
    const due = db.volatileHashes.due(this.#keyspace.nowMs, BUCKETS_AT_ONCE, NAMES_AT_ONCE);
    for (const name of due) this.#expireFields(db, name);
    return due.length > 0;
  }

  /** Removes some of the expired fields of a hash. */
  #expireFields(db: Database, name: Uint8Array): void {
    const { entries, hash, hashWalk, hashes, nowMs, stats } = this.#keyspace;
    const ref = db.live(name, 0, name.length, hash.hash(name, 0, name.length));
    if (ref === 0 || entries.type(ref) !== TYPE_HASH) {
      db.volatileHashes.settle(name, 0);
      return;
    }
    const { dropListener } = this.#keyspace;
    const dropped: Uint8Array[] | null = dropListener === null ? null : [];
    const removed = hashWalk.removeExpired(ref, nowMs, FIELDS_AT_ONCE, dropped);
    db.volatileHashes.settle(name, hashes.dueMs(ref));
    if (removed === 0) return;
    if (dropped !== null) dropListener!.droppedFields(db, name, dropped);
    stats[STAT_EXPIRED_FIELDS]! += removed;
    stats[STAT_EXPIRED_FIELDS_ACTIVE]! += removed;
    this.#keyspace.event(db, name, 0, name.length, EVENT_HASH, 'hexpired');
    if (hashes.size(ref) > 0) return;
    db.removeEntry(ref);
    this.#keyspace.event(db, name, 0, name.length, EVENT_GENERIC, 'del');
  }
}
