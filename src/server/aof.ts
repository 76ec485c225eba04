// The append-only file of a server: what commands did is written to disk before it is forgotten, and loaded at the next start.
//
//   commands ─▶ effects ─▶ file.put ─▶ write, and then replies leave ─▶ syncing (another thread)   everysec, no
//                  └─────▶ file.put ─▶ write, sync at once, and only then do replies leave         always
//
// `always`: all that a batch of commands did is written and synced once, before any of its replies is published; every reply
// passes `record`. If that fails the replies are not sent and their connections are closed.
//
// `everysec`, `no`: all that a batch did is given to the system before its replies are published, so that nothing is lost with
// the process. While a sync is under way, which might hold a write up, another thread writes instead, as soon as it can.
//
// `everysec`: the log is synced while at most half a second old. What is older than a second, or too much to keep in memory,
// makes writes wait: nothing that was acknowledged is ever older than a second and not on disk.
//
// After an error of writing or syncing the file is not used again. All writes are refused until a fresh base and a fresh
// increment stand on the disk (aof_rewrite.ts), which is tried once a second.
import { errorText } from '../base/errno.ts';
import { AofDirectory } from '../persist/aof_directory.ts';
import { type AofManifest, EMPTY_MANIFEST, lastIncrement, nextIncrement } from '../persist/aof_manifest.ts';
import type { LogFile } from '../persist/log_file.ts';
import { logFails } from '../resp/errors.ts';
import { AofError, type LoadedAof, loadAof, loadAofNow } from './aof_load.ts';
import { AofRewrite } from './aof_rewrite.ts';
import { createBase, readManifest, upgraded } from './aof_start.ts';
import type { ServerCore } from './server.ts';

/** How often the log is looked after, and how old in ms what is not synced may get before it is, or before writes wait. */
const TICK_MS = 100;
const SYNC_AGE_MS = 500;
const WAIT_AGE_MS = 900;
/** What may be kept in memory before writes wait. */
const WAITING_BYTES_MAX = 32 * 1024 * 1024;

export class Aof {
  readonly rewrite: AofRewrite;
  manifest: AofManifest = EMPTY_MANIFEST;
  /** Highest numbers of bases and increments that were used, be it in vain. */
  lastBase = 0;
  lastIncrement = 0;
  /** The increment that is written to; null while there is none. */
  file: LogFile | null = null;
  /** The increment before, until it is complete on disk: so long nothing is written to `file`. */
  previous: LogFile | null = null;
  /** Bytes of all files but `file`. */
  otherBytes = 0;
  /** Bytes of all files after the last rewrite, or the start. */
  baseBytes = 0;
  delayedSyncs = 0;
  flushSleepMs = 0;
  /** Whether replies wait for the disk. */
  isSynchronous = false;
  #syncsEachSecond = false;
  /** What made the log unusable; null while it is not. */
  #failure: unknown = null;
  /** Since when there is something that is not synced; NaN: there is nothing. */
  #unsyncedSinceMs = Number.NaN;
  #syncStartedMs = 0;
  #isHolding = false;
  #isLate = false;
  #timer: NodeJS.Timeout | null = null;
  /** Log that was given to files and is durable there (WAITAOF counts in it). */
  #syncedTotal = 0;
  readonly #waiters: { total: number; done: () => void }[] = [];
  readonly #server: ServerCore;

  constructor(server: ServerCore) {
    this.#server = server;
    this.rewrite = new AofRewrite(server, this);
  }

  // ---- state ----

  /** Whether it is wanted: it is on, or on its way. */
  get isOn(): boolean {
    return this.#server.config.boolean('appendonly');
  }

  /** Why writes are refused; '' when they are not. */
  get refusal(): string {
    return this.#failure === null ? '' : logFails(errorText(this.#failure));
  }

  get isBroken(): boolean {
    return this.#failure !== null;
  }

  /** Whether the files that the manifest names hold all that there is, up to what `file` waits for. */
  get isComplete(): boolean {
    const { file } = this;
    return (
      file !== null &&
      (this.previous !== null || this.manifest.increments.some(({ name }) => file.path.endsWith(name)))
    );
  }

