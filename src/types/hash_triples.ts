// Listpacks of fields with expiries: triples of field, value and expiry (ms since 1970, 0 for none), those with the
// earliest expiry first, those without one last.
import type { Ref } from '../arena/arena.ts';
import { fromLatin1 } from '../base/bytes.ts';
import type { Listpacks } from '../structs/listpack.ts';

/** Expiry of the field at `p`; 0 also for no field. */
export function expiryAt(lists: Listpacks, list: Ref, p: number): number {
  if (p === 0) return 0;
  return lists.integer(list, lists.next(list, lists.next(list, p)));
}

/** A new listpack of triples without expiry from one of pairs, which stays. */
export function triplesOf(lists: Listpacks, pairs: Ref): Ref {
  let triples = lists.create();
  let parts = 0;
  for (let p = lists.first(pairs); p !== 0; p = lists.next(pairs, p)) {
    lists.locate(pairs, p);
    triples = lists.append(triples, lists.bytes, lists.at, lists.length);
    if (++parts % 2 === 0) triples = lists.appendInteger(triples, 0);
  }
  return triples;
}

/**
 * Puts a field, which is at `found` (0: it is not there), in its place, with a value and an expiry. `lists.position` is it
 * afterwards. Returns the new reference.
 */
export function changeTriple(
  lists: Listpacks,
  triples: Ref,
  found: number,
  field: Uint8Array,
  value: Uint8Array,
  expiryMs: number,
): Ref {
  const words = [field, value, fromLatin1(String(expiryMs))];
  let more = found === 0 ? 0 : -lists.bytesOf(triples, found, words.length);
  for (const word of words) more += lists.encodedBytes(word, 0, word.length);
  let list = lists.begin(triples, more);
  if (found !== 0) list = lists.remove(list, found, words.length);
  const place = expiryMs === 0 ? 0 : placeFor(lists, list, expiryMs);
  if (place === 0) list = lists.append(list, field, 0, field.length);
  else list = lists.insertBefore(list, place, field, 0, field.length);
  const first = lists.position;
  for (const word of words.slice(1)) list = lists.insertAfter(list, lists.position, word, 0, word.length);
  lists.position = first;
  return lists.done(list);
}

/** The first field that expires after `expiryMs` or never, 0 if there is none. */
function placeFor(lists: Listpacks, triples: Ref, expiryMs: number): number {
  for (let p = lists.first(triples); p !== 0; ) {
    const expiry = lists.next(triples, lists.next(triples, p));
    const itsMs = lists.integer(triples, expiry);
    if (itsMs === 0 || itsMs > expiryMs) return p;
    p = lists.next(triples, expiry);
  }
  return 0;
}

/** How many fields expired before `nowMs`; they stand first. */
export function countExpired(lists: Listpacks, triples: Ref, nowMs: number): number {
  let count = 0;
  for (let p = lists.first(triples); p !== 0; count++) {
    const expiry = lists.next(triples, lists.next(triples, p));
    const itsMs = lists.integer(triples, expiry);
    if (itsMs === 0 || itsMs >= nowMs) return count;
    p = lists.next(triples, expiry);
  }
  return count;
}

/** Adds the names of the first `count` fields to `names`. */
export function firstNames(lists: Listpacks, triples: Ref, count: number, names: Uint8Array[]): void {
  let p = lists.first(triples);
  for (let left = count; left > 0; left--) {
    lists.locate(triples, p);
    names.push(lists.bytes.slice(lists.at, lists.at + lists.length));
    p = lists.next(triples, lists.next(triples, lists.next(triples, p)));
  }
}

/** Throws unless the listpack is a sound one of triples. */
export function checkTriples(lists: Listpacks, triples: Ref): void {
  let lastMs = 1;
  for (let p = lists.first(triples); p !== 0; ) {
    const expiry = lists.next(triples, lists.next(triples, p));
    const itsMs = lists.integer(triples, expiry);
    if (!(itsMs >= 0)) throw new Error('hash: an expiry is no integer');
    if (itsMs !== 0 && itsMs < lastMs)
      throw new Error('hash: fields do not stand in the order of their expiries');
    lastMs = itsMs === 0 ? Number.POSITIVE_INFINITY : itsMs;
    p = lists.next(triples, expiry);
  }
}
