// Reads streams in the RDB format: entries out of their nodes, then ids and counts, then groups with what is pending.
//
// Entries are appended one by one; what was only flagged as deleted is left out. Ids must rise, counts must be those of what is
// there, and every pending entry must belong to exactly one consumer, or be among those that were released.
import type { Ref } from '../arena/arena.ts';
import { copyBytes } from '../base/bytes.ts';
import { parseInt53, parseInt64, wordsToBigInt } from '../base/int64.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { type Id, makeId } from '../structs/stream_id.ts';
import { SENT_IDS_MAX, SENT_SECONDS_MAX } from '../types/limits.ts';
import { UNKNOWN_READ } from '../types/stream_group.ts';
import { DELETED, type Fields, SAME_FIELDS } from '../types/stream_node.ts';
import type { Name } from '../types/stream_words.ts';
import { PackedList } from './packed.ts';
import { RDB_STREAM, RDB_STREAM_3, RDB_STREAM_4, RDB_STREAM_5 } from './rdb_format.ts';
import type { RdbInput } from './rdb_input.ts';
import { PendingList } from './stream_pending.ts';

const ID_BYTES = 16;
/** What a node, a group, a consumer, a producer and what it sent take at least. */
const NODE_BYTES_MIN = 18;
const GROUP_BYTES_MIN = 5;
const CONSUMER_BYTES_MIN = 10;
const PRODUCER_BYTES_MIN = 2;
const SENT_BYTES_MIN = 3;
/** Elements of an entry besides its fields: flags and the id; and their number where it has names of its own. */
const HEAD_ELEMENTS = 3;

