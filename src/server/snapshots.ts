// The server's one snapshot at a time (persist/snapshot.ts), whoever wants it: a save, or the log that begins anew.
import { MILLRACE_VERSION } from '../base/version.ts';
import type { RdbSettings } from '../persist/rdb_encoder.ts';
import { type Snapshot, startSnapshot } from '../persist/snapshot.ts';
import type { SnapshotSettings } from '../persist/snapshot_encoder.ts';
import type { ServerCore } from './server.ts';

/** So often it is looked whether a delay between keys is still wanted. */
const DELAY_STEP_MS = 100;

/** Who asked for the snapshot in progress. */
export type SnapshotOwner = 'save' | 'log';

export class Snapshots {
  /** Null while there is none, and nobody is about to put one in its place. */
  owner: SnapshotOwner | null = null;
  #current: Snapshot | null = null;
  readonly #server: ServerCore;

  constructor(server: ServerCore) {
    this.#server = server;
  }

  /**
   * Begins a snapshot of now into a new file. `onEnd` is called once, later: with null when the file is complete and synced,
   * else with the error (SnapshotAborted after `abort`), and the file is gone. The owner calls `release` when it is done with
   * the file. Throws the error of the file operation that failed; then there is no snapshot.
   */
  start(owner: SnapshotOwner, path: string, onEnd: (error: unknown) => void): void {
    const { admin, config, files, keyspace } = this.#server;
    const keyDelayMs = () => Math.max(0, config.number('rdb-key-save-delay') / 1000);
    this.#current = startSnapshot({
      keyspace,
      files,
      path,
      settings: owner === 'log' ? baseSettings(this.#server) : rdbSettings(this.#server, false),
      syncsOften: config.boolean(
        owner === 'log' ? 'aof-rewrite-incremental-fsync' : 'rdb-save-incremental-fsync',
      ),
      later: (slice, delayMs) => {
        const work = () => admin.timed('snapshot', slice);
        if (delayMs > 0) waitWhile(() => keyDelayMs() > 0, delayMs, work);
        else setImmediate(work);
      },
      keyDelayMs,
      onEnd: (error) => {
        this.#current = null;
        onEnd(error);
      },
    });
    this.owner = owner;
  }

  /** The owner is done. */
  release(): void {
    this.owner = null;
  }

  /** Gives the snapshot in progress up; its file is gone at once. */
  abort(): void {
    this.#current?.abort();
  }

  /** Keys that the snapshot in progress is to write, and those written; 0 while there is none. */
  get keysTotal(): number {
    return this.#current?.keysTotal ?? 0;
  }

  get keysDone(): number {
    return this.#current?.keysDone ?? 0;
  }

  /** Bytes of memory that it holds. */
  get bytes(): number {
    return this.#current?.waitingBytes ?? 0;
  }
}

/** Calls `work` in `delayMs`, or soon after the delay is not wanted any more. */
function waitWhile(isWanted: () => boolean, delayMs: number, work: () => void): void {
  const restMs = delayMs - DELAY_STEP_MS;
  const next = () => (restMs > 0 && isWanted() ? waitWhile(isWanted, restMs, work) : work());
  setTimeout(next, Math.min(delayMs, DELAY_STEP_MS)).unref();
}

/** Whether bases of the log are RDB files; otherwise they are commands. */
export function basesAreRdb({ config }: ServerCore): boolean {
  return config.boolean('aof-use-rdb-preamble');
}

/** How the base of a log is written now. */
export function baseSettings(server: ServerCore): SnapshotSettings {
  if (basesAreRdb(server)) return rdbSettings(server, true);
  const { config, keyspace } = server;
  const stamps = config.boolean('aof-timestamp-enabled');
  return { stampSeconds: stamps ? Math.floor(keyspace.nowMs / 1000) : 0, hasChecksum: false };
}

/** How RDB files are written now. */
export function rdbSettings({ config, keyspace, memory }: ServerCore, isBaseOfLog: boolean): RdbSettings {
  const policy = config.string('maxmemory-policy');
  return {
    compresses: config.boolean('rdbcompression'),
    hasChecksum: config.boolean('rdbchecksum'),
    clocks: policy.endsWith('-lfu') ? 'frequency' : policy.endsWith('-lru') ? 'idle' : 'none',
    facts: [
      ['millrace-ver', MILLRACE_VERSION],
      ['redis-bits', '64'],
      ['ctime', String(Math.floor(keyspace.nowMs / 1000))],
      ['used-mem', String(memory.usedBytes)],
      ['aof-base', isBaseOfLog ? '1' : '0'],
    ],
  };
}
