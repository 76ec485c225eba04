// Strings as whole values: SET and its relatives, GET and its relatives.
import type { Ref } from '../arena/arena.ts';
import { EVENT_GENERIC } from '../keyspace/keyspace.ts';
import type { Context } from './context.ts';
import { setKeys } from './find_keys.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, READONLY, WRITE } from './spec.ts';
import { FAILS, judge, REFUSED } from './string_compare.ts';
import {
  COMPARISONS,
  EX,
  GET_OLD,
  hasPassed,
  KEEPTTL,
  NX,
  PERSIST,
  PX,
  parseOptions,
  resolveDeadline,
  StringOptions,
  TIMES,
  XX,
} from './string_set_options.ts';
import {
  deleteKey,
  isString,
  logDeleted,
  logVolatile,
  replyString,
  storeKeepingExpiry,
  storeString,
  storeVolatile,
} from './string_store.ts';

const SECOND_MS = 1000;
const TWO_32 = 4294967296;

const GET = command({
  name: 'get',
  group: 'string',
  since: '1.0.0',
  summary: 'Value of a string key',
  complexity: 'O(1)',
  arity: 2,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key',
  run: runGet,
});

function runGet(c: Context): void {
  replyString(c, c.lookup(1));
}

const GETDEL = command({
  name: 'getdel',
  group: 'string',
  since: '6.2.0',
  summary: 'Value of a string key, which is deleted',
  complexity: 'O(1)',
  arity: 2,
  flags: WRITE | FAST,
  keys: [key('RW ACCESS DELETE', 1)],
  syntax: 'key',
  run: runGetdel,
});

function runGetdel(c: Context): void {
  const ref = c.lookup(1);
  if (!replyString(c, ref) || ref === 0) return;
  deleteKey(c, 1, ref);
  logDeleted(c, 1, false);
}

const GETEX = command({
  name: 'getex',
  group: 'string',
  since: '6.2.0',
  summary: 'Value of a string key, whose expiry is set or removed on the way',
  complexity: 'O(1)',
  arity: -2,
  flags: WRITE | FAST,
  keys: [key('RW ACCESS UPDATE', 1)],
  syntax: `key
    expiration=[EX seconds:integer | PX milliseconds:integer | EXAT unix-time-seconds:unix-time
      | PXAT unix-time-milliseconds:unix-time | PERSIST]`,
  run: runGetex,
});

function runGetex(c: Context): void {
  const options = parseOptions(c, 2, TIMES | PERSIST);
  if (options === null) return;
  const ref = c.lookup(1);
  if (ref === 0) {
    c.reply.null();
    return;
  }
  if (!isString(c, ref) || !resolveDeadline(c, options)) return;
  replyString(c, ref);
  if (hasPassed(c, options)) {
    deleteKey(c, 1, ref);
    logDeleted(c, 1, c.keyspace.lazyExpire);
  } else if (options.has(TIMES)) {
    c.db.setExpiry(ref, options.low, options.high);
    if (c.effects.active) c.effects.op(c, 'PEXPIREAT', 3).arg(1).int64(options.low, options.high);
    c.changed(1, EVENT_GENERIC, 'expire');
  } else if (options.has(PERSIST) && c.keyspace.entries.hasExpiry(ref)) {
    c.db.clearExpiry(ref);
    if (c.effects.active) c.effects.op(c, 'PERSIST', 2).arg(1);
    c.changed(1, EVENT_GENERIC, 'persist');
  }
}

const GETSET = command({
  name: 'getset',
  group: 'string',
  since: '1.0.0',
  summary: 'Stores a new string and returns the old one',
  complexity: 'O(1)',
  arity: 3,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW ACCESS UPDATE', 1)],
  syntax: 'key value',
  docFlags: ['deprecated'],
  deprecatedSince: '6.2.0',
  replacedBy: '`SET` with option `GET`',
  run: runGetset,
});

function runGetset(c: Context): void {
  const ref = c.lookup(1);
  if (!replyString(c, ref)) return;
  storeString(c, 1, 2, stillThere(c, ref));
  if (c.effects.active) c.effects.op(c, 'SET', 3).arg(1).arg(2);
}

const SET = command({
  name: 'set',
  group: 'string',
  since: '1.0.0',
  summary: 'Stores a string whatever the key held, on condition and with an expiry if asked',
  complexity: 'O(1)',
  arity: -3,
  flags: WRITE | DENYOOM,
  keys: [key('RW ACCESS UPDATE VARIABLE_FLAGS', 1)],
  syntax: `key value
    condition=[NX | XX | IFEQ ifeq-value^8.4.0 | IFNE ifne-value^8.4.0 | IFDEQ ifdeq-digest^8.4.0
      | IFDNE ifdne-digest^8.4.0]^2.6.12 [GET]^6.2.0
    expiration=[EX seconds:integer^2.6.12 | PX milliseconds:integer^2.6.12
      | EXAT unix-time-seconds:unix-time^6.2.0 | PXAT unix-time-milliseconds:unix-time^6.2.0
      | KEEPTTL^6.0.0]`,
  history: [
    ['2.6.12', 'Options EX, PX, NX and XX.'],
    ['6.0.0', 'Option KEEPTTL.'],
    ['6.2.0', 'Options GET, EXAT and PXAT.'],
    ['7.0.0', 'NX and GET may be combined.'],
    ['8.4.0', 'Options IFEQ, IFNE, IFDEQ and IFDNE.'],
  ],
  getKeys: setKeys,
  run: runSet,
});

