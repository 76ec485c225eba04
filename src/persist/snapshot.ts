// A snapshot: all data as they are when it begins, written to a file while commands go on. Nothing is forked or copied.
//
// The execution thread walks all databases in short slices between commands; what a command is about to change is written
// first (database_walk.ts). The bytes leave through a bounded buffer that other threads write to the file (file_sink.ts);
// while that is full the walk waits. One snapshot at a time may be in progress: databases have one guard.
//
// A large value is written part by part in the same way, to a place of its own, and comes into the file when it is complete, at
// the end if it is too large for memory (large_values.ts, value_walk.ts).
//
// What it makes is a complete file (snapshot_encoder.ts) under the very name given, synced and closed. To put it in the place of
// another file is left to the caller, as is everything else that differs between a save, the base of a log and a replica's
// copy.
import type { Ref } from '../arena/arena.ts';
import { type Files, tryToRemove } from '../base/files.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { DatabaseWalk } from './database_walk.ts';
import { FileSink } from './file_sink.ts';
import { LargeValues } from './large_values.ts';
import { ownReaders } from './readers.ts';
import { makeEncoder, type SnapshotEncoder, type SnapshotSettings } from './snapshot_encoder.ts';
import { SNAPSHOT_FILE_MODE } from './snapshot_writer.ts';
import type { ValueWalk } from './value_walk.ts';

/**
 * How long the walk holds up commands: half as long as what came in between took, so that a busy server goes on at two thirds of
 * its speed, within these bounds; and how much it writes at most if time stands still.
 */
const SLICE_MS_MIN = 0.05;
const SLICE_MS_MAX = 0.2;
const SLICE_SHARE = 0.5;
const STEPS_A_SLICE_MAX = 64;
/** What is handed to the file at once. */
const PIECE_BYTES = 256 * 1024;

export interface SnapshotOptions {
  readonly keyspace: Keyspace;
  readonly files: Files;
  /** The file to make; what stands there is removed. */
  readonly path: string;
  readonly settings: SnapshotSettings;
  /** Whether the file is synced again and again on the way (rdb-save-incremental-fsync). */
  readonly syncsOften: boolean;
  /** Has a slice done soon, but not now; in `delayMs` at the earliest. */
  readonly later: (slice: () => void, delayMs: number) => void;
  /** How long to wait after each key, in ms (rdb-key-save-delay, for tests). */
  readonly keyDelayMs: () => number;
  /** Called once, never by `startSnapshot` itself: with null when the file is there, else with what went wrong; it is gone then. */
  readonly onEnd: (error: unknown) => void;
}

/** What `onEnd` gets after `abort`. */
export class SnapshotAborted extends Error {
  constructor() {
    super('aborted');
    this.name = 'SnapshotAborted';
  }
}

/** Begins a snapshot of now. Throws the error of the file operation that failed. */
export function startSnapshot(options: SnapshotOptions): Snapshot {
  const { files, path } = options;
  files.remove(path);
  return new Snapshot(options, files.create(path, SNAPSHOT_FILE_MODE));
}

export class Snapshot {
  /** Keys that it is to write, and those written. */
  readonly keysTotal: number;
  keysDone = 0;
  readonly #options: SnapshotOptions;
  readonly #fd: number;
  readonly #sink: FileSink;
  readonly #encoder: SnapshotEncoder;
  readonly #walks: DatabaseWalk[] = [];
  readonly #values: LargeValues;
  readonly #visit: (ref: Ref) => void;
  /** Whose keys were written last, and whose sizes are written. */
  #current: DatabaseWalk | null = null;
  readonly #introduced = new Set<DatabaseWalk>();
  /** Bytes in hand that are in the checksum. */
  #summed = 0;
  #isWaiting = false;
  /** When the last slice ended; before the first one it is as if no time had passed since. */
  #sliceEndMs = Number.POSITIVE_INFINITY;
  /** All is written, or nothing more is to be. */
  #isOver = false;
  #isReported = false;

