import { describe, expect, it } from 'vitest';
import { plain, runLines } from '../commands/string_support.ts';
import { Engine } from '../support/engine.ts';
import { ReplyError } from '../support/resp.ts';
import { startServer } from '../support/server.ts';

function nativeSettings(engine: Engine, ...names: string[]): unknown[] {
  return names.map((name) => engine.reactor.settings.get(name));
}

describe('settings of the native side', () => {
  it('are in force from the start', () => {
    const engine = new Engine({
      config: { maxclients: '77', timeout: '5', 'client-output-buffer-limit': 'pubsub 9 8 7' },
    });
    expect(nativeSettings(engine, 'maxclients', 'timeout', 'tcp-keepalive', 'proto-max-bulk-len')).toEqual([
      77, 5, 300, 536870912,
    ]);
    expect(
      nativeSettings(engine, 'obuf-pubsub-hard', 'obuf-pubsub-soft', 'obuf-pubsub-soft-seconds'),
    ).toEqual([9, 8, 7]);
    expect(nativeSettings(engine, 'obuf-normal-hard', 'auth-required', 'protected')).toEqual([0, 0, 1]);
  });

  it('take limits as large as Redis does', async () => {
    const server = await startServer();
    const client = await server.connect();
    const largest = String(2n ** 63n - 1n);
    for (const name of ['proto-max-bulk-len', 'client-query-buffer-limit']) {
      expect(await client.call('CONFIG', 'SET', name, largest)).toBe('OK');
      expect(await client.call('CONFIG', 'GET', name)).toEqual([name, largest]);
    }
    const limits = `normal ${largest} ${largest} 0`;
    expect(await client.call('CONFIG', 'SET', 'client-output-buffer-limit', limits)).toBe('OK');
    expect(await client.call('SET', 'k', 'v')).toBe('OK');
    await server.stop();
  });

  it('follow CONFIG SET, and go back when another setting cannot follow', () => {
    const engine = new Engine();
    engine.server.config.onChange('hz', () => 'not today');
    runLines(engine, 'CONFIG SET timeout 9 maxclients 50 client-query-buffer-limit 2mb');
    expect(plain(engine.run(['CONFIG', 'SET', 'client-output-buffer-limit', 'normal 3 2 1']))).toBe('OK');
    expect(nativeSettings(engine, 'timeout', 'maxclients', 'client-query-buffer-limit')).toEqual([
      9, 50, 2097152,
    ]);
    expect(
      nativeSettings(engine, 'obuf-normal-hard', 'obuf-normal-soft', 'obuf-normal-soft-seconds'),
    ).toEqual([3, 2, 1]);
    expect(plain(engine.line('CONFIG SET timeout 10 hz 50'))).toMatch(/'hz'\) - not today$/);
    expect(nativeSettings(engine, 'timeout')).toEqual([9]);
    expect(engine.server.config.number('timeout')).toBe(9);
  });

  it('does not promise more clients than there are descriptors', () => {
    const engine = new Engine();
    const reply = engine.line('CONFIG SET maxclients 4000000000');
    if (reply instanceof ReplyError) {
      expect(reply.text).toMatch(
        /^ERR CONFIG SET failed .* - The operating system is not able to handle .*, try with \d+$/,
      );
      expect(nativeSettings(engine, 'maxclients')).toEqual([10000]);
    } else {
      expect(nativeSettings(engine, 'maxclients')).toEqual([4000000000]);
    }
  });
});

describe('passwords', () => {
  it('ask new connections, leave old ones alone, and end protected mode', () => {
    const engine = new Engine();
    runLines(engine, 'PING', 'CONFIG SET requirepass secret');
    expect(nativeSettings(engine, 'auth-required', 'protected')).toEqual([1, 0]);
    expect(runLines(engine, 'GET a')).toEqual([null]);
    expect(plain(engine.line('GET a', 1))).toBe('-NOAUTH Authentication required.');
    expect(plain(engine.line('AUTH secret', 1))).toBe('OK');
    expect(plain(engine.line('GET a', 1))).toBe(null);
    expect(plain(engine.line('PING', 2))).toBe('-NOAUTH Authentication required.');
    runLines(engine, 'CONFIG SET requirepass ');
    expect(nativeSettings(engine, 'auth-required', 'protected')).toEqual([0, 1]);
    expect(plain(engine.line('PING', 2))).toBe('PONG');
    runLines(engine, 'CONFIG SET protected-mode no');
    expect(nativeSettings(engine, 'protected')).toEqual([0]);
  });
});

describe('other settings', () => {
  it('change the access clock with the policy', () => {
    const engine = new Engine();
    runLines(engine, 'CONFIG SET maxmemory-policy allkeys-lfu lfu-log-factor 3 lfu-decay-time 0');
    const { keyspace } = engine.server;
    expect([keyspace.lfu, keyspace.lfuLogFactor, keyspace.lfuDecayMinutes]).toEqual([true, 3, 0]);
    expect(runLines(engine, 'SET a b', 'OBJECT FREQ a')).toEqual(['OK', 5]);
    runLines(engine, 'CONFIG SET maxmemory-policy allkeys-lru');
    expect(keyspace.lfu).toBe(false);
  });

  it('change the log', () => {
    const engine = new Engine();
    runLines(
      engine,
      'CONFIG SET loglevel nothing',
      'DEBUG LOG unheard',
      'CONFIG SET loglevel debug log-format json',
    );
    runLines(engine, 'DEBUG LOG heard');
    expect(engine.log.map((line) => JSON.parse(line).message)).toEqual(['DEBUG LOG: heard']);
  });
});
