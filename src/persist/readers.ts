// What it takes to read values of all types. Snapshots read in the middle of commands, which have the keyspace's own objects
// in use (each is at one place of one value at a time), so they have objects of their own.
import type { Arena } from '../arena/arena.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { Entries } from '../structs/entry.ts';
import { Hashes } from '../types/hash.ts';
import { HashWalk } from '../types/hash_walk.ts';
import { Lists } from '../types/list.ts';
import { Sets } from '../types/set.ts';
import { Streams } from '../types/stream.ts';
import { Strings } from '../types/string.ts';
import { SortedSets } from '../types/zset.ts';

export interface Readers {
  readonly arena: Arena;
  readonly entries: Entries;
  readonly strings: Strings;
  readonly lists: Lists;
  readonly sets: Sets;
  readonly zsets: SortedSets;
  readonly hashes: Hashes;
  readonly hashWalk: HashWalk;
  readonly streams: Streams;
}

/** Readers that share nothing with the keyspace but the data. */
export function ownReaders({ arena, entries, hash, limits }: Keyspace): Readers {
  const hashes = new Hashes(entries, hash, limits);
  return {
    arena,
    entries,
    strings: new Strings(entries),
    lists: new Lists(entries, limits),
    sets: new Sets(entries, hash, limits),
    zsets: new SortedSets(entries, hash, limits),
    hashes,
    hashWalk: new HashWalk(hashes),
    streams: new Streams(entries, limits),
  };
}
