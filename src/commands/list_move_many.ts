// LMOVEM: several elements at once from one list to another, or to the other end of the same.
//
// What arrives stands together at an end of the destination, and the reply says it in that order. For pops at one end and
// pushes at the other, one after the other keeps the order of the source, whatever was asked for:
//
//   source a b c d     LEFT RIGHT COUNT 2        destination ... a b
//   both LEFT          COUNT 2 OBO  b a ...      COUNT 2 BULK  a b ...
import type { Ref } from '../arena/arena.ts';
import { EVENT_LIST } from '../keyspace/keyspace.ts';
import { COUNT_NOT_POSITIVE, SYNTAX } from '../resp/errors.ts';
import { TYPE_LIST } from '../structs/entry.ts';
import { LEFT } from '../types/list.ts';
import type { Context } from './context.ts';
import { createList } from './list.ts';
import { endName, endOr, isSameKey } from './list_move.ts';
import { type CommandSpec, command, DENYOOM, key, WRITE } from './spec.ts';
import { dropEmptied, WRONG, writeTyped } from './typed.ts';

const LMOVEM = command({
  name: 'lmovem',
  group: 'list',
  since: '8.10.0',
  summary: 'Takes elements from one end of a list and puts them at an end of another, or of the same',
  complexity: 'O(N) in the number of elements moved',
  arity: -5,
  flags: WRITE | DENYOOM,
  keys: [key('RW ACCESS DELETE', 1), key('RW INSERT', 2)],
  syntax: `source:key destination:key wherefrom=(LEFT | RIGHT) whereto=(LEFT | RIGHT)
    [how-many=(selector=(COUNT count:integer | EXACTLY exactly:integer) ordering=(OBO | BULK))]`,
  run: runLmovem,
});

function runLmovem(c: Context): void {
  const asked = parseMove(c, 5);
  if (asked === null) return;
  const ref = writeTyped(c, 1, TYPE_LIST);
  if (ref === WRONG) return;
  if (isEnough(c, ref, asked)) moveMany(c, ref, asked);
  else c.reply.nullArray();
}

/** What LMOVEM and BLMOVEM were asked for. */
export interface AskedMove {
  from: number;
  to: number;
  count: number;
  /** Whether fewer will not do. */
  exactly: boolean;
  /** Whether the elements keep the order of the source; else each is pushed in its turn. */
  bulk: boolean;
}

/** The ends, and how many elements: arguments from `i` on, if there are any. Null after an error reply. */
export function parseMove(c: Context, i: number): AskedMove | null {
  const { args } = c;
  const from = endOr(c, 3);
  if (Number.isNaN(from)) return null;
  const to = endOr(c, 4);
  if (Number.isNaN(to)) return null;
  if (args.count === i) return { from, to, count: 1, exactly: false, bulk: true };
  const exactly = args.is(i, 'exactly');
  if (args.count !== i + 3 || !(exactly || args.is(i, 'count'))) return refuse(c, SYNTAX);
  const count = args.int64(i + 1);
  if (count === null || count <= 0n) return refuse(c, COUNT_NOT_POSITIVE);
  const bulk = args.is(i + 2, 'bulk');
  if (!bulk && !args.is(i + 2, 'obo')) return refuse(c, SYNTAX);
  return { from, to, count: Number(count), exactly, bulk };
}

function refuse(c: Context, text: string): null {
  c.reply.error(text);
  return null;
}

/** Whether the list of entry `ref` (0: there is none) has what is asked for. */
export function isEnough(c: Context, ref: Ref, { count, exactly }: AskedMove): boolean {
  return ref !== 0 && (!exactly || c.keyspace.lists.size(ref) >= count);
}

/** Moves elements from the list under the key in argument 1 (entry `ref`) to that in argument 2, and replies with them. */
export function moveMany(c: Context, ref: Ref, asked: AskedMove): void {
  const { keyspace, reply } = c;
  const { lists } = keyspace;
  const { from, to } = asked;
  const same = isSameKey(c);
  let target = same ? ref : writeTyped(c, 2, TYPE_LIST);
  if (target === WRONG) return;
  if (target === 0) target = createList(c, 2);
  const count = Math.min(asked.count, lists.size(ref));
  if (c.effects.active) logMove(c, asked, count);
  if (from !== to) moveThrough(c, ref, target, asked, count);
  else if (!same || !asked.bulk) moveWithinEnd(c, ref, target, asked, count);
  reply.array(count);
  lists.emit(target, to === LEFT ? 0 : lists.size(target) - count, count, reply);
  keyspace.dirty += count - 1;
  c.event(2, EVENT_LIST, to === LEFT ? 'lpush' : 'rpush');
  c.changed(1, EVENT_LIST, from === LEFT ? 'lpop' : 'rpop');
  if (lists.size(ref) > 0) {
    lists.shrink(ref);
  } else {
    c.db.live(c.args.bytes, c.args.at(1), c.args.length(1), c.hashOf(1));
    dropEmptied(c, 1, ref);
  }
}

/** The same without waiting, and without asking how many there are. */
function logMove(c: Context, { from, to, bulk }: AskedMove, count: number): void {
  const { effects } = c;
  effects.op(c, 'LMOVEM', 8).arg(1).arg(2).text(endName(from)).text(endName(to));
  effects
    .text('COUNT')
    .number(count)
    .text(bulk ? 'BULK' : 'OBO');
}

/** From one end to the other: one by one, nothing is kept meanwhile. */
function moveThrough(c: Context, ref: Ref, target: Ref, { from, to }: AskedMove, count: number): void {
  const { lists } = c.keyspace;
  for (let i = 0; i < count; i++) {
    lists.takeEnd(ref, from);
    lists.grow(target, lists.length, 1);
    lists.push(target, to, lists.bytes, lists.at, lists.length);
  }
}

/** From an end to the same end: all are taken before the first is pushed. */
function moveWithinEnd(
  c: Context,
  ref: Ref,
  target: Ref,
  { from, to, bulk }: AskedMove,
  count: number,
): void {
  const { lists } = c.keyspace;
  const taken: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    lists.takeEnd(ref, from);
    taken.push(lists.bytes.slice(lists.at, lists.at + lists.length));
  }
  if (bulk) taken.reverse();
  for (const element of taken) {
    lists.grow(target, element.length, 1);
    lists.push(target, to, element, 0, element.length);
  }
}

export const LIST_MOVE_MANY_COMMANDS: readonly CommandSpec[] = [LMOVEM];
