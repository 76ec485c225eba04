// INCREX: adds within bounds, and sets the expiry on the way.
//
// A sum outside of the bounds, which are those of the number type unless given, leaves everything as it is, or becomes the
// bound with SATURATE. The reply is the value and how much it differs from the one before.
import type { Ref } from '../arena/arena.ts';
import { int64Max, int64Min } from '../base/int64.ts';
import {
  addLongDoubles,
  compareLongDoubles,
  formatLongDouble,
  isFiniteLongDouble,
  type LongDouble,
  longDoubleMax,
  negateLongDouble,
} from '../base/longdouble.ts';
import { EVENT_GENERIC, EVENT_STRING } from '../keyspace/keyspace.ts';
import {
  APPLIED_INFINITY,
  APPLIED_OVERFLOW,
  BOUNDS_CROSSED,
  ENX_WITHOUT_EXPIRATION,
  INFINITE_INCREMENT,
  INFINITE_VALUE,
  NOT_A_FLOAT,
  NOT_AN_INTEGER,
  notAFloat,
  notAnInteger,
  SYNTAX,
} from '../resp/errors.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, WRITE } from './spec.ts';
import { integerOf, longDoubleArgument, longDoubleOf, writeInteger, writeText } from './string_number.ts';
import { hasPassed, optionAt, PERSIST, resolveDeadline, StringOptions, TIMES } from './string_set_options.ts';
import { deleteKey, isString, logDeleted } from './string_store.ts';

const ONE: LongDouble = { mantissa: 1n, exponent: 0 };

/** Options by the argument of their operand, 0 if not given. */
class Options {
  byInt = 0;
  byFloat = 0;
  lower = 0;
  upper = 0;
  saturate = false;
  /** Leaves an expiry that is there alone. */
  enx = false;
  readonly lifetime = new StringOptions();
}

const INCREX = command({
  name: 'increx',
  group: 'string',
  since: '8.8.0',
  summary: 'Adds to the number held by a key within optional bounds and sets or removes its expiry',
  complexity: 'O(1)',
  arity: -2,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW ACCESS UPDATE', 1)],
  syntax: `key increment=[BYFLOAT float:double | BYINT integer:integer] [LBOUND lowerbound:double]
    [UBOUND upperbound:double] [SATURATE]
    expiration=[EX seconds:integer | PX milliseconds:integer | EXAT unix-time-seconds:unix-time
      | PXAT unix-time-milliseconds:unix-time | PERSIST] [ENX]`,
  run: runIncrex,
});

function runIncrex(c: Context): void {
  const options = parseOptions(c);
  if (options === null) return;
  if (options.byFloat > 0) addFloat(c, options);
  else addInteger(c, options);
}

/** Null after replying with an error. No option may be there twice. */
function parseOptions(c: Context): Options | null {
  const { args } = c;
  const options = new Options();
  for (let i = 2; i < args.count; i++) {
    const operand = i + 1 < args.count ? i + 1 : 0;
    if (parseFlag(c, i, options)) continue;
    if (operand === 0 || !parseOperand(c, i, operand, options)) return refuse(c, SYNTAX);
    i = operand;
  }
  const { byFloat, byInt, enx, lifetime } = options;
  if ((byFloat > 0 && byInt > 0) || (enx && lifetime.has(PERSIST))) return refuse(c, SYNTAX);
  if (enx && !lifetime.has(TIMES)) return refuse(c, ENX_WITHOUT_EXPIRATION);
  return options;
}

/** Takes an option without operand; false if argument `i` is none, or may not be there. */
function parseFlag({ args }: Context, i: number, options: Options): boolean {
  const { lifetime } = options;
  if (args.is(i, 'saturate') && !options.saturate) return (options.saturate = true);
  if (args.is(i, 'enx') && !options.enx) return (options.enx = true);
  if (optionAt(args, i) !== PERSIST || lifetime.flags !== 0) return false;
  lifetime.flags = PERSIST;
  return true;
}

function parseOperand({ args }: Context, i: number, operand: number, options: Options): boolean {
  const { lifetime } = options;
  const time = optionAt(args, i) & TIMES;
  if (args.is(i, 'byint') && options.byInt === 0) options.byInt = operand;
  else if (args.is(i, 'byfloat') && options.byFloat === 0) options.byFloat = operand;
  else if (args.is(i, 'lbound') && options.lower === 0) options.lower = operand;
  else if (args.is(i, 'ubound') && options.upper === 0) options.upper = operand;
  else if (time !== 0 && lifetime.flags === 0) {
    lifetime.flags = time;
    lifetime.timeAt = operand;
  } else return false;
  return true;
}

function refuse(c: Context, text: string): null {
  c.reply.error(text);
  return null;
}

function addInteger(c: Context, options: Options): void {
  const by = integerArgument(c, options.byInt, 'Increment', 1n);
  if (by === null) return;
  const lower = integerArgument(c, options.lower, 'LBOUND', int64Min);
  if (lower === null) return;
  const upper = integerArgument(c, options.upper, 'UBOUND', int64Max);
  if (upper === null) return;
  if (lower > upper) refuse(c, BOUNDS_CROSSED);
  else if (resolveDeadline(c, options.lifetime)) addIntegerWithin(c, options, by, lower, upper);
}

