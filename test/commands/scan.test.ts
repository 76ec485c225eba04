import { describe, expect, it } from 'vitest';
import { Engine } from '../support/engine.ts';
import type { Reply } from '../support/resp.ts';
import { seededRandom } from '../support/seed.ts';
import { engineOf, PROTOCOLS, plain, putList, runLines } from './string_support.ts';

/** One call: [next cursor, keys]. */
function scan(engine: Engine, cursor: string, ...options: string[]): [string, string[]] {
  return engine.run(['SCAN', cursor, ...options]) as Reply[] as [string, string[]];
}

/** A whole iteration; `between` runs after each call. */
function scanAll(engine: Engine, options: string[], between: () => void = () => {}): string[] {
  const found: string[] = [];
  let cursor = '0';
  do {
    const [next, keys] = scan(engine, cursor, ...options);
    found.push(...keys);
    cursor = next;
    between();
  } while (cursor !== '0');
  return found;
}

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('returns every key once when nothing changes', () => {
    const engine = engineOf(resp3);
    const names = Array.from({ length: 1500 }, (_unused, i) => `key:${i}`);
    for (const name of names) engine.run(['SET', name, 'x']);
    for (const options of [[], ['COUNT', '1'], ['COUNT', '1000'], ['MATCH', '*'], ['TYPE', 'STRING']]) {
      expect(scanAll(engine, options).sort(), options.join(' ')).toEqual([...names].sort());
    }
    const [cursor, keys] = scan(engine, '0', 'COUNT', '100');
    expect(cursor).toMatch(/^[1-9]\d*$/);
    expect(keys.length).toBeGreaterThanOrEqual(100);
    expect(keys.length).toBeLessThan(130);
    expect(scanAll(engine, ['MATCH', 'key:1?']).sort()).toEqual(names.slice(10, 20));
    expect(scanAll(engine, ['MATCH', 'nothing*'])).toEqual([]);
  });

  it('filters by type, drops what has expired, and knows an empty database', () => {
    const engine = engineOf(resp3);
    expect(scan(engine, '0')).toEqual(['0', []]);
    putList(engine, 'list');
    runLines(engine, 'SET s 1', 'PSETEX gone 5 1', 'PSETEX kept 500 1');
    engine.clock.advance(10);
    expect(scan(engine, '0', 'MATCH', 's*')).toEqual(['0', ['s']]);
    expect(engine.line('DBSIZE')).toBe(4);
    expect(scan(engine, '0', 'TYPE', 'list')).toEqual(['0', ['list']]);
    expect(engine.line('DBSIZE')).toBe(3);
    expect(scan(engine, '0', 'TYPE', 'String')[1].sort()).toEqual(['kept', 's']);
    expect(scan(engine, '0', 'TYPE', 'nosuch')).toEqual(['0', []]);
    engine.verify();
  });

  it('refuses what is no cursor and no option', () => {
    const engine = engineOf(resp3);
    for (const cursor of ['x', 'x\0', ' 1', '1 ', '18446744073709551616', '1.5', '-', '+']) {
      expect(plain(engine.run(['SCAN', cursor])), cursor).toBe('-ERR invalid cursor');
    }
    for (const cursor of [
      '',
      '\0',
      '7\0x',
      '-1',
      '+5',
      '18446744073709551615',
      '4294967295',
      '123456789012',
    ]) {
      expect(plain(engine.run(['SCAN', cursor])), cursor).toEqual(['0', []]);
    }
    for (const options of [['COUNT'], ['MATCH'], ['TYPE'], ['COUNT', '0'], ['COUNT', '-5'], ['MORE', '1']]) {
      expect(plain(engine.run(['SCAN', '0', ...options])), options.join(' ')).toBe('-ERR syntax error');
    }
    expect(plain(engine.line('SCAN 0 COUNT x'))).toBe('-ERR value is not an integer or out of range');
    expect(scan(engine, '0', 'COUNT', '9223372036854775807')).toEqual(['0', []]);
  });
});

it('returns every key that stays, while the table grows and shrinks', () => {
  const random = seededRandom('scan');
  const engine = new Engine({ seed: random.u32() });
  const { server } = engine;
  const staying = Array.from({ length: 1000 }, (_unused, i) => `stays:${i}`);
  for (const name of staying) engine.run(['SET', name, 'x']);
  const passing: string[] = [];
  for (let round = 0; round < 4; round++) {
    const grows = round % 2 === 0;
    const found = scanAll(engine, ['COUNT', '40'], () => {
      if (grows && passing.length < 4000) {
        const names = Array.from({ length: 100 }, () => `passes:${random.u32()}`);
        passing.push(...names);
        engine.batch(names.map((name) => ['SET', name, 'x']));
      } else if (!grows && passing.length > 0) {
        engine.run(['DEL', ...passing.splice(0, 100)]);
        server.runDueWork();
      }
    });
    const seen = new Set(found);
    expect(staying.filter((name) => !seen.has(name))).toEqual([]);
    for (const name of found) expect(name).toMatch(/^(stays|passes):/);
    engine.verify();
  }
  for (const name of passing) engine.run(['DEL', name]);
  expect(scanAll(engine, []).sort()).toEqual([...staying].sort());
});
