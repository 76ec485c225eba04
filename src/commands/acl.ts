// ACL: users and what they may do. The rules themselves are read in acl_rules.ts, decided by in acl_check.ts and written in
// acl_describe.ts.
import { randomBytes } from 'node:crypto';
import {
  ACL_SAVE_FAILED,
  aclLoadFailed,
  BAD_USER_NAME,
  commandNotFound,
  DEFAULT_USER_STAYS,
  GENPASS_BITS,
  NO_ACL_FILE,
  unknownCategory,
  userNotFound,
  wouldNotRun,
  wouldNotUse,
} from '../resp/acl_errors.ts';
import { NOT_AN_INTEGER, unknownSubcommandOrArity, wrongArity } from '../resp/errors.ts';
import type { AclEntry } from '../session/acl_log.ts';
import type { Selector } from '../session/acl_user.ts';
import { DEFAULT_USER } from '../session/auth.ts';
import { AclCheck, ALLOWED, REFUSED_COMMAND, REFUSED_KEY } from './acl_check.ts';
import { describeChannels, describeCommands, describeKeys, flagsOf } from './acl_describe.ts';
import { hasBlanks } from './acl_rules.ts';
import { CATEGORY_NAMES, categoryBit } from './categories.ts';
import type { Context } from './context.ts';
import { ADMIN, type CommandSpec, command, container, LOADING, NOSCRIPT, STALE } from './spec.ts';
import { ArgsFrom } from './words.ts';

const LOG_ENTRIES = 10n;
const PASSWORD_BITS = 256n;
const PASSWORD_BITS_MAX = 4096n;

const ACL_CAT = command({
  name: 'acl|cat',
  group: 'server',
  since: '6.0.0',
  summary: 'Categories of commands, or the commands of one of them',
  complexity: 'O(N) in the number of commands',
  arity: -2,
  flags: NOSCRIPT | LOADING | STALE,
  syntax: '[categoryname]',
  help: ['CAT [<category>]', '    Commands that belong to <category>, or all categories.'],
  run: runAclCat,
});

function runAclCat(c: Context): void {
  const { args, reply } = c;
  if (args.count > 3) {
    reply.error(unknownSubcommandOrArity(args.text(1), 'ACL'));
    return;
  }
  if (args.count === 2) {
    replyTexts(c, CATEGORY_NAMES);
    return;
  }
  const category = categoryBit(args.text(2));
  if (category === 0) {
    reply.error(unknownCategory(args.text(2)));
    return;
  }
  const specs = c.table.everything().filter((spec) => (spec.categories & category) !== 0);
  replyTexts(
    c,
    specs.map((spec) => spec.name),
  );
}

const ACL_DELUSER = command({
  name: 'acl|deluser',
  group: 'server',
  since: '6.0.0',
  summary: 'Deletes users and closes their connections',
  complexity: 'O(1) for each user',
  arity: -3,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  syntax: 'username+',
  help: ['DELUSER <username> [<username> ...]', '    Delete the named users.'],
  run: runAclDeluser,
});

function runAclDeluser(c: Context): void {
  const names = textsFrom(c, 2);
  if (names.includes(DEFAULT_USER)) c.reply.error(DEFAULT_USER_STAYS);
  else c.reply.integer(names.filter((name) => c.server.access.deleteUser(name)).length);
}

const ACL_DRYRUN = command({
  name: 'acl|dryrun',
  group: 'server',
  since: '7.0.0',
  summary: 'Whether a user might run a command, without running it',
  complexity: 'O(1)',
  arity: -4,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  syntax: 'username command [arg+]',
  help: [
    'DRYRUN <username> <command> [<arg> ...]',
    '    Whether the user might run the command; it is not run.',
  ],
  run: runAclDryrun,
});

function runAclDryrun(c: Context): void {
  const { args, reply, server, table } = c;
  const user = server.access.users.find(args.text(2));
  if (user === undefined) {
    reply.error(userNotFound(args.text(2)));
    return;
  }
  let id = table.find(args.bytes, args.at(3), args.length(3));
  if (id >= 0 && table.isContainer(id) && args.count > 4) {
    id = table.findSubcommand(id, args.bytes, args.at(4), args.length(4));
  }
  if (id < 0) {
    reply.error(commandNotFound(args.text(3)));
    return;
  }
  const { arity, name } = table.specs[id]!;
  const words = args.count - 3;
  if (arity > 0 ? words !== arity : words < -arity) {
    reply.error(wrongArity(name));
    return;
  }
  const check = new AclCheck(table);
  const verdict = check.check(user, id, new ArgsFrom(args, 3));
  const argument = args.text(3 + check.refusedAt);
  if (verdict === ALLOWED) reply.ok();
  else if (verdict === REFUSED_COMMAND) reply.bulkText(wouldNotRun(name));
  else reply.bulkText(wouldNotUse(argument, verdict === REFUSED_KEY ? 'key' : 'channel'));
}

