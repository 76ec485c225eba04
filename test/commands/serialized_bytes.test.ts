import { describe, expect, it } from 'vitest';
import { Engine } from '../support/engine.ts';
import { runLines } from './string_support.ts';

const COUNT = 1000;

/** A set, hash, sorted set, stream and list beyond the compact encodings, and a small value of each kind. */
function fill(engine: Engine): void {
  runLines(
    engine,
    ...['SET string value', 'SET integer 123', 'RPUSH list a 1 b', 'SADD intset 1 2 3', 'SADD set a b c'],
    ...['HSET hash f v g 2', 'ZADD zset 1 a 2.5 b inf c', 'PFADD sketch a b c'],
    ...['XADD stream 1-1 a b c d', 'XADD stream 2-0 a 2', 'XGROUP CREATE stream g 0'],
    'XREADGROUP GROUP g alice COUNT 1 STREAMS stream >',
    'XADD bigstream 1-1 f v',
  );
  const many = (count: number, f: (i: number) => (string | number)[]) =>
    Array.from({ length: count }, (_, i) => f(i)).flat();
  engine.run(['SADD', 'bigset', ...many(COUNT, (i) => [`m${i}`])]);
  engine.run(['HSET', 'bighash', ...many(COUNT, (i) => [`f${i}`, i])]);
  engine.run(['ZADD', 'bigzset', ...many(COUNT, (i) => [i / 4, `m${i}`])]);
  engine.run(['RPUSH', 'biglist', ...many(3 * COUNT, (i) => [`e${i}`])]);
  for (let i = 2; i <= 300; i++) engine.line(`XADD bigstream ${i}-1 f ${i}`);
}

/** [key, DEBUG DIGEST-VALUE, serializedlength without compression]; printed by Redis 7.0.15 for the same data. */
const RECORDED: readonly [string, string, number][] = [
  ['string', 'd59ec93db87f4cd915db3cdf44bb63755bc4a635', 6],
  ['integer', '89f7f51b707418f666d5b45e053bd5bbbf82ac2b', 2],
  ['list', 'd5f44352f6226abea9252dad248ef5de0d964396', 18],
  ['intset', '2a462a3f51a1db89738ebbeef0c47ce1bbc85246', 15],
  ['set', '593c2414786d75446e97f4ea5d4b731f3313da72', 7],
  ['hash', '9dc7e1ed596e8ccab4b91d04b8317fc85b68294a', 19],
  ['zset', '692ab70d673d8bf452c3a17fb4be02bfcdf437bc', 29],
  ['stream', '445f45883ff2c817254c7296e0e2ff9a6b41ce24', 142],
  ['sketch', 'f579608d33b88f5e9f7172d6fb480ecf5d13ddf5', 28],
  ['bigset', '351b86706c8181e24728b9ef86e9e314ac39d342', 4892],
  ['bighash', '0d888b592db77678a7cc12019e29d3af1601c69a', 7764],
  ['bigzset', 'c6d063c379b1e6492b83132b96e6636cf47bb596', 12892],
  ['bigstream', '87a4f5e0e76d2c34a16de6f6dadcaa9771d9e041', 3298],
  ['biglist', '775da397c479d43dc85a2e3938f7f9f998b0e6d2', 19921],
];
const DIGEST = '6cfd473d3d06c8f67f3f3f5c57ecfa2138beae64';

describe('digests and serialized lengths', () => {
  it('are those of the reference', () => {
    const engine = new Engine({ config: { rdbcompression: 'no' } });
    fill(engine);
    for (const [key, digest, length] of RECORDED) {
      expect([key, engine.line(`DEBUG DIGEST-VALUE ${key}`)]).toEqual([key, [digest]]);
      const found = /serializedlength:(\d+)/.exec(String(engine.line(`DEBUG OBJECT ${key}`)))?.[1];
      expect([key, Number(found)]).toEqual([key, length]);
    }
    expect(engine.line('DEBUG DIGEST')).toBe(DIGEST);
  });

  it('say the same of a copy, and count what MEMORY USAGE counts', () => {
    const engine = new Engine();
    fill(engine);
    const { arena } = engine.server;
    for (const [key, digest] of RECORDED) {
      const before = arena.usedBytes;
      engine.line(`COPY ${key} copy`);
      const taken = arena.usedBytes - before;
      expect([key, engine.line('DEBUG DIGEST-VALUE copy')]).toEqual([key, [digest]]);
      const bytes = Number(engine.line('MEMORY USAGE copy SAMPLES 0'));
      // The share of the table is an average, and the arena is checked, so that blocks are larger than they count.
      expect([key, bytes > 0 && bytes <= taken + 64]).toEqual([key, true]);
      engine.line('DEL copy');
      engine.server.runDueWork();
    }
    engine.verify();
  });
});
