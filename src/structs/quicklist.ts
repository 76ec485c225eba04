// Lists of any length: a chain of nodes (quicklist_chain.ts), each with a listpack of neighbouring elements or one large
// element. Both ends are reached at once, an index by walking the nodes from the nearer end.
//
//   header ─▶ head ⇄ node ⇄ node ⇄ … ⇄ tail          nodes between the ends may be packed (LZF)
//               │       │      │          │
//            listpack  LZF   element   listpack
//
// One object serves all lists of an arena; a list is the reference of its header. The object has one cursor, which stands
// on an element between `seek` and `close`; a walk that runs off an end closes it. While it stands, the list is changed
// only through it. Bytes to be stored must not lie in the list.
import type { Ref } from '../arena/arena.ts';
import { equalBytes } from '../base/bytes.ts';
import { type ElementSink, emit } from './listpack_parts.ts';
import { ELEMENTS, HEAD, OPTIONS, QuicklistChain, TAIL } from './quicklist_chain.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;

export class Quicklists extends QuicklistChain {
  /** Text of the element that `locate` or `locateEnd` found: `length` bytes of `bytes` from `at` on, until the next call. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  length = 0;
  /** The cursor: its list and node, the node's block as it can be read, and the element's position (0 in a plain node). */
  #list: Ref = 0;
  #node: Ref = 0;
  #block: Ref = 0;
  #position = 0;
  /** Whether the node is to be settled when the cursor leaves it. */
  #isChanged = false;
  /** Index of an element in the node that `#nodeWith` found. */
  #offset = 0;

  /** Adds an element at one end (HEAD or TAIL); returns how many there are then. */
  push(list: Ref, end: number, bytes: Uint8Array, at: number, length: number): number {
    const words = this.arena.u32[list >>> CHUNK_SHIFT]!;
    const listAt = (list & UNIT_MASK) << 1;
    const node = words[listAt + end]!;
    const fill = (words[listAt + OPTIONS]! << 16) >> 16;
    const isSmall = this.plainBytesMin === 0 || length < this.plainBytesMin;
    if (this.guards !== null && node !== 0) this.beforeChange(list, node);
    if (node === 0 || !isSmall || !this.nodes.pushInRoom(node, end === TAIL, fill, bytes, at, length)) {
      return this.#pushBeyond(list, end, bytes, at, length);
    }
    const size = words[listAt + ELEMENTS]! + 1;
    words[listAt + ELEMENTS] = size;
    return size;
  }

