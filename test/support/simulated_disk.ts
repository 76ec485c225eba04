// A disk in memory that notes everything that is done to it, so that a test can tell what a loss of power at any moment may
// leave (test/crash/loss.ts). What ends in `Later` waits until somebody calls `work`: other threads have no time of their own.
import { dirname } from 'node:path';
import type { Files } from '../../src/base/files.ts';

/** What a disk holds: the bytes of all files by their paths, and the paths of directories. */
export interface DiskState {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly directories: ReadonlySet<string>;
}

/**
 * One thing that was done. `upTo`: only what stands before that in the journal is durable after a sync; after one that failed it
 * never will be.
 */
export type JournalEntry =
  | { readonly kind: 'write'; readonly file: number; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'cut'; readonly file: number; readonly bytes: number }
  | { readonly kind: 'sync'; readonly file: number; readonly upTo: number; readonly isGood: boolean }
  | { readonly kind: 'link'; readonly path: string; readonly file: number }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string; readonly file: number }
  | { readonly kind: 'syncDirectory'; readonly path: string; readonly upTo: number };

/** Number of what stands for a directory in a `link`. */
export const DIRECTORY = -1;

class Content {
  bytes: Uint8Array;
  length: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes.slice();
    this.length = bytes.length;
  }

  put(at: number, bytes: Uint8Array): void {
    const end = at + bytes.length;
    if (end > this.bytes.length) {
      const grown = new Uint8Array(2 * end);
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(bytes, at);
    this.length = Math.max(this.length, end);
  }

  cut(bytes: number): void {
    this.bytes.fill(0, bytes);
    this.length = bytes;
  }

  get view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

interface Open {
  readonly file: number;
  readonly path: string;
  at: number;
}

interface Waiting {
  readonly sinceMs: number;
  readonly run: () => void;
}

function failure(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}

export class SimulatedDisk implements Files {
  journal: JournalEntry[] = [];
  /**
   * Called before everything that changes or syncs something, or opens a file; what it returns is thrown instead. Half of what
   * was to be written is written nevertheless, as by a first call that could not write all.
   */
  fault: (call: string, path: string) => Error | null = () => null;
  /** Now, in ms. */
  nowMs: () => number = () => 0;
  #contents: Content[] = [];
  #names = new Map<string, number>();
  readonly #open = new Map<number, Open>();
  readonly #waiting: Waiting[] = [];
  #nextFd = 3;

  constructor({ files, directories }: DiskState) {
    for (const path of directories) this.#names.set(path, DIRECTORY);
    for (const [path, bytes] of files) this.#names.set(path, this.#contents.push(new Content(bytes)) - 1);
  }

  /** What is there without a loss. */
  get state(): DiskState {
    const files = new Map<string, Uint8Array>();
    const directories = new Set<string>();
    for (const [path, file] of this.#names) {
      if (file === DIRECTORY) directories.add(path);
      else files.set(path, this.#contents[file]!.view.slice());
    }
    return { files, directories };
  }

  /** Number of the file of this name, under which it stands in the journal. */
  fileAt(path: string): number {
    return this.#file(path);
  }

  /** The same disk for the next process: the one that had this one is dead and does nothing to it any more. */
  inherited(): SimulatedDisk {
    const next = new SimulatedDisk({ files: new Map(), directories: new Set() });
    next.journal = this.journal;
    next.#contents = this.#contents;
    next.#names = this.#names;
    this.journal = [];
    this.#contents = [];
    this.#names = new Map();
    this.#open.clear();
    this.#waiting.length = 0;
    return next;
  }

  // ---- what other threads do ----

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Since when the oldest of what waits does; Infinity when nothing waits. */
  get waitingSinceMs(): number {
    return this.#waiting.reduce((least, { sinceMs }) => Math.min(least, sinceMs), Infinity);
  }

  /** Has one of what waits done. */
  work(index: number): void {
    this.#waiting.splice(index, 1)[0]!.run();
  }

  #later<T>(action: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = (): void => {
        try {
          resolve(action());
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting.push({ sinceMs: this.nowMs(), run });
    });
  }

  // ---- Files ----

  read(path: string): Uint8Array {
    this.#call('read', path);
    return this.#contents[this.#file(path)]!.view.slice();
  }

  open(path: string): number {
    this.#call('open', path);
    return this.#opened(path);
  }

  size(fd: number): number {
    return this.#of(fd).length;
  }

  readNext(fd: number, bytes: Uint8Array, off: number, len: number): number {
    const open = this.#opening(fd);
    const count = this.readAt(fd, bytes, off, len, open.at);
    open.at += count;
    return count;
  }

  mode(path: string): number | null {
    const file = this.#names.get(path);
    if (file === undefined) return null;
    return file === DIRECTORY ? 0o755 : 0o644;
  }

  create(path: string): number {
    this.#call('create', path);
    if (this.#names.has(path)) throw failure('EEXIST', path);
    this.#needDirectory(path);
    const file = this.#contents.push(new Content(new Uint8Array(0))) - 1;
    this.#names.set(path, file);
    this.journal.push({ kind: 'link', path, file });
    return this.#opened(path);
  }

  write(fd: number, bytes: Uint8Array, off: number, len: number): number {
    const open = this.#opening(fd);
    const count = this.writeAt(fd, bytes, off, len, open.at);
    open.at += count;
    return count;
  }

  sync(fd: number): void {
    this.#sync(fd, this.journal.length);
  }

  close(fd: number): void {
    this.#opening(fd);
    this.#open.delete(fd);
  }

  rename(from: string, to: string): void {
    this.#call('rename', to);
    const file = this.#file(from);
    this.#needDirectory(to);
    this.#names.delete(from);
    this.#names.set(to, file);
    this.journal.push({ kind: 'rename', from, to, file });
  }

  remove(path: string): void {
    this.#call('remove', path);
    if (this.#names.delete(path)) this.journal.push({ kind: 'unlink', path });
  }

  syncDirectory(path: string): void {
    this.#syncDirectory(path, this.journal.length);
  }

  writeAt(fd: number, bytes: Uint8Array, off: number, len: number, position: number): number {
    const { file, path } = this.#opening(fd);
    const error = this.fault('write', path);
    const copy = bytes.slice(off, off + (error === null ? len : len >> 1));
    this.#contents[file]!.put(position, copy);
    this.journal.push({ kind: 'write', file, at: position, bytes: copy });
    if (error !== null) throw error;
    return len;
  }

  writeAtLater(fd: number, bytes: Uint8Array, off: number, len: number, position: number): Promise<number> {
    return this.#later(() => this.writeAt(fd, bytes, off, len, position));
  }

  readAtLater(fd: number, bytes: Uint8Array, off: number, len: number, position: number): Promise<number> {
    return this.#later(() => this.readAt(fd, bytes, off, len, position));
  }

  syncLater(fd: number): Promise<void> {
    const upTo = this.journal.length;
    return this.#later(() => this.#sync(fd, upTo));
  }

  closeLater(fd: number): Promise<void> {
    return this.#later(() => this.close(fd));
  }

  syncDirectoryLater(path: string): Promise<void> {
    const upTo = this.journal.length;
    return this.#later(() => this.#syncDirectory(path, upTo));
  }

  readAt(fd: number, bytes: Uint8Array, off: number, len: number, position: number): number {
    const view = this.#of(fd).view.subarray(position, position + len);
    bytes.set(view, off);
    return view.length;
  }

  openToWrite(path: string): number {
    this.#call('open', path);
    return this.#opened(path);
  }

  syncData(fd: number): void {
    this.#sync(fd, this.journal.length);
  }

  syncDataLater(fd: number): Promise<void> {
    return this.syncLater(fd);
  }

  truncate(path: string, bytes: number): void {
    this.#call('truncate', path);
    const file = this.#file(path);
    this.#contents[file]!.cut(bytes);
    this.journal.push({ kind: 'cut', file, bytes });
  }

  makeDirectory(path: string): void {
    this.#call('makeDirectory', path);
    if (this.#names.has(path)) throw failure('EEXIST', path);
    this.#needDirectory(path);
    this.#names.set(path, DIRECTORY);
    this.journal.push({ kind: 'link', path, file: DIRECTORY });
  }

  removeLater(path: string): Promise<void> {
    return this.#later(() => this.remove(path));
  }

  // ---- inside ----

  #call(call: string, path: string): void {
    const error = this.fault(call, path);
    if (error !== null) throw error;
  }

  #opening(fd: number): Open {
    const open = this.#open.get(fd);
    if (open === undefined) throw failure('EBADF', `descriptor ${fd}`);
    return open;
  }

  #of(fd: number): Content {
    return this.#contents[this.#opening(fd).file]!;
  }

  #opened(path: string): number {
    const file = this.#file(path);
    this.#open.set(this.#nextFd, { file, path, at: 0 });
    return this.#nextFd++;
  }

  #file(path: string): number {
    const file = this.#names.get(path);
    if (file === undefined) throw failure('ENOENT', path);
    if (file === DIRECTORY) throw failure('EISDIR', path);
    return file;
  }

  #needDirectory(path: string): void {
    if (this.#names.get(dirname(path)) !== DIRECTORY) throw failure('ENOENT', path);
  }

  #sync(fd: number, upTo: number): void {
    const { file, path } = this.#opening(fd);
    const error = this.fault('sync', path);
    this.journal.push({ kind: 'sync', file, upTo, isGood: error === null });
    if (error !== null) throw error;
  }

  #syncDirectory(path: string, upTo: number): void {
    this.#call('syncDirectory', path);
    if (this.#names.get(path) !== DIRECTORY) throw failure('ENOENT', path);
    this.journal.push({ kind: 'syncDirectory', path, upTo });
  }
}
