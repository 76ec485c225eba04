// Which numbers of chunks are free: ranges in order, first fit, neighbours joined when they come back.

interface Range {
  first: number;
  chunks: number;
}

export class ChunkNumbers {
  readonly #free: Range[];

  constructor(chunks: number) {
    this.#free = [{ first: 0, chunks }];
  }

  get freeChunks(): number {
    return this.#free.reduce((sum, { chunks }) => sum + chunks, 0);
  }

  /** The first of `chunks` contiguous numbers, or -1. */
  take(chunks: number): number {
    const place = this.#free.findIndex((range) => range.chunks >= chunks);
    if (place < 0) return -1;
    const range = this.#free[place]!;
    const { first } = range;
    range.first += chunks;
    range.chunks -= chunks;
    if (range.chunks === 0) this.#free.splice(place, 1);
    return first;
  }

  give(first: number, chunks: number): void {
    let place = this.#free.findIndex((range) => range.first > first);
    if (place < 0) place = this.#free.length;
    this.#free.splice(place, 0, { first, chunks });
    this.#join(place);
    this.#join(place - 1);
  }

  /** Joins the range at a place with the next one if they touch. */
  #join(place: number): void {
    const range = this.#free[place];
    const next = this.#free[place + 1];
    if (range === undefined || next === undefined || range.first + range.chunks !== next.first) return;
    range.chunks += next.chunks;
    this.#free.splice(place + 1, 1);
  }
}
