import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as abi from '../../src/bridge/abi.ts';

/** kDescHead -> DESC_HEAD */
function upper(name: string): string {
  return name.slice(1).replace(/(?!^)([A-Z])/g, '_$1').toUpperCase();
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
