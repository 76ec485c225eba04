// Every type through ioredis and node-redis, whose own transformations of replies notice a wrong shape at once.
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterEach, describe, expect, it } from 'vitest';
import { createServer, type MillraceServer } from '../../src/server/embed.ts';

const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(): Promise<MillraceServer> {
  const server = await createServer();
  ends.push(() => server.close());
  return server;
}

describe.each([2, 3] as const)('ioredis, RESP%i', (protocol) => {
  async function open(): Promise<{ client: Redis; another: () => Redis }> {
    const { port, host } = await start();
    const another = () => {
      const client = new Redis({ port, host, protocol });
      ends.push(() => client.disconnect());
      return client;
    };
    return { client: another(), another };
  }

  it('lists', async () => {
    const { client } = await open();
    expect(await client.rpush('l', 'a', 'b', 'c', 'b')).toBe(4);
    expect(await client.lrange('l', 0, -1)).toEqual(['a', 'b', 'c', 'b']);
    expect(await client.lpos('l', 'b', 'COUNT', 0)).toEqual([1, 3]);
    expect(await client.lmove('l', 'm', 'LEFT', 'RIGHT')).toBe('a');
    expect(await client.lmpop(2, 'none', 'l', 'RIGHT', 'COUNT', 2)).toEqual(['l', ['b', 'c']]);
    expect(await client.linsert('m', 'BEFORE', 'a', 'z')).toBe(2);
    expect(await client.lpop('m', 5)).toEqual(['z', 'a']);
    expect(await client.lpop('m')).toBeNull();
  });

  it('waits for lists and sorted sets', async () => {
    const { client, another } = await open();
    const popped = another().blpop('l', 'k', 0);
    const moved = another().blmove('from', 'to', 'LEFT', 'RIGHT', 0);
    const lowest = another().bzpopmin('z', 0);
    while (!/blocked_clients:3/.test(await client.info('clients')));
    await client.rpush('k', 'x');
    await client.rpush('from', 'y');
    await client.zadd('z', 2, 'b', 1, 'a');
    expect(await popped).toEqual(['k', 'x']);
    expect(await moved).toBe('y');
    const [key, member, score] = (await lowest)!;
    expect([key, member, Number(score)]).toEqual(['z', 'a', 1]);
    expect(await client.blpop('nothing', 0.01)).toBeNull();
  });

  it('hashes', async () => {
    const { client } = await open();
    expect(await client.hset('h', { a: 1, b: 'two' })).toBe(2);
    expect(await client.hgetall('h')).toEqual({ a: '1', b: 'two' });
    expect(await client.hgetall('none')).toEqual({});
    expect(await client.hmget('h', 'b', 'none')).toEqual(['two', null]);
    expect(await client.hincrby('h', 'a', 41)).toBe(42);
    expect(await client.hincrbyfloat('h', 'a', 0.5)).toBe('42.5');
    expect(await client.call('HEXPIRE', 'h', 100, 'FIELDS', 2, 'a', 'none')).toEqual([1, -2]);
    for (let i = 0; i < 1000; i++) client.hset('big', `field:${i}`, i);
    const seen = new Set<string>();
    for await (const entries of client.hscanStream('big')) {
      for (let i = 0; i < entries.length; i += 2) seen.add(entries[i]);
    }
    expect(seen.size).toBe(1000);
  });

  it('sets', async () => {
    const { client } = await open();
    expect(await client.sadd('s', 3, 1, 2, 'x')).toBe(4);
    expect((await client.smembers('s')).sort()).toEqual(['1', '2', '3', 'x']);
    expect(await client.smismember('s', '1', '9')).toEqual([1, 0]);
    await client.sadd('t', 2, 3);
    expect((await client.sinter('s', 't')).sort()).toEqual(['2', '3']);
    expect(await client.sdiffstore('d', 's', 't')).toBe(2);
    expect(await client.call('SINTERCARD', 2, 's', 't')).toBe(2);
    expect(await client.spop('d', 5)).toHaveLength(2);
    expect(await client.sort('t', 'DESC')).toEqual(['3', '2']);
  });

  it('sorted sets and geo', async () => {
    const { client } = await open();
    expect(await client.zadd('z', 1, 'a', 2.5, 'b', '+inf', 'c')).toBe(3);
    const flat = ((await client.zrange('z', '0', '-1', 'WITHSCORES')) as unknown[]).flat().map(String);
    expect(flat.map((text) => (text === 'Infinity' ? 'inf' : text))).toEqual([
      'a',
      '1',
      'b',
      '2.5',
      'c',
      'inf',
    ]);
    expect(await client.zrangebyscore('z', '(1', '+inf', 'LIMIT', 0, 1)).toEqual(['b']);
    expect(await client.zrank('z', 'c')).toBe(2);
    expect(Number(await client.zincrby('z', -2, 'b'))).toBe(0.5);
    expect(await client.zrevrange('z', 0, 0)).toEqual(['c']);
    expect(await client.geoadd('g', 13.361389, 38.115556, 'Palermo', 15.087269, 37.502669, 'Catania')).toBe(
      2,
    );
    expect(Number(await client.call('GEODIST', 'g', 'Palermo', 'Catania', 'km'))).toBeCloseTo(166.2742, 3);
    expect(await client.geosearch('g', 'FROMLONLAT', 15, 37, 'BYRADIUS', 200, 'km', 'ASC')).toEqual([
      'Catania',
      'Palermo',
    ]);
  });

  it('HyperLogLog and transactions over all of them', async () => {
    const { client } = await open();
    expect(await client.pfadd('p', 'a', 'b', 'c')).toBe(1);
    expect(await client.pfcount('p')).toBe(3);
    const results = await client
      .multi()
      .rpush('l', 1)
      .sadd('s', 1)
      .hset('h', 'f', 1)
      .zadd('z', 1, 'm')
      .exec();
    expect(results).toEqual([1, 1, 1, 1].map((reply) => [null, reply]));
    await expect(client.sadd('l', 1)).rejects.toThrow(
      'WRONGTYPE Operation against a key holding the wrong kind of value',
    );
  });
});

