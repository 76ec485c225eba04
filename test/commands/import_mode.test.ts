// Servers that are fed from another one (import-mode): keys do not expire by themselves, and not at all for the source.
import { describe, expect, it } from 'vitest';
import { Engine } from '../support/engine.ts';
import { plain, runLines } from './string_support.ts';

const SYNTAX = '-ERR syntax error';

function on(engine: Engine, slot: number, line: string): unknown {
  return plain(engine.line(line, slot));
}

describe('import mode', () => {
  const REFUSED = '-ERR Server is not in import mode';

  it('is what the source of an import says it is in', () => {
    const engine = new Engine();
    expect(runLines(engine, 'CLIENT IMPORT-SOURCE on', 'CLIENT IMPORT-SOURCE x')).toEqual([REFUSED, REFUSED]);
    expect(runLines(engine, 'CLIENT IMPORT-SOURCE off', 'CONFIG SET import-mode yes')).toEqual(['OK', 'OK']);
    expect(runLines(engine, 'CLIENT IMPORT-SOURCE x', 'CLIENT IMPORT-SOURCE ON')).toEqual([SYNTAX, 'OK']);
    expect(engine.line('CLIENT INFO')).toContain(' flags=I ');
    expect(runLines(engine, 'CONFIG SET import-mode no', 'CLIENT IMPORT-SOURCE off')).toEqual(['OK', 'OK']);
    expect(engine.line('CLIENT INFO')).toContain(' flags=N ');
  });

  it('evicts nothing', () => {
    const engine = new Engine({ config: { 'import-mode': 'yes', 'maxmemory-policy': 'allkeys-lru' } });
    expect(runLines(engine, 'SET k 1', 'CONFIG SET maxmemory 1', 'DBSIZE')).toEqual(['OK', 'OK', 1]);
    expect(runLines(engine, 'SET j 1')[0]).toMatch(/^-OOM /);
    engine.server.runDueWork();
    expect(runLines(engine, 'DBSIZE', 'CONFIG SET import-mode no')).toEqual([1, 'OK']);
    engine.server.runDueWork();
    expect(runLines(engine, 'DBSIZE')).toEqual([0]);
  });

  it('hides expired keys from all but the source, and keeps them', () => {
    const engine = new Engine({ config: { 'import-mode': 'yes' } });
    on(engine, 1, 'CLIENT IMPORT-SOURCE on');
    for (const line of [
      'SET k 1 PX 5',
      'SET m 1',
      'EXPIREAT m -1',
      'HSET h f v g w',
      'HPEXPIRE h 5 FIELDS 1 f',
    ])
      on(engine, 0, line);
    expect(on(engine, 1, 'SET past 1 PXAT 1')).toBe('OK');
    engine.clock.advance(10);
    engine.server.runDueWork();
    expect(runLines(engine, 'GET k', 'TTL k', 'DBSIZE', 'HGET h f', 'GET m')).toEqual([
      null,
      -2,
      4,
      null,
      null,
    ]);
    const seen = ['GET k', 'TTL k', 'INCR k', 'HGET h f', 'GET m', 'GET past', 'KEYS *'];
    expect(seen.map((line) => on(engine, 1, line))).toEqual([
      '1',
      0,
      2,
      'v',
      '1',
      '1',
      expect.arrayContaining(['k', 'm', 'h', 'past']),
    ]);
    expect(engine.bytes([['MULTI'], ['GET', 'k'], ['EXEC'], ['GET', 'k']], 1).toString('latin1')).toBe(
      '+OK\r\n+QUEUED\r\n*1\r\n$1\r\n2\r\n$1\r\n2\r\n',
    );
    // A write of another client finds no expired key.
    expect(runLines(engine, 'APPEND k xyz', 'DBSIZE')).toEqual([3, 4]);
    expect(runLines(engine, 'CONFIG SET import-mode no')).toEqual(['OK']);
    engine.server.runDueWork();
    expect(runLines(engine, 'KEYS *')).toEqual([expect.arrayContaining(['k', 'h'])]);
    expect(runLines(engine, 'DBSIZE', 'HLEN h')).toEqual([2, 1]);
  });

  it('lets keys expire again after a command of the source that throws', () => {
    const engine = new Engine({ config: { 'import-mode': 'yes' } });
    on(engine, 1, 'CLIENT IMPORT-SOURCE on');
    on(engine, 0, 'SET k 1 PX 5');
    engine.clock.advance(10);
    const handlers = engine.server.table.handlers as (() => void)[];
    const id = engine.server.table.lookup('strlen');
    const strlen = handlers[id]!;
    handlers[id] = () => {
      throw new Error('as if it were wrong');
    };
    expect(on(engine, 1, 'STRLEN k')).toMatch(/^-ERR/);
    handlers[id] = strlen;
    expect(runLines(engine, 'GET k')).toEqual([null]);
  });
});
