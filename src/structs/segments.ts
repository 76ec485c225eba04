// A segmented (extendible) hash table in hash order: directory, segments, growth and shrinking. Fagin, Nievergelt,
// Pippenger, Strong, "Extendible hashing", 1979, with cache-line buckets (bucket.ts).
//
// The directory has 2^depth rows; the top `depth` bits of a 32-bit hash choose the row, the row names a segment and
// says how many of those bits the segment's entries share (its local depth) and how many buckets it has:
//
//   directory row:  word 0  segment (ref)      word 1  local depth << 16 | buckets
//   segment:        | bucket 0 | bucket 1 | ... | bucket n-1 |     bucket = pos * n >> 16 for any n, where
//                                                                  pos = the 16 hash bits below the local depth
//
// An entry stands in its home bucket or in the next one. When both are full, an entry of the next bucket that may go
// one further makes room, and so on for a few buckets; failing that, the segment grows by a quarter to a half, for which
// all its entries are hashed again. At 128 buckets it splits into two of 64, which copies buckets and hashes next to
// nothing. So growth never touches more than one segment (about a thousand entries), and the table stays two thirds to
// nine tenths full: 6 to 8 bytes an entry. Growth, split and merge keep the order of hashes: that is what makes a cursor
// over hash values visit every entry that was there all along (segment_table.ts).
import type { Arena, Ref } from '../arena/arena.ts';
import {
  BUCKET_BYTES,
  BUCKET_SLOTS,
  clearSlot,
  freeSlot,
  homeOf,
  MARKS,
  REFS,
  SPILL_ONE,
  writeSlot,
} from './bucket.ts';
import {
  BUCKETS_MAX,
  bucketsFor,
  DEPTH_MAX,
  FIRST_BUCKETS,
  HALF_BUCKETS,
  largerCount,
  SPLIT_BUCKETS,
  shapeFor,
} from './segment_sizes.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const MERGE_FILL = 0.4;
/** How far into an entry `hashOf` reads: past the head and the start of a usual key. */
const HASHED_WORDS = 5;
/** How many buckets on an insert may push entries to make room: shorter than the smallest segment. */
const CHAIN_BUCKETS = 2;

