// XINFO: streams, groups and consumers from the inside.
import type { Ref } from '../arena/arena.ts';
import { NO_SUCH_KEY, NOT_AN_INTEGER, noGroupOfKey, unknownSubcommandOrArity } from '../resp/errors.ts';
import { TYPE_STREAM } from '../structs/entry.ts';
import type { IdTree } from '../structs/id_tree.ts';
import { setLowest } from '../structs/stream_id.ts';
import { UNKNOWN_READ } from '../types/stream_group.ts';
import { radixNodes } from '../types/stream_radix.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, container, key, READONLY } from './spec.ts';
import { groupAt } from './stream_deliver.ts';
import { replyName } from './stream_pending.ts';
import { replyEntries, replyEntry, replyId, replyInt64 } from './stream_reply.ts';
import { readTyped, WRONG } from './typed.ts';

const FULL_COUNT = 10;

const STREAM = command({
  name: 'xinfo|stream',
  group: 'stream',
  since: '5.0.0',
  summary: 'Describes a stream, with FULL also its entries, groups and consumers',
  complexity: 'O(N) in the number of listpacks of the stream, and of what is shown',
  arity: -3,
  flags: READONLY,
  keys: [key('RO ACCESS', 2)],
  syntax: 'key [full=FULL ([COUNT count:integer])]',
  history: [
    ['6.0.0', 'Option FULL.'],
    ['7.0.0', 'Shows max-deleted-entry-id, entries-added, recorded-first-entry-id, entries-read and lag.'],
    ['7.2.0', 'Shows active-time, and seen-time of any attempt.'],
  ],
  help: ['STREAM <key> [FULL [COUNT <count>]', '    Describe a stream.'],
  run: runStream,
});

function runStream(c: Context): void {
  const { args, reply } = c;
  const stream = streamOr(c);
  if (stream === 0) return;
  if (args.count === 3) {
    replyState(c, stream, 3);
    replyEdges(c, stream);
    return;
  }
  const known = args.is(3, 'full') && (args.count === 4 || (args.count === 6 && args.is(4, 'count')));
  if (!known) {
    reply.error(unknownSubcommandOrArity(args.text(1), 'XINFO'));
    return;
  }
  let count = FULL_COUNT;
  if (args.count === 6) {
    const value = args.int64(5);
    if (value === null) {
      reply.error(NOT_AN_INTEGER);
      return;
    }
    if (value >= 0n) count = Number(value);
  }
  replyState(c, stream, 2);
  replyContents(c, stream, count === 0 ? Number.POSITIVE_INFINITY : count);
}

/**
 * The first fields of a map that `others` follow. What the stream knows of producers is shown only if it knows any, since
 * clients of older versions count fields.
 */
function replyState(c: Context, stream: Ref, others: number): void {
  const { reply } = c;
  const { streams } = c.keyspace;
  const { id, tree } = streams;
  const record = streams.producersOf(stream);
  reply.map(others + (record === 0 ? 7 : 13));
  reply.bulkText('length');
  reply.integer(streams.length(stream));
  reply.bulkText('radix-tree-keys');
  reply.integer(tree.count(stream));
  reply.bulkText('radix-tree-nodes');
  reply.integer(radixNodes(tree, stream));
  reply.bulkText('last-generated-id');
  streams.readLastId(stream, id);
  replyId(c, id);
  reply.bulkText('max-deleted-entry-id');
  streams.readMaxDeletedId(stream, id);
  replyId(c, id);
  reply.bulkText('entries-added');
  replyInt64(c, streams.entriesAdded(stream));
  reply.bulkText('recorded-first-entry-id');
  streams.readFirstId(stream, id);
  replyId(c, id);
  if (record !== 0) replyProducers(c, record);
}

function replyProducers(c: Context, record: Ref): void {
  const { reply } = c;
  const { nowMs, streams } = c.keyspace;
  const { producers } = streams;
  const counts = producers.counts(record, nowMs);
  reply.bulkText('idmp-duration');
  reply.integer(producers.seconds(record));
  reply.bulkText('idmp-maxsize');
  reply.integer(producers.idsMax(record));
  reply.bulkText('pids-tracked');
  reply.integer(counts.producers);
  reply.bulkText('iids-tracked');
  reply.integer(counts.ids);
  reply.bulkText('iids-added');
  replyInt64(c, producers.added(record));
  reply.bulkText('iids-duplicates');
  replyInt64(c, producers.duplicates(record));
}

