// Sorted sets, but for the commands that wait (blocking.ts).
import { all, define, from, key, many, name, one, opt, position, shuffled, value } from '../pieces.ts';

const zset = key('zset');
const member = one(from('a', 'b', 'c', 'd', 'e', '1', '2'), from('a', 'b', 'c', 'bar', 'foo'), value);
const score = one(
  from(0, 1, 2, 3, 1.5, -1, 10),
  from('0.1', '1e3', '-0', 'inf', '-inf', '+inf', '1e308', '3.0000000000000004', '17179869184', '1e-7'),
  from('nan', 'x', '', '0x10', '1e400', '1_0'),
);
const bound = one(from('-inf', '+inf', '(1', '(2.5', '0', '1', '2', '10', '(inf'), score);
/** Sorted sets whose members all have one score; only with those do ranges of members mean anything. */
const words = from('w:0', 'w:1');
const word = from('-', '+', '[a', '(a', '[b', '(c', '[', '(', 'a', '', '[zz', '(bar', '-x');
const count = from(1, 2, 3, 100, 0, -1, 'x');
const sized = all(from(1, 2, 2, 3, 0, 'x'), many(one(zset, zset, key('set')), 1, 3));
const weights = all('WEIGHTS', many(from(1, 2, -1, 0.5, 0, 'inf', 'x'), 1, 3));
const aggregate = all('AGGREGATE', from('SUM', 'MIN', 'MAX', 'max', 'AVG'));
const combining = shuffled(opt(weights, 0.4), opt(aggregate, 0.4));
const withScores = opt(from('WITHSCORES', 'withscores'), 0.4);
const limit = opt(all('LIMIT', from(0, 1, 2, -1, 'x'), from(-1, 0, 1, 2, 10, 'x')), 0.4);
const range = one(
  all(position, position),
  all(bound, bound, 'BYSCORE'),
  all(bound, bound, 'BYSCORE', 'REV'),
  all(position, position, 'REV'),
);

export const zsets = [
  define(
    'ZADD',
    [
      zset,
      shuffled(opt(one('NX', 'XX'), 0.3), opt(one('GT', 'LT'), 0.3), opt('CH', 0.3)),
      many(all(score, member), 1, 4),
    ],
    { weight: 12 },
  ),
  define('ZADD', [zset, opt(one('NX', 'XX'), 0.3), 'INCR', score, member]),
  define('ZADD', [words, many(all('0', one(from('a', 'b', 'c', 'bar', 'foo', 'zz', ''), name)), 1, 5)], {
    verbatim: true,
  }),
  define('ZADD', [zset, many(all(from(1, 2, 3, 1.5, -7), name), 60, 150)], { weight: 1 }),
  define('ZCARD', [zset], { weight: 2 }),
  define('ZCOUNT', [zset, bound, bound]),
  define('ZDIFF', [sized, withScores]),
  define('ZDIFFSTORE', [zset, sized]),
  define('ZINCRBY', [zset, score, member], { weight: 6 }),
  define('ZINTER', [sized, combining, withScores]),
  define('ZINTERCARD', [sized, opt(all('LIMIT', from(0, 1, 2, -1, 'x')))]),
  define('ZINTERSTORE', [zset, sized, combining]),
  define('ZLEXCOUNT', [words, word, word]),
  define('ZMPOP', [
    from(1, 2, 0, 'x'),
    many(zset, 1, 2),
    from('MIN', 'MAX', 'max', 'MID'),
    opt(all('COUNT', count)),
  ]),
  define('ZMSCORE', [zset, many(member, 1, 3)]),
  define('ZPOPMAX', [zset, opt(count, 0.4)]),
  define('ZPOPMIN', [zset, opt(count, 0.4)]),
  define('ZRANDMEMBER', [zset], { check: 'type', verbatim: true }),
  define('ZRANDMEMBER', [zset, from(0, 1, 2, 1_000_000, -1, -3, 'x'), opt(from('WITHSCORES', 'x'), 0.4)], {
    check: 'shape',
    verbatim: true,
  }),
  define('ZRANGE', [zset, range, limit, withScores], { weight: 10 }),
  define('ZRANGEBYLEX', [words, word, word, limit]),
  define('ZRANGE', [words, word, word, 'BYLEX', opt('REV'), limit]),
  define('ZRANGEBYSCORE', [zset, bound, bound, shuffled(withScores, limit)], { weight: 6 }),
  define('ZRANGESTORE', [zset, zset, range, limit]),
  // Redis 7.2 takes one more argument, so that mistakes have other answers.
  define('ZRANK', [zset, member], { verbatim: true }),
  define('ZREM', [zset, many(member, 1, 3)], { weight: 6 }),
  define('ZREMRANGEBYLEX', [words, word, word], { weight: 2 }),
  define('ZREMRANGEBYRANK', [zset, position, position], { weight: 2 }),
  define('ZREMRANGEBYSCORE', [zset, bound, bound], { weight: 2 }),
  define('ZREVRANGE', [zset, position, position, withScores]),
  define('ZREVRANGEBYLEX', [words, word, word, limit]),
  define('ZREVRANGEBYSCORE', [zset, bound, bound, shuffled(withScores, limit)]),
  define('ZREVRANK', [zset, member], { verbatim: true }),
  define('ZSCORE', [zset, member]),
  define('ZUNION', [sized, combining, withScores]),
  define('ZUNIONSTORE', [zset, sized, combining]),
];
