// XREADGROUP's CLAIM over both protocols: what is taken from whom, in which order, and who waits for it.
import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import { decodeReply } from '../support/resp.ts';
import { engineOf, PROTOCOLS, plain, runLines } from './string_support.ts';

const NOT_INTEGER = '-ERR min-idle-time is not an integer';
const NOT_POSITIVE = '-ERR min-idle-time must be a positive integer';

/** Moves the clock as time would. */
function pass(engine: Engine, ms: number): void {
  engine.clock.advance(ms);
  engine.server.runDueWork();
}

describe.each(PROTOCOLS)('CLAIM over %s', (_name, resp3) => {
  /** A reply for one stream: a map says in RESP3 what a pair in an array does in RESP2. */
  const of = (stream: string, entries: unknown[]): unknown =>
    resp3 ? [stream, entries] : [[stream, entries]];

  function engineWith(entries: number): Engine {
    const engine = engineOf(resp3);
    for (let slot = 1; slot <= 3; slot++) engine.server.clients.speak(0, slot, resp3);
    for (let i = 1; i <= entries; i++) runLines(engine, `XADD s ${i}-0 f v${i}`);
    runLines(engine, 'XGROUP CREATE s g 0');
    return engine;
  }

  function heard(engine: Engine, slot: number): unknown {
    const bytes = engine.take(slot);
    return bytes.length === 0 ? 'nothing' : plain(decodeReply(bytes));
  }

  it('gives overdue entries first, the longest idle before others, then new ones', () => {
    const engine = engineWith(4);
    runLines(engine, 'XREADGROUP GROUP g a COUNT 3 STREAMS s >');
    runLines(engine, 'XCLAIM s g a 0 1-0 IDLE 50 JUSTID', 'XCLAIM s g a 0 2-0 IDLE 200 JUSTID');
    expect(runLines(engine, 'XREADGROUP GROUP g b CLAIM 50 STREAMS s >')).toEqual([
      of('s', [
        ['2-0', ['f', 'v2'], 200, 1],
        ['1-0', ['f', 'v1'], 50, 1],
        ['4-0', ['f', 'v4'], 0, 0],
      ]),
    ]);
    expect(runLines(engine, 'XPENDING s g - + 9')).toEqual([
      [
        ['1-0', 'b', 0, 2],
        ['2-0', 'b', 0, 2],
        ['3-0', 'a', 0, 1],
        ['4-0', 'b', 0, 1],
      ],
    ]);
    engine.verify();
  });

  it('counts both kinds for COUNT, each stream by itself', () => {
    const engine = engineWith(3);
    runLines(engine, 'XADD t 5-0 f w', 'XGROUP CREATE t g 0', 'XREADGROUP GROUP g a COUNT 1 STREAMS s >');
    const first = ['1-0', ['f', 'v1'], 0, 1];
    const both = [
      ['s', [first, ['2-0', ['f', 'v2'], 0, 0]]],
      ['t', [['5-0', ['f', 'w'], 0, 0]]],
    ];
    expect(runLines(engine, 'XREADGROUP GROUP g b COUNT 1 CLAIM 0 STREAMS s >')).toEqual([of('s', [first])]);
    runLines(engine, 'XCLAIM s g a 0 1-0 RETRYCOUNT 1');
    expect(runLines(engine, 'XREADGROUP GROUP g b CLAIM 0 COUNT 2 STREAMS s t > >')).toEqual([
      resp3 ? both.flat() : both,
    ]);
  });

  it('leaves NOACK to new entries, and history as it is', () => {
    const engine = engineWith(2);
    runLines(engine, 'XREADGROUP GROUP g a COUNT 1 STREAMS s >');
    expect(runLines(engine, 'XREADGROUP GROUP g a NOACK CLAIM 0 STREAMS s >')).toEqual([
      of('s', [
        ['1-0', ['f', 'v1'], 0, 1],
        ['2-0', ['f', 'v2'], 0, 0],
      ]),
    ]);
    expect(runLines(engine, 'XPENDING s g - + 9', 'XREADGROUP GROUP g a CLAIM 0 STREAMS s 0')).toEqual([
      [['1-0', 'a', 0, 2]],
      of('s', [['1-0', ['f', 'v1']]]),
    ]);
  });

  it('takes what is new again after XGROUP SETID, also if it was pending', () => {
    const engine = engineWith(1);
    runLines(engine, 'XREADGROUP GROUP g a STREAMS s >', 'XGROUP SETID s g 0');
    const entry = ['1-0', ['f', 'v1']];
    expect(runLines(engine, 'XREADGROUP GROUP g b CLAIM 0 STREAMS s >', 'XPENDING s g - + 9')).toEqual([
      of('s', [
        [...entry, 0, 1],
        [...entry, 0, 0],
      ]),
      [['1-0', 'b', 0, 1]],
    ]);
    engine.verify();
  });

  it('passes over what is too fresh, acknowledged or gone from the stream', () => {
    const engine = engineWith(3);
    runLines(engine, 'XREADGROUP GROUP g a STREAMS s >', 'XACK s g 1-0', 'XDEL s 2-0');
    pass(engine, 99);
    expect(
      runLines(
        engine,
        'XREADGROUP GROUP g b CLAIM 100 STREAMS s >',
        'XREADGROUP GROUP g b CLAIM 9223372036854775807 STREAMS s >',
      ),
    ).toEqual([null, null]);
    pass(engine, 1);
    expect(runLines(engine, 'XREADGROUP GROUP g b CLAIM 100 STREAMS s >', 'XPENDING s g - + 9')).toEqual([
      of('s', [['3-0', ['f', 'v3'], 100, 1]]),
      [
        ['2-0', 'a', 100, 1],
        ['3-0', 'b', 0, 2],
      ],
    ]);
  });

  it('refuses times that are none', () => {
    const engine = engineWith(1);
    const replies = ['x', '5.5', '+10', '-0', '-5.5', 'STREAMS', '-10'].map((text) =>
      runLines(engine, `XREADGROUP GROUP g a CLAIM ${text} STREAMS s >`),
    );
    expect(replies.flat()).toEqual([...Array(6).fill(NOT_INTEGER), NOT_POSITIVE]);
    expect(runLines(engine, 'XREAD CLAIM 5 STREAMS s 0', 'XREADGROUP GROUP g CLAIM 5 a STREAMS s >')).toEqual(
      [
        '-ERR The CLAIM option is only supported by XREADGROUP. You called XREAD instead.',
        '-ERR syntax error',
      ],
    );
  });

  it('wakes those who wait as soon as an entry is overdue, one by one', () => {
    const engine = engineWith(1);
    runLines(engine, 'XREADGROUP GROUP g a STREAMS s >');
    const wait = (consumer: string): string[] =>
      `XREADGROUP GROUP g ${consumer} BLOCK 0 CLAIM 100 STREAMS s >`.split(' ');
    expect(engine.bytes([wait('b')], 1).length).toBe(0);
    expect(engine.bytes([wait('c')], 2).length).toBe(0);
    pass(engine, 99);
    expect([heard(engine, 1), heard(engine, 2)]).toEqual(['nothing', 'nothing']);
    pass(engine, 1);
    expect(heard(engine, 1)).toEqual(of('s', [['1-0', ['f', 'v1'], 100, 1]]));
    pass(engine, 99);
    expect(heard(engine, 2)).toBe('nothing');
    pass(engine, 1);
    expect(heard(engine, 2)).toEqual(of('s', [['1-0', ['f', 'v1'], 100, 2]]));
  });

  it('wakes those who wait for what is new, and the next one when that is overdue', () => {
    const engine = engineWith(0);
    runLines(engine, 'XGROUP CREATE s g 0 MKSTREAM');
    for (const slot of [1, 2, 3]) {
      const wait = `XREADGROUP GROUP g c${slot} BLOCK ${slot === 3 ? 120 : 0} CLAIM 100 STREAMS s >`.split(
        ' ',
      );
      expect(engine.bytes([wait], slot).length).toBe(0);
    }
    pass(engine, 50);
    runLines(engine, 'XADD s 1-0 f v');
    expect(heard(engine, 1)).toEqual(of('s', [['1-0', ['f', 'v'], 0, 0]]));
    pass(engine, 70);
    expect([heard(engine, 2), heard(engine, 3)]).toEqual(['nothing', null]);
    pass(engine, 30);
    expect(heard(engine, 2)).toEqual(of('s', [['1-0', ['f', 'v'], 100, 1]]));
    expect(engine.server.deadlines.count).toBe(0);
  });
});
