// Expiry of the fields of a hash: setting it, reading it, taking it off.
import type { Ref } from '../arena/arena.ts';
import { EVENT_HASH } from '../keyspace/keyspace.ts';
import { FIELD_COUNT_NOT_POSITIVE, FIELDS_MISSING, NUMFIELDS_MISMATCH } from '../resp/errors.ts';
import { TYPE_HASH } from '../structs/entry.ts';
import { FOUND } from '../types/hash.ts';
import type { Context } from './context.ts';
import { expireOptionsOr, fieldExpiryOr } from './hash_options.ts';
import { type CommandSpec, command, FAST, key, READONLY, WRITE } from './spec.ts';
import { dropEmptied, readTyped, WRONG, writeTyped } from './typed.ts';

const SECOND_MS = 1000;

/** Replies for one field. */
const NO_FIELD = -2;
const NO_EXPIRY = -1;
const CONDITION_FAILED = 0;
export const DONE = 1;
export const DELETED = 2;

const HEXPIRE = command({
  name: 'hexpire',
  group: 'hash',
  since: '7.4.0',
  summary: 'Lets fields of a hash expire after so many seconds',
  complexity: 'O(N), N being the number of fields named',
  arity: -6,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax: 'key seconds:integer condition=[NX | XX | GT | LT] fields=(FIELDS numfields:integer field+)',
  run: runHexpire,
});

function runHexpire(c: Context): void {
  expire(c, SECOND_MS, c.keyspace.nowMs);
}

const HPEXPIRE = command({
  name: 'hpexpire',
  group: 'hash',
  since: '7.4.0',
  summary: 'Lets fields of a hash expire after so many milliseconds',
  complexity: 'O(N), N being the number of fields named',
  arity: -6,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax: 'key milliseconds:integer condition=[NX | XX | GT | LT] fields=(FIELDS numfields:integer field+)',
  run: runHpexpire,
});

function runHpexpire(c: Context): void {
  expire(c, 1, c.keyspace.nowMs);
}

const HEXPIREAT = command({
  name: 'hexpireat',
  group: 'hash',
  since: '7.4.0',
  summary: 'Lets fields of a hash expire at a Unix time in seconds',
  complexity: 'O(N), N being the number of fields named',
  arity: -6,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax:
    'key unix-time-seconds:unix-time condition=[NX | XX | GT | LT] fields=(FIELDS numfields:integer field+)',
  run: runHexpireat,
});

function runHexpireat(c: Context): void {
  expire(c, SECOND_MS, 0);
}

const HPEXPIREAT = command({
  name: 'hpexpireat',
  group: 'hash',
  since: '7.4.0',
  summary: 'Lets fields of a hash expire at a Unix time in milliseconds',
  complexity: 'O(N), N being the number of fields named',
  arity: -6,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax:
    'key unix-time-milliseconds:unix-time condition=[NX | XX | GT | LT] fields=(FIELDS numfields:integer field+)',
  run: runHpexpireat,
});

function runHpexpireat(c: Context): void {
  expire(c, 1, 0);
}

/** Lets fields expire at argument 2, in units of `unitMs` from `fromMs` on. A time that has passed removes them. */
function expire(c: Context, unitMs: number, fromMs: number): void {
  const { reply } = c;
  const ref = writeTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const expiryMs = fieldExpiryOr(c, 2, unitMs, fromMs);
  if (Number.isNaN(expiryMs)) return;
  const options = expireOptionsOr(c);
  if (options === null) return;
  const { condition, first, end } = options;
  reply.array(end - first);
  if (ref !== 0) c.keyspace.hashes.allowExpiries(ref);
  let updated = 0;
  let deleted = 0;
  const results: number[] = [];
  for (let i = first; i < end; i++) {
    const result = ref === 0 ? NO_FIELD : expireField(c, ref, i, condition, expiryMs);
    results.push(result);
    if (result === DONE) updated++;
    else if (result === DELETED) deleted++;
    reply.integer(result);
  }
  if (updated + deleted === 0) return;
  if (c.effects.active) logExpiries(c, first, results, expiryMs);
  announceExpiries(c, ref, updated, deleted);
}

/** Logs which fields from argument `first` on got this expiry, and which went because it has passed. */
export function logExpiries(c: Context, first: number, results: readonly number[], expiryMs: number): void {
  const { effects } = c;
  const updated = results.filter((result) => result === DONE).length;
  const deleted = results.filter((result) => result === DELETED).length;
  if (updated > 0) {
    effects
      .op(c, 'HPEXPIREAT', 5 + updated)
      .arg(1)
      .number(expiryMs)
      .text('FIELDS')
      .number(updated);
    results.forEach((result, i) => void (result === DONE && effects.arg(first + i)));
  }
  if (deleted > 0) {
    effects.op(c, 'HDEL', 2 + deleted).arg(1);
    results.forEach((result, i) => void (result === DELETED && effects.arg(first + i)));
  }
}

/** Gives the field in argument `i` an expiry, or removes it if that has passed. What comes out is the reply for it. */
function expireField(c: Context, ref: Ref, i: number, condition: string, expiryMs: number): number {
  const { args } = c;
  const { hashes, pastMs } = c.keyspace;
  if (hashes.find(ref, args.bytes, args.at(i), args.length(i), pastMs) !== FOUND) return NO_FIELD;
  return holds(condition, hashes.foundExpiryMs(ref), expiryMs)
    ? setExpiry(c, ref, expiryMs)
    : CONDITION_FAILED;
}

/** Gives the found field an expiry, or removes it if that has passed: DONE or DELETED. */
export function setExpiry(c: Context, ref: Ref, expiryMs: number): number {
  const { hashes } = c.keyspace;
  if (c.keyspace.isPast(expiryMs)) {
    hashes.removeFound(ref);
    return DELETED;
  }
  hashes.setFoundExpiry(ref, expiryMs);
  return DONE;
}

