// The framing that every protocol test relies on.
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { decodeReply, encodeCommand, ReplyError, RespClient, replyEnd } from './resp.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

const REPLIES = [
  '+OK\r\n',
  '-ERR no\r\n',
  ':-12\r\n',
  '$-1\r\n',
  '$0\r\n\r\n',
  '$5\r\na\r\nb\0\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*2\r\n*1\r\n:1\r\n$1\r\nx\r\n',
  '_\r\n',
  '#t\r\n',
  ',3.5\r\n',
  '(12345678901234567890\r\n',
  '!7\r\nERR bad\r\n',
  '=8\r\ntxt:text\r\n',
  '%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n_\r\n',
  '~1\r\n+x\r\n',
  '|1\r\n+ttl\r\n:3\r\n+value\r\n',
];

test('a reply ends where it ends, at every cut', () => {
  for (const reply of REPLIES) {
    const whole = bytes(`${reply}+next\r\n`);
    expect(replyEnd(whole, 0)).toBe(reply.length);
    for (let cut = 0; cut < reply.length; cut++) expect(replyEnd(whole.subarray(0, cut), 0)).toBe(-1);
  }
});

test('replies decode to values', () => {
  const values = REPLIES.map((reply) => decodeReply(bytes(reply)));
  expect(values).toEqual([
    'OK',
    new ReplyError('ERR no'),
    -12,
    null,
    '',
    'a\r\nb\0',
    null,
    [],
    [[1], 'x'],
    null,
    true,
    3.5,
    12345678901234567890n,
    new ReplyError('ERR bad'),
    'text',
    new Map<string, unknown>([
      ['a', 1],
      ['b', [null]],
    ]),
    ['x'],
    'value',
  ]);
});

test('a command is an array of bulk strings, bytes untouched', () => {
  expect(encodeCommand(['SET', bytes('k\xff'), 7]).toString('latin1')).toBe(
    '*3\r\n$3\r\nSET\r\n$2\r\nk\xff\r\n$1\r\n7\r\n',
  );
});

let peer: Server | undefined;
afterEach(() => peer?.close());

async function talkTo(answer: string): Promise<RespClient> {
  peer = createServer((socket) => {
    socket.once('data', () => {
      for (const char of answer) socket.write(bytes(char));
      socket.end();
    });
  });
  await new Promise<void>((ready) => peer!.listen(0, '127.0.0.1', ready));
  const address = peer.address();
  return RespClient.connect({ port: typeof address === 'object' && address ? address.port : 0 });
}

test('replies come whole and in order, pushes apart, and the end of the connection is told', async () => {
  const client = await talkTo('+one\r\n>1\r\n+push\r\n$3\r\ntwo\r\n');
  client.write('x');
  expect((await client.take(2)).map(String)).toEqual(['+one\r\n', '$3\r\ntwo\r\n']);
  expect(client.pushes.map(String)).toEqual(['>1\r\n+push\r\n']);
  await expect(client.take(1)).rejects.toThrow('closed after 0 of 1');
});
