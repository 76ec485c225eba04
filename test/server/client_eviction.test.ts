// maxmemory-clients, with clients on real sockets whose memory is their requests, replies and transactions.
import { afterEach, describe, expect, it } from 'vitest';
import { RawClient } from '../bridge/socket.ts';
import type { RespClient } from '../support/resp.ts';
import { startServer, type TestServer } from '../support/server.ts';

const MB = 1 << 20;

let server: TestServer;
let admin: RespClient;
const clients: RawClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  admin.close();
  await server.stop();
});

async function start(...args: string[]): Promise<void> {
  server = await startServer({ args });
  admin = await server.connect();
  await admin.call('CLIENT', 'NO-EVICT', 'ON');
}

const limitTo = (bytes: number | string) => admin.call('CONFIG', 'SET', 'maxmemory-clients', String(bytes));

async function named(name: string): Promise<RawClient> {
  const client = await RawClient.open(server.port);
  clients.push(client);
  await client.ask(`CLIENT SETNAME ${name}\r\n`, 5);
  return client;
}

/** A client with an unfinished request of this size. */
async function halfRequest(name: string, bytes: number, before = ''): Promise<RawClient> {
  const client = await named(name);
  if (before !== '') await client.ask(before, 5);
  client.send(`*2\r\n$${bytes}\r\n${'v'.repeat(bytes)}`);
  await expect.poll(() => field(name, 'qbuf'), { timeout: 20_000 }).toBe(bytes);
  return client;
}

const list = async () => String(await admin.call('CLIENT', 'LIST'));
const names = async () => [...(await list()).matchAll(/ name=(\w+) /g)].map(([, name]) => name);

async function field(name: string, of: string): Promise<number> {
  const line = (await list()).split('\n').find((one) => one.includes(` name=${name} `));
  return Number(new RegExp(` ${of}=(\\d+)`).exec(line ?? '')?.[1] ?? Number.NaN);
}

async function info(of: string): Promise<number> {
  return Number(new RegExp(`^${of}:(.*)\r$`, 'm').exec(String(await admin.call('INFO', 'everything')))![1]);
}

describe.each(['1', '2'])('with io-threads %s', (threads) => {
  it('closes the largest first, and no more than it must', async () => {
    await start('--io-threads', threads);
    for (const [name, bytes] of [
      ['small', 200_000],
      ['large', 3 * MB],
      ['middle', MB],
    ] as const) {
      await halfRequest(name, bytes);
    }
    expect(await info('mem_clients_normal')).toBeGreaterThan(4 * MB);
    await limitTo(2 * MB);
    await expect.poll(names).toEqual(['small', 'middle']);
    await limitTo(MB);
    await expect.poll(names).toEqual(['small']);
    expect(await info('evicted_clients')).toBe(2);
    expect(server.log).toMatch(/\* Evicting client: id=\d+ .* name=large /);
    await admin.call('CONFIG', 'RESETSTAT');
    expect(await info('evicted_clients')).toBe(0);
  });

  it('closes a client whose request never ends, though nobody sends a command', async () => {
    await start('--io-threads', threads, '--maxmemory-clients', '1mb');
    const client = await named('endless');
    client.send(`*2\r\n$${64 * MB}\r\n${'v'.repeat(2 * MB)}`);
    await client.closed;
  });
});

it('counts transactions, watched keys and subscriptions', async () => {
  await start('--maxmemory-clients', '200000');
  const value = 'v'.repeat(50_000);
  const set = `SET k ${value}\r\n`;
  const watch = Array.from({ length: 4000 }, (_, i) => `WATCH k${i}\r\n`).join('');
  const subscribe = Array.from({ length: 4000 }, (_, i) => `SUBSCRIBE c${i}\r\n`).join('');
  for (const request of [`MULTI\r\n${set.repeat(5)}`, watch, subscribe]) {
    const client = await named('greedy');
    client.send(request);
    await client.closed;
  }
  expect(await info('evicted_clients')).toBe(3);
  expect(await admin.call('PUBSUB', 'CHANNELS')).toEqual([]);
});

it('closes a client rather than run its much too large request', async () => {
  await start('--maxmemory-clients', '1mb');
  const client = await named('huge');
  client.send(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${2 * MB}\r\n${'v'.repeat(2 * MB)}\r\n`);
  await client.closed;
  expect(await admin.call('EXISTS', 'k')).toBe(0);
});

it('closes clients that do not read their replies', async () => {
  await start('--maxmemory-clients', '3mb');
  await admin.call('SET', 'k', 'v'.repeat(MB));
  const client = await named('deaf');
  client.socket.pause();
  for (let round = 0; round < 200 && (await names()).includes('deaf'); round++) {
    expect(await field('deaf', 'tot-mem')).not.toBeGreaterThan(3 * MB);
    client.send('GET k\r\n');
  }
  expect(await names()).toEqual([]);
});

it('spares whom NO-EVICT protects', async () => {
  await start();
  const safe = await halfRequest('safe', 2 * MB, 'CLIENT NO-EVICT ON\r\n');
  await limitTo(MB);
  const other = await RawClient.open(server.port);
  other.send('PING\r\n');
  await other.closed;
  expect(await names()).toEqual(['safe']);
  expect(safe.socket.destroyed).toBe(false);
});

it('takes a percentage of maxmemory for its limit, and no limit is below 128 KB', async () => {
  await start('--maxmemory', '10mb', '--maxmemory-clients', '10%', '--enable-debug-command', 'yes');
  await halfRequest('fits', 900_000);
  (await named('too')).send(`*2\r\n$900000\r\n${'v'.repeat(900_000)}`);
  await expect.poll(() => info('evicted_clients')).toBe(1);
  await admin.call('CONFIG', 'SET', 'maxmemory', '0');
  await limitTo(1);
  const client = await named('tiny');
  expect(await client.ask('PING\r\n', 7)).toBe('+PONG\r\n');
  expect(String(await admin.call('DEBUG', 'CLIENT-EVICTION'))).toMatch(
    /^up to 65536: 1 clients, \d+ bytes\n$/,
  );
});
