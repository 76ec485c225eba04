// Elements taken from one list and put into another, or from the first list that has any.
import type { Ref } from '../arena/arena.ts';
import { equalBytes } from '../base/bytes.ts';
import { EVENT_LIST } from '../keyspace/keyspace.ts';
import { COUNT_NOT_POSITIVE, NUMKEYS_NOT_POSITIVE, SYNTAX } from '../resp/errors.ts';
import { TYPE_LIST } from '../structs/entry.ts';
import { LEFT, RIGHT } from '../types/list.ts';
import type { Context } from './context.ts';
import { createList, popMany } from './list.ts';
import { type CommandSpec, command, DENYOOM, key, keyCount, WRITE } from './spec.ts';
import { dropEmptied, WRONG, writeTyped } from './typed.ts';

const LMOVE = command({
  name: 'lmove',
  group: 'list',
  since: '6.2.0',
  summary: 'Takes an element from one end of a list and puts it at an end of another, or of the same',
  complexity: 'O(1)',
  arity: 5,
  flags: WRITE | DENYOOM,
  keys: [key('RW ACCESS DELETE', 1), key('RW INSERT', 2)],
  syntax: 'source:key destination:key wherefrom=(LEFT | RIGHT) whereto=(LEFT | RIGHT)',
  run: runLmove,
});

function runLmove(c: Context): void {
  const from = endOr(c, 3);
  if (Number.isNaN(from)) return;
  const to = endOr(c, 4);
  if (!Number.isNaN(to)) move(c, from, to);
}

const RPOPLPUSH = command({
  name: 'rpoplpush',
  group: 'list',
  since: '1.2.0',
  summary: 'Takes the last element of a list and puts it before the first one of another, or of the same',
  complexity: 'O(1)',
  arity: 3,
  flags: WRITE | DENYOOM,
  keys: [key('RW ACCESS DELETE', 1), key('RW INSERT', 2)],
  syntax: 'source:key destination:key',
  docFlags: ['deprecated'],
  deprecatedSince: '6.2.0',
  replacedBy: '`LMOVE` with `RIGHT` and `LEFT`',
  run: runRpoplpush,
});

function runRpoplpush(c: Context): void {
  move(c, RIGHT, LEFT);
}

function move(c: Context, from: number, to: number): void {
  const ref = writeTyped(c, 1, TYPE_LIST);
  if (ref === 0) c.reply.null();
  else if (ref !== WRONG) moveElement(c, ref, from, to);
}

/** Argument `i`, LEFT or RIGHT, as an end of a list; NaN after an error reply. */
export function endOr(c: Context, i: number): number {
  if (c.args.is(i, 'left')) return LEFT;
  if (c.args.is(i, 'right')) return RIGHT;
  c.reply.error(SYNTAX);
  return Number.NaN;
}

/** Moves an element from the list under the key in argument 1 (entry `ref`) to that in argument 2, and replies with it. */
export function moveElement(c: Context, ref: Ref, from: number, to: number): void {
  const lists = c.keyspace.lists;
  let target = isSameKey(c) ? ref : writeTyped(c, 2, TYPE_LIST);
  if (target === WRONG) return;
  if (c.effects.active) logMove(c);
  // It comes before it goes: should there be no memory for it, it is still where it was. Only a listpack that turns on itself has no
  // room to spare, lest it become another encoding; but that needs so little memory that there is enough.
  const goesFirst = target === ref && lists.isListpack(ref);
  if (goesFirst) lists.takeEnd(ref, from);
  else lists.copyEnd(ref, from);
  if (target === 0) target = createList(c, 2);
  lists.grow(target, lists.length, 1);
  lists.push(target, to, lists.bytes, lists.at, lists.length);
  if (!goesFirst) lists.dropEnd(ref, from);
  c.reply.bulk(lists.bytes, lists.at, lists.length);
  c.event(2, EVENT_LIST, to === LEFT ? 'lpush' : 'rpush');
  c.changed(1, EVENT_LIST, from === LEFT ? 'lpop' : 'rpop');
  if (lists.size(ref) > 0) {
    lists.shrink(ref);
  } else {
    c.db.live(c.args.bytes, c.args.at(1), c.args.length(1), c.hashOf(1));
    dropEmptied(c, 1, ref);
  }
}

