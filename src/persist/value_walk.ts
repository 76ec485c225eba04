// A large value as a snapshot sees it: written part by part, each part before it changes. What may change on its own differs
// from type to type (table_walk.ts, list_walk.ts, stream_walk.ts, string_walk.ts); what they have in common stands here.
//
// In the file such a value is one piece, but much else has to be written before it is complete. So its bytes gather apart
// (pieces.ts), and come into the file when it is.
import type { Ref } from '../arena/arena.ts';
import type { ValueGuard } from '../keyspace/guard.ts';
import type { Piece, Pieces } from './pieces.ts';
import type { RdbOutput } from './rdb_output.ts';

/** Bytes that are kept together. */
export const PIECE_BYTES = 64 * 1024;

export interface ValueWalkOptions {
  /** What the entry refers to: a table, a chain of nodes, a stream, the bytes of a string. */
  readonly structure: Ref;
  /** The database it was in when the snapshot began. */
  readonly database: number;
  /** Of its own; holds what comes before the value already. */
  readonly out: RdbOutput;
  readonly pieces: Pieces;
  /** Something went wrong; nothing more is written. */
  readonly onError: (error: unknown) => void;
}

export abstract class ValueWalk implements ValueGuard {
  readonly options: ValueWalkOptions;
  isOver = false;
  readonly #releases: (() => void)[] = [];

  constructor(options: ValueWalkOptions) {
    this.options = options;
  }

  /** Writes the next few parts; false if that was all. */
  abstract step(): boolean;

  /** All that was written, in the order of the file. */
  abstract parts(): Piece[];

  inherit(release: () => void): void {
    this.#releases.push(release);
  }

  /** The snapshot has no more interest in the value. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const release of this.#releases) release();
  }

  /** Runs what writes a part, perhaps in the middle of a command, which must not fail because of it. */
  protected attempt(write: () => void): void {
    if (this.isOver) return;
    try {
      write();
    } catch (error) {
      this.options.onError(error);
    }
  }
}
