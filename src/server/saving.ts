// The RDB file of a server: saved on demand while everybody waits, loaded at the start.
import { errorText } from '../base/errno.ts';
import { SystemFiles } from '../base/files.ts';
import { MILLRACE_VERSION } from '../base/version.ts';
import type { ReloadOptions, SavingPort } from '../commands/admin_port.ts';
import type { RdbSettings } from '../persist/rdb_encoder.ts';
import { type Loaded, loadRdb } from '../persist/rdb_loader.ts';
import { writeRdb } from '../persist/rdb_writer.ts';
import type { ServerCore } from './server.ts';

export class Saving implements SavingPort {
  /** When the data were last saved, or the server started, in ms since 1970. */
  lastSaveMs: number;
  saves = 0;
  isLastSaveGood = true;
  lastLoad: Loaded = { keys: 0, expired: 0 };
  /** `keyspace.dirty` when the data were last saved. */
  #savedDirty = 0;
  readonly #files = new SystemFiles();
  readonly #server: ServerCore;

  constructor(server: ServerCore) {
    this.#server = server;
    this.lastSaveMs = server.startedMs;
  }

  /** Changes since the data were last saved. */
  get changes(): number {
    return this.#server.keyspace.dirty - this.#savedDirty;
  }

  save(): boolean {
    const { keyspace, log } = this.#server;
    try {
      writeRdb(keyspace, this.#files, this.#path(), this.#settings());
    } catch (error) {
      this.isLastSaveGood = false;
      log.warning(`Error saving the DB on disk: ${errorText(error)}`);
      return false;
    }
    this.isLastSaveGood = true;
    this.saves++;
    this.lastSaveMs = keyspace.nowMs;
    this.#savedDirty = keyspace.dirty;
    log.notice('DB saved on disk');
    return true;
  }

  /** Loads the file if there is one. Throws RdbError, or the error of the file operation that failed. */
  load(): void {
    if (this.#files.mode(this.#path()) !== null) this.#load(false);
  }

  reload({ saves, flushes, merges }: ReloadOptions): boolean {
    const { keyspace, log } = this.#server;
    if (saves && !this.save()) return false;
    if (this.#files.mode(this.#path()) === null) {
      log.warning('There is no file to load the DB from');
      return false;
    }
    if (flushes) for (let index = 0; index < keyspace.databaseCount; index++) keyspace.flush(index, false);
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
    const { clock, config, keyspace, log } = this.#server;
    const startMs = clock.monotonicMs();
    const path = this.#path();
    this.lastLoad = loadRdb(keyspace, this.#files, path, config.boolean('rdbchecksum'), merges);
    const { keys, expired } = this.lastLoad;
    log.notice(`Done loading RDB, keys loaded: ${keys}, keys expired: ${expired}.`);
    log.notice(`DB loaded from disk: ${((clock.monotonicMs() - startMs) / 1000).toFixed(3)} seconds`);
    this.#savedDirty = keyspace.dirty;
  }

  #path(): string {
    return this.#server.config.file('dbfilename');
  }

  #settings(): RdbSettings {
    const { config, keyspace, memory } = this.#server;
    const policy = config.string('maxmemory-policy');
    const seconds = Math.floor(keyspace.nowMs / 1000);
    return {
      compresses: config.boolean('rdbcompression'),
      hasChecksum: config.boolean('rdbchecksum'),
      clocks: policy.endsWith('-lfu') ? 'frequency' : policy.endsWith('-lru') ? 'idle' : 'none',
      facts: [
        ['millrace-ver', MILLRACE_VERSION],
        ['redis-bits', '64'],
        ['ctime', String(seconds)],
        ['used-mem', String(memory.usedBytes)],
        ['aof-base', '0'],
      ],
    };
  }
}
