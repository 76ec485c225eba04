import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { textOf } from '../../src/base/files.ts';
import { directives } from '../../src/config/table.ts';
import { type CreateServerOptions, camelName, configOf } from '../../src/server/options.ts';

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** What CONFIG GET would show of one directive. */
const shown = (options: CreateServerOptions, name: string): string | undefined =>
  configOf(options).find(name)?.current.text;

/** Options as somebody may write them who has no types. */
const untyped = (options: unknown): CreateServerOptions => options as CreateServerOptions;

describe('directives', () => {
  it('have defaults of their own here', () => {
    expect(['save', 'bind', 'port', 'io-threads'].map((name) => shown({}, name))).toEqual([
      '',
      '127.0.0.1',
      '0',
      '1',
    ]);
  });

  it('can all be spelled in camelCase and as in redis.conf', () => {
    const config = configOf({});
    for (const name of Object.keys(directives)) {
      const dashed = camelName(name).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      expect(config.find(dashed)?.name).toBe(name);
    }
    expect(shown({ 'maxmemory-policy': 'allkeys-lru' }, 'maxmemory-policy')).toBe('allkeys-lru');
    expect(shown(untyped({ luaTimeLimit: 7 }), 'busy-reply-threshold')).toBe('7');
  });

  it.each<[CreateServerOptions, string, string]>([
    [{ maxmemory: '64mb' }, 'maxmemory', '67108864'],
    [{ maxmemory: 1_000_000 }, 'maxmemory', '1000000'],
    [{ maxmemoryPolicy: 'volatile-ttl' }, 'maxmemory-policy', 'volatile-ttl'],
    [{ lazyfreeLazyExpire: true }, 'lazyfree-lazy-expire', 'yes'],
    [{ lazyfreeLazyExpire: 'no' }, 'lazyfree-lazy-expire', 'no'],
    [{ save: '60 1 300 10' }, 'save', '60 1 300 10'],
    [{ save: [60, 1, 300, 10] }, 'save', '60 1 300 10'],
    [{ save: '' }, 'save', ''],
    [{ save: [] }, 'save', ''],
    [{ bind: '127.0.0.1 ::1' }, 'bind', '127.0.0.1 ::1'],
    [{ bind: ['127.0.0.1', '-::1'] }, 'bind', '127.0.0.1 -::1'],
    [{ host: '::1' }, 'bind', '::1'],
    [{ port: null, unixSocket: '/tmp/s' }, 'unixsocket', '/tmp/s'],
    [{ requirepass: 'with  two blanks' }, 'requirepass', 'with  two blanks'],
    [{ requirepass: 'größe "x"' }, 'requirepass', textOf('größe "x"')],
    [{ clientOutputBufferLimit: ['normal', 1, '2kb', 3] }, 'client-output-buffer-limit', 'normal 1 2048 3'],
    [{ notifyKeyspaceEvents: 'KEA' }, 'notify-keyspace-events', 'AKE'],
    [{ maxmemory: undefined }, 'maxmemory', '0'],
  ])('%o', (options, name, text) => {
    expect(shown(options, name)).toContain(text);
  });

  it('find a directory whose name is not ASCII', () => {
    const directory = join(realpathSync(mkdtempSync(join(tmpdir(), 'millrace-'))), '');
    directories.push(directory);
    const inside = mkdtempSync(join(directory, 'größe-'));
    const config = configOf({ dir: inside, logfile: 'ü.log', unixSocket: 'ß.sock' });
    expect(config.string('dir')).toBe(textOf(inside));
    expect(config.file('logfile')).toBe(join(inside, 'ü.log'));
    expect(config.file('unixsocket')).toBe(join(inside, 'ß.sock'));
  });
});

describe('what is wrong is named', () => {
  it.each([
    [{ maxmemroy: 1 }, 'createServer: unknown option maxmemroy; did you mean maxmemory?'],
    [{ unixsockt: 'x' }, /unknown option unixsockt; did you mean (unixSocket|unixsocket)\?/],
    [{ Port: 1 }, 'createServer: unknown option Port; did you mean port?'],
    [{ frobnicate: 1 }, /unknown option frobnicate$/],
    [{ __proto__: null, toString: 1 }, /unknown option toString$/],
    [{ port: 65536 }, 'option port: argument must be between 0 and 65535 inclusive'],
    [{ port: 1.5 }, 'option port: '],
    [{ port: '80a' }, 'option port: '],
    [{ host: 7, bind: 'x' }, 'option host: cannot go with bind'],
    [{ clock: 'wall' }, "option clock: must be 'system' or 'virtual'"],
    [{ seed: 0.5 }, 'option seed: must be an integer'],
    [{ maxmemory: '64 parsecs' }, 'option maxmemory: argument must be a memory value'],
    [{ maxmemory: {} }, 'option maxmemory: not a text, number, boolean or list'],
    [{ maxmemory: null }, 'option maxmemory: not a text'],
    [{ maxmemory: [[{}]] }, 'option maxmemory: not a text'],
    [{ appendonly: 'maybe' }, "option appendonly: argument must be 'yes' or 'no'"],
    [{ daemonize: true }, 'option daemonize is for the program'],
    [{ 'shutdown-on-sigint': 'now' }, 'option shutdown-on-sigint is for the program'],
  ])('%o', (options, message) => {
    expect(() => configOf(untyped(options))).toThrow(TypeError);
    expect(() => configOf(untyped(options))).toThrow(message);
  });

  it('is found by the compiler, too', () => {
    const options: CreateServerOptions[] = [
      { maxmemory: '1gb', appendfsync: 'no', hz: 100, save: '', 'maxmemory-clients': '5%' },
      // @ts-expect-error There is no such directive.
      { maxmemroy: 1 },
      // @ts-expect-error There is no such policy.
      { maxmemoryPolicy: 'random' },
      // @ts-expect-error A switch is no number.
      { appendonly: 1 },
      // @ts-expect-error A server inside another program cannot leave it.
      { daemonize: true },
    ];
    expect(options).toHaveLength(5);
  });
});
