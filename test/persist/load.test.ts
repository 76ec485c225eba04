import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SystemFiles } from '../../src/base/files.ts';
import { Maintenance } from '../../src/keyspace/maintenance.ts';
import { RdbLoad, type RdbLoadOptions } from '../../src/persist/rdb_loader.ts';
import { RdbOutput } from '../../src/persist/rdb_output.ts';
import { Engine } from '../support/engine.ts';

const dir = mkdtempSync(join(tmpdir(), 'millrace-load-'));
const path = join(dir, 'dump.rdb');

afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Puts an RDB file together by hand; without a checksum. */
class Dump {
  readonly out = new RdbOutput();

  constructor() {
    this.raw(Buffer.from('REDIS0010'));
  }

  raw(bytes: Uint8Array): this {
    this.out.raw(bytes, 0, bytes.length);
    return this;
  }

  text(text: string): this {
    this.out.string(Buffer.from(text), 0, text.length);
    return this;
  }

  database(index: number, keys: number): this {
    this.out.byte(254);
    this.out.size(index);
    this.out.byte(251);
    this.out.size(keys);
    this.out.size(0);
    return this;
  }

  key(key: string, value: string, expiryMs = 0): this {
    if (expiryMs !== 0) {
      this.out.byte(252);
      this.out.int64(expiryMs);
    }
    this.out.byte(0);
    return this.text(key).text(value);
  }

  write(): void {
    this.out.byte(255);
    this.raw(new Uint8Array(8));
    writeFileSync(path, this.out.bytes.subarray(0, this.out.length));
  }
}

function loadOf(engine: Engine, options: Partial<RdbLoadOptions> = {}): RdbLoad {
  const { keyspace } = engine.server;
  return new RdbLoad({
    ...{ keyspace, files: new SystemFiles(), path, checksChecksum: true, merges: false, onFact: () => {} },
    ...options,
  });
}

/** Loads the file at once; what is wrong with it, '' if nothing. */
function load(engine: Engine, options: Partial<RdbLoadOptions> = {}): string {
  const all = loadOf(engine, options);
  try {
    all.slice(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    return '';
  } catch (error) {
    return (error as Error).message;
  } finally {
    all.close();
    engine.verify();
  }
}

const MANY = 20_000;

describe('loading', () => {
  it('makes room for the keys that are announced, and only then takes them, in slices', () => {
    const dump = new Dump().database(3, MANY);
    for (let i = 0; i < MANY; i++) dump.key(`key:${i}`, `value ${i}`, i % 4 === 0 ? 9e12 : 0);
    dump.write();
    const engine = new Engine({ dir });
    const { clock, keyspace } = engine.server;
    const maintenance = new Maintenance(keyspace);
    const sliced = loadOf(engine);
    const db = keyspace.db(3);
    let capacity = 0;
    let slices = 0;
    for (; sliced.slice(clock.monotonicMs(), 100); slices++) {
      if (capacity === 0 && db.size > 0) capacity = db.capacity;
      maintenance.slice(Number.POSITIVE_INFINITY);
      db.check();
    }
    expect(slices).toBeGreaterThan(MANY / 100);
    expect(capacity).toBeGreaterThan(MANY);
    expect(db.capacity).toBeLessThan(capacity * 1.25);
    expect([db.size, db.volatileCount, db.expectedCount]).toEqual([MANY, MANY / 4, MANY]);
    sliced.close();
    expect(db.expectedCount).toBe(0);
    expect(sliced.loaded).toMatchObject({ keys: MANY, volatileKeys: MANY / 4, expired: 0 });
    engine.line('SELECT 3');
    for (let i = 0; i < MANY; i += 97) expect(engine.line(`GET key:${i}`)).toBe(`value ${i}`);
    expect(engine.line('PEXPIRETIME key:4')).toBe(9e12);
    engine.verify();
  });

  it('believes in no more keys than there are bytes for', () => {
    for (const claimed of [2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      const dump = new Dump().database(0, claimed);
      for (let i = 0; i < 2000; i++) dump.key(`${i}`, `${i}`);
      dump.write();
      const engine = new Engine({ dir });
      expect(load(engine)).toBe('');
      expect(engine.line('DBSIZE')).toBe(2000);
      expect(engine.server.keyspace.db(0).tableBytes).toBeLessThan(40_000);
    }
  });

  it.each([
    ['soon', 3],
    ['later', 500],
  ])('refuses a key that comes twice: %s', (_when, distance) => {
    const dump = new Dump().database(0, 10);
    let end = 0;
    for (let i = 0; i < 1000; i++) {
      if (i === 700) {
        dump.key(`key:${i - distance}`, 'again', 9e12);
        end = dump.out.length;
      }
      dump.key(`key:${i}`, 'value');
    }
    dump.write();
    expect(load(new Engine({ dir }))).toBe(`a key twice at offset ${end}`);
    const merged = new Engine({ dir });
    expect(load(merged, { merges: true })).toBe('');
    expect([merged.line('DBSIZE'), merged.line(`GET key:${700 - distance}`)]).toEqual([1000, 'again']);
    expect(merged.server.keyspace.db(0).volatileCount).toBe(1);
  });

  it('keeps apart what belongs to different databases, and leaves out what has expired', () => {
    const dump = new Dump();
    for (let i = 0; i < 300; i++)
      dump
        .database(i % 3, 1)
        .key(`key:${i}`, `${i % 3}`)
        .key(`gone:${i}`, 'x', 1000);
    dump.write();
    const engine = new Engine({ dir });
    expect(load(engine)).toBe('');
    for (let index = 0; index < 3; index++) {
      engine.line(`SELECT ${index}`);
      expect([engine.line('DBSIZE'), engine.line(`GET key:${30 + index}`)]).toEqual([100, `${index}`]);
    }
  });

  it('leaves nothing half done where a file ends too early', () => {
    const dump = new Dump().database(0, 100);
    for (let i = 0; i < 100; i++) dump.key(`key:${i}`, 'value');
    writeFileSync(path, dump.out.bytes.subarray(0, dump.out.length - 3));
    const engine = new Engine({ dir });
    expect(load(engine)).toMatch(/missing at offset/);
    expect(engine.line('DBSIZE')).toBe(99);
  });
});
