// TLS on the native side: node:tls against it, over networks that cut and delay as they like.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectSecurely, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TlsOptions } from '../../src/bridge/binding.ts';
import { Authority, type Identity } from '../support/certificates.ts';
import { seededRandom } from '../support/seed.ts';
import { EchoServer, encode } from './echo.ts';
import { RawClient, soon } from './socket.ts';

vi.setConfig({ testTimeout: 60_000 });

let authority: Authority;
let identity: Identity;
const servers: EchoServer[] = [];
const networks: Server[] = [];
const sockets: Socket[] = [];

beforeAll(async () => {
  authority = await Authority.create();
  identity = await authority.issue('localhost');
});

afterAll(() => authority.remove());

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const network of networks.splice(0)) network.close();
  for (const server of servers.splice(0)) {
    server.reactor.stop();
    expect(server.faults).toEqual([]);
    expect([server.count('connected'), server.count('outputHeldBytes')]).toEqual([0, 0]);
    expect(server.count('inputHeldBytes')).toBe(0);
  }
});

function optionsOf({ certFile, keyFile }: { certFile: string; keyFile: string }): TlsOptions {
  const names = [
    'keyFilePass',
    'clientCertFile',
    'clientKeyFile',
    'clientKeyFilePass',
    'caCertFile',
  ] as const;
  const others = ['caCertDir', 'dhParamsFile', 'protocols', 'ciphers', 'ciphersuites'] as const;
  const empty = Object.fromEntries([...names, ...others].map((name) => [name, ''])) as Record<
    (typeof names)[number] | (typeof others)[number],
    string
  >;
  return {
    ...empty,
    certFile,
    keyFile,
    needsCa: false,
    preferServerCiphers: false,
    sessionCaching: true,
    sessionCacheSize: 100,
    sessionCacheSeconds: 300,
  };
}

function serve(...options: ConstructorParameters<typeof EchoServer>): { server: EchoServer; port: number } {
  const server = new EchoServer(...options);
  servers.push(server);
  server.reactor.configure('tls-auth-clients', 0);
  expect(server.reactor.configureTls(optionsOf(identity))).toBe('');
  const port = server.reactor.listenTcp('127.0.0.1', 0, 511, true);
  server.reactor.start();
  return { server, port };
}

async function open(port: number, options: ConnectionOptions = {}): Promise<RawClient> {
  const socket = connectSecurely({ port, host: '127.0.0.1', ca: authority.cert, ...options });
  sockets.push(socket);
  socket.setNoDelay(true);
  await once(socket, 'secureConnect');
  return RawClient.over(socket);
}