export abstract class Segments {
  readonly arena: Arena;
  protected readonly u8: Uint8Array[];
  protected readonly u32: Uint32Array[];
  protected depth = 0;
  /** Words of the chunk that holds the directory, and the word where its rows begin. */
  protected directory: Uint32Array = new Uint32Array(0);
  protected directoryAt = 0;
  protected directoryRef: Ref = 0;
  protected buckets = 0;
  protected entryCount = 0;
  /** At least the largest buckets × 2^depth of any segment: how finely the densest one divides the hash range. */
  protected finest = 0;
  /** Arrays for the entries of a segment that is being rebuilt. */
  readonly #borrowed: Uint32Array[] = [];
  /** What `warm` read, kept so that no compiler leaves the reading out. */
  protected warmed = 0;
  /** Where the last find or insert ended: chunk and word of the reference's slot, word of its home bucket. */
  protected hitChunk = 0;
  protected hitWord = 0;
  protected hitHome = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.u8 = arena.u8;
    this.u32 = arena.u32;
  }

  /** The hash of an entry that stands in the table. */
  protected abstract hashOf(ref: Ref): number;

  /** Called when the directory moved or grew; `directory` is 0 while there is none. */
  protected abstract directoryMoved(directory: Ref, depth: number): void;

  /** Directory row for a hash, as the index of its first word in `directory`. */
  protected rowOf(hash: number): number {
    const depth = this.depth;
    return this.directoryAt + (depth === 0 ? 0 : (hash >>> (32 - depth)) << 1);
  }

  /** First of the directory rows, counted from 0, that belong to the segment of a hash; it has `rows` of them. */
  protected firstRowOf(hash: number, rows: number): number {
    return ((this.rowOf(hash) - this.directoryAt) >> 1) & ~(rows - 1);
  }

  /** Puts an entry, known to be absent, under its hash. Sets the hit. */
  insert(hash: number, ref: Ref, marked: boolean): void {
    if (this.directoryRef === 0) this.#create(0, FIRST_BUCKETS);
    while (!this.#place(hash, ref, marked ? 1 : 0)) this.#grow(hash);
    this.entryCount++;
  }

  /**
   * Makes an empty table as large as so many entries to come will need, one segment at a time: so they need not be moved again
   * and again while it grows. Cursors are hash values; returns the next one, 0 at the end. Nothing may be added before that.
   */
  reserveAt(cursor: number, entries: number): number {
    const { depth, count } = shapeFor(entries);
    if (this.directoryRef === 0) this.#create(depth, count);
    const row = this.rowOf(cursor);
    const segment = this.directory[row]!;
    const first = (row - this.directoryAt) >> 1;
    for (let localDepth = this.directory[row + 1]! >>> 16; localDepth < depth; ) {
      const half = 1 << (depth - ++localDepth);
      this.#writeRows(first + half, half, localDepth, this.#newSegment(count), count);
      this.#writeRows(first, half, localDepth, segment, count);
    }
    return first + 1 === 1 << depth ? 0 : ((first + 1) << (32 - depth)) >>> 0;
  }

  /** Frees all segments and the directory; the entries stay with the caller. */
  dispose(): void {
    if (this.directoryRef === 0) return;
    this.eachSegment((segment, count) => this.arena.free(segment, count * BUCKET_BYTES));
    this.arena.free(this.directoryRef, 8 << this.depth);
    this.directoryRef = 0;
    this.entryCount = 0;
    this.buckets = 0;
    this.finest = 0;
    this.depth = 0;
    this.directoryMoved(0, 0);
  }

  /** Calls back once for each segment, with its first directory row as an index into `directory`. */
  protected eachSegment(visit: (segment: Ref, buckets: number, row: number) => void): void {
    if (this.directoryRef === 0) return;
    const end = this.directoryAt + (2 << this.depth);
    for (let row = this.directoryAt; row < end; ) {
      const meta = this.directory[row + 1]!;
      visit(this.directory[row]!, meta & 0xffff, row);
      row += 2 << (this.depth - (meta >>> 16));
    }
  }

  /** How many entries stand in a segment. */
  protected entriesIn(segment: Ref, count: number): number {
    const words = this.u32[segment >>> CHUNK_SHIFT]!;
    const base = (segment & UNIT_MASK) << 1;
    let entries = 0;
    for (let at = base; at < base + (count << 4); at += 16) {
      for (let slot = 0; slot < BUCKET_SLOTS; slot++) if (words[at + REFS + slot] !== 0) entries++;
    }
    return entries;
  }

  /**
   * The entries of a segment as pairs (reference, mark) in a borrowed array, behind their number. A segment that grows
   * while another one is put back borrows a second one, so there is a stack of them: garbage would be too much here.
   */
  #borrowEntries(segment: Ref, count: number): Uint32Array {
    const words = this.u32[segment >>> CHUNK_SHIFT]!;
    const base = (segment & UNIT_MASK) << 1;
    const pairs = this.#borrow(count);
    for (let at = base; at < base + (count << 4); at += 16) {
      for (let slot = 0; slot < BUCKET_SLOTS; slot++) {
        const ref = words[at + REFS + slot]!;
        if (ref === 0) continue;
        addPair(pairs, ref, (words[at + MARKS]! >>> slot) & 1);
      }
    }
    return pairs;
  }

  /** An array for the pairs of so many buckets, with none in it. */
  #borrow(count: number): Uint32Array {
    const fits = count <= SPLIT_BUCKETS;
    const pairs =
      (fits ? this.#borrowed.pop() : undefined) ??
      new Uint32Array(1 + (fits ? SPLIT_BUCKETS : count) * BUCKET_SLOTS * 2);
    pairs[0] = 0;
    return pairs;
  }

  /** Shrinks a sparse segment, or merges it with its buddy. `first` and `rows` say which directory rows it has. */
  protected shrinkSegment(first: number, rows: number): void {
    const meta = this.#metaAt(first);
    const count = meta & 0xffff;
    const localDepth = meta >>> 16;
    const size = this.entriesIn(this.#segmentAt(first), count);
    if (localDepth > 0) {
      const buddy = first ^ rows;
      const buddyMeta = this.#metaAt(buddy);
      if (buddyMeta >>> 16 === localDepth) {
        const both = size + this.entriesIn(this.#segmentAt(buddy), buddyMeta & 0xffff);
        if (both < (SPLIT_BUCKETS / 2) * BUCKET_SLOTS * MERGE_FILL) {
          this.#merge(first & ~rows, rows << 1, localDepth - 1);
          return;
        }
      }
    }
    const wanted = bucketsFor(size);
    if (wanted * 2 <= count) this.#rebuild(first, rows, localDepth, wanted);
  }

  /** Moves a segment that stands in a sparse span. `first` and `rows` say which directory rows it has. */
  protected moveSegment(first: number, rows: number): void {
    const segment = this.#segmentAt(first);
    const meta = this.#metaAt(first);
    const bytes = (meta & 0xffff) * BUCKET_BYTES;
    if (!this.arena.isSparse(segment, bytes)) return;
    this.#writeRows(first, rows, meta >>> 16, this.arena.move(segment, bytes), meta & 0xffff);
  }

  /** Moves a directory that stands in a sparse span. */
  protected moveDirectory(): void {
    const bytes = 8 << this.depth;
    if (this.directoryRef === 0 || !this.arena.isSparse(this.directoryRef, bytes)) return;
    this.placeDirectory(this.arena.move(this.directoryRef, bytes), this.depth);
    this.directoryMoved(this.directoryRef, this.depth);
  }

  /** Halves the directory as long as no segment needs its last bit, and measures anew how fine the segments are. */
  protected shrinkDirectory(): void {
    let deepest = 0;
    this.finest = 0;
    this.eachSegment((_segment, count, row) => {
      const localDepth = this.directory[row + 1]! >>> 16;
      deepest = Math.max(deepest, localDepth);
      this.finest = Math.max(this.finest, count * 2 ** localDepth);
    });
    if (deepest < this.depth) this.#setDepth(deepest);
  }

  /** Makes a directory of 2^depth rows with one segment. */
  #create(depth: number, count: number): void {
    const segment = this.#newSegment(count);
    this.placeDirectory(this.#allocOr(8 << depth, segment, count), depth);
    this.#writeRows(0, 1 << depth, 0, segment, count);
    this.directoryMoved(this.directoryRef, depth);
  }

  #newSegment(count: number): Ref {
    const segment = this.arena.alloc(count * BUCKET_BYTES);
    this.#clearSegment(segment, count);
    return segment;
  }

  #clearSegment(segment: Ref, count: number): void {
    const at = (segment & UNIT_MASK) << 1;
    this.u32[segment >>> CHUNK_SHIFT]!.fill(0, at, at + count * 16);
    this.buckets += count;
  }

  /** A block of so many bytes; if it cannot be had, the segment just made goes before the error does. */
  #allocOr(bytes: number, segment: Ref, count: number): Ref {
    try {
      return this.arena.alloc(bytes);
    } catch (error) {
      this.#dropSegment(segment, count);
      throw error;
    }
  }

  #dropSegment(segment: Ref, count: number): void {
    this.arena.free(segment, count * BUCKET_BYTES);
    this.buckets -= count;
  }

  /** The directory of 2^depth rows stands at `ref`. */
  protected placeDirectory(ref: Ref, depth: number): void {
    this.directoryRef = ref;
    this.depth = depth;
    this.directory = this.u32[ref >>> CHUNK_SHIFT]!;
    this.directoryAt = (ref & UNIT_MASK) << 1;
  }

  /** Gives the directory another depth, at least that of the deepest segment. */
  #setDepth(depth: number): void {
    const old = this.directory;
    const oldAt = this.directoryAt;
    const oldRef = this.directoryRef;
    const oldDepth = this.depth;
    this.placeDirectory(this.arena.alloc(8 << depth), depth);
    for (let row = 0; row < 1 << depth; row++) {
      const oldRow =
        oldAt + ((oldDepth > depth ? row << (oldDepth - depth) : row >> (depth - oldDepth)) << 1);
      this.directory[this.directoryAt + (row << 1)] = old[oldRow]!;
      this.directory[this.directoryAt + (row << 1) + 1] = old[oldRow + 1]!;
    }
    this.directoryMoved(this.directoryRef, depth);
    this.arena.free(oldRef, 8 << oldDepth);
  }

  #segmentAt(row: number): Ref {
    return this.directory[this.directoryAt + (row << 1)]!;
  }

  #metaAt(row: number): number {
    return this.directory[this.directoryAt + (row << 1) + 1]!;
  }

  #writeRows(first: number, rows: number, localDepth: number, segment: Ref, count: number): void {
    const end = this.directoryAt + ((first + rows) << 1);
    for (let row = this.directoryAt + (first << 1); row < end; row += 2) {
      this.directory[row] = segment;
      this.directory[row + 1] = (localDepth << 16) | count;
    }
    this.finest = Math.max(this.finest, count * 2 ** localDepth);
  }

  /** Puts an entry into its home or the next bucket; false if there is no room. */
  #place(hash: number, ref: Ref, mark: number): boolean {
    const row = this.rowOf(hash);
    const segment = this.directory[row]!;
    const meta = this.directory[row + 1]!;
    const count = meta & 0xffff;
    const home = homeOf(hash, meta >>> 16, count);
    const words = this.u32[segment >>> CHUNK_SHIFT]!;
    const base = (segment & UNIT_MASK) << 1;
    const homeAt = base + (home << 4);
    let bucketAt = homeAt;
    let slot = freeSlot(words, bucketAt);
    if (slot < 0) {
      bucketAt = base + ((home + 1 === count ? 0 : home + 1) << 4);
      slot = freeSlot(words, bucketAt);
      if (slot < 0) slot = this.#makeRoom(words, base, meta, bucketAt, CHAIN_BUCKETS);
      if (slot < 0) return false;
      words[homeAt + MARKS]! += SPILL_ONE;
    }
    writeSlot(words, bucketAt, slot, hash, ref, mark);
    this.hitChunk = segment >>> CHUNK_SHIFT;
    this.hitWord = bucketAt + REFS + slot;
    this.hitHome = homeAt;
    return true;
  }

  /** Moves one entry that is at home in a full bucket one bucket on, where the same may happen; its slot or -1. */
  #makeRoom(words: Uint32Array, base: number, meta: number, bucketAt: number, chain: number): number {
    const count = meta & 0xffff;
    const bucket = (bucketAt - base) >> 4;
    const nextAt = base + ((bucket + 1 === count ? 0 : bucket + 1) << 4);
    for (let slot = 0; slot < BUCKET_SLOTS; slot++) {
      const ref = words[bucketAt + REFS + slot]!;
      const hash = this.hashOf(ref);
      if (homeOf(hash, meta >>> 16, count) !== bucket) continue;
      let free = freeSlot(words, nextAt);
      if (free < 0 && chain > 0) free = this.#makeRoom(words, base, meta, nextAt, chain - 1);
      if (free < 0) return -1;
      writeSlot(words, nextAt, free, hash, ref, (words[bucketAt + MARKS]! >>> slot) & 1);
      clearSlot(words, bucketAt, slot);
      words[bucketAt + MARKS]! += SPILL_ONE;
      return slot;
    }
    return -1;
  }

  /** Enlarges the segment of a hash, splitting it when it is large enough. */
  #grow(hash: number): void {
    const meta = this.directory[this.rowOf(hash) + 1]!;
    const localDepth = meta >>> 16;
    const count = meta & 0xffff;
    const splits = count === SPLIT_BUCKETS && localDepth < DEPTH_MAX;
    if (splits && localDepth === this.depth) this.#setDepth(localDepth + 1);
    const rows = 1 << (this.depth - localDepth);
    const first = this.firstRowOf(hash, rows);
    if (splits) this.#split(first, rows, localDepth);
    else if (count < BUCKETS_MAX) this.#rebuild(first, rows, localDepth, largerCount(count));
    else throw new Error('table: a segment cannot grow further');
  }

  /**
   * Splits a segment of SPLIT_BUCKETS in the middle. Behind one more bit that all share, the same bits of a hash choose among
   * half as many buckets: so buckets are copied as they are, and only the first one of either half has entries that spilled over
   * from the other half's last one.
   */
  #split(first: number, rows: number, localDepth: number): void {
    const old = this.#segmentAt(first);
    const half = rows >> 1;
    const left = this.#newSegment(HALF_BUCKETS);
    const right = this.#allocOr(HALF_BUCKETS * BUCKET_BYTES, left, HALF_BUCKETS);
    this.buckets += HALF_BUCKETS;
    this.#copyHalf(old, 0, left);
    this.#copyHalf(old, HALF_BUCKETS, right);
    const astray = this.#borrow(SPLIT_BUCKETS);
    this.#takeAstray(left, right, localDepth + 1, astray);
    this.#takeAstray(right, left, localDepth + 1, astray);
    this.#writeRows(first, half, localDepth + 1, left, HALF_BUCKETS);
    this.#writeRows(first + half, half, localDepth + 1, right, HALF_BUCKETS);
    this.#dropSegment(old, SPLIT_BUCKETS);
    this.#putBack(astray);
  }

  /** Copies HALF_BUCKETS buckets, from `bucket` on, to a segment of so many. */
  #copyHalf(from: Ref, bucket: number, to: Ref): void {
    const fromAt = ((from & UNIT_MASK) << 1) + (bucket << 4);
    const words = this.u32[from >>> CHUNK_SHIFT]!.subarray(fromAt, fromAt + (HALF_BUCKETS << 4));
    this.u32[to >>> CHUNK_SHIFT]!.set(words, (to & UNIT_MASK) << 1);
  }

  /** Takes the entries out of a half's first bucket that are at home in the last one of the other half. */
  #takeAstray(half: Ref, other: Ref, localDepth: number, pairs: Uint32Array): void {
    const words = this.u32[half >>> CHUNK_SHIFT]!;
    const at = (half & UNIT_MASK) << 1;
    const homeWords = this.u32[other >>> CHUNK_SHIFT]!;
    const homeAt = ((other & UNIT_MASK) << 1) + ((HALF_BUCKETS - 1) << 4);
    for (let slot = 0; slot < BUCKET_SLOTS; slot++) {
      const ref = words[at + REFS + slot]!;
      if (ref === 0 || homeOf(this.hashOf(ref), localDepth, HALF_BUCKETS) === 0) continue;
      addPair(pairs, ref, (words[at + MARKS]! >>> slot) & 1);
      clearSlot(words, at, slot);
      homeWords[homeAt + MARKS]! -= SPILL_ONE;
    }
  }

  /** Gives a segment another number of buckets. */
  #rebuild(first: number, rows: number, localDepth: number, count: number): void {
    const old = this.#segmentAt(first);
    const oldCount = this.#metaAt(first) & 0xffff;
    const segment = this.#newSegment(count);
    const entries = this.#borrowEntries(old, oldCount);
    this.#writeRows(first, rows, localDepth, segment, count);
    this.#putBack(entries);
    this.#dropSegment(old, oldCount);
  }

  #merge(first: number, rows: number, localDepth: number): void {
    const pair = [first, first + (rows >> 1)].map((row) => {
      const segment = this.#segmentAt(row);
      const count = this.#metaAt(row) & 0xffff;
      return { segment, count, entries: this.#borrowEntries(segment, count) };
    });
    const size = pair.reduce((sum, part) => sum + part.entries[0]!, 0);
    const count = bucketsFor(size);
    this.#writeRows(first, rows, localDepth, this.#newSegment(count), count);
    for (const { segment, count: oldCount, entries } of pair) {
      this.#putBack(entries);
      this.#dropSegment(segment, oldCount);
    }
  }

  /** Places borrowed entries again; a crowded bucket may make their new segment grow at once. */
  #putBack(entries: Uint32Array): void {
    const end = 1 + entries[0]! * 2;
    this.warm(entries, 1, end, 2, HASHED_WORDS);
    for (let i = 1; i < end; i += 2) {
      const ref = entries[i]!;
      const hash = this.hashOf(ref);
      while (!this.#place(hash, ref, entries[i + 1]!)) this.#grow(hash);
    }
    if (entries.length === 1 + SPLIT_BUCKETS * BUCKET_SLOTS * 2) this.#borrowed.push(entries);
  }

  /**
   * Reads a word at both ends of what will be read of each entry from `first` on and below `end`. The loads do not depend on one
   * another, so the processor fetches many cache lines at once; the loop that comes after would fetch them one by one.
   */
  protected warm(refs: Uint32Array, first: number, end: number, step: number, lastWord: number): void {
    let mix = 0;
    for (let i = first; i < end; i += step) {
      const ref = refs[i]!;
      const words = this.u32[ref >>> CHUNK_SHIFT]!;
      const at = (ref & UNIT_MASK) << 1;
      mix ^= words[at + 1]!;
      if (at + lastWord < words.length) mix ^= words[at + lastWord]!;
    }
    this.warmed = mix;
  }
}

function addPair(pairs: Uint32Array, ref: Ref, mark: number): void {
  const at = 1 + 2 * pairs[0]!++;
  pairs[at] = ref;
  pairs[at + 1] = mark;
}
