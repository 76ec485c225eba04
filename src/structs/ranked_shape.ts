// How a ranked tree (ranked_tree.ts) changes its shape: the way of the last descent, making room, sharing and merging.
import type { Ref } from '../arena/arena.ts';
import {
  CHILDREN,
  CHUNK_SHIFT,
  COUNT,
  COUNTS,
  ELEMENTS,
  INNER_BYTES,
  INNER_SLOTS,
  LEAF_BYTES,
  LEAF_SLOTS,
  LEASTS,
  NEXT,
  PREVIOUS,
  RankedNodes,
  UNIT_MASK,
} from './ranked_nodes.ts';

/** Words of a tree's own block. */
export const ROOT = 0;
export const SIZE = 1;
export const FIRST = 2;
export const LAST = 3;
export const HEIGHT = 4;
export const TREE_BYTES = 24;
/** 28 slots a level at the least hold more than 2^32 elements. */
const LEVELS_MAX = 8;

/** Below this many elements a leaf shares or merges. */
const LEAF_MIN = LEAF_SLOTS >> 1;
const INNER_MIN = INNER_SLOTS >> 1;
/** Up to this many elements a leaf takes some of a full neighbour, and two leaves become one. */
const LEAF_SHARES = LEAF_SLOTS - (LEAF_SLOTS >> 3);
const INNER_SHARES = INNER_SLOTS - (INNER_SLOTS >> 3);
/** What is left in the emptier of two nodes that shared, at the least. */
export const LEAF_LEAST = (LEAF_SHARES + 1) >> 1;
export const INNER_LEAST = (INNER_SHARES + 1) >> 1;

export abstract class RankedShape extends RankedNodes {
  /** The inner nodes of the last descent and the slots taken there, by level; level 1 is above the leaves. */
  protected readonly nodes = new Uint32Array(LEVELS_MAX);
  protected readonly slots = new Int32Array(LEVELS_MAX);

  /** Counts elements that came or went at the end of the last descent. */
  protected adjust(tree: Ref, by: number): void {
    for (let level = this.word(tree, HEIGHT); level > 0; level--) {
      const node = this.nodes[level]!;
      this.u32[node >>> CHUNK_SHIFT]![((node & UNIT_MASK) << 1) + COUNTS + this.slots[level]!]! += by;
    }
    this.setWord(tree, SIZE, this.word(tree, SIZE) + by);
  }

  // Growing.

  /** Gives a full leaf room near a slot, or one of the nodes above it if that has to come first. */
  protected makeRoom(tree: Ref, leaf: Ref, slot: number): void {
    const height = this.word(tree, HEIGHT);
    if (height > 0 && !this.#isAppend(leaf, slot) && this.#giveAway(leaf)) return;
    let level = 1;
    while (level <= height && this.word(this.nodes[level]!, COUNT) === INNER_SLOTS) level++;
    if (level > height) this.#raise(tree);
    else if (level > 1) this.#splitInner(level - 1);
    else this.#splitLeaf(tree, leaf, this.#isAppend(leaf, slot) ? LEAF_SLOTS - 1 : LEAF_SLOTS >> 1);
  }

  #isAppend(leaf: Ref, slot: number): boolean {
    return slot === LEAF_SLOTS && this.word(leaf, NEXT) === 0;
  }

