// The segmented hash table as its owners use it: the hit, marks, cursors, random choice, invariants.
//
// "Marked" is one bit of the owner's choice for each entry, kept in the bucket (the keyspace marks entries with an
// expiry), so that a walk over marked entries touches no others.
import type { Ref } from '../arena/arena.ts';
import type { Random } from '../base/random.ts';
import {
  BUCKET_BYTES,
  BUCKET_SLOTS,
  clearSlot,
  homeOf,
  MARK_MASK,
  MARKS,
  REFS,
  SPILL_ONE,
  tagOf,
} from './bucket.ts';
import { Segments } from './segments.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const HASHES = 2 ** 32;
/** How far into an entry `visitHashes` reads ahead: to the end of a usual one. */
const VISITED_WORDS = 13;

export abstract class SegmentTable extends Segments {
  /** What `randomRef` chose: chunk and word of the reference's slot, word of the bucket before. */
  #chosenChunk = 0;
  #chosenWord = 0;
  #beforeChosen = 0;
  /** Entries that are visited together, and whether it is sure that they are to be. */
  #refs = new Uint32Array(0);
  #areInner = new Uint8Array(0);

  get size(): number {
    return this.entryCount;
  }

  /** Slots of all buckets. */
  get capacity(): number {
    return this.buckets * BUCKET_SLOTS;
  }

  /** Bytes of directory and buckets. */
  get tableBytes(): number {
    return this.buckets * BUCKET_BYTES + (this.directoryRef === 0 ? 0 : 8 << this.depth);
  }

  /** Reads the home buckets of some hashes: `insert` finds them near then, and together they come in less time than one by one. */
  warmBuckets(hashes: Int32Array, count: number): void {
    if (this.directoryRef === 0) return;
    let mix = 0;
    for (let i = 0; i < count; i++) {
      const hash = hashes[i]!;
      const row = this.rowOf(hash);
      const segment = this.directory[row]!;
      const meta = this.directory[row + 1]!;
      const home = homeOf(hash, meta >>> 16, meta & 0xffff);
      mix ^= this.u32[segment >>> CHUNK_SHIFT]![((segment & UNIT_MASK) << 1) + (home << 4)]!;
    }
    this.warmed = mix;
  }

  /** Replaces the reference at the hit. */
  replaceHit(ref: Ref): void {
    this.u32[this.hitChunk]![this.hitWord] = ref;
  }

  markHit(marked: boolean): void {
    const words = this.u32[this.hitChunk]!;
    const bucket = this.hitWord & ~15;
    const bit = 1 << ((this.hitWord & 15) - REFS);
    if (marked) words[bucket + MARKS]! |= bit;
    else words[bucket + MARKS]! &= ~bit;
  }

  /** Takes the entry at the hit out of the table (its block stays). */
  removeHit(): void {
    const words = this.u32[this.hitChunk]!;
    const bucket = this.hitWord & ~15;
    clearSlot(words, bucket, (this.hitWord & 15) - REFS);
    if (bucket !== this.hitHome) words[this.hitHome + MARKS]! -= SPILL_ONE;
    this.entryCount--;
  }

  /** Sets the hit to the slot of this very entry; false if it does not stand in the table. */
  hitRef(ref: Ref, hash: number): boolean {
    if (this.directoryRef === 0) return false;
    const row = this.rowOf(hash);
    const segment = this.directory[row]!;
    const meta = this.directory[row + 1]!;
    const count = meta & 0xffff;
    const home = homeOf(hash, meta >>> 16, count);
    const words = this.u32[segment >>> CHUNK_SHIFT]!;
    const base = (segment & UNIT_MASK) << 1;
    for (let step = 0; step < 2; step++) {
      const bucket = base + ((home + step === count ? 0 : home + step) << 4);
      for (let slot = 0; slot < BUCKET_SLOTS; slot++) {
        if (words[bucket + REFS + slot] !== ref) continue;
        this.hitChunk = segment >>> CHUNK_SHIFT;
        this.hitWord = bucket + REFS + slot;
        this.hitHome = base + (home << 4);
        return true;
      }
    }
    return false;
  }

