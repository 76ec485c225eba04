// One large set, sorted set or hash as a snapshot sees it: its elements are written part by part like the keys of a database,
// each part before it changes (hash_parts.ts).
//
// In the file such a value is one piece, but much else has to be written before it is complete. So its bytes gather apart: in
// memory first, and in a file of their own if they become many. That file has no name from the beginning; what is in it is
// copied behind everything else when the snapshot ends (snapshot.ts).
import type { Ref } from '../arena/arena.ts';
import type { Files } from '../base/files.ts';
import type { ElementTable } from '../structs/element_table.ts';
import { FileSink } from './file_sink.ts';
import { HashParts } from './hash_parts.ts';
import type { RdbOutput } from './rdb_output.ts';
import { SNAPSHOT_FILE_MODE } from './snapshot_writer.ts';
import type { ElementWriter } from './value_writer.ts';

/** More than this does not stay in memory. */
const PIECE_BYTES = 256 * 1024;

export interface ValueWalkOptions {
  /** A table object that is used for nothing else at the same time, and the value's table. */
  readonly table: ElementTable;
  readonly header: Ref;
  readonly elements: number;
  /** The database it was in when the snapshot began. */
  readonly database: number;
  /** Holds what comes before the elements already. */
  readonly out: RdbOutput;
  readonly writer: ElementWriter;
  readonly files: Files;
  /** A free name for the file. */
  readonly path: string;
  /** Something was written to the file, or failed to be. */
  readonly onProgress: () => void;
  /** Something went wrong; nothing more is written. */
  readonly onError: (error: unknown) => void;
}

export class ValueWalk extends HashParts {
  readonly options: ValueWalkOptions;
  sink: FileSink | null = null;
  fd = -1;
  readonly #visit: (element: Ref) => void;
  #isOver = false;
  #release: (() => void) | null = null;

  constructor(options: ValueWalkOptions) {
    super(options.elements);
    this.options = options;
    this.#visit = (element) => options.writer(element);
  }

  /** Nobody but the snapshot needs the value any more; `release` takes it over at the end. */
  inherit(release: () => void): void {
    this.#release = release;
  }

  /** The snapshot has no more interest in the value. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#release?.();
  }

  /** Hands what is in memory to the file. */
  spill(): void {
    const { files, onProgress, out, path } = this.options;
    if (this.sink === null) {
      files.remove(path);
      this.fd = files.create(path, SNAPSHOT_FILE_MODE);
      this.sink = new FileSink(files, this.fd, false);
      this.sink.onProgress = onProgress;
      files.remove(path);
    }
    this.sink.take(out.exchange(this.sink.buffer()));
  }

  protected override write(first: number, end: number): void {
    if (this.#isOver) return;
    const { header, onError, out, table } = this.options;
    try {
      table.open(header);
      table.visitHashes(first, end, this.#visit);
      if (out.length >= PIECE_BYTES) this.spill();
    } catch (error) {
      onError(error);
    }
  }
}
