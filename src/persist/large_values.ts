// The large values of a snapshot: which are large, who looks after each of them while it is written, and what has become of
// those that are complete.
import type { Ref } from '../arena/arena.ts';
import type { Files } from '../base/files.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { ElementTable } from '../structs/element_table.ts';
import { TYPE_LIST, TYPE_STREAM, TYPE_STRING } from '../structs/entry.ts';
import { ListWalk } from './list_walk.ts';
import { type Piece, Pieces } from './pieces.ts';
import { RdbEncoder, type RdbSettings } from './rdb_encoder.ts';
import type { RdbOutput } from './rdb_output.ts';
import type { Readers } from './readers.ts';
import { areCommands, makeEncoder, type SnapshotSettings } from './snapshot_encoder.ts';
import { StreamWalk } from './stream_walk.ts';
import { LONG_STRING_BYTES, StringWalk } from './string_walk.ts';
import { TableWalk } from './table_walk.ts';
import type { ValueWalk, ValueWalkOptions } from './value_walk.ts';
import { tableOf } from './value_writer.ts';

/** Values of more elements, or nodes, are written bit by bit, unless so many others already are. */
const LARGE_ELEMENTS = 4096;
const LARGE_NODES = 32;
const VALUES_MAX = 64;

export interface LargeValuesOptions {
  readonly keyspace: Keyspace;
  readonly readers: Readers;
  readonly settings: SnapshotSettings;
  readonly files: Files;
  /** A free name for a file. */
  readonly path: string;
  /** Something was written to the file, or failed to be. */
  readonly onProgress: () => void;
  /** Something went wrong; nothing more is written. */
  readonly onError: (error: unknown) => void;
}

interface Complete {
  readonly database: number;
  readonly parts: readonly Piece[];
}

