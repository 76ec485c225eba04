// Entries under other keys: a copy of one (COPY), and one that changes its key or its database (RENAME, MOVE).
//
// An entry begins with its key, so a new key means a new block. RENAME takes the value along: the words that refer to it
// move to the new block, and only the old block is freed. MOVE keeps the key, so the very same block changes tables.
import type { Ref } from '../arena/arena.ts';
import { copyBytes } from '../base/bytes.ts';
import { type Entries, HAS_EXPIRY, HAS_WORDS } from '../structs/entry.ts';
import type { Database } from './database.ts';
import type { Keyspace } from './keyspace.ts';

/** A new entry under another key with a copy of everything but the access clock; it stands in no table. */
export function copyEntry(keyspace: Keyspace, ref: Ref, key: Uint8Array, at: number, bytes: number): Ref {
  const { entries } = keyspace;
  const next = sameUnder(entries, ref, key, at, bytes, keyspace.freshClock());
  if (!entries.hasWords(ref)) return next;
  try {
    keyspace.types[entries.type(ref)]!.copyValue(ref, next);
  } catch (error) {
    entries.free(next);
    throw error;
  }
  return next;
}

/**
 * Moves the live entry `ref` of the key `from` to the key `to` of the same database, which are different; what stood
 * there is freed. The keys must not lie in the arena. Returns the new entry.
 */
export function renameEntry(db: Database, ref: Ref, from: Key, to: Key): Ref {
  const { entries, keyspace } = db;
  const next = sameUnder(entries, ref, to.bytes, to.at, to.length, entries.clock(ref));
  const replaced = db.find(to.bytes, to.at, to.length, to.hash);
  if (replaced === 0) db.add(to.hash, next);
  else putInPlace(db, replaced, next);
  db.find(from.bytes, from.at, from.length, from.hash);
  db.detach(ref);
  keyspace.entries.free(ref);
  return next;
}

/** Puts an entry in the place of another, which is as if that had been deleted first: the key counts as new. */
export function putInPlace(db: Database, old: Ref, next: Ref): void {
  db.replace(old, next);
  if (db.keyspace.listening) db.keyspace.announceNew(db, next);
}

/** Where a key's name is, and its hash. */
export interface Key {
  bytes: Uint8Array;
  at: number;
  length: number;
  hash: number;
}

/** An entry of the same shape under another key: expiry, inline bytes and words as they are. */
function sameUnder(
  entries: Entries,
  ref: Ref,
  key: Uint8Array,
  at: number,
  bytes: number,
  clock: number,
): Ref {
  const flags = entries.flags(ref) & (HAS_EXPIRY | HAS_WORDS);
  const inlineBytes = entries.inlineBytes(ref);
  const next = entries.create(key, at, bytes, entries.kind(ref), clock, flags, inlineBytes);
  if ((flags & HAS_EXPIRY) !== 0) entries.copyExpiry(ref, next);
  if ((flags & HAS_WORDS) !== 0) entries.writeWords(next, entries.wordLow(ref), entries.wordHigh(ref));
  copyBytes(
    entries.view(ref),
    entries.inlineAt(ref),
    entries.view(next),
    entries.inlineAt(next),
    inlineBytes,
  );
  return next;
}
