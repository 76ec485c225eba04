// Reads the entries of a stream's node, forwards and backwards, and the fields of the entry at hand (stream_node.ts draws
// the bytes). The reader keeps places in the node's bytes, so that any change of the node makes it void.
import type { Arena, Ref } from '../arena/arena.ts';
import { int64CharsMax } from '../base/int64.ts';
import { WideInt } from '../base/wide_int.ts';
import {
  bodyBytes,
  END,
  elementBytes,
  elementBytesBefore,
  INT_64,
  isString,
  read32,
  readInteger,
  stringHeadBytes,
} from '../structs/listpack_codec.ts';
import { compareIds, type Id, makeId, msOf } from '../structs/stream_id.ts';
import { DELETED, LISTPACK_HEAD_BYTES, NODE_HEAD_BYTES, SAME_FIELDS } from './stream_node.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;

export class EntryReader {
  /** The master id of the node; to be set by the caller before `open`. */
  readonly master: Id = makeId();
  /** The id of the entry at hand. */
  readonly id: Id = makeId();
  deleted = false;
  /** Fields of the entry at hand. */
  fields = 0;
  /** Where the entry at hand begins in the view of the node's chunk. */
  entryAt = 0;
  /** Text of the name or value that was read last, good until the next one; `view` is of the same bytes. */
  bytes: Uint8Array;
  view: DataView;
  at = 0;
  length = 0;
  readonly #u8s: Uint8Array[];
  readonly #views: DataView[];
  #u8: Uint8Array;
  #nodeView: DataView;
  /** First element of the listpack, first name of the master entry, first entry. */
  #firstAt = 0;
  #masterAt = 0;
  #entriesAt = 0;
  #masterFields = 0;
  #same = false;
  /** The next element of the entry, its next name in the master entry, and how many fields are still to be read. */
  #next = 0;
  #nextName = 0;
  #left = 0;
  #low = 0;
  #high = 0;
  readonly #scratch = new Uint8Array(int64CharsMax);
  readonly #scratchView = new DataView(this.#scratch.buffer);
  readonly #wide = new WideInt();

  constructor(arena: Arena) {
    this.#u8s = arena.u8;
    this.#views = arena.views;
    this.#u8 = this.#scratch;
    this.#nodeView = this.#scratchView;
    this.bytes = this.#scratch;
    this.view = this.#scratchView;
  }

  /** Takes up a node; no entry is at hand yet. */
  open(node: Ref): void {
    const u8 = this.#u8s[node >>> CHUNK_SHIFT]!;
    this.#u8 = u8;
    this.#nodeView = this.#views[node >>> CHUNK_SHIFT]!;
    this.#firstAt = ((node & UNIT_MASK) << 3) + NODE_HEAD_BYTES + LISTPACK_HEAD_BYTES;
    let at = this.#firstAt;
    at += elementBytes(u8, at);
    at += elementBytes(u8, at);
    this.#masterFields = readInteger(u8, at);
    at += elementBytes(u8, at);
    this.#masterAt = at;
    for (let i = this.#masterFields; i > 0; i--) at += elementBytes(u8, at);
    this.#entriesAt = at + elementBytes(u8, at);
  }

  /** Goes to the first entry of the node, deleted or not; false if it has none. */
  toFirst(): boolean {
    return this.#load(this.#entriesAt);
  }

  /** Goes to the last entry of the node. */
  toLast(): boolean {
    const start = this.#firstAt - LISTPACK_HEAD_BYTES;
    return this.#loadBefore(start + read32(this.#u8, start) - 1);
  }

  /** Goes to the entry at byte `entryAt` of the view, where one was before. */
  toEntry(entryAt: number): void {
    this.#load(entryAt);
  }

  /**
   * Goes on from the entry at hand to the first one, deleted or not, whose id is not lower than this one; false at the end
   * of the node. Where the milliseconds tell, only their difference from the master's is looked at.
   */
  skipTo(id: Id): boolean {
    const ms = msOf(id);
    const masterMs = msOf(this.master);
    const isExact = ms <= Number.MAX_SAFE_INTEGER && masterMs <= Number.MAX_SAFE_INTEGER;
    const least = isExact ? ms - masterMs : 0;
    const u8 = this.#u8;
    for (let at = this.entryAt; u8[at] !== END; at = this.#behind(at)) {
      const own = readInteger(u8, at + 2);
      // A negative difference is one beyond 2^63.
      if (own < least && own >= 0) continue;
      this.#load(at);
      if (compareIds(this.id, id) >= 0) return true;
    }
    return false;
  }

  /** Live entries from the one at hand to the end of the node, at most `limit`. */
  countLive(limit: number): number {
    const u8 = this.#u8;
    let count = 0;
    for (let at = this.entryAt; count < limit && u8[at] !== END; at = this.#behind(at)) {
      if ((u8[at]! & DELETED) === 0) count++;
    }
    return count;
  }

  /** Where the entry behind the one at `at` begins, or the end. */
  #behind(at: number): number {
    const u8 = this.#u8;
    let next = at + 2;
    next += elementBytes(u8, next);
    next += elementBytes(u8, next);
    let elements = this.#masterFields;
    if ((u8[at]! & SAME_FIELDS) === 0) {
      elements = 2 * readInteger(u8, next);
      next += elementBytes(u8, next);
    }
    for (; elements > 0; elements--) next += elementBytes(u8, next);
    return next + elementBytes(u8, next);
  }

