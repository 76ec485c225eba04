// The RDB file of a server: saved while everybody waits or while commands go on, by command, by save points and at the end;
// loaded at the start.
import { dirname, join } from 'node:path';
import { errorText } from '../base/errno.ts';
import { switchFile, tryToRemove } from '../base/files.ts';
import type { ReloadOptions, SavingPort } from '../commands/admin_port.ts';
import { type Loaded, loadRdb, nothingLoaded, RdbLoad } from '../persist/rdb_loader.ts';
import { SnapshotAborted } from '../persist/snapshot.ts';
import { writeSnapshot } from '../persist/snapshot_writer.ts';
import { SAVES_FAIL } from '../resp/errors.ts';
import type { ServerCore } from './server.ts';
import { rdbSettings } from './snapshots.ts';

/**
 * After a background save has failed the next one by save points or schedule has to wait so long: writes may be refused
 * meanwhile, and are accepted again within 5 seconds after the disk has space.
 */
const RETRY_MS = 4000;

export class Saving implements SavingPort {
  /** When the data were last saved, or the server started, in ms since 1970. */
  lastSaveMs: number;
  /** Saves that were begun. */
  saves = 0;
  /** Whether the last background save that ended was good. */
  isLastSaveGood = true;
  /** How long it took, in ms; -1 before the first one. */
  lastDurationMs = -1;
  lastLoad = nothingLoaded();
  /** `keyspace.dirty` when the data were last saved. */
  #savedDirty = 0;
  /** When the background save in progress, or the last one, began, and what `keyspace.dirty` was. */
  #startedMs = 0;
  #startedDirty = 0;
  #isScheduled = false;
  readonly #server: ServerCore;

  constructor(server: ServerCore) {
    this.#server = server;
    this.lastSaveMs = server.startedMs;
  }

  /** Changes since the data were last saved. */
  get changes(): number {
    return this.#server.keyspace.dirty - this.#savedDirty;
  }

  get inBackground(): boolean {
    return this.#server.snapshots.owner === 'save';
  }

  get isOtherInBackground(): boolean {
    return this.#server.snapshots.owner === 'log';
  }

  /** How long the background save in progress takes so far, in ms; -1 when there is none. */
  get currentDurationMs(): number {
    return this.inBackground ? this.#server.clock.nowMs() - this.#startedMs : -1;
  }

  /** Whether there are save points. */
  get isConfigured(): boolean {
    return this.#server.config.value('save').length > 0;
  }

  /** Why writes are refused while saves fail; '' when they are not. */
  get refusal(): string {
    if (this.isLastSaveGood || !this.isConfigured) return '';
    return this.#server.config.boolean('stop-writes-on-bgsave-error') ? SAVES_FAIL : '';
  }

