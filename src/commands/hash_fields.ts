// What the commands of hashes share: fields named by arguments, and fields that turn out to have expired.
import type { Ref } from '../arena/arena.ts';
import { EVENT_HASH } from '../keyspace/keyspace.ts';
import { STAT_EXPIRED_FIELDS } from '../keyspace/stats.ts';
import { ABSENT, EXPIRED, FOUND } from '../types/hash.ts';
import type { Context } from './context.ts';
import { dropEmptied } from './typed.ts';

/** Expired fields that one command removes at most, though it asks for none of them. */
const DROPPED_MAX = 1024;

/** Adds an empty hash under the key in argument 1. */
export function addHash(c: Context): Ref {
  const { args, keyspace } = c;
  const ref = keyspace.hashes.create(args.bytes, args.at(1), args.length(1), keyspace.freshClock());
  c.db.add(c.hashOf(1), ref);
  return ref;
}

/**
 * Looks for the field in argument `f` of the hash: ABSENT, FOUND, or EXPIRED if it was there but had expired; it is gone
 * then, and `settleExpired` must follow when all fields are dealt with.
 */
export function findField(c: Context, ref: Ref, f: number): number {
  const args = c.args;
  const keyspace = c.keyspace;
  const found = keyspace.hashes.find(ref, args.bytes, args.at(f), args.length(f), keyspace.pastMs);
  if (found !== EXPIRED) return found;
  if (keyspace.keepExpired) return ABSENT;
  logExpiredField(c, f);
  keyspace.hashes.removeFound(ref);
  keyspace.stats[STAT_EXPIRED_FIELDS]!++;
  return EXPIRED;
}

/** A log has no clock: without this the field would be there for what follows. */
function logExpiredField(c: Context, f: number): void {
  const { args, db, effects } = c;
  if (effects.active) effects.droppedFields(db, args.copy(1), [args.copy(f)]);
}

/** Announces that fields of the hash in argument 1 expired, and drops it if none is left. The hit is on its entry. */
export function settleExpired(c: Context, ref: Ref): void {
  c.event(1, EVENT_HASH, 'hexpired');
  if (c.keyspace.hashes.size(ref) === 0) dropEmptied(c, 1, ref);
}

/** Removes a bounded number of expired fields from the hash in argument 1; false if that was all, and the hash is gone. */
export function dropExpiredFields(c: Context, ref: Ref): boolean {
  const { hashes, hashWalk, keepExpired, pastMs, stats } = c.keyspace;
  const dueMs = hashes.dueMs(ref);
  if (keepExpired || dueMs === 0 || dueMs >= pastMs) return true;
  const names: Uint8Array[] | null = c.effects.active ? [] : null;
  const removed = hashWalk.removeExpired(ref, pastMs, DROPPED_MAX, names);
  if (removed === 0) return true;
  if (names !== null) c.effects.droppedFields(c.db, c.args.copy(1), names);
  stats[STAT_EXPIRED_FIELDS]! += removed;
  const isLeft = hashes.size(ref) > 0;
  settleExpired(c, ref);
  return isLeft;
}

/** Replies with the value of the field that was just looked for with `result`, or null. */
export function replyFound(c: Context, ref: Ref, result: number): void {
  if (result !== FOUND) {
    c.reply.null();
    return;
  }
  const hashes = c.keyspace.hashes;
  hashes.locateValue(ref);
  c.reply.bulk(hashes.bytes, hashes.at, hashes.length);
}

/** Sets the field in argument `f` to argument `v`; true if it is new. Its expiry goes unless it is to be kept. */
export function setField(c: Context, ref: Ref, f: number, v: number, keepsExpiry: boolean): boolean {
  const args = c.args;
  const bytes = args.bytes;
  const hashes = c.keyspace.hashes;
  hashes.expect(ref, args.length(f), args.length(v));
  const found = hashes.find(ref, bytes, args.at(f), args.length(f), c.keyspace.pastMs);
  if (found === FOUND) {
    hashes.setFound(ref, bytes, args.at(v), args.length(v));
    if (!keepsExpiry && hashes.foundExpiryMs(ref) !== 0) hashes.setFoundExpiry(ref, 0);
    hashes.limitFields(ref);
    return false;
  }
  if (found === EXPIRED) {
    logExpiredField(c, f);
    hashes.removeFound(ref);
  }
  hashes.addField(ref, bytes, args.at(f), args.length(f), bytes, args.at(v), args.length(v));
  return true;
}
