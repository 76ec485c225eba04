// Transactions: MULTI queues the commands that follow (server/gate.ts does), EXEC runs them as one, WATCH makes EXEC answer
// null if a key has changed meanwhile.
import {
  DISCARD_WITHOUT_MULTI,
  EXEC_ABORTED,
  EXEC_WITHOUT_MULTI,
  NESTED_MULTI,
  WATCH_INSIDE_MULTI,
} from '../resp/errors.ts';
import type { Client } from '../session/client.ts';
import { begin, discard, forget } from '../session/transaction.ts';
import type { Context } from './context.ts';
import {
  ALLOW_BUSY,
  type CommandSpec,
  command,
  FAST,
  keyRange,
  LOADING,
  NOSCRIPT,
  SKIP_SLOWLOG,
  STALE,
} from './spec.ts';

const MULTI = command({
  name: 'multi',
  group: 'transactions',
  since: '1.2.0',
  summary: 'Starts a transaction: commands are queued until EXEC',
  complexity: 'O(1)',
  arity: 1,
  flags: NOSCRIPT | LOADING | STALE | FAST | ALLOW_BUSY,
  run: runMulti,
});

function runMulti(c: Context): void {
  if (inMulti(c) !== null) {
    c.reply.error(NESTED_MULTI);
    return;
  }
  begin(c.client);
  c.clientChanged();
  c.reply.ok();
}

const EXEC = command({
  name: 'exec',
  group: 'transactions',
  since: '1.2.0',
  summary: 'Runs the queued commands as one',
  complexity: 'That of the queued commands',
  arity: 1,
  flags: NOSCRIPT | LOADING | STALE | SKIP_SLOWLOG,
  run: runExec,
});

function runExec(c: Context): void {
  const { reply, server } = c;
  const client = inMulti(c);
  if (client === null) {
    reply.error(EXEC_WITHOUT_MULTI);
    return;
  }
  if (client.queueFailed) reply.error(EXEC_ABORTED);
  else if (client.watchFailed || server.watches.hasExpired(client)) reply.nullArray();
  else runQueue(c, client);
  discard(client, server.watches);
  server.clientChanged(client);
}

/** Runs the queued commands; each replies by itself, an error of one does not stop the others. */
function runQueue(c: Context, client: Client): void {
  const { args, commandId, reply, server } = c;
  const own = args.keep(commandId);
  // What the commands themselves change must not look like a change by others.
  forget(client, server.watches);
  reply.array(client.queue!.length);
  c.inTransaction = true;
  for (const queued of client.queue!) server.runQueued(queued);
  c.inTransaction = false;
  args.load(own);
  c.commandId = commandId;
}

const DISCARD = command({
  name: 'discard',
  group: 'transactions',
  since: '2.0.0',
  summary: 'Drops the queued commands and leaves the transaction',
  complexity: 'O(N) in the commands queued',
  arity: 1,
  flags: NOSCRIPT | LOADING | STALE | FAST | ALLOW_BUSY,
  run: runDiscard,
});

function runDiscard(c: Context): void {
  const client = inMulti(c);
  if (client === null) {
    c.reply.error(DISCARD_WITHOUT_MULTI);
    return;
  }
  discard(client, c.server.watches);
  c.clientChanged();
  c.reply.ok();
}

const WATCH = command({
  name: 'watch',
  group: 'transactions',
  since: '2.2.0',
  summary: 'Watches keys so that EXEC does nothing if one of them changes first',
  complexity: 'O(1) for each key',
  arity: -2,
  flags: NOSCRIPT | LOADING | STALE | FAST | ALLOW_BUSY,
  keys: [keyRange('RO', 1, -1)],
  syntax: 'key+',
  run: runWatch,
});

function runWatch(c: Context): void {
  const { args, client, db } = c;
  if (client.queue !== null) {
    c.reply.error(WATCH_INSIDE_MULTI);
    return;
  }
  // A transaction that is lost already cannot be lost again.
  if (!client.watchFailed) {
    for (let i = 1; i < args.count; i++) {
      c.server.watches.watch(client, db, args.bytes, args.at(i), args.length(i));
    }
  }
  c.reply.ok();
}

const UNWATCH = command({
  name: 'unwatch',
  group: 'transactions',
  since: '2.2.0',
  summary: 'Forgets all watched keys',
  complexity: 'O(1)',
  arity: 1,
  flags: NOSCRIPT | LOADING | STALE | FAST | ALLOW_BUSY,
  run: runUnwatch,
});

function runUnwatch(c: Context): void {
  const client = c.server.knownClient();
  if (client !== undefined) forget(client, c.server.watches);
  c.reply.ok();
}

/** The client if it is in MULTI. */
function inMulti(c: Context): Client | null {
  const client = c.server.knownClient();
  return client === undefined || client.queue === null ? null : client;
}

export const TRANSACTION_COMMANDS: readonly CommandSpec[] = [DISCARD, EXEC, MULTI, UNWATCH, WATCH];