  /** Adds an element for which its node has no room yet, or may have none. */
  #pushBeyond(list: Ref, end: number, bytes: Uint8Array, at: number, length: number): number {
    const { nodes } = this;
    const node = this.nodeAt(list, end);
    if (this.admits(list, node, length)) {
      nodes.makeRoom(node, end === TAIL, this.bytesMax(list), bytes, at, length);
      nodes.pushInRoom(node, end === TAIL, this.fill(list), bytes, at, length);
      this.gained(list, 1);
    } else {
      if (node !== 0 && nodes.isSpare(node)) nodes.trim(node);
      const fresh = this.nodeOf(list, bytes, at, length);
      if (end === TAIL) this.link(list, node, fresh, 0);
      else this.link(list, 0, fresh, node);
      this.settle(list, fresh);
    }
    return this.size(list);
  }

  /** Appends a whole listpack of `count` elements as a node. */
  appendListpack(list: Ref, listpack: Ref, count: number): void {
    const node = this.nodes.ofListpack(listpack, count);
    this.link(list, this.nodeAt(list, TAIL), node, 0);
    this.settle(list, node);
  }

  /** Points `bytes`, `at` and `length` to the element at one end of a list that is not empty. */
  locateEnd(list: Ref, end: number): void {
    const node = this.nodeAt(list, end);
    this.#locateAt(node, this.nodes.block(node), this.nodes.edge(node, end === TAIL));
  }

  /** Removes the element at one end of a list that is not empty; returns how many are left. */
  dropEnd(list: Ref, end: number): number {
    const words = this.arena.u32[list >>> CHUNK_SHIFT]!;
    const listAt = (list & UNIT_MASK) << 1;
    const node = words[listAt + end]!;
    if (this.guards !== null) this.beforeChange(list, node);
    if (this.nodes.drop(node, end === TAIL)) {
      words[listAt + ELEMENTS] = words[listAt + ELEMENTS]! - 1;
    } else {
      this.drop(list, node);
      this.settle(list, 0);
    }
    return words[listAt + ELEMENTS]!;
  }

  /**
   * Removes `count` elements at one end; more than so many there are. Nodes that go whole are not freed: they are left to the
   * caller as a list of their own, which is returned; 0 if there are none.
   */
  cut(list: Ref, end: number, count: number): Ref {
    const { nodes, listpacks } = this;
    const kept = this.#nodeWith(list, end === TAIL ? this.size(list) - count - 1 : count);
    const from = end === TAIL ? this.#offset + 1 : 0;
    const removed = end === TAIL ? nodes.count(kept) - from : this.#offset;
    const rest = removed === count ? 0 : this.detach(list, end, kept, count - removed);
    if (removed > 0) {
      this.ready(list, kept);
      const block = nodes.block(kept);
      this.changed(list, kept, listpacks.remove(block, listpacks.seek(block, from), removed), -removed);
    }
    this.settle(list, kept);
    return rest;
  }

  /** Hands `count` elements from index `from` on to `sink`; so many there are. */
  emit(list: Ref, from: number, count: number, sink: ElementSink): void {
    const { nodes, listpacks } = this;
    let node = this.#nodeWith(list, from);
    let offset = this.#offset;
    for (let rest = count; rest > 0; node = nodes.next(node)) {
      const block = nodes.open(node);
      const emitted = Math.min(rest, nodes.count(node) - offset);
      if (nodes.isPlain(node)) {
        sink.bulk(this.arena.u8[block >>> CHUNK_SHIFT]!, (block & UNIT_MASK) << 3, nodes.bytes(node));
      } else {
        emit(listpacks, block, listpacks.seek(block, offset), emitted, sink);
      }
      rest -= emitted;
      offset = 0;
    }
    nodes.close();
  }

  /** Puts the cursor on the element at an index, which counts from the end if negative; false: there is none. */
  seek(list: Ref, index: number): boolean {
    const size = this.size(list);
    const forward = index < 0 ? size + index : index;
    if (forward < 0 || forward >= size) return false;
    this.#list = list;
    this.#node = this.#nodeWith(list, forward);
    this.#block = this.nodes.open(this.#node);
    this.#position = this.nodes.isPlain(this.#node) ? 0 : this.listpacks.seek(this.#block, this.#offset);
    return true;
  }

  /** Moves the cursor to the next element or the one before; false, and no cursor any more: there is none. */
  step(isForward: boolean): boolean {
    const { listpacks } = this;
    if (this.#position !== 0) {
      const next = isForward
        ? listpacks.next(this.#block, this.#position)
        : listpacks.previous(this.#block, this.#position);
      if (next !== 0) {
        this.#position = next;
        return true;
      }
    }
    const node = this.#node;
    return this.#enter(isForward ? this.nodes.next(node) : this.nodes.previous(node), isForward);
  }

  /** Points `bytes`, `at` and `length` to the cursor's element. */
  locate(): void {
    this.#locateAt(this.#node, this.#block, this.#position);
  }

  /** Whether the cursor's element has this text. */
  matches(bytes: Uint8Array, at: number, length: number): boolean {
    if (this.#position !== 0) return this.listpacks.equals(this.#block, this.#position, bytes, at, length);
    this.locate();
    return this.length === length && equalBytes(this.bytes, this.at, bytes, at, length);
  }

  /**
   * Moves the cursor on, forward or backward, to the first element with this text among at most `most`, beginning with the
   * one it stands on. Returns how many it passed; -1, and no cursor any more: it was none of those.
   */
  pass(isForward: boolean, most: number, bytes: Uint8Array, at: number, length: number): number {
    let passed = 0;
    let stands = true;
    while (stands && passed < most) {
      if (this.#position === 0) {
        if (this.matches(bytes, at, length)) return passed;
        passed++;
      } else {
        const { listpacks } = this;
        passed += listpacks.pass(this.#block, this.#position, isForward, most - passed, bytes, at, length);
        if (listpacks.position !== 0) {
          this.#position = listpacks.position;
          return passed;
        }
      }
      stands = this.#enter(
        isForward ? this.nodes.next(this.#node) : this.nodes.previous(this.#node),
        isForward,
      );
    }
    if (stands) this.close();
    return -1;
  }

  /** Ends the cursor. */
  close(): void {
    this.nodes.close();
    if (this.#isChanged) {
      this.#isChanged = false;
      this.settle(this.#list, this.#node);
    }
  }

  /** Removes the cursor's element and moves to the next one or the one before; false, and no cursor any more: there is none. */
  remove(isForward: boolean): boolean {
    const { nodes, listpacks } = this;
    const list = this.#list;
    const node = this.#node;
    if (nodes.count(node) === 1) {
      const next = isForward ? nodes.next(node) : nodes.previous(node);
      this.nodes.close();
      this.#isChanged = false;
      this.drop(list, node);
      this.settle(list, 0);
      return this.#enter(next, isForward);
    }
    this.#takeOver();
    const before = isForward ? 0 : listpacks.previous(this.#block, this.#position);
    this.#block = listpacks.remove(this.#block, this.#position, 1);
    this.#position = isForward ? listpacks.position : before;
    this.changed(list, node, this.#block, -1);
    if (this.#position !== 0) return true;
    return this.#enter(isForward ? nodes.next(node) : nodes.previous(node), isForward);
  }

  /** Puts another text in the place of the cursor's element, and ends the cursor. */
  replace(bytes: Uint8Array, at: number, length: number): void {
    const { nodes, listpacks } = this;
    const list = this.#list;
    const node = this.#node;
    this.#takeOver();
    if (!nodes.isPlain(node) && !this.isLarge(list, length)) {
      const block = listpacks.replace(this.#block, this.#position, bytes, at, length);
      this.changed(list, node, block, 0);
      this.close();
      return;
    }
    this.#isChanged = false;
    const fresh = this.nodeOf(list, bytes, at, length);
    if (nodes.count(node) === 1) {
      this.link(list, node, fresh, nodes.next(node));
      this.drop(list, node);
    } else {
      this.changed(list, node, listpacks.remove(this.#block, this.#position, 1), -1);
      this.#linkAt(list, node, listpacks.position, fresh);
    }
    this.mergeAround(list, fresh);
  }

  /** Adds an element before the cursor's, or behind it, and ends the cursor. */
  insert(isAfter: boolean, bytes: Uint8Array, at: number, length: number): void {
    const { nodes, listpacks } = this;
    const list = this.#list;
    const node = this.#node;
    if (this.admits(list, node, length)) {
      this.#takeOver();
      const block = isAfter
        ? listpacks.insertAfter(this.#block, this.#position, bytes, at, length)
        : listpacks.insertBefore(this.#block, this.#position, bytes, at, length);
      this.changed(list, node, block, 1);
      this.close();
      return;
    }
    const isPlain = nodes.isPlain(node);
    const behind = isPlain ? 0 : isAfter ? listpacks.next(this.#block, this.#position) : this.#position;
    const isAtEdge = isPlain || behind === 0 || behind === listpacks.first(this.#block);
    const neighbour = isAfter ? nodes.next(node) : nodes.previous(node);
    if (isAtEdge && this.admits(list, neighbour, length)) {
      nodes.close();
      this.#pushInto(list, neighbour, isAfter ? HEAD : TAIL, bytes, at, length);
      this.settle(list, neighbour);
      return;
    }
    const fresh = this.nodeOf(list, bytes, at, length);
    if (isAtEdge) {
      nodes.close();
      if (isAfter) this.link(list, node, fresh, neighbour);
      else this.link(list, neighbour, fresh, node);
      this.settle(list, fresh);
    } else {
      this.#takeOver();
      this.#isChanged = false;
      this.#linkAt(list, node, behind, fresh);
      this.mergeAround(list, fresh);
    }
  }

  /** Walks the list and throws on any broken invariant. */
  check(list: Ref): void {
    const { nodes, listpacks } = this;
    const count = this.nodeCount(list);
    const depth = this.depth(list);
    const seen = { elements: 0, nodes: 0, packed: 0 };
    let before: Ref = 0;
    for (let node = this.nodeAt(list, HEAD); node !== 0; before = node, node = nodes.next(node)) {
      if (nodes.previous(node) !== before) throw new Error('quicklist: a node has another one before it');
      const isOuter = seen.nodes < depth || seen.nodes >= count - depth;
      if (nodes.isPacked(node) && (isOuter || depth === 0))
        throw new Error('quicklist: an outer node is packed');
      if (nodes.count(node) === 0) throw new Error('quicklist: a node is empty');
      const block = nodes.open(node);
      if (!nodes.isPlain(node)) {
        listpacks.check(block);
        if (listpacks.count(block) !== nodes.count(node)) throw new Error('quicklist: a node counts wrongly');
      }
      seen.elements += nodes.count(node);
      seen.packed += nodes.isPacked(node) ? 1 : 0;
      seen.nodes++;
    }
    nodes.close();
    const isRight =
      seen.elements === this.size(list) && seen.nodes === count && seen.packed === this.packedCount(list);
    if (!isRight || before !== this.nodeAt(list, TAIL)) {
      throw new Error(`quicklist: the header does not fit ${JSON.stringify(seen)}`);
    }
  }

  /** The node with the element at an index (0 … size), whose index in it is left in `#offset`. */
  #nodeWith(list: Ref, index: number): Ref {
    const { nodes } = this;
    const size = this.size(list);
    if (index < size - index) {
      let node = this.nodeAt(list, HEAD);
      let offset = index;
      for (let count = nodes.count(node); offset >= count; count = nodes.count(node)) {
        offset -= count;
        node = nodes.next(node);
      }
      this.#offset = offset;
      return node;
    }
    let node = this.nodeAt(list, TAIL);
    let start = size - nodes.count(node);
    while (start > index) {
      node = nodes.previous(node);
      start -= nodes.count(node);
    }
    this.#offset = index - start;
    return node;
  }

  #locateAt(node: Ref, block: Ref, position: number): void {
    if (position === 0) {
      this.bytes = this.arena.u8[block >>> CHUNK_SHIFT]!;
      this.at = (block & UNIT_MASK) << 3;
      this.length = this.nodes.bytes(node);
      return;
    }
    const { listpacks } = this;
    listpacks.locate(block, position);
    this.bytes = listpacks.bytes;
    this.at = listpacks.at;
    this.length = listpacks.length;
  }

  /** Puts the cursor on the first or last element of a node after the one it stands in was left. */
  #enter(node: Ref, isForward: boolean): boolean {
    this.close();
    if (node === 0) return false;
    this.#node = node;
    this.#block = this.nodes.open(node);
    if (this.nodes.isPlain(node)) this.#position = 0;
    else this.#position = isForward ? this.listpacks.first(this.#block) : this.listpacks.last(this.#block);
    return true;
  }

  /** Makes the cursor's node ready to be changed. */
  #takeOver(): void {
    this.nodes.close();
    this.ready(this.#list, this.#node);
    this.#block = this.nodes.block(this.#node);
    this.#isChanged = true;
  }

  #pushInto(list: Ref, node: Ref, end: number, bytes: Uint8Array, at: number, length: number): void {
    const { listpacks } = this;
    this.ready(list, node);
    const block = this.nodes.block(node);
    const next =
      end === TAIL ? listpacks.append(block, bytes, at, length) : listpacks.prepend(block, bytes, at, length);
    this.changed(list, node, next, 1);
  }

  /** Links a new node before position `p` of a ready listpack node (0: behind it), which is split if need be. */
  #linkAt(list: Ref, node: Ref, p: number, fresh: Ref): void {
    const { nodes } = this;
    const isFirst = p === this.listpacks.first(nodes.block(node));
    if (isFirst) {
      this.link(list, nodes.previous(node), fresh, node);
    } else {
      if (p !== 0) this.split(list, node, p);
      this.link(list, node, fresh, nodes.next(node));
    }
  }
}