/** Announces that fields of the hash in argument 1 got expiries or went because these had passed. */
export function announceExpiries(c: Context, ref: Ref, updated: number, deleted: number): void {
  c.keyspace.dirty += updated + deleted - 1;
  c.db.noteFields(ref);
  c.changed(1, EVENT_HASH, deleted > 0 ? 'hdel' : 'hexpire');
  if (c.keyspace.hashes.size(ref) === 0) dropEmptied(c, 1, ref);
}

/** Without an expiry (0) a field lives for ever, which no time is greater than and every time is less than. */
function holds(condition: string, oldMs: number, newMs: number): boolean {
  if (condition === 'nx') return oldMs === 0;
  if (condition === 'xx') return oldMs !== 0;
  if (condition === 'gt') return oldMs !== 0 && newMs > oldMs;
  return condition === '' || oldMs === 0 || newMs < oldMs;
}

/** The first field after FIELDS in argument `i` and their number; -1 after an error reply. */
export function fieldsOr(c: Context, i: number): number {
  const { args, reply } = c;
  if (!args.is(i, 'fields')) {
    reply.error(FIELDS_MISSING);
    return -1;
  }
  const count = i + 1 < args.count ? args.int64(i + 1) : null;
  if (count === null || count < 1n) {
    reply.error(FIELD_COUNT_NOT_POSITIVE);
    return -1;
  }
  if (Number(count) !== args.count - i - 2) {
    reply.error(NUMFIELDS_MISMATCH);
    return -1;
  }
  return i + 2;
}

const HTTL = command({
  name: 'httl',
  group: 'hash',
  since: '7.4.0',
  summary: 'Seconds until fields expire; -1 if never, -2 if there is no such field',
  complexity: 'O(N), N being the number of fields named',
  arity: -5,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output'],
  syntax: 'key fields=(FIELDS numfields:integer field+)',
  run: runHttl,
});

function runHttl(c: Context): void {
  replyExpiries(c, SECOND_MS, c.keyspace.nowMs);
}

const HPTTL = command({
  name: 'hpttl',
  group: 'hash',
  since: '7.4.0',
  summary: 'Milliseconds until fields expire; -1 if never, -2 if there is no such field',
  complexity: 'O(N), N being the number of fields named',
  arity: -5,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output'],
  syntax: 'key fields=(FIELDS numfields:integer field+)',
  run: runHpttl,
});

function runHpttl(c: Context): void {
  replyExpiries(c, 1, c.keyspace.nowMs);
}

const HEXPIRETIME = command({
  name: 'hexpiretime',
  group: 'hash',
  since: '7.4.0',
  summary: 'Unix time in seconds at which fields expire',
  complexity: 'O(N), N being the number of fields named',
  arity: -5,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key fields=(FIELDS numfields:integer field+)',
  run: runHexpiretime,
});

function runHexpiretime(c: Context): void {
  replyExpiries(c, SECOND_MS, 0);
}

const HPEXPIRETIME = command({
  name: 'hpexpiretime',
  group: 'hash',
  since: '7.4.0',
  summary: 'Unix time in milliseconds at which fields expire',
  complexity: 'O(N), N being the number of fields named',
  arity: -5,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key fields=(FIELDS numfields:integer field+)',
  run: runHpexpiretime,
});

function runHpexpiretime(c: Context): void {
  replyExpiries(c, 1, 0);
}

/** Replies how far expiries of fields are from `fromMs`, in units rounded up. */
function replyExpiries(c: Context, unitMs: number, fromMs: number): void {
  const { args, reply } = c;
  const { hashes, nowMs } = c.keyspace;
  const ref = readTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const first = fieldsOr(c, 2);
  if (first < 0) return;
  reply.array(args.count - first);
  for (let i = first; i < args.count; i++) {
    if (ref === 0 || hashes.find(ref, args.bytes, args.at(i), args.length(i), nowMs) !== FOUND) {
      reply.integer(NO_FIELD);
      continue;
    }
    const expiryMs = hashes.foundExpiryMs(ref);
    reply.integer(expiryMs === 0 ? NO_EXPIRY : Math.ceil((expiryMs - fromMs) / unitMs));
  }
}

const HPERSIST = command({
  name: 'hpersist',
  group: 'hash',
  since: '7.4.0',
  summary: 'Takes the expiry off fields of a hash',
  complexity: 'O(N), N being the number of fields named',
  arity: -5,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax: 'key fields=(FIELDS numfields:integer field+)',
  run: runHpersist,
});

function runHpersist(c: Context): void {
  const { args, reply } = c;
  const { hashes, pastMs } = c.keyspace;
  const ref = writeTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const first = fieldsOr(c, 2);
  if (first < 0) return;
  let changed = false;
  reply.array(args.count - first);
  for (let i = first; i < args.count; i++) {
    if (ref === 0 || hashes.find(ref, args.bytes, args.at(i), args.length(i), pastMs) !== FOUND) {
      reply.integer(NO_FIELD);
    } else if (hashes.foundExpiryMs(ref) === 0) {
      reply.integer(NO_EXPIRY);
    } else {
      hashes.setFoundExpiry(ref, 0);
      changed = true;
      reply.integer(DONE);
    }
  }
  if (changed) c.changed(1, EVENT_HASH, 'hpersist');
}

export const HASH_EXPIRY_COMMANDS: readonly CommandSpec[] = [
  HEXPIRE,
  HEXPIREAT,
  HEXPIRETIME,
  HPERSIST,
  HPEXPIRE,
  HPEXPIREAT,
  HPEXPIRETIME,
  HPTTL,
  HTTL,
];
