// LMOVEM and BLMOVEM over both protocols, against a model of what they are documented to do.
import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import { decodeReply } from '../support/resp.ts';
import { seededRandom } from '../support/seed.ts';
import {
  Announcements,
  engineOf,
  NOT_AN_INTEGER,
  PROTOCOLS,
  plain,
  runLines,
  SYNTAX,
  WRONG_TYPE,
} from './string_support.ts';

const COUNT = '-ERR count should be greater than 0';

/** What stands in both lists after a move, and what is answered. */
function modelMove(source: string[], target: string[], line: string): (readonly string[] | null)[] {
  const [from, to, selector = 'COUNT', number = '1', order = 'BULK'] = line.split(' ');
  const count = Math.min(Number(number), source.length);
  if (source.length === 0 || (selector === 'EXACTLY' && count < Number(number)))
    return [null, source, target];
  const taken = from === 'LEFT' ? source.slice(0, count) : source.slice(source.length - count);
  const rest = from === 'LEFT' ? source.slice(count) : source.slice(0, source.length - count);
  if (order === 'OBO' && from === to) taken.reverse();
  const onto = source === target ? rest : target;
  const result = to === 'LEFT' ? [...taken, ...onto] : [...onto, ...taken];
  return [taken, source === target ? result : rest, result];
}

