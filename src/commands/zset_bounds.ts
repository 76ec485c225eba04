// Parts of sorted sets between two bounds, and what they come to in ranks.
import type { Ref } from '../arena/arena.ts';
import { parseDoubleLoosely } from '../base/double.ts';
import { BOUND_NOT_A_FLOAT, BOUND_NOT_A_STRING, NOT_AN_INTEGER } from '../resp/errors.ts';
import type { Context } from './context.ts';

export const BY_RANK = 0;
export const BY_SCORE = 1;
export const BY_LEX = 2;

const OPEN = 40;
const CLOSED = 91;
const LOWEST = 45;
const HIGHEST = 43;

export interface Bounds {
  by: number;
  /** The bounds in numbers: ranks (counted from the end if negative) or scores. */
  min: number;
  max: number;
  /** The arguments that hold bounds by member. */
  minAt: number;
  maxAt: number;
  /** How a bound by score or member is meant: OPEN, CLOSED, LOWEST, HIGHEST. */
  minKind: number;
  maxKind: number;
}

/** Ranks of the members between two bounds: the first, and one past the last. */
export interface Ranks {
  first: number;
  end: number;
}

/** The bounds in two arguments; null after an error reply. */
export function boundsOr(c: Context, by: number, minAt: number, maxAt: number): Bounds | null {
  const bounds = { by, min: 0, max: 0, minAt, maxAt, minKind: CLOSED, maxKind: CLOSED };
  if (by === BY_RANK) return withRanks(c, bounds);
  bounds.minKind = kindOf(c, by, minAt);
  bounds.maxKind = kindOf(c, by, maxAt);
  if (by === BY_LEX) {
    if (bounds.minKind !== 0 && bounds.maxKind !== 0) return bounds;
    c.reply.error(BOUND_NOT_A_STRING);
    return null;
  }
  bounds.min = scoreOf(c, minAt, bounds.minKind);
  bounds.max = scoreOf(c, maxAt, bounds.maxKind);
  if (!Number.isNaN(bounds.min) && !Number.isNaN(bounds.max)) return bounds;
  c.reply.error(BOUND_NOT_A_FLOAT);
  return null;
}

function withRanks({ args, reply }: Context, bounds: Bounds): Bounds | null {
  const min = args.int64(bounds.minAt);
  const max = args.int64(bounds.maxAt);
  if (min === null || max === null) {
    reply.error(NOT_AN_INTEGER);
    return null;
  }
  bounds.min = Number(min);
  bounds.max = Number(max);
  return bounds;
}

/** How the bound in argument `i` is meant; 0 if it is none. */
function kindOf({ args }: Context, by: number, i: number): number {
  const at = args.at(i);
  const first = args.length(i) === 0 ? 0 : args.bytes[at]!;
  if (by === BY_SCORE) return first === OPEN ? OPEN : CLOSED;
  if (first === OPEN || first === CLOSED) return first;
  // What follows a zero byte is not looked at.
  const alone = args.length(i) === 1 || args.bytes[at + 1] === 0;
  return alone && (first === LOWEST || first === HIGHEST) ? first : 0;
}

function scoreOf({ args }: Context, i: number, kind: number): number {
  const skip = kind === OPEN ? 1 : 0;
  return parseDoubleLoosely(args.bytes, args.at(i) + skip, args.length(i) - skip);
}

/** The members of a sorted set between bounds. */
export function ranksOf(c: Context, ref: Ref, bounds: Bounds): Ranks {
  const { zsets } = c.keyspace;
  const { by } = bounds;
  if (by === BY_RANK) return clippedRanks(zsets.size(ref), bounds.min, bounds.max);
  if (by === BY_SCORE) {
    const first = zsets.countBelow(ref, bounds.min, bounds.minKind === OPEN);
    return { first, end: Math.max(first, zsets.countBelow(ref, bounds.max, bounds.maxKind !== OPEN)) };
  }
  const first = countToMember(c, ref, bounds.minAt, bounds.minKind, OPEN);
  return { first, end: Math.max(first, countToMember(c, ref, bounds.maxAt, bounds.maxKind, CLOSED)) };
}

function clippedRanks(size: number, min: number, max: number): Ranks {
  const first = Math.max(0, min < 0 ? size + min : min);
  const end = Math.min(size, (max < 0 ? size + max : max) + 1);
  return first < end ? { first, end } : { first: 0, end: 0 };
}

/** How many members come before a bound by member; one equal to it does if the bound is of the kind `inclusive`. */
function countToMember(c: Context, ref: Ref, i: number, kind: number, inclusive: number): number {
  const { args } = c;
  const { zsets } = c.keyspace;
  if (kind === LOWEST) return 0;
  if (kind === HIGHEST) return zsets.size(ref);
  return zsets.countBelowMember(ref, args.bytes, args.at(i) + 1, args.length(i) - 1, kind === inclusive);
}
