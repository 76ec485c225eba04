// SLOWLOG: the last commands that took long.
import type { SlowEntry } from '../metrics/slowlog.ts';
import { NEGATIVE_SLOWLOG_COUNT, unknownSubcommandOrArity } from '../resp/errors.ts';
import type { Reply } from '../resp/reply.ts';
import type { Context } from './context.ts';
import { ADMIN, type CommandSpec, command, container, LOADING, STALE } from './spec.ts';

const DEFAULT_COUNT = 10n;

const SLOWLOG_GET = command({
  name: 'slowlog|get',
  group: 'server',
  since: '2.2.12',
  summary: 'Newest entries of the slow log',
  complexity: 'O(N) in the number of entries',
  arity: -2,
  flags: ADMIN | LOADING | STALE,
  tips: ['request_policy:all_nodes', 'nondeterministic_output'],
  syntax: '[count:integer]',
  history: [['4.0.0', 'Entries show address and name of the client.']],
  help: [
    'GET [<count>]',
    '    The <count> newest entries (default: 10, -1 means all). An entry has:',
    '    id, time stamp, microseconds taken, the words of the command, address of the',
    '    client, name of the client',
  ],
  run: runSlowlogGet,
});

function runSlowlogGet(c: Context): void {
  const { args, reply } = c;
  if (args.count > 3) {
    reply.error(unknownSubcommandOrArity(args.text(1), 'SLOWLOG'));
    return;
  }
  const { slowlog } = c.server.admin;
  const count = args.count < 3 ? DEFAULT_COUNT : args.int64(2);
  if (count === null || count < -1n) reply.error(NEGATIVE_SLOWLOG_COUNT);
  else replyEntries(reply, slowlog.newest(count === -1n ? slowlog.length : Number(count)));
}

function replyEntries(reply: Reply, entries: readonly SlowEntry[]): void {
  reply.array(entries.length);
  for (const { id, time, us, args, address, name } of entries) {
    reply.array(6);
    reply.integer(id);
    reply.integer(time);
    reply.integer(us);
    reply.array(args.length);
    for (const arg of args) reply.bulkText(arg);
    reply.bulkText(address);
    reply.bulkText(name);
  }
}

const SLOWLOG_LEN = command({
  name: 'slowlog|len',
  group: 'server',
  since: '2.2.12',
  summary: 'Number of entries in the slow log',
  complexity: 'O(1)',
  arity: 2,
  flags: ADMIN | LOADING | STALE,
  tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
  help: ['LEN', '    Number of entries.'],
  run: (c) => c.reply.integer(c.server.admin.slowlog.length),
});

const SLOWLOG_RESET = command({
  name: 'slowlog|reset',
  group: 'server',
  since: '2.2.12',
  summary: 'Empties the slow log',
  complexity: 'O(N) in the number of entries',
  arity: 2,
  flags: ADMIN | LOADING | STALE,
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  help: ['RESET', '    Remove all entries.'],
  run: (c) => {
    c.server.admin.slowlog.reset();
    c.reply.ok();
  },
});

const SLOWLOG = container(
  {
    name: 'slowlog',
    group: 'server',
    since: '2.2.12',
    summary: 'Looks at commands that took long',
    helpSince: '6.2.0',
  },
  [SLOWLOG_GET, SLOWLOG_LEN, SLOWLOG_RESET],
);

export const SLOWLOG_COMMANDS: readonly CommandSpec[] = [SLOWLOG];