export class StreamReader {
  readonly #keyspace: Keyspace;
  readonly #pending: PendingList;
  /** Names and values of the entry at hand: those of the master entry first. */
  readonly #fields: Fields = { bytes: new Uint8Array(256), pairs: new Int32Array(64), first: 0, count: 0 };
  #textEnd = 0;
  #master = 0n;
  #masterMs = 0n;
  readonly #id: Id = makeId();

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.#pending = new PendingList(keyspace.streams.groups);
  }

  /** Fills the empty stream of an entry. */
  fill(input: RdbInput, kind: number, ref: Ref): void {
    const { streams } = this.#keyspace;
    const stream = streams.of(ref);
    for (let left = input.count(NODE_BYTES_MIN); left > 0; left--) this.#node(input, stream);
    const length = input.size();
    if (length !== streams.length(stream)) input.fail('wrong count of entries');
    const id = this.#id;
    this.#sizedId(input);
    if (streams.compareLastId(stream, id) > 0) input.fail('wrong last id');
    streams.setLastId(stream, id);
    if (kind !== RDB_STREAM) {
      this.#sizedId(input);
      this.#sizedId(input);
      if (streams.compareLastId(stream, id) < 0) input.fail('wrong id of a deleted entry');
      streams.setMaxDeletedId(stream, id);
      const added = this.#count(input);
      if (added < BigInt(length)) input.fail('wrong count of added entries');
      streams.setEntriesAdded(stream, added);
    }
    for (let left = input.count(GROUP_BYTES_MIN); left > 0; left--) this.#group(input, kind, stream);
    if (kind >= RDB_STREAM_4) this.#producers(input, stream);
  }

  #node(input: RdbInput, stream: Ref): void {
    input.string();
    if (input.textBytes !== ID_BYTES) input.fail('wrong id of a node');
    const view = new DataView(input.text.buffer, input.text.byteOffset + input.textAt, ID_BYTES);
    this.#masterMs = view.getBigUint64(0, false);
    this.#master = view.getBigUint64(8, false);
    input.string();
    const packed = new PackedList(input.text, input.textAt, input.textBytes);
    const live = integerOf(packed);
    const deleted = integerOf(packed);
    const names = this.#masterEntry(packed);
    let found = 0;
    let left = live + deleted;
    for (; left > 0; left--) if (this.#entry(packed, names, stream)) found++;
    if (found !== live || packed.next()) packed.fail('wrong count of entries');
  }

  /** Reads the names of the master entry; answers how many there are. */
  #masterEntry(packed: PackedList): number {
    const names = integerOf(packed);
    this.#textEnd = 0;
    for (let i = 0; i < names; i++) this.#text(packed, 4 * i);
    if (integerOf(packed) !== 0) packed.fail('no end of the master entry');
    return names;
  }

  /** Appends the next entry; false if it is only there as deleted. */
  #entry(packed: PackedList, names: number, stream: Ref): boolean {
    const { streams } = this.#keyspace;
    const flags = integerOf(packed);
    const isSame = (flags & SAME_FIELDS) !== 0;
    this.#readId(packed);
    const count = isSame ? names : integerOf(packed);
    if (count < 1) packed.fail('an entry without fields');
    const textEnd = this.#textEnd;
    // Names of its own go behind those of the master entry.
    const at = isSame ? 0 : 4 * names;
    this.#fields.first = at;
    for (let i = 0; i < count; i++) {
      if (!isSame) this.#text(packed, at + 4 * i);
      this.#text(packed, at + 4 * i + 2);
    }
    const elements = HEAD_ELEMENTS + (isSame ? count : 2 * count + 1);
    if (integerOf(packed) !== elements) packed.fail('wrong count of elements');
    const isLive = (flags & DELETED) === 0;
    if (isLive) {
      this.#fields.count = count;
      if (streams.compareLastId(stream, this.#id) >= 0) packed.fail('wrong order of ids');
      Object.assign(streams.fields, this.#fields);
      if (!streams.append(stream, this.#id)) packed.fail('an entry too long');
    }
    this.#textEnd = textEnd;
    return isLive;
  }

  /** Reads an id, which is written as its difference from the master's, into `#id`. */
  #readId(packed: PackedList): void {
    packed.need();
    const ms = parseInt64(packed.text, packed.textAt, packed.textBytes);
    packed.need();
    const sequence = parseInt64(packed.text, packed.textAt, packed.textBytes);
    if (ms === null || sequence === null) throw packed.error('an id that is no number');
    setWords(this.#id, 0, this.#masterMs + ms);
    setWords(this.#id, 2, this.#master + sequence);
  }

  /** Takes the next element as text of a name or value: words `word` and `word + 1` of the pairs. */
  #text(packed: PackedList, word: number): void {
    packed.need();
    const fields = this.#fields;
    const end = this.#textEnd + packed.textBytes;
    if (end > fields.bytes.length) {
      const next = new Uint8Array(2 * end);
      next.set(fields.bytes.subarray(0, this.#textEnd));
      fields.bytes = next;
    }
    if (word + 2 > fields.pairs.length) {
      const next = new Int32Array(2 * (word + 2));
      next.set(fields.pairs);
      fields.pairs = next;
    }
    copyBytes(packed.text, packed.textAt, fields.bytes, this.#textEnd, packed.textBytes);
    fields.pairs[word] = this.#textEnd;
    fields.pairs[word + 1] = packed.textBytes;
    this.#textEnd = end;
  }

  #group(input: RdbInput, kind: number, stream: Ref): void {
    const { streams } = this.#keyspace;
    const { groups } = streams;
    const all = streams.groupsOf(stream);
    input.string();
    const { text, textAt, textBytes } = input;
    if (groups.find(all, text, textAt, textBytes) !== 0) input.fail('a group twice');
    this.#sizedId(input);
    const read = kind === RDB_STREAM ? streams.addedUpTo(stream, this.#id) : this.#count(input);
    if (read < UNKNOWN_READ) input.fail('wrong count of entries read');
    const group = groups.create(all, text, textAt, textBytes, this.#id, read);
    this.#pending.read(input);
    for (let left = input.count(CONSUMER_BYTES_MIN); left > 0; left--) this.#consumer(input, kind, group);
    if (kind >= RDB_STREAM_5)
      for (let left = input.count(ID_BYTES); left > 0; left--) this.#pending.give(input, group, 0);
    if (!this.#pending.isSpent) input.fail('a pending entry without a consumer');
  }

  #consumer(input: RdbInput, kind: number, group: Ref): void {
    const { groups } = this.#keyspace.streams;
    input.string();
    const { text, textAt, textBytes } = input;
    if (groups.findConsumer(group, text, textAt, textBytes) !== 0)
      input.fail('Duplicate stream consumer detected');
    const seenMs = input.timeMs();
    const consumer = groups.createConsumer(group, text, textAt, textBytes, seenMs);
    groups.activate(consumer, kind >= RDB_STREAM_3 ? input.timeMs() : seenMs);
    for (let left = input.count(ID_BYTES); left > 0; left--) this.#pending.give(input, group, consumer);
  }

  /** What is known of producers. A record that says nothing is not made. */
  #producers(input: RdbInput, stream: Ref): void {
    const { limits, streams } = this.#keyspace;
    const { producers } = streams;
    const seconds = input.size();
    const idsMax = input.size();
    if (seconds < 1 || seconds > SENT_SECONDS_MAX || idsMax < 1 || idsMax > SENT_IDS_MAX)
      input.fail('wrong settings of a stream');
    const isUsual = seconds === limits.streamIdmpDuration && idsMax === limits.streamIdmpMaxsize;
    if (!isUsual) producers.configure(streams.recordOf(stream), seconds, idsMax);
    for (let left = input.count(PRODUCER_BYTES_MIN); left > 0; left--) this.#producer(input, stream);
    const added = this.#count(input);
    const duplicates = this.#count(input);
    if (added < 0n || duplicates < 0n) input.fail('wrong count of sent entries');
    if (added === 0n && duplicates === 0n) return;
    producers.setAdded(streams.recordOf(stream), added);
    producers.setDuplicates(streams.recordOf(stream), duplicates);
  }

  #producer(input: RdbInput, stream: Ref): void {
    const { nowMs, streams } = this.#keyspace;
    const { producers } = streams;
    input.string();
    const producer = ownName(input);
    for (let left = input.count(SENT_BYTES_MIN); left > 0; left--) {
      input.string();
      const sent = ownName(input);
      this.#sizedId(input);
      if (producer.length === 0 || sent.length === 0) input.fail('a sent entry without a name');
      const record = streams.recordOf(stream);
      producers.note(record, producer, sent, this.#id);
    }
    const record = streams.producersOf(stream);
    if (record !== 0) producers.forgetOld(record, nowMs);
  }

  /** A number of 64 bits; the greatest one is -1. */
  #count(input: RdbInput): bigint {
    input.number();
    return wordsToBigInt(input.low, input.high);
  }

  /** Reads an id as two lengths into `#id`. */
  #sizedId(input: RdbInput): void {
    const id = this.#id;
    input.number();
    id[0] = input.high;
    id[1] = input.low;
    input.number();
    id[2] = input.high;
    id[3] = input.low;
  }
}

/** The string that was just read, in bytes of its own. */
function ownName({ text, textAt, textBytes }: RdbInput): Name {
  return { u8: text.slice(textAt, textAt + textBytes), at: 0, length: textBytes };
}

/** The next element as a number of things, which is not negative. */
function integerOf(packed: PackedList): number {
  packed.need();
  const value = parseInt53(packed.text, packed.textAt, packed.textBytes);
  if (!(value >= 0)) packed.fail('no number');
  return value;
}

/** Writes a number modulo 2^64 into two words of an id. */
function setWords(id: Id, word: number, value: bigint): void {
  id[word] = Number((value >> 32n) & 0xffffffffn);
  id[word + 1] = Number(value & 0xffffffffn);
}
