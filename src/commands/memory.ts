// MEMORY: where the memory goes.
import { NOT_AN_INTEGER, SYNTAX } from '../resp/errors.ts';
import type { Context } from './context.ts';
import { allocatorTable, doctorText } from './memory_text.ts';
import { type CommandSpec, command, container, key, READONLY } from './spec.ts';

/** What a key takes in its database's table: a reference and a tag, at the usual fill of the buckets. */
const TABLE_SHARE_BYTES = 8;
const DEFAULT_SAMPLES = 5;

const MEMORY_DOCTOR = command({
  name: 'memory|doctor',
  group: 'server',
  since: '4.0.0',
  summary: 'Says in words what may be wrong with the use of memory',
  complexity: 'O(1)',
  arity: 2,
  tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
  help: ['DOCTOR', '    What may be wrong with the use of memory, in words.'],
  run: (c) => c.reply.verbatim('txt', doctorText(c.server.admin.memory, c.server.clients.rows().length)),
});

const MEMORY_MALLOC_STATS = command({
  name: 'memory|malloc-stats',
  group: 'server',
  since: '4.0.0',
  summary: 'Report of the allocator about itself',
  complexity: 'Depends on how much memory is allocated',
  arity: 2,
  tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
  help: ['MALLOC-STATS', '    Report of the allocator about itself.'],
  run: (c) => c.reply.verbatim('txt', allocatorTable(c.keyspace.arena)),
});

const MEMORY_PURGE = command({
  name: 'memory|purge',
  group: 'server',
  since: '4.0.0',
  summary: 'Gives unused memory back to the system',
  complexity: 'Depends on how much memory is allocated',
  arity: 2,
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  help: ['PURGE', '    Give unused memory back to the system.'],
  run: (c) => {
    c.keyspace.arena.purge();
    c.reply.ok();
  },
});

const MEMORY_STATS = command({
  name: 'memory|stats',
  group: 'server',
  since: '4.0.0',
  summary: 'Where the memory goes, in numbers',
  complexity: 'O(1)',
  arity: 2,
  tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
  help: ['STATS', '    Where the memory goes, in numbers.'],
  run: runMemoryStats,
});

/** A key of the map and what writes its value. */
type Figure = readonly [name: string, write: () => void];

function runMemoryStats(c: Context): void {
  const { reply, keyspace } = c;
  const { memory } = c.server.admin;
  const { usedBytes, peakBytes, arenaBytes, activeBytes, residentBytes, rssBytes } = memory;
  const bytes = (name: string, value: number): Figure => [name, () => reply.integer(value)];
  const share = (name: string, part: number, whole: number): Figure => [
    name,
    () => reply.double(whole === 0 ? 0 : part / whole),
  ];
  const keys = keyspace.keyCount;
  replyFigures(c, [
    bytes('peak.allocated', peakBytes),
    bytes('total.allocated', usedBytes),
    bytes('startup.allocated', memory.startupBytes),
    bytes('replication.backlog', 0),
    bytes('clients.slaves', 0),
    bytes('clients.normal', memory.clientBytes),
    bytes('cluster.links', 0),
    bytes('aof.buffer', 0),
    bytes('lua.caches', 0),
    bytes('functions.caches', 0),
    ...databaseFigures(c),
    bytes('overhead.total', memory.overheadBytes),
    bytes('keys.count', keys),
    bytes(
      'keys.bytes-per-key',
      keys === 0 ? 0 : Math.floor(Math.max(0, usedBytes - memory.startupBytes) / keys),
    ),
    bytes('dataset.bytes', memory.datasetBytes),
    ['dataset.percentage', () => reply.double(memory.datasetPercent)],
    ['peak.percentage', () => reply.double((usedBytes / peakBytes) * 100)],
    bytes('allocator.allocated', arenaBytes),
    bytes('allocator.active', activeBytes),
    bytes('allocator.resident', residentBytes),
    share('allocator-fragmentation.ratio', activeBytes, arenaBytes),
    bytes('allocator-fragmentation.bytes', activeBytes - arenaBytes),
    share('allocator-rss.ratio', residentBytes, activeBytes),
    bytes('allocator-rss.bytes', residentBytes - activeBytes),
    share('rss-overhead.ratio', rssBytes, residentBytes),
    bytes('rss-overhead.bytes', rssBytes - residentBytes),
    share('fragmentation', rssBytes, usedBytes),
    bytes('fragmentation.bytes', rssBytes - usedBytes),
  ]);
}

/** The tables of each database that has keys. Expiries have no table of their own. */
function databaseFigures(c: Context): Figure[] {
  const { reply, keyspace } = c;
  const figures: Figure[] = [];
  for (let i = 0; i < keyspace.databaseCount; i++) {
    const db = keyspace.db(i);
    if (db.size === 0) continue;
    const tables: Figure[] = [
      ['overhead.hashtable.main', () => reply.integer(db.tableBytes)],
      ['overhead.hashtable.expires', () => reply.integer(0)],
      ['overhead.hashtable.slot-to-keys', () => reply.integer(0)],
    ];
    figures.push([`db.${i}`, () => replyFigures(c, tables)]);
  }
  return figures;
}

function replyFigures({ reply }: Context, figures: readonly Figure[]): void {
  reply.map(figures.length);
  for (const [name, write] of figures) {
    reply.bulkText(name);
    write();
  }
}

const MEMORY_USAGE = command({
  name: 'memory|usage',
  group: 'server',
  since: '4.0.0',
  summary: 'Bytes that a key and its value take',
  complexity: 'O(N) in the number of samples',
  arity: -3,
  flags: READONLY,
  keys: [key('RO', 2)],
  syntax: 'key [SAMPLES count:integer]',
  help: [
    'USAGE <key> [SAMPLES <count>]',
    '    Bytes that <key> and its value take; <count> nested values are looked at',
    '    (default: 5, 0 means all).',
  ],
  run: runMemoryUsage,
});

function runMemoryUsage(c: Context): void {
  const { args, reply } = c;
  let wanted = DEFAULT_SAMPLES;
  for (let i = 3; i < args.count; i += 2) {
    if (!args.is(i, 'samples') || i + 1 === args.count) {
      reply.error(SYNTAX);
      return;
    }
    const samples = args.int64(i + 1);
    if (samples === null || samples < 0n) {
      reply.error(samples === null ? NOT_AN_INTEGER : SYNTAX);
      return;
    }
    wanted = Number(samples);
  }
  // A key that has expired takes its memory until it is removed.
  const ref = c.db.find(args.bytes, args.at(2), args.length(2), c.hashOf(2));
  if (ref === 0) reply.null();
  else reply.integer(usageBytes(c, ref, wanted));
}

/** Bytes of the blocks that hold a key and its value (large values estimated from samples), and its share of the table. */
function usageBytes({ keyspace: { arena, entries, types } }: Context, ref: number, samples: number): number {
  const outsideBytes = types[entries.type(ref)]!.outsideBytes(ref, samples);
  return TABLE_SHARE_BYTES + arena.usableBytes(entries.blockBytes(ref)) + outsideBytes;
}

const MEMORY = container(
  {
    name: 'memory',
    group: 'server',
    since: '4.0.0',
    summary: 'Looks at the use of memory',
    helpSince: '4.0.0',
  },
  [MEMORY_DOCTOR, MEMORY_MALLOC_STATS, MEMORY_PURGE, MEMORY_STATS, MEMORY_USAGE],
);

export const MEMORY_COMMANDS: readonly CommandSpec[] = [MEMORY];
