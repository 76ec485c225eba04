// Strings as numbers: integers of 64 bits, and long doubles as x86-64 has them.
//
// Integers within ±2^53 are numbers all the way. A result beyond that, and all that is an error, goes through `addExact`.
import type { Ref } from '../arena/arena.ts';
import { fromLatin1, toLatin1 } from '../base/bytes.ts';
import { int64Max, int64Min, parseInt53, parseInt64 } from '../base/int64.ts';
import {
  addLongDoubles,
  formatLongDouble,
  isFiniteLongDouble,
  type LongDouble,
  longDoubleTextEnd,
  parseLongDouble,
} from '../base/longdouble.ts';
import { EVENT_STRING } from '../keyspace/keyspace.ts';
import {
  DECREMENT_OVERFLOW,
  NAN_OR_INFINITY,
  NOT_A_FLOAT,
  NOT_AN_INTEGER,
  OVERFLOW,
} from '../resp/errors.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, WRITE } from './spec.ts';
import { isString } from './string_store.ts';

const ZERO: LongDouble = { mantissa: 0n, exponent: 0 };

const INCR = command({
  name: 'incr',
  group: 'string',
  since: '1.0.0',
  summary: 'Raises the integer held by a key by one; a missing key counts as 0',
  complexity: 'O(1)',
  arity: 2,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW ACCESS UPDATE', 1)],
  syntax: 'key',
  run: runIncr,
});

function runIncr(c: Context): void {
  add(c, 1);
}

const DECR = command({
  name: 'decr',
  group: 'string',
  since: '1.0.0',
  summary: 'Lowers the integer held by a key by one; a missing key counts as 0',
  complexity: 'O(1)',
  arity: 2,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW ACCESS UPDATE', 1)],
  syntax: 'key',
  run: runDecr,
});

function runDecr(c: Context): void {
  add(c, -1);
}

const INCRBY = command({
  name: 'incrby',
  group: 'string',
  since: '1.0.0',
  summary: 'Raises the integer held by a key by the given amount; a missing key counts as 0',
  complexity: 'O(1)',
  arity: 3,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW ACCESS UPDATE', 1)],
  syntax: 'key increment:integer',
  run: runIncrby,
});

function runIncrby(c: Context): void {
  const by = c.args.int(2);
  if (!Number.isNaN(by)) {
    add(c, by);
    return;
  }
  const exact = c.args.int64(2);
  if (exact === null) c.reply.error(NOT_AN_INTEGER);
  else addExact(c, c.lookupWrite(1), exact);
}

const DECRBY = command({
  name: 'decrby',
  group: 'string',
  since: '1.0.0',
  summary: 'Lowers the integer held by a key by the given amount; a missing key counts as 0',
  complexity: 'O(1)',
  arity: 3,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW ACCESS UPDATE', 1)],
  syntax: 'key decrement:integer',
  run: runDecrby,
});

function runDecrby(c: Context): void {
  const by = c.args.int(2);
  if (!Number.isNaN(by)) {
    add(c, -by);
    return;
  }
  const exact = c.args.int64(2);
  if (exact === null) c.reply.error(NOT_AN_INTEGER);
  else if (exact === int64Min) c.reply.error(DECREMENT_OVERFLOW);
  else addExact(c, c.lookupWrite(1), -exact);
}

/** Adds a safe integer to the one that the key in argument 1 holds. */
function add(c: Context, by: number): void {
  const keyspace = c.keyspace;
  const strings = keyspace.strings;
  const ref = c.lookupWrite(1);
  if (ref === 0) {
    const next = newInt(c);
    strings.writeInt53(next, by);
    c.db.add(c.hashOf(1), next);
  } else {
    if (!isString(c, ref)) return;
    const isInt = strings.isInt(ref);
    const sum = (isInt ? strings.int53(ref) : textAsInt(c, ref)) + by;
    if (!Number.isSafeInteger(sum)) {
      addExact(c, ref, BigInt(by));
      return;
    }
    if (isInt) {
      strings.writeInt53(ref, sum);
    } else {
      c.db.moved(strings.assignInt53(ref, sum));
    }
    by = sum;
  }
  c.changed(1, EVENT_STRING, 'incrby');
  c.reply.integer(by);
}

/** A new int-encoded entry for the key in argument 1; its integer and its place in the table are for the caller. */
function newInt(c: Context): Ref {
  const args = c.args;
  return c.keyspace.strings.createInt(args.bytes, args.at(1), args.length(1), c.keyspace.freshClock(), 0);
}

