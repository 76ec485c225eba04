import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createServer, type MillraceServer } from '../../src/server/embed.ts';
import type { CreateServerOptions } from '../../src/server/options.ts';
import { ReplyError, RespClient } from '../support/resp.ts';

const servers: MillraceServer[] = [];
const clients: RespClient[] = [];
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options?: CreateServerOptions): Promise<MillraceServer> {
  const server = await createServer(options);
  servers.push(server);
  return server;
}

async function clientOf(server: MillraceServer): Promise<RespClient> {
  const { port, host, unixSocket } = server;
  const client = await RespClient.connect(port === 0 ? { path: unixSocket } : { port, host });
  clients.push(client);
  return client;
}

/** Starts a server and connects to it. */
async function serve(options?: CreateServerOptions): Promise<{ server: MillraceServer; client: RespClient }> {
  const server = await start(options);
  return { server, client: await clientOf(server) };
}

describe('where it listens', () => {
  it('is a free port of the loopback address by default', async () => {
    const { server, client } = await serve();
    expect(server.port).toBeGreaterThan(0);
    expect([server.host, server.unixSocket]).toEqual(['127.0.0.1', '']);
    expect(server.url).toBe(`redis://127.0.0.1:${server.port}`);
    expect(await client.call('CONFIG', 'GET', 'port')).toEqual(['port', String(server.port)]);
  });

  it('is the port that was asked for', async () => {
    const first = await start();
    const { port } = first;
    await first.close();
    const { server } = await serve({ port });
    expect(server.port).toBe(port);
  });

  it('is an IPv6 address', async () => {
    const { server, client } = await serve({ host: '::1' });
    expect(server.url).toBe(`redis://[::1]:${server.port}`);
    expect(await client.call('PING')).toBe('PONG');
  });

  it('are several addresses, and a name', async () => {
    const server = await start({ bind: ['127.0.0.1', '::1'] });
    for (const host of ['127.0.0.1', '::1']) {
      const client = await RespClient.connect({ host, port: server.port });
      clients.push(client);
      expect(await client.call('PING')).toBe('PONG');
    }
    expect((await start({ host: 'localhost' })).url).toMatch(/^redis:\/\/localhost:\d+$/);
  });

  it('is a unix socket alone', async () => {
    const path = join(directory, 'größe.sock');
    const { server, client } = await serve({ port: null, unixSocket: path, unixsocketperm: 600 });
    expect([server.port, server.unixSocket, server.url]).toEqual([0, path, `unix:${path}`]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const shown = Buffer.from(path).toString('latin1');
    expect(await client.call('CLIENT', 'LIST')).toContain(` addr=${shown}:0 laddr=${shown}:0 `);
    expect(await client.call('INFO', 'server')).toContain(`listener0:name=unix,bind=${shown}\r\n`);
    expect(server.info('server')).toContain(`listener0:name=unix,bind=${path}\r\n`);
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  it('is a port and a unix socket, whose path belongs to `dir`', async () => {
    const server = await start({ dir: directory, unixSocket: 'both.sock' });
    expect(server.unixSocket).toBe(join(directory, 'both.sock'));
    for (const address of [{ port: server.port }, { path: server.unixSocket }]) {
      const client = await RespClient.connect(address);
      clients.push(client);
      expect(await client.call('PING')).toBe('PONG');
    }
  });

  it('moves with CONFIG SET port', async () => {
    const { server, client } = await serve();
    // A port that was free a moment ago may be another program's by now.
    let port = 0;
    await vi.waitFor(async () => {
      const other = await start();
      port = other.port;
      await other.close();
      expect(await client.call('CONFIG', 'SET', 'port', port)).toBe('OK');
    }, 60_000);
    expect(server.port).toBe(port);
    expect(await (await clientOf(server)).call('PING')).toBe('PONG');
  });
});

describe('what stands in the way', () => {
  it('is another server on the port', async () => {
    const { port } = await start();
    await expect(createServer({ port })).rejects.toMatchObject({
      name: 'ListenError',
      code: 'EADDRINUSE',
      message: `cannot listen on 127.0.0.1:${port}: Address already in use`,
    });
  });

  it('is an address of another machine', async () => {
    await expect(createServer({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  it('is a directory that does not exist', async () => {
    const unixSocket = join(directory, 'missing', 'socket');
    await expect(createServer({ unixSocket })).rejects.toMatchObject({ code: 'ENOENT' });
    const message = 'configured to listen neither on a port nor on a unix socket';
    await expect(createServer({ port: null })).rejects.toThrow(message);
  });

  it('is a wrong option', async () => {
    const options = { maxmemroy: 1 } as CreateServerOptions;
    await expect(createServer(options)).rejects.toThrow('did you mean maxmemory?');
  });
});

describe('the end', () => {
  it('closes connections, tells listeners once, and may be asked for twice', async () => {
    const { server, client } = await serve();
    await client.call('SET', 'key', 'v'.repeat(100_000));
    let ends = 0;
    server.on('close', () => ends++);
    const { port } = server;
    await Promise.all([server.close(), server.close(), server[Symbol.asyncDispose]()]);
    await server.close();
    expect(ends).toBe(1);
    await client.finish();
    await expect(RespClient.connect({ port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(() => server.info()).toThrow('the server is closed');
    expect(() => server.advance(1)).toThrow('the server is closed');
    expect(server.port).toBe(port);
  });

  it('sends what was answered before', async () => {
    const { server, client } = await serve();
    client.write('SET a 1\r\nGET a\r\nSHUTDOWN\r\n');
    await once(server, 'close');
    expect((await client.finish()).toString()).toBe('+OK\r\n$1\r\n1\r\n');
  });

  it.each([1, 2, 4])('comes by SHUTDOWN, with %i I/O threads', async (ioThreads) => {
    const { server, client } = await serve({ ioThreads });
    const lines: string[] = [];
    server.on('log', (line) => lines.push(line));
    const closed = once(server, 'close');
    client.write('SHUTDOWN NOSAVE\r\n');
    await closed;
    expect((await client.finish()).toString()).toBe('');
    expect(lines.map((line) => line.replace(/^.* [#*] /, ''))).toEqual([
      'User requested shutdown...',
      'Redis is now ready to exit, bye bye...',
    ]);
    await server.close();
  });

  it('comes while clients send all they can', async () => {
    for (const ioThreads of [1, 2]) {
      const server = await start({ ioThreads });
      const sockets = Array.from({ length: 4 }, () => connect(server.port, '127.0.0.1'));
      const burst = 'SET key value\r\nGET key\r\n'.repeat(5000);
      for (const socket of sockets) {
        const write = (): void => {
          while (!socket.destroyed && socket.write(burst));
        };
        socket.on('drain', write).on('connect', write);
        socket.on('error', () => {});
      }
      const ends = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      await Promise.all(sockets.map((socket) => once(socket, 'data')));
      await server.close();
      await Promise.all(ends);
    }
  });

  it('comes with the block that `await using` names', async () => {
    let port = 0;
    {
      await using server = await createServer();
      port = server.port;
      const client = await clientOf(server);
      expect(await client.call('PING')).toBe('PONG');
    }
    await expect(RespClient.connect({ port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('may be asked for by a listener of the log', async () => {
    const { server, client } = await serve({ enableDebugCommand: 'yes' });
    server.on('log', () => void server.close());
    const closed = once(server, 'close');
    client.write('DEBUG LOG hello\r\n');
    await closed;
  });

  it('comes by a crash of the server, and leaves the program alone', async () => {
    const { server, client } = await serve({ enableDebugCommand: 'yes' });
    const lines: string[] = [];
    server.on('log', (line) => lines.push(line));
    const closed = once(server, 'close');
    client.write('DEBUG PANIC\r\n');
    await closed;
    expect(lines.join('\n')).toContain('CRASH REPORT');
  });
});

describe('servers of one process', () => {
  it('share nothing', async () => {
    const all = await Promise.all([1, 2, 1, 2].map((ioThreads) => serve({ ioThreads })));
    for (const [i, { client }] of all.entries()) await client.call('SET', 'key', i);
    for (const [i, { client, server }] of all.entries()) {
      expect(await client.call('GET', 'key')).toBe(String(i));
      expect(server.info('keyspace')).toBe(
        '# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0,subexpiry=0,keys_with_volatile_items=0\r\n',
      );
    }
    await all[0]!.server.close();
    expect(await all[1]!.client.call('GET', 'key')).toBe('1');
  });

  it('take the directives they are given', async () => {
    const { client } = await serve({ maxmemory: '32mb', requirepass: 'größe', databases: 3 });
    expect(await client.call('GET', 'a')).toEqual(new ReplyError('NOAUTH Authentication required.'));
    expect(await client.call('AUTH', Buffer.from('größe'))).toBe('OK');
    expect(await client.call('CONFIG', 'GET', 'maxmemory')).toEqual(['maxmemory', '33554432']);
    expect(await client.call('SELECT', 3)).toEqual(new ReplyError('ERR DB index is out of range'));
  });

  it('tell their log to listeners, or write it into a file', async () => {
    const { client } = await serve({ dir: directory, logfile: 'server.log', enableDebugCommand: 'yes' });
    await client.call('DEBUG', 'LOG', 'into the file');
    expect(readFileSync(join(directory, 'server.log'), 'utf8')).toContain('into the file');
    const { server, client: other } = await serve({ enableDebugCommand: 'yes' });
    const line = once(server, 'log');
    await other.call('DEBUG', 'LOG', 'to the listener');
    expect((await line)[0]).toMatch(/^\d+:M .* # DEBUG LOG: to the listener$/);
    const [early] = await once(await start({ clusterEnabled: true }), 'log');
    expect(early).toContain('cluster-enabled has no effect yet');
  });
});

describe('virtual time', () => {
  it('ends TTLs, and only by `advance`', async () => {
    const { server, client } = await serve({ clock: 'virtual' });
    await client.call('SET', 'a', 1, 'PX', 1000);
    await client.call('SET', 'b', 1, 'EX', 3600);
    server.advance(1000);
    expect(await client.call('PTTL', 'a')).toBe(0);
    server.advance(1);
    expect(await client.call('GET', 'a')).toBeNull();
    expect(server.info('keyspace')).toContain('db0:keys=1,expires=1');
    server.advance(3_600_000 - 1000);
    expect(server.info('keyspace')).toBe('# Keyspace\r\n');
    expect(server.info('stats')).toContain('expired_keys:2\r\nexpired_keys_active:2\r\n');
  });

  it('frees what has expired without being asked for it', async () => {
    const { server, client } = await serve({ clock: 'virtual' });
    client.write('SET a 1 PX 10\r\nSET b 1 PX 10\r\nSET c 1\r\n');
    await client.take(3);
    server.advance(11);
    expect(server.info('keyspace')).toContain('db0:keys=1,expires=0');
  });

  it('ends CLIENT PAUSE and other waits at their own time', async () => {
    const { server, client } = await serve({ clock: 'virtual' });
    await client.call('CLIENT', 'PAUSE', 100, 'WRITE');
    const other = await clientOf(server);
    await other.call('SELECT', 0);
    const written = other.call('SET', 'a', 1, 'PX', 50);
    expect(await client.call('GET', 'a')).toBeNull();
    // What the end of the pause lets run at 100 has expired at 151, whichever steps time takes.
    server.advance(151);
    expect(await written).toBe('OK');
    expect(await client.call('GET', 'a')).toBeNull();
    const waiting = client.call('WAIT', 1, 500);
    await other.call('PING');
    server.advance(499);
    await other.call('PING');
    server.advance(1);
    expect(await waiting).toBe(0);
  });

  it('goes forward by whole milliseconds, and only where it is virtual', async () => {
    const { server, client } = await serve({ clock: 'virtual' });
    const [before] = (await client.call('TIME')) as string[];
    server.advance(2999.9);
    server.advance(0);
    expect(await client.call('TIME')).toEqual([String(Number(before) + 2), '999000']);
    for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => server.advance(ms)).toThrow(RangeError);
    }
    const system = await start();
    expect(() => system.advance(1)).toThrow("advance needs the option clock: 'virtual'");
  });

  it('and a seed make every random reply the same in two servers', async () => {
    const sequence = async (seed: number): Promise<unknown[]> => {
      const { client, server } = await serve({ clock: 'virtual', seed });
      for (let i = 0; i < 200; i++) client.write(`SET key:${i} ${i} PX ${1000 + i}\r\n`);
      await client.take(200);
      const replies: unknown[] = [];
      for (let i = 0; i < 50; i++) replies.push(await client.call('RANDOMKEY'));
      replies.push(await client.call('SCAN', 0, 'COUNT', 50), await client.call('KEYS', '*'));
      server.advance(1100);
      replies.push(await client.call('RANDOMKEY'), await client.call('DBSIZE'));
      return replies;
    };
    const [first, second, other] = [await sequence(1), await sequence(1), await sequence(2)];
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });
});
