// Hashes: many fields at once.
import type { Ref } from '../arena/arena.ts';
import { SYNTAX, VALUE_OUT_OF_RANGE } from '../resp/errors.ts';
import { ENC_HASHTABLE, ENC_LISTPACK, TYPE_HASH } from '../structs/entry.ts';
import { emit } from '../structs/listpack_parts.ts';
import type { Context } from './context.ts';
import { dropExpiredFields } from './hash_fields.ts';
import { refusesRepeated, signedCountOr } from './integers.ts';
import {
  BUCKETS_AN_ELEMENT,
  collectionScanOr,
  passesPattern,
  type ScanOptions,
  TAKES_NOVALUES,
} from './scan_options.ts';
import { type CommandSpec, command, key, READONLY } from './spec.ts';
import { readTyped, WRONG } from './typed.ts';

const FIELDS = 1;
const VALUES = 2;
const PAIRS = FIELDS | VALUES;

const HGETALL = command({
  name: 'hgetall',
  group: 'hash',
  since: '2.0.0',
  summary: 'All fields and their values',
  complexity: 'O(N)',
  arity: 2,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output_order'],
  syntax: 'key',
  run: runHgetall,
});

function runHgetall(c: Context): void {
  replyAll(c, PAIRS);
}

const HKEYS = command({
  name: 'hkeys',
  group: 'hash',
  since: '2.0.0',
  summary: 'All fields',
  complexity: 'O(N)',
  arity: 2,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output_order'],
  syntax: 'key',
  run: runHkeys,
});

function runHkeys(c: Context): void {
  replyAll(c, FIELDS);
}

const HVALS = command({
  name: 'hvals',
  group: 'hash',
  since: '2.0.0',
  summary: 'The values of all fields',
  complexity: 'O(N)',
  arity: 2,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output_order'],
  syntax: 'key',
  run: runHvals,
});

function runHvals(c: Context): void {
  replyAll(c, VALUES);
}

/** Replies with all fields, their values, or both. */
function replyAll(c: Context, parts: number): void {
  const { entries, hashes, hashWalk, nowMs } = c.keyspace;
  const reply = c.reply;
  const ref = readTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const count = ref === 0 ? 0 : hashWalk.countLive(ref, nowMs);
  if (parts === PAIRS) reply.map(count);
  else reply.array(count);
  if (count === 0) return;
  if (parts === PAIRS && entries.encoding(ref) === ENC_LISTPACK) {
    const list = entries.wordLow(ref);
    emit(hashes.lists, list, hashes.lists.first(list), count * 2, reply);
    return;
  }
  hashWalk.start(ref, nowMs);
  while (hashWalk.next()) replyParts(c, ref, parts);
}

/** Replies with the found field, its value, or both. */
function replyParts(c: Context, ref: Ref, parts: number): void {
  const hashes = c.keyspace.hashes;
  if ((parts & FIELDS) !== 0) {
    hashes.locateField(ref);
    c.reply.bulk(hashes.bytes, hashes.at, hashes.length);
  }
  if ((parts & VALUES) !== 0) {
    hashes.locateValue(ref);
    c.reply.bulk(hashes.bytes, hashes.at, hashes.length);
  }
}

const HRANDFIELD = command({
  name: 'hrandfield',
  group: 'hash',
  since: '6.2.0',
  summary: 'Fields chosen at random',
  complexity: 'O(N), N being the number of fields returned',
  arity: -2,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output'],
  syntax: 'key options=[count:integer [WITHVALUES]]',
  run: runHrandfield,
});

function runHrandfield(c: Context): void {
  const { args, reply } = c;
  if (args.count > 2) {
    runWithCount(c);
    return;
  }
  const ref = readTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const { hashWalk, nowMs, random } = c.keyspace;
  const isThere = ref !== 0 && dropExpiredFields(c, ref);
  if (!isThere || !hashWalk.choose(ref, nowMs, random)) reply.null();
  else replyParts(c, ref, FIELDS);
}

function runWithCount(c: Context): void {
  const { args, reply } = c;
  const count = signedCountOr(c, 2);
  if (Number.isNaN(count)) return;
  const withValues = args.count > 3;
  if (args.count > 4 || (withValues && !args.is(3, 'withvalues'))) {
    reply.error(SYNTAX);
    return;
  }
  if (withValues && Math.abs(count) > 2 ** 62) {
    reply.error(VALUE_OUT_OF_RANGE);
    return;
  }
  const ref = readTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const parts = withValues ? PAIRS : FIELDS;
  if (ref === 0 || !dropExpiredFields(c, ref)) reply.array(0);
  else if (count < 0) replyRepeating(c, ref, -count, parts);
  else replyDistinct(c, ref, count, parts);
}