function replyEdges(c: Context, stream: Ref): void {
  const { reply } = c;
  const { streams } = c.keyspace;
  const { cursor, highestId, id } = streams;
  reply.bulkText('groups');
  reply.integer(streams.groups.names.count(streams.groupsOf(stream)));
  setLowest(id);
  reply.bulkText('first-entry');
  if (cursor.start(stream, id, highestId, false)) replyEntry(c, cursor.reader);
  else reply.null();
  reply.bulkText('last-entry');
  if (cursor.start(stream, id, highestId, true)) replyEntry(c, cursor.reader);
  else reply.null();
}

/** The last two fields of XINFO STREAM FULL, `count` entries of each kind at most. */
function replyContents(c: Context, stream: Ref, count: number): void {
  const { reply } = c;
  const { streams } = c.keyspace;
  const { cursor, groups, highestId, id } = streams;
  setLowest(id);
  reply.bulkText('entries');
  if (cursor.start(stream, id, highestId, false)) replyEntries(c, cursor.count(count));
  else reply.array(0);
  reply.bulkText('groups');
  const all = streams.groupsOf(stream);
  reply.array(groups.names.count(all));
  for (let more = groups.names.seekFirst(all); more; more = groups.names.next()) {
    const group = groups.names.value;
    const released = groups.releasedCount(group);
    reply.map(released === 0 ? 7 : 8);
    replyGroupName(c, group);
    replyProgress(c, stream, group);
    reply.bulkText('pel-count');
    reply.integer(groups.pendingCount(group));
    if (released > 0) {
      reply.bulkText('nacked-count');
      reply.integer(released);
    }
    replyPending(c, groups.pending, group, count, true);
    reply.bulkText('consumers');
    reply.array(groups.consumerCount(group));
    for (let other = groups.firstConsumer(group); other; other = groups.consumers.next()) {
      replyConsumer(c, groups.consumers.value, count);
    }
  }
}

function replyConsumer(c: Context, consumer: Ref, count: number): void {
  const { reply } = c;
  const { groups } = c.keyspace.streams;
  reply.map(5);
  reply.bulkText('name');
  replyName(c, consumer);
  reply.bulkText('seen-time');
  reply.integer(groups.seenMs(consumer));
  reply.bulkText('active-time');
  reply.integer(groups.activeMs(consumer));
  reply.bulkText('pel-count');
  reply.integer(groups.pendingCount(consumer));
  replyPending(c, groups.owned, consumer, count, false);
}

/** The field `pending` of a group or a consumer. */
function replyPending(c: Context, tree: IdTree, holder: Ref, count: number, withOwner: boolean): void {
  const { reply } = c;
  const { groups, id } = c.keyspace.streams;
  let left = Math.min(count, tree.count(holder));
  reply.bulkText('pending');
  reply.array(left);
  for (let more = tree.seekFirst(holder); more && left > 0; more = tree.next()) {
    const pending = tree.value;
    left--;
    tree.readId(id);
    reply.array(withOwner ? 4 : 3);
    replyId(c, id);
    if (withOwner) replyName(c, groups.owner(pending));
    reply.integer(groups.deliveredMs(pending));
    replyInt64(c, groups.deliveries(pending));
  }
}

const GROUPS = command({
  name: 'xinfo|groups',
  group: 'stream',
  since: '5.0.0',
  summary: 'Lists the consumer groups of a stream',
  complexity: 'O(N) in the number of groups',
  arity: 3,
  flags: READONLY,
  keys: [key('RO ACCESS', 2)],
  syntax: 'key',
  history: [['7.0.0', 'Shows entries-read and lag.']],
  help: ['GROUPS <key>', '    List the groups of a stream.'],
  run: runGroups,
});

