import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Engine } from '../support/engine.ts';
import { seededRandom } from '../support/seed.ts';
import { Announcements, plain, runLines } from './string_support.ts';

const NOT_ONE = '-WRONGTYPE Key is not a valid HyperLogLog string value.';
const CORRUPT = '-INVALIDOBJ Corrupted HLL object detected';

/** [elements, estimate, bytes, SHA-1 of the bytes] after `element:0` and so on were added; printed by Redis 7.0.15. */
const RECORDED: readonly [number, number, number, string][] = [
  [0, 0, 18, '6892f6e9ee148f17be8c469006bf9a299ecaeeea'],
  [1, 1, 21, '946a3f384bd41aeac7fc2f5baa171a9779cbb61a'],
  [2, 2, 24, 'e00a4c43b1ced9dc5dccdf4610339bc71219e49e'],
  [10, 10, 48, 'e3e04df1a81a6ff6519b7fbb700d7061cc170f4c'],
  [100, 99, 285, '4d1b3bef5d497d64c4202942021f568e478230c6'],
  [500, 502, 1050, '54c23f2d1a0d61f405dfba4b94c77c52b6e7983f'],
  [1000, 997, 1897, '600cc26e1c0791fccdb3cde0fabfa0c84550674a'],
  [1500, 1500, 2722, 'e31c9dd1080de9d25485a8f50abe3730da1b9d27'],
  [2000, 2004, 12304, '52443fcb41e355a8d4fd9fe24dd9521b2588e69f'],
  [5000, 5005, 12304, '53485147483a2d8ffe68eef8b23c4bbca046ca27'],
  [20000, 19986, 12304, '0aff780e7abbc86b0d2fda3540cc64226a21b452'],
  [200000, 198321, 12304, '7f3b0a6039136b3dbabcf29d568cb873f3bc90d5'],
];

/** Which register one element sets, and to what: PFDEBUG DECODE of Redis 7.0.15. */
const ELEMENTS: readonly [string, string][] = [
  ['', 'Z:5938 v:2,1 Z:10445'],
  ['a', 'Z:12711 v:2,1 Z:3672'],
  ['abc', 'Z:9474 v:1,1 Z:6909'],
  ['abcd', 'Z:11070 v:8,1 Z:5313'],
  ['abcdefg', 'Z:5634 v:2,1 Z:10749'],
  ['abcdefgh', 'Z:1383 v:1,1 Z:15000'],
  ['abcdefghijklmnopq', 'Z:4271 v:1,1 Z:12112'],
  ['\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7', 'Z:5570 v:1,1 Z:10813'],
];

function addMany(engine: Engine, key: string, from: number, to: number): void {
  for (let i = from; i < to; i += 500) {
    const count = Math.min(500, to - i);
    engine.run(['PFADD', key, ...Array.from({ length: count }, (_, j) => `element:${i + j}`)]);
  }
}

/** The bytes of a HyperLogLog with these registers: head, out of date, and runs. */
function sparse(...runs: number[]): Buffer {
  return Buffer.concat([
    Buffer.from('HYLL\x01\0\0\0', 'latin1'),
    Buffer.from([0, 0, 0, 0, 0, 0, 0, 0x80]),
    Buffer.from(runs),
  ]);
}

