// The nodes of a list as a chain: linking, unlinking, splitting and merging them, and which of them are packed.
//
//   header:  head:32 | tail:32 | elements:32 | nodes:32 | depth:16 fill:16 | packed nodes:32
//
// Fill (quicklist_limit.ts) and depth stay what they were when the list was made, as in the reference. With a depth of n
// the first n and the last n nodes are never packed; every other one is, once it has been left alone. Whoever changes a
// node makes it ready first (`ready`) and settles the chain afterwards (`settle`).
import type { Arena, Ref } from '../arena/arena.ts';
import { OutOfMemoryError } from '../arena/granules.ts';
import type { Listpacks } from './listpack.ts';
import { cutAt, FRAME_BYTES, joined, tailOf } from './listpack_parts.ts';
import { QuicklistEnds } from './quicklist_end.ts';
import { clampFill, ELEMENT_OVERHEAD_BYTES, exceedsNode, nodeBytesMax } from './quicklist_limit.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
export const HEADER_BYTES = 24;
export const HEAD = 0;
export const TAIL = 1;
export const ELEMENTS = 2;
const NODES = 3;
export const OPTIONS = 4;
const PACKED_NODES = 5;
const DEPTH_MAX = 0xffff;
/** Merging begins so many nodes before one that was split, and looks at so many pairs. */
const MERGED_BEFORE = 2;
const MERGES_TRIED = 5;
/** What `moveBlocks` can look at without holding anybody up. */
const NODES_MOVED_MAX = 4096;

/** Who has to see nodes of a list before they change for the first time. */
export interface ChainGuard {
  /** A node is about to change or to be dropped, or another one to be linked behind it. */
  before(node: Ref): void;
  /** The chain is about to be cut between two neighbours, one of which then belongs to `part`, a list of its own. */
  cut(part: Ref, before: Ref, after: Ref): void;
  /** The list is about to be no list any more. */
  gone(list: Ref): void;
}

export class QuicklistChain {
  readonly arena: Arena;
  readonly listpacks: Listpacks;
  readonly nodes: QuicklistEnds;
  /** Elements of so many bytes get a plain node; 0: those that are larger than a node may be. */
  plainBytesMin = 0;
  /** Guards by the lists they look after; null while there are none. */
  guards: ReadonlyMap<Ref, ChainGuard> | null = null;
  readonly #u32: Uint32Array[];

  constructor(listpacks: Listpacks) {
    this.arena = listpacks.arena;
    this.listpacks = listpacks;
    this.nodes = new QuicklistEnds(listpacks);
    this.#u32 = listpacks.arena.u32;
  }

  /** A list without elements. */
  create(fill: number, depth: number): Ref {
    const list = this.arena.alloc(HEADER_BYTES);
    const words = this.#u32[list >>> CHUNK_SHIFT]!;
    const at = (list & UNIT_MASK) << 1;
    words.fill(0, at, at + HEADER_BYTES / 4);
    words[at + OPTIONS] = (Math.min(depth, DEPTH_MAX) << 16) | (clampFill(fill) & 0xffff);
    return list;
  }

  /** Number of elements. */
  size(list: Ref): number {
    return this.#word(list, ELEMENTS);
  }

  nodeCount(list: Ref): number {
    return this.#word(list, NODES);
  }

  /** Number of nodes that are packed. */
  packedCount(list: Ref): number {
    return this.#word(list, PACKED_NODES);
  }

