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
    if (!tree.seekAtMost(stream, backward ? to : from) && (backward || !tree.seekFirst(stream))) return false;
    return this.#settle(this.reader, tree, this.#enter(this.reader, tree));
  }

  /** Goes to the entry of this id; false if there is none. */
  startAt(stream: Ref, id: Id): boolean {
    return this.start(stream, id, id, false);
  }

  /** Goes on to the next entry of the range. */
  next(): boolean {
    return this.#settle(this.reader, this.#tree, this.#step(this.reader));
  }

  /** How many entries are left in the range with the one at hand, at most `limit`. The cursor stays. */
  count(limit: number): number {
    const ahead = this.#ahead;
    const scout = this.#scout;
    ahead.seekAtMost(this.#stream, this.reader.master);
    this.#open(scout, ahead);
    scout.toEntryOf(this.reader);
    let count = this.#countInNode(scout, limit);
    while (count < limit && this.#nextNode(ahead)) {
      if (this.#isInside(ahead)) {
        count += this.#streams.nodes.liveEntries(ahead.value);
      } else if (this.#enter(scout, ahead)) {
        const more = this.#countInNode(scout, limit - count);
        if (more === 0 && this.#isPast(scout)) break;
        count += more;
      }
    }
    return Math.min(count, limit);
  }

  /** Live entries of the range from the one at hand to the end of its node. */
  #countInNode(reader: EntryReader, limit: number): number {
    let count = 0;
    for (let more = true; more && count < limit && !this.#isPast(reader); more = this.#step(reader)) {
      if (!reader.deleted && !this.#isShort(reader)) count++;
    }
    return count;
  }

  /** Whether all entries of a node that is not the first one of the walk lie in the range. */
  #isInside(tree: IdTree): boolean {
    if (this.#backward) return tree.compareHere(this.#from) >= 0;
    if (this.#streams.compareLastId(this.#stream, this.#to) <= 0) return true;
    tree.readId(this.#scout.master);
    const isLast = !tree.next();
    const inside = !isLast && tree.compareHere(this.#to) <= 0;
    tree.seekAtMost(this.#stream, this.#scout.master);
    return inside;
  }

  /** Goes from entry to entry, and from node to node, until one is live and not short of the range. */
  #settle(reader: EntryReader, tree: IdTree, found: boolean): boolean {
    for (;;) {
      for (; found; found = this.#step(reader)) {
        if (this.#isPast(reader)) return false;
        if (!reader.deleted && !this.#isShort(reader)) return true;
      }
      if (!this.#nextNode(tree)) return false;
      found = this.#enter(reader, tree);
    }
  }

  #enter(reader: EntryReader, tree: IdTree): boolean {
    this.#open(reader, tree);
    return this.#backward ? reader.toLast() : reader.toFirst();
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

  /** Whether an entry comes before the range, in the direction of the walk. */
  #isShort(reader: EntryReader): boolean {
    return this.#backward ? compareIds(reader.id, this.#to) > 0 : compareIds(reader.id, this.#from) < 0;
  }

  #isPast(reader: EntryReader): boolean {
    return this.#backward ? compareIds(reader.id, this.#from) < 0 : compareIds(reader.id, this.#to) > 0;
  }
}
