// Finds the keys in the words of a command: by its key specs, or by rules of its own where those do not
// suffice. Cold path: COMMAND GETKEYS, ACL key patterns, cluster slots.
import type { Args } from './args.ts';
import type { KeySink, KeySpec, Words } from './key_specs.ts';
import {
  KEY_ACCESS,
  KEY_DELETE,
  KEY_NOT_KEY,
  KEY_OW,
  KEY_RM,
  KEY_RO,
  KEY_RW,
  KEY_UPDATE,
} from './key_specs.ts';
import type { CommandSpec } from './spec.ts';

/** The arguments of whatever command runs, as a finder of keys sees them. */
export function wordsOf(args: Args): Words {
  return {
    get count() {
      return args.count;
    },
    is: (i, lower) => args.is(i, lower),
    integer: (i) => args.int(i),
  };
}

/** Whether the command may have keys at all; a sharded channel is none. */
export function hasKeys(spec: CommandSpec): boolean {
  return spec.keys.some((key) => (key.flags & KEY_NOT_KEY) === 0);
}

/** Hands every key of `words` to `sink`; false: there is none or the words make no sense; what was handed out
 *  is void. */
export function findKeys(spec: CommandSpec, words: Words, sink: KeySink): boolean {
  if (spec.getKeys !== null) return spec.getKeys(words, sink);
  return spec.keys.every((key) => (key.flags & KEY_NOT_KEY) !== 0 || findBySpec(key, words, sink));
}

function findBySpec(spec: KeySpec, words: Words, sink: KeySink): boolean {
  const first = beginOf(spec, words);
  if (first === 0) return true;
  if (spec.find.type === 'keynum') return findCounted(spec.find, spec.flags, first, words, sink);
  if (spec.find.type !== 'range') return true;
  const { lastKey, step, limit } = spec.find;
  let last = first + lastKey;
  if (lastKey < 0)
    last = limit <= 1 ? words.count + lastKey : first + Math.floor((words.count - first) / limit + lastKey);
  return emit(first, last, step, spec.flags, words, sink);
}

/** Position of the first key, or of the count for a keynum; 0 if the spec does not apply to these words. */
function beginOf(spec: KeySpec, words: Words): number {
  const { begin } = spec;
  if (begin.type === 'index') return begin.index;
  if (begin.type === 'unknown') return 0;
  const forward = begin.startFrom > 0;
  const start = forward ? begin.startFrom : words.count + begin.startFrom;
  const wanted = begin.keyword.toLowerCase();
  for (let i = start; i > 0 && i < words.count; i += forward ? 1 : -1) {
    if (words.is(i, wanted)) return i + 1;
  }
  return 0;
}

function findCounted(
  find: { readonly keyNumIndex: number; readonly firstKey: number; readonly step: number },
  flags: number,
  begin: number,
  words: Words,
  sink: KeySink,
): boolean {
  const countAt = begin + find.keyNumIndex;
  if (countAt >= words.count) return false;
  const count = words.integer(countAt);
  if (!(count > 0)) return false;
  const first = begin + find.firstKey;
  return emit(first, first + (count - 1) * find.step, find.step, flags, words, sink);
}

function emit(
  first: number,
  last: number,
  step: number,
  flags: number,
  words: Words,
  sink: KeySink,
): boolean {
  if (first >= words.count || last >= words.count || last < first) return false;
  for (let i = first; i <= last; i += step) sink(i, flags);
  return true;
}

/** SET only reads the old value when an option asks for it, and only GET hands it out. */
export function setKeys(words: Words, sink: KeySink): boolean {
  const compares = some(words, 3, ['ifeq', 'ifne', 'ifdeq', 'ifdne']);
  if (some(words, 3, ['get'])) sink(1, KEY_RW | KEY_ACCESS | KEY_UPDATE);
  else sink(1, compares ? KEY_RW | KEY_UPDATE : KEY_OW | KEY_UPDATE);
  return true;
}

/** DELEX only reads the value when there is a condition, and never hands it out. */
export function delexKeys(words: Words, sink: KeySink): boolean {
  sink(1, words.count > 2 ? KEY_RW | KEY_DELETE : KEY_RM | KEY_DELETE);
  return true;
}

/** BITFIELD with nothing but GET only reads. */
export function bitfieldKeys(words: Words, sink: KeySink): boolean {
  const operands: Readonly<Record<string, number>> = { get: 2, overflow: 1 };
  let at = 2;
  while (at < words.count) {
    const skip = after(words, at, operands);
    if (skip === 0 || at + skip >= words.count) break;
    at += 1 + skip;
  }
  sink(1, at >= words.count ? KEY_RO | KEY_ACCESS : KEY_RW | KEY_ACCESS | KEY_UPDATE);
  return true;
}

/** SORT writes to the key of its last STORE; the operands of other options are no options. */
export function sortKeys(words: Words, sink: KeySink): boolean {
  const operands: Readonly<Record<string, number>> = { limit: 2, get: 1, by: 1, store: 1 };
  sink(1, KEY_RO | KEY_ACCESS);
  let store = 0;
  for (let at = 2; at < words.count; at += 1 + after(words, at, operands)) {
    if (words.is(at, 'store') && at + 1 < words.count) store = at + 1;
  }
  if (store > 0) sink(store, KEY_OW | KEY_UPDATE);
  return true;
}

/** GEORADIUS and GEORADIUSBYMEMBER write to the last key that follows STORE or STOREDIST, wherever key specs find one. */
export function radiusKeys(words: Words, sink: KeySink): boolean {
  sink(1, KEY_RO | KEY_ACCESS);
  let store = 0;
  for (let at = 5; at + 1 < words.count; at++) {
    if (words.is(at, 'store') || words.is(at, 'storedist')) store = ++at;
  }
  if (store > 0) sink(store, KEY_OW | KEY_UPDATE);
  return true;
}

/** MIGRATE moves the key in its third argument, or those after KEYS when that argument is empty. */
export function migrateKeys(words: Words, sink: KeySink): boolean {
  const operands: Readonly<Record<string, number>> = { auth: 1, auth2: 2 };
  const flags = KEY_RW | KEY_ACCESS | KEY_DELETE;
  for (let at = 6; at < words.count; at += 1 + after(words, at, operands)) {
    if (!words.is(at, 'keys') || at + 1 === words.count) continue;
    return words.is(3, '') && emit(at + 1, words.count - 1, 1, flags, words, sink);
  }
  sink(3, flags);
  return true;
}

function some(words: Words, from: number, options: readonly string[]): boolean {
  for (let at = from; at < words.count; at++) if (options.some((option) => words.is(at, option))) return true;
  return false;
}

/** How many operands follow the option at this position; 0 if it is none of those. */
function after(words: Words, at: number, operands: Readonly<Record<string, number>>): number {
  for (const [option, count] of Object.entries(operands)) if (words.is(at, option)) return count;
  return 0;
}
