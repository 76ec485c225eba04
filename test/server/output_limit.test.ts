// client-output-buffer-limit, with clients on real sockets that read nothing, or too little.
import { afterEach, describe, expect, it } from 'vitest';
import { RawClient, soon } from '../bridge/socket.ts';
import type { RespClient } from '../support/resp.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let admin: RespClient;
const clients: RawClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  admin.close();
  await server.stop();
});

async function start(limits: string, ...args: string[]): Promise<void> {
  server = await startServer({ args: ['--io-threads', '1', ...args] });
  admin = await server.connect();
  await admin.call('CONFIG', 'SET', 'client-output-buffer-limit', limits);
}

async function join(): Promise<RawClient> {
  const client = await RawClient.open(server.port);
  clients.push(client);
  return client;
}

const info = async (field: string): Promise<string> =>
  new RegExp(`^${field}:(.*)\r$`, 'm').exec(String(await admin.call('INFO', 'everything')))![1]!;

/** A client of that name, which reads nothing from now on. */
async function deaf(name: string): Promise<RawClient> {
  const client = await join();
  expect(await client.ask(`CLIENT SETNAME ${name}\r\n`, 5)).toBe('+OK\r\n');
  client.socket.pause();
  return client;
}

const listed = async (name: string): Promise<string | undefined> =>
  String(await admin.call('CLIENT', 'LIST'))
    .split('\n')
    .find((line) => line.includes(`name=${name} `));

const field = (line: string, name: string): number => Number(new RegExp(` ${name}=(\\d+)`).exec(line)![1]);

const LOG_END = ' scheduled to be closed ASAP for overcoming of output buffer limits.';

describe('a hard limit', () => {
  it.each([1, 2])('lets nothing of a reply through that is longer (io-threads %i)', async (threads) => {
    await start('normal 100000 0 0', '--io-threads', String(threads));
    const item = 'x'.repeat(1000);
    for (let i = 0; i < 150; i++) await admin.call('RPUSH', 'list', item);
    const client = await join();
    await client.ask('CLIENT SETNAME big\r\n', 5);
    client.send('LRANGE list 0 -1\r\n');
    expect((await client.readToEnd()).length).toBe(0);
    await expect.poll(() => info('client_output_buffer_limit_disconnections')).toBe('1');
    await soon(() => server.log).toContain(LOG_END);
    expect(server.log).toMatch(/Client id=\d+ addr=\S+ laddr=\S+ fd=-?\d+ name=big .* cmd=lrange /);
    // One that is shorter comes whole.
    expect((await (await join()).ask('LRANGE list 0 90\r\n', 91 * 1009 + 5)).length).toBe(91 * 1009 + 5);
  });

  it('stops a command that would go on writing for ever', async () => {
    await start('normal 1000000 0 0');
    await admin.call('HSET', 'hash', 'a', 'b');
    await admin.call('SADD', 'set', 'a', 'b', 'c');
    for (const command of ['HRANDFIELD hash -60000000', 'SRANDMEMBER set -60000000']) {
      const client = await join();
      client.send(`${command}\r\n`);
      expect((await client.readToEnd()).length).toBe(0);
    }
    await expect.poll(() => info('client_output_buffer_limit_disconnections')).toBe('2');
    expect(await admin.call('PING')).toBe('PONG');
  });

  it('lets a transaction do all it has to', async () => {
    await start('normal 100000 0 0');
    await admin.call('SET', 'big', 'x'.repeat(60_000));
    const client = await join();
    client.send('MULTI\r\nSET a 1\r\nGET big\r\nGET big\r\nRPUSH l a b\r\nLPOP l 2\r\nSET b 2\r\nEXEC\r\n');
    await client.readToEnd();
    expect(await admin.call('MGET', 'a', 'b')).toEqual(['1', '2']);
    expect(await admin.call('EXISTS', 'l')).toBe(0);
  });

  it('ends a subscriber that reads nothing', async () => {
    await start('pubsub 100000 0 0');
    const client = await deaf('deaf');
    client.send('SUBSCRIBE news\r\n');
    await expect.poll(() => admin.call('PUBSUB', 'NUMSUB', 'news')).toEqual(['news', 1]);
    const message = 'x'.repeat(10_000);
    let most = 0;
    for (let line = await listed('deaf'); line !== undefined; line = await listed('deaf')) {
      most = Math.max(most, field(line, 'omem'));
      expect(field(line, 'tot-mem')).toBeGreaterThanOrEqual(field(line, 'omem'));
      await admin.call('PUBLISH', 'news', message);
    }
    expect(most).toBeGreaterThan(60_000);
    expect(most).toBeLessThanOrEqual(100_000);
    expect(await admin.call('PUBSUB', 'NUMSUB', 'news')).toEqual(['news', 0]);
  });
});

describe('a soft limit', () => {
  it('ends a subscriber once it has been over it for so long, without traffic', async () => {
    await start('pubsub 0 100000 1');
    const client = await deaf('deaf');
    client.send('SUBSCRIBE news\r\n');
    await expect.poll(() => admin.call('PUBSUB', 'NUMSUB', 'news')).toEqual(['news', 1]);
    const message = 'x'.repeat(100_000);
    const held = async () => field((await listed('deaf'))!, 'omem');
    while ((await held()) < 200_000) await admin.call('PUBLISH', 'news', message);
    await expect.poll(() => listed('deaf'), { timeout: 30_000 }).toBeUndefined();
    expect(server.log).toContain(LOG_END);
  });

  it('spares one that comes back below it in time', async () => {
    await start('pubsub 0 100000 3600');
    const client = await deaf('late');
    client.send('SUBSCRIBE news\r\n');
    await expect.poll(() => admin.call('PUBSUB', 'NUMSUB', 'news')).toEqual(['news', 1]);
    let sent = 0;
    while (field((await listed('late'))!, 'omem') < 200_000) {
      await admin.call('PUBLISH', 'news', 'x'.repeat(100_000));
      sent++;
    }
    client.socket.resume();
    const each = '*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$100000\r\n\r\n'.length + 100_000;
    const confirmed = '*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n'.length;
    expect((await client.read(sent * each + confirmed)).length).toBe(sent * each + confirmed);
    const line = (await listed('late'))!;
    expect([field(line, 'oll'), field(line, 'omem')]).toEqual([0, 0]);
  });
});
