// HyperLogLog: a string that estimates how many different elements were added to it. Its bytes are the reference's:
//
//   0      4          5   8                        16
//   "HYLL" | encoding | 0 | cached cardinality:64 | registers (hyperloglog_registers.ts) ...
//
// encoding 0 is dense, 1 sparse. The highest bit of the cached cardinality (little endian) says that it is out of date.
// A sparse one becomes dense when it would get longer than `hll-sparse-max-bytes`, or when a value does not fit.
//
// All functions work on the string that the `Strings` object is located on, which `open` does; those that may move its
// entry return the new reference.
import type { Ref } from '../arena/arena.ts';
import { copyBytes } from '../base/bytes.ts';
import { Murmur64 } from '../base/murmur.ts';
import {
  countDense,
  countSparse,
  DENSE_BYTES,
  denseRegister,
  estimate,
  isValueRun,
  mergeDense,
  mergeSparse,
  REGISTERS,
  runBytes,
  runLength,
  runValue,
  SPARSE_RUN_MAX,
  SPARSE_VALUE_MAX,
  setDenseRegister,
  sparseText,
  valueRun,
  writeZeroRun,
} from './hyperloglog_registers.ts';
import type { Limits } from './limits.ts';
import type { Strings } from './string.ts';

const SEED = 0xadc83b19;
const MAGIC = Uint8Array.of(0x48, 0x59, 0x4c, 0x4c);
const ENCODING_AT = 4;
const CACHE_AT = 8;
const CACHE_TOP_AT = 15;
const OUT_OF_DATE = 0x80;
const HEAD_BYTES = 16;
const DENSE = 0;
const SPARSE = 1;
/** A head and one run of zeros. */
const EMPTY_BYTES = HEAD_BYTES + 2;
const WHOLE_DENSE_BYTES = HEAD_BYTES + DENSE_BYTES;
const PIECES_BYTES = 5;
/** After a change so many runs are looked at for some to put together. */
const JOINED_RUNS = 5;
const INDEX_BITS = 14;
const INDEX_MASK = REGISTERS - 1;
const TWO_32 = 4294967296;
const TWO_63 = 2 ** 63;

export class HyperLogLogs {
  /** Set by `add` and `raise`: whether a register changed. */
  changed = false;
  /** Set by `add`, `raise`, `makeDense` and `merge`: the registers do not make sense. */
  corrupt = false;
  /** Where `merge` collects the highest value of each register. */
  readonly merged = new Uint8Array(REGISTERS);
  readonly #strings: Strings;
  readonly #limits: Limits;
  readonly #murmur = new Murmur64(SEED);
  readonly #counts = new Int32Array(64);
  readonly #pieces = new Uint8Array(PIECES_BYTES);
  readonly #dense = new Uint8Array(WHOLE_DENSE_BYTES);

  constructor(strings: Strings, limits: Limits) {
    this.#strings = strings;
    this.#limits = limits;
  }

  /** A new entry without elements; the string is located. */
  create(key: Uint8Array, keyAt: number, keyBytes: number, clock: number): Ref {
    const strings = this.#strings;
    const ref = strings.createZeros(key, keyAt, keyBytes, clock, EMPTY_BYTES);
    copyBytes(MAGIC, 0, strings.bytes, strings.at, MAGIC.length);
    strings.bytes[strings.at + ENCODING_AT] = SPARSE;
    writeZeroRun(strings.bytes, strings.at + HEAD_BYTES, REGISTERS);
    return ref;
  }

  /** Locates a string; whether it is a HyperLogLog by its head and length. */
  isOne(ref: Ref): boolean {
    const strings = this.#strings;
    strings.locate(ref);
    const { bytes, at, length } = strings;
    if (length < HEAD_BYTES) return false;
    for (let i = 0; i < MAGIC.length; i++) if (bytes[at + i] !== MAGIC[i]) return false;
    const encoding = bytes[at + ENCODING_AT]!;
    return encoding === SPARSE || (encoding === DENSE && length === WHOLE_DENSE_BYTES);
  }

  /** Makes a string ready to be changed in place. */
  open(ref: Ref): Ref {
    return this.#strings.resize(ref, this.#strings.byteLength(ref), 0);
  }

