// Sorted sets: parts of them by rank, score or member, returned or stored.
import type { Ref } from '../arena/arena.ts';
import { EVENT_ZSET } from '../keyspace/keyspace.ts';
import { LIMIT_BY_RANK, NOT_AN_INTEGER, SYNTAX, WITHSCORES_BY_LEX } from '../resp/errors.ts';
import { TYPE_ZSET } from '../structs/entry.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, DENYOOM, key, READONLY, WRITE } from './spec.ts';
import { deleteResult, storeResult } from './store_result.ts';
import { readTyped, WRONG } from './typed.ts';
import { type Bounds, BY_LEX, BY_RANK, BY_SCORE, boundsOr, ranksOf } from './zset_bounds.ts';
import { replyRange } from './zset_reply.ts';

interface RangeOptions {
  by: number;
  reverse: boolean;
  withScores: boolean;
  offset: number;
  /** Negative: no limit. */
  limit: number;
}

/** What a command leaves to its options. */
const TAKES_BY = 1;
const TAKES_REV = 2;
const TAKES_WITHSCORES = 4;

const ZRANGE = command({
  name: 'zrange',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Members of a sorted set between two ranks, scores or members',
  complexity: 'O(log(N)+M) for M members returned',
  arity: -4,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: `key start stop sortby=[BYSCORE | BYLEX]^6.2.0 [REV]^6.2.0
    [LIMIT (offset:integer count:integer)]^6.2.0 [WITHSCORES]`,
  history: [['6.2.0', 'Options REV, BYSCORE, BYLEX and LIMIT.']],
  run: (c) => runRange(c, BY_RANK, false, TAKES_BY | TAKES_REV | TAKES_WITHSCORES),
});

const ZREVRANGE = command({
  name: 'zrevrange',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Members of a sorted set between two ranks, from the highest score downwards',
  complexity: 'O(log(N)+M) for M members returned',
  arity: -4,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key start:integer stop:integer [WITHSCORES]',
  docFlags: ['deprecated'],
  deprecatedSince: '6.2.0',
  replacedBy: '`ZRANGE` with option `REV`',
  run: (c) => runRange(c, BY_RANK, true, TAKES_WITHSCORES),
});

const ZRANGEBYSCORE = command({
  name: 'zrangebyscore',
  group: 'sorted-set',
  since: '1.0.5',
  summary: 'Members of a sorted set with scores between two bounds',
  complexity: 'O(log(N)+M) for M members returned',
  arity: -4,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key min:double max:double [WITHSCORES]^2.0.0 [LIMIT (offset:integer count:integer)]',
  history: [['2.0.0', 'Option WITHSCORES.']],
  docFlags: ['deprecated'],
  deprecatedSince: '6.2.0',
  replacedBy: '`ZRANGE` with option `BYSCORE`',
  run: (c) => runRange(c, BY_SCORE, false, TAKES_WITHSCORES),
});

const ZREVRANGEBYSCORE = command({
  name: 'zrevrangebyscore',
  group: 'sorted-set',
  since: '2.2.0',
  summary: 'Members of a sorted set with scores between two bounds, downwards',
  complexity: 'O(log(N)+M) for M members returned',
  arity: -4,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key max:double min:double [WITHSCORES] [LIMIT (offset:integer count:integer)]',
  history: [['2.1.6', 'Bounds may be exclusive.']],
  docFlags: ['deprecated'],
  deprecatedSince: '6.2.0',
  replacedBy: '`ZRANGE` with options `REV` and `BYSCORE`',
  run: (c) => runRange(c, BY_SCORE, true, TAKES_WITHSCORES),
});

const ZRANGEBYLEX = command({
  name: 'zrangebylex',
  group: 'sorted-set',
  since: '2.8.9',
  summary: 'Members between two strings, of a sorted set whose scores are all equal',
  complexity: 'O(log(N)+M) for M members returned',
  arity: -4,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key min max [LIMIT (offset:integer count:integer)]',
  docFlags: ['deprecated'],
  deprecatedSince: '6.2.0',
  replacedBy: '`ZRANGE` with option `BYLEX`',
  run: (c) => runRange(c, BY_LEX, false, TAKES_WITHSCORES),
});

const ZREVRANGEBYLEX = command({
  name: 'zrevrangebylex',
  group: 'sorted-set',
  since: '2.8.9',
  summary: 'Members between two strings, downwards, of a sorted set whose scores are all equal',
  complexity: 'O(log(N)+M) for M members returned',
  arity: -4,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key max min [LIMIT (offset:integer count:integer)]',
  docFlags: ['deprecated'],
  deprecatedSince: '6.2.0',
  replacedBy: '`ZRANGE` with options `REV` and `BYLEX`',
  run: (c) => runRange(c, BY_LEX, true, TAKES_WITHSCORES),
});

