// Trials of lists, hashes, sets, sorted sets and streams.
import type { Bar, LoadTrial, Trial } from './trials.ts';

const faster = (ratio: number): readonly Bar[] => [{ figure: 'perSecond', ratio }];

function load(name: string, settings: Partial<LoadTrial> & Pick<LoadTrial, 'load'>): LoadTrial {
  return {
    kind: 'load',
    name,
    client: 'redis-benchmark',
    pipeline: 16,
    connections: 50,
    valueBytes: 32,
    keys: 1_000_000,
    distribution: 'uniform',
    ioThreads: 1,
    bars: [],
    ...settings,
  };
}

/** redis-benchmark has tests of these. */
const OF_REDIS_BENCHMARK = ['zadd', 'lpush', 'rpop', 'hset', 'sadd', 'spop'];

/** The same load at pipeline 16 and 64, from redis-benchmark and from our own generator. */
function both(
  command: string,
  settings: Partial<LoadTrial> & { short?: boolean },
  ratio16 = 1.5,
  ratio64 = 1.8,
): LoadTrial[] {
  const name = command.split(' ')[0]!.toLowerCase();
  const { short, ...common } = { ...settings, load: name };
  const theirs = OF_REDIS_BENCHMARK.includes(name) ? common : { ...common, command };
  const lean = { ...common, client: 'loadgen', command } as const;
  const p16 = { bars: faster(ratio16) };
  const p64 = { pipeline: 64, bars: faster(ratio64) };
  return [
    load(`${name}-p16`, { ...theirs, ...p16, short }),
    load(`${name}-p64`, { ...theirs, ...p64 }),
    load(`${name}-p16-lean`, { ...lean, ...p16 }),
    load(`${name}-p64-lean`, { ...lean, ...p64 }),
  ];
}

/** The same command at pipeline 16, from redis-benchmark and from our own generator. */
function each(name: string, command: string, settings: Partial<LoadTrial>): LoadTrial[] {
  const common = { ...settings, load: command.split(' ')[0]!.toLowerCase(), command };
  const lean = { ...common, client: 'loadgen', short: false } as const;
  return [load(`${name}-p16`, common), load(`${name}-p16-lean`, lean)];
}

const SHORT = { short: true } as const;

export const TYPE_TRIALS: readonly Trial[] = [
  ...both('ZADD myzset 0 element:__rand_int__', { keys: 100_000, dataset: 'zset-100k', ...SHORT }, 2, 2.5),
  ...each('zrange-100', 'ZRANGE myzset __rand_int__ +inf BYSCORE LIMIT 0 100', {
    dataset: 'zset-1m',
    bars: faster(1.7),
  }),
  ...each('zrank', 'ZRANK myzset element:__rand_int__', { dataset: 'zset-1m', bars: faster(1.7) }),
  ...each('zscore', 'ZSCORE myzset element:__rand_int__', { dataset: 'zset-1m', bars: faster(1.7) }),

  ...both('LPUSH mylist __value__', { ...SHORT }),
  ...both('RPOP mylist', { dataset: 'list-8m' }),
  ...both('HSET myhash element:__rand_int__ __value__', { dataset: 'hash-1m' }),
  ...both('HGET myhash element:__rand_int__', { dataset: 'hash-1m', ...SHORT }),
  ...both('SADD myset element:__rand_int__', { dataset: 'set-1m' }),
  ...both('SISMEMBER myset element:__rand_int__', { dataset: 'set-1m' }),
  ...both('SPOP myset', { dataset: 'set-8m' }),

  ...each('lrange-100', 'LRANGE mylist 0 99', { dataset: 'list-600', bars: faster(1.3), ...SHORT }),
  ...each('lrange-600', 'LRANGE mylist 0 599', { dataset: 'list-600', bars: faster(1.3) }),
  ...each('hgetall-50', 'HGETALL myhash', { dataset: 'hash-50', bars: faster(1.3) }),
  ...each('smembers-100', 'SMEMBERS myset', { dataset: 'set-100', bars: faster(1.3) }),

  ...each('xadd', 'XADD mystream MAXLEN ~ 1000000 * field __rand_int__', { bars: faster(1.5), ...SHORT }),
  ...each('xread', 'XREAD COUNT 10 STREAMS mystream 0', { dataset: 'stream-100k', bars: faster(1.5) }),

  { kind: 'groups', name: 'xreadgroup-xack', connections: 50, bars: faster(1.5) },
  { kind: 'handover', name: 'blpop-handover', pairs: 1000, bars: faster(1.1) },

  elements('zset', 65),
  elements('hash', 72),
  elements('set', 38),
  elements('list', 35),
  elements('small-hashes', 38),

  {
    kind: 'value-stall',
    name: 'stall-hash-growth',
    dataset: 'hash-10m',
    drop: false,
    pingsPerSecond: 1000,
    bars: [{ figure: 'stallMs', value: 5 }],
  },
  {
    kind: 'value-stall',
    name: 'stall-zset-del',
    dataset: 'zset-10m',
    drop: true,
    pingsPerSecond: 1000,
    bars: [{ figure: 'stallMs', value: 5 }],
  },
];

function elements(what: 'zset' | 'hash' | 'set' | 'list' | 'small-hashes', bytes: number): Trial {
  return {
    kind: 'elements',
    name: `elements-${what}`,
    dataset: `elements-${what}`,
    bars: [{ figure: 'rssPerElement', value: bytes }],
  };
}
