import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as abi from '../../src/bridge/abi.ts';
import { counter, counterCount } from '../../src/bridge/binding.ts';
import { ENC_HASHTABLE, ENC_SKIPLIST, HAS_EXPIRY, HAS_WORDS, LONG_KEY } from '../../src/structs/entry.ts';

/** kDescHead -> DESC_HEAD */
function upper(name: string): string {
  return name
    .slice(1)
    .replace(/(?!^)([A-Z])/g, '_$1')
    .toUpperCase();
}

it('states the same numbers as native/abi.h', () => {
  const header = readFileSync(new URL('../../native/abi.h', import.meta.url), 'utf8');
  const native = new Map<string, number>();
  for (const [, name, value] of header.matchAll(/constexpr uint32_t (k\w+) = (\d+);/g)) {
    native.set(upper(name!), Number(value));
  }
  expect(native.size).toBeGreaterThan(40);
  expect(Object.fromEntries(Object.entries(abi).sort())).toEqual(Object.fromEntries([...native].sort()));
});

it('states the numbers of entries as structs/entry.ts does', () => {
  expect([abi.ENCODING_HASHTABLE, abi.ENCODING_SKIPLIST]).toEqual([ENC_HASHTABLE, ENC_SKIPLIST]);
  expect([abi.ENTRY_HAS_EXPIRY, abi.ENTRY_HAS_WORDS, abi.ENTRY_LONG_KEY]).toEqual([
    HAS_EXPIRY,
    HAS_WORDS,
    LONG_KEY,
  ]);
});

it('numbers the counters as native/net/stats.h does', () => {
  const header = readFileSync(new URL('../../native/net/stats.h', import.meta.url), 'utf8');
  const body = header.slice(header.indexOf('enum Counter'));
  const names = [...body.matchAll(/^ {2}k(\w+),/gm)].map(
    (match) => match[1]![0]!.toLowerCase() + match[1]!.slice(1),
  );
  expect(names.pop()).toBe('counterCount');
  expect(counter).toEqual(Object.fromEntries(names.map((name, index) => [name, index])));
  expect(counterCount).toBe(names.length);
});
