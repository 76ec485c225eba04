// Runs of 64 KiB granules inside 64 MiB chunks: where spans and large blocks come from and return to.
//
//   chunk     1,024 granules; one bit each says "in use", a second one "touched since it was last given back"
//
// A search starts at a chunk's first granule known to be possibly free. Freed granules keep their pages until
// `purge` returns them to the system; mapping is lazy, so a new chunk costs no memory before it is touched.
import { ChunkNumbers } from './chunk_numbers.ts';
import { GRANULE_BYTES } from './size_class.ts';

export const CHUNK_BYTES = 64 * 1024 * 1024;
export const GRANULES_PER_CHUNK = CHUNK_BYTES / GRANULE_BYTES;
/** The largest block that is no huge one. */
const LONG_RUN = 256;
/** How often the source hears where a chunk is being filled: every 16 granules, a mebibyte. */
const STRIDE_SHIFT = 4;
/** References are 32 bit in units of 8 bytes: 32 GiB. */
export const CHUNKS_MAX = 512;

/** Where chunks come from: the addon's Memory, or plain ArrayBuffers in tests. */
export interface ChunkSource {
  /** Maps `chunks` contiguous chunks as one zeroed buffer; `first` is the number of the first one. Throws if it cannot. */
  map(first: number, chunks: number): ArrayBuffer;
  unmap(first: number): void;
  /** Says that a chunk is being filled and that this byte of it comes next, so that its pages can be made ready. */
  approach(chunk: number, offset: number): void;
  /** Says that filling has come to rest: what was made ready from there on goes back. False: to be said again later. */
  rest(chunk: number, offset: number): boolean;
  /** Returns pages to the system; their content becomes zero. */
  decommit(chunk: number, offset: number, bytes: number): void;
}

const NONE = -1;

export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
}

interface Chunk {
  readonly used: Uint8Array;
  readonly touched: Uint8Array;
  freeGranules: number;
  /** No granule below this one is free. */
  firstFree: number;
  /** No granule from this one on was ever in use. */
  frontier: number;
}

export class Granules {
  readonly #source: ChunkSource;
  readonly #regionChunks: number;
  readonly #onChunk: (chunk: number, buffer: ArrayBuffer, offset: number, bytes: number) => void;
  /** The region whose chunks are handed out one by one, and where it ends. */
  #region: ArrayBuffer | null = null;
  #regionFirst = 0;
  #regionEnd = 0;
  #regionNext = 0;
  readonly #chunks: (Chunk | undefined)[] = [];
  readonly #numbers: ChunkNumbers;
  /** Granules that nobody uses, in all chunks that are handed out. */
  #free = 0;
  /** The system has refused to map a region; nobody asks again before `askAgain`. */
  #isRefused = false;
  /** What `#hasLongRun` found, and how many granules were free then. */
  #hasRun = false;
  #runAtFree = -1;
  #purgeChunk = 0;
  /** The chunk that is being filled, or NONE while that is at rest; whether it was since the last look. */
  #filled = NONE;
  #isFilling = false;
  /** Granules that are free but still hold pages. */
  touchedFreeGranules = 0;
  mappedChunks = 0;

  constructor(
    source: ChunkSource,
    /** How many chunks to map at once: V8 takes each buffer for a reason to collect garbage, so there should be few. */
    regionChunks: number,
    /** How many chunks there may be at most. */
    chunksMax: number,
    /** Told of chunks that are there now: `bytes` bytes of a buffer from `offset` on begin with chunk `chunk`. */
    onChunk: (chunk: number, buffer: ArrayBuffer, offset: number, bytes: number) => void,
  ) {
    this.#source = source;
    this.#regionChunks = regionChunks;
    this.#numbers = new ChunkNumbers(chunksMax);
    this.#onChunk = onChunk;
  }

