import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as double from '../../src/base/double.ts';
import { seededRandom } from '../support/seed.ts';
// Pairs of an argument given to ZADD of Redis 7.0.15 and the score ZSCORE then replied, null where ZADD
// refused it.
import facts from './double_facts.json' with { type: 'json' };

const strict = (text: string) => double.parseDouble(Buffer.from(`<${text}>`, 'latin1'), 1, text.length);
const loose = (text: string) => double.parseDoubleLoosely(Buffer.from(`<${text}>`, 'latin1'), 1, text.length);

describe('recorded facts', () => {
  it.each(facts as [string, string | null][])('%j is %s', (text, reply) => {
    const value = strict(text);
    expect(Number.isNaN(value) ? null : double.formatDouble(value)).toBe(reply);
  });
});

describe('formatDouble', () => {
  it.each([
    [0.1, '0.10000000000000001'],
    [1e-5, '1.0000000000000001e-05'],
    [0.0001, '0.0001'],
    [1e16, '10000000000000000'],
    [1e17, '1e+17'],
    [123456789012345680, '1.2345678901234568e+17'],
    [-1.5e300, '-1.5000000000000001e+300'],
    [5e-324, '4.9406564584124654e-324'],
    [-0, '-0'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [NaN, 'nan'],
  ])('prints %d as %s', (x, text) => {
    expect(double.formatDouble(x)).toBe(text);
  });

  it('rounds exact ties to even, unlike toPrecision', () => {
    const quarter = 2 ** 50 + 0.25;
    expect(double.formatDouble(quarter)).toBe('1125899906842624.2');
    expect(double.formatDouble(quarter + 0.5)).toBe('1125899906842624.8');
    expect(double.formatDouble(-quarter)).toBe('-1125899906842624.2');
    expect(quarter.toPrecision(17)).toBe('1125899906842624.3');
  });

  it('prints a text that reads back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (x) => {
        const text = double.formatDouble(x);
        expect(text.length).toBeLessThanOrEqual(double.doubleCharsMax);
        expect(strict(text)).toBe(x);
        const bytes = Buffer.alloc(30);
        expect(bytes.toString('latin1', 2, double.writeDouble(bytes, 2, x))).toBe(text);
      }),
    );
  });
});

describe('parseDouble', () => {
  it.each([
    '',
    ' 1',
    '1 ',
    '\t1',
    '1\0',
    'nan',
    '-nan(1)',
    '0x',
    '1e',
    '1e400',
    '-1e400',
    '1e-400',
    '2e-324',
    '0x1p1024',
  ])('refuses %j', (text) => {
    expect(strict(text)).toBeNaN();
  });

  it('accepts every spelling of zero and of infinity', () => {
    for (const text of ['0', '0.0', '.0', '0e999', '0x0p-99999', '-0']) expect(strict(text) === 0).toBe(true);
    for (const text of ['inf', '+INF', 'Infinity']) expect(strict(text)).toBe(Infinity);
    expect(strict('-inf')).toBe(-Infinity);
  });

  it('reads any decimal as Number does', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^-?[0-9]{1,12}(\.[0-9]{0,12})?$/), (text) => {
        expect(strict(text)).toBe(Number(text));
        expect(loose(text)).toBe(Number(text));
      }),
    );
  });

  it('reads 16 to 19 digits as Number does, halfway cases included', () => {
    const random = seededRandom('parseDouble, many digits');
    const texts: string[] = [];
    for (let i = 0; i < 100_000; i++) {
      const digits = String(1 + random.below(9)) + String(random.unit()).slice(2).padEnd(18, '7');
      const text = digits.slice(0, 16 + random.below(4));
      const point = random.below(text.length + 1);
      texts.push(`${random.below(4) === 0 ? '-' : ''}${text.slice(0, point)}.${text.slice(point)}`);
      texts.push(String(random.unit() * 10 ** random.below(8)));
    }
    // Between two neighbouring doubles, and just beside the middle.
    for (let i = 0; i < 20_000; i++) {
      const odd = 2n * BigInt(2 ** 52 + random.below(2 ** 32) * 2 ** 19 + random.below(2 ** 19)) + 1n;
      for (const text of [odd, odd * 2n, odd * 4n + 1n, odd * 4n - 1n]) texts.push(String(text));
      const half = `${odd % 2n ** 30n}.5`;
      texts.push(half, `0.00${half.replace('.', '')}`);
    }
    for (const text of texts) {
      if (strict(text) !== Number(text)) expect([text, strict(text)]).toEqual([text, Number(text)]);
    }
  });

  it('refuses texts beyond its limit', () => {
    expect(strict('1'.padStart(1 << 20, '0'))).toBe(1);
    expect(strict('1'.padStart((1 << 20) + 1, '0'))).toBeNaN();
  });
});

describe('parseDoubleLoosely', () => {
  it.each([
    ['', 0],
    [' 1', 1],
    ['\t\n\v\f\r -2.5', -2.5],
    ['5\0rest', 5],
    ['\0', 0],
    ['1e400', Infinity],
    ['-0x1p2000', -Infinity],
    ['1e-400', 0],
    ['-inf', -Infinity],
  ])('reads %j as %d', (text, value) => {
    expect(loose(text)).toBe(value);
  });

  it.each(['1 ', ' ', 'nan', 'x', '1x', '-'])('refuses %j', (text) => {
    expect(loose(text)).toBeNaN();
  });
});
