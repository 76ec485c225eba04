import { describe, expect, it } from 'vitest';
import type { MemoryFigures } from '../../src/commands/admin_port.ts';
import { doctorText } from '../../src/commands/memory_text.ts';
import type { Engine } from '../support/engine.ts';
import { engineOf, PROTOCOLS, plain, runLines } from './string_support.ts';

/** The map of MEMORY STATS. */
function stats(engine: Engine): Map<string, unknown> {
  const flat = plain(engine.line('MEMORY STATS')) as unknown[];
  const pairs = flat.flatMap((name, i) => (i % 2 === 0 ? [[name as string, flat[i + 1]] as const] : []));
  return new Map(pairs);
}

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('knows the bytes of a key exactly', () => {
    const engine = engineOf(resp3);
    const { arena, keyspace } = engine.server;
    runLines(engine, 'SET warm up', 'DEL warm');
    for (const bytes of [0, 5, 100, 3000, 100_000]) {
      runLines(engine, `SET other ${'y'.repeat(10)}`);
      const before = arena.classes().reduce((sum, { usedBytes }) => sum + usedBytes, 0);
      engine.run(['SET', 'key', 'x'.repeat(bytes)]);
      const grown = arena.classes().reduce((sum, { usedBytes }) => sum + usedBytes, 0) - before;
      const usage = plain(engine.line('MEMORY USAGE key')) as number;
      // The test's arena puts redzones around blocks: they are what the two may differ by.
      expect(usage - 8).toBeLessThanOrEqual(grown);
      expect(usage - 8).toBeGreaterThan(bytes);
      expect(usage).toBeLessThan(bytes * 1.13 + 40);
      runLines(engine, 'DEL key');
    }
    expect(keyspace.keyCount).toBe(1);
  });

  it('answers as the reference does', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET a b');
    const usage = plain(engine.line('MEMORY USAGE a'));
    expect(
      runLines(
        engine,
        'MEMORY USAGE a SAMPLES 0',
        'MEMORY USAGE a samples 5 SAMPLES 1',
        'MEMORY USAGE nosuch',
        'MEMORY USAGE a SAMPLES -1',
        'MEMORY USAGE nosuch SAMPLES 9007199254740993',
        'MEMORY USAGE a SAMPLES x',
        'MEMORY USAGE a SAMPLES',
        'MEMORY USAGE a nosuch 5',
        'MEMORY USAGE',
        'MEMORY PURGE',
        'MEMORY PURGE x',
        'MEMORY NOSUCH',
      ),
    ).toEqual([
      usage,
      usage,
      null,
      '-ERR syntax error',
      null,
      '-ERR value is not an integer or out of range',
      '-ERR syntax error',
      '-ERR syntax error',
      "-ERR wrong number of arguments for 'memory|usage' command",
      'OK',
      "-ERR wrong number of arguments for 'memory|purge' command",
      "-ERR unknown subcommand 'NOSUCH'. Try MEMORY HELP.",
    ]);
  });

  it('counts expired keys that are still there', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET a b PX 1');
    engine.clock.advance(5);
    expect(runLines(engine, 'MEMORY USAGE a', 'GET a', 'MEMORY USAGE a')).toEqual([
      expect.any(Number),
      null,
      null,
    ]);
  });

  it('says where the memory goes, under the names of the reference', () => {
    const engine = engineOf(resp3);
    engine.server.memory.started();
    runLines(engine, 'DEBUG POPULATE 1000 key 100', 'SELECT 3', 'SET a b', 'SELECT 0');
    const figures = stats(engine);
    expect([...figures.keys()]).toEqual([
      'peak.allocated',
      'total.allocated',
      'startup.allocated',
      'replication.backlog',
      'clients.slaves',
      'clients.normal',
      'cluster.links',
      'aof.buffer',
      'lua.caches',
      'functions.caches',
      'db.0',
      'db.3',
      'overhead.total',
      'keys.count',
      'keys.bytes-per-key',
      'dataset.bytes',
      'dataset.percentage',
      'peak.percentage',
      'allocator.allocated',
      'allocator.active',
      'allocator.resident',
      'allocator-fragmentation.ratio',
      'allocator-fragmentation.bytes',
      'allocator-rss.ratio',
      'allocator-rss.bytes',
      'rss-overhead.ratio',
      'rss-overhead.bytes',
      'fragmentation',
      'fragmentation.bytes',
    ]);
    const number = (name: string): number => Number(figures.get(name));
    expect(number('keys.count')).toBe(1001);
    expect(number('peak.allocated')).toBeGreaterThanOrEqual(number('total.allocated'));
    expect(number('dataset.bytes')).toBeGreaterThan(100_000);
    expect(number('dataset.percentage')).toBeGreaterThan(50);
    expect(number('keys.bytes-per-key')).toBeGreaterThan(100);
    expect(number('allocator.resident')).toBeGreaterThanOrEqual(number('allocator.active'));
    expect(number('allocator.active')).toBeGreaterThanOrEqual(number('allocator.allocated'));
    expect((figures.get('db.0') as unknown[])[0]).toBe('overhead.hashtable.main');
    expect(engine.bytes([['MEMORY', 'STATS']]).toString()).toMatch(resp3 ? /^%29\r\n/ : /^\*58\r\n/);
  });

  it('shows the allocator by block size', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET a b');
    const lines = (plain(engine.line('MEMORY MALLOC-STATS')) as string).split('\n');
    expect(lines[0]).toMatch(/^ *block bytes +used bytes +span bytes +used %$/);
    const sum = lines
      .find((line) => /^ *all /.test(line))!
      .trim()
      .split(/ +/);
    expect(Number(sum[1])).toBe(engine.server.arena.usedBytes);
    expect(new Set(lines.slice(0, lines.indexOf('')).map((line) => line.length)).size).toBe(1);
  });

  it('has a doctor', () => {
    const engine = engineOf(resp3);
    engine.server.memory.started();
    expect(plain(engine.line('MEMORY DOCTOR'))).toContain('hardly any data');
    runLines(engine, 'DEBUG POPULATE 100 key 300000');
    expect(plain(engine.line('MEMORY DOCTOR'))).toBe('Nothing stands out.\n');
  });
});

