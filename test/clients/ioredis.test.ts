// ioredis against a server in the same thread.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis, type RedisOptions, ReplyError } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { createServer, type MillraceServer } from '../../src/server/embed.ts';
import type { CreateServerOptions } from '../../src/server/options.ts';

const servers: MillraceServer[] = [];
const clients: Redis[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options?: CreateServerOptions): Promise<MillraceServer> {
  const server = await createServer(options);
  servers.push(server);
  return server;
}

function connectTo({ port, host }: { port: number; host: string }, options: RedisOptions = {}): Redis {
  const client = new Redis({ port, host, ...options });
  clients.push(client);
  return client;
}

describe.each([2, 3] as const)('RESP%i', (protocol) => {
  const open = async (options: RedisOptions = {}): Promise<Redis> =>
    connectTo(await start(), { protocol, ...options });

  it('is ready once INFO says that nothing is being loaded', async () => {
    const client = await open();
    await once(client, 'ready');
    expect(client.status).toBe('ready');
    expect(await client.info('server')).toMatch(/redis_version:7\.\d+\.\d+\r\n/);
  });

  it('reads and writes', async () => {
    const client = await open({ keyPrefix: 'app:' });
    expect(await client.set('name', 'größe', 'EX', 100, 'NX')).toBe('OK');
    expect(await client.get('name')).toBe('größe');
    expect(await client.getBuffer('name')).toEqual(Buffer.from('größe'));
    expect(await client.set('name', 'x', 'NX')).toBeNull();
    expect(await client.ttl('name')).toBeGreaterThan(90);
    expect(await client.mset({ a: 1, b: 2 })).toBe('OK');
    expect(await client.mget('a', 'b', 'missing')).toEqual(['1', '2', null]);
    expect(await client.incrby('a', 41)).toBe(42);
    expect(Number(await client.incrbyfloat('a', 0.5))).toBe(42.5);
    expect(await client.setbit('bits', 7, 1)).toBe(0);
    expect(await client.bitcount('bits')).toBe(1);
    expect((await client.keys('*')).sort()).toEqual(['app:a', 'app:b', 'app:bits', 'app:name']);
    expect(await client.del('a', 'b', 'missing')).toBe(2);
    await expect(client.incr('name')).rejects.toThrow('ERR value is not an integer or out of range');
    await expect(client.call('nonsense', 'x')).rejects.toThrow(ReplyError);
  });

  it('pipelines', async () => {
    const client = await open();
    const count = 10_000;
    const pipeline = client.pipeline();
    for (let i = 0; i < count; i++) pipeline.set(`key:${i}`, i).get(`key:${i}`);
    pipeline.incr('key:0').getrange('key:1', 'x', 1);
    const replies = (await pipeline.exec())!;
    const [error] = replies.pop()!;
    expect(error).toBeInstanceOf(ReplyError);
    expect(replies.pop()).toEqual([null, 1]);
    const right = ([, reply]: [unknown, unknown], i: number): boolean =>
      reply === (i % 2 === 0 ? 'OK' : String((i - 1) / 2));
    expect([replies.length, replies.every(right)]).toEqual([2 * count, true]);
    expect(await client.dbsize()).toBe(count);
  });

  it('pipelines by itself', async () => {
    const client = await open({ enableAutoPipelining: true });
    const replies = await Promise.all(Array.from({ length: 500 }, (_, i) => client.incr(`n:${i % 5}`)));
    expect(replies.slice(-5)).toEqual([100, 100, 100, 100, 100]);
  });

  it('runs transactions', async () => {
    const client = await open();
    expect(await client.multi().set('a', 1).incr('a').get('a').exec()).toEqual([
      [null, 'OK'],
      [null, 2],
      [null, '2'],
    ]);
    const mixed = await client.multi().set('text', 'x').incr('text').get('text').exec();
    expect(mixed!.map(([error, reply]) => error?.message ?? reply)).toEqual([
      'OK',
      'ERR value is not an integer or out of range',
      'x',
    ]);
    const wrong = client.multi().set('b', 1);
    await expect(wrong.call('nonsense').exec()).rejects.toThrow('EXECABORT');
    expect(await client.exists('b')).toBe(0);
  });

  it('watches keys', async () => {
    const server = await start();
    const [client, other] = [connectTo(server, { protocol }), connectTo(server, { protocol })];
    await client.watch('a');
    await other.set('a', 'theirs');
    expect(await client.multi().set('a', 'ours').exec()).toBeNull();
    await client.watch('a');
    expect(await client.multi().set('a', 'ours').exec()).toEqual([[null, 'OK']]);
    expect(await other.get('a')).toBe('ours');
  });

  it('walks through all keys', async () => {
    const client = await open();
    await client.mset(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key:${i}`, i])));
    const seen = new Set<string>();
    for await (const keys of client.scanStream({ match: 'key:*', count: 100 })) {
      for (const key of keys as string[]) seen.add(key);
    }
    expect(seen.size).toBe(1000);
  });

  it('carries values larger than the buffers between it and the server', async () => {
    const client = await open();
    const value = Buffer.alloc(20_000_000, 'abcdefg');
    await client.set('large', value);
    const copies = await Promise.all([client.getBuffer('large'), client.getBuffer('large')]);
    for (const copy of copies) expect(value.equals(copy!)).toBe(true);
    expect(await client.strlen('large')).toBe(value.length);
  });
});

describe('connections', () => {
  it('log in, choose a database and a name', async () => {
    const server = await start({ requirepass: 'secret' });
    const client = connectTo(server, { password: 'secret', db: 3, connectionName: 'me' });
    await client.set('key', 'value');
    expect(await client.client('GETNAME')).toBe('me');
    expect(await client.info('keyspace')).toContain('db3:keys=1');
    const refused = connectTo(server, { password: 'wrong', retryStrategy: () => null });
    const [error] = await once(refused, 'error');
    expect(error.message).toContain('WRONGPASS');
  });

  it('come through a unix socket', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-'));
    const { unixSocket } = await start({ port: null, unixSocket: join(directory, 's') });
    const client = new Redis(unixSocket);
    clients.push(client);
    expect(await client.ping()).toBe('PONG');
    rmSync(directory, { recursive: true });
  });

  it('come to an IPv6 address, by URL', async () => {
    const client = new Redis((await start({ host: '::1' })).url);
    clients.push(client);
    expect(await client.ping()).toBe('PONG');
  });

  it('come back when the server does, with what was asked for meanwhile', async () => {
    const first = await start();
    const { port, host } = first;
    const client = connectTo({ port, host }, { retryStrategy: () => 10 });
    client.on('error', () => {});
    await client.set('key', 'gone');
    const closed = once(client, 'close');
    await first.close();
    await closed;
    const waiting = client.get('key');
    await start({ port });
    expect(await waiting).toBeNull();
  });

  it('wait for the end of a pause', async () => {
    const server = await start({ clock: 'virtual' });
    const [client, other] = [connectTo(server), connectTo(server)];
    await other.ping();
    await client.call('CLIENT', 'PAUSE', '60000', 'WRITE');
    const written = other.set('a', 1);
    expect(await client.get('a')).toBeNull();
    server.advance(60_000);
    expect(await written).toBe('OK');
  });

  it('are served in turn with everything else that the thread does', async () => {
    const server = await start();
    const all = Array.from({ length: 20 }, () => connectTo(server));
    await Promise.all(
      all.map(async (client, i) => {
        for (let round = 0; round < 50; round++) {
          await client.set(`key:${i}`, `${round}`);
          expect(await client.get(`key:${i}`)).toBe(`${round}`);
        }
      }),
    );
    expect(server.info('clients')).toContain('connected_clients:20');
  });
});
