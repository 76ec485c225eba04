// MIGRATE between servers of this process, and to peers that answer what a test wants.
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer as listenOn, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createServer, type MillraceServer } from '../../src/server/embed.ts';
import type { CreateServerOptions } from '../../src/server/options.ts';
import { ReplyError, RespClient } from '../support/resp.ts';

const servers: MillraceServer[] = [];
const clients: RespClient[] = [];
const peers: Server[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await Promise.all(peers.splice(0).map((peer) => new Promise((done) => peer.close(done))));
});

async function connect(server: MillraceServer): Promise<RespClient> {
  const client = await RespClient.connect({ port: server.port, host: '127.0.0.1' });
  clients.push(client);
  return client;
}

async function serve(options: CreateServerOptions = {}) {
  const server = await createServer(options);
  servers.push(server);
  return { server, client: await connect(server) };
}

/** Something that listens and answers by `talk`; its port. */
async function peerOf(talk: (socket: Socket, text: string) => void): Promise<number> {
  const peer = listenOn((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => talk(socket, bytes.toString('latin1')));
  });
  peers.push(peer);
  peer.listen(0, '127.0.0.1');
  await once(peer, 'listening');
  return (peer.address() as AddressInfo).port;
}

/** A request for a key, with what follows. */
function migrate(port: number, key: string, ...more: (string | number)[]): string[] {
  const [database = 0, timeoutMs = 5000, ...options] = more;
  return [
    'MIGRATE',
    '127.0.0.1',
    String(port),
    key,
    String(database),
    String(timeoutMs),
    ...options.map(String),
  ];
}

function errorText(reply: unknown): string {
  expect(reply).toBeInstanceOf(ReplyError);
  return (reply as ReplyError).text;
}

describe('MIGRATE', () => {
  it('moves a value of each type with its time to live into a database there', async () => {
    const from = await serve({ enableDebugCommand: 'yes' });
    const to = await serve({ enableDebugCommand: 'yes' });
    const made = [
      ['SET', 'string', 'value'],
      ['SET', 'number', '12'],
      ['RPUSH', 'list', ...Array.from({ length: 1000 }, (_, i) => `element ${i}`)],
      ['SADD', 'set', 'a', 'b', 'c'],
      ['HSET', 'hash', 'f', 'v', 'g', 'w'],
      ['ZADD', 'zset', '1.5', 'a', '-inf', 'b'],
      ['XADD', 'stream', '5-5', 'f', 'v'],
      ['SET', 'large', 'x'.repeat(3_000_000)],
    ];
    for (const words of made) await from.client.call(...words);
    await from.client.call('PEXPIRE', 'list', '100000');
    const digests = new Map<string, unknown>();
    for (const [, key] of made) {
      digests.set(key!, await from.client.call('DEBUG', 'DIGEST-VALUE', key!));
      expect(await from.client.call(...migrate(to.server.port, key!, 3))).toBe('OK');
    }
    expect(await from.client.call('DBSIZE')).toBe(0);
    await to.client.call('SELECT', '3');
    for (const [key, digest] of digests)
      expect(await to.client.call('DEBUG', 'DIGEST-VALUE', key)).toEqual(digest);
    const ttlMs = (await to.client.call('PTTL', 'list')) as number;
    expect(ttlMs).toBeGreaterThan(50_000);
    expect(ttlMs).toBeLessThanOrEqual(100_000);
    expect(await to.client.call('PTTL', 'set')).toBe(-1);
  });

  it('moves many keys at once, and answers NOKEY where none is left', async () => {
    const from = await serve();
    const to = await serve();
    const keys = Array.from({ length: 3000 }, (_, i) => `key ${i}`);
    await from.client.call('MSET', ...keys.flatMap((key) => [key, 'x'.repeat(200)]));
    const request = migrate(to.server.port, '', 0, 5000, 'KEYS', 'missing', ...keys);
    expect(await from.client.call(...request)).toBe('OK');
    expect(await from.client.call('DBSIZE')).toBe(0);
    expect(await to.client.call('DBSIZE')).toBe(3000);
    expect(await from.client.call(...request)).toBe('NOKEY');
  });

  it('copies, replaces, and says what the other server has against it', async () => {
    const from = await serve();
    const to = await serve();
    const { port } = to.server;
    await from.client.call('MSET', 'a', '1', 'b', '2', 'c', '3');
    await to.client.call('SET', 'b', 'old');
    expect(await from.client.call(...migrate(port, 'a', 0, 5000, 'COPY'))).toBe('OK');
    expect(await from.client.call('GET', 'a')).toBe('1');
    const busy = 'ERR Target instance replied with error: BUSYKEY Target key name already exists.';
    expect(errorText(await from.client.call(...migrate(port, '', 0, 5000, 'KEYS', 'b', 'c')))).toBe(busy);
    expect(await from.client.call('MGET', 'b', 'c')).toEqual(['2', null]);
    expect(await to.client.call('MGET', 'a', 'b', 'c')).toEqual(['1', 'old', '3']);
    expect(await from.client.call(...migrate(port, 'b', 0, 5000, 'REPLACE'))).toBe('OK');
    expect(await to.client.call('GET', 'b')).toBe('2');
    expect(errorText(await from.client.call(...migrate(port, 'a', 99)))).toBe(
      'ERR Target instance replied with error: ERR DB index is out of range',
    );
    // The database that was refused is not taken for the chosen one.
    expect(await from.client.call(...migrate(port, 'a', 2))).toBe('OK');
  });

  it('logs in, and shows nobody the password', async () => {
    const from = await serve();
    const to = await serve({ requirepass: 'secret' });
    await to.client.call('AUTH', 'secret');
    await to.client.call('ACL', 'SETUSER', 'mover', 'on', '>pass', '~*', '+@all');
    const { port } = to.server;
    await from.client.call('MSET', 'a', '1', 'b', '2');
    await from.client.call('CONFIG', 'SET', 'slowlog-log-slower-than', '0');
    expect(errorText(await from.client.call(...migrate(port, 'a')))).toMatch(/replied with error: NOAUTH/);
    expect(errorText(await from.client.call(...migrate(port, 'a', 0, 5000, 'AUTH', 'x')))).toMatch(
      /replied with error: WRONGPASS/,
    );
    expect(await from.client.call(...migrate(port, 'a', 0, 5000, 'AUTH', 'secret'))).toBe('OK');
    expect(await from.client.call(...migrate(port, 'b', 0, 5000, 'AUTH2', 'mover', 'pass'))).toBe('OK');
    expect(JSON.stringify(await from.client.call('SLOWLOG', 'GET', '-1'))).not.toMatch(/secret|mover/);
    expect(await to.client.call('MGET', 'a', 'b')).toEqual(['1', '2']);
  });

  it.each([
    [['x'], 'ERR syntax error'],
    [['AUTH'], 'ERR syntax error'],
    [['AUTH2', 'user'], 'ERR syntax error'],
    [['KEYS', 'k'], 'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string'],
  ])('refuses %j', async (options, text) => {
    const { client } = await serve();
    expect(errorText(await client.call(...migrate(1, 'k', 0, 10, ...options)))).toBe(text);
  });

  it('looks at its numbers before it looks for keys', async () => {
    const { client } = await serve();
    const text = 'ERR value is not an integer or out of range';
    expect(errorText(await client.call(...migrate(1, 'k', 'x')))).toBe(text);
    expect(errorText(await client.call(...migrate(1, 'k', 0, '1.5')))).toBe(text);
    expect(await client.call(...migrate(1, 'k', 0, -1))).toBe('NOKEY');
  });

  it('does not make a transaction wait for another machine', async () => {
    const { client } = await serve();
    await client.call('SET', 'k', 'v');
    await client.call('MULTI');
    await client.call(...migrate(1, 'k'));
    expect(((await client.call('EXEC')) as unknown[]).map(errorText)).toEqual([
      'ERR Command not allowed inside a transaction',
    ]);
  });
});

