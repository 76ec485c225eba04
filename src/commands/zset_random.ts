// Sorted sets: members picked at random, and a few at a time.
import type { Ref } from '../arena/arena.ts';
import { formatDouble } from '../base/double.ts';
import { NOT_AN_INTEGER, outOfRange, SYNTAX, VALUE_OUT_OF_RANGE } from '../resp/errors.ts';
import { ENC_LISTPACK, TYPE_ZSET } from '../structs/entry.ts';
import { isKeptAsInteger } from '../types/zset_pairs.ts';
import type { Context } from './context.ts';
import { refusesRepeated } from './integers.ts';
import { BUCKETS_AN_ELEMENT, collectionScanOr, passesPattern, type ScanOptions } from './scan_options.ts';
import { type CommandSpec, command, key, READONLY } from './spec.ts';
import { readTyped, WRONG } from './typed.ts';
import { replyMember, replyMembersHead, replyRange } from './zset_reply.ts';

const INT64_MAX = 2n ** 63n - 1n;
/** Ranks are drawn for subsets at least this much smaller than the set: few come twice then. */
const DRAW_RATIO = 3;

const ZRANDMEMBER = command({
  name: 'zrandmember',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Members picked at random',
  complexity: 'O(N) in the number of members returned',
  arity: -2,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output'],
  syntax: 'key options=[count:integer [WITHSCORES]]',
  run: runZrandmember,
});

function runZrandmember(c: Context): void {
  if (c.args.count > 2) {
    replySome(c);
    return;
  }
  const { random, zsets } = c.keyspace;
  const ref = readTyped(c, 1, TYPE_ZSET);
  if (ref === WRONG) return;
  if (ref === 0) {
    c.reply.null();
    return;
  }
  zsets.pick(ref, random);
  replyMember(c, false);
}

function replySome(c: Context): void {
  const { args, reply } = c;
  const count = args.int64(2);
  if (count === null || count < -INT64_MAX) {
    reply.error(count === null ? NOT_AN_INTEGER : outOfRange(-INT64_MAX, INT64_MAX));
    return;
  }
  const withScores = args.count > 3;
  if (withScores && (args.count > 4 || !args.is(3, 'withscores'))) {
    reply.error(SYNTAX);
    return;
  }
  if (withScores && (count < -INT64_MAX / 2n || count > INT64_MAX / 2n)) {
    reply.error(VALUE_OUT_OF_RANGE);
    return;
  }
  const ref = readTyped(c, 1, TYPE_ZSET);
  if (ref === WRONG) return;
  if (ref === 0 || count === 0n) reply.array(0);
  else if (count < 0n) replyPicked(c, ref, Number(-count), withScores);
  else replyDistinct(c, ref, Number(count), withScores);
}

/** Replies with members that may come several times. */
function replyPicked(c: Context, ref: Ref, count: number, withScores: boolean): void {
  if (refusesRepeated(c, count)) return;
  const { random, zsets } = c.keyspace;
  replyMembersHead(c, count, withScores);
  for (let i = 0; i < count; i++) {
    zsets.pick(ref, random);
    replyMember(c, withScores);
  }
}

function replyDistinct(c: Context, ref: Ref, count: number, withScores: boolean): void {
  const { zsets } = c.keyspace;
  const size = zsets.size(ref);
  if (count >= size) {
    replyRange(c, ref, 0, size, false, withScores);
    return;
  }
  replyMembersHead(c, count, withScores);
  if (count * DRAW_RATIO > size) replySelected(c, ref, count, withScores);
  else replyDrawn(c, ref, count, withScores);
}

/** One walk that decides at each member: selection sampling (Knuth, The Art of Computer Programming 3.4.2, algorithm S). */
function replySelected(c: Context, ref: Ref, count: number, withScores: boolean): void {
  const { random, zsets } = c.keyspace;
  let wanted = count;
  zsets.cursor.start(ref, 0);
  for (let left = zsets.size(ref); ; left--) {
    if (random.below(left) < wanted) {
      replyMember(c, withScores);
      if (--wanted === 0) return;
    }
    zsets.cursor.next();
  }
}

function replyDrawn(c: Context, ref: Ref, count: number, withScores: boolean): void {
  const { random, zsets } = c.keyspace;
  const size = zsets.size(ref);
  const ranks = new Set<number>();
  while (ranks.size < count) {
    const rank = random.below(size);
    if (ranks.has(rank)) continue;
    ranks.add(rank);
    zsets.cursor.start(ref, rank);
    replyMember(c, withScores);
  }
}

const ZSCAN = command({
  name: 'zscan',
  group: 'sorted-set',
  since: '2.8.0',
  summary: 'Walks the members of a sorted set a few at a time',
  complexity: 'O(1) for a call, O(N) for the whole sorted set',
  arity: -3,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output'],
  syntax: 'key cursor:integer [MATCH pattern] [COUNT count:integer]',
  run: runZscan,
});

function runZscan(c: Context): void {
  const scan = collectionScanOr(c, TYPE_ZSET, 0);
  if (scan === null) return;
  const { ref, start, options } = scan;
  if (c.keyspace.entries.encoding(ref) === ENC_LISTPACK) scanWhole(c, ref, options);
  else scanTable(c, ref, start, options);
}

function scanWhole(c: Context, ref: Ref, options: ScanOptions): void {
  const { reply } = c;
  const { cursor } = c.keyspace.zsets;
  let found = 0;
  cursor.start(ref, 0);
  do if (passesPattern(c, options, cursor.bytes, cursor.at, cursor.length)) found++;
  while (cursor.next());
  reply.array(2);
  reply.bulkText('0');
  reply.array(found * 2);
  cursor.start(ref, 0);
  do {
    if (!passesPattern(c, options, cursor.bytes, cursor.at, cursor.length)) continue;
    reply.bulk(cursor.bytes, cursor.at, cursor.length);
    const { score } = cursor;
    reply.bulkText(isKeptAsInteger(score) ? BigInt(score).toString() : formatDouble(score));
  } while (cursor.next());
}

function scanTable(c: Context, ref: Ref, start: number, options: ScanOptions): void {
  const { entries, zsets } = c.keyspace;
  const { reply } = c;
  const { table } = zsets;
  const { elements } = table;
  const found: Ref[] = [];
  let seen = 0;
  const visit = (element: Ref): void => {
    seen++;
    const at = elements.memberAt(element);
    if (passesPattern(c, options, elements.view(element), at, elements.memberBytes(element))) {
      found.push(element);
    }
  };
  let cursor = start;
  let buckets = options.count * BUCKETS_AN_ELEMENT;
  table.open(entries.wordLow(ref));
  do cursor = table.scan(cursor, visit);
  while (cursor !== 0 && --buckets > 0 && seen < options.count);
  reply.array(2);
  reply.bulkText(String(cursor));
  reply.array(found.length * 2);
  for (const element of found) {
    reply.bulk(elements.view(element), elements.memberAt(element), elements.memberBytes(element));
    reply.bulkText(formatDouble(elements.score(element)));
  }
}

export const ZSET_RANDOM_COMMANDS: readonly CommandSpec[] = [ZRANDMEMBER, ZSCAN];
