// Consumer groups of streams: who reads, what was delivered, and what is still to be acknowledged.
//
//   group:      pending entries by id (tree, 4 words) | last delivered id (4) | entries read: int64 | consumers (radix tree, 2)
//               | entries released so far, 0 | name bytes | 0 | name
//   consumer:   pending entries by id (tree, 4 words) | seen: int64 ms | active: int64 ms, -1: never | name bytes | 0 | name
//   pending:    delivered: int64 ms | deliveries: int64 | consumer, 0: nobody's | when it was released (see `release`)
//
// A pending entry is one block, which the group's tree and the tree of the consumer both refer to. Groups stand in a radix
// tree of the stream, consumers in one of the group, so that both come out sorted by name. Everything stays in its place as
// long as it exists.
import type { Arena, Ref } from '../arena/arena.ts';
import { IdTree } from '../structs/id_tree.ts';
import { RadixTree } from '../structs/radix_tree.ts';
import { type Id, makeId } from '../structs/stream_id.ts';
import { type Name, StreamWords } from './stream_words.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;
const TWO_32 = 4294967296;

/** Words of a group. */
const GROUP_LAST_ID = 4;
const ENTRIES_READ = 8;
const CONSUMERS = 10;
const RELEASED = 12;
const GROUP_NAME = 14;
/** Words of a consumer. */
const SEEN = 4;
const ACTIVE = 6;
const CONSUMER_NAME = 8;
/** Words of a pending entry. */
const DELIVERED = 0;
const DELIVERIES = 2;
const OWNER = 4;
const RELEASE = 5;
const PENDING_BYTES = 24;
/** What `entriesRead` is while nobody knows. */
export const UNKNOWN_READ = -1n;
/** What deliveries are counted up to. */
export const DELIVERIES_MAX = 2n ** 63n - 1n;
/** What an entry that belongs to somebody has instead of the turn of its release: more than any turn. */
const NO_TURN = 2 ** 32;

export class StreamGroups {
  readonly arena: Arena;
  readonly words: StreamWords;
  /** Groups of a stream. */
  readonly names: RadixTree;
  /** Consumers of a group; its cursor is apart from that of `names`. */
  readonly consumers: RadixTree;
  /** Pending entries of a group. */
  readonly pending: IdTree;
  /** Pending entries of a consumer. */
  readonly owned: IdTree;
  /** Whether an entry was ever released. */
  hasReleased = false;
  readonly #id: Id = makeId();
  readonly #freePending: (pending: Ref) => void;

  constructor(arena: Arena) {
    this.arena = arena;
    this.words = new StreamWords(arena);
    this.names = new RadixTree(arena);
    this.consumers = new RadixTree(arena);
    this.pending = new IdTree(arena);
    this.owned = new IdTree(arena);
    this.#freePending = (pending) => this.arena.free(pending, PENDING_BYTES);
  }

  /** A new group under a name that is not taken in `groups` (the words of a stream's tree). */
  create(groups: Ref, name: Uint8Array, at: number, length: number, last: Id, entriesRead: bigint): Ref {
    const group = this.words.createNamed(GROUP_NAME, name, at, length);
    this.pending.init(group);
    this.consumers.init(consumersOf(group));
    this.words.writeId(group, GROUP_LAST_ID, last);
    this.words.setInt64(group, ENTRIES_READ, entriesRead);
    this.words.setNumber(group, RELEASED, 0);
    this.names.insert(groups, name, at, length, group);
    return group;
  }

  find(groups: Ref, name: Uint8Array, at: number, length: number): Ref {
    return this.names.find(groups, name, at, length);
  }

  /** Takes a group out of the tree it stands in; it is still to be freed. */
  detach(groups: Ref, group: Ref): void {
    const { u8, at, length } = this.words.nameOf(group, GROUP_NAME);
    this.names.remove(groups, u8, at, length);
  }

  /** Puts a detached group into the tree of another stream. */
  attach(groups: Ref, group: Ref): void {
    const { u8, at, length } = this.words.nameOf(group, GROUP_NAME);
    this.names.insert(groups, u8.slice(at, at + length), 0, length, group);
  }

  /** Number of pending entries. */
  pendingCount(holder: Ref): number {
    return this.pending.count(holder);
  }

  consumerCount(group: Ref): number {
    return this.consumers.count(consumersOf(group));
  }

  /** The id of the last entry that was delivered to somebody. */
  readLastId(group: Ref, into: Id): void {
    this.words.readId(group, GROUP_LAST_ID, into);
  }

