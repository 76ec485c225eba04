// A B+ tree from 128-bit ids to 32-bit values, for everything in a stream that is sorted by id: its listpacks and the
// pending entries of groups and consumers.
//
// Redis keeps these in radix trees with a node or two for each id. Ids of a stream grow, so that here nearly every insert
// goes to the end of the last leaf: no node is searched, leaves are packed full, an id with its value takes little more
// than 20 bytes, and a walk reads memory in order.
//
// A tree that is one leaf begins small and grows; all other nodes have FULL slots. A node that falls under a quarter goes
// into a neighbour under the same parent if both fill at most three quarters. The tree's own words stand in the block of
// whoever owns it (`header`, a reference to its first word):
//
//   root (0: empty)   ids in the tree   nodes   last leaf
//
// One object serves all trees. It has a cursor (a leaf and an index), set by the calls that look for something; any insert
// or removal elsewhere makes it void.
import type { Ref } from '../arena/arena.ts';
import {
  blockBytes,
  COUNT,
  ID_TREE_HEADER_BYTES,
  IdNodes,
  LAST,
  NEXT,
  NODES,
  PREVIOUS,
  ROOT,
} from './id_nodes.ts';
import { compareIds, type Id, makeId } from './stream_id.ts';

/** Slots of a leaf that is the whole tree, as it grows; blocks of 96, 256, 496 and 1016 bytes. */
const CAPACITIES = [4, 12, 24, 50];
const FULL = 50;
const SPARSE = FULL >> 2;
const MERGED_MAX = (FULL * 3) >> 2;
const LEVELS_MAX = 16;

export class IdTree extends IdNodes {
  /** The cursor: a leaf (0: nowhere) and an index in it. */
  #leaf: Ref = 0;
  #index = 0;
  /** Inner nodes from the root down to the parent of the leaf that `#descend` reached, and the child taken in each. */
  readonly #path = new Uint32Array(LEVELS_MAX);
  readonly #turns = new Int32Array(LEVELS_MAX);
  #depth = 0;
  readonly #separator: Id = makeId();

  /** Makes the words at `header` an empty tree. */
  init(header: Ref): void {
    for (let i = 0; i < ID_TREE_HEADER_BYTES >> 2; i++) this.setHead(header, i, 0);
  }

  /** Number of ids. */
  count(header: Ref): number {
    return this.head(header, COUNT);
  }

  /** Bytes of all nodes. */
  nodeBytes(header: Ref): number {
    const nodes = this.head(header, NODES);
    if (nodes === 0) return 0;
    const capacity = nodes === 1 ? this.capacity(this.head(header, ROOT)) : FULL;
    return nodes * this.arena.usableBytes(blockBytes(capacity));
  }

