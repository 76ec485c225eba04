// Has redis-server make values in all encodings that it knows, and writes down their dumps and a whole file of them, for the
// programs here to change: redis_dumps.json. To be run again when SAMPLES or the version of redis-server change.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Random } from '../../src/base/random.ts';
import type { Command } from '../persist/values.ts';
import { ReplyError, type RespClient } from '../support/resp.ts';
import { startServer } from '../support/server.ts';
import type { Result } from './result.ts';
import { LARGE, SAMPLES } from './samples.ts';

/** The bundle of this program knows the directory of test/support. */
const FILE = resolve(import.meta.dirname, '../crash/redis_dumps.json');
const DUMP_END_BYTES = 10;
const FILE_END_BYTES = 8;

const repeated = (count: number, make: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** What SAMPLES lack: other widths of integers, compressed and plain nodes of lists, dense counters, several nodes of streams. */
const MORE: readonly ((key: string) => Command[])[] = [
  ...['-7', '300', '70000', '5000000000'].map((value) => (key: string) => [['SET', key, value]]),
  (key) => [['SADD', key, '1', '-2', '300']],
  (key) => [['SADD', key, '1', '70000']],
  (key) => [['SETBIT', key, '3000', '1']],
  (key) => [
    ['CONFIG', 'SET', 'list-max-listpack-size', '3', 'list-compress-depth', '1'],
    ['RPUSH', key, ...repeated(12, (i) => 'abcdefgh'.repeat(8) + i)],
  ],
  (key) => [
    ['CONFIG', 'SET', 'list-max-listpack-size', '-1', 'list-compress-depth', '0'],
    ['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '50b'],
    ['RPUSH', key, 'a', 'xyz'.repeat(20), 'b'],
    ['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '1g'],
  ],
  (key) => [['ZADD', key, '1', 'a', '-inf', 'b', '2.5', 'c', '1e300', 'd']],
  (key) => [
    ...repeated(12, (i) => `${i + 1}-1`).map((id) => ['XADD', key, id, 'f', 'v'.repeat(20)]),
    ['XTRIM', key, 'MAXLEN', '7'],
    ['XSETID', key, '99-1', 'ENTRIESADDED', '50', 'MAXDELETEDID', '4-1'],
  ],
];

/** Long, but almost all zeros: only where that is compressed. */
const dense = (key: string): Command[] => [
  ['CONFIG', 'SET', 'hll-sparse-max-bytes', '0'],
  ['PFADD', key, 'a', 'b', 'c'],
];

/** Its commands that Redis 7.0 does not have are left out. */
async function dumpsOf(client: RespClient, compresses: boolean, random: Random): Promise<string[]> {
  await sent(client, ['CONFIG', 'SET', 'rdbcompression', compresses ? 'yes' : 'no']);
  const found: string[] = [];
  for (const make of [...SAMPLES, ...MORE, ...(compresses ? [dense] : [])]) {
    const commands = make('k', random).filter(([name]) => !name!.startsWith('HPEXPIRE'));
    for (const command of commands) await sent(client, command);
    const bytes = Buffer.from((await client.call('DUMP', 'k')) as string, 'latin1');
    found.push(bytes.subarray(0, -DUMP_END_BYTES).toString('base64'));
    await sent(client, ['DEL', 'k']);
  }
  return found;
}

async function sent(client: RespClient, command: Command): Promise<void> {
  const reply = await client.call(...command.map((word) => Buffer.from(word, 'latin1')));
  if (reply instanceof ReplyError) throw new Error(`${command[0]}: ${reply.text}`);
}

async function fileOf(client: RespClient, dir: string, random: Random): Promise<string> {
  await sent(client, ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu']);
  await sent(client, [
    'FUNCTION',
    'LOAD',
    "#!lua name=l\nredis.register_function('f', function() return 1 end)",
  ]);
  for (const [i, make] of [...SAMPLES, ...MORE].entries()) {
    await sent(client, ['SELECT', String(i % 2)]);
    const commands = make(`key${i}`, random).filter(([name]) => !name!.startsWith('HPEXPIRE'));
    for (const command of commands) await sent(client, command);
    if (i % 3 === 0) await sent(client, ['PEXPIREAT', `key${i}`, '9999999999999']);
  }
  await sent(client, ['SAVE']);
  return readFileSync(join(dir, 'dump.rdb')).subarray(0, -FILE_END_BYTES).toString('base64');
}

export async function record(_amount: number, seed: number): Promise<Result> {
  const random = new Random(seed);
  const dumps = new Set<string>();
  const files: string[] = [];
  for (const isLarge of [false, true]) {
    await using server = await startServer({ program: 'redis', args: ['--enable-debug-command', 'yes'] });
    const client = await server.connect();
    if (isLarge) for (const [name, value] of LARGE) await client.call('CONFIG', 'SET', name!, value!);
    for (const compresses of [false, true])
      for (const dump of await dumpsOf(client, compresses, random)) dumps.add(dump);
    files.push(await fileOf(client, server.dir, random));
    client.close();
  }
  writeFileSync(FILE, `${JSON.stringify({ dumps: [...dumps], files }, null, 1)}\n`);
  return { done: dumps.size + files.length, failures: [] };
}
