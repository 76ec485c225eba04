// One database as a snapshot sees it: everything in it is written once, as it is at the beginning of the snapshot.
import type { Database } from '../keyspace/database.ts';
import type { Guard } from '../keyspace/guard.ts';
import { HashParts } from './hash_parts.ts';

export class DatabaseWalk extends HashParts implements Guard {
  readonly db: Database;
  /** Its number at the beginning, and how many keys, and keys with an expiry, it had. */
  readonly index: number;
  readonly keys: number;
  readonly volatileKeys: number;
  readonly #write: (walk: DatabaseWalk, first: number, end: number) => void;
  #isOver = false;
  #release: (() => void) | null = null;

  /** `write` writes the entries with hashes from `first` on and below `end`. */
  constructor(db: Database, write: (walk: DatabaseWalk, first: number, end: number) => void) {
    super(db.size);
    this.db = db;
    this.index = db.index;
    this.keys = db.size;
    this.volatileKeys = db.volatileCount;
    this.#write = write;
    db.guard = this;
  }

  /** Whether the database was emptied, so that nobody but the snapshot needs what was in it. */
  get isInherited(): boolean {
    return this.#release !== null;
  }

  inherit(release: () => void): void {
    this.#release = release;
  }

  /** The snapshot has no more interest in the database. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.db.guard = null;
    this.#release?.();
  }

  protected override write(first: number, end: number): void {
    this.#write(this, first, end);
  }
}