  get isSparse(): boolean {
    return this.#strings.bytes[this.#strings.at + ENCODING_AT] === SPARSE;
  }

  /** Adds an element. */
  add(ref: Ref, bytes: Uint8Array, at: number, length: number): Ref {
    const murmur = this.#murmur;
    murmur.hash(bytes, at, length);
    const { lo, hi } = murmur;
    const low = (lo >>> INDEX_BITS) | (hi << (32 - INDEX_BITS));
    // A bit above all others ends the count of zeros.
    const high = (hi >>> INDEX_BITS) | (1 << (32 - INDEX_BITS));
    const zeros = low !== 0 ? 31 - Math.clz32(low & -low) : 63 - Math.clz32(high & -high);
    return this.raise(ref, lo & INDEX_MASK, zeros + 1);
  }

  /** Raises a register to `value` unless it is as high. */
  raise(ref: Ref, index: number, value: number): Ref {
    this.changed = false;
    this.corrupt = false;
    if (this.isSparse) return this.#raiseSparse(ref, index, value);
    this.#raiseDense(index, value);
    return ref;
  }

  /** Makes a sparse one dense. */
  makeDense(ref: Ref): Ref {
    const strings = this.#strings;
    const { bytes, at, length } = strings;
    this.merged.fill(0);
    this.corrupt = !mergeSparse(bytes, at + HEAD_BYTES, at + length, this.merged);
    if (this.corrupt) return ref;
    const dense = this.#dense;
    copyBytes(bytes, at, dense, 0, HEAD_BYTES);
    dense[ENCODING_AT] = DENSE;
    dense.fill(0, HEAD_BYTES);
    for (let i = 0; i < REGISTERS; i++) setDenseRegister(dense, HEAD_BYTES, i, this.merged[i]!);
    const next = strings.assignText(ref, dense, 0, WHOLE_DENSE_BYTES);
    strings.locate(next);
    return next;
  }

  /** Raises `merged` to the located registers. */
  merge(): void {
    const { bytes, at, length } = this.#strings;
    if (this.isSparse) {
      this.corrupt = !mergeSparse(bytes, at + HEAD_BYTES, at + length, this.merged);
    } else {
      this.corrupt = false;
      mergeDense(bytes, at + HEAD_BYTES, this.merged);
    }
  }

  /** Estimate for `merged`. */
  mergedCount(): number {
    const counts = this.#counts.fill(0);
    for (let i = 0; i < REGISTERS; i++) counts[this.merged[i]! & 63]!++;
    return estimate(counts);
  }

  /** Estimate for the located registers; NaN if they do not make sense. */
  count(): number {
    const { bytes, at, length } = this.#strings;
    const counts = this.#counts.fill(0);
    if (!this.isSparse) countDense(bytes, at + HEAD_BYTES, counts);
    else if (!countSparse(bytes, at + HEAD_BYTES, at + length, counts)) return Number.NaN;
    return estimate(counts);
  }

