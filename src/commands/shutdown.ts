// The end of a server, and its role in replication: SHUTDOWN, REPLICAOF.
import {
  INVALID_MASTER_PORT,
  NO_SHUTDOWN_IN_PROGRESS,
  REPLICATION_UNAVAILABLE,
  SYNTAX,
} from '../resp/errors.ts';
import type { Context } from './context.ts';
import {
  ADMIN,
  ALLOW_BUSY,
  type CommandSpec,
  command,
  LOADING,
  NO_ASYNC_LOADING,
  NO_MULTI,
  NOSCRIPT,
  STALE,
} from './spec.ts';

const PORT_MAX = 65535;

const SHUTDOWN = command({
  name: 'shutdown',
  group: 'server',
  since: '1.0.0',
  summary: 'Ends the server, saving first if so configured',
  complexity: 'O(N) in the number of keys when it saves, else O(1)',
  arity: -1,
  flags: ADMIN | NOSCRIPT | LOADING | STALE | NO_MULTI | ALLOW_BUSY,
  syntax: '[NOSAVE | SAVE] [NOW]^7.0.0 [FORCE]^7.0.0 [ABORT]^7.0.0',
  history: [['7.0.0', 'Options NOW, FORCE and ABORT.']],
  run: runShutdown,
});

function runShutdown(c: Context): void {
  const { args, reply } = c;
  const given = new Set<string>();
  for (let i = 1; i < args.count; i++) given.add(args.text(i).toLowerCase());
  for (const option of ['nosave', 'save', 'now', 'force', 'abort']) given.delete(option);
  const has = (option: string) => hasOption(c, option);
  const isAbort = has('abort');
  if (given.size > 0 || (has('save') && has('nosave')) || (isAbort && args.count > 2)) {
    reply.error(SYNTAX);
    return;
  }
  const { admin } = c.server;
  if (isAbort) {
    if (admin.abortShutdown()) reply.ok();
    else reply.error(NO_SHUTDOWN_IN_PROGRESS);
    return;
  }
  const save = has('save') ? 'yes' : has('nosave') ? 'no' : 'as-configured';
  const reason = admin.shutdown({ save, now: has('now'), force: has('force') });
  if (reason !== null) reply.error(reason);
}

function hasOption({ args }: Context, option: string): boolean {
  for (let i = 1; i < args.count; i++) if (args.is(i, option)) return true;
  return false;
}

const REPLICAOF = command({
  name: 'replicaof',
  group: 'server',
  since: '5.0.0',
  summary: 'Makes the server a replica of another, or a primary',
  complexity: 'O(1)',
  arity: 3,
  flags: ADMIN | NOSCRIPT | STALE | NO_ASYNC_LOADING,
  syntax: 'args=(host-port=(host port:integer) | no-one=(NO ONE))',
  run: runReplicaof,
});

const SLAVEOF = command({
  name: 'slaveof',
  group: 'server',
  since: '1.0.0',
  summary: 'Makes the server a replica of another, or a primary',
  complexity: 'O(1)',
  arity: 3,
  flags: ADMIN | NOSCRIPT | STALE | NO_ASYNC_LOADING,
  syntax: 'args=(host-port=(host port:integer) | no-one=(NO ONE))',
  docFlags: ['deprecated'],
  deprecatedSince: '5.0.0',
  replacedBy: '`REPLICAOF`',
  run: runReplicaof,
});

/** The server is a primary and stays one. */
function runReplicaof({ args, reply }: Context): void {
  if (args.is(1, 'no') && args.is(2, 'one')) {
    reply.ok();
    return;
  }
  const port = args.int(2);
  reply.error(port >= 0 && port <= PORT_MAX ? REPLICATION_UNAVAILABLE : INVALID_MASTER_PORT);
}

export const SHUTDOWN_COMMANDS: readonly CommandSpec[] = [REPLICAOF, SHUTDOWN, SLAVEOF];
