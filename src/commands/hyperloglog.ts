// HyperLogLog: counting different elements in at most 12 kilobytes.
import type { Ref } from '../arena/arena.ts';
import { EVENT_SILENT, EVENT_STRING } from '../keyspace/keyspace.ts';
import {
  CORRUPT_HYPERLOGLOG,
  NEITHER_ON_NOR_OFF,
  NO_SUCH_KEY_TO_DEBUG,
  NOT_A_HYPERLOGLOG,
  NOT_SPARSE,
  unknownPfdebug,
  WRONG_TYPE,
} from '../resp/errors.ts';
import { TYPE_STRING } from '../structs/entry.ts';
import { selfTest } from '../types/hyperloglog_check.ts';
import { REGISTERS } from '../types/hyperloglog_registers.ts';
import type { Context } from './context.ts';
import {
  ADMIN,
  type CommandSpec,
  command,
  DENYOOM,
  FAST,
  key,
  keyRange,
  MAY_REPLICATE,
  READONLY,
  WRITE,
} from './spec.ts';

const INT64_MIN = -(2n ** 63n);

const PFADD = command({
  name: 'pfadd',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Adds elements to a HyperLogLog; a missing key starts out empty',
  complexity: 'O(1) for each element',
  arity: -2,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW INSERT', 1)],
  syntax: 'key [element]+',
  run: runPfadd,
});

function runPfadd(c: Context): void {
  const { args, db, keyspace, reply } = c;
  const { hyperLogLogs } = keyspace;
  let ref = c.lookupWrite(1);
  let changes = 0;
  if (ref === 0) {
    ref = addEmpty(c);
    changes = 1;
  } else {
    ref = openOr(c, ref);
    if (ref === 0) return;
  }
  for (let i = 2; i < args.count; i++) {
    const next = hyperLogLogs.add(ref, args.bytes, args.at(i), args.length(i));
    if (next !== ref) db.moved(next);
    ref = next;
    if (hyperLogLogs.corrupt) {
      reply.error(CORRUPT_HYPERLOGLOG);
      return;
    }
    if (hyperLogLogs.changed) changes++;
  }
  if (changes > 0) {
    hyperLogLogs.dropCache();
    c.changed(1, EVENT_STRING, 'pfadd');
    keyspace.dirty += changes - 1;
  }
  reply.integer(changes > 0 ? 1 : 0);
}

/** Puts an empty one under the key in argument 1, which there is not yet; leaves the hit on it, and the string located. */
function addEmpty(c: Context): Ref {
  const { args, db, keyspace } = c;
  const { bytes } = args;
  const [at, length, hash] = [args.at(1), args.length(1), c.hashOf(1)];
  db.add(hash, keyspace.hyperLogLogs.create(bytes, at, length, keyspace.freshClock()));
  const ref = db.find(bytes, at, length, hash);
  keyspace.strings.locate(ref);
  return ref;
}

/** Whether an entry is a HyperLogLog, with the string located; otherwise replies with an error. */
function isOne(c: Context, ref: Ref): boolean {
  const isString = c.keyspace.entries.type(ref) === TYPE_STRING;
  if (isString && c.keyspace.hyperLogLogs.isOne(ref)) return true;
  c.reply.error(isString ? NOT_A_HYPERLOGLOG : WRONG_TYPE);
  return false;
}

/** The hit's entry ready to be changed, with the string located; 0 after replying that it is no HyperLogLog. */
function openOr(c: Context, ref: Ref): Ref {
  if (!isOne(c, ref)) return 0;
  const next = c.keyspace.hyperLogLogs.open(ref);
  if (next !== ref) c.db.moved(next);
  return next;
}

const PFCOUNT = command({
  name: 'pfcount',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Estimates how many different elements were added to HyperLogLogs, together if there are several',
  complexity: 'O(1), with a noticeable constant, for each key',
  arity: -2,
  flags: READONLY | MAY_REPLICATE,
  keys: [keyRange('RW ACCESS', 1, -1)],
  syntax: 'key+',
  run: runPfcount,
});

function runPfcount(c: Context): void {
  const { hyperLogLogs } = c.keyspace;
  if (c.args.count > 2) {
    if (mergeKeys(c) !== null) replyCount(c, hyperLogLogs.mergedCount());
    return;
  }
  const found = c.lookup(1);
  if (found === 0) {
    c.reply.integer(0);
    return;
  }
  if (openOr(c, found) === 0) return;
  if (hyperLogLogs.hasCache) {
    c.reply.bigInteger(hyperLogLogs.cached);
    return;
  }
  const count = hyperLogLogs.count();
  if (Number.isNaN(count)) {
    c.reply.error(CORRUPT_HYPERLOGLOG);
    return;
  }
  hyperLogLogs.setCache(count);
  c.changed(1, EVENT_SILENT, 'pfcount');
  replyCount(c, count);
}

/** An estimate as the reference prints it: what is too large for 64 bits becomes the least number of them. */
function replyCount({ reply }: Context, count: number): void {
  if (Number.isSafeInteger(count)) reply.integer(count);
  else reply.bigInteger(count < 2 ** 63 ? BigInt(count) : INT64_MIN);
}

/**
 * Collects the highest registers of all keys from argument 1 on; answers whether one of them is dense, or null after
 * replying with an error.
 */
