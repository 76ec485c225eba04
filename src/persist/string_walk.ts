// A long string as a snapshot sees it: written in chunks of bytes, each before it changes.
//
// A compressed string is one LZF stream with its length before it. But a stream may be made of streams of chunks, as long as no
// chunk refers to bytes of another one: they are just put one behind the other.
import type { Ref } from '../arena/arena.ts';
import { Lzf } from '../structs/lzf.ts';
import type { StringGuard } from '../types/string.ts';
import type { Piece } from './pieces.ts';
import { RdbOutput } from './rdb_output.ts';
import { ValueWalk, type ValueWalkOptions } from './value_walk.ts';

/** Strings of at least so many bytes are written like this. */
export const LONG_STRING_BYTES = 128 * 1024;
const CHUNK_BYTES = 32 * 1024;
/** How many bytes are looked at, in several places, to find out whether to compress. */
const SAMPLES = 4;
const SAMPLE_BYTES = 2048;

/** Where bytes of a string are now. */
export interface Located {
  readonly bytes: Uint8Array;
  readonly at: number;
}

export class StringWalk extends ValueWalk implements StringGuard {
  readonly length: number;
  #structure: Ref;
  readonly #locate: (structure: Ref) => Located;
  readonly #onMoved: (from: Ref, to: Ref) => void;
  readonly #chunks: (Piece | undefined)[];
  readonly #compresses: boolean;
  readonly #lzf = new Lzf();
  readonly #chunk = new RdbOutput();
  #next = 0;
  #storedBytes = 0;

  constructor(
    options: ValueWalkOptions,
    length: number,
    compresses: boolean,
    locate: (structure: Ref) => Located,
    onMoved: (from: Ref, to: Ref) => void,
  ) {
    super(options);
    this.length = length;
    this.#structure = options.structure;
    this.#locate = locate;
    this.#onMoved = onMoved;
    this.#chunks = new Array<Piece | undefined>(Math.ceil(length / CHUNK_BYTES));
    this.#compresses = compresses && this.#isWorthIt();
  }

  before(from: number, to: number): void {
    const end = Math.min(to, this.length);
    if (from >= end) return;
    const last = Math.floor((end - 1) / CHUNK_BYTES);
    for (let chunk = Math.floor(from / CHUNK_BYTES); chunk <= last; chunk++) this.#write(chunk);
  }

  moved(to: Ref): void {
    this.#onMoved(this.#structure, to);
    this.#structure = to;
  }

  step(): boolean {
    while (this.#chunks[this.#next] !== undefined) this.#next++;
    if (this.#next < this.#chunks.length) this.#write(this.#next++);
    return this.#next < this.#chunks.length;
  }

  parts(): Piece[] {
    const { out, pieces } = this.options;
    if (this.#compresses) out.compressedHead(this.#storedBytes, this.length);
    else out.size(this.length);
    return [pieces.keep(out), ...(this.#chunks as Piece[])];
  }

  #write(chunk: number): void {
    if (this.#chunks[chunk] !== undefined) return;
    this.attempt(() => {
      const { bytes, at } = this.#locate(this.#structure);
      const from = chunk * CHUNK_BYTES;
      const length = Math.min(CHUNK_BYTES, this.length - from);
      const out = this.#chunk;
      if (this.#compresses) out.lzf(this.#lzf, bytes, at + from, length);
      else out.raw(bytes, at + from, length);
      this.#storedBytes += out.length;
      this.#chunks[chunk] = this.options.pieces.keep(out);
    });
  }

  /** Whether samples of the string get shorter. */
  #isWorthIt(): boolean {
    const { bytes, at } = this.#locate(this.#structure);
    const out = this.#chunk;
    for (let i = 0; i < SAMPLES; i++) {
      const from = Math.floor((i * (this.length - SAMPLE_BYTES)) / (SAMPLES - 1));
      out.lzf(this.#lzf, bytes, at + from, SAMPLE_BYTES);
    }
    const { length } = out;
    out.reset();
    return length < SAMPLES * SAMPLE_BYTES;
  }
}
