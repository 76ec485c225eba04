// SCAN: the keys of a database, some at a time.
//
// Cursors are hash values in hash order (structs/segment_table.ts): a call goes on from the bucket at the cursor, and a
// key that stays for the whole iteration is returned at least once, however the table grows or shrinks meanwhile. A
// call looks at whole buckets until it has seen COUNT keys, so it may return a few more.
import type { Context } from './context.ts';
import {
  BUCKETS_AN_ELEMENT,
  cursorOr,
  passesPattern,
  type ScanOptions,
  scanOptionsOr,
  TAKES_TYPE,
} from './scan_options.ts';
import { type CommandSpec, command, READONLY, TOUCHES_ARBITRARY_KEYS } from './spec.ts';

const SCAN = command({
  name: 'scan',
  group: 'generic',
  since: '2.8.0',
  summary: 'Walks the keys of the database a few at a time',
  complexity: 'O(1) for a call, O(N) for the whole database',
  arity: -2,
  flags: READONLY | TOUCHES_ARBITRARY_KEYS,
  tips: ['nondeterministic_output', 'request_policy:special'],
  syntax: 'cursor:integer [MATCH pattern] [COUNT count:integer] [TYPE type]^6.0.0',
  history: [['6.0.0', 'Option TYPE.']],
  run: runScan,
});

function runScan(c: Context): void {
  const start = cursorOr(c, 1);
  if (start < 0) return;
  const options = scanOptionsOr(c, 2, TAKES_TYPE);
  if (options === null) return;
  const { db, reply } = c;
  const seen: number[] = [];
  const visit = (ref: number): void => {
    seen.push(ref);
  };
  let cursor = start;
  let buckets = options.count * BUCKETS_AN_ELEMENT;
  do cursor = db.scan(cursor, visit);
  while (cursor !== 0 && --buckets > 0 && seen.length < options.count);
  const found = seen.filter((ref) => isWanted(c, ref, options));
  reply.array(2);
  reply.bulkText(String(cursor));
  reply.array(found.length);
  const { entries } = c.keyspace;
  for (const ref of found) reply.bulk(entries.view(ref), entries.keyAt(ref), entries.keyBytes(ref));
}

/** Whether a key passes the filters. An expired one whose name does is dropped, whatever its type. */
function isWanted(c: Context, ref: number, options: ScanOptions): boolean {
  const { db } = c;
  const { entries } = c.keyspace;
  const { type } = options;
  const keyAt = entries.keyAt(ref);
  if (!passesPattern(c, options, entries.view(ref), keyAt, entries.keyBytes(ref))) return false;
  if (db.isGone(ref)) {
    db.hitRef(ref, db.hashOf(ref));
    db.dropExpired(ref);
    return false;
  }
  return type === -1 || entries.type(ref) === type;
}

export const SCAN_COMMANDS: readonly CommandSpec[] = [SCAN];
