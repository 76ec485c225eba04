// ACL as far as it is true of a server with one user: the default one, who may do everything once the password, if there
// is one, is given. Whoever wants to change that is refused.
import { randomBytes } from 'node:crypto';
import {
  ACL_UNAVAILABLE,
  commandNotFound,
  DEFAULT_USER_STAYS,
  GENPASS_BITS,
  NO_ACL_FILE,
  NOT_AN_INTEGER,
  unknownCategory,
  unknownSubcommandOrArity,
  userNotFound,
  wrongArity,
} from '../resp/errors.ts';
import type { AclEntry } from '../session/acl_log.ts';
import { DEFAULT_USER, passwordDigest } from '../session/auth.ts';
import { CATEGORY_NAMES, categoryBit } from './categories.ts';
import type { Context } from './context.ts';
import { ADMIN, type CommandSpec, command, container, LOADING, NOSCRIPT, STALE } from './spec.ts';

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
  for (let i = 2; i < c.args.count; i++) {
    if (c.args.text(i) !== DEFAULT_USER) continue;
    c.reply.error(DEFAULT_USER_STAYS);
    return;
  }
  c.reply.integer(0);
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
  const { args, reply, table } = c;
  if (args.text(2) !== DEFAULT_USER) {
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
  if (arity > 0 ? words !== arity : words < -arity) reply.error(wrongArity(name));
  else reply.ok();
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
  const { args, reply } = c;
  if (args.text(2) !== DEFAULT_USER) {
    reply.null();
    return;
  }
  const digest = digestOf(c);
  reply.map(6);
  reply.bulkText('flags');
  const flags = digest === '' ? ['on', 'nopass'] : ['on'];
  reply.set(flags.length);
  for (const flag of flags) reply.bulkText(flag);
  reply.bulkText('passwords');
  replyTexts(c, digest === '' ? [] : [digest]);
  reply.bulkText('commands');
  reply.bulkText('+@all');
  reply.bulkText('keys');
  reply.bulkText('~*');
  reply.bulkText('channels');
  reply.bulkText('&*');
  reply.bulkText('selectors');
  reply.array(0);
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
  const digest = digestOf(c);
  replyTexts(c, [`user ${DEFAULT_USER} on ${digest === '' ? 'nopass' : `#${digest}`} ~* &* +@all`]);
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

/** LOAD and SAVE: there is no file, or one that this server does not know how to use. */
function runAclLoad(c: Context): void {
  c.reply.error(c.config.value('aclfile') === '' ? NO_ACL_FILE : ACL_UNAVAILABLE);
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
  run: runAclLoad,
});

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
  c.reply.error(ACL_UNAVAILABLE);
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
  replyTexts(c, [DEFAULT_USER]);
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
  c.reply.bulkText(DEFAULT_USER);
}

function replyTexts({ reply }: Context, texts: readonly string[]): void {
  reply.array(texts.length);
  for (const text of texts) reply.bulkText(text);
}

/** SHA-256 of the password in hex; '' if there is none. */
function digestOf({ config }: Context): string {
  const password = config.value('requirepass') ?? '';
  return password === '' ? '' : passwordDigest(password);
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
