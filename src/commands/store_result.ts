// Commands that put a whole new value under a key: the results of set operations, of sorting.
import type { Ref } from '../arena/arena.ts';
import { EVENT_GENERIC } from '../keyspace/keyspace.ts';
import type { Context } from './context.ts';
import { addOrReplace } from './string_store.ts';

/**
 * Puts `ref`, an entry for the key in argument `k` that holds `size` elements, in the place of what is there; without
 * elements it is freed and the key deleted. Replies with the size.
 */
export function storeResult(
  c: Context,
  k: number,
  ref: Ref,
  size: number,
  eventClass: string,
  event: string,
): void {
  const { keyspace } = c;
  const { entries } = keyspace;
  if (size === 0) {
    keyspace.dispose(ref);
    deleteResult(c, k);
    return;
  }
  const old = c.lookupWrite(k);
  if (old !== 0 && keyspace.lfu) entries.setClock(ref, entries.clock(old));
  addOrReplace(c, k, old, ref);
  keyspace.isOverwriting = old !== 0;
  try {
    c.changed(k, eventClass, event);
  } finally {
    keyspace.isOverwriting = false;
  }
  c.reply.integer(size);
}

/** Deletes the key in argument `k`, if there is one, and replies with 0. One whose time has run out counts as deleted. */
export function deleteResult(c: Context, k: number): void {
  const { args } = c;
  const old = c.db.doomed(args.bytes, args.at(k), args.length(k), c.hashOf(k));
  if (old !== 0) {
    c.db.removeEntry(old);
    c.changed(k, EVENT_GENERIC, 'del');
  }
  c.reply.integer(0);
}
