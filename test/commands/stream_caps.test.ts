// MAXCOUNT and MAXSIZE of XREAD and XREADGROUP: one cap over all streams of a command.
import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import { engineOf, PROTOCOLS, runLines } from './string_support.ts';

describe.each(PROTOCOLS)('caps over %s', (_name, resp3) => {
  /** Streams a, b and c of four entries each, which have a group of which a consumer got nothing yet. */
  function streams(): Engine {
    const engine = engineOf(resp3);
    for (const key of ['a', 'b', 'c']) {
      for (let i = 1; i <= 4; i++) runLines(engine, `XADD ${key} ${i}-0 f ${key.repeat(20)}`);
      runLines(engine, `XGROUP CREATE ${key} g 0`);
    }
    return engine;
  }

  /** Ids that a command gives, each behind its stream. */
  function ids(engine: Engine, line: string): string {
    const [reply] = runLines(engine, line);
    const flat = String(reply).split(',');
    return flat.filter((word) => /^([abc]|\d+-\d)$/.test(word)).join(' ');
  }

  it('count entries of all streams', () => {
    const engine = streams();
    expect(ids(engine, 'XREAD MAXCOUNT 6 STREAMS a b c 0 0 0')).toBe('a 1-0 2-0 3-0 4-0 b 1-0 2-0');
    expect(ids(engine, 'XREAD COUNT 2 MAXCOUNT 3 STREAMS a b c 0 0 0')).toBe('a 1-0 2-0 b 1-0');
    expect(ids(engine, 'xread maxcount 3 count 3 streams a b c 2 4 0')).toBe('a 3-0 4-0 c 1-0');
    expect(ids(engine, 'XREADGROUP GROUP g x COUNT 2 MAXCOUNT 3 STREAMS a b c > > >')).toBe(
      'a 1-0 2-0 b 1-0',
    );
    expect(
      runLines(engine, 'XPENDING a g', 'XPENDING b g', 'XPENDING c g').map((all) => (all as unknown[])[0]),
    ).toEqual([2, 1, 0]);
    engine.verify();
  });

  it('count claimed entries and history too', () => {
    const engine = streams();
    runLines(engine, 'XREADGROUP GROUP g x COUNT 2 STREAMS a b > >');
    expect(ids(engine, 'XREADGROUP GROUP g x MAXCOUNT 3 STREAMS a b c 0 0 >')).toBe('a 1-0 2-0 b 1-0');
    expect(ids(engine, 'XREADGROUP GROUP g x MAXCOUNT 3 STREAMS c a 0 1')).toBe('c a 2-0');
    expect(ids(engine, 'XREADGROUP GROUP g y CLAIM 0 MAXCOUNT 5 STREAMS a b > >')).toBe(
      'a 1-0 2-0 3-0 4-0 b 1-0',
    );
    expect(ids(engine, 'XREADGROUP GROUP g z CLAIM 0 MAXCOUNT 1 STREAMS a b > >')).toBe('a 1-0');
    engine.verify();
  });

  it('let a reply grow until it is large enough', () => {
    const engine = streams();
    // An entry of these takes 51 bytes, a stream before its entries 15.
    expect(ids(engine, 'XREAD MAXSIZE 1 STREAMS a b 0 0')).toBe('a 1-0');
    expect(ids(engine, 'XREAD MAXSIZE 100 STREAMS a b 0 0')).toBe('a 1-0 2-0');
    expect(ids(engine, 'XREAD MAXSIZE 285 STREAMS a b 0 0')).toBe('a 1-0 2-0 3-0 4-0 b 1-0');
    expect(ids(engine, 'XREAD MAXSIZE 300 COUNT 1 STREAMS a b c 0 0 0')).toBe('a 1-0 b 1-0 c 1-0');
    expect(ids(engine, 'XREADGROUP GROUP g x MAXSIZE 100 STREAMS a b > >')).toBe('a 1-0 2-0');
    expect(ids(engine, 'XREADGROUP GROUP g x MAXSIZE 60 STREAMS a b 0 0')).toBe('a 1-0');
    expect(ids(engine, 'XREADGROUP GROUP g y MAXSIZE 100 CLAIM 0 STREAMS a b > >')).toBe('a 1-0 2-0');
    expect(ids(engine, 'XREADGROUP GROUP g y MAXSIZE 180 CLAIM 0 STREAMS a > ')).toBe('');
    expect(ids(engine, 'XREADGROUP GROUP g y MAXSIZE 180 CLAIM 0 STREAMS a >')).toBe('a 1-0 2-0 3-0');
    expect(runLines(engine, 'XPENDING a g - + 9').flat()).toHaveLength(3);
    engine.verify();
  });

  it('hold for who waited as well', () => {
    const engine = streams();
    engine.server.clients.speak(0, 1, resp3);
    const words = 'XREAD MAXCOUNT 1 BLOCK 0 STREAMS a b $ $'.split(' ');
    expect(engine.bytes([words], 1)).toHaveLength(0);
    engine.batch(
      ['MULTI', 'XADD a 9-0 f v', 'XADD a 9-1 f v', 'XADD b 9-0 f v', 'EXEC'].map((l) => l.split(' ')),
    );
    const served = engine.take(1).toString('latin1');
    expect(served).toContain('9-0');
    expect(served).not.toContain('9-1');
    expect(served).not.toContain('b\r\n');
  });

  it('must be positive, and not below COUNT', () => {
    const engine = streams();
    for (const [options, error] of [
      ['MAXCOUNT 0', 'MAXCOUNT must be a positive integer'],
      ['MAXCOUNT -1', 'MAXCOUNT must be a positive integer'],
      ['MAXCOUNT x', 'MAXCOUNT must be a positive integer'],
      ['MAXSIZE 0', 'MAXSIZE must be a positive integer'],
      ['COUNT 3 MAXCOUNT 2', 'MAXCOUNT must be greater than or equal to COUNT'],
      ['MAXCOUNT 2 COUNT 3', 'MAXCOUNT must be greater than or equal to COUNT'],
    ]) {
      expect(runLines(engine, `XREAD ${options} STREAMS a 0`)).toEqual([`-ERR ${error}`]);
      expect(runLines(engine, `XREADGROUP GROUP g c ${options} STREAMS a >`)).toEqual([`-ERR ${error}`]);
    }
  });
});