/** Argument `i`, or `otherwise` for none; null after replying with an error. */
function integerArgument(c: Context, i: number, what: string, otherwise: bigint): bigint | null {
  return i === 0 ? otherwise : (c.args.int64(i) ?? refuse(c, notAnInteger(what)));
}

function addIntegerWithin(c: Context, options: Options, by: bigint, lower: bigint, upper: bigint): void {
  const { reply } = c;
  const ref = c.lookupWrite(1);
  if (ref !== 0 && !isString(c, ref)) return;
  const old = ref === 0 ? 0n : integerOf(c, ref);
  if (old === null) {
    reply.error(NOT_AN_INTEGER);
    return;
  }
  const sum = old + by;
  let value = sum < lower ? lower : sum > upper ? upper : sum;
  const refused = value !== sum && !options.saturate;
  if (refused) value = old;
  const applied = value - old;
  if (applied > int64Max || applied < int64Min) {
    reply.error(APPLIED_OVERFLOW);
    return;
  }
  if (!refused) store(c, ref, options, 'incrby', () => writeInteger(c, ref, value));
  reply.array(2);
  reply.bigInteger(value);
  reply.bigInteger(applied);
}

function addFloat(c: Context, options: Options): void {
  const by = floatArgument(c, options.byFloat, 'Increment', ONE);
  if (by === null) return;
  if (!isFiniteLongDouble(by)) {
    c.reply.error(INFINITE_INCREMENT);
    return;
  }
  const lower = floatArgument(c, options.lower, 'LBOUND', negateLongDouble(longDoubleMax));
  if (lower === null) return;
  const upper = floatArgument(c, options.upper, 'UBOUND', longDoubleMax);
  if (upper === null) return;
  if (compareLongDoubles(lower, upper) > 0) refuse(c, BOUNDS_CROSSED);
  else if (resolveDeadline(c, options.lifetime)) addFloatWithin(c, options, by, lower, upper);
}

function floatArgument(c: Context, i: number, what: string, otherwise: LongDouble): LongDouble | null {
  return i === 0 ? otherwise : (longDoubleArgument(c, i) ?? refuse(c, notAFloat(what)));
}

function addFloatWithin(
  c: Context,
  options: Options,
  by: LongDouble,
  lower: LongDouble,
  upper: LongDouble,
): void {
  const { reply } = c;
  const ref = c.lookupWrite(1);
  if (ref !== 0 && !isString(c, ref)) return;
  const old = longDoubleOf(c, ref);
  if (old === null || !isFiniteLongDouble(old)) {
    reply.error(old === null ? NOT_A_FLOAT : INFINITE_VALUE);
    return;
  }
  let value = addLongDoubles(old, by);
  const low = compareLongDoubles(value, lower) < 0;
  const outside = low || compareLongDoubles(value, upper) > 0 || !isFiniteLongDouble(value);
  const refused = outside && !options.saturate;
  if (refused) value = old;
  else if (outside) value = low ? lower : upper;
  const applied = addLongDoubles(value, negateLongDouble(old));
  if (!isFiniteLongDouble(applied)) {
    reply.error(APPLIED_INFINITY);
    return;
  }
  const text = formatLongDouble(value);
  if (!refused) store(c, ref, options, 'incrbyfloat', () => writeText(c, ref, text));
  reply.array(2);
  reply.doubleText(text);
  reply.doubleText(formatLongDouble(applied));
}

/** Writes the value and sets or removes the expiry; with an expiry in the past the key goes instead. */
function store(c: Context, ref: Ref, { enx, lifetime }: Options, event: string, write: () => Ref): void {
  const hadExpiry = ref !== 0 && c.keyspace.entries.hasExpiry(ref);
  const setsExpiry = lifetime.has(TIMES) && !(enx && hadExpiry);
  if (setsExpiry && hasPassed(c, lifetime)) {
    if (ref === 0) return;
    deleteKey(c, 1, ref);
    logDeleted(c, 1, c.keyspace.lazyExpire);
    return;
  }
  const next = write();
  if (setsExpiry) c.db.setExpiry(next, lifetime.low, lifetime.high);
  const persists = lifetime.has(PERSIST) && hadExpiry;
  if (persists) c.db.clearExpiry(next);
  c.changed(1, EVENT_STRING, event);
  if (c.effects.active) logStored(c, setsExpiry || (hadExpiry && !persists));
  if (setsExpiry) c.event(1, EVENT_GENERIC, 'expire');
  if (persists) c.event(1, EVENT_GENERIC, 'persist');
}

/** Logs the value and the expiry that came out. */
function logStored(c: Context, hasExpiry: boolean): void {
  const { effects } = c;
  const { entries, strings } = c.keyspace;
  const { args, db } = c;
  const ref = db.find(args.bytes, args.at(1), args.length(1), c.hashOf(1));
  strings.locate(ref);
  effects
    .op(c, 'SET', hasExpiry ? 5 : 3)
    .arg(1)
    .bulk(strings.bytes, strings.at, strings.length);
  if (hasExpiry) effects.text('PXAT').text(entries.expiryExact(ref).toString());
}

export const INCREX_COMMANDS: readonly CommandSpec[] = [INCREX];
