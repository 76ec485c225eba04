// Sorted sets: taking members from their ends, at once or when there are some. As with lists, a key of another type is an error
// at first, and passed over when a blocked command runs again.
import type { Ref } from '../arena/arena.ts';
import { EVENT_ZSET } from '../keyspace/keyspace.ts';
import { COUNT_NOT_POSITIVE, NOT_POSITIVE, NUMKEYS_NOT_POSITIVE, SYNTAX } from '../resp/errors.ts';
import type { Reply } from '../resp/reply.ts';
import { TYPE_ZSET } from '../structs/entry.ts';
import { blockingTimeoutMs, blockOnKeys } from './blocking.ts';
import type { Context } from './context.ts';
import {
  BLOCKING,
  type CommandSpec,
  command,
  FAST,
  key,
  keyCount,
  keyRange,
  NOSCRIPT,
  WRITE,
} from './spec.ts';
import { dropEmptied, WRONG, writeTyped } from './typed.ts';

const FOR_SORTED_SETS = { type: TYPE_ZSET };

const ZPOPMIN = command({
  name: 'zpopmin',
  group: 'sorted-set',
  since: '5.0.0',
  summary: 'Takes the members with the lowest scores',
  complexity: 'O(log(N)*M) for M members',
  arity: -2,
  flags: WRITE | FAST,
  keys: [key('RW ACCESS DELETE', 1)],
  syntax: 'key [count:integer]',
  run: (c) => runPop(c, false),
});

const ZPOPMAX = command({
  name: 'zpopmax',
  group: 'sorted-set',
  since: '5.0.0',
  summary: 'Takes the members with the highest scores',
  complexity: 'O(log(N)*M) for M members',
  arity: -2,
  flags: WRITE | FAST,
  keys: [key('RW ACCESS DELETE', 1)],
  syntax: 'key [count:integer]',
  run: (c) => runPop(c, true),
});

function runPop(c: Context, fromTop: boolean): void {
  const { args, reply } = c;
  const counted = args.count > 2;
  const count = counted ? Number(args.int64(2) ?? -1) : 1;
  if (args.count > 3 || count < 0) {
    reply.error(args.count > 3 ? SYNTAX : NOT_POSITIVE);
    return;
  }
  const ref = writeTyped(c, 1, TYPE_ZSET);
  if (ref === WRONG) return;
  const popped = ref === 0 ? 0 : Math.min(count, c.keyspace.zsets.size(ref));
  const nested = counted && reply.resp3;
  reply.array(nested ? popped : popped * 2);
  if (popped > 0) pop(c, 1, ref, fromTop, popped, nested);
}

/** Replies with `count` members from one end of the sorted set in argument `i`, each a pair if `nested`, and removes them. */
function pop(c: Context, i: number, ref: Ref, fromTop: boolean, count: number, nested: boolean): void {
  const { keyspace, reply } = c;
  const { zsets } = keyspace;
  const { cursor } = zsets;
  const size = zsets.size(ref);
  cursor.start(ref, fromTop ? size - 1 : 0);
  for (let left = count; ; ) {
    if (nested) reply.array(2);
    reply.bulk(cursor.bytes, cursor.at, cursor.length);
    reply.double(cursor.score);
    if (--left === 0) break;
    if (fromTop) cursor.previous();
    else cursor.next();
  }
  // A set that goes as a whole is freed with its entry, in slices if it is large.
  if (count < size) zsets.removeRange(ref, fromTop ? size - count : 0, count);
  keyspace.dirty += count - 1;
  c.changed(i, EVENT_ZSET, fromTop ? 'zpopmax' : 'zpopmin');
  if (count === size) dropEmptied(c, i, ref);
}

const ZMPOP = command({
  name: 'zmpop',
  group: 'sorted-set',
  since: '7.0.0',
  summary: 'Takes members from one end of the first sorted set that is not empty',
  complexity: 'O(K)+O(M*log(N)) for K keys and M members',
  arity: -4,
  flags: WRITE,
  keys: [keyCount('RW ACCESS DELETE', 1)],
  syntax: 'numkeys:integer key+ where=(MIN | MAX) [COUNT count:integer]',
  run: runZmpop,
});

function runZmpop(c: Context): void {
  const asked = parsePop(c, 1);
  if (asked !== null && !popFirst(c, asked)) c.reply.nullArray();
}

/** What ZMPOP and BZMPOP were asked for. */
interface AskedPop {
  firstKey: number;
  keyCount: number;
  fromTop: boolean;
  count: number;
}

/** The arguments from the number of keys on, which is argument `i`; null after an error reply. */
function parsePop(c: Context, i: number): AskedPop | null {
  const { args } = c;
  const keyCount = args.int64(i);
  if (keyCount === null || keyCount <= 0n) return refuse(c, NUMKEYS_NOT_POSITIVE);
  if (keyCount >= args.count - i - 1) return refuse(c, SYNTAX);
  const endAt = i + 1 + Number(keyCount);
  const fromTop = args.is(endAt, 'max');
  if (!fromTop && !args.is(endAt, 'min')) return refuse(c, SYNTAX);
  let count = 0;
  for (let at = endAt + 1; at < args.count; at += 2) {
    if (count !== 0 || at + 1 === args.count || !args.is(at, 'count')) return refuse(c, SYNTAX);
    count = Number(args.int64(at + 1) ?? 0n);
    if (count <= 0) return refuse(c, COUNT_NOT_POSITIVE);
  }
  return { firstKey: i + 1, keyCount: Number(keyCount), fromTop, count: Math.max(1, count) };
}

