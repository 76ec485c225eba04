import { describe, expect, it } from 'vitest';
import { COMMAND } from '../../src/commands/command.ts';
import { setKeys } from '../../src/commands/find_keys.ts';
import {
  command,
  container,
  FAST,
  key,
  keyAfter,
  keyCount,
  keyRange,
  keyUnknown,
  NO_MANDATORY_KEYS,
  READONLY,
  WRITE,
} from '../../src/commands/spec.ts';
import { CommandTable } from '../../src/commands/table.ts';
import { decodeReply, type Reply, ReplyError } from '../support/resp.ts';
import { replyOf } from './run.ts';

const run = (): void => {};

const GET = command({
  name: 'get',
  group: 'string',
  since: '1.0.0',
  summary: 'Value of a key',
  complexity: 'O(1)',
  arity: 2,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key',
  run,
});

const SUBSTR = command({
  name: 'substr',
  group: 'string',
  since: '1.0.0',
  summary: 'Part of a value',
  arity: -2,
  flags: WRITE,
  keys: [keyAfter('RW ACCESS', 'STREAMS', 1, -1, 1, 2), keyCount('OW UPDATE', 2), keyUnknown('RM DELETE')],
  tips: ['nondeterministic_output'],
  syntax: '[COUNT count:integer]^1.2.0 (key id)+',
  history: [['1.2.0', 'Option COUNT.']],
  docFlags: ['deprecated'],
  deprecatedSince: '2.0.0',
  replacedBy: '`GETRANGE`',
  run,
});

const OBJECT = container(
  { name: 'object', group: 'generic', since: '2.2.3', summary: 'Looks at values', helpSince: '6.2.0' },
  [
    command({
      name: 'object|freq',
      group: 'generic',
      since: '4.0.0',
      summary: 'How often',
      complexity: 'O(1)',
      arity: 3,
      flags: READONLY,
      keys: [key('RO', 2)],
      syntax: 'key',
      help: ['FREQ <key>', '    How often.'],
      run,
    }),
  ],
);

const SET = command({
  name: 'set',
  group: 'string',
  since: '1.0.0',
  summary: 'Stores',
  arity: -3,
  keys: [key('RW ACCESS UPDATE VARIABLE_FLAGS', 1)],
  getKeys: setKeys,
  run,
});

const MGET = command({
  name: 'mget',
  group: 'string',
  since: '1.0.0',
  summary: 'Values',
  arity: -2,
  keys: [keyRange('RO ACCESS', 1, -1)],
  run,
});

const EVAL = command({
  name: 'eval',
  group: 'scripting',
  since: '2.6.0',
  summary: 'Runs',
  arity: -3,
  flags: NO_MANDATORY_KEYS,
  keys: [keyCount('RW ACCESS UPDATE', 2)],
  run,
});

const PING = command({ name: 'ping', group: 'connection', since: '1.0.0', summary: 'Pong', arity: -1, run });

const table = new CommandTable([GET, SUBSTR, OBJECT, COMMAND, SET, MGET, EVAL, PING]);

function bytes(resp3: boolean, ...words: string[]): string {
  return replyOf(table, ['command', ...words], resp3).toString('latin1');
}

function call(...words: string[]): Reply {
  return decodeReply(replyOf(table, ['command', ...words], true));
}

/** The same bytes as lines, which are easier to read in a test. */
function lines(resp3: boolean, ...words: string[]): string {
  return bytes(resp3, ...words).replaceAll('\r\n', ' ');
}

