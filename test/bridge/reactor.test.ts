// Requests through real sockets: what the native side parses, in every way the network may cut it.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { seededRandom } from '../support/seed.ts';
import { EchoServer, encode } from './echo.ts';
import { RawClient, soon } from './socket.ts';

// Nothing here takes long, but machines may be busy with something else.
vi.setConfig({ testTimeout: 60_000 });

const servers: EchoServer[] = [];

function serve(...options: ConstructorParameters<typeof EchoServer>): { server: EchoServer; port: number } {
  const server = new EchoServer(...options);
  servers.push(server);
  return { server, port: server.start() };
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.reactor.stop();
    expect(server.faults).toEqual([]);
  }
});

/** Every way to drive a lane: inline, threads, poll(2), and rings so small that they are always full. */
const TINY = { reqBytes: 4096, descWords: 256, outBytes: 4096 };
const modes = [
  ['inline', {}],
  ['one thread over poll(2)', { poller: 'poll' }],
  ['two threads', { ioThreads: 2 }],
  ['four threads', { ioThreads: 4 }],
  ['inline, counters about to wrap', { ringStart: 2 ** 32 - 1024 }],
  ['inline, tiny rings', { ...TINY, ringStart: 2 ** 32 - 4096 }],
  ['two threads, tiny rings', { ...TINY, ioThreads: 2, ringStart: 2 ** 32 - 4096 }],
] as const;

const REQUESTS: (string | number)[][] = [
  ['echo', 'a'],
  ['SET', 'key', 'v'.repeat(32)],
  ['get', ''],
  ['\x00\xff', '\r\n', '*1\r\n$4\r\nquit\r\n'],
  ['Get', 'k'.repeat(123)],
  ['echo', ...Array.from({ length: 25 }, (_, i) => 'x'.repeat(i))],
];

