// Sorted sets: which structure holds members and scores, and when it becomes another one.
//
//   listpack    at most `zset-max-listpack-entries` members of at most `zset-max-listpack-value` bytes (zset_pairs.ts)
//   skiplist    everything else, and whatever was that once: a table of elements (structs/element_table.ts) by member,
//               and a tree of the same elements by score (structs/ranked_tree.ts); the name is the reference's
//
// The entry's low value word refers to the listpack or the table, the high one to the tree. Results of commands that
// store (ZUNIONSTORE …) become listpacks if they fit. `find` leaves behind where a member is; what is called "found"
// acts there, and is good until anything else changes.
import type { Ref } from '../arena/arena.ts';
import type { KeyHash } from '../base/keyhash.ts';
import type { Random } from '../base/random.ts';
import { type Elements, HAS_SCORE } from '../structs/element.ts';
import { ElementTable } from '../structs/element_table.ts';
import { ENC_LISTPACK, ENC_SKIPLIST, type Entries, HAS_WORDS, TYPE_ZSET } from '../structs/entry.ts';
import { LEAF_SLOTS } from '../structs/ranked_nodes.ts';
import { RankedTree } from '../structs/ranked_tree.ts';
import type { Limits } from './limits.ts';
import type { ValueType } from './value.ts';
import { ZsetCursor } from './zset_cursor.ts';
import { ZsetPairs } from './zset_pairs.ts';

/** Whatever the settings say, no listpack grows beyond so many bytes. */
const LISTPACK_BYTES_MAX = 2 ** 30;

export class SortedSets implements ValueType {
  readonly entries: Entries;
  readonly table: ElementTable;
  readonly tree: RankedTree;
  readonly pairs: ZsetPairs;
  /** For walks by commands. */
  readonly cursor: ZsetCursor;
  readonly #elements: Elements;
  readonly #limits: Limits;
  /** For walks of this class. */
  readonly #cursor: ZsetCursor;
  /** Score of the member that `find` found. */
  score = 0;
  /** Position of that member in its listpack, or its element. */
  #found = 0;
  /** Hash of the member that was looked for in a table. */
  #hash = 0;
  /** The tree of the set whose elements are being moved. */
  #moving: Ref = 0;
  readonly #move = (element: Ref): Ref => this.#moveElement(element);
  /** Elements on their way out. */
  readonly #leaving = new Uint32Array(LEAF_SLOTS);

