// When fields of a hash table expire, and their removal in bounded steps.
//
// The table's own words:  0  DUE, a second since 1970 before which no field expires    (means something if one is marked)
//                         1  earliest second of the fields that the pass in progress met and let live, 0: of none yet
//                         2  cursor of the pass in progress
//
// A pass walks over the marked elements, as far as one call may go, and removes the expired ones; its end sets DUE anew.
import type { Ref } from '../arena/arena.ts';
import { HAS_EXPIRY } from '../structs/element.ts';
import type { ElementTable } from '../structs/element_table.ts';

const DUE = 0;
const EARLIEST = 1;
const CURSOR = 2;
const SECOND_MS = 1000;
const SECONDS_MAX = 0xffffffff;
/** Buckets that one call may look at. */
const BUCKETS_AT_ONCE = 2048;

/** Notes that the open table has got a field (marked already) with this expiry. */
export function noteDue(table: ElementTable, expiryMs: number): void {
  const second = secondOf(expiryMs);
  if (table.markedCount === 1 || second < table.own(DUE)) table.setOwn(DUE, second);
  noteEarliest(table, second);
}

/** A time in ms before which no field of the open table expires; 0 if none has an expiry. */
export function tableDueMs(table: ElementTable): number {
  return table.markedCount === 0 ? 0 : table.own(DUE) * SECOND_MS;
}

/** How many fields of the open table expired before `nowMs` and are still there. */
export function countExpiredIn(table: ElementTable, nowMs: number): number {
  const dueMs = tableDueMs(table);
  if (dueMs === 0 || dueMs >= nowMs) return 0;
  let count = 0;
  const { elements } = table;
  table.startWalk();
  for (let element = table.nextRef(); element !== 0; element = table.nextRef())
    if ((elements.flags(element) & HAS_EXPIRY) !== 0 && elements.expiry(element) < nowMs) count++;
  return count;
}

/** Removes about `limit` fields of the open table that expired before `nowMs`; answers how many went. */
export function removeExpiredIn(table: ElementTable, nowMs: number, limit: number): number {
  const { elements } = table;
  const due: Ref[] = [];
  const look = (element: Ref): void => {
    const expiryMs = elements.expiry(element);
    if (expiryMs < nowMs) due.push(element);
    else noteEarliest(table, secondOf(expiryMs));
  };
  let cursor = table.own(CURSOR);
  if (cursor === 0) table.setOwn(EARLIEST, 0);
  let removed = 0;
  let buckets = 0;
  do {
    due.length = 0;
    cursor = table.scanMarked(cursor, look);
    for (const element of due) {
      table.hit(element);
      table.removeHit();
      elements.free(element);
    }
    removed += due.length;
  } while (cursor !== 0 && removed < limit && ++buckets < BUCKETS_AT_ONCE);
  table.setOwn(CURSOR, cursor);
  // Nobody met although there are some: the table was rearranged under the pass, which therefore begins again.
  if (cursor === 0) table.setOwn(DUE, table.own(EARLIEST) === 0 ? secondOf(nowMs) : table.own(EARLIEST));
  return removed;
}

function noteEarliest(table: ElementTable, second: number): void {
  const earliest = table.own(EARLIEST);
  if (earliest === 0 || second < earliest) table.setOwn(EARLIEST, second);
}

function secondOf(ms: number): number {
  return Math.min(Math.max(Math.floor(ms / SECOND_MS), 1), SECONDS_MAX);
}