  fill(list: Ref): number {
    return (this.#word(list, OPTIONS) << 16) >> 16;
  }

  depth(list: Ref): number {
    return this.#word(list, OPTIONS) >>> 16;
  }

  /** First node (end HEAD) or last one (TAIL); 0 in an empty list. */
  nodeAt(list: Ref, end: number): Ref {
    return this.#word(list, end);
  }

  /** Bytes that a node may have. */
  bytesMax(list: Ref): number {
    return nodeBytesMax(this.fill(list));
  }

  /** All nodes from the first on. Not for hot paths. */
  *nodesOf(list: Ref): Generator<Ref> {
    for (let node = this.#word(list, HEAD); node !== 0; node = this.nodes.next(node)) yield node;
  }

  /** Whether an element gets a plain node. */
  isLarge(list: Ref, bytes: number): boolean {
    if (this.plainBytesMin !== 0) return bytes >= this.plainBytesMin;
    return bytes > nodeBytesMax(this.fill(list));
  }

  /** Whether a node (0: none) may take one more element of so many bytes. */
  admits(list: Ref, node: Ref, bytes: number): boolean {
    if (node === 0 || this.nodes.isPlain(node)) return false;
    if (this.plainBytesMin !== 0 && bytes >= this.plainBytesMin) return false;
    const total = this.nodes.bytes(node) + bytes + ELEMENT_OVERHEAD_BYTES;
    return !exceedsNode(this.fill(list), total, this.nodes.count(node) + 1);
  }

  /** Notes the new reference of a node's listpack, and how many elements list and node have gained. */
  changed(list: Ref, node: Ref, listpack: Ref, gained: number): void {
    this.nodes.changed(node, listpack, gained);
    this.#add(list, ELEMENTS, gained);
  }

  /** Notes that a node has gained elements by itself (pushes and drops at its ends). */
  gained(list: Ref, count: number): void {
    this.#add(list, ELEMENTS, count);
  }

  /** Links a new node between two that are neighbours, either of which may be 0. */
  link(list: Ref, previous: Ref, node: Ref, next: Ref): void {
    const { nodes } = this;
    if (this.guards !== null && previous !== 0 && next !== 0) this.beforeChange(list, previous);
    nodes.setPrevious(node, previous);
    nodes.setNext(node, next);
    if (previous === 0) this.#setWord(list, HEAD, node);
    else nodes.setNext(previous, node);
    if (next === 0) this.#setWord(list, TAIL, node);
    else nodes.setPrevious(next, node);
    this.#add(list, NODES, 1);
    this.#add(list, ELEMENTS, nodes.count(node));
  }

  /** Takes a node out of the chain and frees it with its elements. */
  drop(list: Ref, node: Ref): void {
    if (this.guards !== null) this.beforeChange(list, node);
    if (this.nodes.isPacked(node)) this.#add(list, PACKED_NODES, -1);
    this.#unlink(list, node);
    this.nodes.free(node);
  }

  /** Makes the nodes between one end and `kept`, which have so many elements, a list of their own, and returns it. */
  detach(list: Ref, end: number, kept: Ref, elements: number): Ref {
    const { nodes } = this;
    const cut = this.create(this.fill(list), this.depth(list));
    const inner = end === TAIL ? nodes.next(kept) : nodes.previous(kept);
    this.guards?.get(list)?.cut(cut, end === TAIL ? kept : inner, end === TAIL ? inner : kept);
    this.#setWord(cut, end, this.#word(list, end));
    this.#setWord(cut, HEAD + TAIL - end, inner);
    for (let node = inner; node !== 0; node = end === TAIL ? nodes.next(node) : nodes.previous(node)) {
      this.#add(cut, NODES, 1);
      if (nodes.isPacked(node)) this.#add(cut, PACKED_NODES, 1);
    }
    this.#add(cut, ELEMENTS, elements);
    this.#setWord(list, end, kept);
    if (end === TAIL) {
      nodes.setNext(kept, 0);
      nodes.setPrevious(inner, 0);
    } else {
      nodes.setPrevious(kept, 0);
      nodes.setNext(inner, 0);
    }
    for (const count of [NODES, ELEMENTS, PACKED_NODES]) this.#add(list, count, -this.#word(cut, count));
    return cut;
  }

  /** A node with this element, not linked yet. */
  nodeOf(list: Ref, bytes: Uint8Array, at: number, length: number): Ref {
    if (this.isLarge(list, length)) return this.nodes.ofPlain(bytes, at, length);
    const { listpacks } = this;
    return this.nodes.ofListpack(listpacks.append(listpacks.create(), bytes, at, length), 1);
  }

  /** Splits a ready node before position `p`, which has elements on both sides; returns the node of the second part. */
  split(list: Ref, node: Ref, p: number): Ref {
    const { nodes, arena } = this;
    const block = nodes.block(node);
    const before = this.#countBefore(block, p);
    const moved = nodes.count(node) - before;
    const second = nodes.ofListpack(tailOf(arena, block, p, moved), moved);
    this.changed(list, node, cutAt(arena, block, p, before), -moved);
    this.link(list, node, second, nodes.next(node));
    return second;
  }

  /** Merges neighbours that may be one node, near a node that was split, and settles them. */
  mergeAround(list: Ref, node: Ref): void {
    try {
      this.#mergeAround(list, node);
    } catch (error) {
      // The change itself is done, and has to be told of: nodes stay as they are until there is memory.
      if (!(error instanceof OutOfMemoryError)) throw error;
    }
  }

  #mergeAround(list: Ref, node: Ref): void {
    const { nodes } = this;
    let first = node;
    for (let i = 0; i < MERGED_BEFORE && nodes.previous(first) !== 0; i++) first = nodes.previous(first);
    let last = first;
    for (let i = 0; i < MERGES_TRIED && nodes.next(last) !== 0; i++) {
      if (!this.#merge(list, last)) last = nodes.next(last);
    }
    for (let settled = first; ; settled = nodes.next(settled)) {
      this.settle(list, settled);
      if (settled === last) return;
    }
  }

  /** Makes a node changeable. */
  ready(list: Ref, node: Ref): void {
    if (this.guards !== null) this.beforeChange(list, node);
    this.unpack(list, node);
    if (this.nodes.isSpare(node)) this.nodes.trim(node);
  }

  unpack(list: Ref, node: Ref): void {
    if (!this.nodes.isPacked(node)) return;
    this.nodes.unpack(node);
    this.#add(list, PACKED_NODES, -1);
  }

  /**
   * Unpacks the nodes within the depth and packs those just beyond it, and `node` (0: none) if it is beyond it too. To be
   * called after each change of the chain or of an inner node.
   */
  settle(list: Ref, node: Ref): void {
    const depth = this.depth(list);
    if (depth === 0) return;
    if (this.nodeCount(list) <= 2 * depth && this.packedCount(list) === 0) return;
    const { nodes } = this;
    let front = this.#word(list, HEAD);
    let back = this.#word(list, TAIL);
    let isInner = node !== 0;
    for (let i = 0; i < depth; i++) {
      if (front === 0) return;
      this.unpack(list, front);
      this.unpack(list, back);
      if (front === node || back === node) isInner = false;
      if (front === back || nodes.next(front) === back) return;
      front = nodes.next(front);
      back = nodes.previous(back);
    }
    this.#pack(list, front);
    if (back !== front) this.#pack(list, back);
    if (isInner) this.#pack(list, node);
  }

  /** Frees about `blocks` blocks of a list that is of no more use, and at last its header; true when all is gone. */
  freeSome(list: Ref, blocks: number): boolean {
    for (let freed = 0; freed < blocks; freed += 2) {
      const node = this.#word(list, HEAD);
      if (node === 0) {
        this.arena.free(list, HEADER_BYTES);
        return true;
      }
      this.drop(list, node);
    }
    return false;
  }

  /** Frees a list whose only node is a listpack, and returns that. */
  dissolve(list: Ref): Ref {
    const node = this.#word(list, HEAD);
    this.ready(list, node);
    this.guards?.get(list)?.gone(list);
    const listpack = this.nodes.block(node);
    this.nodes.forget(node);
    this.arena.free(list, HEADER_BYTES);
    return listpack;
  }

  copy(list: Ref): Ref {
    const copy = this.create(this.fill(list), this.depth(list));
    for (let node = this.#word(list, HEAD); node !== 0; node = this.nodes.next(node)) {
      this.link(copy, this.#word(copy, TAIL), this.nodes.copy(node), 0);
    }
    this.#setWord(copy, PACKED_NODES, this.packedCount(list));
    return copy;
  }

  /** Moves the blocks of a list's nodes that stand in sparse spans; those of the first nodes only, if there are very many. */
  moveBlocks(list: Ref): void {
    let node = this.#word(list, HEAD);
    for (let left = Math.min(this.nodeCount(list), NODES_MOVED_MAX); left > 0; left--) {
      this.nodes.moveBlock(node);
      node = this.nodes.next(node);
    }
  }

  /** Bytes of all blocks, estimated from the first `samples` nodes (0: from all). */
  arenaBytes(list: Ref, samples: number): number {
    const count = this.nodeCount(list);
    const looked = samples === 0 ? count : Math.min(samples, count);
    let bytes = 0;
    let node = this.#word(list, HEAD);
    for (let i = 0; i < looked; i++, node = this.nodes.next(node)) bytes += this.nodes.arenaBytes(node);
    const nodeBytes = looked === count ? bytes : Math.round((bytes / looked) * count);
    return this.arena.usableBytes(HEADER_BYTES) + nodeBytes;
  }

  /** Has the guard see a node. */
  protected beforeChange(list: Ref, node: Ref): void {
    this.guards!.get(list)?.before(node);
  }

  /** Appends the next node to this one if both may be one; the next one is gone then. */
  #merge(list: Ref, node: Ref): boolean {
    const { nodes } = this;
    const next = nodes.next(node);
    if (!this.#mayMerge(list, node, next)) return false;
    this.ready(list, node);
    this.ready(list, next);
    const gained = nodes.count(next);
    const block = joined(this.arena, nodes.block(node), nodes.block(next), nodes.count(node) + gained);
    this.#unlink(list, next);
    nodes.forget(next);
    this.changed(list, node, block, gained);
    return true;
  }

  #mayMerge(list: Ref, first: Ref, second: Ref): boolean {
    const { nodes } = this;
    if (nodes.isPlain(first) || nodes.isPlain(second)) return false;
    const bytes = nodes.bytes(first) + nodes.bytes(second) - FRAME_BYTES;
    return !exceedsNode(this.fill(list), bytes, nodes.count(first) + nodes.count(second));
  }

  #unlink(list: Ref, node: Ref): void {
    const { nodes } = this;
    const previous = nodes.previous(node);
    const next = nodes.next(node);
    if (previous === 0) this.#setWord(list, HEAD, next);
    else nodes.setNext(previous, next);
    if (next === 0) this.#setWord(list, TAIL, previous);
    else nodes.setPrevious(next, previous);
    this.#add(list, NODES, -1);
    this.#add(list, ELEMENTS, -nodes.count(node));
  }

  #pack(list: Ref, node: Ref): void {
    if (!this.nodes.isPacked(node) && this.nodes.pack(node)) this.#add(list, PACKED_NODES, 1);
  }

  #countBefore(block: Ref, p: number): number {
    let count = 0;
    for (let at = this.listpacks.first(block); at !== p; at = this.listpacks.next(block, at)) count++;
    return count;
  }

  #word(list: Ref, index: number): number {
    return this.#u32[list >>> CHUNK_SHIFT]![((list & UNIT_MASK) << 1) + index]!;
  }

  #setWord(list: Ref, index: number, value: number): void {
    this.#u32[list >>> CHUNK_SHIFT]![((list & UNIT_MASK) << 1) + index] = value;
  }

  #add(list: Ref, index: number, difference: number): void {
    const words = this.#u32[list >>> CHUNK_SHIFT]!;
    const at = ((list & UNIT_MASK) << 1) + index;
    words[at] = words[at]! + difference;
  }
}
