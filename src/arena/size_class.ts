// Sizes that the arena hands out. A request is rounded up to one of these classes:
//
//   up to 128 bytes   every 8 bytes          128 … 262,144 bytes   eight steps for each doubling (at most 11 % lost)
//
// Blocks of a class are cut from spans of 1, 4 or 16 granules (a granule is 64 KiB), so that at most an eighth of a
// span's end stays unused. Larger blocks are runs of whole granules.

export const UNIT_BYTES = 8;
export const GRANULE_BYTES = 65536;
export const CLASS_BYTES_MAX = 262144;

const FINE_BYTES_MAX = 128;
const FINE_CLASSES = FINE_BYTES_MAX / UNIT_BYTES;
const STEPS_PER_DOUBLING = 8;
const DOUBLINGS = Math.log2(CLASS_BYTES_MAX / FINE_BYTES_MAX);

export const CLASS_COUNT = FINE_CLASSES + DOUBLINGS * STEPS_PER_DOUBLING;

/** Bytes of a block of each class. */
export const CLASS_BYTES = new Int32Array(CLASS_COUNT);
/** Granules of a span of each class. */
export const SPAN_GRANULES = new Int32Array(CLASS_COUNT);

for (let i = 0; i < CLASS_COUNT; i++) {
  const step = i - FINE_CLASSES;
  const base = FINE_BYTES_MAX << (step >> 3);
  CLASS_BYTES[i] = step < 0 ? (i + 1) * UNIT_BYTES : base + ((step & 7) + 1) * (base >> 3);
  SPAN_GRANULES[i] = CLASS_BYTES[i]! <= 8192 ? 1 : CLASS_BYTES[i]! <= 32768 ? 4 : 16;
}

/** The smallest class that holds `bytes` (1 … CLASS_BYTES_MAX). */
export function classOf(bytes: number): number {
  if (bytes <= 128) return bytes <= 8 ? 0 : ((bytes + 7) >> 3) - 1;
  const log = 31 - Math.clz32(bytes - 1);
  return 16 + ((log - 7) << 3) + (((bytes - 1) >>> (log - 3)) & 7);
}

/** How many blocks a span of a class holds. */
export function slotsOf(sizeClass: number): number {
  return Math.floor((SPAN_GRANULES[sizeClass]! * GRANULE_BYTES) / CLASS_BYTES[sizeClass]!);
}
