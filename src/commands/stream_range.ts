// XRANGE and XREVRANGE.
import { NOT_AN_INTEGER, SYNTAX } from '../resp/errors.ts';
import { TYPE_STREAM } from '../structs/entry.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, key, READONLY } from './spec.ts';
import { endOr, startOr } from './stream_ids.ts';
import { replyEntries } from './stream_reply.ts';
import { readTyped, WRONG } from './typed.ts';

const XRANGE = command({
  name: 'xrange',
  group: 'stream',
  since: '5.0.0',
  summary: 'Entries of a stream between two ids',
  complexity: 'O(N) in the number of entries returned',
  arity: -4,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key start end [COUNT count:integer]',
  history: [['6.2.0', 'Bounds that are left out, after a bracket.']],
  run: runXrange,
});

function runXrange(c: Context): void {
  replyRange(c, 2, 3, false);
}

const XREVRANGE = command({
  name: 'xrevrange',
  group: 'stream',
  since: '5.0.0',
  summary: 'Entries of a stream between two ids, the last one first',
  complexity: 'O(N) in the number of entries returned',
  arity: -4,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key end start [COUNT count:integer]',
  history: [['6.2.0', 'Bounds that are left out, after a bracket.']],
  run: runXrevrange,
});

function runXrevrange(c: Context): void {
  replyRange(c, 3, 2, true);
}

function replyRange(c: Context, startAt: number, endAt: number, backward: boolean): void {
  const { streams } = c.keyspace;
  const { cursor, id, otherId } = streams;
  if (!startOr(c, startAt, id) || !endOr(c, endAt, otherId)) return;
  const limit = countOr(c);
  if (Number.isNaN(limit)) return;
  const ref = readTyped(c, 1, TYPE_STREAM);
  if (ref === WRONG) return;
  if (ref === 0) c.reply.array(0);
  else if (limit === 0) c.reply.nullArray();
  else if (!cursor.start(streams.of(ref), id, otherId, backward)) c.reply.array(0);
  else replyEntries(c, cursor.count(limit));
}

/** The last COUNT, 0 if it is negative, Infinity if there is none; NaN after an error reply. */
function countOr(c: Context): number {
  const { args } = c;
  let limit = Number.POSITIVE_INFINITY;
  for (let i = 4; i < args.count; i += 2) {
    if (!args.is(i, 'count') || i + 1 === args.count) {
      c.reply.error(SYNTAX);
      return Number.NaN;
    }
    const count = args.int64(i + 1);
    if (count === null) {
      c.reply.error(NOT_AN_INTEGER);
      return Number.NaN;
    }
    limit = Math.max(0, Number(count));
  }
  return limit;
}

export const STREAM_RANGE_COMMANDS: readonly CommandSpec[] = [XRANGE, XREVRANGE];
