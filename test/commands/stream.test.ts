// Streams as clients see them, over both protocols: replies, events, numbers of changes, and what later versions added.
import { describe, expect, it } from 'vitest';
import type { Keyspace } from '../../src/keyspace/keyspace.ts';
import { Engine } from '../support/engine.ts';
import { seededRandom } from '../support/seed.ts';
import { Announcements, engineOf, PROTOCOLS, runLines, SYNTAX, WRONG_TYPE } from './string_support.ts';

const INVALID_ID = '-ERR Invalid stream ID specified as stream command argument';
const KEY = Buffer.from('s');
const TOP_ITEM = '-ERR The ID specified in XADD is equal or smaller than the target stream top item';

for (const [name, resp3] of PROTOCOLS) {
  describe(`streams over ${name}`, () => {
    it('adds entries under ids that grow', () => {
      const engine = engineOf(resp3);
      expect(
        runLines(
          engine,
          'XADD s 1-1 a b',
          'XADD s 1-* a b c d',
          'XADD s 1-2 a b',
          'XADD s 0-0 a b',
          'XADD s x a b',
          'XADD s 5 a',
          'XADD s * a b',
          'XADD s * a b',
          'XADD none NOMKSTREAM * a b',
          'XADD m 18446744073709551615-18446744073709551615 a b',
          'XADD m * a b',
          'XLEN s',
          'XLEN none',
        ),
      ).toEqual([
        '1-1',
        '1-2',
        TOP_ITEM,
        '-ERR The ID specified in XADD must be greater than 0-0',
        INVALID_ID,
        "-ERR wrong number of arguments for 'xadd' command",
        '1700000000000-0',
        '1700000000000-1',
        null,
        '18446744073709551615-18446744073709551615',
        '-ERR The stream has exhausted the last possible ID, unable to add more items',
        4,
        0,
      ]);
    });

    it('reads ranges in both directions', () => {
      const engine = engineOf(resp3);
      runLines(engine, 'XADD s 1-1 f 10', 'XADD s 1-2 f -5 g x', 'XADD s 2-1 f z', 'SET str v');
      expect(
        runLines(
          engine,
          'XRANGE s - +',
          'XRANGE s (1-1 2',
          'XRANGE s 1 1 COUNT 1',
          'XREVRANGE s + - COUNT 1',
          'XRANGE s - + COUNT 0',
          'XRANGE s (18446744073709551615-18446744073709551615 +',
          'XRANGE s - (0',
          'XRANGE s - + COUNT',
          'XRANGE str - +',
          'XRANGE none - + COUNT 0',
        ),
      ).toEqual([
        [
          ['1-1', ['f', '10']],
          ['1-2', ['f', '-5', 'g', 'x']],
          ['2-1', ['f', 'z']],
        ],
        [
          ['1-2', ['f', '-5', 'g', 'x']],
          ['2-1', ['f', 'z']],
        ],
        [['1-1', ['f', '10']]],
        [['2-1', ['f', 'z']]],
        null,
        '-ERR invalid start ID for the interval',
        [],
        `-${SYNTAX}`,
        `-${WRONG_TYPE}`,
        [],
      ]);
    });

    it('reads what comes after an id, as a map in RESP3', () => {
      const engine = engineOf(resp3);
      runLines(engine, 'XADD s 1-1 f v', 'XADD t 5-1 f v', 'XADD t 6-1 f w');
      const entries = [['6-1', ['f', 'w']]];
      const reply = engine.line('XREAD COUNT 1 STREAMS s t none 1-1 5-1 0');
      expect(reply).toEqual(resp3 ? new Map([['t', entries]]) : [['t', entries]]);
      expect(engine.line('XREAD STREAMS s 9')).toBeNull();
      expect(engine.line('XREAD STREAMS s $')).toBeNull();
      expect(runLines(engine, 'XREAD STREAMS t +')).toEqual([resp3 ? ['t', entries] : [['t', entries]]]);
    });

    it('delivers to groups and takes acknowledgements', () => {
      const engine = engineOf(resp3);
      runLines(engine, 'XADD s 1-1 f v', 'XADD s 1-2 f w', 'XADD s 1-3 f x');
      const got = (rows: unknown): unknown => (resp3 ? ['s', rows] : [['s', rows]]);
      expect(
        runLines(
          engine,
          'XREADGROUP GROUP g c STREAMS s >',
          'XGROUP CREATE s g 0',
          'XGROUP CREATE s g 0',
          'XREADGROUP GROUP g c COUNT 2 STREAMS s >',
          'XDEL s 1-2',
          'XREADGROUP GROUP g c STREAMS s 0',
          'XREADGROUP GROUP g d STREAMS s s > >',
          'XPENDING s g',
          'XACK s g 1-1 1-1 9-9',
          'XPENDING s g - + 10 d',
          'XREADGROUP GROUP g c STREAMS s >',
          'XREADGROUP GROUP g c STREAMS s 18446744073709551615',
          'XINFO GROUPS s',
        ),
      ).toEqual([
        "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option",
        'OK',
        '-BUSYGROUP Consumer Group name already exists',
        got([
          ['1-1', ['f', 'v']],
          ['1-2', ['f', 'w']],
        ]),
        1,
        got([
          ['1-1', ['f', 'v']],
          ['1-2', null],
        ]),
        got([['1-3', ['f', 'x']]]),
        [
          3,
          '1-1',
          '1-3',
          [
            ['c', '2'],
            ['d', '1'],
          ],
        ],
        1,
        [['1-3', 'd', 0, 1]],
        null,
        got([]),
        [
          [
            'name',
            'g',
            'consumers',
            2,
            'pending',
            2,
            'last-delivered-id',
            '1-3',
            'entries-read',
            3,
            'lag',
            0,
          ],
        ],
      ]);
      engine.verify();
    });

    it('claims what others leave', () => {
      const engine = engineOf(resp3);
      runLines(engine, 'XADD s 1-1 f v', 'XADD s 1-2 f w', 'XADD s 1-3 f x', 'XGROUP CREATE s g 0');
      runLines(engine, 'XREADGROUP GROUP g c STREAMS s >', 'XDEL s 1-2');
      engine.clock.advance(5000);
      expect(
        runLines(
          engine,
          'XCLAIM s g d 6000 1-1',
          'XCLAIM s g d 1000 1-1 JUSTID',
          'XAUTOCLAIM s g d 1000 - COUNT 2',
          'XPENDING s g - + 10',
          'XCLAIM s g e 0 1-1 IDLE 700 RETRYCOUNT 9 LASTID 8-8',
          'XPENDING s g IDLE 500 - + 10',
          'XCLAIM s g e 0 1-1 NOTHING',
          'XAUTOCLAIM s g d 0 0 COUNT 0',
        ),
      ).toEqual([
        [],
        ['1-1'],
        ['0-0', [['1-3', ['f', 'x']]], ['1-2']],
        [
          ['1-1', 'd', 0, 1],
          ['1-3', 'd', 0, 2],
        ],
        [['1-1', ['f', 'v']]],
        [['1-1', 'e', 700, 9]],
        "-ERR Unrecognized XCLAIM option 'NOTHING'",
        '-ERR COUNT must be > 0',
      ]);
      engine.verify();
    });

    it('removes entries with regard to groups', () => {
      const engine = engineOf(resp3);
      runLines(engine, 'XADD s 1 f v', 'XADD s 2 f v', 'XADD s 3 f v', 'XADD s 4 f v', 'XGROUP CREATE s g 0');
      runLines(engine, 'XGROUP CREATE s h 0', 'XREADGROUP GROUP g c COUNT 3 STREAMS s >', 'XACK s g 1');
      expect(
        runLines(
          engine,
          'XDELEX s ACKED IDS 2 1 2',
          'XREADGROUP GROUP h c NOACK COUNT 2 STREAMS s >',
          'XDELEX s ACKED IDS 3 1 2 9',
          'XDELEX s DELREF IDS 1 2',
          'XPENDING s g - + 10',
          'XACKDEL s g ACKED IDS 2 3 1',
          'XACKDEL s g IDS 1 3',
          'XACKDEL s none KEEPREF IDS 1 4',
          'XDELEX s IDS 2 4',
          'XDELEX s IDS 0 4',
          'XDELEX s KEEPREF ACKED IDS 1 1',
          'XTRIM s MAXLEN 0 ACKED',
          'XTRIM s MAXLEN 0 KEEPREF',
        ).filter((_, i) => i !== 1),
      ).toEqual([
        [2, 2],
        [1, 2, -1],
        [1],
        [['3-0', 'c', 0, 1]],
        [2, -1],
        [-1],
        [-1],
        '-ERR The `numids` parameter must match the number of arguments',
        '-ERR Number of IDs must be a positive integer',
        `-${SYNTAX}`,
        0,
        2,
      ]);
      engine.verify();
    });
  });
}

