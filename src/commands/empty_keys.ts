// After a command that ran out of memory: a collection that it had just made is taken away again if nothing got into it.
//
// That is for blocks too large to be had: for all others memory_limit.ts sees to it that enough is left before a command
// begins.
import type { Ref } from '../arena/arena.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STREAM, TYPE_ZSET } from '../structs/entry.ts';
import type { Streams } from '../types/stream.ts';
import type { Context } from './context.ts';
import { findKeys } from './find_keys.ts';
import { ArgsFrom } from './words.ts';

/** Drops those keys of the command in the context whose collections are empty. */
export function dropEmptyKeys(c: Context): void {
  const { args, db, keyspace } = c;
  findKeys(c.table.specs[c.commandId]!, new ArgsFrom(args, 0), (i) => {
    const ref = db.find(args.bytes, args.at(i), args.length(i), c.hashOf(i));
    if (ref !== 0 && isEmpty(keyspace, ref)) db.removeEntry(ref);
  });
}

function isEmpty(keyspace: Keyspace, ref: Ref): boolean {
  switch (keyspace.entries.type(ref)) {
    case TYPE_LIST:
      return keyspace.lists.size(ref) === 0;
    case TYPE_SET:
      return keyspace.sets.size(ref) === 0;
    case TYPE_ZSET:
      return keyspace.zsets.size(ref) === 0;
    case TYPE_HASH:
      return keyspace.hashes.size(ref) === 0;
    case TYPE_STREAM:
      return isUnused(keyspace.streams, keyspace.streams.of(ref));
    default:
      return false;
  }
}

/** A stream without entries may well be meant, but then it has a group, or had an entry. */
function isUnused(streams: Streams, stream: Ref): boolean {
  if (streams.length(stream) > 0 || streams.hasAdded(stream)) return false;
  return streams.groups.names.count(streams.groupsOf(stream)) === 0;
}