  constructor(entries: Entries, hash: KeyHash, limits: Limits) {
    this.entries = entries;
    this.table = new ElementTable(entries.arena, hash);
    this.#elements = this.table.elements;
    this.tree = new RankedTree(entries.arena, this.#elements);
    this.pairs = new ZsetPairs(entries.arena);
    this.cursor = new ZsetCursor(entries, this.#elements);
    this.#cursor = new ZsetCursor(entries, this.#elements);
    this.#limits = limits;
  }

  /** A new entry without expiry that holds an empty sorted set with this encoding. */
  create(key: Uint8Array, keyAt: number, keyBytes: number, clock: number, encoding: number): Ref {
    const kind = (TYPE_ZSET << 4) | encoding;
    const ref = this.entries.create(key, keyAt, keyBytes, kind, clock, HAS_WORDS, 0);
    if (encoding === ENC_LISTPACK) this.entries.writeWords(ref, this.pairs.create(), 0);
    else this.entries.writeWords(ref, this.table.create(), this.tree.create());
    return ref;
  }

  /** The encoding in which a set begins whose first member has `length` bytes. */
  firstEncoding(length: number): number {
    const { zsetMaxListpackEntries, zsetMaxListpackValue } = this.#limits;
    return zsetMaxListpackEntries === 0 || length > zsetMaxListpackValue ? ENC_SKIPLIST : ENC_LISTPACK;
  }

  /** Number of members. */
  size(ref: Ref): number {
    const entries = this.entries;
    if (entries.encoding(ref) === ENC_LISTPACK) return this.pairs.count(entries.wordLow(ref)) >> 1;
    return this.tree.size(entries.wordHigh(ref));
  }

  /** Whether a member is there; `score` is its score then. */
  find(ref: Ref, bytes: Uint8Array, at: number, length: number): boolean {
    const structure = this.entries.wordLow(ref);
    if (this.entries.encoding(ref) === ENC_LISTPACK) {
      const p = this.pairs.findMember(structure, bytes, at, length);
      this.#found = p;
      if (p === 0) return false;
      this.score = this.pairs.scoreOf(structure, p);
      return true;
    }
    const table = this.table;
    table.open(structure);
    this.#hash = table.hash(bytes, at, length);
    const element = table.find(bytes, at, length, this.#hash);
    this.#found = element;
    if (element === 0) return false;
    this.score = this.#elements.score(element);
    return true;
  }

  /** Adds a member that `find` has just not found. */
  add(ref: Ref, bytes: Uint8Array, at: number, length: number, score: number): void {
    const { entries, table } = this;
    if (entries.encoding(ref) === ENC_LISTPACK) {
      const pack = entries.wordLow(ref);
      if (this.#fits(pack, length)) {
        entries.writeWords(ref, this.pairs.insertPair(pack, bytes, at, length, score), 0);
        return;
      }
      this.spread(ref);
      this.#hash = table.hash(bytes, at, length);
    }
    this.#addElement(ref, bytes, at, length, score);
  }

  /** Gives the found member, whose text is given again, another score. */
  changeFound(ref: Ref, bytes: Uint8Array, at: number, length: number, score: number): void {
    const entries = this.entries;
    if (entries.encoding(ref) === ENC_LISTPACK) {
      const pack = entries.wordLow(ref);
      entries.writeWords(ref, this.pairs.changePair(pack, this.#found, bytes, at, length, score), 0);
      return;
    }
    const element = this.#found;
    this.tree.move(entries.wordHigh(ref), element, this.score, score);
    this.#elements.setScore(element, score);
  }

  /** Removes the found member. */
  removeFound(ref: Ref): void {
    const entries = this.entries;
    if (entries.encoding(ref) === ENC_LISTPACK) {
      entries.writeWords(ref, this.pairs.remove(entries.wordLow(ref), this.#found, 2), 0);
      return;
    }
    const element = this.#found;
    this.table.removeHit();
    this.tree.remove(entries.wordHigh(ref), this.score, element);
    this.#elements.free(element);
  }

  /** Rank of the found member, from 0. */
  rankOfFound(ref: Ref): number {
    const entries = this.entries;
    if (entries.encoding(ref) === ENC_LISTPACK) {
      return this.pairs.rankOf(entries.wordLow(ref), this.#found);
    }
    return this.tree.rank(entries.wordHigh(ref), this.score, this.#found);
  }

  /** How many members have a lower score; with `inclusive` the same score counts too. */
  countBelow(ref: Ref, score: number, inclusive: boolean): number {
    const entries = this.entries;
    if (entries.encoding(ref) === ENC_LISTPACK) {
      return this.pairs.countBelow(entries.wordLow(ref), score, inclusive);
    }
    return this.tree.countBelow(entries.wordHigh(ref), score, inclusive);
  }

  /** How many members are smaller, all scores being equal; with `inclusive` the same member counts too. */
  countBelowMember(ref: Ref, bytes: Uint8Array, at: number, length: number, inclusive: boolean): number {
    const entries = this.entries;
    if (entries.encoding(ref) === ENC_LISTPACK) {
      return this.pairs.countBelowMember(entries.wordLow(ref), bytes, at, length, inclusive);
    }
    return this.tree.countBelowMember(entries.wordHigh(ref), bytes, at, length, inclusive);
  }

  /** Removes `count` members from a rank on; there are so many. */
  removeRange(ref: Ref, rank: number, count: number): void {
    const { entries, pairs } = this;
    if (entries.encoding(ref) === ENC_LISTPACK) {
      const pack = entries.wordLow(ref);
      entries.writeWords(ref, pairs.remove(pack, pairs.seek(pack, rank * 2), count * 2), 0);
      return;
    }
    this.table.open(entries.wordLow(ref));
    for (let left = count; left > 0; ) left -= this.#removeRun(entries.wordHigh(ref), rank, left);
  }

  /** Chooses a member, all with the same chance: `cursor` goes there. */
  pick(ref: Ref, random: Random): void {
    this.cursor.start(ref, random.below(this.size(ref)));
  }

  /** Adds a score to a member's, or adds the member, in the table only: `order` must follow before anything else. */
  gather(
    ref: Ref,
    bytes: Uint8Array,
    at: number,
    length: number,
    score: number,
    aggregate: (a: number, b: number) => number,
  ): void {
    if (this.find(ref, bytes, at, length)) {
      this.#elements.setScore(this.#found, aggregate(this.score, score));
    } else {
      this.table.add(this.#hash, this.#newElement(bytes, at, length, score));
    }
  }

  /** Puts the gathered members of an entry in order. */
  order(ref: Ref): void {
    const tree = this.entries.wordHigh(ref);
    this.table.open(this.entries.wordLow(ref));
    this.table.startWalk();
    for (let element = this.table.nextRef(); element !== 0; element = this.table.nextRef()) {
      this.tree.insert(tree, this.#elements.score(element), element);
    }
  }

  /** Makes a listpack of a set that fits into one. */
  compact(ref: Ref): void {
    const { entries, pairs } = this;
    if (entries.encoding(ref) === ENC_LISTPACK || !this.#isCompactible(ref)) return;
    let pack = pairs.create();
    this.#cursor.start(ref, 0);
    do {
      const { bytes, at, length, score } = this.#cursor;
      pack = pairs.insertPair(pack, bytes, at, length, score);
    } while (this.#cursor.next());
    this.freeSome(ref, Number.POSITIVE_INFINITY);
    entries.setKind(ref, TYPE_ZSET, ENC_LISTPACK);
    entries.writeWords(ref, pack, 0);
  }

  /** Makes table and tree of a listpack. */
  spread(ref: Ref): void {
    const { entries, pairs } = this;
    const pack = entries.wordLow(ref);
    const table = this.table.create();
    const tree = this.tree.create();
    try {
      this.#fill(tree, pack);
    } catch (error) {
      this.tree.freeSome(tree, Number.POSITIVE_INFINITY);
      this.table.drop(table);
      throw error;
    }
    pairs.free(pack);
    entries.setKind(ref, TYPE_ZSET, ENC_SKIPLIST);
    entries.writeWords(ref, table, tree);
  }

  /** Adds the pairs of a listpack to the open table and to a tree. */
  #fill(tree: Ref, pack: Ref): void {
    const { pairs } = this;
    for (let p = pairs.first(pack); p !== 0; p = pairs.nextMember(pack, p)) {
      const score = pairs.scoreOf(pack, p);
      pairs.locate(pack, p);
      const element = this.#newElement(pairs.bytes, pairs.at, pairs.length, score);
      this.table.add(this.table.hash(pairs.bytes, pairs.at, pairs.length), element);
      this.tree.insert(tree, score, element);
    }
  }

  effort(ref: Ref): number {
    if (this.entries.encoding(ref) === ENC_LISTPACK) return 1;
    return this.table.effort(this.entries.wordLow(ref)) + this.tree.blocks(this.entries.wordHigh(ref));
  }

  freeSome(ref: Ref, blocks: number): boolean {
    const { entries } = this;
    const structure = entries.wordLow(ref);
    if (entries.encoding(ref) === ENC_LISTPACK) {
      this.pairs.free(structure);
      return true;
    }
    const tree = entries.wordHigh(ref);
    if (structure !== 0) {
      if (!this.table.freeSome(structure, blocks)) return false;
      entries.writeWords(ref, 0, tree);
    }
    return this.tree.freeSome(tree, blocks);
  }

  copyValue(from: Ref, to: Ref): void {
    const { entries } = this;
    if (entries.encoding(from) === ENC_LISTPACK) {
      entries.writeWords(to, this.pairs.copy(entries.wordLow(from)), 0);
      return;
    }
    const table = this.table.create();
    const tree = this.tree.create();
    const cursor = this.#cursor;
    cursor.start(from, 0);
    do {
      const element = this.#elements.copy(cursor.element);
      this.table.add(this.table.hash(cursor.bytes, cursor.at, cursor.length), element);
      this.tree.insert(tree, cursor.score, element);
    } while (cursor.next());
    entries.writeWords(to, table, tree);
  }

  outsideBytes(ref: Ref, samples: number): number {
    const { entries } = this;
    const structure = entries.wordLow(ref);
    if (entries.encoding(ref) === ENC_LISTPACK) return this.pairs.totalBytes(structure);
    return this.table.bytesWithElements(structure, samples) + this.tree.totalBytes(entries.wordHigh(ref));
  }

  moveBlocks(ref: Ref, cursor: number): number {
    const { entries, table } = this;
    const structure = entries.wordLow(ref);
    const tree = entries.wordHigh(ref);
    if (entries.encoding(ref) === ENC_LISTPACK) {
      entries.writeWords(ref, this.pairs.moved(structure), tree);
      return 0;
    }
    table.open(structure);
    if (cursor === 0) entries.writeWords(ref, table.moveHeader(), tree);
    this.#moving = tree;
    return table.moveAt(cursor, this.#move);
  }

  /** Moves an element that stands in a sparse span; the tree's reference to it follows, which takes both blocks. */
  #moveElement(element: Ref): Ref {
    const { arena } = this.entries;
    const bytes = this.#elements.blockBytes(element);
    const next = arena.isSparse(element, bytes) ? arena.replica(element, bytes) : 0;
    if (next === 0) return element;
    this.tree.substitute(this.#moving, this.#elements.score(element), element, next);
    arena.free(element, bytes);
    return next;
  }

  /** Throws on a broken invariant. */
  check(ref: Ref): void {
    const { entries, table } = this;
    if (entries.encoding(ref) === ENC_LISTPACK) {
      this.pairs.check(entries.wordLow(ref));
      return;
    }
    table.open(entries.wordLow(ref));
    table.check();
    this.tree.check(entries.wordHigh(ref));
    if (table.size !== this.size(ref)) throw new Error('sorted set: table and tree differ in size');
    const cursor = this.#cursor;
    let left = table.size;
    if (left > 0) cursor.start(ref, 0);
    for (; left > 0; left--, cursor.next()) {
      const found = this.find(ref, cursor.bytes, cursor.at, cursor.length);
      if (!found || this.#found !== cursor.element || this.score !== cursor.score) {
        throw new Error('sorted set: table and tree differ');
      }
    }
  }

  #fits(pack: Ref, length: number): boolean {
    const { zsetMaxListpackEntries, zsetMaxListpackValue } = this.#limits;
    return (
      this.pairs.count(pack) >> 1 < zsetMaxListpackEntries &&
      length <= zsetMaxListpackValue &&
      this.pairs.totalBytes(pack) + length <= LISTPACK_BYTES_MAX
    );
  }

  #isCompactible(ref: Ref): boolean {
    const { zsetMaxListpackEntries, zsetMaxListpackValue } = this.#limits;
    const size = this.size(ref);
    if (size === 0 || size > zsetMaxListpackEntries) return false;
    let bytes = 0;
    this.#cursor.start(ref, 0);
    do {
      if (this.#cursor.length > zsetMaxListpackValue) return false;
      bytes += this.#cursor.length;
    } while (this.#cursor.next());
    return bytes <= LISTPACK_BYTES_MAX;
  }

  #newElement(bytes: Uint8Array, at: number, length: number, score: number): Ref {
    const element = this.#elements.create(bytes, at, length, HAS_SCORE, 0);
    this.#elements.setScore(element, score);
    return element;
  }

  #addElement(ref: Ref, bytes: Uint8Array, at: number, length: number, score: number): void {
    const element = this.#newElement(bytes, at, length, score);
    this.table.add(this.#hash, element);
    this.tree.insert(this.entries.wordHigh(ref), score, element);
  }

  /** Removes the elements from a rank on that stand in one leaf, at most `count`; returns how many. The table is open. */
  #removeRun(tree: Ref, rank: number, count: number): number {
    const leaving = this.#leaving;
    this.tree.seek(tree, rank);
    let known = 0;
    do leaving[known++] = this.tree.element;
    while (known < count && known < LEAF_SLOTS && this.tree.next());
    const removed = this.tree.removeAt(tree, rank, count);
    for (let i = 0; i < removed; i++) {
      this.table.hit(leaving[i]!);
      this.table.removeHit();
      this.#elements.free(leaving[i]!);
    }
    return removed;
  }
}
