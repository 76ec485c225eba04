// The tests that named_failures.txt names are there.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const text = (path: string): string => readFileSync(resolve(root, path), 'utf8');

const rows = text('test/named_failures.txt')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(' | '));

it.each(rows)('%s', (...row) => {
  expect(row).toHaveLength(3);
  expect(text(row[1]!)).toContain(row[2]!);
});
