// One database as a snapshot sees it: everything in it is written once, as it is at the beginning of the snapshot.
//
//   hashes   0                                                                      2^32
//            |  w  |  w  |  w  |     |     |  w  |     |     |  w  |     |     |     |       w = written
//                               ^ the walk is here     ^ something changed here   ^ and here
//
// The range of hashes is cut into as many equal parts as make a handful of keys each. A part is written as a whole: when the
// walk comes to it, or before a key in it changes for the first time. So one bit for each part tells whether changes matter
// any more, keys that come later than the snapshot never get into it, and it makes no difference how the table grows and
// splits meanwhile, since it keeps the order of hashes (structs/segments.ts).
import type { Database } from '../keyspace/database.ts';
import type { Guard } from '../keyspace/guard.ts';

const KEYS_A_PART = 8;
const HASH_BITS = 32;
/** Parts that the walk writes at once if none of them is written: some hundred keys. */
const PARTS_AT_ONCE = 16;

export class DatabaseWalk implements Guard {
  readonly db: Database;
  /** Its number at the beginning, and how many keys, and keys with an expiry, it had. */
  readonly index: number;
  readonly keys: number;
  readonly volatileKeys: number;
  /** Whether all is written. */
  isDone = false;
  readonly #write: (walk: DatabaseWalk, first: number, end: number) => void;
  /** A part's number is its hashes shifted by this. */
  readonly #shift: number;
  readonly #parts: number;
  readonly #written: Uint32Array;
  #next = 0;
  #release: (() => void) | null = null;

  /** `write` writes the entries with hashes from `first` on and below `end`. */
  constructor(db: Database, write: (walk: DatabaseWalk, first: number, end: number) => void) {
    this.db = db;
    this.index = db.index;
    this.keys = db.size;
    this.volatileKeys = db.volatileCount;
    this.#write = write;
    const bits = Math.min(Math.max(Math.ceil(Math.log2(db.size / KEYS_A_PART)), 1), HASH_BITS - 1);
    this.#shift = HASH_BITS - bits;
    this.#parts = 2 ** bits;
    this.#written = new Uint32Array(Math.ceil(this.#parts / 32));
    db.guard = this;
  }

  /** Whether the database was emptied, so that nobody but the snapshot needs what was in it. */
  get isInherited(): boolean {
    return this.#release !== null;
  }

  before(hash: number): void {
    const part = hash >>> this.#shift;
    if (!this.#isWritten(part)) this.#writeParts(part, 1);
  }

  inherit(release: () => void): void {
    this.#release = release;
  }

  /** Writes the next few parts; false if that was all. */
  step(): boolean {
    let part = this.#next;
    while (part < this.#parts && this.#isWritten(part)) part++;
    let count = 0;
    while (count < PARTS_AT_ONCE && part + count < this.#parts && !this.#isWritten(part + count)) count++;
    this.#next = part + count;
    if (count > 0) this.#writeParts(part, count);
    if (this.#next < this.#parts) return true;
    this.end();
    return false;
  }

  /** The snapshot has no more interest in the database. */
  end(): void {
    if (this.isDone) return;
    this.isDone = true;
    this.db.guard = null;
    this.#release?.();
  }

  #isWritten(part: number): boolean {
    return ((this.#written[part >>> 5]! >>> (part & 31)) & 1) !== 0;
  }

  #writeParts(first: number, count: number): void {
    for (let part = first; part < first + count; part++) this.#written[part >>> 5]! |= 1 << (part & 31);
    const size = 2 ** this.#shift;
    this.#write(this, first * size, (first + count) * size);
  }
}
