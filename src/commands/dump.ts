// DUMP and RESTORE: values as bytes, from one key or server to another.
import type { Ref } from '../arena/arena.ts';
import { highWordOfBigInt, lowWordOfBigInt } from '../base/int64.ts';
import { frequencyClock, idleClock } from '../keyspace/access_clock.ts';
import { putInPlace } from '../keyspace/copy.ts';
import { EVENT_GENERIC } from '../keyspace/keyspace.ts';
import { RdbError } from '../persist/rdb_input.ts';
import {
  BAD_DUMP,
  BAD_DUMP_DATA,
  BUSY_KEY,
  INVALID_FREQ,
  INVALID_IDLETIME,
  INVALID_TTL,
  NOT_AN_INTEGER,
  SYNTAX,
} from '../resp/errors.ts';
import { AT_DANGEROUS, AT_KEYSPACE } from './categories.ts';
import type { Context } from './context.ts';
import { ASKING } from './flags.ts';
import { type CommandSpec, command, DENYOOM, key, READONLY, WRITE } from './spec.ts';
import { logDeleted } from './string_store.ts';

const FREQUENCY_MAX = 255n;

const DUMP = command({
  name: 'dump',
  group: 'generic',
  since: '2.6.0',
  summary: 'Value of a key in the serialised form that RESTORE takes',
  complexity: 'O(N) in the bytes of the value',
  arity: 2,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output'],
  syntax: 'key',
  run: runDump,
});

function runDump(c: Context): void {
  const ref = c.lookup(1);
  if (ref === 0) {
    c.reply.null();
    return;
  }
  const { out } = c.dumper;
  c.dumper.dump(ref, c.config.boolean('rdbcompression'));
  c.reply.bulk(out.bytes, 0, out.length);
  out.reset();
}

const RESTORE = command({
  name: 'restore',
  group: 'generic',
  since: '2.6.0',
  summary: 'Creates a key from a value that DUMP has serialised',
  complexity: 'O(N) in the bytes of the value, O(N*log(N)) for a sorted set',
  arity: -4,
  flags: WRITE | DENYOOM,
  categories: AT_KEYSPACE | AT_DANGEROUS,
  keys: [key('OW UPDATE', 1)],
  syntax: `key ttl:integer serialized-value [REPLACE]^3.0.0 [ABSTTL]^5.0.0 [IDLETIME seconds:integer]^5.0.0
    [FREQ frequency:integer]^5.0.0`,
  history: [
    ['3.0.0', 'Option REPLACE.'],
    ['5.0.0', 'Option ABSTTL.'],
    ['5.0.0', 'Options IDLETIME and FREQ.'],
  ],
  run: runRestore,
});

const RESTORE_ASKING = command({
  name: 'restore-asking',
  group: 'server',
  since: '3.0.0',
  summary: 'RESTORE into a slot that is being imported; sent by MIGRATE',
  complexity: 'O(N) in the bytes of the value, O(N*log(N)) for a sorted set',
  arity: -4,
  flags: WRITE | DENYOOM | ASKING,
  categories: AT_KEYSPACE | AT_DANGEROUS,
  keys: [key('OW UPDATE', 1)],
  syntax: `key ttl:integer serialized-value [REPLACE]^3.0.0 [ABSTTL]^5.0.0 [IDLETIME seconds:integer]^5.0.0
    [FREQ frequency:integer]^5.0.0`,
  history: [
    ['3.0.0', 'Option REPLACE.'],
    ['5.0.0', 'Option ABSTTL.'],
    ['5.0.0', 'Options IDLETIME and FREQ.'],
  ],
  docFlags: ['syscmd'],
  run: runRestore,
});

interface Options {
  replaces: boolean;
  isAbsolute: boolean;
  /** -1: not given. */
  idleSeconds: number;
  frequency: number;
}

