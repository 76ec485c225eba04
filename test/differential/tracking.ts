// Compares what CLIENT TRACKING tells: in each case two clients track in ways of their own and a third one writes. After
// every command what each of them has been told must be the same on both servers, and in the same order.
import { type Address, RespClient } from '../support/resp.ts';
import type { Random } from './random.ts';

const TO_FIRST = 'REDIRECT 0';
/** How the two clients track. Client 2 writes, client 3 speaks RESP2 and has subscribed. */
const CASES: readonly (readonly [first: string, second: string])[] = [
  ['', ''],
  ['', 'NOLOOP'],
  ['OPTIN', 'OPTOUT'],
  ['OPTIN NOLOOP', ''],
  ['REDIRECT 3', 'OPTOUT REDIRECT 3'],
  ['BCAST', ''],
  ['BCAST PREFIX a PREFIX b', 'BCAST NOLOOP'],
  ['BCAST REDIRECT 3', TO_FIRST],
];

export const TRACKING_CASES = CASES.length;

const LISTENER = 3;
const KEYS = ['a', 'b', 'ab', 'abc', 'b1', 'c'];
/** A star stands for a key. */
const READS = `GET *|MGET * * *|EXISTS * *|TYPE *|LRANGE * 0 -1|SINTER * *|ZUNION 2 * *|ZUNION 3 * *|XREAD STREAMS * 0
  XREAD COUNT 1 STREAMS * * 0 0|SORT_RO * ALPHA|HGETALL *|TTL *|BITFIELD_RO * GET u8 0|GEORADIUS_RO * 1 1 1 m|XLEN *
  SINTERCARD 2 * *|LCS * *|TOUCH *|OBJECT REFCOUNT *|ZINTERCARD 1 *|XPENDING * g|GEODIST * p p|BITCOUNT *|DBSIZE|GET`;
const WRITES = `SET * 1|DEL * *|RENAME * *|COPY * * REPLACE|LPUSH * x|RPOPLPUSH * *|SADD * m|SREM * m|SMOVE * * m|HSET * f v
  SUNIONSTORE * * *|EXPIRE * 100|EXPIRE * -1|PERSIST *|HDEL * f|ZADD * 1 m|ZPOPMIN *|INCR *|APPEND * 1|MSET * 1 * 2|GETDEL *
  MSETNX * 1 * 2|GETEX * EX 100|XADD * 5-1 f v|XGROUP CREATE * g 0 MKSTREAM|XTRIM * MAXLEN 0|PFADD * x|PFMERGE * *|PFCOUNT *
  SETBIT * 7 1|BITOP NOT * *|SORT * ALPHA STORE *|LSET * 0 v|LTRIM * 0 0|ZRANGESTORE * * 0 -1|GEOADD * 1 1 p|MOVE * 1
  FLUSHALL|FLUSHDB|SWAPDB 0 1|LMPOP 2 * * LEFT|ZMPOP 2 * * MIN|XDEL * 5-1|UNLINK *|RENAMENX * *|LREM * 0 x
  XREADGROUP GROUP g c STREAMS * >|XACK * g 5-1|XCLAIM * g c 0 5-1|XAUTOCLAIM * g c 0 0|XGROUP DESTROY * g|LPOP *|GETSET * 1`;
const STEPS = 250;

const wordsOf = (text: string): string[] => text.split(/\s*[|\n]\s*/);
const reads = wordsOf(READS);
const writes = wordsOf(WRITES);

/** One of the two servers and our connections to it. */
class Side {
  readonly #clients: RespClient[] = [];

  async open(address: Address, modes: readonly string[]): Promise<void> {
    for (let i = 0; i <= LISTENER; i++) this.#clients.push(await RespClient.connect(address));
    const [first, , writer, listener] = this.#clients;
    await writer!.call('FLUSHALL');
    const ids = new Map<string, string>();
    // A subscriber cannot be asked for its id any more.
    for (const [name, client] of [
      ['0', first!],
      ['3', listener!],
    ] as const) {
      ids.set(name, String(await client.call('CLIENT', 'ID')));
    }
    await listener!.call('SUBSCRIBE', 'others');
    for (const [i, mode] of modes.entries()) {
      await this.#clients[i]!.call('HELLO', 3);
      const words = mode.split(' ').filter((word) => word !== '');
      const at = words.indexOf('REDIRECT');
      if (at >= 0) words[at + 1] = ids.get(words[at + 1]!)!;
      await this.#clients[i]!.call('CLIENT', 'TRACKING', 'ON', ...words);
    }
  }

  /** Runs commands at once; what every client was told by them. */
  async run(client: number, lines: readonly string[]): Promise<string> {
    for (const line of lines) await this.#clients[client]!.call(...line.split(' '));
    const told: string[] = [];
    for (const [i, one] of this.#clients.entries())
      told.push(`${i}: ${await (i === LISTENER ? heard(one) : pushed(one))}`);
    return told.join('\n');
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }
}

/** What came before the answer to a PING, out of turn. */
async function pushed(client: RespClient): Promise<string> {
  await client.call('PING');
  return Buffer.concat(client.pushes.splice(0)).toString('latin1');
}

/** The messages that came before the answer to a PING. */
async function heard(client: RespClient): Promise<string> {
  let messages = '';
  for (let reply = await client.raw('PING'); reply.at(5) !== 52; reply = (await client.take(1))[0]!) {
    messages += reply.toString('latin1');
  }
  return messages;
}

function draw(random: Random, modes: readonly string[], client: number): string[] {
  const mode = modes[client];
  const fill = (line: string): string => line.replace(/\*/g, () => random.pick(KEYS));
  const lines = [fill(random.pick(random.chance(0.5) ? reads : writes))];
  // 7.0 puts what is redirected to the client of a transaction into the middle of EXEC's reply.
  if (random.chance(0.1) && !modes.some((other) => other.includes(TO_FIRST))) {
    lines.unshift('MULTI', fill(random.pick(writes)), fill(random.pick(reads)));
    lines.push('EXEC');
  }
  if (random.chance(0.3) && mode?.includes('OPT'))
    lines.unshift(`CLIENT CACHING ${mode.includes('IN') ? 'YES' : 'NO'}`);
  return lines;
}

/** Runs every case; a text about each in which the servers differ. */
export async function compareTracking(
  reference: Address,
  target: Address,
  random: Random,
): Promise<string[]> {
  const found: string[] = [];
  for (const modes of CASES) {
    const sides = [new Side(), new Side()];
    await Promise.all(sides.map((side, i) => side.open(i === 0 ? reference : target, modes)));
    for (let step = 0; step < STEPS; step++) {
      const client = random.below(LISTENER);
      const lines = draw(random, modes, client);
      const [expected, actual] = await Promise.all(sides.map((side) => side.run(client, lines)));
      if (expected === actual) continue;
      const how = modes.map((mode) => `"${mode}"`).join(' and ');
      found.push(`tracking ${how}: client ${client}: ${lines.join('; ')}\n${expected}\n--- but\n${actual}`);
      break;
    }
    for (const side of sides) side.close();
  }
  return found;
}
