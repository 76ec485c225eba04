// Bytes on their way into a file: pieces wait in memory until another thread has written them, one after the other. Whoever
// makes them looks at `isFull` and stops for a while. What cannot wait is taken nevertheless, but beyond a limit the oldest
// pieces are then written at once, so that a slow disk costs time and never more memory than that.
import { type Files, writeAllAt, writeAllAtLater } from '../base/files.ts';

/** What may wait before the maker should stop, and what may wait at all. */
const FULL_BYTES = 8 * 1024 * 1024;
const WAITING_BYTES_MAX = 32 * 1024 * 1024;
/** The system is made to write so often, where that is wanted, lest all of it be left for the end. */
const SYNC_BYTES = 32 * 1024 * 1024;
/** Buffers that are kept for further pieces, and how large they may be. */
const SPARE_BUFFERS = 4;
const SPARE_BYTES_MAX = 1024 * 1024;
const BUFFER_BYTES = 512 * 1024;

interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly position: number;
}

export class FileSink {
  /** Bytes taken so far, and those of them that wait. */
  length = 0;
  waitingBytes = 0;
  /** The error of the first operation that failed. */
  error: unknown = null;
  /** Called when something was written, or failed to be. */
  onProgress: () => void = () => {};
  readonly #files: Files;
  readonly #fd: number;
  readonly #syncs: boolean;
  readonly #pieces: Piece[] = [];
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  #unsyncedBytes = 0;
  /** The writing in progress. */
  #pump: Promise<void> | null = null;

  constructor(files: Files, fd: number, syncs: boolean) {
    this.#files = files;
    this.#fd = fd;
    this.#syncs = syncs;
  }

  get isFull(): boolean {
    return this.waitingBytes >= FULL_BYTES;
  }

  /** A buffer for the next piece. */
  buffer(): Uint8Array<ArrayBuffer> {
    return this.#spare.pop() ?? new Uint8Array(BUFFER_BYTES);
  }

  /** Takes over a piece with its buffer. */
  take(bytes: Uint8Array<ArrayBuffer>): void {
    this.#pieces.push({ bytes, position: this.length });
    this.length += bytes.length;
    this.waitingBytes += bytes.length;
    if (this.waitingBytes > WAITING_BYTES_MAX && this.error === null) this.#writeOldest();
    this.#pump ??= this.#run();
  }

  /** Resolves when nothing is being written any more; `error` then says how it went. */
  async settled(): Promise<void> {
    while (this.#pump !== null) await this.#pump;
  }

  /** Writes no further piece. */
  stop(error: unknown): void {
    this.error ??= error;
  }

  async #run(): Promise<void> {
    // Not at once: whoever gave the first piece has more to do.
    await null;
    while (this.#pieces.length > 0 && this.error === null) {
      try {
        await this.#writeNext(this.#pieces.shift()!);
      } catch (error) {
        this.stop(error);
      }
      this.onProgress();
    }
    this.#pump = null;
  }

  async #writeNext({ bytes, position }: Piece): Promise<void> {
    await writeAllAtLater(this.#files, this.#fd, bytes, position);
    this.#written(bytes);
    if (this.#syncs && this.#unsyncedBytes >= SYNC_BYTES) {
      this.#unsyncedBytes = 0;
      await this.#files.syncLater(this.#fd);
    }
  }

  /** Writes waiting pieces here and now until few enough are left. */
  #writeOldest(): void {
    try {
      while (this.waitingBytes > WAITING_BYTES_MAX && this.#pieces.length > 0) {
        const { bytes, position } = this.#pieces.shift()!;
        writeAllAt(this.#files, this.#fd, bytes, position);
        this.#written(bytes);
      }
    } catch (error) {
      this.stop(error);
    }
  }

  #written(bytes: Uint8Array<ArrayBuffer>): void {
    this.waitingBytes -= bytes.length;
    this.#unsyncedBytes += bytes.length;
    const { buffer } = bytes;
    if (this.#spare.length < SPARE_BUFFERS && buffer.byteLength <= SPARE_BYTES_MAX) {
      this.#spare.push(new Uint8Array(buffer));
    }
  }
}
