// Nodes of a list: links, and a block of elements in one of five forms.
//
//   node:  previous:32 | next:32 | block:32 | bytes:32 | flags:8 count:24 | packed bytes:32
//
//   flags            block                                   bytes                  packed bytes
//   none             listpack                                unused: it says        unused
//   SPARE            listpack with room to grow              of the block           of the gap (quicklist_end.ts)
//   PLAIN            one element that fills it               of the element         unused
//   PACKED           a compressed listpack (LZF)             once unpacked          of the block
//   PLAIN | PACKED   a compressed element                    once unpacked          of the block
//
// `open` gives the block in readable form: of a packed node it is a copy, which stays until `close` or the next `open`.
// Changing a node takes one that is neither packed nor has spare room (`unpack`, `trim`).
import type { Arena, Ref } from '../arena/arena.ts';
import { copyBytes } from '../base/bytes.ts';
import type { Listpacks } from './listpack.ts';
import { LISTPACK_HEAD_BYTES, writeFrame } from './listpack_parts.ts';
import { decompressLzf, Lzf } from './lzf.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
export const NODE_BYTES = 24;
const PREVIOUS = 0;
const NEXT = 1;
export const BLOCK = 2;
export const BYTES = 3;
export const COUNT = 4;
const PACKED_BYTES = 5;
export const GAP_BYTES = PACKED_BYTES;
export const COUNT_MASK = 0xffffff;
export const PLAIN = 1 << 24;
const PACKED = 1 << 25;
export const SPARE = 1 << 26;
/** Less is not compressed, nor what would not become shorter by more than so many bytes. */
const PACKABLE_BYTES_MIN = 48;
const SAVED_BYTES_MIN = 8;
/** More is not compressed either: it would hold up all clients for too long, each time that it is touched. */
const PACKABLE_BYTES_MAX = 1024 * 1024;

export class QuicklistNodes {
  readonly arena: Arena;
  readonly listpacks: Listpacks;
  protected readonly u8: Uint8Array[];
  protected readonly u32: Uint32Array[];
  readonly #lzf = new Lzf();
  #scratch = new Uint8Array(0);
  /** The copy made by `open`, or 0. */
  #copy: Ref = 0;
  #copyBytes = 0;

  constructor(listpacks: Listpacks) {
    this.arena = listpacks.arena;
    this.listpacks = listpacks;
    this.u8 = listpacks.arena.u8;
    this.u32 = listpacks.arena.u32;
  }

  /** A node without neighbours that takes over a listpack of `count` elements. */
  ofListpack(listpack: Ref, count: number): Ref {
    return this.#create(listpack, 0, count);
  }

  /** A node without neighbours whose only element is a copy of these bytes. */
  ofPlain(bytes: Uint8Array, at: number, length: number): Ref {
    const block = this.arena.alloc(length);
    copyBytes(bytes, at, this.u8[block >>> CHUNK_SHIFT]!, (block & UNIT_MASK) << 3, length);
    return this.#create(block, length, PLAIN | 1);
  }

  /** A copy without neighbours. */
  copy(node: Ref): Ref {
    if (this.isSpare(node)) this.trim(node);
    const bytes = this.#storedBytes(node);
    const from = this.word(node, BLOCK);
    const to = this.arena.alloc(bytes);
    this.#copyBlock(from, to, bytes);
    const copy = this.#create(to, this.word(node, BYTES), this.word(node, COUNT));
    this.setWord(copy, PACKED_BYTES, this.word(node, PACKED_BYTES));
    return copy;
  }

  /** Moves a node's block if it stands in a sparse span of the arena. */
  moveBlock(node: Ref): void {
    const block = this.word(node, BLOCK);
    const bytes = this.#storedBytes(node);
    if (this.arena.isSparse(block, bytes)) this.setWord(node, BLOCK, this.arena.move(block, bytes));
  }

