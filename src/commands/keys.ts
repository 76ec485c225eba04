// Keys whatever they hold: deleting, counting, renaming, copying, moving, listing.
import { equalBytes } from '../base/bytes.ts';
import { globMatch } from '../base/glob.ts';
import { copyEntry, type Key, putInPlace, renameEntry } from '../keyspace/copy.ts';
import type { Database } from '../keyspace/database.ts';
import { EVENT_GENERIC } from '../keyspace/keyspace.ts';
import { NO_SUCH_KEY, SAME_OBJECT, SYNTAX } from '../resp/errors.ts';
import { TYPE_NAMES } from '../types/names.ts';
import type { Args } from './args.ts';
import { AT_DANGEROUS, AT_KEYSPACE } from './categories.ts';
import type { Context } from './context.ts';
import { databaseOr } from './integers.ts';
import {
  type CommandSpec,
  command,
  DENYOOM,
  FAST,
  key,
  keyRange,
  READONLY,
  TOUCHES_ARBITRARY_KEYS,
  WRITE,
} from './spec.ts';

/** How many expired keys RANDOMKEY draws before it answers with one, while expired keys must stay. */
const RANDOM_TRIES_MAX = 100;

const DEL = command({
  name: 'del',
  group: 'generic',
  since: '1.0.0',
  summary: 'Deletes keys',
  complexity: 'O(N) in the number of keys; collections add O(M) in their elements',
  arity: -2,
  flags: WRITE,
  keys: [keyRange('RM DELETE', 1, -1)],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  syntax: 'key+',
  run: runDel,
});

const UNLINK = command({
  name: 'unlink',
  group: 'generic',
  since: '4.0.0',
  summary: 'Deletes keys and frees large values in the background',
  complexity: 'O(1) for each key; memory is given back later',
  arity: -2,
  flags: WRITE | FAST,
  keys: [keyRange('RM DELETE', 1, -1)],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  syntax: 'key+',
  run: runUnlink,
});

function runDel(c: Context): void {
  remove(c, c.keyspace.lazyUserDel);
}

function runUnlink(c: Context): void {
  remove(c, true);
}

/** Both differ only for values of a moderate size: larger ones are freed in the background in any case. */
function remove(c: Context, lazily: boolean): void {
  const { args } = c;
  let deleted = 0;
  for (let i = 1; i < args.count; i++) {
    const ref = c.db.live(args.bytes, args.at(i), args.length(i), c.hashOf(i));
    if (ref === 0) continue;
    c.db.removeEntry(ref, lazily);
    c.changed(i, EVENT_GENERIC, 'del');
    deleted++;
  }
  c.reply.integer(deleted);
}

const EXISTS = command({
  name: 'exists',
  group: 'generic',
  since: '1.0.0',
  summary: 'Counts how many of the named keys exist; a key named twice counts twice',
  complexity: 'O(N) in the number of keys',
  arity: -2,
  flags: READONLY | FAST,
  keys: [keyRange('RO', 1, -1)],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  syntax: 'key+',
  history: [['3.0.3', 'Takes several keys.']],
  run: runExists,
});

function runExists(c: Context): void {
  let count = 0;
  for (let i = 1; i < c.args.count; i++) if (c.peek(i) !== 0) count++;
  c.reply.integer(count);
}

const TOUCH = command({
  name: 'touch',
  group: 'generic',
  since: '3.2.1',
  summary: 'Marks keys as just used and counts those that exist',
  complexity: 'O(N) in the number of keys',
  arity: -2,
  flags: READONLY | FAST,
  keys: [keyRange('RO', 1, -1)],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  syntax: 'key+',
  run: runTouch,
});

/** Marks the keys as used even for a client that asked for CLIENT NO-TOUCH. */
function runTouch(c: Context): void {
  const { keyspace } = c;
  const { touching } = keyspace;
  keyspace.touching = true;
  let count = 0;
  for (let i = 1; i < c.args.count; i++) if (c.lookup(i) !== 0) count++;
  keyspace.touching = touching;
  c.reply.integer(count);
}

const TYPE = command({
  name: 'type',
  group: 'generic',
  since: '1.0.0',
  summary: 'Name of the type that a key holds',
  complexity: 'O(1)',
  arity: 2,
  flags: READONLY | FAST,
  keys: [key('RO', 1)],
  syntax: 'key',
  run: runType,
});

