// SCAN: the keys of a database, some at a time.
//
// Cursors are hash values in hash order (structs/segment_table.ts): a call goes on from the bucket at the cursor, and a
// key that stays for the whole iteration is returned at least once, however the table grows or shrinks meanwhile. A
// call looks at whole buckets until it has seen COUNT keys, so it may return a few more.
import { globMatch } from '../base/glob.ts';
import { INVALID_CURSOR, NOT_AN_INTEGER, SYNTAX } from '../resp/errors.ts';
import { TYPE_NAMES } from '../types/names.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, READONLY, TOUCHES_ARBITRARY_KEYS } from './spec.ts';

const COUNT_DEFAULT = 10;
/** Buckets looked at for each key asked for, when they are nearly empty. */
const BUCKETS_A_KEY = 10;
const CURSOR_END = 2n ** 64n;

interface ScanOptions {
  /** Keys to see before the call ends. */
  count: number;
  /** Position of the pattern in the arguments; 0: all keys. */
  pattern: number;
  /** The only type to return; -1: any; -2: none, as there is no type of that name. */
  type: number;
}

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
  const start = cursorOf(c);
  if (start < 0) {
    c.reply.error(INVALID_CURSOR);
    return;
  }
  const options = optionsOf(c);
  if (options === null) return;
  const { db, reply } = c;
  const seen: number[] = [];
  const visit = (ref: number): void => {
    seen.push(ref);
  };
  let cursor = start;
  let buckets = options.count * BUCKETS_A_KEY;
  do cursor = db.scan(cursor, visit);
  while (cursor !== 0 && --buckets > 0 && seen.length < options.count);
  const found = seen.filter((ref) => isWanted(c, ref, options));
  reply.array(2);
  reply.bulkText(String(cursor));
  reply.array(found.length);
  const { entries } = c.keyspace;
  for (const ref of found) reply.bulk(entries.view(ref), entries.keyAt(ref), entries.keyBytes(ref));
}

/**
 * The cursor in argument 1, or -1. Clients may send what they like: any 64-bit number is one, nothing is 0, and what comes
 * after a zero byte does not count.
 */
function cursorOf({ args }: Context): number {
  const match = /^(?:[+-]?(\d+))?(?:\0|$)/.exec(args.text(1));
  if (match === null) return -1;
  const cursor = BigInt(match[1] ?? 0);
  return cursor < CURSOR_END ? Number(BigInt.asUintN(32, cursor)) : -1;
}

/** The options, or null after replying with an error. */
function optionsOf(c: Context): ScanOptions | null {
  const { args } = c;
  const options: ScanOptions = { count: COUNT_DEFAULT, pattern: 0, type: -1 };
  for (let i = 2; i < args.count; i += 2) {
    const hasValue = i + 1 < args.count;
    if (hasValue && args.is(i, 'count')) {
      const count = args.int64(i + 1);
      if (count === null || count < 1n) {
        c.reply.error(count === null ? NOT_AN_INTEGER : SYNTAX);
        return null;
      }
      options.count = Number(count);
    } else if (hasValue && args.is(i, 'match')) {
      options.pattern = args.is(i + 1, '*') ? 0 : i + 1;
    } else if (hasValue && args.is(i, 'type')) {
      const type = TYPE_NAMES.indexOf(args.text(i + 1).toLowerCase());
      options.type = type < 0 ? -2 : type;
    } else {
      c.reply.error(SYNTAX);
      return null;
    }
  }
  return options;
}

/** Whether a key passes the filters. An expired one whose name does is dropped, whatever its type. */
function isWanted({ args, db, keyspace }: Context, ref: number, options: ScanOptions): boolean {
  const { entries } = keyspace;
  const { pattern, type } = options;
  const key = entries.view(ref);
  const keyAt = entries.keyAt(ref);
  const keyBytes = entries.keyBytes(ref);
  if (
    pattern > 0 &&
    !globMatch(args.bytes, args.at(pattern), args.length(pattern), key, keyAt, keyBytes, false)
  ) {
    return false;
  }
  if (db.isGone(ref)) {
    db.hitRef(ref, db.hashOf(ref));
    db.dropExpired(ref);
    return false;
  }
  return type === -1 || entries.type(ref) === type;
}

export const SCAN_COMMANDS: readonly CommandSpec[] = [SCAN];
