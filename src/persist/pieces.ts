// Parts of large values that have to wait for their place in a file, because the value is not complete or because they had
// to be written before their turn. They stay in memory while they are few, and go to a file of their own when they become
// many: one for all values of a snapshot, which has no name from the beginning.
import { type Files, tryToRemove } from '../base/files.ts';
import { FileSink } from './file_sink.ts';
import type { RdbOutput } from './rdb_output.ts';
import { SNAPSHOT_FILE_MODE } from './snapshot_writer.ts';

/** More than this does not stay in memory. */
const MEMORY_BYTES_MAX = 512 * 1024;
/** What is read at once. */
const READ_BYTES = 128 * 1024;

export interface Piece {
  /** Null: they are in the file, from `at` on. */
  bytes: Uint8Array<ArrayBuffer> | null;
  at: number;
  readonly length: number;
}

export class Pieces {
  readonly #files: Files;
  readonly #path: string;
  readonly #onProgress: () => void;
  readonly #inMemory = new Set<Piece>();
  #memoryBytes = 0;
  #sink: FileSink | null = null;
  #fd = -1;

  /** `path` is a free name for the file. */
  constructor(files: Files, path: string, onProgress: () => void) {
    this.#files = files;
    this.#path = path;
    this.#onProgress = onProgress;
  }

  /** Bytes that are in memory. */
  get waitingBytes(): number {
    return this.#memoryBytes + (this.#sink?.waitingBytes ?? 0);
  }

  get isFull(): boolean {
    return this.#sink?.isFull ?? false;
  }

  /** The error of the first operation that failed; null while there is none. */
  get error(): unknown {
    return this.#sink?.error ?? null;
  }

  /** Keeps what was written to `out`, which is empty afterwards. */
  keep(out: RdbOutput): Piece {
    const piece: Piece = { bytes: out.bytes.slice(0, out.length), at: 0, length: out.length };
    out.reset();
    this.#inMemory.add(piece);
    this.#memoryBytes += piece.length;
    if (this.#memoryBytes > MEMORY_BYTES_MAX) this.#spill();
    return piece;
  }

  /** Hands the bytes of a piece that is in memory to the caller, and forgets it. */
  take(piece: Piece): Uint8Array {
    this.#inMemory.delete(piece);
    this.#memoryBytes -= piece.length;
    return piece.bytes!;
  }

  /** Hands bytes of pieces, one behind the other, to `write`, which may take its time; it must copy them. */
  async copy(pieces: readonly Piece[], write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    await this.#sink?.settled();
    for (const piece of pieces) {
      if (piece.bytes !== null) {
        await write(this.take(piece));
        continue;
      }
      for (let done = 0; done < piece.length; ) {
        if (this.error !== null) throw this.error;
        const most = Math.min(READ_BYTES, piece.length - done);
        const count = await this.#files.readAtLater(this.#fd, buffer, 0, most, piece.at + done);
        if (count === 0) throw new Error('a temporary file became shorter');
        await write(buffer.subarray(0, count));
        done += count;
      }
    }
  }

  /** Closes the file, once nothing is written to it any more. `error`: why nothing more is to be written; null: all was. */
  async close(error: unknown): Promise<void> {
    if (this.#sink === null) return;
    if (error !== null) this.#sink.stop(error);
    await this.#sink.settled();
    if (error !== null) tryToRemove(this.#files, this.#path);
    await this.#files.closeLater(this.#fd);
  }

  #spill(): void {
    if (this.#sink === null) {
      const files = this.#files;
      files.remove(this.#path);
      this.#fd = files.create(this.#path, SNAPSHOT_FILE_MODE);
      this.#sink = new FileSink(files, this.#fd, false);
      this.#sink.onProgress = this.#onProgress;
      files.remove(this.#path);
    }
    for (const piece of this.#inMemory) {
      const bytes = this.take(piece) as Uint8Array<ArrayBuffer>;
      piece.at = this.#sink.length;
      piece.bytes = null;
      this.#sink.take(bytes);
    }
  }
}
