import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemFiles } from '../../src/base/files.ts';
import { loadRdb } from '../../src/persist/rdb_loader.ts';
import { SnapshotAborted } from '../../src/persist/snapshot.ts';
import { FAMILIES } from '../differential/grammar/index.ts';
import { Random } from '../differential/random.ts';
import { Generator } from '../differential/steps.ts';
import { Engine } from '../support/engine.ts';
import { FaultyFiles } from '../support/faulty_files.ts';
import { seededRandom } from '../support/seed.ts';
import { contentsOf, contentsOfFile, Steps, snapshotFile } from './stepwise.ts';
import { MAKERS } from './values.ts';

const DATA = [
  'bitmaps',
  'expiry',
  'generic',
  'geo',
  'hashes',
  'hyperloglogs',
  'lists',
  'sets',
  'sortedsets',
  'sorting',
  'streams',
  'strings',
];

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-snapshot-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

function randomCommands(seed: number, count: number): Buffer[][] {
  const families = FAMILIES.filter(({ name }) => DATA.includes(name));
  expect(families.map(({ name }) => name).sort()).toEqual(DATA);
  const { steps } = new Generator(new Random(seed), families).sequence(count);
  return steps.flatMap((step) => (step.kind === 'command' ? [[...step.args]] : []));
}

function fill(engine: Engine, seed: number, keys: number): void {
  const random = seededRandom(`fill ${seed}`);
  for (let i = 0; i < keys; i++) {
    const [, make] = MAKERS[i % MAKERS.length]!;
    engine.line(`SELECT ${i % 3}`);
    for (const command of make(`key ${i}`, random)) engine.run(command);
    if (i % 4 === 0) engine.run(['PEXPIRE', `key ${i}`, String(1 + random.below(2000))]);
  }
  engine.line('SELECT 0');
  for (const args of randomCommands(seed + 1, 400)) engine.run(args);
  engine.line('SELECT 0');
}

/** Changes that concern many keys at once, or take their values elsewhere. */
const UPHEAVALS: readonly ((engine: Engine, n: number) => void)[] = [
  (engine) => engine.line('FLUSHDB'),
  (engine) => engine.line('FLUSHALL ASYNC'),
  (engine, n) => engine.line(`SWAPDB ${n % 3} ${(n + 1) % 3}`),
  (engine, n) => engine.line(`SELECT ${n % 3}`),
  (engine, n) => engine.run(['MOVE', `key ${n}`, '5']),
  (engine, n) => engine.run(['RENAME', `key ${n}`, `key ${n + 7}`]),
  (engine, n) => engine.run(['COPY', `key ${n}`, `key ${n + 3}`, 'REPLACE']),
  (engine, n) => engine.run(['UNLINK', `key ${n}`, `key ${n + 1}`]),
  (engine) => engine.clock.advance(200),
  (engine) => engine.server.runDueWork(),
  (engine, n) => {
    for (let i = 0; i < 300; i++) engine.run(['SET', `new ${n} ${i}`, 'value']);
  },
];