const ACL_GENPASS = command({
  name: 'acl|genpass',
  group: 'server',
  since: '6.0.0',
  summary: 'A random password',
  complexity: 'O(1)',
  arity: -2,
  flags: NOSCRIPT | LOADING | STALE,
  syntax: '[bits:integer]',
  help: ['GENPASS [<bits>]', '    A random password of 256 bits, or of as many as given.'],
  run: runAclGenpass,
});

function runAclGenpass(c: Context): void {
  const { args, reply } = c;
  if (args.count > 3) {
    reply.error(unknownSubcommandOrArity(args.text(1), 'ACL'));
    return;
  }
  const bits = args.count === 3 ? args.int64(2) : PASSWORD_BITS;
  if (bits === null || bits < 1n || bits > PASSWORD_BITS_MAX) {
    reply.error(bits === null ? NOT_AN_INTEGER : GENPASS_BITS);
    return;
  }
  const digits = Math.ceil(Number(bits) / 4);
  reply.bulkText(
    randomBytes(Math.ceil(digits / 2))
      .toString('hex')
      .slice(0, digits),
  );
}

const ACL_GETUSER = command({
  name: 'acl|getuser',
  group: 'server',
  since: '6.0.0',
  summary: 'What a user is and may do',
  complexity: 'O(N) in the rules of the user',
  arity: 3,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  syntax: 'username',
  history: [
    ['6.2.0', 'Patterns of channels.'],
    ['7.0.0', 'Selectors; patterns of keys and channels as rules instead of lists.'],
  ],
  help: ['GETUSER <username>', '    What the user is and may do.'],
  run: runAclGetuser,
});

function runAclGetuser(c: Context): void {
  const { args, reply, server } = c;
  const user = server.access.users.find(args.text(2));
  if (user === undefined) {
    reply.null();
    return;
  }
  reply.map(6);
  reply.bulkText('flags');
  const flags = flagsOf(user);
  reply.set(flags.length);
  for (const flag of flags) reply.bulkText(flag);
  reply.bulkText('passwords');
  replyTexts(c, user.passwords);
  replySelector(c, user.root);
  reply.bulkText('selectors');
  reply.array(user.selectors.length - 1);
  for (const selector of user.selectors.slice(1)) {
    reply.map(3);
    replySelector(c, selector);
  }
}

/** Three pairs of a map. */
function replySelector({ reply, server }: Context, selector: Selector): void {
  reply.bulkText('commands');
  reply.bulkText(describeCommands(server.access.catalog, selector));
  reply.bulkText('keys');
  reply.bulkText(describeKeys(selector));
  reply.bulkText('channels');
  reply.bulkText(describeChannels(selector));
}

const ACL_LIST = command({
  name: 'acl|list',
  group: 'server',
  since: '6.0.0',
  summary: 'All users as lines of the ACL file',
  complexity: 'O(N) in the number of users',
  arity: 2,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  help: ['LIST', '    All users as lines of the ACL file.'],
  run: runAclList,
});

function runAclList(c: Context): void {
  const { access } = c.server;
  replyTexts(
    c,
    access.lines().map((line) => `user ${line}`),
  );
}

const ACL_LOAD = command({
  name: 'acl|load',
  group: 'server',
  since: '6.0.0',
  summary: 'Reads the users anew from the ACL file',
  complexity: 'O(N) in the number of users',
  arity: 2,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  help: ['LOAD', '    Read the users anew from the ACL file.'],
  run: runAclLoad,
});

function runAclLoad({ config, reply, server }: Context): void {
  if (config.string('aclfile') === '') {
    reply.error(NO_ACL_FILE);
    return;
  }
  const errors = server.access.load();
  if (errors === '') reply.ok();
  else reply.error(aclLoadFailed(errors));
}

const ACL_LOG = command({
  name: 'acl|log',
  group: 'server',
  since: '6.0.0',
  summary: 'Newest refusals, or empties their log',
  complexity: 'O(N) in the number of entries',
  arity: -2,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  syntax: 'operation=[count:integer | RESET]',
  help: ['LOG [<count> | RESET]', '    Newest entries of the log of refusals.'],
  run: runAclLog,
});