describe.each(PROTOCOLS)('over %s', (_name, resp3) => {
  const nullArray = resp3 ? '_\r\n' : '*-1\r\n';

  function engineWith(slots: number): Engine {
    const engine = engineOf(resp3);
    for (let slot = 1; slot <= slots; slot++) engine.server.clients.speak(0, slot, resp3);
    return engine;
  }

  function heard(engine: Engine, slot: number): unknown {
    const bytes = engine.take(slot);
    return bytes.length === 0 ? 'nothing' : plain(decodeReply(bytes));
  }

  function send(engine: Engine, slot: number, line: string): string {
    return engine.bytes([line.split(' ')], slot).toString('latin1');
  }

  it('LMOVEM moves as the model does, small lists and large ones, within one list too', () => {
    const engine = engineOf(resp3, { config: { 'list-max-listpack-size': '4' } });
    const random = seededRandom('list moves');
    const pick = <T>(...of: T[]): T => of[random.below(of.length)]!;
    for (let round = 0; round < 150; round++) {
      const long = 'x'.repeat(pick(0, 0, 40));
      const source = Array.from({ length: 1 + random.below(9) }, (_, i) => `${i}${long}`);
      const same = pick(true, false);
      const target = same ? source : Array.from({ length: random.below(4) }, (_, i) => `t${i}`);
      runLines(engine, 'DEL s t', `RPUSH s ${source.join(' ')}`);
      if (!same && target.length > 0) runLines(engine, `RPUSH t ${target.join(' ')}`);
      const block = ` ${pick('COUNT', 'EXACTLY')} ${1 + random.below(10)} ${pick('OBO', 'BULK')}`;
      const line = `${pick('LEFT', 'RIGHT')} ${pick('LEFT', 'RIGHT')}${pick('', block, block)}`;
      const to = same ? 's' : 't';
      const timeout = pick('', '0 ');
      const [from, where, ...rest] = line.split(' ');
      const words = [from, where, ...(timeout === '' ? [] : ['0']), ...rest].join(' ');
      const [moved, left, right] = modelMove(source, target, line);
      if (moved === null && timeout !== '') continue;
      const found = runLines(
        engine,
        `${timeout === '' ? 'LMOVEM' : 'BLMOVEM'} s ${to} ${words}`,
        'LRANGE s 0 -1',
        `LRANGE ${to} 0 -1`,
        'EXISTS s',
      );
      expect([line, same, ...found]).toEqual([line, same, moved, left, right, Number(left!.length > 0)]);
      engine.verify();
    }
  });

  it('answer that nothing moved with the null of arrays, and touch nothing', () => {
    const engine = engineWith(0);
    runLines(engine, 'RPUSH s a b');
    for (const line of ['LMOVEM none t LEFT LEFT', 'LMOVEM none t LEFT LEFT COUNT 2 OBO'])
      expect(send(engine, 0, line)).toBe(nullArray);
    expect(send(engine, 0, 'LMOVEM s t LEFT LEFT EXACTLY 3 BULK')).toBe(nullArray);
    runLines(engine, 'MULTI', 'BLMOVEM s t LEFT LEFT 0 EXACTLY 3 BULK', 'BLMOVEM none t LEFT LEFT 0');
    expect(send(engine, 0, 'EXEC')).toBe(`*2\r\n${nullArray}${nullArray}`);
    expect(runLines(engine, 'LRANGE s 0 -1', 'EXISTS t')).toEqual([['a', 'b'], 0]);
  });

  it('refuse what they are not asked rightly', () => {
    const engine = engineWith(0);
    runLines(engine, 'RPUSH s a b', 'SET str v');
    const errors: readonly (readonly [string, string])[] = [
      ['LMOVEM s t LEFT', "-ERR wrong number of arguments for 'lmovem' command"],
      ['BLMOVEM s t LEFT LEFT', "-ERR wrong number of arguments for 'blmovem' command"],
      ['LMOVEM s t UP LEFT', `-${SYNTAX}`],
      ['LMOVEM s t LEFT UP COUNT 1 OBO', `-${SYNTAX}`],
      ['LMOVEM s t LEFT LEFT COUNT 2', `-${SYNTAX}`],
      ['LMOVEM s t LEFT LEFT COUNT 2 OBO more', `-${SYNTAX}`],
      ['LMOVEM s t LEFT LEFT BAD 2 OBO', `-${SYNTAX}`],
      ['LMOVEM s t LEFT LEFT COUNT 2 BAD', `-${SYNTAX}`],
      ['LMOVEM s t LEFT LEFT COUNT 0 BAD', COUNT],
      ['LMOVEM s t LEFT LEFT EXACTLY -1 BULK', COUNT],
      ['LMOVEM s t LEFT LEFT COUNT x BULK', COUNT],
      ['BLMOVEM s t LEFT LEFT x COUNT 1 BULK', '-ERR timeout is not a float or out of range'],
      ['LMOVEM str t LEFT LEFT', `-${WRONG_TYPE}`],
      ['LMOVEM s str LEFT LEFT COUNT 2 BULK', `-${WRONG_TYPE}`],
      ['BLMOVEM str t LEFT LEFT 0', `-${WRONG_TYPE}`],
      ['INCR s', `-${WRONG_TYPE}`],
      ['INCR str', `-${NOT_AN_INTEGER}`],
    ];
    for (const [line, error] of errors) expect([line, ...runLines(engine, line)]).toEqual([line, error]);
    expect(runLines(engine, 'LRANGE s 0 -1', 'EXISTS t')).toEqual([['a', 'b'], 0]);
  });

  it('BLMOVEM waits for the first element, or for as many as it needs', () => {
    const engine = engineWith(2);
    expect(send(engine, 1, 'BLMOVEM s t LEFT RIGHT 0 COUNT 5 BULK')).toBe('');
    expect(send(engine, 2, 'BLMOVEM s u LEFT LEFT 0 EXACTLY 3 OBO')).toBe('');
    runLines(engine, 'RPUSH s a b');
    expect([heard(engine, 1), heard(engine, 2)]).toEqual([['a', 'b'], 'nothing']);
    runLines(engine, 'RPUSH s 1 3', 'EXISTS u');
    expect(heard(engine, 2)).toBe('nothing');
    runLines(engine, 'LINSERT s BEFORE 3 2');
    expect(heard(engine, 2)).toEqual(['3', '2', '1']);
    expect(runLines(engine, 'LRANGE t 0 -1', 'LRANGE u 0 -1', 'EXISTS s')).toEqual([
      ['a', 'b'],
      ['3', '2', '1'],
      0,
    ]);
  });

  it('BLMOVEM gives up in time', () => {
    const engine = engineWith(1);
    runLines(engine, 'RPUSH s a');
    expect(send(engine, 1, 'BLMOVEM s t LEFT RIGHT 0.1 EXACTLY 2 BULK')).toBe('');
    engine.clock.advance(100);
    engine.server.runDueWork();
    expect(engine.take(1).toString()).toBe(nullArray);
  });
});

it('LMOVEM announces the push, then the pop, and that the source is gone', () => {
  const engine = engineOf(false);
  runLines(engine, 'RPUSH s a b c');
  const announced = new Announcements(engine);
  expect(announced.of('LMOVEM s t LEFT RIGHT COUNT 2 OBO')).toBe('new:t rpush:t lpop:s +2');
  expect(announced.of('LMOVEM s t RIGHT LEFT')).toBe('lpush:t rpop:s del:s +1');
  expect(announced.of('LMOVEM t t LEFT LEFT COUNT 2 BULK')).toBe('lpush:t lpop:t +2');
  expect(announced.of('LMOVEM none t LEFT LEFT')).toBe('+0');
});