describe('a snapshot', () => {
  it.each([1, 2, 3])('is of one moment, whatever happens meanwhile (seed %i)', async (seed) => {
    const engine = new Engine({ seed });
    fill(engine, seed, 200);
    const random = seededRandom(`upheavals ${seed}`);
    const contents = contentsOf(engine);
    const { keyCount } = engine.server.keyspace;
    const steps = new Steps(engine, dir);
    const commands = randomCommands(seed, 1500);
    for (let at = 0; at < commands.length; ) {
      for (let i = random.below(60); i > 0 && at < commands.length; i--) engine.run(commands[at++]!);
      // The worst of them seldom, or nothing would be left that could change.
      const kind = random.below(at < commands.length / 2 ? 40 : 14);
      UPHEAVALS[kind < UPHEAVALS.length && (kind > 2 || at > 1000) ? kind : 4]!(engine, random.below(200));
      steps.step();
    }
    expect(await steps.finish()).toBeNull();
    expect([steps.snapshot.keysTotal, steps.snapshot.keysDone]).toEqual([keyCount, keyCount]);
    expect(contentsOfFile(dir)).toEqual(contents);
    engine.server.background.finish();
    engine.verify();
    expect(engine.server.keyspace.lazyfree.pendingObjects).toBe(0);
  });

  // These look keys up for reading, and change them then in place.
  it.each([
    [
      ['SET', 'k', 'before'],
      ['SET', 'k', 'after!', 'GET'],
    ],
    [
      ['SET', 'k', 'before', 'PX', '100000'],
      ['GETEX', 'k', 'PX', '200000'],
    ],
    [
      ['SET', 'k', 'before'],
      ['GETDEL', 'k'],
    ],
    [
      ['SET', 'k', 'before'],
      ['BITFIELD', 'k', 'SET', 'u8', '0', '1'],
    ],
    [
      ['PFADD', 'k', 'a', 'b'],
      ['PFCOUNT', 'k'],
    ],
    [
      ['XADD', 'k', '1-1', 'f', 'v'],
      ['XGROUP', 'CREATE', 'k', 'g', '0'],
      ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'k', '>'],
    ],
  ])('sees a key before it is changed in place: %j', async (...commands) => {
    const engine = new Engine();
    for (const command of commands.slice(0, -1)) engine.run(command);
    const contents = contentsOf(engine);
    const dump = engine.run(['DUMP', 'k']);
    const steps = new Steps(engine, dir);
    engine.run(commands.at(-1)!);
    expect(await steps.finish()).toBeNull();
    expect(contentsOfFile(dir)).toEqual(contents);
    const other = new Engine();
    loadRdb(other.server.keyspace, new SystemFiles(), snapshotFile(dir), true, false);
    expect(other.run(['DUMP', 'k'])).toEqual(dump);
  });

  it('sees pending entries before they are acknowledged or claimed', async () => {
    const engine = new Engine();
    for (const id of ['1-1', '2-2', '3-3']) engine.run(['XADD', 'k', id, 'f', 'v']);
    engine.line('XGROUP CREATE k g 0');
    engine.line('XREADGROUP GROUP g c STREAMS k >');
    for (const line of [
      'XACK k g 1-1',
      'XCLAIM k g d 0 2-2',
      'XAUTOCLAIM k g e 0 0',
      'XREADGROUP GROUP g c STREAMS k 0',
    ]) {
      const dump = engine.run(['DUMP', 'k']);
      engine.clock.advance(5);
      const steps = new Steps(engine, dir);
      engine.line(line);
      expect(await steps.finish()).toBeNull();
      const other = new Engine();
      loadRdb(other.server.keyspace, new SystemFiles(), snapshotFile(dir), true, false);
      expect(other.run(['DUMP', 'k'])).toEqual(dump);
    }
  });

  it('is written whole before everything changes at once', async () => {
    const engine = new Engine();
    fill(engine, 9, 100);
    const contents = contentsOf(engine);
    const steps = new Steps(engine, dir);
    engine.line('FLUSHALL');
    for (let i = 0; i < 100; i++) engine.run(['SET', `key ${i}`, 'other']);
    expect(await steps.finish()).toBeNull();
    expect(contentsOfFile(dir)).toEqual(contents);
    engine.server.background.finish();
    engine.verify();
  });

  describe('of values with many elements', () => {
    const ELEMENTS = 6000;

    function fillLarge(engine: Engine): void {
      const padding = 'x'.repeat(60);
      for (let i = 0; i < ELEMENTS; i += 500) {
        const names = Array.from({ length: 500 }, (_, n) => `member ${i + n} ${padding}`);
        engine.run(['SADD', 'set', ...names]);
        engine.run(['ZADD', 'zset', ...names.flatMap((name, n) => [String(i + n), name])]);
        engine.run(['HSET', 'hash', ...names.flatMap((name) => [name, `value of ${name}`])]);
        engine.run(['HSET', 'volatile', ...names.flatMap((name) => [name, 'value'])]);
        engine.run(['HPEXPIRE', 'volatile', String(i + 1000), 'FIELDS', '2', names[0]!, names[7]!]);
      }
      for (let i = 0; i < 50; i++) engine.run(['SET', `small ${i}`, 'value']);
    }

    /** Changes of elements, and of whole values, by a random number. */
    function changeLarge(engine: Engine, n: number): void {
      const name = `member ${n} ${'x'.repeat(60)}`;
      const lines: string[][] = [
        ['SREM', 'set', name],
        ['SADD', 'set', `new ${n}`],
        ['SPOP', 'set', '5'],
        ['SMOVE', 'set', 'other', name],
        ['ZADD', 'zset', String(n / 2), name],
        ['ZINCRBY', 'zset', '7', name],
        ['ZPOPMIN', 'zset', '9'],
        ['ZREMRANGEBYRANK', 'zset', '-3', '-1'],
        ['ZREM', 'zset', name],
        ['HSET', 'hash', name, 'a longer value than it was before, so that it moves', `new ${n}`, 'value'],
        ['HDEL', 'hash', name],
        ['HPEXPIRE', 'volatile', '100', 'FIELDS', '1', name],
        ['HPERSIST', 'volatile', 'FIELDS', '1', name],
        ['HSET', 'volatile', name, 'plain'],
        ['SET', `small ${n % 60}`, 'changed'],
      ];
      engine.run(lines[n % lines.length]!);
    }

    const ENDS: readonly string[][] = [
      [],
      ['DEL set zset hash volatile'],
      ['RENAME set zset', 'RENAME hash volatile'],
      ['FLUSHALL'],
      ['COPY set set2', 'SUNIONSTORE set set other', 'ZUNIONSTORE zset 1 zset', 'SET hash x', 'FLUSHDB'],
      ['SWAPDB 0 1', 'SADD set new', 'PEXPIRE volatile 1'],
    ];

    it.each([...ENDS.keys()])('is of one moment, too (%i)', async (end) => {
      const engine = new Engine();
      fillLarge(engine);
      const random = seededRandom(`large ${end}`);
      const contents = contentsOf(engine);
      const steps = new Steps(engine, dir);
      for (let i = 0; i < 100; i++) {
        for (let n = random.below(30); n > 0; n--) changeLarge(engine, random.below(ELEMENTS));
        if (i === 20) for (const line of ENDS[end]!) engine.line(line);
        if (i % 3 === 0) engine.clock.advance(30);
        if (i % 10 === 0) engine.server.background.finish();
        steps.step();
      }
      expect(await steps.finish()).toBeNull();
      expect(readdirSync(dir)).toEqual(['snapshot.rdb']);
      expect(contentsOfFile(dir)).toEqual(contents);
      engine.server.background.finish();
      engine.verify();
      expect(engine.server.keyspace.lazyfree.pendingObjects).toBe(0);
    });

    it('leaves nothing behind when it fails', async () => {
      const engine = new Engine();
      fillLarge(engine);
      // Too much for memory, even compressed.
      const random = seededRandom('noise');
      for (let i = 0; i < 12; i++) {
        const names = Array.from({ length: 500 }, () => random.hex(200));
        engine.run(['SADD', 'noise', ...names]);
      }
      const whole = new FaultyFiles();
      expect(await new Steps(engine, dir, whole, false).finish()).toBeNull();
      expect(whole.calls).toContain('readAtLater');
      for (let failAt = 3; failAt <= whole.calls.length; failAt++) {
        rmSync(snapshotFile(dir), { force: true });
        const steps = new Steps(engine, dir, new FaultyFiles(failAt), false);
        for (let i = 0; i < 5; i++) changeLarge(engine, i * 7);
        expect((await steps.finish()) as Error).toMatchObject({ code: 'EIO' });
        expect(readdirSync(dir)).toEqual([]);
      }
      const steps = new Steps(engine, dir);
      steps.step();
      engine.line('DEL hash');
      steps.snapshot.abort();
      expect(await steps.finish()).toBeInstanceOf(SnapshotAborted);
      engine.server.background.finish();
      engine.verify();
      expect(engine.server.keyspace.lazyfree.pendingObjects).toBe(0);
    });
  });

  it('leaves no file behind when it is aborted or fails', async () => {
    const engine = new Engine();
    fill(engine, 10, 60);
    const count = async (failAt: number): Promise<number> => {
      const files = new FaultyFiles(failAt);
      const steps = new Steps(engine, dir, files, false);
      const error = await steps.finish();
      expect(error === null ? [] : (error as Error).message).toEqual(
        failAt > files.calls.length ? [] : expect.stringContaining('EIO'),
      );
      expect(readdirSync(dir)).toEqual(error === null ? ['snapshot.rdb'] : []);
      rmSync(snapshotFile(dir), { force: true });
      return files.calls.length;
    };
    const calls = await count(Infinity);
    for (let failAt = 3; failAt <= calls; failAt++) await count(failAt);
    for (const failAt of [1, 2]) expect(() => new Steps(engine, dir, new FaultyFiles(failAt))).toThrow('EIO');
    for (let after = 0; after < 5; after++) {
      const steps = new Steps(engine, dir);
      for (let i = 0; i < after; i++) steps.step();
      steps.snapshot.abort();
      expect(readdirSync(dir)).toEqual([]);
      expect(await steps.finish()).toBeInstanceOf(SnapshotAborted);
    }
    expect(engine.server.keyspace.db(0).guard).toBeNull();
    engine.verify();
  });
});