describe('trouble on the way', () => {
  it('is told apart: nobody there, nobody who answers, somebody who leaves', async () => {
    const { client } = await serve();
    await client.call('SET', 'k', 'v');
    const port = await peerOf(() => {});
    const ended = peers[0]!;
    expect(errorText(await client.call(...migrate(port, 'k', 0, 100)))).toBe(
      'IOERR error or timeout reading to target instance',
    );
    for (const socket of sockets.splice(0)) socket.destroy();
    await new Promise((done) => ended.close(done));
    expect(errorText(await client.call(...migrate(port, 'k', 0, 1000)))).toBe(
      'IOERR error or timeout connecting to the client',
    );
    const leaving = await peerOf((socket) => socket.destroy());
    expect(errorText(await client.call(...migrate(leaving, 'k', 0, 1000)))).toMatch(
      /^IOERR .*(read|writ)ing/,
    );
    expect(errorText(await client.call(...migrate(99_999, 'k', 0, 1000)))).toBe(
      'IOERR error or timeout connecting to the client',
    );
    expect(await client.call('GET', 'k')).toBe('v');
  });

  it('leaves those keys here that nobody has answered for', async () => {
    const { client } = await serve();
    await client.call('MSET', 'a', '1', 'b', '2');
    const port = await peerOf((socket) => socket.end('+OK\r\n+OK\r\n'));
    expect(errorText(await client.call(...migrate(port, '', 0, 1000, 'KEYS', 'a', 'b')))).toBe(
      'IOERR error or timeout reading to target instance',
    );
    expect(await client.call('MGET', 'a', 'b')).toEqual([null, '2']);
  });

  it('ends nothing if only a link from before had been closed', async () => {
    const { server, client } = await serve();
    await client.call('MSET', 'a', '1', 'b', '2');
    let requests = 0;
    const port = await peerOf((socket) => {
      requests++;
      if (requests === 2) socket.destroy();
      else socket.write('+OK\r\n+OK\r\n');
    });
    expect(await client.call(...migrate(port, 'a'))).toBe('OK');
    expect(server.info()).toContain('migrate_cached_sockets:1');
    expect(await client.call(...migrate(port, 'b'))).toBe('OK');
    expect(requests).toBe(3);
    expect(server.info()).toContain('migrate_cached_sockets:1');
  });
});

