// COMMAND and its subcommands: the table of commands, as clients and tools ask for it.
import { fromLatin1 } from '../base/bytes.ts';
import { globMatch } from '../base/glob.ts';
import {
  COMMAND_WITHOUT_KEYS,
  INVALID_ARGUMENT_COUNT,
  INVALID_ARGUMENTS,
  INVALID_COMMAND,
  SYNTAX,
} from '../resp/errors.ts';
import { AT_CONNECTION, categoryBit } from './categories.ts';
import { replyDocs, replyInfo, replyStatuses } from './command_reply.ts';
import type { Context } from './context.ts';
import { findKeys, hasKeys } from './find_keys.ts';
import { keyFlagNames } from './key_specs.ts';
import { type CommandSpec, command, container, LOADING, NO_MANDATORY_KEYS, STALE } from './spec.ts';
import { ArgsFrom } from './words.ts';

const COMMAND_COUNT = command({
  name: 'command|count',
  group: 'server',
  since: '2.8.13',
  summary: 'Number of commands',
  complexity: 'O(1)',
  arity: 2,
  flags: LOADING | STALE,
  categories: AT_CONNECTION,
  help: ['COUNT', '    Number of commands of this server.'],
  run: runCommandCount,
});

function runCommandCount(c: Context): void {
  c.reply.integer(c.table.commands().length);
}

const COMMAND_LIST = command({
  name: 'command|list',
  group: 'server',
  since: '7.0.0',
  summary: 'Names of all commands, or of those that a filter lets through',
  complexity: 'O(N) in the number of commands',
  arity: -2,
  flags: LOADING | STALE,
  categories: AT_CONNECTION,
  tips: ['nondeterministic_output_order'],
  syntax: '[filterby=FILTERBY (MODULE module-name | ACLCAT category | PATTERN pattern)]',
  help: [
    'LIST [FILTERBY (MODULE <module-name>|ACLCAT <category>|PATTERN <pattern>)]',
    '    Names of the commands of this server.',
  ],
  run: runCommandList,
});

function runCommandList(c: Context): void {
  const { args } = c;
  if (args.count === 2) {
    replyNames(c, c.table.everything());
    return;
  }
  const filter = args.count === 5 && args.is(2, 'filterby') ? filterOf(c) : null;
  if (filter === null) c.reply.error(SYNTAX);
  else replyNames(c, c.table.everything().filter(filter));
}

/** What FILTERBY lets through; null if there is no such filter. Nothing comes from a module, as there are
 *  none. */
function filterOf({ args }: Context): ((spec: CommandSpec) => boolean) | null {
  if (args.is(3, 'module')) return () => false;
  if (args.is(3, 'aclcat')) {
    const category = categoryBit(args.text(4));
    return (spec) => (spec.categories & category) !== 0;
  }
  if (!args.is(3, 'pattern')) return null;
  const pattern = args.view(4);
  return (spec) => {
    const name = fromLatin1(spec.name);
    return globMatch(pattern, 0, pattern.length, name, 0, name.length, true);
  };
}

function replyNames(c: Context, specs: readonly CommandSpec[]): void {
  c.reply.array(specs.length);
  for (const spec of specs) c.reply.bulkText(spec.name);
}

const COMMAND_INFO = command({
  name: 'command|info',
  group: 'server',
  since: '2.8.13',
  summary: 'Details of the named commands, or of all',
  complexity: 'O(N) in the number of names',
  arity: -2,
  flags: LOADING | STALE,
  categories: AT_CONNECTION,
  tips: ['nondeterministic_output_order'],
  syntax: '[command-name+]',
  history: [['7.0.0', 'Without names: all commands.']],
  help: ['INFO [<command-name> ...]', '    Details of the named commands, or of all.'],
  run: runCommandInfo,
});

function runCommandInfo(c: Context): void {
  if (c.args.count === 2) {
    runCommand(c);
    return;
  }
  c.reply.array(c.args.count - 2);
  for (let i = 2; i < c.args.count; i++) {
    const id = c.table.lookup(c.args.text(i));
    if (id < 0) c.reply.null();
    else replyInfo(c.reply, c.table.specs[id]!);
  }
}

const COMMAND_DOCS = command({
  name: 'command|docs',
  group: 'server',
  since: '7.0.0',
  summary: 'Documentation of the named commands, or of all',
  complexity: 'O(N) in the number of names',
  arity: -2,
  flags: LOADING | STALE,
  categories: AT_CONNECTION,
  tips: ['nondeterministic_output_order'],
  syntax: '[command-name+]',
  help: ['DOCS [<command-name> ...]', '    Documentation of the named commands, or of all.'],
  run: runCommandDocs,
});