describe.each([2, 3] as const)('node-redis, RESP%i', (RESP) => {
  async function open() {
    const { url } = await start();
    const client = createClient({ url, RESP });
    ends.push(() => client.destroy());
    await client.connect();
    return client;
  }

  it('lists and sets', async () => {
    const client = await open();
    await client.rPush('l', ['a', 'b', 'c']);
    expect(await client.lRange('l', 0, -1)).toEqual(['a', 'b', 'c']);
    expect(await client.lPopCount('l', 2)).toEqual(['a', 'b']);
    expect(await client.lmPop('l', 'LEFT')).toEqual(['l', ['c']]);
    expect(await client.sAdd('s', ['a', 'b'])).toBe(2);
    expect([...(await client.sMembers('s'))].sort()).toEqual(['a', 'b']);
    expect(await client.sIsMember('s', 'a')).toBe(1);
  });

  it('hashes', async () => {
    const client = await open();
    await client.hSet('h', { a: '1', b: '2' });
    expect({ ...(await client.hGetAll('h')) }).toEqual({ a: '1', b: '2' });
    expect(await client.hExpire('h', ['a'], 100)).toEqual([1]);
    expect((await client.hTTL('h', ['a', 'b']))?.map(Number)).toEqual([100, -1]);
    const fields: string[] = [];
    for await (const entries of client.hScanIterator('h'))
      for (const { field } of entries) fields.push(field);
    expect(fields.sort()).toEqual(['a', 'b']);
  });

  it('sorted sets and geo', async () => {
    const client = await open();
    await client.zAdd('z', [
      { value: 'a', score: 1 },
      { value: 'b', score: 2.5 },
    ]);
    expect(await client.zRangeWithScores('z', 0, -1)).toEqual([
      { value: 'a', score: 1 },
      { value: 'b', score: 2.5 },
    ]);
    expect(await client.zScore('z', 'b')).toBe(2.5);
    expect(await client.zPopMax('z')).toEqual({ value: 'b', score: 2.5 });
    await client.geoAdd('g', { longitude: 13.361389, latitude: 38.115556, member: 'Palermo' });
    const [place] = await client.geoPos('g', 'Palermo');
    expect(Number(place!.latitude)).toBeCloseTo(38.115556, 4);
  });

  it('streams and HyperLogLog', async () => {
    const client = await open();
    await client.xAdd('x', '1-1', { field: 'value' });
    expect((await client.xRange('x', '-', '+'))!.map((entry) => [entry!.id, { ...entry!.message }])).toEqual([
      ['1-1', { field: 'value' }],
    ]);
    await client.xGroupCreate('x', 'g', '0');
    const read = await client.xReadGroup('g', 'me', { key: 'x', id: '>' });
    expect(JSON.stringify(read)).toContain('1-1');
    expect(await client.xAck('x', 'g', '1-1')).toBe(1);
    await client.pfAdd('p', ['a', 'b']);
    expect(await client.pfCount('p')).toBe(2);
  });
});
