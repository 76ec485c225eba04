// What producers of a stream sent lately (XADD with IDMP or IDMPAUTO), so that an entry that is sent again is not added again.
//
//   record:     producers by name (radix tree, 2 words) | seconds that ids are known | ids of each producer at most
//               | ids ever added: int64 | duplicates: int64 | oldest, newest sent id | ids known | 0
//   producer:   sent ids by name (radix tree, 2 words) | oldest, newest sent id | name bytes | 0 | name
//   sent id:    id of the entry (4 words) | producer | next of the producer | previous, next of all | name bytes | 0 | name
//
//   record ──▶ oldest ⇄ … ⇄ newest          all sent ids in the order in which they came
//   producer ─▶ oldest ─▶ … ─▶ newest       those of one producer, in the same order
//
// The ids of entries grow, so what has become too old stands at the front. It is dropped when the next entry is sent to the
// stream by whomever, which bounds what a stream keeps without a timer; until then it only counts as gone.
import type { Arena, Ref } from '../arena/arena.ts';
import { RadixTree } from '../structs/radix_tree.ts';
import { type Id, makeId, msOf } from '../structs/stream_id.ts';
import { type Name, StreamWords } from './stream_words.ts';

/** Words of a record. */
const SECONDS = 2;
const IDS_MAX = 3;
const ADDED = 4;
const DUPLICATES = 6;
const OLDEST = 8;
const NEWEST = 9;
const KNOWN = 10;
const RECORD_WORDS = 12;
const RECORD_BYTES = RECORD_WORDS << 2;
/** Words of a producer. */
const FIRST = 2;
const LAST = 3;
const PRODUCER_NAME = 4;
/** Words of a sent id. */
const PRODUCER = 4;
const NEXT_OF_PRODUCER = 5;
const PREVIOUS = 6;
const NEXT = 7;
const SENT_NAME = 8;

export class StreamProducers {
  readonly arena: Arena;
  readonly words: StreamWords;
  /** Whether anything was ever recorded. */
  hasRecorded = false;
  readonly #names: RadixTree;
  readonly #ids: RadixTree;
  readonly #id: Id = makeId();

  constructor(arena: Arena) {
    this.arena = arena;
    this.words = new StreamWords(arena);
    this.#names = new RadixTree(arena);
    this.#ids = new RadixTree(arena);
  }

  /** A record of nobody: ids are known for `seconds`, the newest `idsMax` of each producer. */
  create(seconds: number, idsMax: number): Ref {
    const record = this.arena.alloc(RECORD_BYTES);
    this.words.clear(record, RECORD_WORDS);
    this.words.set(record, SECONDS, seconds);
    this.words.set(record, IDS_MAX, idsMax);
    this.hasRecorded = true;
    return record;
  }

  seconds(record: Ref): number {
    return this.words.get(record, SECONDS);
  }

  idsMax(record: Ref): number {
    return this.words.get(record, IDS_MAX);
  }

  /** Sets for how long, and how many ids of each producer are known. If that is new, all are forgotten. */
  configure(record: Ref, seconds: number, idsMax: number): void {
    if (seconds === this.seconds(record) && idsMax === this.idsMax(record)) return;
    this.words.set(record, SECONDS, seconds);
    this.words.set(record, IDS_MAX, idsMax);
    this.forgetSome(record, Number.POSITIVE_INFINITY);
  }

  /** Entries ever added with an id of their producer. */
  added(record: Ref): bigint {
    return this.words.int64(record, ADDED);
  }

  setAdded(record: Ref, count: bigint): void {
    this.words.setInt64(record, ADDED, count);
  }

  countAdded(record: Ref): void {
    this.words.increment(record, ADDED);
  }

  /** Entries that were not added since they had been before. */
  duplicates(record: Ref): bigint {
    return this.words.int64(record, DUPLICATES);
  }

  setDuplicates(record: Ref, count: bigint): void {
    this.words.setInt64(record, DUPLICATES, count);
  }

  countDuplicate(record: Ref): void {
    this.words.increment(record, DUPLICATES);
  }

  /** What a producer sent under this name, or 0. */
  find(record: Ref, producer: Name, sent: Name): Ref {
    const owner = this.#names.find(record, producer.u8, producer.at, producer.length);
    return owner === 0 ? 0 : this.#ids.find(owner, sent.u8, sent.at, sent.length);
  }

  /** The id of the entry that was added for a sent id. */
  readId(sent: Ref, into: Id): void {
    this.words.readId(sent, 0, into);
  }

