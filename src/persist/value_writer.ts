// Writes values in the RDB format: for each a byte that says its kind, kept apart since a file has the key in between, and
// the value.
//
// Everything but expiries of fields, and what later versions added to streams, is written as Redis 7.0 writes it, so that
// servers from 7.0 on read it. Blocks of the
// compact encodings are Redis's own and go out as they are. A set in a listpack is written member by member, as that version
// knows no such sets.
import type { Ref } from '../arena/arena.ts';
import { highWordOfBigInt, lowWordOfBigInt } from '../base/int64.ts';
import { HAS_EXPIRY as ELEMENT_HAS_EXPIRY } from '../structs/element.ts';
import {
  ENC_HASHTABLE,
  ENC_INTSET,
  ENC_LISTPACK,
  ENC_SKIPLIST,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
} from '../structs/entry.ts';
import { copyId, type Id, makeId } from '../structs/stream_id.ts';
import {
  NODE_LISTPACK,
  NODE_PLAIN,
  RDB_HASH,
  RDB_HASH_EXPIRIES,
  RDB_HASH_LISTPACK,
  RDB_HASH_LISTPACK_EX,
  RDB_LIST_QUICKLIST_2,
  RDB_SET,
  RDB_SET_INTSET,
  RDB_STREAM_2,
  RDB_STREAM_3,
  RDB_STREAM_4,
  RDB_STREAM_5,
  RDB_STRING,
  RDB_ZSET_2,
  RDB_ZSET_LISTPACK,
  VERSION_COMMON,
  VERSION_FIELD_EXPIRY,
  VERSION_STREAM_PRODUCERS,
  VERSION_STREAM_RELEASES,
} from './rdb_format.ts';
import type { RdbOutput } from './rdb_output.ts';
import type { Readers } from './readers.ts';

const CHUNK_SHIFT = 23;
const UNIT_MASK = 0x7fffff;

/** Writes one element of a large value (`ValueWriter.begin`). */
export type ElementWriter = (element: Ref) => void;

/**
 * The table of a set, a sorted set or a hash that is one, and of how many elements: such a value can be written element by
 * element. Null for all others.
 */
export function tableOf(
  { entries, hashes, sets, zsets }: Readers,
  ref: Ref,
): { header: Ref; elements: number } | null {
  const type = entries.type(ref);
  const encoding = entries.encoding(ref);
  if (encoding !== ENC_HASHTABLE && encoding !== ENC_SKIPLIST) return null;
  const elements = (type === TYPE_SET ? sets : type === TYPE_ZSET ? zsets : hashes).size(ref);
  return { header: entries.wordLow(ref), elements };
}

export class ValueWriter {
  readonly #readers: Readers;
  readonly #out: RdbOutput;
  readonly #id: Id = makeId();

  constructor(readers: Readers, out: RdbOutput) {
    this.#readers = readers;
    this.#out = out;
  }

  /** The kind (rdb_format.ts) as which `write` writes the value of an entry. */
  kindOf(ref: Ref): number {
    const { entries, hashes } = this.#readers;
    const type = entries.type(ref);
    const encoding = entries.encoding(ref);
    if (type === TYPE_STRING) return RDB_STRING;
    if (type === TYPE_LIST) return RDB_LIST_QUICKLIST_2;
    if (type === TYPE_SET) return encoding === ENC_INTSET ? RDB_SET_INTSET : RDB_SET;
    if (type === TYPE_ZSET) return encoding === ENC_LISTPACK ? RDB_ZSET_LISTPACK : RDB_ZSET_2;
    if (type === TYPE_STREAM) return this.#streamKind(this.#readers.streams.of(ref));
    if (encoding === ENC_LISTPACK) return RDB_HASH_LISTPACK;
    if (hashes.dueMs(ref) === 0) return RDB_HASH;
    return encoding === ENC_HASHTABLE ? RDB_HASH_EXPIRIES : RDB_HASH_LISTPACK_EX;
  }

