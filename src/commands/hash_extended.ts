// Hashes: reading fields and changing their expiry or removing them, and setting fields with an expiry, in one command.
import type { Ref } from '../arena/arena.ts';
import { EVENT_HASH } from '../keyspace/keyspace.ts';
import { TYPE_HASH } from '../structs/entry.ts';
import { ABSENT, EXPIRED, FOUND } from '../types/hash.ts';
import type { Context } from './context.ts';
import { announceExpiries, DELETED, DONE, fieldsOr, logExpiries, setExpiry } from './hash_expiry.ts';
import { addHash, findField, replyFound, setField, settleExpired } from './hash_fields.ts';
import { type FieldOptions, fieldOptionsOr } from './hash_options.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, WRITE } from './spec.ts';
import { dropEmptied, WRONG, writeTyped } from './typed.ts';

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
  const first = fieldsOr(c, 2);
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
  const { hashes } = c.keyspace;
  const ref = writeTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const options = fieldOptionsOr(c, false);
  if (options === null) return;
  const { expiry, expiryMs, first, end } = options;
  const persists = expiry === 'persist';
  if (ref !== 0 && expiry !== '') hashes.allowExpiries(ref);
  let expired = 0;
  let updated = 0;
  let deleted = 0;
  const results: number[] = [];
  c.reply.array(end - first);
  for (let i = first; i < end; i++) {
    const found = ref === 0 ? ABSENT : findField(c, ref, i);
    replyFound(c, ref, found);
    if (found === EXPIRED) expired++;
    results.push(0);
    if (found !== FOUND) continue;
    if (expiry === 'new') {
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

function runHsetex(c: Context): void {
  const { args, reply } = c;
  const { hashes } = c.keyspace;
  const options = fieldOptionsOr(c, true);
  if (options === null) return;
  let ref = writeTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  if (!conditionHolds(c, ref, options)) {
    reply.integer(0);
    return;
  }
  if (ref === 0) ref = addHash(c);
  const { expiry, expiryMs, first, end } = options;
  let updated = 0;
  let deleted = 0;
  if (expiryMs > 0) hashes.allowExpiries(ref);
  for (let i = first; i < end; i += 2) {
    setField(c, ref, i, i + 1, expiry !== '');
    if (expiryMs === 0) continue;
    hashes.find(ref, args.bytes, args.at(i), args.length(i), 0);
    if (setExpiry(c, ref, expiryMs) === DELETED) deleted++;
    else updated++;
  }
  if (c.effects.active) logSet(c, options);
  c.keyspace.dirty += ((end - first) >> 1) - 1;
  c.changed(1, EVENT_HASH, 'hset');
  c.db.noteFields(ref);
  if (deleted + updated > 0) c.event(1, EVENT_HASH, deleted > 0 ? 'hdel' : 'hexpire');
  if (hashes.size(ref) === 0) dropEmptied(c, 1, ref);
  reply.integer(1);
}

/** The condition holds and is not looked at again; the time becomes absolute. */
function logSet(c: Context, { expiry, expiryMs, first, end }: FieldOptions): void {
  const { effects } = c;
  const extra = expiry === 'new' ? 2 : expiry === '' ? 0 : 1;
  effects.op(c, 'HSETEX', end - first + 4 + extra).arg(1);
  if (expiry === 'new') effects.text('PXAT').number(expiryMs);
  else if (expiry !== '') effects.text('KEEPTTL');
  effects.text('FIELDS').number((end - first) >> 1);
  for (let i = first; i < end; i++) effects.arg(i);
}

/** Whether all fields are there (FXX), or none of them (FNX). */
function conditionHolds(c: Context, ref: Ref, { condition, first, end }: FieldOptions): boolean {
  if (condition === '') return true;
  if (ref === 0) return condition === 'fnx';
  let expired = 0;
  let holds = true;
  for (let i = first; i < end && holds; i += 2) {
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
