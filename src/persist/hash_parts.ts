// A range of hashes that is dealt with part by part, each part once: when a walk comes to it, or earlier because something in
// it is about to change.
//
//   hashes   0                                                                      2^32
//            |  w  |  w  |  w  |     |     |  w  |     |     |  w  |     |     |     |       w = written
//                               ^ the walk is here     ^ something changed here   ^ and here
//
// There are as many equal parts as make a handful of entries each, and one bit for each part. What comes later than the walk's
// beginning never gets into it, as its part is written before. And since tables keep the order of hashes (structs/segments.ts),
// it makes no difference how they grow, split and shrink meanwhile.

const ENTRIES_A_PART = 8;
const HASH_BITS = 32;
/** Parts that the walk writes at once if none of them is written. */
const PARTS_AT_ONCE = 4;

export abstract class HashParts {
  /** A part's number is its hashes shifted by this. */
  readonly #shift: number;
  readonly #parts: number;
  readonly #written: Uint32Array;
  #next = 0;

  constructor(entries: number) {
    const bits = Math.min(Math.max(Math.ceil(Math.log2(entries / ENTRIES_A_PART)), 1), HASH_BITS - 1);
    this.#shift = HASH_BITS - bits;
    this.#parts = 2 ** bits;
    this.#written = new Uint32Array(Math.ceil(this.#parts / 32));
  }

  /** Writes what has a hash of at least `first` and below `end`. */
  protected abstract write(first: number, end: number): void;

  /** Something of this hash is about to be added, changed or dropped. */
  before(hash: number): void {
    const part = hash >>> this.#shift;
    if (!this.#isWritten(part)) this.#writeParts(part, 1);
  }

  /** Writes the next few parts; false if that was all. */
  step(): boolean {
    let part = this.#next;
    while (part < this.#parts && this.#isWritten(part)) part++;
    let count = 0;
    while (count < PARTS_AT_ONCE && part + count < this.#parts && !this.#isWritten(part + count)) count++;
    this.#next = part + count;
    if (count > 0) this.#writeParts(part, count);
    return this.#next < this.#parts;
  }

  #isWritten(part: number): boolean {
    return ((this.#written[part >>> 5]! >>> (part & 31)) & 1) !== 0;
  }

  #writeParts(first: number, count: number): void {
    for (let part = first; part < first + count; part++) this.#written[part >>> 5]! |= 1 << (part & 31);
    const size = 2 ** this.#shift;
    this.write(first * size, (first + count) * size);
  }
}
