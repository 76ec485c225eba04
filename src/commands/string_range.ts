// Parts of strings: reading them, writing them, adding at the end.
import { copyBytes } from '../base/bytes.ts';
import { EVENT_STRING } from '../keyspace/keyspace.ts';
import { NOT_AN_INTEGER, OFFSET_OUT_OF_RANGE, STRING_TOO_LONG } from '../resp/errors.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, READONLY, WRITE } from './spec.ts';
import { isString, putString, stringBytesMax } from './string_store.ts';

const APPEND = command({
  name: 'append',
  group: 'string',
  since: '2.0.0',
  summary: 'Adds bytes to the end of a string; a missing key starts out empty',
  complexity: 'O(1) amortised',
  arity: 3,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW INSERT', 1)],
  syntax: 'key value',
  run: runAppend,
});

function runAppend(c: Context): void {
  const args = c.args;
  const strings = c.keyspace.strings;
  const added = args.length(2);
  const ref = c.lookupWrite(1);
  let total = added;
  if (ref === 0) {
    putString(c, 1, 2, 0, 0, 0, 0);
  } else {
    if (!isString(c, ref)) return;
    const before = strings.byteLength(ref);
    total += before;
    if (total > stringBytesMax(c)) {
      c.reply.error(STRING_TOO_LONG);
      return;
    }
    const next = strings.resize(ref, total, 0);
    if (next !== ref) c.db.moved(next);
    copyBytes(args.bytes, args.at(2), strings.bytes, strings.at + before, added);
  }
  c.changed(1, EVENT_STRING, 'append');
  c.reply.integer(total);
}

const STRLEN = command({
  name: 'strlen',
  group: 'string',
  since: '2.2.0',
  summary: 'Bytes in a string; 0 if the key is missing',
  complexity: 'O(1)',
  arity: 2,
  flags: READONLY | FAST,
  keys: [key('RO', 1)],
  syntax: 'key',
  run: runStrlen,
});

function runStrlen(c: Context): void {
  const ref = c.lookup(1);
  if (ref === 0) c.reply.integer(0);
  else if (isString(c, ref)) c.reply.integer(c.keyspace.strings.byteLength(ref));
}

const SETRANGE = command({
  name: 'setrange',
  group: 'string',
  since: '2.2.0',
  summary: 'Overwrites part of a string from an offset, filling a gap with zero bytes',
  complexity: 'O(1), O(M) in the bytes written when they are many',
  arity: 4,
  flags: WRITE | DENYOOM,
  keys: [key('RW UPDATE', 1)],
  syntax: 'key offset:integer value',
  run: runSetrange,
});

function runSetrange(c: Context): void {
  const { args, reply } = c;
  const offset = indexArgument(c, 2);
  if (Number.isNaN(offset)) return;
  if (offset < 0) {
    reply.error(OFFSET_OUT_OF_RANGE);
    return;
  }
  const ref = c.lookupWrite(1);
  if (ref !== 0 && !isString(c, ref)) return;
  const { strings } = c.keyspace;
  const written = args.length(3);
  const before = ref === 0 ? 0 : strings.byteLength(ref);
  if (written === 0) {
    reply.integer(before);
    return;
  }
  if (offset + written > stringBytesMax(c)) {
    reply.error(STRING_TOO_LONG);
    return;
  }
  const after = Math.max(before, offset + written);
  if (ref !== 0) strings.beforeChange(ref, offset, offset + written);
  growString(c, 1, ref, after, offset);
  copyBytes(args.bytes, args.at(3), strings.bytes, strings.at + offset, written);
  c.changed(1, EVENT_STRING, 'setrange');
  reply.integer(after);
}

/**
 * Makes the string under the key in argument `k` (entry `ref`, 0: none yet) `length` bytes long and leaves the keyspace's
 * `strings` located on it, to be changed in place after `beforeChange`. New bytes up to `zeroTo`, or all of a new string, are zero.
 */
export function growString(c: Context, k: number, ref: number, length: number, zeroTo: number): void {
  const { args, db, keyspace } = c;
  const { strings } = keyspace;
  if (ref === 0) {
    const clock = keyspace.freshClock();
    const next = strings.createZeros(args.bytes, args.at(k), args.length(k), clock, length);
    db.add(c.hashOf(k), next);
    strings.locate(next);
  } else {
    const next = strings.resize(ref, length, zeroTo);
    if (next !== ref) db.moved(next);
  }
}

const GETRANGE = command({
  name: 'getrange',
  group: 'string',
  since: '2.4.0',
  summary: 'Part of a string between two offsets, both included',
  complexity: 'O(N) in the bytes returned',
  arity: 4,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key start:integer end:integer',
  run: runGetrange,
});

function runGetrange(c: Context): void {
  replyRange(c);
}

const SUBSTR = command({
  name: 'substr',
  group: 'string',
  since: '1.0.0',
  summary: 'Part of a string between two offsets, both included',
  complexity: 'O(N) in the bytes returned',
  arity: 4,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key start:integer end:integer',
  docFlags: ['deprecated'],
  deprecatedSince: '2.0.0',
  replacedBy: '`GETRANGE`',
  run: runSubstr,
});

function runSubstr(c: Context): void {
  replyRange(c);
}

/** Replies with the part of a string from argument 2 to argument 3, both included. */
function replyRange(c: Context): void {
  const start = indexArgument(c, 2);
  if (Number.isNaN(start)) return;
  const end = indexArgument(c, 3);
  if (Number.isNaN(end)) return;
  const ref = c.lookup(1);
  if (ref !== 0 && !isString(c, ref)) return;
  const strings = c.keyspace.strings;
  let length = 0;
  let first = 0;
  if (ref !== 0 && !isBackward(c, 2, start, end)) {
    strings.locate(ref);
    first = firstIndex(start, strings.length);
    length = lastIndex(end, strings.length) - first + 1;
  }
  c.reply.bulk(strings.bytes, strings.at + first, Math.max(0, length));
}

/**
 * Argument `i` as a position or an index from the end; NaN after replying with an error. A 64-bit integer that a number
 * does not hold exactly is rounded: it lies outside of every string.
 */
export function indexArgument(c: Context, i: number): number {
  const small = c.args.int(i);
  if (!Number.isNaN(small)) return small;
  const exact = c.args.int64(i);
  if (exact !== null) return Number(exact);
  c.reply.error(NOT_AN_INTEGER);
  return Number.NaN;
}

/** Whether arguments `i` and `i + 1`, both counted from the end, are the wrong way round: then nothing is meant. */
export function isBackward(c: Context, i: number, start: number, end: number): boolean {
  if (start >= 0 || end >= 0) return false;
  if (start !== end) return start > end;
  // Rounded alike, and yet not the same.
  return start < Number.MIN_SAFE_INTEGER && c.args.int64(i)! > c.args.int64(i + 1)!;
}

/** Where a range begins that starts at `index`, negative ones counting from the end. */
export function firstIndex(index: number, length: number): number {
  return index < 0 ? Math.max(0, length + index) : index;
}

/** The last position of a range that ends at `index`; -1 in an empty string. */
export function lastIndex(index: number, length: number): number {
  return Math.min(firstIndex(index, length), length - 1);
}

export const STRING_RANGE_COMMANDS: readonly CommandSpec[] = [APPEND, GETRANGE, SETRANGE, STRLEN, SUBSTR];