function runAclLog(c: Context): void {
  const { args, reply, server } = c;
  if (args.count > 3) {
    reply.error(unknownSubcommandOrArity(args.text(1), 'ACL'));
    return;
  }
  if (args.count === 3 && args.is(2, 'reset')) {
    server.aclLog.reset();
    reply.ok();
    return;
  }
  const count = args.count === 3 ? args.int64(2) : LOG_ENTRIES;
  if (count === null) {
    reply.error(NOT_AN_INTEGER);
    return;
  }
  const entries = server.aclLog.entries.slice(0, Math.max(0, Number(count)));
  reply.array(entries.length);
  for (const entry of entries) replyEntry(c, entry);
}

function replyEntry({ keyspace, reply }: Context, entry: AclEntry): void {
  const text = (name: string, value: string): void => {
    reply.bulkText(name);
    reply.bulkText(value);
  };
  const integer = (name: string, value: number): void => {
    reply.bulkText(name);
    reply.integer(value);
  };
  reply.map(10);
  integer('count', entry.count);
  text('reason', entry.reason);
  text('context', entry.context);
  text('object', entry.object);
  text('username', entry.username);
  reply.bulkText('age-seconds');
  reply.double((keyspace.nowMs - entry.updatedMs) / 1000);
  text('client-info', entry.client);
  integer('entry-id', entry.id);
  integer('timestamp-created', entry.createdMs);
  integer('timestamp-last-updated', entry.updatedMs);
}

const ACL_SAVE = command({
  name: 'acl|save',
  group: 'server',
  since: '6.0.0',
  summary: 'Writes the users into the ACL file',
  complexity: 'O(N) in the number of users',
  arity: 2,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  help: ['SAVE', '    Write the users into the ACL file.'],
  run: runAclSave,
});

function runAclSave({ config, reply, server }: Context): void {
  if (config.string('aclfile') === '') reply.error(NO_ACL_FILE);
  else if (server.access.save()) reply.ok();
  else reply.error(ACL_SAVE_FAILED);
}

const ACL_SETUSER = command({
  name: 'acl|setuser',
  group: 'server',
  since: '6.0.0',
  summary: 'Creates a user or changes what it may do',
  complexity: 'O(N) in the number of rules',
  arity: -3,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  syntax: 'username [rule+]',
  history: [
    ['6.2.0', 'Patterns of channels.'],
    ['7.0.0', 'Selectors and permissions by key.'],
  ],
  help: ['SETUSER <username> <attribute> [<attribute> ...]', '    Create the user or change its rules.'],
  run: runAclSetuser,
});

function runAclSetuser(c: Context): void {
  const name = c.args.text(2);
  const error = hasBlanks(name) ? BAD_USER_NAME : c.server.access.setUser(name, textsFrom(c, 3));
  if (error === '') c.reply.ok();
  else c.reply.error(error);
}

const ACL_USERS = command({
  name: 'acl|users',
  group: 'server',
  since: '6.0.0',
  summary: 'Names of all users',
  complexity: 'O(N) in the number of users',
  arity: 2,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  help: ['USERS', '    Names of all users.'],
  run: runAclUsers,
});

function runAclUsers(c: Context): void {
  const users = c.server.access.users.sorted();
  replyTexts(
    c,
    users.map(({ name }) => name),
  );
}

const ACL_WHOAMI = command({
  name: 'acl|whoami',
  group: 'server',
  since: '6.0.0',
  summary: 'Name of the user of this connection',
  complexity: 'O(1)',
  arity: 2,
  flags: NOSCRIPT | LOADING | STALE,
  help: ['WHOAMI', '    Name of the user of this connection.'],
  run: runAclWhoami,
});

function runAclWhoami(c: Context): void {
  c.reply.bulkText(c.server.knownClient()?.user.name ?? DEFAULT_USER);
}

function replyTexts({ reply }: Context, texts: readonly string[]): void {
  reply.array(texts.length);
  for (const text of texts) reply.bulkText(text);
}

/** The arguments from `first` on. */
function textsFrom({ args }: Context, first: number): string[] {
  return Array.from({ length: args.count - first }, (_, i) => args.text(first + i));
}

const ACL = container(
  {
    name: 'acl',
    group: 'server',
    since: '6.0.0',
    summary: 'Looks at users and what they may do, and changes it',
    helpSince: '6.0.0',
  },
  [
    ACL_CAT,
    ACL_DELUSER,
    ACL_DRYRUN,
    ACL_GENPASS,
    ACL_GETUSER,
    ACL_LIST,
    ACL_LOAD,
    ACL_LOG,
    ACL_SAVE,
    ACL_SETUSER,
    ACL_USERS,
    ACL_WHOAMI,
  ],
);

export const ACL_COMMANDS: readonly CommandSpec[] = [ACL];
