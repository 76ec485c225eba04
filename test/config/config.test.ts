import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Config, type SetRights } from '../../src/config/config.ts';
// CONFIG GET of Redis 7.0.15 for all its parameters, hidden ones included.
import defaults from './defaults.json' with { type: 'json' };
// What Redis 7.0.15 did with CONFIG SET <name> <value> from the default: reason of refusal or null, value
// afterwards.
import facts from './set_facts.json' with { type: 'json' };

const all: SetRights = { mayChangeProtected: true, loading: false };
const few: SetRights = { mayChangeProtected: false, loading: false };

describe('defaults', () => {
  it('are those of the reference', () => {
    const config = new Config('/');
    const ours = Object.keys(defaults).map((name) => config.get([name])[0]);
    expect(ours).toEqual(Object.entries(defaults));
  });

  it('have types', () => {
    const config = new Config('/');
    expect(config.number('maxmemory')).toBe(0);
    expect(config.boolean('appendonly')).toBe(false);
    expect(config.string('maxmemory-policy')).toBe('noeviction');
    expect(config.value('save')[0]).toEqual({ seconds: 3600, changes: 1 });
    expect(config.value('replicaof')).toBeNull();
  });
});

describe('set, as recorded', () => {
  it('refuses and accepts what the reference does, with its words', () => {
    const config = new Config('/');
    const ours = (facts as [string, string, string | null, string][]).map(([name, value]) => {
      const setting = config.find(name)!;
      const before = setting.current;
      const error = config.set([[name, value]], all);
      const text = config.get([name])[0]![1];
      setting.current = before;
      const prefix = `ERR CONFIG SET failed (possibly related to argument '${name}') - `;
      return [name, value, error?.startsWith(prefix) ? error.slice(prefix.length) : error, text];
    });
    expect(ours).toEqual(facts);
  });

  it('refuses an overflow that the reference takes for a percentage', () => {
    expect(new Config('/').set([['maxmemory-clients', '99999999999999999999']], all)).toMatch(
      /must be between -100 and/,
    );
  });
});

describe('get', () => {
  const config = new Config('/');

  it('answers exact names under the spelling asked for, once', () => {
    expect(config.get(['MaxMemory', 'maxmemory'])).toEqual([['MaxMemory', '0']]);
    expect(config.get(['KEY-LOAD-DELAY'])).toEqual([['KEY-LOAD-DELAY', '0']]);
    expect(config.get(['h?', 'hz'])).toEqual([['hz', '10']]);
    expect(config.get(['nosuch', ''])).toEqual([]);
  });

  it('takes only *, ? and [ as signs of a pattern', () => {
    expect(config.get(['\\hz'])).toEqual([]);
    expect(config.get(['[h]z'])).toEqual([['hz', '10']]);
    expect(config.get(['MA?MEMORY'])).toEqual([['maxmemory', '0']]);
  });

  it('lists aliases like settings of their own', () => {
    const slave = config.get(['*slave*']).map(([name]) => name);
    expect(slave).toContain('slaveof');
    expect(slave).toContain('min-slaves-to-write');
    expect(slave.some((name) => name.includes('replica'))).toBe(false);
    expect(config.get(['key-load*'])).toEqual([]);
  });
});

