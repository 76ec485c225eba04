// Lists: a listpack of its own while one node would hold it, else a quicklist. The entry's first word is the reference.
//
// The limit is `list-max-listpack-size`. A listpack that would outgrow it with what is to be added becomes the first node
// of a quicklist (`grow`); a quicklist whose only node is within half the limit becomes a listpack (`shrink`). Both happen
// where the reference does it: before a command adds, and after one removed or replaced.
//
// One object serves all lists. It has one cursor, which stands on an element between `seek` and `close`; a walk that runs
// off an end closes it. Bytes to be stored must not lie in the list.
import type { Arena, Ref } from '../arena/arena.ts';
import { copyBytes } from '../base/bytes.ts';
import { ENC_LISTPACK, ENC_QUICKLIST, type Entries, HAS_WORDS, TYPE_LIST } from '../structs/entry.ts';
import { Listpacks } from '../structs/listpack.ts';
import { type ElementSink, emit } from '../structs/listpack_parts.ts';
import { Quicklists } from '../structs/quicklist.ts';
import { HEAD, TAIL } from '../structs/quicklist_chain.ts';
import { exceedsNode, nodeBytesMax, nodeCountMax } from '../structs/quicklist_limit.ts';
import type { Limits } from './limits.ts';
import type { ValueType } from './value.ts';

/** The ends of a list. */
export const LEFT = HEAD;
export const RIGHT = TAIL;
/** A larger buffer is not kept. */
const COPY_BYTES_MAX = 65536;
const KIND_LISTPACK = (TYPE_LIST << 4) | ENC_LISTPACK;
const KIND_QUICKLIST = (TYPE_LIST << 4) | ENC_QUICKLIST;
const NO_KEY = new Uint8Array(0);

export class Lists implements ValueType {
  readonly arena: Arena;
  readonly entries: Entries;
  readonly quicklists: Quicklists;
  readonly listpacks: Listpacks;
  /** Text of the element that `locate` or `locateEnd` found: `length` bytes of `bytes` from `at` on, until the next call. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  length = 0;
  readonly #limits: Limits;
  #copy = new Uint8Array(COPY_BYTES_MAX);
  /** The cursor: its entry, and the position in a listpack (0: the cursor is that of the quicklists). */
  #ref: Ref = 0;
  #position = 0;

  constructor(entries: Entries, limits: Limits) {
    this.arena = entries.arena;
    this.entries = entries;
    this.listpacks = new Listpacks(entries.arena);
    this.quicklists = new Quicklists(this.listpacks);
    this.#limits = limits;
  }

  /** A new entry with an empty list and no expiry. */
  create(key: Uint8Array, keyAt: number, keyBytes: number, clock: number): Ref {
    const ref = this.entries.create(key, keyAt, keyBytes, KIND_LISTPACK, clock, HAS_WORDS, 0);
    this.entries.writeWords(ref, this.listpacks.create(), 0);
    return ref;
  }

  isListpack(ref: Ref): boolean {
    return this.entries.encoding(ref) === ENC_LISTPACK;
  }

  /** Number of elements. */
  size(ref: Ref): number {
    const structure = this.entries.wordLow(ref);
    return this.isListpack(ref) ? this.listpacks.count(structure) : this.quicklists.size(structure);
  }