  /** The value of an id, or 0; the cursor is on it. */
  find(header: Ref, id: Id): number {
    if (!this.seekAtLeast(header, id) || this.compareKey(this.#leaf, this.#index, id) !== 0) return 0;
    return this.value;
  }

  /** Puts the cursor on the lowest id that is at least this one; false if there is none. */
  seekAtLeast(header: Ref, id: Id): boolean {
    this.#descend(header, id);
    if (this.#leaf === 0) return false;
    if (this.#index >= 0 && this.compareKey(this.#leaf, this.#index, id) === 0) return true;
    return this.next();
  }

  /** Puts the cursor on the highest id that is at most this one; false if there is none. */
  seekAtMost(header: Ref, id: Id): boolean {
    this.#descend(header, id);
    if (this.#leaf === 0) return false;
    return this.#index >= 0 || this.#toPreviousLeaf();
  }

  seekFirst(header: Ref): boolean {
    let ref = this.head(header, ROOT);
    while (ref !== 0 && this.level(ref) > 0) ref = this.slotValue(ref, 0);
    this.#leaf = ref;
    this.#index = 0;
    return ref !== 0;
  }

  seekLast(header: Ref): boolean {
    const ref = this.head(header, LAST);
    this.#leaf = ref;
    this.#index = ref === 0 ? 0 : this.slotCount(ref) - 1;
    return ref !== 0;
  }

  /** The value of the highest id, which is copied; 0, and nothing copied, if there is none. The cursor stays where it is. */
  readLast(header: Ref, into: Id): number {
    const leaf = this.head(header, LAST);
    return leaf === 0 ? 0 : this.readLastSlot(leaf, into);
  }

  /** Moves the cursor to the next id; false at the end. */
  next(): boolean {
    if (++this.#index < this.slotCount(this.#leaf)) return true;
    this.#leaf = this.word(this.#leaf, NEXT);
    this.#index = 0;
    return this.#leaf !== 0;
  }

  /** Moves the cursor to the previous id; false at the beginning. */
  previous(): boolean {
    return --this.#index >= 0 || this.#toPreviousLeaf();
  }

  /** The value at the cursor. */
  get value(): number {
    return this.slotValue(this.#leaf, this.#index);
  }

  set value(value: number) {
    this.setSlotValue(this.#leaf, this.#index, value);
  }

  /** Copies the id at the cursor. */
  readId(into: Id): void {
    this.readKey(this.#leaf, this.#index, into);
  }

  /** How the id at the cursor compares with another one: negative, 0 or positive. */
  compareHere(id: Id): number {
    return this.compareKey(this.#leaf, this.#index, id);
  }

  /** Adds an id, known to be absent; the cursor is void. */
  insert(header: Ref, id: Id, value: number): void {
    const last = this.head(header, LAST);
    if (last === 0 || !this.append(last, id, value)) {
      this.#descend(header, id);
      if (this.#leaf === 0) this.#plant(header);
      this.#insertBehind(header, id, value);
    }
    this.addHead(header, COUNT, 1);
  }

  /** Takes an id out; returns its value, 0 if it is not there. The cursor is void. */
  remove(header: Ref, id: Id): number {
    this.#descend(header, id);
    if (this.#leaf === 0 || this.#index < 0 || this.compareKey(this.#leaf, this.#index, id) !== 0) return 0;
    const leaf = this.#leaf;
    const value = this.slotValue(leaf, this.#index);
    this.cut(leaf, this.#index);
    this.addHead(header, COUNT, -1);
    if (this.slotCount(leaf) < SPARSE) this.#thinned(header, leaf);
    return value;
  }

  /**
   * Takes the tree apart from its end: hands each value to `drop` and frees the nodes, about `ids` ids at a time; true
   * when nothing is left. In between only the number of ids and this call make sense.
   */
  freeSome(header: Ref, ids: number, drop: (value: number) => void): boolean {
    for (let dropped = 0; this.head(header, ROOT) !== 0; ) {
      if (dropped >= ids) return false;
      dropped += this.#dropLastLeaf(header, drop);
    }
    return true;
  }

  /** Walks the tree and throws on a broken invariant. */
  check(header: Ref): void {
    const root = this.head(header, ROOT);
    const seen = { ids: 0, nodes: 0, leaf: 0 };
    if (root !== 0) this.#checkNode(root, this.level(root), null, null, seen);
    if (seen.ids !== this.head(header, COUNT)) throw new Error(`id tree: ${seen.ids} ids stand`);
    if (seen.nodes !== this.head(header, NODES)) throw new Error(`id tree: ${seen.nodes} nodes stand`);
    if (seen.leaf !== this.head(header, LAST)) throw new Error('id tree: another leaf is the last one');
    if (seen.leaf !== 0 && this.word(seen.leaf, NEXT) !== 0) throw new Error('id tree: something follows');
  }

  #checkNode(
    ref: Ref,
    level: number,
    low: Id | null,
    high: Id | null,
    seen: { ids: number; nodes: number; leaf: Ref },
  ): void {
    const count = this.slotCount(ref);
    seen.nodes++;
    if (this.level(ref) !== level) throw new Error('id tree: a node of a wrong level');
    if (count === 0 || this.start(ref) + count > this.capacity(ref))
      throw new Error(`id tree: ${count} slots are taken`);
    const keys = Array.from({ length: count }, (_, i) => {
      const key = makeId();
      this.readKey(ref, i, key);
      return key;
    });
    for (let i = level === 0 ? 0 : 1; i < count; i++) {
      if (i > 0 && (level === 0 || i > 1) && compareIds(keys[i - 1]!, keys[i]!) >= 0)
        throw new Error('id tree: ids out of order');
      if (low !== null && compareIds(keys[i]!, low) < 0) throw new Error('id tree: an id too low');
      if (high !== null && compareIds(keys[i]!, high) >= 0) throw new Error('id tree: an id too high');
    }
    if (level === 0) {
      if (this.word(ref, PREVIOUS) !== seen.leaf) throw new Error('id tree: leaves are linked wrongly');
      if (seen.leaf !== 0 && this.word(seen.leaf, NEXT) !== ref)
        throw new Error('id tree: leaves are linked wrongly');
      seen.leaf = ref;
      seen.ids += count;
      return;
    }
    for (let i = 0; i < count; i++) {
      this.#checkNode(this.slotValue(ref, i), level - 1, i === 0 ? low : keys[i]!, keys[i + 1] ?? high, seen);
    }
  }

  /** Goes to the leaf where an id belongs; the cursor is on the last id that is not higher, or before the first one (-1). */
  #descend(header: Ref, id: Id): void {
    let ref = this.head(header, ROOT);
    let depth = 0;
    while (ref !== 0 && this.level(ref) > 0) {
      const turn = Math.max(0, this.search(ref, id));
      this.#path[depth] = ref;
      this.#turns[depth++] = turn;
      ref = this.slotValue(ref, turn);
    }
    this.#depth = depth;
    this.#leaf = ref;
    this.#index = ref === 0 ? 0 : this.search(ref, id);
  }

  #toPreviousLeaf(): boolean {
    this.#leaf = this.word(this.#leaf, PREVIOUS);
    this.#index = this.#leaf === 0 ? 0 : this.slotCount(this.#leaf) - 1;
    return this.#leaf !== 0;
  }

  /** The first leaf of an empty tree. */
  #plant(header: Ref): void {
    this.#leaf = this.createNode(header, CAPACITIES[0]!, 0);
    this.#index = -1;
    this.setHead(header, ROOT, this.#leaf);
    this.setHead(header, LAST, this.#leaf);
  }

  /** Adds an id behind the cursor, which `#descend` has set. */
  #insertBehind(header: Ref, id: Id, value: number): void {
    let node = this.#leaf;
    let at = this.#index + 1;
    if (!this.hasRoom(node)) {
      if (this.capacity(node) < FULL) {
        node = this.#grow(header, node);
      } else {
        const right = this.#split(header, node, at);
        const kept = this.slotCount(node);
        if (at > kept || kept === FULL) {
          at -= kept;
          node = right;
        }
        this.put(node, at, id, value);
        this.readKey(right, 0, this.#separator);
        this.#addChild(header, this.#depth - 1, right);
        return;
      }
    }
    this.put(node, at, id, value);
  }

  /** Hangs `child`, whose lowest id is in #separator, behind the child taken at `depth` of the path. */
  #addChild(header: Ref, depth: number, child: Ref): void {
    if (depth < 0) {
      const old = this.head(header, ROOT);
      const root = this.createNode(header, FULL, this.level(old) + 1);
      this.put(root, 0, this.#separator, old);
      this.put(root, 1, this.#separator, child);
      this.setHead(header, ROOT, root);
      return;
    }
    let node = this.#path[depth]!;
    let at = this.#turns[depth]! + 1;
    if (this.hasRoom(node)) {
      this.put(node, at, this.#separator, child);
      return;
    }
    const right = this.#split(header, node, at);
    const kept = this.slotCount(node);
    if (at > kept || kept === FULL) {
      at -= kept;
      node = right;
    }
    this.put(node, at, this.#separator, child);
    this.readKey(right, 0, this.#separator);
    this.#addChild(header, depth - 1, right);
  }

  /**
   * Gives a full node a right neighbour. What is to be inserted at the very end goes there alone, so that growing ids
   * leave full nodes behind; else the upper half moves there.
   */
  #split(header: Ref, ref: Ref, at: number): Ref {
    const level = this.level(ref);
    const right = this.createNode(header, FULL, level);
    const kept = at === FULL ? FULL : FULL >> 1;
    this.move(ref, kept, right, 0, FULL - kept);
    this.setCount(ref, kept);
    this.setCount(right, FULL - kept);
    if (level === 0) {
      const next = this.word(ref, NEXT);
      this.link(ref, right);
      if (next === 0) this.setHead(header, LAST, right);
      else this.link(right, next);
    }
    return right;
  }

  /** Gives a leaf that is the whole tree more slots. */
  #grow(header: Ref, ref: Ref): Ref {
    const capacity = CAPACITIES[CAPACITIES.indexOf(this.capacity(ref)) + 1]!;
    const count = this.slotCount(ref);
    const next = this.createNode(header, capacity, 0);
    this.move(ref, 0, next, 0, count);
    this.setCount(next, count);
    this.freeNode(header, ref);
    this.setHead(header, ROOT, next);
    this.setHead(header, LAST, next);
    return next;
  }

  /** A leaf at the end of the path has become sparse, or empty. */
  #thinned(header: Ref, ref: Ref): void {
    for (let depth = this.#depth - 1; depth >= 0; depth--) {
      const parent = this.#path[depth]!;
      const turn = this.#turns[depth]!;
      if (this.slotCount(ref) === 0) {
        this.unlink(header, ref);
        this.freeNode(header, ref);
        this.cut(parent, turn);
      } else if (!this.#merge(header, parent, turn) && !this.#merge(header, parent, turn - 1)) {
        return;
      }
      if (this.slotCount(parent) >= SPARSE) return;
      ref = parent;
    }
    this.#thinnedRoot(header, ref);
  }

  #thinnedRoot(header: Ref, root: Ref): void {
    while (this.level(root) > 0 && this.slotCount(root) === 1) {
      const child = this.slotValue(root, 0);
      this.freeNode(header, root);
      this.setHead(header, ROOT, child);
      root = child;
    }
    if (this.slotCount(root) > 0) return;
    this.freeNode(header, root);
    this.setHead(header, ROOT, 0);
    this.setHead(header, LAST, 0);
  }

  /** Puts child `index + 1` into child `index` if both are there and leave room; false if not. */
  #merge(header: Ref, parent: Ref, index: number): boolean {
    if (index < 0 || index + 1 >= this.slotCount(parent)) return false;
    const left = this.slotValue(parent, index);
    const right = this.slotValue(parent, index + 1);
    const kept = this.slotCount(left);
    const moved = this.slotCount(right);
    if (kept + moved > MERGED_MAX) return false;
    this.makeRoomBehind(left, moved);
    this.move(right, 0, left, kept, moved);
    this.setCount(left, kept + moved);
    if (this.level(left) > 0) {
      // Key 0 of the right node was not looked at; what counted was the parent's.
      this.readKey(parent, index + 1, this.#separator);
      this.setKey(left, kept, this.#separator);
    }
    this.unlink(header, right);
    this.freeNode(header, right);
    this.cut(parent, index + 1);
    return true;
  }

  /** Frees the last leaf, and the inner nodes that lose their last child by that; returns how many ids it had. */
  #dropLastLeaf(header: Ref, drop: (value: number) => void): number {
    let ref = this.head(header, ROOT);
    let depth = 0;
    for (; this.level(ref) > 0; depth++) {
      this.#path[depth] = ref;
      ref = this.slotValue(ref, this.slotCount(ref) - 1);
    }
    const count = this.slotCount(ref);
    for (let i = 0; i < count; i++) drop(this.slotValue(ref, i));
    this.addHead(header, COUNT, -count);
    this.unlink(header, ref);
    this.freeNode(header, ref);
    while (--depth >= 0) {
      const parent = this.#path[depth]!;
      this.setCount(parent, this.slotCount(parent) - 1);
      if (this.slotCount(parent) > 0) return count;
      this.freeNode(header, parent);
    }
    this.setHead(header, ROOT, 0);
    return count;
  }
}
