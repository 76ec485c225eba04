// Writes snapshots at once, while everybody waits.
import type { Ref } from '../arena/arena.ts';
import { type Files, replaceFileBy, writeAll } from '../base/files.ts';
import type { Database } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { makeEncoder, type SnapshotEncoder, type SnapshotSettings } from './snapshot_encoder.ts';

/** What is written at once. */
const PIECE_BYTES = 256 * 1024;
export const SNAPSHOT_FILE_MODE = 0o644;

/** Replaces the file by one that holds all data and is called `temporary` until it is complete. Throws the error of the file operation that failed. */
export function writeSnapshot(
  keyspace: Keyspace,
  files: Files,
  path: string,
  settings: SnapshotSettings,
  temporary?: string,
): void {
  const write = (fd: number) => new SnapshotWriter(keyspace, files, fd, settings).run();
  replaceFileBy(files, path, SNAPSHOT_FILE_MODE, write, temporary);
}

class SnapshotWriter {
  readonly #keyspace: Keyspace;
  readonly #files: Files;
  readonly #fd: number;
  readonly #hasChecksum: boolean;
  readonly #encoder: SnapshotEncoder;

  constructor(keyspace: Keyspace, files: Files, fd: number, settings: SnapshotSettings) {
    this.#keyspace = keyspace;
    this.#files = files;
    this.#fd = fd;
    this.#hasChecksum = settings.hasChecksum;
    this.#encoder = makeEncoder(keyspace, keyspace, settings);
  }

  run(): void {
    const { databaseCount } = this.#keyspace;
    const encoder = this.#encoder;
    encoder.head();
    for (let index = 0; index < databaseCount; index++) this.#database(this.#keyspace.db(index));
    encoder.end();
    this.#flush();
    encoder.checksum();
    this.#flush();
  }

  #database(db: Database): void {
    if (db.size === 0) return;
    const encoder = this.#encoder;
    encoder.database(db.index);
    encoder.sizes(db.size, db.volatileCount);
    const visit = (ref: Ref): void => {
      encoder.entry(ref);
      if (encoder.out.length >= PIECE_BYTES) this.#flush();
    };
    let cursor = 0;
    do cursor = db.walk(cursor, visit);
    while (cursor !== 0);
  }

  #flush(): void {
    const { out } = this.#encoder;
    if (this.#hasChecksum) out.crc.update(out.bytes, 0, out.length);
    writeAll(this.#files, this.#fd, out.bytes, out.length);
    out.reset();
  }
}
