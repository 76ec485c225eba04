// What a snapshot in progress asks of a database: to see keys, and parts of large values, as they were at its beginning
// (persist/database_walk.ts, persist/value_walk.ts).
import type { Ref } from '../arena/arena.ts';
import type { ElementGuard } from '../structs/element_table.ts';
import type { ChainGuard } from '../structs/quicklist_chain.ts';
import type { StreamGuard } from '../types/stream.ts';
import type { StringGuard } from '../types/string.ts';

/** The same for one large value. */
export interface ValueGuard {
  /** No key has the value any more; `release` takes it over once the guard needs it no longer. */
  inherit(release: () => void): void;
}

/** Guards of large values by what their entries refer to. */
export interface ValueGuards {
  readonly tables: ReadonlyMap<Ref, ElementGuard & ValueGuard>;
  readonly lists: ReadonlyMap<Ref, ChainGuard & ValueGuard>;
  readonly streams: ReadonlyMap<Ref, StreamGuard & ValueGuard>;
  readonly strings: ReadonlyMap<Ref, StringGuard>;
}

/** The hit of the table that calls stays where it is, and so do all its entries. */
export interface Guard {
  /** A key of this hash is about to be added, changed or dropped. */
  before(hash: number): void;
  /** The database is no client's any more; `release` takes it over once the guard needs it no longer. */
  inherit(release: () => void): void;
}