function runSet(c: Context): void {
  if (c.args.count === 3) {
    storeString(c, 1, 2, c.lookupWrite(1));
    c.reply.ok();
  } else {
    setWithOptions(c);
  }
}

function setWithOptions(c: Context): void {
  const options = parseOptions(c, 3, NX | XX | COMPARISONS | GET_OLD | TIMES | KEEPTTL);
  if (options === null || !resolveDeadline(c, options)) return;
  const replyOld = options.has(GET_OLD);
  const old = replyOld ? c.lookup(1) : c.lookupWrite(1);
  const verdict = judge(c, options, old);
  if (verdict === REFUSED || (replyOld && !replyString(c, old))) return;
  if (verdict === FAILS) {
    if (!replyOld) c.reply.null();
    return;
  }
  const replaced = replyOld ? stillThere(c, old) : old;
  if (options.has(TIMES)) storeVolatile(c, 1, 2, replaced, options.low, options.high);
  else if (options.has(KEEPTTL)) storeKeepingExpiry(c, 1, 2, replaced);
  else storeString(c, 1, 2, replaced);
  if (c.effects.active) logSet(c, options);
  if (!replyOld) c.reply.ok();
}

/** Times are absolute, conditions hold, and nobody reads the old value. What needs none of this is logged as it came. */
function logSet(c: Context, options: StringOptions): void {
  if (options.has(TIMES)) logVolatile(c, 1, 2, options.low, options.high);
  else if (!options.has(GET_OLD | COMPARISONS)) return;
  else if (options.has(KEEPTTL)) c.effects.op(c, 'SET', 4).arg(1).arg(2).text('KEEPTTL');
  else c.effects.op(c, 'SET', 3).arg(1).arg(2);
}

/** The entry to replace after a look-up for reading: what is expired may be hidden from readers and still be there. */
function stillThere(c: Context, found: Ref): Ref {
  return found === 0 ? c.lookupWrite(1) : found;
}

const SETEX = command({
  name: 'setex',
  group: 'string',
  since: '2.0.0',
  summary: 'Stores a string that expires after so many seconds',
  complexity: 'O(1)',
  arity: 4,
  flags: WRITE | DENYOOM,
  keys: [key('OW UPDATE', 1)],
  syntax: 'key seconds:integer value',
  run: runSetex,
});

function runSetex(c: Context): void {
  storeFor(c, SECOND_MS);
}

const PSETEX = command({
  name: 'psetex',
  group: 'string',
  since: '2.6.0',
  summary: 'Stores a string that expires after so many milliseconds',
  complexity: 'O(1)',
  arity: 4,
  flags: WRITE | DENYOOM,
  keys: [key('OW UPDATE', 1)],
  syntax: 'key milliseconds:integer value',
  run: runPsetex,
});

function runPsetex(c: Context): void {
  storeFor(c, 1);
}

/** Stores argument 3 for as many units as argument 2 says. */
function storeFor(c: Context, unitMs: number): void {
  const count = c.args.int(2);
  const deadlineMs = count * unitMs + c.keyspace.nowMs;
  if (count > 0 && Number.isSafeInteger(deadlineMs)) {
    const high = Math.floor(deadlineMs / TWO_32);
    storeVolatile(c, 1, 3, c.lookupWrite(1), deadlineMs | 0, high);
    logVolatile(c, 1, 3, deadlineMs | 0, high);
    c.reply.ok();
  } else {
    storeForLong(c, unitMs);
  }
}

/** The same for a time that is no good, or beyond what a number holds exactly. */
function storeForLong(c: Context, unitMs: number): void {
  const options = new StringOptions();
  options.flags = unitMs === 1 ? PX : EX;
  options.timeAt = 2;
  if (!resolveDeadline(c, options)) return;
  storeVolatile(c, 1, 3, c.lookupWrite(1), options.low, options.high);
  logVolatile(c, 1, 3, options.low, options.high);
  c.reply.ok();
}

const SETNX = command({
  name: 'setnx',
  group: 'string',
  since: '1.0.0',
  summary: 'Stores a string unless the key exists',
  complexity: 'O(1)',
  arity: 3,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('OW INSERT', 1)],
  syntax: 'key value',
  run: runSetnx,
});

function runSetnx(c: Context): void {
  const old = c.lookupWrite(1);
  if (old === 0) storeString(c, 1, 2, 0);
  c.reply.flag(old === 0);
}

export const STRING_COMMANDS: readonly CommandSpec[] = [
  GET,
  GETDEL,
  GETEX,
  GETSET,
  PSETEX,
  SET,
  SETEX,
  SETNX,
];