  get hasCache(): boolean {
    return (this.#strings.bytes[this.#strings.at + CACHE_TOP_AT]! & OUT_OF_DATE) === 0;
  }

  get cached(): bigint {
    const { bytes, at } = this.#strings;
    let value = 0n;
    for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + CACHE_AT + i]!);
    return value;
  }

  setCache(count: number): void {
    const { bytes, at } = this.#strings;
    const high = count < TWO_63 ? Math.floor(count / TWO_32) : 0x80000000;
    const low = count < TWO_63 ? count % TWO_32 : 0;
    for (let i = 0; i < 4; i++) {
      bytes[at + CACHE_AT + i] = low >>> (8 * i);
      bytes[at + CACHE_AT + 4 + i] = high >>> (8 * i);
    }
  }

  dropCache(): void {
    this.#strings.bytes[this.#strings.at + CACHE_TOP_AT]! |= OUT_OF_DATE;
  }

  /** A register of a dense one. */
  register(index: number): number {
    return denseRegister(this.#strings.bytes, this.#strings.at + HEAD_BYTES, index);
  }

  /** The runs of a sparse one as text. */
  text(): string {
    const { bytes, at, length } = this.#strings;
    return sparseText(bytes, at + HEAD_BYTES, at + length);
  }

  #raiseDense(index: number, value: number): void {
    const { bytes, at } = this.#strings;
    if (value <= denseRegister(bytes, at + HEAD_BYTES, index)) return;
    setDenseRegister(bytes, at + HEAD_BYTES, index, value);
    this.changed = true;
  }

  #raiseSparse(ref: Ref, index: number, value: number): Ref {
    if (value > SPARSE_VALUE_MAX) return this.#raisePromoted(ref, index, value);
    const { bytes, at, length } = this.#strings;
    const end = at + length;
    let p = at + HEAD_BYTES;
    let previous = p;
    let first = 0;
    let run = 0;
    for (; p < end; p += runBytes(bytes[p]!)) {
      run = runLength(bytes, p, end);
      if (index < first + run) break;
      first += run;
      previous = p;
    }
    if (p >= end) {
      this.corrupt = true;
      return ref;
    }
    const code = bytes[p]!;
    if (runValue(code) >= value) return ref;
    let next = ref;
    if (run === 1 && runBytes(code) === 1) {
      bytes[p] = valueRun(value, 1);
    } else {
      const size = this.#splitRun(code, index - first, run, value);
      const grown = length + size - runBytes(code);
      if (grown > length && grown > this.#limits.hllSparseMaxBytes)
        return this.#raisePromoted(ref, index, value);
      next = this.#replaceRun(ref, p - at, runBytes(code), size, grown);
    }
    this.changed = true;
    next = this.#joinRuns(next, previous - at);
    this.dropCache();
    return next;
  }

  #raisePromoted(ref: Ref, index: number, value: number): Ref {
    const next = this.makeDense(ref);
    if (!this.corrupt) this.#raiseDense(index, value);
    return next;
  }

  /** Writes what replaces a run of which register `offset` gets `value` into `#pieces`; returns how many bytes that is. */
  #splitRun(code: number, offset: number, run: number, value: number): number {
    const pieces = this.#pieces;
    const old = runValue(code);
    let size = 0;
    if (offset > 0) size = this.#putRun(size, old, offset);
    pieces[size++] = valueRun(value, 1);
    if (offset < run - 1) size = this.#putRun(size, old, run - 1 - offset);
    return size;
  }

  #putRun(at: number, value: number, length: number): number {
    if (value === 0) return writeZeroRun(this.#pieces, at, length);
    this.#pieces[at] = valueRun(value, length);
    return at + 1;
  }

  /** Puts `size` bytes of `#pieces` in the place of `oldBytes` at `offset` of the string, which gets `grown` bytes long. */
  #replaceRun(ref: Ref, offset: number, oldBytes: number, size: number, grown: number): Ref {
    const strings = this.#strings;
    const { length } = strings;
    const next = strings.resize(ref, Math.max(length, grown), 0);
    const { bytes, at } = strings;
    const p = at + offset;
    bytes.copyWithin(p + size, p + oldBytes, at + length);
    // Where a run of two bytes was cut off there is no room for all.
    copyBytes(this.#pieces, 0, bytes, p, Math.min(size, at + grown - p));
    return grown < length ? strings.resize(next, grown, 0) : next;
  }

  /** Puts runs of the same value from `offset` on together where they fit into one. */
  #joinRuns(ref: Ref, offset: number): Ref {
    const strings = this.#strings;
    const { bytes, at, length } = strings;
    let end = at + length;
    let p = at + offset;
    for (let looked = 0; p < end && looked < JOINED_RUNS; looked++) {
      const code = bytes[p]!;
      const after = p + 1 < end ? bytes[p + 1]! : 0;
      const run = (code & 3) + (after & 3) + 2;
      const joins = isValueRun(code) && isValueRun(after) && runValue(code) === runValue(after);
      if (joins && run <= SPARSE_RUN_MAX) {
        bytes[p] = valueRun(runValue(code), run);
        bytes.copyWithin(p + 1, p + 2, end);
        end--;
      } else {
        p += runBytes(code);
      }
    }
    return end - at === length ? ref : strings.resize(ref, end - at, 0);
  }
}
