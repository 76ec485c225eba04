// Cuts off the oldest entries of a stream (XTRIM, XADD MAXLEN).
import type { Ref } from '../arena/arena.ts';
import { compareIds, copyId, type Id, makeId } from '../structs/stream_id.ts';
import type { Streams } from './stream.ts';
import { EntryReader } from './stream_entry.ts';
import { KEEP_REFERENCES, type StreamReferences } from './stream_references.ts';

export const BY_NOTHING = 0;
export const BY_LENGTH = 1;
export const BY_ID = 2;

export class StreamTrimmer {
  /** By what to trim. */
  by = BY_NOTHING;
  /** Entries that may stay, as a number: a limit beyond 2^53 is no limit. */
  lengthMax = 0;
  /** The lowest id that may stay. */
  readonly idMin: Id = makeId();
  /** Whether to stop at a node that cannot go as a whole. */
  approximate = false;
  /** How many entries may go; 0: any number. */
  limit = 0;
  /** What happens to references of groups (stream_references.ts). */
  references = KEEP_REFERENCES;
  /** Whether how much goes depends on how the stream is divided into nodes. */
  get isVague(): boolean {
    return this.by !== BY_NOTHING && this.approximate;
  }
  readonly #streams: Streams;
  readonly #references: StreamReferences;
  readonly #reader: EntryReader;
  readonly #id: Id = makeId();

  constructor(streams: Streams, references: StreamReferences) {
    this.#streams = streams;
    this.#references = references;
    this.#reader = new EntryReader(streams.arena);
  }

  /** Removes what the fields say; returns how many entries went. */
  trim(stream: Ref): number {
    const removed = this.references === KEEP_REFERENCES ? this.#trim(stream) : this.#trimSingly(stream);
    if (removed > 0) this.#streams.updateFirstId(stream);
    return removed;
  }

  #trim(stream: Ref): number {
    const { nodes, tree } = this.#streams;
    let removed = 0;
    while (!this.#isEnough(stream) && tree.seekFirst(stream)) {
      const live = nodes.liveEntries(tree.value);
      if (this.limit > 0 && removed + live > this.limit) break;
      // The usual end: what is too much does not fill a node.
      if (this.by === BY_LENGTH && this.approximate && !this.#isSpared(stream, live)) break;
      this.#streams.openReader(this.#reader);
      if (this.#goesWhole(stream, live)) {
        this.#streams.dropNode(stream, this.#reader.master);
        removed += live;
        continue;
      }
      if (!this.approximate) removed += this.#trimNode(stream, live);
      break;
    }
    return removed;
  }

  /** Whether the length, if that matters, allows no more to go. */
  #isEnough(stream: Ref): boolean {
    return this.by === BY_LENGTH && this.#streams.length(stream) <= this.lengthMax;
  }

  /** Whether all entries of the node at hand may go. */
  #goesWhole(stream: Ref, live: number): boolean {
    if (this.by === BY_LENGTH) return this.#isSpared(stream, live);
    this.#reader.toLast();
    return compareIds(this.#reader.id, this.idMin) < 0;
  }

  /** Whether the stream is long enough without so many entries. */
  #isSpared(stream: Ref, entries: number): boolean {
    return this.#streams.length(stream) - entries >= this.lengthMax;
  }

  /** Removes the first entries of a node, some of which stay. */
  #trimNode(stream: Ref, live: number): number {
    const { nodes, tree } = this.#streams;
    const reader = this.#reader;
    const node = tree.value;
    const most = this.by === BY_LENGTH ? this.#streams.length(stream) - this.lengthMax : live;
    let flagged = 0;
    this.#streams.beforeChange(stream, reader.master);
    for (let more = reader.toFirst(); more && flagged < most; more = reader.next()) {
      if (this.by === BY_ID && compareIds(reader.id, this.idMin) >= 0) break;
      if (reader.deleted) continue;
      nodes.flagDeleted(node, reader.entryAt);
      flagged++;
    }
    // All of them only if what stays is an entry that was deleted before.
    if (flagged === live) this.#streams.dropNode(stream, reader.master);
    else this.#streams.countDeleted(stream, flagged);
    return flagged;
  }

  /** Trims entry by entry, since groups have a say in it. */
  #trimSingly(stream: Ref): number {
    const { nodes, tree } = this.#streams;
    const reader = this.#reader;
    const next = this.#id;
    let removed = 0;
    for (let more = tree.seekFirst(stream); more && !this.#isEnough(stream); ) {
      const live = nodes.liveEntries(tree.value);
      if (this.limit > 0 && removed + live > this.limit) break;
      this.#streams.openReader(reader);
      if (this.approximate && !this.#goesWhole(stream, live)) break;
      const ids = this.#idsOfNode();
      copyId(reader.master, next);
      for (const id of ids) {
        if (this.#isEnough(stream) || (this.by === BY_ID && compareIds(id, this.idMin) >= 0)) return removed;
        if (!this.#references.mayRemove(stream, id, this.references)) continue;
        this.#references.removed(stream, id, this.references);
        this.#streams.removeTrimmed(stream, id);
        removed++;
      }
      more = tree.seekAtLeast(stream, next);
      if (more && tree.compareHere(next) === 0) more = tree.next();
    }
    return removed;
  }

  /** The ids of the live entries of the node at hand. */
  #idsOfNode(): Id[] {
    const reader = this.#reader;
    const ids: Id[] = [];
    for (let more = reader.toFirst(); more; more = reader.next())
      if (!reader.deleted) ids.push(reader.id.slice());
    return ids;
  }
}
