// Sorted sets: adding, removing and finding members.
import type { Ref } from '../arena/arena.ts';
import { parseDouble } from '../base/double.ts';
import { EVENT_ZSET } from '../keyspace/keyspace.ts';
import {
  GT_LT_NX_TOGETHER,
  INCR_OF_MANY,
  NOT_A_FLOAT,
  SCORE_IS_NAN,
  SYNTAX,
  XX_WITH_NX,
} from '../resp/errors.ts';
import { TYPE_ZSET } from '../structs/entry.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, READONLY, WRITE } from './spec.ts';
import { dropEmptied, readTyped, WRONG, writeTyped } from './typed.ts';

/** Options of ZADD, and of GEOADD. */
export const NX = 1;
export const XX = 2;
export const CH = 4;
const INCR = 8;
const GT = 16;
const LT = 32;

/** What adding a member came to. */
const UNCHANGED = 0;
export const ADDED = 1;
export const UPDATED = 2;
/** An option forbids it. */
const FORBIDDEN = 3;
const NOT_A_NUMBER = 4;

const ZADD = command({
  name: 'zadd',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Adds members with scores to a sorted set, or gives them other scores',
  complexity: 'O(log(N)) for each member',
  arity: -4,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW UPDATE', 1)],
  member: 3,
  syntax: `key condition=[NX | XX]^3.0.2 comparison=[GT | LT]^6.2.0 [change=CH]^3.0.2 [increment=INCR]^3.0.2
    (score:double member)+`,
  history: [
    ['2.4.0', 'Takes several members.'],
    ['3.0.2', 'Options XX, NX, CH and INCR.'],
    ['6.2.0', 'Options GT and LT.'],
  ],
  run: (c) => addScores(c, 0),
});

const ZINCRBY = command({
  name: 'zincrby',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Adds to the score of a member, which is added to the sorted set if it is not there',
  complexity: 'O(log(N))',
  arity: 4,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW ACCESS UPDATE', 1)],
  member: 3,
  syntax: 'key increment:integer member',
  run: (c) => addScores(c, INCR),
});

function addScores(c: Context, options: number): void {
  const args = c.args;
  let first = 2;
  for (let option = optionAt(c, first); option !== 0; option = optionAt(c, ++first)) options |= option;
  const pairs = (args.count - first) >> 1;
  const refusal = refusalOf(options, args.count - first);
  if (refusal !== '') {
    c.reply.error(refusal);
    return;
  }
  let score = 0;
  for (let i = args.count - 2; i >= first; i -= 2) {
    score = parseDouble(args.bytes, args.at(i), args.length(i));
    if (Number.isNaN(score)) {
      c.reply.error(NOT_A_FLOAT);
      return;
    }
  }
  let ref = writeTyped(c, 1, TYPE_ZSET);
  if (ref === WRONG) return;
  if (ref === 0) {
    if ((options & XX) !== 0) {
      replyNothingDone(c, options);
      return;
    }
    ref = addSortedSet(c, 1, args.length(first + 1));
  }
  if (pairs === 1) addOne(c, ref, first + 1, score, options);
  else addMany(c, ref, first, options);
}

/** The option in argument `i`, 0 if it is none. */
function optionAt({ args }: Context, i: number): number {
  if (i >= args.count) return 0;
  const length = args.length(i);
  // Scores begin with a digit, as a rule.
  if (length < 2 || length > 4 || args.bytes[args.at(i)]! < 65) return 0;
  if (args.is(i, 'nx')) return NX;
  if (args.is(i, 'xx')) return XX;
  if (args.is(i, 'ch')) return CH;
  if (args.is(i, 'incr')) return INCR;
  if (args.is(i, 'gt')) return GT;
  return args.is(i, 'lt') ? LT : 0;
}

