// Behaviour of Redis 8.4 and, for DELIFEQ, Valkey 9, from their documentation and tests; the reference server is older.
import { describe, expect, it } from 'vitest';
import {
  Announcements,
  engineOf,
  PROTOCOLS,
  putList,
  runLines,
  SYNTAX,
  WRONG_TYPE,
} from './string_support.ts';

const HELLO = '9555e8555c62dcfd';
const OTHER = '0000000000000000';
const WRONG_DIGEST = '-ERR must be exactly 16 hexadecimal characters';
const WRONG_ARITY = "-ERR wrong number of arguments for 'delex' command";
const NEEDS_STRING = '-ERR Key should be of string type if conditions are specified';

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('DIGEST is XXH3 of the bytes as 16 digits', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET hello hello', "SET empty ''", 'SET int 123', 'SET v v8');
    expect(runLines(engine, 'DIGEST hello', 'DIGEST empty', 'DIGEST int', 'DIGEST v', 'DIGEST none')).toEqual(
      [HELLO, '2d06800538d394c2', '404a763b3f4c8c9a', '0cc76dbb41381419', null],
    );
    engine.run([
      'SET',
      'zeros',
      'v8lf0c11xh8ymlqztfd3eeq16kfn4sspw7fqmnuuq3k3t75em5wdizgcdw7uc26nnf961u2jkfzkjytls2kwlj7626sd',
    ]);
    expect(engine.run(['DIGEST', 'zeros'])).toBe('00006c38adf31777');
  });

  it('SET compares the old value or its digest', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET k hello');
    expect(
      runLines(
        engine,
        'SET k a IFEQ other',
        'SET k a IFNE hello',
        `SET k a IFDEQ ${OTHER}`,
        `SET k a IFDNE ${HELLO}`,
        'GET k',
      ),
    ).toEqual([null, null, null, null, 'hello']);
    expect(
      runLines(
        engine,
        `SET k world IFDEQ ${HELLO.toUpperCase()} EX 10`,
        'TTL k',
        'SET k 12 ifeq world',
        'SET k x IFNE 12 GET',
        'SET k y IFNE z GET',
        'SET k last IFEQ y GET',
        'GET k',
      ),
    ).toEqual(['OK', 10, 'OK', '12', '12', 'y', 'last']);
    expect(
      runLines(
        engine,
        'SET n v IFEQ x',
        `SET n v IFDEQ ${OTHER}`,
        'SET n v IFDEQ short',
        'EXISTS n',
        'SET n v IFNE x GET',
        'SET m v IFDNE short',
        'MGET n m',
      ),
    ).toEqual([null, null, null, 0, null, 'OK', ['v', 'v']]);
    engine.verify();
  });

  it('DELEX deletes on condition', () => {
    const engine = engineOf(resp3);
    putList(engine, 'l');
    runLines(engine, 'SET a hello', 'SET b hello', 'SET c 12', 'SET d hello', 'SET e 0123');
    expect(
      runLines(
        engine,
        'DELEX a IFEQ x',
        'DELEX a IFNE hello',
        `DELEX a IFDEQ ${OTHER}`,
        `DELEX a IFDNE ${HELLO}`,
        'GET a',
      ),
    ).toEqual([0, 0, 0, 0, 'hello']);
    expect(
      runLines(
        engine,
        `DELEX a IFDEQ ${HELLO}`,
        'DELEX b ifne x',
        'DELEX c IFEQ 12',
        `DELEX d IFDNE ${OTHER}`,
        'DELEX e IFEQ 123',
        'DELEX e',
        'DELEX l',
        'DELEX l',
        'DBSIZE',
      ),
    ).toEqual([1, 1, 1, 1, 0, 1, 1, 0, 0]);
    engine.verify();
  });
});

describe('errors', () => {
  it('are those of the documented order', () => {
    const engine = engineOf(false);
    putList(engine, 'l');
    runLines(engine, 'SET k hello');
    expect(
      runLines(engine, 'DIGEST l', 'SET l v IFEQ x', 'SET l v IFDNE short', `SET l v IFDNE ${OTHER} GET`),
    ).toEqual(Array(4).fill(`-${WRONG_TYPE}`));
    expect(
      runLines(
        engine,
        'SET k v IFDEQ 955',
        `SET k v IFDNE ${HELLO}0`,
        "SET k v IFDEQ ''",
        'SET k v IFDEQ x GET',
        'DELEX k IFDEQ short',
        "DELEX k IFDNE ''",
      ),
    ).toEqual(Array(6).fill(WRONG_DIGEST));
    expect(runLines(engine, 'SET k v IFEQ', 'SET k v IFEQ a XX', 'SET k v IFEQ a IFDEQ b')).toEqual(
      Array(3).fill(`-${SYNTAX}`),
    );
    expect(runLines(engine, 'DELEX k IFEQ', 'DELEX k IFEQ a b', 'DELEX none IFEQ')).toEqual(
      Array(3).fill(WRONG_ARITY),
    );
    expect(
      runLines(engine, 'DELEX l IFEQ x', 'DELEX l FOO x', 'DELEX k FOO x', 'DELEX none FOO x', 'GET k'),
    ).toEqual([
      NEEDS_STRING,
      NEEDS_STRING,
      '-ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE',
      0,
      'hello',
    ]);
    expect(
      runLines(
        engine,
        `DELEX k IFDEQ ${'z'.repeat(16)}`,
        'DELIFEQ l x',
        'DELIFEQ none x',
        'DELIFEQ k x',
        'DELIFEQ k hello',
        'EXISTS k',
      ),
    ).toEqual([0, `-${WRONG_TYPE}`, 0, 0, 1, 0]);
  });
});

describe('announcements', () => {
  it('come only for what happened', () => {
    const engine = engineOf(false);
    const heard = new Announcements(engine);
    const expected: [string, string][] = [
      ['SET k v IFNE x', 'new:k set:k +1'],
      ['SET k w IFEQ x', '+0'],
      ['SET k w IFEQ v PX 100', 'set:k expire:k +1'],
      ['DELEX k IFEQ x', '+0'],
      ['DELIFEQ k x', '+0'],
      ['DELEX k IFEQ w', 'del:k +1'],
      ['DELEX k', '+0'],
    ];
    for (const [line, events] of expected) expect([line, heard.of(line)]).toEqual([line, events]);
  });
});