  /**
   * Visits all entries whose home is the bucket at the cursor and returns the next cursor, 0 at the end. Cursors are
   * hash values; an entry that stays in the table for a whole iteration is visited at least once, however the table
   * grows or shrinks in between. The visitor must not change the table.
   */
  scan(cursor: number, visit: (ref: Ref) => void): number {
    if (this.directoryRef === 0) return 0;
    const row = this.rowOf(cursor);
    const segment = this.directory[row]!;
    const meta = this.directory[row + 1]!;
    const count = meta & 0xffff;
    const localDepth = meta >>> 16;
    const home = homeOf(cursor, localDepth, count);
    const words = this.u32[segment >>> CHUNK_SHIFT]!;
    const base = (segment & UNIT_MASK) << 1;
    for (let step = 0; step < 2; step++) {
      const bucket = base + ((home + step === count ? 0 : home + step) << 4);
      for (let slot = 0; slot < BUCKET_SLOTS; slot++) {
        const ref = words[bucket + REFS + slot]!;
        if (ref === 0) continue;
        const its = homeOf(this.hashOf(ref), localDepth, count);
        if (its === home) visit(ref);
      }
    }
    return cursorAfter(cursor, localDepth, home, count);
  }

  /** Like `scan`, but visits only the marked entries that stand in the bucket, without computing a hash. */
  scanMarked(cursor: number, visit: (ref: Ref) => void): number {
    if (this.directoryRef === 0) return 0;
    const row = this.rowOf(cursor);
    const segment = this.directory[row]!;
    const meta = this.directory[row + 1]!;
    const count = meta & 0xffff;
    const bucket = homeOf(cursor, meta >>> 16, count);
    const words = this.u32[segment >>> CHUNK_SHIFT]!;
    const at = ((segment & UNIT_MASK) << 1) + (bucket << 4);
    let marks = words[at + MARKS]! & MARK_MASK;
    while (marks !== 0) {
      const slot = 31 - Math.clz32(marks & -marks);
      marks &= marks - 1;
      visit(words[at + REFS + slot]!);
    }
    return cursorAfter(cursor, meta >>> 16, bucket, count);
  }

  /** Visits every entry that stands in the bucket at the cursor, at home or not: for walks over a table at rest. */
  walk(cursor: number, visit: (ref: Ref) => void): number {
    if (this.directoryRef === 0) return 0;
    const row = this.rowOf(cursor);
    const segment = this.directory[row]!;
    const meta = this.directory[row + 1]!;
    const count = meta & 0xffff;
    const bucket = homeOf(cursor, meta >>> 16, count);
    const words = this.u32[segment >>> CHUNK_SHIFT]!;
    const at = ((segment & UNIT_MASK) << 1) + (bucket << 4) + REFS;
    for (let slot = 0; slot < BUCKET_SLOTS; slot++) {
      const ref = words[at + slot]!;
      if (ref !== 0) visit(ref);
    }
    return cursorAfter(cursor, meta >>> 16, bucket, count);
  }

  /**
   * Adds entries that stand in the bucket at the cursor to `into` until it has `count`, beginning with the one in slot
   * `firstSlot`; marked ones only, if asked. Returns the next bucket's cursor, 0 at the end.
   */
  sampleBucket(cursor: number, firstSlot: number, count: number, onlyMarked: boolean, into: Ref[]): number {
    if (this.directoryRef === 0) return 0;
    const row = this.rowOf(cursor);
    const segment = this.directory[row]!;
    const meta = this.directory[row + 1]!;
    const buckets = meta & 0xffff;
    const bucket = homeOf(cursor, meta >>> 16, buckets);
    const words = this.u32[segment >>> CHUNK_SHIFT]!;
    const at = ((segment & UNIT_MASK) << 1) + (bucket << 4);
    const wanted = onlyMarked ? words[at + MARKS]! & MARK_MASK : MARK_MASK;
    let slot = firstSlot;
    for (let left = wanted === 0 ? 0 : BUCKET_SLOTS; left > 0 && into.length < count; left--) {
      const ref = words[at + REFS + slot]!;
      if (ref !== 0 && ((wanted >>> slot) & 1) !== 0) into.push(ref);
      slot = slot + 1 === BUCKET_SLOTS ? 0 : slot + 1;
    }
    return cursorAfter(cursor, meta >>> 16, bucket, buckets);
  }

  /**
   * Visits every entry whose hash is at least `first` and below `end` (both unsigned; 2^32 is the end of all), each once. The
   * visitor must not change the table.
   */
  visitHashes(first: number, end: number, visit: (ref: Ref) => void): void {
    if (this.directoryRef === 0) return;
    for (let at = first; at < end; ) {
      const localDepth = this.directory[this.rowOf(at) + 1]! >>> 16;
      const start = segmentStart(at, localDepth);
      const next = Math.min(start + HASHES / 2 ** localDepth, end);
      this.#visitInSegment(at, next - 1, visit);
      at = next;
    }
  }

