// Caps on what XREAD and XREADGROUP answer in all, MAXCOUNT and MAXSIZE: streams are served in the order in which they are named,
// until one of the caps is reached.
//
// MAXSIZE is soft: an entry is answered as long as the reply is shorter, and one always is. A reply begins with its length, so
// how much of it fits is found out before anything is written.
import { bulkBytes } from '../resp/size.ts';
import { increment } from '../structs/stream_id.ts';
import type { EntryReader } from '../types/stream_entry.ts';
import type { Context } from './context.ts';
import { type ReadRequest, type Source, startAfter } from './stream_deliver.ts';

export interface ReadCaps {
  /** Entries, and bytes of the reply, that may still come. Infinity: as many as there are. */
  entries: number;
  bytes: number;
  /** Whether an entry has come. */
  begun: boolean;
}

/** Bytes around a stream's name and its entries, around an entry's id and its fields, and of what CLAIM adds to one. */
const STREAM_BYTES = 8;
const ENTRY_BYTES = 8;
const DELIVERY_BYTES = 8;

export function noCaps(): ReadCaps {
  return { entries: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY, begun: false };
}

/** Whether nothing more may come. */
export function isSpent({ entries, bytes, begun }: ReadCaps): boolean {
  return entries <= 0 || isFull({ bytes, begun });
}

function isFull({ bytes, begun }: Pick<ReadCaps, 'bytes' | 'begun'>): boolean {
  return bytes <= 0 && begun;
}

/** Takes from the new entries of a source, at whose first one the cursor is, what does not fit; `taken` of them are another's. */
export function capEntries(c: Context, request: ReadRequest, source: Source, taken: number): void {
  const { caps, claimMs } = request;
  const { cursor } = c.keyspace.streams;
  source.available = Math.min(source.available, caps.entries);
  caps.entries -= source.available;
  if (caps.bytes === Number.POSITIVE_INFINITY) return;
  if (source.overdue.length === 0) countStream(c, caps, source);
  for (let i = 0; i < taken; i++) cursor.next();
  for (let i = 0; i < source.available; i++) {
    if (isFull(caps)) source.available = i;
    if (i === source.available) break;
    if (i > 0) cursor.next();
    count(caps, entryBytes(c, cursor.reader) + (Number.isNaN(claimMs) ? 0 : DELIVERY_BYTES));
  }
  startAfter(c, source);
}

/** Takes from the entries that a source may claim what does not fit. */
export function capOverdue(c: Context, { caps }: ReadRequest, source: Source): void {
  const { cursor } = c.keyspace.streams;
  const { overdue, stream } = source;
  if (overdue.length > caps.entries) source.overdue = overdue.slice(0, caps.entries);
  caps.entries -= source.overdue.length;
  if (caps.bytes === Number.POSITIVE_INFINITY || overdue.length === 0) return;
  countStream(c, caps, source);
  for (const [i, id] of source.overdue.entries()) {
    if (isFull(caps)) {
      source.overdue = source.overdue.slice(0, i);
      return;
    }
    cursor.startAt(stream, id);
    count(caps, entryBytes(c, cursor.reader) + DELIVERY_BYTES);
  }
}

/** Finds out how many entries of a consumer's history fit. */
export function capHistory(c: Context, { caps, groupAt }: ReadRequest, source: Source): void {
  if (caps.entries === Number.POSITIVE_INFINITY && caps.bytes === Number.POSITIVE_INFINITY) return;
  const { args } = c;
  const { cursor, groups, otherId } = c.keyspace.streams;
  const { group, id, stream } = source;
  const { owned } = groups;
  const limit = Math.min(source.historyLimit, caps.entries);
  const name = groupAt + 1;
  const consumer = groups.findConsumer(group, args.bytes, args.at(name), args.length(name));
  countStream(c, caps, source);
  otherId.set(id);
  let fitting = 0;
  if (consumer !== 0 && increment(otherId)) {
    for (let more = owned.seekAtLeast(consumer, otherId); more && fitting < limit; more = owned.next()) {
      if (isFull(caps)) break;
      owned.readId(otherId);
      count(caps, cursor.startAt(stream, otherId) ? entryBytes(c, cursor.reader) : ENTRY_BYTES);
      fitting++;
    }
  }
  caps.entries -= fitting;
  source.historyLimit = fitting;
}

function count(caps: ReadCaps, bytes: number): void {
  caps.bytes -= bytes;
  caps.begun = true;
}

function countStream(c: Context, caps: ReadCaps, { keyAt }: Source): void {
  caps.bytes -= STREAM_BYTES + bulkBytes(c.args.length(keyAt));
}

function entryBytes(c: Context, reader: EntryReader): number {
  const { idText } = c.keyspace.streams;
  idText.set(reader.id);
  let bytes = ENTRY_BYTES + bulkBytes(idText.length);
  for (let i = 0; i < reader.fields; i++) {
    reader.readName();
    bytes += bulkBytes(reader.length);
    reader.readValue();
    bytes += bulkBytes(reader.length);
  }
  return bytes;
}
