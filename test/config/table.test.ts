import { describe, expect, it } from 'vitest';
import { Config } from '../../src/config/config.ts';
import { HIDDEN, IMMUTABLE } from '../../src/config/kind.ts';
import { directives } from '../../src/config/table.ts';
// Every directive of Redis 7.2, Redis 8.8 and Valkey 9.1, under all its names.
import names from './names.json' with { type: 'json' };

const config = new Config('/');

describe('the table', () => {
  it('knows every name', () => {
    expect(names.filter((name) => config.find(name) === undefined)).toEqual([]);
  });

  it('gives each name to one setting', () => {
    const all = Object.entries(directives).flatMap(([name, { alias }]) =>
      alias === '' ? [name] : [name, alias],
    );
    expect(new Set(all).size).toBe(all.length);
  });

  it('accepts every default as a value', () => {
    for (const { name, directive } of config.settings()) {
      const { kind, initial } = directive;
      // Not given at all, these two are what no text stands for: the current directory, and no master.
      if (name === 'dir' || name === 'replicaof') continue;
      const words = kind.manyWords && initial.text !== '' ? initial.text.split(' ') : [initial.text];
      expect([name, kind.parse(words, initial, 'command')]).toEqual([name, initial]);
    }
  });

  it('lists nothing unchangeable that the reference does not list, because its tests set what is listed', () => {
    // What its test "CONFIG sanity" leaves out, besides settings of TLS.
    const left = new Set(
      (
        'rdbchecksum daemonize io-threads-do-reads tcp-backlog always-show-logo syslog-enabled cluster-enabled ' +
        'disable-thp aclfile unixsocket pidfile syslog-ident appendfilename appenddirname supervised syslog-facility ' +
        'databases io-threads logfile unixsocketperm replicaof slaveof server_cpulist bio_cpulist aof_rewrite_cpulist ' +
        'bgsave_cpulist set-proc-title cluster-config-file cluster-port enable-protected-configs enable-debug-command ' +
        'enable-module-command socket-mark-id'
      ).split(' '),
    );
    const listed = config.get(['*']).map(([name]) => name);
    const fixed = listed.filter((name) => (config.find(name)!.directive.flags & IMMUTABLE) !== 0);
    expect(fixed.filter((name) => !left.has(name))).toEqual([]);
    expect(config.get(['server-cpulist', 'mptcp']).length).toBe(2);
  });

  it('writes no default into a file that is rewritten, but for those the reference always writes', () => {
    const forced = [...config.settings()]
      .filter(({ directive, current }) =>
        directive.kind.rewrite(current, directive.initial).some((line) => line.forced),
      )
      .map(({ name }) => name);
    expect(forced.sort()).toEqual(['dir', 'latency-tracking-info-percentiles', 'save']);
  });

  it('hides what only developers should find', () => {
    const hidden = [...config.settings()].filter(({ directive }) => (directive.flags & HIDDEN) !== 0);
    expect(hidden.map(({ name }) => name)).toContain('watchdog-period');
    expect(config.get(['*']).some(([name]) => name === 'watchdog-period')).toBe(false);
    expect(config.get(['watchdog-period'])).toEqual([['watchdog-period', '0']]);
  });
});
