// Strings.
import {
  all,
  define,
  float,
  from,
  index,
  integer,
  key,
  many,
  one,
  opt,
  sequence,
  shuffled,
  ttlMillis,
  ttlOption,
  ttlSeconds,
  value,
} from '../pieces.ts';

const keyValue = all(key(), value);
const lcsKey = key('lcs');

export const strings = [
  define('APPEND', [key(), value]),
  define('DECR', [key()]),
  define('DECRBY', [key(), integer]),
  define('GET', [key()], { weight: 8 }),
  define('GETDEL', [key()]),
  define('GETEX', [key(), one(opt(ttlOption), 'PERSIST')]),
  define('GETRANGE', [key(), index, index], { weight: 6 }),
  define('GETSET', [key(), value]),
  define('INCR', [key()]),
  define('INCRBY', [key(), integer]),
  define('INCRBYFLOAT', [key(), float], { weight: 6 }),
  define('LCS', [
    lcsKey,
    lcsKey,
    shuffled(
      opt('LEN', 0.3),
      opt('IDX'),
      opt(all('MINMATCHLEN', from(0, 1, 2, 4, -1, 'x')), 0.3),
      opt('WITHMATCHLEN', 0.4),
    ),
  ]),
  define('MGET', [many(key(), 1, 5)]),
  define('MSET', [many(keyValue, 1, 4)]),
  define('MSETNX', [many(keyValue, 1, 3)]),
  define('PSETEX', [key(), ttlMillis, value]),
  define('SET', [key(), value], { weight: 8 }),
  define('SET', [lcsKey, sequence], { weight: 4 }),
  define(
    'SET',
    [
      key(),
      value,
      shuffled(opt(one('NX', 'XX')), opt('GET', 0.3), opt(one(ttlOption, ttlOption, 'KEEPTTL'))),
    ],
    { weight: 8 },
  ),
  define('SETEX', [key(), ttlSeconds, value]),
  define('SETNX', [key(), value]),
  define('SETRANGE', [key(), index, value], { weight: 6 }),
  define('STRLEN', [key()]),
  define('SUBSTR', [key(), index, index], { weight: 2 }),
];
