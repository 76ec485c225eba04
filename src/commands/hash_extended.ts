// Hashes: reading fields and changing their expiry or removing them, and setting fields with an expiry, in one command.
import type { Ref } from '../arena/arena.ts';
import { EVENT_HASH } from '../keyspace/keyspace.ts';
import {
  EXPIRE_TIME_MISSING,
  FIELD_COUNT_NOT_POSITIVE,
  FXX_WITH_FNX,
  INVALID_FIELD_COUNT,
  ONE_FIELD_EXPIRY,
  unknownArgument,
  wrongArity,
} from '../resp/errors.ts';
import { TYPE_HASH } from '../structs/entry.ts';
import { ABSENT, EXPIRED, FOUND } from '../types/hash.ts';
import type { Context } from './context.ts';
import {
  announceExpiries,
  DELETED,
  DONE,
  fieldExpiryOr,
  fieldsOr,
  logExpiries,
  setExpiry,
} from './hash_expiry.ts';
import { addHash, findField, replyFound, setField, settleExpired } from './hash_fields.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, WRITE } from './spec.ts';
import { dropEmptied, WRONG, writeTyped } from './typed.ts';

const SECOND_MS = 1000;
const INT_MAX = 2147483647n;

/** Words before an expiry, its unit, and whether it counts from now on. */
const EXPIRIES: readonly { word: string; unitMs: number; relative: boolean }[] = [
  { word: 'ex', unitMs: SECOND_MS, relative: true },
  { word: 'px', unitMs: 1, relative: true },
  { word: 'exat', unitMs: SECOND_MS, relative: false },
  { word: 'pxat', unitMs: 1, relative: false },
];

const HGETDEL = command({
  name: 'hgetdel',
  group: 'hash',
  since: '8.0.0',
  summary: 'Returns the values of fields and removes these',
  complexity: 'O(N), N being the number of fields named',
  arity: -5,
  flags: WRITE | FAST,
  keys: [key('RW ACCESS DELETE', 1)],
  syntax: 'key fields=(FIELDS numfields:integer field+)',
  run: runHgetdel,
});

function runHgetdel(c: Context): void {
  const { args } = c;
  const { hashes } = c.keyspace;
  const ref = writeTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const first = fieldsOr(c, 2, FIELD_COUNT_NOT_POSITIVE);
  if (first < 0) return;
  let expired = 0;
  let removed = 0;
  const results: number[] = [];
  c.reply.array(args.count - first);
  for (let i = first; i < args.count; i++) {
    const found = ref === 0 ? ABSENT : findField(c, ref, i);
    replyFound(c, ref, found);
    results.push(found === FOUND ? DELETED : 0);
    if (found === EXPIRED) expired++;
    if (found !== FOUND) continue;
    hashes.removeFound(ref);
    removed++;
  }
  if (removed === 0) {
    if (expired > 0) settleExpired(c, ref);
    return;
  }
  if (c.effects.active) logExpiries(c, first, results, 0);
  if (expired > 0) c.event(1, EVENT_HASH, 'hexpired');
  c.keyspace.dirty += removed - 1;
  c.changed(1, EVENT_HASH, 'hdel');
  if (hashes.size(ref) === 0) dropEmptied(c, 1, ref);
}

const HGETEX = command({
  name: 'hgetex',
  group: 'hash',
  since: '8.0.0',
  summary: 'Returns the values of fields and changes their expiry',
  complexity: 'O(N), N being the number of fields named',
  arity: -5,
  flags: WRITE | FAST,
  keys: [key('RW ACCESS UPDATE', 1)],
  syntax: `key expiration=[EX seconds:integer | PX milliseconds:integer | EXAT unix-time-seconds:unix-time
    | PXAT unix-time-milliseconds:unix-time | PERSIST] fields=(FIELDS numfields:integer field+)`,
  run: runHgetex,
});

