// CRC-64 as RDB files, DUMP payloads and cluster messages carry it: the polynomial of Jones, bits reflected,
// initial value 0, no final exclusive or. "123456789" gives e9c6d914c4b8d9ca.
//
// A 64-bit remainder is kept as two 32-bit words. Eight bytes are taken per step ("slicing by 8"): table k
// says what a byte contributes when k more bytes follow it, so the eight contributions are independent and
// simply combined.

// 0xad93d23594c935a9 with its bits in reverse order.
const polynomialLo = 0xac4bc9b5 | 0;
const polynomialHi = 0x95ac9329 | 0;

// Words [2 * (256 * k + byte)] low, [+ 1] high.
const table = buildTable();

function buildTable(): Int32Array {
  const words = new Int32Array(2 * 256 * 8);
  for (let byte = 0; byte < 256; byte++) {
    let lo = byte;
    let hi = 0;
    for (let bit = 0; bit < 8; bit++) {
      const odd = -(lo & 1);
      lo = ((lo >>> 1) | (hi << 31)) ^ (polynomialLo & odd);
      hi = (hi >>> 1) ^ (polynomialHi & odd);
    }
    words[2 * byte] = lo;
    words[2 * byte + 1] = hi;
  }
  for (let i = 512; i < words.length; i += 2) {
    const lo = words[i - 512]!;
    const hi = words[i - 511]!;
    const first = 2 * (lo & 0xff);
    words[i] = ((lo >>> 8) | (hi << 24)) ^ words[first]!;
    words[i + 1] = (hi >>> 8) ^ words[first + 1]!;
  }
  return words;
}

/** A running checksum. */
export class Crc64 {
  /** Words of the checksum so far, unsigned. */
  lo = 0;
  hi = 0;

  reset(): void {
    this.lo = 0;
    this.hi = 0;
  }

  update(u8: Uint8Array, off: number, len: number): void {
    let lo = this.lo | 0;
    let hi = this.hi | 0;
    let at = off;
    const end = off + len;
    for (const last = end - 7; at < last; at += 8) {
      const a = lo ^ (u8[at]! | (u8[at + 1]! << 8) | (u8[at + 2]! << 16) | (u8[at + 3]! << 24));
      const b = hi ^ (u8[at + 4]! | (u8[at + 5]! << 8) | (u8[at + 6]! << 16) | (u8[at + 7]! << 24));
      const i0 = 3584 + 2 * (a & 0xff);
      const i1 = 3072 + ((a >>> 7) & 0x1fe);
      const i2 = 2560 + ((a >>> 15) & 0x1fe);
      const i3 = 2048 + ((a >>> 23) & 0x1fe);
      const i4 = 1536 + 2 * (b & 0xff);
      const i5 = 1024 + ((b >>> 7) & 0x1fe);
      const i6 = 512 + ((b >>> 15) & 0x1fe);
      const i7 = (b >>> 23) & 0x1fe;
      lo =
        table[i0]! ^ table[i1]! ^ table[i2]! ^ table[i3]! ^ table[i4]! ^ table[i5]! ^ table[i6]! ^ table[i7]!;
      hi =
        table[i0 + 1]! ^
        table[i1 + 1]! ^
        table[i2 + 1]! ^
        table[i3 + 1]! ^
        table[i4 + 1]! ^
        table[i5 + 1]! ^
        table[i6 + 1]! ^
        table[i7 + 1]!;
    }
    for (; at < end; at++) {
      const i = 2 * ((lo ^ u8[at]!) & 0xff);
      lo = ((lo >>> 8) | (hi << 24)) ^ table[i]!;
      hi = (hi >>> 8) ^ table[i + 1]!;
    }
    this.lo = lo >>> 0;
    this.hi = hi >>> 0;
  }
}
