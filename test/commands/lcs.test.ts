import { describe, expect, it } from 'vitest';
import { seededRandom } from '../support/seed.ts';
import { engineOf, NOT_AN_INTEGER, PROTOCOLS, putList, runLines, SYNTAX } from './string_support.ts';

const NOT_STRINGS = '-ERR The specified keys must contain string values';
const TOO_LARGE = '-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len';

/** Length of a longest common subsequence, by the definition. */
function lengthOf(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const [above, left] = [rows[i - 1]![j]!, rows[i]![j - 1]!];
      rows[i]![j] = a[i - 1] === b[j - 1] ? rows[i - 1]![j - 1]! + 1 : Math.max(above, left);
    }
  }
  return rows[a.length]![b.length]!;
}

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const char of part) if ((at = whole.indexOf(char, at) + 1) === 0) return false;
  return true;
}

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('answers with the bytes, their number or their places', () => {
    const engine = engineOf(resp3);
    const first = [
      [4, 7],
      [5, 8],
    ];
    const second = [
      [2, 3],
      [0, 1],
    ];
    expect(runLines(engine, 'MSET a ohmytext b mynewtext', 'LCS a b', 'LCS a b LEN', 'LCS b a')).toEqual([
      'OK',
      'mytext',
      6,
      'mytext',
    ]);
    expect(
      runLines(
        engine,
        'LCS a b IDX',
        'LCS a b IDX WITHMATCHLEN',
        'LCS a b IDX MINMATCHLEN 4',
        'LCS a b IDX MINMATCHLEN -1 WITHMATCHLEN MINMATCHLEN 3',
      ),
    ).toEqual([
      ['matches', [first, second], 'len', 6],
      [
        'matches',
        [
          [...first, 4],
          [...second, 2],
        ],
        'len',
        6,
      ],
      ['matches', [first], 'len', 6],
      ['matches', [[...first, 4]], 'len', 6],
    ]);
    expect(
      runLines(
        engine,
        'LCS a none',
        'LCS none none LEN',
        'LCS none a IDX',
        'MSET i 123456 j 1357',
        'LCS i j',
        'LCS j i LEN',
      ),
    ).toEqual(['', 0, ['matches', [], 'len', 0], 'OK', '135', 3]);
  });
});

describe('LCS', () => {
  it('finds a longest common subsequence whose places are those of equal bytes', { timeout: 60_000 }, () => {
    const random = seededRandom('lcs');
    const engine = engineOf(false);
    for (let round = 0; round < 120; round++) {
      const letters = 1 + random.below(5);
      const [a, b] = [0, 1].map(() =>
        Array.from({ length: random.below(90) }, () => String.fromCharCode(97 + random.below(letters))).join(
          '',
        ),
      ) as [string, string];
      engine.run(['MSET', 'a', a, 'b', b]);
      const length = lengthOf(a, b);
      const found = engine.run(['LCS', 'a', 'b']) as string;
      expect([found.length, isSubsequence(found, a), isSubsequence(found, b)]).toEqual([length, true, true]);
      expect(engine.run(['LCS', 'a', 'b', 'LEN'])).toBe(length);
      const [, matches, , total] = engine.run(['LCS', 'a', 'b', 'IDX', 'WITHMATCHLEN']) as [
        string,
        [[number, number], [number, number], number][],
        string,
        number,
      ];
      expect(total).toBe(length);
      const parts = matches.map(([[aFirst, aLast], [bFirst, bLast], bytes]) => {
        expect(a.slice(aFirst, aLast + 1)).toBe(b.slice(bFirst, bLast + 1));
        expect(bytes).toBe(aLast - aFirst + 1);
        return a.slice(aFirst, aLast + 1);
      });
      expect(parts.reverse().join('')).toBe(found);
    }
  });

  it('refuses what makes no sense', () => {
    const engine = engineOf(false);
    putList(engine, 'l');
    runLines(engine, 'MSET a x b y');
    expect(
      runLines(
        engine,
        'LCS a l',
        'LCS l a FOO',
        'LCS a b FOO',
        'LCS a b MINMATCHLEN',
        'LCS a b MINMATCHLEN x',
        'LCS a b LEN IDX',
      ),
    ).toEqual([
      NOT_STRINGS,
      NOT_STRINGS,
      `-${SYNTAX}`,
      `-${SYNTAX}`,
      `-${NOT_AN_INTEGER}`,
      '-ERR If you want both the length and indexes, please just use IDX.',
    ]);
    runLines(engine, 'SETRANGE big 20000 x');
    expect(runLines(engine, 'LCS big big LEN', 'LCS big a LEN')).toEqual([TOO_LARGE, 1]);
    const small = engineOf(false, { config: { 'proto-max-bulk-len': String(1024 * 1024) } });
    runLines(small, 'SETRANGE fits 510 x', 'SETRANGE not 511 x');
    expect(runLines(small, 'LCS fits fits LEN', 'LCS not not LEN')).toEqual([511, TOO_LARGE]);
  });
});
