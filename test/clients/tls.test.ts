// ioredis and node-redis over TLS, with certificates on both sides, against a server in the same thread.
import { once } from 'node:events';
import type { ConnectionOptions } from 'node:tls';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer, type MillraceServer } from '../../src/server/embed.ts';
import { Authority } from '../support/certificates.ts';

let authority: Authority;
let server: MillraceServer;
let trusted: ConnectionOptions;

beforeAll(async () => {
  authority = await Authority.create();
  const { certFile, keyFile } = await authority.issue('localhost');
  const { cert, key } = await authority.issue('client');
  trusted = { ca: authority.cert, cert, key };
  server = await createServer({ tls: { certFile, keyFile, caCertFile: authority.certFile } });
});

afterAll(async () => {
  await server.close();
  authority.remove();
});

describe('ioredis', () => {
  const connectTo = (tls: ConnectionOptions, retry = false): Redis =>
    new Redis({
      port: server.tlsPort,
      host: '127.0.0.1',
      tls,
      ...(retry ? {} : { retryStrategy: () => null }),
    });

  it('pipelines, subscribes and runs transactions', async () => {
    const client = connectTo(trusted);
    const pipeline = client.pipeline();
    for (let i = 0; i < 5000; i++) pipeline.set(`key:${i}`, 'v'.repeat(i % 100));
    const results = await pipeline.exec();
    expect(results!.every(([error, reply]) => error === null && reply === 'OK')).toBe(true);
    expect(await client.strlen('key:4999')).toBe(99);
    expect(await client.multi().incr('n').incr('n').exec()).toEqual([
      [null, 1],
      [null, 2],
    ]);
    const subscriber = connectTo(trusted);
    await subscriber.subscribe('news');
    const message = once(subscriber, 'message');
    expect(await client.publish('news', 'x'.repeat(100_000))).toBe(1);
    expect((await message)[1]).toBe('x'.repeat(100_000));
    for (const each of [client, subscriber]) each.disconnect();
  });

  it('comes back after the server closed the connection', async () => {
    const client = connectTo(trusted, true);
    const other = connectTo(trusted);
    const id = await client.client('ID');
    expect(await other.client('KILL', 'ID', id)).toBe(1);
    await once(client, 'close');
    expect(await client.ping()).toBe('PONG');
    expect(await client.client('ID')).not.toBe(id);
    for (const each of [client, other]) each.disconnect();
  });

  it('is refused without a certificate', async () => {
    const client = connectTo({ ca: authority.cert });
    const [error] = await once(client, 'error');
    expect(String(error.code ?? error)).toMatch(/CERTIFICATE_REQUIRED|ECONNRESET|closed/);
    client.disconnect();
  });
});

describe('node-redis', () => {
  it('understands the url of the server', async () => {
    const client = createClient({
      url: server.url,
      socket: { tls: true, host: '127.0.0.1', ...trusted, reconnectStrategy: false },
    });
    await client.connect();
    const values = Array.from({ length: 1000 }, (_, i) => `value ${i}`);
    await Promise.all(values.map((value, i) => client.set(`node:${i}`, value)));
    expect(await client.mGet(values.map((_, i) => `node:${i}`))).toEqual(values);
    await client.close();
  });

  it('is refused when it does not trust the server', async () => {
    const socket = {
      tls: true as const,
      host: '127.0.0.1',
      port: server.tlsPort,
      reconnectStrategy: false as const,
    };
    const client = createClient({ socket });
    client.on('error', () => {});
    await expect(client.connect()).rejects.toThrow(/unable to (verify|get)|self.signed/);
  });
});
