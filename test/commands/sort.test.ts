import { describe, expect, it } from 'vitest';
import { seededRandom } from '../support/seed.ts';
import { encodingOf } from './set_support.ts';
import {
  Announcements,
  engineOf,
  NOT_AN_INTEGER,
  PROTOCOLS,
  runLines,
  SYNTAX,
  WRONG_TYPE,
} from './string_support.ts';

const NO_NUMBER = "-ERR One or more scores can't be converted into double";

/** Replies of lines that each are an array of words, as one string each. */
function joined(engine: ReturnType<typeof engineOf>, ...lines: string[]): string[] {
  return runLines(engine, ...lines).map((reply) => (reply as unknown[]).map((word) => word ?? '-').join(' '));
}

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('sorts numbers and texts, from a part of the order', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'RPUSH l 3 1 2 10 -5', 'SADD s 3 1 2 10 -5');
    for (const key of ['l', 's']) {
      const lines = [
        '',
        ' DESC',
        ' ALPHA',
        ' ALPHA DESC',
        ' DESC ASC',
        ' LIMIT 1 2',
        ' LIMIT 3 -1',
        ' DESC LIMIT 0 2',
      ];
      expect(joined(engine, ...lines.map((line) => `SORT ${key}${line}`))).toEqual([
        '-5 1 2 3 10',
        '10 3 2 1 -5',
        '-5 1 10 2 3',
        '3 2 10 1 -5',
        '-5 1 2 3 10',
        '1 2',
        '3 10',
        '10 3',
      ]);
      const limits = [
        '-3 2',
        '9 1',
        '4 9223372036854775807',
        '9223372036854775807 5',
        '1 0',
        '-9223372036854775808 1',
      ];
      expect(joined(engine, ...limits.map((limit) => `SORT_RO ${key} LIMIT ${limit}`))).toEqual([
        '-5 1',
        '',
        '10',
        '',
        '',
        '-5',
      ]);
    }
    expect(runLines(engine, 'SORT none', 'SORT_RO none BY x', 'SORT none GET # DESC')).toEqual([[], [], []]);
    engine.verify();
  });

  it('sorts by other keys and fields, and returns what they hold', () => {
    const engine = engineOf(resp3);
    runLines(
      engine,
      'RPUSH l 3 1 2',
      'MSET w_1 5 w_2 4 w_3 6 t_1 b t_3 a',
      'HSET h_1 f 9 g x',
      'HSET h_2 f 1',
    );
    expect(
      joined(
        engine,
        'SORT l BY w_*',
        'SORT l BY w_* DESC GET w_* GET #',
        'SORT l BY t_* ALPHA',
        'SORT l BY h_*->f',
        'SORT l GET h_*->f GET h_*->g GET w_*->f GET h_* GET none GET h_*-> GET h_*->none',
        'SORT l BY none_* GET w_*',
        'SORT l BY w_*_ DESC',
      ),
    ).toEqual([
      '2 1 3',
      '6 3 5 1 4 2',
      '2 3 1',
      '3 2 1',
      '9 x - - - - - 1 - - - - - - - - - - - - -',
      '5 4 6',
      '3 2 1',
    ]);
    expect(runLines(engine, 'SORT l GET none_*')).toEqual([[null, null, null]]);
    runLines(engine, 'PEXPIRE w_2 10');
    engine.clock.advance(11);
    expect(joined(engine, 'SORT l BY w_*', 'SORT l GET w_*')).toEqual(['2 1 3', '5 - 6']);
  });

  it('keeps the order where there is nothing to sort by', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'RPUSH l 3 1 2 10', 'SADD s 5 1 3', 'SADD t c a b');
    expect(
      joined(
        engine,
        'SORT l BY nosort',
        'SORT l BY nosort DESC',
        'SORT l BY nosort LIMIT 1 2',
        'SORT l BY nosort DESC LIMIT 1 2',
        'SORT l BY nosort LIMIT 3 9',
        'SORT l BY nosort LIMIT 4 9',
        'SORT l BY w_* BY nosort',
        'SORT l BY nosort BY w_*',
        'SORT s BY nosort DESC LIMIT 1 2',
      ),
    ).toEqual(['3 1 2 10', '10 2 1 3', '1 2', '2 1', '10', '', '3 1 2 10', '3 1 2 10', '3 5']);
    // What is stored from a set does not depend on how it came about.
    runLines(engine, 'SORT t BY nosort STORE d', 'SORT t BY nosort DESC LIMIT 0 2 STORE e');
    expect(joined(engine, 'LRANGE d 0 -1', 'LRANGE e 0 -1')).toEqual(['a b c', 'c b']);
  });

  it.each([
    ['listpack', {}],
    ['skiplist', { 'zset-max-listpack-entries': '0' }],
  ])('takes sorted sets, by rank where there is nothing to sort by: %s', (encoding, config) => {
    const engine = engineOf(resp3, { config });
    runLines(engine, 'ZADD z 3 a 2 b 1 c 1 bb', 'MSET w_a 2 w_b 4 w_c 1 w_bb 3');
    expect(encodingOf(engine, 'z')).toBe(encoding);
    expect(
      joined(
        engine,
        'SORT z ALPHA',
        'SORT z BY w_* DESC',
        'SORT z BY nosort',
        'SORT z BY nosort DESC',
        'SORT z BY nosort LIMIT 1 2',
        'SORT z BY nosort DESC LIMIT 1 2',
        'SORT z BY nosort LIMIT 3 10',
        'SORT z BY nosort DESC LIMIT 3 10',
        'SORT z BY nosort LIMIT 4 10',
        'SORT z BY nosort LIMIT -1 1',
      ),
    ).toEqual(['a b bb c', 'b bb a c', 'bb c b a', 'a b c bb', 'c b', 'b c', 'a', 'bb', '', 'bb']);
    expect(runLines(engine, 'SORT z', 'SORT z BY nosort GET # STORE d', 'LRANGE d 0 -1')).toEqual([
      NO_NUMBER,
      4,
      ['bb', 'c', 'b', 'a'],
    ]);
    engine.verify();
  });

  it('stores a list in the place of anything', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'RPUSH l 3 1 2', 'SET d x PX 5000', 'SET w_1 one');
    expect(runLines(engine, 'SORT l STORE d', 'LRANGE d 0 -1', 'PTTL d')).toEqual([3, ['1', '2', '3'], -1]);
    expect(encodingOf(engine, 'd')).toBe('listpack');
    expect(runLines(engine, 'SORT l DESC GET w_* GET # STORE l', 'LRANGE l 0 -1')).toEqual([
      6,
      ['', '3', '', '2', 'one', '1'],
    ]);
    expect(runLines(engine, 'SORT none STORE d', 'EXISTS d', 'SORT l ALPHA LIMIT 0 0 STORE none')).toEqual([
      0, 0, 0,
    ]);
    expect(runLines(engine, 'SORT l ALPHA STORE a STORE b', 'EXISTS a', 'LLEN b')).toEqual([6, 0, 6]);
    engine.verify();
    engine.line('FLUSHALL');
    engine.verify();
  });

  it('refuses wrong options, types and weights', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'RPUSH l 1 2 3', 'SET str x', 'SET w_1 x', 'HSET h f v');
    const wrong = ['what', 'BY', 'GET', 'STORE', 'LIMIT', 'LIMIT 1', 'ASC x'];
    for (const words of wrong)
      expect(runLines(engine, `SORT l ${words}`, `SORT none ${words}`)).toEqual([`-${SYNTAX}`, `-${SYNTAX}`]);
    expect(
      runLines(engine, 'SORT_RO l STORE d', 'SORT l LIMIT x 1', 'SORT l LIMIT 1 x', 'SORT str what'),
    ).toEqual([`-${SYNTAX}`, `-${NOT_AN_INTEGER}`, `-${NOT_AN_INTEGER}`, `-${SYNTAX}`]);
    expect(
      runLines(engine, 'SORT str', 'SORT h', 'SORT_RO str', 'SORT str STORE l', 'SORT l BY w_*'),
    ).toEqual([`-${WRONG_TYPE}`, `-${WRONG_TYPE}`, `-${WRONG_TYPE}`, `-${WRONG_TYPE}`, NO_NUMBER]);
    expect(runLines(engine, 'SORT l BY w_* STORE d', 'EXISTS d')).toEqual([NO_NUMBER, 0]);
  });
});

