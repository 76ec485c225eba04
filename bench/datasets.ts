// Values to measure on, and how they get into a server: as one stream of commands, whatever the server.
import { connect } from 'node:net';

export interface Dataset {
  /** Elements in all, over all keys. */
  readonly elements: number;
  /** How many commands put it there, and the words of each. */
  readonly commands: number;
  command(i: number): readonly string[];
}

/** Elements that one command of a filler adds. */
const AT_ONCE = 50;
const VALUE = 'v'.repeat(32);

function digits(i: number, count: number): string {
  return String(i).padStart(count, '0');
}

/** One key filled by commands that add AT_ONCE elements each. */
function single(
  elements: number,
  head: readonly string[],
  element: (i: number) => readonly string[],
): Dataset {
  return {
    elements,
    commands: Math.ceil(elements / AT_ONCE),
    command: (i) => {
      const words = [...head];
      for (let e = i * AT_ONCE; e < Math.min(elements, (i + 1) * AT_ONCE); e++) words.push(...element(e));
      return words;
    },
  };
}

/** The names that redis-benchmark gives to members and fields. */
const benchmarkName = (i: number) => `element:${digits(i, 12)}`;
/** 16 bytes. */
const shortName = (i: number) => `element:${digits(i, 8)}`;

const sortedSet = (key: string, elements: number, name = benchmarkName) =>
  single(elements, ['ZADD', key], (i) => [String((i * 7919) % elements), name(i)]);
const hash = (key: string, elements: number, name = benchmarkName) =>
  single(elements, ['HSET', key], (i) => [name(i), VALUE]);
const set = (key: string, elements: number, name = benchmarkName) =>
  single(elements, ['SADD', key], (i) => [name(i)]);
const list = (key: string, elements: number) => single(elements, ['RPUSH', key], () => [VALUE]);

const SMALL_FIELDS = 10;

export const DATASETS = {
  'zset-100k': sortedSet('myzset', 100_000),
  'zset-1m': sortedSet('myzset', 1_000_000),
  'zset-10m': sortedSet('myzset', 10_000_000, shortName),
  'hash-1m': hash('myhash', 1_000_000),
  'hash-10m': hash('myhash', 10_000_000, shortName),
  'hash-50': hash('myhash', 50),
  'set-1m': set('myset', 1_000_000),
  'set-8m': set('myset', 8_000_000),
  'set-100': set('myset', 100),
  'list-8m': list('mylist', 8_000_000),
  'list-600': list('mylist', 600),
  'stream-100k': {
    elements: 100_000,
    commands: 100_000,
    command: () => ['XADD', 'mystream', '*', 'field', VALUE],
  },
  'elements-zset': single(1_000_000, ['ZADD', 'key'], (i) => [`${i * 0.7}`, shortName(i)]),
  'elements-hash': hash('key', 1_000_000, shortName),
  'elements-set': set('key', 1_000_000, shortName),
  'elements-list': list('key', 1_000_000),
  'elements-small-hashes': {
    elements: 1_000_000,
    commands: 1_000_000 / SMALL_FIELDS,
    command: (i) => {
      const words = ['HSET', `hash:${digits(i, 11)}`];
      for (let f = 0; f < SMALL_FIELDS; f++) words.push(`field:${f}`, 'v'.repeat(16));
      return words;
    },
  },
} as const satisfies Record<string, Dataset>;

export type DatasetName = keyof typeof DATASETS;

const CHUNK_BYTES = 1 << 18;

/** Writes a dataset to the server on a port; returns what went wrong. */
export function fillDataset(port: number, name: DatasetName): Promise<string[]> {
  const dataset: Dataset = DATASETS[name];
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const errors: string[] = [];
    let next = 0;
    const write = () => {
      while (next < dataset.commands) {
        let text = '';
        while (next < dataset.commands && text.length < CHUNK_BYTES) text += encode(dataset.command(next++));
        if (next === dataset.commands) text += encode(['PING']);
        if (!socket.write(text, 'latin1')) return;
      }
    };
    socket.on('drain', write);
    socket.once('connect', write);
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      const error = /(?:^|\n)(-[A-Z][^\r]*)/.exec(text);
      if (error !== null && errors.length === 0) errors.push(`${name}: ${error[1]}`);
      if (!text.endsWith('+PONG\r\n')) return;
      socket.destroy();
      resolve(errors);
    });
    socket.once('error', reject);
  });
}

function encode(words: readonly string[]): string {
  let text = `*${words.length}\r\n`;
  for (const word of words) text += `$${word.length}\r\n${word}\r\n`;
  return text;
}
