// Walks over the live entries of a stream between two ids, in either direction, and counts them ahead.
import type { Ref } from '../arena/arena.ts';
import { IdTree } from '../structs/id_tree.ts';
import { compareIds, copyId, type Id, makeId } from '../structs/stream_id.ts';
import type { Streams } from './stream.ts';
import { EntryReader } from './stream_entry.ts';

export class StreamCursor {
  /** The entry at hand: its id and fields. */
  readonly reader: EntryReader;
  readonly #streams: Streams;
  readonly #tree: IdTree;
  /** For looking ahead. */
  readonly #scout: EntryReader;
  readonly #ahead: IdTree;
  readonly #from: Id = makeId();
  readonly #to: Id = makeId();
  #stream: Ref = 0;
  #backward = false;
  /** Whether there may be entries behind the range, in the direction of the walk. */
  #isBounded = false;
  /** The node where the reader is, and what `epoch` was then. */
  #node: Ref = 0;
  #epoch = 0;

  constructor(streams: Streams) {
    this.#streams = streams;
    this.reader = new EntryReader(streams.arena);
    this.#scout = new EntryReader(streams.arena);
    this.#tree = new IdTree(streams.arena);
    this.#ahead = new IdTree(streams.arena);
  }

  /**
   * Goes to the first entry of the range `from` … `to` (both included), or to the last one if backward; false if there
   * is none. A change of the stream makes the cursor void.
   */
  start(stream: Ref, from: Id, to: Id, backward: boolean): boolean {
    copyId(from, this.#from);
    copyId(to, this.#to);
    this.#stream = stream;
    this.#backward = backward;
    const tree = this.#tree;
    if (backward) {
      if (!tree.seekAtMost(stream, to)) return false;
      this.#isBounded = this.#streams.compareFirstId(stream, from) < 0;
      return this.#settle(this.#enter(tree));
    }
    const isInner = this.#streams.compareFirstId(stream, from) < 0 && tree.seekAtMost(stream, from);
    if (!isInner && !tree.seekFirst(stream)) return false;
    this.#isBounded = this.#streams.compareLastId(stream, to) > 0;
    const found = this.#resume(tree) || this.#enter(tree);
    return this.#settle(found && this.reader.skipTo(from));
  }

  /** Goes to the entry of this id; false if there is none. */
  startAt(stream: Ref, id: Id): boolean {
    return this.start(stream, id, id, false);
  }

  /** Goes on to the next entry of the range. */
  next(): boolean {
    return this.#settle(this.#step(this.reader));
  }

  /** How many entries are left in the range with the one at hand, at most `limit`. The cursor stays. */
  count(limit: number): number {
    if (limit <= 1) return limit;
    const isPlain = !this.#isBounded && !this.#backward;
    if (isPlain && this.reader.countLive(limit) === limit) return limit;
    const ahead = this.#ahead;
    const scout = this.#scout;
    ahead.seekAtMost(this.#stream, this.reader.master);
    this.#open(scout, ahead);
    scout.toEntry(this.reader.entryAt);
    let count = this.#countInNode(limit);
    while (count < limit && this.#nextNode(ahead)) {
      if (this.#isInside(ahead)) {
        count += this.#streams.nodes.liveEntries(ahead.value);
        continue;
      }
      this.#open(scout, ahead);
      const found = this.#backward ? scout.toLast() : scout.toFirst();
      if (!found || this.#isPast(scout)) break;
      count += this.#countInNode(limit - count);
    }
    return Math.min(count, limit);
  }

  /** Live entries of the range from where the scout is to the end of its node. */
  #countInNode(limit: number): number {
    const scout = this.#scout;
    if (!this.#isBounded && !this.#backward) return scout.countLive(limit);
    let count = 0;
    for (let more = true; more && count < limit && !this.#isPast(scout); more = this.#step(scout)) {
      if (!scout.deleted) count++;
    }
    return count;
  }

  /** Whether all entries of a node that is not the first one of the walk lie in the range. */
  #isInside(tree: IdTree): boolean {
    if (!this.#isBounded) return true;
    if (this.#backward) return tree.compareHere(this.#from) >= 0;
    tree.readId(this.#scout.master);
    const isLast = !tree.next();
    const inside = !isLast && tree.compareHere(this.#to) <= 0;
    tree.seekAtMost(this.#stream, this.#scout.master);
    return inside;
  }

  /** Goes from entry to entry, and from node to node, until one is live and in the range. */
  #settle(found: boolean): boolean {
    const { reader } = this;
    for (;;) {
      for (; found; found = this.#step(reader)) {
        if (this.#isPast(reader)) return false;
        if (!reader.deleted && !this.#isShort(reader)) return true;
      }
      if (!this.#nextNode(this.#tree)) return false;
      found = this.#enter(this.#tree);
    }
  }

  /**
   * Takes up the reader where it was left, if that is in this node and not behind the beginning of the range: who reads a
   * stream piece by piece goes on where the last piece ended.
   */
  #resume(tree: IdTree): boolean {
    if (tree.value !== this.#node || this.#epoch !== this.#streams.nodes.epoch) return false;
    return compareIds(this.reader.id, this.#from) <= 0;
  }

  #enter(tree: IdTree): boolean {
    this.#node = tree.value;
    this.#epoch = this.#streams.nodes.epoch;
    this.#open(this.reader, tree);
    return this.#backward ? this.reader.toLast() : this.reader.toFirst();
  }

  #open(reader: EntryReader, tree: IdTree): void {
    tree.readId(reader.master);
    reader.open(tree.value);
  }

  #step(reader: EntryReader): boolean {
    return this.#backward ? reader.previous() : reader.next();
  }

  #nextNode(tree: IdTree): boolean {
    return this.#backward ? tree.previous() : tree.next();
  }

  /** Whether an entry comes before the range of a backward walk. */
  #isShort(reader: EntryReader): boolean {
    return this.#backward && compareIds(reader.id, this.#to) > 0;
  }

  #isPast(reader: EntryReader): boolean {
    if (!this.#isBounded) return false;
    return this.#backward ? compareIds(reader.id, this.#from) < 0 : compareIds(reader.id, this.#to) > 0;
  }
}
