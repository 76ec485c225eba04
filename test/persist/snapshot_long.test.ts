// Snapshots of long lists, streams and strings, which are written part by part while they change.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemFiles } from '../../src/base/files.ts';
import type { Random } from '../../src/base/random.ts';
import { Engine } from '../support/engine.ts';
import { seededRandom } from '../support/seed.ts';
import { contentsOf, contentsOfFile, Steps } from './stepwise.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-snapshot-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const ELEMENTS = 3000;
const STRING_BYTES = 400_000;

function text(random: Random, length: number): string {
  return Array.from({ length }, () => String.fromCharCode(random.below(256))).join('');
}

function fill(engine: Engine, random: Random): void {
  const noise = text(random, 100_000);
  const word = (i: number) => `element ${i} ${random.hex(30)} ${'x'.repeat(i % 90)}`;
  for (let i = 0; i < ELEMENTS; i += 100) {
    const words = Array.from({ length: 100 }, (_, n) => word(i + n));
    for (const key of ['list', 'packed', 'short']) {
      engine.run(['CONFIG', 'SET', 'list-compress-depth', key === 'packed' ? 1 : 0]);
      engine.run(['CONFIG', 'SET', 'list-max-listpack-size', key === 'short' ? 5 : -2]);
      engine.run(['RPUSH', key, ...words]);
    }
    for (const [n, value] of words.entries()) {
      engine.run(['XADD', 'stream', `${i + n + 1}-1`, 'name', value]);
      if (n % 3 === 0) engine.run(['XADD', 'events', `${i + n + 1}-0`, 'f', n, `g${n}`, value]);
    }
  }
  engine.run(['XGROUP', 'CREATE', 'stream', 'group', '0']);
  engine.run(['XREADGROUP', 'GROUP', 'group', 'consumer', 'COUNT', 500, 'STREAMS', 'stream', '>']);
  engine.run(['SET', 'text', 'some words '.repeat(STRING_BYTES / 11)]);
  engine.run(['SET', 'noise', noise.repeat(STRING_BYTES / noise.length)]);
  engine.run(['SETBIT', 'bits', STRING_BYTES * 8, 1]);
  engine.run([
    'RPUSH',
    'large',
    'a',
    'b'.repeat(300_000),
    ...Array.from({ length: 60 }, () => 'c'.repeat(9000)),
  ]);
}

const LISTS = ['list', 'packed', 'short', 'large', 'other'];
const STREAMS = ['stream', 'events'];
const STRINGS = ['text', 'noise', 'bits'];

/** A change by random numbers; most of them at the ends, where clients are, some in the middle. */
function change(engine: Engine, random: Random): void {
  const pick = <T>(all: readonly T[]): T => all[random.below(all.length)]!;
  const list = pick(LISTS);
  const stream = pick(STREAMS);
  const string = pick(STRINGS);
  const at = random.below(ELEMENTS);
  const offset = random.below(STRING_BYTES);
  const value = 'y'.repeat(random.below(random.below(20) === 0 ? 12_000 : 200));
  const group = ['group', 'consumer'];
  const length = Number(engine.run(['LLEN', list]));
  const pivot = String(engine.run(['LINDEX', list, random.below(Math.max(1, length))]));
  engine.run(
    pick<(string | number)[]>([
      ['RPUSH', list, value, 'z'],
      ['LPUSH', list, value],
      ['LPOP', list, 1 + random.below(120)],
      ['RPOP', list, 1 + random.below(120)],
      ['LPOP', list],
      ['RPOP', list],
      ['LMOVE', list, pick(LISTS), 'LEFT', 'RIGHT'],
      ['LSET', list, at % 500, value],
      ['LSET', list, -1 - (at % 700), value],
      ['LINSERT', list, 'BEFORE', pivot, value],
      ['LINSERT', list, 'AFTER', pivot, value],
      ['LINSERT', 'short', 'AFTER', String(engine.run(['LINDEX', 'short', at])), value],
      ['LREM', list, -2, 'z'],
      ['LREM', list, 1, 'c'.repeat(9000)],
      ['LTRIM', list, random.below(4) * 60, -1 - random.below(4) * 50],
      ['XADD', stream, '*', 'name', value],
      ['XADD', stream, 'MAXLEN', '~', ELEMENTS - at, '*', 'name', value],
      ['XDEL', stream, `${at}-1`, `${at + 1}-0`, `${at + 2}-1`],
      ['XTRIM', stream, 'MINID', '=', Math.floor(at / 4)],
      ['XACK', stream, 'group', `${at}-1`],
      ['XREADGROUP', 'GROUP', ...group, 'COUNT', 5, 'STREAMS', 'stream', '>'],
      ['XSETID', stream, '99999999999999-0'],
      ['SETRANGE', string, offset, value],
      ['SETBIT', string, offset * 8 + 3, offset & 1],
      ['APPEND', string, value.repeat(20)],
      ['BITFIELD', string, 'SET', 'u16', offset * 8, 4711, 'INCRBY', 'i8', 99, 1],
      ['GETRANGE', string, offset, offset + 100],
    ]),
  );
}

