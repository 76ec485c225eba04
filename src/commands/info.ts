// What the server says of itself: INFO, TIME, DBSIZE, ROLE, LASTSAVE.
import { AT_ADMIN, AT_DANGEROUS, AT_KEYSPACE } from './categories.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, FAST, LOADING, NOSCRIPT, READONLY, STALE } from './spec.ts';

const US_PER_SECOND = 1_000_000;

const INFO = command({
  name: 'info',
  group: 'server',
  since: '1.0.0',
  summary: 'Facts and counters of the server, by section',
  complexity: 'O(1)',
  arity: -1,
  flags: LOADING | STALE,
  categories: AT_DANGEROUS,
  tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
  syntax: '[section+]',
  history: [['7.0.0', 'Takes several sections.']],
  run: runInfo,
});

function runInfo(c: Context): void {
  const { args } = c;
  const sections: string[] = [];
  for (let i = 1; i < args.count; i++) sections.push(args.text(i));
  c.reply.verbatim('txt', c.server.admin.info(sections));
}

const TIME = command({
  name: 'time',
  group: 'server',
  since: '2.6.0',
  summary: 'Unix time: seconds, and microseconds within the second',
  complexity: 'O(1)',
  arity: 1,
  flags: LOADING | STALE | FAST,
  tips: ['nondeterministic_output'],
  run: runTime,
});

function runTime({ keyspace, reply }: Context): void {
  const us = keyspace.clock.nowUs();
  reply.array(2);
  reply.bulkInteger(Math.floor(us / US_PER_SECOND));
  reply.bulkInteger(us % US_PER_SECOND);
}

const DBSIZE = command({
  name: 'dbsize',
  group: 'server',
  since: '1.0.0',
  summary: 'Number of keys in the database',
  complexity: 'O(1)',
  arity: 1,
  flags: READONLY | FAST,
  categories: AT_KEYSPACE,
  tips: ['request_policy:all_shards', 'response_policy:agg_sum'],
  run: (c) => c.reply.integer(c.db.size),
});

const ROLE = command({
  name: 'role',
  group: 'server',
  since: '2.8.12',
  summary: 'Role of the server in replication and its peers',
  complexity: 'O(1)',
  arity: 1,
  flags: NOSCRIPT | LOADING | STALE | FAST,
  categories: AT_ADMIN | AT_DANGEROUS,
  run: runRole,
});

/** A primary at offset 0, without replicas. */
function runRole({ reply }: Context): void {
  reply.array(3);
  reply.bulkText('master');
  reply.integer(0);
  reply.array(0);
}

const LASTSAVE = command({
  name: 'lastsave',
  group: 'server',
  since: '1.0.0',
  summary: 'Unix time in seconds of the last successful snapshot',
  complexity: 'O(1)',
  arity: 1,
  flags: LOADING | STALE | FAST,
  categories: AT_ADMIN | AT_DANGEROUS,
  tips: ['nondeterministic_output'],
  run: runLastsave,
});

/** The start counts as the last save as long as there is none. */
function runLastsave(c: Context): void {
  c.reply.integer(Math.floor(c.server.admin.saving.lastSaveMs / 1000));
}

export const INFO_COMMANDS: readonly CommandSpec[] = [DBSIZE, INFO, LASTSAVE, ROLE, TIME];