  /** The version of the format that knows this kind. */
  versionOf(kind: number): number {
    if (kind >= RDB_STREAM_5) return VERSION_STREAM_RELEASES;
    if (kind >= RDB_STREAM_4) return VERSION_STREAM_PRODUCERS;
    return kind >= RDB_HASH_EXPIRIES ? VERSION_FIELD_EXPIRY : VERSION_COMMON;
  }

  /** Older servers read a stream that has nothing that only newer ones know. */
  #streamKind(stream: Ref): number {
    const { streams } = this.#readers;
    const { groups } = streams;
    const all = streams.groupsOf(stream);
    for (let more = groups.names.seekFirst(all); more; more = groups.names.next())
      if (groups.releasedCount(groups.names.value) > 0) return RDB_STREAM_5;
    return streams.producersOf(stream) === 0 ? RDB_STREAM_2 : RDB_STREAM_4;
  }

  /** Writes the value of an entry. */
  write(ref: Ref): void {
    const type = this.#readers.entries.type(ref);
    if (type === TYPE_STRING) this.#string(ref);
    else if (type === TYPE_LIST) this.#list(ref);
    else if (type === TYPE_SET) this.#set(ref);
    else if (type === TYPE_HASH) this.#hash(ref);
    else if (type === TYPE_ZSET) this.#zset(ref);
    else this.#stream(ref);
  }

  /** Writes what comes before the elements of a set, sorted set or hash that is a table; they may come in any order then. */
  begin(ref: Ref): ElementWriter {
    const { hashes } = this.#readers;
    const out = this.#out;
    const kind = this.kindOf(ref);
    // No field expires before this; the format does not ask for more.
    const earliestMs = kind === RDB_HASH_EXPIRIES ? hashes.dueMs(ref) : 0;
    if (kind === RDB_HASH_EXPIRIES) out.int64(earliestMs);
    out.size(tableOf(this.#readers, ref)!.elements);
    const { elements } = hashes;
    return (element) => {
      const view = elements.view(element);
      if (kind === RDB_HASH_EXPIRIES) {
        const isVolatile = (elements.flags(element) & ELEMENT_HAS_EXPIRY) !== 0;
        out.size(isVolatile ? elements.expiry(element) - earliestMs + 1 : 0);
      }
      out.string(view, elements.memberAt(element), elements.memberBytes(element));
      if (kind === RDB_ZSET_2) out.double(elements.score(element));
      else if (kind !== RDB_SET) out.string(view, elements.valueAt(element), elements.valueBytes(element));
    };
  }

  #string(ref: Ref): void {
    const { strings } = this.#readers;
    if (strings.isInt(ref) && this.#out.integer(strings.int53(ref))) return;
    strings.locate(ref);
    this.#out.string(strings.bytes, strings.at, strings.length);
  }

  /** Number of nodes, then for each its kind and its bytes. */
  #list(ref: Ref): void {
    const { entries, lists } = this.#readers;
    const structure = entries.wordLow(ref);
    const out = this.#out;
    if (lists.isListpack(ref)) {
      out.size(1);
      out.size(NODE_LISTPACK);
      this.#block(structure, lists.listpacks.totalBytes(structure));
      return;
    }
    out.size(lists.quicklists.nodeCount(structure));
    for (const node of lists.quicklists.nodesOf(structure)) this.listNode(node);
  }

  /** Writes one node of a list: its kind and its bytes. */
  listNode(node: Ref): void {
    const { listpacks, quicklists } = this.#readers.lists;
    const { nodes } = quicklists;
    this.#out.size(nodes.isPlain(node) ? NODE_PLAIN : NODE_LISTPACK);
    const block = nodes.open(node);
    this.#block(block, nodes.isPlain(node) ? nodes.bytes(node) : listpacks.totalBytes(block));
    nodes.close();
  }

  /** The intset, or the number of members and each of them. */
  #set(ref: Ref): void {
    const { entries, sets } = this.#readers;
    const out = this.#out;
    const structure = entries.wordLow(ref);
    if (entries.encoding(ref) === ENC_INTSET) {
      this.#block(structure, sets.intsets.totalBytes(structure));
      return;
    }
    out.size(sets.size(ref));
    sets.emit(ref, { bulk: (bytes, at, length) => out.string(bytes, at, length) });
  }

  /** The listpack, or the number of members and each of them with its score, the greatest score first. */
  #zset(ref: Ref): void {
    const { entries, zsets } = this.#readers;
    const out = this.#out;
    if (entries.encoding(ref) === ENC_LISTPACK) {
      this.#block(entries.wordLow(ref), zsets.pairs.totalBytes(entries.wordLow(ref)));
      return;
    }
    const { cursor } = zsets;
    const size = zsets.size(ref);
    out.size(size);
    cursor.start(ref, size - 1);
    do {
      out.string(cursor.bytes, cursor.at, cursor.length);
      out.double(cursor.score);
    } while (cursor.previous());
  }

  /** The listpack, or the number of fields and each of them with its value; expiries count from the earliest one on. */
  #hash(ref: Ref): void {
    const { entries, hashes } = this.#readers;
    const out = this.#out;
    const kind = this.kindOf(ref);
    const earliestMs = kind >= RDB_HASH_EXPIRIES ? this.#earliestMs(ref) : 0;
    if (kind >= RDB_HASH_EXPIRIES) out.int64(earliestMs);
    if (kind === RDB_HASH_LISTPACK || kind === RDB_HASH_LISTPACK_EX) {
      this.#block(entries.wordLow(ref), hashes.lists.totalBytes(entries.wordLow(ref)));
      return;
    }
    out.size(hashes.size(ref));
    this.#eachField(ref, () => {
      const expiryMs = hashes.foundExpiryMs(ref);
      if (kind === RDB_HASH_EXPIRIES) out.size(expiryMs === 0 ? 0 : expiryMs - earliestMs + 1);
      hashes.locateField(ref);
      out.string(hashes.bytes, hashes.at, hashes.length);
      hashes.locateValue(ref);
      out.string(hashes.bytes, hashes.at, hashes.length);
    });
  }

  /** The earliest expiry of a field; 0 if there is none. */
  #earliestMs(ref: Ref): number {
    const { hashes } = this.#readers;
    let earliestMs = 0;
    this.#eachField(ref, () => {
      const expiryMs = hashes.foundExpiryMs(ref);
      if (expiryMs !== 0 && (earliestMs === 0 || expiryMs < earliestMs)) earliestMs = expiryMs;
    });
    return earliestMs;
  }

  /** Calls `visit` for every field, expired or not, as the found one. */
  #eachField(ref: Ref, visit: () => void): void {
    const { hashWalk } = this.#readers;
    hashWalk.start(ref, Number.NEGATIVE_INFINITY);
    while (hashWalk.next()) visit();
  }

  /** The nodes by their ids, the stream's own ids and counts, and the groups. */
  #stream(ref: Ref): void {
    const { streams } = this.#readers;
    const { tree } = streams;
    const stream = streams.of(ref);
    this.#out.size(tree.count(stream));
    for (let more = tree.seekFirst(stream); more; more = tree.next()) this.streamNode();
    this.streamRest(stream);
  }

  /** Writes the node at the cursor of the readers' tree of streams: its id and its bytes. */
  streamNode(): void {
    const { arena, nodes, tree } = this.#readers.streams;
    const out = this.#out;
    const node = tree.value;
    tree.readId(this.#id);
    out.size(16);
    this.#rawId();
    out.block(arena.u8[node >>> CHUNK_SHIFT]!, nodes.startOf(node), nodes.listpackBytes(node));
  }

  /** Writes what comes behind the nodes of a stream. */
  streamRest(stream: Ref): void {
    const { streams } = this.#readers;
    const out = this.#out;
    const id = this.#id;
    out.size(streams.length(stream));
    streams.readLastId(stream, id);
    this.#sizedId();
    streams.readFirstId(stream, id);
    this.#sizedId();
    streams.readMaxDeletedId(stream, id);
    this.#sizedId();
    this.#count(streams.entriesAdded(stream));
    const kind = this.#streamKind(stream);
    this.#groups(streams.groupsOf(stream), kind);
    if (kind >= RDB_STREAM_4) this.#producers(stream);
  }

  /** Number of groups; each with its ids, pending entries and consumers. */
  #groups(all: Ref, kind: number): void {
    const { groups } = this.#readers.streams;
    const out = this.#out;
    out.size(groups.names.count(all));
    for (let more = groups.names.seekFirst(all); more; more = groups.names.next()) {
      const group = groups.names.value;
      const { u8, at, length } = groups.groupName(group);
      out.string(u8, at, length);
      groups.readLastId(group, this.#id);
      this.#sizedId();
      this.#count(groups.entriesRead(group));
      out.size(groups.pendingCount(group));
      for (let next = groups.pending.seekFirst(group); next; next = groups.pending.next()) {
        groups.pending.readId(this.#id);
        this.#rawId();
        out.int64(groups.deliveredMs(groups.pending.value));
        this.#count(groups.deliveries(groups.pending.value));
      }
      this.#consumers(group, kind);
      if (kind >= RDB_STREAM_5) this.#released(group);
    }
  }

  #consumers(group: Ref, kind: number): void {
    const { groups } = this.#readers.streams;
    const out = this.#out;
    out.size(groups.consumerCount(group));
    for (let more = groups.firstConsumer(group); more; more = groups.consumers.next()) {
      const consumer = groups.consumers.value;
      const { u8, at, length } = groups.consumerName(consumer);
      out.string(u8, at, length);
      out.int64(groups.seenMs(consumer));
      if (kind >= RDB_STREAM_3) out.int64(groups.activeMs(consumer));
      out.size(groups.pendingCount(consumer));
      for (let next = groups.owned.seekFirst(consumer); next; next = groups.owned.next()) {
        groups.owned.readId(this.#id);
        this.#rawId();
      }
    }
  }

  /** What is known of producers: the settings, what each of them sent, and how often. */
  #producers(stream: Ref): void {
    const { streams } = this.#readers;
    const { limits, producers } = streams;
    const out = this.#out;
    const record = streams.producersOf(stream);
    if (record === 0) {
      out.size(limits.streamIdmpDuration);
      out.size(limits.streamIdmpMaxsize);
      for (let i = 0; i < 3; i++) out.size(0);
      return;
    }
    out.size(producers.seconds(record));
    out.size(producers.idsMax(record));
    out.size(producers.count(record));
    producers.forEach(
      record,
      ({ u8, at, length }, ids) => {
        out.string(u8, at, length);
        out.size(ids);
      },
      ({ u8, at, length }, sent) => {
        out.string(u8, at, length);
        producers.readId(sent, this.#id);
        this.#sizedId();
      },
    );
    this.#count(producers.added(record));
    this.#count(producers.duplicates(record));
  }

  /** The ids of the entries that are nobody's, in the order of their release. */
  #released(group: Ref): void {
    const ids = this.#readers.streams.groups.released(group);
    this.#out.size(ids.length);
    for (const id of ids) {
      copyId(id, this.#id);
      this.#rawId();
    }
  }

  /** A number of 64 bits, -1 as the greatest one. */
  #count(value: bigint): void {
    this.#out.size64(highWordOfBigInt(value) >>> 0, lowWordOfBigInt(value));
  }

  /** The id in hand in 16 bytes. */
  #rawId(): void {
    const id = this.#id;
    this.#out.bigEndian(id[0]!, id[1]!);
    this.#out.bigEndian(id[2]!, id[3]!);
  }

  /** The id in hand as two lengths. */
  #sizedId(): void {
    const id = this.#id;
    this.#out.size64(id[0]!, id[1]!);
    this.#out.size64(id[2]!, id[3]!);
  }

  /** A whole block of the arena. */
  #block(ref: Ref, bytes: number): void {
    this.#out.block(this.#readers.arena.u8[ref >>> CHUNK_SHIFT]!, (ref & UNIT_MASK) << 3, bytes);
  }
}
