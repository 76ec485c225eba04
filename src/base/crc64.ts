// The checksum of dumps and RDB files: CRC-64 with the polynomial of Jones ("An improved 64-bit cyclic redundancy check for
// protein sequences", 2002), reflected, beginning with 0 and not inverted at the end. Of "123456789" it is e9c6d914c4b8d9ca.
//
// Eight bytes go in at a time: table k says what a byte does to the register when k more bytes follow it. The register and
// the entries of the tables are pairs of words, low word first. The addon does the same with words of 64 bits
// (native/base/crc64.h), in a quarter of the time: where it is at hand, it gets whatever is not short.

/** The polynomial with its bits in reverse, x^64 left out. */
const POLYNOMIAL_LOW = 0xac4bc9b5;
const POLYNOMIAL_HIGH = 0x95ac9329;
const AT_ONCE = 8;

const tables = makeTables();

/** Entry `byte` of table `k` is the pair of words at 2 * (256 * k + byte). */
function makeTables(): Int32Array {
  const words = new Int32Array(AT_ONCE * 512);
  for (let byte = 0; byte < 256; byte++) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit++) {
      const out = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (out === 0) continue;
      low ^= POLYNOMIAL_LOW;
      high ^= POLYNOMIAL_HIGH;
    }
    words[2 * byte] = low;
    words[2 * byte + 1] = high;
  }
  for (let at = 512; at < words.length; at += 2) {
    const low = words[at - 512]!;
    const high = words[at - 511]!;
    const entry = (low & 255) << 1;
    words[at] = ((low >>> 8) | (high << 24)) ^ words[entry]!;
    words[at + 1] = (high >>> 8) ^ words[entry + 1]!;
  }
  return words;
}

/** Takes `length` bytes from `at` on into a checksum, the two words of `sum`. */
export type SumUp = (sum: Uint32Array, bytes: Uint8Array, at: number, length: number) => void;

/** Fewer bytes are summed up here: to call the addon takes as long. */
const NATIVE_BYTES_MIN = 256;

export class Crc64 {
  readonly #sum = new Uint32Array(2);
  readonly #native: SumUp;

  /** `native` is the addon's way to do it. */
  constructor(native: SumUp = sumUp) {
    this.#native = native;
  }

  /** The checksum so far: two words, unsigned. */
  get low(): number {
    return this.#sum[0]!;
  }

  get high(): number {
    return this.#sum[1]!;
  }

  reset(): void {
    this.#sum.fill(0);
  }

  /** Takes up `length` bytes from `at` on. */
  update(bytes: Uint8Array, at: number, length: number): void {
    if (length < NATIVE_BYTES_MIN) sumUp(this.#sum, bytes, at, length);
    else this.#native(this.#sum, bytes, at, length);
  }
}

function sumUp(sum: Uint32Array, bytes: Uint8Array, at: number, length: number): void {
  const t = tables;
  const end = at + length;
  let low = sum[0]! | 0;
  let high = sum[1]! | 0;
  for (const last = end - AT_ONCE; at <= last; at += AT_ONCE) {
    const a = low ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    const b =
      high ^ (bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24));
    const i7 = 3584 + ((a & 255) << 1);
    const i6 = 3072 + (((a >>> 8) & 255) << 1);
    const i5 = 2560 + (((a >>> 16) & 255) << 1);
    const i4 = 2048 + ((a >>> 24) << 1);
    const i3 = 1536 + ((b & 255) << 1);
    const i2 = 1024 + (((b >>> 8) & 255) << 1);
    const i1 = 512 + (((b >>> 16) & 255) << 1);
    const i0 = (b >>> 24) << 1;
    low = t[i7]! ^ t[i6]! ^ t[i5]! ^ t[i4]! ^ t[i3]! ^ t[i2]! ^ t[i1]! ^ t[i0]!;
    high =
      t[i7 + 1]! ^ t[i6 + 1]! ^ t[i5 + 1]! ^ t[i4 + 1]! ^ t[i3 + 1]! ^ t[i2 + 1]! ^ t[i1 + 1]! ^ t[i0 + 1]!;
  }
  for (; at < end; at++) {
    const entry = ((low ^ bytes[at]!) & 255) << 1;
    low = ((low >>> 8) | (high << 24)) ^ t[entry]!;
    high = (high >>> 8) ^ t[entry + 1]!;
  }
  sum[0] = low;
  sum[1] = high;
}
