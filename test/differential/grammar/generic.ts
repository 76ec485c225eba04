// Keys of any type, and whole databases.
import { all, database, define, from, key, many, one, opt, pattern, shuffled } from '../pieces.ts';

const anyKey = key('shared');

export const generic = [
  define('COPY', [key(), key(), shuffled(opt(all('DB', database), 0.4), opt('REPLACE'))]),
  define('DBSIZE', []),
  define('DEL', [many(key(), 1, 4)]),
  define('EXISTS', [many(key(), 1, 5)]),
  define('FLUSHALL', [opt(from('SYNC', 'ASYNC', 'NOW'))], { weight: 1, check: 'exact' }),
  define('FLUSHDB', [opt(from('SYNC', 'ASYNC', 'sync', 'x'))], { weight: 1 }),
  define('KEYS', [pattern], { check: 'unordered' }),
  define('MOVE', [key(), database]),
  define('OBJECT ENCODING', [key()], { weight: 8 }),
  define('OBJECT FREQ', [key()], { check: 'shape' }),
  define('OBJECT IDLETIME', [key()], { check: 'shape' }),
  define('OBJECT REFCOUNT', [key()], { check: 'shape' }),
  define('OBJECT', [one('ENCODING', 'NOSUCH', anyKey), opt(anyKey)]),
  define('RANDOMKEY', [], { check: 'member' }),
  define('RENAME', [key(), key()]),
  define('RENAMENX', [key(), key()]),
  define('SCAN', [from(0, 'abc', '', -1), many(badScanOption(), 1, 2)], { check: 'type', weight: 2 }),
  define('SWAPDB', [database, database], { weight: 2 }),
  define('TOUCH', [many(key(), 1, 4)]),
  define('TYPE', [key()], { weight: 6 }),
  define('UNLINK', [many(key(), 1, 4)]),
];

function badScanOption() {
  return one(
    all('COUNT', from(0, -1, 'x', 10)),
    all('MATCH', pattern),
    all('TYPE', from('string', 'list', 'none')),
    'MATCH',
    'x',
  );
}
