// The commands that wait for an element of a list. A key of another type is an error at first, but is passed over when the
// command runs again: it may hold a list later.
import type { Ref } from '../arena/arena.ts';
import type { Reply } from '../resp/reply.ts';
import { TYPE_LIST } from '../structs/entry.ts';
import { LEFT, RIGHT } from '../types/list.ts';
import { blockingTimeoutMs, blockOnKeys } from './blocking.ts';
import type { Context } from './context.ts';
import { popOne } from './list.ts';
import { endOr, listAt, moveElement, parsePop, popFirst } from './list_move.ts';
import { isEnough, moveMany, parseMove } from './list_move_many.ts';
import {
  BLOCKING,
  type CommandSpec,
  command,
  DENYOOM,
  key,
  keyCount,
  keyRange,
  NOSCRIPT,
  WRITE,
} from './spec.ts';
import { WRONG } from './typed.ts';

const FOR_LISTS = { type: TYPE_LIST };

const BLPOP = command({
  name: 'blpop',
  group: 'list',
  since: '2.0.0',
  summary: 'Takes the first element of the first list that is not empty, or waits for one',
  complexity: 'O(N) in the number of keys',
  arity: -3,
  flags: WRITE | NOSCRIPT | BLOCKING,
  keys: [keyRange('RW ACCESS DELETE', 1, -2)],
  syntax: 'key+ timeout:double',
  history: [['6.0.0', 'The timeout may have decimals.']],
  run: runBlpop,
});

function runBlpop(c: Context): void {
  popOrBlock(c, LEFT);
}

const BRPOP = command({
  name: 'brpop',
  group: 'list',
  since: '2.0.0',
  summary: 'Takes the last element of the first list that is not empty, or waits for one',
  complexity: 'O(N) in the number of keys',
  arity: -3,
  flags: WRITE | NOSCRIPT | BLOCKING,
  keys: [keyRange('RW ACCESS DELETE', 1, -2)],
  syntax: 'key+ timeout:double',
  history: [['6.0.0', 'The timeout may have decimals.']],
  run: runBrpop,
});

function runBrpop(c: Context): void {
  popOrBlock(c, RIGHT);
}

function popOrBlock(c: Context, end: number): void {
  const { args, reply } = c;
  const last = args.count - 1;
  const timeoutMs = blockingTimeoutMs(c, last);
  if (Number.isNaN(timeoutMs)) return;
  for (let i = 1; i < last; i++) {
    const ref = listAt(c, i);
    if (ref === WRONG) return;
    if (ref === 0) continue;
    reply.array(2);
    reply.bulk(args.bytes, args.at(i), args.length(i));
    popOne(c, i, ref, end);
    if (c.effects.active) c.effects.op(c, end === LEFT ? 'LPOP' : 'RPOP', 2).arg(i);
    return;
  }
  blockOnKeys(c, { first: 1, count: last - 1 }, timeoutMs, replyNothing, FOR_LISTS);
}

function replyNothing(reply: Reply): void {
  reply.nullArray();
}

const BLMOVE = command({
  name: 'blmove',
  group: 'list',
  since: '6.2.0',
  summary: 'LMOVE that waits for an element',
  complexity: 'O(1)',
  arity: 6,
  flags: WRITE | DENYOOM | NOSCRIPT | BLOCKING,
  keys: [key('RW ACCESS DELETE', 1), key('RW INSERT', 2)],
  syntax: 'source:key destination:key wherefrom=(LEFT | RIGHT) whereto=(LEFT | RIGHT) timeout:double',
  run: runBlmove,
});

function runBlmove(c: Context): void {
  const from = endOr(c, 3);
  if (Number.isNaN(from)) return;
  const to = endOr(c, 4);
  if (!Number.isNaN(to)) moveOrBlock(c, from, to, 5);
}

const BRPOPLPUSH = command({
  name: 'brpoplpush',
  group: 'list',
  since: '2.2.0',
  summary: 'RPOPLPUSH that waits for an element',
  complexity: 'O(1)',
  arity: 4,
  flags: WRITE | DENYOOM | NOSCRIPT | BLOCKING,
  keys: [key('RW ACCESS DELETE', 1), key('RW INSERT', 2)],
  syntax: 'source:key destination:key timeout:double',
  history: [['6.0.0', 'The timeout may have decimals.']],
  docFlags: ['deprecated'],
  deprecatedSince: '6.2.0',
  replacedBy: '`BLMOVE` with `RIGHT` and `LEFT`',
  run: runBrpoplpush,
});

function runBrpoplpush(c: Context): void {
  moveOrBlock(c, RIGHT, LEFT, 3);
}

function moveOrBlock(c: Context, from: number, to: number, timeoutAt: number): void {
  const timeoutMs = blockingTimeoutMs(c, timeoutAt);
  if (Number.isNaN(timeoutMs)) return;
  const ref: Ref = listAt(c, 1);
  if (ref === WRONG) return;
  if (ref !== 0) moveElement(c, ref, from, to);
  else if (c.mayBlock) blockOnKeys(c, { first: 1, count: 1 }, timeoutMs, replyNothing, FOR_LISTS);
  else c.reply.null();
}

const BLMOVEM = command({
  name: 'blmovem',
  group: 'list',
  since: '8.10.0',
  summary: 'LMOVEM that waits for as many elements as it needs',
  complexity: 'O(N) in the number of elements moved',
  arity: -6,
  flags: WRITE | DENYOOM | BLOCKING,
  keys: [key('RW ACCESS DELETE', 1), key('RW INSERT', 2)],
  syntax: `source:key destination:key wherefrom=(LEFT | RIGHT) whereto=(LEFT | RIGHT) timeout:double
    [how-many=(selector=(COUNT count:integer | EXACTLY exactly:integer) ordering=(OBO | BULK))]`,
  run: runBlmovem,
});

function runBlmovem(c: Context): void {
  const asked = parseMove(c, 6);
  if (asked === null) return;
  const timeoutMs = blockingTimeoutMs(c, 5);
  if (Number.isNaN(timeoutMs)) return;
  const ref = listAt(c, 1);
  if (ref === WRONG) return;
  if (isEnough(c, ref, asked)) moveMany(c, ref, asked);
  else blockOnKeys(c, { first: 1, count: 1 }, timeoutMs, replyNothing, FOR_LISTS);
}

const BLMPOP = command({
  name: 'blmpop',
  group: 'list',
  since: '7.0.0',
  summary: 'LMPOP that waits for an element',
  complexity: 'O(N+M) in the number of keys and of elements returned',
  arity: -5,
  flags: WRITE | BLOCKING,
  keys: [keyCount('RW ACCESS DELETE', 2)],
  syntax: 'timeout:double numkeys:integer key+ where=(LEFT | RIGHT) [COUNT count:integer]',
  run: runBlmpop,
});

function runBlmpop(c: Context): void {
  const asked = parsePop(c, 2);
  if (asked === null) return;
  const timeoutMs = blockingTimeoutMs(c, 1);
  if (Number.isNaN(timeoutMs) || popFirst(c, asked)) return;
  blockOnKeys(c, { first: asked.firstKey, count: asked.keyCount }, timeoutMs, replyNothing, FOR_LISTS);
}

export const LIST_BLOCKING_COMMANDS: readonly CommandSpec[] = [
  BLMOVE,
  BLMOVEM,
  BLMPOP,
  BLPOP,
  BRPOP,
  BRPOPLPUSH,
];