function runType(c: Context): void {
  const ref = c.peek(1);
  c.reply.status(ref === 0 ? 'none' : TYPE_NAMES[c.keyspace.entries.type(ref)]!);
}

const RENAME = command({
  name: 'rename',
  group: 'generic',
  since: '1.0.0',
  summary: 'Gives a value another key, replacing what that key held',
  complexity: 'O(1)',
  arity: 3,
  flags: WRITE,
  keys: [key('RW ACCESS DELETE', 1), key('OW UPDATE', 2)],
  syntax: 'key newkey:key',
  run: runRename,
});

function runRename(c: Context): void {
  if (rename(c, true)) c.reply.ok();
}

const RENAMENX = command({
  name: 'renamenx',
  group: 'generic',
  since: '1.0.0',
  summary: 'Gives a value another key unless that key exists',
  complexity: 'O(1)',
  arity: 3,
  flags: WRITE | FAST,
  keys: [key('RW ACCESS DELETE', 1), key('OW INSERT', 2)],
  syntax: 'key newkey:key',
  history: [['3.2.0', 'The same name twice is no error any more.']],
  run: runRenamenx,
});

function runRenamenx(c: Context): void {
  if (rename(c, false)) c.reply.integer(1);
}

/** Renames the key; false after replying that there is nothing to rename, or nothing was renamed. */
function rename(c: Context, overwrites: boolean): boolean {
  const { args, db } = c;
  const ref = c.lookupWrite(1);
  if (ref === 0) {
    c.reply.error(NO_SUCH_KEY);
    return false;
  }
  if (sameKey(args)) {
    if (!overwrites) c.reply.integer(0);
    return overwrites;
  }
  const old = c.lookupWrite(2);
  if (old !== 0 && !overwrites) {
    c.reply.integer(0);
    return false;
  }
  const { entries } = c.keyspace;
  const changesType = old !== 0 && entries.type(old) !== entries.type(ref);
  const next = renameEntry(db, ref, keyAt(c, 1), keyAt(c, 2));
  c.changed(1, EVENT_GENERIC, 'rename_from');
  c.keyspace.event(db, args.bytes, args.at(2), args.length(2), EVENT_GENERIC, 'rename_to');
  if (old !== 0) c.keyspace.announceOverwritten(db, next, changesType);
  return true;
}

const COPY = command({
  name: 'copy',
  group: 'generic',
  since: '6.2.0',
  summary: 'Copies a value to another key, in another database if asked',
  complexity: 'O(N) in the elements of the value, O(1) for a string',
  arity: -3,
  flags: WRITE | DENYOOM,
  keys: [key('RO ACCESS', 1), key('OW UPDATE', 2)],
  syntax: 'source:key destination:key [DB destination-db:integer] [REPLACE]',
  run: runCopy,
});

function runCopy(c: Context): void {
  const { args, keyspace } = c;
  const options = copyOptions(c);
  if (options === null) return;
  const { to, replaces } = options;
  if (to === c.db && sameKey(args)) {
    c.reply.error(SAME_OBJECT);
    return;
  }
  const ref = c.lookup(1);
  if (ref === 0) {
    c.reply.integer(0);
    return;
  }
  const { bytes, at, length, hash } = keyAt(c, 2);
  const old = to.lookupWrite(bytes, at, length, hash);
  if (old !== 0 && !replaces) {
    c.reply.integer(0);
    return;
  }
  const copy = copyEntry(keyspace, ref, bytes, at, length);
  const changesType = old !== 0 && keyspace.entries.type(old) !== keyspace.entries.type(copy);
  if (old === 0) to.add(hash, copy);
  else putInPlace(to, old, copy);
  keyspace.changed(to, bytes, at, length, EVENT_GENERIC, 'copy_to');
  if (old !== 0) keyspace.announceOverwritten(to, copy, changesType);
  c.reply.integer(1);
}

/** Where COPY copies to, and whether over what is there; null after replying with an error. */
function copyOptions(c: Context): { to: Database; replaces: boolean } | null {
  let to = c.db;
  let replaces = false;
  for (let i = 3; i < c.args.count; i++) {
    if (c.args.is(i, 'replace')) {
      replaces = true;
    } else if (c.args.is(i, 'db') && i + 1 < c.args.count) {
      const index = databaseOr(c, ++i);
      if (Number.isNaN(index)) return null;
      to = c.keyspace.db(index);
    } else {
      c.reply.error(SYNTAX);
      return null;
    }
  }
  return { to, replaces };
}