  /** Frees a node and its block. */
  free(node: Ref): void {
    this.arena.free(this.word(node, BLOCK), this.#storedBytes(node));
    this.forget(node);
  }

  /** Frees a node and leaves its block to the caller. */
  forget(node: Ref): void {
    this.arena.free(node, NODE_BYTES);
  }

  previous(node: Ref): Ref {
    return this.word(node, PREVIOUS);
  }

  next(node: Ref): Ref {
    return this.word(node, NEXT);
  }

  setPrevious(node: Ref, previous: Ref): void {
    this.setWord(node, PREVIOUS, previous);
  }

  setNext(node: Ref, next: Ref): void {
    this.setWord(node, NEXT, next);
  }

  /** The block of a node that is not packed. */
  block(node: Ref): Ref {
    return this.word(node, BLOCK);
  }

  /** Notes the listpack's new reference, and how many elements it has gained. */
  changed(node: Ref, listpack: Ref, gained: number): void {
    const words = this.u32[node >>> CHUNK_SHIFT]!;
    const at = (node & UNIT_MASK) << 1;
    words[at + BLOCK] = listpack;
    words[at + COUNT] = words[at + COUNT]! + gained;
  }

  /** Number of elements. */
  count(node: Ref): number {
    return this.word(node, COUNT) & COUNT_MASK;
  }

  isPlain(node: Ref): boolean {
    return (this.word(node, COUNT) & PLAIN) !== 0;
  }

  /** Whether the block has room to grow into. */
  isSpare(node: Ref): boolean {
    return (this.word(node, COUNT) & SPARE) !== 0;
  }

  isPacked(node: Ref): boolean {
    return (this.word(node, COUNT) & PACKED) !== 0;
  }

  /** Bytes of the listpack or element, unpacked. */
  bytes(node: Ref): number {
    const flags = this.word(node, COUNT);
    if ((flags & (PLAIN | PACKED)) !== 0) return this.word(node, BYTES);
    const block = this.word(node, BLOCK);
    const total = this.u32[block >>> CHUNK_SHIFT]![(block & UNIT_MASK) << 1]!;
    return (flags & SPARE) === 0 ? total : total - this.word(node, GAP_BYTES);
  }

  /** Bytes that the node takes of the arena with its block. */
  arenaBytes(node: Ref): number {
    return this.arena.usableBytes(NODE_BYTES) + this.arena.usableBytes(this.#storedBytes(node));
  }

  /** The block in readable form. */
  open(node: Ref): Ref {
    this.close();
    if (!this.isPacked(node)) {
      if (this.isSpare(node)) this.closeGap(node);
      return this.word(node, BLOCK);
    }
    this.#copy = this.#unpacked(node);
    this.#copyBytes = this.word(node, BYTES);
    return this.#copy;
  }

  close(): void {
    if (this.#copy === 0) return;
    this.arena.free(this.#copy, this.#copyBytes);
    this.#copy = 0;
  }

  /** Compresses a node that is not packed; false if that is not worth it. */
  pack(node: Ref): boolean {
    if (this.isSpare(node)) this.trim(node);
    const bytes = this.bytes(node);
    if (bytes < PACKABLE_BYTES_MIN || bytes > PACKABLE_BYTES_MAX) return false;
    const scratch = this.#takeScratch(bytes);
    const block = this.word(node, BLOCK);
    const view = this.u8[block >>> CHUNK_SHIFT]!;
    const room = bytes - SAVED_BYTES_MIN - 1;
    const packed = this.#lzf.compress(view, (block & UNIT_MASK) << 3, bytes, scratch, 0, room);
    if (packed === 0) return false;
    const next = this.arena.alloc(packed);
    copyBytes(scratch, 0, this.u8[next >>> CHUNK_SHIFT]!, (next & UNIT_MASK) << 3, packed);
    this.arena.free(block, bytes);
    this.setWord(node, BLOCK, next);
    this.setWord(node, BYTES, bytes);
    this.setWord(node, PACKED_BYTES, packed);
    this.setWord(node, COUNT, this.word(node, COUNT) | PACKED);
    return true;
  }

  /** Makes a packed node changeable. */
  unpack(node: Ref): void {
    const block = this.#unpacked(node);
    this.arena.free(this.word(node, BLOCK), this.word(node, PACKED_BYTES));
    this.setWord(node, BLOCK, block);
    this.setWord(node, COUNT, this.word(node, COUNT) & ~PACKED);
  }

  /** Gives back the spare room: the block is a listpack and nothing else then. */
  trim(node: Ref): void {
    this.closeGap(node);
    const capacity = this.word(node, BYTES);
    const block = this.word(node, BLOCK);
    this.setWord(node, BLOCK, this.arena.resize(block, capacity, this.listpacks.totalBytes(block)));
    this.setWord(node, COUNT, this.word(node, COUNT) & ~SPARE);
  }

  /** Makes the listpack of a node with spare room a complete one at the start of the block. */
  protected closeGap(node: Ref): void {
    const block = this.word(node, BLOCK);
    const gap = this.word(node, GAP_BYTES);
    const total = this.listpacks.totalBytes(block);
    const u8 = this.u8[block >>> CHUNK_SHIFT]!;
    const base = (block & UNIT_MASK) << 3;
    if (gap > 0) u8.copyWithin(base + LISTPACK_HEAD_BYTES, base + LISTPACK_HEAD_BYTES + gap, base + total);
    writeFrame(u8, base, total - gap, this.count(node));
    this.setWord(node, GAP_BYTES, 0);
  }

  #create(block: Ref, bytes: number, countWord: number): Ref {
    const node = this.arena.alloc(NODE_BYTES);
    const words = this.u32[node >>> CHUNK_SHIFT]!;
    const at = (node & UNIT_MASK) << 1;
    words[at + PREVIOUS] = 0;
    words[at + NEXT] = 0;
    words[at + BLOCK] = block;
    words[at + BYTES] = bytes;
    words[at + COUNT] = countWord;
    words[at + PACKED_BYTES] = 0;
    return node;
  }

  #unpacked(node: Ref): Ref {
    const bytes = this.word(node, BYTES);
    const from = this.word(node, BLOCK);
    const to = this.arena.alloc(bytes);
    const isWhole = decompressLzf(
      this.u8[from >>> CHUNK_SHIFT]!,
      (from & UNIT_MASK) << 3,
      this.word(node, PACKED_BYTES),
      this.u8[to >>> CHUNK_SHIFT]!,
      (to & UNIT_MASK) << 3,
      bytes,
    );
    if (!isWhole) throw new Error(`quicklist: node ${node} does not unpack`);
    return to;
  }

  /** Bytes that the block was asked for. */
  #storedBytes(node: Ref): number {
    if (this.isSpare(node)) return this.word(node, BYTES);
    return this.isPacked(node) ? this.word(node, PACKED_BYTES) : this.bytes(node);
  }

  #copyBlock(from: Ref, to: Ref, bytes: number): void {
    copyBytes(
      this.u8[from >>> CHUNK_SHIFT]!,
      (from & UNIT_MASK) << 3,
      this.u8[to >>> CHUNK_SHIFT]!,
      (to & UNIT_MASK) << 3,
      bytes,
    );
  }

  #takeScratch(bytes: number): Uint8Array {
    if (this.#scratch.length < bytes) this.#scratch = new Uint8Array(bytes);
    return this.#scratch;
  }

  protected word(node: Ref, index: number): number {
    return this.u32[node >>> CHUNK_SHIFT]![((node & UNIT_MASK) << 1) + index]!;
  }

  protected setWord(node: Ref, index: number, value: number): void {
    this.u32[node >>> CHUNK_SHIFT]![((node & UNIT_MASK) << 1) + index] = value;
  }
}
