// Sets: adding, removing and finding members.
import type { Ref } from '../arena/arena.ts';
import { EVENT_SET } from '../keyspace/keyspace.ts';
import { WRONG_TYPE } from '../resp/errors.ts';
import { ENC_HASHTABLE, TYPE_SET } from '../structs/entry.ts';
import type { Context } from './context.ts';
import { BUCKETS_AN_ELEMENT, collectionScanOr, passesPattern, type ScanOptions } from './scan_options.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, READONLY, WRITE } from './spec.ts';
import { dropEmptied, readTyped, WRONG, writeTyped } from './typed.ts';

const SADD = command({
  name: 'sadd',
  group: 'set',
  since: '1.0.0',
  summary: 'Adds members to a set',
  complexity: 'O(1) for each member',
  arity: -3,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW INSERT', 1)],
  member: 2,
  syntax: 'key member+',
  history: [['2.4.0', 'Takes several members.']],
  run: runSadd,
});

function runSadd(c: Context): void {
  const args = c.args;
  const sets = c.keyspace.sets;
  const count = args.count;
  let ref = writeTyped(c, 1, TYPE_SET);
  if (ref === WRONG) return;
  if (ref === 0) ref = addSet(c, 1, 2, count - 2);
  else sets.expect(ref, count - 2);
  let added = 0;
  for (let i = 2; i < count; i++) if (sets.add(ref, args.bytes, args.at(i), args.length(i))) added++;
  if (added > 0) {
    c.keyspace.dirty += added - 1;
    c.changed(1, EVENT_SET, 'sadd');
  }
  c.reply.integer(added);
}

/** Adds an empty set under the key in argument `i`, fit for `count` members of which argument `m` is the first. */
function addSet(c: Context, i: number, m: number, count: number): Ref {
  const { args, keyspace } = c;
  const { sets } = keyspace;
  const encoding = sets.firstEncoding(args.bytes, args.at(m), args.length(m), count);
  const ref = sets.create(args.bytes, args.at(i), args.length(i), keyspace.freshClock(), encoding);
  c.db.add(c.hashOf(i), ref);
  return ref;
}

const SREM = command({
  name: 'srem',
  group: 'set',
  since: '1.0.0',
  summary: 'Removes members from a set',
  complexity: 'O(1) for each member',
  arity: -3,
  flags: WRITE | FAST,
  keys: [key('RW DELETE', 1)],
  member: 2,
  syntax: 'key member+',
  history: [['2.4.0', 'Takes several members.']],
  run: runSrem,
});

function runSrem(c: Context): void {
  const args = c.args;
  const sets = c.keyspace.sets;
  const ref = writeTyped(c, 1, TYPE_SET);
  if (ref === WRONG) return;
  let removed = 0;
  let left = ref === 0 ? 0 : sets.size(ref);
  for (let i = 2; i < args.count && left > 0; i++) {
    if (!sets.remove(ref, args.bytes, args.at(i), args.length(i))) continue;
    removed++;
    left--;
  }
  if (removed > 0) {
    c.keyspace.dirty += removed - 1;
    c.changed(1, EVENT_SET, 'srem');
    if (left === 0) dropEmptied(c, 1, ref);
  }
  c.reply.integer(removed);
}

const SMOVE = command({
  name: 'smove',
  group: 'set',
  since: '1.0.0',
  summary: 'Moves a member from one set to another',
  complexity: 'O(1)',
  arity: 4,
  flags: WRITE | FAST,
  keys: [key('RW ACCESS DELETE', 1), key('RW INSERT', 2)],
  member: 3,
  syntax: 'source:key destination:key member',
  run: runSmove,
});

function runSmove(c: Context): void {
  const { args, reply } = c;
  const { sets } = c.keyspace;
  const { bytes } = args;
  const at = args.at(3);
  const length = args.length(3);
  // The source comes last: the hit then is on it.
  const to = c.lookupWrite(2);
  const from = writeTyped(c, 1, TYPE_SET);
  if (from === WRONG) return;
  if (from === 0) {
    reply.integer(0);
    return;
  }
  if (to !== 0 && c.keyspace.entries.type(to) !== TYPE_SET) {
    reply.error(WRONG_TYPE);
    return;
  }
  if (from === to) {
    reply.flag(sets.has(from, bytes, at, length));
    return;
  }
  if (!sets.has(from, bytes, at, length)) {
    reply.integer(0);
    return;
  }
  // It comes before it goes: should there be no memory for it, it is still where it was. A new set is heard of only after that.
  let isNew = to !== 0 && sets.add(to, bytes, at, length);
  sets.remove(from, bytes, at, length);
  c.changed(1, EVENT_SET, 'srem');
  if (sets.size(from) === 0) dropEmptied(c, 1, from);
  if (to === 0) isNew = sets.add(addSet(c, 2, 3, 1), bytes, at, length);
  if (isNew) c.changed(2, EVENT_SET, 'sadd');
  reply.integer(1);
}

