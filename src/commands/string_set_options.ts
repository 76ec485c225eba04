// The options of SET, GETEX and MSETEX: conditions, expiry, GET. Options of one group exclude each other; the same one given
// twice is the last of the two.
import { highWord, highWordOfBigInt, lowWord, lowWordOfBigInt } from '../base/int64.ts';
import { SYNTAX } from '../resp/errors.ts';
import type { Args } from './args.ts';
import type { Context } from './context.ts';
import { deadlineOf } from './deadline.ts';

export const NX = 1;
export const XX = 1 << 1;
export const IFEQ = 1 << 2;
export const IFNE = 1 << 3;
export const IFDEQ = 1 << 4;
export const IFDNE = 1 << 5;
export const GET_OLD = 1 << 6;
export const KEEPTTL = 1 << 7;
export const PERSIST = 1 << 8;
export const EX = 1 << 9;
export const PX = 1 << 10;
export const EXAT = 1 << 11;
export const PXAT = 1 << 12;

/** Conditions that compare the old value with an operand. */
export const COMPARISONS = IFEQ | IFNE | IFDEQ | IFDNE;
/** Options with a time. */
export const TIMES = EX | PX | EXAT | PXAT;
const CONDITIONS = NX | XX | COMPARISONS;
const LIFETIMES = TIMES | KEEPTTL | PERSIST;
const WITH_OPERAND = COMPARISONS | TIMES;

export class StringOptions {
  flags = 0;
  /** Argument with the operand of a comparison. */
  operandAt = 0;
  /** Argument with the time, for one of TIMES. */
  timeAt = 0;
  /** Words of the time in ms since 1970, once `resolveDeadline` has worked it out. */
  low = 0;
  high = 0;

  has(flags: number): boolean {
    return (this.flags & flags) !== 0;
  }
}

/** The option that argument `i` names, or 0. */
export function optionAt(args: Args, i: number): number {
  if (args.is(i, 'ex')) return EX;
  if (args.is(i, 'px')) return PX;
  if (args.is(i, 'nx')) return NX;
  if (args.is(i, 'xx')) return XX;
  if (args.is(i, 'get')) return GET_OLD;
  if (args.is(i, 'keepttl')) return KEEPTTL;
  if (args.is(i, 'exat')) return EXAT;
  if (args.is(i, 'pxat')) return PXAT;
  if (args.is(i, 'persist')) return PERSIST;
  return comparisonAt(args, i);
}

/** The comparison that argument `i` names, or 0. */
export function comparisonAt(args: Args, i: number): number {
  if (args.is(i, 'ifeq')) return IFEQ;
  if (args.is(i, 'ifne')) return IFNE;
  if (args.is(i, 'ifdeq')) return IFDEQ;
  if (args.is(i, 'ifdne')) return IFDNE;
  return 0;
}

/** The options from argument `first` on, of which `allowed` are; null after replying with an error. */
export function parseOptions(c: Context, first: number, allowed: number): StringOptions | null {
  const { args } = c;
  const options = new StringOptions();
  for (let i = first; i < args.count; i++) {
    const option = optionAt(args, i) & allowed;
    if (option === 0 || excluded(options.flags, option)) return refuse(c);
    options.flags |= option;
    if ((option & WITH_OPERAND) === 0) continue;
    if (++i === args.count) return refuse(c);
    if ((option & TIMES) !== 0) options.timeAt = i;
    else options.operandAt = i;
  }
  return options;
}

/** Whether another option of the same group was given before. */
function excluded(before: number, option: number): boolean {
  const group = (option & CONDITIONS) !== 0 ? CONDITIONS : (option & LIFETIMES) !== 0 ? LIFETIMES : 0;
  return (before & group & ~option) !== 0;
}

function refuse(c: Context): null {
  c.reply.error(SYNTAX);
  return null;
}

/** Works out when the time option is; false after replying with an error. Without such an option there is nothing to do. */
export function resolveDeadline(c: Context, options: StringOptions): boolean {
  if (!options.has(TIMES)) return true;
  const unitMs = options.has(EX | EXAT) ? 1000 : 1;
  const fromMs = options.has(EX | PX) ? c.keyspace.nowMs : 0;
  const deadlineMs = deadlineOf(c, options.timeAt, unitMs, fromMs, true);
  if (deadlineMs === null) return false;
  if (typeof deadlineMs === 'number') {
    options.low = lowWord(deadlineMs);
    options.high = highWord(deadlineMs);
  } else {
    options.low = lowWordOfBigInt(deadlineMs);
    options.high = highWordOfBigInt(deadlineMs);
  }
  return true;
}

/** Whether the time option, worked out before, is not in the future. */
export function hasPassed(c: Context, options: StringOptions): boolean {
  return options.has(TIMES) && c.keyspace.isPast(options.high * 4294967296 + options.low);
}