  /** Whether a sent id is still known at `nowMs`. */
  isKnown(record: Ref, sent: Ref, nowMs: number): boolean {
    this.readId(sent, this.#id);
    return msOf(this.#id) > nowMs - 1000 * this.seconds(record);
  }

  /** Notes that a producer sent an id and which entry it became, in the place of what was known of that id. */
  note(record: Ref, producer: Name, sent: Name, id: Id): void {
    const { words } = this;
    const known = this.find(record, producer, sent);
    if (known !== 0) {
      words.writeId(known, 0, id);
      return;
    }
    const found = this.#names.find(record, producer.u8, producer.at, producer.length);
    const owner = found === 0 ? this.#newProducer(producer) : found;
    const ref = words.createNamed(SENT_NAME, sent.u8, sent.at, sent.length);
    words.writeId(ref, 0, id);
    words.set(ref, PRODUCER, owner);
    words.set(ref, NEXT_OF_PRODUCER, 0);
    this.#ids.insert(owner, sent.u8, sent.at, sent.length, ref);
    // All memory has been had before anything leads to the new blocks.
    if (found === 0) this.#names.insert(record, producer.u8, producer.at, producer.length, owner);
    this.#link(record, owner, ref);
    if (this.#ids.count(owner) > this.idsMax(record)) this.#forget(record, words.get(owner, FIRST));
  }

  /** Forgets what is no longer known at `nowMs`, as far as it stands in front. */
  forgetOld(record: Ref, nowMs: number): void {
    for (;;) {
      const oldest = this.words.get(record, OLDEST);
      if (oldest === 0 || this.isKnown(record, oldest, nowMs)) return;
      this.#forget(record, oldest);
    }
  }

  /** Forgets up to `count` sent ids, the oldest first; how many there were to forget. */
  forgetSome(record: Ref, count: number): number {
    let forgotten = 0;
    for (; forgotten < count; forgotten++) {
      const oldest = this.words.get(record, OLDEST);
      if (oldest === 0) break;
      this.#forget(record, oldest);
    }
    return forgotten;
  }

  /** Producers and sent ids that are known at `nowMs`. */
  counts(record: Ref, nowMs: number): { producers: number; ids: number } {
    const names = this.#names;
    let producers = 0;
    for (let more = names.seekFirst(record); more; more = names.next())
      if (this.#isActive(record, names.value, nowMs)) producers++;
    let ids = this.words.get(record, KNOWN);
    for (let sent = this.words.get(record, OLDEST); sent !== 0; sent = this.words.get(sent, NEXT)) {
      if (this.isKnown(record, sent, nowMs)) break;
      ids--;
    }
    return { producers, ids };
  }

  /** Whether a producer has an id that is known. */
  #isActive(record: Ref, owner: Ref, nowMs: number): boolean {
    const last = this.words.get(owner, LAST);
    return last !== 0 && this.isKnown(record, last, nowMs);
  }

  /** Number of producers, those included whose ids are too old. */
  count(record: Ref): number {
    return this.#names.count(record);
  }

  /** Calls back for each producer, and for each of its sent ids in their order. */
  forEach(
    record: Ref,
    onProducer: (name: Name, ids: number) => void,
    onSent: (name: Name, sent: Ref) => void,
  ): void {
    const names = this.#names;
    for (let more = names.seekFirst(record); more; more = names.next()) {
      const owner = names.value;
      onProducer(this.words.nameOf(owner, PRODUCER_NAME), this.#ids.count(owner));
      for (let sent = this.words.get(owner, FIRST); sent !== 0; sent = this.words.get(sent, NEXT_OF_PRODUCER))
        onSent(this.words.nameOf(sent, SENT_NAME), sent);
    }
  }

  /** About how many blocks a record has. */
  effort(record: Ref): number {
    return 1 + this.words.get(record, KNOWN);
  }

  /** Frees a record, of which nothing may be known any more. */
  free(record: Ref): void {
    this.arena.free(record, RECORD_BYTES);
  }

  copy(record: Ref): Ref {
    const { words } = this;
    const copy = this.create(this.seconds(record), this.idsMax(record));
    words.copy(record, copy, ADDED, OLDEST - ADDED);
    const id = makeId();
    for (let sent = words.get(record, OLDEST); sent !== 0; sent = words.get(sent, NEXT)) {
      this.readId(sent, id);
      const producer = this.words.nameOf(words.get(sent, PRODUCER), PRODUCER_NAME);
      this.note(copy, ownBytes(producer), ownBytes(this.words.nameOf(sent, SENT_NAME)), id);
    }
    return copy;
  }

  /** Bytes of a record and all that it leads to. */
  bytes(record: Ref): number {
    const { arena, words } = this;
    const names = this.#names;
    let bytes = arena.usableBytes(RECORD_BYTES) + names.nodeBytes(record);
    for (let more = names.seekFirst(record); more; more = names.next()) {
      const owner = names.value;
      bytes += arena.usableBytes(this.words.namedBytes(owner, PRODUCER_NAME)) + this.#ids.nodeBytes(owner);
    }
    for (let sent = words.get(record, OLDEST); sent !== 0; sent = words.get(sent, NEXT))
      bytes += arena.usableBytes(this.words.namedBytes(sent, SENT_NAME));
    return bytes;
  }

  /** Walks a record and throws on a broken invariant. */
  check(record: Ref): void {
    const { words } = this;
    this.#names.check(record);
    let known = 0;
    let previous = 0;
    for (let sent = words.get(record, OLDEST); sent !== 0; sent = words.get(sent, NEXT)) {
      if (words.get(sent, PREVIOUS) !== previous) throw new Error('stream: sent ids are not linked');
      previous = sent;
      known++;
    }
    if (previous !== words.get(record, NEWEST)) throw new Error('stream: another sent id is the newest');
    if (known !== words.get(record, KNOWN)) throw new Error(`stream: ${known} sent ids stand`);
    this.#checkProducers(record);
  }

  #checkProducers(record: Ref): void {
    const { words } = this;
    const names = this.#names;
    let known = 0;
    for (let more = names.seekFirst(record); more; more = names.next()) {
      const owner = names.value;
      this.#ids.check(owner);
      let ids = 0;
      for (let sent = words.get(owner, FIRST); sent !== 0; sent = words.get(sent, NEXT_OF_PRODUCER)) {
        const { u8, at, length } = this.words.nameOf(sent, SENT_NAME);
        const isOwn = words.get(sent, PRODUCER) === owner && this.#ids.find(owner, u8, at, length) === sent;
        if (!isOwn) throw new Error('stream: a producer does not know its id');
        ids++;
      }
      if (ids !== this.#ids.count(owner)) throw new Error('stream: a producer counts wrongly');
      known += ids;
    }
    if (known !== words.get(record, KNOWN)) throw new Error('stream: a sent id without a producer');
  }

  /** A producer without ids, which stands in no tree. */
  #newProducer(name: Name): Ref {
    const owner = this.words.createNamed(PRODUCER_NAME, name.u8, name.at, name.length);
    this.#ids.init(owner);
    this.words.set(owner, FIRST, 0);
    this.words.set(owner, LAST, 0);
    return owner;
  }

  /** Puts a sent id behind all others. */
  #link(record: Ref, owner: Ref, sent: Ref): void {
    const { words } = this;
    const newest = words.get(record, NEWEST);
    words.set(sent, PREVIOUS, newest);
    words.set(sent, NEXT, 0);
    if (newest === 0) words.set(record, OLDEST, sent);
    else words.set(newest, NEXT, sent);
    words.set(record, NEWEST, sent);
    const last = words.get(owner, LAST);
    if (last === 0) words.set(owner, FIRST, sent);
    else words.set(last, NEXT_OF_PRODUCER, sent);
    words.set(owner, LAST, sent);
    words.set(record, KNOWN, words.get(record, KNOWN) + 1);
  }

  /**
   * Forgets a sent id, which is the oldest of its producer; the producer goes with its last one, unless memory is short: then
   * it stays without any.
   */
  #forget(record: Ref, sent: Ref): void {
    const { arena, words } = this;
    const owner = words.get(sent, PRODUCER);
    const previous = words.get(sent, PREVIOUS);
    const next = words.get(sent, NEXT);
    const { u8, at, length } = this.words.nameOf(sent, SENT_NAME);
    this.#ids.remove(owner, u8, at, length);
    if (previous === 0) words.set(record, OLDEST, next);
    else words.set(previous, NEXT, next);
    if (next === 0) words.set(record, NEWEST, previous);
    else words.set(next, PREVIOUS, previous);
    words.set(record, KNOWN, words.get(record, KNOWN) - 1);
    const first = words.get(sent, NEXT_OF_PRODUCER);
    words.set(owner, FIRST, first);
    if (first === 0) words.set(owner, LAST, 0);
    arena.free(sent, this.words.namedBytes(sent, SENT_NAME));
    if (first !== 0) return;
    const name = this.words.nameOf(owner, PRODUCER_NAME);
    this.#names.remove(record, name.u8, name.at, name.length);
    arena.free(owner, this.words.namedBytes(owner, PRODUCER_NAME));
  }
}

/** A name in bytes of its own, for trees whose nodes may come to stand where the name is. */
function ownBytes({ u8, at, length }: Name): Name {
  return { u8: u8.slice(at, at + length), at: 0, length };
}
