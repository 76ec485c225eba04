// SORT and SORT_RO: the elements of a list, set or sorted set in the order of their own values or of values that other keys
// hold for them.
import type { Ref } from '../arena/arena.ts';
import { parseDouble } from '../base/double.ts';
import { EVENT_LIST } from '../keyspace/keyspace.ts';
import { NOT_SORTABLE_AS_NUMBERS, WRONG_TYPE } from '../resp/errors.ts';
import { ENC_LISTPACK, TYPE_LIST, TYPE_SET, TYPE_ZSET } from '../structs/entry.ts';
import { RIGHT } from '../types/list.ts';
import { AT_DANGEROUS, AT_LIST, AT_SET, AT_SORTEDSET } from './categories.ts';
import type { Context } from './context.ts';
import { sortKeys } from './find_keys.ts';
import { type SortOptions, sortOptionsOr } from './sort_options.ts';
import { SortPattern } from './sort_pattern.ts';
import { emitAll, emitRange, isSortable, sizeOf } from './sort_source.ts';
import { orderOf, Texts } from './sort_vector.ts';
import { type CommandSpec, command, DENYOOM, key, keyUnknown, READONLY, WRITE } from './spec.ts';
import { storeResult } from './store_result.ts';

const NOTHING = new Uint8Array(0);

const SORT = command({
  name: 'sort',
  group: 'generic',
  since: '1.0.0',
  summary: 'Elements of a list, set or sorted set in order, or stores them',
  complexity: 'O(N+M*log(M)) for N elements and M returned',
  arity: -2,
  flags: WRITE | DENYOOM,
  categories: AT_SET | AT_SORTEDSET | AT_LIST | AT_DANGEROUS,
  keys: [key('RO ACCESS', 1), keyUnknown('RO ACCESS'), keyUnknown('OW UPDATE')],
  syntax: `key [BY pattern@1] [LIMIT (offset:integer count:integer)] [GET pattern++@1] order=[ASC | DESC]
    [sorting=ALPHA] [STORE destination:key@2]`,
  getKeys: sortKeys,
  run: (c) => runSort(c, true),
});

const SORT_RO = command({
  name: 'sort_ro',
  group: 'generic',
  since: '7.0.0',
  summary: 'Elements of a list, set or sorted set in order',
  complexity: 'O(N+M*log(M)) for N elements and M returned',
  arity: -2,
  flags: READONLY,
  categories: AT_SET | AT_SORTEDSET | AT_LIST | AT_DANGEROUS,
  keys: [key('RO ACCESS', 1), keyUnknown('RO ACCESS')],
  syntax: `key [BY pattern@1] [LIMIT (offset:integer count:integer)] [GET pattern++@1] order=[ASC | DESC]
    [sorting=ALPHA]`,
  run: (c) => runSort(c, false),
});

/** What is to be returned: numbers of elements, in order. */
interface Sorted {
  elements: Texts;
  order: Uint32Array;
}

function runSort(c: Context, mayStore: boolean): void {
  const options = sortOptionsOr(c, mayStore);
  if (options === null) return;
  const ref = c.lookup(1);
  const type = ref === 0 ? TYPE_LIST : c.keyspace.entries.type(ref);
  if (!isSortable(type)) {
    c.reply.error(WRONG_TYPE);
    return;
  }
  // What the reference does, so that OBJECT ENCODING tells the same afterwards.
  if (type === TYPE_ZSET && c.keyspace.entries.encoding(ref) === ENC_LISTPACK) c.keyspace.zsets.spread(ref);
  // The order of a set's members means nothing, so that of a stored copy would depend on how they came to be there.
  if (type === TYPE_SET && !options.sorts && options.store > 0) {
    options.sorts = true;
    options.alpha = true;
    options.by = 0;
  }
  const sorted = sortedOr(c, ref, type, options);
  if (sorted === null) return;
  const gets = options.gets.map((i) => new SortPattern(c, i));
  if (options.store > 0) store(c, options.store, sorted, gets);
  else reply(c, sorted, gets);
}

/** What the options ask for of the value of an entry (0: nothing is there); null after an error reply. */
function sortedOr(c: Context, ref: Ref, type: number, options: SortOptions): Sorted | null {
  const size = ref === 0 ? 0 : sizeOf(c.keyspace, ref, type);
  const from = Math.min(Math.max(options.start, 0), size);
  const end = options.count < 0 ? size : Math.min(from + options.count, size);
  if (!options.sorts && type !== TYPE_SET) {
    const elements = new Texts(end - from);
    if (end > from) emitRange(c.keyspace, ref, type, from, end - from, options.descending, elements);
    return { elements, order: Uint32Array.from({ length: elements.count }, (_, i) => i) };
  }
  const elements = new Texts(size);
  if (size > 0) emitAll(c.keyspace, ref, type, elements);
  const compare = options.sorts ? compareOr(c, elements, options) : () => 0;
  if (compare === null) return null;
  return { elements, order: orderOf(size, from, end, options.sorts && options.descending, compare) };
}

