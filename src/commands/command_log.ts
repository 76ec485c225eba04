// SLOWLOG and COMMANDLOG: the last commands that took long, or that sent or got much.
import type { CommandLog, LoggedCommand } from '../metrics/command_log.ts';
import { NEGATIVE_SLOWLOG_COUNT, UNKNOWN_COMMAND_LOG, unknownSubcommandOrArity } from '../resp/errors.ts';
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
  replyNewest(c, c.server.admin.commandLogs.slow, args.count < 3 ? DEFAULT_COUNT : args.int64(2));
}

/** The newest entries of a log; -1: all. */
function replyNewest({ reply }: Context, log: CommandLog, count: bigint | null): void {
  if (count === null || count < -1n) reply.error(NEGATIVE_SLOWLOG_COUNT);
  else replyEntries(reply, log.newest(count === -1n ? log.length : Number(count)));
}

function replyEntries(reply: Reply, entries: readonly LoggedCommand[]): void {
  reply.array(entries.length);
  for (const { id, time, value, args, address, name } of entries) {
    reply.array(6);
    reply.integer(id);
    reply.integer(time);
    reply.integer(value);
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
  run: (c) => c.reply.integer(c.server.admin.commandLogs.slow.length),
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
    c.server.admin.commandLogs.slow.reset();
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

const LOG_SYNTAX = 'type=(slow | large-request | large-reply)';

/** The log that argument `i` names; null after an error reply. */
function logOr(c: Context, i: number): CommandLog | null {
  const { args, reply } = c;
  const { largeReply, largeRequest, slow } = c.server.admin.commandLogs;
  if (args.is(i, 'slow')) return slow;
  if (args.is(i, 'large-request')) return largeRequest;
  if (args.is(i, 'large-reply')) return largeReply;
  reply.error(UNKNOWN_COMMAND_LOG);
  return null;
}

const COMMANDLOG_GET = command({
  name: 'commandlog|get',
  group: 'server',
  since: '8.1.0',
  summary: 'Newest entries of a log of commands',
  complexity: 'O(N) in the number of entries',
  arity: 4,
  flags: ADMIN | LOADING | STALE,
  tips: ['request_policy:all_nodes', 'nondeterministic_output'],
  syntax: `count:integer ${LOG_SYNTAX}`,
  help: [
    'GET <count> <type>',
    '    The <count> newest entries of a log (-1 means all). <type> is one of:',
    '    * slow: commands that took long. Values are microseconds.',
    '    * large-request: commands whose request was large. Values are bytes.',
    '    * large-reply: commands whose reply was large. Values are bytes.',
    '    An entry has:',
    '    id, time stamp, value, the words of the command, address of the client, name of',
    '    the client',
  ],
  run: (c) => {
    const log = logOr(c, 3);
    if (log !== null) replyNewest(c, log, c.args.int64(2));
  },
});

const COMMANDLOG_LEN = command({
  name: 'commandlog|len',
  group: 'server',
  since: '8.1.0',
  summary: 'Number of entries in a log of commands',
  complexity: 'O(1)',
  arity: 3,
  flags: ADMIN | LOADING | STALE,
  tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
  syntax: LOG_SYNTAX,
  help: ['LEN <type>', '    Number of entries.'],
  run: (c) => {
    const log = logOr(c, 2);
    if (log !== null) c.reply.integer(log.length);
  },
});

const COMMANDLOG_RESET = command({
  name: 'commandlog|reset',
  group: 'server',
  since: '8.1.0',
  summary: 'Empties a log of commands',
  complexity: 'O(N) in the number of entries',
  arity: 3,
  flags: ADMIN | LOADING | STALE,
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  syntax: LOG_SYNTAX,
  help: ['RESET <type>', '    Remove all entries.'],
  run: (c) => {
    const log = logOr(c, 2);
    if (log === null) return;
    log.reset();
    c.reply.ok();
  },
});

const COMMANDLOG = container(
  {
    name: 'commandlog',
    group: 'server',
    since: '8.1.0',
    summary: 'Looks at commands that took long, or that sent or got much',
    helpSince: '8.1.0',
  },
  [COMMANDLOG_GET, COMMANDLOG_LEN, COMMANDLOG_RESET],
);

export const COMMAND_LOG_COMMANDS: readonly CommandSpec[] = [COMMANDLOG, SLOWLOG];
