import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemFiles } from '../../src/base/files.ts';
import { MILLRACE_VERSION } from '../../src/base/version.ts';
import { Config } from '../../src/config/config.ts';
import { ConfigError, ConfigFileError, type ForeignLine, readConfig } from '../../src/config/parse.ts';

let directory: string;
let config: Config;

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'parse-test-')));
  config = new Config(directory);
});

afterEach(() => rmSync(directory, { recursive: true }));

function read(file: string | null, input = '', options = ''): ForeignLine[] {
  if (file !== null) writeFileSync(join(directory, 'main.conf'), file, 'latin1');
  return readConfig(
    config,
    { path: file === null ? null : join(directory, 'main.conf'), input, options },
    new SystemFiles(),
  );
}

function errorOf(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

const text = (name: string) => config.get([name])[0]![1];

const head = `\n*** FATAL CONFIG FILE ERROR (millrace ${MILLRACE_VERSION}) ***\n`;
const at = (line: number, shown: string, reason: string) =>
  `${head}Reading the configuration file, at line ${line}\n>>> '${shown}'\n${reason}\n`;

describe('wrong lines end the start with the words of the reference', () => {
  const count = 'wrong number of arguments';
  const bad = 'Bad directive or wrong number of arguments';
  it.each([
    ['foo bar', bad],
    ['hz', count],
    ['hz 1 2', count],
    ['hz 10 # comment', count],
    ['hz x', "argument couldn't be parsed into an integer"],
    ['databases 0', 'argument must be between 1 and 2147483647 inclusive'],
    ['appendonly maybe', "argument must be 'yes' or 'no'"],
    ['hz "20', 'Unbalanced quotes in configuration line'],
    ['hz "20"x', 'Unbalanced quotes in configuration line'],
    ['save 1', 'Invalid save parameters'],
    ['save "1 2" "3 4"', 'Invalid save parameters'],
    ['client-output-buffer-limit normal 1 2', 'Wrong number of arguments in buffer limit configuration.'],
    ['client-output-buffer-limit ""', 'Wrong number of arguments in buffer limit configuration.'],
    ['save "" ""', 'Invalid save parameters'],
    ['save "\\"1 2"', 'Unbalanced quotes in configuration line'],
    ['replicaof a', count],
    ['replicaof a b', 'Invalid master port'],
    ['replicaof a 70000', 'Invalid master port'],
    ['replicaof a 1 2', count],
    ['unixsocketperm 1000', 'argument must be between 0 and 777 inclusive'],
    ['unixsocketperm 8', "argument couldn't be parsed as an octal number"],
    ['oom-score-adj-values 1 2', count],
    ['notify-keyspace-events Kx y', count],
    ['masterauth a b', count],
    ['proc-title-template "{x}"', 'template format is invalid or contains unknown variables'],
    ['appendfilename ""', "appendfilename can't be empty"],
    ['appenddirname a/b', "appenddirname can't be a path, just a dirname"],
    ['supervised maybe', 'argument(s) must be one of the following: upstart, systemd, auto, no'],
    ['dir /nonexistent', 'No such file or directory'],
    ['dir', count],
    ['list-max-ziplist-entries', bad],
    ['list-max-ziplist-entries 1 2', bad],
    ['rename-command', bad],
    ['rename-command a b c', bad],
    ['user', bad],
    ['loadmodule', bad],
    ['include', bad],
    ['include a b', bad],
    ['sentinel foo', 'sentinel directive while not in sentinel mode'],
  ])('%s', (line, reason) => {
    const error = errorOf(() => read(`# first\n\n  ${line} \r\nhz 20`));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toBe(at(3, line, reason));
  });

  it('also where no single line is wrong', () => {
    expect(errorOf(() => read('cluster-enabled yes\nreplicaof 127.0.0.1 1')).message).toBe(
      `${head}replicaof directive not allowed in cluster mode\n`,
    );
    config = new Config(directory);
    expect(errorOf(() => read('logfile /nonexistent/x')).message).toBe(
      `${head}Can't open the log file: No such file or directory\n`,
    );
  });
});

describe('lines', () => {
  it.each([
    ['\n\n  # c\n  HZ   20  \r\n', 'hz', '20'],
    ['hz "20"', 'hz', '20'],
    ["hz '20'", 'hz', '20'],
    ['save 1 2\nsave 3 4', 'save', '1 2 3 4'],
    ['save ""\nsave 1 2', 'save', '1 2'],
    ['save 1 2\nsave ""', 'save', ''],
    ['save "1 2 3 4"', 'save', '1 2 3 4'],
    ['save', 'save', ''],
    ['save " "', 'save', ''],
    ['save \'"1" 2\'', 'save', '1 2'],
    ['shutdown-on-sigterm "save  now"', 'shutdown-on-sigterm', 'save now'],
    ['oom-score-adj-values " 1\\t2  3 "', 'oom-score-adj-values', '1 2 3'],
    ['bind 127.0.0.1\nbind * -::*', 'bind', '* -::*'],
    ['bind ""', 'bind', ''],
    ['bind', 'bind', ''],
    [
      'client-output-buffer-limit normal 1 2 3\nclient-output-buffer-limit replica 4 5 6',
      'client-output-buffer-limit',
      'normal 1 2 3 slave 4 5 6 pubsub 33554432 8388608 60',
    ],
    [
      'client-output-buffer-limit "normal 1 2 3 pubsub 4 5 6"',
      'client-output-buffer-limit',
      'normal 1 2 3 slave 268435456 67108864 60 pubsub 4 5 6',
    ],
    ['slaveof 127.0.0.1 22011\nslave-priority 50', 'replicaof', '127.0.0.1 22011'],
    ['replicaof no one', 'slaveof', ''],
    ['replicaof a 0', 'replicaof', 'a 0'],
    ['unixsocketperm 0777', 'unixsocketperm', '777'],
    ['maxmemory 1gb\nmaxmemory 2gb', 'maxmemory', '2147483648'],
    ['oom-score-adj-values "1 2 3"', 'oom-score-adj-values', '1 2 3'],
    ['shutdown-on-sigterm save now', 'shutdown-on-sigterm', 'save now'],
    ['shutdown-on-sigterm "save now"', 'shutdown-on-sigterm', 'save now'],
    ['latency-tracking-info-percentiles ""', 'latency-tracking-info-percentiles', ''],
    ['hz 5000', 'hz', '500'],
    ['watchdog-period 5', 'watchdog-period', '200'],
    ['requirepass "a b\\x01\\xff\\""', 'requirepass', 'a b\x01\xff"'],
    ['masterauth \xe9', 'masterauth', '\xe9'],
    ['list-max-ziplist-entries 5\nlist-max-ziplist-value 4\nlua-replicate-commands yes', 'hz', '10'],
    ['list-max-ziplist-size 5', 'list-max-listpack-size', '5'],
  ])('%j', (file, name, expected) => {
    read(file);
    expect(text(name)).toBe(expected);
  });

  it('for others are kept in order with their place', () => {
    const lines = read('user alice on ">a b"\nRename-Command GET ""\n\nloadmodule /x.so a b\nuser bob');
    expect(lines).toEqual([
      { name: 'user', words: ['alice', 'on', '>a b'], place: { line: 1, text: 'user alice on ">a b"' } },
      { name: 'rename-command', words: ['GET', ''], place: { line: 2, text: 'Rename-Command GET ""' } },
      { name: 'loadmodule', words: ['/x.so', 'a', 'b'], place: { line: 4, text: 'loadmodule /x.so a b' } },
      { name: 'user', words: ['bob'], place: { line: 5, text: 'user bob' } },
    ]);
    const error = new ConfigError('No such command in rename-command', lines[1]!.place);
    expect(error.message).toBe(at(2, 'Rename-Command GET ""', 'No such command in rename-command'));
  });

  it('of any bytes either apply or end with a ConfigError', () => {
    const word = fc.constantFrom(
      'hz',
      'save',
      '"',
      "'",
      '\\x',
      '\0',
      'bind',
      '#',
      '1',
      ' ',
      '\t',
      '\n',
      'user',
      'dir',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 3 }))), (parts) => {
        try {
          readConfig(new Config('/'), { path: null, input: parts.join(' '), options: '' }, new SystemFiles());
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
    );
  });
});

