// XGROUP: consumer groups and their consumers.
//
// The subcommands look at their options first, then at the key, then at the group, and only then count their arguments.
import type { Ref } from '../arena/arena.ts';
import { EVENT_SILENT, EVENT_STREAM } from '../keyspace/keyspace.ts';
import {
  ENTRIES_READ_NEGATIVE,
  GROUP_EXISTS,
  NOT_AN_INTEGER,
  noGroupOfKey,
  unknownSubcommandOrArity,
  XGROUP_NEEDS_KEY,
} from '../resp/errors.ts';
import { TYPE_STREAM } from '../structs/entry.ts';
import { setLowest } from '../structs/stream_id.ts';
import { UNKNOWN_READ } from '../types/stream_group.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, container, DENYOOM, key, WRITE } from './spec.ts';
import { addStream } from './stream.ts';
import { createConsumer, groupAt } from './stream_deliver.ts';
import { edgeOr, idOr, LOWEST } from './stream_ids.ts';
import { WRONG, writeTyped } from './typed.ts';

const DOLLAR = 36;

const CREATE = command({
  name: 'xgroup|create',
  group: 'stream',
  since: '5.0.0',
  summary: 'Makes a consumer group',
  complexity: 'O(1)',
  arity: -5,
  flags: WRITE | DENYOOM,
  keys: [key('RW INSERT', 2)],
  syntax: `key groupname id=(id | new_id=$) [MKSTREAM] [ENTRIESREAD entries_read:integer]`,
  history: [['7.0.0', 'Option ENTRIESREAD.']],
  help: [
    'CREATE <key> <groupname> <id|$> [option]',
    '    Make a group that begins after an id, or after the last entry. Options are:',
    '    * MKSTREAM',
    '      Make an empty stream if there is none.',
    '    * ENTRIESREAD entries_read',
    '      How many entries the group has read (for internal use).',
  ],
  run: runCreate,
});

function runCreate(c: Context): void {
  const { args, reply } = c;
  const { groups, id } = c.keyspace.streams;
  const { streams } = c.keyspace;
  const options = parseOptions(c, true);
  if (options === null) return;
  let ref = writeTyped(c, 2, TYPE_STREAM);
  if (ref === WRONG) return;
  if (ref === 0 && !options.makesStream) {
    reply.error(XGROUP_NEEDS_KEY);
    return;
  }
  if (args.count > 8) {
    refuseArguments(c);
    return;
  }
  if (isDollar(c, 4)) {
    if (ref === 0) setLowest(id);
    else streams.readLastId(streams.of(ref), id);
  } else if (!idOr(c, 4, id)) {
    return;
  }
  if (ref === 0) {
    ref = addStream(c, 2);
    // What happens to groups concerns nobody who has read the stream, but that there is one now does.
    c.event(2, EVENT_SILENT, 'mkstream');
  }
  const stream = streams.of(ref);
  if (groupAt(c, stream, 3) !== 0) {
    reply.error(GROUP_EXISTS);
    return;
  }
  groups.create(streams.groupsOf(stream), args.bytes, args.at(3), args.length(3), id, options.entriesRead);
  reply.ok();
  c.changed(2, EVENT_STREAM, 'xgroup-create');
}

const SETID = command({
  name: 'xgroup|setid',
  group: 'stream',
  since: '5.0.0',
  summary: 'Sets the id after which a group goes on',
  complexity: 'O(1)',
  arity: -5,
  flags: WRITE,
  keys: [key('RW UPDATE', 2)],
  syntax: 'key groupname id=(id | new_id=$) [ENTRIESREAD entries_read:integer]',
  history: [['7.0.0', 'Option ENTRIESREAD.']],
  help: [
    'SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]',
    '    Set the id after which a group goes on, and how many entries it has read.',
  ],
  run: runSetid,
});

function runSetid(c: Context): void {
  const { streams } = c.keyspace;
  const { groups, id } = streams;
  const options = parseOptions(c, false);
  if (options === null) return;
  const ref = streamOr(c);
  if (ref === 0) return;
  const group = groupOr(c, ref);
  if (group === 0) return;
  if (c.args.count !== 5 && c.args.count !== 7) {
    refuseArguments(c);
    return;
  }
  if (isDollar(c, 4)) streams.readLastId(streams.of(ref), id);
  else if (!edgeOr(c, 4, LOWEST, id)) return;
  groups.setLastId(group, id);
  groups.setEntriesRead(group, options.entriesRead);
  c.reply.ok();
  c.changed(2, EVENT_STREAM, 'xgroup-setid');
}

const DESTROY = command({
  name: 'xgroup|destroy',
  group: 'stream',
  since: '5.0.0',
  summary: 'Deletes a consumer group',
  complexity: 'O(N) in the number of entries that are pending, which are freed in slices',
  arity: 4,
  flags: WRITE,
  keys: [key('RW DELETE', 2)],
  syntax: 'key groupname',
  help: ['DESTROY <key> <groupname>', '    Delete a group.'],
  run: runDestroy,
});

