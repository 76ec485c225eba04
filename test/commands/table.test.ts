import { describe, expect, it } from 'vitest';
import { ALL_COMMANDS } from '../../src/commands/all.ts';
import { type CommandSpec, command, container } from '../../src/commands/spec.ts';
import { arityOf, parseSyntax } from '../../src/commands/syntax.ts';
import { CommandTable } from '../../src/commands/table.ts';
import { decodeReply } from '../support/resp.ts';
import { isLater, linesOf, referenceRows, rowsOf, withoutLater } from './reference/rows.ts';
import { replyOf } from './run.ts';

const table = new CommandTable(ALL_COMMANDS);
const reference = referenceRows();
const ours = table.everything();

/** Arities that the reference's own argument lists contradict, or that cover arguments it does not list. */
const ODD_ARITIES = new Set([
  'client|kill',
  'command|getkeys',
  'command|getkeysandflags',
  'debug',
  'geohash',
  'geopos',
  'pfmerge',
  'psync',
  'quit',
  'replconf',
  'hotkeys|start',
]);

/** Arities that later versions widened for an option. */
const WIDENED_ARITIES = new Map([
  ['zrank', -3],
  ['zrevrank', -3],
]);

function sample(name: string, extra: Partial<Parameters<typeof command>[0]> = {}): CommandSpec {
  return command({ name, group: 'generic', since: '1.0.0', summary: '', arity: 1, run: () => {}, ...extra });
}

function find(on: CommandTable, name: string): number {
  return on.find(Buffer.from(name, 'latin1'), 0, name.length);
}

describe('our table and that of Redis 7.0.15', () => {
  const later = new Set(ours.filter((spec) => isLater(spec.docs.since)).map((spec) => spec.name));
  const docs = decodeReply(replyOf(table, ['command', 'docs'], true));
  const rows = rowsOf(decodeReply(replyOf(table, ['command'], true)), docs);

  it.each(rows.filter((row) => !later.has(row.name)).map((row) => [row.name, row] as const))(
    '%s is the same in every field',
    (name, row) => {
      const recorded = reference.get(name);
      const arity = WIDENED_ARITIES.get(name) ?? recorded?.arity;
      expect(withoutLater(row, later)).toEqual(recorded && { ...recorded, arity });
    },
  );

  it('has every recorded command, but for the list of those that come later', () => {
    const expected = linesOf('later.txt').filter((line) => line !== '');
    const have = new Set(rows.map((row) => row.name));
    const missing = [...reference.keys()].filter((name) => !have.has(name));
    console.log(`commands of Redis 7.0.15 not implemented yet: ${missing.length} of ${reference.size}`);
    expect(missing.filter((name) => !expected.includes(name))).toEqual([]);
    // Once a command is there its name goes from later.txt.
    expect(expected.filter((name) => !missing.includes(name))).toEqual([]);
  });
});

describe('every spec', () => {
  it.each(ours.map((spec) => [spec.name, spec] as const))(
    '%s is complete and agrees with itself',
    (name, spec) => {
      expect(name).toMatch(/^[a-z][a-z0-9._-]*(\|[a-z][a-z0-9_-]*)?$/);
      expect(spec.docs.summary).toMatch(/^[A-Z].*[^.]$/);
      expect(spec.docs.since).toMatch(/^\d+\.\d+\.\d+$/);
      const parts = parseSyntax(spec.docs.syntax ?? '', spec.keys.length);
      const odd = ODD_ARITIES.has(name) || spec.subcommands.length > 0;
      if (!odd) expect(arityOf(parts, name.includes('|') ? 2 : 1)).toBe(spec.arity);
      if (name.includes('|') && !name.endsWith('|help')) expect(spec.docs.help?.length).toBeGreaterThan(1);
    },
  );
});

describe('ids', () => {
  const get = sample('get');
  const config = container(
    { name: 'config', group: 'server', since: '2.0.0', summary: '', helpSince: '5.0.0' },
    [sample('config|get'), sample('config|set')],
  );
  const build = (): CommandTable => new CommandTable([get, config, sample('set')]);

  it('are dense: commands in order, then subcommands', () => {
    const names = build().specs.map((spec) => spec.name);
    expect(names).toEqual(['get', 'config', 'set', 'config|get', 'config|set', 'config|help']);
    expect(build().names()).toEqual(['get', 'config', 'set']);
    expect(build().commandCount).toBe(3);
  });

  it('are found by bytes in any case, subcommands through their container', () => {
    const on = build();
    expect([find(on, 'GET'), find(on, 'Config'), find(on, 'config|get'), find(on, 'nosuch')]).toEqual([
      0, 1, -1, -1,
    ]);
    expect(on.findSubcommand(1, Buffer.from('SET'), 0, 3)).toBe(4);
    expect(on.findSubcommand(1, Buffer.from('help'), 0, 4)).toBe(5);
    expect(on.findSubcommand(1, Buffer.from('nosuch'), 0, 6)).toBe(-1);
    const names = ['set', 'CONFIG|Get', 'config|nosuch', 'config|get|more', 'get|x', '', '|'];
    expect(names.map((name) => on.lookup(name))).toEqual([2, 3, -1, -1, -1, -1, -1]);
  });

  it('refuse a name given twice and a subcommand of somebody else', () => {
    expect(() => new CommandTable([get, sample('get')])).toThrow('name given twice: get');
    const init = { name: 'acl', group: 'server', since: '6.0.0', summary: '', helpSince: '6.0.0' } as const;
    expect(() => new CommandTable([container(init, [sample('config|get')])])).toThrow('no subcommand of acl');
  });

  it('keep to their commands when these are renamed or taken away', () => {
    const on = build();
    on.rename('GET', 'fetch');
    on.rename('config', '');
    expect([find(on, 'get'), find(on, 'FETCH'), find(on, 'config'), find(on, '')]).toEqual([-1, 0, -1, -1]);
    expect(on.names()).toEqual(['fetch', '', 'set']);
    expect(on.commands().map((spec) => spec.name)).toEqual(['get', 'set']);
    expect(on.everything().length).toBe(2);
    expect(() => on.rename('nosuch', 'x')).toThrow('No such command in rename-command');
    expect(() => on.rename('fetch', 'set')).toThrow('Target command name already exists');
  });

  it('swap names by way of a third', () => {
    const on = build();
    on.rename('get', 'tmp');
    on.rename('set', 'get');
    on.rename('tmp', 'set');
    expect([find(on, 'get'), find(on, 'set')]).toEqual([2, 0]);
  });
});
