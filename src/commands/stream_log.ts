// What XREADGROUP, XCLAIM and XAUTOCLAIM did to a group, as commands that do it again whatever the time is.
import type { Ref } from '../arena/arena.ts';
import { type Id, makeId } from '../structs/stream_id.ts';
import type { Context } from './context.ts';
import { logId } from './stream_reply.ts';

/** Where a command names what it works on, as arguments. */
export interface GroupWords {
  keyAt: number;
  groupAt: number;
  consumerAt: number;
}

/** Logs to whom a pending entry belongs, since when, how often it was delivered, and how far the group has read. */
export function logClaimed(c: Context, words: GroupWords, group: Ref, pending: Ref, id: Id): void {
  const { effects, keyspace } = c;
  const { groups } = keyspace.streams;
  const last = makeId();
  effects.op(c, 'XCLAIM', 14).arg(words.keyAt).arg(words.groupAt).arg(words.consumerAt).text('0');
  logId(c, id);
  effects.text('TIME').number(groups.deliveredMs(pending));
  effects.text('RETRYCOUNT').text(groups.deliveries(pending).toString());
  effects.text('FORCE').text('JUSTID').text('LASTID');
  groups.readLastId(group, last);
  logId(c, last);
}

/** Logs that an entry is pending no more, since it is no longer in the stream. */
export function logAcknowledged(c: Context, { keyAt, groupAt }: GroupWords, id: Id): void {
  c.effects.op(c, 'XACK', 4).arg(keyAt).arg(groupAt);
  logId(c, id);
}

/** Logs how far the group has read. */
export function logRead(c: Context, { keyAt, groupAt }: GroupWords, group: Ref): void {
  const { effects, keyspace } = c;
  const { groups } = keyspace.streams;
  const last = makeId();
  groups.readLastId(group, last);
  effects.op(c, 'XGROUP', 7).text('SETID').arg(keyAt).arg(groupAt);
  logId(c, last);
  effects.text('ENTRIESREAD').text(groups.entriesRead(group).toString());
}

/** Logs that the group has a new consumer. */
export function logConsumer(c: Context, { keyAt, groupAt, consumerAt }: GroupWords): void {
  c.effects.op(c, 'XGROUP', 5).text('CREATECONSUMER').arg(keyAt).arg(groupAt).arg(consumerAt);
}
