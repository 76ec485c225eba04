// Pub/sub with real clients over sockets.
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterEach, describe, expect, it } from 'vitest';
import { createServer, type MillraceServer } from '../../src/server/embed.ts';
import type { CreateServerOptions } from '../../src/server/options.ts';

const servers: MillraceServer[] = [];
const ends: (() => void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options?: CreateServerOptions): Promise<MillraceServer> {
  const server = await createServer(options);
  servers.push(server);
  return server;
}

/** Collects until there are so many. */
class Inbox<T> {
  readonly #wanted: number;
  readonly #items: T[] = [];
  readonly full: Promise<T[]>;
  #done: (items: T[]) => void = () => {};

  constructor(wanted: number) {
    this.#wanted = wanted;
    this.full = new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  readonly put = (item: T): void => {
    this.#items.push(item);
    if (this.#items.length === this.#wanted) this.#done(this.#items);
  };
}

describe.each([2, 3] as const)('RESP%i', (protocol) => {
  const byIoredis = ({ port, host }: MillraceServer): Redis => {
    const client = new Redis({ port, host, protocol });
    ends.push(() => client.disconnect());
    return client;
  };
  const byNodeRedis = async ({ url }: MillraceServer) => {
    const client = createClient({ url, RESP: protocol });
    ends.push(() => client.isOpen && client.destroy());
    await client.connect();
    return client;
  };

  it('reaches ioredis by channel and by pattern', async () => {
    const server = await start();
    const [subscriber, publisher] = [byIoredis(server), byIoredis(server)];
    expect(await subscriber.subscribe('news', 'größe')).toBe(2);
    expect(await subscriber.psubscribe('n*')).toBe(3);
    const inbox = new Inbox<string[]>(4);
    subscriber.on('message', (...words: string[]) => inbox.put(words));
    subscriber.on('pmessage', (...words: string[]) => inbox.put(words));
    expect(await publisher.publish('news', 'one')).toBe(2);
    expect(await publisher.publish('größe', 'zwei')).toBe(1);
    expect(await publisher.publish('other', 'x')).toBe(0);
    expect(await publisher.publish('nine', '')).toBe(1);
    expect(await inbox.full).toEqual([
      ['news', 'one'],
      ['n*', 'news', 'one'],
      ['größe', 'zwei'],
      ['n*', 'nine', ''],
    ]);
    expect(await publisher.pubsub('CHANNELS')).toEqual(['news', 'größe']);
    expect(await subscriber.unsubscribe('news', 'größe')).toBe(1);
    expect(await subscriber.punsubscribe('n*')).toBe(0);
    expect(await subscriber.get('missing')).toBeNull();
  });

  it('reaches ioredis again after the connection was lost', async () => {
    const server = await start();
    const [subscriber, publisher] = [byIoredis(server), byIoredis(server)];
    await subscriber.subscribe('news');
    const back = once(subscriber, 'ready');
    expect(await publisher.call('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBe(1);
    await back;
    const inbox = new Inbox<string>(1);
    subscriber.on('message', (_, message: string) => inbox.put(message));
    for (let receivers = 0; receivers === 0; ) receivers = await publisher.publish('news', 'again');
    expect(await inbox.full).toEqual(['again']);
  });

  it('reaches node-redis by channel, by pattern and by shard', async () => {
    const server = await start();
    const [subscriber, publisher] = [await byNodeRedis(server), await byNodeRedis(server)];
    const inbox = new Inbox<string>(3);
    const listener = (message: string, channel: string): void => inbox.put(`${channel} ${message}`);
    await subscriber.subscribe('news', listener);
    await subscriber.pSubscribe('new?', listener);
    await subscriber.sSubscribe('shard', listener);
    expect(await publisher.publish('news', 'one')).toBe(2);
    expect(await publisher.sPublish('shard', 'two')).toBe(1);
    expect(await inbox.full).toEqual(['news one', 'news one', 'shard two']);
    expect(await publisher.pubSubNumSub('news')).toEqual({ news: 1 });
    await subscriber.unsubscribe();
    await subscriber.pUnsubscribe();
    await subscriber.sUnsubscribe('shard');
    expect(await publisher.publish('news', 'nobody')).toBe(0);
    expect(String(await subscriber.ping())).toBe('PONG');
  });

  it('tells of keys that expire', async () => {
    const server = await start({ notifyKeyspaceEvents: 'Ex' });
    const [subscriber, writer] = [byIoredis(server), byIoredis(server)];
    const inbox = new Inbox<string>(1);
    await subscriber.subscribe('__keyevent@0__:expired');
    subscriber.on('message', (_, key: string) => inbox.put(key));
    await writer.set('session:1', 'x', 'PX', 1);
    expect(await inbox.full).toEqual(['session:1']);
  });
});

it.each([1, 3])(
  'sends every message once and in order to many subscribers, with %i I/O threads',
  async (threads) => {
    const server = await start({ ioThreads: threads });
    const { port, host } = server;
    const open = (): Redis => {
      const client = new Redis({ port, host });
      ends.push(() => client.disconnect());
      return client;
    };
    const messages = Array.from({ length: 200 }, (_, i) => `${i}:${'x'.repeat((i * 37) % 5000)}`);
    const subscribers = Array.from({ length: 24 }, open);
    const inboxes = subscribers.map((subscriber) => {
      const inbox = new Inbox<string>(messages.length);
      subscriber.on('message', (_, message: string) => inbox.put(message));
      return inbox;
    });
    await Promise.all(subscribers.map((subscriber) => subscriber.subscribe('all')));
    const publisher = open();
    const counts = await Promise.all(messages.map((message) => publisher.publish('all', message)));
    expect(new Set(counts)).toEqual(new Set([subscribers.length]));
    for (const inbox of inboxes) expect(await inbox.full).toEqual(messages);
  },
);
