// Random numbers enter the server here and nowhere else: sfc32 (Chris Doty-Humphrey, PractRand), seeded by the operating
// system or by a test. Not for secrets: those use node:crypto.
import { randomBytes } from 'node:crypto';

const TWO_32 = 2 ** 32;
/** Times 32 bits it stays below 2^53. */
const EXACT_BOUND_MAX = 2 ** 21;

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param seed any integer; without one the operating system seeds. */
  constructor(seed?: number) {
    if (seed === undefined) {
      const bytes = randomBytes(12);
      this.#a = bytes.readInt32LE(0);
      this.#b = bytes.readInt32LE(4);
      this.#c = bytes.readInt32LE(8);
    } else {
      this.#a = seed | 0;
      this.#b = Math.floor(seed / 2 ** 32) | 0;
      this.#c = 0x9e3779b9 | 0;
    }
    for (let i = 0; i < 15; i++) this.int32();
  }

  /** Uniform over -2^31 … 2^31 - 1: a number that V8 need not put on its heap, whatever it is. */
  int32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum;
  }

  /** Uniform over 0 … 2^32 - 1. */
  u32(): number {
    return this.int32() >>> 0;
  }

  /** Uniform over 0 … bound - 1, bound up to 2^32, without bias. */
  below(bound: number): number {
    if (bound <= EXACT_BOUND_MAX) return this.#belowExact(bound);
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let value = this.int32() >>> 0;
    while (value >= limit) value = this.int32() >>> 0;
    return value % bound;
  }

  /** Multiplies instead of dividing (Lemire, "Fast random integer generation in an interval", 2019); products are exact. */
  #belowExact(bound: number): number {
    for (;;) {
      const value = this.int32() >>> 0;
      const low = Math.imul(value, bound) >>> 0;
      // The lowest products come once too often; nearly none is so low that this has to be known exactly.
      if (low >= bound || low >= (TWO_32 - bound) % bound) return (value * bound - low) / TWO_32;
    }
  }

  /** Uniform over [0, 1) with 53 bits. */
  unit(): number {
    return ((this.int32() >>> 5) * 2 ** 26 + (this.int32() >>> 6)) / 2 ** 53;
  }

  /** `bytes` random bytes as lower-case hex. */
  hex(bytes: number): string {
    let text = '';
    for (let i = 0; i < bytes; i++) text += (this.u32() >>> 24).toString(16).padStart(2, '0');
    return text;
  }
}