  setLastId(group: Ref, id: Id): void {
    this.words.writeId(group, GROUP_LAST_ID, id);
  }

  compareLastId(group: Ref, id: Id): number {
    return this.words.compareId(group, GROUP_LAST_ID, id);
  }

  /** How many entries of the stream the group has read, as far as is known. */
  entriesRead(group: Ref): bigint {
    return this.words.int64(group, ENTRIES_READ);
  }

  setEntriesRead(group: Ref, value: bigint): void {
    this.words.setInt64(group, ENTRIES_READ, value);
  }

  isReadKnown(group: Ref): boolean {
    return this.words.get(group, ENTRIES_READ + 1) !== 0xffffffff;
  }

  /** Counts some entries, below 2^32, as read; the number read so far is known. */
  countRead(group: Ref, entries: number): void {
    this.words.add(group, ENTRIES_READ, entries);
  }

  findConsumer(group: Ref, name: Uint8Array, at: number, length: number): Ref {
    return this.consumers.find(consumersOf(group), name, at, length);
  }

  /** A new consumer, whose name is not taken, seen at `nowMs`. */
  createConsumer(group: Ref, name: Uint8Array, at: number, length: number, nowMs: number): Ref {
    const consumer = this.words.createNamed(CONSUMER_NAME, name, at, length);
    this.owned.init(consumer);
    this.words.setNumber(consumer, SEEN, nowMs);
    this.words.setNumber(consumer, ACTIVE, -1);
    this.consumers.insert(consumersOf(group), name, at, length, consumer);
    return consumer;
  }

  seenMs(consumer: Ref): number {
    return this.words.number(consumer, SEEN);
  }

  /** Notes that a consumer tried something. */
  see(consumer: Ref, nowMs: number): void {
    this.words.setNumber(consumer, SEEN, nowMs);
  }

  /** When a consumer last got or claimed entries; -1: never. */
  activeMs(consumer: Ref): number {
    return this.words.number(consumer, ACTIVE);
  }

  /** Notes that a consumer got or claimed entries. */
  activate(consumer: Ref, nowMs: number): void {
    this.words.setNumber(consumer, ACTIVE, nowMs);
  }

