// The elements that SORT sorts, their weights, and the order they come in.
//
// Texts are copied one behind the other into one buffer, so that a million elements are three arrays and not a million
// objects. If only some elements of the order are wanted, they are found by selection first (Hoare, "Algorithm 65: Find",
// 1961), and only they are sorted. Elements of equal weight keep the order in which they came.
import { compareBytes, copyBytes } from '../base/bytes.ts';

const BYTES_FIRST = 4096;
/** Below this many elements all are sorted, whatever is wanted. */
const SELECT_MIN = 64;

type Compare = (a: number, b: number) => number;

/** Byte strings, each known by its number. */
export class Texts {
  bytes = new Uint8Array(BYTES_FIRST);
  count = 0;
  readonly #ends: Float64Array;

  /** @param most how many there will be. */
  constructor(most: number) {
    this.#ends = new Float64Array(most + 1);
  }

  at(i: number): number {
    return i === 0 ? 0 : this.#ends[i - 1]!;
  }

  length(i: number): number {
    return this.#ends[i]! - this.at(i);
  }

  /** Adds a text. */
  bulk(bytes: Uint8Array, at: number, length: number): void {
    const from = this.at(this.count);
    if (from + length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(from + length, this.bytes.length * 2));
      larger.set(this.bytes.subarray(0, from));
      this.bytes = larger;
    }
    copyBytes(bytes, at, this.bytes, from, length);
    this.#ends[this.count++] = from + length;
  }

  compare(a: number, b: number): number {
    return compareBytes(this.bytes, this.at(a), this.length(a), this.bytes, this.at(b), this.length(b));
  }
}

/** Sorts the numbers below `count` and returns those that come at `from` … `end` - 1. */
export function orderOf(
  count: number,
  from: number,
  end: number,
  descending: boolean,
  compare: Compare,
): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const sign = descending ? -1 : 1;
  // Ties are settled by number: so the order is the same however it is found.
  const total: Compare = (a, b) => {
    const difference = compare(a, b);
    return difference === 0 ? a - b : difference * sign;
  };
  if (count < SELECT_MIN || end - from > count >> 1) return order.sort(total).subarray(from, end);
  select(order, 0, count, from, total);
  select(order, from, count, end, total);
  return order.subarray(from, end).sort(total);
}

/** Moves the numbers between `first` and `end` so that those before place `k` are smaller than those from there on. */
function select(order: Uint32Array, first: number, end: number, k: number, compare: Compare): void {
  let low = first;
  let high = end - 1;
  if (k >= end) return;
  while (low < high) {
    const pivot = middleOf(order[low]!, order[(low + high) >>> 1]!, order[high]!, compare);
    let i = low;
    let j = high;
    while (i <= j) {
      while (compare(order[i]!, pivot) < 0) i++;
      while (compare(order[j]!, pivot) > 0) j--;
      if (i > j) break;
      const swapped = order[i]!;
      order[i++] = order[j]!;
      order[j--] = swapped;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return;
  }
}

function middleOf(a: number, b: number, c: number, compare: Compare): number {
  if (compare(a, b) < 0) return compare(b, c) < 0 ? b : compare(a, c) < 0 ? c : a;
  return compare(a, c) < 0 ? a : compare(b, c) < 0 ? c : b;
}
