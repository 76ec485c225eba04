// Bytes: copying, comparing, and the one-byte-per-character strings that the cold paths use for keys and names.

const LONG_COPY_BYTES = 64;

/**
 * Copies `length` bytes between two views. A loop is the fastest for short runs; `set` needs a subarray, which is garbage, so it
 * is used between different views only. Long runs may overlap.
 */
export function copyBytes(
  from: Uint8Array,
  fromAt: number,
  to: Uint8Array,
  toAt: number,
  length: number,
): void {
  if (length < LONG_COPY_BYTES) {
    for (let i = 0; i < length; i++) to[toAt + i] = from[fromAt + i]!;
  } else if (from === to) {
    to.copyWithin(toAt, fromAt, fromAt + length);
  } else {
    to.set(from.subarray(fromAt, fromAt + length), toAt);
  }
}

/** Lengths for which copying by words is the fastest: a loop over bytes wins below, a native copy above. */
const WORDS_BYTES_MIN = 6;
const VIEWS_BYTES_MIN = 4;
const WORDS_BYTES_MAX = 100;

/** Whether so many bytes are copied fastest by `copyWords` or `packWords`. */
export function suitWords(length: number): boolean {
  return length >= WORDS_BYTES_MIN && length <= WORDS_BYTES_MAX;
}

/** Whether so many bytes, of which there is a view, are copied fastest by `copyWords`. */
export function suitViews(length: number): boolean {
  return length >= VIEWS_BYTES_MIN && length <= WORDS_BYTES_MAX;
}

/** Copies `length` bytes (at least 4), four at a time whatever their alignment. The two runs must not overlap. */
export function copyWords(from: DataView, fromAt: number, to: DataView, toAt: number, length: number): void {
  const last = length - 4;
  for (let i = 0; i < last; i += 4) to.setInt32(toAt + i, from.getInt32(fromAt + i, true), true);
  to.setInt32(toAt + last, from.getInt32(fromAt + last, true), true);
}

/** The same where there is no view of the source: reads byte by byte, and writes four at a time. */
export function packWords(
  from: Uint8Array,
  fromAt: number,
  to: DataView,
  toAt: number,
  length: number,
): void {
  const last = length - 4;
  for (let i = 0; ; i += 4) {
    if (i > last) i = last;
    const at = fromAt + i;
    const four = from[at]! | (from[at + 1]! << 8) | (from[at + 2]! << 16) | (from[at + 3]! << 24);
    to.setInt32(toAt + i, four, true);
    if (i === last) return;
  }
}

/** Whether two runs of `length` bytes are equal. */
export function equalBytes(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aAt + i] !== b[bAt + i]) return false;
  return true;
}

/** memcmp order of two byte strings: negative, 0 or positive; a prefix sorts first. */
export function compareBytes(
  a: Uint8Array,
  aAt: number,
  aLength: number,
  b: Uint8Array,
  bAt: number,
  bLength: number,
): number {
  const common = Math.min(aLength, bLength);
  for (let i = 0; i < common; i++) {
    const difference = a[aAt + i]! - b[bAt + i]!;
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}

/** Whether the bytes equal `lower`, an ASCII word in lower case, whatever their own case. */
export function equalsWord(bytes: Uint8Array, at: number, length: number, lower: string): boolean {
  if (length !== lower.length) return false;
  for (let i = 0; i < length; i++) {
    let byte = bytes[at + i]!;
    if (byte >= 65 && byte <= 90) byte += 32;
    if (byte !== lower.charCodeAt(i)) return false;
  }
  return true;
}

/** One character per byte, so that any bytes survive as a Map key or a log text. */
export function toLatin1(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('latin1');
}

/** The bytes of a string of characters below 256. */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
