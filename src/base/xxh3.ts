// XXH3, the 64-bit variant with seed 0 and the default secret: the digest of DIGEST and of SET's IFDEQ.
// Source: the xxHash specification, version 0.2 (XXH3), and its public test vectors.
//
// JavaScript has no 64-bit integers cheap enough for this, so each is a pair of 32-bit words, low word first.
// The object has one 64-bit register (`lo`, `hi`) that every step works on and that holds the digest in the
// end; the multiplications are made of 16-bit halves. Three ways, by length:
//
//   0..16 bytes    one or two words, multiplied and mixed
//   17..240        16-byte pieces from both ends, each multiplied into 64 bits and added
//   241..          8 accumulators fed by stripes of 64 bytes; stirred after 16 stripes each; merged at last

const secret = Uint8Array.from(
  Buffer.from(
    'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
      'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
      'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb' +
      '170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
    'hex',
  ),
);

// The secret again as words, for the stripes, which use it from multiples of 8; the last stripe uses it from
// byte 121.
const secretWords = wordsFrom(0, 48);
const lastStripeWords = wordsFrom(121, 16);
const scrambleIndex = 32;

const stripeBytes = 64;
const blockBytes = 1024;

// Words of the initial accumulators: the eight primes of the specification in its order.
const initialAccumulators = Int32Array.of(
  ...[0xc2b2ae3d, 0, 0x85ebca87, 0x9e3779b1, 0x27d4eb4f, 0xc2b2ae3d, 0x9e3779f9, 0x165667b1],
  ...[0xc2b2ae63, 0x85ebca77, 0x85ebca77, 0, 0x165667c5, 0x27d4eb2f, 0x9e3779b1, 0],
);

function wordsFrom(byte: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => read32(secret, byte + 4 * i));
}

function read32(u8: Uint8Array, at: number): number {
  return u8[at]! | (u8[at + 1]! << 8) | (u8[at + 2]! << 16) | (u8[at + 3]! << 24);
}

