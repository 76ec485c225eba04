// Ids of stream entries as arguments: `ms-sequence`, `ms` alone, `ms-*`, `-` and `+`, and bounds of intervals.
import { isInt64, parseInt53 } from '../base/int64.ts';
import { INVALID_INTERVAL_END, INVALID_INTERVAL_START, INVALID_STREAM_ID } from '../resp/errors.ts';
import { decrement, type Id, increment, setHighest, setLowest } from '../structs/stream_id.ts';
import type { Context } from './context.ts';

export const ID_INVALID = 0;
export const ID_WHOLE = 1;
/** `ms-*`: the server finds the sequence; it is 0 here. */
export const ID_OPEN = 2;

/** Words of a sequence that is not given. */
export const LOWEST = 0;
export const HIGHEST = 0xffffffff;

const TEXT_BYTES_MAX = 127;
const DASH = 45;
const ZERO = 48;
const PLUS = 43;
const STAR = 42;
const BRACKET = 40;
const TWO_32 = 4294967296;
const TWO_64 = 2n ** 64n;

/**
 * Reads an id; `missing` (LOWEST or HIGHEST) stands for a sequence that is not there. Answers one of the constants above.
 * The reference takes numbers as strtoull does where they are not plain: with blanks, signs and zeros before them.
 */
export function parseId(bytes: Uint8Array, at: number, length: number, missing: number, into: Id): number {
  if (parsePlain(bytes, at, at + length, missing, into)) return ID_WHOLE;
  if (length > TEXT_BYTES_MAX) return ID_INVALID;
  const end = indexOf(bytes, 0, at, at + length);
  const dash = indexOf(bytes, DASH, at, end);
  if (!parseHalf(bytes, at, dash - at, into, 0)) return ID_INVALID;
  if (dash === end) {
    into[2] = missing;
    into[3] = missing;
    return ID_WHOLE;
  }
  if (end - dash === 2 && bytes[dash + 1] === STAR) {
    into[2] = 0;
    into[3] = 0;
    return ID_OPEN;
  }
  return parseHalf(bytes, dash + 1, end - dash - 1, into, 2) ? ID_WHOLE : ID_INVALID;
}

/** Argument `i` as an id that is not `-` or `+`, its sequence 0 if it is not there; false after an error reply. */
export function idOr(c: Context, i: number, into: Id): boolean {
  if (isId(c, i, into)) return true;
  c.reply.error(INVALID_STREAM_ID);
  return false;
}

/** Like `idOr`, without a reply. */
export function isId(c: Context, i: number, into: Id): boolean {
  const { args } = c;
  return parseId(args.bytes, args.at(i), args.length(i), LOWEST, into) === ID_WHOLE;
}

/** Argument `i` as an id, or as `-` or `+` for the lowest and the highest one; false after an error reply. */
export function edgeOr(c: Context, i: number, missing: number, into: Id): boolean {
  const { args } = c;
  const at = args.at(i);
  const length = args.length(i);
  const first = length > 0 && (length === 1 || args.bytes[at + 1] === 0) ? args.bytes[at]! : 0;
  if (length <= TEXT_BYTES_MAX && first === DASH) setLowest(into);
  else if (length <= TEXT_BYTES_MAX && first === PLUS) setHighest(into);
  else if (parseId(args.bytes, at, length, missing, into) !== ID_WHOLE) {
    c.reply.error(INVALID_STREAM_ID);
    return false;
  }
  return true;
}

/** Argument `i` as the first id of an interval, `(` before it leaving it out; false after an error reply. */
export function startOr(c: Context, i: number, into: Id): boolean {
  if (!isOpen(c, i)) return edgeOr(c, i, LOWEST, into);
  if (!innerOr(c, i, LOWEST, into)) return false;
  if (increment(into)) return true;
  c.reply.error(INVALID_INTERVAL_START);
  return false;
}

/** Argument `i` as the last id of an interval. */
export function endOr(c: Context, i: number, into: Id): boolean {
  if (!isOpen(c, i)) return edgeOr(c, i, HIGHEST, into);
  if (!innerOr(c, i, HIGHEST, into)) return false;
  if (decrement(into)) return true;
  c.reply.error(INVALID_INTERVAL_END);
  return false;
}

function isOpen(c: Context, i: number): boolean {
  return c.args.length(i) > 1 && c.args.bytes[c.args.at(i)] === BRACKET;
}

function innerOr(c: Context, i: number, missing: number, into: Id): boolean {
  const { args } = c;
  if (parseId(args.bytes, args.at(i) + 1, args.length(i) - 1, missing, into) === ID_WHOLE) return true;
  c.reply.error(INVALID_STREAM_ID);
  return false;
}

/** Reads an id of one or two numbers that have at most 15 and 9 digits, which nearly all have; false: it may be one still. */
function parsePlain(bytes: Uint8Array, at: number, end: number, missing: number, into: Id): boolean {
  let i = at;
  let head = 0;
  let digit = 0;
  for (; i < end && i - at < 9 && (digit = bytes[i]! - ZERO) >= 0 && digit <= 9; i++) {
    head = (Math.imul(head, 10) + digit) | 0;
  }
  let tail = 0;
  let scale = 1;
  for (; i < end && i - at < 15 && (digit = bytes[i]! - ZERO) >= 0 && digit <= 9; i++) {
    tail = (Math.imul(tail, 10) + digit) | 0;
    scale = Math.imul(scale, 10);
  }
  if (i === at) return false;
  const ms = head * scale + tail;
  if (i === end) {
    into[0] = Math.floor(ms / TWO_32);
    into[1] = ms >>> 0;
    into[2] = missing;
    into[3] = missing;
    return true;
  }
  if (bytes[i] !== DASH) return false;
  const sequenceAt = ++i;
  let sequence = 0;
  for (; i < end && i - sequenceAt < 9 && (digit = bytes[i]! - ZERO) >= 0 && digit <= 9; i++) {
    sequence = (Math.imul(sequence, 10) + digit) | 0;
  }
  if (i !== end || i === sequenceAt) return false;
  into[0] = Math.floor(ms / TWO_32);
  into[1] = ms >>> 0;
  into[2] = 0;
  into[3] = sequence;
  return true;
}

/** Reads an unsigned 64-bit number into two words. */
function parseHalf(bytes: Uint8Array, at: number, length: number, into: Id, word: number): boolean {
  const value = parseInt53(bytes, at, length);
  if (value >= 0) {
    into[word] = Math.floor(value / TWO_32);
    into[word + 1] = value >>> 0;
    return true;
  }
  if (!Number.isNaN(value)) return false;
  return parseOddHalf(bytes, at, length, into, word);
}

function parseOddHalf(bytes: Uint8Array, at: number, length: number, into: Id, word: number): boolean {
  if (isInt64(bytes, at, length) && bytes[at] === DASH) return false;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('latin1');
  const match = /^[ \t\n\v\f\r]*([+-]?)(\d+)$/.exec(text);
  if (match === null) return false;
  const magnitude = BigInt(match[2]!);
  if (magnitude >= TWO_64) return false;
  const value = match[1] === '-' ? BigInt.asUintN(64, -magnitude) : magnitude;
  into[word] = Number(value >> 32n);
  into[word + 1] = Number(value & 0xffffffffn);
  return true;
}

/** Where a byte first stands between `at` and `end`; `end` if nowhere. */
function indexOf(bytes: Uint8Array, byte: number, at: number, end: number): number {
  while (at < end && bytes[at] !== byte) at++;
  return at;
}
