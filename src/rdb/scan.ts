// Counts what an RDB file holds.
import type { Files } from '../base/files.ts';
import { RdbScan } from '../persist/rdb_scan.ts';
import type { Summary } from './summary.ts';

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
  const facts = new Map<string, string>();
  const scan = new RdbScan({
    files,
    path,
    // The beginning of time: nothing has expired yet.
    nowMs: 0,
    onFact: (name, value) => facts.set(name, value),
    onEntry: (keyspace, database, ref) => summary.add(keyspace, database, ref),
  });
  try {
    for (let more = true; more; ) {
      more = scan.step();
      await progress(scan.load.loadedBytes, scan.load.totalBytes);
    }
    return { fileBytes: scan.load.totalBytes, facts };
  } finally {
    scan.close();
  }
}
