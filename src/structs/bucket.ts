// One bucket of a segmented table: 64 bytes, a cache line.
//
//   +-------------------------+---------------------------------+-----------------------------------------------+
//   | 12 tags of a byte       | marks: 12 bits of "marked",     | 12 references                                 |
//   | (low hash byte, 0=free) | bits 16-23 entries that belong  |                                               |
//   |                         | here but stand one bucket on    |                                               |
//   +-------------------------+---------------------------------+-----------------------------------------------+
//     words 0-2                 word 3                            words 4-15
import type { Ref } from '../arena/arena.ts';

export const BUCKET_SLOTS = 12;
export const BUCKET_BYTES = 64;
export const MARKS = 3;
export const REFS = 4;
export const MARK_MASK = 0xfff;
export const SPILL_ONE = 1 << 16;

/** The tag of a hash: its low byte, never 0. */
export function tagOf(hash: number): number {
  const tag = hash & 0xff;
  return tag === 0 ? 1 : tag;
}

/** Where an entry is at home: which of a segment's `count` buckets, from the hash bits behind those that all entries share. */
export function homeOf(hash: number, localDepth: number, count: number): number {
  return Math.imul((hash << localDepth) >>> 16, count) >>> 16;
}

/** Number of the first free slot of the bucket at word `at`, or -1. */
export function freeSlot(words: Uint32Array, at: number): number {
  for (let group = 0; group < 3; group++) {
    const tags = words[at + group]!;
    const zeros = (tags - 0x01010101) & ~tags & 0x80808080;
    if (zeros !== 0) return (group << 2) + ((31 - Math.clz32(zeros & -zeros)) >> 3);
  }
  return -1;
}

export function writeSlot(
  words: Uint32Array,
  at: number,
  slot: number,
  hash: number,
  ref: Ref,
  mark: number,
): void {
  words[at + (slot >> 2)]! |= tagOf(hash) << ((slot & 3) << 3);
  words[at + MARKS]! |= mark << slot;
  words[at + REFS + slot] = ref;
}

export function clearSlot(words: Uint32Array, at: number, slot: number): void {
  words[at + (slot >> 2)]! &= ~(0xff << ((slot & 3) << 3));
  words[at + MARKS]! &= ~(1 << slot);
  words[at + REFS + slot] = 0;
}
