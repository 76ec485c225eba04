// Where SORT takes elements from: lists, sets and sorted sets.
import type { Ref } from '../arena/arena.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { TYPE_LIST, TYPE_SET, TYPE_ZSET } from '../structs/entry.ts';
import type { ElementSink } from '../structs/listpack_parts.ts';

export function isSortable(type: number): boolean {
  return type === TYPE_LIST || type === TYPE_SET || type === TYPE_ZSET;
}

/** Number of elements. */
export function sizeOf({ lists, sets, zsets }: Keyspace, ref: Ref, type: number): number {
  if (type === TYPE_LIST) return lists.size(ref);
  return type === TYPE_SET ? sets.size(ref) : zsets.size(ref);
}

/** Hands all elements, of which there are some, to `sink`. */
export function emitAll(keyspace: Keyspace, ref: Ref, type: number, sink: ElementSink): void {
  if (type === TYPE_SET) keyspace.sets.emit(ref, sink);
  else emitRange(keyspace, ref, type, 0, sizeOf(keyspace, ref, type), false, sink);
}

/**
 * Hands `count` elements of a list or sorted set, at least one, to `sink`: from index or rank `from` on, counted from the
 * end and backward if so asked. So many there are.
 */
export function emitRange(
  keyspace: Keyspace,
  ref: Ref,
  type: number,
  from: number,
  count: number,
  backward: boolean,
  sink: ElementSink,
): void {
  if (type === TYPE_ZSET) emitRanks(keyspace, ref, from, count, backward, sink);
  else if (backward) emitBackward(keyspace, ref, from, count, sink);
  else keyspace.lists.emit(ref, from, count, sink);
}

function emitBackward({ lists }: Keyspace, ref: Ref, from: number, count: number, sink: ElementSink): void {
  let stands = lists.seek(ref, -1 - from);
  for (let i = 0; i < count && stands; i++) {
    lists.locate();
    sink.bulk(lists.bytes, lists.at, lists.length);
    stands = lists.step(false);
  }
  lists.close();
}

function emitRanks(
  { zsets }: Keyspace,
  ref: Ref,
  from: number,
  count: number,
  backward: boolean,
  sink: ElementSink,
): void {
  const { cursor } = zsets;
  cursor.start(ref, backward ? zsets.size(ref) - 1 - from : from);
  for (let left = count; left > 0; left--) {
    sink.bulk(cursor.bytes, cursor.at, cursor.length);
    if (left > 1) backward ? cursor.previous() : cursor.next();
  }
}
