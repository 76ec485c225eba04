// Nodes at the ends of a list: pushed to and popped from without moving their other elements.
//
// The block of such a node has spare room, behind the elements or in a gap before them, so that most pushes and pops touch
// nothing but the element and a few words. It is no listpack while there is a gap:
//
//   | total bytes:32 | elements:16, out of date |   gap   | element | element | ... | 0xff |   room   |
//   `------------------------------ total bytes ----------------------------------------'
//
// Room grows by doubling up to what a node may have, and shrinks by halving. A node that is read loses its gap, one that is
// changed elsewhere or stops being an end all spare room (QuicklistNodes.open, trim).
import type { Ref } from '../arena/arena.ts';
import { copyBytes } from '../base/bytes.ts';
import { END, elementBytes, elementBytesBefore } from './listpack_codec.ts';
import { FRAME_BYTES, LISTPACK_HEAD_BYTES } from './listpack_parts.ts';
import { ELEMENT_OVERHEAD_BYTES, exceedsNode } from './quicklist_limit.ts';
import {
  BLOCK,
  BYTES,
  COUNT,
  COUNT_MASK,
  GAP_BYTES,
  PLAIN,
  QuicklistNodes,
  SPARE,
} from './quicklist_node.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
/** Moving all elements to make room is worth it if at least one in so many bytes is free. */
const WORTH_MOVING = 8;

export class QuicklistEnds extends QuicklistNodes {
  /**
   * Adds an element at one end of a node that has spare room enough, if `fill` lets the node have one more; false: nothing
   * was done. Most pushes end here, so words are read once and nothing is called for them.
   */
  pushInRoom(
    node: Ref,
    isTail: boolean,
    fill: number,
    bytes: Uint8Array,
    at: number,
    length: number,
  ): boolean {
    const words = this.u32[node >>> CHUNK_SHIFT]!;
    const nodeAt = (node & UNIT_MASK) << 1;
    const countWord = words[nodeAt + COUNT]!;
    if ((countWord & SPARE) === 0) return false;
    const { listpacks } = this;
    const block = words[nodeAt + BLOCK]!;
    const chunk = block >>> CHUNK_SHIFT;
    const blockAt = (block & UNIT_MASK) << 1;
    const blockWords = this.u32[chunk]!;
    const total = blockWords[blockAt]!;
    const gap = words[nodeAt + GAP_BYTES]!;
    const used = total - gap;
    if (exceedsNode(fill, used + length + ELEMENT_OVERHEAD_BYTES, (countWord & COUNT_MASK) + 1)) return false;
    const added = listpacks.encodedBytes(bytes, at, length);
    if ((isTail ? words[nodeAt + BYTES]! - total : gap) < added) return false;
    const base = blockAt << 2;
    if (isTail) {
      listpacks.writeMeasured(chunk, base + total - 1, bytes, at, length);
      this.u8[chunk]![base + total + added - 1] = END;
      blockWords[blockAt] = total + added;
    } else {
      listpacks.writeMeasured(chunk, base + LISTPACK_HEAD_BYTES + gap - added, bytes, at, length);
      words[nodeAt + GAP_BYTES] = gap - added;
    }
    words[nodeAt + COUNT] = countWord + 1;
    return true;
  }

  /** Makes room for an element of so many bytes at one end of a listpack node, which has at most about `most` bytes then. */
  makeRoom(node: Ref, isTail: boolean, most: number, bytes: Uint8Array, at: number, length: number): void {
    if (!this.isSpare(node)) this.#begin(node);
    const added = this.listpacks.encodedBytes(bytes, at, length);
    const used = this.bytes(node);
    const capacity = this.word(node, BYTES);
    const free = capacity - used;
    if (free >= added && free * WORTH_MOVING >= capacity) this.#move(node, capacity, isTail);
    else this.#move(node, Math.max(used + added, Math.min(2 * used, most)), isTail);
  }

