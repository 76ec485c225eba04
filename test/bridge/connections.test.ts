// What happens to connections: listening, accepting, limits, closing, and stopping with all of it in flight.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as abi from '../../src/bridge/abi.ts';
import type { ClientsWanted } from '../../src/bridge/binding.ts';
import { EchoServer, encode } from './echo.ts';
import { RawClient, soon } from './socket.ts';

// Nothing here takes long, but machines may be busy with something else.
vi.setConfig({ testTimeout: 60_000 });

const servers: EchoServer[] = [];

function make(...options: ConstructorParameters<typeof EchoServer>): EchoServer {
  const server = new EchoServer(...options);
  servers.push(server);
  return server;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.reactor.stop();
    expect(server.faults).toEqual([]);
  }
});

const modes = [
  ['inline', {}],
  ['one thread over poll(2)', { poller: 'poll' }],
  ['two threads', { ioThreads: 2 }],
  ['four threads', { ioThreads: 4 }],
] as const;

const A = encode(['echo', 'a']).toString();

describe.each(modes)('%s', (_, options) => {
  it('starts, stops and starts again on the same port', async () => {
    let port = 0;
    for (let round = 0; round < 5; round++) {
      const server = make(options);
      port = server.reactor.listenTcp('127.0.0.1', port, 511);
      server.reactor.start();
      server.reactor.start();
      const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.open(port)));
      for (const client of clients) expect(await client.ask('echo a\r\n', A.length)).toBe(A);
      server.reactor.stop();
      server.reactor.stop();
      await Promise.all(clients.map((client) => client.closed));
      expect(server.count('connected')).toBe(0);
    }
  });

  it.each([true, false])('lets go of its rings once stopped; started: %s', async (started) => {
    const server = make(options);
    if (started) {
      const client = await RawClient.open(server.start());
      expect(await client.ask('echo a\r\n', A.length)).toBe(A);
    }
    const buffers = server.reactor.lanes.flatMap(({ ctl, req, desc, out }) => [ctl, req, desc, out]);
    await Promise.all([server.reactor.stop(), server.reactor.stop()]);
    await server.reactor.stop();
    expect(buffers.filter(({ byteLength }) => byteLength > 0)).toEqual([]);
    expect(server.reactor.sleep(0)).toBe(true);
    server.reactor.flush(0);
    server.reactor.configure('timeout', 1);
    expect(() => server.reactor.listenTcp('127.0.0.1', 0, 511)).toThrow('EBADF');
    expect(() => server.reactor.listenUnix('/nonexistent', 0, 511)).toThrow('EBADF');
  });

  it('spreads connections over its lanes', async () => {
    const server = make(options);
    const port = server.start();
    const clients = await Promise.all(Array.from({ length: 40 }, () => RawClient.open(port)));
    for (const client of clients) expect(await client.ask('echo a\r\n', A.length)).toBe(A);
    const lanes = server.reactor.clients().map(({ lane }) => lane);
    for (let i = 0; i < server.lanes.length; i++) {
      expect(lanes.filter((lane) => lane === i)).toHaveLength(40 / server.lanes.length);
    }
    expect(new Set(server.reactor.clients().map(({ id }) => id)).size).toBe(40);
  });

  it('finds the connections that are asked for', async () => {
    const server = make(options);
    const port = server.start();
    const clients = await Promise.all(Array.from({ length: 5 }, () => RawClient.open(port)));
    for (const client of clients) expect(await client.ask('echo a\r\n', A.length)).toBe(A);
    const { reactor } = server;
    const all = reactor.clients();
    const [first, second] = all;
    const idsOf = (wanted: ClientsWanted): number[] => reactor.clients(wanted).map(({ id }) => id);
    expect(idsOf({})).toEqual(all.map(({ id }) => id));
    expect(idsOf({ ids: [second!.id, first!.id, 99, -1, 0.5] })).toEqual([first!.id, second!.id]);
    expect(idsOf({ ids: [] })).toEqual([]);
    expect(idsOf({ addr: second!.addr })).toEqual([second!.id]);
    expect(idsOf({ addr: second!.addr, ids: [first!.id] })).toEqual([]);
    expect(idsOf({ laddr: `127.0.0.1:${port}` })).toHaveLength(5);
    expect(idsOf({ laddr: `127.0.0.2:${port}` })).toEqual([]);
    expect(idsOf({ addr: 'nowhere' })).toEqual([]);
  });

  it('serves a peer that has finished sending to the end', async () => {
    const server = make(options);
    const port = server.start();
    server.reactor.configure('obuf-normal-hard', 0);
    const client = await RawClient.open(port);
    client.socket.end(`${'echo a\r\n'.repeat(100)}big 3000000\r\n`);
    const reply = await client.readToEnd();
    expect(reply.length).toBe(100 * A.length + '$3000000\r\n'.length + 3000002);
    await soon(() => server.closed.length).toBe(1);
    expect(server.closed[0]!.reason).toBe(abi.CLOSED_BY_PEER);
  });

  it('drops answers to a connection that is gone, and never gives them to its successor', async () => {
    const server = make(options);
    const port = server.start();
    for (let round = 0; round < 60; round++) {
      const client = await RawClient.open(port);
      client.send('nap 1\r\n'.repeat(3) + 'big 100000\r\n'.repeat(20));
      const other = await RawClient.open(port);
      const answer = other.ask('echo a\r\n', A.length);
      client.socket.resetAndDestroy();
      const next = await RawClient.open(port);
      expect(await next.ask('echo a\r\n', A.length)).toBe(A);
      expect(await answer).toBe(A);
      expect(next.bytes + other.bytes).toBe(0);
      next.destroy();
      other.destroy();
    }
    await soon(() => server.count('connected')).toBe(0);
    await soon(() => server.reactor.clients()).toEqual([]);
    expect(server.count('outputHeldBytes') + server.count('inputHeldBytes')).toBe(0);
  });

  it('closes after the answer when told so', async () => {
    const server = make(options);
    const port = server.start();
    const client = await RawClient.open(port);
    client.send('echo a\r\nquit\r\n');
    expect((await client.readToEnd()).toString()).toBe(`${A}+OK\r\n`);
    await soon(() => server.closed.length).toBe(1);
    expect(server.closed[0]!.reason).toBe(abi.CLOSED_BY_REQUEST);
  });

  it('closes at once, pauses and resumes by frames', async () => {
    const server = make(options);
    const port = server.start();
    const client = await RawClient.open(port);
    expect(await client.ask('echo a\r\n', A.length)).toBe(A);
    server.control(abi.FRAME_PAUSE_READ);
    const { ctl } = server.lanes[server.last.lane]!;
    await soon(() => ctl[abi.OUT_TAIL]).toBe(ctl[abi.OUT_HEAD]);
    client.send('echo a\r\n');
    const other = await RawClient.open(port);
    const { last } = server;
    expect(await other.ask('echo a\r\n'.repeat(50), A.length * 50)).toBe(A.repeat(50));
    expect(client.bytes).toBe(0);
    server.last = last;
    server.control(abi.FRAME_RESUME_READ);
    expect((await client.read(A.length)).toString()).toBe(A);
    server.last = last;
    server.control(abi.FRAME_CLOSE_NOW);
    await client.closed;
    expect(await other.ask('echo a\r\n', A.length)).toBe(A);
  });

  it('leaves sockets unread while its ring is full, without spinning, and loses nothing', async () => {
    const server = make({ ...options, reqBytes: 65536, descWords: 4096, outBytes: 65536 });
    const port = server.start();
    server.draining = false;
    const clients = await Promise.all(Array.from({ length: 6 }, () => RawClient.open(port)));
    const requests = 10_000;
    for (const client of clients) client.send(encode(['echo', 'a']).toString().repeat(requests));
    await soon(() => server.count('stalls')).toBeGreaterThanOrEqual(6);
    const turns = server.count('turns');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.count('turns') - turns).toBeLessThan(20);
    server.drain();
    for (const client of clients) {
      expect((await client.read(requests * A.length)).equals(Buffer.from(A.repeat(requests)))).toBe(true);
    }
    expect(server.commands).toBe(6 * requests);
  });

  it('counts', async () => {
    const server = make(options);
    const port = server.start();
    const client = await RawClient.open(port);
    expect(await client.ask('echo a\r\n', A.length)).toBe(A);
    expect(server.count('bytesIn')).toBe(8);
    await soon(() => server.count('bytesOut')).toBe(A.length);
    expect([server.count('connected'), server.count('accepted')]).toEqual([1, 1]);
    expect([server.count('reads'), server.count('writes')]).toEqual([1, 1]);
  });
});