function runHgetex(c: Context): void {
  const { args } = c;
  const { hashes, nowMs } = c.keyspace;
  const ref = writeTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const option = EXPIRIES.find(({ word }) => args.is(2, word));
  const persists = args.is(2, 'persist');
  let expiryMs = 0;
  if (option !== undefined) {
    expiryMs = fieldExpiryOr(c, 3, option.unitMs, option.relative ? nowMs : 0);
    if (Number.isNaN(expiryMs)) return;
  }
  const first = fieldsOr(c, option !== undefined ? 4 : persists ? 3 : 2, FIELD_COUNT_NOT_POSITIVE);
  if (first < 0) return;
  if (ref !== 0 && (option !== undefined || persists)) hashes.allowExpiries(ref);
  let expired = 0;
  let updated = 0;
  let deleted = 0;
  const results: number[] = [];
  c.reply.array(args.count - first);
  for (let i = first; i < args.count; i++) {
    const found = ref === 0 ? ABSENT : findField(c, ref, i);
    replyFound(c, ref, found);
    if (found === EXPIRED) expired++;
    results.push(0);
    if (found !== FOUND) continue;
    if (option !== undefined) {
      const result = setExpiry(c, ref, expiryMs);
      results[results.length - 1] = result;
      if (result === DELETED) deleted++;
      else updated++;
    } else if (persists && hashes.foundExpiryMs(ref) !== 0) {
      hashes.setFoundExpiry(ref, 0);
      results[results.length - 1] = DONE;
      updated++;
    }
  }
  if (c.effects.active) {
    c.effects.replace();
    if (persists) logPersisted(c, first, results, updated);
    else logExpiries(c, first, results, expiryMs);
  }
  finishHgetex(c, ref, persists, expired, updated, deleted);
}

function logPersisted(c: Context, first: number, results: readonly number[], count: number): void {
  if (count === 0) return;
  const { effects } = c;
  effects
    .op(c, 'HPERSIST', 4 + count)
    .arg(1)
    .text('FIELDS')
    .number(count);
  results.forEach((result, i) => void (result === DONE && effects.arg(first + i)));
}

function finishHgetex(
  c: Context,
  ref: Ref,
  persists: boolean,
  expired: number,
  updated: number,
  deleted: number,
): void {
  if (updated + deleted === 0) {
    if (expired > 0) settleExpired(c, ref);
    return;
  }
  if (expired > 0) c.event(1, EVENT_HASH, 'hexpired');
  if (!persists) {
    announceExpiries(c, ref, updated, deleted);
    return;
  }
  c.keyspace.dirty += updated - 1;
  c.changed(1, EVENT_HASH, 'hpersist');
}

const HSETEX = command({
  name: 'hsetex',
  group: 'hash',
  since: '8.0.0',
  summary: 'Sets fields of a hash and their expiry',
  complexity: 'O(N), N being the number of fields named',
  arity: -6,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax: `key condition=[FNX | FXX] expiration=[EX seconds:integer | PX milliseconds:integer
    | EXAT unix-time-seconds:unix-time | PXAT unix-time-milliseconds:unix-time | KEEPTTL]
    fields=(FIELDS numfields:integer data=(field value)+)`,
  run: runHsetex,
});

interface HsetexOptions {
  condition: '' | 'fnx' | 'fxx';
  /** Expiry of the fields, 0: none. */
  expiryMs: number;
  keepsExpiry: boolean;
  /** Position of the first field. */
  first: number;
}

/** The options of HSETEX, null after an error reply. */
function hsetexOptionsOr(c: Context): HsetexOptions | null {
  const { args, reply } = c;
  const options: HsetexOptions = { condition: '', expiryMs: 0, keepsExpiry: false, first: 0 };
  let hasExpiry = false;
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, 'fields')) return hsetexFieldsOr(c, i, options);
    const expiry = EXPIRIES.find(({ word }) => args.is(i, word));
    if (expiry !== undefined || args.is(i, 'keepttl')) {
      if (hasExpiry) {
        reply.error(ONE_FIELD_EXPIRY);
        return null;
      }
      hasExpiry = true;
      if (expiry === undefined) {
        options.keepsExpiry = true;
      } else if (++i === args.count) {
        reply.error(EXPIRE_TIME_MISSING);
        return null;
      } else {
        options.expiryMs = fieldExpiryOr(c, i, expiry.unitMs, expiry.relative ? c.keyspace.nowMs : 0);
        if (Number.isNaN(options.expiryMs)) return null;
        // A time in 1970 has passed like any other; only no expiry at all is 0.
        options.expiryMs = Math.max(options.expiryMs, 1);
      }
    } else if (args.is(i, 'fxx') || args.is(i, 'fnx')) {
      if (options.condition !== '') {
        reply.error(FXX_WITH_FNX);
        return null;
      }
      options.condition = args.is(i, 'fxx') ? 'fxx' : 'fnx';
    } else {
      reply.error(unknownArgument(args.text(i)));
      return null;
    }
  }
  reply.error(wrongArity('hsetex'));
  return null;
}

