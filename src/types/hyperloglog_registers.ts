// HyperLogLog's registers as bytes: the dense and the sparse form, and the estimate of the cardinality.
//
//   dense   16,384 registers of 6 bits, the first in the lowest bits of the first byte
//   sparse  runs of registers: 00llllll               l + 1 registers are 0        (1 … 64)
//                              01llllll llllllll      l + 1 registers are 0        (1 … 16,384)
//                              1vvvvvll               l + 1 registers are v + 1    (1 … 4; values 1 … 32)
//
// The estimate is that of Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017): it needs
// only how often each value occurs, and equals the reference's to the last bit of its doubles.

export const REGISTERS = 16384;
const DENSE_BITS = 6;
export const DENSE_BYTES = (REGISTERS * DENSE_BITS) / 8;
const REGISTER_MAX = 63;
/** Bits of the hash that count zeros. */
const ZERO_BITS = 50;
export const SPARSE_VALUE_MAX = 32;
export const SPARSE_RUN_MAX = 4;
export const ZERO_RUN_MAX = 64;
const ALPHA_INFINITY = 0.7213475204444817;

export function denseRegister(bytes: Uint8Array, at: number, index: number): number {
  const bit = index * DENSE_BITS;
  const byte = at + (bit >>> 3);
  const shift = bit & 7;
  const low = bytes[byte]! >>> shift;
  return shift <= 2 ? low & REGISTER_MAX : (low | (bytes[byte + 1]! << (8 - shift))) & REGISTER_MAX;
}

export function setDenseRegister(bytes: Uint8Array, at: number, index: number, value: number): void {
  const bit = index * DENSE_BITS;
  const byte = at + (bit >>> 3);
  const shift = bit & 7;
  bytes[byte] = (bytes[byte]! & ~(REGISTER_MAX << shift)) | (value << shift);
  if (shift <= 2) return;
  bytes[byte + 1] = (bytes[byte + 1]! & ~(REGISTER_MAX >>> (8 - shift))) | (value >>> (8 - shift));
}

/** Counts the registers of each value; four registers stand in three bytes. */
export function countDense(bytes: Uint8Array, at: number, counts: Int32Array): void {
  const end = at + DENSE_BYTES;
  for (let i = at; i < end; i += 3) {
    const four = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16);
    counts[four & 63]!++;
    counts[(four >>> 6) & 63]!++;
    counts[(four >>> 12) & 63]!++;
    counts[four >>> 18]!++;
  }
}

/** Raises each of `registers` to the dense one. */
export function mergeDense(bytes: Uint8Array, at: number, registers: Uint8Array): void {
  for (let index = 0; index < REGISTERS; index++) {
    const value = denseRegister(bytes, at, index);
    if (value > registers[index]!) registers[index] = value;
  }
}

/** Whether a run is of values, not of zeros. */
export function isValueRun(code: number): boolean {
  return code >= 128;
}

/** Registers of the run at `at`; the second byte of a long run that is cut off at `end` counts as 0. */
export function runLength(bytes: Uint8Array, at: number, end: number): number {
  const code = bytes[at]!;
  if (code >= 128) return (code & 3) + 1;
  if (code < 64) return code + 1;
  return (((code & 63) << 8) | (at + 1 < end ? bytes[at + 1]! : 0)) + 1;
}

/** Bytes of a run that begins with this code. */
export function runBytes(code: number): number {
  return code >= 64 && code < 128 ? 2 : 1;
}

/** Value of the registers of a run. */
export function runValue(code: number): number {
  return code >= 128 ? ((code >>> 2) & 31) + 1 : 0;
}

/** Code of a run of values: 1 … 4 registers. */
export function valueRun(value: number, length: number): number {
  return 128 | ((value - 1) << 2) | (length - 1);
}

/** Writes a run of zeros, of one byte or two; returns the position after it. */
export function writeZeroRun(bytes: Uint8Array, at: number, length: number): number {
  if (length <= ZERO_RUN_MAX) {
    bytes[at] = length - 1;
    return at + 1;
  }
  bytes[at] = 64 | ((length - 1) >>> 8);
  bytes[at + 1] = (length - 1) & 0xff;
  return at + 2;
}

/** Counts the registers of each value; false if the runs do not make up exactly all registers. */
export function countSparse(bytes: Uint8Array, at: number, end: number, counts: Int32Array): boolean {
  let index = 0;
  for (let p = at; p < end; p += runBytes(bytes[p]!)) {
    const length = runLength(bytes, p, end);
    index += length;
    if (index > REGISTERS) return false;
    counts[runValue(bytes[p]!)]! += length;
  }
  return index === REGISTERS;
}

/** Raises each of `registers` to the sparse one; false if the runs do not make up exactly all registers. */
export function mergeSparse(bytes: Uint8Array, at: number, end: number, registers: Uint8Array): boolean {
  let index = 0;
  for (let p = at; p < end; p += runBytes(bytes[p]!)) {
    const next = index + runLength(bytes, p, end);
    if (next > REGISTERS) return false;
    const value = runValue(bytes[p]!);
    if (value === 0) index = next;
    for (; index < next; index++) if (value > registers[index]!) registers[index] = value;
  }
  return index === REGISTERS;
}

/** The runs as text: `z:` and `Z:` with a length, `v:` with a value and a length. */
export function sparseText(bytes: Uint8Array, at: number, end: number): string {
  const runs: string[] = [];
  for (let p = at; p < end; p += runBytes(bytes[p]!)) {
    const code = bytes[p]!;
    const length = runLength(bytes, p, end);
    if (isValueRun(code)) runs.push(`v:${runValue(code)},${length}`);
    else runs.push(`${code < 64 ? 'z' : 'Z'}:${length}`);
  }
  return runs.join(' ');
}

/** The cardinality from how many registers have each value: a whole number, or Infinity if there is no telling. */
export function estimate(counts: Int32Array): number {
  let z = REGISTERS * tau((REGISTERS - counts[ZERO_BITS + 1]!) / REGISTERS);
  for (let value = ZERO_BITS; value >= 1; value--) {
    z += counts[value]!;
    z *= 0.5;
  }
  z += REGISTERS * sigma(counts[0]! / REGISTERS);
  return Math.round((ALPHA_INFINITY * REGISTERS * REGISTERS) / z);
}

function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let y = 1;
  let z = x;
  let before: number;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (before !== z);
  return z;
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let y = 1;
  let z = 1 - x;
  let before: number;
  do {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (before !== z);
  return z / 3;
}
