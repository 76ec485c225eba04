// A file that a log is written to: one piece after the other at known positions, by another thread, or at once where that
// cannot wait.
//
//   accepted   ──────────────────────────────────────▶   bytes taken so far
//   written    ───────────────────────────▶              bytes that the system has; the piece behind is on its way
//   synced     ──────────────▶                           bytes that a crash of the machine does not take back
//
// A piece on its way can be written again at once, because it goes to the same place: that is how `writeNow` overtakes
// another thread. After the first error nothing more is done to the file: what the system still holds of it after a failed
// sync nobody knows, and a second sync would say that all is well.
import { type Files, writeAllAt, writeAllAtLater } from '../base/files.ts';

const SPARE_BYTES_MAX = 4 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;

export class LogFile {
  readonly path: string;
  accepted: number;
  written: number;
  synced: number;
  /** The error of the first operation that failed. */
  error: unknown = null;
  /** Called when something was written or synced by another thread, or failed to be. */
  onProgress: () => void = () => {};
  readonly #files: Files;
  readonly #fd: number;
  readonly #pieces: Uint8Array[] = [];
  #spare: Uint8Array | null = null;
  #writing: Promise<void> | null = null;
  #syncing: Promise<void> | null = null;

  /** `fd` is an open file of `size` bytes, all of them synced. */
  constructor(files: Files, path: string, fd: number, size: number) {
    this.#files = files;
    this.path = path;
    this.#fd = fd;
    this.accepted = size;
    this.written = size;
    this.synced = size;
  }

  get isWriting(): boolean {
    return this.#writing !== null;
  }

  get isSyncing(): boolean {
    return this.#syncing !== null;
  }

  get waitingBytes(): number {
    return this.accepted - this.written;
  }

  /** A buffer for pieces to come. */
  buffer(): Uint8Array {
    const spare = this.#spare ?? new Uint8Array(FIRST_BYTES);
    this.#spare = null;
    return spare;
  }

  /** Takes a piece over, with its buffer. */
  put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.accepted += bytes.length;
    this.#pieces.push(bytes);
  }

  /** Has another thread write what waits. */
  writeLater(): void {
    if (this.#writing === null && this.#pieces.length > 0 && this.error === null)
      this.#writing = this.#write();
  }

  /** Writes all that waits now. Throws the error that made the file unusable. */
  writeNow(): void {
    if (this.error !== null) throw this.error;
    try {
      for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[0]) {
        writeAllAt(this.#files, this.#fd, piece, this.written);
        this.#wrote(piece, this.#writing === null);
      }
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /** Makes what is written durable now. Throws like `writeNow`. */
  syncNow(): void {
    if (this.error !== null) throw this.error;
    if (this.synced === this.written) return;
    try {
      this.#files.syncData(this.#fd);
      this.synced = this.written;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /** Has another thread make durable what is written by now. */
  syncLater(): void {
    if (this.#syncing === null && this.synced < this.written && this.error === null)
      this.#syncing = this.#sync();
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#writing !== null || this.#syncing !== null) await (this.#writing ?? this.#syncing);
  }

  /** Writes and syncs all that waits, without holding anybody up; `error` then says how it went. */
  async finish(): Promise<void> {
    while (this.error === null && (this.#pieces.length > 0 || this.synced < this.accepted)) {
      this.writeLater();
      await this.settled();
      this.syncLater();
      await this.settled();
    }
  }

  /** Closes the file once nothing is under way. */
  async close(): Promise<void> {
    await this.settled();
    await this.#files.closeLater(this.#fd).catch(() => {});
  }

  async #write(): Promise<void> {
    try {
      for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[0]) {
        await writeAllAtLater(this.#files, this.#fd, piece, this.written);
        if (this.error !== null) break;
        // It may have been written at once meanwhile.
        if (this.#pieces[0] === piece) this.#wrote(piece, true);
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#writing = null;
    this.onProgress();
  }

  async #sync(): Promise<void> {
    const upTo = this.written;
    try {
      await this.#files.syncDataLater(this.#fd);
      if (this.error === null) this.synced = Math.max(this.synced, upTo);
    } catch (error) {
      this.#fail(error);
    }
    this.#syncing = null;
    this.onProgress();
  }

  /** `isFree`: no other thread has the piece as well. */
  #wrote(piece: Uint8Array, isFree: boolean): void {
    this.#pieces.shift();
    this.written += piece.length;
    if (isFree && piece.buffer.byteLength <= SPARE_BYTES_MAX) this.#spare = new Uint8Array(piece.buffer);
  }

  #fail(error: unknown): void {
    this.error ??= error;
    this.#pieces.length = 0;
  }
}