describe('set', () => {
  const failed = (name: string, reason: string) =>
    `ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`;

  it('complains of the first name that cannot be set, before it looks at values', () => {
    const config = new Config('/');
    const unknown = "ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'";
    expect(
      config.set(
        [
          ['hz', '20'],
          ['nosuch', '1'],
        ],
        all,
      ),
    ).toBe(unknown);
    expect(
      config.set(
        [
          ['nosuch', '1'],
          ['databases', '3'],
        ],
        all,
      ),
    ).toBe(unknown);
    expect(
      config.set(
        [
          ['hz', 'x'],
          ['databases', '3'],
        ],
        all,
      ),
    ).toBe(failed('databases', "can't set immutable config"));
    expect(
      config.set(
        [
          ['hz', '20'],
          ['HZ', '30'],
        ],
        all,
      ),
    ).toBe(failed('HZ', 'duplicate parameter'));
    expect(config.set([['dbfilename', 'x']], few)).toBe(failed('dbfilename', "can't set protected config"));
    expect(config.set([['dir', '/']], { mayChangeProtected: true, loading: true })).toMatch(/^LOADING /);
    expect(config.number('hz')).toBe(10);
  });

  it('changes all or nothing', () => {
    const config = new Config('/');
    const pairs: [string, string][] = [
      ['hz', '20'],
      ['maxmemory', '1gb'],
      ['timeout', 'abc'],
    ];
    expect(config.set(pairs, all)).toBe(failed('timeout', "argument couldn't be parsed into an integer"));
    expect(config.get(['hz', 'maxmemory'])).toEqual([
      ['hz', '10'],
      ['maxmemory', '0'],
    ]);
    expect(config.set(pairs.slice(0, 2), all)).toBeNull();
    expect(config.get(['hz', 'maxmemory'])).toEqual([
      ['hz', '20'],
      ['maxmemory', '1073741824'],
    ]);
  });

  it('takes a setting under two names, the later one winning, and puts both back', () => {
    const config = new Config('/');
    const both: [string, string][] = [
      ['hash-max-ziplist-entries', '5'],
      ['hash-max-listpack-entries', '6'],
    ];
    expect(config.set([...both, ['hz', 'x']], all)).not.toBeNull();
    expect(config.number('hash-max-listpack-entries')).toBe(512);
    expect(config.set(both, all)).toBeNull();
    expect(config.number('hash-max-listpack-entries')).toBe(6);
  });

  it('tells those who follow, after all values are set, and only of changes', () => {
    const config = new Config('/');
    const heard: unknown[] = [];
    config.onChange('hz', (value, before) => {
      heard.push(['hz', value, before, config.number('timeout')]);
      return undefined;
    });
    config.onChange(['tls-cert-file', 'tls-key-file'], () => {
      heard.push('tls');
      return undefined;
    });
    config.set(
      [
        ['hz', '20'],
        ['timeout', '5'],
      ],
      all,
    );
    config.set([['hz', '20']], all);
    expect(heard).toEqual([['hz', 20, 10, 5]]);
    config.set(
      [
        ['tls-cert-file', 'a'],
        ['tls-key-file', 'b'],
      ],
      all,
    );
    config.set([['tls-cert-file', 'a']], all);
    expect(heard.slice(1)).toEqual(['tls', 'tls']);
  });

  it('takes everything back when one who follows refuses', () => {
    const config = new Config('/');
    const heard: unknown[] = [];
    config.onChange('hz', (value, before) => {
      heard.push([value, before]);
      return undefined;
    });
    config.onChange('port', () => 'Unable to listen on this port. Check server logs.');
    config.onChange('timeout', () => {
      throw new Error('must not be asked');
    });
    const error = config.set(
      [
        ['hz', '20'],
        ['port', '1'],
        ['timeout', '3'],
      ],
      all,
    );
    expect(error).toBe(failed('port', 'Unable to listen on this port. Check server logs.'));
    expect(config.get(['hz', 'port', 'timeout'])).toEqual([
      ['hz', '10'],
      ['port', '6379'],
      ['timeout', '0'],
    ]);
    expect(heard).toEqual([
      [20, 10],
      [10, 20],
    ]);
  });
});

describe('dir', () => {
  it('is absolute, moves relative to itself and must exist', () => {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'config-test-')));
    try {
      const config = new Config(directory);
      expect(config.set([['dir', '..']], all)).toBeNull();
      expect(config.string('dir')).toBe(join(directory, '..'));
      expect(config.set([['dir', `${directory}/none`]], all)).toMatch(/ - No such file or directory$/);
      expect(config.set([['dir', '']], all)).toMatch(/ - No such file or directory$/);
      expect(config.set([['dir', '/dev/null']], all)).toMatch(/ - Not a directory$/);
      expect(config.string('dir')).toBe(join(directory, '..'));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('beside CONFIG SET', () => {
  it('the program stores its own decisions without asking', () => {
    const config = new Config('/');
    config.onChange('replicaof', () => 'no');
    config.assign('replicaof', { host: 'a', port: 1 });
    config.assign('port', 12345);
    expect(config.get(['slaveof', 'port'])).toEqual([
      ['slaveof', 'a 1'],
      ['port', '12345'],
    ]);
  });

  it('finds files relative to the directory', () => {
    const config = new Config('/data');
    expect(config.file('logfile')).toBe('');
    config.assign('logfile', 'h\xc3\xa9.log');
    expect(config.file('logfile')).toBe('/data/h\u00e9.log');
    config.assign('logfile', '/var/log/x');
    expect(config.file('logfile')).toBe('/var/log/x');
  });

  it('says which values are secret', () => {
    const config = new Config('/');
    expect(
      ['requirepass', 'MASTERAUTH', 'primaryauth', 'hz', 'nosuch'].map((name) => config.isSensitive(name)),
    ).toEqual([true, true, true, false, false]);
  });

  it('several servers have settings of their own', () => {
    const one = new Config('/');
    const two = new Config('/');
    one.set(
      [
        ['save', '1 2'],
        ['client-output-buffer-limit', 'normal 1 2 3'],
      ],
      all,
    );
    expect(two.get(['save'])[0]![1]).toBe('3600 1 300 100 60 10000');
    expect(two.value('client-output-buffer-limit').normal.hardBytes).toBe(0);
  });
});