/** Listens on both loopback addresses; the port that one gives may be a client's on the other, so it may take a few. */
function listenTwice(reactor: EchoServer['reactor']): number {
  for (let attempt = 1; ; attempt++) {
    const port = reactor.listenTcp('::1', 0, 511);
    try {
      reactor.listenTcp('127.0.0.1', port, 511);
      return port;
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}

describe('listening', () => {
  it('tells what is wrong with an address', async () => {
    const server = make();
    const port = server.start();
    const code = (listen: () => void): unknown => {
      try {
        listen();
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
      return 'no error';
    };
    const other = make().reactor;
    expect(code(() => other.listenTcp('127.0.0.1', port, 511))).toBe('EADDRINUSE');
    expect(code(() => other.listenTcp('192.0.2.200', 0, 511))).toBe('EADDRNOTAVAIL');
    expect(code(() => other.listenTcp('no such name', 0, 511))).toBe('EADDRNOTAVAIL');
    expect(code(() => other.listenTcp('127.0.0.1', 70000, 511))).toBe('EINVAL');
    expect(code(() => other.listenUnix(`/tmp/${'x'.repeat(200)}`, 0, 511))).toBe('ENAMETOOLONG');
    expect(code(() => other.listenUnix('/nowhere/socket', 0, 511))).toBe('ENOENT');
  });

  it('serves IPv6, and IPv4 on the same port', async () => {
    const server = make();
    const port = listenTwice(server.reactor);
    server.reactor.start();
    const six = await RawClient.open({ host: '::1', port });
    const four = await RawClient.open(port);
    for (const client of [six, four]) expect(await client.ask('echo a\r\n', A.length)).toBe(A);
    const rows = server.reactor.clients();
    const local = (client: RawClient): number => client.socket.localPort!;
    expect(rows.map(({ addr }) => addr).sort()).toEqual(
      [`127.0.0.1:${local(four)}`, `[::1]:${local(six)}`].sort(),
    );
    expect(rows.map(({ laddr }) => laddr).sort()).toEqual([`127.0.0.1:${port}`, `[::1]:${port}`]);
  });

  it('knows the local address of a connection to a listener on all addresses', async () => {
    const server = make();
    const port = server.reactor.listenTcp('*', 0, 511);
    server.reactor.start();
    const client = await RawClient.open({ host: '127.0.0.2', port });
    expect(await client.ask('echo a\r\n', A.length)).toBe(A);
    expect(server.reactor.clients()[0]!.laddr).toBe(`127.0.0.2:${port}`);
  });

  it('serves unix sockets with the permissions asked for, and cleans up', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-'));
    const path = join(directory, 'socket');
    for (let round = 0; round < 2; round++) {
      const server = make();
      server.reactor.listenUnix(path, 0o700, 511);
      server.reactor.start();
      expect(statSync(path).mode & 0o777).toBe(0o700);
      const client = await RawClient.open({ path });
      expect(await client.ask('echo a\r\n', A.length)).toBe(A);
      const { addr, laddr, unix } = server.reactor.clients()[0]!;
      expect([addr, laddr, unix]).toEqual([`${path}:0`, `${path}:0`, true]);
      // The second server takes the name over; the first must not remove it then.
      if (round === 1) servers[0]!.reactor.stop();
      expect(statSync(path).isSocket()).toBe(true);
    }
    servers[1]!.reactor.stop();
    expect(() => statSync(path)).toThrow('ENOENT');
    writeFileSync(path, 'not a socket');
    expect(() => make().reactor.listenUnix(path, 0, 511)).toThrow('EADDRINUSE');
    rmSync(directory, { recursive: true });
  });

  it('stops listening and goes on serving', async () => {
    for (const [, options] of modes) {
      const server = make(options);
      const port = server.start();
      const client = await RawClient.open(port);
      expect(await client.ask('echo a\r\n', A.length)).toBe(A);
      server.reactor.stopListening();
      await expect(RawClient.open(port)).rejects.toThrow('ECONNREFUSED');
      expect(await client.ask('echo a\r\n', A.length)).toBe(A);
      expect(server.reactor.listenTcp('127.0.0.1', port, 511)).toBe(port);
      const other = await RawClient.open(port);
      expect(await other.ask('echo a\r\n', A.length)).toBe(A);
    }
  });
});

describe('limits', () => {
  it('refuses clients beyond maxclients', async () => {
    const server = make();
    const port = server.start();
    server.reactor.configure('maxclients', 2);
    const clients = [await RawClient.open(port), await RawClient.open(port)];
    const refused = await RawClient.open(port);
    expect((await refused.readToEnd()).toString()).toBe('-ERR max number of clients reached\r\n');
    expect(server.count('rejected')).toBe(1);
    clients[0]!.destroy();
    await soon(() => server.count('connected')).toBe(1);
    const next = await RawClient.open(port);
    expect(await next.ask('echo a\r\n', A.length)).toBe(A);
  });

  const address = Object.values(networkInterfaces())
    .flatMap((found) => found ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

  it.runIf(address)('refuses clients from elsewhere in protected mode', async () => {
    const server = make();
    const port = server.reactor.listenTcp('*', 0, 511);
    server.reactor.start();
    server.reactor.configure('protected', 1);
    const foreign = await RawClient.open({ host: address!, port });
    const text = (await foreign.readToEnd()).toString();
    expect(text).toMatch(/^-DENIED Redis is running in protected mode because .* from the outside\.\r\n$/);
    const local = await RawClient.open(port);
    expect(await local.ask('echo a\r\n', A.length)).toBe(A);
    server.reactor.configure('protected', 0);
    const accepted = await RawClient.open({ host: address!, port });
    expect(await accepted.ask('echo a\r\n', A.length)).toBe(A);
  });

  it('closes idle clients, but not those of other classes', async () => {
    const closesIdle = async (options: (typeof modes)[number][1]): Promise<void> => {
      const server = make(options);
      const port = server.start();
      const idle = await RawClient.open(port);
      const silent = await RawClient.open(port);
      const patient = await RawClient.open(port);
      const subscriber = await RawClient.open(port);
      await idle.ask('echo a\r\n', A.length);
      expect(await patient.ask('class 16\r\n', 5)).toBe('+OK\r\n');
      expect(await subscriber.ask('class 2\r\n', 5)).toBe('+OK\r\n');
      server.reactor.configure('timeout', 1);
      await Promise.all([idle.closed, silent.closed]);
      await soon(() => server.closed).toEqual([{ slot: expect.anything(), reason: abi.CLOSED_IDLE }]);
      expect(await patient.ask('echo a\r\n', A.length)).toBe(A);
      expect(await subscriber.ask('echo a\r\n', A.length)).toBe(A);
    };
    await Promise.all(modes.map(([, options]) => closesIdle(options)));
  });

  it('closes a client over its hard output limit, by class', async () => {
    const server = make();
    const port = server.start();
    server.reactor.configure('obuf-normal-hard', 1 << 20);
    server.reactor.configure('obuf-pubsub-hard', 64 << 20);
    const subscriber = await RawClient.open(port);
    subscriber.socket.pause();
    subscriber.send('class 2\r\nbig 20000000\r\n');
    await soon(() => server.count('outputHeldBytes')).toBeGreaterThan(2 << 20);
    expect(server.count('outputLimitCloses')).toBe(0);
    const normal = await RawClient.open(port);
    normal.socket.pause();
    normal.send('big 20000000\r\n');
    await soon(() => server.closed.map(({ reason }) => reason)).toEqual([abi.CLOSED_OUTPUT_LIMIT]);
    expect(server.count('outputLimitCloses')).toBe(1);
    subscriber.socket.resume();
    expect((await subscriber.read(20_000_000)).length).toBe(20_000_000);
  });

  it('closes a client that stays over its soft output limit', async () => {
    const closesSlow = async (options: (typeof modes)[number][1]): Promise<void> => {
      const server = make(options);
      const port = server.start();
      server.reactor.configure('obuf-normal-soft', 1 << 20);
      server.reactor.configure('obuf-normal-soft-seconds', 1);
      const client = await RawClient.open(port);
      client.socket.pause();
      client.send('big 20000000\r\n');
      await soon(() => server.closed).toHaveLength(1);
      expect(server.closed[0]!.reason).toBe(abi.CLOSED_OUTPUT_LIMIT);
    };
    await Promise.all(modes.map(([, options]) => closesSlow(options)));
  });

  it('stays stopped', () => {
    const { reactor } = make();
    reactor.stop();
    expect(() => reactor.start()).toThrow('cannot start again');
    reactor.stopListening();
    expect(reactor.clients()).toEqual([]);
  });

  it('refuses settings that do not exist', () => {
    const { reactor } = make();
    expect(() => reactor.configure('obuf-normal-hardest' as 'timeout', 1)).toThrow('no such setting');
    expect(() => reactor.configure('timeout', -1)).toThrow(RangeError);
  });
});

describe('rows', () => {
  it('describe connections', async () => {
    const server = make();
    const port = server.start();
    const client = await RawClient.open(port);
    await soon(() => server.reactor.clients().length).toBe(1);
    expect(server.reactor.clients()[0]).toMatchObject({
      id: 1,
      known: false,
      lastCommand: -1,
      trusted: true,
    });
    await client.ask('get a\r\n', encode(['get', 'a']).length);
    client.send('*2\r\n$4\r\necho\r\n$1000\r\nabc');
    await soon(() => server.reactor.clients()[0]!.queryBytes).toBe(24);
    const { lane, slot, generation } = server.last;
    expect(server.reactor.clientRow(lane, slot)).toMatchObject({
      id: 1,
      lane,
      slot,
      generation,
      addr: `127.0.0.1:${client.socket.localPort}`,
      laddr: `127.0.0.1:${port}`,
      unix: false,
      lastCommand: 1,
      database: 0,
      known: true,
      closed: false,
      outBytes: 0,
      outBlocks: 0,
    });
    expect(server.reactor.clientRow(0, 1000)).toBe(null);
    expect(server.reactor.clientRow(0, 1)).toBe(null);
  });
});
