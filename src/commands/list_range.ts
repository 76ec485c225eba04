// Parts of lists between two indexes.
import { EVENT_LIST } from '../keyspace/keyspace.ts';
import { TYPE_LIST } from '../structs/entry.ts';
import { LEFT, RIGHT } from '../types/list.ts';
import type { Context } from './context.ts';
import { cutList } from './list.ts';
import { type CommandSpec, command, key, READONLY, WRITE } from './spec.ts';
import { indexArgument } from './string_range.ts';
import { dropEmptied, readTyped, WRONG, writeTyped } from './typed.ts';

const LRANGE = command({
  name: 'lrange',
  group: 'list',
  since: '1.0.0',
  summary: 'Elements of a list between two indexes, both included',
  complexity: 'O(S+N) in the nodes up to the first element and the elements returned',
  arity: 4,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key start:integer stop:integer',
  run: runLrange,
});

function runLrange(c: Context): void {
  const { lists } = c.keyspace;
  const start = indexArgument(c, 2);
  if (Number.isNaN(start)) return;
  const stop = indexArgument(c, 3);
  if (Number.isNaN(stop)) return;
  const ref = readTyped(c, 1, TYPE_LIST);
  if (ref === WRONG) return;
  const size = ref === 0 ? 0 : lists.size(ref);
  const from = firstOf(start, size);
  const count = countOf(from, stop, size);
  c.reply.array(count);
  lists.emit(ref, from, count, c.reply);
}

/** Index of the first element that is meant; not below 0. */
function firstOf(start: number, size: number): number {
  return start < 0 ? Math.max(0, size + start) : start;
}

/** Number of elements from `from` to `stop`. */
function countOf(from: number, stop: number, size: number): number {
  const last = Math.min(stop < 0 ? size + stop : stop, size - 1);
  return Math.max(0, last - from + 1);
}

const LTRIM = command({
  name: 'ltrim',
  group: 'list',
  since: '1.0.0',
  summary: 'Removes all elements but those between two indexes',
  complexity: 'O(N) in the number of elements removed',
  arity: 4,
  flags: WRITE,
  keys: [key('RW DELETE', 1)],
  syntax: 'key start:integer stop:integer',
  run: runLtrim,
});

function runLtrim(c: Context): void {
  const { keyspace } = c;
  const { lists } = keyspace;
  const start = indexArgument(c, 2);
  if (Number.isNaN(start)) return;
  const stop = indexArgument(c, 3);
  if (Number.isNaN(stop)) return;
  const ref = writeTyped(c, 1, TYPE_LIST);
  if (ref === WRONG) return;
  c.reply.ok();
  if (ref === 0) return;
  const size = lists.size(ref);
  const from = firstOf(start, size);
  const kept = countOf(from, stop, size);
  if (kept > 0) {
    cutList(c, ref, RIGHT, size - from - kept);
    cutList(c, ref, LEFT, from);
  }
  // Announced even if nothing was removed, as in the reference.
  keyspace.dirty += size - kept;
  c.event(1, EVENT_LIST, 'ltrim');
  if (kept === 0) dropEmptied(c, 1, ref);
  else lists.shrink(ref);
}

export const LIST_RANGE_COMMANDS: readonly CommandSpec[] = [LRANGE, LTRIM];