describe.each(modes)('%s', (_, options) => {
  it('understands a stream cut at every byte', async () => {
    const { port } = serve(options);
    const stream = Buffer.concat(REQUESTS.map((request) => encode(request)));
    const whole = stream.toString('latin1');
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.open(port)));
    for (let cut = 0; cut < stream.length; cut += clients.length) {
      await Promise.all(
        clients.map(async (client, i) => {
          const at = Math.min(cut + i, stream.length);
          client.send(stream.subarray(0, at));
          await new Promise((resolve) => setImmediate(resolve));
          expect(await client.ask(stream.subarray(at), stream.length)).toBe(whole);
        }),
      );
    }
  });

  it('understands a stream that comes byte by byte', async () => {
    const { port } = serve(options);
    const client = await RawClient.open(port);
    const stream = Buffer.concat([encode(REQUESTS[3]!), Buffer.from('echo "a b"\r\n'), encode(REQUESTS[4]!)]);
    for (let i = 0; i < stream.length; i++) {
      client.send(stream.subarray(i, i + 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const expected = Buffer.concat([encode(REQUESTS[3]!), encode(['echo', 'a b']), encode(REQUESTS[4]!)]);
    expect(await client.read(expected.length)).toEqual(expected);
  });

  it('answers long pipelines of many clients in order', async () => {
    const random = seededRandom('pipelines');
    const { server, port } = serve(options);
    const clients = await Promise.all(Array.from({ length: 8 }, () => RawClient.open(port)));
    await Promise.all(
      clients.map(async (client, c) => {
        const requests = Array.from({ length: 2000 }, (_, i) =>
          encode(['echo', `${c}:${i}`, 'z'.repeat(random.below(90))]),
        );
        const stream = Buffer.concat(requests);
        for (let at = 0; at < stream.length; ) {
          const next = at + 1 + random.below(20000);
          client.send(stream.subarray(at, next));
          at = next;
        }
        expect((await client.read(stream.length)).equals(stream)).toBe(true);
      }),
    );
    expect(server.commands).toBe(16000);
    expect(server.count('commands')).toBe(16000);
  });

  it('carries large arguments, and many', async () => {
    const { server, port } = serve(options);
    const client = await RawClient.open(port);
    const sizes = [1000, 5000, 16384, 65000, 65536, 70000, 1 << 20, 9_000_001];
    for (const size of sizes) {
      const request = encode(['echo', Buffer.alloc(size, `${size}`), 'after']);
      const twice = Buffer.concat([request, encode(['get', 'k']), request]);
      client.send(twice);
      expect((await client.read(twice.length)).equals(twice)).toBe(true);
    }
    const wide = encode(Array.from({ length: 70_000 }, (_, i) => i % 10));
    client.send(wide);
    expect((await client.read(wide.length)).equals(wide)).toBe(true);
    expect(server.bigBuffers).toBeGreaterThanOrEqual(7);
    expect(server.count('inputHeldBytes')).toBe(0);
  });

  it('sends more than a ring holds to a client that reads late', async () => {
    const { server, port } = serve(options);
    const client = await RawClient.open(port);
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
});

describe('inline requests', () => {
  const cases: [string, (string | number)[]][] = [
    ['echo a\r\n', ['echo', 'a']],
    ['echo a\n', ['echo', 'a']],
    ['  echo \t a  \r\n', ['echo', 'a']],
    ['echo "a b" \'c d\'\r\n', ['echo', 'a b', 'c d']],
    ['echo "\\x41\\n\\r\\t\\b\\a\\"\\\\\\q\\xzz"\r\n', ['echo', 'A\n\r\t\b\x07"\\qxzz']],
    ["echo 'it\\'s \\n'\r\n", ['echo', "it's \\n"]],
    ['echo a"b c"\r\n', ['echo', 'ab c']],
    ['echo ""\r\n', ['echo', '']],
    ['"ECHO" \x0b x\x0by\r\n', ['ECHO', 'x\x0by']],
    ['$5\r\n', ['$5']],
  ];

  it.each(cases)('%j', async (line, expected) => {
    const { port } = serve();
    const client = await RawClient.open(port);
    const answer = encode(expected);
    expect(await client.ask(line, answer.length)).toBe(answer.toString('latin1'));
  });

  it('ignores requests without arguments', async () => {
    const { server, port } = serve();
    const client = await RawClient.open(port);
    const empty = '\r\n\n   \r\n*0\r\n*-1\r\n*-5\r\n\r\n';
    expect(await client.ask(`${empty}echo a\r\n${empty}echo b\n`, 42)).toBe(
      encode(['echo', 'a']).toString() + encode(['echo', 'b']).toString(),
    );
    expect(server.commands).toBe(2);
  });

  it('takes a line of 64 KiB', async () => {
    const { port } = serve();
    const client = await RawClient.open(port);
    const word = 'w'.repeat(65530);
    const answer = encode(['echo', word]);
    expect(await client.ask(`echo ${word}\n`, answer.length)).toBe(answer.toString());
  });
});

describe('protocol errors', () => {
  const zeros = '0'.repeat(70_000);
  const cases: [string, string, string][] = [
    ['no number of arguments', '*\r\n', '1 0'],
    ['a word as number of arguments', '*x\r\n', '1 0'],
    ['a leading zero', '*01\r\n', '1 0'],
    ['a plus sign', '*+1\r\n', '1 0'],
    ['more arguments than an int counts', '*2147483648\r\n', '1 0'],
    ['more digits than 64 bits hold', `*${'9'.repeat(30)}\r\n`, '1 0'],
    ['no size', '*1\r\n$\r\n', '2 0'],
    ['a negative size', '*1\r\n$-1\r\n', '2 0'],
    ['a size over the limit', '*1\r\n$536870913\r\n', '2 0'],
    ['a size with a blank', '*1\r\n$1 \r\n', '2 0'],
    ['no dollar', '*1\r\nabc\r\n', `3 ${'a'.charCodeAt(0)}`],
    ['nothing in place of a size', '*1\r\n\r\n', '3 13'],
    ['an endless number of arguments', `*${zeros}`, '4 0'],
    ['an endless size', `*1\r\n$${zeros}`, '5 0'],
    ['an endless line', zeros, '6 0'],
    ['an open double quote', 'echo "a\r\n', '7 0'],
    ['an open single quote', "echo 'a\r\n", '7 0'],
    ['a word right after a quote', 'echo "a"b\r\n', '7 0'],
    ['POST', 'POST / HTTP/1.1\r\n', '11 0'],
    ['Host:', 'hOsT: 127.0.0.1\r\n', '11 0'],
    ['POST as an array', '*2\r\n$4\r\npost\r\n$1\r\n/\r\n', '11 0'],
  ];

  it.each(cases)('%s', async (_, bytes, expected) => {
    const { server, port } = serve();
    const client = await RawClient.open(port);
    client.send(`echo a\r\n${bytes}echo never\r\n`);
    const text = (await client.readToEnd()).toString('latin1');
    expect(text).toBe(`${encode(['echo', 'a'])}-ERR ${expected}\r\n`);
    expect(server.errors).toHaveLength(1);
    expect(server.count('protocolErrors')).toBe(1);
  });

  it('finds an error however the bytes are cut', async () => {
    const { port } = serve();
    for (const [, bytes, expected] of cases.filter(([, bytes]) => bytes.length < 100)) {
      const client = await RawClient.open(port);
      for (const byte of bytes) {
        client.send(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect((await client.readToEnd()).toString()).toBe(`-ERR ${expected}\r\n`);
    }
  });

  it('closes a client whose unfinished request outgrows the query buffer limit', async () => {
    const { server, port } = serve();
    server.reactor.configure('client-query-buffer-limit', 1 << 20);
    const client = await RawClient.open(port);
    client.send('*2\r\n$4\r\necho\r\n$3000000\r\n');
    client.send(Buffer.alloc(2_000_000));
    expect((await client.readToEnd()).toString()).toBe('-ERR 10 0\r\n');
    expect(server.count('inputHeldBytes')).toBe(0);
  });

  it('does not count finished large arguments for that limit, as Redis does not', async () => {
    const { server, port } = serve();
    server.reactor.configure('client-query-buffer-limit', 1 << 20);
    const client = await RawClient.open(port);
    const request = encode(['echo', ...Array.from({ length: 4 }, () => Buffer.alloc(900_000, 'y'))]);
    client.send(request);
    expect((await client.read(request.length)).equals(request)).toBe(true);
  });
});

describe('clients that have not authenticated', () => {
  function locked(): { server: EchoServer; port: number } {
    const made = serve();
    made.server.reactor.configure('auth-required', 1);
    return made;
  }

  it('may send 10 arguments of 16 KiB, no more', async () => {
    const { port } = locked();
    const fits = encode(['echo', ...Array.from({ length: 9 }, () => 'x'.repeat(16384))]);
    const client = await RawClient.open(port);
    client.send(fits);
    expect((await client.read(fits.length)).equals(fits)).toBe(true);
    client.send('*11\r\n');
    expect((await client.readToEnd()).toString()).toBe('-ERR 8 0\r\n');
    const other = await RawClient.open(port);
    other.send('*2\r\n$4\r\necho\r\n$16385\r\n');
    expect((await other.readToEnd()).toString()).toBe('-ERR 9 0\r\n');
  });

  it('may send more in the same breath as what authenticates them', async () => {
    const { port } = locked();
    const client = await RawClient.open(port);
    const wide = encode(Array.from({ length: 12 }, (_, i) => i));
    const long = encode(['echo', 'x'.repeat(40_000)]);
    client.send(Buffer.concat([encode(['trust']), wide, long]));
    const expected = `+OK\r\n${wide}${long}`;
    expect((await client.read(expected.length)).toString()).toBe(expected);
  });

  it('are closed when they do not read what they asked for', async () => {
    const { server, port } = locked();
    const client = await RawClient.open(port);
    client.socket.pause();
    client.send(encode(['big', 30_000_000]));
    await soon(() => server.count('outputLimitCloses')).toBe(1);
    client.socket.resume();
    await client.closed;
  });
});
