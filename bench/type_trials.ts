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

/** The same load at pipeline 16 and 64. */
function both(
  name: string,
  settings: Partial<LoadTrial> & Pick<LoadTrial, 'load'>,
  ratio16 = 1.5,
  ratio64 = 1.8,
): LoadTrial[] {
  return [
    load(`${name}-p16`, { ...settings, bars: faster(ratio16) }),
    load(`${name}-p64`, { ...settings, pipeline: 64, bars: faster(ratio64), short: false }),
  ];
}

const SHORT = { short: true } as const;

export const TYPE_TRIALS: readonly Trial[] = [
  ...both('zadd', { load: 'zadd', keys: 100_000, dataset: 'zset-100k', ...SHORT }, 2, 2.5),
  load('zrange-100-p16', {
    load: 'zrange',
    command: 'ZRANGE myzset __rand_int__ +inf BYSCORE LIMIT 0 100',
    dataset: 'zset-1m',
    bars: faster(1.7),
  }),
  load('zrank-p16', {
    load: 'zrank',
    command: 'ZRANK myzset element:__rand_int__',
    dataset: 'zset-1m',
    bars: faster(1.7),
  }),
  load('zscore-p16', {
    load: 'zscore',
    command: 'ZSCORE myzset element:__rand_int__',
    dataset: 'zset-1m',
    bars: faster(1.7),
  }),

  ...both('lpush', { load: 'lpush', ...SHORT }),
  ...both('rpop', { load: 'rpop', dataset: 'list-8m' }),
  ...both('hset', { load: 'hset', dataset: 'hash-1m' }),
  ...both('hget', {
    load: 'hget',
    command: 'HGET myhash element:__rand_int__',
    dataset: 'hash-1m',
    ...SHORT,
  }),
  ...both('sadd', { load: 'sadd', dataset: 'set-1m' }),
  ...both('sismember', {
    load: 'sismember',
    command: 'SISMEMBER myset element:__rand_int__',
    dataset: 'set-1m',
  }),
  ...both('spop', { load: 'spop', dataset: 'set-8m' }),

  load('lrange-100-p16', {
    load: 'lrange',
    command: 'LRANGE mylist 0 99',
    dataset: 'list-600',
    bars: faster(1.3),
    ...SHORT,
  }),
  load('lrange-600-p16', {
    load: 'lrange',
    command: 'LRANGE mylist 0 599',
    dataset: 'list-600',
    bars: faster(1.3),
  }),
  load('hgetall-50-p16', {
    load: 'hgetall',
    command: 'HGETALL myhash',
    dataset: 'hash-50',
    bars: faster(1.3),
  }),
  load('smembers-100-p16', {
    load: 'smembers',
    command: 'SMEMBERS myset',
    dataset: 'set-100',
    bars: faster(1.3),
  }),

  load('xadd-p16', {
    load: 'xadd',
    command: 'XADD mystream MAXLEN ~ 1000000 * field __rand_int__',
    bars: faster(1.5),
    ...SHORT,
  }),
  load('xread-p16', {
    load: 'xread',
    command: 'XREAD COUNT 10 STREAMS mystream 0',
    dataset: 'stream-100k',
    bars: faster(1.5),
  }),

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
