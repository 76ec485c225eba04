// What a snapshot in progress asks of a database: to see keys as they were at its beginning (persist/database_walk.ts).

/** The same for one large value. */
export interface ValueGuard {
  /** An element of this hash is about to be added, changed or dropped. */
  before(hash: number): void;
  /** No key has the value any more; `release` takes it over once the guard needs it no longer. */
  inherit(release: () => void): void;
}

/** The hit of the table that calls stays where it is, and so do all its entries. */
export interface Guard {
  /** A key of this hash is about to be added, changed or dropped. */
  before(hash: number): void;
  /** The database is no client's any more; `release` takes it over once the guard needs it no longer. */
  inherit(release: () => void): void;
}