function mergeKeys(c: Context): boolean | null {
  const { hyperLogLogs } = c.keyspace;
  hyperLogLogs.merged.fill(0);
  let anyDense = false;
  for (let i = 1; i < c.args.count; i++) {
    const ref = c.lookup(i);
    if (ref === 0) continue;
    if (!isOne(c, ref)) return null;
    if (!hyperLogLogs.isSparse) anyDense = true;
    hyperLogLogs.merge();
    if (hyperLogLogs.corrupt) {
      c.reply.error(CORRUPT_HYPERLOGLOG);
      return null;
    }
  }
  return anyDense;
}

const PFMERGE = command({
  name: 'pfmerge',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Adds to a HyperLogLog all that was added to others',
  complexity: 'O(1), with a large constant, for each key',
  arity: -2,
  flags: WRITE | DENYOOM,
  keys: [key('RW ACCESS INSERT', 1), keyRange('RO ACCESS', 2, -1)],
  syntax: 'destkey:key sourcekey:key+',
  run: runPfmerge,
});

function runPfmerge(c: Context): void {
  const { keyspace, reply } = c;
  const { hyperLogLogs } = keyspace;
  const anyDense = mergeKeys(c);
  if (anyDense === null) return;
  const registers = hyperLogLogs.merged.slice();
  const found = c.lookupWrite(1);
  let ref = found === 0 ? addEmpty(c) : openOr(c, found);
  if (anyDense && hyperLogLogs.isSparse) ref = movedTo(c, ref, hyperLogLogs.makeDense(ref));
  for (let i = 0; i < REGISTERS && !hyperLogLogs.corrupt; i++) {
    if (registers[i]! > 0) ref = movedTo(c, ref, hyperLogLogs.raise(ref, i, registers[i]!));
  }
  hyperLogLogs.dropCache();
  c.changed(1, EVENT_STRING, 'pfadd');
  reply.ok();
}

/** Puts the hit's entry back if it has moved. */
function movedTo(c: Context, ref: Ref, next: Ref): Ref {
  if (next !== ref) c.db.moved(next);
  return next;
}

const PFDEBUG = command({
  name: 'pfdebug',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Shows or changes how a HyperLogLog is stored',
  complexity: 'O(1), with a large constant',
  arity: 3,
  flags: WRITE | DENYOOM | ADMIN,
  keys: [key('RW ACCESS', 2)],
  docFlags: ['syscmd'],
  syntax: 'subcommand key',
  run: runPfdebug,
});

function runPfdebug(c: Context): void {
  const { args, keyspace, reply } = c;
  const { hyperLogLogs } = keyspace;
  if (args.is(1, 'simd')) {
    // Tests of Redis 8 switch its vector instructions, and compare; there are none here.
    if (args.is(2, 'on') || args.is(2, 'off')) reply.status('disabled');
    else reply.error(NEITHER_ON_NOR_OFF);
    return;
  }
  const found = c.lookupWrite(2);
  if (found === 0) {
    reply.error(NO_SUCH_KEY_TO_DEBUG);
    return;
  }
  const ref = openOr(c, found);
  if (ref === 0) return;
  if (args.is(1, 'getreg')) {
    if (becomesDense(c, ref) !== null) replyRegisters(c);
  } else if (args.is(1, 'decode')) {
    if (hyperLogLogs.isSparse) reply.bulkText(hyperLogLogs.text());
    else reply.error(NOT_SPARSE);
  } else if (args.is(1, 'encoding')) {
    reply.status(hyperLogLogs.isSparse ? 'sparse' : 'dense');
  } else if (args.is(1, 'todense')) {
    const conversion = becomesDense(c, ref);
    if (conversion !== null) reply.flag(conversion);
  } else {
    reply.error(unknownPfdebug(args.text(1)));
  }
}

/** Makes a HyperLogLog dense; answers whether it was not, or null after replying that it cannot. */
function becomesDense(c: Context, ref: Ref): boolean | null {
  const { keyspace } = c;
  const { hyperLogLogs } = keyspace;
  if (!hyperLogLogs.isSparse) return false;
  movedTo(c, ref, hyperLogLogs.makeDense(ref));
  if (hyperLogLogs.corrupt) {
    c.reply.error(CORRUPT_HYPERLOGLOG);
    return null;
  }
  keyspace.dirty++;
  return true;
}

function replyRegisters({ keyspace, reply }: Context): void {
  const { hyperLogLogs } = keyspace;
  reply.array(REGISTERS);
  for (let i = 0; i < REGISTERS; i++) reply.integer(hyperLogLogs.register(i));
}

const PFSELFTEST = command({
  name: 'pfselftest',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Tests the implementation of HyperLogLog',
  complexity: 'O(1): adds some hundred thousand elements',
  arity: 1,
  flags: ADMIN,
  docFlags: ['syscmd'],
  run: runPfselftest,
});

function runPfselftest(c: Context): void {
  const failure = selfTest(c.keyspace.arena, c.keyspace.random);
  if (failure === null) c.reply.ok();
  else c.reply.error(`TESTFAILED ${failure}`);
}

export const HYPERLOGLOG_COMMANDS: readonly CommandSpec[] = [PFADD, PFCOUNT, PFDEBUG, PFMERGE, PFSELFTEST];