/** What is wrong with the options and the number of words behind them; '' if nothing is. */
function refusalOf(options: number, words: number): string {
  if ((words & 1) !== 0 || words === 0) return SYNTAX;
  if ((options & (NX | XX)) === (NX | XX)) return XX_WITH_NX;
  const comparisons = options & (GT | LT);
  if (comparisons === (GT | LT) || (comparisons !== 0 && (options & NX) !== 0)) return GT_LT_NX_TOGETHER;
  return (options & INCR) !== 0 && words > 2 ? INCR_OF_MANY : '';
}

function replyNothingDone({ reply }: Context, options: number): void {
  if ((options & INCR) !== 0) reply.null();
  else reply.integer(0);
}

/** Adds an empty sorted set under the key in argument `i`; its first member will have `length` bytes. */
export function addSortedSet(c: Context, i: number, length: number): Ref {
  const { args, keyspace } = c;
  const { zsets } = keyspace;
  const encoding = zsets.firstEncoding(length);
  const ref = zsets.create(args.bytes, args.at(i), args.length(i), keyspace.freshClock(), encoding);
  c.db.add(c.hashOf(i), ref);
  return ref;
}

function addOne(c: Context, ref: Ref, member: number, score: number, options: number): void {
  const result = addMember(c, ref, member, score, options);
  const changed = result === ADDED || result === UPDATED;
  if (changed) c.changed(1, EVENT_ZSET, (options & INCR) === 0 ? 'zadd' : 'zincr');
  const reply = c.reply;
  if (result === NOT_A_NUMBER) reply.error(SCORE_IS_NAN);
  else if ((options & INCR) === 0)
    reply.integer(result === ADDED || (changed && (options & CH) !== 0) ? 1 : 0);
  else if (result === FORBIDDEN) reply.null();
  else reply.double(c.keyspace.zsets.score);
}

function addMany(c: Context, ref: Ref, first: number, options: number): void {
  const args = c.args;
  let added = 0;
  let updated = 0;
  for (let i = first; i < args.count; i += 2) {
    const score = parseDouble(args.bytes, args.at(i), args.length(i));
    const result = addMember(c, ref, i + 1, score, options);
    if (result === ADDED) added++;
    else if (result === UPDATED) updated++;
  }
  if (added + updated > 0) {
    c.keyspace.dirty += added + updated - 1;
    c.changed(1, EVENT_ZSET, 'zadd');
  }
  c.reply.integer((options & CH) !== 0 ? added + updated : added);
}

/** Adds the member in an argument or changes its score, which is left in `zsets.score`. */
export function addMember(c: Context, ref: Ref, member: number, score: number, options: number): number {
  const { args } = c;
  const zsets = c.keyspace.zsets;
  const bytes = args.bytes;
  const at = args.at(member);
  const length = args.length(member);
  if (!zsets.find(ref, bytes, at, length)) {
    if ((options & XX) !== 0) return FORBIDDEN;
    zsets.add(ref, bytes, at, length, score);
    zsets.score = score;
    return ADDED;
  }
  if ((options & NX) !== 0) return FORBIDDEN;
  const old = zsets.score;
  const next = (options & INCR) === 0 ? score : old + score;
  if (Number.isNaN(next)) return NOT_A_NUMBER;
  if (((options & LT) !== 0 && next >= old) || ((options & GT) !== 0 && next <= old)) return FORBIDDEN;
  if (next !== old) zsets.changeFound(ref, bytes, at, length, next);
  zsets.score = next;
  return next === old ? UNCHANGED : UPDATED;
}

const ZREM = command({
  name: 'zrem',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Removes members from a sorted set',
  complexity: 'O(log(N)) for each member',
  arity: -3,
  flags: WRITE | FAST,
  keys: [key('RW DELETE', 1)],
  member: 2,
  syntax: 'key member+',
  history: [['2.4.0', 'Takes several members.']],
  run: runZrem,
});

function runZrem(c: Context): void {
  const args = c.args;
  const zsets = c.keyspace.zsets;
  const ref = writeTyped(c, 1, TYPE_ZSET);
  if (ref === WRONG) return;
  let removed = 0;
  let left = ref === 0 ? 0 : zsets.size(ref);
  for (let i = 2; i < args.count && left > 0; i++) {
    if (!zsets.find(ref, args.bytes, args.at(i), args.length(i))) continue;
    zsets.removeFound(ref);
    removed++;
    left--;
  }
  if (removed > 0) {
    c.keyspace.dirty += removed - 1;
    c.changed(1, EVENT_ZSET, 'zrem');
    if (left === 0) dropEmptied(c, 1, ref);
  }
  c.reply.integer(removed);
}

