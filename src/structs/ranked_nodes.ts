// Nodes of a ranked tree: their bytes, and the moves between two neighbours.
//
//   leaf    word 0: elements | 1: previous leaf | 2: next leaf | 3: -     68 scores (float64) | 68 elements (ref)
//   inner   word 0: children | 1-3: -     63 scores (float64) | 63 children (ref) | 63 counts | 63 elements (ref)
//
// Scores stand alone and together, because a search reads several of them and only one reference. Child i of an inner node
// comes with the number of elements below it and with the least of them (score and element), which separates it from
// child i-1. What is kept for child 0 is void: its least element is known further up, or nowhere.
import type { Arena, Ref } from '../arena/arena.ts';

/** The member bytes of the elements that a tree puts in order. */
export interface Members {
  /** Byte position in the view of the element's chunk. */
  memberAt(ref: Ref): number;
  memberBytes(ref: Ref): number;
}

export const CHUNK_SHIFT = 23;
export const UNIT_MASK = 0x7fffff;

/** 832 bytes, a size class of the arena. */
export const LEAF_SLOTS = 68;
export const LEAF_BYTES = 16 + 12 * LEAF_SLOTS;
/** 1,280 bytes with the 4 that are left over. */
export const INNER_SLOTS = 63;
export const INNER_BYTES = 16 + 20 * INNER_SLOTS;

export const COUNT = 0;
export const PREVIOUS = 1;
export const NEXT = 2;
/** Where scores begin in a node, in doubles. */
export const SCORES = 2;
/** Where the elements of a leaf begin, in words. */
export const ELEMENTS = 4 + 2 * LEAF_SLOTS;
/** Where the parts of an inner node begin, in words. */
export const CHILDREN = 4 + 2 * INNER_SLOTS;
export const COUNTS = CHILDREN + INNER_SLOTS;
export const LEASTS = COUNTS + INNER_SLOTS;

export abstract class RankedNodes {
  readonly arena: Arena;
  protected readonly u8: Uint8Array[];
  protected readonly u32: Uint32Array[];
  protected readonly f64: Float64Array[];
  protected readonly members: Members;

  constructor(arena: Arena, members: Members) {
    this.arena = arena;
    this.u8 = arena.u8;
    this.u32 = arena.u32;
    this.f64 = arena.f64;
    this.members = members;
  }

  protected newLeaf(): Ref {
    const leaf = this.arena.alloc(LEAF_BYTES);
    this.u32[leaf >>> CHUNK_SHIFT]!.fill(0, (leaf & UNIT_MASK) << 1, ((leaf & UNIT_MASK) << 1) + 4);
    return leaf;
  }

  protected newInner(): Ref {
    const inner = this.arena.alloc(INNER_BYTES);
    this.u32[inner >>> CHUNK_SHIFT]!.fill(0, (inner & UNIT_MASK) << 1, ((inner & UNIT_MASK) << 1) + 4);
    return inner;
  }

  /** Word `index` of a node. */
  protected word(node: Ref, index: number): number {
    return this.u32[node >>> CHUNK_SHIFT]![((node & UNIT_MASK) << 1) + index]!;
  }

  protected setWord(node: Ref, index: number, value: number): void {
    this.u32[node >>> CHUNK_SHIFT]![((node & UNIT_MASK) << 1) + index] = value;
  }

  protected scoreAt(node: Ref, slot: number): number {
    return this.f64[node >>> CHUNK_SHIFT]![(node & UNIT_MASK) + SCORES + slot]!;
  }

  protected setScoreAt(node: Ref, slot: number, score: number): void {
    this.f64[node >>> CHUNK_SHIFT]![(node & UNIT_MASK) + SCORES + slot] = score;
  }

  /** memcmp order of two elements' members. */
  protected compareMembers(a: Ref, b: Ref): number {
    if (a === b) return 0;
    const length = this.members.memberBytes(a);
    return -this.compareBytes(b, this.u8[a >>> CHUNK_SHIFT]!, this.members.memberAt(a), length);
  }

  /** memcmp order of an element's member and some bytes. */
  protected compareBytes(ref: Ref, bytes: Uint8Array, at: number, length: number): number {
    const own = this.u8[ref >>> CHUNK_SHIFT]!;
    const ownAt = this.members.memberAt(ref);
    const ownLength = this.members.memberBytes(ref);
    const common = Math.min(ownLength, length);
    for (let i = 0; i < common; i++) {
      const difference = own[ownAt + i]! - bytes[at + i]!;
      if (difference !== 0) return difference;
    }
    return ownLength - length;
  }

  /** Puts an element into a leaf that has room. */
  protected putElement(leaf: Ref, slot: number, score: number, ref: Ref): void {
    const words = this.u32[leaf >>> CHUNK_SHIFT]!;
    const doubles = this.f64[leaf >>> CHUNK_SHIFT]!;
    const at = (leaf & UNIT_MASK) << 1;
    const scores = (leaf & UNIT_MASK) + SCORES;
    const elements = at + ELEMENTS;
    const count = words[at]!;
    for (let i = count; i > slot; i--) {
      doubles[scores + i] = doubles[scores + i - 1]!;
      words[elements + i] = words[elements + i - 1]!;
    }
    doubles[scores + slot] = score;
    words[elements + slot] = ref;
    words[at] = count + 1;
  }

