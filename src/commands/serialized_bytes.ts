// How many bytes a value takes in a snapshot (RDB, version 10) whose strings are not compressed: DEBUG OBJECT's
// serializedlength.
import type { Ref } from '../arena/arena.ts';
import { parseInt53 } from '../base/int64.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import {
  ENC_HASHTABLE,
  ENC_INTSET,
  ENC_LISTPACK,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STRING,
  TYPE_ZSET,
} from '../structs/entry.ts';
import { type Id, makeId } from '../structs/stream_id.ts';

const DOUBLE_BYTES = 8;
const TIME_BYTES = 8;
/** An id written whole, and before it its length where it is a string. */
const ID_BYTES = 16;
const TWO_32 = 2 ** 32;

/** Bytes of the value of an entry. */
export function serializedBytes(keyspace: Keyspace, ref: Ref): number {
  const type = keyspace.entries.type(ref);
  if (type === TYPE_STRING) return stringBytes(keyspace, ref);
  if (type === TYPE_LIST) return listBytes(keyspace, ref);
  if (type === TYPE_SET) return setBytes(keyspace, ref);
  if (type === TYPE_HASH) return hashBytes(keyspace, ref);
  return type === TYPE_ZSET ? zsetBytes(keyspace, ref) : streamBytes(keyspace, ref);
}

function stringBytes({ strings }: Keyspace, ref: Ref): number {
  return textBytes(strings.isInt(ref) ? strings.int53(ref) : Number.NaN, strings.byteLength(ref));
}

/** Number of nodes, then for each its kind and its bytes. */
function listBytes({ entries, lists }: Keyspace, ref: Ref): number {
  const structure = entries.wordLow(ref);
  if (lists.isListpack(ref)) return withLength(lists.listpacks.totalBytes(structure));
  const { quicklists } = lists;
  let bytes = lengthBytes(quicklists.nodeCount(structure));
  for (const node of quicklists.nodesOf(structure)) bytes += 1 + withLength(quicklists.nodes.bytes(node));
  return bytes;
}

/** The block of a compact encoding, or the number of members and each of them. */
function setBytes({ entries, sets }: Keyspace, ref: Ref): number {
  const structure = entries.wordLow(ref);
  const encoding = entries.encoding(ref);
  if (encoding === ENC_INTSET) return withLength(sets.intsets.totalBytes(structure));
  if (encoding === ENC_LISTPACK) return withLength(sets.listpacks.totalBytes(structure));
  let total = lengthBytes(sets.size(ref));
  sets.emit(ref, {
    bulk: (bytes, at, length) => {
      total += elementBytes(bytes, at, length);
    },
  });
  return total;
}

/** The listpack, or the number of fields and each of them with its value. */
function hashBytes({ entries, hashes, hashWalk }: Keyspace, ref: Ref): number {
  if (entries.encoding(ref) !== ENC_HASHTABLE)
    return withLength(hashes.lists.totalBytes(entries.wordLow(ref)));
  let total = lengthBytes(hashes.size(ref));
  hashWalk.start(ref, Number.NEGATIVE_INFINITY);
  while (hashWalk.next()) {
    hashes.locateField(ref);
    total += elementBytes(hashes.bytes, hashes.at, hashes.length);
    hashes.locateValue(ref);
    total += elementBytes(hashes.bytes, hashes.at, hashes.length);
  }
  return total;
}

/** The listpack, or the number of members and each of them with its score. */
function zsetBytes({ entries, zsets }: Keyspace, ref: Ref): number {
  if (entries.encoding(ref) === ENC_LISTPACK) return withLength(zsets.pairs.totalBytes(entries.wordLow(ref)));
  const { cursor } = zsets;
  let total = lengthBytes(zsets.size(ref));
  cursor.start(ref, 0);
  do total += elementBytes(cursor.bytes, cursor.at, cursor.length) + DOUBLE_BYTES;
  while (cursor.next());
  return total;
}

/** The nodes with their ids, the stream's own ids and counts, and the groups. */
function streamBytes({ streams }: Keyspace, ref: Ref): number {
  const { nodes, tree } = streams;
  const stream = streams.of(ref);
  const id = makeId();
  let total = lengthBytes(tree.count(stream));
  for (let more = tree.seekFirst(stream); more; more = tree.next()) {
    total += 1 + ID_BYTES + withLength(nodes.listpackBytes(tree.value));
  }
  total += lengthBytes(streams.length(stream));
  streams.readLastId(stream, id);
  total += idBytes(id);
  streams.readFirstId(stream, id);
  total += idBytes(id);
  streams.readMaxDeletedId(stream, id);
  total += idBytes(id) + lengthBytes(Number(streams.entriesAdded(stream)));
  return total + groupsBytes({ streams }, streams.groupsOf(stream));
}

function groupsBytes({ streams: { groups } }: Pick<Keyspace, 'streams'>, all: Ref): number {
  const id = makeId();
  let total = lengthBytes(groups.names.count(all));
  for (let more = groups.names.seekFirst(all); more; more = groups.names.next()) {
    const group = groups.names.value;
    const { u8, at, length } = groups.groupName(group);
    groups.readLastId(group, id);
    const read = groups.entriesRead(group);
    total += elementBytes(u8, at, length) + idBytes(id) + lengthBytes(Number(BigInt.asUintN(64, read)));
    const pending = groups.pendingCount(group);
    // Each with its time and, as nearly all are few, one byte for the number of deliveries.
    total += lengthBytes(pending) + pending * (ID_BYTES + TIME_BYTES + 1);
    total += lengthBytes(groups.consumerCount(group));
    for (let other = groups.firstConsumer(group); other; other = groups.consumers.next()) {
      const name = groups.consumerName(groups.consumers.value);
      const owned = groups.pendingCount(groups.consumers.value);
      total += elementBytes(name.u8, name.at, name.length) + TIME_BYTES;
      total += lengthBytes(owned) + owned * ID_BYTES;
    }
  }
  return total;
}

function idBytes(id: Id): number {
  return lengthBytes(id[0]! * TWO_32 + id[1]!) + lengthBytes(id[2]! * TWO_32 + id[3]!);
}

function elementBytes(bytes: Uint8Array, at: number, length: number): number {
  return textBytes(parseInt53(bytes, at, length), length);
}

/** Small integers in binary, else a length and the bytes. */
function textBytes(value: number, length: number): number {
  if (value >= -(2 ** 7) && value < 2 ** 7) return 2;
  if (value >= -(2 ** 15) && value < 2 ** 15) return 3;
  if (value >= -(2 ** 31) && value < 2 ** 31) return 5;
  return withLength(length);
}

function withLength(bytes: number): number {
  return lengthBytes(bytes) + bytes;
}

function lengthBytes(length: number): number {
  if (length < 2 ** 6) return 1;
  if (length < 2 ** 14) return 2;
  return length < TWO_32 ? 5 : 9;
}
