// XCLAIM and XAUTOCLAIM: pending entries change hands.
//
// What is claimed is known only when all is done, and a reply begins with its length, so the ids are kept until then.
import type { Ref } from '../arena/arena.ts';
import {
  CLAIM_COUNT_NOT_POSITIVE,
  invalidClaimOption,
  invalidMinIdleTime,
  SYNTAX,
  unknownClaimOption,
} from '../resp/errors.ts';
import { type Id, makeId, setLowest } from '../structs/stream_id.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, FAST, key, WRITE } from './spec.ts';
import { consumerAt } from './stream_deliver.ts';
import { idOr, isId, startOr } from './stream_ids.ts';
import { logAcknowledged, logClaimed, logRead } from './stream_log.ts';
import { type GroupTarget, readGroupOr } from './stream_pending.ts';
import { replyEntry, replyId } from './stream_reply.ts';

/** Arguments of both commands. */
const WORDS = { keyAt: 1, groupAt: 2, consumerAt: 3 };
const AUTO_COUNT = 100;
const AUTO_COUNT_MAX = 2n ** 59n - 1n;
/** Pending entries that XAUTOCLAIM looks at for each one that it may claim. */
const LOOKS_PER_CLAIM = 10;

const XCLAIM = command({
  name: 'xclaim',
  group: 'stream',
  since: '5.0.0',
  summary: 'Gives pending entries to another consumer of the group, as if delivered to it',
  complexity: 'O(log N) for each entry, N being those pending for the group',
  arity: -6,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE', 1)],
  tips: ['nondeterministic_output'],
  syntax: `key group consumer min-idle-time id+ [IDLE ms:integer] [TIME unix-time-milliseconds:unix-time]
    [RETRYCOUNT count:integer] [FORCE] [JUSTID] [LASTID id]`,
  run: runXclaim,
});

interface ClaimOptions {
  /** Behind the last id. */
  idsEnd: number;
  deliveredMs: number;
  /** -1: one more than before. */
  deliveries: bigint;
  force: boolean;
  justId: boolean;
  lastId: Id;
}

function runXclaim(c: Context): void {
  const { streams } = c.keyspace;
  const { groups, id } = streams;
  const target = readGroupOr(c);
  if (target === null) return;
  const { group, stream } = target;
  const minIdleMs = minIdleOr(c, 'XCLAIM');
  if (Number.isNaN(minIdleMs)) return;
  const options = parseClaim(c);
  if (options === null) return;
  let movesOn = false;
  if (groups.compareLastId(group, options.lastId) < 0) {
    groups.setLastId(group, options.lastId);
    c.keyspace.dirty++;
    movesOn = true;
  }
  const claimed: Id[] = [];
  for (let i = 5; i < options.idsEnd; i++) {
    idOr(c, i, id);
    if (claimOne(c, target, minIdleMs, options)) claimed.push(id.slice());
  }
  if (movesOn && claimed.length === 0 && c.effects.active) logRead(c, WORDS, group);
  replyClaimed(c, stream, claimed, options.justId);
}

/** Claims the entry of `streams.id`; false if that cannot be. */
function claimOne(c: Context, target: GroupTarget, minIdleMs: number, options: ClaimOptions): boolean {
  const { keyspace } = c;
  const { groups, id } = keyspace.streams;
  const { group } = target;
  const { deliveredMs, deliveries, force, justId } = options;
  let pending = groups.findPending(group, id);
  if (!stillThere(c, target, pending, id)) return false;
  if (pending === 0 ? !force : isTooFresh(c, pending, minIdleMs)) return false;
  const consumer = consumerAt(c, group, 3, 1);
  if (pending === 0) pending = groups.addPending(group, consumer, id, deliveredMs);
  else groups.giveTo(pending, consumer, id);
  settle(c, pending, deliveredMs, deliveries, justId);
  if (c.effects.active) logClaimed(c, WORDS, group, pending, id);
  groups.activate(consumer, keyspace.nowMs);
  keyspace.dirty++;
  return true;
}

/** Whether an entry is still in the stream; if not, it is pending no more. */
function stillThere(c: Context, { stream, group }: GroupTarget, pending: Ref, id: Id): boolean {
  const { keyspace } = c;
  const { streams } = keyspace;
  if (streams.has(stream, id)) return true;
  if (pending !== 0) {
    streams.groups.acknowledge(group, id);
    if (c.effects.active) logAcknowledged(c, WORDS, id);
    keyspace.dirty++;
  }
  return false;
}

function isTooFresh(c: Context, pending: Ref, minIdleMs: number): boolean {
  return minIdleMs > 0 && c.keyspace.nowMs - c.keyspace.streams.groups.deliveredMs(pending) < minIdleMs;
}

function settle(c: Context, pending: Ref, deliveredMs: number, deliveries: bigint, justId: boolean): void {
  const { groups } = c.keyspace.streams;
  groups.setDelivered(pending, deliveredMs);
  if (deliveries >= 0n) groups.setDeliveries(pending, deliveries);
  else if (!justId) groups.countDelivery(pending);
}

