// The hash table of a large collection. All that is to know about one table stands in a header in the arena, so one object
// of this class serves the collections of all keys: `open` points it to one of them, and the calls that follow are about
// that one. Elements are blocks as element.ts draws them; the table itself is that of segments.ts.
//
//   header:  word 0           1       2        3          4        5                6        7 … 10
//            directory (ref)  depth   buckets  elements   finest   shrink cursor    marked   for the owner
//                                                                  (row to free)
//
// Memory comes back by itself: while a table is sparse, every 16th removal or so looks at one more of its segments, and
// shrinks or merges it if it can. So no removal ever costs more than one segment's work.
//
// A snapshot that is in the middle of a table has to see elements before they change (keyspace/guard.ts). Whatever is changed
// was looked for, or hit, before; so those are the calls that tell it.
import type { Arena, Ref } from '../arena/arena.ts';
import type { KeyHash } from '../base/keyhash.ts';
import { BUCKET_BYTES, BUCKET_SLOTS, homeOf, MARKS, REFS } from './bucket.ts';
import { Elements, HEAD_WORDS, MEMBER_BYTES_MAX } from './element.ts';
import { SegmentTable } from './segment_table.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const HEADER_BYTES = 44;
const DIRECTORY = 0;
const DEPTH = 1;
const BUCKETS = 2;
const ELEMENTS = 3;
const FINEST = 4;
const CURSOR = 5;
const MARKED = 6;
const OWN = 7;
const OWN_WORDS = 4;
/** A table filled less than this is shrunk, unless it is no larger than a new one. */
const SPARSE_FILL = 0.2;
const SMALL_BUCKETS = 4;
/** A step of shrinking falls on each count of elements that is a multiple of this. */
const SHRINK_EVERY = 16;

/** Who has to see elements of a table before they change. */
export interface ElementGuard {
  /** An element of this hash is about to be added, changed or dropped. */
  before(hash: number): void;
}

export class ElementTable extends SegmentTable {
  readonly elements: Elements;
  readonly #hash: KeyHash;
  /** Guards by the tables they look after; null while there are none. */
  guards: ReadonlyMap<Ref, ElementGuard> | null = null;
  /** The open table's. */
  #guard: ElementGuard | null = null;
  /** The open table, and its words. */
  #header: Ref = 0;
  #words: Uint32Array = new Uint32Array(0);
  #at = 0;
  /** Where the walk of `nextRef` is: slot within a bucket, the bucket's word, the end of its segment, the next row. */
  #walkSlot = 0;
  #walkBucket = 0;
  #walkEnd = 0;
  #walkChunk = 0;
  #walkRow = 0;
  readonly #moved = (ref: Ref): Ref => this.elements.moved(ref);

  constructor(arena: Arena, hash: KeyHash) {
    super(arena);
    this.elements = new Elements(arena);
    this.#hash = hash;
  }

  /** The header of a new, empty table; it is open. */
  create(): Ref {
    const header = this.arena.alloc(HEADER_BYTES);
    const at = (header & UNIT_MASK) << 1;
    this.u32[header >>> CHUNK_SHIFT]!.fill(0, at, at + (HEADER_BYTES >> 2));
    this.open(header);
    return header;
  }

  /** Makes all following calls be about this table. */
  open(header: Ref): void {
    const words = this.u32[header >>> CHUNK_SHIFT]!;
    const at = (header & UNIT_MASK) << 1;
    this.#guard = this.guards === null ? null : (this.guards.get(header) ?? null);
    this.#header = header;
    this.#words = words;
    this.#at = at;
    this.buckets = words[at + BUCKETS]!;
    this.entryCount = words[at + ELEMENTS]!;
    this.finest = words[at + FINEST]!;
    this.directoryRef = words[at + DIRECTORY]!;
    this.depth = words[at + DEPTH]!;
    if (this.directoryRef !== 0) this.placeDirectory(this.directoryRef, this.depth);
  }

  /** The open table. */
  get header(): Ref {
    return this.#header;
  }

  /** Number of marked elements (for hashes: fields with an expiry). */
  get markedCount(): number {
    return this.#words[this.#at + MARKED]!;
  }

  /** A word that the table keeps for its owner (0 … 3), 0 at first. */
  own(index: number): number {
    return this.#words[this.#at + OWN + index]!;
  }

  setOwn(index: number, value: number): void {
    this.#words[this.#at + OWN + index] = value;
  }

  /** A member's hash, as a signed integer. */
  hash(bytes: Uint8Array, at: number, length: number): number {
    return this.#hash.hash(bytes, at, length);
  }

