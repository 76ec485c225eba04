// Pending entries of groups: looking at them, acknowledging them, and deleting entries with regard to them.
import type { Ref } from '../arena/arena.ts';
import { EVENT_STREAM } from '../keyspace/keyspace.ts';
import { IDS_MISMATCH, IDS_NOT_POSITIVE, NOT_AN_INTEGER, noKeyOrGroup, SYNTAX } from '../resp/errors.ts';
import { TYPE_STREAM } from '../structs/entry.ts';
import { KEEP_REFERENCES } from '../types/stream_references.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, FAST, key, READONLY, WRITE } from './spec.ts';
import { groupAt } from './stream_deliver.ts';
import { endOr, idOr, startOr } from './stream_ids.ts';
import { replyId, replyInt64 } from './stream_reply.ts';
import { referencesOf } from './stream_trim_options.ts';
import { readTyped, WRONG, writeTyped } from './typed.ts';

const XACK = command({
  name: 'xack',
  group: 'stream',
  since: '5.0.0',
  summary: 'Acknowledges entries that were delivered to a group',
  complexity: 'O(1) for each entry',
  arity: -4,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax: 'key group id+',
  run: runXack,
});

function runXack(c: Context): void {
  const { args, keyspace, reply } = c;
  const { groups, id } = keyspace.streams;
  const ref = readTyped(c, 1, TYPE_STREAM);
  if (ref === WRONG) return;
  const group = ref === 0 ? 0 : groupAt(c, keyspace.streams.of(ref), 2);
  if (group === 0) {
    reply.integer(0);
    return;
  }
  if (args.count > 4) for (let i = 3; i < args.count; i++) if (!idOr(c, i, id)) return;
  let acknowledged = 0;
  for (let i = 3; i < args.count; i++) {
    if (!idOr(c, i, id)) return;
    if (groups.acknowledge(group, id)) acknowledged++;
  }
  keyspace.dirty += acknowledged;
  reply.integer(acknowledged);
}

const XDELEX = command({
  name: 'xdelex',
  group: 'stream',
  since: '8.2.0',
  summary: 'Removes entries from a stream with regard to groups that refer to them',
  complexity: 'O(1) for each entry and group, whatever the length of the stream',
  arity: -5,
  flags: WRITE | FAST,
  keys: [key('RW DELETE', 1)],
  syntax: 'key references=[KEEPREF | DELREF | ACKED] ids=IDS (numids:integer id+)',
  run: runXdelex,
});

function runXdelex(c: Context): void {
  const plan = parsePlan(c, 2);
  if (plan === null) return;
  const ref = writeTyped(c, 1, TYPE_STREAM);
  if (ref !== WRONG) removePlanned(c, plan, ref, 0);
}

const XACKDEL = command({
  name: 'xackdel',
  group: 'stream',
  since: '8.2.0',
  summary: 'Acknowledges entries in a group and removes them from the stream',
  complexity: 'O(1) for each entry and group, whatever the length of the stream',
  arity: -6,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE DELETE', 1)],
  syntax: 'key group references=[KEEPREF | DELREF | ACKED] ids=IDS (numids:integer id+)',
  run: runXackdel,
});

function runXackdel(c: Context): void {
  const plan = parsePlan(c, 3);
  if (plan === null) return;
  const ref = writeTyped(c, 1, TYPE_STREAM);
  if (ref === WRONG) return;
  const group = ref === 0 ? 0 : groupAt(c, c.keyspace.streams.of(ref), 2);
  removePlanned(c, plan, group === 0 ? 0 : ref, group);
}

/** What XDELEX and XACKDEL answer for an id. */
const NO_SUCH_ID = -1;
const REMOVED = 1;
const STILL_REFERENCED = 2;

interface Plan {
  references: number;
  /** Argument of the first id, and number of ids. */
  first: number;
  count: number;
}

/** Options from argument `i` on; null after an error reply. */
function parsePlan(c: Context, from: number): Plan | null {
  const { args } = c;
  let references = -1;
  let first = 0;
  let count = 0;
  for (let i = from; i < args.count; ) {
    if (references < 0 && (references = referencesOf(c, i)) >= 0) {
      i++;
    } else if (args.is(i, 'ids') && i + 1 < args.count) {
      count = args.int(i + 1);
      first = i + 2;
      if (!(count > 0)) return refuse(c, IDS_NOT_POSITIVE);
      if (count > args.count - first) return refuse(c, IDS_MISMATCH);
      i = first + count;
    } else {
      return refuse(c, SYNTAX);
    }
  }
  const { id } = c.keyspace.streams;
  for (let i = first; i < first + count; i++) if (!idOr(c, i, id)) return null;
  return { references: references < 0 ? KEEP_REFERENCES : references, first, count };
}

function refuse(c: Context, text: string): null {
  c.reply.error(text);
  return null;
}

/** Removes entries of the stream in entry `ref` (0: there is none), after an acknowledgement if there is a group. */
function removePlanned(c: Context, { references, first, count }: Plan, ref: Ref, group: Ref): void {
  const { keyspace, reply } = c;
  const { streams } = keyspace;
  const { groups, id } = streams;
  const stream = ref === 0 ? 0 : streams.of(ref);
  let removed = 0;
  let acknowledged = 0;
  reply.array(count);
  for (let i = first; i < first + count; i++) {
    idOr(c, i, id);
    let known = stream !== 0;
    if (known && group !== 0) {
      known = groups.acknowledge(group, id);
      if (known) acknowledged++;
    } else if (known) {
      known = streams.has(stream, id);
    }
    if (!known) {
      reply.integer(NO_SUCH_ID);
    } else if (!streams.references.mayRemove(stream, id, references)) {
      reply.integer(STILL_REFERENCED);
    } else {
      streams.references.removed(stream, id, references);
      if (streams.remove(stream, id)) removed++;
      reply.integer(REMOVED);
    }
  }
  if (removed > 0) {
    streams.updateFirstId(stream);
    c.changed(1, EVENT_STREAM, 'xdel');
    keyspace.dirty += removed - 1;
  }
  keyspace.dirty += acknowledged;
}

