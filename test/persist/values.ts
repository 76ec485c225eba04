// Commands that make values of every type and encoding from random numbers.
import type { Random } from '../../src/base/random.ts';

export type Command = readonly string[];

/** Name of the encoding that OBJECT ENCODING is to answer, and the commands that make such a value under `key`. */
export type Maker = readonly [encoding: string, make: (key: string, random: Random) => Command[]];

const EDGES = ['0', '-1', '127', '128', '-129', '32767', '-32769', '2147483647', '-2147483649'];
const WIDE = ['9007199254740993', '9223372036854775807', '-9223372036854775808', '9223372036854775808'];

/** A text of `length` characters at most, of any bytes or of few letters. */
export function text(random: Random, length: number): string {
  const bytes = Buffer.alloc(random.below(length + 1));
  const letters = random.below(2) === 0 ? 256 : 3;
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(letters);
  return bytes.toString('latin1');
}

/** Different words: integers of all widths, and texts of up to `length` characters. */
export function words(random: Random, count: number, length: number): string[] {
  const found = new Set<string>(random.below(2) === 0 ? [...EDGES, ...WIDE].slice(0, count) : []);
  while (found.size < count) found.add(random.below(3) === 0 ? integer(random) : text(random, length));
  return [...found];
}

function integer(random: Random): string {
  const bits = BigInt(1 + random.below(63));
  const value = (BigInt(random.below(2 ** 31)) << 32n) | BigInt(random.below(2 ** 31));
  return String(BigInt.asIntN(Number(bits), value));
}

function scored(random: Random, names: readonly string[]): string[] {
  const scores = ['0', '-0', 'inf', '-inf', '0.1', '1e300', '-5', '3.5', '17'];
  return names.flatMap((name) => [scores[random.below(scores.length)]!, name]);
}

function hash(key: string, random: Random, count: number, length: number): Command {
  return ['HSET', key, ...words(random, count, length).flatMap((name) => [name, text(random, length)])];
}

/** A stream with entries of the same names and of others, gaps, and groups with consumers and pending entries. */
function stream(key: string, random: Random, count: number): Command[] {
  const commands: Command[] = [];
  const ids: string[] = [];
  for (let i = 1; i <= count; i++) {
    const names = random.below(3) === 0 ? words(random, 1 + random.below(3), 8) : ['name', 'age'];
    ids.push(`${1000 + i * 3}-${random.below(5)}`);
    commands.push(['XADD', key, ids.at(-1)!, ...names.flatMap((name) => [name, text(random, 30)])]);
  }
  for (const id of ids) if (random.below(5) === 0 && id !== ids[0]) commands.push(['XDEL', key, id]);
  commands.push(['XGROUP', 'CREATE', key, 'idle', '$'], ['XGROUP', 'CREATE', key, 'busy', '0']);
  for (const consumer of ['ann', 'ben', 'cid']) {
    commands.push(['XGROUP', 'CREATECONSUMER', key, 'busy', consumer]);
    const some = String(1 + random.below(5));
    commands.push(['XREADGROUP', 'GROUP', 'busy', consumer, 'COUNT', some, 'STREAMS', key, '>']);
  }
  return [...commands, ['XACK', key, 'busy', ids[0]!]];
}

/** A stream with entries that consumers gave back to their group. */
function released(key: string, random: Random): Command[] {
  const commands = stream(key, random, 60);
  for (const mode of ['SILENT', 'FAIL', 'FATAL']) {
    const id = `${1000 + (1 + random.below(8)) * 3}-${random.below(5)}`;
    commands.push(['XNACK', key, 'busy', mode, 'IDS', '2', `${9000 + random.below(9)}-0`, id]);
  }
  for (const id of ['2000-0', '1900-0'])
    commands.push(
      ['XADD', key, 'NOMKSTREAM', `${id.slice(0, 3)}000-1`, 'late', 'yes'],
      ['XNACK', key, 'busy', 'FAIL', 'IDS', '1', `${id.slice(0, 3)}000-1`, 'FORCE', 'RETRYCOUNT', '7'],
    );
  return commands;
}

/** A stream that knows what its producers sent. */
function sent(key: string, random: Random): Command[] {
  const commands = stream(key, random, 20);
  commands.push(['XCFGSET', key, 'IDMP-MAXSIZE', '20']);
  for (let i = 0; i < 120; i++) {
    const producer = ['ann', '\0\xff', 'x'.repeat(300)][random.below(3)]!;
    const id = random.below(4) === 0 ? ['IDMPAUTO', producer] : ['IDMP', producer, `${random.below(60)}`];
    commands.push(['XADD', key, ...id, '*', 'name', text(random, 3)]);
  }
  return commands;
}

/** Streams that servers before Redis 8.6 cannot read. */
export const NEWER_STREAMS: readonly Maker[] = [
  ['stream', released],
  ['stream', sent],
  ['stream', (key, random) => [...released(key, random), ...sent(key, random).slice(-121)]],
];

export const MAKERS: readonly Maker[] = [
  ['int', (key, random) => [['SET', key, [...EDGES, ...WIDE.slice(0, 3)][random.below(12)]!]]],
  ['embstr', (key, random) => [['SET', key, `x${text(random, 43)}`]]],
  ['raw', (key, random) => [['SET', key, `${'raw'.repeat(15)}${text(random, 5000)}`]]],
  ['listpack', (key, random) => [['RPUSH', key, ...words(random, 20, 40)]]],
  ['quicklist', (key, random) => [['RPUSH', key, ...words(random, 900, 60), 'z'.repeat(9000)]]],
  ['intset', (key, random) => [['SADD', key, ...new Set(Array.from({ length: 60 }, () => integer(random)))]]],
  ['listpack', (key, random) => [['SADD', key, 'word', ...words(random, 40, 20)]]],
  ['hashtable', (key, random) => [['SADD', key, 'word', ...words(random, 300, 90)]]],
  ['listpack', (key, random) => [['ZADD', key, ...scored(random, words(random, 40, 60))]]],
  ['skiplist', (key, random) => [['ZADD', key, ...scored(random, words(random, 300, 90))]]],
  ['listpack', (key, random) => [hash(key, random, 40, 60)]],
  ['hashtable', (key, random) => [hash(key, random, 700, 90)]],
  ['stream', (key, random) => stream(key, random, 60)],
  ['stream', (key, random) => [...stream(key, random, 250), ['XTRIM', key, 'MAXLEN', '0']]],
];