  /** Visits the entries of one segment with hashes from `first` to `last`. */
  #visitInSegment(first: number, last: number, visit: (ref: Ref) => void): void {
    const row = this.rowOf(first);
    const segment = this.directory[row]!;
    const meta = this.directory[row + 1]!;
    const count = meta & 0xffff;
    const localDepth = meta >>> 16;
    const words = this.u32[segment >>> CHUNK_SHIFT]!;
    const base = (segment & UNIT_MASK) << 1;
    const firstHome = homeOf(first, localDepth, count);
    const lastHome = homeOf(last, localDepth, count);
    // What belongs into the last bucket may stand in the one after it. Only near the borders may there be others.
    const buckets = Math.min(lastHome - firstHome + 2, count);
    const isWhole =
      first === segmentStart(first, localDepth) && last - first + 1 === HASHES / 2 ** localDepth;
    if (buckets * BUCKET_SLOTS > this.#refs.length) {
      this.#refs = new Uint32Array(buckets * BUCKET_SLOTS);
      this.#areInner = new Uint8Array(buckets * BUCKET_SLOTS);
    }
    const refs = this.#refs;
    let found = 0;
    for (let step = 0; step < buckets; step++) {
      const bucket = firstHome + step;
      const isInner = isWhole || (step > 1 && bucket < lastHome);
      const at = base + ((bucket < count ? bucket : bucket - count) << 4) + REFS;
      for (let slot = 0; slot < BUCKET_SLOTS; slot++) {
        const ref = words[at + slot]!;
        if (ref === 0) continue;
        this.#areInner[found] = isInner ? 1 : 0;
        refs[found++] = ref;
      }
    }
    this.warm(refs, 0, found, 1, VISITED_WORDS);
    for (let i = 0; i < found; i++) {
      const ref = refs[i]!;
      if (this.#areInner[i] === 0) {
        const hash = this.hashOf(ref) >>> 0;
        if (hash < first || hash > last) continue;
      }
      visit(ref);
    }
  }

  /** A uniformly chosen entry, or 0 from an empty table. */
  randomRef(random: Random): Ref {
    while (this.entryCount > 0) {
      const hash = random.int32();
      const row = this.rowOf(hash);
      const segment = this.directory[row]!;
      const meta = this.directory[row + 1]!;
      const count = meta & 0xffff;
      // A bucket of a coarser segment covers more of the hash range: accept it less often, so that all slots are equal.
      if (random.unit() * this.finest >= count * (1 << (meta >>> 16))) continue;
      const bucket = homeOf(hash, meta >>> 16, count);
      const slot = random.below(BUCKET_SLOTS);
      const base = (segment & UNIT_MASK) << 1;
      const at = base + (bucket << 4) + REFS + slot;
      const ref = this.u32[segment >>> CHUNK_SHIFT]![at]!;
      if (ref === 0) continue;
      this.#chosenChunk = segment >>> CHUNK_SHIFT;
      this.#chosenWord = at;
      this.#beforeChosen = base + ((bucket === 0 ? count - 1 : bucket - 1) << 4);
      return ref;
    }
    return 0;
  }

  /**
   * Sets the hit to the entry that `randomRef` has just chosen, if that takes no look at its hash: it stands at home unless
   * entries of the bucket before had to go one on. False if the hit is not set.
   */
  protected hitChosen(ref: Ref): boolean {
    const words = this.u32[this.#chosenChunk];
    if (words === undefined || words[this.#chosenWord] !== ref) return false;
    if (words[this.#beforeChosen + MARKS]! >>> 16 !== 0) return false;
    this.hitChunk = this.#chosenChunk;
    this.hitWord = this.#chosenWord;
    this.hitHome = this.#chosenWord & ~15;
    return true;
  }

  /** Shrinks or merges the segment at a cursor if it is sparse; returns the next segment's cursor, 0 at the end. */
  shrinkAt(cursor: number): number {
    if (this.directoryRef === 0) return 0;
    const row = this.rowOf(cursor);
    const localDepth = this.directory[row + 1]! >>> 16;
    const rows = 1 << (this.depth - localDepth);
    this.shrinkSegment(this.firstRowOf(cursor, rows), rows);
    const next = segmentStart(cursor, localDepth) + HASHES / 2 ** localDepth;
    if (next < HASHES) return next;
    this.shrinkDirectory();
    return 0;
  }

  /**
   * Lets the owner move blocks: calls `moved` for each entry of the bucket at a cursor, which returns the entry's reference,
   * new or old; a segment that stands in a sparse span moves when its first bucket's turn has come. Returns the next
   * bucket's cursor, 0 at the end. `moved` must not change the table.
   */
  moveAt(cursor: number, moved: (ref: Ref) => Ref): number {
    if (this.directoryRef === 0) return 0;
    const row = this.rowOf(cursor);
    const meta = this.directory[row + 1]!;
    const localDepth = meta >>> 16;
    const count = meta & 0xffff;
    const bucket = homeOf(cursor, localDepth, count);
    const rows = 1 << (this.depth - localDepth);
    if (bucket === 0) this.moveSegment(this.firstRowOf(cursor, rows), rows);
    const segment = this.directory[row]!;
    const words = this.u32[segment >>> CHUNK_SHIFT]!;
    const at = ((segment & UNIT_MASK) << 1) + (bucket << 4) + REFS;
    for (let slot = at; slot < at + BUCKET_SLOTS; slot++) {
      const ref = words[slot]!;
      if (ref !== 0) words[slot] = moved(ref);
    }
    return cursorAfter(cursor, localDepth, bucket, count);
  }

  /** Fill of each segment (DEBUG HTSTATS, tests). */
  fill(): { buckets: number; entries: number; localDepth: number }[] {
    const rows: { buckets: number; entries: number; localDepth: number }[] = [];
    this.eachSegment((segment, buckets, row) => {
      const entries = this.entriesIn(segment, buckets);
      rows.push({ buckets, entries, localDepth: this.directory[row + 1]! >>> 16 });
    });
    return rows;
  }

  /** Walks the whole table and throws on any broken invariant. */
  check(): void {
    let entries = 0;
    let buckets = 0;
    this.eachSegment((segment, count, row) => {
      buckets += count;
      entries += this.#checkSegment(segment, count, row);
    });
    if (entries !== this.entryCount)
      throw new Error(`table: ${entries} stand, ${this.entryCount} are counted`);
    if (buckets !== this.buckets) throw new Error(`table: ${buckets} buckets, ${this.buckets} are counted`);
  }

  #checkSegment(segment: Ref, count: number, row: number): number {
    const words = this.u32[segment >>> CHUNK_SHIFT]!;
    const base = (segment & UNIT_MASK) << 1;
    const localDepth = this.directory[row + 1]! >>> 16;
    const spills = new Int32Array(count);
    let entries = 0;
    for (let bucket = 0; bucket < count; bucket++) {
      const at = base + (bucket << 4);
      for (let slot = 0; slot < BUCKET_SLOTS; slot++) {
        const ref = words[at + REFS + slot]!;
        const tag = (words[at + (slot >> 2)]! >>> ((slot & 3) << 3)) & 0xff;
        if ((ref === 0) !== (tag === 0)) throw new Error('table: a tag without a reference, or the reverse');
        if (ref === 0) continue;
        const hash = this.hashOf(ref);
        const home = homeOf(hash, localDepth, count);
        if (this.directory[this.rowOf(hash)] !== segment) throw new Error('table: entry in a wrong segment');
        if (tag !== tagOf(hash)) throw new Error('table: wrong tag');
        if (home !== bucket && (home + 1) % count !== bucket)
          throw new Error('table: entry too far from home');
        if (home !== bucket) spills[home]!++;
        entries++;
      }
    }
    for (let bucket = 0; bucket < count; bucket++) {
      if (words[base + (bucket << 4) + MARKS]! >>> 16 !== spills[bucket])
        throw new Error('table: wrong spill count');
    }
    return entries;
  }
}

/** First hash of the segment that a hash falls into. */
function segmentStart(hash: number, localDepth: number): number {
  const range = HASHES / 2 ** localDepth;
  return Math.floor(hash / range) * range;
}

/** First hash of the bucket after this one; 0 after the last. */
function cursorAfter(cursor: number, localDepth: number, bucket: number, count: number): number {
  const range = HASHES / 2 ** localDepth;
  const position = Math.ceil(((bucket + 1) * 65536) / count);
  const next = segmentStart(cursor, localDepth) + (position / 65536) * range;
  return next >= HASHES ? 0 : next;
}