const MOVE = command({
  name: 'move',
  group: 'generic',
  since: '1.0.0',
  summary: 'Moves a key to another database',
  complexity: 'O(1)',
  arity: 3,
  flags: WRITE | FAST,
  keys: [key('RW ACCESS UPDATE', 1)],
  syntax: 'key db:integer',
  run: runMove,
});

function runMove(c: Context): void {
  const { keyspace, db: from } = c;
  const index = databaseOr(c, 2);
  if (Number.isNaN(index)) return;
  const to = keyspace.db(index);
  if (to === from) {
    c.reply.error(SAME_OBJECT);
    return;
  }
  const { bytes, at, length, hash } = keyAt(c, 1);
  const ref = from.lookupWrite(bytes, at, length, hash);
  if (ref === 0 || to.lookupWrite(bytes, at, length, hash) !== 0) {
    c.reply.integer(0);
    return;
  }
  from.detach(ref);
  to.add(hash, ref);
  keyspace.changed(from, bytes, at, length, EVENT_GENERIC, 'move_from');
  keyspace.event(to, bytes, at, length, EVENT_GENERIC, 'move_to');
  c.reply.integer(1);
}

const RANDOMKEY = command({
  name: 'randomkey',
  group: 'generic',
  since: '1.0.0',
  summary: 'Name of a key picked at random',
  complexity: 'O(1)',
  arity: 1,
  flags: READONLY | TOUCHES_ARBITRARY_KEYS,
  tips: ['request_policy:all_shards', 'nondeterministic_output'],
  run: runRandomkey,
});

function runRandomkey(c: Context): void {
  const { db, keyspace } = c;
  const { entries, random } = keyspace;
  for (let tries = 1; db.size > 0; tries++) {
    const ref = db.randomRef(random);
    if (db.isGone(ref) && !(keyspace.keepExpired && tries >= RANDOM_TRIES_MAX)) {
      db.hitRef(ref, db.hashOf(ref));
      db.dropExpired(ref);
      continue;
    }
    c.reply.bulk(entries.view(ref), entries.keyAt(ref), entries.keyBytes(ref));
    return;
  }
  c.reply.null();
}

const KEYS = command({
  name: 'keys',
  group: 'generic',
  since: '1.0.0',
  summary: 'All names of keys that match a glob pattern',
  complexity: 'O(N) in the number of keys of the database',
  arity: 2,
  flags: READONLY,
  categories: AT_KEYSPACE | AT_DANGEROUS,
  tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
  syntax: 'pattern',
  run: runKeys,
});

function runKeys(c: Context): void {
  const { args, db } = c;
  const { entries } = c.keyspace;
  const { bytes } = args;
  const patternAt = args.at(1);
  const patternBytes = args.length(1);
  const all = patternBytes === 1 && args.is(1, '*');
  const found: number[] = [];
  const visit = (ref: number): void => {
    if (db.isGone(ref)) return;
    const key = entries.view(ref);
    const keyBytes = entries.keyBytes(ref);
    if (all || globMatch(bytes, patternAt, patternBytes, key, entries.keyAt(ref), keyBytes, false)) {
      found.push(ref);
    }
  };
  let cursor = 0;
  do cursor = db.walk(cursor, visit);
  while (cursor !== 0);
  c.reply.array(found.length);
  for (const ref of found) c.reply.bulk(entries.view(ref), entries.keyAt(ref), entries.keyBytes(ref));
}

/** The key in argument `i`. */
function keyAt(c: Context, i: number): Key {
  return { bytes: c.args.bytes, at: c.args.at(i), length: c.args.length(i), hash: c.hashOf(i) };
}

/** Whether arguments 1 and 2 are the same key. */
function sameKey(args: Args): boolean {
  return (
    args.length(1) === args.length(2) &&
    equalBytes(args.bytes, args.at(1), args.bytes, args.at(2), args.length(1))
  );
}

export const KEY_COMMANDS: readonly CommandSpec[] = [
  COPY,
  DEL,
  EXISTS,
  KEYS,
  MOVE,
  RANDOMKEY,
  RENAME,
  RENAMENX,
  TOUCH,
  TYPE,
  UNLINK,
];
