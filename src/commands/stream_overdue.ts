// XREADGROUP's CLAIM: entries that were pending for long go to the reader, before new ones and the longest idle first.
import type { Ref } from '../arena/arena.ts';
import { type Id, makeId } from '../structs/stream_id.ts';
import type { Context } from './context.ts';
import type { Source } from './stream_deliver.ts';
import { type GroupWords, logClaimed } from './stream_log.ts';
import { replyDelivery } from './stream_reply.ts';

/**
 * Ids of up to `limit` entries of a group that were delivered `idleMs` ago or earlier: first those that were released, in
 * turn, then in the order of delivery, and of their ids where that is the same. Entries that are no longer in the stream are passed over, and stay pending.
 */
export function overdueIds(c: Context, { stream, group }: Source, idleMs: number, limit: number): Id[] {
  const { keyspace } = c;
  const { groups } = keyspace.streams;
  const { pending } = groups;
  const latestMs = keyspace.nowMs - idleMs;
  const candidates: { id: Id; deliveredMs: number; turn: number }[] = [];
  for (let more = pending.seekFirst(group); more; more = pending.next()) {
    const deliveredMs = groups.deliveredMs(pending.value);
    if (deliveredMs > latestMs) continue;
    const id = makeId();
    pending.readId(id);
    candidates.push({ id, deliveredMs, turn: groups.turn(pending.value) });
  }
  candidates.sort((a, b) => a.turn - b.turn || a.deliveredMs - b.deliveredMs);
  const ids: Id[] = [];
  for (const { id } of candidates) {
    if (ids.length >= limit) break;
    if (keyspace.streams.has(stream, id)) ids.push(id);
  }
  return ids;
}

/** In how many ms the next pending entry of the group will have been so for `idleMs`; Infinity: none will. */
export function overdueInMs(c: Context, group: Ref, idleMs: number): number {
  const { keyspace } = c;
  const { groups } = keyspace.streams;
  const { pending } = groups;
  let inMs = Number.POSITIVE_INFINITY;
  for (let more = pending.seekFirst(group); more; more = pending.next()) {
    const leftMs = groups.deliveredMs(pending.value) + idleMs - keyspace.nowMs;
    if (leftMs > 0 && leftMs < inMs) inMs = leftMs;
  }
  return inMs;
}

/** Gives the overdue entries of a source to the consumer and writes them, with what they were before. */
export function claimWaiting(
  c: Context,
  { stream, group, overdue }: Source,
  consumer: Ref,
  words: GroupWords,
): void {
  const { nowMs, streams } = c.keyspace;
  const { cursor, groups } = streams;
  for (const id of overdue) {
    const pending = groups.findPending(group, id);
    cursor.startAt(stream, id);
    replyDelivery(
      c,
      cursor.reader,
      Math.max(0, nowMs - groups.deliveredMs(pending)),
      groups.deliveries(pending),
    );
    groups.giveTo(pending, consumer, id);
    groups.setDelivered(pending, nowMs);
    groups.countDelivery(pending);
    if (c.effects.active) logClaimed(c, words, group, pending, id);
  }
}
