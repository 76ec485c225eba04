// The arena: every key, value and table lives here, off the V8 heap.
//
// A reference is a 32-bit number in units of 8 bytes, 0 meaning none. It names a chunk of 64 MiB and a place in it:
//
//   31            23 22                          0
//   +---------------+----------------------------+      u8[ref >>> 23]   at byte (ref & 0x7fffff) << 3
//   |  chunk number |  unit of 8 bytes           |      u32[ref >>> 23]  at word (ref & 0x7fffff) << 1
//   +---------------+----------------------------+      f64[ref >>> 23]  at double ref & 0x7fffff
//
// Small blocks come from spans of one size class (size_class.ts). A span keeps its own list of free blocks, threaded
// through the blocks themselves, and its own count of live ones, so that an empty span can leave. Blocks up to 16 MiB are
// runs of granules; larger ones own whole chunks and are addressed through the view of their first chunk. No
// block has a header: who frees a block says how large it was asked for.
//
// Span records, 8 words for each granule of a chunk (#spans[chunk]):
//
//   word 0        1            2            3       4       5       6        7
//   first free    blocks cut   live blocks  class   next    prev    granules  granule where the span begins
//   block (ref)   so far                    or -1   span    span    in all    (for a granule inside one)

import { copyBytes, packWords, suitWords } from '../base/bytes.ts';
import { CHUNK_BYTES, CHUNKS_MAX, type ChunkSource, GRANULES_PER_CHUNK, Granules } from './granules.ts';
import { GUARD_BYTES, Guard } from './guard.ts';
import {
  CLASS_BYTES,
  CLASS_BYTES_MAX,
  CLASS_COUNT,
  classOf,
  GRANULE_BYTES,
  SPAN_GRANULES,
  slotsOf,
} from './size_class.ts';

export type Ref = number;

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const GRANULE_SHIFT = 13;
const GRANULE_MASK = GRANULES_PER_CHUNK - 1;
const HUGE_BYTES_MIN = 16 * 1024 * 1024;

const FREE = 0;
const CUT = 1;
const LIVE = 2;
const CLASS = 3;
const NEXT = 4;
const PREV = 5;
const GRANULES = 6;
const HEAD = 7;
const NONE = -1;
/** How many empty spans are kept: values that grow use one class after the other, each for a moment. */
const SPARES_MAX = 16;
/** How finely spans are told apart by how full they are. */
const BINS = 32;
/** Up to so many bytes a loop over words copies faster than a call. */
const WORD_COPY_BYTES_MAX = 256;

export interface ArenaOptions {
  source: ChunkSource;
  /** Chunks that are mapped together; memory is used as it is touched all the same. */
  regionChunks?: number;
  /** How many chunks there may be; references reach 512. */
  chunksMax?: number;
  /** Redzones, poison and quarantine around every block: for tests. */
  checked?: boolean;
}

export class Arena {
  readonly u8: Uint8Array[] = [];
  readonly u32: Uint32Array[] = [];
  readonly f64: Float64Array[] = [];
  /** For copies (base/bytes.ts). */
  readonly views: DataView[] = [];
  /** Bytes of live blocks of each class, then of large blocks; [CLASS_COUNT + 1] is their sum. */
  readonly #bytes = new Float64Array(CLASS_COUNT + 2);
  readonly #spans: Int32Array[] = [];
  /** First span of each class that has room, as a granule number. */
  readonly #roomy = new Int32Array(CLASS_COUNT).fill(NONE);
  readonly #spanCount = new Int32Array(CLASS_COUNT);
  /** Of each chunk one byte a granule: 1 for the first one of a span whose blocks should move to fuller spans. */
  readonly #sparse: Uint8Array[] = [];
  /** 1 for classes in whose fuller spans there is room for such blocks still. */
  readonly #condensing = new Uint8Array(CLASS_COUNT);
  /** 1 for classes that had such room, but no longer. */
  readonly #stale = new Uint8Array(CLASS_COUNT);
  readonly #bins = new Int32Array(BINS);
  /** Empty spans that were kept, and whose turn it is to go. */
  readonly #spares = new Int32Array(SPARES_MAX).fill(NONE);
  #spareTurn = 0;
  readonly #granules: Granules;
  /** Called when a block of more than 256 KiB was taken. */
  onLarge: () => void = () => {};
  /** How often `isSparse` looked at a span, and how many blocks moved. */
  looks = 0;
  moves = 0;
  /** Every block counts as one that should move: for tests, whose few blocks lie close together. */
  movesAll = false;
  readonly #guard: Guard | null;

