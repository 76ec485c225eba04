// Connections that nobody knows yet: what they announce, what they do not read and how they vanish costs the server next to
// nothing, and those it knows are served meanwhile.
import { afterEach, expect, it } from 'vitest';
import { RawClient } from '../bridge/socket.ts';
import { RespClient } from '../support/resp.ts';
import { startServer, type TestServer } from '../support/server.ts';

const CROWD = 150;
const CHUNK_BYTES = 64 * 1024;

let server: TestServer;
let friend: RespClient;
const crowd: RawClient[] = [];

afterEach(async () => {
  for (const client of crowd.splice(0)) client.destroy();
  friend.close();
  await server.stop();
});

async function start(password: boolean): Promise<void> {
  server = await startServer({ args: password ? ['--requirepass', 'secret'] : [] });
  friend = await server.connect();
  if (password) expect(await friend.call('AUTH', 'secret')).toBe('OK');
}

async function gather(count: number, bytes = ''): Promise<void> {
  for (const client of await Promise.all(Array.from({ length: count }, () => RawClient.open(server.port)))) {
    client.socket.pause();
    if (bytes !== '') client.send(bytes);
    crowd.push(client);
  }
}

async function info(field: string): Promise<number> {
  return Number(
    new RegExp(`^${field}:(.*)\r$`, 'm').exec(String(await friend.call('INFO', 'everything')))![1],
  );
}

const HEADERS = [
  '*1000000\r\n',
  '*1000000\r\n$3\r\nSET\r\n$1\r\nk\r\n',
  '*2\r\n$3\r\nGET\r\n$500000000\r\n',
  '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nv',
  '*2147483647\r\n$536870912\r\n',
  '*10\r\n$16384\r\nx',
];

it.each([false, true])('reserves no memory for what is only announced (password: %s)', async (password) => {
  await start(password);
  const before = await info('mem_clients_normal');
  const usedBefore = await info('used_memory');
  for (const header of HEADERS) await gather(CROWD / HEADERS.length, header);
  expect(await friend.call('PING')).toBe('PONG');
  await expect.poll(() => info('total_net_input_bytes')).toBeGreaterThan(CROWD);
  expect((await info('mem_clients_normal')) - before).toBeLessThan(CROWD * 4096);
  expect((await info('used_memory')) - usedBefore).toBeLessThan(CROWD * CHUNK_BYTES);
});

it('closes those that read no refusals, when a kilobyte waits for each', async () => {
  await start(true);
  const before = await info('mem_clients_normal');
  // More refusals than the sockets on both sides take.
  await gather(20, 'GET k\r\n'.repeat(400_000));
  let most = 0;
  for (let left = 20; left > 0; left = (await info('connected_clients')) - 1) {
    most = Math.max(most, await info('mem_clients_normal'));
  }
  expect(await info('connected_clients')).toBe(1);
  expect(most - before).toBeLessThan(20 * CHUNK_BYTES);
});

it('goes on accepting when connections are reset before it comes to them', async () => {
  await start(false);
  for (let round = 0; round < 20; round++) {
    const storm = await Promise.all(Array.from({ length: 100 }, () => RawClient.open(server.port)));
    for (const client of storm) client.socket.resetAndDestroy();
    const next = await RespClient.connect({ port: server.port });
    expect(await next.call('ECHO', `after ${round}`)).toBe(`after ${round}`);
    next.close();
  }
  await expect.poll(() => info('connected_clients')).toBe(1);
  expect(await info('total_connections_received')).toBeGreaterThanOrEqual(2000);
});

it.each(['POST / HTTP/1.1', 'GET / HTTP/1.1\r\nAccept: *\r\nHost: here'])(
  "runs nothing of a browser's request: %s",
  async (head) => {
    await start(false);
    const browser = await RawClient.open(server.port);
    crowd.push(browser);
    browser.send(`${head}\r\nContent-Length: 20\r\n\r\nSET sent by-browser\r\n`);
    await browser.closed;
    expect(await friend.call('EXISTS', 'sent')).toBe(0);
    expect(server.log).toContain('Possible SECURITY ATTACK detected.');
  },
);

it('serves others quickly beside many requests that never end', async () => {
  await start(false);
  await gather(600, '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$10\r\nabc');
  const before = await info('mem_clients_normal');
  expect(before).toBeLessThan(600 * 2048);
  for (let i = 0; i < 20; i++) {
    for (const client of crowd) if (i < 6) client.send('d');
    expect(await friend.call('ECHO', `${i}`)).toBe(`${i}`);
  }
  expect(await friend.call('EXISTS', 'k')).toBe(0);
});
