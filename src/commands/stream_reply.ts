// Parts of replies that commands of streams share.
import type { Reply } from '../resp/reply.ts';
import type { Id } from '../structs/stream_id.ts';
import type { EntryReader } from '../types/stream_entry.ts';
import type { Context } from './context.ts';

/** An id as a bulk string. */
export function replyId(c: Context, id: Id): void {
  const { idText } = c.keyspace.streams;
  idText.set(id);
  c.reply.bulk(idText.bytes, 0, idText.length, idText.view);
}

/** An id as a word of the log. */
export function logId(c: Context, id: Id): void {
  const { idText } = c.keyspace.streams;
  idText.set(id);
  c.effects.bulk(idText.bytes, 0, idText.length);
}

/** An entry: its id, then names and values in turn. */
export function replyEntry(c: Context, reader: EntryReader): void {
  const { idText } = c.keyspace.streams;
  idText.set(reader.id);
  c.reply.pair(idText.bytes, idText.length, idText.view, 2 * reader.fields);
  replyWords(c.reply, reader);
}

/** An entry as XREADGROUP with CLAIM shows it: also for how long it was idle, and how often it was delivered before. */
export function replyDelivery(c: Context, reader: EntryReader, idleMs: number, deliveries: bigint): void {
  c.reply.array(4);
  replyId(c, reader.id);
  replyFields(c, reader);
  replyInt64(c, BigInt(idleMs));
  replyInt64(c, deliveries);
}

/** Names and values of an entry in turn. */
export function replyFields(c: Context, reader: EntryReader): void {
  c.reply.array(2 * reader.fields);
  replyWords(c.reply, reader);
}

function replyWords(reply: Reply, reader: EntryReader): void {
  for (let i = reader.fields; i > 0; i--) {
    reader.readName();
    reply.bulk(reader.bytes, reader.at, reader.length, reader.view);
    reader.readValue();
    reply.bulk(reader.bytes, reader.at, reader.length, reader.view);
  }
}

/** The entries at the cursor and behind it in its range, `count` of them, which are there. */
export function replyEntries(c: Context, count: number): void {
  const { cursor } = c.keyspace.streams;
  c.reply.array(count);
  for (let i = 0; i < count; i++) {
    if (i > 0) cursor.next();
    replyEntry(c, cursor.reader);
  }
}

/** A 64-bit integer. */
export function replyInt64(c: Context, value: bigint): void {
  if (value >= -0x7fffffffn && value <= 0x7fffffffn) c.reply.integer(Number(value));
  else c.reply.bigInteger(value);
}
