// A radix tree from byte strings to 32-bit values, in memcmp order: names of groups and consumers.
//
// A node stands for the bytes on the way to it: its own prefix, after one byte that chose it among its parent's children.
// Only the root may be without a value and have fewer than two children, so a tree of n names has less than 2n nodes.
//
//   word 0         word 1                      word 2   then            then                    then
//   prefix bytes   has value:1 | children:31   value    n x child ref   n x first byte, sorted  prefix
//
// A node is one block of exactly these bytes; children and prefixes that come or go make it a new one, so what refers to
// it (its "link": a word of the parent, or of the tree) is kept at hand on the way down. The tree's own words stand in the
// block of its owner (`header`, 8 bytes):   root (0: empty) | names in the tree
//
// One object serves all trees. Its cursor is a stack of nodes with the child taken in each; any change makes it void.
import type { Arena, Ref } from '../arena/arena.ts';
import { copyBytes } from '../base/bytes.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const PREFIX = 0;
const SHAPE = 1;
const VALUE = 2;
const CHILDREN = 3;
const HAS_VALUE = 0x80000000;
const COUNT_MASK = 0x7fffffff;
const HEAD_BYTES = 12;
const SLOT_BYTES = 5;

export class RadixTree {
  readonly arena: Arena;
  readonly #u8: Uint8Array[];
  readonly #u32: Uint32Array[];
  /** The nodes from the root to the one at hand and, in each, the index of the child that was taken. */
  readonly #nodes: Ref[] = [];
  readonly #turns: number[] = [];
  /** Bytes that the last walk down found equal, in all and of the last node's prefix. */
  #matched = 0;
  #matchedPrefix = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.#u8 = arena.u8;
    this.#u32 = arena.u32;
  }

  /** Makes the words at `header` an empty tree. */
  init(header: Ref): void {
    this.#setWord(header, 0, 0);
    this.#setWord(header, 1, 0);
  }

  /** Number of names. */
  count(header: Ref): number {
    return this.#word(header, 1);
  }

  /** The value of a name, or 0. */
  find(header: Ref, bytes: Uint8Array, at: number, length: number): number {
    let ref = this.#word(header, 0);
    const end = at + length;
    while (ref !== 0) {
      const prefix = this.#word(ref, PREFIX);
      if (prefix > end - at || this.#common(ref, bytes, at, prefix) < prefix) return 0;
      at += prefix;
      if (at === end) return this.#hasValue(ref) ? this.#word(ref, VALUE) : 0;
      const child = this.#childOf(ref, bytes[at++]!);
      ref = child < 0 ? 0 : this.#word(ref, CHILDREN + child);
    }
    return 0;
  }

  /** Adds a name, known to be absent. */
  insert(header: Ref, bytes: Uint8Array, at: number, length: number, value: number): void {
    if (this.#word(header, 0) === 0) this.#setWord(header, 0, this.#leaf(bytes, at, length, value));
    else this.#insertBelow(header, bytes, at, length, value);
    this.#setWord(header, 1, this.count(header) + 1);
  }

  /** `insert` into a tree that has names. All blocks are had before anything is changed. */
  #insertBelow(header: Ref, bytes: Uint8Array, at: number, length: number, value: number): void {
    this.#descend(header, bytes, at, length);
    const depth = this.#nodes.length - 1;
    let ref = this.#nodes[depth]!;
    const from = at + this.#matched;
    const rest = length - this.#matched;
    const leaf = rest === 0 ? 0 : this.#leaf(bytes, from + 1, rest - 1, value);
    if (this.#matchedPrefix < this.#word(ref, PREFIX))
      ref = this.#divide(ref, this.#matchedPrefix, bytes[from]!, leaf);
    else if (leaf !== 0) ref = this.#addChild(ref, bytes[from]!, leaf);
    if (leaf === 0) this.#setValue(ref, value);
    this.#relink(header, depth, ref);
  }

  /** Takes a name out; returns its value, 0 if it is not there. */
  remove(header: Ref, bytes: Uint8Array, at: number, length: number): number {
    if (this.#word(header, 0) === 0) return 0;
    this.#descend(header, bytes, at, length);
    let depth = this.#nodes.length - 1;
    let ref = this.#nodes[depth]!;
    if (this.#matched < length || this.#matchedPrefix < this.#word(ref, PREFIX) || !this.#hasValue(ref))
      return 0;
    const value = this.#word(ref, VALUE);
    if (this.#children(ref) === 0) {
      const leaf = ref;
      if (--depth >= 0) ref = this.#dropChild(this.#nodes[depth]!, this.#turns[depth]!);
      this.#free(leaf);
      this.#relink(header, Math.max(0, depth), depth < 0 ? 0 : ref);
    } else {
      this.#setWord(ref, SHAPE, this.#children(ref));
    }
    this.#setWord(header, 1, this.count(header) - 1);
    if (depth < 0) return value;
    if (this.#children(ref) === 1 && !this.#hasValue(ref)) ref = this.#join(ref);
    this.#relink(header, depth, ref);
    return value;
  }

  /** Puts the cursor on the first name; false if there is none. */
  seekFirst(header: Ref): boolean {
    this.#nodes.length = 0;
    this.#turns.length = 0;
    const root = this.#word(header, 0);
    return root !== 0 && this.#enter(root);
  }

  /** Moves the cursor to the next name; false at the end. */
  next(): boolean {
    for (let depth = this.#nodes.length - 1; depth >= 0; depth--) {
      const ref = this.#nodes[depth]!;
      const turn = this.#turns[depth]! + 1;
      if (turn < this.#children(ref)) {
        this.#turns[depth] = turn;
        return this.#enter(this.#word(ref, CHILDREN + turn));
      }
      this.#nodes.length = depth;
      this.#turns.length = depth;
    }
    return false;
  }

  /** The value at the cursor. */
  get value(): number {
    return this.#word(this.#nodes.at(-1)!, VALUE);
  }

  /** Bytes of all nodes. */
  nodeBytes(header: Ref): number {
    let bytes = 0;
    const visit = (ref: Ref): void => {
      bytes += this.arena.usableBytes(this.#blockBytes(ref));
      for (let i = 0; i < this.#children(ref); i++) visit(this.#word(ref, CHILDREN + i));
    };
    if (this.#word(header, 0) !== 0) visit(this.#word(header, 0));
    return bytes;
  }

  /** Walks the tree and throws on a broken invariant. */
  check(header: Ref): void {
    const root = this.#word(header, 0);
    const names = root === 0 ? 0 : this.#checkNode(root);
    if (names !== this.count(header)) throw new Error(`radix tree: ${names} names stand`);
  }

  #checkNode(ref: Ref): number {
    const count = this.#children(ref);
    if (!this.#hasValue(ref) && count < 2) throw new Error('radix tree: a node without a purpose');
    const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
    const first = this.#bytesAt(ref);
    let names = this.#hasValue(ref) ? 1 : 0;
    for (let i = 0; i < count; i++) {
      if (i > 0 && u8[first + i - 1]! >= u8[first + i]!) throw new Error('radix tree: children out of order');
      names += this.#checkNode(this.#word(ref, CHILDREN + i));
    }
    return names;
  }

  /** Walks down as far as a name leads; the tree is not empty. */
  #descend(header: Ref, bytes: Uint8Array, at: number, length: number): void {
    this.#nodes.length = 0;
    this.#turns.length = 0;
    this.#matched = 0;
    let ref = this.#word(header, 0);
    for (;;) {
      this.#nodes.push(ref);
      const prefix = this.#word(ref, PREFIX);
      const common = this.#common(ref, bytes, at + this.#matched, Math.min(prefix, length - this.#matched));
      this.#matched += common;
      this.#matchedPrefix = common;
      if (common < prefix || this.#matched === length) return;
      const turn = this.#childOf(ref, bytes[at + this.#matched]!);
      if (turn < 0) return;
      this.#turns.push(turn);
      this.#matched++;
      ref = this.#word(ref, CHILDREN + turn);
    }
  }

  /** Goes down from a node to the first one that has a value, which is the cursor then. */
  #enter(ref: Ref): boolean {
    for (;;) {
      this.#nodes.push(ref);
      if (this.#hasValue(ref)) {
        this.#turns.push(-1);
        return true;
      }
      this.#turns.push(0);
      ref = this.#word(ref, CHILDREN);
    }
  }

  /** Makes what led to the node at `depth` of the path lead to another one. */
  #relink(header: Ref, depth: number, ref: Ref): void {
    if (depth === 0) this.#setWord(header, 0, ref);
    else this.#setWord(this.#nodes[depth - 1]!, CHILDREN + this.#turns[depth - 1]!, ref);
  }

  #leaf(bytes: Uint8Array, at: number, length: number, value: number): Ref {
    const ref = this.#create(length, 0);
    this.#setValue(ref, value);
    copyBytes(bytes, at, this.#u8[ref >>> CHUNK_SHIFT]!, this.#bytesAt(ref), length);
    return ref;
  }

  /**
   * Cuts a node's prefix in two: returns a node with its first bytes above one with what comes after the next byte, and
   * above `leaf` (0: there is none), which `leafByte` chooses.
   */
  #divide(ref: Ref, bytes: number, leafByte: number, leaf: Ref): Ref {
    const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
    const prefixAt = this.#prefixAt(ref);
    const lower = this.#withPrefix(ref, prefixAt + bytes + 1, this.#word(ref, PREFIX) - bytes - 1);
    const upper = this.#create(bytes, leaf === 0 ? 1 : 2);
    const byte = u8[prefixAt + bytes]!;
    const isFirst = leaf === 0 || byte < leafByte;
    this.#setChild(upper, isFirst ? 0 : 1, byte, lower);
    if (leaf !== 0) this.#setChild(upper, isFirst ? 1 : 0, leafByte, leaf);
    copyBytes(u8, prefixAt, this.#u8[upper >>> CHUNK_SHIFT]!, this.#prefixAt(upper), bytes);
    this.#free(ref);
    return upper;
  }

  /** A copy of a node with other bytes of the same block as its prefix. */
  #withPrefix(ref: Ref, from: number, bytes: number): Ref {
    const next = this.#create(bytes, this.#children(ref));
    this.#copyShape(ref, next);
    copyBytes(
      this.#u8[ref >>> CHUNK_SHIFT]!,
      from,
      this.#u8[next >>> CHUNK_SHIFT]!,
      this.#prefixAt(next),
      bytes,
    );
    return next;
  }

  /** Puts a node without a value and its only child into one. */
  #join(ref: Ref): Ref {
    const child = this.#word(ref, CHILDREN);
    const upperBytes = this.#word(ref, PREFIX);
    const lowerBytes = this.#word(child, PREFIX);
    const next = this.#create(upperBytes + 1 + lowerBytes, this.#children(child));
    this.#copyShape(child, next);
    const from = this.#u8[ref >>> CHUNK_SHIFT]!;
    const to = this.#u8[next >>> CHUNK_SHIFT]!;
    const at = this.#prefixAt(next);
    copyBytes(from, this.#prefixAt(ref), to, at, upperBytes);
    to[at + upperBytes] = from[this.#bytesAt(ref)]!;
    copyBytes(this.#u8[child >>> CHUNK_SHIFT]!, this.#prefixAt(child), to, at + upperBytes + 1, lowerBytes);
    this.#free(ref);
    this.#free(child);
    return next;
  }

  /** Gives a node, which becomes another block, one child more. */
  #addChild(ref: Ref, byte: number, child: Ref): Ref {
    const count = this.#children(ref);
    const next = this.#create(this.#word(ref, PREFIX), count + 1);
    const from = this.#u8[ref >>> CHUNK_SHIFT]!;
    const first = this.#bytesAt(ref);
    let place = 0;
    while (place < count && from[first + place]! < byte) place++;
    for (let i = 0; i <= count; i++) {
      if (i === place) this.#setChild(next, i, byte, child);
      else this.#takeChild(ref, i < place ? i : i - 1, next, i);
    }
    return this.#replace(ref, next);
  }

  /** Takes child `index` from a node, which becomes another block. */
  #dropChild(ref: Ref, index: number): Ref {
    const count = this.#children(ref) - 1;
    const next = this.#create(this.#word(ref, PREFIX), count);
    for (let i = 0; i < count; i++) this.#takeChild(ref, i < index ? i : i + 1, next, i);
    return this.#replace(ref, next);
  }

  /** Gives `next`, which has its children already, value and prefix of `ref`, which is freed. */
  #replace(ref: Ref, next: Ref): Ref {
    if (this.#hasValue(ref)) this.#setValue(next, this.#word(ref, VALUE));
    copyBytes(
      this.#u8[ref >>> CHUNK_SHIFT]!,
      this.#prefixAt(ref),
      this.#u8[next >>> CHUNK_SHIFT]!,
      this.#prefixAt(next),
      this.#word(ref, PREFIX),
    );
    this.#free(ref);
    return next;
  }

  /** Gives a node with as many children those of another one, and its value. */
  #copyShape(from: Ref, to: Ref): void {
    if (this.#hasValue(from)) this.#setValue(to, this.#word(from, VALUE));
    for (let i = 0; i < this.#children(from); i++) this.#takeChild(from, i, to, i);
  }

  #takeChild(from: Ref, fromIndex: number, to: Ref, index: number): void {
    const byte = this.#u8[from >>> CHUNK_SHIFT]![this.#bytesAt(from) + fromIndex]!;
    this.#setChild(to, index, byte, this.#word(from, CHILDREN + fromIndex));
  }

  #setChild(ref: Ref, index: number, byte: number, child: Ref): void {
    this.#setWord(ref, CHILDREN + index, child);
    this.#u8[ref >>> CHUNK_SHIFT]![this.#bytesAt(ref) + index] = byte;
  }

  /** Index of the child that a byte leads to, or -1. */
  #childOf(ref: Ref, byte: number): number {
    const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
    const first = this.#bytesAt(ref);
    let low = 0;
    let high = this.#children(ref) - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const its = u8[first + middle]!;
      if (its === byte) return middle;
      if (its < byte) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** How many of the first `length` bytes of a node's prefix are those at `at`. */
  #common(ref: Ref, bytes: Uint8Array, at: number, length: number): number {
    const u8 = this.#u8[ref >>> CHUNK_SHIFT]!;
    const prefixAt = this.#prefixAt(ref);
    let i = 0;
    while (i < length && u8[prefixAt + i] === bytes[at + i]) i++;
    return i;
  }

  /** A node without a value; children and prefix are for the caller to write. */
  #create(prefixBytes: number, children: number): Ref {
    const ref = this.arena.alloc(HEAD_BYTES + SLOT_BYTES * children + prefixBytes);
    this.#setWord(ref, PREFIX, prefixBytes);
    this.#setWord(ref, SHAPE, children);
    return ref;
  }

  #free(ref: Ref): void {
    this.arena.free(ref, this.#blockBytes(ref));
  }

  #blockBytes(ref: Ref): number {
    return HEAD_BYTES + SLOT_BYTES * this.#children(ref) + this.#word(ref, PREFIX);
  }

  #children(ref: Ref): number {
    return this.#word(ref, SHAPE) & COUNT_MASK;
  }

  #hasValue(ref: Ref): boolean {
    return this.#word(ref, SHAPE) >= HAS_VALUE;
  }

  #setValue(ref: Ref, value: number): void {
    this.#setWord(ref, SHAPE, (this.#word(ref, SHAPE) | HAS_VALUE) >>> 0);
    this.#setWord(ref, VALUE, value);
  }

  /** Where the first bytes of the children stand, in the view of the node's chunk. */
  #bytesAt(ref: Ref): number {
    return ((ref & UNIT_MASK) << 3) + HEAD_BYTES + (this.#children(ref) << 2);
  }

  #prefixAt(ref: Ref): number {
    return this.#bytesAt(ref) + this.#children(ref);
  }

  #word(ref: Ref, index: number): number {
    return this.#u32[ref >>> CHUNK_SHIFT]![((ref & UNIT_MASK) << 1) + index]!;
  }

  #setWord(ref: Ref, index: number, value: number): void {
    this.#u32[ref >>> CHUNK_SHIFT]![((ref & UNIT_MASK) << 1) + index] = value;
  }
}