const ZCARD = command({
  name: 'zcard',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Number of members of a sorted set',
  complexity: 'O(1)',
  arity: 2,
  flags: READONLY | FAST,
  keys: [key('RO', 1)],
  syntax: 'key',
  run: runZcard,
});

function runZcard(c: Context): void {
  const ref = readTyped(c, 1, TYPE_ZSET);
  if (ref !== WRONG) c.reply.integer(ref === 0 ? 0 : c.keyspace.zsets.size(ref));
}

const ZSCORE = command({
  name: 'zscore',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Score of a member',
  complexity: 'O(1)',
  arity: 3,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  member: 2,
  syntax: 'key member',
  run: runZscore,
});

function runZscore(c: Context): void {
  const ref = readTyped(c, 1, TYPE_ZSET);
  if (ref !== WRONG) replyScore(c, ref, 2);
}

/** Replies with the score of the member in argument `i`, null if it is not there. */
function replyScore(c: Context, ref: Ref, i: number): void {
  const args = c.args;
  const zsets = c.keyspace.zsets;
  if (ref !== 0 && zsets.find(ref, args.bytes, args.at(i), args.length(i))) c.reply.double(zsets.score);
  else c.reply.null();
}

const ZMSCORE = command({
  name: 'zmscore',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Scores of several members; null for each that is not there',
  complexity: 'O(N) in the number of members asked for',
  arity: -3,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  member: 2,
  syntax: 'key member+',
  run: runZmscore,
});

function runZmscore(c: Context): void {
  const ref = readTyped(c, 1, TYPE_ZSET);
  if (ref === WRONG) return;
  c.reply.array(c.args.count - 2);
  for (let i = 2; i < c.args.count; i++) replyScore(c, ref, i);
}

const ZRANK = command({
  name: 'zrank',
  group: 'sorted-set',
  since: '2.0.0',
  summary: 'Rank of a member by ascending score, from 0',
  complexity: 'O(log(N))',
  arity: -3,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  member: 2,
  syntax: 'key member [WITHSCORE]^7.2.0',
  history: [['7.2.0', 'Option WITHSCORE.']],
  run: (c) => replyRank(c, false),
});

const ZREVRANK = command({
  name: 'zrevrank',
  group: 'sorted-set',
  since: '2.0.0',
  summary: 'Rank of a member by descending score, from 0',
  complexity: 'O(log(N))',
  arity: -3,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  member: 2,
  syntax: 'key member [WITHSCORE]^7.2.0',
  history: [['7.2.0', 'Option WITHSCORE.']],
  run: (c) => replyRank(c, true),
});

function replyRank(c: Context, reverse: boolean): void {
  const { args, reply } = c;
  const zsets = c.keyspace.zsets;
  const withScore = args.count > 3;
  if (withScore && (args.count > 4 || !args.is(3, 'withscore'))) {
    reply.error(SYNTAX);
    return;
  }
  const ref = readTyped(c, 1, TYPE_ZSET);
  if (ref === WRONG) return;
  if (ref === 0 || !zsets.find(ref, args.bytes, args.at(2), args.length(2))) {
    if (withScore) reply.nullArray();
    else reply.null();
    return;
  }
  const score = zsets.score;
  const rank = zsets.rankOfFound(ref);
  if (withScore) reply.array(2);
  reply.integer(reverse ? zsets.size(ref) - 1 - rank : rank);
  if (withScore) reply.double(score);
}

export const ZSET_COMMANDS: readonly CommandSpec[] = [
  ZADD,
  ZCARD,
  ZINCRBY,
  ZMSCORE,
  ZRANK,
  ZREM,
  ZREVRANK,
  ZSCORE,
];