  save(): boolean {
    const { files, keyspace, log } = this.#server;
    this.saves++;
    try {
      const settings = rdbSettings(this.#server, false);
      writeSnapshot(keyspace, files, this.#path(), settings, this.#temporaryPath());
    } catch (error) {
      log.warning(`Error saving the DB on disk: ${errorText(error)}`);
      return false;
    }
    log.notice('DB saved on disk');
    this.#saved(keyspace.dirty);
    return true;
  }

  saveInBackground(): boolean {
    const { clock, keyspace, log, snapshots } = this.#server;
    this.#startedMs = clock.nowMs();
    this.#startedDirty = keyspace.dirty;
    const temporary = this.#temporaryPath();
    const path = this.#path();
    try {
      snapshots.start('save', temporary, (error) => void this.#end(error, temporary, path));
    } catch (error) {
      log.warning(`Can't save in background: ${errorText(error)}`);
      this.#outcome(false);
      return false;
    }
    this.saves++;
    log.notice(`Background saving started by pid ${process.pid}`);
    return true;
  }

  scheduleSave(): void {
    this.#isScheduled = true;
  }

  unscheduleSave(): boolean {
    const wasScheduled = this.#isScheduled;
    this.#isScheduled = false;
    return wasScheduled;
  }

  /** Gives the background save in progress up. */
  abortSave(): void {
    if (this.inBackground) this.#server.snapshots.abort();
  }

  afterFlush(): void {
    this.abortSave();
    if (this.isConfigured) this.save();
  }

  /** Begins a background save if save points or a schedule want one. */
  tick(): void {
    const { clock, config, loading, log, snapshots } = this.#server;
    if (snapshots.owner !== null || loading.active) return;
    const nowMs = clock.nowMs();
    if (!this.isLastSaveGood && nowMs - this.#startedMs <= RETRY_MS) return;
    for (const { seconds, changes } of config.value('save')) {
      if (this.changes < changes || nowMs - this.lastSaveMs <= seconds * 1000) continue;
      log.notice(`${changes} changes in ${seconds} seconds. Saving...`);
      this.saveInBackground();
      return;
    }
    if (this.#isScheduled && this.saveInBackground()) this.#isScheduled = false;
  }

  /** The snapshot is complete under its temporary name, or there is none. */
  async #end(error: unknown, temporary: string, path: string): Promise<void> {
    const { log, snapshots } = this.#server;
    try {
      if (error !== null) throw error;
      await this.#install(temporary, path);
      log.notice('DB saved on disk');
      log.notice('Background saving terminated with success');
      this.#saved(this.#startedDirty);
      this.#outcome(true);
    } catch (failure) {
      if (failure instanceof SnapshotAborted) {
        log.warning('Background saving was given up');
      } else {
        log.warning(`Write error saving DB on disk: ${errorText(failure)}`);
        log.warning('Background saving error');
        this.#outcome(false);
      }
    }
    this.lastDurationMs = this.#server.clock.nowMs() - this.#startedMs;
    snapshots.release();
  }

  /** Puts the complete file in the place of the old one. */
  async #install(temporary: string, path: string): Promise<void> {
    const { files } = this.#server;
    // The old file is kept open over the switch: to free a large one takes the system a while, which is not to be here.
    let old = -1;
    try {
      if (files.mode(path) !== null) old = files.open(path);
    } catch (error) {
      tryToRemove(files, temporary);
      throw error;
    }
    try {
      switchFile(files, temporary, path);
    } finally {
      if (old >= 0) files.closeLater(old).catch(() => {});
    }
    await files.syncDirectoryLater(dirname(path));
  }

  #saved(dirty: number): void {
    this.#savedDirty = dirty;
    this.lastSaveMs = this.#server.clock.nowMs();
    this.#outcome(true);
  }

  #outcome(isGood: boolean): void {
    this.isLastSaveGood = isGood;
    this.#server.diskStateChanged();
  }

  /**
   * Loads the file if there is one, while clients are told to wait. Rejects with RdbError, or the error of the file operation
   * that failed.
   */
  async load(): Promise<void> {
    const { clock, config, files, keyspace, loading } = this.#server;
    const path = this.#path();
    if (files.mode(path) === null) return;
    const startMs = clock.monotonicMs();
    const checksChecksum = config.boolean('rdbchecksum');
    const onFact = (name: string, value: string) => this.#tellFact(name, value);
    const load = new RdbLoad({ keyspace, files, path, checksChecksum, merges: false, onFact });
    try {
      await loading.run(load);
    } finally {
      load.close();
    }
    this.#loaded(load.loaded, startMs);
  }

  #tellFact(name: string, value: string): void {
    const { clock, log } = this.#server;
    if (name === 'redis-ver' || name === 'millrace-ver')
      log.notice(`Loading RDB produced by version ${value}`);
    else if (name === 'ctime') {
      const ageSeconds = Math.max(0, Math.floor(clock.nowMs() / 1000) - Number(value));
      log.notice(`RDB age ${ageSeconds} seconds`);
    } else if (name === 'used-mem') {
      log.notice(`RDB memory usage when created ${(Number(value) / (1024 * 1024)).toFixed(2)} Mb`);
    }
  }

  #loaded(loaded: Loaded, startMs: number): void {
    const { clock, keyspace, log } = this.#server;
    this.lastLoad = loaded;
    for (const name of loaded.emptyNames) log.notice(`skipping empty key: ${name}`);
    const skipped = loaded.empty === 0 ? '' : `, empty keys skipped: ${loaded.empty}`;
    log.notice(`Done loading RDB, keys loaded: ${loaded.keys}, keys expired: ${loaded.expired}${skipped}.`);
    log.notice(`DB loaded from disk: ${((clock.monotonicMs() - startMs) / 1000).toFixed(3)} seconds`);
    this.#savedDirty = keyspace.dirty;
  }

  reload({ saves, flushes, merges }: ReloadOptions): boolean {
    const { files, keyspace, log, tracking } = this.#server;
    if (saves && !this.save()) return false;
    if (files.mode(this.#path()) === null) {
      log.warning('There is no file to load the DB from');
      return false;
    }
    if (flushes) {
      for (let index = 0; index < keyspace.databaseCount; index++) keyspace.flush(index, false);
      tracking.flushed();
    }
    try {
      this.#load(merges);
    } catch (error) {
      log.warning(`Error loading the DB from disk: ${errorText(error)}`);
      return false;
    }
    log.warning('DB reloaded by DEBUG RELOAD');
    return true;
  }

  #load(merges: boolean): void {
    const { clock, config, files, keyspace } = this.#server;
    const startMs = clock.monotonicMs();
    this.#loaded(loadRdb(keyspace, files, this.#path(), config.boolean('rdbchecksum'), merges), startMs);
  }

  /** The data were loaded from elsewhere. */
  noteLoaded(): void {
    this.#savedDirty = this.#server.keyspace.dirty;
  }

  #path(): string {
    return this.#server.config.file('dbfilename');
  }

  /**
   * The name that a file has until it is complete: of one server of one process. What a killed process left behind stays there,
   * as in Redis: who can tell that the file is not being written somewhere else.
   */
  #temporaryPath(): string {
    return join(dirname(this.#path()), `temp-${process.pid}-${this.#server.runId.slice(0, 8)}.rdb`);
  }
}
