import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import { decodeReply } from '../support/resp.ts';
import { engineOf, PROTOCOLS, plain, runLines, WRONG_TYPE } from './string_support.ts';

/** Sends a line on a connection; what comes back at once. */
function send(engine: Engine, slot: number, line: string): string {
  return engine.bytes([line.split(' ')], slot).toString('latin1');
}

/** What a connection was sent meanwhile, decoded. */
function heard(engine: Engine, slot: number): unknown {
  const bytes = engine.take(slot);
  return bytes.length === 0 ? 'nothing' : plain(decodeReply(bytes));
}

describe.each(PROTOCOLS)('%s', (_name, resp3) => {
  const nullArray = resp3 ? '_\r\n' : '*-1\r\n';
  const nothing = resp3 ? '_\r\n' : '$-1\r\n';

  function engineWith(slots: number): Engine {
    const engine = engineOf(resp3);
    for (let slot = 1; slot <= slots; slot++) engine.server.clients.speak(0, slot, resp3);
    return engine;
  }

  it('serve themselves when there is something', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'RPUSH l a b c d e f', 'SET s x');
    expect(
      runLines(
        engine,
        'BLPOP none l 0',
        'BRPOP l s 0',
        'BLMOVE l m LEFT RIGHT 0',
        'BRPOPLPUSH l m 0',
        'BLMPOP 0 2 none l LEFT COUNT 5',
        'LRANGE m 0 -1',
        'BLPOP s l 0',
        'BLMOVE s l LEFT LEFT 0',
        'BLMPOP 0 1 s LEFT',
      ),
    ).toEqual([
      ['l', 'a'],
      ['l', 'f'],
      'b',
      'e',
      ['l', ['c', 'd']],
      ['e', 'b'],
      `-${WRONG_TYPE}`,
      `-${WRONG_TYPE}`,
      `-${WRONG_TYPE}`,
    ]);
  });

  it('refuse arguments in the order of the reference', () => {
    const engine = engineOf(resp3);
    const timeout = '-ERR timeout is not a float or out of range';
    expect(
      runLines(
        engine,
        'BLPOP none x',
        'BRPOP none -1',
        'BLMOVE none l UP LEFT x',
        'BLMOVE none l LEFT LEFT x',
        'BLMPOP x 0 none LEFT',
        'BLMPOP x 1 none LEFT',
      ),
    ).toEqual([
      timeout,
      '-ERR timeout is negative',
      '-ERR syntax error',
      timeout,
      '-ERR numkeys should be greater than 0',
      timeout,
    ]);
  });

  it('are served in the order in which they came', () => {
    const engine = engineWith(4);
    expect(send(engine, 1, 'BLPOP l 0')).toBe('');
    expect(send(engine, 2, 'BRPOP none l 0')).toBe('');
    expect(send(engine, 3, 'BLMPOP 0 1 l RIGHT COUNT 2')).toBe('');
    expect(send(engine, 4, 'BLMOVE l m LEFT LEFT 0')).toBe('');
    expect(runLines(engine, 'RPUSH l a b c')).toEqual([3]);
    expect(heard(engine, 1)).toEqual(['l', 'a']);
    expect(heard(engine, 2)).toEqual(['l', 'c']);
    expect(heard(engine, 3)).toEqual(['l', ['b']]);
    expect(heard(engine, 4)).toBe('nothing');
    expect(runLines(engine, 'LPUSH l d', 'EXISTS l', 'LRANGE m 0 -1')).toEqual([1, 0, ['d']]);
    expect(heard(engine, 4)).toBe('d');
  });

  it('hand an element on along a chain', () => {
    const engine = engineWith(2);
    send(engine, 1, 'BLPOP b 0');
    send(engine, 2, 'BRPOPLPUSH a b 0');
    runLines(engine, 'LPUSH a x');
    expect(heard(engine, 2)).toBe('x');
    expect(heard(engine, 1)).toEqual(['b', 'x']);
    expect(runLines(engine, 'EXISTS a b')).toEqual([0]);
  });

  it('wait on while the key holds something else', () => {
    const engine = engineWith(2);
    send(engine, 1, 'BLPOP l 0');
    send(engine, 2, 'BLMOVE l s LEFT LEFT 0');
    runLines(engine, 'SET l x', 'SET s x', 'SADD set a', 'RENAME set l');
    expect([heard(engine, 1), heard(engine, 2)]).toEqual(['nothing', 'nothing']);
    runLines(engine, 'DEL l', 'RPUSH other a b', 'RENAME other l');
    expect(heard(engine, 1)).toEqual(['l', 'a']);
    expect(heard(engine, 2)).toBe(`-${WRONG_TYPE}`);
    expect(runLines(engine, 'LRANGE l 0 -1')).toEqual([['b']]);
  });

  it('wait on while a result takes the place of something else', () => {
    const engine = engineWith(1);
    send(engine, 1, 'BLPOP l 0');
    runLines(engine, 'RPUSH from b a', 'SET l x');
    expect(runLines(engine, 'SORT from ALPHA STORE l', 'LLEN l')).toEqual([2, 2]);
    expect(heard(engine, 1)).toBe('nothing');
    expect(runLines(engine, 'DEL l', 'SORT from ALPHA STORE l')).toEqual([1, 2]);
    expect(heard(engine, 1)).toEqual(['l', 'a']);
  });

  it('answer with a null array when the time is up', () => {
    const engine = engineWith(1);
    const waits = [
      'BLPOP l 1',
      'BRPOP l 1',
      'BLMPOP 1 1 l LEFT',
      'BLMOVE l m LEFT LEFT 1',
      'BRPOPLPUSH l m 1',
    ];
    for (const line of waits) {
      expect(send(engine, 1, line)).toBe('');
      engine.clock.advance(1001);
      engine.server.runDueWork();
      expect([line, engine.take(1).toString()]).toEqual([line, nullArray]);
    }
  });

  it('do not wait in a transaction', () => {
    const engine = engineOf(resp3);
    const lines = [
      'BLPOP l 0',
      'BRPOP l 0',
      'BLMPOP 0 1 l LEFT',
      'BLMOVE l m LEFT LEFT 0',
      'BRPOPLPUSH l m 0',
    ];
    for (const line of lines) {
      runLines(engine, 'MULTI', line);
      const expected = line.includes('MOVE') || line.includes('LPUSH') ? nothing : nullArray;
      expect([line, send(engine, 0, 'EXEC')]).toEqual([line, `*1\r\n${expected}`]);
    }
  });
});
