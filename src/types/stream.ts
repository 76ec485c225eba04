// Streams: entries sorted by id in listpack nodes, and consumer groups.
//
//   entry of the keyspace ──▶ stream record:
//     word 0  nodes by master id (id_tree.ts)     12  first id              18  groups by name (radix_tree.ts)
//          4  last id ever given                  16  entries ever added:   20  entries
//          8  highest id that XDEL took               int64                 21  producers (stream_producers.ts),
//                                                                               0: none has sent an id
//
// The last node takes new entries until it has `stream-node-max-bytes` or `stream-node-max-entries`. All state is in the
// arena, so one object serves all streams. stream_node.ts and stream_entry.ts know the bytes of nodes, stream_group.ts the
// groups, stream_cursor.ts walks over entries and stream_trim.ts cuts them off.
import type { Arena, Ref } from '../arena/arena.ts';
import { ENC_STREAM, type Entries, HAS_WORDS, TYPE_STREAM } from '../structs/entry.ts';
import { IdTree } from '../structs/id_tree.ts';
import {
  compareIds,
  copyId,
  type Id,
  IdText,
  isLowest,
  makeId,
  setHighest,
  setLowest,
  writeIdAt,
} from '../structs/stream_id.ts';
import type { Limits } from './limits.ts';
import { StreamCursor } from './stream_cursor.ts';
import { EntryReader } from './stream_entry.ts';
import { StreamGroups, UNKNOWN_READ } from './stream_group.ts';
import { type Fields, StreamNodes } from './stream_node.ts';
import { StreamProducers } from './stream_producers.ts';
import { StreamReferences } from './stream_references.ts';
import { StreamTrimmer } from './stream_trim.ts';
import { StreamWords } from './stream_words.ts';
import type { ValueType } from './value.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const LAST_ID = 4;
const MAX_DELETED_ID = 8;
const FIRST_ID = 12;
const ENTRIES_ADDED = 16;
const GROUPS = 18;
const LENGTH = 20;
const PRODUCERS = 21;
const RECORD_WORDS = 22;
const RECORD_BYTES = RECORD_WORDS << 2;
const KIND_STREAM = (TYPE_STREAM << 4) | ENC_STREAM;
/** The longest entry, and the longest node if `stream-node-max-bytes` does not say less. */
const NODE_BYTES_MAX = 2 ** 30;
const NO_BYTES = new Uint8Array(0);

/** What XADD says about a stream that is not there, and which arguments name the producer and what it sent (0: none). */
export interface Appending {
  makesStream: boolean;
  producerAt: number;
  sentAt: number;
}

/** Who has to see nodes of a stream before they change for the first time. */
export interface StreamGuard {
  /** The node of this master id is about to change or to be dropped. */
  before(master: Id): void;
}

export class Streams implements ValueType {
  readonly entries: Entries;
  readonly arena: Arena;
  readonly words: StreamWords;
  readonly nodes: StreamNodes;
  readonly groups: StreamGroups;
  readonly producers: StreamProducers;
  /** Nodes of a stream by master id. */
  readonly tree: IdTree;
  /** What `append` writes; set by the caller. */
  readonly fields: Fields = { bytes: NO_BYTES, pairs: new Int32Array(0), first: 0, count: 0 };
  /** What XADD says besides; set by the caller. */
  readonly appending: Appending = { makesStream: true, producerAt: 0, sentAt: 0 };
  /** Walks over entries, for whoever runs a command. */
  readonly cursor: StreamCursor;
  /** Ids and text of the command at hand, for whoever runs it. */
  readonly id: Id = makeId();
  readonly otherId: Id = makeId();
  readonly edgeId: Id = makeId();
  readonly highestId: Id = makeId();
  readonly #sourceIds: Id[] = [];
  readonly idText = new IdText();
  readonly references: StreamReferences;
  readonly trimmer: StreamTrimmer;
  readonly limits: Limits;
  /** Guards by the streams they look after; null while there are none. */
  guards: ReadonlyMap<Ref, StreamGuard> | null = null;
  readonly #reader: EntryReader;
  readonly #master: Id = makeId();
  readonly #freeNode: (node: Ref) => void;

