// What SCAN and its relatives for the elements of a value share: cursors, options, and the reply of nothing.
import type { Ref } from '../arena/arena.ts';
import { globMatch } from '../base/glob.ts';
import { INVALID_CURSOR, NOT_AN_INTEGER, SYNTAX } from '../resp/errors.ts';
import { TYPE_NAMES } from '../types/names.ts';
import type { Context } from './context.ts';
import { readTyped, WRONG } from './typed.ts';

const COUNT_DEFAULT = 10;
const CURSOR_END = 2n ** 64n;
/** Buckets looked at for each element asked for, when they are nearly empty. */
export const BUCKETS_AN_ELEMENT = 10;

export interface ScanOptions {
  /** Elements to see before the call ends. */
  count: number;
  /** Position of the pattern in the arguments; 0: everything. */
  pattern: number;
  /** The only type to return; -1: any; -2: none, as there is no type of that name. */
  type: number;
  /** Return fields of a hash without their values. */
  noValues: boolean;
}

/** What beyond MATCH and COUNT a command takes. */
export const TAKES_TYPE = 1;
export const TAKES_NOVALUES = 2;

/**
 * The cursor in argument `i`, or -1 after replying with an error. Clients may send what they like: any 64-bit number is
 * one, nothing is 0, and what comes after a zero byte does not count.
 */
export function cursorOr(c: Context, i: number): number {
  const match = /^(?:[+-]?(\d+))?(?:\0|$)/.exec(c.args.text(i));
  const cursor = match === null ? CURSOR_END : BigInt(match[1] ?? 0);
  if (cursor < CURSOR_END) return Number(BigInt.asUintN(32, cursor));
  c.reply.error(INVALID_CURSOR);
  return -1;
}

/** The options from argument `from` on, or null after replying with an error. `takes`: TAKES_TYPE, TAKES_NOVALUES or 0. */
export function scanOptionsOr(c: Context, from: number, takes: number): ScanOptions | null {
  const { args } = c;
  const options: ScanOptions = { count: COUNT_DEFAULT, pattern: 0, type: -1, noValues: false };
  for (let i = from; i < args.count; i++) {
    const hasValue = i + 1 < args.count;
    if (hasValue && args.is(i, 'count')) {
      const count = args.int64(i + 1);
      if (count === null || count < 1n) {
        c.reply.error(count === null ? NOT_AN_INTEGER : SYNTAX);
        return null;
      }
      options.count = Number(count);
      i++;
    } else if (hasValue && args.is(i, 'match')) {
      options.pattern = args.is(i + 1, '*') ? 0 : i + 1;
      i++;
    } else if (hasValue && takes === TAKES_TYPE && args.is(i, 'type')) {
      const type = TYPE_NAMES.indexOf(args.text(i + 1).toLowerCase());
      options.type = type < 0 ? -2 : type;
      i++;
    } else if (takes === TAKES_NOVALUES && args.is(i, 'novalues')) {
      options.noValues = true;
    } else {
      c.reply.error(SYNTAX);
      return null;
    }
  }
  return options;
}

/** A collection to be walked, where to go on, and how. */
export interface CollectionScan {
  ref: Ref;
  start: number;
  options: ScanOptions;
}

/** What HSCAN, SSCAN and ZSCAN of a value of `type` are about, or null after a reply: there is no such value, or an error. */
export function collectionScanOr(c: Context, type: number, takes: number): CollectionScan | null {
  const start = cursorOr(c, 2);
  if (start < 0) return null;
  const ref = readTyped(c, 1, type);
  if (ref === WRONG) return null;
  if (ref === 0) {
    replyEmptyScan(c);
    return null;
  }
  const options = scanOptionsOr(c, 3, takes);
  return options === null ? null : { ref, start, options };
}

/** Whether a name passes the pattern of the options. */
export function passesPattern(
  { args }: Context,
  { pattern }: ScanOptions,
  bytes: Uint8Array,
  at: number,
  length: number,
): boolean {
  if (pattern === 0) return true;
  return globMatch(args.bytes, args.at(pattern), args.length(pattern), bytes, at, length, false);
}

/** The reply of a scan over nothing. */
function replyEmptyScan({ reply }: Context): void {
  reply.array(2);
  reply.bulkText('0');
  reply.array(0);
}
