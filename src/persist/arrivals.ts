// Entries on their way from a file into their database. They come in the order of the file, and go all over the table, so each
// would wait for its bucket: some are gathered, then all their buckets are fetched at once.
import type { Ref } from '../arena/arena.ts';
import type { Database } from '../keyspace/database.ts';

export const ARRIVALS_MAX = 64;

export class Arrivals {
  readonly #hashes = new Int32Array(ARRIVALS_MAX);
  readonly #refs = new Uint32Array(ARRIVALS_MAX);
  /** Where in the file the entries end. */
  readonly #offsets = new Float64Array(ARRIVALS_MAX);
  #count = 0;

  /** Takes a complete entry; there is room. */
  take(hash: number, ref: Ref, offset: number): void {
    const at = this.#count++;
    this.#hashes[at] = hash;
    this.#refs[at] = ref;
    this.#offsets[at] = offset;
  }

  /**
   * Adds them all. One whose key is there already takes its place if `merges`; else it is dropped, and the offset of the first
   * such one is the answer, otherwise -1.
   */
  settle(db: Database, merges: boolean): number {
    const { entries, keyspace } = db;
    const count = this.#count;
    let twice = -1;
    let i = 0;
    db.warmBuckets(this.#hashes, count);
    try {
      for (; i < count; i++) {
        const hash = this.#hashes[i]!;
        const ref = this.#refs[i]!;
        const old = db.find(entries.view(ref), entries.keyAt(ref), entries.keyBytes(ref), hash);
        if (old === 0) {
          db.add(hash, ref);
        } else if (merges) {
          db.replace(old, ref);
        } else {
          keyspace.dispose(ref);
          if (twice < 0) twice = this.#offsets[i]!;
        }
      }
    } finally {
      // Memory may have run out.
      for (; i < count; i++) keyspace.dispose(this.#refs[i]!);
      this.#count = 0;
    }
    return twice;
  }
}