  constructor(entries: Entries, limits: Limits) {
    this.entries = entries;
    this.arena = entries.arena;
    this.limits = limits;
    this.words = new StreamWords(this.arena);
    this.nodes = new StreamNodes(this.arena);
    this.groups = new StreamGroups(this.arena);
    this.producers = new StreamProducers(this.arena);
    this.tree = new IdTree(this.arena);
    setHighest(this.highestId);
    this.cursor = new StreamCursor(this);
    this.references = new StreamReferences(this);
    this.trimmer = new StreamTrimmer(this, this.references);
    this.#reader = new EntryReader(this.arena);
    this.#freeNode = (node) => this.nodes.free(node);
  }

  /** A new entry of the keyspace with an empty stream. */
  createEntry(key: Uint8Array, at: number, length: number, clock: number): Ref {
    const ref = this.entries.create(key, at, length, KIND_STREAM, clock, HAS_WORDS, 0);
    this.entries.writeWords(ref, this.#create(), 0);
    return ref;
  }

  /** The id of source `i` of the command at hand, for whoever reads several streams. */
  sourceId(i: number): Id {
    const id = this.#sourceIds[i] ?? makeId();
    this.#sourceIds[i] = id;
    return id;
  }

  /** The stream of an entry; all calls below take this. */
  of(ref: Ref): Ref {
    return this.entries.wordLow(ref);
  }

  /** Number of entries. */
  length(stream: Ref): number {
    return this.words.get(stream, LENGTH);
  }

  readLastId(stream: Ref, into: Id): void {
    this.words.readId(stream, LAST_ID, into);
  }

  setLastId(stream: Ref, id: Id): void {
    this.words.writeId(stream, LAST_ID, id);
  }

  compareLastId(stream: Ref, id: Id): number {
    return this.words.compareId(stream, LAST_ID, id);
  }

  readMaxDeletedId(stream: Ref, into: Id): void {
    this.words.readId(stream, MAX_DELETED_ID, into);
  }

  setMaxDeletedId(stream: Ref, id: Id): void {
    this.words.writeId(stream, MAX_DELETED_ID, id);
  }

  /** The id of the first entry, 0-0 if there is none. */
  readFirstId(stream: Ref, into: Id): void {
    this.words.readId(stream, FIRST_ID, into);
  }

  compareFirstId(stream: Ref, id: Id): number {
    return this.words.compareId(stream, FIRST_ID, id);
  }

  /** How many entries were ever added. */
  entriesAdded(stream: Ref): bigint {
    return this.words.int64(stream, ENTRIES_ADDED);
  }

  setEntriesAdded(stream: Ref, count: bigint): void {
    this.words.setInt64(stream, ENTRIES_ADDED, count);
  }

  /** Whether an entry was ever added. */
  hasAdded(stream: Ref): boolean {
    return (this.words.get(stream, ENTRIES_ADDED) | this.words.get(stream, ENTRIES_ADDED + 1)) !== 0;
  }

  /** Whether XDEL took an entry that is not older than the first one and not below this id. */
  hasGapFrom(stream: Ref, id: Id): boolean {
    const { words } = this;
    if (this.length(stream) === 0) return false;
    words.readId(stream, MAX_DELETED_ID, this.#master);
    if (isLowest(this.#master) || this.compareFirstId(stream, this.#master) > 0) return false;
    return compareIds(id, this.#master) <= 0;
  }

  /**
   * How many entries were ever added up to an id, where that can be told: for the last id, for the first entry and what is
   * below it as long as none was taken out behind that, and for an empty stream. UNKNOWN_READ otherwise.
   */
  addedUpTo(stream: Ref, id: Id): bigint {
    const { words } = this;
    const added = this.entriesAdded(stream);
    const order = this.compareLastId(stream, id);
    const length = this.length(stream);
    if (added === 0n || order === 0 || (length === 0 && order > 0)) return added;
    if (order < 0) return UNKNOWN_READ;
    const first = this.compareFirstId(stream, id);
    words.readId(stream, MAX_DELETED_ID, this.#master);
    const isWhole = isLowest(this.#master) || this.compareFirstId(stream, this.#master) > 0;
    if (!isWhole || first < 0) return UNKNOWN_READ;
    return added - BigInt(length) + (first === 0 ? 1n : 0n);
  }

  /** The tree of groups, for the calls of `groups`. */
  groupsOf(stream: Ref): Ref {
    return stream + (GROUPS >> 1);
  }

  /** What is known of the stream's producers, for the calls of `producers`; 0 if nothing. */
  producersOf(stream: Ref): Ref {
    return this.words.get(stream, PRODUCERS);
  }

  /** Like `producersOf`, with a new record if there is none. */
  recordOf(stream: Ref): Ref {
    const known = this.producersOf(stream);
    if (known !== 0) return known;
    const { streamIdmpDuration, streamIdmpMaxsize } = this.limits;
    const record = this.producers.create(streamIdmpDuration, streamIdmpMaxsize);
    this.words.set(stream, PRODUCERS, record);
    return record;
  }

  /** Appends an entry with what `fields` says under an id above the last one; false: it is too long, and nothing was done. */
  append(stream: Ref, id: Id): boolean {
    const { fields, nodes, tree } = this;
    const last = tree.readLast(stream, this.#master);
    if (last !== 0 && this.guards !== null) this.beforeChange(stream, this.#master);
    const bytesMax = this.#nodeBytesMax();
    const { streamNodeMaxEntries } = this.limits;
    if (last === 0 || !nodes.appendInRoom(last, this.#master, id, fields, bytesMax, streamNodeMaxEntries)) {
      const textBytes = textBytesOf(fields);
      if (textBytes > NODE_BYTES_MAX) return false;
      this.#appendBeyond(stream, id, textBytes, bytesMax);
    }
    const words = this.arena.u32[stream >>> CHUNK_SHIFT]!;
    const at = (stream & UNIT_MASK) << 1;
    const length = words[at + LENGTH]! + 1;
    words[at + LENGTH] = length;
    writeIdAt(words, at + LAST_ID, id);
    if (length === 1) writeIdAt(words, at + FIRST_ID, id);
    this.words.increment(stream, ENTRIES_ADDED);
    return true;
  }

  /** Appends an entry for which the last node must grow, or which gets a node of its own. */
  #appendBeyond(stream: Ref, id: Id, textBytes: number, bytesMax: number): void {
    const { fields, nodes, tree } = this;
    const node = this.#openNode(stream, textBytes, bytesMax);
    if (node === 0) {
      tree.insert(stream, id, nodes.append(nodes.create(fields), id, id, fields, bytesMax));
      return;
    }
    tree.readId(this.#master);
    const next = nodes.append(node, this.#master, id, fields, bytesMax);
    if (next !== node) tree.value = next;
  }

  /** Whether there is an entry of this id. */
  has(stream: Ref, id: Id): boolean {
    return this.#find(stream, id);
  }

  /**
   * Takes an entry out, as XDEL does: the highest id taken is remembered. False if there is none. Call `updateFirstId`
   * after the last one.
   */
  remove(stream: Ref, id: Id): boolean {
    if (!this.#find(stream, id)) return false;
    this.#removeFound(stream);
    if (this.words.compareId(stream, MAX_DELETED_ID, id) < 0) this.setMaxDeletedId(stream, id);
    return true;
  }

  /** Takes an entry, which is there, out for being old. */
  removeTrimmed(stream: Ref, id: Id): void {
    if (this.#find(stream, id)) this.#removeFound(stream);
  }

  /** Notes which entry is the first one, after entries went. */
  updateFirstId(stream: Ref): void {
    const id = this.#master;
    this.readEdge(stream, true, id);
    this.words.writeId(stream, FIRST_ID, id);
  }

  /** The id of the first or last entry; 0-0 if there is none. */
  readEdge(stream: Ref, first: boolean, into: Id): void {
    const { tree } = this;
    const reader = this.#reader;
    let more = first ? tree.seekFirst(stream) : tree.seekLast(stream);
    for (; more; more = first ? tree.next() : tree.previous()) {
      this.#openReader();
      let found = first ? reader.toFirst() : reader.toLast();
      while (found && reader.deleted) found = first ? reader.next() : reader.previous();
      if (!found) continue;
      copyId(reader.id, into);
      return;
    }
    setLowest(into);
  }

  /** Removes the whole node at the cursor of `tree`, whose master id is given; the cursor is void. */
  dropNode(stream: Ref, master: Id): void {
    if (this.guards !== null) this.beforeChange(stream, master);
    const node = this.tree.remove(stream, master);
    this.words.set(stream, LENGTH, this.length(stream) - this.nodes.liveEntries(node));
    this.nodes.free(node);
  }

  /** Has the guard see a node, whose master id is given, before entries of it are flagged or added. */
  beforeChange(stream: Ref, master: Id): void {
    this.guards?.get(stream)?.before(master);
  }

  /** Counts entries of the node at the cursor of `tree` that were flagged as deleted. */
  countDeleted(stream: Ref, entries: number): void {
    const node = this.tree.value;
    const next = this.nodes.countDeleted(node, entries);
    if (next !== node) this.tree.value = next;
    this.words.set(stream, LENGTH, this.length(stream) - entries);
  }

  /** Opens a reader on the node at the cursor of `tree`. */
  openReader(reader: EntryReader): void {
    this.tree.readId(reader.master);
    reader.open(this.tree.value);
  }

  /** Gives a group up: an entry in no table that holds nothing else, to be disposed of. */
  orphan(stream: Ref, group: Ref): Ref {
    const ref = this.createEntry(NO_BYTES, 0, 0, 0);
    this.groups.detach(this.groupsOf(stream), group);
    this.groups.attach(this.groupsOf(this.of(ref)), group);
    return ref;
  }

  /** Streams stay where they are: nodes and groups refer to one another in too many ways. */
  moveBlocks(): number {
    return 0;
  }

  effort(ref: Ref): number {
    const stream = this.of(ref);
    const record = this.producersOf(stream);
    const ofProducers = record === 0 ? 0 : this.producers.effort(record);
    return 1 + this.tree.count(stream) + this.groups.effort(this.groupsOf(stream)) + ofProducers;
  }

  freeSome(ref: Ref, blocks: number): boolean {
    const stream = this.of(ref);
    const nodes = this.tree.count(stream);
    if (!this.tree.freeSome(stream, blocks, this.#freeNode)) return false;
    if (!this.groups.freeSome(this.groupsOf(stream), blocks - nodes)) return false;
    if (!this.#freeProducers(stream, blocks)) return false;
    this.arena.free(stream, RECORD_BYTES);
    return true;
  }

  copyValue(from: Ref, to: Ref): void {
    const source = this.of(from);
    const target = this.#create();
    this.words.copy(source, target, LAST_ID, GROUPS - LAST_ID);
    this.words.set(target, LENGTH, this.length(source));
    const { tree } = this;
    const copies = new IdTree(this.arena);
    for (let more = tree.seekFirst(source); more; more = tree.next()) {
      tree.readId(this.#master);
      copies.insert(target, this.#master, this.nodes.copy(tree.value));
    }
    this.groups.copyAll(this.groupsOf(source), this.groupsOf(target));
    const record = this.producersOf(source);
    if (record !== 0) this.words.set(target, PRODUCERS, this.producers.copy(record));
    this.entries.writeWords(to, target, 0);
  }

  outsideBytes(ref: Ref, samples: number): number {
    const { arena, nodes, tree } = this;
    const stream = this.of(ref);
    const count = tree.count(stream);
    const looked = samples === 0 ? count : Math.min(samples, count);
    let nodeBytes = 0;
    let more = tree.seekFirst(stream);
    for (let i = 0; more && i < looked; i++) {
      nodeBytes += arena.usableBytes(nodes.blockBytes(tree.value));
      more = tree.next();
    }
    if (looked > 0) nodeBytes = Math.round((nodeBytes * count) / looked);
    const own = arena.usableBytes(RECORD_BYTES) + tree.nodeBytes(stream);
    const record = this.producersOf(stream);
    const ofProducers = record === 0 ? 0 : this.producers.bytes(record);
    return own + nodeBytes + this.groups.bytes(this.groupsOf(stream)) + ofProducers;
  }

  /** Walks a stream and throws on a broken invariant. */
  check(ref: Ref): void {
    const stream = this.of(ref);
    const { nodes, tree } = this;
    tree.check(stream);
    let live = 0;
    for (let more = tree.seekFirst(stream); more; more = tree.next()) {
      nodes.check(tree.value);
      live += this.#checkEntries(tree.value);
    }
    if (live !== this.length(stream)) throw new Error(`stream: ${live} entries stand`);
    this.readEdge(stream, true, this.#master);
    if (this.compareFirstId(stream, this.#master) !== 0) throw new Error('stream: another entry is first');
    this.groups.check(this.groupsOf(stream));
    const record = this.producersOf(stream);
    if (record !== 0) this.producers.check(record);
  }

  #freeProducers(stream: Ref, blocks: number): boolean {
    const record = this.producersOf(stream);
    if (record === 0) return true;
    if (this.producers.forgetSome(record, blocks) === blocks) return false;
    this.producers.free(record);
    return true;
  }

  #checkEntries(node: Ref): number {
    const reader = this.#reader;
    this.#openReader();
    let live = 0;
    let all = 0;
    for (let more = reader.toFirst(); more; more = reader.next()) {
      all++;
      if (!reader.deleted) live++;
    }
    if (live !== this.nodes.liveEntries(node) || all - live !== this.nodes.deletedEntries(node))
      throw new Error('stream: a node counts its entries wrongly');
    for (let more = reader.toLast(); more; more = reader.previous()) all--;
    if (all !== 0 || live === 0) throw new Error('stream: a node without entries, or a broken one');
    return live;
  }

  #create(): Ref {
    const stream = this.arena.alloc(RECORD_BYTES);
    this.words.clear(stream, RECORD_WORDS);
    return stream;
  }

  #nodeBytesMax(): number {
    const bytes = this.limits.streamNodeMaxBytes;
    return bytes === 0 || bytes > NODE_BYTES_MAX ? NODE_BYTES_MAX : bytes;
  }

  /** The last node, at the cursor, if it may take `bytes` more of text, else 0. */
  #openNode(stream: Ref, bytes: number, bytesMax: number): Ref {
    const { nodes, tree } = this;
    if (!tree.seekLast(stream)) return 0;
    const node = tree.value;
    const entriesMax = this.limits.streamNodeMaxEntries;
    const isFull =
      nodes.listpackBytes(node) + bytes >= bytesMax ||
      (entriesMax > 0 && nodes.liveEntries(node) + nodes.deletedEntries(node) >= entriesMax);
    if (!isFull) return node;
    const next = nodes.trim(node);
    if (next !== node) tree.value = next;
    return 0;
  }

  #openReader(): void {
    this.openReader(this.#reader);
  }

  /** Finds a live entry: the cursor of `tree` is on its node, the reader on itself. */
  #find(stream: Ref, id: Id): boolean {
    if (!this.tree.seekAtMost(stream, id)) return false;
    const reader = this.#reader;
    this.#openReader();
    if (!reader.toFirst() || !reader.skipTo(id)) return false;
    return !reader.deleted && compareIds(reader.id, id) === 0;
  }

  #removeFound(stream: Ref): void {
    const { nodes, tree } = this;
    const node = tree.value;
    if (nodes.liveEntries(node) === 1) {
      this.dropNode(stream, this.#reader.master);
      return;
    }
    if (this.guards !== null) this.beforeChange(stream, this.#reader.master);
    nodes.flagDeleted(node, this.#reader.entryAt);
    this.countDeleted(stream, 1);
  }
}

/** Bytes of all names and values. */
function textBytesOf({ pairs, first, count }: Fields): number {
  let bytes = 0;
  for (let i = 0; i < 2 * count; i++) bytes += pairs[first + 2 * i + 1]!;
  return bytes;
}
