// MurmurHash64A (Austin Appleby, public domain): the hash of HyperLogLog's elements, whose results are part of its format.
//
// A 64-bit integer is a pair of 32-bit words. The products by the constant are made of 16-bit halves where the high word
// of a 32-bit product is needed.

const M_LO = 0x5bd1e995;
const M_HI = 0xc6a4a793;
const SHIFT = 47 - 32;

/** High word of the 64-bit product of an unsigned word and the constant's low word. */
function highOfProduct(a: number): number {
  const low = Math.imul(a & 0xffff, M_LO & 0xffff);
  const middle = (Math.imul(a >>> 16, M_LO & 0xffff) >>> 0) + (low >>> 16);
  const other = (Math.imul(a & 0xffff, M_LO >>> 16) >>> 0) + (middle & 0xffff);
  return (Math.imul(a >>> 16, M_LO >>> 16) + (middle >>> 16) + (other >>> 16)) | 0;
}

export class Murmur64 {
  /** Words of the latest hash. */
  lo = 0;
  hi = 0;
  readonly #seed: number;

  /** @param seed an unsigned 32-bit integer. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Leaves the hash of `length` bytes at `at` in `lo` and `hi`. */
  hash(bytes: Uint8Array, at: number, length: number): void {
    let lo = (this.#seed ^ Math.imul(length, M_LO)) | 0;
    let hi = (highOfProduct(length) + Math.imul(length, M_HI)) | 0;
    const end = at + (length & ~7);
    let i = at;
    for (; i < end; i += 8) {
      const k0 = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
      const k1 = bytes[i + 4]! | (bytes[i + 5]! << 8) | (bytes[i + 6]! << 16) | (bytes[i + 7]! << 24);
      let kHi = (highOfProduct(k0) + Math.imul(k0, M_HI) + Math.imul(k1, M_LO)) | 0;
      let kLo = Math.imul(k0, M_LO);
      kLo ^= kHi >>> SHIFT;
      kHi = (highOfProduct(kLo) + Math.imul(kLo, M_HI) + Math.imul(kHi, M_LO)) | 0;
      lo ^= Math.imul(kLo, M_LO);
      hi ^= kHi;
      hi = (highOfProduct(lo) + Math.imul(lo, M_HI) + Math.imul(hi, M_LO)) | 0;
      lo = Math.imul(lo, M_LO);
    }
    const rest = length & 7;
    if (rest !== 0) {
      for (let j = 0; j < rest; j++) {
        if (j < 4) lo ^= bytes[i + j]! << (8 * j);
        else hi ^= bytes[i + j]! << (8 * (j - 4));
      }
      hi = (highOfProduct(lo) + Math.imul(lo, M_HI) + Math.imul(hi, M_LO)) | 0;
      lo = Math.imul(lo, M_LO);
    }
    lo ^= hi >>> SHIFT;
    hi = (highOfProduct(lo) + Math.imul(lo, M_HI) + Math.imul(hi, M_LO)) | 0;
    lo = Math.imul(lo, M_LO);
    this.lo = lo ^ (hi >>> SHIFT);
    this.hi = hi;
  }
}
