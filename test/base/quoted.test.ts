import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote, splitQuoted, trimLine } from '../../src/base/quoted.ts';

describe('splitQuoted', () => {
  it.each<[string, string[] | null]>([
    ['', []],
    [' \t\r\n\v\f ', []],
    ['  save  900\t1 ', ['save', '900', '1']],
    ['hz "20"', ['hz', '20']],
    ["hz '20'", ['hz', '20']],
    ['a"b c"', ['ab c']],
    ['"a b" ""', ['a b', '']],
    ["''", ['']],
    ['"\\x41\\xff\\n\\r\\t\\b\\a\\"\\\\\\q"', ['A\xff\n\r\t\b\x07"\\q']],
    ['"\\x4"', ['x4']],
    ['"\\xZZ"', ['xZZ']],
    ["'\\n\\'\\\\ '", ["\\n'\\\\ "]],
    ["'\\\\'", null],
    ['a # b', ['a', '#', 'b']],
    ['a\\ b', ['a\\', 'b']],
    ['one\0two', ['one']],
    ['hz "20', null],
    ["hz '20", null],
    ['hz "20"x', null],
    ["hz '20'x", null],
    ['"a""b"', null],
    ['"a\\"', null],
    ["'a\\'", null],
    ['"', null],
    ['"a\0"', null],
  ])('%j', (line, words) => {
    expect(splitQuoted(line)).toEqual(words);
  });
});

describe('quote', () => {
  it('prints as the reference does', () => {
    expect(quote('a "b" \\ \n\r\t\x07\b\x01\x7f\xff\0')).toBe(
      '"a \\"b\\" \\\\ \\n\\r\\t\\a\\b\\x01\\x7f\\xff\\x00"',
    );
    expect(quote('')).toBe('""');
  });

  it('is undone by splitQuoted, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (words) => {
        const texts = words.map((bytes) => Buffer.from(bytes).toString('latin1'));
        expect(splitQuoted(texts.map(quote).join(' '))).toEqual(texts);
      }),
    );
  });
});

describe('trimLine', () => {
  it('removes blanks, tabs and line ends, but nothing else', () => {
    expect(trimLine(' \t\r\na b\r\n')).toBe('a b');
    expect(trimLine('\xa0\va\f\x85')).toBe('\xa0\va\f\x85');
    expect([trimLine(' \n'), trimLine('')]).toEqual(['', '']);
  });

  it('takes linear time for blanks inside', () => {
    const line = `a${' '.repeat(2_000_000)}b`;
    expect(trimLine(`${line} `)).toBe(line);
  });
});