function runRestore(c: Context): void {
  const { args, db, keyspace, reply } = c;
  const options = optionsOf(c);
  if (options === null) return;
  if (c.lookupWrite(1) !== 0 && !options.replaces) {
    reply.error(BUSY_KEY);
    return;
  }
  const expiryMs = expiryOf(c, options.isAbsolute);
  if (expiryMs === null) return;
  const next = restored(c);
  if (next === 0) return;
  const hash = c.hashOf(1);
  const old = db.find(args.bytes, args.at(1), args.length(1), hash);
  if (expiryMs !== 0n && keyspace.isPast(expiryMs)) {
    // What would be gone at once is not put there at all.
    keyspace.dispose(next);
    if (old !== 0) {
      db.removeEntry(old, keyspace.lazyServerDel);
      c.changed(1, EVENT_GENERIC, 'del');
      logDeleted(c, 1, keyspace.lazyServerDel);
    }
    reply.ok();
    return;
  }
  setClock(c, next, options);
  const { entries } = keyspace;
  const changesType = old !== 0 && entries.type(old) !== entries.type(next);
  if (old === 0) db.add(hash, next);
  else putInPlace(db, old, next);
  if (expiryMs !== 0n) {
    const ref = db.find(args.bytes, args.at(1), args.length(1), hash);
    db.setExpiry(ref, lowWordOfBigInt(expiryMs), highWordOfBigInt(expiryMs));
  }
  c.changed(1, EVENT_GENERIC, 'restore');
  if (old !== 0)
    keyspace.announceOverwritten(db, db.find(args.bytes, args.at(1), args.length(1), hash), changesType);
  if (expiryMs !== 0n && !options.isAbsolute && c.effects.active) logRestored(c, expiryMs);
  reply.ok();
}

function logRestored(c: Context, expiryMs: bigint): void {
  const { args, effects } = c;
  effects
    .op(c, 'RESTORE', args.count + 1)
    .arg(1)
    .text(expiryMs.toString());
  for (let i = 3; i < args.count; i++) effects.arg(i);
  effects.text('ABSTTL');
}

/** Options behind the payload; null after replying with an error. */
function optionsOf({ args, reply }: Context): Options | null {
  const options = { replaces: false, isAbsolute: false, idleSeconds: -1, frequency: -1 };
  for (let i = 4; i < args.count; i++) {
    const hasNext = i + 1 < args.count;
    if (args.is(i, 'replace')) options.replaces = true;
    else if (args.is(i, 'absttl')) options.isAbsolute = true;
    else if (args.is(i, 'idletime') && hasNext && options.frequency === -1) {
      const seconds = args.int64(++i);
      if (seconds === null || seconds < 0n) {
        reply.error(seconds === null ? NOT_AN_INTEGER : INVALID_IDLETIME);
        return null;
      }
      options.idleSeconds = Number(seconds);
    } else if (args.is(i, 'freq') && hasNext && options.idleSeconds === -1) {
      const frequency = args.int64(++i);
      if (frequency === null || frequency < 0n || frequency > FREQUENCY_MAX) {
        reply.error(frequency === null ? NOT_AN_INTEGER : INVALID_FREQ);
        return null;
      }
      options.frequency = Number(frequency);
    } else {
      reply.error(SYNTAX);
      return null;
    }
  }
  return options;
}

/** When the key is to expire, in ms since 1970; 0 for never, null after replying with an error. */
function expiryOf({ args, keyspace, reply }: Context, isAbsolute: boolean): bigint | null {
  const ttl = args.int64(2);
  if (ttl === null || ttl < 0n) {
    reply.error(ttl === null ? NOT_AN_INTEGER : INVALID_TTL);
    return null;
  }
  return ttl === 0n || isAbsolute ? ttl : BigInt.asIntN(64, ttl + BigInt(keyspace.nowMs));
}

/** An entry with the value of the payload, in no table yet; 0 after replying with an error. */
function restored({ args, dumper, reply, server }: Context): Ref {
  const { bytes } = args;
  if (!dumper.isIntact(bytes, args.at(3), args.length(3))) {
    reply.error(BAD_DUMP);
    return 0;
  }
  try {
    return dumper.restore(bytes, args.at(3), args.length(3), {
      bytes,
      at: args.at(1),
      length: args.length(1),
    });
  } catch (error) {
    if (!(error instanceof RdbError)) throw error;
    server.admin.log.verbose(`Error in the payload of RESTORE: ${error.message}`);
    reply.error(BAD_DUMP_DATA);
    return 0;
  }
}

function setClock({ keyspace }: Context, ref: Ref, { idleSeconds, frequency }: Options): void {
  const { entries } = keyspace;
  if (keyspace.lfu && frequency >= 0) entries.setClock(ref, frequencyClock(keyspace, frequency));
  if (!keyspace.lfu && idleSeconds >= 0) entries.setClock(ref, idleClock(keyspace, idleSeconds));
}

export const DUMP_COMMANDS: readonly CommandSpec[] = [DUMP, RESTORE, RESTORE_ASKING];
