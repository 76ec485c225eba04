// HIMPORT: hashes that share their field names. A connection says the names once, then only values.
import { EVENT_HASH } from '../keyspace/keyspace.ts';
import { DUPLICATE_IN_FIELDSET, FIELDSET_MISMATCH, NO_SUCH_FIELDSET } from '../resp/errors.ts';
import { Fieldsets } from '../session/fieldsets.ts';
import { TYPE_HASH } from '../structs/entry.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, container, DENYOOM, key, WRITE } from './spec.ts';
import { addOrReplace } from './string_store.ts';
import { WRONG, writeTyped } from './typed.ts';

const TO_ALL = ['request_policy:all_shards'];

const PREPARE = command({
  name: 'himport|prepare',
  group: 'hash',
  since: '8.10.0',
  summary: 'Names a list of fields for this connection',
  complexity: 'O(N) in the number of fields',
  arity: -4,
  flags: DENYOOM,
  tips: TO_ALL,
  syntax: 'fieldset-name field+',
  help: ['PREPARE <fieldset-name> <field> [<field> ...]', '    Name a list of fields for this connection.'],
  run: runPrepare,
});

function runPrepare(c: Context): void {
  const { args, client } = c;
  const fields: Uint8Array[] = [];
  const known = new Set<string>();
  for (let i = 3; i < args.count; i++) {
    known.add(args.text(i));
    fields.push(args.copy(i));
  }
  if (known.size < fields.length) {
    c.reply.error(DUPLICATE_IN_FIELDSET);
    return;
  }
  client.fieldsets ??= new Fieldsets();
  client.fieldsets.put(args.text(2), fields);
  c.reply.ok();
}

const SET = command({
  name: 'himport|set',
  group: 'hash',
  since: '8.10.0',
  summary: 'Puts a hash of the named fields with these values in the place of what the key held',
  complexity: 'O(N) in the number of fields',
  arity: -5,
  flags: WRITE | DENYOOM,
  keys: [key('OW UPDATE', 2)],
  syntax: 'key fieldset-name value+',
  help: [
    'SET <key> <fieldset-name> <value> [<value> ...]',
    '    Make a hash of the named fields with values in the same order.',
  ],
  run: runSet,
});

function runSet(c: Context): void {
  const { args, keyspace, reply } = c;
  const { entries, hashes } = keyspace;
  const fields = c.client.fieldsets?.find(args.text(3));
  if (fields === undefined) {
    reply.error(NO_SUCH_FIELDSET);
    return;
  }
  if (fields.length !== args.count - 4) {
    reply.error(FIELDSET_MISMATCH);
    return;
  }
  if (writeTyped(c, 2, TYPE_HASH) === WRONG) return;
  const ref = hashes.create(args.bytes, args.at(2), args.length(2), keyspace.freshClock());
  fields.forEach((field, i) => {
    const value = i + 4;
    hashes.expect(ref, field.length, args.length(value));
    hashes.find(ref, field, 0, field.length, keyspace.pastMs);
    hashes.addField(ref, field, 0, field.length, args.bytes, args.at(value), args.length(value));
  });
  const old = c.lookupWrite(2);
  if (old !== 0 && keyspace.lfu) entries.setClock(ref, entries.clock(old));
  addOrReplace(c, 2, old, ref);
  c.changed(2, EVENT_HASH, 'hset');
  if (c.effects.active) logHash(c, fields, old !== 0);
  reply.ok();
}

/** As commands that need no list of fields. */
function logHash(c: Context, fields: readonly Uint8Array[], replaces: boolean): void {
  const { effects } = c;
  if (replaces) effects.op(c, 'DEL', 2).arg(2);
  effects.op(c, 'HSET', 2 + 2 * fields.length).arg(2);
  for (const [i, field] of fields.entries()) effects.bulk(field, 0, field.length).arg(i + 4);
}

const DISCARD = command({
  name: 'himport|discard',
  group: 'hash',
  since: '8.10.0',
  summary: 'Forgets a list of fields',
  complexity: 'O(N) in the number of fields',
  arity: 3,
  tips: TO_ALL,
  syntax: 'fieldset-name',
  help: ['DISCARD <fieldset-name>', '    Forget a list of fields.'],
  run: (c) => c.reply.integer(c.client.fieldsets?.drop(c.args.text(2)) ? 1 : 0),
});

const DISCARDALL = command({
  name: 'himport|discardall',
  group: 'hash',
  since: '8.10.0',
  summary: 'Forgets all lists of fields of this connection',
  complexity: 'O(N) in the number of lists',
  arity: 2,
  tips: TO_ALL,
  help: ['DISCARDALL', '    Forget all lists of fields.'],
  run: (c) => c.reply.integer(c.client.fieldsets?.clear() ?? 0),
});

const WITH_HELP = container(
  {
    name: 'himport',
    group: 'hash',
    since: '8.10.0',
    summary: 'Makes hashes that share their field names',
    helpSince: '8.10.0',
  },
  [DISCARD, DISCARDALL, PREPARE, SET],
);

/** In Redis this container is the one without HELP, and belongs to its group. */
const HIMPORT: CommandSpec = {
  ...WITH_HELP,
  categories: DISCARD.categories,
  subcommands: WITH_HELP.subcommands.filter(({ name }) => name !== 'himport|help'),
};

export const HASH_IMPORT_COMMANDS: readonly CommandSpec[] = [HIMPORT];
