// Where the keys of a command are: specs that COMMAND INFO prints and the walk that finds keys by them.
//
// A spec says where to begin (a fixed argument, or the argument after a word) and how to go on from there (a
// range with a step, or a count given by an argument). Positions count from 0 = the name of the command; a
// subcommand's name is 1.

export const KEY_RO = 1 << 0;
export const KEY_RW = 1 << 1;
export const KEY_OW = 1 << 2;
export const KEY_RM = 1 << 3;
export const KEY_ACCESS = 1 << 4;
export const KEY_UPDATE = 1 << 5;
export const KEY_INSERT = 1 << 6;
export const KEY_DELETE = 1 << 7;
/** The argument decides the slot but names no key (a sharded channel). */
export const KEY_NOT_KEY = 1 << 8;
/** The spec may miss keys: `getKeys` knows better. */
export const KEY_INCOMPLETE = 1 << 9;
/** The true flags depend on the arguments: `getKeys` knows them. */
export const KEY_VARIABLE_FLAGS = 1 << 10;

const FLAG_BITS: Readonly<Record<string, number>> = {
  RO: KEY_RO,
  RW: KEY_RW,
  OW: KEY_OW,
  RM: KEY_RM,
  ACCESS: KEY_ACCESS,
  UPDATE: KEY_UPDATE,
  INSERT: KEY_INSERT,
  DELETE: KEY_DELETE,
  NOT_KEY: KEY_NOT_KEY,
  INCOMPLETE: KEY_INCOMPLETE,
  VARIABLE_FLAGS: KEY_VARIABLE_FLAGS,
};

type Access = 'RO' | 'RW' | 'OW' | 'RM';
type Effect =
  | ''
  | ' ACCESS'
  | ' UPDATE'
  | ' INSERT'
  | ' DELETE'
  | ' ACCESS UPDATE'
  | ' UPDATE DELETE'
  | ' ACCESS INSERT'
  | ' ACCESS DELETE';

/** What happens to the key (RO RW OW RM), then to the value, then a remark; one blank between. */
export type KeyFlags = 'NOT_KEY' | `${Access}${Effect}${'' | ' INCOMPLETE' | ' VARIABLE_FLAGS'}`;

export type BeginSearch =
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'keyword'; readonly keyword: string; readonly startFrom: number }
  | { readonly type: 'unknown' };

export type FindKeys =
  | { readonly type: 'range'; readonly lastKey: number; readonly step: number; readonly limit: number }
  | {
      readonly type: 'keynum';
      readonly keyNumIndex: number;
      readonly firstKey: number;
      readonly step: number;
    }
  | { readonly type: 'unknown' };

export interface KeySpec {
  readonly flags: number;
  readonly begin: BeginSearch;
  readonly find: FindKeys;
}

/** The words of one command as a finder of keys sees them; index 0 is the command's name. */
export interface Words {
  readonly count: number;
  /** Whether word `index` is `lower`, an ASCII word in lower case, whatever its own case. */
  is(index: number, lower: string): boolean;
  /** Word `index` as a decimal integer; NaN if it is none. */
  integer(index: number): number;
}

/** Takes keys as they are found: position of the word and flags of the spec. */
export type KeySink = (index: number, flags: number) => void;

/** Finds the keys of one command by its own rules; false: the arguments make no sense. */
export type GetKeys = (words: Words, sink: KeySink) => boolean;

function flagsOf(words: KeyFlags): number {
  let flags = 0;
  for (const word of words.split(' ')) flags |= FLAG_BITS[word]!;
  return flags;
}

/** One key at argument `index`. */
export function key(flags: KeyFlags, index: number): KeySpec {
  return keyRange(flags, index, 0);
}

/** Keys from `index` to `lastKey` (relative to `index`; negative counts from the end), every `step`
 *  arguments. With a negative `lastKey`, a `limit` above 1 means only the first 1/limit of the remaining
 *  arguments are keys. */
export function keyRange(flags: KeyFlags, index: number, lastKey: number, step = 1, limit = 0): KeySpec {
  return {
    flags: flagsOf(flags),
    begin: { type: 'index', index },
    find: { type: 'range', lastKey, step, limit },
  };
}

/** Argument `index` says how many keys follow it. `step` is the distance between two keys. */
export function keyCount(flags: KeyFlags, index: number, step = 1): KeySpec {
  return {
    flags: flagsOf(flags),
    begin: { type: 'index', index },
    find: { type: 'keynum', keyNumIndex: 0, firstKey: 1, step },
  };
}

/** Keys after the first `keyword` found at or after argument `startFrom`; negative: found looking back from
 *  the end. */
export function keyAfter(
  flags: KeyFlags,
  keyword: string,
  startFrom: number,
  lastKey = 0,
  step = 1,
  limit = 0,
): KeySpec {
  return {
    flags: flagsOf(flags),
    begin: { type: 'keyword', keyword, startFrom },
    find: { type: 'range', lastKey, step, limit },
  };
}

/** Keys that only `getKeys` can find. */
export function keyUnknown(flags: KeyFlags): KeySpec {
  return { flags: flagsOf(flags), begin: { type: 'unknown' }, find: { type: 'unknown' } };
}

/** Names of the flags in the order of printing. */
export function keyFlagNames(flags: number): string[] {
  return Object.entries(FLAG_BITS)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => (name.length === 2 ? name : name.toLowerCase()));
}

/** First and last key position and the step between them, as COMMAND prints them; last < 0 counts from the
 *  end. */
export interface KeyRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

const NO_RANGE: KeyRange = { first: 0, last: 0, step: 0 };

/** The one range that best describes the specs: the only spec, or all neighbouring ones at fixed positions
 *  joined. */
export function legacyRange(specs: readonly KeySpec[]): KeyRange {
  if (specs.length === 0) return NO_RANGE;
  if (specs.length === 1) return rangeOf(specs[0]!) ?? NO_RANGE;
  const joined = joinedRanges(specs);
  if (joined.length === 0) return NO_RANGE;
  const lasts = joined.map((range) => range.last);
  return { first: joined[0]!.first, last: lasts.find((last) => last < 0) ?? Math.max(...lasts), step: 1 };
}

/** Whether the legacy range may miss keys, which is what the flag `movablekeys` tells clients. */
export function keysAreMovable(specs: readonly KeySpec[]): boolean {
  if (specs.length === 0) return false;
  if (specs.some((spec) => (spec.flags & KEY_INCOMPLETE) !== 0)) return true;
  if (specs.length === 1) return rangeOf(specs[0]!) === null;
  return joinedRanges(specs).length !== specs.length;
}

function rangeOf(spec: KeySpec): KeyRange | null {
  const { begin, find } = spec;
  if (begin.type !== 'index' || find.type !== 'range') return null;
  const last = find.lastKey < 0 ? find.lastKey : begin.index + find.lastKey;
  return { first: begin.index, last, step: find.step };
}

function joinedRanges(specs: readonly KeySpec[]): KeyRange[] {
  const joined: KeyRange[] = [];
  for (const spec of specs) {
    const range = rangeOf(spec);
    const previous = joined.at(-1);
    if (range?.step === 1 && (previous === undefined || previous.last === range.first - 1))
      joined.push(range);
  }
  return joined;
}