function runCommandDocs(c: Context): void {
  const { args, table } = c;
  const named = Array.from({ length: args.count - 2 }, (_, i) => table.lookup(args.text(i + 2)));
  const specs =
    args.count === 2 ? table.commands() : named.filter((id) => id >= 0).map((id) => table.specs[id]!);
  c.reply.map(specs.length);
  for (const spec of specs) replyDocs(c.reply, spec);
}

const COMMAND_GETKEYS = command({
  name: 'command|getkeys',
  group: 'server',
  since: '2.8.13',
  summary: 'Keys among the words of a whole command',
  complexity: 'O(N) in the number of arguments',
  arity: -4,
  flags: LOADING | STALE,
  categories: AT_CONNECTION,
  help: ['GETKEYS <full-command>', '    Keys among the words of a whole command.'],
  run: runCommandGetkeys,
});

function runCommandGetkeys(c: Context): void {
  const keys = keysOfRest(c);
  if (keys === null) return;
  c.reply.array(keys.length);
  for (const [index] of keys) replyWord(c, index);
}

const COMMAND_GETKEYSANDFLAGS = command({
  name: 'command|getkeysandflags',
  group: 'server',
  since: '7.0.0',
  summary: 'Keys among the words of a whole command, and what it does with each',
  complexity: 'O(N) in the number of arguments',
  arity: -4,
  flags: LOADING | STALE,
  categories: AT_CONNECTION,
  help: [
    'GETKEYSANDFLAGS <full-command>',
    '    Keys among the words of a whole command, and what it does with each.',
  ],
  run: runCommandGetkeysandflags,
});

function runCommandGetkeysandflags(c: Context): void {
  const keys = keysOfRest(c);
  if (keys === null) return;
  c.reply.array(keys.length);
  for (const [index, flags] of keys) {
    c.reply.array(2);
    replyWord(c, index);
    replyStatuses(c.reply, keyFlagNames(flags));
  }
}

/** Where the command that follows the subcommand starts. */
const REST = 2;

function replyWord({ args, reply }: Context, index: number): void {
  reply.bulk(args.bytes, args.at(REST + index), args.length(REST + index));
}

/** [position, flags] of the keys of the command in the rest of the arguments; null after replying with an
 *  error. */
function keysOfRest(c: Context): [index: number, flags: number][] | null {
  const spec = commandOfRest(c);
  const words = new ArgsFrom(c.args, REST);
  if (spec === null) return refuse(c, INVALID_COMMAND);
  if (!hasKeys(spec)) return refuse(c, COMMAND_WITHOUT_KEYS);
  if (!fits(spec.arity, words.count)) return refuse(c, INVALID_ARGUMENT_COUNT);
  const keys: [number, number][] = [];
  const found = findKeys(spec, words, (index, flags) => keys.push([index, flags]));
  if (found && keys.length > 0) return keys;
  return (spec.flags & NO_MANDATORY_KEYS) !== 0 ? [] : refuse(c, INVALID_ARGUMENTS);
}

function commandOfRest({ args, table }: Context): CommandSpec | null {
  let id = table.find(args.bytes, args.at(REST), args.length(REST));
  if (id >= 0 && table.isContainer(id) && args.count > REST + 1) {
    id = table.findSubcommand(id, args.bytes, args.at(REST + 1), args.length(REST + 1));
  }
  return id < 0 ? null : table.specs[id]!;
}

function refuse(c: Context, text: string): null {
  c.reply.error(text);
  return null;
}

function fits(arity: number, words: number): boolean {
  return arity > 0 ? words === arity : words >= -arity;
}

export const COMMAND = container(
  {
    name: 'command',
    group: 'server',
    since: '2.8.13',
    summary: 'Describes all commands',
    complexity: 'O(N) in the number of commands',
    flags: LOADING | STALE,
    categories: AT_CONNECTION,
    tips: ['nondeterministic_output_order'],
    arity: -1,
    help: ['(no subcommand)', '    Details of all commands.'],
    run: runCommand,
    helpSince: '5.0.0',
  },
  [COMMAND_COUNT, COMMAND_LIST, COMMAND_INFO, COMMAND_DOCS, COMMAND_GETKEYS, COMMAND_GETKEYSANDFLAGS],
);

function runCommand(c: Context): void {
  const specs = c.table.commands();
  c.reply.array(specs.length);
  for (const spec of specs) replyInfo(c.reply, spec);
}
