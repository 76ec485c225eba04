import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemFiles } from '../../src/base/files.ts';
import { readOptions } from '../../src/rdb/options.ts';
import { jsonOf, sized, tablesOf } from '../../src/rdb/report.ts';
import { scanRdb } from '../../src/rdb/scan.ts';
import { Summary } from '../../src/rdb/summary.ts';
import { Engine } from '../support/engine.ts';

const PROGRAM = resolve(import.meta.dirname, '../../dist/millrace-rdb.js');
const SMALL_KEYS = 3000;
const dir = mkdtempSync(join(tmpdir(), 'millrace-rdb-'));
const path = join(dir, 'dump.rdb');
/** MEMORY USAGE of the keys that are compared. */
const usage = new Map<string, number>();

beforeAll(() => {
  const engine = new Engine({ dir });
  const members = Array.from({ length: 1000 }, (_, i) => `member${i}`);
  engine.batch(Array.from({ length: SMALL_KEYS }, (_, i) => ['SET', `user:${i % 7}:${i}`, `value ${i}`]));
  engine.run(['SADD', 'big:set', ...members]);
  engine.run(['RPUSH', 'big:list', ...members, ...members, ...members]);
  engine.run(['HSET', 'h:1', 'a', '1', 'b', '2']);
  engine.run(['ZADD', 'z', '1', 'a', '2', 'b', '3', 'c']);
  engine.run(['XADD', 'stream:1', '*', 'field', 'value']);
  engine.run(['SET', 'number', '12345', 'PX', '10']);
  engine.run(['SELECT', '3']);
  engine.run(['SET', Buffer.from('schlüssel:1'), 'x'.repeat(5000)]);
  engine.run(['SELECT', '0']);
  for (const key of ['big:set', 'big:list', 'h:1'])
    usage.set(key, engine.run(['MEMORY', 'USAGE', key, 'SAMPLES', '0']) as number);
  expect(engine.line('SAVE')).toBe('OK');
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Scans the file with the options of a command line. */
async function scan(...args: string[]) {
  const options = readOptions([...args, path])!;
  const summary = new Summary(options);
  const heard: number[] = [];
  const scanned = await scanRdb(new SystemFiles(), path, summary, async (bytes) => void heard.push(bytes));
  return { options, summary, scanned, heard };
}

describe('the summary of an RDB file', () => {
  it('counts keys by type and encoding, database and prefix', async () => {
    const { summary, scanned } = await scan();
    expect(summary.total.keys).toBe(SMALL_KEYS + 7);
    expect(summary.volatileKeys).toBe(1);
    const kinds = summary.kinds.map(({ type, encoding, keys, elements }) => [type, encoding, keys, elements]);
    expect(kinds).toContainEqual(['set', 'hashtable', 1, 1000]);
    expect(kinds).toContainEqual(['list', 'quicklist', 1, 3000]);
    expect(kinds).toContainEqual(['hash', 'listpack', 1, 2]);
    expect(kinds).toContainEqual(['zset', 'listpack', 1, 3]);
    expect(kinds).toContainEqual(['stream', 'stream', 1, 1]);
    expect(kinds).toContainEqual(['string', 'int', 1, 5]);
    expect(kinds).toContainEqual(['string', 'raw', 1, 5000]);
    expect(
      summary.databases.map(({ database, keys, volatileKeys }) => [database, keys, volatileKeys]),
    ).toEqual([
      [0, SMALL_KEYS + 6, 1],
      [3, 1, 0],
    ]);
    const prefixes = new Map(summary.prefixes.map(({ prefix, keys }) => [prefix, keys]));
    expect([prefixes.get('user'), prefixes.get('big'), prefixes.get('(none)')]).toEqual([SMALL_KEYS, 2, 2]);
    const sum = summary.prefixes.reduce((total, { bytes }) => total + bytes, 0);
    expect(sum).toBe(summary.total.bytes);
    expect(scanned.facts.get('redis-bits')).toBe('64');
    expect(scanned.fileBytes).toBe(readFileSync(path).length);
  });

  it('names the biggest keys with what they take in a server', async () => {
    const { summary } = await scan('--biggest', '3');
    expect(summary.biggest.map(({ key }) => key)).toEqual(['big:list', 'big:set', 'schl\xc3\xbcssel:1']);
    for (const { key, bytes } of summary.biggest.slice(0, 2)) {
      const there = usage.get(key)!;
      // The server of this test has redzones around its blocks.
      expect(bytes).toBeLessThanOrEqual(there);
      expect(bytes).toBeGreaterThan(there / 6);
    }
    expect((await scan('--biggest', '0')).summary.biggest).toEqual([]);
  });

  it('takes prefixes of several parts, and other separators', async () => {
    const deep = await scan('--depth', '2');
    const names = deep.summary.prefixes.map(({ prefix }) => prefix);
    expect(names.filter((name) => name.startsWith('user:'))).toHaveLength(7);
    expect(names).toContain('big');
    const other = await scan('--separator', 'er');
    expect(other.summary.prefixes.find(({ prefix }) => prefix === 'us')!.keys).toBe(SMALL_KEYS);
  });

  it('tells how far it is, up to the end', async () => {
    const { heard, scanned } = await scan();
    expect(heard.length).toBeGreaterThan(SMALL_KEYS / 256);
    expect(heard).toEqual([...heard].sort((a, b) => a - b));
    expect(heard.at(-1)).toBe(scanned.fileBytes);
  });

  it('is a table, or JSON', async () => {
    const { options, summary, scanned } = await scan('--prefixes', '2');
    const text = tablesOf(options, scanned, summary);
    expect(text).toContain(`${SMALL_KEYS + 7} keys, 1 of them with an expiry`);
    expect(text).toMatch(/│ set +│ hashtable +│ +1 │ +1000 │/);
    expect(text).toContain('│ schlüssel:1');
    expect(text.split('Memory by prefix')[1]!.match(/^│/gm)).toHaveLength(3);
    const document = JSON.parse(jsonOf(options, scanned, summary));
    expect(document.keys).toBe(SMALL_KEYS + 7);
    expect(document.biggestKeys).toHaveLength(10);
    expect(document.prefixes.length).toBeGreaterThan(2);
  });

  it('shows bytes in fitting units', () => {
    expect([0, 1023, 1024, 1536 * 1024, 5e12].map(sized)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 MiB',
      '4.5 TiB',
    ]);
  });
});

describe('millrace-rdb', () => {
  const run = (...args: string[]) => spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });

  it('prints what a file holds', () => {
    const { status, stdout, stderr } = run('--json', path);
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout).keys).toBe(SMALL_KEYS + 7);
    expect(run(path).stdout).toContain('Types and encodings');
    expect(run('--help').stdout).toContain('usage: millrace-rdb');
  });

  it('tells broken files from those that cannot be read', () => {
    const broken = join(dir, 'broken.rdb');
    const bytes = readFileSync(path);
    writeFileSync(broken, bytes.subarray(0, bytes.length - 20));
    expect(run(broken)).toMatchObject({ status: 1, stdout: '' });
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(broken, bytes);
    expect(run(broken).stderr).toContain('RDB CRC error');
    expect(run(join(dir, 'missing.rdb'))).toMatchObject({ status: 2, stdout: '' });
    for (const args of [[], [path, path], ['--depth', '0', path], ['--nonsense', path]])
      expect(run(...args).status).toBe(2);
  });
});
