// Sorted sets: counting and removing the members between two bounds.
import { EVENT_ZSET } from '../keyspace/keyspace.ts';
import { TYPE_ZSET } from '../structs/entry.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, FAST, key, READONLY, WRITE } from './spec.ts';
import { dropEmptied, readTyped, WRONG, writeTyped } from './typed.ts';
import { BY_LEX, BY_RANK, BY_SCORE, boundsOr, ranksOf } from './zset_bounds.ts';

const ZCOUNT = command({
  name: 'zcount',
  group: 'sorted-set',
  since: '2.0.0',
  summary: 'Number of members with scores between two bounds',
  complexity: 'O(log(N))',
  arity: 4,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key min:double max:double',
  run: (c) => count(c, BY_SCORE),
});

const ZLEXCOUNT = command({
  name: 'zlexcount',
  group: 'sorted-set',
  since: '2.8.9',
  summary: 'Number of members between two strings, of a sorted set whose scores are all equal',
  complexity: 'O(log(N))',
  arity: 4,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key min max',
  run: (c) => count(c, BY_LEX),
});

function count(c: Context, by: number): void {
  const bounds = boundsOr(c, by, 2, 3);
  if (bounds === null) return;
  const ref = readTyped(c, 1, TYPE_ZSET);
  if (ref === WRONG) return;
  if (ref === 0) {
    c.reply.integer(0);
    return;
  }
  const { first, end } = ranksOf(c, ref, bounds);
  c.reply.integer(end - first);
}

const ZREMRANGEBYRANK = command({
  name: 'zremrangebyrank',
  group: 'sorted-set',
  since: '2.0.0',
  summary: 'Removes the members between two ranks',
  complexity: 'O(log(N)+M) for M members removed',
  arity: 4,
  flags: WRITE,
  keys: [key('RW DELETE', 1)],
  syntax: 'key start:integer stop:integer',
  run: (c) => remove(c, BY_RANK, 'zremrangebyrank'),
});

const ZREMRANGEBYSCORE = command({
  name: 'zremrangebyscore',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Removes the members with scores between two bounds',
  complexity: 'O(log(N)+M) for M members removed',
  arity: 4,
  flags: WRITE,
  keys: [key('RW DELETE', 1)],
  syntax: 'key min:double max:double',
  run: (c) => remove(c, BY_SCORE, 'zremrangebyscore'),
});

const ZREMRANGEBYLEX = command({
  name: 'zremrangebylex',
  group: 'sorted-set',
  since: '2.8.9',
  summary: 'Removes the members between two strings, of a sorted set whose scores are all equal',
  complexity: 'O(log(N)+M) for M members removed',
  arity: 4,
  flags: WRITE,
  keys: [key('RW DELETE', 1)],
  syntax: 'key min max',
  run: (c) => remove(c, BY_LEX, 'zremrangebylex'),
});

function remove(c: Context, by: number, event: string): void {
  const bounds = boundsOr(c, by, 2, 3);
  if (bounds === null) return;
  const ref = writeTyped(c, 1, TYPE_ZSET);
  if (ref === WRONG) return;
  if (ref === 0) {
    c.reply.integer(0);
    return;
  }
  const { first, end } = ranksOf(c, ref, bounds);
  const removed = end - first;
  if (removed > 0) {
    const { zsets } = c.keyspace;
    // A set that goes as a whole is freed with its entry, in slices if it is large.
    const whole = removed === zsets.size(ref);
    if (!whole) zsets.removeRange(ref, first, removed);
    c.keyspace.dirty += removed - 1;
    c.changed(1, EVENT_ZSET, event);
    if (whole) dropEmptied(c, 1, ref);
  }
  c.reply.integer(removed);
}

export const ZSET_COUNT_COMMANDS: readonly CommandSpec[] = [
  ZCOUNT,
  ZLEXCOUNT,
  ZREMRANGEBYLEX,
  ZREMRANGEBYRANK,
  ZREMRANGEBYSCORE,
];
