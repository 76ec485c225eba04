import { describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import {
  AND,
  ANDOR,
  combineBits,
  copiedSource,
  DIFF,
  DIFF1,
  NOT,
  ONE,
  OR,
  XOR,
} from '../../src/types/bit_combine.ts';
import { readBits, readWideBits, writeBits, writeWideBits } from '../../src/types/bit_integer.ts';
import { countBitRange, countBits, findBit } from '../../src/types/bitmap.ts';
import { seededRandom } from '../support/seed.ts';

const SIZES = [1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65, 127, 1000, 8192, 20_000];

/** Random bytes; sparse ones have long runs of equal bits. */
function randomBytes(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length, random.below(2) === 0 ? 0 : 255);
  const changed = random.below(3) === 0 ? length : random.below(3);
  for (let i = 0; i < changed && length > 0; i++) bytes[random.below(length)] = random.below(256);
  return bytes;
}

/** `value` at offset `at` of a larger buffer whose other bytes are noise. */
function placed(random: Random, value: Buffer, at: number): { bytes: Uint8Array; words: Uint32Array } {
  const buffer = new ArrayBuffer(Math.ceil((at + value.length) / 4) * 4 + 64);
  const bytes = new Uint8Array(buffer);
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256);
  bytes.set(value, at);
  return { bytes, words: new Uint32Array(buffer) };
}

function bitOf(value: Uint8Array, bit: number): number {
  const byte = value[bit >>> 3] ?? 0;
  return (byte >>> (7 - (bit & 7))) & 1;
}

describe('counting and finding', () => {
  it('agree with looking at every bit, wherever the string lies', { timeout: 60_000 }, () => {
    const random = seededRandom('bits');
    for (const size of SIZES) {
      for (let round = 0; round < 6; round++) {
        const value = randomBytes(random, size);
        const at = random.below(9);
        const { bytes, words } = placed(random, value, at);
        const first = random.below(size * 8);
        const last = first + random.below(size * 8 - first);
        let all = 0;
        let inRange = 0;
        const position = [-1, -1];
        for (let bit = 0; bit < size * 8; bit++) {
          all += bitOf(value, bit);
          if (bit < first || bit > last) continue;
          inRange += bitOf(value, bit);
          if (position[bitOf(value, bit)] === -1) position[bitOf(value, bit)] = bit;
        }
        expect(countBits(bytes, words, at, size)).toBe(all);
        expect(countBitRange(bytes, words, at, first, last)).toBe(inRange);
        expect([0, 1].map((bit) => findBit(bytes, words, at, bit, first, last))).toEqual(position);
      }
    }
  });
});

describe('combining', () => {
  const operations: [string, number, (bits: number[]) => boolean][] = [
    ['AND', AND, (bits) => bits.every((bit) => bit === 1)],
    ['OR', OR, (bits) => bits.includes(1)],
    ['XOR', XOR, (bits) => bits.filter((bit) => bit === 1).length % 2 === 1],
    ['NOT', NOT, ([bit]) => bit === 0],
    ['DIFF', DIFF, ([x, ...others]) => x === 1 && !others.includes(1)],
    ['DIFF1', DIFF1, ([x, ...others]) => x === 0 && others.includes(1)],
    ['ANDOR', ANDOR, ([x, ...others]) => x === 1 && others.includes(1)],
    ['ONE', ONE, (bits) => bits.filter((bit) => bit === 1).length === 1],
  ];

  it.each(operations)('%s agrees with its definition', { timeout: 60_000 }, (_, operation, expected) => {
    const random = seededRandom('combining');
    for (let round = 0; round < 25; round++) {
      const count = operation === NOT ? 1 : 2 + random.below(4);
      const values = Array.from({ length: count }, () =>
        randomBytes(random, random.below(10) === 0 ? 0 : SIZES[random.below(SIZES.length)]!),
      );
      const length = Math.max(...values.map((value) => value.length));
      if (length === 0) continue;
      const sources = values.map((value) => {
        if (random.below(2) === 0) return copiedSource(value, 0, value.length);
        const { words } = placed(random, value, 8);
        return { words, at: 2, length: value.length };
      });
      const at = random.below(5);
      const target = new Uint8Array(at + length + 3).fill(0xee);
      combineBits(operation, sources, target, at, length);
      const wanted = Buffer.alloc(length);
      for (let bit = 0; bit < length * 8; bit++) {
        if (expected(values.map((value) => bitOf(value, bit)))) wanted[bit >>> 3]! |= 128 >>> (bit & 7);
      }
      expect(Buffer.from(target.subarray(at, at + length)).equals(wanted)).toBe(true);
      expect(
        [...target.subarray(0, at), ...target.subarray(at + length)].every((byte) => byte === 0xee),
      ).toBe(true);
    }
  });
});

describe('integers of any width', () => {
  /** The string as one number, its first bit the highest. */
  function asNumber(value: Uint8Array): bigint {
    return value.length === 0 ? 0n : BigInt(`0x${Buffer.from(value).toString('hex')}`);
  }

  it('are read and written without touching their neighbours', { timeout: 60_000 }, () => {
    const random = seededRandom('integers');
    for (let round = 0; round < 3000; round++) {
      const bits = 1 + random.below(64);
      const value = randomBytes(random, 10 + random.below(12));
      const offset = random.below(value.length * 8 - bits + 1);
      const behind = BigInt(value.length * 8 - offset - bits);
      const mask = (1n << BigInt(bits)) - 1n;
      const before = asNumber(value);
      const { bytes } = placed(random, value, 3);
      const read =
        bits <= 32
          ? BigInt(readBits(bytes, 3, value.length, offset, bits))
          : readWideBits(bytes, 3, value.length, offset, bits);
      expect(read).toBe((before >> behind) & mask);
      const next = ((BigInt(random.u32()) << 32n) | BigInt(random.u32())) & mask;
      const edges = [bytes[2], bytes[3 + value.length]];
      if (bits <= 32) writeBits(bytes, 3, offset, bits, Number(next));
      else writeWideBits(bytes, 3, offset, bits, next);
      expect(asNumber(bytes.subarray(3, 3 + value.length))).toBe(
        (before & ~(mask << behind)) | (next << behind),
      );
      expect([bytes[2], bytes[3 + value.length]]).toEqual(edges);
    }
  });

  it('continue with zeros behind the end', () => {
    const bytes = Uint8Array.of(0xff, 0xff, 0xff);
    expect(readBits(bytes, 0, 1, 4, 8)).toBe(0xf0);
    expect(readBits(bytes, 0, 1, 64, 32)).toBe(0);
    expect(readWideBits(bytes, 0, 2, 8, 64)).toBe(0xff00000000000000n);
  });
});