/** The integer that a string which is not int-encoded spells, or NaN. */
function textAsInt(c: Context, ref: Ref): number {
  const strings = c.keyspace.strings;
  strings.locate(ref);
  return parseInt53(strings.bytes, strings.at, strings.length);
}

/** `add` for any 64-bit integers, and where the string is no integer. */
function addExact(c: Context, ref: Ref, by: bigint): void {
  if (ref !== 0 && !isString(c, ref)) return;
  const old = ref === 0 ? 0n : integerOf(c, ref);
  if (old === null) {
    c.reply.error(NOT_AN_INTEGER);
    return;
  }
  const sum = old + by;
  if (sum > int64Max || sum < int64Min) {
    c.reply.error(OVERFLOW);
    return;
  }
  writeInteger(c, ref, sum);
  c.changed(1, EVENT_STRING, 'incrby');
  c.reply.bigInteger(sum);
}

/** The integer that a string holds or spells; null if it is none. */
export function integerOf(c: Context, ref: Ref): bigint | null {
  const { strings } = c.keyspace;
  if (strings.isInt(ref)) return strings.int64(ref);
  strings.locate(ref);
  return parseInt64(strings.bytes, strings.at, strings.length);
}

/**
 * Stores any integer under the key in argument 1, whose entry is `ref` (0: none) and which keeps its expiry. Returns the
 * entry's new reference.
 */
export function writeInteger(c: Context, ref: Ref, value: bigint): Ref {
  const { strings } = c.keyspace;
  if (ref === 0) {
    const added = newInt(c);
    strings.writeInt64(added, value);
    c.db.add(c.hashOf(1), added);
    return added;
  }
  const next = strings.assignInt64(ref, value);
  c.db.moved(next);
  return next;
}

const INCRBYFLOAT = command({
  name: 'incrbyfloat',
  group: 'string',
  since: '2.6.0',
  summary: 'Adds a floating-point number to the one held by a key; a missing key counts as 0',
  complexity: 'O(1)',
  arity: 3,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW ACCESS UPDATE', 1)],
  syntax: 'key increment:double',
  run: runIncrbyfloat,
});

function runIncrbyfloat(c: Context): void {
  const ref = c.lookupWrite(1);
  if (ref !== 0 && !isString(c, ref)) return;
  const old = longDoubleOf(c, ref);
  const by = longDoubleArgument(c, 2);
  if (old === null || by === null) {
    c.reply.error(NOT_A_FLOAT);
    return;
  }
  const sum = addLongDoubles(old, by);
  if (!isFiniteLongDouble(sum)) {
    c.reply.error(NAN_OR_INFINITY);
    return;
  }
  const text = formatLongDouble(sum);
  writeText(c, ref, text);
  c.changed(1, EVENT_STRING, 'incrbyfloat');
  if (c.effects.active) c.effects.op(c, 'SET', 4).arg(1).text(text).text('KEEPTTL');
  c.reply.bulkText(text);
}

/** The number that a string spells, 0 for no entry; null if it is none. */
export function longDoubleOf(c: Context, ref: Ref): LongDouble | null {
  if (ref === 0) return ZERO;
  const { strings } = c.keyspace;
  strings.locate(ref);
  return parseText(strings.bytes, strings.at, strings.length);
}

export function longDoubleArgument(c: Context, i: number): LongDouble | null {
  const { args } = c;
  return parseText(args.bytes, args.at(i), args.length(i));
}

function parseText(bytes: Uint8Array, at: number, length: number): LongDouble | null {
  return length < longDoubleTextEnd ? parseLongDouble(toLatin1(bytes, at, length)) : null;
}

/** Stores a text under the key in argument 1; everything else is as for `writeInteger`. */
export function writeText(c: Context, ref: Ref, text: string): Ref {
  const { args, db, keyspace } = c;
  const { strings } = keyspace;
  const bytes = fromLatin1(text);
  if (ref !== 0) {
    const moved = strings.assignText(ref, bytes, 0, bytes.length);
    db.moved(moved);
    return moved;
  }
  const clock = keyspace.freshClock();
  const next = strings.createText(args.bytes, args.at(1), args.length(1), clock, 0, bytes, 0, bytes.length);
  db.add(c.hashOf(1), next);
  return next;
}

export const STRING_NUMBER_COMMANDS: readonly CommandSpec[] = [DECR, DECRBY, INCR, INCRBY, INCRBYFLOAT];
