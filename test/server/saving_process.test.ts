import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createServer } from '../../src/server/embed.ts';
import { RespClient } from '../support/resp.ts';
import { freePort, startServer, TestServer } from '../support/server.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-saving-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const DEBUG = ['--enable-debug-command', 'yes'];

it('keeps the old file when the process is killed during a save', async () => {
  await using server = await startServer({ args: [...DEBUG, '--dir', dir] });
  const client = await server.connect();
  await client.call('SET', 'a', 'old');
  expect(await client.call('SAVE')).toBe('OK');
  const before = readFileSync(join(dir, 'dump.rdb'));
  await client.call('DEBUG', 'POPULATE', '100000');
  await client.call('CONFIG', 'SET', 'rdb-key-save-delay', '10');
  expect(await client.call('BGSAVE')).toBe('Background saving started');
  await expect.poll(async () => await client.call('INFO', 'persistence')).toMatch(/processed:[1-9]/);
  process.kill(server.pid, 'SIGKILL');
  await server.exited();
  expect(readFileSync(join(dir, 'dump.rdb'))).toEqual(before);
  expect(readdirSync(dir).filter((name) => name.startsWith('temp-'))).toHaveLength(1);
  await using again = await startServer({ args: ['--dir', dir] });
  expect(await (await again.connect()).call('GET', 'a')).toBe('old');
});

it('saves when it is told to end, and tells clients to wait while it loads', async () => {
  await using server = await startServer({ args: [...DEBUG, '--dir', dir, '--save', '3600 1'] });
  const client = await server.connect();
  await client.call('DEBUG', 'POPULATE', '20000');
  await client.call('SET', 'a', 'kept');
  await client.call('CONFIG', 'SET', 'rdb-key-save-delay', '1000000');
  await client.call('BGSAVE');
  process.kill(server.pid, 'SIGTERM');
  await server.exited();
  expect([server.exitCode, readdirSync(dir)]).toEqual([0, ['dump.rdb']]);
  expect(server.log).toMatch(
    /Killing it!.*Saving the final RDB snapshot before exiting\..*DB saved on disk/s,
  );

  const args = ['--dir', dir, '--key-load-delay', '100', '--enable-protected-configs', 'yes'];
  await using again = new TestServer(
    'millrace',
    await freePort(),
    mkdtempSync(join(tmpdir(), 'millrace-')),
    args,
  );
  const asks = await connected(again);
  expect((await asks.raw('GET', 'a')).toString()).toBe('-LOADING Redis is loading the dataset in memory\r\n');
  expect(await asks.call('INFO', 'persistence')).toMatch(
    /loading:1\r.*loading_start_time:\d+\r\nloading_total_bytes:\d+\r\n.*\r\nloading_loaded_bytes:\d+\r\nloading_loaded_perc:/s,
  );
  expect((await asks.raw('CONFIG', 'SET', 'dir', '/tmp')).toString()).toContain('-LOADING');
  await asks.call('CONFIG', 'SET', 'key-load-delay', '0');
  await expect.poll(async () => (await asks.raw('GET', 'a')).toString()).toBe('$4\r\nkept\r\n');
  expect(again.log).toContain('Done loading RDB, keys loaded: 20001, keys expired: 0.');
});

it('does not start with a file that is broken', async () => {
  await using server = await startServer({ args: ['--dir', dir] });
  const client = await server.connect();
  await client.call('SET', 'a', 'b');
  await client.call('SAVE');
  const bytes = readFileSync(join(dir, 'dump.rdb'));
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(join(dir, 'dump.rdb'), bytes);
  const other = mkdtempSync(join(tmpdir(), 'millrace-'));
  await using broken = new TestServer('millrace', await freePort(), other, ['--dir', dir]);
  await broken.exited();
  expect(broken.exitCode).toBe(1);
  expect(broken.log).toMatch(/RDB CRC error.*Fatal error loading the DB, check server logs\. Exiting\./s);
});

it('is what an embedded server does when it has save points', async () => {
  for (const count of [1, 2]) {
    await using server = await createServer({ dir, save: '3600 1' });
    const client = await RespClient.connect({ port: server.port });
    expect(await client.call('INCR', 'n')).toBe(count);
    client.close();
  }
  await using plain = await createServer({ dir });
  const client = await RespClient.connect({ port: plain.port });
  expect(await client.call('DBSIZE')).toBe(0);
  client.close();
});

/** A connection to a server that is just starting. */
async function connected(server: TestServer): Promise<RespClient> {
  for (;;) {
    try {
      return await server.connect();
    } catch {
      await sleep(10);
    }
  }
}