function startSome({ reply }: Context, count: number, parts: number): void {
  reply.array(parts === PAIRS && !reply.resp3 ? count * 2 : count);
}

/** One of the chosen fields: a pair is an array of its own in RESP3. */
function replyOne(c: Context, ref: Ref, parts: number): void {
  if (parts === PAIRS && c.reply.resp3) c.reply.array(2);
  replyParts(c, ref, parts);
}

/** Fields chosen each on its own, so that some may come more than once. */
function replyRepeating(c: Context, ref: Ref, count: number, parts: number): void {
  const { hashWalk, nowMs, random } = c.keyspace;
  const live = hashWalk.countLive(ref, nowMs);
  if (live === 0) {
    c.reply.array(0);
    return;
  }
  if (refusesRepeated(c, count)) return;
  startSome(c, count, parts);
  for (let i = 0; i < count; i++) {
    hashWalk.choose(ref, nowMs, random);
    replyOne(c, ref, parts);
  }
}

/** Up to `count` different fields, each subset of them with the same chance. */
function replyDistinct(c: Context, ref: Ref, count: number, parts: number): void {
  const { hashWalk, nowMs, random } = c.keyspace;
  const live = hashWalk.countLive(ref, nowMs);
  const wanted = Math.min(count, live);
  startSome(c, wanted, parts);
  hashWalk.chooseSome(ref, nowMs, random, wanted, live, () => replyOne(c, ref, parts));
}

const HSCAN = command({
  name: 'hscan',
  group: 'hash',
  since: '2.8.0',
  summary: 'Walks the fields of a hash a few at a time',
  complexity: 'O(1) for a call, O(N) for the whole hash',
  arity: -3,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output'],
  syntax: 'key cursor:integer [MATCH pattern] [COUNT count:integer] [NOVALUES]^7.4.0',
  run: runHscan,
});

function runHscan(c: Context): void {
  const scan = collectionScanOr(c, TYPE_HASH, TAKES_NOVALUES);
  if (scan === null) return;
  const { ref, start, options } = scan;
  const { entries, hashes, hashWalk, nowMs } = c.keyspace;
  const found: number[] = [];
  let cursor = 0;
  if (entries.encoding(ref) === ENC_HASHTABLE) {
    cursor = scanTable(c, ref, start, options, found);
  } else {
    // A small hash is returned at once, whatever COUNT says.
    hashWalk.start(ref, nowMs);
    while (hashWalk.next()) if (passes(c, ref, options)) found.push(hashes.foundPlace);
  }
  c.reply.array(2);
  c.reply.bulkText(String(cursor));
  c.reply.array(options.noValues ? found.length : found.length * 2);
  for (const place of found) {
    hashes.foundAt(place);
    replyParts(c, ref, options.noValues ? FIELDS : PAIRS);
  }
}

/** Collects some elements from a cursor on; the next cursor. */
function scanTable(c: Context, ref: Ref, start: number, options: ScanOptions, found: Ref[]): number {
  const { entries, hashes, nowMs } = c.keyspace;
  let seen = 0;
  const visit = (element: Ref): void => {
    seen++;
    hashes.foundAt(element);
    const expiryMs = hashes.foundExpiryMs(ref);
    if ((expiryMs === 0 || expiryMs >= nowMs) && passes(c, ref, options)) found.push(element);
  };
  let cursor = start;
  let buckets = options.count * BUCKETS_AN_ELEMENT;
  hashes.table.open(entries.wordLow(ref));
  do cursor = hashes.table.scan(cursor, visit);
  while (cursor !== 0 && --buckets > 0 && seen < options.count);
  return cursor;
}

/** Whether the found field passes the pattern. */
function passes(c: Context, ref: Ref, options: ScanOptions): boolean {
  if (options.pattern === 0) return true;
  const { hashes } = c.keyspace;
  hashes.locateField(ref);
  return passesPattern(c, options, hashes.bytes, hashes.at, hashes.length);
}

export const HASH_READ_COMMANDS: readonly CommandSpec[] = [HGETALL, HKEYS, HRANDFIELD, HSCAN, HVALS];
