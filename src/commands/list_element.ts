// Elements of lists by index and by value.
import type { Ref } from '../arena/arena.ts';
import { EVENT_LIST } from '../keyspace/keyspace.ts';
import {
  COUNT_NEGATIVE,
  NO_SUCH_KEY,
  OUT_OF_RANGE,
  RANK_ZERO,
  SEARCH_LENGTH_NEGATIVE,
  SYNTAX,
} from '../resp/errors.ts';
import { TYPE_LIST } from '../structs/entry.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, DENYOOM, key, READONLY, WRITE } from './spec.ts';
import { indexArgument } from './string_range.ts';
import { dropEmptied, readTyped, WRONG, writeTyped } from './typed.ts';

const LINDEX = command({
  name: 'lindex',
  group: 'list',
  since: '1.0.0',
  summary: 'Element of a list at an index',
  complexity: 'O(N) in the nodes up to the element, from the nearer end',
  arity: 3,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key index:integer',
  run: runLindex,
});

function runLindex(c: Context): void {
  const { lists } = c.keyspace;
  const ref = readTyped(c, 1, TYPE_LIST);
  if (ref === WRONG) return;
  if (ref === 0) {
    c.reply.null();
    return;
  }
  const index = indexArgument(c, 2);
  if (Number.isNaN(index)) return;
  if (!lists.seek(ref, index)) {
    c.reply.null();
    return;
  }
  lists.locate();
  c.reply.bulk(lists.bytes, lists.at, lists.length);
  lists.close();
}

const LSET = command({
  name: 'lset',
  group: 'list',
  since: '1.0.0',
  summary: 'Puts another element at an index of a list',
  complexity: 'O(N) in the nodes up to the element, from the nearer end',
  arity: 4,
  flags: WRITE | DENYOOM,
  keys: [key('RW UPDATE', 1)],
  syntax: 'key index:integer element',
  run: runLset,
});

function runLset(c: Context): void {
  const { args, keyspace, reply } = c;
  const { lists } = keyspace;
  const ref = writeTyped(c, 1, TYPE_LIST);
  if (ref === WRONG) return;
  if (ref === 0) {
    reply.error(NO_SUCH_KEY);
    return;
  }
  const index = indexArgument(c, 2);
  if (Number.isNaN(index)) return;
  lists.grow(ref, args.length(3), 1);
  if (!lists.seek(ref, index)) {
    reply.error(OUT_OF_RANGE);
    return;
  }
  lists.replace(args.bytes, args.at(3), args.length(3));
  lists.shrink(ref);
  c.changed(1, EVENT_LIST, 'lset');
  reply.ok();
}

const LINSERT = command({
  name: 'linsert',
  group: 'list',
  since: '2.2.0',
  summary: 'Puts an element before or behind the first one that equals the pivot',
  complexity: 'O(N) in the number of elements before the pivot',
  arity: 5,
  flags: WRITE | DENYOOM,
  keys: [key('RW INSERT', 1)],
  syntax: 'key where=(BEFORE | AFTER) pivot element',
  run: runLinsert,
});

function runLinsert(c: Context): void {
  const { args, keyspace, reply } = c;
  const { lists } = keyspace;
  const isAfter = args.is(2, 'after');
  if (!isAfter && !args.is(2, 'before')) {
    reply.error(SYNTAX);
    return;
  }
  const ref = writeTyped(c, 1, TYPE_LIST);
  if (ref === WRONG) return;
  if (ref === 0) {
    reply.integer(0);
    return;
  }
  lists.grow(ref, args.length(4), 1);
  if (!seekEqual(c, ref, 3)) {
    reply.integer(-1);
    return;
  }
  lists.insert(isAfter, args.bytes, args.at(4), args.length(4));
  c.changed(1, EVENT_LIST, 'linsert');
  reply.integer(lists.size(ref));
}

/** Puts the cursor on the first element that equals argument `i`; false: there is none. */
function seekEqual(c: Context, ref: Ref, i: number): boolean {
  const { args, keyspace } = c;
  const { lists } = keyspace;
  lists.seek(ref, 0);
  return lists.pass(true, lists.size(ref), args.bytes, args.at(i), args.length(i)) >= 0;
}

const LREM = command({
  name: 'lrem',
  group: 'list',
  since: '1.0.0',
  summary: 'Removes elements of a list that equal the given one',
  complexity: 'O(N) in the number of elements',
  arity: 4,
  flags: WRITE,
  keys: [key('RW DELETE', 1)],
  syntax: 'key count:integer element',
  run: runLrem,
});

function runLrem(c: Context): void {
  const { lists } = c.keyspace;
  const count = indexArgument(c, 2);
  if (Number.isNaN(count)) return;
  const ref = writeTyped(c, 1, TYPE_LIST);
  if (ref === WRONG) return;
  const removed = ref === 0 ? 0 : removeEqual(c, ref, count);
  c.reply.integer(removed);
  if (removed === 0) return;
  c.keyspace.dirty += removed - 1;
  c.changed(1, EVENT_LIST, 'lrem');
  if (lists.size(ref) === 0) dropEmptied(c, 1, ref);
  else lists.shrink(ref);
}

