// Answers XREAD and XREADGROUP from one stream, and keeps the books of groups.
import type { Ref } from '../arena/arena.ts';
import { EVENT_STREAM } from '../keyspace/keyspace.ts';
import { type Id, increment } from '../structs/stream_id.ts';
import type { Context } from './context.ts';
import type { ReadCaps } from './stream_caps.ts';
import { type GroupWords, logClaimed, logConsumer, logRead } from './stream_log.ts';
import { claimWaiting } from './stream_overdue.ts';
import { replyDelivery, replyEntries, replyEntry, replyId } from './stream_reply.ts';

/** One of the streams that a command reads. */
export interface Source {
  keyAt: number;
  idAt: number;
  /** 0: there is none. */
  stream: Ref;
  /** 0 for XREAD. */
  group: Ref;
  /** `$`, `+` or `>` as a character, 0 for an id. */
  mark: number;
  /** What comes after this is to be read. */
  id: Id;
  /** How many entries to answer; for history only whether there is to be an answer. */
  available: number;
  /** How many entries of the history to answer at most. */
  historyLimit: number;
  /** Pending entries to claim, which come before those. */
  overdue: readonly Id[];
}

export interface ReadRequest {
  /** Argument of the first key, and number of keys. */
  first: number;
  count: number;
  /** Argument of the group's name, the consumer's behind it; 0 for XREAD. */
  groupAt: number;
  noAck: boolean;
  /** Entries that were pending for so long are claimed; NaN: none. */
  claimMs: number;
  /** Entries of each stream at most. */
  limit: number;
  /** What all streams together may still get. */
  caps: ReadCaps;
  /** NaN: does not wait. */
  blockMs: number;
  sources: Source[];
}

/** Puts the cursor on the first entry after the id of a source. */
export function startAfter(c: Context, { stream, id }: Source): boolean {
  const { streams } = c.keyspace;
  const { cursor, highestId, otherId } = streams;
  if (streams.length(stream) === 0 || streams.compareLastId(stream, id) <= 0) return false;
  otherId.set(id);
  increment(otherId);
  return cursor.start(stream, otherId, highestId, false);
}

/** The group named by argument `i`, or 0. */
export function groupAt(c: Context, stream: Ref, i: number): Ref {
  const { args, keyspace } = c;
  const { streams } = keyspace;
  return streams.groups.find(streams.groupsOf(stream), args.bytes, args.at(i), args.length(i));
}

/** The consumer named by argument `i`, who is noted as seen; made if there is none (`keyAt` is the key's argument). */
export function consumerAt(c: Context, group: Ref, i: number, keyAt: number): Ref {
  const { args, keyspace } = c;
  const { groups } = keyspace.streams;
  const consumer = groups.findConsumer(group, args.bytes, args.at(i), args.length(i));
  if (consumer === 0) return createConsumer(c, group, i, keyAt);
  groups.see(consumer, keyspace.nowMs);
  return consumer;
}

/** A new consumer under the name in argument `i`. */
export function createConsumer(c: Context, group: Ref, i: number, keyAt: number): Ref {
  const { args, keyspace } = c;
  const { groups } = keyspace.streams;
  const consumer = groups.createConsumer(group, args.bytes, args.at(i), args.length(i), keyspace.nowMs);
  c.changed(keyAt, EVENT_STREAM, 'xgroup-createconsumer');
  return consumer;
}

/** Writes the name of a stream and its entries. */
export function deliver(c: Context, request: ReadRequest, source: Source): void {
  const { args, keyspace, reply } = c;
  const { groups } = keyspace.streams;
  const { keyAt, group, mark, available } = source;
  if (!reply.resp3) reply.array(2);
  reply.bulk(args.bytes, args.at(keyAt), args.length(keyAt));
  if (group === 0) {
    if (request.count > 1) startAfter(c, source);
    replyEntries(c, available);
    return;
  }
  const words = { keyAt, groupAt: request.groupAt, consumerAt: request.groupAt + 1 };
  const consumers = groups.consumerCount(group);
  const consumer = consumerAt(c, group, request.groupAt + 1, keyAt);
  const { active } = c.effects;
  if (active) c.effects.replace();
  if (active && groups.consumerCount(group) > consumers && (mark === 0 || request.noAck))
    logConsumer(c, words);
  if (mark === 0) {
    replyHistory(c, source, consumer);
  } else {
    reply.array(source.overdue.length + available);
    claimWaiting(c, source, consumer, words);
    groups.readLastId(group, source.id);
    if (request.count > 1 || source.overdue.length > 0) startAfter(c, source);
    deliverNew(c, request, source, consumer, words);
    if (active && available > 0) logRead(c, words, group);
  }
  keyspace.dirty++;
}

/** Entries at the cursor and behind it, which become pending. */
function deliverNew(
  c: Context,
  { noAck, claimMs }: ReadRequest,
  { stream, group, available }: Source,
  consumer: Ref,
  words: GroupWords,
): void {
  const { keyspace } = c;
  const { streams } = keyspace;
  const { cursor, groups } = streams;
  const { reader } = cursor;
  let counted = 0;
  let isCounting = false;
  for (let i = 0; i < available; i++) {
    if (i > 0) cursor.next();
    // Entries come in the order of their ids, so there is no gap behind one that has none.
    isCounting ||= groups.isReadKnown(group) && !streams.hasGapFrom(stream, reader.id);
    if (isCounting) counted++;
    else guessRead(c, stream, group, reader.id);
    if (Number.isNaN(claimMs)) replyEntry(c, reader);
    else replyDelivery(c, reader, 0, 0n);
    if (noAck) continue;
    groups.deliver(group, consumer, reader.id, keyspace.nowMs);
    if (!c.effects.active) continue;
    groups.setLastId(group, reader.id);
    logClaimed(c, words, group, groups.findPending(group, reader.id), reader.id);
  }
  groups.countRead(group, counted);
  if (available > 0) groups.setLastId(group, reader.id);
  groups.activate(consumer, keyspace.nowMs);
}

/** Notes how many entries a group has read with this one, where they cannot just be counted. */
function guessRead(c: Context, stream: Ref, group: Ref, id: Id): void {
  const { streams } = c.keyspace;
  if (streams.hasAdded(stream)) streams.groups.setEntriesRead(group, streams.addedUpTo(stream, id));
}

/** Entries that the consumer has got and not acknowledged; those that are no longer in the stream without fields. */
function replyHistory(c: Context, { stream, id, historyLimit }: Source, consumer: Ref): void {
  const { keyspace, reply } = c;
  const { cursor, groups, otherId } = keyspace.streams;
  const { owned } = groups;
  otherId.set(id);
  const isEnd = !increment(otherId);
  let count = 0;
  for (
    let more = !isEnd && owned.seekAtLeast(consumer, otherId);
    more && count < historyLimit;
    more = owned.next()
  )
    count++;
  reply.array(count);
  if (count === 0) return;
  owned.seekAtLeast(consumer, otherId);
  for (let i = 0; i < count; i++) {
    if (i > 0) owned.next();
    owned.readId(otherId);
    if (cursor.startAt(stream, otherId)) {
      replyEntry(c, cursor.reader);
      groups.setDelivered(owned.value, keyspace.nowMs);
      groups.countDelivery(owned.value);
    } else {
      reply.array(2);
      replyId(c, otherId);
      reply.nullArray();
    }
  }
}
