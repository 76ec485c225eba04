// Snapshots (RDB) and the append-only file.

import {
  bool,
  checkedText,
  DENY_LOADING,
  directive,
  HIDDEN,
  IMMUTABLE,
  isFilename,
  isGivenFilename,
  PROTECTED,
  word,
} from '../kind.ts';
import { INT_MAX, INT_MIN, integer, LONG_MAX, memory } from '../number_kinds.ts';
import { DirectoryKind, SaveKind, type SavePoint } from '../special_kinds.ts';

export const persistenceDirectives = {
  'aof-disable-auto-gc': bool(false),
  'aof-load-corrupt-tail-max-size': memory(0, 0, LONG_MAX),
  'aof-load-truncated': bool(true),
  'aof-rewrite-incremental-fsync': bool(true),
  'aof-timestamp-enabled': bool(false),
  'aof-use-rdb-preamble': bool(true),
  appenddirname: checkedText('appendonlydir', isGivenFilename('appenddirname', 'dirname'), IMMUTABLE),
  appendfilename: checkedText('appendonly.aof', isGivenFilename('appendfilename', 'filename'), IMMUTABLE),
  appendfsync: word('everysec', ['everysec', 'always', 'no']),
  appendonly: bool(false),
  'auto-aof-rewrite-min-size': memory(67108864, 0, LONG_MAX),
  'auto-aof-rewrite-percentage': integer(100, 0, INT_MAX),
  dbfilename: checkedText('dump.rdb', isFilename('dbfilename'), PROTECTED),
  dir: directive(new DirectoryKind(), '', PROTECTED | DENY_LOADING),
  'key-load-delay': integer(0, INT_MIN, INT_MAX, HIDDEN),
  'loading-process-events-interval-bytes': integer(2097152, 1024, INT_MAX, HIDDEN),
  'no-appendfsync-on-rewrite': bool(false),
  'rdb-key-save-delay': integer(0, INT_MIN, INT_MAX, HIDDEN),
  'rdb-save-incremental-fsync': bool(true),
  'rdb-version-check': word('strict', ['strict', 'relaxed']),
  rdbchecksum: bool(true, IMMUTABLE),
  rdbcompression: bool(true),
  'sanitize-dump-payload': word('no', ['no', 'yes', 'clients']),
  save: directive<readonly SavePoint[]>(new SaveKind(), [
    { seconds: 3600, changes: 1 },
    { seconds: 300, changes: 100 },
    { seconds: 60, changes: 10000 },
  ]),
  'stop-writes-on-bgsave-error': bool(true),
};
