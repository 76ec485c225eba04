// HalfSipHash-1-3 with a 64-bit key and a 32-bit result (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
// with the 32-bit variant of the reference repository). The key is random for each server, so nobody outside can choose
// keys that collide. native/base/keyhash.h is the same function; test/bridge compares the two.

export class KeyHash {
  readonly key0: number;
  readonly key1: number;

  /** @param key0 low 32 bits of the key, @param key1 high 32 bits of the key. */
  constructor(key0: number, key1: number) {
    this.key0 = key0 | 0;
    this.key1 = key1 | 0;
  }

  /** Hash of `length` bytes at `offset` as a signed 32-bit integer: a number that V8 need not put on its heap. */
  hash(bytes: Uint8Array, offset: number, length: number): number {
    let v0 = this.key0;
    let v1 = this.key1;
    let v2 = 0x6c796765 ^ v0;
    let v3 = 0x74656462 ^ v1;
    const end = offset + (length & ~3);
    let at = offset;
    let word = 0;
    for (;;) {
      if (at < end) {
        word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      } else {
        word = lastWord(bytes, at, length);
      }
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = (v1 << 5) | (v1 >>> 27);
      v1 ^= v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = (v3 << 8) | (v3 >>> 24);
      v3 ^= v2;
      v0 = (v0 + v3) | 0;
      v3 = (v3 << 7) | (v3 >>> 25);
      v3 ^= v0;
      v2 = (v2 + v1) | 0;
      v1 = (v1 << 13) | (v1 >>> 19);
      v1 ^= v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
      if (at >= end) break;
      at += 4;
    }
    v2 ^= 0xff;
    for (let round = 0; round < 3; round++) {
      v0 = (v0 + v1) | 0;
      v1 = (v1 << 5) | (v1 >>> 27);
      v1 ^= v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = (v3 << 8) | (v3 >>> 24);
      v3 ^= v2;
      v0 = (v0 + v3) | 0;
      v3 = (v3 << 7) | (v3 >>> 25);
      v3 ^= v0;
      v2 = (v2 + v1) | 0;
      v1 = (v1 << 13) | (v1 >>> 19);
      v1 ^= v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    return v1 ^ v3;
  }
}

/** The closing word: the length's low byte on top, the 0 to 3 remaining bytes below. */
function lastWord(bytes: Uint8Array, at: number, length: number): number {
  let word = length << 24;
  const rest = length & 3;
  if (rest > 2) word |= bytes[at + 2]! << 16;
  if (rest > 1) word |= bytes[at + 1]! << 8;
  if (rest > 0) word |= bytes[at]!;
  return word;
}
