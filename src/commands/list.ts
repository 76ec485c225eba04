// Lists at their ends: pushing, popping, counting.
import type { Ref } from '../arena/arena.ts';
import { EVENT_LIST } from '../keyspace/keyspace.ts';
import { NOT_POSITIVE, wrongArity } from '../resp/errors.ts';
import { TYPE_LIST } from '../structs/entry.ts';
import { LEFT, RIGHT } from '../types/list.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, READONLY, WRITE } from './spec.ts';
import { dropEmptied, readTyped, WRONG, writeTyped } from './typed.ts';

const LPUSH = command({
  name: 'lpush',
  group: 'list',
  since: '1.0.0',
  summary: 'Puts elements before the first one of a list, which is made if need be',
  complexity: 'O(1) for each element',
  arity: -3,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW INSERT', 1)],
  syntax: 'key element+',
  history: [['2.4.0', 'Takes several elements.']],
  run: runLpush,
});

function runLpush(c: Context): void {
  push(c, LEFT, true);
}

const RPUSH = command({
  name: 'rpush',
  group: 'list',
  since: '1.0.0',
  summary: 'Puts elements behind the last one of a list, which is made if need be',
  complexity: 'O(1) for each element',
  arity: -3,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW INSERT', 1)],
  syntax: 'key element+',
  history: [['2.4.0', 'Takes several elements.']],
  run: runRpush,
});

function runRpush(c: Context): void {
  push(c, RIGHT, true);
}

const LPUSHX = command({
  name: 'lpushx',
  group: 'list',
  since: '2.2.0',
  summary: 'Puts elements before the first one of a list if there is one',
  complexity: 'O(1) for each element',
  arity: -3,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW INSERT', 1)],
  syntax: 'key element+',
  history: [['4.0.0', 'Takes several elements.']],
  run: runLpushx,
});

function runLpushx(c: Context): void {
  push(c, LEFT, false);
}

const RPUSHX = command({
  name: 'rpushx',
  group: 'list',
  since: '2.2.0',
  summary: 'Puts elements behind the last one of a list if there is one',
  complexity: 'O(1) for each element',
  arity: -3,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW INSERT', 1)],
  syntax: 'key element+',
  history: [['4.0.0', 'Takes several elements.']],
  run: runRpushx,
});

function runRpushx(c: Context): void {
  push(c, RIGHT, false);
}

/** Pushes the arguments from the second on, one after the other. */
function push(c: Context, end: number, makesList: boolean): void {
  const args = c.args;
  const lists = c.keyspace.lists;
  let ref = writeTyped(c, 1, TYPE_LIST);
  if (ref === WRONG) return;
  if (ref === 0) {
    if (!makesList) {
      c.reply.integer(0);
      return;
    }
    ref = createList(c, 1);
  }
  if (lists.isListpack(ref)) lists.grow(ref, bytesFrom(c, 2), args.count - 2);
  let size = 0;
  for (let i = 2; i < args.count; i++) size = lists.push(ref, end, args.bytes, args.at(i), args.length(i));
  c.keyspace.dirty += args.count - 3;
  c.changed(1, EVENT_LIST, end === LEFT ? 'lpush' : 'rpush');
  c.reply.integer(size);
}

/** Puts an empty list under the key in argument `k`, which is not there. */
export function createList(c: Context, k: number): Ref {
  const { args, keyspace } = c;
  const ref = keyspace.lists.create(args.bytes, args.at(k), args.length(k), keyspace.freshClock());
  c.db.add(c.hashOf(k), ref);
  return ref;
}

/** Bytes of all arguments from `i` on. */
function bytesFrom(c: Context, i: number): number {
  let bytes = 0;
  for (; i < c.args.count; i++) bytes += c.args.length(i);
  return bytes;
}

const LPOP = command({
  name: 'lpop',
  group: 'list',
  since: '1.0.0',
  summary: 'Takes elements from the front of a list',
  complexity: 'O(N) in the number of elements returned',
  arity: -2,
  flags: WRITE | FAST,
  keys: [key('RW ACCESS DELETE', 1)],
  syntax: 'key [count:integer]^6.2.0',
  history: [['6.2.0', 'Argument count.']],
  run: runLpop,
});