  /** Whether the first base and increment are being made, so that no file has all the data yet. */
  get isBeginning(): boolean {
    return this.isOn && !this.isBroken && !this.isComplete && this.rewrite.isInProgress;
  }

  get currentBytes(): number {
    return this.otherBytes + (this.file?.accepted ?? 0);
  }

  /** Bytes in memory that no file has. */
  get waitingBytes(): number {
    return this.#server.effects.unitAt + (this.file?.waitingBytes ?? 0) + (this.previous?.waitingBytes ?? 0);
  }

  get isSyncing(): boolean {
    return this.file?.isSyncing ?? false;
  }

  directory(): AofDirectory {
    const { config, files } = this.#server;
    return new AofDirectory(files, config.file('appenddirname'), config.string('appendfilename'));
  }

  /** Takes over the settings of syncing. */
  configure(): void {
    const policy = this.#server.config.string('appendfsync');
    this.isSynchronous = policy === 'always';
    this.#syncsEachSecond = policy === 'everysec';
  }

  // ---- start and end ----

  /** Loads what there is and opens the log. Rejects with AofError, or the error of the file operation that failed. */
  async load(): Promise<void> {
    const { effects, log, saving } = this.#server;
    const directory = this.directory();
    this.#takeManifest(directory);
    this.manifest = upgraded(this.#server, directory, this.manifest);
    const { base, increments } = this.manifest;
    let loaded: LoadedAof | null = null;
    if (base !== null || increments.length > 0) {
      loaded = await loadAof(this.#server, this.manifest, directory.path);
    }
    directory.make();
    if (loaded === null) this.manifest = { ...this.manifest, base: createBase(this.#server, directory) };
    this.lastBase = Math.max(this.lastBase, this.manifest.base?.sequence ?? 0);
    const last = increments.at(-1) ?? nextIncrement(this.lastIncrement, directory.prefix);
    this.file = directory.openIncrement(last);
    directory.settle();
    if (increments.length === 0) {
      log.notice(`Creating AOF incr file ${last.name} on server start`);
      this.lastIncrement = last.sequence;
      this.manifest = { ...this.manifest, increments: [last] };
      directory.writeManifest(this.manifest, () => {});
    } else {
      log.notice(`Opening AOF incr file ${last.name} on server start`);
    }
    const total = loaded?.totalBytes ?? 0;
    this.otherBytes =
      total + (loaded === null ? directory.size(this.manifest.base!.name) : 0) - this.file.accepted;
    this.baseBytes = loaded === null ? this.otherBytes : loaded.baseBytes;
    this.#watch(this.file);
    effects.activate(true);
    saving.noteLoaded();
    this.startTimer();
    void this.rewrite.removeHistory();
  }

  #takeManifest(directory: AofDirectory): void {
    this.manifest = readManifest(this.#server, directory);
    this.lastBase = Math.max(this.lastBase, this.manifest.base?.sequence ?? 0);
    this.lastIncrement = Math.max(this.lastIncrement, lastIncrement(this.manifest));
  }

  /** CONFIG SET appendonly yes. False if that cannot be. */
  enable(): boolean {
    this.#takeManifest(this.directory());
    this.startTimer();
    return this.rewrite.beginWhenPossible();
  }

  /** CONFIG SET appendonly no: what was written stays as it is. */
  disable(): void {
    const { effects, log } = this.#server;
    this.rewrite.abort();
    try {
      this.flushNow();
    } catch (error) {
      log.warning(`Fail to fsync the AOF file: ${errorText(error)}`);
    }
    void this.file?.close();
    this.file = null;
    this.#failure = null;
    effects.activate(false);
    this.#stopTimer();
    this.#hold(false);
    this.#server.diskStateChanged();
  }

  /** Has all that was done so far on disk. Throws the error that prevents it. */
  flushNow(): void {
    if (this.file === null || this.#failure !== null) return;
    this.#settle();
    this.#collect(this.file);
    this.file.writeNow();
    this.file.syncNow();
    this.#synced();
  }

  /** The server ends: all that was done goes to disk. */
  stop(): void {
    const { log } = this.#server;
    if (this.file === null) return;
    this.rewrite.abort();
    this.#stopTimer();
    log.notice('Calling fsync() on the AOF file.');
    try {
      this.flushNow();
    } catch (error) {
      log.warning(`Fail to fsync the AOF file: ${errorText(error)}`);
    }
    void this.file.close();
    this.file = null;
    this.#server.effects.activate(false);
  }

  /** Throws all data away and loads what the files hold. False if that failed, which the log then explains. */
  reload(): boolean {
    const { keyspace, log, saving } = this.#server;
    try {
      this.flushNow();
      const directory = this.directory();
      if (this.file === null) this.#takeManifest(directory);
      for (let index = 0; index < keyspace.databaseCount; index++) keyspace.flush(index, false);
      loadAofNow(this.#server, this.manifest, directory.path);
    } catch (error) {
      if (!(error instanceof AofError)) log.warning(errorText(error));
      return false;
    }
    saving.noteLoaded();
    log.notice('Append Only File loaded by DEBUG LOADAOF');
    return true;
  }

  // ---- what the server tells ----

  /** Writes all that was done, with `always` to the disk; false if that failed and replies must not leave. */
  record(): boolean {
    if (this.#server.effects.unitAt === 0 || this.file === null) return true;
    if (this.isSynchronous) return this.#commit();
    this.#pump();
    return true;
  }

  /** Calls `done` once all that was done so far is durable. */
  whenSynced(done: () => void): void {
    const total = this.#server.effects.totalBytes;
    if (this.#syncedTotal >= total) done();
    else this.#waiters.push({ total, done });
  }

  get hasSyncedAll(): boolean {
    return this.#syncedTotal >= this.#server.effects.totalBytes;
  }

  // ---- writing ----

  /** Goes over to another increment. `previous` is the one before if that has to be completed first. */
  switchTo(file: LogFile, previous: LogFile | null): void {
    this.previous = previous;
    this.file = file;
    this.#watch(file);
    this.#server.effects.restart();
  }

  /** The increment before is complete on disk, and the manifest knows the new one. */
  switched(): void {
    if (this.previous === null) return;
    this.otherBytes += this.previous.accepted;
    void this.previous.close();
    this.previous = null;
    this.#unsyncedSinceMs = Number.NaN;
    this.#synced();
    if (!this.isSynchronous) this.#pump();
  }

  /** Hands what was done so far to a file. */
  collectInto(file: LogFile): void {
    this.#collect(file);
  }

  /** The log works again, or works at last. */
  healed(): void {
    if (this.#failure !== null) {
      this.#failure = null;
      this.#server.log.warning(
        'The AOF begins anew with a fresh base and increment, writes are accepted again.',
      );
    }
    this.#synced();
    this.#server.diskStateChanged();
  }

  /** The log cannot be written any more. */
  broken(error: unknown): void {
    if (this.#failure !== null) return;
    const { files, log } = this.#server;
    log.warning(`Error writing to the AOF file: ${errorText(error)}`);
    this.#failure = error;
    this.rewrite.abort();
    this.#hold(false);
    if (this.file !== null && this.file.written < this.file.accepted) {
      try {
        files.truncate(this.file.path, this.file.written);
      } catch {
        // What is left of a piece is cut off when it is loaded.
      }
    }
    this.#server.diskStateChanged();
  }

  #watch(file: LogFile): void {
    file.onProgress = () => {
      if (file === this.file) this.#progress();
      else if (file === this.previous && file.error !== null) this.broken(file.error);
    };
  }

  #progress(): void {
    const file = this.file!;
    if (file.error !== null) {
      if (this.#failure === null) this.broken(file.error);
      else this.rewrite.abort();
      return;
    }
    this.#synced();
    if (!this.isSynchronous) this.#pump();
    this.#look();
  }

  #collect(file: LogFile): void {
    const { effects, clock } = this.#server;
    if (effects.unitAt === 0) return;
    file.put(effects.take(file.buffer()));
    if (Number.isNaN(this.#unsyncedSinceMs)) this.#unsyncedSinceMs = clock.monotonicMs();
  }

  /** Writes all that was done, or has another thread write it; if that has enough to do, it comes back for more. */
  #pump(): void {
    const { file } = this;
    if (file === null) return;
    if (this.#failure !== null && !this.rewrite.isInProgress) {
      this.#forget();
      return;
    }
    if (this.previous === null && !file.isWriting) {
      this.#collect(file);
      if (file.isSyncing) file.writeLater();
      else this.#writeNow(file);
    }
    if (this.waitingBytes > WAITING_BYTES_MAX) this.#look();
  }

  #writeNow(file: LogFile): void {
    this.#sleep();
    try {
      file.writeNow();
    } catch (error) {
      this.broken(error);
    }
  }

  /** While the log is broken nothing of it is kept: the base of a fresh one will have it. */
  #forget(): void {
    const { effects } = this.#server;
    effects.take(new Uint8Array(effects.bytes.length));
  }

  /** Writes and syncs all that was done; false if that failed. */
  #commit(): boolean {
    if (this.#failure !== null) {
      this.#pump();
      return true;
    }
    try {
      this.#settle();
      const file = this.file!;
      this.#collect(file);
      this.#sleep();
      file.writeNow();
      file.syncNow();
    } catch (error) {
      this.broken(error);
      return false;
    }
    this.#synced();
    return true;
  }

  #sleep(): void {
    if (this.flushSleepMs > 0) this.#server.clock.sleep(this.flushSleepMs);
  }

  /** Completes a switch that is under way. */
  #settle(): void {
    if (this.previous !== null) this.rewrite.switchNow();
  }

  #synced(): void {
    const { file } = this;
    const { clock, effects } = this.#server;
    if (file === null || this.previous !== null) return;
    const total = effects.totalBytes - effects.unitAt - (file.accepted - file.synced);
    if (total === this.#syncedTotal) return;
    this.#syncedTotal = total;
    if (file.synced < file.accepted)
      this.#unsyncedSinceMs = Math.max(this.#unsyncedSinceMs, this.#syncStartedMs);
    else this.#unsyncedSinceMs = effects.unitAt === 0 ? Number.NaN : clock.monotonicMs();
    if (this.#waiters.length === 0 || this.#waiters[0]!.total > total) return;
    // Not here: replies may be about to be published, or room made for one.
    setImmediate(() => this.#tellWaiters());
  }

  #tellWaiters(): void {
    const waiters = this.#waiters;
    while (waiters.length > 0 && waiters[0]!.total <= this.#syncedTotal) waiters.shift()!.done();
    this.#server.afterBackground();
  }

  // ---- time ----

  /** Has time pass for the log, and for rewrites that are scheduled. */
  startTimer(): void {
    this.#timer ??= setInterval(() => this.tick(), TICK_MS).unref();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  tick(): void {
    this.#sync();
    this.#look();
    this.rewrite.tick();
  }

  /** Has the log synced if it is time. */
  #sync(): void {
    const { file } = this;
    if (file === null || this.#failure !== null || this.#isSpared) return;
    const nowMs = this.#server.clock.monotonicMs();
    if (!(nowMs - this.#unsyncedSinceMs >= SYNC_AGE_MS) || file.isSyncing) return;
    this.#syncStartedMs = nowMs;
    file.syncLater();
  }

  /** Whether nothing is to be synced now. */
  get #isSpared(): boolean {
    if (!this.#syncsEachSecond && !this.isSynchronous) return true;
    return this.rewrite.isInProgress && this.#server.config.boolean('no-appendfsync-on-rewrite');
  }

  /** Lets writes wait while the disk is behind. */
  #look(): void {
    const { clock, log } = this.#server;
    const isLate = !this.#isSpared && clock.monotonicMs() - this.#unsyncedSinceMs >= WAIT_AGE_MS;
    if (isLate && !this.#isLate) {
      this.delayedSyncs++;
      log.notice('Asynchronous AOF fsync is taking too long (disk is busy?). Writes have to wait for it.');
    }
    this.#isLate = isLate;
    this.#hold(this.#failure === null && (isLate || this.waitingBytes > WAITING_BYTES_MAX));
  }

  #hold(isHolding: boolean): void {
    if (isHolding === this.#isHolding) return;
    this.#isHolding = isHolding;
    this.#server.pause.holdWrites(isHolding);
    if (!isHolding) this.#server.afterBackground();
  }
}