/** Ids and options; null after an error reply. */
function parseClaim(c: Context): ClaimOptions | null {
  const { args, reply } = c;
  const { nowMs, streams } = c.keyspace;
  let i = 5;
  while (i < args.count && isId(c, i, streams.id)) i++;
  const lastId = makeId();
  const options: ClaimOptions = {
    idsEnd: i,
    deliveredMs: nowMs,
    deliveries: -1n,
    force: false,
    justId: false,
    lastId,
  };
  for (; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (args.is(i, 'force')) options.force = true;
    else if (args.is(i, 'justid')) options.justId = true;
    else if (hasMore && (args.is(i, 'idle') || args.is(i, 'time') || args.is(i, 'retrycount'))) {
      const value = args.int64(i + 1);
      if (value === null) {
        reply.error(invalidClaimOption(args.text(i).toUpperCase()));
        return null;
      }
      if (args.is(i, 'retrycount')) options.deliveries = value;
      else options.deliveredMs = args.is(i, 'idle') ? nowMs - Number(value) : Number(value);
      i++;
    } else if (hasMore && args.is(i, 'lastid')) {
      if (!idOr(c, ++i, lastId)) return null;
    } else {
      reply.error(unknownClaimOption(args.text(i)));
      return null;
    }
  }
  // A time that cannot be is taken for now.
  if (options.deliveredMs < 0 || options.deliveredMs > nowMs) options.deliveredMs = nowMs;
  return options;
}

const XAUTOCLAIM = command({
  name: 'xautoclaim',
  group: 'stream',
  since: '6.2.0',
  summary: 'Gives entries that were pending for long to another consumer of the group',
  complexity: 'O(1) if COUNT is small',
  arity: -6,
  flags: WRITE | FAST,
  keys: [key('RW DELETE', 1)],
  tips: ['nondeterministic_output'],
  syntax: 'key group consumer min-idle-time start [COUNT count:integer] [JUSTID]',
  history: [['7.0.0', 'Entries that are no longer in the stream are listed, and are pending no more.']],
  run: runXautoclaim,
});

function runXautoclaim(c: Context): void {
  const options = parseAutoClaim(c);
  if (options === null) {
    // Redis looks the key up first of all, which shows in its counters.
    c.lookup(1);
    return;
  }
  const target = readGroupOr(c);
  if (target !== null) autoClaim(c, target, options);
}

interface AutoClaimOptions {
  minIdleMs: number;
  count: number;
  justId: boolean;
}

/** Reads what follows the consumer, the first id into `streams.id`; null after an error reply. */
function parseAutoClaim(c: Context): AutoClaimOptions | null {
  const { args, reply } = c;
  const options = { minIdleMs: minIdleOr(c, 'XAUTOCLAIM'), count: AUTO_COUNT, justId: false };
  if (Number.isNaN(options.minIdleMs) || !startOr(c, 5, c.keyspace.streams.id)) return null;
  for (let i = 6; i < args.count; i++) {
    if (args.is(i, 'count') && i + 1 < args.count) {
      const value = args.int64(++i);
      if (value === null || value < 1n || value > AUTO_COUNT_MAX) {
        reply.error(CLAIM_COUNT_NOT_POSITIVE);
        return null;
      }
      options.count = Number(value);
    } else if (args.is(i, 'justid')) {
      options.justId = true;
    } else {
      reply.error(SYNTAX);
      return null;
    }
  }
  return options;
}

function autoClaim(c: Context, target: GroupTarget, options: AutoClaimOptions): void {
  const { keyspace, reply } = c;
  const { count, justId, minIdleMs } = options;
  const { group, stream } = target;
  const { groups, id } = keyspace.streams;
  const { pending } = groups;
  const claimed: Id[] = [];
  const gone: Id[] = [];
  let more = pending.seekAtLeast(group, id);
  for (
    let looks = LOOKS_PER_CLAIM * count;
    looks > 0 && more && claimed.length + gone.length < count;
    looks--
  ) {
    const entry = pending.value;
    pending.readId(id);
    if (!stillThere(c, target, entry, id)) {
      gone.push(id.slice());
      more = pending.seekAtLeast(group, id);
      continue;
    }
    if (!isTooFresh(c, entry, minIdleMs)) {
      const consumer = consumerAt(c, group, 3, 1);
      groups.giveTo(entry, consumer, id);
      settle(c, entry, keyspace.nowMs, -1n, justId);
      if (c.effects.active) logClaimed(c, WORDS, group, entry, id);
      groups.activate(consumer, keyspace.nowMs);
      keyspace.dirty++;
      claimed.push(id.slice());
    }
    more = pending.next();
  }
  if (more) pending.readId(id);
  else setLowest(id);
  reply.array(3);
  replyId(c, id);
  replyClaimed(c, stream, claimed, justId);
  reply.array(gone.length);
  for (const goneId of gone) replyId(c, goneId);
}

/** Entries that were claimed, which are in the stream, or their ids. */
function replyClaimed(c: Context, stream: Ref, ids: readonly Id[], justId: boolean): void {
  const { cursor } = c.keyspace.streams;
  c.reply.array(ids.length);
  for (const id of ids) {
    if (justId) replyId(c, id);
    else if (cursor.startAt(stream, id)) replyEntry(c, cursor.reader);
  }
}

/** Argument 4 as a time in ms, 0 if it is negative; NaN after an error reply. */
function minIdleOr(c: Context, name: string): number {
  const value = c.args.int64(4);
  if (value !== null) return Math.max(0, Number(value));
  c.reply.error(invalidMinIdleTime(name));
  return Number.NaN;
}

export const STREAM_CLAIM_COMMANDS: readonly CommandSpec[] = [XAUTOCLAIM, XCLAIM];