describe('COMMAND INFO', () => {
  it('answers ten elements a command in RESP2', () => {
    expect(lines(false, 'info', 'get')).toBe(
      '*1 *10 $3 get :2 *2 +readonly +fast :1 :1 :1 *3 +@read +@string +@fast *0 *1 *6 $5 flags *2 +RO ' +
        '+access $12 begin_search *4 $4 type $5 index $4 spec *2 $5 index :1 ' +
        '$9 find_keys *4 $4 type $5 range $4 spec *6 $7 lastkey :0 $7 keystep :1 $5 limit :0 *0 ',
    );
  });

  it('uses sets and maps in RESP3', () => {
    expect(lines(true, 'info', 'GET')).toBe(
      '*1 *10 $3 get :2 ~2 +readonly +fast :1 :1 :1 ~3 +@read +@string +@fast ~0 ~1 %3 $5 flags ~2 +RO ' +
        '+access $12 begin_search %2 $4 type $5 index $4 spec %1 $5 index :1 ' +
        '$9 find_keys %2 $4 type $5 range $4 spec %3 $7 lastkey :0 $7 keystep :1 $5 limit :0 ~0 ',
    );
  });

  it('shows keyword, counted and unknown key specs', () => {
    expect(lines(true, 'info', 'substr')).toBe(
      '*1 *10 $6 substr :-2 ~2 +write +movablekeys :0 :0 :0 ~3 +@write +@string +@slow ' +
        '~1 $23 nondeterministic_output ~3 ' +
        '%3 $5 flags ~2 +RW +access $12 begin_search %2 $4 type $7 keyword ' +
        '$4 spec %2 $7 keyword $7 STREAMS $9 startfrom :1 ' +
        '$9 find_keys %2 $4 type $5 range $4 spec %3 $7 lastkey :-1 $7 keystep :1 $5 limit :2 ' +
        '%3 $5 flags ~2 +OW +update $12 begin_search %2 $4 type $5 index $4 spec %1 $5 index :2 ' +
        '$9 find_keys %2 $4 type $6 keynum $4 spec %3 $9 keynumidx :0 $8 firstkey :1 $7 keystep :1 ' +
        '%3 $5 flags ~2 +RM +delete $12 begin_search %2 $4 type $7 unknown $4 spec %0 ' +
        '$9 find_keys %2 $4 type $7 unknown $4 spec %0 ~0 ',
    );
  });

  it('nests subcommands in an array and finds them by container|name', () => {
    const freq =
      '*10 $11 object|freq :3 ~1 +readonly :2 :2 :1 ~3 +@keyspace +@read +@slow ~0 ~1 %3 $5 flags ~1 +RO ' +
      '$12 begin_search %2 $4 type $5 index $4 spec %1 $5 index :2 ' +
      '$9 find_keys %2 $4 type $5 range $4 spec %3 $7 lastkey :0 $7 keystep :1 $5 limit :0 ~0 ';
    expect(lines(true, 'info', 'Object|FREQ')).toBe(`*1 ${freq}`);
    expect(lines(true, 'info', 'object')).toBe(
      `*1 *10 $6 object :-2 ~0 :0 :0 :0 ~1 +@slow ~0 ~0 *2 ${freq}` +
        '*10 $11 object|help :2 ~2 +loading +stale :0 :0 :0 ~2 +@keyspace +@slow ~0 ~0 ~0 ',
    );
  });

  it('answers null for what is not there', () => {
    expect(bytes(false, 'info', 'nosuch', 'object|nosuch')).toBe('*2\r\n$-1\r\n$-1\r\n');
    expect(bytes(true, 'info', 'nosuch')).toBe('*1\r\n_\r\n');
  });

  it('answers everything without names, as COMMAND does', () => {
    expect(bytes(true, 'info')).toBe(bytes(true));
    expect((call() as Reply[]).length).toBe(8);
    expect(call('count')).toBe(8);
  });
});

describe('COMMAND DOCS', () => {
  it('answers maps of what there is to say, in order', () => {
    expect(lines(true, 'docs', 'substr')).toBe(
      '%1 $6 substr %8 $7 summary $15 Part of a value $5 since $5 1.0.0 $5 group $6 string ' +
        '$9 doc_flags ~1 +deprecated $16 deprecated_since $5 2.0.0 $11 replaced_by $10 `GETRANGE` ' +
        '$7 history ~1 *2 $5 1.2.0 $13 Option COUNT. $9 arguments *2 ' +
        '%5 $4 name $5 count $4 type $7 integer $5 token $5 COUNT $5 since $5 1.2.0 $5 flags ~1 +optional ' +
        '%4 $4 name $6 key_id $4 type $5 block $5 flags ~1 +multiple $9 arguments *2 ' +
        '%3 $4 name $3 key $4 type $3 key $14 key_spec_index :0 %2 $4 name $2 id $4 type $6 string ',
    );
  });

  it('answers flat arrays in RESP2, subcommands inside their container', () => {
    const freq =
      '$11 object|freq *10 $7 summary $9 How often $5 since $5 4.0.0 $5 group $7 generic ' +
      '$10 complexity $4 O(1) $9 arguments *1 *6 $4 name $3 key $4 type $3 key $14 key_spec_index :0 ';
    expect(lines(false, 'docs', 'object|freq')).toBe(`*2 ${freq}`);
    expect(lines(false, 'docs', 'object')).toBe(
      '*2 $6 object *10 $7 summary $15 Looks at values $5 since $5 2.2.3 $5 group $7 generic ' +
        `$10 complexity $22 That of the subcommand $11 subcommands *4 ${freq}` +
        '$11 object|help *8 $7 summary $31 Lists the subcommands of OBJECT $5 since $5 6.2.0 ' +
        '$5 group $7 generic $10 complexity $4 O(1) ',
    );
  });

  it('leaves out what is not there', () => {
    expect(bytes(true, 'docs', 'nosuch')).toBe('%0\r\n');
    expect([...(call('docs', 'nosuch', 'get', 'object|nosuch') as Map<Reply, Reply>).keys()]).toEqual([
      'get',
    ]);
    expect((call('docs') as Map<Reply, Reply>).size).toBe(8);
  });
});

