import { describe, expect, it } from 'vitest';
import { Maintenance } from '../../src/keyspace/maintenance.ts';
import { seededRandom } from '../support/seed.ts';
import { TestKeyspace } from './support.ts';

const FOREVER = Number.POSITIVE_INFINITY;

function fill(keyspace: TestKeyspace, index: number, from: number, to: number): void {
  for (let i = from; i < to; i++) keyspace.put(index, `key${i}`, 'v');
}

function drain(keyspace: TestKeyspace, index: number, from: number, to: number): void {
  for (let i = from; i < to; i++) keyspace.remove(index, `key${i}`);
}

describe('maintenance', () => {
  it('gives back the memory of tables that lost most of their keys', () => {
    const keyspace = new TestKeyspace();
    const maintenance = new Maintenance(keyspace);
    fill(keyspace, 0, 0, 20_000);
    fill(keyspace, 3, 0, 5000);
    const fullBytes = keyspace.db(0).tableBytes;
    drain(keyspace, 0, 500, 20_000);
    drain(keyspace, 3, 0, 5000);
    expect(maintenance.slice(FOREVER)).toBe(false);
    expect(keyspace.db(0).tableBytes).toBeLessThan(fullBytes / 20);
    expect(keyspace.db(3).tableBytes).toBeLessThan(1000);
    expect(keyspace.names(0).length).toBe(500);
    for (let i = 0; i < 500; i++) expect(keyspace.get(0, `key${i}`)).toBe('v');
    keyspace.verify();
    fill(keyspace, 0, 500, 3000);
    expect(keyspace.db(0).size).toBe(3000);
    keyspace.verify();
  });

  it('leaves a well filled table alone', () => {
    const keyspace = new TestKeyspace();
    const maintenance = new Maintenance(keyspace);
    fill(keyspace, 0, 0, 5000);
    drain(keyspace, 0, 0, 2000);
    const { capacity } = keyspace.db(0);
    for (let round = 0; round < 10; round++) expect(maintenance.slice(0)).toBe(false);
    expect(keyspace.db(0).capacity).toBe(capacity);
  });

  it('goes on where a slice ended, while keys come and go', () => {
    const random = seededRandom('maintenance');
    const keyspace = new TestKeyspace(random.u32());
    const maintenance = new Maintenance(keyspace);
    const { clock } = keyspace;
    const monotonicMs = clock.monotonicMs.bind(clock);
    let extraMs = 0;
    clock.monotonicMs = () => monotonicMs() + extraMs++;
    fill(keyspace, 0, 0, 12_000);
    drain(keyspace, 0, 400, 12_000);
    const expected = new Set(keyspace.names(0));
    let slices = 0;
    while (maintenance.slice(0)) {
      slices++;
      const name = `new${random.below(50)}`;
      if (expected.delete(name)) keyspace.remove(0, name);
      else {
        expected.add(name);
        keyspace.put(0, name, 'v');
      }
    }
    expect(slices).toBeGreaterThan(10);
    expect(keyspace.names(0)).toEqual([...expected].sort());
    expect(keyspace.db(0).size).toBeGreaterThan(keyspace.db(0).capacity * 0.2);
    keyspace.verify();
  });

  it('does not walk again and again over what it cannot shrink', () => {
    const keyspace = new TestKeyspace();
    const maintenance = new Maintenance(keyspace);
    keyspace.put(0, 'one', 'v');
    maintenance.slice(FOREVER);
    const db = keyspace.db(0);
    const { shrinkAt } = db;
    let walks = 0;
    db.shrinkAt = (cursor) => {
      walks++;
      return shrinkAt.call(db, cursor);
    };
    for (let round = 0; round < 100; round++) maintenance.slice(FOREVER);
    expect(walks).toBe(0);
    fill(keyspace, 0, 0, 3000);
    drain(keyspace, 0, 0, 3000);
    maintenance.slice(FOREVER);
    expect(walks).toBeGreaterThan(0);
    expect(db.capacity).toBeLessThan(100);
    expect(keyspace.get(0, 'one')).toBe('v');
  });

  it('takes its walk along when databases are exchanged or emptied', () => {
    const keyspace = new TestKeyspace();
    const maintenance = new Maintenance(keyspace);
    const { clock } = keyspace;
    fill(keyspace, 0, 0, 8000);
    drain(keyspace, 0, 100, 8000);
    const monotonicMs = clock.monotonicMs.bind(clock);
    let extraMs = 0;
    clock.monotonicMs = () => monotonicMs() + extraMs++;
    expect(maintenance.slice(0)).toBe(true);
    keyspace.swap(0, 2);
    while (maintenance.slice(0));
    expect(keyspace.names(2).length).toBe(100);
    expect(keyspace.db(2).capacity).toBeLessThan(1000);
    keyspace.flush(2, true);
    expect(maintenance.slice(0)).toBe(false);
    keyspace.lazyfree.slice(FOREVER);
    keyspace.verify();
  });
});
