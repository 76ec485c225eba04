// Keys whose value must have a certain type.
import type { Ref } from '../arena/arena.ts';
import { EVENT_GENERIC } from '../keyspace/keyspace.ts';
import { WRONG_TYPE } from '../resp/errors.ts';
import type { Context } from './context.ts';

/** What `readTyped` and `writeTyped` return after an error for another type. */
export const WRONG = -1;

/** Live entry of the key in argument `i` for reading: 0 if there is none, WRONG after an error reply. Leaves the hit on it. */
export function readTyped(c: Context, i: number, type: number): Ref {
  return typedOr(c, c.lookup(i), type);
}

/** Like `readTyped`, for writing. */
export function writeTyped(c: Context, i: number, type: number): Ref {
  return typedOr(c, c.lookupWrite(i), type);
}

function typedOr(c: Context, ref: Ref, type: number): Ref {
  if (ref === 0 || c.keyspace.entries.type(ref) === type) return ref;
  c.reply.error(WRONG_TYPE);
  return WRONG;
}

/** Deletes the key in argument `i`, whose last element has gone; the hit is on its entry. */
export function dropEmptied(c: Context, i: number, ref: Ref): void {
  c.db.removeEntry(ref);
  c.event(i, EVENT_GENERIC, 'del');
}