/** A network before the server that passes on what `cut` makes of each piece that is sent; its port. */
async function network(port: number, cut: (bytes: Buffer, to: Socket) => Promise<void>): Promise<number> {
  const between = createServer({ noDelay: true }, (from) => {
    const to = connect({ port, host: '127.0.0.1', noDelay: true });
    sockets.push(from, to);
    to.pipe(from);
    let order = Promise.resolve();
    from.on('data', (bytes: Buffer) => {
      order = order.then(() => cut(bytes, to));
    });
    from.on('end', () => order.then(() => to.end()));
    for (const socket of [from, to]) socket.on('error', () => {});
    to.on('close', () => from.destroy());
  });
  networks.push(between);
  between.listen(0, '127.0.0.1');
  await once(between, 'listening');
  return (between.address() as { port: number }).port;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const TINY = { reqBytes: 4096, descWords: 256, outBytes: 4096 };
const modes = [
  ['inline', {}],
  ['one thread over poll(2)', { poller: 'poll' }],
  ['two threads', { ioThreads: 2 }],
  ['inline, tiny rings', TINY],
  ['two threads, tiny rings', { ...TINY, ioThreads: 2 }],
] as const;

describe.each(modes)('%s', (_, options) => {
  it('answers pipelines of many clients in order, in records of any size', async () => {
    const random = seededRandom('records');
    const { server, port } = serve(options);
    await Promise.all(
      Array.from({ length: 6 }, async (_, c) => {
        const client = await open(port, { maxVersion: c % 2 === 0 ? 'TLSv1.3' : 'TLSv1.2' });
        const requests = Array.from({ length: 800 }, (_, i) =>
          encode(['echo', `${c}:${i}`, 'z'.repeat(random.below(90))]),
        );
        const stream = Buffer.concat(requests);
        for (let at = 0; at < stream.length; ) {
          const next = at + 1 + random.below(random.below(3) === 0 ? 3 : 30_000);
          client.send(stream.subarray(at, next));
          at = next;
        }
        expect((await client.read(stream.length)).equals(stream)).toBe(true);
      }),
    );
    expect(server.commands).toBe(4800);
    expect(server.count('handshakeErrors')).toBe(0);
  });

  it('shakes hands and is understood over a network that delivers single bytes', async () => {
    const { port } = serve(options);
    const slow = await network(port, async (bytes, to) => {
      for (const byte of bytes) {
        to.write(Buffer.of(byte));
        await turn();
      }
    });
    const client = await open(slow);
    const request = encode(['echo', 'a'.repeat(100)]);
    for (let i = 0; i < 5; i++) {
      client.send(request);
      expect((await client.read(request.length)).equals(request)).toBe(true);
    }
  });

  it('understands records that are cut and joined anywhere', async () => {
    const random = seededRandom('cuts');
    const { port } = serve(options);
    let held = Buffer.alloc(0);
    const cutting = await network(port, async (bytes, to) => {
      held = Buffer.concat([held, bytes]);
      while (held.length > 0) {
        const size = 1 + random.below(random.below(2) === 0 ? 10 : 40_000);
        to.write(held.subarray(0, size));
        held = held.subarray(size);
        await turn();
      }
    });
    const client = await open(cutting);
    for (const size of [10, 5000, 16_384, 70_000, 1_000_000, 1]) {
      const request = encode(['echo', Buffer.alloc(size, `${size}`)]);
      client.send(request);
      expect((await client.read(request.length)).equals(request)).toBe(true);
    }
  });

  it('sends more than a ring holds to a client that reads late', async () => {
    const { server, port } = serve(options);
    const client = await open(port);
    client.socket.pause();
    const bytes = 20_000_000;
    client.send(encode(['big', bytes]));
    while (server.count('outputHeldBytes') === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    client.socket.resume();
    const head = `$${bytes}\r\n`;
    const reply = await client.read(head.length + bytes + 2);
    expect(reply.subarray(0, head.length).toString()).toBe(head);
    expect(reply.subarray(head.length, -2).every((byte) => byte === 0x78)).toBe(true);
    await soon(() => server.count('outputHeldBytes')).toBe(0);
  });

  it('says goodbye when it closes, after everything else', async () => {
    const { port } = serve(options);
    const client = await open(port);
    // Without a goodbye, node:tls still ends the stream, but openssl's own clients call that a truncation.
    client.send(`count 1000\r\nquit\r\n`);
    expect((await client.readToEnd()).toString()).toBe('+OK\r\n'.repeat(1001));
    expect(client.socket.readableEnded).toBe(true);
  });

  it('survives clients that vanish in any state', async () => {
    const random = seededRandom('vanishing');
    const { server, port } = serve(options);
    const lossy = await network(port, async (bytes, to) => {
      if (random.below(3) > 0) to.write(bytes);
      else if (random.below(2) === 0) to.end(bytes.subarray(0, random.below(bytes.length)));
      else to.resetAndDestroy();
      await turn();
    });
    const lives = Array.from({ length: 60 }, async () => {
      const socket = connectSecurely({ port: lossy, host: '127.0.0.1', ca: authority.cert });
      sockets.push(socket);
      socket.on('error', () => {});
      socket.on('secureConnect', () => {
        for (let i = 0; i < 20; i++) socket.write(encode(['big', random.below(100_000)]));
        if (random.below(3) === 0) socket.destroy();
        else socket.end();
      });
      await new Promise((resolve) => socket.once('close', resolve));
    });
    await Promise.all(lives);
    await soon(() => server.count('connected')).toBe(0);
    const client = await open(port);
    expect(await client.ask('echo a\r\n', 21)).toBe(encode(['echo', 'a']).toString());
  });
});

describe('handshakes', () => {
  it('end after their time, whatever has come by then', async () => {
    const { server, port } = serve({});
    server.reactor.configure('tls-handshake-seconds', 1);
    const served = await open(port);
    const idle = await Promise.all(
      [[], [22], [22, 3, 1, 2, 0, 1]].map(async (bytes) => {
        const client = await RawClient.open(port);
        client.send(Buffer.from(bytes));
        return client;
      }),
    );
    await Promise.all(idle.map((client) => client.closed));
    expect(await served.ask('echo a\r\n', 21)).toBe(encode(['echo', 'a']).toString());
    expect(server.count('handshakeErrors')).toBe(3);
    const { failed, more } = server.reactor.takeFailedHandshakes();
    expect(failed.map(({ reason }) => reason)).toEqual(Array(3).fill('the handshake took too long'));
    expect(failed[0]!.addr).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(failed[0]!.laddr).toBe(`127.0.0.1:${port}`);
    expect(more).toBe(0);
    expect(server.reactor.takeFailedHandshakes().failed).toEqual([]);
  });

  it('that fail are remembered up to a bound', async () => {
    const { server, port } = serve({});
    const clients = await Promise.all(Array.from({ length: 100 }, () => RawClient.open(port)));
    for (const client of clients) client.send('PING\r\n');
    await Promise.all(clients.map((client) => client.closed));
    await soon(() => server.count('handshakeErrors')).toBe(100);
    const { failed, more } = server.reactor.takeFailedHandshakes();
    expect([failed.length, more]).toEqual([64, 36]);
  });

  it('of many at once all succeed, some each turn', async () => {
    const { server, port } = serve({ ioThreads: 2 });
    const clients = await Promise.all(Array.from({ length: 100 }, () => open(port)));
    for (const client of clients) client.send('echo a\r\n');
    for (const client of clients) expect((await client.read(21)).length).toBe(21);
    expect(server.count('connected')).toBe(100);
  });

  it('leave connections without a context closed', async () => {
    const server = new EchoServer({});
    servers.push(server);
    const port = server.reactor.listenTcp('127.0.0.1', 0, 511, true);
    server.reactor.start();
    const client = await RawClient.open(port);
    client.send('x');
    expect((await client.readToEnd()).length).toBe(0);
  });

  it('are not confused by errors of other users of OpenSSL in this thread', async () => {
    const { port } = serve({});
    const client = await open(port);
    for (let i = 0; i < 10; i++) {
      // Both leave errors behind in the queue of this thread, or would if Node did not clear it.
      const other = connectSecurely({ port, host: '127.0.0.1' });
      await new Promise((resolve) => other.once('error', resolve));
      expect(await client.ask('echo a\r\n', 21)).toBe(encode(['echo', 'a']).toString());
    }
  });
});

describe('records that carry no requests', () => {
  it('are served like any other: a client that ends its side after each of them', async () => {
    const { server, port } = serve({});
    for (let i = 0; i < 20; i++) {
      const client = await open(port);
      (client.socket as TLSSocket).end(i % 2 === 0 ? '' : 'echo a\r\n');
      expect((await client.readToEnd()).length).toBe(i % 2 === 0 ? 0 : 21);
    }
    await soon(() => server.count('connected')).toBe(0);
  });
});
