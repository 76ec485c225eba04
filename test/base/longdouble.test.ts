import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as longdouble from '../../src/base/longdouble.ts';
// Triples: a stored value, an increment and what INCRBYFLOAT of Redis 7.0.15 on x86-64 replied.
import facts from './longdouble_facts.json' with { type: 'json' };

function increment(stored: string, by: string): string {
  const a = longdouble.parseLongDouble(stored);
  const b = longdouble.parseLongDouble(by);
  if (a === null || b === null) return '-ERR value is not a valid float';
  const sum = longdouble.addLongDoubles(a, b);
  if (!longdouble.isFiniteLongDouble(sum)) return '-ERR increment would produce NaN or Infinity';
  return longdouble.formatLongDouble(sum);
}

describe('recorded facts', () => {
  it.each(facts as [string, string, string][])('%j + %j', (stored, by, reply) => {
    expect(increment(stored, by)).toBe(reply);
  });
});

describe('edges', () => {
  it('holds 64-bit integers exactly and rounds the next ones to even', () => {
    expect(increment('18446744073709551615', '0')).toBe('18446744073709551615');
    expect(increment('18446744073709551615', '2')).toBe('18446744073709551616');
    expect(increment('18446744073709551615', '3')).toBe('18446744073709551618');
    expect(increment('-9223372036854775808', '-1')).toBe('-9223372036854775809');
  });

  it('prints 17 decimals, ties to even, and never a negative zero', () => {
    expect(increment('5e-18', '0')).toBe('0');
    expect(increment('0x1p-18', '0')).toBe('0.00000381469726562');
    expect(increment('0x3p-18', '0')).toBe('0.00001144409179688');
    expect(increment('-1e-20', '0')).toBe('0');
    expect(increment('-0', '-0')).toBe('0');
  });

  it('knows the range of the format', () => {
    expect(longdouble.parseLongDouble('1.18973149535723176502e4932')).not.toBeNull();
    expect(longdouble.parseLongDouble('1.1897314953572317651e4932')).toBeNull();
    expect(longdouble.parseLongDouble('1e-4951')).toBeNull();
    expect(longdouble.parseLongDouble('3e-4951')).not.toBeNull();
    expect(longdouble.parseLongDouble('1e999999999999')).toBeNull();
    expect(longdouble.parseLongDouble('1e-999999999999')).toBeNull();
    expect(longdouble.parseLongDouble('0e999999999999')).toEqual({ mantissa: 0n, exponent: 0 });
    expect(increment('1e4932', '1e4932')).toMatch(/NaN or Infinity/);
    expect(increment('1e4932', '-1e4932')).toBe('0');
    expect(increment('inf', '-inf')).toMatch(/NaN or Infinity/);
    expect(increment('inf', 'inf')).toMatch(/NaN or Infinity/);
  });

  it('refuses long texts', () => {
    expect(longdouble.parseLongDouble('0'.repeat(5119))).not.toBeNull();
    expect(longdouble.parseLongDouble('0'.repeat(5120))).toBeNull();
  });

  it('adds in either order, and zero changes nothing', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.double({ noNaN: true }), (a, b) => {
        expect(increment(String(a), String(b).toLowerCase())).toBe(
          increment(String(b).toLowerCase(), String(a)),
        );
        expect(increment(String(a), '0')).toBe(
          longdouble.formatDoubleFixed(a, 17) === '0' ? '0' : increment('0', String(a)),
        );
      }),
    );
  });
});

describe('formatDoubleFixed', () => {
  it('prints the exact value of a double to 17 decimals', () => {
    expect(longdouble.formatDoubleFixed(13.361389338970184, 17)).toBe('13.36138933897018433');
    expect(longdouble.formatDoubleFixed(-0.1, 17)).toBe('-0.10000000000000001');
    expect(longdouble.formatDoubleFixed(1e22, 17)).toBe('10000000000000000000000');
    expect(longdouble.formatDoubleFixed(2 ** -18, 17)).toBe('0.00000381469726562');
    expect(longdouble.formatDoubleFixed(5e-324, 17)).toBe('0');
    expect(longdouble.formatDoubleFixed(-5e-324, 17)).toBe('0');
    expect(longdouble.formatDoubleFixed(-0, 17)).toBe('0');
    expect(longdouble.formatDoubleFixed(0.0078125, 6)).toBe('0.007812');
    expect(longdouble.formatDoubleFixed(0.0234375, 6)).toBe('0.023438');
  });
});

describe('order', () => {
  const ordered = [
    '-inf',
    '-1.1e4932',
    '-3',
    '-2.5',
    '-1e-4940',
    '0',
    '1e-4940',
    '2.5',
    '3',
    '1e4932',
    'inf',
  ];

  it('compares exactly, infinities included', () => {
    const numbers = ordered.map((text) => longdouble.parseLongDouble(text)!);
    for (let i = 0; i < numbers.length; i++) {
      for (let j = 0; j < numbers.length; j++) {
        expect(Math.sign(longdouble.compareLongDoubles(numbers[i]!, numbers[j]!))).toBe(Math.sign(i - j));
      }
    }
  });

  it('has a largest finite number and its negative', () => {
    const largest = longdouble.longDoubleMax;
    expect(longdouble.isFiniteLongDouble(longdouble.addLongDoubles(largest, largest))).toBe(false);
    const none = longdouble.addLongDoubles(largest, longdouble.negateLongDouble(largest));
    expect(longdouble.formatLongDouble(none)).toBe('0');
    expect(longdouble.formatLongDouble(largest).slice(0, 12)).toBe('118973149535');
  });
});
