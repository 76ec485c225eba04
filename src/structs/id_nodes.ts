// Nodes of an id tree: their layout, and the words of a tree in its owner's block (id_tree.ts says what they are for).
//
// Nodes of both kinds look alike; in an inner one the values are its children and a key is the lowest id that belongs
// below the child (key 0 is never looked at: whatever is lower than key 1 belongs to child 0).
//
//   word 0                word 1            word 2          word 3      then              then
//   count:16|capacity:16  level:16|start:16 previous leaf   next leaf   capacity x key    capacity x value
//                         0: leaf                                       (4 words each)    (1 word each)
//
// The slots in use begin at `start`: entries are acknowledged in about the order of their ids, so that it is mostly the first
// one that goes, and the others need not move up.
import type { Arena, Ref } from '../arena/arena.ts';
import { compareIdAt, ID_WORDS, type Id, readIdAt, writeIdAt } from './stream_id.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const COUNT_MASK = 0xffff;
const SHAPE = 1;
const LEVEL_MASK = 0xffff;
const START_SHIFT = 16;
const KEYS = 4;
const SLOT_WORDS = ID_WORDS + 1;

/** Words of a node. */
export const PREVIOUS = 2;
export const NEXT = 3;
/** Words of a tree: root (0: empty), ids, nodes, last leaf. */
export const ROOT = 0;
export const COUNT = 1;
export const NODES = 2;
export const LAST = 3;
/** Bytes of a tree's own words. */
export const ID_TREE_HEADER_BYTES = 16;

export abstract class IdNodes {
  readonly arena: Arena;
  protected readonly u32: Uint32Array[];

  constructor(arena: Arena) {
    this.arena = arena;
    this.u32 = arena.u32;
  }

  /** Index of the last key that is not higher than an id; -1 if all are. */
  protected search(ref: Ref, id: Id): number {
    const words = this.u32[ref >>> CHUNK_SHIFT]!;
    const at = (ref & UNIT_MASK) << 1;
    const keys = at + KEYS + (words[at + SHAPE]! >>> START_SHIFT) * ID_WORDS;
    let low = 0;
    let high = words[at]! & COUNT_MASK;
    if (high > 0 && compareIdAt(words, keys + (high - 1) * ID_WORDS, id) <= 0) return high - 1;
    // Both ends first: that is where ids come and go.
    if (high > 1 && compareIdAt(words, keys + ID_WORDS, id) > 0) high = 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareIdAt(words, keys + middle * ID_WORDS, id) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** How key `index` compares with an id. */
  protected compareKey(ref: Ref, index: number, id: Id): number {
    return compareIdAt(this.u32[ref >>> CHUNK_SHIFT]!, this.keyAt(ref, index), id);
  }

  /** Takes a leaf out of the chain; other nodes are in none. */
  protected unlink(header: Ref, ref: Ref): void {
    if (this.level(ref) > 0) return;
    const previous = this.word(ref, PREVIOUS);
    const next = this.word(ref, NEXT);
    if (previous !== 0) this.setWord(previous, NEXT, next);
    if (next !== 0) this.setWord(next, PREVIOUS, previous);
    else this.setHead(header, LAST, previous);
  }

  protected link(left: Ref, right: Ref): void {
    this.setWord(left, NEXT, right);
    this.setWord(right, PREVIOUS, left);
  }

  protected createNode(header: Ref, capacity: number, level: number): Ref {
    const ref = this.arena.alloc(blockBytes(capacity));
    const words = this.u32[ref >>> CHUNK_SHIFT]!;
    const at = (ref & UNIT_MASK) << 1;
    words[at] = capacity << 16;
    words[at + SHAPE] = level;
    words[at + PREVIOUS] = 0;
    words[at + NEXT] = 0;
    this.addHead(header, NODES, 1);
    return ref;
  }

  protected freeNode(header: Ref, ref: Ref): void {
    this.arena.free(ref, blockBytes(this.capacity(ref)));
    this.addHead(header, NODES, -1);
  }

  /**
   * Puts a key and a value behind the last ones of a leaf if there is room and the key is higher; false: nothing was done.
   * Most inserts end here.
   */
  protected append(leaf: Ref, id: Id, value: number): boolean {
    const words = this.u32[leaf >>> CHUNK_SHIFT]!;
    const at = (leaf & UNIT_MASK) << 1;
    const size = words[at]!;
    const capacity = size >>> 16;
    const slot = (words[at + SHAPE]! >>> START_SHIFT) + (size & COUNT_MASK);
    if (slot >= capacity) return false;
    const key = at + KEYS + slot * ID_WORDS;
    if (compareIdAt(words, key - ID_WORDS, id) >= 0) return false;
    writeIdAt(words, key, id);
    words[at + KEYS + capacity * ID_WORDS + slot] = value;
    words[at] = size + 1;
    return true;
  }

  /** The value at the last index of a node, whose key is copied. */
  protected readLastSlot(ref: Ref, into: Id): number {
    const words = this.u32[ref >>> CHUNK_SHIFT]!;
    const at = (ref & UNIT_MASK) << 1;
    const size = words[at]!;
    const slot = (words[at + SHAPE]! >>> START_SHIFT) + (size & COUNT_MASK) - 1;
    readIdAt(words, at + KEYS + slot * ID_WORDS, into);
    return words[at + KEYS + (size >>> 16) * ID_WORDS + slot]!;
  }

  /** Puts a key and a value at `index` of a node that has room. */
  protected put(ref: Ref, index: number, id: Id, value: number): void {
    const words = this.u32[ref >>> CHUNK_SHIFT]!;
    const count = this.slotCount(ref);
    this.makeRoomBehind(ref, 1);
    const key = this.keyAt(ref, index);
    const valueAt = this.valueAt(ref, index);
    if (index < count) {
      words.copyWithin(key + ID_WORDS, key, key + (count - index) * ID_WORDS);
      words.copyWithin(valueAt + 1, valueAt, valueAt + count - index);
    }
    writeIdAt(words, key, id);
    words[valueAt] = value;
    this.setCount(ref, count + 1);
  }

  /** Closes the gap at `index`. */
  protected cut(ref: Ref, index: number): void {
    const words = this.u32[ref >>> CHUNK_SHIFT]!;
    const at = (ref & UNIT_MASK) << 1;
    const count = words[at]! & COUNT_MASK;
    words[at] = words[at]! - 1;
    if (index === 0) {
      if (count === 1) this.#setStart(ref, 0);
      else words[at + SHAPE] = words[at + SHAPE]! + (1 << START_SHIFT);
    } else if (index + 1 < count) {
      const key = this.keyAt(ref, index);
      const valueAt = this.valueAt(ref, index);
      words.copyWithin(key, key + ID_WORDS, key + (count - index) * ID_WORDS);
      words.copyWithin(valueAt, valueAt + 1, valueAt + count - index);
    }
  }

  /** Moves the slots of a node to its beginning unless there is room for so many more behind them. */
  protected makeRoomBehind(ref: Ref, slots: number): void {
    const start = this.start(ref);
    const count = this.slotCount(ref);
    if (start === 0 || start + count + slots <= this.capacity(ref)) return;
    const words = this.u32[ref >>> CHUNK_SHIFT]!;
    const key = this.keyAt(ref, 0);
    const valueAt = this.valueAt(ref, 0);
    words.copyWithin(key - start * ID_WORDS, key, key + count * ID_WORDS);
    words.copyWithin(valueAt - start, valueAt, valueAt + count);
    this.#setStart(ref, 0);
  }

  /** Copies slots from one node to another, which has room for them behind its `toIndex`. */
  protected move(from: Ref, fromIndex: number, to: Ref, toIndex: number, slots: number): void {
    const source = this.u32[from >>> CHUNK_SHIFT]!;
    const target = this.u32[to >>> CHUNK_SHIFT]!;
    const keys = this.keyAt(from, fromIndex);
    const values = this.valueAt(from, fromIndex);
    const toKeys = this.keyAt(to, toIndex);
    const toValues = this.valueAt(to, toIndex);
    for (let word = 0; word < slots * ID_WORDS; word++) target[toKeys + word] = source[keys + word]!;
    for (let slot = 0; slot < slots; slot++) target[toValues + slot] = source[values + slot]!;
  }

  protected hasRoom(ref: Ref): boolean {
    return this.slotCount(ref) < this.capacity(ref);
  }

  protected slotCount(ref: Ref): number {
    return this.word(ref, 0) & COUNT_MASK;
  }

  protected capacity(ref: Ref): number {
    return this.word(ref, 0) >>> 16;
  }

  protected setCount(ref: Ref, count: number): void {
    this.setWord(ref, 0, (this.word(ref, 0) & ~COUNT_MASK) | count);
  }

  protected level(ref: Ref): number {
    return this.word(ref, SHAPE) & LEVEL_MASK;
  }

  /** The slot that holds index 0. */
  protected start(ref: Ref): number {
    return this.word(ref, SHAPE) >>> START_SHIFT;
  }

  #setStart(ref: Ref, start: number): void {
    this.setWord(ref, SHAPE, this.level(ref) | (start << START_SHIFT));
  }

