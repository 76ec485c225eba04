// Hashes: setting, reading and removing fields.
import { EVENT_HASH } from '../keyspace/keyspace.ts';
import { wrongArity } from '../resp/errors.ts';
import { TYPE_HASH } from '../structs/entry.ts';
import { ABSENT, EXPIRED, FOUND } from '../types/hash.ts';
import type { Context } from './context.ts';
import { addHash, findField, replyFound, setField, settleExpired } from './hash_fields.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, READONLY, WRITE } from './spec.ts';
import { dropEmptied, readTyped, WRONG, writeTyped } from './typed.ts';

const HSET = command({
  name: 'hset',
  group: 'hash',
  since: '2.0.0',
  summary: 'Sets fields of a hash',
  complexity: 'O(1) for each field',
  arity: -4,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW UPDATE', 1)],
  member: 2,
  syntax: 'key (field value)+',
  history: [['4.0.0', 'Takes several fields.']],
  run: runHset,
});

function runHset(c: Context): void {
  const created = setAll(c, 'hset');
  if (created >= 0) c.reply.integer(created);
}

const HMSET = command({
  name: 'hmset',
  group: 'hash',
  since: '2.0.0',
  summary: 'Sets fields of a hash',
  complexity: 'O(1) for each field',
  arity: -4,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW UPDATE', 1)],
  member: 2,
  syntax: 'key (field value)+',
  docFlags: ['deprecated'],
  deprecatedSince: '4.0.0',
  replacedBy: '`HSET` with several fields',
  run: runHmset,
});

function runHmset(c: Context): void {
  if (setAll(c, 'hmset') >= 0) c.reply.ok();
}

/** Sets all fields that the arguments name; the number of new ones, or -1 after an error reply. */
function setAll(c: Context, name: string): number {
  const count = c.args.count;
  if ((count & 1) !== 0) {
    c.reply.error(wrongArity(name));
    return -1;
  }
  let ref = writeTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return -1;
  if (ref === 0) ref = addHash(c);
  let created = 0;
  for (let i = 2; i < count; i += 2) if (setField(c, ref, i, i + 1, false)) created++;
  c.keyspace.dirty += ((count - 2) >> 1) - 1;
  c.changed(1, EVENT_HASH, 'hset');
  return created;
}

const HSETNX = command({
  name: 'hsetnx',
  group: 'hash',
  since: '2.0.0',
  summary: 'Sets a field of a hash that does not have it yet',
  complexity: 'O(1)',
  arity: 4,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW INSERT', 1)],
  member: 2,
  syntax: 'key field value',
  run: runHsetnx,
});

function runHsetnx(c: Context): void {
  let ref = writeTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  if (ref === 0) ref = addHash(c);
  if (findField(c, ref, 2) === FOUND) {
    c.reply.integer(0);
    return;
  }
  setField(c, ref, 2, 3, false);
  c.changed(1, EVENT_HASH, 'hset');
  c.reply.integer(1);
}

const HGET = command({
  name: 'hget',
  group: 'hash',
  since: '2.0.0',
  summary: 'The value of a field',
  complexity: 'O(1)',
  arity: 3,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  member: 2,
  syntax: 'key field',
  run: runHget,
});

function runHget(c: Context): void {
  const ref = readTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const found = ref === 0 ? ABSENT : findField(c, ref, 2);
  replyFound(c, ref, found);
  if (found === EXPIRED) settleExpired(c, ref);
}

const HMGET = command({
  name: 'hmget',
  group: 'hash',
  since: '2.0.0',
  summary: 'The values of several fields',
  complexity: 'O(1) for each field',
  arity: -3,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  member: 2,
  syntax: 'key field+',
  run: runHmget,
});

function runHmget(c: Context): void {
  const ref = readTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const count = c.args.count;
  let expired = 0;
  c.reply.array(count - 2);
  for (let i = 2; i < count; i++) {
    const found = ref === 0 ? ABSENT : findField(c, ref, i);
    replyFound(c, ref, found);
    if (found === EXPIRED) expired++;
  }
  if (expired > 0) settleExpired(c, ref);
}

const HDEL = command({
  name: 'hdel',
  group: 'hash',
  since: '2.0.0',
  summary: 'Removes fields of a hash, and the hash with its last field',
  complexity: 'O(1) for each field',
  arity: -3,
  flags: WRITE | FAST,
  keys: [key('RW DELETE', 1)],
  member: 2,
  syntax: 'key field+',
  history: [['2.4.0', 'Takes several fields.']],
  run: runHdel,
});

function runHdel(c: Context): void {
  const args = c.args;
  const { hashes, pastMs } = c.keyspace;
  const ref = writeTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  let removed = 0;
  let left = ref === 0 ? 0 : hashes.size(ref);
  for (let i = 2; i < args.count && left > 0; i++) {
    const found = hashes.find(ref, args.bytes, args.at(i), args.length(i), pastMs);
    if (found === ABSENT) continue;
    hashes.removeFound(ref);
    removed++;
    left--;
  }
  if (removed > 0) {
    c.keyspace.dirty += removed - 1;
    c.changed(1, EVENT_HASH, 'hdel');
    if (left === 0) dropEmptied(c, 1, ref);
  }
  c.reply.integer(removed);
}

const HEXISTS = command({
  name: 'hexists',
  group: 'hash',
  since: '2.0.0',
  summary: 'Tells whether a hash has a field',
  complexity: 'O(1)',
  arity: 3,
  flags: READONLY | FAST,
  keys: [key('RO', 1)],
  member: 2,
  syntax: 'key field',
  run: runHexists,
});

function runHexists(c: Context): void {
  const ref = readTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const found = ref === 0 ? ABSENT : findField(c, ref, 2);
  c.reply.flag(found === FOUND);
  if (found === EXPIRED) settleExpired(c, ref);
}

const HLEN = command({
  name: 'hlen',
  group: 'hash',
  since: '2.0.0',
  summary: 'The number of fields; those that expired count until they are removed',
  complexity: 'O(1)',
  arity: 2,
  flags: READONLY | FAST,
  keys: [key('RO', 1)],
  syntax: 'key',
  run: runHlen,
});

function runHlen(c: Context): void {
  const ref = readTyped(c, 1, TYPE_HASH);
  if (ref !== WRONG) c.reply.integer(ref === 0 ? 0 : c.keyspace.hashes.size(ref));
}

const HSTRLEN = command({
  name: 'hstrlen',
  group: 'hash',
  since: '3.2.0',
  summary: 'The length of the value of a field, 0 without the field',
  complexity: 'O(1)',
  arity: 3,
  flags: READONLY | FAST,
  keys: [key('RO', 1)],
  member: 2,
  syntax: 'key field',
  run: runHstrlen,
});

function runHstrlen(c: Context): void {
  const ref = readTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const hashes = c.keyspace.hashes;
  const found = ref === 0 ? ABSENT : findField(c, ref, 2);
  if (found === FOUND) hashes.locateValue(ref);
  c.reply.integer(found === FOUND ? hashes.length : 0);
  if (found === EXPIRED) settleExpired(c, ref);
}

export const HASH_COMMANDS: readonly CommandSpec[] = [
  HDEL,
  HEXISTS,
  HGET,
  HLEN,
  HMGET,
  HMSET,
  HSET,
  HSETNX,
  HSTRLEN,
];
