// Keys of any type, and whole databases.
import { all, database, define, from, key, many, one, opt, pattern, shuffled } from '../pieces.ts';

const anyKey = one(
  ...(['shared', 'string', 'list', 'set', 'hash', 'zset', 'stream', 'sketch', 'geo'] as const).map((kind) =>
    key(kind),
  ),
);

export const generic = [
  define('COPY', [anyKey, anyKey, shuffled(opt(all('DB', database), 0.4), opt('REPLACE'))]),
  define('DBSIZE', []),
  define('DEL', [many(anyKey, 1, 4)]),
  define('EXISTS', [many(anyKey, 1, 5)]),
  define('FLUSHALL', [opt(from('SYNC', 'ASYNC', 'NOW'))], { weight: 1, check: 'exact' }),
  define('FLUSHDB', [opt(from('SYNC', 'ASYNC', 'sync', 'x'))], { weight: 1 }),
  define('KEYS', [pattern], { check: 'unordered' }),
  define('MOVE', [anyKey, database]),
  define('OBJECT ENCODING', [anyKey], { weight: 12, check: 'encoding' }),
  define('OBJECT FREQ', [anyKey], { check: 'shape' }),
  define('OBJECT IDLETIME', [anyKey], { check: 'shape' }),
  define('OBJECT REFCOUNT', [anyKey], { check: 'shape' }),
  define('OBJECT', [one('ENCODING', 'NOSUCH', anyKey), opt(anyKey)], { check: 'encoding' }),
  define('RANDOMKEY', [], { check: 'member' }),
  define('RENAME', [anyKey, anyKey]),
  define('RENAMENX', [anyKey, anyKey]),
  define('SCAN', [from(0, 'abc', '', -1), many(badScanOption(), 1, 2)], {
    check: 'type',
    weight: 2,
    verbatim: true,
  }),
  define('SWAPDB', [database, database], { weight: 2 }),
  define('TOUCH', [many(anyKey, 1, 4)]),
  define('TYPE', [anyKey], { weight: 6 }),
  define('UNLINK', [many(anyKey, 1, 4)]),
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
