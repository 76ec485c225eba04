import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { splitQuoted } from '../../src/base/quoted.ts';
import { Config } from '../../src/config/config.ts';
import { engineOf, PROTOCOLS, plain, runLines } from './string_support.ts';

const FAILED = '-ERR CONFIG SET failed (possibly related to argument';
const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** A configuration file in a directory of its own. */
function fileOf(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-config-'));
  directories.push(directory);
  const path = join(directory, 'millrace.conf');
  writeFileSync(path, text);
  return path;
}

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('gets settings by names and patterns, each once', () => {
    const engine = engineOf(resp3);
    expect(engine.bytes([['CONFIG', 'GET', 'maxmemory']]).toString()).toBe(
      `${resp3 ? '%1' : '*2'}\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n`,
    );
    expect(
      runLines(engine, 'CONFIG GET timeout TIMEOUT tim* nosuch', 'CONFIG GET nosuch', 'CONFIG GET'),
    ).toEqual([['timeout', '0'], [], "-ERR wrong number of arguments for 'config|get' command"]);
  });

  it('sets all or nothing', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(
        engine,
        'CONFIG SET timeout 7 maxmemory 100mb',
        'CONFIG GET timeout maxmemory',
        'CONFIG SET timeout 8 maxmemory x',
        'CONFIG SET timeout 8 nosuch 1',
        'CONFIG SET timeout 8 timeout 9',
        'CONFIG SET timeout 8 databases 4',
        'CONFIG SET timeout 8 dir /',
        'CONFIG SET timeout 8 maxmemory',
        'CONFIG SET timeout',
        'CONFIG GET timeout maxmemory',
      ),
    ).toEqual([
      'OK',
      ['timeout', '7', 'maxmemory', '104857600'],
      `${FAILED} 'maxmemory') - argument must be a memory value`,
      "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'",
      `${FAILED} 'timeout') - duplicate parameter`,
      `${FAILED} 'databases') - can't set immutable config`,
      `${FAILED} 'dir') - can't set protected config`,
      '-ERR syntax error',
      "-ERR wrong number of arguments for 'config|set' command",
      ['timeout', '7', 'maxmemory', '104857600'],
    ]);
  });

  it('lets local clients change protected settings if so configured', () => {
    const engine = engineOf(resp3, { config: { 'enable-protected-configs': 'local' } });
    expect(runLines(engine, 'CONFIG SET dbfilename other.rdb')).toEqual(['OK']);
    const { reactor } = engine;
    const row = reactor.clientRow.bind(reactor);
    reactor.clientRow = (lane, slot) => ({ ...row(lane, slot), addr: '192.0.2.1:1' });
    expect(runLines(engine, 'CONFIG SET dbfilename third.rdb')).toEqual([
      `${FAILED} 'dbfilename') - can't set protected config`,
    ]);
    reactor.clientRow = (lane, slot) => ({ ...row(lane, slot), addr: '/run/x:0', unix: true });
    expect(runLines(engine, 'CONFIG SET dbfilename third.rdb')).toEqual(['OK']);
  });

  it('answers wrong subcommands and numbers of words', () => {
    expect(
      runLines(
        engineOf(resp3),
        'CONFIG',
        'CONFIG NOSUCH',
        'CONFIG RESETSTAT x',
        'CONFIG REWRITE x',
        'CONFIG REWRITE',
        'CONFIG HELP x',
      ),
    ).toEqual([
      "-ERR wrong number of arguments for 'config' command",
      "-ERR unknown subcommand 'NOSUCH'. Try CONFIG HELP.",
      "-ERR wrong number of arguments for 'config|resetstat' command",
      "-ERR wrong number of arguments for 'config|rewrite' command",
      '-ERR The server is running without a config file',
      "-ERR wrong number of arguments for 'config|help' command",
    ]);
    const help = plain(engineOf(resp3).line('CONFIG HELP')) as string[];
    expect(help[0]).toBe('CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:');
    expect(help.slice(-2)).toEqual(['HELP', '    Print this text.']);
  });
});

describe('CONFIG REWRITE', () => {
  it('writes what has changed, and keeps the rest of the file', () => {
    const engine = engineOf(false);
    const path = fileOf('# mine\ntimeout 5\n\nmaxclients 100\n');
    engine.server.config.path = path;
    expect(runLines(engine, 'CONFIG SET timeout 9 hz 50', 'CONFIG REWRITE')).toEqual(['OK', 'OK']);
    const text = readFileSync(path, 'latin1');
    expect(text.startsWith('# mine\ntimeout 9\n\n')).toBe(true);
    expect(text).toContain('\nhz 50\n');
    expect(text).not.toContain('tcp-keepalive');
    expect(engine.log.at(-1)).toContain('CONFIG REWRITE executed with success.');
  });

  it('says why it cannot', () => {
    const engine = engineOf(false);
    engine.server.config.path = '/nosuch/millrace.conf';
    expect(runLines(engine, 'CONFIG REWRITE', 'DEBUG CONFIG-REWRITE-FORCE-ALL')).toEqual([
      '-ERR Rewriting config file: No such file or directory',
      '-ERR CONFIG-REWRITE-FORCE-ALL failed: No such file or directory',
    ]);
  });

  it('writes every setting when forced, so that reading the file gives the same settings', () => {
    const engine = engineOf(false, { dir: '/tmp', config: { 'slowlog-max-len': '77', save: '60 1' } });
    const path = fileOf('');
    engine.server.config.path = path;
    expect(runLines(engine, 'DEBUG CONFIG-REWRITE-FORCE-ALL')).toEqual(['OK']);
    const lines = readFileSync(path, 'latin1')
      .split('\n')
      .filter((line) => line !== '' && line[0] !== '#');
    expect(lines.length).toBeGreaterThan(150);
    const isUser = (line: string) => line.startsWith('user ');
    expect(lines.filter(isUser)).toEqual(['user default on nopass ~* &* +@all']);
    const again = new Config('/tmp');
    for (const line of lines.filter((other) => !isUser(other))) {
      const [name = '', ...words] = splitQuoted(line)!;
      expect([line, again.applyLine(name, words)]).toEqual([line, null]);
    }
    expect(again.get(['*'])).toEqual(engine.server.config.get(['*']));
  });
});

describe('CONFIG RESETSTAT', () => {
  it('puts counters back, and counts itself', () => {
    const engine = engineOf(false);
    runLines(engine, 'SET a b', 'GET a', 'GET nosuch', 'NOSUCH', 'INCR a', 'SET e v PX 1');
    engine.clock.advance(10);
    engine.server.runDueWork();
    const stats = (): unknown => {
      const text = plain(engine.line('INFO stats')) as string;
      const names = [
        'total_commands_processed',
        'keyspace_hits',
        'keyspace_misses',
        'expired_keys',
        'total_error_replies',
      ];
      return names.map((name) => Number(new RegExp(`^${name}:(.*)\r`, 'm').exec(text)![1]));
    };
    expect(stats()).toEqual([5, 1, 1, 1, 2]);
    expect(runLines(engine, 'CONFIG RESETSTAT')).toEqual(['OK']);
    expect(stats()).toEqual([1, 0, 0, 0, 0]);
    expect(plain(engine.line('INFO commandstats'))).toMatch(
      /^# Commandstats\r\ncmdstat_info:.*\r\ncmdstat_config\|resetstat:calls=1,/,
    );
    expect(plain(engine.line('INFO errorstats'))).toBe('# Errorstats\r\n');
  });
});
