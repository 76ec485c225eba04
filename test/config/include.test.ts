import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expandPath, hasWildcard } from '../../src/config/include.ts';

let directory: string;

beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'include-test-')));
  for (const folder of ['b', 'a', '.h']) {
    mkdirSync(join(directory, folder));
    for (const name of ['2.conf', '10.conf', '.x.conf', '2.txt', '\u00e9.conf'])
      writeFileSync(join(directory, folder, name), '');
  }
});

afterAll(() => rmSync(directory, { recursive: true }));

const expand = (pattern: string) =>
  expandPath(join(directory, pattern)).map((path) => path.slice(directory.length + 1));

it('expands every part of a path, in byte order, without hidden names', () => {
  expect(expand('a/*.conf')).toEqual(['a/10.conf', 'a/2.conf', 'a/\xc3\xa9.conf']);
  expect(expand('*/2.*')).toEqual(['a/2.conf', 'a/2.txt', 'b/2.conf', 'b/2.txt']);
  expect(expand('[!a]/?.conf')).toEqual(['b/2.conf']);
  expect(expand('.*/.*.conf')).toEqual(['.h/.x.conf']);
});

it('finds nothing where nothing is', () => {
  expect(expand('none/*.conf')).toEqual([]);
  expect(expand('a/2.conf/*')).toEqual([]);
});

it('knows a pattern from a path', () => {
  expect(['a*', 'a?', 'a[', 'a]', 'a'].map(hasWildcard)).toEqual([true, true, true, false, false]);
});