  /** Takes `count` elements out of a leaf. */
  protected dropElements(leaf: Ref, slot: number, count: number): void {
    const words = this.u32[leaf >>> CHUNK_SHIFT]!;
    const doubles = this.f64[leaf >>> CHUNK_SHIFT]!;
    const at = (leaf & UNIT_MASK) << 1;
    const scores = (leaf & UNIT_MASK) + SCORES;
    const elements = at + ELEMENTS;
    const left = words[at]! - count;
    for (let i = slot; i < left; i++) {
      doubles[scores + i] = doubles[scores + i + count]!;
      words[elements + i] = words[elements + i + count]!;
    }
    words[at] = left;
  }

  /** Moves `count` elements from the end of a leaf to the front of the next one. */
  protected elementsToRight(left: Ref, right: Ref, count: number): void {
    const leftCount = this.word(left, COUNT);
    const rightCount = this.word(right, COUNT);
    this.#copyElements(right, 0, right, count, rightCount);
    this.#copyElements(left, leftCount - count, right, 0, count);
    this.setWord(left, COUNT, leftCount - count);
    this.setWord(right, COUNT, rightCount + count);
  }

  /** Moves `count` elements from the front of a leaf to the end of the one before. */
  protected elementsToLeft(left: Ref, right: Ref, count: number): void {
    const leftCount = this.word(left, COUNT);
    const rightCount = this.word(right, COUNT);
    this.#copyElements(right, 0, left, leftCount, count);
    this.#copyElements(right, count, right, 0, rightCount - count);
    this.setWord(left, COUNT, leftCount + count);
    this.setWord(right, COUNT, rightCount - count);
  }

  #copyElements(from: Ref, fromSlot: number, to: Ref, toSlot: number, count: number): void {
    if (count === 0) return;
    this.#copyDoubles(from, SCORES + fromSlot, to, SCORES + toSlot, count);
    this.#copyWords(from, ELEMENTS + fromSlot, to, ELEMENTS + toSlot, count);
  }

  /** Makes room for a child at a slot of an inner node, and puts it there. */
  protected putChild(node: Ref, slot: number, child: Ref, count: number, score: number, least: Ref): void {
    const children = this.word(node, COUNT);
    this.copyChildren(node, slot, node, slot + 1, children - slot);
    this.setWord(node, COUNT, children + 1);
    this.setWord(node, CHILDREN + slot, child);
    this.setWord(node, COUNTS + slot, count);
    this.setWord(node, LEASTS + slot, least);
    this.setScoreAt(node, slot, score);
  }

  protected dropChild(node: Ref, slot: number): void {
    const children = this.word(node, COUNT) - 1;
    this.copyChildren(node, slot + 1, node, slot, children - slot);
    this.setWord(node, COUNT, children);
  }

  protected copyChildren(from: Ref, fromSlot: number, to: Ref, toSlot: number, count: number): void {
    if (count === 0) return;
    this.#copyDoubles(from, SCORES + fromSlot, to, SCORES + toSlot, count);
    this.#copyWords(from, CHILDREN + fromSlot, to, CHILDREN + toSlot, count);
    this.#copyWords(from, COUNTS + fromSlot, to, COUNTS + toSlot, count);
    this.#copyWords(from, LEASTS + fromSlot, to, LEASTS + toSlot, count);
  }

  /** Elements below `count` children of an inner node. */
  protected sumOfCounts(node: Ref, slot: number, count: number): number {
    const words = this.u32[node >>> CHUNK_SHIFT]!;
    const at = ((node & UNIT_MASK) << 1) + COUNTS + slot;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += words[at + i]!;
    return sum;
  }

  #copyWords(from: Ref, fromAt: number, to: Ref, toAt: number, count: number): void {
    const source = this.u32[from >>> CHUNK_SHIFT]!;
    const target = this.u32[to >>> CHUNK_SHIFT]!;
    const a = ((from & UNIT_MASK) << 1) + fromAt;
    const b = ((to & UNIT_MASK) << 1) + toAt;
    if (from === to && toAt > fromAt) for (let i = count - 1; i >= 0; i--) target[b + i] = source[a + i]!;
    else for (let i = 0; i < count; i++) target[b + i] = source[a + i]!;
  }

  #copyDoubles(from: Ref, fromAt: number, to: Ref, toAt: number, count: number): void {
    const source = this.f64[from >>> CHUNK_SHIFT]!;
    const target = this.f64[to >>> CHUNK_SHIFT]!;
    const a = (from & UNIT_MASK) + fromAt;
    const b = (to & UNIT_MASK) + toAt;
    if (from === to && toAt > fromAt) for (let i = count - 1; i >= 0; i--) target[b + i] = source[a + i]!;
    else for (let i = 0; i < count; i++) target[b + i] = source[a + i]!;
  }
}
