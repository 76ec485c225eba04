import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bitLength,
  isDecimalText,
  readFloatText,
  roundBinary,
  shiftRightToEven,
} from '../../src/base/float_text.ts';

describe('readFloatText', () => {
  it('takes decimal, hexadecimal and infinite forms apart', () => {
    expect(readFloatText('-12.50e+3')).toEqual({ negative: true, mantissa: 1250n, base: 10, exponent: 1 });
    expect(readFloatText('.5')).toEqual({ negative: false, mantissa: 5n, base: 10, exponent: -1 });
    expect(readFloatText('+5.')).toEqual({ negative: false, mantissa: 5n, base: 10, exponent: 0 });
    expect(readFloatText('0X1.8P-3')).toEqual({ negative: false, mantissa: 0x18n, base: 2, exponent: -7 });
    expect(readFloatText('0x.8')).toEqual({ negative: false, mantissa: 8n, base: 2, exponent: -4 });
    expect(readFloatText('-Infinity')).toEqual({ negative: true, mantissa: null });
  });

  const refused = [
    '',
    '.',
    '-',
    '+-1',
    'e5',
    '1e',
    '1e+',
    '0x',
    '0x.',
    '0xp1',
    '0x1p',
    '1.2.3',
    'nan',
    'infi',
    ' 1',
    '1\n',
    '1d',
  ];
  it.each(refused)('refuses %j', (text) => {
    expect(readFloatText(text)).toBeNull();
    expect(isDecimalText(text)).toBe(false);
  });

  it('keeps the value of long hexadecimal texts up to a sticky bit', () => {
    const long = readFloatText(`0x1${'0'.repeat(60)}1p0`)!;
    expect(long).toMatchObject({ base: 2, exponent: 4 * 21, mantissa: (1n << 160n) | 1n });
    const exact = readFloatText(`0x1${'0'.repeat(61)}p0`)!;
    expect(exact).toMatchObject({ base: 2, exponent: 4 * 21, mantissa: 1n << 160n });
  });

  it('bounds exponents instead of losing them', () => {
    expect(readFloatText(`1e${'9'.repeat(400)}`)).toMatchObject({ mantissa: 1n, exponent: 1e12 });
    expect(readFloatText(`1e-${'9'.repeat(400)}`)).toMatchObject({ mantissa: 1n, exponent: -1e12 });
  });

  it('reads a hostile text in linear time', () => {
    // Half a million digits and a wrong byte: one pass is milliseconds, a quadratic one minutes.
    expect(readFloatText(`${'1'.repeat(500_000)}x`)).toBeNull();
    expect(readFloatText(`0x${'1'.repeat(500_000)}x`)).toBeNull();
  });
});

describe('rounding', () => {
  it('counts bits', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 1n << 300n), (n) => {
        expect(bitLength(n)).toBe(n.toString(2).length);
      }),
    );
  });

  it('rounds ties to even', () => {
    expect([1n, 3n, 5n, 7n].map((n) => shiftRightToEven(n, 1n))).toEqual([0n, 2n, 2n, 4n]);
    expect([9n, 10n, 11n, 14n].map((n) => shiftRightToEven(n, 2n))).toEqual([2n, 2n, 3n, 4n]);
  });

  it('rounds to doubles as the hardware does', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 1n << 200n), (n) => {
        const { mantissa, exponent } = roundBinary(n, 0, 53, -1074);
        expect(Number(mantissa) * 2 ** exponent).toBe(Number(n));
      }),
    );
  });

  it('underflows gradually', () => {
    expect(roundBinary(3n, -1075, 53, -1074)).toEqual({ mantissa: 2n, exponent: -1074 });
    expect(roundBinary(1n, -1075, 53, -1074)).toEqual({ mantissa: 0n, exponent: -1074 });
    expect(roundBinary(1n, -1e12, 53, -1074)).toEqual({ mantissa: 0n, exponent: -1074 });
    expect(roundBinary((1n << 200n) - 1n, -1274, 53, -1074)).toEqual({ mantissa: 1n, exponent: -1074 });
  });
});
