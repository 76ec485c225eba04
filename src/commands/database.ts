// Whole databases: emptying and exchanging them.
import { INVALID_FIRST_DB, INVALID_SECOND_DB, SYNTAX } from '../resp/errors.ts';
import { AT_DANGEROUS, AT_KEYSPACE } from './categories.ts';
import type { Context } from './context.ts';
import { databaseOr, int32Or } from './integers.ts';
import { type CommandSpec, command, FAST, WRITE } from './spec.ts';

const FLUSHALL = command({
  name: 'flushall',
  group: 'server',
  since: '1.0.0',
  summary: 'Deletes every key of every database',
  complexity: 'O(N) in the keys of all databases',
  arity: -1,
  flags: WRITE,
  categories: AT_KEYSPACE | AT_DANGEROUS,
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  syntax: 'async=[ASYNC^4.0.0 | SYNC^6.2.0]',
  history: [
    ['4.0.0', 'Mode ASYNC.'],
    ['6.2.0', 'Mode SYNC.'],
  ],
  run: runFlushall,
});

function runFlushall(c: Context): void {
  const inSlices = slicesOr(c);
  if (inSlices === null) return;
  const { keyspace } = c;
  const current = c.db.index;
  for (let index = 0; index < keyspace.databaseCount; index++) {
    keyspace.dirty += keyspace.flush(index, inSlices);
  }
  c.effects.force();
  c.db = keyspace.db(current);
  c.server.tracking.flushed();
  c.server.admin.saving.afterFlush();
  c.reply.ok();
}

const FLUSHDB = command({
  name: 'flushdb',
  group: 'server',
  since: '1.0.0',
  summary: 'Deletes every key of the database',
  complexity: 'O(N) in the keys of the database',
  arity: -1,
  flags: WRITE,
  categories: AT_KEYSPACE | AT_DANGEROUS,
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  syntax: 'async=[ASYNC^4.0.0 | SYNC^6.2.0]',
  history: [
    ['4.0.0', 'Mode ASYNC.'],
    ['6.2.0', 'Mode SYNC.'],
  ],
  run: runFlushdb,
});

function runFlushdb(c: Context): void {
  const inSlices = slicesOr(c);
  if (inSlices === null) return;
  const { keyspace } = c;
  const { index } = c.db;
  keyspace.dirty += keyspace.flush(index, inSlices);
  c.effects.force();
  c.db = keyspace.db(index);
  c.server.tracking.flushed();
  c.reply.ok();
}

/** Whether to free in slices; null after replying with an error. */
function slicesOr(c: Context): boolean | null {
  const { args } = c;
  if (args.count === 1) return c.config.boolean('lazyfree-lazy-user-flush');
  if (args.count === 2 && args.is(1, 'async')) return true;
  if (args.count === 2 && args.is(1, 'sync')) return false;
  c.reply.error(SYNTAX);
  return null;
}

const SWAPDB = command({
  name: 'swapdb',
  group: 'server',
  since: '4.0.0',
  summary: 'Exchanges two databases',
  complexity: 'O(N) in the clients that watch or wait for keys of the two databases',
  arity: 3,
  flags: WRITE | FAST,
  categories: AT_KEYSPACE | AT_DANGEROUS,
  syntax: 'index1:integer index2:integer',
  run: runSwapdb,
});

function runSwapdb(c: Context): void {
  const { keyspace } = c;
  if (Number.isNaN(int32Or(c, 1, INVALID_FIRST_DB)) || Number.isNaN(int32Or(c, 2, INVALID_SECOND_DB))) return;
  const first = databaseOr(c, 1);
  if (Number.isNaN(first)) return;
  const second = databaseOr(c, 2);
  if (Number.isNaN(second)) return;
  const { index } = c.db;
  if (first !== second) keyspace.swap(first, second);
  c.db = keyspace.db(index);
  keyspace.dirty++;
  c.reply.ok();
}

export const DATABASE_COMMANDS: readonly CommandSpec[] = [FLUSHALL, FLUSHDB, SWAPDB];