describe('meanwhile', () => {
  /** A peer that answers when it is told to. */
  async function slowPeer(): Promise<{ port: number; asked: Promise<void>; answer: () => void }> {
    let asked!: () => void;
    let link!: Socket;
    const wasAsked = new Promise<void>((done) => {
      asked = done;
    });
    const port = await peerOf((socket, text) => {
      link = socket;
      if (text.includes('RESTORE')) asked();
    });
    return { port, asked: wasAsked, answer: () => link.write('+OK\r\n+OK\r\n') };
  }

  it('writes to the key wait, and everything else goes on', async () => {
    const { server, client } = await serve();
    const other = await connect(server);
    const third = await connect(server);
    await client.call('MSET', 'k', 'v', 'l', 'w');
    const { port, asked, answer } = await slowPeer();
    const moved = client.call(...migrate(port, 'k'));
    await asked;
    expect(await other.call('GET', 'k')).toBe('v');
    expect(await other.call('APPEND', 'l', 'x')).toBe(2);
    const order: string[] = [];
    const written = other.call('APPEND', 'k', 'x').then((reply) => order.push(`append ${reply}`));
    await third.call('MULTI');
    await third.call('SET', 'l', 'y');
    const executed = third.call('EXEC').then(() => order.push('exec'));
    expect(await (await connect(server)).call('PING')).toBe('PONG');
    expect(server.info()).toMatch(/blocked_clients:3\r/);
    expect(order).toEqual([]);
    answer();
    expect(await moved).toBe('OK');
    await Promise.all([written, executed]);
    // The key was gone when the write had its turn.
    expect(order.sort()).toEqual(['append 1', 'exec']);
    expect(await other.call('MGET', 'k', 'l')).toEqual(['x', 'y']);
  });

  it('flushing waits, and so does a client that would push to the key', async () => {
    const { server, client } = await serve();
    const popping = await connect(server);
    const pushing = await connect(server);
    const flushing = await connect(server);
    await client.call('RPUSH', 'k', 'v');
    const { port, asked, answer } = await slowPeer();
    const popped = popping.call('BLMOVE', 'source', 'k', 'LEFT', 'RIGHT', '0');
    const moved = client.call(...migrate(port, 'k'));
    await asked;
    await pushing.call('RPUSH', 'source', 'x');
    const flushed = flushing.call('FLUSHALL');
    expect(await pushing.call('LLEN', 'k')).toBe(1);
    answer();
    expect(await moved).toBe('OK');
    expect(await popped).toBe('x');
    expect(await flushed).toBe('OK');
  });

  it('the client may leave: the key goes all the same', async () => {
    const { server, client } = await serve();
    await client.call('SET', 'k', 'v');
    const { port, asked, answer } = await slowPeer();
    void client.call(...migrate(port, 'k')).catch(() => {});
    await asked;
    client.close();
    const other = await connect(server);
    answer();
    expect(await other.call('SET', 'k', 'new', 'GET')).toBe(null);
  });

  it('CLIENT UNBLOCK gives up, and nothing is lost', async () => {
    const { server, client } = await serve();
    const other = await connect(server);
    await client.call('SET', 'k', 'v');
    const id = String(await client.call('CLIENT', 'ID'));
    const { port, asked } = await slowPeer();
    const moved = client.call(...migrate(port, 'k'));
    await asked;
    expect(await other.call('CLIENT', 'UNBLOCK', id)).toBe(1);
    expect(errorText(await moved)).toBe('IOERR error or timeout reading to target instance');
    expect(await other.call('SET', 'k', 'new', 'GET')).toBe('v');
    expect(server.info()).toContain('migrate_cached_sockets:0');
  });

  it('the server may end', async () => {
    const { server, client } = await serve();
    await client.call('SET', 'k', 'v');
    const { port, asked } = await slowPeer();
    void client.call(...migrate(port, 'k')).catch(() => {});
    await asked;
    await server.close();
  });
});

it('is a DEL in the append-only file, and an event', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-migrate-'));
  const from = await serve({ appendonly: true, dir, notifyKeyspaceEvents: 'KEA' });
  const to = await serve();
  const listener = await connect(from.server);
  await from.client.call('MSET', 'a', '1', 'b', '2');
  await listener.call('SUBSCRIBE', '__keyevent@0__:del');
  await from.client.call(...migrate(to.server.port, 'a'));
  await from.client.call('SETNX', 'b', 'x');
  await from.client.call('SET', 'c', '3');
  await from.server.close();
  servers.shift();
  const folder = join(dir, 'appendonlydir');
  const log = readdirSync(folder)
    .filter((name) => name.endsWith('.incr.aof'))
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('');
  rmSync(dir, { recursive: true });
  expect(log.slice(log.indexOf('MSET'))).toBe(
    'MSET\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n' +
      '*2\r\n$3\r\nDEL\r\n$1\r\na\r\n*3\r\n$3\r\nSET\r\n$1\r\nc\r\n$1\r\n3\r\n',
  );
});