  /** Lets a neighbour below the same parent take some elements of a full leaf; false if both are nearly full. */
  #giveAway(leaf: Ref): boolean {
    const parent = this.nodes[1]!;
    const slot = this.slots[1]!;
    const before = slot > 0 ? this.word(parent, COUNTS + slot - 1) : LEAF_SLOTS;
    const after = slot + 1 < this.word(parent, COUNT) ? this.word(parent, COUNTS + slot + 1) : LEAF_SLOTS;
    if (before > LEAF_SHARES && after > LEAF_SHARES) return false;
    if (before < after) this.#evenOut(parent, slot - 1, this.word(leaf, PREVIOUS), leaf);
    else this.#evenOut(parent, slot, leaf, this.word(leaf, NEXT));
    return true;
  }

  /** Spreads the elements of two leaves, children `slot` and `slot + 1`, evenly. */
  #evenOut(parent: Ref, slot: number, left: Ref, right: Ref): void {
    const leftCount = this.word(left, COUNT);
    const rightCount = this.word(right, COUNT);
    const half = (leftCount + rightCount) >>> 1;
    if (leftCount > half) this.elementsToRight(left, right, leftCount - half);
    else this.elementsToLeft(left, right, half - leftCount);
    this.setWord(parent, COUNTS + slot, half);
    this.setWord(parent, COUNTS + slot + 1, leftCount + rightCount - half);
    this.#setLeast(parent, slot + 1, right);
  }

  /** Notes the first element of a leaf as the least of an inner node's child. */
  #setLeast(parent: Ref, slot: number, leaf: Ref): void {
    this.setScoreAt(parent, slot, this.scoreAt(leaf, 0));
    this.setWord(parent, LEASTS + slot, this.word(leaf, ELEMENTS));
  }

  /** Puts a new root, with room, above the root. */
  #raise(tree: Ref): void {
    const root = this.newInner();
    this.putChild(root, 0, this.word(tree, ROOT), this.word(tree, SIZE), 0, 0);
    this.setWord(tree, ROOT, root);
    this.setWord(tree, HEIGHT, this.word(tree, HEIGHT) + 1);
  }

  /** Splits a leaf whose parent has room. */
  #splitLeaf(tree: Ref, leaf: Ref, at: number): void {
    const parent = this.nodes[1]!;
    const slot = this.slots[1]!;
    const right = this.newLeaf();
    const next = this.word(leaf, NEXT);
    this.elementsToRight(leaf, right, LEAF_SLOTS - at);
    this.#link(tree, leaf, right);
    this.#link(tree, right, next);
    this.setWord(parent, COUNTS + slot, at);
    this.putChild(parent, slot + 1, right, LEAF_SLOTS - at, 0, 0);
    this.#setLeast(parent, slot + 1, right);
  }

  /** Makes two leaves neighbours; 0 stands for the ends of the tree. */
  #link(tree: Ref, left: Ref, right: Ref): void {
    if (left === 0) this.setWord(tree, FIRST, right);
    else this.setWord(left, NEXT, right);
    if (right === 0) this.setWord(tree, LAST, left);
    else this.setWord(right, PREVIOUS, left);
  }

  /** Splits the full inner node of a level of the last descent; its parent has room. */
  #splitInner(level: number): void {
    const node = this.nodes[level]!;
    const parent = this.nodes[level + 1]!;
    const slot = this.slots[level + 1]!;
    const atEnd = this.slots[level] === INNER_SLOTS - 1 && slot === this.word(parent, COUNT) - 1;
    const at = atEnd ? INNER_SLOTS - 1 : INNER_SLOTS >> 1;
    const right = this.newInner();
    const moved = this.sumOfCounts(node, at, INNER_SLOTS - at);
    this.copyChildren(node, at, right, 0, INNER_SLOTS - at);
    this.setWord(right, COUNT, INNER_SLOTS - at);
    this.setWord(node, COUNT, at);
    this.setWord(parent, COUNTS + slot, this.word(parent, COUNTS + slot) - moved);
    this.putChild(parent, slot + 1, right, moved, this.scoreAt(right, 0), this.word(right, LEASTS));
  }

  // Shrinking.

  /** Takes elements out of the leaf at the end of the last descent, and mends the tree above. */
  protected removeRun(tree: Ref, leaf: Ref, slot: number, count: number): void {
    this.dropElements(leaf, slot, count);
    this.adjust(tree, -count);
    const left = this.word(leaf, COUNT);
    if (this.word(tree, HEIGHT) === 0) return;
    if (slot === 0 && left > 0) this.leastChanged(tree, leaf);
    if (left < LEAF_MIN) this.#mendLeaf(tree, leaf, left);
  }

  /** Tells the only inner node that knows the least element of a leaf, which the last descent led to. */
  protected leastChanged(tree: Ref, leaf: Ref): void {
    const height = this.word(tree, HEIGHT);
    for (let level = 1; level <= height; level++) {
      if (this.slots[level]! === 0) continue;
      this.#setLeast(this.nodes[level]!, this.slots[level]!, leaf);
      return;
    }
  }

  #mendLeaf(tree: Ref, leaf: Ref, count: number): void {
    const parent = this.nodes[1]!;
    const slot = this.slots[1]!;
    if (this.word(parent, COUNT) === 1) {
      if (count === 0) this.#dropEdge(tree, leaf);
      return;
    }
    const isLeft = slot === 0;
    const first = isLeft ? slot : slot - 1;
    const left = isLeft ? leaf : this.word(leaf, PREVIOUS);
    const right = isLeft ? this.word(leaf, NEXT) : leaf;
    const both = this.word(left, COUNT) + this.word(right, COUNT);
    if (both > LEAF_SHARES) {
      this.#evenOut(parent, first, left, right);
      if (isLeft && count === 0) this.leastChanged(tree, leaf);
      return;
    }
    this.elementsToLeft(left, right, this.word(right, COUNT));
    this.#link(tree, left, this.word(right, NEXT));
    this.arena.free(right, LEAF_BYTES);
    this.setWord(parent, COUNTS + first, both);
    this.dropChild(parent, first + 1);
    if (isLeft && count === 0) this.leastChanged(tree, leaf);
    this.#mendInner(tree, 1);
  }

  /** Drops an empty leaf that is the only child of its parent: on the right edge, with all nodes above that have no other. */
  #dropEdge(tree: Ref, leaf: Ref): void {
    this.#link(tree, this.word(leaf, PREVIOUS), 0);
    this.arena.free(leaf, LEAF_BYTES);
    let level = 1;
    for (; this.word(this.nodes[level]!, COUNT) === 1; level++) {
      this.arena.free(this.nodes[level]!, INNER_BYTES);
    }
    this.dropChild(this.nodes[level]!, this.slots[level]!);
    this.#mendInner(tree, level);
  }

  /** Merges the inner nodes of the last descent that lost a child with neighbours, from a level upwards. */
  #mendInner(tree: Ref, level: number): void {
    const height = this.word(tree, HEIGHT);
    for (; level < height; level++) {
      const node = this.nodes[level]!;
      const parent = this.nodes[level + 1]!;
      if (this.word(node, COUNT) >= INNER_MIN || this.word(parent, COUNT) === 1) break;
      const first = Math.max(0, this.slots[level + 1]! - 1);
      if (!this.#mergeInner(parent, first)) break;
    }
    this.#lower(tree);
  }

  /** Merges children `slot` and `slot + 1` of an inner node, or evens them out; false if both are still there. */
  #mergeInner(parent: Ref, slot: number): boolean {
    const left = this.word(parent, CHILDREN + slot);
    const right = this.word(parent, CHILDREN + slot + 1);
    const leftCount = this.word(left, COUNT);
    const rightCount = this.word(right, COUNT);
    // From here on the right node's first child needs to be known as any other.
    this.setScoreAt(right, 0, this.scoreAt(parent, slot + 1));
    this.setWord(right, LEASTS, this.word(parent, LEASTS + slot + 1));
    const merge = leftCount + rightCount <= INNER_SHARES;
    const half = merge ? leftCount + rightCount : (leftCount + rightCount) >>> 1;
    if (leftCount > half) {
      const moved = leftCount - half;
      this.copyChildren(right, 0, right, moved, rightCount);
      this.copyChildren(left, half, right, 0, moved);
    } else {
      const moved = half - leftCount;
      this.copyChildren(right, 0, left, leftCount, moved);
      this.copyChildren(right, moved, right, 0, rightCount - moved);
    }
    this.setWord(left, COUNT, half);
    this.setWord(right, COUNT, leftCount + rightCount - half);
    this.setWord(parent, COUNTS + slot, this.sumOfCounts(left, 0, half));
    if (merge) {
      this.dropChild(parent, slot + 1);
      this.arena.free(right, INNER_BYTES);
      return true;
    }
    this.setWord(parent, COUNTS + slot + 1, this.sumOfCounts(right, 0, this.word(right, COUNT)));
    this.setScoreAt(parent, slot + 1, this.scoreAt(right, 0));
    this.setWord(parent, LEASTS + slot + 1, this.word(right, LEASTS));
    return false;
  }

  /** Takes roots away that have a single child. */
  #lower(tree: Ref): void {
    for (let height = this.word(tree, HEIGHT); height > 0; height--) {
      const root = this.word(tree, ROOT);
      if (this.word(root, COUNT) > 1) return;
      this.setWord(tree, ROOT, this.word(root, CHILDREN));
      this.setWord(tree, HEIGHT, height - 1);
      this.arena.free(root, INNER_BYTES);
    }
  }
}
