// How many bytes things take in RESP.
import { intChars } from '../base/int64.ts';

/** A sign and two line ends, around a length and what it counts. */
const BULK_FRAME_BYTES = 5;
const HEAD_FRAME_BYTES = 3;

/** A bulk string of `length` bytes. */
export function bulkBytes(length: number): number {
  return BULK_FRAME_BYTES + intChars(length) + length;
}

/** What stands before the elements of an array. */
export function arrayHeadBytes(count: number): number {
  return HEAD_FRAME_BYTES + intChars(count);
}