describe('streams', () => {
  it('announce what happens and count changes', () => {
    const engine = engineOf(false);
    const announced = new Announcements(engine);
    expect(announced.of('XADD s 1-1 f v')).toBe('new:s xadd:s +1');
    expect(announced.of('XADD s MAXLEN = 1 1-2 f v')).toBe('xadd:s xtrim:s +1');
    expect(announced.of('XGROUP CREATE s g 0')).toBe('xgroup-create:s +1');
    expect(announced.of('XREADGROUP GROUP g c STREAMS s >')).toBe('xgroup-createconsumer:s +2');
    expect(announced.of('XACK s g 1-2')).toBe('+1');
    expect(announced.of('XGROUP CREATECONSUMER s g d')).toBe('xgroup-createconsumer:s +1');
    expect(announced.of('XGROUP SETID s g 0')).toBe('xgroup-setid:s +1');
    expect(announced.of('XGROUP DELCONSUMER s g d')).toBe('xgroup-delconsumer:s +1');
    expect(announced.of('XSETID s 9-9')).toBe('xsetid:s +1');
    expect(announced.of('XDEL s 1-2 1-2')).toBe('xdel:s +1');
    expect(announced.of('XGROUP DESTROY s g')).toBe('xgroup-destroy:s +1');
    expect(announced.of('XTRIM s MAXLEN 0')).toBe('+0');
  });

  it('wake who waits for them, with what $ meant when the wait began', () => {
    const engine = new Engine();
    runLines(engine, 'XADD s 5-1 f v');
    expect(engine.bytes([['XREAD', 'BLOCK', 0, 'STREAMS', 's', 'none', '$', '0']], 1).length).toBe(0);
    runLines(engine, 'DEL s', 'SET s x', 'DEL s', 'XADD s 5-1 f v');
    expect(engine.take(1).length).toBe(0);
    runLines(engine, 'XADD s 5-2 f w');
    expect(engine.take(1).toString()).toContain('5-2');
    expect(engine.bytes([['XREAD', 'BLOCK', 20, 'STREAMS', 's', '$']], 1).length).toBe(0);
    expect(runLines(engine, 'MULTI', 'XREAD BLOCK 0 STREAMS s $', 'EXEC').at(-1)).toEqual([null]);
  });

  it('tell who waits as a consumer when the group or the key goes', () => {
    const engine = new Engine();
    const waits = (slot: number): void => {
      const wait = ['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', 0, 'STREAMS', 's', '>'];
      expect(engine.bytes([wait], slot).length).toBe(0);
    };
    runLines(engine, 'XGROUP CREATE s g $ MKSTREAM');
    waits(1);
    waits(2);
    runLines(engine, 'XADD s 1-1 f v');
    expect(engine.take(1).toString()).toContain('1-1');
    expect(engine.take(2).length).toBe(0);
    runLines(engine, 'XGROUP DESTROY s g');
    expect(engine.take(2).toString()).toContain('-NOGROUP the consumer group this client was blocked on');
    runLines(engine, 'XGROUP CREATE s g $');
    waits(1);
    runLines(engine, 'DEL s');
    expect(engine.take(1).toString()).toBe('-UNBLOCKED the stream key no longer exists\r\n');
  });

  it('free everything, large groups and copies too', () => {
    const engine = engineOf(false, { config: { 'stream-node-max-entries': '2' } });
    const { arena, keyspace } = engine.server;
    const before = arena.liveBlocks;
    runLines(engine, 'XGROUP CREATE s g 0 MKSTREAM');
    for (let i = 1; i <= 4000; i++) engine.run(['XADD', 's', `${i}-1`, 'f', 'v']);
    runLines(engine, 'XREADGROUP GROUP g c STREAMS s >', 'COPY s t', 'XGROUP DESTROY t g', 'DEL s');
    expect(runLines(engine, 'XLEN t', 'XINFO GROUPS t')).toEqual([4000, []]);
    while (keyspace.lazyfree.slice(0));
    runLines(engine, 'FLUSHALL SYNC');
    while (keyspace.lazyfree.slice(0));
    arena.verify();
    expect(arena.liveBlocks).toBe(before);
  });

  it('keep groups and consumers right under random commands', () => {
    const random = seededRandom('stream groups');
    const engine = engineOf(false, { config: { 'stream-node-max-entries': '5' } });
    const { keyspace } = engine.server;
    runLines(engine, 'XGROUP CREATE s g 0 MKSTREAM', 'XGROUP CREATE s h 0');
    let last = 0;
    const id = (): string => `${1 + random.below(last + 2)}`;
    const group = (): string => 'gh'[random.below(2)]!;
    const consumer = (): string => `c${random.below(4)}`;
    const lines = [
      () => `XADD s ${++last} f v`,
      () => `XADD s ${++last} f v g w`,
      () => `XREADGROUP GROUP ${group()} ${consumer()} COUNT ${1 + random.below(5)} STREAMS s >`,
      () => `XREADGROUP GROUP ${group()} ${consumer()} COUNT 3 STREAMS s ${id()}`,
      () => `XACK s ${group()} ${id()} ${id()}`,
      () => `XCLAIM s ${group()} ${consumer()} 0 ${id()} ${id()} FORCE`,
      () => `XAUTOCLAIM s ${group()} ${consumer()} 0 ${id()} COUNT 3`,
      () => `XDEL s ${id()}`,
      () => `XDELEX s ${['KEEPREF', 'DELREF', 'ACKED'][random.below(3)]} IDS 1 ${id()}`,
      () => `XACKDEL s ${group()} ACKED IDS 1 ${id()}`,
      () =>
        `XTRIM s MAXLEN ${random.below(2) === 0 ? '~' : '='} 30 ${['KEEPREF', 'DELREF', 'ACKED'][random.below(3)]}`,
      () => `XGROUP SETID s ${group()} ${id()}`,
      () => `XGROUP DELCONSUMER s ${group()} ${consumer()}`,
    ];
    for (let step = 0; step < 4000; step++) {
      const line = lines[random.below(random.below(3) === 0 ? lines.length : 3)]!();
      const [reply] = runLines(engine, line);
      if (typeof reply === 'string' && reply.startsWith('-')) throw new Error(`${line}: ${reply}`);
      if (step % 100 === 0) checkAll(keyspace);
    }
    engine.verify();
    checkAll(keyspace);
    runLines(engine, 'DEL s');
  });
});

function checkAll(keyspace: Keyspace): void {
  const ref = keyspace.db(0).find(KEY, 0, KEY.length, keyspace.hash.hash(KEY, 0, KEY.length));
  keyspace.streams.check(ref);
}