describe('sources', () => {
  it('follow each other, later ones winning, and are numbered as one text', () => {
    read('hz 20', '\ntimeout 3', 'hz 30');
    expect([text('hz'), text('timeout')]).toEqual(['30', '3']);
    expect(errorOf(() => read('hz 20\n\n#c\n', '', 'port "1"\nhz "x"')).message).toMatch(
      /at line 6\n>>> 'hz "x"'\n/,
    );
    expect(errorOf(() => read(null, '', 'hz "x"')).message).toMatch(/at line 2\n/);
    expect(errorOf(() => read('hz 20', 'hz 40')).message).toMatch(/at line 1\n>>> 'hz 20hz 40'\n/);
  });

  it('include other files where they are named', () => {
    writeFileSync(join(directory, 'a.conf'), 'hz 30\ntimeout 5');
    read('hz 20\ninclude a.conf\ntimeout 6');
    expect([text('hz'), text('timeout')]).toEqual(['30', '6']);
  });

  it('include all files of a pattern, in order, and none without complaint', () => {
    mkdirSync(join(directory, 'conf.d'));
    for (const name of ['b.conf', 'a.conf', '.hidden.conf', 'c.txt']) {
      writeFileSync(join(directory, 'conf.d', name), `save ${name.charCodeAt(0)} 1\n`);
    }
    read('include conf.d/*.conf\ninclude none/*.conf\ninclude */[!b].conf');
    expect(text('save')).toBe('97 1 98 1 97 1');
  });

  it('include relative to the directory set so far', () => {
    mkdirSync(join(directory, 'sub'));
    writeFileSync(join(directory, 'sub', 'a.conf'), 'hz 30');
    read('dir sub\ninclude a.conf');
    expect(text('hz')).toBe('30');
    expect(text('dir')).toBe(join(directory, 'sub'));
  });

  it('that cannot be read end the start', () => {
    const missing = errorOf(() => read('include nope.conf'));
    expect(missing).toBeInstanceOf(ConfigFileError);
    expect(missing.message).toBe(
      "Fatal error, can't open config file 'nope.conf': No such file or directory",
    );
    expect(errorOf(() => read('include /')).message).toBe(
      "Fatal error, can't open config file '/': Is a directory",
    );
  });

  it('that include themselves end with an error, not with the stack', () => {
    const error = errorOf(() => read('include main.conf'));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(/nested too deeply/);
  });
});
