// Checks an RDB file as a server would load it, and tells what it meets on the way.
import { toLatin1 } from '../base/bytes.ts';
import type { Files } from '../base/files.ts';
import { numberOfKind, RDB_HASH_EXPIRIES_VALKEY } from '../persist/rdb_format.ts';
import { RdbError } from '../persist/rdb_input.ts';
import type { RdbLoad } from '../persist/rdb_loader.ts';
import { RdbScan } from '../persist/rdb_scan.ts';

/** Names of the kinds of values (persist/rdb_format.ts), by their numbers. */
const KIND_NAMES: readonly string[] = [
  'string',
  'list-linked',
  'set-hashtable',
  'zset-v1',
  'hash-hashtable',
  'zset-v2',
  'module-value',
  '',
  '',
  'hash-zipmap',
  'list-ziplist',
  'set-intset',
  'zset-ziplist',
  'hash-ziplist',
  'quicklist',
  'stream',
  'hash-listpack',
  'zset-listpack',
  'quicklist-v2',
  'stream-v2',
  'set-listpack',
  'stream-v3',
  'hash-hashtable-md-pre-release',
  'hash-listpack-md-pre-release',
  'hash-hashtable-md',
  'hash-listpack-md',
  'stream-v4',
  'stream-v5',
];

function nameOfKind(kind: number): string {
  return kind === RDB_HASH_EXPIRIES_VALKEY ? 'hash-volatile-items' : (KIND_NAMES[kind] ?? 'unknown');
}

/** Takes lines of one character for each byte. */
export type Print = (line: string) => void;

/**
 * Checks the RDB file that stands at the beginning of `path`; `name` is what it is called. Answers where it ends, -1 if it is
 * not sound. Throws the error of the file operation that failed.
 */
export function checkRdb(files: Files, path: string, name: string, nowMs: number, print: Print): number {
  print(`[offset 0] Checking RDB file ${name}`);
  const tell = (text: string) => print(`[offset ${load.loadedBytes}] ${text}`);
  const scan = new RdbScan({
    files,
    path,
    nowMs,
    onFact: (fact, value) => tell(`AUX FIELD ${fact} = '${value}'`),
    onDatabase: (index) => tell(`Selecting DB ID ${index}`),
  });
  const { load } = scan;
  try {
    while (scan.step());
    if (load.state.doing === 'check-sum') {
      tell(
        load.lacksChecksum ? 'RDB file was saved with checksum disabled: no check performed.' : 'Checksum OK',
      );
    }
    tell('\\o/ RDB looks OK! \\o/');
    printCounts(load, print);
    return load.loadedBytes;
  } catch (error) {
    if (!(error instanceof RdbError)) throw error;
    printError(load, error, print);
    return -1;
  } finally {
    scan.close();
  }
}

function printError(load: RdbLoad, { isShort, offset, what }: RdbError, print: Print): void {
  const { doing, key, kind } = load.state;
  print('--- RDB ERROR DETECTED ---');
  print(`[offset ${offset}] ${isShort ? 'Unexpected EOF reading RDB file' : what}`);
  print(`[additional info] While doing: ${doing}`);
  if (key !== null) print(`[additional info] Reading key '${toLatin1(key.bytes, key.at, key.length)}'`);
  if (kind >= 0) print(`[additional info] Reading type ${numberOfKind(kind)} (${nameOfKind(kind)})`);
  printCounts(load, print);
}

function printCounts({ loaded, state }: RdbLoad, print: Print): void {
  print(`[info] ${loaded.keys + loaded.expired + loaded.empty + (state.key === null ? 0 : 1)} keys read`);
  print(`[info] ${loaded.volatileKeys} expires`);
  print(`[info] ${loaded.expired} already expired`);
}
