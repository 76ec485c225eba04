// Hashes: the commands of Redis 7.0. The order of fields is free, as nothing promises one.
import { all, define, float, from, integer, key, many, name, one, opt, value } from '../pieces.ts';

const hash = key('hash');
const field = one(from('f', 'g', 'h', 'i', '1', '2', ''), from('f', 'g', 'h', '1'), value);
const pair = all(field, one(value, integer, float));

export const hashes = [
  define('HDEL', [hash, many(field, 1, 3)], { weight: 6 }),
  define('HEXISTS', [hash, field]),
  define('HGET', [hash, field], { weight: 6 }),
  define('HGETALL', [hash], { check: 'pairs', weight: 6 }),
  define('HINCRBY', [hash, field, integer], { weight: 6 }),
  define('HINCRBYFLOAT', [hash, field, float], { weight: 6 }),
  define('HKEYS', [hash], { check: 'unordered' }),
  define('HLEN', [hash]),
  define('HMGET', [hash, many(field, 1, 4)]),
  define('HMSET', [hash, many(pair, 1, 3)]),
  define('HRANDFIELD', [hash], { check: 'type', verbatim: true }),
  define('HRANDFIELD', [hash, from(0, 1, 2, 1_000_000, -1, -3, 'x'), opt(from('WITHVALUES', 'x'), 0.4)], {
    check: 'shape',
    verbatim: true,
  }),
  define('HSET', [hash, many(pair, 1, 4)], { weight: 12 }),
  define('HSET', [hash, many(all(name, name), 60, 150)], { weight: 1 }),
  define('HSETNX', [hash, pair]),
  define('HSTRLEN', [hash, field]),
  define('HVALS', [hash], { check: 'unordered' }),
];
