// One database: the table from keys to entries, and the only code that adds, moves and drops entries.
//
// Functions that find an entry leave the table's hit on it; those that change "the hit" act there. An entry may move when
// it changes shape: whoever changes it puts the new reference back with `moved`.
//
// A snapshot in progress has to see keys before they change for the first time (guard.ts). Looking a key up for writing counts
// as changing it; so does looking it up in a command that writes, and everything here that adds, replaces or drops an entry.
import type { Ref } from '../arena/arena.ts';
import { homeOf, MARKS, REFS } from '../structs/bucket.ts';
import { type Entries, HAS_EXPIRY, LONG_KEY, TYPE_HASH } from '../structs/entry.ts';
import { SegmentTable } from '../structs/segment_table.ts';
import type { Guard } from './guard.ts';
import type { Keyspace } from './keyspace.ts';
import { ShrinkWalk } from './maintenance.ts';
import { STAT_HITS, STAT_MISSES } from './stats.ts';
import { VolatileHashes } from './volatile_hashes.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
/** Of so many names of hashes with volatile fields at most, each is looked at to count them. */
const EXACT_COUNT_MAX = 1000;
const KEY_AT = new Int32Array([8, 16, 16, 24, 16, 24, 24, 32]);

export class Database extends SegmentTable {
  readonly keyspace: Keyspace;
  readonly entries: Entries;
  /** Its number, which SWAPDB changes. */
  index: number;
  /** Entries with an expiry. */
  volatileCount = 0;
  /** Mean of remaining TTLs in ms as the active expiry last estimated it. */
  averageTtlMs = 0;
  /** Where the active expiry goes on. */
  expiryCursor = 0;
  /** Where the search for rare keys with an expiry goes on when one must be evicted. */
  evictionCursor = 0;
  readonly shrinking = new ShrinkWalk();
  /** How many entries it is to have soon: room for them is no waste. */
  expectedCount = 0;
  /** Who has to see keys before they change; null while nobody has. */
  guard: Guard | null = null;
  /** Its hashes that have fields with an expiry. */
  readonly volatileHashes: VolatileHashes;

  constructor(keyspace: Keyspace, index: number) {
    super(keyspace.entries.arena);
    this.keyspace = keyspace;
    this.entries = keyspace.entries;
    this.index = index;
    this.volatileHashes = new VolatileHashes(keyspace.volatileNames);
  }

  /**
   * The entry of a key, or 0; expired ones are found too. Leaves the hit on it. `hash` is the key's hash.
   */
  find(key: Uint8Array, at: number, bytes: number, hash: number): Ref {
    if (this.directoryRef === 0) return 0;
    const depth = this.depth;
    const row = this.directoryAt + (depth === 0 ? 0 : (hash >>> (32 - depth)) << 1);
    const segment = this.directory[row]!;
    const meta = this.directory[row + 1]!;
    const count = meta & 0xffff;
    const home = homeOf(hash, meta >>> 16, count);
    const words = this.u32[segment >>> CHUNK_SHIFT]!;
    const base = (segment & UNIT_MASK) << 1;
    const homeAt = base + (home << 4);
    const tag = hash & 0xff;
    const pattern = Math.imul(tag === 0 ? 1 : tag, 0x01010101);
    let bucketAt = homeAt;
    for (;;) {
      for (let group = 0; group < 3; group++) {
        const differs = words[bucketAt + group]! ^ pattern;
        let equal = (differs - 0x01010101) & ~differs & 0x80808080;
        while (equal !== 0) {
          const slotAt = bucketAt + REFS + (group << 2) + ((31 - Math.clz32(equal & -equal)) >> 3);
          equal &= equal - 1;
          const ref = words[slotAt]!;
          if (ref !== 0 && this.#isKey(ref, key, at, bytes)) {
            this.hitChunk = segment >>> CHUNK_SHIFT;
            this.hitWord = slotAt;
            this.hitHome = homeAt;
            return ref;
          }
        }
      }
      // The second bucket matters only if something that belongs here stands there.
      if (bucketAt !== homeAt || words[homeAt + MARKS]! >>> 16 === 0) return 0;
      bucketAt = home + 1 === count ? base : homeAt + 16;
    }
  }

  /** The live entry of a key for reading, or 0: an expired one is dropped. Counts a hit or miss, touches the clock. */
  lookup(key: Uint8Array, at: number, bytes: number, hash: number): Ref {
    const ref = this.peek(key, at, bytes, hash);
    if (ref !== 0) this.keyspace.touch(ref);
    return ref;
  }

