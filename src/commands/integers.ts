// Integer arguments with their error replies. Each function answers NaN after it has replied with an error.
import { int64Max } from '../base/int64.ts';
import {
  DB_OUT_OF_RANGE,
  NOT_AN_INTEGER,
  outOfRange,
  TIMEOUT_NEGATIVE,
  TIMEOUT_NOT_AN_INTEGER,
  TIMEOUT_OUT_OF_RANGE,
} from '../resp/errors.ts';
import type { Context } from './context.ts';

const INT_MAX = 2147483647;
const INT_MIN = -2147483648;
const REPEATED_MAX = 2 ** 26;

/** Argument `i` as a 32-bit integer; `text` is the error for anything else. */
export function int32Or(c: Context, i: number, text?: string): number {
  const value = c.args.int64(i);
  if (value === null) return refuse(c, text ?? NOT_AN_INTEGER);
  if (value > INT_MAX || value < INT_MIN) return refuse(c, text ?? outOfRange(INT_MIN, INT_MAX));
  return Number(value);
}

/** Argument `i` as a number of elements, negative ones included; beyond 2^53 it is rounded. */
export function signedCountOr(c: Context, i: number): number {
  const count = c.args.int64(i);
  if (count === null) return refuse(c, NOT_AN_INTEGER);
  return count < -int64Max ? refuse(c, outOfRange(-int64Max, int64Max)) : Number(count);
}

/**
 * Refuses to reply with so many elements that may repeat, of which a collection has no end: they would be gigabytes, and nobody
 * else would be served meanwhile. True if it has.
 */
export function refusesRepeated(c: Context, count: number): boolean {
  if (count <= REPEATED_MAX) return false;
  refuse(c, outOfRange(-REPEATED_MAX, int64Max));
  return true;
}

/** Argument `i` as the number of a database. */
export function databaseOr(c: Context, i: number, text?: string): number {
  const index = int32Or(c, i, text);
  if (index < 0 || index >= c.keyspace.databaseCount) return refuse(c, DB_OUT_OF_RANGE);
  return index;
}

/** Argument `i` as a timeout in ms that ends before time does; Infinity for more than a number holds exactly. */
export function timeoutMsOr(c: Context, i: number): number {
  const timeoutMs = c.args.int64(i);
  if (timeoutMs === null) return refuse(c, TIMEOUT_NOT_AN_INTEGER);
  if (timeoutMs < 0n) return refuse(c, TIMEOUT_NEGATIVE);
  const leftMs = int64Max - BigInt(Math.floor(c.keyspace.nowMs));
  if (timeoutMs > leftMs) return refuse(c, TIMEOUT_OUT_OF_RANGE);
  return timeoutMs > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : Number(timeoutMs);
}

function refuse(c: Context, text: string): number {
  c.reply.error(text);
  return Number.NaN;
}
