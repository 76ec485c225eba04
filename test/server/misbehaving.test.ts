// Clients that read nothing, send next to nothing, vanish, or come in crowds: they cost bounded memory, and those who behave
// do not notice.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { RawClient, soon } from '../bridge/socket.ts';
import { RespClient } from '../support/resp.ts';
import { startServer, type TestServer } from '../support/server.ts';

const MB = 1 << 20;

let server: TestServer;
let polite: RespClient;
const crowd: RawClient[] = [];

afterEach(async () => {
  for (const client of crowd.splice(0)) client.destroy();
  polite.close();
  await server.stop();
});

async function start(...args: string[]): Promise<void> {
  server = await startServer({ args });
  polite = await server.connect();
}

async function join(): Promise<RawClient> {
  const client = await RawClient.open(server.port);
  crowd.push(client);
  return client;
}

async function info(field: string): Promise<number> {
  return Number(
    new RegExp(`^${field}:(.*)\r$`, 'm').exec(String(await polite.call('INFO', 'everything')))![1],
  );
}

it.each(['1', '2'])(
  'serves others beside clients that read nothing, within the limit (io-threads %s)',
  async (threads) => {
    const limit = 32 * MB;
    await start('--io-threads', threads, '--maxmemory-clients', String(limit));
    await polite.call('CLIENT', 'NO-EVICT', 'ON');
    await polite.call('SET', 'k', 'v'.repeat(MB));
    const before = await info('used_memory');
    for (let i = 0; i < 60; i++) (await join()).socket.pause();
    let most = 0;
    for (const client of crowd) {
      client.send('GET k\r\n'.repeat(12));
      most = Math.max(most, await info('mem_clients_normal'));
    }
    for (let i = 0; i < 100; i++) {
      most = Math.max(most, await info('mem_clients_normal'));
      expect(await polite.call('PING')).toBe('PONG');
    }
    expect(most).toBeGreaterThan(limit / 2);
    expect(most).toBeLessThan(limit * 1.05 + 4 * MB);
    expect((await info('used_memory')) - before).toBeLessThan(limit * 1.05 + 4 * MB);
    expect(await info('evicted_clients')).toBeGreaterThan(20);
  },
);

it('holds little for clients that send a byte at a time, and serves them in the end', async () => {
  await start();
  for (let i = 0; i < 200; i++) await join();
  const request = '*3\r\n$6\r\nAPPEND\r\n$1\r\nk\r\n$1\r\nx\r\n';
  for (const byte of request.slice(0, -1)) {
    for (const client of crowd) client.send(byte);
    expect(await polite.call('PING')).toBe('PONG');
  }
  await soon(() => crowd.every(({ socket }) => socket.writableLength === 0)).toBe(true);
  expect(await info('mem_clients_normal')).toBeLessThan(200 * 4096);
  expect(await polite.call('EXISTS', 'k')).toBe(0);
  for (const client of crowd) client.send('\n');
  await Promise.all(crowd.map((client) => client.read(4)));
  expect(await polite.call('STRLEN', 'k')).toBe(200);
});

it('forgets clients that connect and vanish, with half a command or none', async () => {
  await start();
  const halves = ['', '*2\r\n', 'SET k', `*2\r\n$100000\r\n${'v'.repeat(50_000)}`, 'PING\r\nPING\r\n'];
  const before = await info('mem_clients_normal');
  for (let round = 0; round < 20; round++) {
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.open(server.port)));
    clients.forEach((client, i) => {
      client.send(halves[i % halves.length]!);
      if (i % 2 === 0) client.socket.resetAndDestroy();
      else client.destroy();
    });
  }
  await expect.poll(() => info('connected_clients'), { timeout: 30_000 }).toBe(1);
  expect(await info('mem_clients_normal')).toBeLessThanOrEqual(before + 4096);
  expect(await polite.call('PING')).toBe('PONG');
});

it('keeps a few places for its unix socket when there are too many clients', async () => {
  await start('--maxclients', '5');
  while (crowd.length < 4) expect(await (await join()).ask('PING\r\n', 7)).toBe('+PONG\r\n');
  const refused = '-ERR max number of clients reached\r\n';
  expect((await (await join()).readToEnd()).toString()).toBe(refused);
  const admins = await Promise.all(
    Array.from({ length: 4 }, () => RespClient.connect({ path: server.socketPath })),
  );
  for (const admin of admins) expect(await admin.call('PING')).toBe('PONG');
  const fifth = await RawClient.open({ path: server.socketPath });
  expect((await fifth.readToEnd()).toString()).toBe(refused);
  expect(await admins[0]!.call('CONFIG', 'SET', 'maxclients', '20')).toBe('OK');
  expect(await (await join()).ask('PING\r\n', 7)).toBe('+PONG\r\n');
  for (const admin of admins) admin.close();
});

it.runIf(process.platform === 'linux')(
  'rests when descriptors are used up, says so once, and goes on later',
  async () => {
    await start('--io-threads', '1');
    const open = readdirSync(`/proc/${server.pid}/fd`).length;
    execFileSync('prlimit', ['--pid', String(server.pid), `--nofile=${open + 10}`]);
    for (let i = 0; i < 30; i++) await join();
    for (const client of crowd) client.send('PING\r\n');
    await expect.poll(() => server.log).toContain('Accepting client connection: ');
    expect(await polite.call('PING')).toBe('PONG');
    const served = () => crowd.filter(({ bytes }) => bytes > 0);
    await soon(() => served().length).toBeGreaterThanOrEqual(8);
    expect(served().length).toBeLessThan(12);
    while (crowd.length > 0) {
      await soon(() => served().length).toBeGreaterThan(0);
      const done = served();
      for (const client of done) {
        expect((await client.read(7)).toString()).toBe('+PONG\r\n');
        client.destroy();
        crowd.splice(crowd.indexOf(client), 1);
      }
    }
    expect(server.log.split('Accepting client connection: ').length).toBe(2);
  },
);
