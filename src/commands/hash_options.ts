// Options of the commands that change the expiry of fields: they may stand before FIELDS or behind the fields (Redis 8.6).
import {
  EXPIRE_TIME_MISSING,
  EXPIRE_TIME_NEGATIVE,
  FIELDS_INCOMPLETE,
  FIELDS_NOT_GIVEN,
  FIELDS_TWICE,
  FXX_WITH_FNX,
  INVALID_FIELD_COUNT,
  invalidExpire,
  MANY_CONDITIONS,
  NOT_AN_INTEGER,
  NUMFIELDS_NOT_POSITIVE,
  ONE_FIELD_EXPIRY,
  ONE_FIELD_EXPIRY_READ,
  TOO_FEW_FIELDS,
  UNKNOWN_ARGUMENT,
  unknownArgument,
  wrongArity,
} from '../resp/errors.ts';
import type { Context } from './context.ts';

const SECOND_MS = 1000;
const INT_MAX = 2147483647n;
/** No field expires later than this. */
const EXPIRY_MS_MAX = 2 ** 46 - 1;

const CONDITIONS: readonly string[] = ['nx', 'xx', 'gt', 'lt'];

/** Words before an expiry, its unit, and whether it counts from now on. */
const EXPIRIES: readonly { word: string; unitMs: number; relative: boolean }[] = [
  { word: 'ex', unitMs: SECOND_MS, relative: true },
  { word: 'px', unitMs: 1, relative: true },
  { word: 'exat', unitMs: SECOND_MS, relative: false },
  { word: 'pxat', unitMs: 1, relative: false },
];

/** What FIELDS names: arguments `first` up to, not including, `end`. */
export interface NamedFields {
  first: number;
  end: number;
}

/** Options of HEXPIRE and its kin. */
export interface ExpireOptions extends NamedFields {
  /** nx, xx, gt, lt, or empty. */
  condition: string;
}

/** Options of HGETEX and HSETEX. */
export interface FieldOptions extends NamedFields {
  condition: '' | 'fnx' | 'fxx';
  /** Whether there is a new expiry, the one there is stays (KEEPTTL), or is taken off (PERSIST). */
  expiry: '' | 'new' | 'keepttl' | 'persist';
  /** The new expiry, in ms since 1970; at least 1. */
  expiryMs: number;
}

/** Argument `i`, a number of `unitMs` from `fromMs` on, in ms since 1970; NaN after an error reply. */
export function fieldExpiryOr(c: Context, i: number, unitMs: number, fromMs: number): number {
  const count = c.args.int64(i);
  if (count !== null && count >= 0n) {
    const expiryMs = Number(count) * unitMs + fromMs;
    if (expiryMs <= EXPIRY_MS_MAX) return expiryMs;
    c.reply.error(invalidExpire(c.table.specs[c.commandId]!.name));
  } else {
    c.reply.error(count === null ? NOT_AN_INTEGER : EXPIRE_TIME_NEGATIVE);
  }
  return Number.NaN;
}

/**
 * Takes the fields after FIELDS in argument `i` into `options`, each of `width` arguments.
 *
 * @returns whether they are all there; otherwise an error was replied, `notPositive` if their number is none.
 */
function takeFields(
  c: Context,
  i: number,
  width: number,
  options: NamedFields,
  notPositive: string,
): boolean {
  const { args, reply } = c;
  const count = args.int64(i + 1);
  if (count === null || count < 1n || count > INT_MAX) {
    reply.error(notPositive);
    return false;
  }
  options.first = i + 2;
  options.end = i + 2 + Number(count) * width;
  if (options.end <= args.count) return true;
  reply.error(TOO_FEW_FIELDS);
  return false;
}

/** The options of HEXPIRE and its kin, after the time; null after an error reply. */
export function expireOptionsOr(c: Context): ExpireOptions | null {
  const { args } = c;
  const options: ExpireOptions = { condition: '', first: 0, end: 0 };
  const fail = (text: string): null => {
    c.reply.error(text);
    return null;
  };
  let ambiguous = false;
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, 'fields')) {
      if (options.first > 0) return fail(FIELDS_TWICE);
      if (i >= args.count - 2) return fail(FIELDS_INCOMPLETE);
      if (!takeFields(c, i, 1, options, NUMFIELDS_NOT_POSITIVE)) return null;
      i = options.end - 1;
      continue;
    }
    const condition = CONDITIONS.find((word) => args.is(i, word));
    if (condition === undefined) return fail(unknownArgument(args.text(i)));
    ambiguous ||= options.condition !== '' && options.condition !== condition;
    options.condition = condition;
  }
  if (options.first === 0) return fail(FIELDS_NOT_GIVEN);
  return ambiguous ? fail(MANY_CONDITIONS) : options;
}

/** Takes the word at argument `i` as an expiry into `options`: how many arguments that were, 0 if none, -1 after an error reply. */
function takeExpiry(c: Context, i: number, options: FieldOptions, twice: string): number {
  const { args, reply } = c;
  const expiry = EXPIRIES.find(({ word }) => args.is(i, word));
  const other = args.is(i, 'keepttl') ? 'keepttl' : args.is(i, 'persist') ? 'persist' : '';
  if (expiry === undefined && other === '') return 0;
  if (options.expiry !== '') {
    reply.error(twice);
    return -1;
  }
  options.expiry = expiry === undefined ? (other as 'keepttl' | 'persist') : 'new';
  if (expiry === undefined) return 1;
  if (i + 1 === args.count) {
    reply.error(EXPIRE_TIME_MISSING);
    return -1;
  }
  const expiryMs = fieldExpiryOr(c, i + 1, expiry.unitMs, expiry.relative ? c.keyspace.nowMs : 0);
  // A time in 1970 has passed like any other; only no expiry at all is 0.
  options.expiryMs = Math.max(expiryMs, 1);
  return Number.isNaN(expiryMs) ? -1 : 2;
}

/** The options of HSETEX, where values follow fields, or else of HGETEX; null after an error reply. */
export function fieldOptionsOr(c: Context, sets: boolean): FieldOptions | null {
  const { args } = c;
  const options: FieldOptions = { condition: '', expiry: '', expiryMs: 0, first: 0, end: 0 };
  const fail = (text: string): null => {
    c.reply.error(text);
    return null;
  };
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, 'fields')) {
      if (options.first > 0) return fail(FIELDS_TWICE);
      if (i + 1 === args.count) return fail(wrongArity(sets ? 'hsetex' : 'hgetex'));
      if (!takeFields(c, i, sets ? 2 : 1, options, INVALID_FIELD_COUNT)) return null;
      i = options.end - 1;
      continue;
    }
    const taken = takeExpiry(c, i, options, sets ? ONE_FIELD_EXPIRY : ONE_FIELD_EXPIRY_READ);
    if (taken < 0) return null;
    i += Math.max(taken - 1, 0);
    if (taken > 0) continue;
    const condition = args.is(i, 'fxx') ? 'fxx' : args.is(i, 'fnx') ? 'fnx' : '';
    if (condition === '') return fail(unknownArgument(args.text(i)));
    if (options.condition !== '') return fail(FXX_WITH_FNX);
    options.condition = condition;
  }
  if (options.first === 0) return fail(FIELDS_NOT_GIVEN);
  const foreign = sets
    ? options.expiry === 'persist'
    : options.expiry === 'keepttl' || options.condition !== '';
  return foreign ? fail(UNKNOWN_ARGUMENT) : options;
}
