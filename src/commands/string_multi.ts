// Many strings at once.
import { INVALID_NUMKEYS, WRONG_PAIR_COUNT, wrongArity } from '../resp/errors.ts';
import { TYPE_STRING } from '../structs/entry.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, DENYOOM, FAST, keyCount, keyRange, READONLY, WRITE } from './spec.ts';
import {
  KEEPTTL,
  NX,
  parseOptions,
  resolveDeadline,
  type StringOptions,
  TIMES,
  XX,
} from './string_set_options.ts';
import { storeKeepingExpiry, storeString, storeVolatile } from './string_store.ts';

const PAIRS_MAX = 2147483647;

const MGET = command({
  name: 'mget',
  group: 'string',
  since: '1.0.0',
  summary: 'Values of many string keys; null where there is none',
  complexity: 'O(N) in the number of keys',
  arity: -2,
  flags: READONLY | FAST,
  keys: [keyRange('RO ACCESS', 1, -1)],
  tips: ['request_policy:multi_shard'],
  syntax: 'key+',
  run: runMget,
});

function runMget(c: Context): void {
  const reply = c.reply;
  const keyspace = c.keyspace;
  const strings = keyspace.strings;
  const count = c.args.count;
  reply.array(count - 1);
  for (let i = 1; i < count; i++) {
    const ref = c.lookup(i);
    if (ref === 0 || keyspace.entries.type(ref) !== TYPE_STRING) {
      reply.null();
    } else {
      strings.locate(ref);
      reply.bulk(strings.bytes, strings.at, strings.length);
    }
  }
}

const MSET = command({
  name: 'mset',
  group: 'string',
  since: '1.0.1',
  summary: 'Stores many strings at once',
  complexity: 'O(N) in the number of keys',
  arity: -3,
  flags: WRITE | DENYOOM,
  keys: [keyRange('OW UPDATE', 1, -1, 2)],
  tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
  syntax: '(key value)+',
  run: runMset,
});

function runMset(c: Context): void {
  if (!isPaired(c, 'mset')) return;
  storePairs(c);
  c.reply.ok();
}

const MSETNX = command({
  name: 'msetnx',
  group: 'string',
  since: '1.0.1',
  summary: 'Stores many strings at once unless one of the keys exists',
  complexity: 'O(N) in the number of keys',
  arity: -3,
  flags: WRITE | DENYOOM,
  keys: [keyRange('OW INSERT', 1, -1, 2)],
  tips: ['request_policy:multi_shard', 'response_policy:agg_min'],
  syntax: '(key value)+',
  run: runMsetnx,
});

function runMsetnx(c: Context): void {
  if (!isPaired(c, 'msetnx')) return;
  const { count } = c.args;
  for (let i = 1; i < count; i += 2) {
    if (c.lookupWrite(i) === 0) continue;
    c.reply.integer(0);
    return;
  }
  storePairs(c);
  c.reply.integer(1);
}

function isPaired(c: Context, name: string): boolean {
  if ((c.args.count & 1) === 1) return true;
  c.reply.error(wrongArity(name));
  return false;
}

function storePairs(c: Context): void {
  const count = c.args.count;
  for (let i = 1; i < count; i += 2) storeString(c, i, i + 1, c.lookupWrite(i));
}

const MSETEX = command({
  name: 'msetex',
  group: 'string',
  since: '8.4.0',
  summary: 'Stores many strings at once with one condition and one expiry for all',
  complexity: 'O(N) in the number of keys',
  arity: -4,
  flags: WRITE | DENYOOM,
  keys: [keyCount('OW UPDATE', 1, 2)],
  tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
  syntax: `numkeys:integer data=(key value)+ condition=[NX | XX]
    expiration=[EX seconds:integer | PX milliseconds:integer | EXAT unix-time-seconds:unix-time
      | PXAT unix-time-milliseconds:unix-time | KEEPTTL]`,
  run: runMsetex,
});

function runMsetex(c: Context): void {
  const { args, reply } = c;
  const pairs = args.int(1);
  if (!(pairs >= 1 && pairs <= PAIRS_MAX)) {
    reply.error(INVALID_NUMKEYS);
    return;
  }
  const end = 2 + 2 * pairs;
  if (end > args.count) {
    reply.error(WRONG_PAIR_COUNT);
    return;
  }
  const options = parseOptions(c, end, NX | XX | TIMES | KEEPTTL);
  if (options === null || !resolveDeadline(c, options)) return;
  const allowed = mayStore(c, options, end);
  if (allowed) for (let i = 2; i < end; i += 2) storePair(c, i, options);
  if (allowed && options.has(TIMES) && c.effects.active) logPairs(c, end, options);
  reply.flag(allowed);
}

/** NX: none of the keys may exist. XX: all of them must. */
function mayStore(c: Context, options: StringOptions, end: number): boolean {
  if (!options.has(NX | XX)) return true;
  for (let i = 2; i < end; i += 2) if ((c.lookupWrite(i) === 0) !== options.has(NX)) return false;
  return true;
}

function storePair(c: Context, i: number, options: StringOptions): void {
  const old = c.lookupWrite(i);
  if (options.has(TIMES)) storeVolatile(c, i, i + 1, old, options.low, options.high);
  else if (options.has(KEEPTTL)) storeKeepingExpiry(c, i, i + 1, old);
  else storeString(c, i, i + 1, old);
}

function logPairs(c: Context, end: number, { low, high }: StringOptions): void {
  const { effects } = c;
  effects.op(c, 'MSETEX', end + 2);
  for (let i = 1; i < end; i++) effects.arg(i);
  effects.text('PXAT').int64(low, high);
}

export const STRING_MULTI_COMMANDS: readonly CommandSpec[] = [MGET, MSET, MSETEX, MSETNX];