  /** To be called before `count` elements of `bytes` bytes in all are added or put in the place of others. */
  grow(ref: Ref, bytes: number, count: number): void {
    if (!this.isListpack(ref)) return;
    const listpack = this.entries.wordLow(ref);
    const total = this.listpacks.totalBytes(listpack) + bytes;
    const elements = this.listpacks.count(listpack);
    if (!exceedsNode(this.#limits.listMaxListpackSize, total, elements + count)) return;
    const { listMaxListpackSize, listCompressDepth } = this.#limits;
    const list = this.quicklists.create(listMaxListpackSize, listCompressDepth);
    if (elements > 0) this.quicklists.appendListpack(list, listpack, elements);
    else this.listpacks.free(listpack);
    this.entries.setKind(ref, TYPE_LIST, ENC_QUICKLIST);
    this.entries.writeWords(ref, list, 0);
  }

  /** To be called after elements were removed or replaced, unless none are left. */
  shrink(ref: Ref): void {
    if (this.isListpack(ref)) return;
    const quicklists = this.quicklists;
    const list = this.entries.wordLow(ref);
    if (quicklists.nodeCount(list) !== 1 || quicklists.nodes.isPlain(quicklists.nodeAt(list, HEAD))) return;
    const fill = this.#limits.listMaxListpackSize;
    const bytes = quicklists.nodes.bytes(quicklists.nodeAt(list, HEAD));
    if (quicklists.size(list) > Math.floor(nodeCountMax(fill) / 2)) return;
    if (fill < 0 && bytes > nodeBytesMax(fill) / 2) return;
    this.entries.setKind(ref, TYPE_LIST, ENC_LISTPACK);
    this.entries.writeWords(ref, quicklists.dissolve(list), 0);
  }

  /** Adds an element at one end; returns how many there are then. */
  push(ref: Ref, end: number, bytes: Uint8Array, at: number, length: number): number {
    const entries = this.entries;
    const listpacks = this.listpacks;
    const structure = entries.wordLow(ref);
    if (!this.isListpack(ref)) return this.quicklists.push(structure, end, bytes, at, length);
    const next =
      end === TAIL
        ? listpacks.append(structure, bytes, at, length)
        : listpacks.prepend(structure, bytes, at, length);
    if (next !== structure) entries.writeWords(ref, next, 0);
    return listpacks.count(next);
  }

  /** Points `bytes`, `at` and `length` to the element at one end of a list that is not empty. */
  locateEnd(ref: Ref, end: number): void {
    const structure = this.entries.wordLow(ref);
    if (this.isListpack(ref)) {
      this.#locateIn(structure, this.#edgeOf(structure, end));
    } else {
      this.quicklists.locateEnd(structure, end);
      this.#take(this.quicklists.bytes, this.quicklists.at, this.quicklists.length);
    }
  }

  /** Removes the element at one end of a list that is not empty; returns how many are left. */
  dropEnd(ref: Ref, end: number): number {
    const structure = this.entries.wordLow(ref);
    if (this.isListpack(ref)) {
      return this.listpacks.count(this.#removeFrom(ref, structure, this.#edgeOf(structure, end), 1));
    }
    return this.quicklists.dropEnd(structure, end);
  }

  /** Removes the element at one end, and points `bytes`, `at` and `length` to a copy of it. */
  takeEnd(ref: Ref, end: number): void {
    this.copyEnd(ref, end);
    this.dropEnd(ref, end);
  }

  /** Points `bytes`, `at` and `length` to a copy of the element at one end of a list that is not empty. */
  copyEnd(ref: Ref, end: number): void {
    this.locateEnd(ref, end);
    const { length } = this;
    if (length > this.#copy.length) this.#copy = new Uint8Array(length);
    const copy = this.#copy;
    copyBytes(this.bytes, this.at, copy, 0, length);
    if (length > COPY_BYTES_MAX) this.#copy = new Uint8Array(COPY_BYTES_MAX);
    this.#take(copy, 0, length);
  }

  /**
   * Removes `count` elements at one end; more than so many there are. What is then to be freed, if it may be much, is left
   * to the caller as the value of an entry of its own, which stands in no table; 0 if there is nothing.
   */
  cut(ref: Ref, end: number, count: number): Ref {
    if (count < 2) {
      if (count === 1) this.dropEnd(ref, end);
      return 0;
    }
    const { entries, listpacks } = this;
    const structure = entries.wordLow(ref);
    if (this.isListpack(ref)) {
      const from = end === TAIL ? listpacks.count(structure) - count : 0;
      this.#removeFrom(ref, structure, listpacks.seek(structure, from), count);
      return 0;
    }
    const list = this.quicklists.cut(structure, end, count);
    if (list === 0) return 0;
    const rest = entries.create(NO_KEY, 0, 0, KIND_QUICKLIST, 0, HAS_WORDS, 0);
    entries.writeWords(rest, list, 0);
    return rest;
  }

  /** Hands `count` elements from index `from` on to `sink`; so many there are. */
  emit(ref: Ref, from: number, count: number, sink: ElementSink): void {
    if (count === 0) return;
    const structure = this.entries.wordLow(ref);
    if (!this.isListpack(ref)) this.quicklists.emit(structure, from, count, sink);
    else emit(this.listpacks, structure, this.listpacks.seek(structure, from), count, sink);
  }

  /** Hands the last `count` elements to `sink`, the last one first; so many there are. */
  emitBackward(ref: Ref, count: number, sink: ElementSink): void {
    let stands = this.seek(ref, -1);
    for (let i = 0; i < count && stands; i++) {
      this.locate();
      sink.bulk(this.bytes, this.at, this.length);
      stands = this.step(false);
    }
    this.close();
  }

  /** Puts the cursor on the element at an index, which counts from the end if negative; false: there is none. */
  seek(ref: Ref, index: number): boolean {
    const structure = this.entries.wordLow(ref);
    this.#ref = ref;
    this.#position = 0;
    if (!this.isListpack(ref)) return this.quicklists.seek(structure, index);
    this.#position = this.listpacks.seek(structure, index);
    return this.#position !== 0;
  }

  /** Moves the cursor to the next element or the one before; false, and no cursor any more: there is none. */
  step(isForward: boolean): boolean {
    if (this.#position === 0) return this.quicklists.step(isForward);
    const structure = this.entries.wordLow(this.#ref);
    this.#position = isForward
      ? this.listpacks.next(structure, this.#position)
      : this.listpacks.previous(structure, this.#position);
    return this.#position !== 0;
  }

  /** Points `bytes`, `at` and `length` to the cursor's element. */
  locate(): void {
    if (this.#position !== 0) {
      this.#locateIn(this.entries.wordLow(this.#ref), this.#position);
    } else {
      this.quicklists.locate();
      this.#take(this.quicklists.bytes, this.quicklists.at, this.quicklists.length);
    }
  }

  /**
   * Moves the cursor on, forward or backward, to the first element with this text among at most `most`, beginning with the
   * one it stands on. Returns how many it passed; -1, and no cursor any more: it was none of those.
   */
  pass(isForward: boolean, most: number, bytes: Uint8Array, at: number, length: number): number {
    if (this.#position === 0) return this.quicklists.pass(isForward, most, bytes, at, length);
    const { listpacks } = this;
    const listpack = this.entries.wordLow(this.#ref);
    const passed = listpacks.pass(listpack, this.#position, isForward, most, bytes, at, length);
    this.#position = listpacks.position;
    return this.#position === 0 ? -1 : passed;
  }

  /** Ends the cursor. */
  close(): void {
    if (this.#position === 0) this.quicklists.close();
  }

  /** Removes the cursor's element and moves to the next one or the one before; false, and no cursor any more: there is none. */
  remove(isForward: boolean): boolean {
    if (this.#position === 0) return this.quicklists.remove(isForward);
    const structure = this.entries.wordLow(this.#ref);
    const before = isForward ? 0 : this.listpacks.previous(structure, this.#position);
    this.#removeFrom(this.#ref, structure, this.#position, 1);
    this.#position = isForward ? this.listpacks.position : before;
    return this.#position !== 0;
  }

  /** Puts another text in the place of the cursor's element, and ends the cursor. */
  replace(bytes: Uint8Array, at: number, length: number): void {
    if (this.#position === 0) {
      this.quicklists.replace(bytes, at, length);
      return;
    }
    const structure = this.entries.wordLow(this.#ref);
    const next = this.listpacks.replace(structure, this.#position, bytes, at, length);
    this.entries.writeWords(this.#ref, next, 0);
  }

  /** Adds an element before the cursor's, or behind it, and ends the cursor. */
  insert(isAfter: boolean, bytes: Uint8Array, at: number, length: number): void {
    if (this.#position === 0) {
      this.quicklists.insert(isAfter, bytes, at, length);
      return;
    }
    const structure = this.entries.wordLow(this.#ref);
    const next = isAfter
      ? this.listpacks.insertAfter(structure, this.#position, bytes, at, length)
      : this.listpacks.insertBefore(structure, this.#position, bytes, at, length);
    this.entries.writeWords(this.#ref, next, 0);
  }

  effort(ref: Ref): number {
    return this.isListpack(ref) ? 1 : 1 + 2 * this.quicklists.nodeCount(this.entries.wordLow(ref));
  }

  freeSome(ref: Ref, blocks: number): boolean {
    const structure = this.entries.wordLow(ref);
    if (!this.isListpack(ref)) return this.quicklists.freeSome(structure, blocks);
    this.listpacks.free(structure);
    return true;
  }

  copyValue(from: Ref, to: Ref): void {
    const structure = this.entries.wordLow(from);
    const copy = this.isListpack(from) ? this.listpacks.copy(structure) : this.quicklists.copy(structure);
    this.entries.writeWords(to, copy, 0);
  }

  outsideBytes(ref: Ref, samples: number): number {
    const structure = this.entries.wordLow(ref);
    if (!this.isListpack(ref)) return this.quicklists.arenaBytes(structure, samples);
    return this.arena.usableBytes(this.listpacks.totalBytes(structure));
  }

  moveBlocks(ref: Ref): number {
    const structure = this.entries.wordLow(ref);
    if (this.isListpack(ref)) this.entries.writeWords(ref, this.listpacks.moved(structure), 0);
    else this.quicklists.moveBlocks(structure);
    return 0;
  }

  /** Walks the list and throws on any broken invariant. */
  check(ref: Ref): void {
    const structure = this.entries.wordLow(ref);
    if (this.isListpack(ref)) this.listpacks.check(structure);
    else this.quicklists.check(structure);
  }

  #edgeOf(listpack: Ref, end: number): number {
    return end === TAIL ? this.listpacks.last(listpack) : this.listpacks.first(listpack);
  }

  #removeFrom(ref: Ref, listpack: Ref, position: number, count: number): Ref {
    const next = this.listpacks.remove(listpack, position, count);
    if (next !== listpack) this.entries.writeWords(ref, next, 0);
    return next;
  }

  #locateIn(listpack: Ref, position: number): void {
    this.listpacks.locate(listpack, position);
    this.#take(this.listpacks.bytes, this.listpacks.at, this.listpacks.length);
  }

  #take(bytes: Uint8Array, at: number, length: number): void {
    this.bytes = bytes;
    this.at = at;
    this.length = length;
  }
}