function swap32(word: number): number {
  return (word << 24) | ((word << 8) & 0xff0000) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

/** High word of the 64-bit product of two unsigned words. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const one = (Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bLow) >>> 16);
  const two = (Math.imul(aLow, bHigh) >>> 0) + (one & 0xffff);
  return (Math.imul(aHigh, bHigh) + (one >>> 16) + (two >>> 16)) >>> 0;
}

export class Xxh3 {
  /** Words of the latest digest, unsigned. */
  lo = 0;
  hi = 0;
  private readonly accumulators = new Int32Array(16);

  /** Leaves the digest of `len` bytes at `off` in `lo` and `hi`. */
  hash(u8: Uint8Array, off: number, len: number): void {
    if (len <= 16) this.hashTiny(u8, off, len);
    else if (len <= 240) this.hashShort(u8, off, len);
    else this.hashLong(u8, off, len);
  }

  /** The latest digest as 16 lower-case hexadecimal digits. */
  hex(): string {
    return this.hi.toString(16).padStart(8, '0') + this.lo.toString(16).padStart(8, '0');
  }

  private hashTiny(u8: Uint8Array, off: number, len: number): void {
    if (len > 8) this.hash9to16(u8, off, len);
    else if (len > 3) this.hash4to8(u8, off, len);
    else if (len > 0) this.hash1to3(u8, off, len);
    else {
      this.load(secret, 56, secret, 64);
      this.avalanche64();
    }
  }

  private hash1to3(u8: Uint8Array, off: number, len: number): void {
    const first = u8[off]!;
    const middle = u8[off + (len >> 1)]!;
    const last = u8[off + len - 1]!;
    const combined = (first << 16) | (middle << 24) | (len << 8) | last;
    this.set(combined ^ secretWords[0]! ^ secretWords[1]!, 0);
    this.avalanche64();
  }

  private hash4to8(u8: Uint8Array, off: number, len: number): void {
    this.load(secret, 8, secret, 16);
    this.set(this.lo ^ read32(u8, off + len - 4), this.hi ^ read32(u8, off));
    const { lo, hi } = this;
    const lo49 = (hi << 17) | (lo >>> 15);
    const hi49 = (lo << 17) | (hi >>> 15);
    const lo24 = (lo << 24) | (hi >>> 8);
    const hi24 = (hi << 24) | (lo >>> 8);
    this.set(lo ^ lo49 ^ lo24, hi ^ hi49 ^ hi24);
    this.multiply(0x1e98df25, 0x9fb21c65);
    // h ^= (h >>> 35) + len; the sum stays below 2^32.
    this.set(this.lo ^ ((this.hi >>> 3) + len), this.hi);
    this.multiply(0x1e98df25, 0x9fb21c65);
    this.xorShift(28);
  }

  private hash9to16(u8: Uint8Array, off: number, len: number): void {
    this.load(secret, 24, secret, 32);
    const aLo = this.lo ^ read32(u8, off);
    const aHi = this.hi ^ read32(u8, off + 4);
    this.load(secret, 40, secret, 48);
    const bLo = this.lo ^ read32(u8, off + len - 8);
    const bHi = this.hi ^ read32(u8, off + len - 4);
    this.set(len, 0);
    this.add(swap32(aHi), swap32(aLo));
    this.add(bLo, bHi);
    this.addFolded(aLo, aHi, bLo, bHi);
    this.avalanche();
  }

  private hashShort(u8: Uint8Array, off: number, len: number): void {
    this.set(len, 0);
    this.multiply(0x85ebca87, 0x9e3779b1);
    if (len <= 128) {
      const pairs = (len - 1) >> 5;
      for (let i = pairs; i >= 0; i--) {
        this.mix16(u8, off + 16 * i, 32 * i);
        this.mix16(u8, off + len - 16 * (i + 1), 32 * i + 16);
      }
    } else {
      for (let i = 0; i < 8; i++) this.mix16(u8, off + 16 * i, 16 * i);
      this.avalanche();
      for (let i = 8; i < len >> 4; i++) this.mix16(u8, off + 16 * i, 16 * (i - 8) + 3);
      this.mix16(u8, off + len - 16, 119);
    }
    this.avalanche();
  }

  private hashLong(u8: Uint8Array, off: number, len: number): void {
    const input = new DataView(u8.buffer, u8.byteOffset + off, len);
    this.accumulators.set(initialAccumulators);
    const lastStripe = len - stripeBytes;
    for (let at = 0; at < lastStripe; at += stripeBytes) {
      this.accumulate(input, at, secretWords, (at & (blockBytes - 1)) >>> 5);
      if ((at & (blockBytes - 1)) === blockBytes - stripeBytes) this.scramble();
    }
    this.accumulate(input, lastStripe, lastStripeWords, 0);
    this.set(len, 0);
    // The length may exceed 32 bits only where no array can, so one word of it is enough.
    this.multiply(0x85ebca87, 0x9e3779b1);
    this.merge();
    this.avalanche();
  }

  // One stripe: each 8 bytes are added to the neighbouring accumulator, and, keyed, low word times high word,
  // to their own.
  private accumulate(input: DataView, at: number, words: Int32Array, wordIndex: number): void {
    const accumulators = this.accumulators;
    for (let i = 0; i < 16; i += 2) {
      const lo = input.getInt32(at + 4 * i, true);
      const hi = input.getInt32(at + 4 * i + 4, true);
      const keyLo = lo ^ words[wordIndex + i]!;
      const keyHi = hi ^ words[wordIndex + i + 1]!;
      addInto(accumulators, i ^ 2, lo, hi);
      addInto(accumulators, i, Math.imul(keyLo, keyHi), mulHigh(keyLo, keyHi));
    }
  }

  private scramble(): void {
    const accumulators = this.accumulators;
    for (let i = 0; i < 16; i += 2) {
      this.set(accumulators[i]!, accumulators[i + 1]!);
      this.xorShift(47);
      this.set(this.lo ^ secretWords[scrambleIndex + i]!, this.hi ^ secretWords[scrambleIndex + i + 1]!);
      this.multiply(0x9e3779b1, 0);
      accumulators[i] = this.lo;
      accumulators[i + 1] = this.hi;
    }
  }

  private merge(): void {
    const a = this.accumulators;
    for (let i = 0; i < 16; i += 4) {
      const key = 11 + 4 * i;
      const aLo = a[i]! ^ read32(secret, key);
      const aHi = a[i + 1]! ^ read32(secret, key + 4);
      const bLo = a[i + 2]! ^ read32(secret, key + 8);
      const bHi = a[i + 3]! ^ read32(secret, key + 12);
      this.addFolded(aLo, aHi, bLo, bHi);
    }
  }

  // Adds 16 input bytes, keyed with 16 bytes of the secret and multiplied with each other.
  private mix16(u8: Uint8Array, at: number, key: number): void {
    const aLo = read32(u8, at) ^ read32(secret, key);
    const aHi = read32(u8, at + 4) ^ read32(secret, key + 4);
    const bLo = read32(u8, at + 8) ^ read32(secret, key + 8);
    const bHi = read32(u8, at + 12) ^ read32(secret, key + 12);
    this.addFolded(aLo, aHi, bLo, bHi);
  }

  // Adds the 128-bit product of a and b, its two halves combined by exclusive or.
  private addFolded(aLo: number, aHi: number, bLo: number, bHi: number): void {
    const middle = mulHigh(aLo, bLo) + (Math.imul(aLo, bHi) >>> 0) + (Math.imul(aHi, bLo) >>> 0);
    const upper =
      mulHigh(aLo, bHi) + mulHigh(aHi, bLo) + (Math.imul(aHi, bHi) >>> 0) + Math.floor(middle / 0x100000000);
    const top = mulHigh(aHi, bHi) + Math.floor(upper / 0x100000000);
    this.add(Math.imul(aLo, bLo) ^ upper, middle ^ top);
  }

  private set(lo: number, hi: number): void {
    this.lo = lo >>> 0;
    this.hi = hi >>> 0;
  }

  // Sets the register to the exclusive or of two 64-bit values.
  private load(a: Uint8Array, aOff: number, b: Uint8Array, bOff: number): void {
    this.set(read32(a, aOff) ^ read32(b, bOff), read32(a, aOff + 4) ^ read32(b, bOff + 4));
  }

  private add(lo: number, hi: number): void {
    const sum = this.lo + (lo >>> 0);
    this.set(sum, this.hi + (hi >>> 0) + (sum > 0xffffffff ? 1 : 0));
  }

  private multiply(lo: number, hi: number): void {
    const upper = mulHigh(this.lo, lo) + Math.imul(this.hi, lo) + Math.imul(this.lo, hi);
    this.set(Math.imul(this.lo, lo), upper);
  }

  private xorShift(bits: number): void {
    const { lo, hi } = this;
    if (bits >= 32) this.set(lo ^ (hi >>> (bits - 32)), hi);
    else this.set(lo ^ ((lo >>> bits) | (hi << (32 - bits))), hi ^ (hi >>> bits));
  }

  private avalanche(): void {
    this.xorShift(37);
    this.multiply(0x9e3779f9, 0x16566791);
    this.xorShift(32);
  }

  private avalanche64(): void {
    this.xorShift(33);
    this.multiply(0x27d4eb4f, 0xc2b2ae3d);
    this.xorShift(29);
    this.multiply(0x9e3779f9, 0x165667b1);
    this.xorShift(32);
  }
}

function addInto(accumulators: Int32Array, i: number, lo: number, hi: number): void {
  const sum = (accumulators[i]! >>> 0) + (lo >>> 0);
  accumulators[i] = sum;
  accumulators[i + 1] = accumulators[i + 1]! + hi + (sum > 0xffffffff ? 1 : 0);
}
