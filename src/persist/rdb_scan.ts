// Reads an RDB file as a server would, some keys at a time, and forgets them once somebody has looked at them: the memory it takes
// is that of the largest value, however large the file is.
import { Arena, type Ref } from '../arena/arena.ts';
import { CHUNK_BYTES, type ChunkSource } from '../arena/granules.ts';
import { VirtualClock } from '../base/clock.ts';
import type { Files } from '../base/files.ts';
import { KeyHash } from '../base/keyhash.ts';
import { Random } from '../base/random.ts';
import { Keyspace } from '../keyspace/keyspace.ts';
import { RdbLoad } from './rdb_loader.ts';

const DATABASES = 1024;
const KEYS_AT_ONCE = 256;

/** Memory without the addon: chunks are ordinary buffers. */
class PlainChunks implements ChunkSource {
  readonly #buffers = new Map<number, ArrayBuffer>();

  map(first: number, chunks: number): ArrayBuffer {
    const buffer = new ArrayBuffer(chunks * CHUNK_BYTES);
    this.#buffers.set(first, buffer);
    return buffer;
  }

  unmap(first: number): void {
    this.#buffers.delete(first);
  }

  approach(): void {}

  rest(): boolean {
    return true;
  }

  decommit(): void {}
}

export interface RdbScanOptions {
  readonly files: Files;
  readonly path: string;
  /** What has expired before this time, in ms since 1970, is not looked at. */
  readonly nowMs: number;
  readonly onFact: (name: string, value: string) => void;
  readonly onDatabase?: (index: number) => void;
  readonly onEntry?: (keyspace: Keyspace, database: number, ref: Ref) => void;
}

export class RdbScan {
  readonly load: RdbLoad;
  readonly #keyspace: Keyspace;
  readonly #onEntry: (keyspace: Keyspace, database: number, ref: Ref) => void;

  /** Opens the file. Throws the error of the file operation that failed. */
  constructor({ nowMs, onEntry = () => {}, ...options }: RdbScanOptions) {
    const clock = new VirtualClock(nowMs);
    const random = new Random();
    const hash = new KeyHash(random.u32(), random.u32());
    const arena = new Arena({ source: new PlainChunks() });
    this.#onEntry = onEntry;
    this.#keyspace = new Keyspace({ arena, hash, clock, random, databases: DATABASES });
    this.load = new RdbLoad({
      ...options,
      keyspace: this.#keyspace,
      checksChecksum: true,
      merges: true,
      passesFunctions: true,
    });
  }

  /** Reads some more; false when all is read. Throws RdbError, or the error of the file operation that failed. */
  step(): boolean {
    const more = this.load.slice(Number.POSITIVE_INFINITY, KEYS_AT_ONCE);
    this.#takeAll();
    return more;
  }

  close(): void {
    this.load.close();
  }

  /** Shows the keys that are there, and empties the keyspace. */
  #takeAll(): void {
    const keyspace = this.#keyspace;
    for (let index = 0; index < keyspace.databaseCount; index++) {
      const db = keyspace.db(index);
      if (db.size === 0) continue;
      let cursor = 0;
      do cursor = db.walk(cursor, (ref) => this.#onEntry(keyspace, index, ref));
      while (cursor !== 0);
      keyspace.flush(index, false);
    }
    while (keyspace.lazyfree.slice(Number.POSITIVE_INFINITY));
  }
}
