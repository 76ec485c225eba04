// Expiry: setting it, reading it, taking it off.
//
// Times are 64-bit integers of milliseconds (deadline.ts).
import { highWord, highWordOfBigInt, lowWord, lowWordOfBigInt } from '../base/int64.ts';
import { EVENT_GENERIC } from '../keyspace/keyspace.ts';
import { GT_WITH_LT, NX_WITH_OTHERS, unsupportedOption } from '../resp/errors.ts';
import type { Context } from './context.ts';
import { deadlineOf } from './deadline.ts';
import { type CommandSpec, command, FAST, key, READONLY, WRITE } from './spec.ts';
import { logDeleted } from './string_store.ts';

const SECOND_MS = 1000;

/** Conditions of EXPIRE: bits. */
const NX = 1;
const XX = 2;
const GT = 4;
const LT = 8;
const CONDITIONS: readonly (readonly [string, number])[] = [
  ['nx', NX],
  ['xx', XX],
  ['gt', GT],
  ['lt', LT],
];

const EXPIRE = command({
  name: 'expire',
  group: 'generic',
  since: '1.0.0',
  summary: 'Lets a key expire after so many seconds',
  complexity: 'O(1)',
  arity: -3,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax: 'key seconds:integer condition=[NX | XX | GT | LT]^7.0.0',
  history: [['7.0.0', 'Options NX, XX, GT and LT.']],
  run: runExpire,
});

function runExpire(c: Context): void {
  expire(c, SECOND_MS, c.keyspace.nowMs);
}

const PEXPIRE = command({
  name: 'pexpire',
  group: 'generic',
  since: '2.6.0',
  summary: 'Lets a key expire after so many milliseconds',
  complexity: 'O(1)',
  arity: -3,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax: 'key milliseconds:integer condition=[NX | XX | GT | LT]^7.0.0',
  history: [['7.0.0', 'Options NX, XX, GT and LT.']],
  run: runPexpire,
});

function runPexpire(c: Context): void {
  expire(c, 1, c.keyspace.nowMs);
}

const EXPIREAT = command({
  name: 'expireat',
  group: 'generic',
  since: '1.2.0',
  summary: 'Lets a key expire at a Unix time in seconds',
  complexity: 'O(1)',
  arity: -3,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax: 'key unix-time-seconds:unix-time condition=[NX | XX | GT | LT]^7.0.0',
  history: [['7.0.0', 'Options NX, XX, GT and LT.']],
  run: runExpireat,
});

function runExpireat(c: Context): void {
  expire(c, SECOND_MS, 0);
}

const PEXPIREAT = command({
  name: 'pexpireat',
  group: 'generic',
  since: '2.6.0',
  summary: 'Lets a key expire at a Unix time in milliseconds',
  complexity: 'O(1)',
  arity: -3,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax: 'key unix-time-milliseconds:unix-time condition=[NX | XX | GT | LT]^7.0.0',
  history: [['7.0.0', 'Options NX, XX, GT and LT.']],
  run: runPexpireat,
});

function runPexpireat(c: Context): void {
  expire(c, 1, 0);
}

/** Lets the key expire at argument 2, in units of `unitMs` from `fromMs` on. A time that has passed deletes it. */
function expire(c: Context, unitMs: number, fromMs: number): void {
  const { db, keyspace, reply } = c;
  const condition = c.args.count > 3 ? conditionOf(c) : 0;
  if (condition < 0) return;
  const deadlineMs = deadlineOf(c, 2, unitMs, fromMs, false);
  if (deadlineMs === null) return;
  const ref = c.lookupWrite(1);
  if (ref === 0 || (condition !== 0 && !holds(c, ref, condition, deadlineMs))) {
    reply.integer(0);
    return;
  }
  if (keyspace.isPast(deadlineMs)) {
    db.removeEntry(ref, c.keyspace.lazyExpire);
    logDeleted(c, 1, c.keyspace.lazyExpire);
    c.changed(1, EVENT_GENERIC, 'del');
  } else {
    if (typeof deadlineMs === 'number') db.setExpiry(ref, lowWord(deadlineMs), highWord(deadlineMs));
    else db.setExpiry(ref, lowWordOfBigInt(deadlineMs), highWordOfBigInt(deadlineMs));
    c.changed(1, EVENT_GENERIC, 'expire');
    if (c.effects.active) logExpiry(c, deadlineMs);
  }
  reply.integer(1);
}

/** The time becomes absolute; the conditions stay. */
function logExpiry(c: Context, deadlineMs: number | bigint): void {
  const { args, effects } = c;
  effects.op(c, 'PEXPIREAT', args.count).arg(1);
  if (typeof deadlineMs === 'number') effects.number(deadlineMs);
  else effects.text(deadlineMs.toString());
  for (let i = 3; i < args.count; i++) effects.arg(i);
}