describe('COMMAND LIST', () => {
  it('names commands and subcommands', () => {
    const names = call('list') as string[];
    expect(names.slice(0, 5)).toEqual(['get', 'substr', 'object', 'object|freq', 'object|help']);
    expect(bytes(true, 'list')).toMatch(/^\*17\r\n\$3\r\nget\r\n/);
  });

  it('filters by category, pattern and module', () => {
    expect(call('list', 'filterby', 'aclcat', 'STRING')).toEqual(['get', 'substr', 'set', 'mget']);
    expect(call('list', 'FILTERBY', 'ACLCAT', 'nosuch')).toEqual([]);
    expect(call('list', 'filterby', 'pattern', 'OBJECT|*')).toEqual(['object|freq', 'object|help']);
    expect(call('list', 'filterby', 'pattern', 'xyz')).toEqual([]);
    expect(call('list', 'filterby', 'module', 'any')).toEqual([]);
  });

  it.each([
    ['x'],
    ['filterby'],
    ['filterby', 'pattern'],
    ['filterby', 'x', 'y'],
    ['filterby', 'pattern', 'a', 'b'],
  ])('refuses %s', (...words) => {
    expect(call('list', ...words)).toEqual(new ReplyError('ERR syntax error'));
  });
});

describe('COMMAND GETKEYS', () => {
  it('answers the keys of a whole command', () => {
    expect(call('getkeys', 'mget', 'a', 'b')).toEqual(['a', 'b']);
    expect(call('getkeys', 'object', 'freq', 'k')).toEqual(['k']);
    expect(call('getkeys', 'eval', 'return 1', '1', 'k')).toEqual(['k']);
    expect(call('getkeys', 'eval', 'return 1', '0')).toEqual([]);
  });

  it('answers flags as a set of simple strings', () => {
    expect(lines(true, 'getkeysandflags', 'set', 'k', 'v')).toBe('*1 *2 $1 k ~2 +OW +update ');
    expect(lines(false, 'getkeysandflags', 'set', 'k', 'v', 'get')).toBe(
      '*1 *2 $1 k *3 +RW +access +update ',
    );
    expect(lines(false, 'getkeysandflags', 'set', 'k', 'v', 'ifeq', 'x')).toBe('*1 *2 $1 k *2 +RW +update ');
  });

  it.each([
    [['nosuch', 'a'], 'ERR Invalid command specified'],
    [['object', 'nosuch', 'a'], 'ERR Invalid command specified'],
    [['object|freq', 'a'], 'ERR Invalid command specified'],
    [['ping', 'a'], 'ERR The command has no key arguments'],
    [['object', 'help'], 'ERR The command has no key arguments'],
    [['get', 'a', 'b'], 'ERR Invalid number of arguments specified for command'],
    [['substr', 'a'], 'ERR Invalid arguments specified for command'],
  ])('%j: %s', (words, text) => {
    expect(call('getkeys', ...words)).toEqual(new ReplyError(text));
    expect(call('getkeysandflags', ...words)).toEqual(new ReplyError(text));
  });
});

describe('HELP of a container', () => {
  it('is made from the lines of its subcommands', () => {
    expect(bytes(false, 'help').split('\r\n').slice(0, 4)).toEqual([
      '*17',
      '+COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
      '+(no subcommand)',
      '+    Details of all commands.',
    ]);
    expect(decodeReply(replyOf(table, ['object', 'HELP'], true))).toEqual([
      'OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
      'FREQ <key>',
      '    How often.',
      'HELP',
      '    Print this text.',
    ]);
  });
});
