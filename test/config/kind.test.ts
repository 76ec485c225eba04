import { describe, expect, it } from 'vitest';
import * as kind from '../../src/config/kind.ts';

function parse<T>({ kind: of, initial }: kind.Directive<T>, ...given: string[]): T | string {
  const parsed = of.parse(given, initial, 'command');
  return parsed instanceof kind.Refused ? parsed.reason : parsed.value;
}

describe('words', () => {
  it('are one of a list, in any case, with the spelling of the list', () => {
    const directive = kind.word('off', ['CN', 'off']);
    expect(parse(directive, 'cn')).toBe('CN');
    expect(parse(directive, 'OFF')).toBe('off');
    expect(parse(directive, 'x')).toBe('argument(s) must be one of the following: CN, off');
  });

  it('may be other names of a word', () => {
    const directive = kind.word('no', ['no', 'yes', 'relative'], 0, { relative: 'yes' });
    expect(parse(directive, 'Relative')).toBe('yes');
  });

  it('form a set in the order of the list', () => {
    const directive = kind.words(['default', 'save', 'now']);
    expect(parse(directive, 'NOW', 'save', 'now')).toEqual(['save', 'now']);
    expect(parse(directive, 'default')).toEqual([]);
    expect(parse(directive, 'default', 'now')).toEqual(['now']);
    expect(parse(directive)).toMatch(/^argument/);
    expect(parse(directive, 'save', '')).toMatch(/^argument/);
    expect(directive.initial.text).toBe('default');
  });
});

describe('texts', () => {
  it('that are unset leave the file', () => {
    const optional = kind.optionalText();
    expect(optional.kind.rewrite({ value: '', text: '' }, optional.initial)).toEqual([]);
    const plain = kind.text('');
    expect(plain.kind.rewrite({ value: '', text: '' }, plain.initial)).toEqual([
      { words: '""', forced: false },
    ]);
    expect(plain.kind.rewrite({ value: 'a"', text: 'a"' }, plain.initial)).toEqual([
      { words: '"a\\""', forced: true },
    ]);
  });

  it.each(['a/b', 'a\\b', '/', '.', '..', 'a\nb', '\x7f'])('that are file names may not be %j', (name) => {
    expect(kind.isFilename('dbfilename')(name)).toBe("dbfilename can't be a path, just a filename");
  });

  it.each(['', 'dump.rdb', '...', 'a b', '-x', '\xe9'])('that are file names may be %j', (name) => {
    expect(kind.isFilename('dbfilename')(name)).toBeNull();
  });

  it('that are host names have a length and an alphabet', () => {
    expect(kind.isHostname('a'.repeat(255))).toBeNull();
    expect(kind.isHostname('a'.repeat(256))).toBe('Hostnames must be less than 256 characters');
    expect(kind.isHostname('a_b')).toBe(
      'Hostnames may only contain alphanumeric characters, hyphens or dots',
    );
  });
});

it('booleans are words, too', () => {
  expect(parse(kind.bool(false), 'YES')).toBe(true);
  expect(parse(kind.bool(true), 'no')).toBe(false);
  expect(parse(kind.bool(true), 'true')).toBe("argument must be 'yes' or 'no'");
});
