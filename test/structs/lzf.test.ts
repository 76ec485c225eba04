import { describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import { decompressLzf, Lzf } from '../../src/structs/lzf.ts';
import { seededRandom } from '../support/seed.ts';

/** Compressed bytes, which stand somewhere inside a buffer; null if they did not fit into `room`. */
function compress(lzf: Lzf, plain: Uint8Array, room = plain.length * 2 + 16): Uint8Array | null {
  const from = Buffer.concat([Buffer.from('before'), plain, Buffer.from('after')]);
  const to = new Uint8Array(room + 8).fill(0xee);
  const bytes = lzf.compress(from, 6, plain.length, to, 3, room);
  expect([...to.subarray(0, 3)]).toEqual([0xee, 0xee, 0xee]);
  if (bytes === 0) return null;
  expect(to.subarray(3 + bytes + (room - bytes)).every((byte) => byte === 0xee)).toBe(true);
  return to.slice(3, 3 + bytes);
}

function decompress(packed: Uint8Array, bytes: number): Buffer | null {
  const to = new Uint8Array(bytes + 4).fill(0xee);
  if (!decompressLzf(packed, 0, packed.length, to, 2, bytes)) return null;
  expect([to[0], to[1], to[bytes + 2], to[bytes + 3]]).toEqual([0xee, 0xee, 0xee, 0xee]);
  return Buffer.from(to.slice(2, 2 + bytes));
}

/** Bytes with repetitions near and far. */
function randomText(random: Random): Buffer {
  const length = random.below(3) === 0 ? random.below(30_000) : random.below(300);
  const letters = 1 + random.below(random.below(2) === 0 ? 4 : 256);
  const text = Buffer.alloc(length);
  for (let i = 0; i < length; i++) text[i] = random.below(letters);
  for (let copies = random.below(6); copies > 0 && length > 0; copies--) {
    text.copy(text, random.below(length), random.below(length));
  }
  return text;
}

describe('LZF', () => {
  it('reads the stream of the format: literals, short and long matches, a match that overlaps itself', () => {
    const stream = [2, 97, 98, 99, 0x20, 2, 0xe0, 1, 0, 0, 33];
    expect(decompress(Uint8Array.from(stream), 17)?.toString()).toBe('abcabccccccccccc!');
    const far = [
      ...Array.from({ length: 10 }, () => [31, ...Array(32).fill(120)]).flat(),
      2,
      49,
      50,
      51,
      0x21,
      0x42,
    ];
    expect(decompress(Uint8Array.from(far), 326)?.toString()).toBe(`${'x'.repeat(320)}123xxx`.slice(0, 326));
  });

  it('writes runs of one letter in matches of 264 bytes', () => {
    const packed = compress(new Lzf(), Buffer.alloc(1000, 'a'));
    expect([...packed!]).toEqual([0, 97, 0xe0, 255, 0, 0xe1, 255, 7, 0xe1, 255, 7, 0xe1, 198, 7]);
  });

  it('gives back what it took, whatever it took before', () => {
    const random = seededRandom('lzf');
    const lzf = new Lzf();
    for (let i = 0; i < 400; i++) {
      const text = randomText(random);
      const packed = compress(lzf, text);
      if (text.length === 0) expect(packed).toBeNull();
      else expect(decompress(packed!, text.length)?.equals(text)).toBe(true);
    }
  });

  it('says that the room was not enough, and then wrote nothing beyond it', () => {
    const lzf = new Lzf();
    const text = Buffer.from('abcdefghijklmnopqrstuvwxyz'.repeat(3));
    const bytes = compress(lzf, text)!.length;
    expect(bytes).toBeLessThan(40);
    for (let room = 1; room < bytes; room++) expect([room, compress(lzf, text, room)]).toEqual([room, null]);
    expect(compress(lzf, text, bytes + 1)).toHaveLength(bytes);
  });

  it('refuses streams that end early, reach before the start or make another length', () => {
    const packed = compress(new Lzf(), Buffer.from('hello hello hello hello'))!;
    expect(decompress(packed, 22)).toBeNull();
    expect(decompress(packed, 24)).toBeNull();
    for (let cut = 1; cut < packed.length; cut++) expect(decompress(packed.subarray(0, cut), 23)).toBeNull();
    expect(decompress(Uint8Array.from([0, 97, 0x20, 1]), 4)).toBeNull();
    expect(decompress(Uint8Array.from([0, 97, 0xe0]), 300)).toBeNull();
  });
});
