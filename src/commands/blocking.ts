// Blocking on keys: what BLPOP, BZMPOP, XREAD and their like share.
//
// A blocking handler first tries to serve itself. If it cannot, it calls `blockOnKeys` and writes no reply. When one of the
// keys changes, the handler runs again from the start with `c.resumed` set: it either writes its reply, or calls
// `blockOnKeys` again, and the client stays blocked in its place as if nothing had happened.
import { int64Max } from '../base/int64.ts';
import { parseLongDouble, scaledUp } from '../base/longdouble.ts';
import {
  TIMEOUT_NEGATIVE,
  TIMEOUT_NOT_A_FLOAT,
  TIMEOUT_NOT_AN_INTEGER,
  TIMEOUT_OUT_OF_RANGE,
} from '../resp/errors.ts';
import type { Reply } from '../resp/reply.ts';
import type { Context } from './context.ts';
import type { BlockOptions, KeyArguments } from './server_port.ts';

/**
 * Blocks the client until one of the keys can serve it, for at most `timeoutMs` (Infinity: for ever). `onTimeout` writes
 * the answer for when the time is up; where nobody may block (`c.mayBlock` is false) it does so at once.
 */
export function blockOnKeys(
  c: Context,
  keys: KeyArguments,
  timeoutMs: number,
  onTimeout: (reply: Reply) => void,
  options: BlockOptions = {},
): void {
  if (c.mayBlock) c.server.blocking.block(keys, timeoutMs, onTimeout, options);
  else onTimeout(c.reply);
}

/**
 * Argument `i`, seconds with a fraction, as ms rounded up; Infinity for 0. NaN after an error reply. The number is read and
 * multiplied as an x87 long double, as the reference does.
 */
export function blockingTimeoutMs(c: Context, i: number): number {
  const seconds = c.args.int(i);
  if (seconds >= 0 && seconds < 2 ** 32) return endless(seconds * 1000);
  const exact = parseLongDouble(c.args.text(i));
  if (exact === null) return refuse(c, TIMEOUT_NOT_A_FLOAT);
  return limited(c, scaledUp(exact, 1000n));
}

/** Argument `i`, whole ms (XREAD's BLOCK), as ms; Infinity for 0. NaN after an error reply. */
export function blockingMs(c: Context, i: number): number {
  const ms = c.args.int64(i);
  return ms === null ? refuse(c, TIMEOUT_NOT_AN_INTEGER) : limited(c, ms);
}

function limited(c: Context, ms: bigint): number {
  if (ms < 0n) return refuse(c, TIMEOUT_NEGATIVE);
  if (ms > int64Max - BigInt(Math.floor(c.keyspace.nowMs))) return refuse(c, TIMEOUT_OUT_OF_RANGE);
  return endless(Number(ms));
}

function endless(ms: number): number {
  return ms === 0 ? Number.POSITIVE_INFINITY : ms;
}

function refuse(c: Context, text: string): number {
  c.reply.error(text);
  return Number.NaN;
}