function runDestroy(c: Context): void {
  const { keyspace } = c;
  const { streams } = keyspace;
  const ref = streamOr(c);
  if (ref === 0) return;
  const group = groupAt(c, streams.of(ref), 3);
  if (group !== 0) {
    keyspace.dispose(streams.orphan(streams.of(ref), group));
    c.changed(2, EVENT_STREAM, 'xgroup-destroy');
  }
  c.reply.flag(group !== 0);
}

const CREATECONSUMER = command({
  name: 'xgroup|createconsumer',
  group: 'stream',
  since: '6.2.0',
  summary: 'Makes a consumer in a group',
  complexity: 'O(1)',
  arity: 5,
  flags: WRITE | DENYOOM,
  keys: [key('RW INSERT', 2)],
  syntax: 'key groupname consumername',
  help: ['CREATECONSUMER <key> <groupname> <consumer>', '    Make a consumer in a group.'],
  run: runCreateconsumer,
});

function runCreateconsumer(c: Context): void {
  const ref = streamOr(c);
  if (ref === 0) return;
  const group = groupOr(c, ref);
  if (group === 0) return;
  const isNew = consumerNamed(c, group) === 0;
  if (isNew) createConsumer(c, group, 4, 2);
  c.reply.flag(isNew);
}

const DELCONSUMER = command({
  name: 'xgroup|delconsumer',
  group: 'stream',
  since: '5.0.0',
  summary: 'Deletes a consumer of a group with what is pending for it',
  complexity: 'O(N log M) in the N entries that are pending for it, M for the group',
  arity: 5,
  flags: WRITE,
  keys: [key('RW DELETE', 2)],
  syntax: 'key groupname consumername',
  help: ['DELCONSUMER <key> <groupname> <consumer>', '    Delete a consumer of a group.'],
  run: runDelconsumer,
});

function runDelconsumer(c: Context): void {
  const { groups } = c.keyspace.streams;
  const ref = streamOr(c);
  if (ref === 0) return;
  const group = groupOr(c, ref);
  if (group === 0) return;
  const consumer = consumerNamed(c, group);
  const pending = consumer === 0 ? 0 : groups.pendingCount(consumer);
  if (consumer !== 0) {
    groups.dropConsumer(group, consumer);
    c.changed(2, EVENT_STREAM, 'xgroup-delconsumer');
  }
  c.reply.integer(pending);
}

function consumerNamed(c: Context, group: Ref): Ref {
  const { args } = c;
  return c.keyspace.streams.groups.findConsumer(group, args.bytes, args.at(4), args.length(4));
}

/** The entry of the key in argument 2; 0 after an error reply. */
function streamOr(c: Context): Ref {
  const ref = writeTyped(c, 2, TYPE_STREAM);
  if (ref === WRONG) return 0;
  if (ref === 0) c.reply.error(XGROUP_NEEDS_KEY);
  return ref;
}

/** The group in argument 3; 0 after an error reply. */
function groupOr(c: Context, ref: Ref): Ref {
  const group = groupAt(c, c.keyspace.streams.of(ref), 3);
  if (group === 0) c.reply.error(noGroupOfKey(c.args.text(2), c.args.text(3)));
  return group;
}

interface GroupOptions {
  makesStream: boolean;
  entriesRead: bigint;
}

/** Options from argument 5 on; null after an error reply. */
function parseOptions(c: Context, creating: boolean): GroupOptions | null {
  const { args, reply } = c;
  const options: GroupOptions = { makesStream: false, entriesRead: UNKNOWN_READ };
  for (let i = 5; i < args.count; i++) {
    if (creating && args.is(i, 'mkstream')) {
      options.makesStream = true;
    } else if (args.is(i, 'entriesread') && i + 1 < args.count) {
      const entriesRead = args.int64(++i);
      if (entriesRead === null || entriesRead < UNKNOWN_READ) {
        reply.error(entriesRead === null ? NOT_AN_INTEGER : ENTRIES_READ_NEGATIVE);
        return null;
      }
      options.entriesRead = entriesRead;
    } else {
      refuseArguments(c);
      return null;
    }
  }
  return options;
}

function refuseArguments(c: Context): void {
  c.reply.error(unknownSubcommandOrArity(c.args.text(1), 'XGROUP'));
}

function isDollar(c: Context, i: number): boolean {
  return c.args.length(i) === 1 && c.args.bytes[c.args.at(i)] === DOLLAR;
}

const XGROUP = container(
  {
    name: 'xgroup',
    group: 'stream',
    since: '5.0.0',
    summary: 'Manages the consumer groups of a stream',
    helpSince: '5.0.0',
  },
  [CREATE, CREATECONSUMER, DELCONSUMER, DESTROY, SETID],
);

export const STREAM_GROUP_COMMANDS: readonly CommandSpec[] = [XGROUP];
