// The server: configuration and introspection. Only settings whose effect can be seen in replies are changed, and the
// runner sets them back before each sequence (see DEFAULTS).
import { all, define, from, integer, key, many, one, opt, type Piece, value } from '../pieces.ts';

/** Settings which sequences change, with the value each sequence starts from. */
export const DEFAULTS: readonly [string, string][] = [
  ['hash-max-listpack-entries', '128'],
  ['hash-max-listpack-value', '64'],
  ['hll-sparse-max-bytes', '3000'],
  ['lazyfree-lazy-user-del', 'no'],
  ['lazyfree-lazy-user-flush', 'no'],
  ['list-compress-depth', '0'],
  ['list-max-listpack-size', '-2'],
  ['maxmemory', '0'],
  ['maxmemory-policy', 'noeviction'],
  ['notify-keyspace-events', ''],
  ['proto-max-bulk-len', '536870912'],
  ['rdbcompression', 'no'],
  ['set-max-intset-entries', '512'],
  ['slowlog-log-slower-than', '-1'],
  ['slowlog-max-len', '128'],
  ['stream-node-max-bytes', '4096'],
  ['stream-node-max-entries', '100'],
  ['zset-max-listpack-entries', '128'],
  ['zset-max-listpack-value', '64'],
];

const flip = one(
  all('hash-max-listpack-entries', from(0, 1, 512, 'x', -1)),
  all(from('lazyfree-lazy-user-del', 'lazyfree-lazy-user-flush'), from('yes', 'no', 'maybe', '')),
  all('zset-max-listpack-value', from(0, 1, 8, 64, 'x')),
  // Since 7.2 HINCRBY looks at it too, so that it stays above the length of numbers.
  all('hash-max-listpack-value', from(64, 100, 'x')),
  all(from('set-max-intset-entries', 'zset-max-listpack-entries'), from(0, 1, 4, 512, 'x')),
  all('hll-sparse-max-bytes', from(0, 30, 3000, 16_000)),
  all('list-compress-depth', from(0, 1, 2, -1)),
  all('list-max-listpack-size', from(-5, -1, 1, 128, 'x')),
  all(from('stream-node-max-bytes', 'stream-node-max-entries'), from(0, 1, 3, 100, 4096)),
  all('maxmemory', from('0', '100gb', '1tb', 'x', '-1', '5xb')),
  all(
    'maxmemory-policy',
    from('noeviction', 'allkeys-lfu', 'volatile-lfu', 'allkeys-lru', 'volatile-ttl', 'x'),
  ),
  all('notify-keyspace-events', from('', 'KEA', 'Kg$', 'Ex', 'z', 'AKE')),
  all('proto-max-bulk-len', from('1mb', '512mb', '1048576', '0', '1023', 'x')),
  all('slowlog-log-slower-than', from(0, 0, -1)),
  all('slowlog-max-len', from(0, 1, 5, 128, -1, 'x')),
);
const immutable = all(from('databases', 'daemonize', 'unixsocket', 'nosuchsetting', ''), value);
const setting: Piece = one(
  from(...DEFAULTS.map(([name]) => name)),
  from('databases', 'MAXMEMORY', 'nosuchsetting', 'timeout'),
);
const anyCommand = one(
  all('GET', key()),
  all('MSET', key(), value, key(), value),
  all('BITOP', 'AND', key(), key(), key()),
  all('SET', key(), value, 'PX', '1'),
  all('OBJECT', 'ENCODING', key()),
  all('PING', opt(value)),
  all('RENAME', key()),
  all('COPY', key(), key()),
);

export const server = [
  define('COMMAND COUNT', [], { check: 'type', weight: 1 }),
  define('COMMAND GETKEYS', [anyCommand]),
  define('COMMAND INFO', [many(from('nosuch', 'no|such'), 0, 2)], { check: 'type', weight: 1 }),
  define('CONFIG GET', [many(setting, 1, 3)], { check: 'unordered' }),
  define('CONFIG RESETSTAT', [], { weight: 1 }),
  define('CONFIG SET', [flip], { weight: 8, verbatim: true }),
  define('CONFIG SET', [flip, flip], { weight: 2, verbatim: true }),
  define('CONFIG SET', [flip, immutable], { weight: 1, verbatim: true }),
  define('DEBUG SLEEP', ['0'], { weight: 1, verbatim: true }),
  define('INFO', [opt(from('server', 'clients', 'everything', 'nosuch', 'keyspace'))], {
    check: 'type',
    weight: 1,
  }),
  define('LASTSAVE', [], { check: 'shape', weight: 1 }),
  define('LATENCY HISTORY', [from('command', 'nosuch', '')], { weight: 1 }),
  define('LATENCY LATEST', [], { weight: 1 }),
  define('LATENCY RESET', [many(from('command', 'x'), 0, 2)], { weight: 1 }),
  define('LOLWUT', [opt(all('VERSION', from(5, 6, 7, 'x')))], { check: 'type', weight: 1 }),
  define('MEMORY USAGE', [key(), opt(all('SAMPLES', from(0, 1, 5, -1, 'x')))], { check: 'shape' }),
  define('MEMORY DOCTOR', [], { check: 'type', weight: 1 }),
  define('ROLE', [], { weight: 1 }),
  define('SLOWLOG GET', [opt(from(-1, 0, 1, 5, 1000, -2, 'x'))], { check: 'slowlog' }),
  define('SLOWLOG LEN', []),
  define('SLOWLOG RESET', [], { weight: 1 }),
  define('TIME', [], { check: 'shape' }),
  define('MEMORY', [from('NOSUCH', 'usage2'), opt(integer)], { alwaysFails: true, weight: 1 }),
  define('CONFIG', [from('NOSUCH', 'gett'), opt(integer)], { alwaysFails: true, weight: 1 }),
];