/** The same without waiting. */
function logMove(c: Context): void {
  const { effects } = c;
  const { name } = c.table.specs[c.commandId]!;
  if (name === 'brpoplpush') effects.op(c, 'RPOPLPUSH', 3).arg(1).arg(2);
  else if (name === 'blmove') effects.op(c, 'LMOVE', 5).arg(1).arg(2).arg(3).arg(4);
}

export function endName(end: number): string {
  return end === LEFT ? 'left' : 'right';
}

/** Whether source and destination are one key. */
export function isSameKey({ args }: Context): boolean {
  const length = args.length(1);
  return length === args.length(2) && equalBytes(args.bytes, args.at(1), args.bytes, args.at(2), length);
}

const LMPOP = command({
  name: 'lmpop',
  group: 'list',
  since: '7.0.0',
  summary: 'Takes elements from the first list that is not empty',
  complexity: 'O(N+M) in the number of keys and of elements returned',
  arity: -4,
  flags: WRITE,
  keys: [keyCount('RW ACCESS DELETE', 1)],
  syntax: 'numkeys:integer key+ where=(LEFT | RIGHT) [COUNT count:integer]',
  run: runLmpop,
});

function runLmpop(c: Context): void {
  const asked = parsePop(c, 1);
  if (asked !== null && !popFirst(c, asked)) c.reply.nullArray();
}

/** What LMPOP and BLMPOP were asked for. */
export interface AskedPop {
  firstKey: number;
  keyCount: number;
  end: number;
  count: number;
}

/** The arguments from the number of keys on, which is argument `i`; null after an error reply. */
export function parsePop(c: Context, i: number): AskedPop | null {
  const { args } = c;
  const keyCount = args.int64(i);
  if (keyCount === null || keyCount <= 0n) return refuse(c, NUMKEYS_NOT_POSITIVE);
  if (keyCount >= args.count - i - 1) return refuse(c, SYNTAX);
  const endAt = i + 1 + Number(keyCount);
  const end = endOr(c, endAt);
  if (Number.isNaN(end)) return null;
  let count = 0;
  for (let at = endAt + 1; at < args.count; at += 2) {
    if (count !== 0 || at + 1 === args.count || !args.is(at, 'count')) return refuse(c, SYNTAX);
    count = Number(args.int64(at + 1) ?? 0n);
    if (count <= 0) return refuse(c, COUNT_NOT_POSITIVE);
  }
  return { firstKey: i + 1, keyCount: Number(keyCount), end, count: Math.max(1, count) };
}

function refuse(c: Context, text: string): null {
  c.reply.error(text);
  return null;
}

/**
 * Takes elements from the first of the lists that is there, and replies with its key and them. False, and no reply: none is
 * there. True also after an error reply for another type; that of a command that runs again is passed over.
 */
export function popFirst(c: Context, { firstKey, keyCount, end, count }: AskedPop): boolean {
  const { args, reply } = c;
  for (let i = firstKey; i < firstKey + keyCount; i++) {
    const ref = listAt(c, i);
    if (ref === WRONG) return true;
    if (ref === 0) continue;
    reply.array(2);
    reply.bulk(args.bytes, args.at(i), args.length(i));
    const popped = Math.min(count, c.keyspace.lists.size(ref));
    popMany(c, i, ref, end, popped);
    if (c.effects.active)
      c.effects
        .op(c, end === LEFT ? 'LPOP' : 'RPOP', 3)
        .arg(i)
        .number(popped);
    return true;
  }
  return false;
}

/** `writeTyped` for a list; 0 for another type while a blocked command runs again: it waits on. */
export function listAt(c: Context, i: number): Ref {
  if (!c.resumed) return writeTyped(c, i, TYPE_LIST);
  const ref = c.lookupWrite(i);
  return ref !== 0 && c.keyspace.entries.type(ref) === TYPE_LIST ? ref : 0;
}

export const LIST_MOVE_COMMANDS: readonly CommandSpec[] = [LMOVE, LMPOP, RPOPLPUSH];