  /** Removes the element at one end of a node; false: it is the only one, and stays. */
  drop(node: Ref, isTail: boolean): boolean {
    const words = this.u32[node >>> CHUNK_SHIFT]!;
    const nodeAt = (node & UNIT_MASK) << 1;
    if ((words[nodeAt + COUNT]! & COUNT_MASK) === 1) return false;
    if ((words[nodeAt + COUNT]! & SPARE) === 0) this.#begin(node);
    const block = words[nodeAt + BLOCK]!;
    const blockWords = this.u32[block >>> CHUNK_SHIFT]!;
    const blockAt = (block & UNIT_MASK) << 1;
    const u8 = this.u8[block >>> CHUNK_SHIFT]!;
    const base = blockAt << 2;
    let gap = words[nodeAt + GAP_BYTES]!;
    let end = blockWords[blockAt]!;
    if (isTail) {
      end -= elementBytesBefore(u8, base + end - 1);
      u8[base + end - 1] = END;
      blockWords[blockAt] = end;
    } else {
      gap += elementBytes(u8, base + LISTPACK_HEAD_BYTES + gap);
      words[nodeAt + GAP_BYTES] = gap;
    }
    words[nodeAt + COUNT] = words[nodeAt + COUNT]! - 1;
    if ((end - gap) * 4 <= words[nodeAt + BYTES]!) this.#move(node, (end - gap) * 2, isTail);
    return true;
  }

  /** Position of the element at one end, for `locate` in the node's block; 0 in a plain node. */
  edge(node: Ref, isTail: boolean): number {
    const words = this.u32[node >>> CHUNK_SHIFT]!;
    const nodeAt = (node & UNIT_MASK) << 1;
    const countWord = words[nodeAt + COUNT]!;
    if ((countWord & PLAIN) !== 0) return 0;
    if (!isTail) return LISTPACK_HEAD_BYTES + ((countWord & SPARE) === 0 ? 0 : words[nodeAt + GAP_BYTES]!);
    const block = words[nodeAt + BLOCK]!;
    const end = this.#total(block) - 1;
    return end - elementBytesBefore(this.u8[block >>> CHUNK_SHIFT]!, ((block & UNIT_MASK) << 3) + end);
  }

  /** Makes a listpack one with spare room, of which it has none yet. */
  #begin(node: Ref): void {
    this.setWord(node, BYTES, this.#total(this.word(node, BLOCK)));
    this.setWord(node, GAP_BYTES, 0);
    this.setWord(node, COUNT, this.word(node, COUNT) | SPARE);
  }

  /** Moves the elements to the start of a block of `capacity` bytes if the room is to be behind them, else to its end. */
  #move(node: Ref, capacity: number, isTail: boolean): void {
    const block = this.word(node, BLOCK);
    const oldCapacity = this.word(node, BYTES);
    const usable = this.arena.usableBytes(capacity);
    const next = usable === oldCapacity ? block : this.arena.alloc(usable);
    const used = this.bytes(node);
    const gap = isTail ? 0 : usable - used;
    const base = (next & UNIT_MASK) << 3;
    const from = ((block & UNIT_MASK) << 3) + LISTPACK_HEAD_BYTES + this.word(node, GAP_BYTES);
    const to = base + LISTPACK_HEAD_BYTES + gap;
    const elements = used - FRAME_BYTES;
    const u8 = this.u8[next >>> CHUNK_SHIFT]!;
    // Inside a block the runs may overlap.
    if (next === block) u8.copyWithin(to, from, from + elements);
    else copyBytes(this.u8[block >>> CHUNK_SHIFT]!, from, u8, to, elements);
    u8[to + elements] = END;
    this.#setTotal(next, used + gap);
    this.setWord(node, BLOCK, next);
    this.setWord(node, BYTES, usable);
    this.setWord(node, GAP_BYTES, gap);
    if (next !== block) this.arena.free(block, oldCapacity);
  }

  #total(block: Ref): number {
    return this.u32[block >>> CHUNK_SHIFT]![(block & UNIT_MASK) << 1]!;
  }

  #setTotal(block: Ref, total: number): void {
    this.u32[block >>> CHUNK_SHIFT]![(block & UNIT_MASK) << 1] = total;
  }
}