/** Completes the options by the fields, whose number follows FIELDS in argument `i`. */
function hsetexFieldsOr(c: Context, i: number, options: HsetexOptions): HsetexOptions | null {
  const { args, reply } = c;
  const count = i < args.count - 3 ? args.int64(i + 1) : 0n;
  if (i < args.count - 3 && (count === null || count < 1n || count > INT_MAX)) {
    reply.error(INVALID_FIELD_COUNT);
    return null;
  }
  if (i >= args.count - 3 || Number(count) * 2 !== args.count - i - 2) {
    reply.error(wrongArity('hsetex'));
    return null;
  }
  options.first = i + 2;
  return options;
}

function runHsetex(c: Context): void {
  const { args, reply } = c;
  const { hashes } = c.keyspace;
  const options = hsetexOptionsOr(c);
  if (options === null) return;
  let ref = writeTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  if (!conditionHolds(c, ref, options)) {
    reply.integer(0);
    return;
  }
  if (ref === 0) ref = addHash(c);
  const { expiryMs, first } = options;
  let updated = 0;
  let deleted = 0;
  if (expiryMs > 0) hashes.allowExpiries(ref);
  for (let i = first; i < args.count; i += 2) {
    setField(c, ref, i, i + 1, options.keepsExpiry || expiryMs > 0);
    if (expiryMs === 0) continue;
    hashes.find(ref, args.bytes, args.at(i), args.length(i), 0);
    if (setExpiry(c, ref, expiryMs) === DELETED) deleted++;
    else updated++;
  }
  if (c.effects.active) logSet(c, options);
  c.keyspace.dirty += ((args.count - first) >> 1) - 1;
  c.changed(1, EVENT_HASH, 'hset');
  c.db.noteFields(ref);
  if (deleted + updated > 0) c.event(1, EVENT_HASH, deleted > 0 ? 'hdel' : 'hexpire');
  if (hashes.size(ref) === 0) dropEmptied(c, 1, ref);
  reply.integer(1);
}

/** The condition holds and is not looked at again; the time becomes absolute. */
function logSet(c: Context, { expiryMs, keepsExpiry, first }: HsetexOptions): void {
  const { args, effects } = c;
  const extra = expiryMs > 0 ? 2 : keepsExpiry ? 1 : 0;
  effects.op(c, 'HSETEX', args.count - first + 4 + extra).arg(1);
  if (expiryMs > 0) effects.text('PXAT').number(expiryMs);
  else if (keepsExpiry) effects.text('KEEPTTL');
  effects.text('FIELDS').number((args.count - first) >> 1);
  for (let i = first; i < args.count; i++) effects.arg(i);
}

/** Whether all fields are there (FXX), or none of them (FNX). */
function conditionHolds(c: Context, ref: Ref, { condition, first }: HsetexOptions): boolean {
  if (condition === '') return true;
  if (ref === 0) return condition === 'fnx';
  let expired = 0;
  let holds = true;
  for (let i = first; i < c.args.count && holds; i += 2) {
    const found = findField(c, ref, i);
    if (found === EXPIRED) expired++;
    holds = (found === FOUND) === (condition === 'fxx');
  }
  if (expired > 0) {
    if (holds) c.event(1, EVENT_HASH, 'hexpired');
    else settleExpired(c, ref);
  }
  return holds;
}

export const HASH_EXTENDED_COMMANDS: readonly CommandSpec[] = [HGETDEL, HGETEX, HSETEX];
