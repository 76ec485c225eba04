import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globMatch, globMatchString } from '../../src/base/glob.ts';

// What Redis 7.0.15 replied to KEYS <pattern> on a database with the keys of `keys`.
const keys = ['', 'a', 'A', '\xff', '[', '\\'];
const facts: [string, string[]][] = [
  ['**', ['a', 'A', '\xff', '[', '\\']],
  ['', ['']],
  ['?', ['a', 'A', '\xff', '[', '\\']],
  ['[', []],
  ['[^', ['a', 'A', '\xff', '[', '\\']],
  ['[a', ['a']],
  ['[^a', ['A', '\xff', '[', '\\']],
  ['[a-', ['a']],
  ['[a-\xff]', ['a', 'A', '\xff', '[', '\\']],
  ['[\xff-a]', ['a', 'A', '\xff', '[', '\\']],
  ['a**', ['a']],
  ['a*?', []],
  ['[]a]', []],
  ['[^]a]', []],
  ['\\', ['\\']],
  ['\\a', ['a']],
  ['[\\a]', ['a']],
  ['[\\', ['\\']],
  ['[\\]]', []],
  ['[a-\\', ['a', '\\']],
  ['*[', []],
  ['*[^', ['a', 'A', '\xff', '[', '\\']],
  ['**?', ['a', 'A', '\xff', '[', '\\']],
];

describe('recorded facts', () => {
  it.each(facts)('%j', (pattern, matching) => {
    expect(keys.filter((key) => globMatchString(pattern, key, false))).toEqual(matching);
  });
});

describe('case', () => {
  it.each([
    ['MAX*', 'maxmemory', true],
    ['[M]axmemory', 'maxmemory', true],
    ['[^M]axmemory', 'maxmemory', false],
    ['[A-Z]ort', 'port', true],
    ['\\PORT', 'port', true],
    ['[\\P]ort', 'port', false],
  ])('%s on %s', (pattern, text, matches) => {
    expect(globMatchString(pattern, text, true)).toBe(matches);
    expect(globMatchString(pattern.toLowerCase(), text, false)).toBe(matches || pattern === '[\\P]ort');
  });
});

describe('search', () => {
  // The plain recursive definition for patterns of letters, stars and question marks.
  const model = (pattern: string, text: string): boolean => {
    if (pattern === '') return text === '';
    if (pattern[0] === '*')
      return model(pattern.slice(1), text) || (text !== '' && model(pattern, text.slice(1)));
    return (
      text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && model(pattern.slice(1), text.slice(1))
    );
  };

  it('finds a match exactly when one exists', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab*?]{0,9}$/), fc.stringMatching(/^[ab]{1,12}$/), (pattern, text) => {
        expect(globMatchString(pattern, text, false)).toBe(model(pattern, text));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not go wild on patterns made to take exponential time', () => {
    expect(globMatchString(`${'a*'.repeat(500)}b`, 'a'.repeat(20_000), false)).toBe(false);
    expect(globMatchString('*'.repeat(10_000), 'a', false)).toBe(true);
  });

  it('knows a limit of stars, as recorded from Redis 7.0.15', () => {
    const text = 'a'.repeat(2000);
    expect(globMatchString('*a'.repeat(1000), text, false)).toBe(true);
    expect(globMatchString('*a'.repeat(1001), text, false)).toBe(false);
    expect(globMatchString(`${'*a'.repeat(1000)}*`, text, false)).toBe(true);
    expect(globMatchString('a*'.repeat(1001), text, false)).toBe(true);
    expect(globMatchString('a*'.repeat(1002), text, false)).toBe(false);
    expect(globMatchString(`${'*'.repeat(5000)}b`, 'b', false)).toBe(true);
  });

  it('keeps inside the given part of both arrays', () => {
    const bytes = Buffer.from('xx[a-byy**');
    expect(globMatch(bytes, 2, 4, Buffer.from('zbz'), 1, 1, false)).toBe(true);
    expect(globMatch(bytes, 2, 3, Buffer.from('zbz'), 1, 1, false)).toBe(false);
    expect(globMatch(bytes, 8, 1, Buffer.from('zbz'), 0, 3, false)).toBe(true);
    expect(globMatch(bytes, 6, 2, Buffer.from('zyyz'), 1, 2, false)).toBe(true);
  });
});
