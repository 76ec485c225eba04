// Caches on the client's side, as clients keep them with CLIENT TRACKING, over sockets.
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { BasicClientSideCache, createClient } from 'redis';
import { afterEach, expect, it } from 'vitest';
import { createServer, type MillraceServer } from '../../src/server/embed.ts';

const servers: MillraceServer[] = [];
const ends: (() => void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(): Promise<MillraceServer> {
  const server = await createServer();
  servers.push(server);
  return server;
}

function byIoredis({ port, host }: MillraceServer, protocol: 2 | 3): Redis {
  const client = new Redis({ port, host, protocol });
  ends.push(() => client.disconnect());
  return client;
}

it('keeps the cache of node-redis true', async () => {
  const server = await start();
  const cache = new BasicClientSideCache({ ttl: 0, maxEntries: 0, evictPolicy: 'LRU' });
  const client = createClient({ url: server.url, RESP: 3, clientSideCache: cache });
  ends.push(() => client.isOpen && client.destroy());
  await client.connect();
  const writer = byIoredis(server, 2);
  await writer.mset('a', '1', 'b', '2');
  expect([await client.get('a'), await client.get('a'), await client.get('b')]).toEqual(['1', '1', '2']);
  expect(await client.mGet(['a', 'b'])).toEqual(['1', '2']);
  const { hitCount, missCount } = cache.stats();
  expect([hitCount, missCount]).toEqual([1, 3]);
  const invalidated = once(cache, 'invalidate');
  await writer.set('a', '3');
  expect(String((await invalidated)[0])).toBe('a');
  expect([await client.get('a'), await client.get('b')]).toEqual(['3', '2']);
  expect(cache.stats().hitCount).toBe(2);
  const flushed = once(cache, 'invalidate');
  await writer.flushall();
  expect((await flushed)[0]).toBe(null);
  expect([await client.get('a'), await client.get('b')]).toEqual([null, null]);
});

it('redirects what ioredis tracks to a second connection', async () => {
  const server = await start();
  const [reader, listener, writer] = [byIoredis(server, 2), byIoredis(server, 2), byIoredis(server, 2)];
  const id = await listener.client('ID');
  const heard: unknown[] = [];
  const three = new Promise<void>((resolve) => {
    listener.on('message', (channel, keys) => {
      heard.push([channel, keys]);
      if (heard.length === 3) resolve();
    });
  });
  await listener.subscribe('__redis__:invalidate');
  expect(await reader.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id)).toBe('OK');
  await reader.mget('a', 'b');
  await writer.mset('a', '1', 'b', '1', 'c', '1');
  await writer.flushdb();
  await three;
  // ioredis makes a text of whatever the message is.
  const channel = '__redis__:invalidate';
  expect(heard).toEqual([
    [channel, 'a'],
    [channel, 'b'],
    [channel, ''],
  ]);
});
