import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/base/clock.ts';
import { SystemFiles } from '../../src/base/files.ts';
import { Logger } from '../../src/base/log.ts';
import { type Exit, type Run, readCommandLine } from '../../src/bin/arguments.ts';

let directory: string;
let logged: string[];

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'arguments-test-')));
  logged = [];
  writeFileSync(join(directory, 't.conf'), 'hz 20');
});

afterEach(() => rmSync(directory, { recursive: true }));

function read(args: string[], input = ''): Run | Exit {
  const log = new Logger({
    clock: new VirtualClock(),
    pid: 1,
    sink: (line) => logged.push(line.replace(/^.* # /, '')),
  });
  const readInput = () => Buffer.from(input);
  return readCommandLine(args, { directory, readInput, files: new SystemFiles(), log });
}

/** Texts of settings after a command line that starts a server. */
function texts(args: string[], names: string[], input = ''): string[] {
  const result = read(args, input);
  if (result.kind === 'exit') throw new Error(result.errors);
  return names.map((name) => result.config.get([name])[0]![1]);
}

/** Number and text of the wrong line, and the reason. */
function complaint(args: string[], input = ''): [number, string, string] {
  const result = read(args, input);
  if (result.kind === 'run') throw new Error('it started');
  expect([result.code, result.output]).toEqual([1, '']);
  const match =
    /^\n\*\*\* FATAL .* \*\*\*\nReading the configuration file, at line (\d+)\n>>> '(.*)'\n(.*)\n$/.exec(
      result.errors,
    )!;
  return [Number(match[1]), match[2]!, match[3]!];
}

const defaultSave = '3600 1 300 100 60 10000';

describe('options', () => {
  it.each([
    [
      ['--port', '1', '--hz', '20'],
      ['1', '20', defaultSave],
    ],
    [
      ['--port 1', '--hz 20'],
      ['1', '20', defaultSave],
    ],
    [
      ['--PORT', '1'],
      ['1', '10', defaultSave],
    ],
    [
      ['--save', ''],
      ['6379', '10', ''],
    ],
    [['--save'], ['6379', '10', '']],
    [
      ['--save', '--port', '1'],
      ['1', '10', ''],
    ],
    [
      ['--save', '--port', '1', '--hz', '20'],
      ['1', '20', ''],
    ],
    [
      ['--save', '""'],
      ['6379', '10', ''],
    ],
    [
      ['--save', '3600', '1', '60', '1000', '--hz', '20'],
      ['6379', '20', '3600 1 60 1000'],
    ],
    [
      ['--save', '3600 1 60 1000'],
      ['6379', '10', '3600 1 60 1000'],
    ],
    [
      ['--save', '3600 1', '--save', '60 2'],
      ['6379', '10', '3600 1 60 2'],
    ],
    [['--'], ['6379', '10', defaultSave]],
    [
      ['--port', '1', '--'],
      ['1', '10', defaultSave],
    ],
    [
      ['', '--port', '1'],
      ['1', '10', defaultSave],
    ],
    [[], ['6379', '10', defaultSave]],
  ])('%j', (args, expected) => {
    expect(texts(args, ['port', 'hz', 'save'])).toEqual(expected);
  });

  it('may start with two dashes where a word is due', () => {
    const template = ['--proc-title-template', '--my--title--template'];
    expect(texts(template, ['proc-title-template'])).toEqual(['--my--title--template']);
  });

  it('may have several words, one by one or as one', () => {
    expect(texts(['--bind', '127.0.0.1', '-::1'], ['bind'])).toEqual(['127.0.0.1 -::1']);
    expect(texts(['--bind', '127.0.0.1 -::1'], ['bind'])).toEqual(['127.0.0.1 -::1']);
    expect(texts(['--replicaof', 'h', '1'], ['replicaof'])).toEqual(['h 1']);
    expect(texts(['--shutdown-on-sigint', 'nosave', 'now'], ['shutdown-on-sigint'])).toEqual(['nosave now']);
  });

  it.each<[string[], [number, string, string]]>([
    [
      ['--port', '1', '--hz'],
      [3, 'hz', 'wrong number of arguments'],
    ],
    [
      ['--port', '1', '--hz', '--save', ''],
      [3, 'hz "--save" ""', 'wrong number of arguments'],
    ],
    [
      ['--port', '1', '--hz', '20', '30'],
      [3, 'hz "20" "30"', 'wrong number of arguments'],
    ],
    [
      ['--port', '1', 'hz', '20'],
      [2, 'port "1" "hz" "20"', 'wrong number of arguments'],
    ],
    [
      ['--port', '1', '-hz', '20'],
      [2, 'port "1" "-hz" "20"', 'wrong number of arguments'],
    ],
    [
      ['--port', '1', '--foo', 'bar'],
      [3, 'foo "bar"', 'Bad directive or wrong number of arguments'],
    ],
    [['--hz=20'], [2, 'hz=20', 'Bad directive or wrong number of arguments']],
    [
      ['--hz', '"20"'],
      [2, 'hz "\\"20\\""', "argument couldn't be parsed into an integer"],
    ],
    [
      ['--hz', '20 '],
      [2, 'hz "20 "', "argument couldn't be parsed into an integer"],
    ],
    [['--hz 20 30'], [2, 'hz 20 30', 'wrong number of arguments']],
    [
      ['--hz 20', '30'],
      [2, 'hz 20 "30"', 'wrong number of arguments'],
    ],
    [
      ['--save 1 2', '3 4'],
      [2, 'save 1 2 "3 4"', 'Invalid save parameters'],
    ],
    [['-x'], [2, '"-x"', 'Bad directive or wrong number of arguments']],
    [
      ['--', '--port', '1'],
      [2, '"--port" "1"', 'Bad directive or wrong number of arguments'],
    ],
    [
      ['--port', '1', '--version'],
      [3, 'version', 'Bad directive or wrong number of arguments'],
    ],
    [
      ['--masterauth', 'é\n', 'x'],
      [2, 'masterauth "\\xc3\\xa9\\n" "x"', 'wrong number of arguments'],
    ],
  ])('%j is refused', (args, expected) => {
    expect(complaint(args)).toEqual(expected);
  });
});

describe('files and input', () => {
  it('come before the options', () => {
    expect(texts(['t.conf', '--timeout', '3'], ['hz', 'timeout'])).toEqual(['20', '3']);
    expect(texts(['t.conf', '--hz', '30'], ['hz'])).toEqual(['30']);
    expect(texts(['-', '--timeout', '3'], ['hz', 'timeout'], 'hz 40')).toEqual(['40', '3']);
    expect(texts(['t.conf', '--timeout', '3', '-'], ['hz', 'timeout'], '\nhz 40')).toEqual(['40', '3']);
    expect(logged).toEqual(['Reading config from stdin\n', 'Reading config from stdin\n']);
    expect(complaint(['t.conf', '--hz', '50', '-'], 'hz 40\n')).toEqual([
      1,
      'hz 20hz 40',
      'wrong number of arguments',
    ]);
    expect(complaint(['t.conf', '-', '--hz', '50'])[1]).toBe('"-"');
  });

  it('make the path that CONFIG REWRITE will write', () => {
    expect((read(['t.conf']) as Run).config.path).toBe(join(directory, 't.conf'));
    expect((read(['--hz', '20']) as Run).config.path).toBeNull();
    expect((read(['*.conf']) as Run).config.path).toBeNull();
  });

  it('that are missing are reported to the log', () => {
    expect(read(['nope.conf'])).toEqual({ kind: 'exit', code: 1, output: '', errors: '' });
    expect(logged).toEqual([
      `Fatal error, can't open config file '${directory}/nope.conf': No such file or directory\n`,
    ]);
  });

  it('hand on the lines of others', () => {
    expect((read(['--user', 'foo', 'on']) as Run).foreign).toMatchObject([
      { name: 'user', words: ['foo', 'on'] },
    ]);
  });
});

describe('questions', () => {
  it.each(['-v', '--version'])('%s', (arg) => {
    const result = read([arg, 'whatever']) as Exit;
    expect([result.code, result.errors]).toEqual([0, '']);
    // Tools take the first dotted number for the version of Redis.
    expect(result.output).toMatch(/^[^.]*\b7\.\d+\.\d+.*\n$/);
  });

  it.each(['-h', '--help'])('%s', (arg) => {
    const result = read([arg]) as Exit;
    expect([result.code, result.output]).toEqual([1, '']);
    expect(result.errors).toMatch(/^Usage: millrace /);
  });

  it('about the machine', () => {
    expect(read(['--check-system'])).toMatchObject({ code: 0, errors: '' });
    expect(read(['--test-memory', '10'])).toMatchObject({ code: 1, output: '' });
    expect(read(['--test-memory'])).toMatchObject({ code: 1, output: '' });
    expect(read(['t.conf', '--sentinel'])).toMatchObject({
      code: 1,
      errors: 'millrace has no Sentinel mode.\n',
    });
  });
});
