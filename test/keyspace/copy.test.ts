import { expect, it } from 'vitest';
import { copyEntry, type Key, renameEntry } from '../../src/keyspace/copy.ts';
import { TestKeyspace } from './support.ts';

const VALUES = [
  '',
  '7',
  '9223372036854775807',
  'short',
  'x'.repeat(2048),
  'y'.repeat(2049),
  'z'.repeat(100_000),
];

function keyOf(keyspace: TestKeyspace, name: string): Key {
  const bytes = Buffer.from(name);
  return { bytes, at: 0, length: bytes.length, hash: keyspace.hashOf(name) };
}

it('copies entries of every shape so that they share nothing', () => {
  const keyspace = new TestKeyspace();
  const db = keyspace.db(0);
  const names = ['to', 'a key that is longer', 'k'.repeat(70_000)];
  for (const value of VALUES) {
    for (const name of names) {
      for (const ttlMs of [undefined, 1000]) {
        keyspace.put(0, 'from', value, ttlMs);
        const key = keyOf(keyspace, name);
        const copy = copyEntry(keyspace, keyspace.find(db, 'from'), key.bytes, 0, key.length);
        db.add(key.hash, copy);
        expect(keyspace.entries.hasExpiry(copy)).toBe(ttlMs !== undefined);
        expect(keyspace.entries.kind(copy)).toBe(keyspace.entries.kind(keyspace.find(db, 'from')));
        keyspace.remove(0, 'from');
        expect(keyspace.get(0, name) === value).toBe(true);
        keyspace.remove(0, name);
      }
    }
  }
  keyspace.verify();
  expect(db.volatileCount).toBe(0);
});

it('renames entries of every shape, over others or not', () => {
  const keyspace = new TestKeyspace();
  const db = keyspace.db(0);
  for (const value of VALUES) {
    for (const old of [null, 'old', 'o'.repeat(5000)]) {
      for (const ttlMs of [undefined, 1000]) {
        keyspace.put(0, 'from', value, ttlMs);
        if (old !== null) keyspace.put(0, 'to', old, 500);
        renameEntry(db, keyspace.find(db, 'from'), keyOf(keyspace, 'from'), keyOf(keyspace, 'to'));
        expect(keyspace.names(0)).toEqual(['to']);
        expect(keyspace.get(0, 'to') === value).toBe(true);
        expect(db.volatileCount).toBe(ttlMs === undefined ? 0 : 1);
        keyspace.remove(0, 'to');
      }
    }
  }
  keyspace.verify();
});
