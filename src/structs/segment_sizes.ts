// How many buckets the segments of a table (segments.ts) have: sizes that are whole blocks of the arena's classes.
import { BUCKET_SLOTS } from './bucket.ts';

export const FIRST_BUCKETS = 4;
/** A power of two, so that its halves are alike. */
export const SPLIT_BUCKETS = 128;
export const HALF_BUCKETS = SPLIT_BUCKETS / 2;
export const BUCKETS_MAX = 16384;
/** From this size on a segment grows in smaller steps. */
const FINE_BUCKETS = 64;
export const DEPTH_MAX = 16;
/** How full a table gets, at most, that is made for a known number of entries: one in five of its segments has to grow then. */
const RESERVED_FILL = 0.74;
/** Its segments have a multiple of so many buckets: these are whole blocks, too. */
const RESERVED_STEP = 8;

/** The next larger bucket count: 4, 6, 8, 12 … 48, 64, 80, 104, 128, 160, 208 … (whole blocks of the arena's classes). */
export function largerCount(count: number): number {
  const top = 1 << (31 - Math.clz32(count));
  const eighths = (count * 8) / top;
  if (top < FINE_BUCKETS) return eighths < 12 ? top + (top >> 1) : top << 1;
  return eighths < 10 ? top + (top >> 2) : eighths < 13 ? top + (top >> 3) * 5 : top << 1;
}

/** Depth and buckets of segments, all alike, that hold so many entries. */
export function shapeFor(entries: number): { depth: number; count: number } {
  const buckets = entries / (BUCKET_SLOTS * RESERVED_FILL);
  let depth = 0;
  while (depth < DEPTH_MAX && buckets > SPLIT_BUCKETS * 2 ** depth) depth++;
  const steps = Math.ceil(buckets / 2 ** depth / RESERVED_STEP);
  return { depth, count: Math.min(Math.max(steps, 1) * RESERVED_STEP, BUCKETS_MAX) };
}

/** The smallest bucket count that holds `size` entries comfortably. */
export function bucketsFor(size: number): number {
  let count = FIRST_BUCKETS;
  while (count * BUCKET_SLOTS * 0.65 < size) count = largerCount(count);
  return count;
}