/** The conditions after argument 2; -1 after replying with an error. */
function conditionOf({ args, reply }: Context): number {
  let condition = 0;
  for (let i = 3; i < args.count; i++) {
    const found = CONDITIONS.find(([name]) => args.is(i, name));
    if (found === undefined) {
      reply.error(unsupportedOption(args.text(i)));
      return -1;
    }
    condition |= found[1];
  }
  if ((condition & NX) !== 0 && condition !== NX) {
    reply.error(NX_WITH_OTHERS);
    return -1;
  }
  if ((condition & GT) !== 0 && (condition & LT) !== 0) {
    reply.error(GT_WITH_LT);
    return -1;
  }
  return condition;
}

function holds({ keyspace }: Context, ref: number, condition: number, deadlineMs: number | bigint): boolean {
  const { entries } = keyspace;
  // Without an expiry a key lives for ever, which no time is greater than and every time is less than.
  if (!entries.hasExpiry(ref)) return (condition & (XX | GT)) === 0;
  if ((condition & NX) !== 0) return false;
  const currentMs = entries.expiryExact(ref);
  if ((condition & GT) !== 0 && deadlineMs <= currentMs) return false;
  return (condition & LT) === 0 || deadlineMs < currentMs;
}

const TTL = command({
  name: 'ttl',
  group: 'generic',
  since: '1.0.0',
  summary: 'Seconds until a key expires; -1 if never, -2 if there is no such key',
  complexity: 'O(1)',
  arity: 2,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output'],
  syntax: 'key',
  history: [['2.8.0', 'A missing key is -2, not -1.']],
  run: runTtl,
});

function runTtl(c: Context): void {
  replyExpiry(c, c.keyspace.nowMs, SECOND_MS);
}

const PTTL = command({
  name: 'pttl',
  group: 'generic',
  since: '2.6.0',
  summary: 'Milliseconds until a key expires; -1 if never, -2 if there is no such key',
  complexity: 'O(1)',
  arity: 2,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output'],
  syntax: 'key',
  history: [['2.8.0', 'A missing key is -2, not -1.']],
  run: runPttl,
});

function runPttl(c: Context): void {
  replyExpiry(c, c.keyspace.nowMs, 1);
}

const EXPIRETIME = command({
  name: 'expiretime',
  group: 'generic',
  since: '7.0.0',
  summary: 'Unix time in seconds at which a key expires',
  complexity: 'O(1)',
  arity: 2,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key',
  run: runExpiretime,
});

function runExpiretime(c: Context): void {
  replyExpiry(c, 0, SECOND_MS);
}

const PEXPIRETIME = command({
  name: 'pexpiretime',
  group: 'generic',
  since: '7.0.0',
  summary: 'Unix time in milliseconds at which a key expires',
  complexity: 'O(1)',
  arity: 2,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key',
  run: runPexpiretime,
});

function runPexpiretime(c: Context): void {
  replyExpiry(c, 0, 1);
}

/** Replies how far the key's expiry is from `fromMs`, rounded to units; -1 if it has none, -2 if there is no key. */
function replyExpiry(c: Context, fromMs: number, unitMs: number): void {
  const { entries } = c.keyspace;
  const ref = c.peek(1);
  if (ref === 0 || !entries.hasExpiry(ref)) {
    c.reply.integer(ref === 0 ? -2 : -1);
    return;
  }
  const expiryMs = entries.expiry(ref);
  if (Number.isSafeInteger(expiryMs)) {
    const leftMs = Math.max(0, expiryMs - fromMs);
    c.reply.integer(unitMs === 1 ? leftMs : Math.floor((leftMs + unitMs / 2) / unitMs));
  } else {
    const leftMs = entries.expiryExact(ref) - BigInt(fromMs);
    c.reply.bigInteger(unitMs === 1 ? leftMs : (leftMs + BigInt(unitMs / 2)) / BigInt(unitMs));
  }
}

const PERSIST = command({
  name: 'persist',
  group: 'generic',
  since: '2.2.0',
  summary: 'Removes the expiry of a key',
  complexity: 'O(1)',
  arity: 2,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax: 'key',
  run: runPersist,
});

function runPersist(c: Context): void {
  const ref = c.lookupWrite(1);
  if (ref === 0 || !c.keyspace.entries.hasExpiry(ref)) {
    c.reply.integer(0);
    return;
  }
  c.db.clearExpiry(ref);
  c.changed(1, EVENT_GENERIC, 'persist');
  c.reply.integer(1);
}

export const EXPIRE_COMMANDS: readonly CommandSpec[] = [
  EXPIRE,
  EXPIREAT,
  EXPIRETIME,
  PERSIST,
  PEXPIRE,
  PEXPIREAT,
  PEXPIRETIME,
  PTTL,
  TTL,
];