  /** Frees a consumer with its pending entries. */
  dropConsumer(group: Ref, consumer: Ref): void {
    while (this.owned.seekFirst(consumer)) {
      this.owned.readId(this.#id);
      this.acknowledge(group, this.#id);
    }
    this.#forgetConsumer(group, consumer);
  }

  /** Puts the cursor of `consumers` on the first one of a group; `consumers.next()` goes on. */
  firstConsumer(group: Ref): boolean {
    return this.consumers.seekFirst(consumersOf(group));
  }

  groupName(group: Ref): Name {
    return this.words.nameOf(group, GROUP_NAME);
  }

  consumerName(consumer: Ref): Name {
    return this.words.nameOf(consumer, CONSUMER_NAME);
  }

  /** Adds a pending entry, known to be absent, delivered at `nowMs` for the first time; consumer 0: it is nobody's. */
  addPending(group: Ref, consumer: Ref, id: Id, nowMs: number): Ref {
    const pending = this.arena.alloc(PENDING_BYTES);
    const words = this.arena.u32[pending >>> CHUNK_SHIFT]!;
    const at = (pending & UNIT_MASK) << 1;
    words[at + DELIVERED] = nowMs >>> 0;
    words[at + DELIVERED + 1] = Math.floor(nowMs / TWO_32);
    words[at + DELIVERIES] = 1;
    words[at + DELIVERIES + 1] = 0;
    words[at + OWNER] = consumer;
    words[at + RELEASE] = 0;
    this.pending.insert(group, id, pending);
    try {
      if (consumer !== 0) this.owned.insert(consumer, id, pending);
    } catch (error) {
      // Out of memory: what the consumer does not know the group must not know either.
      this.pending.remove(group, id);
      this.#freePending(pending);
      throw error;
    }
    return pending;
  }

  /** Makes a pending entry nobody's: it may be claimed at once, after those that were released before it. */
  release(group: Ref, pending: Ref, id: Id): void {
    const owner = this.owner(pending);
    if (owner !== 0) this.owned.remove(owner, id);
    const turn = (this.words.get(group, RELEASED) + 1) >>> 0;
    this.words.set(group, RELEASED, turn);
    this.words.set(pending, OWNER, 0);
    this.words.set(pending, RELEASE, turn);
    this.setDelivered(pending, 0);
    this.hasReleased = true;
  }

  /** How an entry stands among those delivered at the same time: released ones come first, in turn. */
  turn(pending: Ref): number {
    return this.owner(pending) === 0 ? this.words.get(pending, RELEASE) : NO_TURN;
  }

  /** Pending entries that are nobody's, in the order of their release. */
  released(group: Ref): Id[] {
    const found: { id: Id; turn: number }[] = [];
    if (this.releasedCount(group) === 0) return [];
    for (let more = this.pending.seekFirst(group); more; more = this.pending.next()) {
      if (this.owner(this.pending.value) !== 0) continue;
      const id = makeId();
      this.pending.readId(id);
      found.push({ id, turn: this.turn(this.pending.value) });
    }
    return found.sort((a, b) => a.turn - b.turn).map(({ id }) => id);
  }

  /** How many pending entries are nobody's. */
  releasedCount(group: Ref): number {
    if (this.words.get(group, RELEASED) === 0) return 0;
    let count = this.pendingCount(group);
    for (let more = this.firstConsumer(group); more; more = this.consumers.next())
      count -= this.pendingCount(this.consumers.value);
    return count;
  }

  /** Makes an entry pending for a consumer who just got it; another consumer, whose it was, loses it. */
  deliver(group: Ref, consumer: Ref, id: Id, nowMs: number): void {
    const known = this.pending.seekLast(group) && this.pending.compareHere(id) >= 0;
    const pending = known ? this.findPending(group, id) : 0;
    if (pending === 0) {
      this.addPending(group, consumer, id, nowMs);
      return;
    }
    this.giveTo(pending, consumer, id);
    this.setDelivered(pending, nowMs);
    this.words.setNumber(pending, DELIVERIES, 1);
  }

  /** The pending entry of an id, or 0; the cursor of `pending` is on it. */
  findPending(group: Ref, id: Id): Ref {
    return this.pending.find(group, id);
  }

  /** Takes a pending entry away; false if there is none. */
  acknowledge(group: Ref, id: Id): boolean {
    const pending = this.pending.remove(group, id);
    if (pending === 0) return false;
    const owner = this.owner(pending);
    if (owner !== 0) this.owned.remove(owner, id);
    this.arena.free(pending, PENDING_BYTES);
    return true;
  }

  /** The consumer whose a pending entry is; 0: nobody's. */
  owner(pending: Ref): Ref {
    return this.words.get(pending, OWNER);
  }

  /** Gives a pending entry to a consumer, who may have it already. */
  giveTo(pending: Ref, consumer: Ref, id: Id): void {
    const owner = this.owner(pending);
    if (owner === consumer) return;
    this.owned.insert(consumer, id, pending);
    if (owner !== 0) this.owned.remove(owner, id);
    this.words.set(pending, OWNER, consumer);
  }

  deliveredMs(pending: Ref): number {
    return this.words.number(pending, DELIVERED);
  }

  setDelivered(pending: Ref, ms: number): void {
    this.words.setNumber(pending, DELIVERED, ms);
  }

  deliveries(pending: Ref): bigint {
    return this.words.int64(pending, DELIVERIES);
  }

  setDeliveries(pending: Ref, count: bigint): void {
    this.words.setInt64(pending, DELIVERIES, count);
  }

  countDelivery(pending: Ref): void {
    if (this.deliveries(pending) < DELIVERIES_MAX) this.words.increment(pending, DELIVERIES);
  }

  /** About how many blocks the groups of a stream have. */
  effort(groups: Ref): number {
    let blocks = 0;
    for (let more = this.names.seekFirst(groups); more; more = this.names.next()) {
      blocks += 1 + this.pendingCount(this.names.value) + this.consumerCount(this.names.value);
    }
    return blocks;
  }

  /** Frees about `blocks` blocks of all groups of a stream; true when none is left. */
  freeSome(groups: Ref, blocks: number): boolean {
    let left = blocks;
    while (this.names.seekFirst(groups)) {
      const group = this.names.value;
      const pending = this.pendingCount(group);
      if (!this.pending.freeSome(group, left, this.#freePending)) return false;
      left -= pending;
      while (this.firstConsumer(group)) {
        const consumer = this.consumers.value;
        const owned = this.pendingCount(consumer);
        if (left <= 0 || !this.owned.freeSome(consumer, left, keep)) return false;
        left -= owned + 1;
        this.#forgetConsumer(group, consumer);
      }
      this.detach(groups, group);
      this.arena.free(group, this.words.namedBytes(group, GROUP_NAME));
    }
    return true;
  }

  /** Gives a stream without groups copies of those of another one. */
  copyAll(from: Ref, to: Ref): void {
    for (const group of valuesOf(this.names, from)) {
      const { u8, at, length } = this.groupName(group);
      this.words.readId(group, GROUP_LAST_ID, this.#id);
      const copy = this.create(to, u8.slice(at, at + length), 0, length, this.#id, this.entriesRead(group));
      for (const consumer of valuesOf(this.consumers, consumersOf(group))) this.#copyConsumer(consumer, copy);
      this.#copyReleased(group, copy);
    }
  }

  /** Bytes of all groups of a stream. */
  bytes(groups: Ref): number {
    const { arena, names } = this;
    let bytes = names.nodeBytes(groups);
    for (let more = names.seekFirst(groups); more; more = names.next()) {
      const group = names.value;
      bytes += arena.usableBytes(this.words.namedBytes(group, GROUP_NAME)) + this.pending.nodeBytes(group);
      bytes += PENDING_BYTES * this.pendingCount(group) + this.consumers.nodeBytes(consumersOf(group));
      for (let other = this.firstConsumer(group); other; other = this.consumers.next()) {
        const consumer = this.consumers.value;
        bytes +=
          arena.usableBytes(this.words.namedBytes(consumer, CONSUMER_NAME)) + this.owned.nodeBytes(consumer);
      }
    }
    return bytes;
  }

  /** Walks all groups of a stream and throws on a broken invariant. */
  check(groups: Ref): void {
    this.names.check(groups);
    for (let more = this.names.seekFirst(groups); more; more = this.names.next()) {
      const group = this.names.value;
      this.pending.check(group);
      this.consumers.check(consumersOf(group));
      let owned = 0;
      for (let other = this.firstConsumer(group); other; other = this.consumers.next()) {
        owned += this.#checkConsumer(group, this.consumers.value);
      }
      for (let next = this.pending.seekFirst(group); next; next = this.pending.next())
        if (this.owner(this.pending.value) === 0) owned++;
      if (owned !== this.pendingCount(group)) throw new Error('stream: a pending entry without an owner');
    }
  }

  #checkConsumer(group: Ref, consumer: Ref): number {
    this.owned.check(consumer);
    for (let more = this.owned.seekFirst(consumer); more; more = this.owned.next()) {
      this.owned.readId(this.#id);
      if (this.findPending(group, this.#id) !== this.owned.value)
        throw new Error('stream: the group does not know a pending entry');
      if (this.owner(this.owned.value) !== consumer)
        throw new Error('stream: another consumer owns an entry');
    }
    return this.owned.count(consumer);
  }

  #copyConsumer(from: Ref, group: Ref): void {
    const { u8, at, length } = this.consumerName(from);
    const to = this.createConsumer(group, u8.slice(at, at + length), 0, length, this.seenMs(from));
    this.activate(to, this.activeMs(from));
    for (let more = this.owned.seekFirst(from); more; more = this.owned.next()) {
      this.owned.readId(this.#id);
      const pending = this.owned.value;
      const copy = this.arena.alloc(PENDING_BYTES);
      this.words.copy(pending, copy, 0, PENDING_BYTES >> 2);
      this.words.set(copy, OWNER, to);
      this.pending.insert(group, this.#id, copy);
      this.pending.insert(to, this.#id, copy);
    }
  }

  #copyReleased(from: Ref, to: Ref): void {
    for (const id of this.released(from)) {
      const deliveries = this.deliveries(this.findPending(from, id));
      const copy = this.addPending(to, 0, id, 0);
      this.setDeliveries(copy, deliveries);
      this.release(to, copy, id);
    }
  }

  #forgetConsumer(group: Ref, consumer: Ref): void {
    const { u8, at, length } = this.consumerName(consumer);
    this.consumers.remove(consumersOf(group), u8, at, length);
    this.arena.free(consumer, this.words.namedBytes(consumer, CONSUMER_NAME));
  }
}

/** The words of a group's tree of consumers. */
function consumersOf(group: Ref): Ref {
  return group + (CONSUMERS >> 1);
}

/** All values of a tree, for whoever changes others meanwhile. */
function valuesOf(tree: RadixTree, header: Ref): Ref[] {
  const values: Ref[] = [];
  for (let more = tree.seekFirst(header); more; more = tree.next()) values.push(tree.value);
  return values;
}

/** The pending entries of a consumer go with those of its group. */
function keep(): void {}