  /** The element of a member with this hash, or 0. Leaves the hit on it. */
  find(bytes: Uint8Array, at: number, length: number, hash: number): Ref {
    if (this.#guard !== null) this.#guard.before(hash);
    if (this.entryCount === 0) return 0;
    const row = this.rowOf(hash);
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
          if (ref !== 0 && this.#isMember(ref, bytes, at, length)) {
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

  /** Adds an element whose member is known to be absent. Leaves the hit on it. */
  add(hash: number, element: Ref): void {
    if (this.#guard !== null) this.#guard.before(hash);
    this.insert(hash, element, false);
    this.#save();
  }

  /** Leaves the hit on an element that stands in the table. */
  hit(element: Ref): void {
    const hash = this.hashOf(element);
    if (this.#guard !== null) this.#guard.before(hash);
    this.hitRef(element, hash);
  }

  /** The same for an element that `randomRef` has just chosen. */
  hitRandom(element: Ref): void {
    if (this.#guard !== null || !this.hitChosen(element)) this.hit(element);
  }

  override markHit(marked: boolean): void {
    if (this.#hitIsMarked() === marked) return;
    super.markHit(marked);
    this.#words[this.#at + MARKED]! += marked ? 1 : -1;
  }

  /** Takes the element at the hit out of the table; its block stays. No hit is left. */
  override removeHit(): void {
    if (this.#hitIsMarked()) this.#words[this.#at + MARKED]!--;
    super.removeHit();
    this.#words[this.#at + ELEMENTS] = this.entryCount;
    if (this.entryCount % SHRINK_EVERY === 0) this.#shrinkStep();
  }

  override shrinkAt(cursor: number): number {
    const next = super.shrinkAt(cursor);
    this.#save();
    return next;
  }

  /** Begins a walk over all elements. The table must not change until it ends; others may be opened in between. */
  startWalk(): void {
    this.#walkRow = 0;
    this.#walkSlot = BUCKET_SLOTS;
    this.#walkBucket = 0;
    this.#walkEnd = 0;
  }

  /** The next element of the walk, 0 at the end. The table of the walk must be open. */
  nextRef(): Ref {
    for (;;) {
      const words = this.u32[this.#walkChunk]!;
      while (this.#walkSlot < BUCKET_SLOTS) {
        const ref = words[this.#walkBucket + REFS + this.#walkSlot++]!;
        if (ref !== 0) return ref;
      }
      this.#walkBucket += 16;
      if (this.#walkBucket >= this.#walkEnd && !this.#walkSegment()) return 0;
      this.#walkSlot = 0;
    }
  }

  /** Whether the element that `nextRef` just answered is marked. */
  get walkIsMarked(): boolean {
    return ((this.u32[this.#walkChunk]![this.#walkBucket + MARKS]! >>> (this.#walkSlot - 1)) & 1) !== 0;
  }

  /** The header of a copy of a table with all its elements; the copy is open. */
  copy(header: Ref): Ref {
    const copy = this.create();
    this.open(header);
    const at = this.#at;
    const words = this.#words.slice(at + OWN, at + OWN + OWN_WORDS);
    this.startWalk();
    for (let ref = this.nextRef(); ref !== 0; ref = this.nextRef()) {
      const marked = this.walkIsMarked;
      const hash = this.hashOf(ref);
      this.open(copy);
      this.add(hash, this.elements.copy(ref));
      if (marked) this.markHit(true);
      this.open(header);
    }
    this.open(copy);
    this.#words.set(words, this.#at + OWN);
    return copy;
  }

  /** Moves header and directory of the open table if they stand in sparse spans; the header's reference. */
  moveHeader(): Ref {
    if (this.arena.isSparse(this.#header, HEADER_BYTES))
      this.open(this.arena.move(this.#header, HEADER_BYTES));
    this.moveDirectory();
    this.#save();
    return this.#header;
  }

  /** Moves those elements of the bucket at a cursor that stand in sparse spans; returns the next cursor. */
  moveElementsAt(cursor: number): number {
    return this.moveAt(cursor, this.#moved);
  }

  /** Bytes of the open table without its elements. */
  get bytes(): number {
    return this.arena.usableBytes(HEADER_BYTES) + this.tableBytes;
  }

  /** Bytes of a table and its elements, which are estimated from the first `samples` (0: all are looked at). */
  bytesWithElements(header: Ref, samples: number): number {
    this.open(header);
    this.startWalk();
    let bytes = 0;
    let looked = 0;
    for (let ref = this.nextRef(); ref !== 0; ref = this.nextRef()) {
      bytes += this.arena.usableBytes(this.elements.blockBytes(ref));
      if (++looked === samples) break;
    }
    return this.bytes + (looked === 0 ? 0 : Math.round((bytes / looked) * this.size));
  }

  /** Blocks of a table with all its elements, about. */
  effort(header: Ref): number {
    this.open(header);
    return this.entryCount + this.buckets / SMALL_BUCKETS;
  }

  /** Frees a table and its elements. */
  drop(header: Ref): void {
    this.freeSome(header, Number.POSITIVE_INFINITY);
  }

  /**
   * Frees about `blocks` elements, whole segments at a time; true when the table is gone with its header. After the first
   * call nothing but another one may follow.
   */
  freeSome(header: Ref, blocks: number): boolean {
    this.open(header);
    const words = this.#words;
    const rows = this.directoryRef === 0 ? 0 : 1 << this.depth;
    // No table with a directory has no buckets: the mark of one that is being freed.
    let row = words[this.#at + BUCKETS] === 0 ? words[this.#at + CURSOR]! : 0;
    words[this.#at + BUCKETS] = 0;
    for (let left = blocks; row < rows; row = words[this.#at + CURSOR]!) {
      if (left <= 0) return false;
      const word = this.directoryAt + (row << 1);
      const meta = this.directory[word + 1]!;
      left -= this.#freeSegment(this.directory[word]!, meta & 0xffff);
      words[this.#at + CURSOR] = row + (1 << (this.depth - (meta >>> 16)));
    }
    if (rows > 0) this.arena.free(this.directoryRef, rows << 3);
    this.arena.free(header, HEADER_BYTES);
    return true;
  }

  override check(): void {
    super.check();
    let marked = 0;
    for (let cursor = this.scanMarked(0, () => marked++); cursor !== 0; )
      cursor = this.scanMarked(cursor, () => marked++);
    if (marked !== this.markedCount) throw new Error('table: wrong count of marked elements');
    const kept = this.#words.slice(this.#at, this.#at + FINEST + 1);
    this.#save();
    for (let i = 0; i < kept.length; i++)
      if (kept[i] !== this.#words[this.#at + i]) throw new Error(`table: word ${i} of the header is stale`);
  }

  protected override hashOf(ref: Ref): number {
    const { elements } = this;
    return this.#hash.hash(elements.view(ref), elements.memberAt(ref), elements.memberBytes(ref));
  }

  /** The header is brought up to date by `#save`. */
  protected override directoryMoved(): void {}

  #save(): void {
    const words = this.#words;
    const at = this.#at;
    words[at + DIRECTORY] = this.directoryRef;
    words[at + DEPTH] = this.depth;
    words[at + BUCKETS] = this.buckets;
    words[at + ELEMENTS] = this.entryCount;
    words[at + FINEST] = this.finest;
  }

  #isMember(ref: Ref, bytes: Uint8Array, at: number, length: number): boolean {
    const words = this.u32[ref >>> CHUNK_SHIFT]!;
    let word = (ref & UNIT_MASK) << 1;
    const head = words[word]!;
    if ((head & MEMBER_BYTES_MAX) !== length) return false;
    // The member stands on a word, the request's anywhere: compare words of the one with bytes of the other.
    word += HEAD_WORDS[head >>> 29]!;
    const end = at + length;
    const wordsEnd = end - 3;
    let i = at;
    for (; i < wordsEnd; i += 4) {
      const four = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
      if ((words[word++]! | 0) !== four) return false;
    }
    const rest = i < end ? words[word]! : 0;
    for (let shift = 0; i < end; i++, shift += 8) if (((rest >>> shift) & 0xff) !== bytes[i]) return false;
    return true;
  }

  #hitIsMarked(): boolean {
    const marks = this.u32[this.hitChunk]![(this.hitWord & ~15) + MARKS]!;
    return ((marks >>> ((this.hitWord & 15) - REFS)) & 1) !== 0;
  }

  #shrinkStep(): void {
    if (this.buckets <= SMALL_BUCKETS || this.entryCount >= this.capacity * SPARSE_FILL) return;
    this.#words[this.#at + CURSOR] = this.shrinkAt(this.#words[this.#at + CURSOR]!);
  }

  /** Moves the walk to its next segment; false if there is none. */
  #walkSegment(): boolean {
    const row = this.#walkRow;
    if (this.directoryRef === 0 || row >= 1 << this.depth) return false;
    const segment = this.directory[this.directoryAt + (row << 1)]!;
    const meta = this.directory[this.directoryAt + (row << 1) + 1]!;
    this.#walkChunk = segment >>> CHUNK_SHIFT;
    this.#walkBucket = (segment & UNIT_MASK) << 1;
    this.#walkEnd = this.#walkBucket + ((meta & 0xffff) << 4);
    this.#walkRow = row + (1 << (this.depth - (meta >>> 16)));
    return true;
  }

  /** Frees a segment and its elements; answers how many blocks. */
  #freeSegment(segment: Ref, count: number): number {
    const words = this.u32[segment >>> CHUNK_SHIFT]!;
    const base = (segment & UNIT_MASK) << 1;
    let blocks = 1;
    for (let bucketAt = base; bucketAt < base + (count << 4); bucketAt += 16) {
      for (let slot = 0; slot < BUCKET_SLOTS; slot++) {
        const ref = words[bucketAt + REFS + slot]!;
        if (ref === 0) continue;
        this.elements.free(ref);
        blocks++;
      }
    }
    this.arena.free(segment, count * BUCKET_BYTES);
    return blocks;
  }
}
