// Changes of bytes: what chance, a broken disk or somebody with bad intentions makes of them.
import type { Random } from '../../src/base/random.ts';

const EDGES = [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xe0, 0xf0, 0xf1, 0xf4, 0xfe, 0xff];
/** Lengths in the forms of the RDB format that say too much, or as much as can be said. */
const LENGTHS = [
  '7fff',
  '8000010000',
  '807fffffff',
  '80ffffffff',
  '810000000100000000',
  '81ffffffffffffffff',
  'c0ff',
  'c2ffffff7f',
];
/** Most of what is said about the rest is said at the beginning. */
const HEAD_BYTES = 40;

/** Bytes with one to three changes; `other` gives bytes to take something from. */
export function mutated(random: Random, bytes: Buffer, other: () => Buffer): Buffer {
  let changed: Buffer = Buffer.from(bytes);
  for (let left = 1 + random.below(3); left > 0; left--) changed = once(random, changed, other);
  return changed;
}

function once(random: Random, bytes: Buffer, other: () => Buffer): Buffer {
  if (bytes.length === 0) return other();
  const at = random.below(random.below(2) === 0 ? Math.min(HEAD_BYTES, bytes.length) : bytes.length);
  const before = bytes.subarray(0, at);
  const way = random.below(12);
  if (way === 0) return before;
  if (way === 1) return Buffer.concat([before, bytes.subarray(at + 1 + random.below(4))]);
  if (way === 2) return Buffer.concat([before, Buffer.alloc(1 + random.below(4)), bytes.subarray(at)]);
  if (way === 3) {
    const length = Buffer.from(LENGTHS[random.below(LENGTHS.length)]!, 'hex');
    return Buffer.concat([before, length, bytes.subarray(at + (random.below(2) === 0 ? 1 : length.length))]);
  }
  if (way === 4) {
    const end = at + 1 + random.below(16);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
  }
  if (way === 5) {
    const from = other();
    return Buffer.concat([before, from.subarray(random.below(from.length))]);
  }
  const copy = Buffer.from(bytes);
  if (way < 9) copy[at]! ^= 1 << random.below(8);
  else if (way === 9) copy[at] = EDGES[random.below(EDGES.length)]!;
  else if (way === 10) copy[at]! += random.below(2) === 0 ? 1 : -1;
  else copy[at] = random.below(256);
  return copy;
}