/** How two elements compare; null after replying that one of them has no number. */
function compareOr(
  c: Context,
  elements: Texts,
  { alpha, by }: SortOptions,
): ((a: number, b: number) => number) | null {
  if (by > 0 && alpha) return compareTexts(elements, new SortPattern(c, by));
  if (alpha) return (a, b) => elements.compare(a, b);
  const weights = new Float64Array(elements.count);
  const pattern = by > 0 ? new SortPattern(c, by) : null;
  for (let i = 0; i < elements.count; i++) {
    const { bytes } = elements;
    const at = elements.at(i);
    const length = elements.length(i);
    if (pattern === null) weights[i] = weightOf(bytes, at, length);
    else if (pattern.find(bytes, at, length))
      weights[i] = weightOf(pattern.bytes, pattern.at, pattern.length);
  }
  if (weights.some(Number.isNaN)) {
    c.reply.error(NOT_SORTABLE_AS_NUMBERS);
    return null;
  }
  return (a, b) => {
    const x = weights[a]!;
    const y = weights[b]!;
    return x < y ? -1 : x > y ? 1 : elements.compare(a, b);
  };
}

/** By the text that a pattern finds for each element; those for which there is none come first. */
function compareTexts(elements: Texts, pattern: SortPattern): (a: number, b: number) => number {
  const texts = new Texts(elements.count);
  const isThere = new Uint8Array(elements.count);
  for (let i = 0; i < elements.count; i++) {
    isThere[i] = pattern.find(elements.bytes, elements.at(i), elements.length(i)) ? 1 : 0;
    if (isThere[i] === 1) texts.bulk(pattern.bytes, pattern.at, pattern.length);
    else texts.bulk(NOTHING, 0, 0);
  }
  return (a, b) => isThere[a]! - isThere[b]! || texts.compare(a, b);
}

/**
 * The number that a text is, NaN if it is none. It may stand behind white space; what comes after a zero byte does not
 * count, and nothing at all is 0.
 */
function weightOf(bytes: Uint8Array, at: number, length: number): number {
  let first = at;
  let end = at;
  while (end < at + length && bytes[end] !== 0) end++;
  if (end === at) return 0;
  while (first < end && (bytes[first] === 32 || (bytes[first]! >= 9 && bytes[first]! <= 13))) first++;
  return parseDouble(bytes, first, end - first);
}

/** Hands everything to be returned to `each`: texts, and null for what a pattern does not find. */
function eachResult(
  { elements, order }: Sorted,
  gets: readonly SortPattern[],
  each: (bytes: Uint8Array | null, at: number, length: number) => void,
): void {
  for (const i of order) {
    const at = elements.at(i);
    const length = elements.length(i);
    if (gets.length === 0) each(elements.bytes, at, length);
    for (const get of gets) {
      if (get.find(elements.bytes, at, length)) each(get.bytes, get.at, get.length);
      else each(null, 0, 0);
    }
  }
}

function reply(c: Context, sorted: Sorted, gets: readonly SortPattern[]): void {
  c.reply.array(sorted.order.length * Math.max(gets.length, 1));
  eachResult(sorted, gets, (bytes, at, length) => {
    if (bytes === null) c.reply.null();
    else c.reply.bulk(bytes, at, length);
  });
}

/** Stores a list of the results under the key in argument `k`. */
function store(c: Context, k: number, sorted: Sorted, gets: readonly SortPattern[]): void {
  const { args, keyspace } = c;
  const { lists } = keyspace;
  const list = lists.create(args.bytes, args.at(k), args.length(k), keyspace.freshClock());
  try {
    eachResult(sorted, gets, (bytes, at, length) => {
      lists.grow(list, length, 1);
      lists.push(list, RIGHT, bytes ?? NOTHING, at, length);
    });
  } catch (error) {
    keyspace.dispose(list);
    throw error;
  }
  const size = lists.size(list);
  keyspace.dirty += Math.max(size - 1, 0);
  storeResult(c, k, list, size, EVENT_LIST, 'sortstore');
}

export const SORT_COMMANDS: readonly CommandSpec[] = [SORT, SORT_RO];