const ENDS: readonly string[][] = [
  [],
  ['DEL list packed short large stream events text noise bits'],
  ['RENAME list packed', 'RENAME stream events', 'RENAME text noise', 'RPUSH list 1', 'APPEND text 2'],
  ['FLUSHALL', 'RPUSH list new', 'SET text new'],
  [
    'LTRIM list 2500 2510',
    'LTRIM packed 5 6',
    'LTRIM short 2100 -1',
    'LTRIM short 0 0',
    'XTRIM stream MAXLEN 3',
  ],
  [
    'COPY list copy',
    'SET text x',
    'GETDEL noise',
    'SORT list ALPHA LIMIT 0 9 STORE packed',
    'BITOP NOT bits bits',
  ],
  ['SWAPDB 0 1', 'RPUSH list new', 'XADD stream * f v', 'SET text 1', 'FLUSHDB'],
  ['UNLINK list', 'PEXPIRE stream 1', 'PEXPIRE text 1', 'LTRIM packed 1 0'],
];

describe('a snapshot of long lists, streams and strings', () => {
  it.each([...ENDS.keys()])('is of one moment (%i)', async (end) => {
    const engine = new Engine({ seed: end + 1 });
    const random = seededRandom(`long ${end}`);
    fill(engine, random);
    const contents = contentsOf(engine);
    const steps = new Steps(engine, dir);
    let count = 0;
    do {
      for (let n = random.below(12); n > 0; n--) change(engine, random);
      if (count === 5 + end * 4) for (const line of ENDS[end]!) engine.line(line);
      if (count % 3 === 0) engine.clock.advance(30);
      if (count % 10 === 0) engine.server.background.finish();
      count++;
    } while (steps.step());
    expect(count).toBeGreaterThan(40);
    expect(await steps.finish()).toBeNull();
    expect(readdirSync(dir)).toEqual(['snapshot.rdb']);
    expect(contentsOfFile(dir)).toEqual(contents);
    engine.server.background.finish();
    engine.verify();
    expect(engine.server.keyspace.lazyfree.pendingObjects).toBe(0);
    // Nothing of the snapshot is left: the next one is of what there is now.
    const now = contentsOf(engine);
    expect(await new Steps(engine, dir).finish()).toBeNull();
    expect(contentsOfFile(dir)).toEqual(now);
  });

  it('frees what was dropped when it is given up', async () => {
    const engine = new Engine();
    fill(engine, seededRandom('given up'));
    const steps = new Steps(engine, dir);
    for (let i = 0; i < 30; i++) steps.step();
    engine.line('FLUSHALL ASYNC');
    steps.snapshot.abort();
    await steps.finish();
    engine.server.background.finish();
    engine.verify();
    expect(engine.server.arena.usedBytes).toBeLessThan(100_000);
  });

  it('is written in small steps', async () => {
    const engine = new Engine();
    fill(engine, seededRandom('small steps'));
    // The one element of 300 KB is written at once.
    engine.run(['DEL', 'large']);
    // Nothing that is written leaves the memory, so that all of it is counted.
    const stuck = new (class extends SystemFiles {
      override writeAtLater(): Promise<number> {
        return new Promise(() => {});
      }
    })();
    const steps = new Steps(engine, dir, stuck);
    let before = steps.snapshot.waitingBytes;
    let most = 0;
    let count = 0;
    while (steps.step() && before < 2_000_000) {
      const bytes = steps.snapshot.waitingBytes;
      most = Math.max(most, bytes - before);
      before = bytes;
      count++;
    }
    expect(before).toBeGreaterThan(800_000);
    expect(most).toBeLessThan(100_000);
    expect(count).toBeGreaterThan(30);
  });
});