function runLpop(c: Context): void {
  pop(c, LEFT);
}

const RPOP = command({
  name: 'rpop',
  group: 'list',
  since: '1.0.0',
  summary: 'Takes elements from the end of a list',
  complexity: 'O(N) in the number of elements returned',
  arity: -2,
  flags: WRITE | FAST,
  keys: [key('RW ACCESS DELETE', 1)],
  syntax: 'key [count:integer]^6.2.0',
  history: [['6.2.0', 'Argument count.']],
  run: runRpop,
});

function runRpop(c: Context): void {
  pop(c, RIGHT);
}

function pop(c: Context, end: number): void {
  if (c.args.count > 2) {
    popCounted(c, end);
    return;
  }
  const ref = writeTyped(c, 1, TYPE_LIST);
  if (ref === 0) c.reply.null();
  else if (ref !== WRONG) popOne(c, 1, ref, end);
}

function popCounted(c: Context, end: number): void {
  if (c.args.count > 3) {
    c.reply.error(wrongArity(end === LEFT ? 'lpop' : 'rpop'));
    return;
  }
  const count = c.args.int64(2);
  if (count === null || count < 0n) {
    c.reply.error(NOT_POSITIVE);
    return;
  }
  const ref = writeTyped(c, 1, TYPE_LIST);
  if (ref === 0) c.reply.nullArray();
  else if (ref !== WRONG) popMany(c, 1, ref, end, Number(count));
}

/** Takes an element from the list (entry `ref`, with the hit on it) under the key in argument `k` and replies with it. */
export function popOne(c: Context, k: number, ref: Ref, end: number): void {
  const lists = c.keyspace.lists;
  lists.locateEnd(ref, end);
  c.reply.bulk(lists.bytes, lists.at, lists.length);
  const left = lists.dropEnd(ref, end);
  announcePop(c, k, end, 1);
  if (left === 0) dropEmptied(c, k, ref);
  else lists.shrink(ref);
}

/** Takes up to `most` elements in the same way and replies with an array of them. */
export function popMany(c: Context, k: number, ref: Ref, end: number, most: number): void {
  const { lists } = c.keyspace;
  const size = lists.size(ref);
  const count = Math.min(most, size);
  c.reply.array(count);
  if (count === 0) return;
  if (end === LEFT) lists.emit(ref, 0, count, c.reply);
  else lists.emitBackward(ref, count, c.reply);
  if (count < size) cutList(c, ref, end, count);
  announcePop(c, k, end, count);
  if (count === size) dropEmptied(c, k, ref);
  else lists.shrink(ref);
}

/** Removes `count` elements at one end of a list, which has more; many nodes are freed in slices. */
export function cutList(c: Context, ref: Ref, end: number, count: number): void {
  const rest = c.keyspace.lists.cut(ref, end, count);
  if (rest !== 0) c.keyspace.dispose(rest);
}

function announcePop(c: Context, k: number, end: number, count: number): void {
  c.keyspace.dirty += count - 1;
  c.changed(k, EVENT_LIST, end === LEFT ? 'lpop' : 'rpop');
}

const LLEN = command({
  name: 'llen',
  group: 'list',
  since: '1.0.0',
  summary: 'Number of elements of a list',
  complexity: 'O(1)',
  arity: 2,
  flags: READONLY | FAST,
  keys: [key('RO', 1)],
  syntax: 'key',
  run: runLlen,
});

function runLlen(c: Context): void {
  const ref = readTyped(c, 1, TYPE_LIST);
  if (ref !== WRONG) c.reply.integer(ref === 0 ? 0 : c.keyspace.lists.size(ref));
}

export const LIST_COMMANDS: readonly CommandSpec[] = [LLEN, LPOP, LPUSH, LPUSHX, RPOP, RPUSH, RPUSHX];
