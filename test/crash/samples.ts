// Small values of every type and encoding, by commands; which of two encodings a value has is up to the settings.
import type { Random } from '../../src/base/random.ts';
import { type Command, text, words } from '../persist/values.ts';

const SCORES = ['0', '-0', 'inf', '-inf', '0.1', '1e300', '-5', '17'];

/** Settings with which small values have the encodings of large ones. */
export const LARGE: readonly Command[] = [
  ['hash-max-listpack-entries', '1'],
  ['set-max-intset-entries', '1'],
  ['set-max-listpack-entries', '1'],
  ['zset-max-listpack-entries', '1'],
  ['list-max-listpack-size', '2'],
  ['stream-node-max-entries', '2'],
];

function few(random: Random): string[] {
  return words(random, 3 + random.below(5), 12);
}

function stream(key: string, random: Random): Command[] {
  const commands: Command[] = [];
  for (let i = 1; i <= 5; i++) {
    const names = random.below(3) === 0 ? few(random) : ['name', 'age'];
    commands.push(['XADD', key, `${1000 + i}-${i}`, ...names.flatMap((name) => [name, text(random, 6)])]);
  }
  commands.push(['XDEL', key, '1002-2'], ['XGROUP', 'CREATE', key, 'idle', '$']);
  commands.push(['XGROUP', 'CREATE', key, 'busy', '0'], ['XGROUP', 'CREATECONSUMER', key, 'busy', 'none']);
  for (const consumer of ['ann', 'ben'])
    commands.push(['XREADGROUP', 'GROUP', 'busy', consumer, 'COUNT', '2', 'STREAMS', key, '>']);
  return [...commands, ['XACK', key, 'busy', '1001-1']];
}

function pairs(random: Random): string[] {
  return few(random).flatMap((name) => [name, text(random, 12)]);
}

/** Each with the commands that read and change a value of its type. */
export const SAMPLES: readonly ((key: string, random: Random) => Command[])[] = [
  (key) => [['SET', key, '12345']],
  (key, random) => [['SET', key, `${'abc'.repeat(20)}${text(random, 40)}`]],
  (key) => [['PFADD', key, 'a', 'b', 'c', 'd']],
  (key, random) => [['RPUSH', key, ...few(random)]],
  (key) => [['SADD', key, '1', '-2', '300', '70000', '5000000000']],
  (key, random) => [['SADD', key, 'word', ...few(random)]],
  (key, random) => [['ZADD', key, ...few(random).flatMap((name) => [SCORES[random.below(8)]!, name])]],
  (key, random) => [['HSET', key, ...pairs(random)]],
  (key, random) => [
    ['HSET', key, 'a', '1', 'b', '2', ...pairs(random)],
    ['HPEXPIREAT', key, '9999999999999', 'FIELDS', '2', 'a', 'b'],
  ],
  stream,
];