  /** Like `lookup`, but leaves the clock alone (EXISTS, TYPE, TTL, OBJECT). */
  peek(key: Uint8Array, at: number, bytes: number, hash: number): Ref {
    const ref = this.find(key, at, bytes, hash);
    if (ref === 0 || (this.entries.hasExpiry(ref) && this.dropExpired(ref))) {
      this.keyspace.stats[STAT_MISSES]!++;
      if (this.keyspace.missListener !== null) this.keyspace.missListener.missed(this, key, at, bytes);
      return 0;
    }
    this.keyspace.stats[STAT_HITS]!++;
    return ref;
  }

  /** Like `peek`, but nobody is told if the key is not there (OBJECT). */
  glance(key: Uint8Array, at: number, bytes: number, hash: number): Ref {
    const { keyspace } = this;
    const { missListener } = keyspace;
    keyspace.missListener = null;
    const ref = this.peek(key, at, bytes, hash);
    keyspace.missListener = missListener;
    return ref;
  }

  /** Whether the hit's entry is past its expiry, for readers: it is dropped then, unless the keyspace keeps it. */
  dropExpired(ref: Ref): boolean {
    if (!this.isGone(ref)) return false;
    if (!this.keyspace.keepExpired) this.keyspace.expire(this, ref);
    return true;
  }

  /** The live entry of a key for writing, or 0: an expired one is dropped. Touches the clock, counts nothing. */
  lookupWrite(key: Uint8Array, at: number, bytes: number, hash: number): Ref {
    const ref = this.live(key, at, bytes, hash);
    if (ref !== 0) this.keyspace.touch(ref);
    return ref;
  }

  /** The live entry of a key for writing, or 0, leaving clock and counters alone: an expired one is always dropped. */
  live(key: Uint8Array, at: number, bytes: number, hash: number): Ref {
    const ref = this.find(key, at, bytes, hash);
    if (this.guard !== null) this.guard.before(hash);
    if (ref !== 0 && this.entries.hasExpiry(ref) && this.isExpired(ref)) {
      this.keyspace.expire(this, ref);
      return 0;
    }
    return ref;
  }

  /** The entry of a key that is about to be dropped, expired or not; 0 if there is none. Leaves the hit on it. */
  doomed(key: Uint8Array, at: number, bytes: number, hash: number): Ref {
    const ref = this.find(key, at, bytes, hash);
    if (this.guard !== null) this.guard.before(hash);
    return ref;
  }

  /** Whether an entry with an expiry is past it. */
  isExpired(ref: Ref): boolean {
    return this.entries.expiry(ref) < this.keyspace.pastMs;
  }

  /** Whether an entry is past its expiry, if it has one. */
  isGone(ref: Ref): boolean {
    return this.entries.hasExpiry(ref) && this.isExpired(ref);
  }

  /** Adds a complete entry whose key is known to be absent, and announces the new key. */
  add(hash: number, ref: Ref): void {
    const isVolatile = this.entries.hasExpiry(ref);
    if (this.guard !== null) this.guard.before(hash);
    this.insert(hash, ref, isVolatile);
    if (isVolatile) this.volatileCount++;
    if (this.entries.type(ref) === TYPE_HASH) this.noteFields(ref);
    if (this.keyspace.listening) this.keyspace.announceNew(this, ref);
  }

  /** The hit's entry moved to `next`, which may have gained or lost its expiry. */
  moved(next: Ref): void {
    this.replaceHit(next);
  }

  /** Puts a new entry in the place of the hit's old one, whose value and block are freed. */
  replace(old: Ref, next: Ref): void {
    this.#beforeChange(old);
    const wasVolatile = this.entries.hasExpiry(old);
    const isVolatile = this.entries.hasExpiry(next);
    this.replaceHit(next);
    if (wasVolatile !== isVolatile) {
      this.markHit(isVolatile);
      this.volatileCount += isVolatile ? 1 : -1;
    }
    if (this.entries.type(next) === TYPE_HASH) this.noteFields(next);
    this.keyspace.dispose(old, this.keyspace.lazyServerDel);
  }

  /** Like `replace`, and announces that a value was replaced as a whole. */
  overwrite(old: Ref, next: Ref): void {
    const changesType = this.entries.type(old) !== this.entries.type(next);
    this.replace(old, next);
    this.keyspace.announceOverwritten(this, next, changesType);
  }