const XPENDING = command({
  name: 'xpending',
  group: 'stream',
  since: '5.0.0',
  summary: 'Entries that were delivered to a group and not acknowledged, in numbers or one by one',
  complexity: 'O(N) in the number of entries looked at; the short form in the number of consumers',
  arity: -3,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output'],
  syntax: 'key group filters=[[IDLE min-idle-time:integer]^6.2.0 start end count:integer [consumer]]',
  history: [['6.2.0', 'Option IDLE, and bounds that are left out, after a bracket.']],
  run: runXpending,
});

function runXpending(c: Context): void {
  const { args, reply } = c;
  const { id, otherId } = c.keyspace.streams;
  if (args.count !== 3 && (args.count < 6 || args.count > 9)) {
    reply.error(SYNTAX);
    return;
  }
  let startAt = 3;
  let minIdleMs = 0;
  let count = 0;
  if (args.count > 3) {
    if (args.is(3, 'idle')) {
      minIdleMs = integerOr(c, 4);
      if (Number.isNaN(minIdleMs)) return;
      if (args.count < 8) {
        reply.error(SYNTAX);
        return;
      }
      startAt = 5;
    }
    count = integerOr(c, startAt + 2);
    if (Number.isNaN(count) || !startOr(c, startAt, id) || !endOr(c, startAt + 1, otherId)) return;
  }
  const target = readGroupOr(c);
  if (target === null) return;
  if (args.count === 3) replySummary(c, target.group);
  else replyPending(c, target.group, startAt + 3, count, minIdleMs);
}

export interface GroupTarget {
  stream: Ref;
  group: Ref;
}

/** The stream in argument 1 and its group in argument 2; null after an error reply. */
export function readGroupOr(c: Context): GroupTarget | null {
  const ref = readTyped(c, 1, TYPE_STREAM);
  if (ref === WRONG) return null;
  const stream = ref === 0 ? 0 : c.keyspace.streams.of(ref);
  const group = stream === 0 ? 0 : groupAt(c, stream, 2);
  if (group !== 0) return { stream, group };
  c.reply.error(noKeyOrGroup(c.args.text(1), c.args.text(2)));
  return null;
}

function integerOr(c: Context, i: number): number {
  const value = c.args.int64(i);
  if (value !== null) return Number(value);
  c.reply.error(NOT_AN_INTEGER);
  return Number.NaN;
}

function replySummary(c: Context, group: Ref): void {
  const { reply } = c;
  const { groups, id } = c.keyspace.streams;
  const { consumers, pending } = groups;
  reply.array(4);
  reply.integer(groups.pendingCount(group));
  if (!pending.seekFirst(group)) {
    reply.null();
    reply.null();
    reply.nullArray();
    return;
  }
  pending.readId(id);
  replyId(c, id);
  pending.seekLast(group);
  pending.readId(id);
  replyId(c, id);
  let owners = 0;
  for (let more = groups.firstConsumer(group); more; more = consumers.next()) {
    if (groups.pendingCount(consumers.value) > 0) owners++;
  }
  reply.array(owners);
  for (let more = groups.firstConsumer(group); more; more = consumers.next()) {
    const owned = groups.pendingCount(consumers.value);
    if (owned === 0) continue;
    reply.array(2);
    replyName(c, consumers.value);
    reply.bulkInteger(owned);
  }
}

/** The name of a consumer; an empty one for 0, which is nobody. */
export function replyName(c: Context, consumer: Ref): void {
  if (consumer === 0) {
    c.reply.bulkText('');
    return;
  }
  const { u8, at, length } = c.keyspace.streams.groups.consumerName(consumer);
  c.reply.bulk(u8, at, length);
}

/** Pending entries from `streams.id` to `streams.otherId`, of the consumer in argument `consumerAt` if there is one. */
function replyPending(c: Context, group: Ref, consumerAt: number, count: number, minIdleMs: number): void {
  const { args, keyspace, reply } = c;
  const { groups, id, otherId } = keyspace.streams;
  let holder = group;
  if (consumerAt < args.count) {
    holder = groups.findConsumer(group, args.bytes, args.at(consumerAt), args.length(consumerAt));
    if (holder === 0) {
      reply.array(0);
      return;
    }
  }
  const { pending } = groups;
  const idleSince = minIdleMs === 0 ? Number.POSITIVE_INFINITY : keyspace.nowMs - minIdleMs;
  let found = 0;
  for (let more = pending.seekAtLeast(holder, id); more && found < count; more = pending.next()) {
    if (pending.compareHere(otherId) > 0) break;
    if (groups.deliveredMs(pending.value) <= idleSince) found++;
  }
  reply.array(found);
  const entryId = keyspace.streams.edgeId;
  for (let more = pending.seekAtLeast(holder, id); more && found > 0; more = pending.next()) {
    const entry = pending.value;
    if (groups.deliveredMs(entry) > idleSince) continue;
    found--;
    pending.readId(entryId);
    reply.array(4);
    replyId(c, entryId);
    replyName(c, groups.owner(entry));
    reply.integer(groups.owner(entry) === 0 ? -1 : Math.max(0, keyspace.nowMs - groups.deliveredMs(entry)));
    replyInt64(c, groups.deliveries(entry));
  }
}

export const STREAM_PENDING_COMMANDS: readonly CommandSpec[] = [XACK, XACKDEL, XDELEX, XPENDING];
