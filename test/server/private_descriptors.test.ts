// io-threads-private-descriptors: sockets that the process's own table never sees, and what follows for closing.
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { loadBinding } from '../../src/bridge/binding.ts';
import { RespClient } from '../support/resp.ts';
import { freePort, startServer, type TestServer } from '../support/server.ts';

const THREADS = 4;
const CLIENTS = 40;
const allowed = loadBinding().hasPrivateFiles();

let server: TestServer;
const clients: RespClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server?.stop();
});

async function start(...args: string[]): Promise<void> {
  const switches = ['--io-threads', String(THREADS), '--io-threads-private-descriptors', 'yes'];
  server = await startServer({ args: [...switches, ...args] });
}

async function join(count: number): Promise<void> {
  for (let i = 0; i < count; i++) clients.push(await server.connect());
}

/** What each thread of the server has open, by thread. */
function descriptors(): string[][] {
  const tasks = `/proc/${server.pid}/task`;
  const listed = (task: string) => {
    const names = readdirSync(`${tasks}/${task}/fd`);
    return names.flatMap((fd) => {
      try {
        return [readlinkSync(`${tasks}/${task}/fd/${fd}`)];
      } catch {
        return []; // closed meanwhile
      }
    });
  };
  return readdirSync(tasks).map(listed);
}

const sockets = (files: readonly string[]): number =>
  files.filter((file) => file.startsWith('socket:')).length;

/** Asks until `met` says yes. */
async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await met())) await sleep(10);
}

describe.skipIf(!allowed)('private descriptors', () => {
  it('spread connections over the tables of the I/O threads, none in the one of the process', async () => {
    await start();
    const before = sockets(descriptors()[0]!);
    await join(CLIENTS);
    for (const [i, client] of clients.entries())
      expect(await client.call('ECHO', `mine-${i}`)).toBe(`mine-${i}`);
    const [main, ...others] = descriptors();
    expect(sockets(main!)).toBe(before);
    const own = others.map(sockets).filter((count) => count !== before);
    expect(own).toHaveLength(THREADS);
    // With the standard ones and a channel each; the first has the listeners and the channels to the others besides.
    const [first, ...rest] = own.sort((a, b) => b - a);
    for (const count of rest) expect(Math.abs(count - CLIENTS / THREADS - 2)).toBeLessThanOrEqual(2);
    expect(first).toBeLessThan(CLIENTS / THREADS + 2 * THREADS + 6);
    const list = String(await clients[0]!.call('CLIENT', 'LIST'));
    expect(new Set(list.match(/ fd=\d+/g)).size).toBeLessThan(CLIENTS);
  });

  it('do not keep what the process closes, nor connections that left', async () => {
    await start();
    await join(CLIENTS);
    const full = descriptors().map(sockets);
    for (const client of clients.splice(1)) client.close();
    const clean = () =>
      clients[0]!.call('INFO', 'clients').then((info) => /connected_clients:1\r/.test(String(info)));
    await until(clean);
    const left = descriptors().map(sockets);
    expect(full.reduce((a, b) => a + b) - left.reduce((a, b) => a + b)).toBe(CLIENTS - 1);
    const files = descriptors()
      .slice(1)
      .flat()
      .filter((file) => file.startsWith('/') && !file.startsWith('/dev/'));
    const shared = descriptors()[0]!.filter((file) => file.startsWith('/') && !file.startsWith('/dev/'));
    // Threads that are not ours share the process's table; ours have no file of it.
    expect(files.every((file) => shared.includes(file))).toBe(true);
  });

  it('close listeners everywhere when the port moves, and all when the server ends', async () => {
    await start();
    await join(1);
    const port = await freePort();
    expect(await clients[0]!.call('CONFIG', 'SET', 'port', port)).toBe('OK');
    await expect(server.connect()).rejects.toThrow('ECONNREFUSED');
    const moved = await RespClient.connect({ port });
    expect(await moved.call('PING')).toBe('PONG');
    const local = await RespClient.connect({ path: server.socketPath });
    expect(await local.call('PING')).toBe('PONG');
    await server.stop();
    expect(server.exitCode).toBe(0);
    expect(existsSync(server.socketPath)).toBe(false);
    await expect(RespClient.connect({ port })).rejects.toThrow('ECONNREFUSED');
    moved.close();
    local.close();
  });

  it('leave room for more clients than the process may have descriptors', async () => {
    await start('--maxclients', '50000');
    await join(1);
    const [, most] = (await clients[0]!.call('CONFIG', 'GET', 'maxclients')) as string[];
    expect(server.log).not.toContain('maxclients has been reduced');
    expect(most).toBe('50000');
  });

  it('wake the execution thread while it sleeps, again and again', async () => {
    await start();
    await join(2 * THREADS);
    for (let round = 0; round < 30; round++) {
      const client = clients[round % clients.length]!;
      expect(await client.call('INCR', 'rounds')).toBe(round + 1);
      await sleep(round % 3);
    }
  });
});

it('have no effect without I/O threads, and the log says so', async () => {
  server = await startServer({ args: ['--io-threads-private-descriptors', 'yes'] });
  expect(server.log).toContain('io-threads-private-descriptors has no effect: there are no I/O threads.');
  await join(1);
  expect(await clients[0]!.call('CONFIG', 'GET', 'io-threads-private-descriptors')).toEqual([
    'io-threads-private-descriptors',
    'no',
  ]);
});
