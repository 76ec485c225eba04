// Deletes expired keys that nobody asks for.
//
// As in Redis, effort follows need: in each database a pass looks at a batch of keys with an expiry, and goes on with
// the next batch for as long as the share of expired ones among them is above what is acceptable, or its time is up.
// `active-expire-effort` makes the batches larger and the acceptable share smaller. What differs: the table marks
// entries with an expiry, so a pass walks on through the buckets, touches nothing but marked entries, and comes round
// to every key; no sampling, and no second table that lists the keys with an expiry.
//
// Who calls `slice` divides the time: a slice per turn while the answer is true is Redis's slow cycle cut small.
import type { Ref } from '../arena/arena.ts';
import type { Database } from './database.ts';
import { FieldExpiry } from './field_expiry.ts';
import type { Keyspace } from './keyspace.ts';
import { STAT_EXPIRED_ACTIVE } from './stats.ts';

const EFFORT_MAX = 10;
const BATCH_KEYS = 20;
const BUCKETS_A_KEY = 20;
/** Share of the old estimate in the new one. */
const STALE_INERTIA = 0.95;
const TTL_INERTIA = 0.98;
const BATCHES_BETWEEN_CLOCK_READS = 16;

export class ActiveExpiry {
  /** Estimated share of keys that are expired but still there, in percent (INFO expired_stale_perc). */
  stalePercent = 0;
  /** How often a slice ended because its time was up (INFO expired_time_cap_reached_count). */
  timeCapReached = 0;
  /** Time spent, in ms (INFO expire_cycle_cpu_milliseconds). */
  spentMs = 0;
  /** False after DEBUG SET-ACTIVE-EXPIRE 0. */
  enabled = true;
  readonly #keyspace: Keyspace;
  #effort = 1;
  /** The database that the next slice begins with. */
  #next = 0;
  /** Keys looked at and found expired, in the slice and in the batch in progress. */
  #sampledInSlice = 0;
  #expiredInSlice = 0;
  #sampled = 0;
  #expired = 0;
  #ttlSumMs = 0;
  #ttlCount = 0;
  readonly #fields: FieldExpiry;
  readonly #bucket: Ref[] = [];
  readonly #collect: (ref: Ref) => void;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.#fields = new FieldExpiry(keyspace);
    this.#collect = (ref) => this.#bucket.push(ref);
  }

  /** `active-expire-effort`: 1 … 10. */
  set effort(effort: number) {
    this.#effort = Math.min(Math.max(effort, 1), EFFORT_MAX);
  }

  /** Works for at most `budgetMs`; true when there is more to do at once. With an infinite budget no expired key stays. */
  slice(budgetMs: number): boolean {
    const { clock } = this.#keyspace;
    if (!this.enabled || this.#keyspace.keepExpired || this.#keyspace.expiresNothing) return false;
    this.#keyspace.tick();
    const startMs = clock.monotonicMs();
    const more = budgetMs === Number.POSITIVE_INFINITY ? this.#everything() : this.#some(startMs + budgetMs);
    const moreFields = this.#fields.slice(startMs + budgetMs);
    this.spentMs += clock.monotonicMs() - startMs;
    return more || moreFields;
  }

  #everything(): boolean {
    for (let index = 0; index < this.#keyspace.databaseCount; index++) {
      const db = this.#keyspace.db(index);
      if (db.volatileCount === 0) continue;
      db.expiryCursor = 0;
      do this.#visitBucket(db);
      while (db.expiryCursor !== 0);
    }
    this.#fields.everything();
    this.stalePercent = 0;
    this.#clearCounts();
    return false;
  }

  #some(endMs: number): boolean {
    this.#sampledInSlice = 0;
    this.#expiredInSlice = 0;
    let timeIsUp = false;
    for (let left = this.#keyspace.databaseCount; left > 0 && !timeIsUp; left--) {
      timeIsUp = !this.#drain(this.#keyspace.db(this.#next), endMs);
      // A database that was cut short comes first the next time.
      if (!timeIsUp) this.#next = (this.#next + 1) % this.#keyspace.databaseCount;
    }
    const sampled = this.#sampledInSlice;
    const percent = sampled === 0 ? 0 : (this.#expiredInSlice * 100) / sampled;
    this.stalePercent = this.stalePercent * STALE_INERTIA + percent * (1 - STALE_INERTIA);
    if (timeIsUp) this.timeCapReached++;
    // Time that went by in search of the few keys that have an expiry is no reason to search on at once.
    return timeIsUp && percent > this.#acceptablePercent;
  }

  /** Batch after batch while none or many expired keys are found; false when the time was up before that. */
  #drain(db: Database, endMs: number): boolean {
    const { clock } = this.#keyspace;
    for (let batch = 1; db.volatileCount > 0; batch++) {
      this.#clearCounts();
      this.#batch(db);
      this.#sampledInSlice += this.#sampled;
      this.#expiredInSlice += this.#expired;
      this.#estimateTtl(db);
      if (this.#sampled > 0 && this.#expired * 100 <= this.#acceptablePercent * this.#sampled) return true;
      if (batch % BATCHES_BETWEEN_CLOCK_READS === 0 && clock.monotonicMs() > endMs) return false;
    }
    db.averageTtlMs = 0;
    return true;
  }

  get #acceptablePercent(): number {
    return EFFORT_MAX + 1 - this.#effort;
  }

  /** Looks at some keys with an expiry from the cursor on, or at many buckets that have none. */
  #batch(db: Database): void {
    const batchKeys = BATCH_KEYS + (BATCH_KEYS / 4) * (this.#effort - 1);
    const keys = Math.min(batchKeys, db.volatileCount);
    for (let buckets = keys * BUCKETS_A_KEY; buckets > 0 && this.#sampled < keys; buckets--) {
      this.#visitBucket(db);
      if (db.volatileCount === 0) return;
    }
  }

  /** Visits the bucket at the cursor and moves the cursor on. */
  #visitBucket(db: Database): void {
    const { nowMs, entries } = this.#keyspace;
    const bucket = this.#bucket;
    bucket.length = 0;
    db.expiryCursor = db.scanMarked(db.expiryCursor, this.#collect);
    for (let i = 0; i < bucket.length; i++) {
      const ref = bucket[i]!;
      const leftMs = entries.expiry(ref) - nowMs;
      this.#sampled++;
      if (leftMs < 0) {
        db.hitRef(ref, db.hashOf(ref));
        this.#keyspace.expire(db, ref);
        this.#keyspace.stats[STAT_EXPIRED_ACTIVE]!++;
        this.#expired++;
      } else if (leftMs > 0) {
        this.#ttlSumMs += leftMs;
        this.#ttlCount++;
      }
    }
  }

  #estimateTtl(db: Database): void {
    if (this.#ttlCount === 0) return;
    const meanMs = this.#ttlSumMs / this.#ttlCount;
    db.averageTtlMs =
      db.averageTtlMs === 0 ? meanMs : db.averageTtlMs * TTL_INERTIA + meanMs * (1 - TTL_INERTIA);
  }

  #clearCounts(): void {
    this.#sampled = 0;
    this.#expired = 0;
    this.#ttlSumMs = 0;
    this.#ttlCount = 0;
  }
}
