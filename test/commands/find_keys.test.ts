import { describe, expect, it } from 'vitest';
import type { Group } from '../../src/commands/categories.ts';
import {
  bitfieldKeys,
  delexKeys,
  findKeys,
  hasKeys,
  migrateKeys,
  setKeys,
  sortKeys,
} from '../../src/commands/find_keys.ts';
import {
  type GetKeys,
  type KeyFlags,
  type KeySpec,
  keyFlagNames,
  type Words,
} from '../../src/commands/key_specs.ts';
import {
  type CommandSpec,
  command,
  key,
  keyAfter,
  keyCount,
  keyRange,
  keyUnknown,
} from '../../src/commands/spec.ts';
import { type CommandRow, keyFacts, referenceRows, wordsOf } from './reference/rows.ts';

const RULES: Readonly<Record<string, GetKeys>> = {
  bitfield: bitfieldKeys,
  migrate: migrateKeys,
  set: setKeys,
  sort: sortKeys,
};

const rows = referenceRows();

/** A spec with the recorded key specs, whether or not we have the command yet. */
function specOf(row: CommandRow): CommandSpec {
  return command({
    name: row.name,
    group: row.group as Group,
    since: row.since,
    summary: '',
    arity: row.arity,
    keys: row.keys.map(keyOf),
    ...(row.name in RULES ? { getKeys: RULES[row.name]! } : {}),
    run: () => {},
  });
}

function keyOf(recorded: CommandRow['keys'][number]): KeySpec {
  const flags = recorded.flags.toUpperCase() as KeyFlags;
  const begin = recorded.begin as { type: string; index: number; keyword: string; startfrom: number };
  const find = recorded.find as { type: string; lastkey: number; keystep: number; limit: number };
  if (begin.type === 'unknown') return keyUnknown(flags);
  if (find.type === 'keynum') return keyCount(flags, begin.index);
  if (begin.type === 'index') return keyRange(flags, begin.index, find.lastkey, find.keystep, find.limit);
  return keyAfter(flags, begin.keyword, begin.startfrom, find.lastkey, find.keystep, find.limit);
}

function asWords(words: readonly string[]): Words {
  return {
    count: words.length,
    is: (index, lower) => words[index]!.toLowerCase() === lower,
    integer: (index) => (/^-?\d+$/.test(words[index]!) ? Number(words[index]) : Number.NaN),
  };
}

function keysOf(spec: CommandSpec, words: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  const sensible = findKeys(spec, asWords(words), (index, flags) => {
    found.push([words[index]!, keyFlagNames(flags).join(' ')]);
  });
  return sensible ? found : [];
}

describe('keys of the recorded command lines', () => {
  it.each(keyFacts())('%s', (line, expected) => {
    const words = wordsOf(line);
    const row = rows.get(`${words[0]}|${words[1]}`) ?? rows.get(words[0]!);
    if (expected === 'ERR Invalid command specified') {
      expect(row?.subcommands === undefined || !rows.has(`${words[0]}|${words[1]}`)).toBe(true);
      return;
    }
    const spec = specOf(row!);
    if (expected === 'ERR The command has no key arguments') expect(hasKeys(spec)).toBe(false);
    else if (typeof expected !== 'string') expect(keysOf(spec, words)).toEqual(expected);
    else if (expected === 'ERR Invalid arguments specified for command')
      expect(keysOf(spec, words)).toEqual([]);
    else expect(words.length).not.toBe(Math.abs(spec.arity));
  });
});

describe('commands younger than the recording', () => {
  const delex = command({
    name: 'delex',
    group: 'string',
    since: '8.4.0',
    summary: '',
    arity: -2,
    keys: [key('RW DELETE VARIABLE_FLAGS', 1)],
    getKeys: delexKeys,
    run: () => {},
  });

  it('DELEX reads the value only on condition', () => {
    expect(keysOf(delex, ['delex', 'k'])).toEqual([['k', 'RM delete']]);
    expect(keysOf(delex, ['delex', 'k', 'ifeq', 'v'])).toEqual([['k', 'RW delete']]);
  });

  it('counts keys that are not neighbours', () => {
    const spec = specOf(rows.get('get')!);
    const msetex = { ...spec, keys: [keyCount('OW UPDATE', 1, 2)] };
    expect(keysOf(msetex, ['msetex', '2', 'a', '1', 'b', '2', 'nx']).map(([name]) => name)).toEqual([
      'a',
      'b',
    ]);
    expect(keysOf(msetex, ['msetex', '3', 'a', '1', 'b', '2'])).toEqual([]);
  });
});