  /** Notes that fields of this hash may have got expiries, so that the active expiry looks after them. */
  noteFields(ref: Ref): void {
    const { entries } = this;
    const dueMs = this.keyspace.hashes.dueMs(ref);
    if (dueMs === 0) return;
    this.volatileHashes.note(entries.view(ref), entries.keyAt(ref), entries.keyBytes(ref), dueMs);
  }

  /** Hashes that have fields with an expiry; where there are many, those too that lost them before their time came. */
  get volatileHashCount(): number {
    const { entries, hash, hashes } = this.keyspace;
    const names = this.volatileHashes.size > EXACT_COUNT_MAX ? [] : this.volatileHashes.all();
    for (const name of names) {
      const ref = this.find(name, 0, name.length, hash.hash(name, 0, name.length));
      if (ref === 0 || entries.type(ref) !== TYPE_HASH || hashes.dueMs(ref) === 0)
        this.volatileHashes.settle(name, 0);
    }
    return Math.min(this.volatileHashes.size, this.size);
  }

  /** Drops the hit's entry: value, block and place in the table. */
  removeEntry(ref: Ref, lazily = false): void {
    this.detach(ref);
    this.keyspace.dispose(ref, lazily);
  }

  /** Takes the hit's entry out of the table and leaves it to the caller. */
  detach(ref: Ref): void {
    this.#beforeChange(ref);
    if (this.entries.hasExpiry(ref)) this.volatileCount--;
    this.removeHit();
  }

  /** Gives the hit's entry an expiry in ms since 1970 (int64 as two words); returns its new reference. */
  setExpiry(ref: Ref, low: number, high: number): Ref {
    this.#beforeChange(ref);
    let next = ref;
    if (!this.entries.hasExpiry(ref)) {
      next = this.entries.reshape(ref, this.entries.flags(ref) | HAS_EXPIRY, this.entries.inlineBytes(ref));
      this.replaceHit(next);
      this.markHit(true);
      this.volatileCount++;
    }
    this.entries.writeExpiry(next, low >>> 0, high >>> 0);
    return next;
  }

  /** Takes the expiry off the hit's entry, which has one; returns its new reference. */
  clearExpiry(ref: Ref): Ref {
    this.#beforeChange(ref);
    const next = this.entries.reshape(
      ref,
      this.entries.flags(ref) & ~HAS_EXPIRY,
      this.entries.inlineBytes(ref),
    );
    this.replaceHit(next);
    this.markHit(false);
    this.volatileCount--;
    return next;
  }

  override hashOf(ref: Ref): number {
    const entries = this.entries;
    return this.keyspace.hash.hash(entries.view(ref), entries.keyAt(ref), entries.keyBytes(ref));
  }

  protected override directoryMoved(directory: Ref, depth: number): void {
    this.keyspace.directoryMoved(this, directory, depth);
  }

  /** Tells the prefetcher again where the directory is (after SWAPDB). */
  publishDirectory(): void {
    this.keyspace.directoryMoved(this, this.directoryRef, this.depth);
  }

  /** Has the guard see an entry of the table whose hash is not at hand. */
  #beforeChange(ref: Ref): void {
    if (this.guard !== null) this.guard.before(this.hashOf(ref));
  }

  #isKey(ref: Ref, key: Uint8Array, at: number, bytes: number): boolean {
    const words = this.u32[ref >>> CHUNK_SHIFT]!;
    const entryAt = (ref & UNIT_MASK) << 1;
    const lengths = words[entryAt + 1]!;
    const flags = lengths >>> 28;
    if ((lengths & 0xffff) !== bytes && ((flags & LONG_KEY) === 0 || this.entries.keyBytes(ref) !== bytes)) {
      return false;
    }
    // The entry's key stands on a word, the request's anywhere: compare words of the one with bytes of the other.
    let word = entryAt + (KEY_AT[flags]! >> 2);
    const end = at + bytes;
    const wordsEnd = end - 3;
    let i = at;
    for (; i < wordsEnd; i += 4) {
      const four = key[i]! | (key[i + 1]! << 8) | (key[i + 2]! << 16) | (key[i + 3]! << 24);
      if ((words[word++]! | 0) !== four) return false;
    }
    const rest = i < end ? words[word]! : 0;
    for (let shift = 0; i < end; i++, shift += 8) if (((rest >>> shift) & 0xff) !== key[i]) return false;
    return true;
  }
}