/** Removes elements that equal argument 3: `count` from the front, `-count` from the end, all for 0. Returns how many. */
function removeEqual(c: Context, ref: Ref, count: number): number {
  const { args, keyspace } = c;
  const { lists } = keyspace;
  const isForward = count >= 0;
  const most = count === 0 ? Number.POSITIVE_INFINITY : Math.abs(count);
  let removed = 0;
  let stands = lists.seek(ref, isForward ? 0 : -1);
  while (stands && removed < most) {
    const passed = lists.pass(isForward, lists.size(ref), args.bytes, args.at(3), args.length(3));
    stands = passed >= 0 && lists.remove(isForward);
    if (passed >= 0) removed++;
  }
  if (stands) lists.close();
  return removed;
}

const LPOS = command({
  name: 'lpos',
  group: 'list',
  since: '6.0.6',
  summary: 'Indexes of the elements of a list that equal the given one',
  complexity: 'O(N) in the number of elements looked at',
  arity: -3,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key element [RANK rank:integer] [COUNT num-matches:integer] [MAXLEN len:integer]',
  run: runLpos,
});

/** What LPOS was asked for. */
interface Search {
  /** The match to begin with, counted from the end if negative. */
  rank: number;
  /** How many indexes; 0: all; NaN: one, not in an array. */
  count: number;
  /** How many elements to look at; 0: all. */
  maxLength: number;
}

function runLpos(c: Context): void {
  const search = parseSearch(c);
  if (search === null) return;
  const ref = readTyped(c, 1, TYPE_LIST);
  if (ref === WRONG) return;
  const found = ref === 0 ? [] : findEqual(c, ref, search);
  if (!Number.isNaN(search.count)) {
    c.reply.array(found.length);
    for (const index of found) c.reply.integer(index);
  } else if (found.length > 0) {
    c.reply.integer(found[0]!);
  } else {
    c.reply.null();
  }
}

function parseSearch(c: Context): Search | null {
  const { args } = c;
  const search: Search = { rank: 1, count: Number.NaN, maxLength: 0 };
  for (let i = 3; i < args.count; i += 2) {
    const hasValue = i + 1 < args.count;
    if (hasValue && args.is(i, 'rank')) {
      search.rank = indexArgument(c, i + 1);
      if (Number.isNaN(search.rank)) return null;
      if (search.rank === 0) return refuse(c, RANK_ZERO);
    } else if (hasValue && args.is(i, 'count')) {
      search.count = notNegative(c, i + 1);
      if (Number.isNaN(search.count)) return refuse(c, COUNT_NEGATIVE);
    } else if (hasValue && args.is(i, 'maxlen')) {
      search.maxLength = notNegative(c, i + 1);
      if (Number.isNaN(search.maxLength)) return refuse(c, SEARCH_LENGTH_NEGATIVE);
    } else {
      return refuse(c, SYNTAX);
    }
  }
  return search;
}

function refuse(c: Context, text: string): null {
  c.reply.error(text);
  return null;
}

/** Argument `i` as an integer that is not negative, or NaN. */
function notNegative(c: Context, i: number): number {
  const value = c.args.int64(i);
  return value === null || value < 0n ? Number.NaN : Number(value);
}

/** Indexes of elements that equal argument 2. */
function findEqual(c: Context, ref: Ref, { rank, count, maxLength }: Search): number[] {
  const { args, keyspace } = c;
  const { lists } = keyspace;
  const isForward = rank > 0;
  const size = lists.size(ref);
  const looked = maxLength === 0 ? size : Math.min(maxLength, size);
  const most = Number.isNaN(count) ? 1 : count || size;
  const found: number[] = [];
  let skipped = skippedBy(rank);
  let stands = lists.seek(ref, isForward ? 0 : -1);
  for (let i = 0; i < looked && stands; i++) {
    const passed = lists.pass(isForward, looked - i, args.bytes, args.at(2), args.length(2));
    if (passed < 0) return found;
    i += passed;
    if (skipped-- <= 0) found.push(isForward ? i : size - 1 - i);
    if (found.length === most) break;
    stands = lists.step(isForward);
  }
  if (stands) lists.close();
  return found;
}

/** How many matches a rank leaves out; the lowest 64-bit integer has no absolute value in the reference, and leaves out none. */
function skippedBy(rank: number): number {
  return rank === -(2 ** 63) ? 0 : Math.abs(rank) - 1;
}

export const LIST_ELEMENT_COMMANDS: readonly CommandSpec[] = [LINDEX, LINSERT, LPOS, LREM, LSET];
