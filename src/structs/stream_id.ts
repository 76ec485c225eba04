// Ids of stream entries: two unsigned 64-bit numbers, milliseconds and sequence, kept as four words with the highest
// first, so that words compare as ids do.
import { writeBigInt, writeInt } from '../base/int64.ts';

/** Four words: high and low half of the milliseconds, high and low half of the sequence. */
export type Id = Uint32Array;

export const ID_WORDS = 4;
/** The longest text of an id: two numbers of 20 digits and a dash. */
const ID_CHARS_MAX = 41;

const TWO_32 = 4294967296;
const WORD_MAX = 0xffffffff;
const DASH = 45;

export function makeId(): Id {
  return new Uint32Array(ID_WORDS);
}

/** Negative, 0 or positive. */
export function compareIds(a: Id, b: Id): number {
  if (a[0] !== b[0]) return a[0]! < b[0]! ? -1 : 1;
  if (a[1] !== b[1]) return a[1]! < b[1]! ? -1 : 1;
  if (a[2] !== b[2]) return a[2]! < b[2]! ? -1 : 1;
  if (a[3] !== b[3]) return a[3]! < b[3]! ? -1 : 1;
  return 0;
}

/** Compares the id at word `at` with another one. */
export function compareIdAt(words: Uint32Array, at: number, id: Id): number {
  if (words[at] !== id[0]) return words[at]! < id[0]! ? -1 : 1;
  if (words[at + 1] !== id[1]) return words[at + 1]! < id[1]! ? -1 : 1;
  if (words[at + 2] !== id[2]) return words[at + 2]! < id[2]! ? -1 : 1;
  if (words[at + 3] !== id[3]) return words[at + 3]! < id[3]! ? -1 : 1;
  return 0;
}

export function readIdAt(words: Uint32Array, at: number, into: Id): void {
  into[0] = words[at]!;
  into[1] = words[at + 1]!;
  into[2] = words[at + 2]!;
  into[3] = words[at + 3]!;
}

export function writeIdAt(words: Uint32Array, at: number, id: Id): void {
  words[at] = id[0]!;
  words[at + 1] = id[1]!;
  words[at + 2] = id[2]!;
  words[at + 3] = id[3]!;
}

export function copyId(from: Id, to: Id): void {
  readIdAt(from, 0, to);
}

/** Makes an id the lowest, 0-0. */
export function setLowest(id: Id): void {
  for (let i = 0; i < ID_WORDS; i++) id[i] = 0;
}

/** Makes an id the highest there can be. */
export function setHighest(id: Id): void {
  for (let i = 0; i < ID_WORDS; i++) id[i] = WORD_MAX;
}

export function isLowest(id: Id): boolean {
  return (id[0]! | id[1]! | id[2]! | id[3]!) === 0;
}

export function isHighest(id: Id): boolean {
  return (id[0]! & id[1]! & id[2]! & id[3]!) === -1;
}

/** Gives an id the milliseconds of a safe, not negative integer. */
export function setMs(id: Id, ms: number): void {
  id[0] = Math.floor(ms / TWO_32);
  id[1] = ms >>> 0;
}

/** The milliseconds; rounded beyond 2^53. */
export function msOf(id: Id): number {
  return id[0]! * TWO_32 + id[1]!;
}

/** Makes an id the next one; false if it was the highest, and 0-0 now. */
export function increment(id: Id): boolean {
  for (let i = ID_WORDS - 1; i >= 0; i--) {
    const word = (id[i]! + 1) >>> 0;
    id[i] = word;
    if (word !== 0) return true;
  }
  return false;
}

/** Adds one to the sequence alone; false if it was the highest. */
export function incrementSequence(id: Id): boolean {
  if (id[2] === WORD_MAX && id[3] === WORD_MAX) return false;
  return increment(id);
}

/** Makes an id the one before; false if it was 0-0, and the highest now. */
export function decrement(id: Id): boolean {
  for (let i = ID_WORDS - 1; i >= 0; i--) {
    const word = id[i]!;
    id[i] = word - 1;
    if (word !== 0) return true;
  }
  return false;
}

/** Ids as text. The milliseconds are kept from one id to the next, which often has the same. */
export class IdText {
  /** The text of the last id: `length` bytes. */
  readonly bytes = new Uint8Array(ID_CHARS_MAX);
  readonly view = new DataView(this.bytes.buffer);
  length = 0;
  #high = 0;
  #low = 0;
  /** Where the sequence goes; 0 while there is no text yet. */
  #sequenceAt = 0;

  set(id: Id): void {
    const high = id[0]! | 0;
    const low = id[1]! | 0;
    if (this.#sequenceAt === 0 || low !== this.#low || high !== this.#high) {
      this.#high = high;
      this.#low = low;
      const dash = writeUnsigned(this.bytes, 0, id[0]!, id[1]!);
      this.bytes[dash] = DASH;
      this.#sequenceAt = dash + 1;
    }
    this.length = writeUnsigned(this.bytes, this.#sequenceAt, id[2]!, id[3]!);
  }
}

function writeUnsigned(u8: Uint8Array, at: number, high: number, low: number): number {
  if (high === 0) return writeInt(u8, at, low);
  const value = high * TWO_32 + low;
  if (value <= Number.MAX_SAFE_INTEGER) return writeInt(u8, at, value);
  return writeBigInt(u8, at, (BigInt(high) << 32n) | BigInt(low));
}
