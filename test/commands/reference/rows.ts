// The recorded table of the reference server, and our specs put into the same form so that the two can be compared.
import { readFileSync } from 'node:fs';
import { categoryNames } from '../../../src/commands/categories.ts';
import { flagNames } from '../../../src/commands/flags.ts';
import { type KeySpec, keyFlagNames } from '../../../src/commands/key_specs.ts';
import type { CommandSpec } from '../../../src/commands/spec.ts';
import { type Argument, parseSyntax } from '../../../src/commands/syntax.ts';

export interface ReferenceArgument {
  name: string;
  type: string;
  token?: string;
  key_spec_index?: number;
  since?: string;
  deprecated_since?: string;
  flags?: string;
  arguments?: ReferenceArgument[];
}

export interface ReferenceRow {
  name: string;
  arity: number;
  flags: string;
  keyRange: number[];
  categories: string;
  tips: string[];
  keys: { flags: string; begin: object; find: object }[];
  group: string;
  since: string;
  docFlags?: string;
  deprecatedSince?: string;
  history?: string[];
  arguments: ReferenceArgument[];
  subcommands?: string[];
}

const RECORDED = [7, 0, 15];

function linesOf(file: string): string[] {
  return readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n');
}

/** Rows of Redis 7.0.15 by name. */
export function referenceRows(): Map<string, ReferenceRow> {
  const rows = linesOf('redis-7.0.15.jsonl').map((line) => JSON.parse(line) as ReferenceRow);
  return new Map(rows.map((row) => [row.name, row]));
}

/** [command line, its keys with their flags, or the text of the error]. */
export type KeyFact = [line: string, keys: [key: string, flags: string][] | string];

export function keyFacts(): KeyFact[] {
  return linesOf('keys-7.0.15.jsonl').map((line) => JSON.parse(line) as KeyFact);
}

/** Names of recorded commands that we mean to add later. */
export function laterNames(): string[] {
  return linesOf('later.txt').filter((line) => line !== '' && !line.startsWith('#'));
}

/** Whether a version is later than the recorded server. */
export function isLater(version: string): boolean {
  const parts = version.split('.').map(Number);
  const place = RECORDED.findIndex((part, i) => parts[i] !== part);
  return place >= 0 && parts[place]! > RECORDED[place]!;
}

/** The row that the reference would print for our spec: what came after its version is left out. */
export function rowOf(spec: CommandSpec): ReferenceRow {
  const history = spec.history.map(([version]) => version).filter((version) => !isLater(version));
  return {
    name: spec.name,
    arity: spec.arity,
    flags: flagNames(spec.flags).join(' '),
    keyRange: [spec.range.first, spec.range.last, spec.range.step],
    categories: categoryNames(spec.categories).join(' '),
    tips: [...spec.tips],
    keys: spec.keys.map(keySpecOf),
    group: spec.group,
    since: spec.since,
    ...(spec.docFlags.length > 0 ? { docFlags: spec.docFlags.join(' ') } : {}),
    ...(spec.deprecatedSince !== '' ? { deprecatedSince: spec.deprecatedSince } : {}),
    ...(history.length > 0 ? { history } : {}),
    arguments: argumentsOf(parseSyntax(spec.syntax, spec.keys.length)),
    ...(spec.subcommands.length > 0
      ? {
          subcommands: spec.subcommands
            .filter((sub) => !isLater(sub.since))
            .map((sub) => sub.name)
            .sort(),
        }
      : {}),
  };
}

function keySpecOf({ flags, begin, find }: KeySpec): ReferenceRow['keys'][number] {
  return { flags: keyFlagNames(flags).join(' '), begin: beginOf(begin), find: findOf(find) };
}

function beginOf(begin: KeySpec['begin']): object {
  if (begin.type !== 'keyword') return begin;
  return { type: begin.type, keyword: begin.keyword, startfrom: begin.startFrom };
}

function findOf(find: KeySpec['find']): object {
  if (find.type === 'unknown') return find;
  if (find.type === 'range') {
    return { type: find.type, lastkey: find.lastKey, keystep: find.step, limit: find.limit };
  }
  return { type: find.type, keynumidx: find.keyNumIndex, firstkey: find.firstKey, keystep: find.step };
}

/** Argument trees as COMMAND DOCS of the reference prints them. */
export function argumentsOf(parts: readonly Argument[]): ReferenceArgument[] {
  return parts
    .filter((part) => !isLater(part.since))
    .map((part) => {
      const flags = [
        part.optional && 'optional',
        part.multiple && 'multiple',
        part.multipleToken && 'multiple_token',
      ];
      const shown = flags.filter((flag) => flag !== false).join(' ');
      return {
        name: part.name,
        type: part.type,
        ...(part.token !== null ? { token: part.token } : {}),
        ...(part.keySpec >= 0 ? { key_spec_index: part.keySpec } : {}),
        ...(part.since !== '' ? { since: part.since } : {}),
        ...(part.deprecatedSince !== '' ? { deprecated_since: part.deprecatedSince } : {}),
        ...(shown !== '' ? { flags: shown } : {}),
        ...(part.parts.length > 0 ? { arguments: argumentsOf(part.parts) } : {}),
      };
    });
}
