// What COMMAND and COMMAND DOCS say about every command, as flat rows: those recorded from the reference
// server, and those made from anybody's replies. Prose is left out (summaries, complexities, notes, texts of
// the history are not ours to keep).
import { readFileSync } from 'node:fs';
import type { Reply } from '../../support/resp.ts';

export interface ArgumentRow {
  name: string;
  type: string;
  token?: string;
  key_spec_index?: number;
  since?: string;
  deprecated_since?: string;
  flags?: string;
  arguments?: ArgumentRow[];
}

type Typed = { type: string; [field: string]: string | number };

export interface CommandRow {
  name: string;
  arity: number;
  flags: string;
  keyRange: number[];
  categories: string;
  tips: string[];
  keys: { flags: string; begin: Typed; find: Typed }[];
  group: string;
  since: string;
  docFlags?: string;
  deprecatedSince?: string;
  history?: string[];
  arguments: ArgumentRow[];
  subcommands?: string[];
}

/** [command line, its keys with their flags, or the text of the error]. */
export type KeyFact = [line: string, keys: [key: string, flags: string][] | string];

type Fields = Map<string, Reply>;

const RECORDED_VERSION = [7, 0, 15];

export function linesOf(file: string): string[] {
  return readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n');
}

/** Words of a line, with "" around those that are empty or hold blanks. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);
}

/** Rows of Redis 7.0.15 by name. */
export function referenceRows(): Map<string, CommandRow> {
  const rows = linesOf('redis-7.0.15.jsonl').map((line) => JSON.parse(line) as CommandRow);
  return new Map(rows.map((row) => [row.name, row]));
}

/** Where Redis 7.0.15 finds the keys of the lines in keys.txt. */
export function keyFacts(): KeyFact[] {
  return linesOf('keys-7.0.15.jsonl').map((line) => JSON.parse(line) as KeyFact);
}

/** Whether a version is later than the recorded server. */
export function isLater(version = ''): boolean {
  const parts = version.split('.').map(Number);
  const place = RECORDED_VERSION.findIndex((part, i) => parts[i] !== part);
  return place >= 0 && parts[place]! > RECORDED_VERSION[place]!;
}

/** The row without what came after the recorded server. */
export function withoutLater(row: CommandRow, laterNames: ReadonlySet<string>): CommandRow {
  const history = row.history?.filter((version) => !isLater(version)) ?? [];
  return present({
    ...row,
    history: history.length > 0 ? history : undefined,
    arguments: argumentsWithoutLater(row.arguments),
    subcommands: row.subcommands?.filter((name) => !laterNames.has(name)),
  });
}

function argumentsWithoutLater(rows: readonly ArgumentRow[]): ArgumentRow[] {
  return rows
    .filter((row) => !isLater(row.since))
    .map((row) => (row.arguments ? { ...row, arguments: argumentsWithoutLater(row.arguments) } : row));
}

/** Rows of all commands and subcommands from the RESP3 replies of COMMAND and COMMAND DOCS, by name. */
export function rowsOf(command: Reply, docs: Reply): CommandRow[] {
  const documented = docs as Map<string, Fields>;
  const rows = (command as Reply[][]).flatMap((info) => rowsOfOne(info, documented.get(info[0] as string)!));
  return rows.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function rowsOfOne(info: Reply[], docs: Fields): CommandRow[] {
  const [name, arity, flags, first, last, step, categories, tips, keys, subcommands] = info;
  const nested = subcommands as Reply[][];
  const row = {
    name,
    arity,
    flags: joined(flags),
    keyRange: [first, last, step],
    categories: joined(categories),
    tips,
    keys: (keys as Fields[]).map(keySpec),
    group: docs.get('group'),
    since: docs.get('since'),
    docFlags: joined(docs.get('doc_flags')),
    deprecatedSince: docs.get('deprecated_since'),
    history: (docs.get('history') as string[][] | undefined)?.map(([version]) => version),
    arguments: ((docs.get('arguments') ?? []) as Fields[]).map(argument),
    subcommands: nested.length > 0 ? nested.map(([sub]) => sub).sort() : undefined,
  };
  const inner = docs.get('subcommands') as Map<string, Fields> | undefined;
  return [
    present(row) as unknown as CommandRow,
    ...nested.flatMap((sub) => rowsOfOne(sub, inner!.get(sub[0] as string)!)),
  ];
}

function keySpec(fields: Fields): CommandRow['keys'][number] {
  return {
    flags: joined(fields.get('flags'))!,
    begin: typed(fields.get('begin_search') as Fields),
    find: typed(fields.get('find_keys') as Fields),
  };
}

function typed(fields: Fields): Typed {
  return { type: fields.get('type'), ...Object.fromEntries(fields.get('spec') as Fields) } as Typed;
}

function argument(fields: Fields): ArgumentRow {
  return present({
    name: fields.get('name'),
    type: fields.get('type'),
    token: fields.get('token'),
    key_spec_index: fields.get('key_spec_index'),
    since: fields.get('since'),
    deprecated_since: fields.get('deprecated_since'),
    flags: joined(fields.get('flags')),
    arguments: (fields.get('arguments') as Fields[] | undefined)?.map(argument),
  }) as unknown as ArgumentRow;
}

function joined(texts: Reply | undefined): string | undefined {
  return (texts as string[] | undefined)?.join(' ');
}

/** The same without fields that are undefined. */
function present<T extends object>(row: T): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as T;
}
