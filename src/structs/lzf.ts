// LZF: fast compression of the inner nodes of long lists. The stream has the format of liblzf, which dumps use as well:
//
//   000nnnnn  n + 1 bytes                      the bytes themselves (1 … 32)
//   nnnhhhhh  llllllll                         n + 2 bytes (n = 1 … 6, so 3 … 8) again from `distance` bytes back
//   111hhhhh  mmmmmmmm  llllllll               m + 9 bytes (9 … 264) again from `distance` bytes back
//
//   distance = (hhhhh << 8 | llllllll) + 1, at most 8192; it may be less than the length, which then repeats
//
// The compressor looks up each run of three bytes in a table of the places where such runs stood last, and takes the first
// match it meets. The table is not cleared between two calls: it holds places counted over all calls, and those below
// the start of the present one are void.
import { copyBytes } from '../base/bytes.ts';

const HASH_BITS = 13;
const HASH_SHIFT = 32 - HASH_BITS;
const DISTANCE_MAX = 8192;
const LITERALS_MAX = 32;
const MATCH_BYTES_MIN = 3;
const MATCH_BYTES_MAX = 264;
const SHORT_MATCH_MAX = 8;
/** Where places are counted from zero again. */
const PLACE_MAX = 0x7fffffff;

export class Lzf {
  readonly #places = new Int32Array(1 << HASH_BITS);
  #nextPlace = 1;
  #out: Uint8Array = new Uint8Array(0);
  #at = 0;

  /**
   * Compresses `length` bytes of `from` into at most `room` bytes of `to`, which is another buffer. Returns how many bytes
   * it took, or 0 if they were not enough.
   */
  compress(
    from: Uint8Array,
    fromAt: number,
    length: number,
    to: Uint8Array,
    toAt: number,
    room: number,
  ): number {
    const places = this.#places;
    const shift = this.#takePlaces(length) - fromAt;
    const end = fromAt + length;
    const limit = toAt + room;
    this.#out = to;
    this.#at = toAt;
    let literals = fromAt;
    let at = fromAt;
    while (at + MATCH_BYTES_MIN <= end) {
      const three = from[at]! | (from[at + 1]! << 8) | (from[at + 2]! << 16);
      const slot = Math.imul(three, 0x9e3779b1) >>> HASH_SHIFT;
      const match = places[slot]! - shift;
      places[slot] = at + shift;
      if (match < fromAt || at - match > DISTANCE_MAX || !startsAlike(from, match, at)) {
        at++;
        continue;
      }
      const bytes = commonBytes(from, match, at, Math.min(MATCH_BYTES_MAX, end - at));
      if (!this.#putLiterals(from, literals, at, limit)) return 0;
      if (!this.#putMatch(at - match, bytes, limit)) return 0;
      at += bytes;
      literals = at;
    }
    return this.#putLiterals(from, literals, end, limit) ? this.#at - toAt : 0;
  }

  /** Takes places for `length` bytes which no earlier call used; returns the first of them. */
  #takePlaces(length: number): number {
    if (this.#nextPlace + length > PLACE_MAX) {
      this.#places.fill(0);
      this.#nextPlace = 1;
    }
    const first = this.#nextPlace;
    this.#nextPlace += length;
    return first;
  }

  #putLiterals(from: Uint8Array, at: number, end: number, limit: number): boolean {
    for (let rest = end - at; rest > 0; rest = end - at) {
      const run = Math.min(rest, LITERALS_MAX);
      if (this.#at + run >= limit) return false;
      this.#out[this.#at] = run - 1;
      copyBytes(from, at, this.#out, this.#at + 1, run);
      this.#at += run + 1;
      at += run;
    }
    return true;
  }

  #putMatch(distance: number, bytes: number, limit: number): boolean {
    if (this.#at + 3 > limit) return false;
    const back = distance - 1;
    if (bytes <= SHORT_MATCH_MAX) {
      this.#out[this.#at++] = ((bytes - 2) << 5) | (back >>> 8);
    } else {
      this.#out[this.#at++] = 0xe0 | (back >>> 8);
      this.#out[this.#at++] = bytes - 9;
    }
    this.#out[this.#at++] = back;
    return true;
  }
}

/**
 * Writes the `outBytes` bytes that `length` compressed bytes of `from` stand for to `to`, which is another buffer or another
 * part of it. Returns false, having written anything, if they do not make exactly so many.
 */
export function decompressLzf(
  from: Uint8Array,
  fromAt: number,
  length: number,
  to: Uint8Array,
  toAt: number,
  outBytes: number,
): boolean {
  const fromEnd = fromAt + length;
  const toEnd = toAt + outBytes;
  let source = fromAt;
  let at = toAt;
  while (source < fromEnd) {
    const control = from[source++]!;
    let bytes = control >>> 5;
    if (bytes === 0) {
      bytes = control + 1;
      if (source + bytes > fromEnd || at + bytes > toEnd) return false;
      copyBytes(from, source, to, at, bytes);
      source += bytes;
    } else {
      if (bytes === 7) bytes += from[source++]!;
      bytes += 2;
      const match = at - ((control & 31) << 8) - from[source++]! - 1;
      if (source > fromEnd || match < toAt || at + bytes > toEnd) return false;
      for (let i = 0; i < bytes; i++) to[at + i] = to[match + i]!;
    }
    at += bytes;
  }
  return at === toEnd;
}

function startsAlike(bytes: Uint8Array, a: number, b: number): boolean {
  return bytes[a] === bytes[b] && bytes[a + 1] === bytes[b + 1] && bytes[a + 2] === bytes[b + 2];
}

/** How many bytes from `a` and from `b` on are the same, at most `most`; the first three are known to be. */
function commonBytes(bytes: Uint8Array, a: number, b: number, most: number): number {
  let common = MATCH_BYTES_MIN;
  while (common < most && bytes[a + common] === bytes[b + common]) common++;
  return common;
}