it('takes for numbers what strtod does', () => {
  const engine = engineOf(false);
  const sort = (...words: string[]): unknown => {
    engine.run(['DEL', 'l']);
    engine.run(['RPUSH', 'l', ...words]);
    return runLines(engine, 'SORT l')[0];
  };
  expect(sort('1.5', '1e3', '-inf', 'inf', '0x10', '', ' 7', '\t-2', '8\0junk', '\0junk')).toEqual([
    '-inf',
    '\t-2',
    '',
    '\0junk',
    '1.5',
    ' 7',
    '8\0junk',
    '0x10',
    '1e3',
    'inf',
  ]);
  for (const word of ['nan', '1x', 'x', '1e400', ' ', '7 ', '--1'])
    expect(sort('1', word), word).toBe(NO_NUMBER);
  expect(sort('10000000000000000000000', '9007199254740993', '9007199254740992')).toEqual([
    '9007199254740992',
    '9007199254740993',
    '10000000000000000000000',
  ]);
});

it('announces what it stores or deletes', () => {
  const engine = engineOf(false);
  runLines(engine, 'RPUSH l 3 1 2');
  const heard = new Announcements(engine);
  expect(heard.of('SORT l STORE d')).toBe('new:d sortstore:d +3');
  expect(heard.of('SORT l STORE d GET # GET #')).toBe('sortstore:d +6');
  expect(heard.of('SORT none STORE d')).toBe('del:d +1');
  expect(heard.of('SORT none STORE d')).toBe('+0');
  expect(heard.of('SORT l')).toBe('+0');
});

it('sorts many elements as a model does', () => {
  const random = seededRandom('sort');
  const engine = engineOf(false);
  for (let round = 0; round < 40; round++) {
    engine.line('FLUSHALL');
    const numbers = Array.from({ length: 1 + random.below(400) }, () => random.below(1000) - 500);
    engine.run(['RPUSH', 'l', ...numbers.map(String)]);
    const weights = new Map(numbers.map((number) => [number, random.below(50)]));
    engine.run(['MSET', ...[...weights].flatMap(([number, weight]) => [`w_${number}`, String(weight)])]);
    const from = random.below(numbers.length + 3);
    const count = random.below(numbers.length + 3);
    const part = (sorted: number[]): string[] => sorted.slice(from, from + count).map(String);
    const limit = `LIMIT ${from} ${count}`;
    const text = (a: number, b: number): number =>
      String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
    const weight = (a: number, b: number): number => weights.get(a)! - weights.get(b)!;
    const cases: [string, (a: number, b: number) => number][] = [
      ['', (a, b) => a - b],
      ['DESC', (a, b) => b - a],
      ['ALPHA', text],
      ['BY w_*', (a, b) => weight(a, b) || text(a, b)],
      ['BY w_* DESC', (a, b) => weight(b, a) || text(b, a)],
    ];
    for (const [words, compare] of cases) {
      const line = `SORT l ${limit} ${words}`.trim();
      expect(runLines(engine, line), line).toEqual([part([...numbers].sort(compare))]);
    }
  }
});
