// Which key has to go when memory is short (`maxmemory-policy`).
//
// Keeping all keys in the order of their use would cost memory and time in every access. So, as Redis documents it, a few
// keys are looked at and the best of them go into a small pool; the best of the pool is evicted, and the rest stay there
// to be compared with those looked at the next time. The longer this goes on, the nearer the pool comes to the
// keys that exact bookkeeping would have chosen. What differs: a key used since it came into the pool is passed over.
//
//   sample ── rank ──▶ pool, 16 places:  | rank, entry, hash, database | … sorted, the first to go last |
//
// The rank says when a key would have to go: a smaller one goes first.
//
//   lru   second of its last use        lfu   frequency now, then minutes since it was last used        ttl   its expiry
//
// An entry may have gone, and its block may be another's by now, before its turn comes. It counts only if it stands in the
// table under its hash still.
//
// Under a volatile policy the marks in the buckets tell which entries have an expiry. Where these are rare, looking for
// them goes on where it ended, so that a round through the table finds them all.
import type { Ref } from '../arena/arena.ts';
import { BUCKET_SLOTS } from '../structs/bucket.ts';
import { decayedFrequency, idleMinutes, idleSeconds } from './access_clock.ts';
import type { Database } from './database.ts';
import type { Keyspace } from './keyspace.ts';

const POOL_SIZE = 16;
/** How many buckets are looked at for one sample before the caller looks at the clock. */
const BUCKETS_A_SAMPLE = 256;
/** Marked entries that are rarer than one in so many are looked for in order. */
const RARE = 64;
const MINUTES = 65536;

/** `maxmemory-policy`, after `allkeys-` or `volatile-`. */
export type EvictionOrder = 'none' | 'random' | 'lru' | 'lfu' | 'ttl';

/** What `evictOne` may answer: a key was evicted; none was found yet; there is none. */
export const EVICTED = 0;
export const SEARCHING = 1;
export const NOTHING_LEFT = 2;

export class Eviction {
  /** How many keys of each database are looked at for one eviction (`maxmemory-samples`). */
  samples = 5;
  /** Whether small values are left to lazy freeing, too (`lazyfree-lazy-eviction`). */
  lazily = false;
  readonly #keyspace: Keyspace;
  #order: EvictionOrder = 'none';
  #onlyVolatile = false;
  /** The next database to lose a key under a random policy. */
  #next = 0;
  readonly #sample: Ref[] = [];
  #size = 0;
  readonly #ranks = new Float64Array(POOL_SIZE);
  readonly #refs = new Uint32Array(POOL_SIZE);
  readonly #hashes = new Int32Array(POOL_SIZE);
  readonly #databases: Database[] = [];

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Takes a `maxmemory-policy`. */
  set policy(policy: string) {
    const [scope, order] = policy.split('-');
    this.#order = order === undefined ? 'none' : (order as EvictionOrder);
    this.#onlyVolatile = scope === 'volatile';
    this.#clear();
  }

  /** False under `noeviction`. */
  get enabled(): boolean {
    return this.#order !== 'none';
  }

