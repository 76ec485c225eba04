// Reads an RDB file as a server would, some keys at a time, and forgets them once they are counted: the memory it takes is that
// of the largest value, however large the file is.

import { Arena } from '../arena/arena.ts';
import { CHUNK_BYTES, type ChunkSource } from '../arena/granules.ts';
import { VirtualClock } from '../base/clock.ts';
import type { Files } from '../base/files.ts';
import { KeyHash } from '../base/keyhash.ts';
import { Random } from '../base/random.ts';
import { Keyspace } from '../keyspace/keyspace.ts';
import { RdbLoad } from '../persist/rdb_loader.ts';
import type { Summary } from './summary.ts';

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

  decommit(): void {}
}

export interface Scanned {
  readonly fileBytes: number;
  /** What the file says about itself, by name. */
  readonly facts: ReadonlyMap<string, string>;
}

/**
 * Counts all keys of a file, expired ones too. `progress` hears how many bytes were read. Throws RdbError, or the error of the
 * file operation that failed.
 */
export async function scanRdb(
  files: Files,
  path: string,
  summary: Summary,
  progress: (bytes: number, totalBytes: number) => Promise<void>,
): Promise<Scanned> {
  // A clock that stands at the beginning of time: nothing has expired yet.
  const clock = new VirtualClock(0);
  const random = new Random();
  const hash = new KeyHash(random.u32(), random.u32());
  const arena = new Arena({ source: new PlainChunks() });
  const keyspace = new Keyspace({ arena, hash, clock, random, databases: DATABASES });
  const facts = new Map<string, string>();
  const load = new RdbLoad({
    keyspace,
    files,
    path,
    checksChecksum: true,
    merges: true,
    onFact: (name, value) => facts.set(name, value),
  });
  try {
    for (let more = true; more; ) {
      more = load.slice(Number.POSITIVE_INFINITY, KEYS_AT_ONCE);
      takeAll(keyspace, summary);
      await progress(load.loadedBytes, load.totalBytes);
    }
    return { fileBytes: load.totalBytes, facts };
  } finally {
    load.close();
  }
}

/** Counts the keys that are there, and empties the keyspace. */
function takeAll(keyspace: Keyspace, summary: Summary): void {
  for (let index = 0; index < keyspace.databaseCount; index++) {
    const db = keyspace.db(index);
    if (db.size === 0) continue;
    let cursor = 0;
    do cursor = db.walk(cursor, (ref) => summary.add(keyspace, index, ref));
    while (cursor !== 0);
    keyspace.flush(index, false);
  }
  while (keyspace.lazyfree.slice(Number.POSITIVE_INFINITY));
}
