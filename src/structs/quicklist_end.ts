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
import { END, elementBytes, elementBytesBefore } from './listpack_codec.ts';
import { FRAME_BYTES, LISTPACK_HEAD_BYTES } from './listpack_parts.ts';
import { BLOCK, BYTES, COUNT, GAP_BYTES, QuicklistNodes, SPARE } from './quicklist_node.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
/** Moving all elements to make room is worth it if at least one in so many bytes is free. */
const WORTH_MOVING = 8;

export class QuicklistEnds extends QuicklistNodes {
  /** Adds an element at one end of a listpack node, which then has at most about `most` bytes. */
  push(node: Ref, isTail: boolean, most: number, bytes: Uint8Array, at: number, length: number): void {
    const { listpacks } = this;
    if (!this.isSpare(node)) this.#begin(node);
    const added = listpacks.encodedBytes(bytes, at, length);
    if (isTail ? this.#room(node) < added : this.word(node, GAP_BYTES) < added) {
      this.#makeRoom(node, isTail, added, most);
    }
    const block = this.word(node, BLOCK);
    const base = (block & UNIT_MASK) << 3;
    if (isTail) {
      const total = this.#total(block);
      listpacks.writeMeasured(block >>> CHUNK_SHIFT, base + total - 1, bytes, at, length);
      this.u8[block >>> CHUNK_SHIFT]![base + total + added - 1] = END;
      this.#setTotal(block, total + added);
    } else {
      const gap = this.word(node, GAP_BYTES) - added;
      listpacks.writeMeasured(block >>> CHUNK_SHIFT, base + LISTPACK_HEAD_BYTES + gap, bytes, at, length);
      this.setWord(node, GAP_BYTES, gap);
    }
    this.setWord(node, COUNT, this.word(node, COUNT) + 1);
  }

  /** Removes the element at one end of a listpack node, which has more than one. */
  drop(node: Ref, isTail: boolean): void {
    if (!this.isSpare(node)) this.#begin(node);
    const block = this.word(node, BLOCK);
    const u8 = this.u8[block >>> CHUNK_SHIFT]!;
    const base = (block & UNIT_MASK) << 3;
    const total = this.#total(block);
    let gap = this.word(node, GAP_BYTES);
    let end = total;
    if (isTail) {
      end -= elementBytesBefore(u8, base + total - 1);
      u8[base + end - 1] = END;
      this.#setTotal(block, end);
    } else {
      gap += elementBytes(u8, base + LISTPACK_HEAD_BYTES + gap);
      this.setWord(node, GAP_BYTES, gap);
    }
    this.setWord(node, COUNT, this.word(node, COUNT) - 1);
    if ((end - gap) * 4 <= this.word(node, BYTES)) this.#move(node, (end - gap) * 2, isTail);
  }

  /** Position of the element at one end, for `locate` in the node's block; 0 in a plain node. */
  edge(node: Ref, isTail: boolean): number {
    if (this.isPlain(node)) return 0;
    if (isTail) return this.listpacks.last(this.word(node, BLOCK));
    return LISTPACK_HEAD_BYTES + (this.isSpare(node) ? this.word(node, GAP_BYTES) : 0);
  }

  /** Makes a listpack one with spare room, of which it has none yet. */
  #begin(node: Ref): void {
    this.setWord(node, BYTES, this.#total(this.word(node, BLOCK)));
    this.setWord(node, GAP_BYTES, 0);
    this.setWord(node, COUNT, this.word(node, COUNT) | SPARE);
  }

  #makeRoom(node: Ref, isTail: boolean, added: number, most: number): void {
    const used = this.bytes(node);
    const capacity = this.word(node, BYTES);
    const free = capacity - used;
    if (free >= added && free * WORTH_MOVING >= capacity) this.#move(node, capacity, isTail);
    else this.#move(node, Math.max(used + added, Math.min(2 * used, most)), isTail);
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
    if (next === block) u8.copyWithin(to, from, from + elements);
    else u8.set(this.u8[block >>> CHUNK_SHIFT]!.subarray(from, from + elements), to);
    u8[to + elements] = END;
    this.#setTotal(next, used + gap);
    this.setWord(node, BLOCK, next);
    this.setWord(node, BYTES, usable);
    this.setWord(node, GAP_BYTES, gap);
    if (next !== block) this.arena.free(block, oldCapacity);
  }

  /** Bytes of the block behind the end. */
  #room(node: Ref): number {
    return this.word(node, BYTES) - this.#total(this.word(node, BLOCK));
  }

  #total(block: Ref): number {
    return this.u32[block >>> CHUNK_SHIFT]![(block & UNIT_MASK) << 1]!;
  }

  #setTotal(block: Ref, total: number): void {
    this.u32[block >>> CHUNK_SHIFT]![(block & UNIT_MASK) << 1] = total;
  }
}