  /** Takes `count` (≤ 256) contiguous granules; the result is a granule number over all chunks. */
  take(count: number): number {
    for (let c = 0; c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c];
      if (chunk === undefined || chunk.freeGranules < count) continue;
      const at = findRun(chunk, count);
      if (at >= 0) return this.#claim(c, chunk, at, count);
    }
    const c = this.#addChunk();
    return this.#claim(c, this.#chunks[c]!, c === 0 ? 1 : 0, count);
  }

  give(granule: number, count: number): void {
    const chunk = this.#chunks[Math.floor(granule / GRANULES_PER_CHUNK)]!;
    const at = granule % GRANULES_PER_CHUNK;
    chunk.used.fill(0, at, at + count);
    chunk.freeGranules += count;
    this.#free += count;
    if (at < chunk.firstFree) chunk.firstFree = at;
    this.touchedFreeGranules += count;
  }

  /** Maps a region now if the next chunk would need one: V8 answers that with a garbage collection. */
  prepare(): void {
    // If there is none, the allocation that needs it will say so.
    if (this.#regionNext === this.#regionEnd) this.#addRegion();
  }

  /** Maps a block of its own over whole chunks; returns the first chunk's number. */
  takeHuge(bytes: number): number {
    const chunks = Math.ceil(bytes / CHUNK_BYTES);
    const first = this.#numbers.take(chunks);
    if (first < 0) throw new OutOfMemoryError(`the arena has no room for ${bytes} bytes`);
    this.#onChunk(first, this.#map(first, chunks), 0, chunks * CHUNK_BYTES);
    this.mappedChunks += chunks;
    return first;
  }

  giveHuge(first: number, bytes: number): void {
    const chunks = Math.ceil(bytes / CHUNK_BYTES);
    this.#source.unmap(first);
    this.mappedChunks -= chunks;
    this.#numbers.give(first, chunks);
  }

  /** Whether so many granules can be had; maps memory ahead of its use to find out. */
  reserve(granules: number): boolean {
    if (this.#regionNext === this.#regionEnd && !this.#isRefused) this.#isRefused = !this.#addRegion();
    const untouched = this.#regionEnd - this.#regionNext;
    const more = this.#isRefused ? 0 : this.#numbers.freeChunks;
    if (this.#free + (untouched + more) * GRANULES_PER_CHUNK < granules) return false;
    return untouched > 0 || this.#hasLongRun();
  }

  /** Whether a large block would find a place in the chunks that are in use. */
  #hasLongRun(): boolean {
    if (this.#runAtFree !== this.#free) {
      this.#runAtFree = this.#free;
      this.#hasRun = this.#chunks.some((chunk) => chunk !== undefined && findRun(chunk, LONG_RUN) >= 0);
    }
    return this.#hasRun;
  }

  /** The system may have memory again. */
  askAgain(): void {
    this.#isRefused = false;
  }

  /** To be called about once a second: true once chunks are filled no further. What was made ready ahead goes back then. */
  rest(): boolean {
    const wasFilling = this.#isFilling;
    this.#isFilling = false;
    if (wasFilling || this.#filled === NONE) return false;
    const { frontier } = this.#chunks[this.#filled]!;
    if (!this.#source.rest(this.#filled, frontier * GRANULE_BYTES)) return false;
    this.#filled = NONE;
    return true;
  }

  /** Returns the pages of at most `granules` free granules to the system; answers how many it returned. */
  purge(granules: number): number {
    let returned = 0;
    for (let seen = 0; seen < this.#chunks.length && returned < granules; seen++) {
      if (this.#purgeChunk >= this.#chunks.length) this.#purgeChunk = 0;
      const chunk = this.#chunks[this.#purgeChunk];
      if (chunk !== undefined) returned += this.#purgeOne(this.#purgeChunk, chunk, granules - returned);
      if (returned < granules) this.#purgeChunk++;
    }
    this.touchedFreeGranules -= returned;
    return returned;
  }

  #purgeOne(c: number, chunk: Chunk, most: number): number {
    let returned = 0;
    for (let g = chunk.firstFree; g < GRANULES_PER_CHUNK && returned < most; g++) {
      if (chunk.used[g] !== 0 || chunk.touched[g] === 0) continue;
      let end = g;
      while (end < GRANULES_PER_CHUNK && end - g < most - returned && !chunk.used[end] && chunk.touched[end])
        end++;
      this.#source.decommit(c, g * GRANULE_BYTES, (end - g) * GRANULE_BYTES);
      chunk.touched.fill(0, g, end);
      returned += end - g;
      g = end;
    }
    return returned;
  }

  #claim(c: number, chunk: Chunk, at: number, count: number): number {
    const end = at + count;
    if (end > chunk.frontier) {
      if (end >> STRIDE_SHIFT !== at >> STRIDE_SHIFT || this.#filled === NONE) {
        this.#source.approach(c, end * GRANULE_BYTES);
        this.#filled = c;
      }
      this.#isFilling = true;
      chunk.frontier = end;
    }
    for (let g = at; g < end; g++) {
      if (chunk.touched[g] === 1) this.touchedFreeGranules--;
      chunk.used[g] = 1;
      chunk.touched[g] = 1;
    }
    chunk.freeGranules -= count;
    this.#free -= count;
    if (at === chunk.firstFree) chunk.firstFree = at + count;
    return c * GRANULES_PER_CHUNK + at;
  }

  #addChunk(): number {
    if (this.#regionNext === this.#regionEnd && !this.#addRegion())
      throw new OutOfMemoryError('the arena is full');
    const c = this.#regionNext++;
    const chunk: Chunk = {
      used: new Uint8Array(GRANULES_PER_CHUNK),
      touched: new Uint8Array(GRANULES_PER_CHUNK),
      freeGranules: GRANULES_PER_CHUNK,
      firstFree: 0,
      frontier: 0,
    };
    if (c === 0) {
      // Reference 0 means "none": the first granule is never handed out.
      chunk.used[0] = 1;
      chunk.freeGranules--;
      chunk.firstFree = 1;
    }
    this.#onChunk(c, this.#region!, (c - this.#regionFirst) * CHUNK_BYTES, CHUNK_BYTES);
    this.mappedChunks++;
    this.#free += chunk.freeGranules;
    this.#chunks[c] = chunk;
    return c;
  }

  /** Maps another region, a smaller one if need be; false if not even a chunk can be had. */
  #addRegion(): boolean {
    for (let chunks = this.#regionChunks; chunks >= 1; chunks >>= 1) {
      const first = this.#numbers.take(chunks);
      if (first < 0) continue;
      try {
        this.#region = this.#map(first, chunks);
      } catch (error) {
        if (error instanceof OutOfMemoryError) continue;
        throw error;
      }
      this.#regionFirst = first;
      this.#regionNext = first;
      this.#regionEnd = first + chunks;
      return true;
    }
    return false;
  }

  /** Maps chunks whose numbers were taken; gives the numbers back if the system refuses. Throws OutOfMemoryError. */
  #map(first: number, chunks: number): ArrayBuffer {
    try {
      return this.#source.map(first, chunks);
    } catch (error) {
      this.#numbers.give(first, chunks);
      throw new OutOfMemoryError(`no memory could be mapped: ${(error as Error).message}`);
    }
  }
}

/** First run of `count` free granules in a chunk, or -1. */
function findRun(chunk: Chunk, count: number): number {
  let run = 0;
  for (let g = chunk.firstFree; g < GRANULES_PER_CHUNK; g++) {
    run = chunk.used[g] === 0 ? run + 1 : 0;
    if (run === count) return g - count + 1;
  }
  return -1;
}
