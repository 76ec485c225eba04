// Words of the records that make up a stream (the stream itself, groups, consumers, pending entries): 32-bit numbers, 64-bit
// integers low word first, and ids. Behind its words a record may have a name: its length, 0, then its bytes.
import type { Arena, Ref } from '../arena/arena.ts';
import { copyBytes } from '../base/bytes.ts';
import { compareIdAt, type Id, readIdAt, writeIdAt } from '../structs/stream_id.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const TWO_32 = 4294967296;
/** Words of a name before its bytes. */
const NAME_HEAD_WORDS = 2;

/** Bytes of a name. */
export interface Name {
  u8: Uint8Array;
  at: number;
  length: number;
}

export class StreamWords {
  readonly #arena: Arena;
  readonly #u32: Uint32Array[];

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#u32 = arena.u32;
  }

  /** A new record of `words` words, which the caller is to write, and a name behind them. */
  createNamed(words: number, name: Uint8Array, at: number, length: number): Ref {
    const ref = this.#arena.alloc(((words + NAME_HEAD_WORDS) << 2) + length);
    this.set(ref, words, length);
    this.set(ref, words + 1, 0);
    const own = this.nameOf(ref, words);
    copyBytes(name, at, own.u8, own.at, length);
    return ref;
  }

  /** Bytes of a record of `words` words and a name. */
  namedBytes(ref: Ref, words: number): number {
    return ((words + NAME_HEAD_WORDS) << 2) + this.get(ref, words);
  }

  /** The name behind `words` words of a record. */
  nameOf(ref: Ref, words: number): Name {
    return {
      u8: this.#arena.u8[ref >>> CHUNK_SHIFT]!,
      at: ((ref & UNIT_MASK) << 3) + ((words + NAME_HEAD_WORDS) << 2),
      length: this.get(ref, words),
    };
  }

  get(ref: Ref, index: number): number {
    return this.#u32[ref >>> CHUNK_SHIFT]![((ref & UNIT_MASK) << 1) + index]!;
  }

  set(ref: Ref, index: number, value: number): void {
    this.#u32[ref >>> CHUNK_SHIFT]![((ref & UNIT_MASK) << 1) + index] = value;
  }

  /** Copies `count` words from one record to another. */
  copy(from: Ref, to: Ref, index: number, count: number): void {
    for (let i = index; i < index + count; i++) this.set(to, i, this.get(from, i));
  }

  clear(ref: Ref, count: number): void {
    for (let i = 0; i < count; i++) this.set(ref, i, 0);
  }

  readId(ref: Ref, index: number, into: Id): void {
    readIdAt(this.#u32[ref >>> CHUNK_SHIFT]!, ((ref & UNIT_MASK) << 1) + index, into);
  }

  writeId(ref: Ref, index: number, id: Id): void {
    writeIdAt(this.#u32[ref >>> CHUNK_SHIFT]!, ((ref & UNIT_MASK) << 1) + index, id);
  }

  /** How the id of a record compares with another one: negative, 0 or positive. */
  compareId(ref: Ref, index: number, id: Id): number {
    return compareIdAt(this.#u32[ref >>> CHUNK_SHIFT]!, ((ref & UNIT_MASK) << 1) + index, id);
  }

  /** A signed 64-bit integer as a number, rounded beyond 2^53. */
  number(ref: Ref, index: number): number {
    return (this.get(ref, index + 1) | 0) * TWO_32 + this.get(ref, index);
  }

  /** Writes a safe integer. */
  setNumber(ref: Ref, index: number, value: number): void {
    this.set(ref, index, value >>> 0);
    this.set(ref, index + 1, Math.floor(value / TWO_32) >>> 0);
  }

  /** A signed 64-bit integer. */
  int64(ref: Ref, index: number): bigint {
    return (BigInt(this.get(ref, index + 1) | 0) << 32n) | BigInt(this.get(ref, index));
  }

  setInt64(ref: Ref, index: number, value: bigint): void {
    this.set(ref, index, Number(value & 0xffffffffn));
    this.set(ref, index + 1, Number((value >> 32n) & 0xffffffffn));
  }

  /** Adds one to a 64-bit integer. */
  increment(ref: Ref, index: number): void {
    this.add(ref, index, 1);
  }

  /** Adds a number below 2^32, which is not negative, to a 64-bit integer. */
  add(ref: Ref, index: number, more: number): void {
    const words = this.#u32[ref >>> CHUNK_SHIFT]!;
    const at = ((ref & UNIT_MASK) << 1) + index;
    const low = words[at]! + more;
    words[at] = low;
    if (low >= TWO_32) words[at + 1] = words[at + 1]! + 1;
  }
}
