// Streams as job queues with ioredis and node-redis: consumers that wait, fail, and take over each other's work.
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterEach, describe, expect, it } from 'vitest';
import { createServer, type MillraceServer } from '../../src/server/embed.ts';

const servers: MillraceServer[] = [];
const closers: (() => void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(): Promise<MillraceServer> {
  const server = await createServer();
  servers.push(server);
  return server;
}

describe.each([2, 3] as const)('RESP%i', (protocol) => {
  it('shares jobs among waiting consumers of ioredis, each job once', async () => {
    const { port, host } = await start();
    const open = (): Redis => {
      const client = new Redis({ port, host, protocol });
      closers.push(() => client.disconnect());
      return client;
    };
    const producer = open();
    await producer.xgroup('CREATE', 'jobs', 'workers', '$', 'MKSTREAM');
    const done: string[] = [];
    const work = async (name: string): Promise<void> => {
      const client = open();
      while (done.length < 200) {
        const reply = await client.call(
          ...(['XREADGROUP', 'GROUP', 'workers', name, 'COUNT', '7', 'BLOCK', '50'] as const),
          ...(['STREAMS', 'jobs', '>'] as const),
        );
        const entries = entriesOf(reply as Reply | null);
        for (const [id, fields] of entries) {
          done.push(fields[1]!);
          expect(await client.xack('jobs', 'workers', id)).toBe(1);
        }
      }
    };
    const workers = ['anna', 'ben', 'carl'].map(work);
    for (let i = 0; i < 200; i++) await producer.xadd('jobs', 'MAXLEN', '~', 1000, '*', 'job', String(i));
    await Promise.all(workers);
    expect(done.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 200 }, (_, i) => `${i}`));
    expect((await producer.xpending('jobs', 'workers'))[0]).toBe(0);
    expect(await producer.xlen('jobs')).toBe(200);
  });

  it('lets a consumer of node-redis take over what another one left', async () => {
    const { url } = await start();
    const client = createClient({ url, RESP: protocol });
    closers.push(() => client.destroy());
    await client.connect();
    await client.xGroupCreate('jobs', 'workers', '0', { MKSTREAM: true });
    const ids = [];
    for (let i = 0; i < 5; i++) ids.push(await client.xAdd('jobs', '*', { job: `${i}`, more: 'x' }));
    const got = await client.xReadGroup('workers', 'lost', { key: 'jobs', id: '>' }, { COUNT: 3 });
    expect(JSON.stringify(got)).toContain(ids[2]);
    await client.xDel('jobs', ids[1]!);
    const claimed = await client.xAutoClaim('jobs', 'workers', 'finder', 0, '0');
    expect(claimed.messages.map((message) => message?.id)).toEqual([ids[0], ids[2]]);
    expect(claimed.messages[0]?.message).toEqual({ job: '0', more: 'x' });
    expect(claimed.deletedMessages).toEqual([ids[1]]);
    const pending = await client.xPendingRange('jobs', 'workers', '-', '+', 10);
    expect(pending.map(({ consumer, deliveriesCounter }) => [consumer, deliveriesCounter])).toEqual([
      ['finder', 2],
      ['finder', 2],
    ]);
    const info = await client.xInfoStream('jobs');
    expect(info.length).toBe(4);
    expect(info['first-entry']?.id).toBe(ids[0]);
    const [group] = await client.xInfoGroups('jobs');
    expect(group).toMatchObject({ name: 'workers', consumers: 2, pending: 2 });
    expect(await client.xRange('jobs', '-', '+', { COUNT: 1 })).toMatchObject([{ id: ids[0] }]);
  });
});

type Entry = [id: string, fields: string[]];
/** One stream and its entries; ioredis makes a flat list of a map. */
type Reply = [[key: string, entries: Entry[]]] | [key: string, entries: Entry[]];

function entriesOf(reply: Reply | null): Entry[] {
  if (reply === null) return [];
  return typeof reply[0] === 'string' ? (reply[1] as Entry[]) : reply[0][1];
}
