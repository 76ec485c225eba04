// node-redis against a server in the same thread.
import { createClient, createClientPool, ErrorReply, WatchError } from 'redis';
import { afterEach, describe, expect, it } from 'vitest';
import { createServer, type MillraceServer } from '../../src/server/embed.ts';
import type { CreateServerOptions } from '../../src/server/options.ts';

const servers: MillraceServer[] = [];
const clients: { destroy(): void; isOpen: boolean }[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) if (client.isOpen) client.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options?: CreateServerOptions): Promise<MillraceServer> {
  const server = await createServer(options);
  servers.push(server);
  return server;
}

async function connectTo<const RESP extends 2 | 3>({ url }: { url: string }, RESP: RESP) {
  const client = createClient({ url, RESP });
  clients.push(client);
  await client.connect();
  return client;
}

describe.each([2, 3] as const)('RESP%i', (RESP) => {
  it('reads and writes', async () => {
    const client = await connectTo(await start(), RESP);
    expect(await client.set('name', 'größe', { EX: 100 })).toBe('OK');
    expect(await client.get('name')).toBe('größe');
    expect(await client.set('name', 'x', { NX: true })).toBeNull();
    expect(await client.get('missing')).toBeNull();
    expect(await client.mSet({ a: '1', b: '2' })).toBe('OK');
    expect(await client.mGet(['a', 'b', 'c'])).toEqual(['1', '2', null]);
    expect(await client.incrBy('a', 41)).toBe(42);
    expect(await client.getEx('a', { type: 'PX', value: 5000 })).toBe('42');
    expect(await client.pTTL('a')).toBeGreaterThan(1000);
    expect(await client.persist('a')).toBe(1);
    expect(await client.type('a')).toBe('string');
    expect(await client.del(['a', 'b', 'c'])).toBe(2);
    expect(await client.configGet('maxmemory')).toEqual({ maxmemory: '0' });
    await expect(client.incr('name')).rejects.toThrow(ErrorReply);
    await expect(client.sendCommand(['nonsense'])).rejects.toThrow("ERR unknown command 'nonsense'");
  });

  it('sends what is asked for in one turn at once', async () => {
    const client = await connectTo(await start(), RESP);
    const replies = await Promise.all(Array.from({ length: 5000 }, () => client.incr('n')));
    expect(replies).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1));
  });

  it('runs transactions', async () => {
    const client = await connectTo(await start(), RESP);
    expect(await client.multi().set('a', '1').incr('a').get('a').exec()).toEqual(['OK', 2, '2']);
    await expect(client.multi().set('t', 'x').incr('t').exec()).rejects.toThrow('1 commands failed');
    const wrong = client.multi().set('b', '1').addCommand(['nonsense']);
    await expect(wrong.exec()).rejects.toThrow("ERR unknown command 'nonsense'");
    expect(await client.exists('b')).toBe(0);
  });

  it('watches keys', async () => {
    const server = await start();
    const [client, other] = [await connectTo(server, RESP), await connectTo(server, RESP)];
    await client.watch('a');
    await other.set('a', 'theirs');
    await expect(client.multi().set('a', 'ours').exec()).rejects.toThrow(WatchError);
    await client.watch('a');
    expect(await client.multi().set('a', 'ours').exec()).toEqual(['OK']);
  });

  it('walks through all keys', async () => {
    const client = await connectTo(await start(), RESP);
    for (let i = 0; i < 300; i++) void client.set(`key:${i}`, `${i}`);
    const seen = new Set<string>();
    for await (const keys of client.scanIterator({ COUNT: 50 })) for (const key of keys) seen.add(key);
    expect(seen.size).toBe(300);
  });

  it('comes back when the server does', async () => {
    const first = await start();
    const { port } = first;
    const socket = { port, reconnectStrategy: () => 10 };
    const client = createClient({ socket, RESP });
    clients.push(client);
    client.on('error', () => {});
    await client.connect();
    await client.set('key', 'gone');
    const reconnecting = new Promise((resolve) => client.once('reconnecting', resolve));
    await first.close();
    await reconnecting;
    const waiting = client.get('key');
    await start({ port });
    expect(await waiting).toBeNull();
  });
});

describe('connections', () => {
  it('log in, choose a database and a name by URL and options', async () => {
    const { host, port } = await start({ requirepass: 'secret' });
    const client = createClient({ url: `redis://default:secret@${host}:${port}/5`, name: 'me' });
    clients.push(client);
    await client.connect();
    await client.set('key', 'value');
    expect(await client.clientGetName()).toBe('me');
    expect(await client.info('keyspace')).toContain('db5:keys=1');
    const info = await client.clientInfo();
    expect([info.db, info.name, info.libName]).toEqual([5, 'me', 'node-redis']);
    const url = `redis://:wrong@${host}:${port}`;
    const refused = createClient({ url, socket: { reconnectStrategy: false } });
    refused.on('error', () => {});
    await expect(refused.connect()).rejects.toThrow('WRONGPASS');
  });

  it('speak IPv6', async () => {
    const { host, port } = await start({ host: '::1' });
    const client = createClient({ socket: { host, port } });
    clients.push(client);
    await client.connect();
    expect(await client.ping()).toBe('PONG');
  });

  it('come from a pool', async () => {
    const { url } = await start();
    const pool = createClientPool({ url }, { minimum: 2, maximum: 4 });
    await pool.connect();
    const replies = await Promise.all(Array.from({ length: 100 }, () => pool.incr('n')));
    expect(replies.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    await pool.close();
  });

  it('speak through the callbacks of old', async () => {
    const client = await connectTo(await start(), 2);
    const legacy = client.legacy();
    const reply = (...words: string[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        legacy.sendCommand(words, (error, value) => (error ? reject(error) : resolve(value)));
      });
    expect(await reply('SET', 'a', '1')).toBe('OK');
    expect(await reply('INCR', 'a')).toBe(2);
    await expect(reply('SET', 'a')).rejects.toThrow("wrong number of arguments for 'set' command");
  });
});