function runRange(c: Context, by: number, reverse: boolean, takes: number): void {
  const options = optionsOr(c, 4, by, reverse, takes);
  if (options === null) return;
  const bounds = orderedBoundsOr(c, options, 2);
  if (bounds === null) return;
  const ref = readTyped(c, 1, TYPE_ZSET);
  if (ref === WRONG) return;
  if (ref === 0) {
    c.reply.array(0);
    return;
  }
  const { first, count } = partOf(c, ref, bounds, options);
  replyRange(c, ref, first, count, options.reverse, options.withScores);
}

const ZRANGESTORE = command({
  name: 'zrangestore',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Stores the members of a sorted set between two ranks, scores or members',
  complexity: 'O(log(N)+M) for M members stored',
  arity: -5,
  flags: WRITE | DENYOOM,
  keys: [key('OW UPDATE', 1), key('RO ACCESS', 2)],
  syntax: `dst:key src:key min max sortby=[BYSCORE | BYLEX] [REV]
    [LIMIT (offset:integer count:integer)]`,
  run: runZrangestore,
});

function runZrangestore(c: Context): void {
  const options = optionsOr(c, 5, BY_RANK, false, TAKES_BY | TAKES_REV);
  if (options === null) return;
  const bounds = orderedBoundsOr(c, options, 3);
  if (bounds === null) return;
  const ref = readTyped(c, 2, TYPE_ZSET);
  if (ref === WRONG) return;
  if (ref === 0) {
    deleteResult(c, 1);
    return;
  }
  const { first, count } = partOf(c, ref, bounds, options);
  const { args, keyspace } = c;
  const { zsets } = keyspace;
  const { cursor } = zsets;
  const encoding = zsets.firstEncoding(0);
  const into = zsets.create(args.bytes, args.at(1), args.length(1), keyspace.freshClock(), encoding);
  if (count > 0) cursor.start(ref, first);
  for (let left = count; left > 0; left--) {
    const { bytes, at, length, score } = cursor;
    zsets.find(into, bytes, at, length);
    zsets.add(into, bytes, at, length, score);
    if (options.reverse) cursor.previous();
    else cursor.next();
  }
  storeResult(c, 1, into, count, EVENT_ZSET, 'zrangestore');
}

/** The options from argument `from` on; null after an error reply. */
function optionsOr(
  c: Context,
  from: number,
  by: number,
  reverse: boolean,
  takes: number,
): RangeOptions | null {
  const { args } = c;
  const options: RangeOptions = { by, reverse, withScores: false, offset: 0, limit: -1 };
  let open = takes;
  for (let i = from; i < args.count; i++) {
    if ((open & TAKES_WITHSCORES) !== 0 && args.is(i, 'withscores')) {
      options.withScores = true;
    } else if (args.is(i, 'limit') && i + 2 < args.count) {
      const offset = args.int64(i + 1);
      const limit = args.int64(i + 2);
      if (offset === null || limit === null) return refuse(c, NOT_AN_INTEGER);
      options.offset = Number(offset);
      options.limit = Number(limit);
      i += 2;
    } else if ((open & TAKES_REV) !== 0 && args.is(i, 'rev')) {
      options.reverse = true;
      open &= ~TAKES_REV;
    } else if ((open & TAKES_BY) !== 0 && (args.is(i, 'byscore') || args.is(i, 'bylex'))) {
      options.by = args.is(i, 'bylex') ? BY_LEX : BY_SCORE;
      open &= ~TAKES_BY;
    } else {
      return refuse(c, SYNTAX);
    }
  }
  if (options.limit !== -1 && options.by === BY_RANK) return refuse(c, LIMIT_BY_RANK);
  if (options.withScores && options.by === BY_LEX) return refuse(c, WITHSCORES_BY_LEX);
  return options;
}

function refuse(c: Context, text: string): null {
  c.reply.error(text);
  return null;
}

/** The bounds in arguments `i` and `i` + 1: highest first where a range by score or member goes downwards. */
function orderedBoundsOr(c: Context, { by, reverse }: RangeOptions, i: number): Bounds | null {
  const swapped = reverse && by !== BY_RANK;
  return boundsOr(c, by, swapped ? i + 1 : i, swapped ? i : i + 1);
}

/** Rank of the first member to be returned, and how many are. */
function partOf(
  c: Context,
  ref: Ref,
  bounds: Bounds,
  { by, limit, offset, reverse }: RangeOptions,
): { first: number; count: number } {
  const { first, end } = ranksOf(c, ref, bounds);
  if (by === BY_RANK) {
    const count = end - first;
    return { first: reverse ? c.keyspace.zsets.size(ref) - 1 - first : first, count };
  }
  const left = offset < 0 ? 0 : Math.max(0, end - first - offset);
  const count = limit < 0 ? left : Math.min(left, limit);
  return { first: reverse ? end - 1 - offset : first + offset, count };
}

export const ZSET_RANGE_COMMANDS: readonly CommandSpec[] = [
  ZRANGE,
  ZRANGEBYLEX,
  ZRANGEBYSCORE,
  ZRANGESTORE,
  ZREVRANGE,
  ZREVRANGEBYLEX,
  ZREVRANGEBYSCORE,
];
