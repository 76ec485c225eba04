// What the databases hold after a sequence.
import { decodeReply, encodeCommand, type RespClient } from '../support/resp.ts';
import { elementsOf } from './check.ts';
import type { CommandStep, Sequence } from './steps.ts';

const DATABASES = [0, 1, 15];
const LONG_ELEMENT = 8192;

const latin1 = (bytes: Buffer): string => bytes.toString('latin1');

/** A text of everything the databases hold: keys, types, encodings, values and, where they are exact, expiry times. */
export async function snapshot(client: RespClient, sequence: Sequence): Promise<Map<string, string>> {
  const { exactTimes } = sequence;
  const plainLists = !sequence.steps.some((step) => step.kind === 'command' && changesNodes(step));
  const found = new Map<string, string>();
  for (const database of DATABASES) {
    await client.call('SELECT', database);
    const keys = (elementsOf(await client.raw('KEYS', '*')) ?? []).map((raw) => String(decodeReply(raw)));
    for (const key of keys) {
      const asked = [
        ['TYPE', key],
        ['OBJECT', 'ENCODING', key],
        ['DEBUG', 'DIGEST-VALUE', key],
        ['PEXPIRETIME', key],
        ['GET', key],
        ['XINFO', 'GROUPS', key],
        ['DUMP', key],
      ];
      client.write(Buffer.concat(asked.map(encodeCommand)));
      const [type, encoding, digest, time, text, groups, bytes] = (await client.take(asked.length)).map(
        latin1,
      );
      const expiry = exactTimes || time === ':-1\r\n' ? time : 'some time';
      const plain = type === STRING ? text : type === STREAM ? digest! + groups : digest;
      const value =
        (type !== LIST || plainLists) && hasFixedBytes(type!, encoding!, groups!, bytes!.length)
          ? `${plain} ${bytes}`
          : plain;
      const name = `${database} ${JSON.stringify(key)}`;
      found.set(name, [type, comparableEncoding(type!, encoding!), value, expiry].join(' '));
    }
  }
  return found;
}

const STRING = '+string\r\n';
const STREAM = '+stream\r\n';
const LIST = '+list\r\n';

/** In 7.0 a list keeps the size of nodes that was set when it was made; what compressed nodes look like is up to the compressor. */
function changesNodes({ args }: CommandStep): boolean {
  return args.some((arg) => /^list-(max-listpack-size|compress-depth)$/i.test(latin1(arg)));
}

/**
 * Whether the bytes of a dump follow from the value: hash tables have no order, what consumers of a stream did has times. Long
 * elements of lists stand for themselves since 7.2.
 */
function hasFixedBytes(type: string, encoding: string, groups: string, bytes: number): boolean {
  if (type === LIST) return bytes < LONG_ELEMENT;
  if (type === '+hash\r\n') return encoding.includes('listpack');
  if (type === '+set\r\n') return encoding.includes('intset');
  return type !== STREAM || groups === '*0\r\n';
}

/** The encoding as far as 7.0 and later versions agree: short lists and sets are listpacks since 7.2. */
function comparableEncoding(type: string, encoding: string): string {
  if (type === LIST) return 'of a list';
  return type === '+set\r\n' ? encoding.replace('$8\r\nlistpack', '$9\r\nhashtable') : encoding;
}