  /** Whether there may be a key that the policy lets go. */
  get hasCandidates(): boolean {
    if (this.#order === 'none') return false;
    for (let i = 0; i < this.#keyspace.databaseCount; i++)
      if (this.#candidatesIn(this.#keyspace.db(i)) > 0) return true;
    return false;
  }

  /** Evicts the key that the policy says, or goes on looking for one. */
  evictOne(): number {
    if (!this.hasCandidates) {
      this.#clear();
      return NOTHING_LEFT;
    }
    return this.#order === 'random' ? this.#evictRandom() : this.#evictBest();
  }

  #candidatesIn(db: Database): number {
    return this.#onlyVolatile ? db.volatileCount : db.size;
  }

  #evictRandom(): number {
    const { databaseCount } = this.#keyspace;
    for (let left = databaseCount; left > 0; left--) {
      const db = this.#keyspace.db(this.#next);
      this.#next = (this.#next + 1) % databaseCount;
      if (this.#candidatesIn(db) === 0) continue;
      this.#collect(db, 1);
      const ref = this.#sample[0];
      if (ref === undefined) return SEARCHING;
      this.#evict(db, ref, db.hashOf(ref));
      return EVICTED;
    }
    return NOTHING_LEFT;
  }

  #evictBest(): number {
    for (let i = 0; i < this.#keyspace.databaseCount; i++) {
      const db = this.#keyspace.db(i);
      if (this.#candidatesIn(db) > 0) this.#fillFrom(db);
    }
    while (this.#size > 0) {
      const place = --this.#size;
      const db = this.#databases[place]!;
      const ref = this.#refs[place]!;
      const hash = this.#hashes[place]!;
      if (this.#isStillDue(db, ref, hash, this.#ranks[place]!)) {
        this.#evict(db, ref, hash);
        return EVICTED;
      }
    }
    return SEARCHING;
  }

  /** Looks at some keys of a database, and keeps the best in the pool. */
  #fillFrom(db: Database): void {
    this.#collect(db, this.samples);
    const sample = this.#sample;
    for (let i = 0; i < sample.length; i++) {
      const ref = sample[i]!;
      const rank = this.#rankOf(ref);
      if (this.#size < POOL_SIZE || rank < this.#ranks[0]!) this.#keep(db, ref, rank);
    }
  }

  /** Puts entries of a database into the sample: about `count` of them, or none if it is hard to find any. */
  #collect(db: Database, count: number): void {
    const { random } = this.#keyspace;
    const sample = this.#sample;
    sample.length = 0;
    const goesOn = this.#onlyVolatile && db.volatileCount * RARE < db.size;
    let cursor = goesOn ? db.evictionCursor : random.u32();
    for (let left = BUCKETS_A_SAMPLE; left > 0 && sample.length < count; left--) {
      cursor = db.sampleBucket(cursor, random.below(BUCKET_SLOTS), count, this.#onlyVolatile, sample);
    }
    if (goesOn) db.evictionCursor = cursor;
  }

  #rankOf(ref: Ref): number {
    const keyspace = this.#keyspace;
    const { entries } = keyspace;
    if (this.#order === 'ttl') return entries.expiry(ref);
    const clock = entries.clock(ref);
    if (this.#order === 'lru') return Math.floor(keyspace.nowMs / 1000) - idleSeconds(keyspace, clock);
    return decayedFrequency(keyspace, clock) * MINUTES + (MINUTES - 1 - idleMinutes(keyspace, clock));
  }

  /** Puts an entry into the pool, which has room or a worse one at its front. */
  #keep(db: Database, ref: Ref, rank: number): void {
    for (let i = 0; i < this.#size; i++) if (this.#refs[i] === ref && this.#databases[i] === db) return;
    const isFull = this.#size === POOL_SIZE;
    let place = isFull ? 0 : this.#size++;
    // A full pool loses the entry at its front: what is worse than the new one moves there. Else what is better moves back.
    if (isFull) {
      for (; place + 1 < POOL_SIZE && this.#ranks[place + 1]! > rank; place++) this.#move(place + 1, place);
    } else {
      for (; place > 0 && this.#ranks[place - 1]! < rank; place--) this.#move(place - 1, place);
    }
    this.#ranks[place] = rank;
    this.#refs[place] = ref;
    this.#hashes[place] = db.hashOf(ref);
    this.#databases[place] = db;
  }

  #move(from: number, to: number): void {
    this.#ranks[to] = this.#ranks[from]!;
    this.#refs[to] = this.#refs[from]!;
    this.#hashes[to] = this.#hashes[from]!;
    this.#databases[to] = this.#databases[from]!;
  }

  /** Whether an entry of the pool is there still, may go still, and was not used since. Leaves the hit on it. */
  #isStillDue(db: Database, ref: Ref, hash: number, rank: number): boolean {
    if (db.index < 0 || !db.hitRef(ref, hash)) return false;
    if (this.#onlyVolatile && !this.#keyspace.entries.hasExpiry(ref)) return false;
    return this.#rankOf(ref) <= rank && db.hashOf(ref) === hash;
  }

  #evict(db: Database, ref: Ref, hash: number): void {
    db.hitRef(ref, hash);
    this.#keyspace.evict(db, ref, this.lazily);
  }

  #clear(): void {
    this.#size = 0;
    this.#databases.length = 0;
  }
}
