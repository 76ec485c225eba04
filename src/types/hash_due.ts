// When fields of a hash table expire, and their removal in bounded steps.
//
// Two times in ms since 1970, below 2^48, and a cursor stand in the table's own words:
//
//   DUE        before it no field expires                      (means something if one is marked)
//   EARLIEST   the earliest of the fields that the pass in progress met and let live, 0: of none yet
//
//   word 0: DUE, low half    1: EARLIEST, low half    2: EARLIEST, high:16 | DUE, high:16    3: cursor of the pass
//
// A pass walks over the marked elements, as far as one call may go, and removes the expired ones; its end sets DUE anew.
import type { Ref } from '../arena/arena.ts';
import { type Elements, HAS_EXPIRY } from '../structs/element.ts';
import type { ElementTable } from '../structs/element_table.ts';

const DUE = 0;
const EARLIEST = 1;
const HIGHS = 2;
const CURSOR = 3;
const TWO_32 = 4294967296;
/** Buckets that one call may look at. */
const BUCKETS_AT_ONCE = 2048;

/** Notes that the open table has got a field (marked already) with this expiry. */
export function noteDue(table: ElementTable, expiryMs: number): void {
  if (table.markedCount === 1 || expiryMs < timeOf(table, DUE)) setTime(table, DUE, expiryMs);
  noteEarliest(table, expiryMs);
}

/** A time in ms before which no field of the open table expires; 0 if none has an expiry. */
export function tableDueMs(table: ElementTable): number {
  return table.markedCount === 0 ? 0 : Math.max(timeOf(table, DUE), 1);
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

/**
 * Removes about `limit` fields of the open table that expired before `nowMs`; answers how many went, and adds their names to
 * `names`.
 */
export function removeExpiredIn(
  table: ElementTable,
  nowMs: number,
  limit: number,
  names: Uint8Array[] | null,
): number {
  const { elements } = table;
  const due: Ref[] = [];
  const look = (element: Ref): void => {
    const expiryMs = elements.expiry(element);
    if (expiryMs < nowMs) due.push(element);
    else noteEarliest(table, expiryMs);
  };
  let cursor = table.own(CURSOR);
  if (cursor === 0) setTime(table, EARLIEST, 0);
  let removed = 0;
  let buckets = 0;
  do {
    due.length = 0;
    cursor = table.scanMarked(cursor, look);
    for (const element of due) {
      if (names !== null) names.push(nameOf(elements, element));
      table.hit(element);
      table.removeHit();
      elements.free(element);
    }
    removed += due.length;
  } while (cursor !== 0 && removed < limit && ++buckets < BUCKETS_AT_ONCE);
  table.setOwn(CURSOR, cursor);
  // None was met although there are some: the table was rearranged under the pass, which therefore begins again.
  if (cursor === 0) setTime(table, DUE, timeOf(table, EARLIEST));
  return removed;
}

function nameOf(elements: Elements, element: Ref): Uint8Array {
  const at = elements.memberAt(element);
  return elements.view(element).slice(at, at + elements.memberBytes(element));
}

function noteEarliest(table: ElementTable, expiryMs: number): void {
  const earliestMs = timeOf(table, EARLIEST);
  if (earliestMs === 0 || expiryMs < earliestMs) setTime(table, EARLIEST, expiryMs);
}

/** DUE or EARLIEST in ms. */
function timeOf(table: ElementTable, word: number): number {
  return ((table.own(HIGHS) >>> (word << 4)) & 0xffff) * TWO_32 + table.own(word);
}

function setTime(table: ElementTable, word: number, ms: number): void {
  const shift = word << 4;
  table.setOwn(word, ms >>> 0);
  table.setOwn(HIGHS, (table.own(HIGHS) & ~(0xffff << shift)) | (Math.floor(ms / TWO_32) << shift));
}
