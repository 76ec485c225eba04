// What INFO counts as hits and misses, and what happens to keys whose time has run out, where Redis goes ways of its own.
import { describe, expect, it } from 'vitest';
import { Engine } from '../support/engine.ts';
import { runLines } from './string_support.ts';

function counted(engine: Engine, line: string): [hits: number, misses: number] {
  const read = (): number[] =>
    ['keyspace_hits', 'keyspace_misses'].map((name) =>
      Number(new RegExp(`${name}:(\\d+)`).exec(String(engine.line('INFO stats')))![1]),
    );
  const before = read();
  engine.line(line);
  const after = read();
  return [after[0]! - before[0]!, after[1]! - before[1]!];
}

describe('lookups', () => {
  it('XREAD and XREADGROUP count each key twice', () => {
    const engine = new Engine();
    runLines(engine, 'XADD x 1-1 a b', 'XGROUP CREATE x g 0');
    expect(counted(engine, 'XREAD STREAMS x none 0 0')).toEqual([2, 2]);
    expect(counted(engine, 'XREAD STREAMS x $')).toEqual([2, 0]);
    expect(counted(engine, 'XREADGROUP GROUP g c STREAMS x >')).toEqual([2, 0]);
  });

  it('XAUTOCLAIM looks its key up before it reads the rest', () => {
    const engine = new Engine();
    runLines(engine, 'XADD x 1-1 a b', 'XGROUP CREATE x g 0');
    expect(counted(engine, 'XAUTOCLAIM x g c 0 0')).toEqual([1, 0]);
    expect(counted(engine, 'XAUTOCLAIM x g c 0 0 COUNT 0')).toEqual([1, 0]);
    expect(counted(engine, 'XAUTOCLAIM none g c word 0')).toEqual([0, 1]);
  });

  it('SPOP of all members counts as reading them', () => {
    const engine = new Engine();
    runLines(engine, 'SADD s a b c');
    expect(counted(engine, 'SPOP s 2')).toEqual([0, 0]);
    expect(counted(engine, 'SPOP s 2')).toEqual([1, 0]);
  });
});

describe('results without elements', () => {
  it.each([
    'BITOP NOT k none',
    'SINTERSTORE k none',
    'SDIFFSTORE k none',
    'ZUNIONSTORE k 1 none',
    'ZRANGESTORE k none 0 -1',
    'SORT none STORE k',
    'GEOSEARCHSTORE k none FROMLONLAT 1 1 BYRADIUS 1 m',
  ])('delete a key whose time has run out: %s', (line) => {
    const engine = new Engine();
    const heard: string[] = [];
    engine.server.keyspace.subscribe({
      changed: (_db, bytes, at, length, _class, event) => {
        heard.push(`${event} ${Buffer.from(bytes.subarray(at, at + length))}`);
      },
      replacing: () => {},
    });
    runLines(engine, 'SET k v PX 10');
    engine.clock.advance(20);
    heard.length = 0;
    expect(engine.line(line)).toBeDefined();
    expect(heard).toEqual(['del k']);
    expect(runLines(engine, 'EXISTS k', 'DBSIZE')).toEqual([0, 0]);
  });
});
