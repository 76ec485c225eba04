// Counting and finding bits in a string. Bit 0 is the highest bit of the first byte.
//
// Long runs go word by word. Counting adds eight words at a time with carry-save adders, so that only one word in eight
// needs the full population count (Harley and Seal; H. S. Warren, "Hacker's Delight", 2nd edition, section 5-1). `words`
// always lies over the same buffer as `bytes`, from its first byte on.

const BITS_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => bitsOfWord(byte));
const ALL_ONES = 0xffffffff;

/** Set bits in a 32-bit word. */
function bitsOfWord(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Set bits among the `length` bytes at `at`. */
export function countBits(bytes: Uint8Array, words: Uint32Array, at: number, length: number): number {
  const end = at + length;
  let total = 0;
  let byte = at;
  for (; byte < end && (byte & 3) !== 0; byte++) total += BITS_OF_BYTE[bytes[byte]!]!;
  const wordCount = (end - byte) >>> 2;
  if (wordCount > 0) {
    total += countWords(words, byte >>> 2, (byte >>> 2) + wordCount);
    byte += wordCount * 4;
  }
  for (; byte < end; byte++) total += BITS_OF_BYTE[bytes[byte]!]!;
  return total;
}

function countWords(words: Uint32Array, from: number, end: number): number {
  let ones = 0;
  let twos = 0;
  let fours = 0;
  let eights = 0;
  let i = from;
  for (; i + 8 <= end; i += 8) {
    let a = words[i]! | 0;
    let b = words[i + 1]! | 0;
    let twosA = carry(ones, a, b);
    ones ^= a ^ b;
    a = words[i + 2]! | 0;
    b = words[i + 3]! | 0;
    let twosB = carry(ones, a, b);
    ones ^= a ^ b;
    const foursA = carry(twos, twosA, twosB);
    twos ^= twosA ^ twosB;
    a = words[i + 4]! | 0;
    b = words[i + 5]! | 0;
    twosA = carry(ones, a, b);
    ones ^= a ^ b;
    a = words[i + 6]! | 0;
    b = words[i + 7]! | 0;
    twosB = carry(ones, a, b);
    ones ^= a ^ b;
    const foursB = carry(twos, twosA, twosB);
    twos ^= twosA ^ twosB;
    eights += bitsOfWord(carry(fours, foursA, foursB));
    fours ^= foursA ^ foursB;
  }
  let total = 8 * eights + 4 * bitsOfWord(fours) + 2 * bitsOfWord(twos) + bitsOfWord(ones);
  for (; i < end; i++) total += bitsOfWord(words[i]! | 0);
  return total;
}

/** The bits that are set in at least two of the three words. */
function carry(a: number, b: number, c: number): number {
  return (a & b) | ((a ^ b) & c);
}

/** Set bits from bit `first` to bit `last`, both included, counted from the byte at `at`. */
export function countBitRange(
  bytes: Uint8Array,
  words: Uint32Array,
  at: number,
  first: number,
  last: number,
): number {
  const firstByte = Math.floor(first / 8);
  const lastByte = Math.floor(last / 8);
  const before = bytes[at + firstByte]! & ~(0xff >>> (first % 8));
  const after = bytes[at + lastByte]! & (0x7f >>> (last % 8));
  const whole = countBits(bytes, words, at + firstByte, lastByte - firstByte + 1);
  return whole - BITS_OF_BYTE[before]! - BITS_OF_BYTE[after]!;
}

/** First bit from `first` to `last`, both included, that equals `bit`; -1 if there is none. */
export function findBit(
  bytes: Uint8Array,
  words: Uint32Array,
  at: number,
  bit: number,
  first: number,
  last: number,
): number {
  // Exclusive or turns the bits that are looked for into ones.
  const flip = bit === 1 ? 0 : 0xff;
  const lastByte = at + Math.floor(last / 8);
  const lastMask = ~(0x7f >>> (last % 8));
  let byte = at + Math.floor(first / 8);
  let found = (bytes[byte]! ^ flip) & (0xff >>> (first % 8));
  if (found === 0 && byte < lastByte) {
    byte = findByte(bytes, words, byte + 1, lastByte, bit);
    found = bytes[byte]! ^ flip;
  }
  if (byte === lastByte) found &= lastMask;
  return found === 0 ? -1 : (byte - at) * 8 + Math.clz32(found) - 24;
}

/** First byte in from … last that has a bit equal to `bit`, or `last`. */
function findByte(bytes: Uint8Array, words: Uint32Array, from: number, last: number, bit: number): number {
  const emptyByte = bit === 1 ? 0 : 0xff;
  const emptyWord = bit === 1 ? 0 : ALL_ONES;
  let byte = from;
  while (byte < last && (byte & 3) !== 0) {
    if (bytes[byte] !== emptyByte) return byte;
    byte++;
  }
  while (byte + 4 <= last && words[byte >>> 2] === emptyWord) byte += 4;
  while (byte < last && bytes[byte] === emptyByte) byte++;
  return byte;
}
