// What COMMAND says about a command: the row of COMMAND INFO and the map of COMMAND DOCS, in the reference's
// order.
import type { Reply } from '../resp/reply.ts';
import { categoryNames } from './categories.ts';
import { flagNames } from './flags.ts';
import { type BeginSearch, type FindKeys, type KeySpec, keyFlagNames } from './key_specs.ts';
import type { CommandSpec, HistoryEntry } from './spec.ts';
import { type Argument, parseSyntax } from './syntax.ts';

/** A key of a map and what writes its value. */
type Field = readonly [name: string, write: () => void];

/** The row of COMMAND INFO: ten elements, those of the subcommands inside the last one. */
export function replyInfo(reply: Reply, spec: CommandSpec): void {
  reply.array(10);
  reply.bulkText(spec.name);
  reply.integer(spec.arity);
  replyStatuses(reply, flagNames(spec.flags));
  reply.integer(spec.range.first);
  reply.integer(spec.range.last);
  reply.integer(spec.range.step);
  replyStatuses(reply, categoryNames(spec.categories));
  const tips = spec.docs.tips ?? [];
  reply.set(tips.length);
  for (const tip of tips) reply.bulkText(tip);
  reply.set(spec.keys.length);
  for (const key of spec.keys) replyKeySpec(reply, key);
  if (spec.subcommands.length === 0) reply.set(0);
  else reply.array(spec.subcommands.length);
  for (const subcommand of spec.subcommands) replyInfo(reply, subcommand);
}

/** Name and documentation of a command, as one pair of the map that COMMAND DOCS answers. */
export function replyDocs(reply: Reply, spec: CommandSpec): void {
  const { docs } = spec;
  const text = (name: string, value: string): Field => [name, () => reply.bulkText(value)];
  const fields = [text('summary', docs.summary), text('since', docs.since), text('group', docs.group)];
  if (spec.complexity !== '') fields.push(text('complexity', spec.complexity));
  const { docFlags, history, syntax } = docs;
  if (docFlags !== undefined) fields.push(['doc_flags', () => replyStatuses(reply, docFlags)]);
  if (docs.deprecatedSince !== undefined) fields.push(text('deprecated_since', docs.deprecatedSince));
  if (docs.replacedBy !== undefined) fields.push(text('replaced_by', docs.replacedBy));
  if (history !== undefined) fields.push(['history', () => replyHistory(reply, history)]);
  if (syntax !== undefined) {
    fields.push(['arguments', () => replyArguments(reply, parseSyntax(syntax, spec.keys.length))]);
  }
  if (spec.subcommands.length > 0) fields.push(['subcommands', () => replySubcommands(reply, spec)]);
  reply.bulkText(spec.name);
  replyFields(reply, fields);
}

/** A set of simple strings. */
export function replyStatuses(reply: Reply, texts: readonly string[]): void {
  reply.set(texts.length);
  for (const text of texts) reply.status(text);
}

function replyFields(reply: Reply, fields: readonly Field[]): void {
  reply.map(fields.length);
  for (const [name, write] of fields) {
    reply.bulkText(name);
    write();
  }
}

function replyKeySpec(reply: Reply, { flags, begin, find }: KeySpec): void {
  replyFields(reply, [
    ['flags', () => replyStatuses(reply, keyFlagNames(flags))],
    ['begin_search', () => replyTyped(reply, begin.type, beginFields(begin))],
    ['find_keys', () => replyTyped(reply, find.type, findFields(find))],
  ]);
}

function replyTyped(reply: Reply, type: string, spec: Readonly<Record<string, string | number>>): void {
  replyFields(reply, [
    ['type', () => reply.bulkText(type)],
    ['spec', () => replyRecord(reply, spec)],
  ]);
}

function replyRecord(reply: Reply, record: Readonly<Record<string, string | number>>): void {
  const fields = Object.entries(record).map(([name, value]): Field => {
    return [name, () => (typeof value === 'number' ? reply.integer(value) : reply.bulkText(value))];
  });
  replyFields(reply, fields);
}

function beginFields(begin: BeginSearch): Record<string, string | number> {
  if (begin.type === 'index') return { index: begin.index };
  if (begin.type === 'keyword') return { keyword: begin.keyword, startfrom: begin.startFrom };
  return {};
}

function findFields(find: FindKeys): Record<string, string | number> {
  if (find.type === 'range') return { lastkey: find.lastKey, keystep: find.step, limit: find.limit };
  if (find.type === 'keynum') {
    return { keynumidx: find.keyNumIndex, firstkey: find.firstKey, keystep: find.step };
  }
  return {};
}

function replyHistory(reply: Reply, history: readonly HistoryEntry[]): void {
  reply.set(history.length);
  for (const [version, change] of history) {
    reply.array(2);
    reply.bulkText(version);
    reply.bulkText(change);
  }
}

function replyArguments(reply: Reply, parts: readonly Argument[]): void {
  reply.array(parts.length);
  for (const part of parts) replyArgument(reply, part);
}

function replyArgument(reply: Reply, part: Argument): void {
  const text = (name: string, value: string): Field => [name, () => reply.bulkText(value)];
  const fields = [text('name', part.name), text('type', part.type)];
  if (part.keySpec >= 0) fields.push(['key_spec_index', () => reply.integer(part.keySpec)]);
  if (part.token !== null) fields.push(text('token', part.token));
  if (part.since !== '') fields.push(text('since', part.since));
  if (part.deprecatedSince !== '') fields.push(text('deprecated_since', part.deprecatedSince));
  const flags: string[] = [];
  if (part.optional) flags.push('optional');
  if (part.multiple) flags.push('multiple');
  if (part.multipleToken) flags.push('multiple_token');
  if (flags.length > 0) fields.push(['flags', () => replyStatuses(reply, flags)]);
  if (part.parts.length > 0) fields.push(['arguments', () => replyArguments(reply, part.parts)]);
  replyFields(reply, fields);
}

function replySubcommands(reply: Reply, spec: CommandSpec): void {
  reply.map(spec.subcommands.length);
  for (const subcommand of spec.subcommands) replyDocs(reply, subcommand);
}
