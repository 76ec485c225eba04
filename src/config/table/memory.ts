// Memory: its limit, eviction, expiry, lazy freeing, defragmentation, the allocator.

import { bool, directive, HIDDEN, IMMUTABLE, word } from '../kind.ts';
import { INT_MAX, integer, LONG_MAX, memory, memoryOrPercent, ULONG_MAX } from '../number_kinds.ts';
import { OomScoresKind } from '../special_kinds.ts';

export const memoryDirectives = {
  'active-defrag-cycle-max': integer(25, 1, 99),
  'active-defrag-cycle-min': integer(1, 1, 99),
  'active-defrag-cycle-us': integer(500, 0, 100000),
  'active-defrag-ignore-bytes': memory(104857600, 1, LONG_MAX),
  'active-defrag-max-scan-fields': integer(1000, 1, LONG_MAX),
  'active-defrag-threshold-lower': integer(10, 0, 1000),
  'active-defrag-threshold-upper': integer(100, 0, 1000),
  'active-expire-effort': integer(1, 1, 10),
  activedefrag: bool(false),
  'disable-thp': bool(true, IMMUTABLE),
  'jemalloc-bg-thread': bool(true),
  'key-memory-histograms': bool(false),
  'lazyexpire-nested-arbitrary-keys': bool(true, HIDDEN),
  'lazyfree-lazy-eviction': bool(false),
  'lazyfree-lazy-expire': bool(false),
  'lazyfree-lazy-server-del': bool(false),
  'lazyfree-lazy-user-del': bool(false),
  'lazyfree-lazy-user-flush': bool(false),
  'lfu-decay-time': integer(1, 0, INT_MAX),
  'lfu-log-factor': integer(10, 0, INT_MAX),
  maxmemory: memory(0, 0, ULONG_MAX),
  'maxmemory-clients': memoryOrPercent(0),
  'maxmemory-eviction-tenacity': integer(10, 0, 100),
  'maxmemory-policy': word('noeviction', [
    'volatile-lru',
    'volatile-lfu',
    'volatile-random',
    'volatile-ttl',
    'allkeys-lru',
    'allkeys-lfu',
    'allkeys-random',
    'noeviction',
  ]),
  'maxmemory-samples': integer(5, 1, INT_MAX),
  'oom-score-adj': word('no', ['no', 'yes', 'relative', 'absolute'], 0, { relative: 'yes' }),
  'oom-score-adj-values': directive<readonly number[]>(new OomScoresKind(), [0, 200, 800]),
};