  constructor(options: ArenaOptions) {
    this.#granules = new Granules(
      options.source,
      options.regionChunks ?? 1,
      options.chunksMax ?? CHUNKS_MAX,
      (chunk, buffer, offset, bytes) => {
        this.u8[chunk] = new Uint8Array(buffer, offset, bytes);
        this.u32[chunk] = new Uint32Array(buffer, offset, bytes >> 2);
        this.f64[chunk] = new Float64Array(buffer, offset, bytes >> 3);
        this.views[chunk] = new DataView(buffer, offset, bytes);
        this.#spans[chunk] ??= new Int32Array(GRANULES_PER_CHUNK * 8);
        this.#sparse[chunk] ??= new Uint8Array(GRANULES_PER_CHUNK);
      },
    );
    this.#guard = options.checked ? new Guard(this) : null;
  }

  /** Exact bytes of all live blocks, each counted at its class size. */
  get usedBytes(): number {
    return this.#bytes[CLASS_COUNT + 1]! - (this.#guard === null ? 0 : this.#guard.quarantineBytes);
  }

  /** Bytes that the arena holds from the system: what is in spans, large blocks and free but touched granules. */
  get committedBytes(): number {
    let granules = this.#granules.touchedFreeGranules;
    for (let c = 0; c < CLASS_COUNT; c++) granules += this.#spanCount[c]! * SPAN_GRANULES[c]!;
    return granules * GRANULE_BYTES + this.#bytes[CLASS_COUNT]!;
  }

  get mappedBytes(): number {
    return this.#granules.mappedChunks * CHUNK_BYTES;
  }

  /** Writes bytes from outside the arena at byte `to` of a chunk. */
  put(from: Uint8Array, fromAt: number, length: number, chunk: number, to: number): void {
    if (suitWords(length)) packWords(from, fromAt, this.views[chunk]!, to, length);
    else copyBytes(from, fromAt, this.u8[chunk]!, to, length);
  }

  /** A block of at least `bytes` bytes, content undefined. Throws OutOfMemoryError. */
  alloc(bytes: number): Ref {
    return this.#guard === null ? this.allocRaw(bytes) : this.#guard.alloc(bytes);
  }

  /** Frees a block; `bytes` is what it was allocated or last resized with. */
  free(ref: Ref, bytes: number): void {
    if (this.#guard === null) this.freeRaw(ref, bytes);
    else this.#guard.free(ref, bytes);
  }

  /** Moves a block to another size if need be; keeps its first bytes. */
  resize(ref: Ref, oldBytes: number, newBytes: number): Ref {
    if (this.#guard === null && this.#fitsInPlace(oldBytes, newBytes)) return ref;
    const to = this.alloc(newBytes);
    this.#copy(ref, to, Math.min(oldBytes, newBytes));
    this.free(ref, oldBytes);
    return to;
  }

  /** How many bytes a block asked for with `bytes` really has. */
  usableBytes(bytes: number): number {
    if (bytes <= CLASS_BYTES_MAX) return CLASS_BYTES[classOf(bytes)]!;
    return Math.ceil(bytes / GRANULE_BYTES) * GRANULE_BYTES;
  }

  allocRaw(bytes: number): Ref {
    if (bytes > CLASS_BYTES_MAX) return this.#allocLarge(bytes);
    const sizeClass = classOf(bytes);
    let granule = this.#roomy[sizeClass]!;
    if (granule === NONE) granule = this.#addSpan(sizeClass);
    const span = this.#spans[granule >>> 10]!;
    const at = (granule & GRANULE_MASK) << 3;
    const size = CLASS_BYTES[sizeClass]!;
    const live = ++span[at + LIVE]!;
    let ref = span[at + FREE]! >>> 0;
    if (ref !== 0) {
      span[at + FREE] = this.u32[ref >>> CHUNK_SHIFT]![(ref & UNIT_MASK) << 1]!;
    } else {
      ref = ((granule << GRANULE_SHIFT) >>> 0) + ((span[at + CUT]!++ * size) >>> 3);
    }
    if ((live + 1) * size > span[at + GRANULES]! * GRANULE_BYTES) this.#unlink(granule, sizeClass);
    this.#bytes[sizeClass]! += size;
    this.#bytes[CLASS_COUNT + 1]! += size;
    return ref;
  }

  freeRaw(ref: Ref, bytes: number): void {
    if (bytes > CLASS_BYTES_MAX) {
      this.#freeLarge(ref, bytes);
      return;
    }
    const sizeClass = classOf(bytes);
    const spans = this.#spans[ref >>> CHUNK_SHIFT]!;
    let granule = ref >>> GRANULE_SHIFT;
    let at = (granule & GRANULE_MASK) << 3;
    granule = spans[at + HEAD]!;
    at = (granule & GRANULE_MASK) << 3;
    if (spans[at + CLASS] !== sizeClass) throw new Error(`arena: block ${ref} is not of ${bytes} bytes`);
    const size = CLASS_BYTES[sizeClass]!;
    const wasFull = (spans[at + LIVE]! + 1) * size > spans[at + GRANULES]! * GRANULE_BYTES;
    this.u32[ref >>> CHUNK_SHIFT]![(ref & UNIT_MASK) << 1] = spans[at + FREE]!;
    spans[at + FREE] = ref | 0;
    const live = --spans[at + LIVE]!;
    if (wasFull) this.#link(granule, sizeClass);
    if (live === 0) this.#emptied(granule, sizeClass);
    this.#bytes[sizeClass]! -= size;
    this.#bytes[CLASS_COUNT + 1]! -= size;
  }

  /** Whether so many more bytes can be had, as far as that can be known. */
  reserve(bytes: number): boolean {
    return this.#granules.reserve(Math.ceil(bytes / GRANULE_BYTES));
  }

  /** The system may have memory again after it refused some. */
  askAgain(): void {
    this.#granules.askAgain();
  }

  /** Bytes of all places in spans where no block is: what moving blocks could win at most. */
  get slackBytes(): number {
    let bytes = 0;
    for (let c = 0; c < CLASS_COUNT; c++)
      bytes += this.#spanCount[c]! * slotsOf(c) * CLASS_BYTES[c]! - this.#bytes[c]!;
    return bytes;
  }

  /**
   * Begins to condense a class: its spans with room stand in line from the fullest to the emptiest, so that they fill up in
   * this order, and the last ones, whose blocks fit into the others, count as sparse.
   */
  condense(sizeClass: number): void {
    const bins = this.#bins.fill(NONE);
    const slots = slotsOf(sizeClass);
    let live = 0;
    for (let granule = this.#roomy[sizeClass]!; granule !== NONE; ) {
      const span = this.#spans[granule >>> 10]!;
      const at = (granule & GRANULE_MASK) << 3;
      const next = span[at + NEXT]!;
      const bin = Math.min(BINS - 1, Math.floor((span[at + LIVE]! * BINS) / slots));
      live += span[at + LIVE]!;
      span[at + NEXT] = bins[bin]!;
      bins[bin] = granule;
      granule = next;
    }
    const isWon = this.#lineUp(sizeClass, Math.ceil(live / slots));
    this.#condensing[sizeClass] = isWon ? 1 : 0;
  }

  /** Links the spans of a class anew, those of the fullest bin first; all but the first `kept` are sparse. True if any is. */
  #lineUp(sizeClass: number, kept: number): boolean {
    let place = 0;
    let previous = NONE;
    this.#roomy[sizeClass] = NONE;
    for (let bin = BINS - 1; bin >= 0; bin--) {
      for (let granule = this.#bins[bin]!; granule !== NONE; place++) {
        const span = this.#spans[granule >>> 10]!;
        const at = (granule & GRANULE_MASK) << 3;
        const next = span[at + NEXT]!;
        span[at + PREV] = previous;
        span[at + NEXT] = NONE;
        if (previous === NONE) this.#roomy[sizeClass] = granule;
        else this.#spans[previous >>> 10]![((previous & GRANULE_MASK) << 3) + NEXT] = granule;
        this.#sparse[granule >>> 10]![granule & GRANULE_MASK] = place < kept ? 0 : 1;
        previous = granule;
        granule = next;
      }
    }
    return place > kept;
  }

  /** Condenses those classes again whose fuller spans have filled up since. */
  condenseAgain(): void {
    for (let c = 0; c < CLASS_COUNT; c++) {
      if (this.#stale[c] === 0) continue;
      this.#stale[c] = 0;
      this.condense(c);
    }
  }

  /** Ends what `condense` began. */
  endCondensing(): void {
    this.#condensing.fill(0);
    this.#stale.fill(0);
  }

  /** Whether a block stands in a sparse span. */
  isSparse(ref: Ref, bytes: number): boolean {
    const blockBytes = this.#guard === null ? bytes : bytes + GUARD_BYTES;
    if (blockBytes > CLASS_BYTES_MAX) return false;
    const sizeClass = classOf(blockBytes);
    if (this.#condensing[sizeClass] === 0 && !this.movesAll) return false;
    this.looks++;
    if (this.movesAll) return true;
    const spans = this.#spans[ref >>> CHUNK_SHIFT]!;
    const granule = spans[(((ref >>> GRANULE_SHIFT) & GRANULE_MASK) << 3) + HEAD]!;
    if (this.#sparse[granule >>> 10]![granule & GRANULE_MASK] === 0) return false;
    // It may have filled up since.
    const at = (granule & GRANULE_MASK) << 3;
    return (spans[at + LIVE]! + 1) * CLASS_BYTES[sizeClass]! <= spans[at + GRANULES]! * GRANULE_BYTES;
  }

  /** Moves a block out of its sparse span, if a fuller one has room; its new reference, or the old one. */
  move(ref: Ref, bytes: number): Ref {
    const to = this.replica(ref, bytes);
    if (to === 0) return ref;
    this.free(ref, bytes);
    return to;
  }

  /** Like `move`, but the old block stays; 0 if no fuller span has room. */
  replica(ref: Ref, bytes: number): Ref {
    const to = this.alloc(bytes);
    if (!this.movesAll && this.isSparse(to, bytes)) {
      this.free(to, bytes);
      const sizeClass = classOf(this.#guard === null ? bytes : bytes + GUARD_BYTES);
      this.#condensing[sizeClass] = 0;
      this.#stale[sizeClass] = 1;
      return 0;
    }
    this.#copy(ref, to, bytes);
    this.moves++;
    return to;
  }

  #copy(ref: Ref, to: Ref, bytes: number): void {
    const from = (ref & UNIT_MASK) << 1;
    const into = (to & UNIT_MASK) << 1;
    const words = bytes <= WORD_COPY_BYTES_MAX ? bytes >> 2 : 0;
    const source = this.u32[ref >>> CHUNK_SHIFT]!;
    const target = this.u32[to >>> CHUNK_SHIFT]!;
    for (let word = words; word-- > 0; ) target[into + word] = source[from + word]!;
    const done = words << 2;
    if (done === bytes) return;
    const bytesFrom = this.u8[ref >>> CHUNK_SHIFT]!;
    copyBytes(bytesFrom, (from << 2) + done, this.u8[to >>> CHUNK_SHIFT]!, (into << 2) + done, bytes - done);
  }

  /** Returns pages of free granules to the system, at most `granules` of them; answers how many. */
  purge(granules = Number.MAX_SAFE_INTEGER): number {
    return this.#granules.purge(granules);
  }

  /** To be called about once a second: an arena that has not grown since gives back what it kept to grow into. */
  rest(): void {
    if (!this.#granules.rest()) return;
    for (const granule of this.#spares) this.#dropSpare(granule);
    this.#spares.fill(NONE);
  }

  /** Takes on itself, while nobody waits, what the next allocation might otherwise have to do first. */
  prepare(): void {
    this.#granules.prepare();
  }

  get purgeableBytes(): number {
    return this.#granules.touchedFreeGranules * GRANULE_BYTES;
  }

  /** Per class: block size, live bytes, spans. Large blocks come last with size 0. */
  classes(): { blockBytes: number; usedBytes: number; spanBytes: number }[] {
    const rows = [];
    for (let c = 0; c < CLASS_COUNT; c++) {
      rows.push({
        blockBytes: CLASS_BYTES[c]!,
        usedBytes: this.#bytes[c]!,
        spanBytes: this.#spanCount[c]! * SPAN_GRANULES[c]! * GRANULE_BYTES,
      });
    }
    const large = this.#bytes[CLASS_COUNT]!;
    rows.push({ blockBytes: 0, usedBytes: large, spanBytes: large });
    return rows;
  }

  /** Checked mode: walks all blocks and throws on a damaged one. */
  verify(): void {
    this.#guard?.verify();
  }

  /** Checked mode: how many blocks are live. */
  get liveBlocks(): number {
    return this.#guard?.liveBlocks ?? Number.NaN;
  }

  /** Whether `resize` leaves a block where it is and takes no memory; not said of huge ones. */
  staysInPlace(oldBytes: number, newBytes: number): boolean {
    return this.#guard === null && this.usableBytes(oldBytes) === this.usableBytes(newBytes);
  }

  #fitsInPlace(oldBytes: number, newBytes: number): boolean {
    const oldUsable = this.usableBytes(oldBytes);
    const newUsable = this.usableBytes(newBytes);
    if (oldUsable === newUsable) return true;
    if (oldBytes <= HUGE_BYTES_MIN || newBytes <= HUGE_BYTES_MIN) return false;
    if (Math.ceil(oldBytes / CHUNK_BYTES) !== Math.ceil(newBytes / CHUNK_BYTES)) return false;
    this.#bytes[CLASS_COUNT]! += newUsable - oldUsable;
    this.#bytes[CLASS_COUNT + 1]! += newUsable - oldUsable;
    return true;
  }

  #allocLarge(bytes: number): Ref {
    const whole = this.usableBytes(bytes);
    const ref =
      bytes > HUGE_BYTES_MIN
        ? (this.#granules.takeHuge(bytes) << CHUNK_SHIFT) >>> 0
        : (this.#granules.take(whole / GRANULE_BYTES) << GRANULE_SHIFT) >>> 0;
    this.#bytes[CLASS_COUNT]! += whole;
    this.#bytes[CLASS_COUNT + 1]! += whole;
    this.onLarge();
    return ref;
  }

  #freeLarge(ref: Ref, bytes: number): void {
    const whole = this.usableBytes(bytes);
    if (bytes > HUGE_BYTES_MIN) {
      for (const views of [this.u8, this.u32, this.f64, this.views]) delete views[ref >>> CHUNK_SHIFT];
      this.#granules.giveHuge(ref >>> CHUNK_SHIFT, bytes);
    } else {
      this.#granules.give(ref >>> GRANULE_SHIFT, whole / GRANULE_BYTES);
    }
    this.#bytes[CLASS_COUNT]! -= whole;
    this.#bytes[CLASS_COUNT + 1]! -= whole;
  }

  #addSpan(sizeClass: number): number {
    const granules = SPAN_GRANULES[sizeClass]!;
    const granule = this.#granules.take(granules);
    const span = this.#spans[granule >>> 10]!;
    const at = (granule & GRANULE_MASK) << 3;
    span[at + FREE] = 0;
    span[at + CUT] = 0;
    span[at + LIVE] = 0;
    span[at + CLASS] = sizeClass;
    span[at + GRANULES] = granules;
    this.#sparse[granule >>> 10]![granule & GRANULE_MASK] = 0;
    for (let i = 0; i < granules; i++) span[at + (i << 3) + HEAD] = granule;
    this.#spanCount[sizeClass]!++;
    this.#link(granule, sizeClass);
    return granule;
  }

  /** A span without live blocks leaves, unless it is the only one of its class with room and worth keeping. */
  #emptied(granule: number, sizeClass: number): void {
    const span = this.#spans[granule >>> 10]!;
    const at = (granule & GRANULE_MASK) << 3;
    const isLast = this.#roomy[sizeClass] === granule && span[at + NEXT] === NONE;
    if (isLast && SPAN_GRANULES[sizeClass] === 1) this.#keepSpare(granule);
    else this.#dropSpan(granule);
  }

  /** Keeps an empty span for the next block of its class; the one that was kept longest goes, if it is empty still. */
  #keepSpare(granule: number): void {
    const span = this.#spans[granule >>> 10]!;
    const at = (granule & GRANULE_MASK) << 3;
    span[at + FREE] = 0;
    span[at + CUT] = 0;
    if (this.#spares.includes(granule)) return;
    this.#dropSpare(this.#spares[this.#spareTurn]!);
    this.#spares[this.#spareTurn] = granule;
    this.#spareTurn = (this.#spareTurn + 1) % SPARES_MAX;
  }

  /** Drops a span that was kept (NONE: none) if it is empty still: it may have become a part of something else. */
  #dropSpare(granule: number): void {
    if (granule === NONE) return;
    const words = this.#spans[granule >>> 10]!;
    const at = (granule & GRANULE_MASK) << 3;
    if (words[at + CLASS] !== NONE && words[at + LIVE] === 0) this.#dropSpan(granule);
  }

  #dropSpan(granule: number): void {
    const span = this.#spans[granule >>> 10]!;
    const at = (granule & GRANULE_MASK) << 3;
    const sizeClass = span[at + CLASS]!;
    this.#unlink(granule, sizeClass);
    span[at + CLASS] = NONE;
    this.#spanCount[sizeClass]!--;
    this.#granules.give(granule, span[at + GRANULES]!);
  }

  #link(granule: number, sizeClass: number): void {
    const span = this.#spans[granule >>> 10]!;
    const at = (granule & GRANULE_MASK) << 3;
    const next = this.#roomy[sizeClass]!;
    span[at + NEXT] = next;
    span[at + PREV] = NONE;
    if (next !== NONE) this.#spans[next >>> 10]![((next & GRANULE_MASK) << 3) + PREV] = granule;
    this.#roomy[sizeClass] = granule;
  }

  #unlink(granule: number, sizeClass: number): void {
    const span = this.#spans[granule >>> 10]!;
    const at = (granule & GRANULE_MASK) << 3;
    const next = span[at + NEXT]!;
    const prev = span[at + PREV]!;
    if (prev === NONE) this.#roomy[sizeClass] = next;
    else this.#spans[prev >>> 10]![((prev & GRANULE_MASK) << 3) + NEXT] = next;
    if (next !== NONE) this.#spans[next >>> 10]![((next & GRANULE_MASK) << 3) + PREV] = prev;
  }
}