function refuse(c: Context, text: string): null {
  c.reply.error(text);
  return null;
}

/** Pops from the first of the sorted sets that is there; false, and no reply: none is. True also after an error reply. */
function popFirst(c: Context, { firstKey, keyCount, fromTop, count }: AskedPop): boolean {
  const { args, reply } = c;
  for (let i = firstKey; i < firstKey + keyCount; i++) {
    const ref = sortedSetAt(c, i);
    if (ref === WRONG) return true;
    if (ref === 0) continue;
    const popped = Math.min(count, c.keyspace.zsets.size(ref));
    reply.array(2);
    reply.bulk(args.bytes, args.at(i), args.length(i));
    reply.array(popped);
    pop(c, i, ref, fromTop, popped, true);
    if (c.effects.active)
      c.effects
        .op(c, fromTop ? 'ZPOPMAX' : 'ZPOPMIN', 3)
        .arg(i)
        .number(popped);
    return true;
  }
  return false;
}

/** `writeTyped` for a sorted set; 0 for another type while a blocked command runs again: it waits on. */
function sortedSetAt(c: Context, i: number): Ref {
  if (!c.resumed) return writeTyped(c, i, TYPE_ZSET);
  const ref = c.lookupWrite(i);
  return ref !== 0 && c.keyspace.entries.type(ref) === TYPE_ZSET ? ref : 0;
}

const BZPOPMIN = command({
  name: 'bzpopmin',
  group: 'sorted-set',
  since: '5.0.0',
  summary:
    'Takes the member with the lowest score from the first sorted set that is not empty, or waits for one',
  complexity: 'O(log(N))',
  arity: -3,
  flags: WRITE | NOSCRIPT | BLOCKING | FAST,
  keys: [keyRange('RW ACCESS DELETE', 1, -2)],
  syntax: 'key+ timeout:double',
  history: [['6.0.0', 'The timeout may have decimals.']],
  run: (c) => popOrBlock(c, false),
});

const BZPOPMAX = command({
  name: 'bzpopmax',
  group: 'sorted-set',
  since: '5.0.0',
  summary:
    'Takes the member with the highest score from the first sorted set that is not empty, or waits for one',
  complexity: 'O(log(N))',
  arity: -3,
  flags: WRITE | NOSCRIPT | BLOCKING | FAST,
  keys: [keyRange('RW ACCESS DELETE', 1, -2)],
  syntax: 'key+ timeout:double',
  history: [['6.0.0', 'The timeout may have decimals.']],
  run: (c) => popOrBlock(c, true),
});

function popOrBlock(c: Context, fromTop: boolean): void {
  const { args, reply } = c;
  const last = args.count - 1;
  const timeoutMs = blockingTimeoutMs(c, last);
  if (Number.isNaN(timeoutMs)) return;
  for (let i = 1; i < last; i++) {
    const ref = sortedSetAt(c, i);
    if (ref === WRONG) return;
    if (ref === 0) continue;
    reply.array(3);
    reply.bulk(args.bytes, args.at(i), args.length(i));
    pop(c, i, ref, fromTop, 1, false);
    if (c.effects.active) c.effects.op(c, fromTop ? 'ZPOPMAX' : 'ZPOPMIN', 2).arg(i);
    return;
  }
  blockOnKeys(c, { first: 1, count: last - 1 }, timeoutMs, replyNothing, FOR_SORTED_SETS);
}

function replyNothing(reply: Reply): void {
  reply.nullArray();
}

const BZMPOP = command({
  name: 'bzmpop',
  group: 'sorted-set',
  since: '7.0.0',
  summary: 'ZMPOP that waits for members',
  complexity: 'O(K)+O(M*log(N)) for K keys and M members',
  arity: -5,
  flags: WRITE | BLOCKING,
  keys: [keyCount('RW ACCESS DELETE', 2)],
  syntax: 'timeout:double numkeys:integer key+ where=(MIN | MAX) [COUNT count:integer]',
  run: runBzmpop,
});

function runBzmpop(c: Context): void {
  const asked = parsePop(c, 2);
  if (asked === null) return;
  const timeoutMs = blockingTimeoutMs(c, 1);
  if (Number.isNaN(timeoutMs) || popFirst(c, asked)) return;
  const keys = { first: asked.firstKey, count: asked.keyCount };
  blockOnKeys(c, keys, timeoutMs, replyNothing, FOR_SORTED_SETS);
}

export const ZSET_POP_COMMANDS: readonly CommandSpec[] = [
  BZMPOP,
  BZPOPMAX,
  BZPOPMIN,
  ZMPOP,
  ZPOPMAX,
  ZPOPMIN,
];