  /** Goes to the next entry, deleted or not; false at the end of the node. */
  next(): boolean {
    const u8 = this.#u8;
    let at = this.#next;
    for (let i = this.#same ? this.#left : 2 * this.#left; i > 0; i--) at += elementBytes(u8, at);
    return this.#load(at + elementBytes(u8, at));
  }

  /** Goes to the entry before; false at the beginning of the node. */
  previous(): boolean {
    return this.#loadBefore(this.entryAt);
  }

  /** Reads the name of the next field; before its value, and once for each field. */
  readName(): void {
    if (this.#same) this.#nextName += this.#read(this.#nextName);
    else this.#next += this.#read(this.#next);
  }

  /** Reads the value of the field whose name was read. */
  readValue(): void {
    this.#next += this.#read(this.#next);
    this.#left--;
  }

  #loadBefore(end: number): boolean {
    if (end === this.#entriesAt) return false;
    let at = end - elementBytesBefore(this.#u8, end);
    for (let i = readInteger(this.#u8, at); i > 0; i--) at -= elementBytesBefore(this.#u8, at);
    return this.#load(at);
  }

  #load(entryAt: number): boolean {
    const u8 = this.#u8;
    const flags = u8[entryAt]!;
    if (flags === END) return false;
    this.entryAt = entryAt;
    this.deleted = (flags & DELETED) !== 0;
    this.#same = (flags & SAME_FIELDS) !== 0;
    const at = this.#readHalf(this.#readHalf(entryAt + 2, 0), 2);
    this.#left = this.#masterFields;
    this.#next = at;
    if (this.#same) {
      this.fields = this.#masterFields;
      this.#nextName = this.#masterAt;
    } else {
      this.fields = readInteger(u8, at);
      this.#left = this.fields;
      this.#next = at + elementBytes(u8, at);
    }
    return true;
  }

  /**
   * Gives one half of the id, milliseconds (0) or sequence (2), from the difference at `at`; returns where the next element is.
   */
  #readHalf(at: number, half: number): number {
    const head = this.#u8[at]!;
    if (head < 0x80) {
      this.#low = head;
      this.#high = 0;
      this.#setHalf(half);
      return at + 2;
    }
    this.#readDifference(at);
    this.#setHalf(half);
    return at + elementBytes(this.#u8, at);
  }

  #readDifference(at: number): void {
    if (this.#u8[at] === INT_64) {
      this.#low = read32(this.#u8, at + 1) | 0;
      this.#high = read32(this.#u8, at + 5) | 0;
    } else {
      const value = readInteger(this.#u8, at);
      this.#low = value;
      this.#high = value >> 31;
    }
  }

  /** Gives one half of the id, milliseconds (0) or sequence (2), the master's plus the difference. */
  #setHalf(half: number): void {
    const low = (this.master[half + 1]! + this.#low) >>> 0;
    this.id[half] = this.master[half]! + this.#high + (low < this.#low >>> 0 ? 1 : 0);
    this.id[half + 1] = low;
  }

  #pointTo(bytes: Uint8Array, view: DataView): void {
    this.bytes = bytes;
    this.view = view;
  }

  /** Points bytes, at and length to the text of an element; returns the bytes of the element. */
  #read(element: number): number {
    const u8 = this.#u8;
    const head = u8[element]!;
    if (head >= 0x80 && head < 0xc0) {
      if (this.bytes !== u8) this.#pointTo(u8, this.#nodeView);
      this.at = element + 1;
      this.length = head & 63;
      return (head & 63) + 2;
    }
    if (isString(head)) {
      const headBytes = stringHeadBytes(head);
      this.#pointTo(u8, this.#nodeView);
      this.at = element + headBytes;
      this.length = bodyBytes(u8, element) - headBytes;
    } else {
      this.#readDifference(element);
      this.#pointTo(this.#scratch, this.#scratchView);
      this.at = 0;
      this.length = this.#wide.write(this.#scratch, 0, this.#low, this.#high);
    }
    return elementBytes(u8, element);
  }
}
