// OBJECT: how the value of a key is stored, and how recently or often it was used.
import type { Ref } from '../arena/arena.ts';
import { decayedFrequency, idleSeconds } from '../keyspace/access_clock.ts';
import { FREQUENCY_WITHOUT_LFU, IDLE_TIME_UNDER_LFU } from '../resp/errors.ts';
import { TYPE_STRING } from '../structs/entry.ts';
import { ENCODING_NAMES } from '../types/names.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, container, key, READONLY } from './spec.ts';

/** What the reference reports for small integers, which it keeps once for all keys. */
const SHARED_REFERENCES = 2147483647;
const SHARED_INTEGERS = 10000;

const OBJECT_ENCODING = command({
  name: 'object|encoding',
  group: 'generic',
  since: '2.2.3',
  summary: 'Name of the encoding in which a value is stored',
  complexity: 'O(1)',
  arity: 3,
  flags: READONLY,
  keys: [key('RO', 2)],
  tips: ['nondeterministic_output'],
  syntax: 'key',
  help: ['ENCODING <key>', '    Encoding that stores the value of <key>.'],
  run: runObjectEncoding,
});

/** Live entry of the key asked about, or 0: looking at it is no use of it, and a miss is not announced. */
function glancedAt(c: Context): Ref {
  const { args } = c;
  return c.db.glance(args.bytes, args.at(2), args.length(2), c.hashOf(2));
}

function runObjectEncoding(c: Context): void {
  const ref = glancedAt(c);
  if (ref === 0) c.reply.null();
  else c.reply.bulkText(ENCODING_NAMES[c.keyspace.entries.encoding(ref)]!);
}

const OBJECT_FREQ = command({
  name: 'object|freq',
  group: 'generic',
  since: '4.0.0',
  summary: 'Logarithmic access frequency of a key, under an LFU policy',
  complexity: 'O(1)',
  arity: 3,
  flags: READONLY,
  keys: [key('RO', 2)],
  tips: ['nondeterministic_output'],
  syntax: 'key',
  help: ['FREQ <key>', '    How often <key> was used lately, on a logarithmic scale (LFU policies only).'],
  run: runObjectFreq,
});

function runObjectFreq(c: Context): void {
  const { keyspace, reply } = c;
  const ref = glancedAt(c);
  if (ref === 0) reply.null();
  else if (!keyspace.lfu) reply.error(FREQUENCY_WITHOUT_LFU);
  else reply.integer(decayedFrequency(keyspace, keyspace.entries.clock(ref)));
}

const OBJECT_IDLETIME = command({
  name: 'object|idletime',
  group: 'generic',
  since: '2.2.3',
  summary: 'Seconds since a key was last used, except under an LFU policy',
  complexity: 'O(1)',
  arity: 3,
  flags: READONLY,
  keys: [key('RO', 2)],
  tips: ['nondeterministic_output'],
  syntax: 'key',
  help: ['IDLETIME <key>', '    Seconds since <key> was last used.'],
  run: runObjectIdletime,
});

function runObjectIdletime(c: Context): void {
  const { keyspace, reply } = c;
  const ref = glancedAt(c);
  if (ref === 0) reply.null();
  else if (keyspace.lfu) reply.error(IDLE_TIME_UNDER_LFU);
  else reply.integer(idleSeconds(keyspace, keyspace.entries.clock(ref)));
}

const OBJECT_REFCOUNT = command({
  name: 'object|refcount',
  group: 'generic',
  since: '2.2.3',
  summary: 'Number of references to a value',
  complexity: 'O(1)',
  arity: 3,
  flags: READONLY,
  keys: [key('RO', 2)],
  tips: ['nondeterministic_output'],
  syntax: 'key',
  help: ['REFCOUNT <key>', '    How many references there are to the value of <key>.'],
  run: runObjectRefcount,
});

function runObjectRefcount(c: Context): void {
  const ref = glancedAt(c);
  if (ref === 0) c.reply.null();
  else c.reply.integer(referenceCount(c, ref));
}

/**
 * No value has two owners here; small integers get the number that the reference gives them, which shares them unless
 * each needs an access clock of its own.
 */
export function referenceCount(c: Context, ref: number): number {
  const needsClock = c.config.number('maxmemory') > 0 && /-l[rf]u$/.test(c.config.string('maxmemory-policy'));
  return !needsClock && isSmallInteger(c, ref) ? SHARED_REFERENCES : 1;
}

function isSmallInteger({ keyspace }: Context, ref: number): boolean {
  const { entries, strings } = keyspace;
  if (entries.type(ref) !== TYPE_STRING || !strings.isInt(ref)) return false;
  const value = strings.int53(ref);
  return value >= 0 && value < SHARED_INTEGERS;
}

const OBJECT = container(
  {
    name: 'object',
    group: 'generic',
    since: '2.2.3',
    summary: 'Looks at how values are stored',
    helpSince: '6.2.0',
  },
  [OBJECT_ENCODING, OBJECT_FREQ, OBJECT_IDLETIME, OBJECT_REFCOUNT],
);

export const OBJECT_COMMANDS: readonly CommandSpec[] = [OBJECT];
