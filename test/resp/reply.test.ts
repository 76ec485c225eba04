// Replies written piece by piece, whatever room is left in the frame at hand.
import { expect, it } from 'vitest';
import { Reply } from '../../src/resp/reply.ts';

const TEXTS = Array.from({ length: 130 }, (_, length) => 'abcdefghij'.repeat(13).slice(0, length));

/** What `write` writes if frames have `room` bytes, or as many as are asked for at once. */
function written(room: number, write: (reply: Reply) => void): string {
  const frames: string[] = [];
  const close = () => frames.push(Buffer.from(reply.out.subarray(0, reply.at)).toString('latin1'));
  const open = (bytes: number) => {
    reply.out = new Uint8Array(Math.max(room, bytes));
    reply.outView = new DataView(reply.out.buffer);
    reply.at = 0;
    reply.limit = reply.out.length;
  };
  const reply: Reply = new Reply({
    more: (bytes) => {
      close();
      open(bytes);
    },
  });
  open(0);
  write(reply);
  close();
  return frames.join('');
}

it.each([10, 37, 64, 111, 100_000])('writes bulk strings of any length into frames of %i bytes', (room) => {
  const expected = TEXTS.map((text) => `$${text.length}\r\n${text}\r\n`.repeat(2)).join('');
  const actual = written(room, (reply) => {
    for (const text of TEXTS) {
      const bytes = new Uint8Array(Buffer.from(`.${text}`));
      reply.bulk(bytes, 1, text.length);
      reply.bulk(bytes, 1, text.length, new DataView(bytes.buffer));
    }
  });
  expect(actual).toBe(expected);
});

it.each([10, 37, 64, 111, 100_000])('begins pairs in frames of %i bytes', (room) => {
  const counts = [0, 2, 9, 10, 1000];
  const texts = TEXTS.slice(0, 42);
  const pairs = texts.flatMap((text) => counts.map((count) => ({ text, count })));
  const actual = written(room, (reply) => {
    for (const { text, count } of pairs) {
      const bytes = new Uint8Array(Buffer.from(`${text}.`));
      reply.pair(bytes, text.length, new DataView(bytes.buffer), count);
    }
  });
  expect(actual).toBe(
    pairs.map(({ text, count }) => `*2\r\n$${text.length}\r\n${text}\r\n*${count}\r\n`).join(''),
  );
});