  /** @internal Use startSnapshot. */
  constructor(options: SnapshotOptions, fd: number) {
    const { keyspace, files, settings, syncsOften } = options;
    this.#options = options;
    this.#fd = fd;
    this.#sink = new FileSink(files, fd, syncsOften);
    this.#sink.onProgress = () => this.#resume();
    const readers = ownReaders(keyspace);
    this.#encoder = makeEncoder(keyspace, readers, settings);
    this.#values = new LargeValues({
      keyspace,
      readers,
      settings,
      files,
      path: `${options.path}.values`,
      onProgress: () => this.#resume(),
      onError: (error) => this.#fail(error),
    });
    this.#visit = (ref) => this.#entry(ref);
    this.#encoder.head();
    const write = (walk: DatabaseWalk, first: number, end: number) => this.#write(walk, first, end);
    for (let index = 0; index < keyspace.databaseCount; index++) {
      const db = keyspace.db(index);
      if (db.size > 0) this.#walks.push(new DatabaseWalk(db, write));
    }
    this.keysTotal = this.#walks.reduce((sum, walk) => sum + walk.keys, 0);
    // Who came while this was made, which takes a while the first time, has a turn before the first slice.
    options.later(() => this.#schedule(0), 0);
  }

  /** Bytes of the file so far, and those of them that are still in memory. */
  get writtenBytes(): number {
    return this.#sink.length;
  }

  get waitingBytes(): number {
    return this.#sink.waitingBytes + this.#encoder.out.length + this.#values.waitingBytes;
  }

  /** Gives up at once. The name is free when this returns; `onEnd` follows. */
  abort(): void {
    if (this.#isReported) return;
    tryToRemove(this.#options.files, this.#options.path);
    this.#sink.stop(new SnapshotAborted());
    this.#fail(this.#sink.error);
  }

  #schedule(delayMs: number): void {
    this.#options.later(() => this.#slice(), delayMs);
  }

  #resume(): void {
    if (this.#sink.error !== null) this.#fail(this.#sink.error);
    if (this.#values.error !== null) this.#fail(this.#values.error);
    if (this.#isOver || !this.#isWaiting || this.#isFull) return;
    this.#isWaiting = false;
    this.#schedule(0);
  }

  /** Whether so much waits for the disk that the walk has to wait, too. */
  get #isFull(): boolean {
    return this.#sink.isFull || this.#values.isFull;
  }

  /** Walks on for a while. */
  #slice(): void {
    if (this.#isOver) return;
    const { clock } = this.#options.keyspace;
    const keyDelayMs = this.#options.keyDelayMs();
    const before = this.keysDone;
    const startMs = clock.monotonicMs();
    const sliceMs = Math.min(
      Math.max((startMs - this.#sliceEndMs) * SLICE_SHARE, SLICE_MS_MIN),
      SLICE_MS_MAX,
    );
    const endMs = startMs + sliceMs;
    for (let steps = keyDelayMs > 0 ? 1 : STEPS_A_SLICE_MAX; steps > 0; steps--) {
      if (!this.#step()) return;
      if (this.#isFull || clock.monotonicMs() >= endMs) break;
    }
    this.#sliceEndMs = clock.monotonicMs();
    if (this.#isFull) this.#isWaiting = true;
    else this.#schedule((this.keysDone - before) * keyDelayMs);
  }

  /**
   * Writes some more; false if the snapshot is over. Values that were begun come first, then emptied databases, so that their
   * memory can be freed.
   */
  #step(): boolean {
    const value = this.#values.first;
    if (value !== undefined) {
      if (!value.step() && !this.#isOver) this.#endValue(value);
      return !this.#isOver;
    }
    const walk = this.#walks.find((one) => one.isInherited) ?? this.#walks[0];
    if (walk === undefined) {
      this.#isOver = true;
      void this.#finish();
      return false;
    }
    // A database that is through has to stay until its last values are.
    if (!walk.step() && this.#values.first === undefined) {
      walk.end();
      this.#walks.splice(this.#walks.indexOf(walk), 1);
    }
    return !this.#isOver;
  }

  /** Writes a part of a database; in the middle of a command, which must not fail because of it. */
  #write(walk: DatabaseWalk, first: number, end: number): void {
    try {
      this.#enter(walk);
      walk.db.visitHashes(first, end, this.#visit);
      this.#sum();
      if (this.#encoder.out.length >= PIECE_BYTES) this.#flush();
    } catch (error) {
      this.#fail(error);
    }
  }

  #enter(walk: DatabaseWalk): void {
    if (this.#current === walk) return;
    this.#current = walk;
    this.#encoder.database(walk.index);
    if (!this.#introduced.has(walk)) this.#encoder.sizes(walk.keys, walk.volatileKeys);
    this.#introduced.add(walk);
  }

  #entry(ref: Ref): void {
    if (this.#values.begin(ref, this.#current!.index)) return;
    this.#encoder.entry(ref);
    this.keysDone++;
    if (this.#encoder.out.length >= PIECE_BYTES) this.#flush();
  }

  /** A value is written: it goes into the file, or waits for the end where it is. */
  #endValue(value: ValueWalk): void {
    const { out } = this.#encoder;
    try {
      const parts = this.#values.end(value);
      this.keysDone++;
      if (parts === null) return;
      this.#current = null;
      this.#encoder.database(value.options.database);
      for (const bytes of parts) out.raw(bytes, 0, bytes.length);
      if (out.length >= PIECE_BYTES) this.#flush();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Sums up what was written: often, since a whole piece would take as long as a slice may last. */
  #sum(): void {
    const { out } = this.#encoder;
    const { length } = out;
    if (this.#options.settings.hasChecksum) out.crc.update(out.bytes, this.#summed, length - this.#summed);
    this.#summed = length;
  }

  #flush(): void {
    const { out } = this.#encoder;
    this.#sum();
    this.#summed = 0;
    this.#sink.take(out.exchange(this.#sink.buffer()));
  }

  /** All that is left to do when no change matters any more. */
  async #finish(): Promise<void> {
    try {
      await this.#values.copy(
        (database) => this.#encoder.database(database),
        (bytes) => this.#append(bytes),
      );
      this.#encoder.end();
      this.#flush();
      this.#encoder.checksum();
      this.#flush();
    } catch (error) {
      this.#sink.stop(error);
    }
    await this.#close();
  }

  /** Puts bytes at the end of the file, and lets others have their turn. */
  async #append(bytes: Uint8Array): Promise<void> {
    if (this.#sink.error !== null) throw this.#sink.error;
    if (this.#sink.isFull) await this.#sink.settled();
    this.#encoder.out.raw(bytes, 0, bytes.length);
    this.#flush();
    await new Promise<void>((resolve) => this.#options.later(resolve, 0));
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#values.abandon();
    for (const walk of this.#walks) walk.end();
    this.#sink.stop(error);
    void this.#close();
  }

  /** Waits for the last bytes, syncs and closes the file, and reports. */
  async #close(): Promise<void> {
    const { files, path, onEnd } = this.#options;
    const sink = this.#sink;
    await sink.settled();
    try {
      await this.#values.close(sink.error);
      if (sink.error === null) await files.syncLater(this.#fd);
    } catch (error) {
      sink.stop(error);
    }
    try {
      await files.closeLater(this.#fd);
    } catch (error) {
      sink.stop(error);
    }
    const { error } = sink;
    // An aborted one is removed already, and another may have begun under its name.
    if (error !== null && !(error instanceof SnapshotAborted)) tryToRemove(files, path);
    this.#isReported = true;
    onEnd(error);
  }
}
