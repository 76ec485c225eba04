// Sorted sets, but for the commands that wait (blocking.ts). Members are few, so that commands meet; some are too long for a listpack.
import { all, define, from, index, key, many, name, one, opt, shuffled, value } from '../pieces.ts';

const zset = key('zset');
const member = one(
  from('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', '0', '7', '-1', '007', '', 'aa', 'ab'),
  from('a', 'b', 'c', 'd', 'x'.repeat(64), 'y'.repeat(65)),
  value,
);
const score = one(
  from(0, 1, 1, 2, 3, 5, 8, -1, -3, 10, 1000),
  from(0, 1, 1.5, 2.25, '0.1', '-0', '3.0e3', '1e17', '9007199254740993', '0x10', '1e-7', '.5'),
  from('inf', '-inf', '+INF', 'infinity', '1e308', 'nan', 'abc', '', ' 1', '1 '),
);
const bound = one(
  from('-inf', '+inf', 0, 1, 2, 3, 5, 10, '(1', '(2', '(0', '(5'),
  from('(-inf', '(inf', '(', '', '((1', '(a', 'nan', ' 1', '1 '),
);
const lexBound = from('-', '+', '[a', '(a', '[c', '(c', '[b\0', '(', '[', '', '+x', 'a', '[aa', '(g');
const anyBound = one(lexBound, lexBound, bound, index);
const limit = opt(all('LIMIT', from(0, 0, 1, 2, -1, 100), from(0, 1, 2, 5, -1, 100, 'x')), 0.4);
const withScores = opt('WITHSCORES');
const numkeys = from(1, 2, 2, 2, 3, 0, -1, 'x');
const keys = many(zset, 1, 3);
const weights = opt(all('WEIGHTS', many(from(1, 2, -1, 0, '0.5', 'inf', 'x'), 1, 3)), 0.3);
const aggregate = opt(all('AGGREGATE', from('SUM', 'MIN', 'max', 'AVG')), 0.4);
/** All scores in these are equal, as ranges by member need. */
const flat = from('zl:0', 'zl:1');

export const sortedSets = [
  define(
    'ZADD',
    [zset, many(from('NX', 'XX', 'CH', 'GT', 'LT', 'INCR', 'ch'), 0, 1), many(all(score, member), 1, 4)],
    { weight: 30 },
  ),
  define('ZADD', [flat, many(all('0', member), 1, 6)], { weight: 8, verbatim: true }),
  define('ZADD', [zset, many(all(from(1, 2, 3, 1.5, -7), name), 60, 150)], { weight: 1 }),
  define('ZCARD', [zset]),
  define('ZCOUNT', [zset, bound, bound]),
  define('ZDIFF', [numkeys, keys, withScores]),
  define('ZDIFFSTORE', [zset, numkeys, keys]),
  define('ZINCRBY', [zset, score, member], { weight: 8 }),
  define('ZINTER', [numkeys, keys, shuffled(weights, aggregate, withScores)]),
  define('ZINTERCARD', [numkeys, keys, opt(all('LIMIT', from(0, 1, 2, -1, 'x')))]),
  define('ZINTERSTORE', [zset, numkeys, keys, shuffled(weights, aggregate)]),
  define('ZLEXCOUNT', [flat, lexBound, lexBound], { verbatim: true }),
  define('ZMPOP', [
    numkeys,
    keys,
    from('MIN', 'MAX', 'min', 'MID'),
    opt(all('COUNT', from(1, 2, 100, 0, -1))),
  ]),
  define('ZMSCORE', [zset, many(member, 1, 3)]),
  define('ZPOPMAX', [zset, opt(from(0, 1, 2, 3, -1, 'x'))]),
  define('ZPOPMIN', [zset, opt(from(0, 1, 2, 3, -1, 'x'))]),
  define('ZRANDMEMBER', [zset, opt(all(from(0, 1, 2, 5, 100, -1, -5, 'x'), withScores))], { check: 'shape' }),
  define('ZRANGE', [zset, index, index, shuffled(opt('REV'), withScores)], { weight: 8 }),
  define('ZRANGE', [zset, bound, bound, shuffled('BYSCORE', opt('REV'), limit, withScores)], { weight: 8 }),
  define('ZRANGE', [flat, lexBound, lexBound, shuffled('BYLEX', opt('REV'), limit)], { verbatim: true }),
  define(
    'ZRANGE',
    [
      flat,
      anyBound,
      anyBound,
      shuffled(opt('BYLEX'), opt('BYSCORE', 0.3), opt('REV'), limit, opt('WITHSCORES', 0.2)),
    ],
    { verbatim: true },
  ),
  define(
    'ZRANGESTORE',
    [
      zset,
      flat,
      anyBound,
      anyBound,
      shuffled(opt('BYLEX'), opt('BYSCORE', 0.3), opt('REV'), limit, opt('WITHSCORES', 0.1)),
    ],
    { verbatim: true },
  ),
  define('ZRANGEBYLEX', [flat, lexBound, lexBound, limit], { verbatim: true }),
  define('ZRANGEBYSCORE', [zset, bound, bound, shuffled(withScores, limit)]),
  define('ZRANGESTORE', [zset, zset, index, index, opt('REV')]),
  define('ZRANGESTORE', [zset, zset, bound, bound, shuffled('BYSCORE', opt('REV'), limit)]),
  // Redis 7.2 takes one more argument, so that mistakes have other answers.
  define('ZRANK', [zset, member], { verbatim: true }),
  define('ZREM', [zset, many(member, 1, 3)], { weight: 8 }),
  define('ZREMRANGEBYLEX', [flat, lexBound, lexBound], { verbatim: true }),
  define('ZREMRANGEBYRANK', [zset, from(0, 1, 2, -1, -2, 'x'), from(0, 1, 2, -1, -2)]),
  define('ZREMRANGEBYSCORE', [zset, bound, bound]),
  define('ZREVRANGE', [zset, index, index, withScores]),
  define('ZREVRANGEBYLEX', [flat, lexBound, lexBound, limit], { verbatim: true }),
  define('ZREVRANGEBYSCORE', [zset, bound, bound, shuffled(withScores, limit)]),
  define('ZREVRANK', [zset, member], { verbatim: true }),
  define('ZSCORE', [zset, member]),
  define('ZUNION', [numkeys, keys, shuffled(weights, aggregate, withScores)]),
  define('ZUNIONSTORE', [zset, numkeys, keys, shuffled(weights, aggregate)]),
];