function runGroups(c: Context): void {
  const { reply } = c;
  const { streams } = c.keyspace;
  const { groups } = streams;
  const stream = streamOr(c);
  if (stream === 0) return;
  const all = streams.groupsOf(stream);
  reply.array(groups.names.count(all));
  for (let more = groups.names.seekFirst(all); more; more = groups.names.next()) {
    const group = groups.names.value;
    reply.map(6);
    replyGroupName(c, group);
    reply.bulkText('consumers');
    reply.integer(groups.consumerCount(group));
    reply.bulkText('pending');
    reply.integer(groups.pendingCount(group));
    replyProgress(c, stream, group);
  }
}

function replyGroupName(c: Context, group: Ref): void {
  const { u8, at, length } = c.keyspace.streams.groups.groupName(group);
  c.reply.bulkText('name');
  c.reply.bulk(u8, at, length);
}

/** Three fields: how far a group has come, how many entries it has read and how many it has before it. */
function replyProgress(c: Context, stream: Ref, group: Ref): void {
  const { reply } = c;
  const { groups, id } = c.keyspace.streams;
  groups.readLastId(group, id);
  reply.bulkText('last-delivered-id');
  replyId(c, id);
  reply.bulkText('entries-read');
  if (groups.isReadKnown(group)) replyInt64(c, groups.entriesRead(group));
  else reply.null();
  reply.bulkText('lag');
  replyLag(c, stream, group);
}

/** Leaves the last id of the group in `streams.id`. */
function replyLag(c: Context, stream: Ref, group: Ref): void {
  const { streams } = c.keyspace;
  const { groups, id } = streams;
  if (!streams.hasAdded(stream)) {
    c.reply.integer(0);
    return;
  }
  let read = UNKNOWN_READ;
  if (groups.isReadKnown(group) && !streams.hasGapFrom(stream, id)) read = groups.entriesRead(group);
  else read = streams.addedUpTo(stream, id);
  if (read === UNKNOWN_READ) c.reply.null();
  else replyInt64(c, streams.entriesAdded(stream) - read);
}

const CONSUMERS = command({
  name: 'xinfo|consumers',
  group: 'stream',
  since: '5.0.0',
  summary: 'Lists the consumers of a group',
  complexity: 'O(N) in the number of consumers',
  arity: 4,
  flags: READONLY,
  keys: [key('RO ACCESS', 2)],
  tips: ['nondeterministic_output'],
  syntax: 'key groupname',
  history: [['7.2.0', 'Shows inactive.']],
  help: ['CONSUMERS <key> <groupname>', '    List the consumers of a group.'],
  run: runConsumers,
});

function runConsumers(c: Context): void {
  const { args, keyspace, reply } = c;
  const { groups } = keyspace.streams;
  const stream = streamOr(c);
  if (stream === 0) return;
  const group = groupAt(c, stream, 3);
  if (group === 0) {
    reply.error(noGroupOfKey(args.text(2), args.text(3)));
    return;
  }
  reply.array(groups.consumerCount(group));
  for (let more = groups.firstConsumer(group); more; more = groups.consumers.next()) {
    const consumer = groups.consumers.value;
    const activeMs = groups.activeMs(consumer);
    reply.map(4);
    reply.bulkText('name');
    replyName(c, consumer);
    reply.bulkText('pending');
    reply.integer(groups.pendingCount(consumer));
    reply.bulkText('idle');
    reply.integer(Math.max(0, keyspace.nowMs - groups.seenMs(consumer)));
    reply.bulkText('inactive');
    reply.integer(activeMs < 0 ? -1 : Math.max(0, keyspace.nowMs - activeMs));
  }
}

/** The stream in argument 2; 0 after an error reply. */
function streamOr(c: Context): Ref {
  const ref = readTyped(c, 2, TYPE_STREAM);
  if (ref === WRONG) return 0;
  if (ref === 0) c.reply.error(NO_SUCH_KEY);
  return ref === 0 ? 0 : c.keyspace.streams.of(ref);
}

const XINFO = container(
  {
    name: 'xinfo',
    group: 'stream',
    since: '5.0.0',
    summary: 'Describes streams, groups and consumers',
    helpSince: '5.0.0',
  },
  [CONSUMERS, GROUPS, STREAM],
);

export const STREAM_INFO_COMMANDS: readonly CommandSpec[] = [XINFO];
