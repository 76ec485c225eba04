// XNACK over both protocols: what becomes of entries that are given back, and who gets them next.
import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import { decodeReply } from '../support/resp.ts';
import { Announcements, engineOf, PROTOCOLS, plain, runLines, WRONG_TYPE } from './string_support.ts';

const COUNT_MAX = 9223372036854775807n;

describe.each(PROTOCOLS)('XNACK over %s', (_name, resp3) => {
  /** A stream of which a consumer has got all but the last entry. */
  function engineWith(entries: number): Engine {
    const engine = engineOf(resp3);
    for (let slot = 1; slot <= 2; slot++) engine.server.clients.speak(0, slot, resp3);
    for (let i = 1; i <= entries; i++) runLines(engine, `XADD s ${i}-0 f v${i}`);
    runLines(engine, 'XGROUP CREATE s g 0', `XREADGROUP GROUP g a COUNT ${entries - 1} STREAMS s >`);
    return engine;
  }

  function pending(engine: Engine): unknown {
    return runLines(engine, 'XPENDING s g - + 9')[0];
  }

  it("makes entries nobody's, and counts as each mode says", () => {
    const engine = engineWith(5);
    expect(
      runLines(
        engine,
        'XNACK s g SILENT IDS 1 1-0',
        'XNACK s g SILENT IDS 1 1-0',
        'xnack s g fail ids 2 2-0 9-0',
        'XNACK s g FATAL IDS 1 3-0',
        'XNACK s g FAIL RETRYCOUNT 7 IDS 1 4-0',
        'XNACK s g FAIL IDS 1 5-0',
      ),
    ).toEqual([1, 1, 1, 1, 1, 0]);
    expect(pending(engine)).toEqual([
      ['1-0', '', -1, 0],
      ['2-0', '', -1, 1],
      ['3-0', '', -1, COUNT_MAX],
      ['4-0', '', -1, 7],
    ]);
    expect(runLines(engine, 'XPENDING s g', 'XPENDING s g - + 9 a', 'XPENDING s g IDLE 1 - + 1')).toEqual([
      [4, '1-0', '4-0', []],
      [],
      [['1-0', '', -1, 0]],
    ]);
    expect(String(runLines(engine, 'XINFO STREAM s FULL'))).toContain('pel-count,4,nacked-count,4,pending');
    expect(String(runLines(engine, 'XINFO CONSUMERS s g'))).toContain('name,a,pending,0');
    engine.verify();
  });

  it('lets others claim them, those released first before those idle for long', () => {
    const engine = engineWith(5);
    runLines(engine, 'XCLAIM s g a 0 1-0 IDLE 500 JUSTID', 'XNACK s g FAIL IDS 2 4-0 2-0');
    const claimed = String(runLines(engine, 'XREADGROUP GROUP g b COUNT 3 CLAIM 100 STREAMS s >'));
    expect(claimed.replaceAll(String(engine.server.keyspace.nowMs), 'now')).toBe(
      's,4-0,f,v4,now,1,2-0,f,v2,now,1,1-0,f,v1,500,1',
    );
    expect(
      runLines(engine, 'XNACK s g FATAL IDS 1 2-0', 'XCLAIM s g c 99999 2-0', 'XPENDING s g 2 2 9'),
    ).toEqual([1, [['2-0', ['f', 'v2']]], [['2-0', 'c', 0, COUNT_MAX]]]);
    runLines(engine, 'XNACK s g SILENT IDS 1 2-0');
    expect(
      runLines(engine, 'XAUTOCLAIM s g d 99999 - JUSTID', 'XNACK s g SILENT IDS 1 2-0', 'XACK s g 2-0'),
    ).toEqual([['0-0', ['2-0'], []], 1, 1]);
    engine.verify();
  });

  it('makes entries pending that are not, with FORCE', () => {
    const engine = engineWith(2);
    expect(
      runLines(
        engine,
        'XNACK s g FAIL IDS 2 2-0 3-0 FORCE',
        'XDEL s 1-0',
        'XNACK s g SILENT IDS 1 1-0',
        'XREADGROUP GROUP g b COUNT 1 STREAMS s >',
        'XNACK s g FATAL FORCE IDS 1 2-0',
      ),
    ).toEqual([1, 1, 1, resp3 ? ['s', [['2-0', ['f', 'v2']]]] : [['s', [['2-0', ['f', 'v2']]]]], 1]);
    expect(pending(engine)).toEqual([
      ['1-0', '', -1, 0],
      ['2-0', '', -1, COUNT_MAX],
    ]);
    expect(runLines(engine, 'XDELEX s DELREF IDS 1 2-0', 'XAUTOCLAIM s g b 0 0')).toEqual([
      [1],
      ['0-0', [], ['1-0']],
    ]);
    expect(pending(engine)).toEqual([]);
    engine.verify();
  });

  it('serves who waits to claim', () => {
    const engine = engineWith(3);
    runLines(engine, 'XREADGROUP GROUP g a STREAMS s >');
    const words = 'XREADGROUP GROUP g b BLOCK 0 CLAIM 60000 STREAMS s >'.split(' ');
    expect(engine.bytes([words], 1)).toHaveLength(0);
    expect(runLines(engine, 'XNACK s g FAIL IDS 1 2-0')).toEqual([1]);
    expect(String(plain(decodeReply(engine.take(1))))).toContain('s,2-0,f,v2');
    expect(pending(engine)).toContainEqual(['2-0', 'b', 0, 2]);
  });

  it('refuses what makes no sense, and then changes nothing', () => {
    const engine = engineWith(2);
    runLines(engine, 'SET str v');
    const announced = new Announcements(engine);
    const before = pending(engine);
    for (const [line, error] of [
      ['XNACK none g FAIL IDS 1 1-0', "-NOGROUP No such key 'none' or consumer group 'g'"],
      ['XNACK s none FAIL IDS 1 1-0', "-NOGROUP No such key 's' or consumer group 'none'"],
      ['XNACK str g FAIL IDS 1 1-0', `-${WRONG_TYPE}`],
      ['XNACK s g MAYBE IDS 1 1-0', '-ERR mode must be SILENT, FAIL, or FATAL'],
      ['XNACK s g FAIL IDS 0 1-0', '-ERR numids must be a positive integer'],
      ['XNACK s g FAIL IDS x 1-0', '-ERR numids must be a positive integer'],
      ['XNACK s g FAIL IDS 2 1-0', "-ERR number of IDs doesn't match numids"],
      ['XNACK s g FAIL IDS 1 1-0 RETRYCOUNT -1', '-ERR Invalid RETRYCOUNT value, must be >= 0'],
      ['XNACK s g FAIL IDS 1 1-0 RETRYCOUNT x', '-ERR value is not an integer or out of range'],
      ['XNACK s g FAIL IDS 1 1-0 NOW', "-ERR Unrecognized XNACK option 'NOW'"],
      ['XNACK s g FAIL FORCE RETRYCOUNT 1', '-ERR syntax error, expected IDS keyword'],
      ['XNACK s g FAIL IDS 2 1-0 x', '-ERR Invalid stream ID specified as stream command argument'],
      ['XNACK s g FAIL IDS 1', "-ERR wrong number of arguments for 'xnack' command"],
    ] as const)
      expect(runLines(engine, line)).toEqual([error]);
    expect(announced.of('XNACK s g FAIL IDS 1 9-0')).toBe('+0');
    expect(pending(engine)).toEqual(before);
    expect(announced.of('XNACK s g FAIL IDS 1 1-0')).toBe('xnack:s +1');
  });

  it('keeps them through COPY', () => {
    const engine = engineWith(4);
    runLines(engine, 'XNACK s g FAIL IDS 2 3-0 1-0', 'COPY s t', 'XACK s g 3-0');
    expect(String(runLines(engine, 'XREADGROUP GROUP g b COUNT 2 CLAIM 1 STREAMS t >'))).toMatch(
      /^t,3-0,f,v3,\d+,1,1-0,f,v1,\d+,1$/,
    );
    engine.verify();
  });
});