describe('HyperLogLog', () => {
  it('has the bytes and estimates of the reference', () => {
    const engine = new Engine();
    engine.run(['PFADD', 'h']);
    let added = 0;
    for (const [elements, estimate, length, digest] of RECORDED) {
      addMany(engine, 'h', added, elements);
      added = elements;
      expect([elements, engine.line('PFCOUNT h')]).toEqual([elements, estimate]);
      const bytes = Buffer.from(String(engine.line('GET h')), 'latin1');
      expect(bytes.length).toBe(length);
      expect(createHash('sha1').update(bytes).digest('hex')).toBe(digest);
    }
    engine.verify();
  });

  it.each(ELEMENTS)('sets the register of %j', (element, runs) => {
    const engine = new Engine();
    expect(engine.run(['PFADD', 'h', element])).toBe(1);
    expect(engine.run(['PFADD', 'h', element])).toBe(0);
    expect(engine.line('PFDEBUG DECODE h')).toBe(runs);
  });

  it('counts, merges and says so', () => {
    const engine = new Engine();
    const announced = new Announcements(engine);
    expect(
      ['PFADD a x y z', 'PFADD a x', 'PFADD b z w', 'PFCOUNT a', 'PFCOUNT a'].map((line) =>
        announced.of(line),
      ),
    ).toEqual(['new:a pfadd:a +4', '+0', 'new:b pfadd:b +3', 'pfcount:a +1', '+0']);
    expect(runLines(engine, 'PFCOUNT a', 'PFCOUNT a b none', 'PFCOUNT none')).toEqual([3, 4, 0]);
    expect(
      runLines(
        engine,
        'PFMERGE c a b none',
        'PFCOUNT c',
        'PFMERGE d',
        'PFCOUNT d',
        'PFMERGE a b',
        'PFCOUNT a',
      ),
    ).toEqual(['OK', 4, 'OK', 0, 'OK', 4]);
    expect(runLines(engine, 'OBJECT ENCODING c', 'PFADD a', 'PFADD a x')).toEqual(['raw', 0, 0]);
  });

  it('keeps an estimate until something changes', () => {
    const engine = new Engine();
    runLines(engine, 'PFADD h a b c', 'PFCOUNT h');
    expect(engine.line('GETRANGE h 8 15')).toBe('\x03\0\0\0\0\0\0\0');
    runLines(engine, 'PFADD h a');
    expect(engine.line('GETRANGE h 8 15')).toBe('\x03\0\0\0\0\0\0\0');
    runLines(engine, 'PFADD h d');
    expect(engine.line('GETRANGE h 15 15')).toBe('\x80');
    engine.run(['SETRANGE', 'h', 8, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])]);
    expect(engine.line('PFCOUNT h')).toBe(9223372036854775807n);
  });

  it('becomes dense when it gets too long, when a value does not fit, and when it is told to', () => {
    const engine = new Engine();
    runLines(engine, 'CONFIG SET hll-sparse-max-bytes 30', 'PFADD h a b c d');
    expect(runLines(engine, 'PFDEBUG SIMD off', 'PFDEBUG simd ON', 'PFDEBUG SIMD h')).toEqual([
      'disabled',
      'disabled',
      '-ERR Argument must be ON or OFF',
    ]);
    expect(runLines(engine, 'PFDEBUG ENCODING h', 'STRLEN h')).toEqual(['sparse', 30]);
    expect(runLines(engine, 'PFADD h e', 'PFDEBUG ENCODING h', 'STRLEN h', 'PFCOUNT h')).toEqual([
      1,
      'dense',
      12304,
      5,
    ]);
    expect(runLines(engine, 'CONFIG SET hll-sparse-max-bytes 0', 'PFADD i', 'PFDEBUG ENCODING i')).toEqual([
      'OK',
      1,
      'sparse',
    ]);
    expect(runLines(engine, 'PFDEBUG TODENSE i', 'PFDEBUG TODENSE i', 'PFDEBUG DECODE i')).toEqual([
      1,
      0,
      '-ERR HLL encoding is not sparse',
    ]);
    const registers = engine.line('PFDEBUG GETREG i') as number[];
    expect([registers.length, registers.every((value) => value === 0)]).toEqual([16384, true]);
    // A register above 32 has no place among sparse runs.
    engine.run([
      'SET',
      'top',
      Buffer.concat([Buffer.from('HYLL\0\0\0\0\0\0\0\0\0\0\0\x80', 'latin1'), Buffer.alloc(12288, 0xff)]),
    ]);
    expect(runLines(engine, 'PFMERGE j top', 'PFDEBUG ENCODING j', 'PFCOUNT j')).toEqual([
      'OK',
      'dense',
      -9223372036854775808n,
    ]);
    engine.verify();
  });

  it('splits and joins runs of values', () => {
    const engine = new Engine();
    const registers = (): number[] => engine.line('PFDEBUG GETREG copy') as number[];
    const random = seededRandom('runs');
    for (let round = 0; round < 20; round++) {
      // Few different runs, so that they often meet.
      const runs: number[] = [];
      let left = 16384;
      while (left > 4000) {
        const length = 1 + random.below(4);
        runs.push(random.below(3) === 0 ? length - 1 : 128 | (random.below(2) << 2) | (length - 1));
        left -= length;
      }
      runs.push(64 | ((left - 1) >> 8), (left - 1) & 0xff);
      engine.run(['SET', 'h', sparse(...runs)]);
      runLines(engine, 'CONFIG SET hll-sparse-max-bytes 1000000', 'COPY h copy REPLACE');
      const before = registers();
      const added = Array.from({ length: 200 }, (_, i) => `${round}:${i}`);
      engine.run(['PFADD', 'h', ...added]);
      engine.run(['PFADD', 'copy', ...added]);
      expect([engine.line('PFDEBUG ENCODING h'), engine.line('PFDEBUG ENCODING copy')]).toEqual([
        'sparse',
        'dense',
      ]);
      expect(engine.line('PFCOUNT h')).toBe(engine.line('PFCOUNT copy'));
      runLines(engine, 'PFDEBUG TODENSE h');
      expect(engine.line('GETRANGE h 16 -1')).toBe(engine.line('GETRANGE copy 16 -1'));
      expect(registers().every((value, i) => value >= before[i]!)).toBe(true);
    }
    engine.verify();
  });

  it('refuses what is none', () => {
    const engine = new Engine();
    runLines(engine, 'SET s abc', 'SADD l x', 'PFADD h a', 'SET short HYLL');
    const dense = Buffer.concat([Buffer.from('HYLL\0', 'latin1'), Buffer.alloc(12000)]);
    engine.run(['SET', 'cut', dense]);
    for (const key of ['s', 'short', 'cut']) {
      const lines = [
        `PFADD ${key} a`,
        `PFADD ${key}`,
        `PFCOUNT ${key}`,
        `PFCOUNT h ${key}`,
        `PFMERGE ${key}`,
      ];
      expect(runLines(engine, ...lines, `PFMERGE x h ${key}`, `PFDEBUG GETREG ${key}`)).toEqual(
        Array(7).fill(NOT_ONE),
      );
    }
    const wrong = '-WRONGTYPE Operation against a key holding the wrong kind of value';
    expect(runLines(engine, 'PFADD l a', 'PFCOUNT l', 'PFCOUNT h l', 'PFMERGE x l', 'PFMERGE l h')).toEqual(
      Array(5).fill(wrong),
    );
    expect(runLines(engine, 'EXISTS x', 'PFDEBUG GETREG none', 'PFDEBUG nothing h')).toEqual([
      0,
      '-ERR The specified key does not exist',
      "-ERR Unknown PFDEBUG subcommand 'nothing'",
    ]);
  });

  it('finds that registers make no sense', () => {
    const engine = new Engine();
    const bodies = [[], [0], [0x7f, 0xff, 0], [0x7f, 0xfe], [0x40], [0xff], [0x7f, 0xff, 0xff]];
    for (const body of bodies) {
      engine.run(['SET', 'h', sparse(...body)]);
      expect([body, plain(engine.line('PFCOUNT h'))]).toEqual([body, CORRUPT]);
      expect(runLines(engine, 'PFCOUNT h h', 'PFMERGE h', 'PFDEBUG TODENSE h')).toEqual(
        Array(3).fill(CORRUPT),
      );
    }
    for (const body of [[], [0]]) {
      engine.run(['SET', 'h', sparse(...body)]);
      expect(plain(engine.line('PFADD h a'))).toBe(CORRUPT);
    }
  });

  it('survives any bytes', () => {
    const random = seededRandom('any bytes');
    const engine = new Engine();
    for (let round = 0; round < 400; round++) {
      const body = Array.from({ length: random.below(12) }, () => random.below(256));
      if (random.below(2) === 0) body.push(0x7f, random.below(256));
      engine.run(['SET', 'h', sparse(...body)]);
      for (let i = 0; i < 4; i++) {
        engine.run(['PFADD', 'h', `x${random.below(1000)}`]);
        engine.run(['PFCOUNT', 'h']);
        engine.run(['PFMERGE', 'other', 'h']);
        engine.run(['PFDEBUG', random.below(2) === 0 ? 'DECODE' : 'GETREG', 'h']);
      }
    }
    engine.verify();
    expect(engine.log).toEqual([]);
  });

  it('loses a transaction when only its estimate is stored', () => {
    const engine = new Engine();
    runLines(engine, 'PFADD h a');
    engine.line('WATCH h', 1);
    engine.line('PFCOUNT h', 0);
    engine.line('MULTI', 1);
    expect(engine.line('EXEC', 1)).toBe(null);
  });

  it('passes its own test', () => {
    const engine = new Engine();
    const before = engine.server.arena.liveBlocks;
    expect(engine.line('PFSELFTEST')).toBe('OK');
    expect(engine.server.arena.liveBlocks).toBe(before);
  });
});
