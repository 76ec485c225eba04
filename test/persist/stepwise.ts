// Snapshots that move on when a test says so, and what their files hold.
import { join } from 'node:path';
import { type Files, SystemFiles } from '../../src/base/files.ts';
import { loadRdb } from '../../src/persist/rdb_loader.ts';
import { type Snapshot, startSnapshot } from '../../src/persist/snapshot.ts';
import { Engine } from '../support/engine.ts';

export const snapshotFile = (dir: string) => join(dir, 'snapshot.rdb');

export class Steps {
  readonly snapshot: Snapshot;
  readonly ended: Promise<unknown>;
  #next: (() => void) | null = null;

  /** With `isStepwise` one step is written at a time. */
  constructor(engine: Engine, dir: string, files: Files = new SystemFiles(), isStepwise = true) {
    let end: (error: unknown) => void;
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.snapshot = startSnapshot({
      keyspace: engine.server.keyspace,
      files,
      path: snapshotFile(dir),
      settings: { compresses: true, hasChecksum: true, clocks: 'none', facts: [] },
      syncsOften: true,
      later: (slice) => {
        this.#next = slice;
      },
      keyDelayMs: () => (isStepwise ? 1 : 0),
      onEnd: (error) => end(error),
    });
  }

  /** One step; false when nothing is left to be done at once. */
  step(): boolean {
    const next = this.#next;
    this.#next = null;
    next?.();
    return this.#next !== null;
  }

  async finish(): Promise<unknown> {
    const ended = this.ended.then((error) => ({ error }));
    for (;;) {
      while (this.step());
      const tick = new Promise<null>((resolve) => setImmediate(resolve, null));
      const result = await Promise.race([ended, tick]);
      if (result !== null) return result.error;
    }
  }
}

/** What is in all databases: a line for each key, and the digest of everything. */
export function contentsOf(engine: Engine): string[] {
  const lines: string[] = [];
  for (let index = 0; index < engine.server.keyspace.databaseCount; index++) {
    engine.line(`SELECT ${index}`);
    for (const key of engine.line('KEYS *') as string[]) {
      lines.push(
        `${index} ${key} ${engine.run(['PEXPIRETIME', key])} ${engine.run(['DEBUG', 'DIGEST-VALUE', key])}`,
      );
    }
  }
  engine.line('SELECT 0');
  return [...lines.sort(), String(engine.line('DEBUG DIGEST'))];
}

export function contentsOfFile(dir: string): string[] {
  const other = new Engine();
  loadRdb(other.server.keyspace, new SystemFiles(), snapshotFile(dir), true, false);
  other.verify();
  return contentsOf(other);
}
