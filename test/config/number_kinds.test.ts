import { describe, expect, it } from 'vitest';
import { Refused } from '../../src/config/kind.ts';
import * as numbers from '../../src/config/number_kinds.ts';

describe('parseMemory', () => {
  it.each<[string, bigint | null]>([
    ['100', 100n],
    ['1b', 1n],
    ['1k', 1000n],
    ['1kb', 1024n],
    ['1M', 1_000_000n],
    ['1Mb', 1n << 20n],
    ['2g', 2_000_000_000n],
    ['2GB', 1n << 31n],
    ['', 0n],
    ['gb', 0n],
    ['18446744073709551616', (1n << 64n) - 1n],
    ['99999999999gb', 15140462030378500096n],
    ['1'.repeat(127), (1n << 64n) - 1n],
    ['1'.repeat(128), null],
    ['-1', null],
    ['+1', null],
    ['1.5gb', null],
    [' 1', null],
    ['1 gb', null],
    ['1tb', null],
    ['0x10', null],
    ['constructor', null],
  ])('%s is %s', (text, bytes) => {
    expect(numbers.parseMemory(text)).toBe(bytes);
  });
});

it.each([
  [0n, '0'],
  [1000n, '1000'],
  [1024n, '1kb'],
  [1500n * 1024n, '1500kb'],
  [1n << 20n, '1mb'],
  [3n << 30n, '3gb'],
  [(1n << 30n) + 1n, '1073741825'],
])('formatMemory(%s) is %s', (bytes, text) => {
  expect(numbers.formatMemory(bytes)).toBe(text);
});

describe('parseLoosely', () => {
  it.each<[string, bigint | null]>([
    ['', 0n],
    ['\t 5', 5n],
    ['+5', 5n],
    ['-5', -5n],
    ['010', 10n],
    ['99999999999999999999', numbers.LONG_MAX],
    ['-99999999999999999999', -numbers.LONG_MAX - 1n],
    ['5 ', null],
    [' ', null],
    ['1.5', null],
    ['-', null],
  ])('%j is %s', (text, value) => {
    expect(numbers.parseLoosely(text, 10)).toBe(value);
  });

  it('reads octal digits', () => {
    expect(numbers.parseLoosely('0755', 8)).toBe(0o755n);
    expect(numbers.parseLoosely('8', 8)).toBeNull();
  });
});

describe('values', () => {
  const parse = (directive: ReturnType<typeof numbers.integer>, text: string) =>
    directive.kind.parse([text], directive.initial, 'command');

  it('keep their text exact where the number cannot be', () => {
    const directive = numbers.integer(0, 0, numbers.LONG_MAX);
    expect(parse(directive, '9223372036854775807')).toEqual({ value: 2 ** 63, text: '9223372036854775807' });
  });

  it('are percentages when negative', () => {
    const directive = numbers.memoryOrPercent(0);
    expect(parse(directive, '50%')).toEqual({ value: -50, text: '50%' });
    expect(parse(directive, '0%')).toEqual({ value: 0, text: '0' });
    expect(parse(directive, '1kb')).toEqual({ value: 1024, text: '1024' });
    expect(parse(directive, '101%')).toBeInstanceOf(Refused);
  });

  it('are rewritten in units and in octal', () => {
    const memory = numbers.memory(0, 0, numbers.ULONG_MAX);
    const words = (directive: typeof memory, text: string) => {
      const now = parse(directive, text);
      if (now instanceof Refused) throw new Error(now.reason);
      return directive.kind.rewrite(now, directive.initial);
    };
    expect(words(memory, '2097152')).toEqual([{ words: '2mb', forced: true }]);
    expect(words(memory, '0')).toEqual([{ words: '0', forced: false }]);
    expect(words(numbers.memoryOrPercent(0), '7%')).toEqual([{ words: '7%', forced: true }]);
    expect(words(numbers.memoryOrPercent(0), '1048576')).toEqual([{ words: '1mb', forced: true }]);
    expect(words(numbers.octal(0, 0, 0o777), '700')).toEqual([{ words: '700', forced: true }]);
  });
});