/** What a value of a type has to stand, the key written as `k`. */
export const USES: Readonly<Record<string, readonly string[]>> = {
  string: [
    ...[
      'GET k',
      'STRLEN k',
      'APPEND k x',
      'GETRANGE k 1 -2',
      'SETRANGE k 5 yy',
      'SETBIT k 77 1',
      'BITCOUNT k',
    ],
    ...['BITPOS k 1', 'PFCOUNT k', 'PFADD k e', 'PFMERGE k k', 'INCR k', 'INCRBYFLOAT k 0.5', 'LCS k k LEN'],
    ...['BITFIELD k INCRBY u8 3 9', 'BITOP NOT other k', 'GETEX k PERSIST', 'SET k v KEEPTTL GET'],
  ],
  list: [
    ...[
      'LRANGE k 0 -1',
      'LLEN k',
      'LINDEX k -1',
      'LINDEX k 2',
      'RPUSH k x 5',
      'LPUSH k y',
      'LPOP k',
      'RPOP k 2',
    ],
    ...['LINSERT k AFTER x new', 'LSET k 0 first', 'LREM k -1 x', 'LTRIM k 1 -1', 'LPOS k x RANK -1 COUNT 0'],
    ...['LMOVE k k LEFT RIGHT', 'SORT k ALPHA', 'LRANGE k 1 2', 'LMPOP 1 k RIGHT COUNT 2'],
  ],
  set: [
    ...[
      'SMEMBERS k',
      'SCARD k',
      'SADD k 5 6',
      'SADD k word2',
      'SREM k 300',
      'SREM k word',
      'SPOP k',
      'SPOP k 2',
    ],
    ...[
      'SRANDMEMBER k -5',
      'SRANDMEMBER k 3',
      'SISMEMBER k 1',
      'SSCAN k 0 COUNT 100',
      'SUNIONSTORE other k k',
    ],
    ...['SINTERCARD 2 k k', 'SDIFFSTORE k k other', 'SMOVE k other 1', 'SORT k ALPHA LIMIT 0 2'],
  ],
  zset: [
    ...['ZRANGE k 0 -1 WITHSCORES', 'ZCARD k', 'ZADD k 3 new', 'ZADD k GT CH 9 word', 'ZINCRBY k 1.5 word'],
    ...[
      'ZRANK k word WITHSCORE',
      'ZRANGE k -inf +inf BYSCORE',
      'ZRANGEBYLEX k - +',
      'ZPOPMIN k',
      'ZPOPMAX k 2',
    ],
    ...[
      'ZREMRANGEBYRANK k 0 0',
      'ZREMRANGEBYSCORE k 5 20',
      'ZSCAN k 0',
      'ZUNIONSTORE other 2 k k WEIGHTS 1 2',
    ],
    ...[
      'ZRANDMEMBER k -4 WITHSCORES',
      'ZCOUNT k 0 10',
      'ZREVRANGE k 0 1',
      'GEOSEARCH k FROMLONLAT 1 1 BYRADIUS 9 km ASC',
    ],
  ],
  hash: [
    ...[
      'HGETALL k',
      'HLEN k',
      'HSET k f v',
      'HSET k a 2',
      'HDEL k a',
      'HINCRBY k n 5',
      'HSCAN k 0',
      'HKEYS k',
    ],
    ...[
      'HRANDFIELD k -5 WITHVALUES',
      'HRANDFIELD k 2',
      'HPEXPIRE k 100000 FIELDS 2 a f',
      'HPTTL k FIELDS 2 a b',
    ],
    ...[
      'HPERSIST k FIELDS 1 b',
      'HGETDEL k FIELDS 1 b',
      'HVALS k',
      'HSETEX k EX 100 FIELDS 1 c 1',
      'HSTRLEN k f',
    ],
  ],
  stream: [
    ...[
      'XRANGE k - +',
      'XREVRANGE k + - COUNT 2',
      'XLEN k',
      'XADD k * f v',
      'XDEL k 1003-3',
      'XTRIM k MAXLEN 3',
    ],
    ...['XINFO STREAM k FULL', 'XINFO GROUPS k', 'XINFO CONSUMERS k busy', 'XREAD COUNT 2 STREAMS k 0'],
    ...[
      'XREADGROUP GROUP busy ann STREAMS k >',
      'XREADGROUP GROUP busy ben STREAMS k 0',
      'XACK k busy 1003-3',
    ],
    ...['XCLAIM k busy ben 0 1001-1 1002-2 1003-3', 'XAUTOCLAIM k busy ann 0 0', 'XPENDING k busy'],
    ...[
      'XPENDING k busy - + 10',
      'XGROUP DELCONSUMER k busy ann',
      'XGROUP DESTROY k busy',
      'XGROUP CREATE k new 0',
    ],
    ...[
      'XSETID k 99999999999999-1',
      'XTRIM k MINID ~ 1004',
      'XGROUP SETID k busy 0',
      'XDEL k 1001-1 1004-4 1005-5',
    ],
  ],
};