describe('the doctor', () => {
  const MiB = 1024 * 1024;
  const healthy: MemoryFigures = {
    usedBytes: 100 * MiB,
    peakBytes: 100 * MiB,
    startupBytes: MiB,
    clientBytes: 0,
    overheadBytes: MiB,
    datasetBytes: 99 * MiB,
    datasetPercent: 99,
    arenaBytes: 100 * MiB,
    activeBytes: 101 * MiB,
    residentBytes: 102 * MiB,
    rssBytes: 150 * MiB,
  };

  it.each([
    ['nothing', {}, 'Nothing stands out.'],
    ['a peak long past', { peakBytes: 151 * MiB }, '- Peak: 151.0 MiB were in use once, 100.0 MiB are now.'],
    ['fragmentation', { arenaBytes: 50 * MiB }, '- Fragmentation: 50.0 MiB of blocks lie in 101.0 MiB'],
    ['free pages', { residentBytes: 131 * MiB }, '- Free pages: 30.0 MiB wait to be given back.'],
    ['heavy clients', { clientBytes: 10 * MiB }, '- Clients: 10 of them hold 10.0 MiB'],
    ['an empty server', { usedBytes: 2 * MiB, peakBytes: 90 * MiB }, 'There is hardly any data yet.'],
  ])('finds %s', (_, figures, text) => {
    const lines = doctorText({ ...healthy, ...figures }, 10).split('\n');
    expect(lines[0]!.startsWith(text)).toBe(true);
    expect(lines.slice(1)).toEqual(['']);
  });
});
