// What a command is: one typed object above its handler, from which the table, COMMAND, the gate, ACL
// categories and the documentation follow. A spec is immutable and shared by all servers of a process; ids
// live in the table of a server.
import { categoriesOf, type Group } from './categories.ts';
import type { Context } from './context.ts';
import { CONTAINER, LOADING, MOVABLE_KEYS, STALE } from './flags.ts';
import type { GetKeys, KeyRange, KeySpec } from './key_specs.ts';
import { keysAreMovable, legacyRange } from './key_specs.ts';

export * from './flags.ts';
export { key, keyAfter, keyCount, keyRange, keyUnknown } from './key_specs.ts';

export type Handler = (c: Context) => void;

/** [version, what changed, in our words], oldest first. */
export type HistoryEntry = readonly [version: string, change: string];

/** What only descriptions of a command need; read where it was declared, when somebody asks. */
export interface Documentation {
  readonly group: Group;
  /** First version of Redis (else of Valkey) that has it. */
  readonly since: string;
  /** One line in our own words, without a full stop. */
  readonly summary: string;
  readonly tips?: readonly string[];
  /** Arguments in one line (grammar in syntax.ts); none if absent. */
  readonly syntax?: string;
  readonly history?: readonly HistoryEntry[];
  readonly docFlags?: readonly ('deprecated' | 'syscmd')[];
  readonly deprecatedSince?: string;
  readonly replacedBy?: string;
  /** Lines of the container's HELP, as printed: the usage, then text indented by four blanks. Of a container itself:
   *  lines before those of its subcommands. */
  readonly help?: readonly string[];
}

interface Declaration extends Documentation {
  /** Lower case. A subcommand is named with its container: 'config|get'. */
  readonly name: string;
  readonly complexity?: string;
  readonly flags?: number;
  /** ACL categories in place of the one of the group; those implied by flags are always added. */
  readonly categories?: number;
}

export interface CommandInit extends Declaration {
  /** Number of words, the command's own name and the subcommand's included; negative: at least so many. */
  readonly arity: number;
  readonly keys?: readonly KeySpec[];
  /** Where the name of an element of the first key's value usually stands, so that it can be read ahead. */
  readonly member?: number;
  /** Finds keys where the specs are incomplete or their flags variable. */
  readonly getKeys?: GetKeys;
  readonly run: Handler;
}

export interface ContainerInit extends Declaration {
  /** Given only with `run`: what the container does without a subcommand (COMMAND). */
  readonly arity?: number;
  readonly run?: Handler;
  /** First version with the subcommand HELP. */
  readonly helpSince: string;
}

/** A complete command, container or subcommand; every field is there, so that all specs have one shape. */
export interface CommandSpec {
  readonly name: string;
  readonly arity: number;
  readonly flags: number;
  readonly categories: number;
  readonly complexity: string;
  readonly keys: readonly KeySpec[];
  /** First key, last key and step as COMMAND prints them; first = 0: none at a fixed position. */
  readonly range: KeyRange;
  readonly getKeys: GetKeys | null;
  /** Argument that usually names an element of the first key's value; 0: none. */
  readonly member: number;
  /** Empty unless this is a container; HELP comes last. */
  readonly subcommands: readonly CommandSpec[];
  readonly run: Handler;
  readonly docs: Documentation;
}

const NONE: readonly never[] = [];

const DEPENDS = 'That of the subcommand';

const HELP_OF_HELP = ['HELP', '    Print this text.'];

/** Declares a command or a subcommand. */
export function command(init: CommandInit): CommandSpec {
  const keys = init.keys ?? NONE;
  const flags = (init.flags ?? 0) | (keysAreMovable(keys) ? MOVABLE_KEYS : 0);
  return {
    name: init.name,
    arity: init.arity,
    flags,
    categories: categoriesOf(flags, init.group, init.categories),
    complexity: init.complexity ?? '',
    keys,
    range: legacyRange(keys),
    getKeys: init.getKeys ?? null,
    member: init.member ?? 0,
    subcommands: NONE,
    run: init.run,
    docs: init,
  };
}

/** Declares a command that only has subcommands; `<name>|help` is made from their help lines. A container is
 *  in no category of its own unless it says so; its HELP is in that of the group. */
export function container(init: ContainerInit, subcommands: readonly CommandSpec[]): CommandSpec {
  const lines = [...(init.help ?? []), ...subcommands.flatMap((sub) => sub.docs.help ?? []), ...HELP_OF_HELP];
  const own = command({
    ...init,
    complexity: init.complexity ?? DEPENDS,
    arity: init.arity ?? -2,
    categories: init.categories ?? 0,
    flags: (init.flags ?? 0) | CONTAINER,
    run: init.run ?? needsSubcommand,
  });
  return { ...own, subcommands: [...subcommands, helpOf(init, lines)] };
}

/** Handler of a container that does nothing by itself: arity -2 refuses it alone, the lookup refuses any
 *  other word. */
function needsSubcommand(): never {
  throw new Error('a container without a subcommand reached its handler');
}

function helpOf(init: ContainerInit, lines: readonly string[]): CommandSpec {
  return command({
    name: `${init.name}|help`,
    arity: 2,
    group: init.group,
    since: init.helpSince,
    summary: `Lists the subcommands of ${init.name.toUpperCase()}`,
    complexity: 'O(1)',
    flags: LOADING | STALE,
    ...(init.categories === undefined ? {} : { categories: init.categories }),
    run: (c) => replyHelp(c, init.name, lines),
  });
}

/** Replies with the lines of a HELP subcommand as simple strings, under the heading that all share. */
export function replyHelp(c: Context, name: string, lines: readonly string[]): void {
  c.reply.array(lines.length + 1);
  c.reply.status(`${name.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
  for (const line of lines) c.reply.status(line);
}