  protected slotValue(ref: Ref, index: number): number {
    return this.u32[ref >>> CHUNK_SHIFT]![this.valueAt(ref, index)]!;
  }

  protected valueAt(ref: Ref, index: number): number {
    return ((ref & UNIT_MASK) << 1) + KEYS + this.capacity(ref) * ID_WORDS + this.start(ref) + index;
  }

  protected keyAt(ref: Ref, index: number): number {
    return ((ref & UNIT_MASK) << 1) + KEYS + (this.start(ref) + index) * ID_WORDS;
  }

  protected word(ref: Ref, index: number): number {
    return this.u32[ref >>> CHUNK_SHIFT]![((ref & UNIT_MASK) << 1) + index]!;
  }

  protected setWord(ref: Ref, index: number, value: number): void {
    this.u32[ref >>> CHUNK_SHIFT]![((ref & UNIT_MASK) << 1) + index] = value;
  }

  protected head(header: Ref, index: number): number {
    return this.u32[header >>> CHUNK_SHIFT]![((header & UNIT_MASK) << 1) + index]!;
  }

  protected setHead(header: Ref, index: number, value: number): void {
    this.u32[header >>> CHUNK_SHIFT]![((header & UNIT_MASK) << 1) + index] = value;
  }

  protected addHead(header: Ref, index: number, difference: number): void {
    this.u32[header >>> CHUNK_SHIFT]![((header & UNIT_MASK) << 1) + index]! += difference;
  }

  protected setKey(ref: Ref, index: number, id: Id): void {
    writeIdAt(this.u32[ref >>> CHUNK_SHIFT]!, this.keyAt(ref, index), id);
  }

  protected setSlotValue(ref: Ref, index: number, value: number): void {
    this.u32[ref >>> CHUNK_SHIFT]![this.valueAt(ref, index)] = value;
  }

  /** Copies key `index`. */
  protected readKey(ref: Ref, index: number, into: Id): void {
    readIdAt(this.u32[ref >>> CHUNK_SHIFT]!, this.keyAt(ref, index), into);
  }
}

export function blockBytes(capacity: number): number {
  return (KEYS + capacity * SLOT_WORDS) << 2;
}