const SISMEMBER = command({
  name: 'sismember',
  group: 'set',
  since: '1.0.0',
  summary: 'Whether a member is in a set',
  complexity: 'O(1)',
  arity: 3,
  flags: READONLY | FAST,
  keys: [key('RO', 1)],
  member: 2,
  syntax: 'key member',
  run: runSismember,
});

function runSismember(c: Context): void {
  const args = c.args;
  const ref = readTyped(c, 1, TYPE_SET);
  if (ref === WRONG) return;
  c.reply.flag(ref !== 0 && c.keyspace.sets.has(ref, args.bytes, args.at(2), args.length(2)));
}

const SMISMEMBER = command({
  name: 'smismember',
  group: 'set',
  since: '6.2.0',
  summary: 'Whether each of several members is in a set',
  complexity: 'O(N) in the members asked for',
  arity: -3,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  member: 2,
  syntax: 'key member+',
  run: runSmismember,
});

function runSmismember(c: Context): void {
  const args = c.args;
  const reply = c.reply;
  const sets = c.keyspace.sets;
  const ref = readTyped(c, 1, TYPE_SET);
  if (ref === WRONG) return;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    reply.flag(ref !== 0 && sets.has(ref, args.bytes, args.at(i), args.length(i)));
  }
}

const SCARD = command({
  name: 'scard',
  group: 'set',
  since: '1.0.0',
  summary: 'Number of members in a set',
  complexity: 'O(1)',
  arity: 2,
  flags: READONLY | FAST,
  keys: [key('RO', 1)],
  syntax: 'key',
  run: runScard,
});

function runScard(c: Context): void {
  const ref = readTyped(c, 1, TYPE_SET);
  if (ref !== WRONG) c.reply.integer(ref === 0 ? 0 : c.keyspace.sets.size(ref));
}

const SMEMBERS = command({
  name: 'smembers',
  group: 'set',
  since: '1.0.0',
  summary: 'All members of a set',
  complexity: 'O(N) in the members of the set',
  arity: 2,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output_order'],
  syntax: 'key',
  run: runSmembers,
});

function runSmembers(c: Context): void {
  const ref = readTyped(c, 1, TYPE_SET);
  if (ref !== WRONG) replySet(c, ref);
}

/** Replies with all members of a set; with an empty set for 0. */
export function replySet(c: Context, ref: Ref): void {
  const { sets } = c.keyspace;
  if (ref === 0) {
    c.reply.set(0);
    return;
  }
  c.reply.set(sets.size(ref));
  sets.emit(ref, c.reply);
}

const SSCAN = command({
  name: 'sscan',
  group: 'set',
  since: '2.8.0',
  summary: 'Walks the members of a set a few at a time',
  complexity: 'O(1) for a call, O(N) for the whole set',
  arity: -3,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output'],
  syntax: 'key cursor:integer [MATCH pattern] [COUNT count:integer]',
  run: runSscan,
});

function runSscan(c: Context): void {
  const scan = collectionScanOr(c, TYPE_SET, 0);
  if (scan === null) return;
  const { ref, start, options } = scan;
  if (c.keyspace.entries.encoding(ref) === ENC_HASHTABLE) scanTable(c, ref, start, options);
  else scanWhole(c, ref, options);
}

function scanTable(c: Context, ref: Ref, start: number, options: ScanOptions): void {
  const { entries, sets } = c.keyspace;
  const { table } = sets;
  const { elements } = table;
  const found: Ref[] = [];
  let seen = 0;
  const visit = (element: Ref): void => {
    seen++;
    const at = elements.memberAt(element);
    if (passesPattern(c, options, elements.view(element), at, elements.memberBytes(element)))
      found.push(element);
  };
  let cursor = start;
  let buckets = options.count * BUCKETS_AN_ELEMENT;
  table.open(entries.wordLow(ref));
  do cursor = table.scan(cursor, visit);
  while (cursor !== 0 && --buckets > 0 && seen < options.count);
  c.reply.array(2);
  c.reply.bulkText(String(cursor));
  c.reply.array(found.length);
  for (const element of found) {
    c.reply.bulk(elements.view(element), elements.memberAt(element), elements.memberBytes(element));
  }
}

/** A small set is returned at once, whatever COUNT says. */
function scanWhole(c: Context, ref: Ref, options: ScanOptions): void {
  const found: Uint8Array[] = [];
  c.keyspace.sets.emit(ref, {
    bulk: (bytes, at, length) => {
      if (passesPattern(c, options, bytes, at, length)) found.push(bytes.slice(at, at + length));
    },
  });
  c.reply.array(2);
  c.reply.bulkText('0');
  c.reply.array(found.length);
  for (const member of found) c.reply.bulk(member, 0, member.length);
}

export const SET_COMMANDS: readonly CommandSpec[] = [
  SADD,
  SCARD,
  SISMEMBER,
  SMEMBERS,
  SMISMEMBER,
  SMOVE,
  SREM,
  SSCAN,
];