export class LargeValues {
  readonly #options: LargeValuesOptions;
  readonly #pieces: Pieces;
  readonly #walks = new Set<ValueWalk>();
  readonly #complete: Complete[] = [];
  readonly #guards = {
    tables: new Map<Ref, TableWalk>(),
    lists: new Map<Ref, ListWalk>(),
    streams: new Map<Ref, StreamWalk>(),
    strings: new Map<Ref, StringWalk>(),
  };
  /** For walks over elements. */
  readonly #table: ElementTable;

  constructor(options: LargeValuesOptions) {
    const { files, keyspace, onProgress, path } = options;
    this.#options = options;
    this.#pieces = new Pieces(files, path, onProgress);
    this.#table = new ElementTable(keyspace.arena, keyspace.hash);
  }

  /** The value that was begun first, of those that are not complete. */
  get first(): ValueWalk | undefined {
    for (const walk of this.#walks) return walk;
    return undefined;
  }

  /** Bytes that are in memory. */
  get waitingBytes(): number {
    let bytes = this.#pieces.waitingBytes;
    for (const { options } of this.#walks) bytes += options.out.length;
    return bytes;
  }

  get isFull(): boolean {
    return this.#pieces.isFull;
  }

  /** The error of the first operation that failed; null while there is none. */
  get error(): unknown {
    return this.#pieces.error;
  }

  /** Begins to write an entry if its value is large, and no part of it has changed yet; whether it is. */
  begin(ref: Ref, database: number): boolean {
    if (this.#walks.size >= VALUES_MAX || !this.#options.readers.entries.hasWords(ref)) return false;
    const walk = this.#walkOf(ref, database);
    if (walk === null) return false;
    this.#walks.add(walk);
    if (this.#walks.size === 1) this.#options.keyspace.guardValues(this.#guards);
    return true;
  }

  /** A value is written. All its bytes in order; null: they wait for `copy`. */
  end(walk: ValueWalk): Uint8Array[] | null {
    const parts = walk.parts();
    this.#leave(walk);
    if (parts.every(({ bytes }) => bytes !== null)) return parts.map((part) => this.#pieces.take(part));
    this.#complete.push({ database: walk.options.database, parts });
    return null;
  }

  /** Hands the values that are complete, each after its database, to others. */
  async copy(begin: (database: number) => void, write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    for (const { database, parts } of this.#complete) {
      begin(database);
      await this.#pieces.copy(parts, write);
    }
  }

  /** Gives all values up. */
  abandon(): void {
    for (const walk of [...this.#walks]) this.#leave(walk);
  }

  /** `error`: why nothing more is written; null: all was. */
  close(error: unknown): Promise<void> {
    return this.#pieces.close(error);
  }

  #leave(walk: ValueWalk): void {
    this.#walks.delete(walk);
    const { lists, streams, strings, tables } = this.#guards;
    for (const guards of [lists, streams, strings, tables] as Map<Ref, ValueWalk>[])
      for (const [structure, guard] of guards) if (guard === walk) guards.delete(structure);
    if (this.#walks.size === 0) this.#options.keyspace.guardValues(null);
    walk.end();
  }

  /** A walk over the value of an entry that has one outside of itself; null if it is not large. */
  #walkOf(ref: Ref, database: number): ValueWalk | null {
    const { readers, settings } = this.#options;
    const type = readers.entries.type(ref);
    if (type !== TYPE_STRING && type !== TYPE_LIST && type !== TYPE_STREAM)
      return this.#tableOf(ref, database);
    // As commands these are written at once.
    if (areCommands(settings)) return null;
    if (type === TYPE_STRING) return this.#stringOf(ref, database, settings);
    return type === TYPE_LIST
      ? this.#listOf(ref, database, settings)
      : this.#streamOf(ref, database, settings);
  }

  #stringOf(ref: Ref, database: number, settings: RdbSettings): StringWalk | null {
    const { strings } = this.#options.readers;
    if (strings.isInt(ref) || strings.byteLength(ref) < LONG_STRING_BYTES) return null;
    const guards = this.#guards.strings;
    const { length } = strings;
    const locate = (blob: Ref) => {
      strings.locateBlob(blob, length);
      return strings;
    };
    const options = this.#optionsOf(ref, database, this.#headOf(ref, settings));
    const walk = new StringWalk(options, length, settings.compresses, locate, (from, to) => {
      guards.delete(from);
      guards.set(to, walk);
    });
    guards.set(options.structure, walk);
    return walk;
  }

  #streamOf(ref: Ref, database: number, settings: RdbSettings): StreamWalk | null {
    const { readers } = this.#options;
    if (readers.streams.tree.count(readers.streams.of(ref)) < LARGE_NODES) return null;
    const options = this.#optionsOf(ref, database, this.#headOf(ref, settings));
    const walk = new StreamWalk(options, readers);
    this.#guards.streams.set(options.structure, walk);
    return walk;
  }

  #listOf(ref: Ref, database: number, settings: RdbSettings): ListWalk | null {
    const { entries, lists } = this.#options.readers;
    if (lists.isListpack(ref) || lists.quicklists.nodeCount(entries.wordLow(ref)) < LARGE_NODES) return null;
    const guards = this.#guards.lists;
    const options = this.#optionsOf(ref, database, this.#headOf(ref, settings));
    const walk = new ListWalk(
      options,
      this.#options.readers,
      (part) => guards.set(part, walk),
      (list) => guards.delete(list),
    );
    guards.set(options.structure, walk);
    return walk;
  }

  #tableOf(ref: Ref, database: number): TableWalk | null {
    const { keyspace, readers, settings } = this.#options;
    const table = tableOf(readers, ref);
    if (table === null || table.elements <= LARGE_ELEMENTS) return null;
    const encoder = makeEncoder(keyspace, readers, settings);
    const writer = encoder.beginEntry(ref);
    const options = this.#optionsOf(ref, database, encoder.out);
    const walk = new TableWalk(options, this.#table, table.elements, writer);
    this.#guards.tables.set(options.structure, walk);
    return walk;
  }

  #optionsOf(ref: Ref, database: number, out: RdbOutput): ValueWalkOptions {
    const { onError, readers } = this.#options;
    return { structure: readers.entries.wordLow(ref), database, out, pieces: this.#pieces, onError };
  }

  /** Holds what an RDB file has before the value of an entry. */
  #headOf(ref: Ref, settings: RdbSettings): RdbOutput {
    const { keyspace, readers } = this.#options;
    const encoder = new RdbEncoder(keyspace, readers, settings);
    encoder.entryHead(ref);
    return encoder.out;
  }
}
