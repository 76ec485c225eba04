// Input that is not a plain stream of commands: inline text, broken lengths, silenced replies, an end in the middle.
// Each case goes over a connection of its own, in one piece and byte by byte; all bytes until the server closes must be
// the same.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Address, RespClient } from '../support/resp.ts';

const bulk = (...args: string[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
const PING = bulk('PING');

const CASES: readonly string[] = [
  'PING\r\n',
  'PING\n',
  '\r\n\r\nPING\r\n',
  '   \r\nPING\r\n',
  'SET inline "a\\x41\\n\\"b" \r\nGET inline\r\n',
  "SET inline 'it\\'s'\r\nGET inline\r\n",
  'SET inline "a"b\r\n',
  "SET inline 'a'b\r\n",
  'PING\0x\r\n',
  '*0\r\nPING\r\n',
  '*-1\r\nPING\r\n',
  '*-10\r\nPING\r\n',
  '*1048577\r\n',
  '*20000000\r\n',
  '*3000000000\r\n',
  '*x\r\n',
  '*\r\n',
  '*1x\r\n',
  '* 1\r\n',
  '*1\r\nPING\r\n',
  '*1\r\n+PING\r\n',
  '*1\r\n$-1\r\n',
  '*1\r\n$x\r\n',
  '*1\r\n$\r\n',
  '*1\r\n$536870913\r\n',
  '*1\r\n$99999999999999999999\r\n',
  '*2\r\n$4\r\nECHO\r\n$0\r\n\r\n',
  `*${'1'.repeat(70_000)}`,
  `*1\r\n$${'1'.repeat(70_000)}`,
  'x'.repeat(70_000),
  '*1\r\n$4\r\nPI',
  `${PING}*2\r\n$4\r\nECHO\r\n`,
  bulk('QUIT', 'x'),
  bulk('CLIENT', 'REPLY', 'OFF') + PING + bulk('CLIENT', 'REPLY', 'ON') + PING,
  bulk('CLIENT', 'REPLY', 'SKIP') + PING + PING,
  bulk('CLIENT', 'REPLY', 'SKIP') + bulk('CLIENT', 'REPLY', 'ON') + PING,
  bulk('CLIENT', 'REPLY', 'OFF') + bulk('CLIENT', 'REPLY', 'SKIP') + PING,
  bulk('CLIENT', 'REPLY', 'NO') + PING,
  bulk('MULTI') + PING,
  bulk('HELLO', '3') +
    bulk('GET', 'never') +
    bulk('CONFIG', 'GET', 'maxmemory') +
    bulk('RESET') +
    bulk('GET', 'never'),
  bulk('') + PING,
  bulk('GET') + PING,
  bulk('x'.repeat(300), 'y'.repeat(300), 'z') + PING,
  bulk('a\r\nb', 'c\0d') + PING,
  PING.repeat(5000),
  bulk('ECHO', 'e'.repeat(200_000)) + PING,
];

/** The server closes before it read everything; what is still sent then can cost the replies, so in one piece only. */
const EARLY_CLOSE: readonly string[] = [
  `${PING}${bulk('QUIT')}${PING}`,
  bulk('MULTI') + PING + bulk('QUIT') + bulk('EXEC'),
  `*1\r\n+PING\r\n${PING}`,
  'SET inline "unbalanced\r\nPING\r\n',
  'POST / HTTP/1.1\r\n\r\n',
  '*1\r\n$4\r\nPINGxxPING\r\n',
  '*1\r\n$04\r\nPING\r\n',
  '*01\r\n$4\r\nPING\r\n',
  '*+1\r\n$4\r\nPING\r\n',
];

export const PROTOCOL_CASES = CASES.length + EARLY_CLOSE.length;

const SINGLE_BYTES = 600;

/** What HELLO says of the server itself is left out. */
function withoutIdentity(answer: string): string {
  return answer.replace(/version\r\n\$\d+\r\n[^\r]*/, 'version').replace(/id\r\n:\d+/, 'id');
}

async function answerTo(address: Address, input: string, byteByByte: boolean): Promise<string> {
  const client = await RespClient.connect(address);
  let at = 0;
  for (; byteByByte && at < Math.min(input.length, SINGLE_BYTES); at++) {
    client.write(input[at]!);
    if (at % 16 === 0) await nextTurn();
  }
  client.write(input.slice(at));
  return withoutIdentity((await client.finish()).toString('latin1'));
}

export interface ProtocolDifference {
  readonly input: string;
  readonly expected: string;
  readonly actual: string;
}

/** The cases in which the two servers answer with different bytes. */
export async function compareProtocol(reference: Address, target: Address): Promise<ProtocolDifference[]> {
  const differences: ProtocolDifference[] = [];
  for (const input of [...CASES, ...EARLY_CLOSE]) {
    for (const byteByByte of EARLY_CLOSE.includes(input) ? [false] : [false, true]) {
      const answers = [reference, target].map((address) =>
        answerTo(address, input, byteByByte).catch((error: Error) => `(${error.message})`),
      );
      const [expected, actual] = await Promise.all(answers);
      if (expected === actual) continue;
      differences.push({
        input: byteByByte ? `byte by byte: ${input}` : input,
        expected: expected!,
        actual: actual!,
      });
      break;
    }
  }
  return differences;
}
