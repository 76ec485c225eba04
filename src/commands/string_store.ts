// Puts strings under keys, the way all commands do that replace a whole value: any type goes, the table's entry is changed
// in place where old and new have the same optional parts.
import type { Ref } from '../arena/arena.ts';
import { highWordOfBigInt, lowWordOfBigInt } from '../base/int64.ts';
import { EVENT_GENERIC, EVENT_STRING } from '../keyspace/keyspace.ts';
import { WRONG_TYPE } from '../resp/errors.ts';
import { HAS_EXPIRY, TYPE_STRING } from '../structs/entry.ts';
import { STRING_BYTES_MAX } from '../types/string.ts';
import type { Context } from './context.ts';

/**
 * Stores argument `v` under the key in argument `k`, whose live entry is `old` (0: none), with the hit on it. With HAS_EXPIRY
 * as `expiryFlag` it expires at the time given as the two words of an int64; with 0 never. Announces nothing.
 */
export function putString(
  c: Context,
  k: number,
  v: number,
  old: Ref,
  expiryFlag: number,
  low: number,
  high: number,
): void {
  const args = c.args;
  const keyspace = c.keyspace;
  const strings = keyspace.strings;
  const entries = keyspace.entries;
  const bytes = args.bytes;
  if (old !== 0 && entries.type(old) === TYPE_STRING && (entries.flags(old) & HAS_EXPIRY) === expiryFlag) {
    const next = strings.assign(old, bytes, args.at(v), args.length(v));
    if (next !== old) c.db.moved(next);
    if (!keyspace.lfu) entries.setClock(next, keyspace.lruClock);
    if (expiryFlag !== 0) entries.writeExpiry(next, low, high);
    keyspace.announceOverwritten(c.db, next, false);
    return;
  }
  const clock = old !== 0 && keyspace.lfu ? entries.clock(old) : keyspace.freshClock();
  const keyAt = args.at(k);
  const valueAt = args.at(v);
  const ref = strings.create(bytes, keyAt, args.length(k), clock, expiryFlag, bytes, valueAt, args.length(v));
  if (expiryFlag !== 0) entries.writeExpiry(ref, low, high);
  addOrReplace(c, k, old, ref);
}

/** Puts a new entry into the table, in the place of `old` if there was one. */
export function addOrReplace(c: Context, k: number, old: Ref, ref: Ref): void {
  if (old === 0) c.db.add(c.hashOf(k), ref);
  else c.db.overwrite(old, ref);
}

/** Stores argument `v` under the key in argument `k`, without expiry; `old` as above. */
export function storeString(c: Context, k: number, v: number, old: Ref): void {
  putString(c, k, v, old, 0, 0, 0);
  c.changed(k, EVENT_STRING, 'set');
}

/** Stores argument `v` under the key in argument `k`, until the time given as the two words of an int64. */
export function storeVolatile(c: Context, k: number, v: number, old: Ref, low: number, high: number): void {
  putString(c, k, v, old, HAS_EXPIRY, low, high);
  c.changed(k, EVENT_STRING, 'set');
  c.event(k, EVENT_GENERIC, 'expire');
}

/** Stores argument `v` under the key in argument `k`, which keeps the expiry it has. */
export function storeKeepingExpiry(c: Context, k: number, v: number, old: Ref): void {
  const { entries } = c.keyspace;
  if (old === 0 || !entries.hasExpiry(old)) {
    storeString(c, k, v, old);
    return;
  }
  const expiryMs = entries.expiryExact(old);
  putString(c, k, v, old, HAS_EXPIRY, lowWordOfBigInt(expiryMs), highWordOfBigInt(expiryMs));
  c.changed(k, EVENT_STRING, 'set');
}

/** Logs that argument `v` was stored under the key in argument `k`, to expire at the time given as two words. */
export function logVolatile(c: Context, k: number, v: number, low: number, high: number): void {
  if (c.effects.active) c.effects.op(c, 'SET', 5).arg(k).arg(v).text('PXAT').int64(low, high);
}

/** Logs that the key in argument `k` was deleted, which may be freed later if `lazily`. */
export function logDeleted(c: Context, k: number, lazily: boolean): void {
  if (c.effects.active) c.effects.op(c, lazily ? 'UNLINK' : 'DEL', 2).arg(k);
}

/** Deletes the key in argument `k`; the hit is on its entry. */
export function deleteKey(c: Context, k: number, ref: Ref): void {
  c.db.removeEntry(ref);
  c.changed(k, EVENT_GENERIC, 'del');
}

/** Replies with the string of an entry, null for 0; false after an error for another type. */
export function replyString(c: Context, ref: Ref): boolean {
  if (ref === 0) {
    c.reply.null();
    return true;
  }
  if (!isString(c, ref)) return false;
  const strings = c.keyspace.strings;
  strings.locate(ref);
  c.reply.bulk(strings.bytes, strings.at, strings.length);
  return true;
}

/** Whether an entry is a string; if not, an error is the reply. */
export function isString(c: Context, ref: Ref): boolean {
  if (c.keyspace.entries.type(ref) === TYPE_STRING) return true;
  c.reply.error(WRONG_TYPE);
  return false;
}

/** How long a string may become, in bytes. */
export function stringBytesMax(c: Context): number {
  return Math.min(c.config.number('proto-max-bulk-len'), STRING_BYTES_MAX);
}
