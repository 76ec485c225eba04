// WAIT and WAITAOF on a server without replicas: of these nobody will ever acknowledge anything, so that whoever asks for
// more than nothing waits until the time is up. The own append-only file acknowledges what it has on disk.
import { NOT_AN_INTEGER, NOT_POSITIVE, outOfRange, WAITAOF_WITHOUT_AOF } from '../resp/errors.ts';
import type { Reply } from '../resp/reply.ts';
import { AT_CONNECTION } from './categories.ts';
import type { Context } from './context.ts';
import { timeoutMsOr } from './integers.ts';
import { BLOCKING, type CommandSpec, command, NOSCRIPT } from './spec.ts';

const WAIT = command({
  name: 'wait',
  group: 'generic',
  since: '3.0.0',
  summary: 'Waits until so many replicas have acknowledged the writes of this connection',
  complexity: 'O(1)',
  arity: 3,
  flags: NOSCRIPT,
  categories: AT_CONNECTION,
  tips: ['request_policy:all_shards', 'response_policy:agg_min'],
  syntax: 'numreplicas:integer timeout:integer',
  run: runWait,
});

function runWait(c: Context): void {
  const replicas = c.args.int64(1);
  if (replicas === null) {
    c.reply.error(NOT_AN_INTEGER);
    return;
  }
  const timeoutMs = timeoutMsOr(c, 2);
  if (!Number.isNaN(timeoutMs)) waitOr(c, replicas > 0n, timeoutMs, replyNoReplicas);
}

function replyNoReplicas(reply: Reply): void {
  reply.integer(0);
}

const WAITAOF = command({
  name: 'waitaof',
  group: 'generic',
  since: '7.2.0',
  summary: 'Waits until the writes of this connection are on disk here and on so many replicas',
  complexity: 'O(1)',
  arity: 4,
  flags: BLOCKING,
  categories: AT_CONNECTION,
  tips: ['request_policy:all_shards', 'response_policy:agg_min'],
  syntax: 'numlocal:integer numreplicas:integer timeout:integer',
  run: runWaitaof,
});

function runWaitaof(c: Context): void {
  const { args, reply } = c;
  const local = args.int64(1);
  if (local === null || local < 0n || local > 1n) {
    reply.error(local === null ? NOT_AN_INTEGER : outOfRange(0, 1));
    return;
  }
  const replicas = args.int64(2);
  if (replicas === null || replicas < 0n) {
    reply.error(NOT_POSITIVE);
    return;
  }
  const timeoutMs = timeoutMsOr(c, 3);
  if (Number.isNaN(timeoutMs)) return;
  const { aof } = c.server.admin;
  if (local === 1n && !aof.isOn) {
    reply.error(WAITAOF_WITHOUT_AOF);
    return;
  }
  // All that was done so far, by whomever, is what this connection has done, and perhaps more.
  const isSynced = aof.isOn && aof.hasSyncedAll;
  const waitsForDisk = local === 1n && !isSynced;
  let isOnDisk = isSynced;
  waitOr(c, waitsForDisk || replicas > 0n, timeoutMs, (answer) => replyFiles(answer, isOnDisk));
  const { wait } = c.client;
  if (wait === null || isSynced || !aof.isOn) return;
  const { client, server } = c;
  aof.whenSynced(() => {
    isOnDisk = true;
    if (replicas === 0n && client.wait === wait) server.waiting.timeOut(client);
  });
}

/** How many append-only files have it: the own one, those of replicas. */
function replyFiles(reply: Reply, isOnDisk: boolean): void {
  reply.array(2);
  reply.integer(isOnDisk ? 1 : 0);
  reply.integer(0);
}

/** Replies at once, or lets the client wait first if it must (0 ms: for ever). Inside EXEC nobody waits. */
function waitOr(c: Context, mustWait: boolean, timeoutMs: number, answer: (reply: Reply) => void): void {
  if (!mustWait || c.inTransaction) answer(c.reply);
  else
    c.server.waiting.block(c.client, timeoutMs === 0 ? Number.POSITIVE_INFINITY : timeoutMs, answer, nothing);
}

function nothing(): void {}

export const WAIT_COMMANDS: readonly CommandSpec[] = [WAIT, WAITAOF];
