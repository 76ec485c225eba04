// How much a node of a list may hold: the setting `list-max-listpack-size`, here called fill.
//
//   fill 1 … 32767   so many elements, and 8192 bytes     (0 counts as 1)
//   fill -1 … -5     4, 8, 16, 32 or 64 KiB               (below -5 counts as -5)

const SIZES_BYTES = new Int32Array([4096, 8192, 16384, 32768, 65536]);
/** A limit by elements still has this one by bytes. */
const COUNTED_BYTES_MAX = 8192;
const FILL_MAX = 32767;
/** What the reference expects an element to take beside its bytes when it looks for room. */
export const ELEMENT_OVERHEAD_BYTES = 8;

/** The fill that a new list keeps for its life. */
export function clampFill(fill: number): number {
  return Math.max(-SIZES_BYTES.length, Math.min(fill, FILL_MAX));
}

/** Bytes that a node may have. */
export function nodeBytesMax(fill: number): number {
  return fill >= 0 ? COUNTED_BYTES_MAX : SIZES_BYTES[Math.min(-fill, SIZES_BYTES.length) - 1]!;
}

/** Elements that a node may have. */
export function nodeCountMax(fill: number): number {
  return fill >= 0 ? Math.max(fill, 1) : Number.POSITIVE_INFINITY;
}

/** Whether a node of so many bytes and elements would be too large. */
export function exceedsNode(fill: number, bytes: number, count: number): boolean {
  return bytes > nodeBytesMax(fill) || (fill >= 0 && count > Math.max(fill, 1));
}
