import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as int64 from '../../src/base/int64.ts';

const encode = (text: string) => new TextEncoder().encode(`<<${text}>>`);
const parse53 = (text: string) => int64.parseInt53(encode(text), 2, text.length);
const parse64 = (text: string) => int64.parseInt64(encode(text), 2, text.length);
const is64 = (text: string) => int64.isInt64(encode(text), 2, text.length);
const min64 = -(2n ** 63n);
const max64 = 2n ** 63n - 1n;

const notIntegers = [
  '',
  '-',
  '+1',
  '01',
  '00',
  '-0',
  '-01',
  ' 1',
  '1 ',
  '1.0',
  '1e3',
  '0x1',
  '--1',
  '1-',
  'a',
  '1a',
  '1/',
  '1:',
];

describe('parsing', () => {
  it.each(notIntegers)('refuses %j', (text) => {
    expect(parse53(text)).toBeNaN();
    expect(parse64(text)).toBeNull();
    expect(is64(text)).toBe(false);
  });

  it('accepts the bounds of both ranges and nothing beyond', () => {
    expect(parse53('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(parse53('-9007199254740991')).toBe(Number.MIN_SAFE_INTEGER);
    for (const beyond of ['9007199254740992', '9007199254740993', '-9007199254740992', '9999999999999999']) {
      expect(parse53(beyond)).toBeNaN();
      expect(parse64(beyond)).toBe(BigInt(beyond));
    }
    expect(parse64('9223372036854775807')).toBe(max64);
    expect(parse64('-9223372036854775808')).toBe(min64);
    for (const beyond of [
      '9223372036854775808',
      '-9223372036854775809',
      '10000000000000000000',
      '99999999999999999999',
    ]) {
      expect(parse53(beyond)).toBeNaN();
      expect(parse64(beyond)).toBeNull();
    }
  });

  it('gives a positive zero', () => {
    expect(Object.is(parse53('0'), 0)).toBe(true);
  });

  it('agrees with BigInt for every integer', () => {
    fc.assert(
      fc.property(fc.bigInt(min64 * 2n, max64 * 2n), fc.nat(70), (wide, shift) => {
        const n = wide >> BigInt(shift);
        const text = n.toString();
        const fits = n >= min64 && n <= max64;
        expect(is64(text)).toBe(fits);
        expect(parse64(text)).toBe(fits ? n : null);
        expect(parse53(text)).toBe(Number.isSafeInteger(Number(n)) ? Number(n) : NaN);
      }),
    );
  });

  it('never accepts text that is not the canonical form', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-+0-9 a.]{0,21}$/), (text) => {
        const canonical = /^(0|-?[1-9][0-9]*)$/.test(text) && BigInt(text) >= min64 && BigInt(text) <= max64;
        expect(is64(text)).toBe(canonical);
        if (!canonical) expect(parse53(text)).toBeNaN();
      }),
    );
  });
});

describe('printing', () => {
  const write = (n: number | bigint) => {
    const bytes = new Uint8Array(30).fill(33);
    const end = typeof n === 'bigint' ? int64.writeBigInt(bytes, 3, n) : int64.writeInt(bytes, 3, n);
    expect(bytes[2]).toBe(33);
    expect(bytes[end]).toBe(33);
    return new TextDecoder().decode(bytes.subarray(3, end));
  };

  it('prints the edges of every digit count', () => {
    for (let power = 1; power < 1e16; power *= 10) {
      for (const n of [power - 1, power, power + 1, -power, 1 - power]) {
        expect(write(n)).toBe(String(n));
        expect(int64.intChars(n)).toBe(String(n).length);
      }
    }
    for (const n of [2 ** 31 - 1, 2 ** 31, -(2 ** 31), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      expect(write(n)).toBe(String(n));
      expect(int64.intChars(n)).toBe(String(n).length);
    }
    expect(write(-0)).toBe('0');
  });

  it('prints any integer as String does', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(52), (wide, shift) => {
        const n = Math.trunc(wide / 2 ** shift);
        expect(write(n)).toBe(String(n + 0));
        expect(int64.intChars(n)).toBe(String(n + 0).length);
        expect(Buffer.from(int64.int64ToBytes(n)).toString()).toBe(String(n + 0));
      }),
    );
  });

  it('prints 64-bit integers', () => {
    expect(write(min64)).toBe('-9223372036854775808');
    expect(Buffer.from(int64.int64ToBytes(max64)).toString()).toBe('9223372036854775807');
  });
});

describe('words', () => {
  it('joins what it has split', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(52), (wide, shift) => {
        const n = Math.trunc(wide / 2 ** shift) + 0;
        const lo = int64.lowWord(n);
        const hi = int64.highWord(n);
        expect(int64.wordsToNumber(lo, hi)).toBe(n);
        expect(int64.wordsToNumber(lo | 0, hi >>> 0)).toBe(n);
        expect(int64.wordsToBigInt(lo, hi)).toBe(BigInt(n));
        expect(int64.lowWordOfBigInt(BigInt(n))).toBe(lo);
        expect(int64.highWordOfBigInt(BigInt(n))).toBe(hi);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt(min64, max64), (n) => {
        const lo = int64.lowWordOfBigInt(n);
        const hi = int64.highWordOfBigInt(n);
        expect(int64.wordsToBigInt(lo, hi)).toBe(n);
        const asNumber = int64.wordsToNumber(lo, hi);
        expect(asNumber).toBe(Number.isSafeInteger(Number(n)) ? Number(n) : NaN);
      }),
    );
  });
});
