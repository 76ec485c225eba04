// HIMPORT over both protocols.
import { describe, expect, it } from 'vitest';
import { Announcements, engineOf, PROTOCOLS, runLines, WRONG_TYPE } from './string_support.ts';

const NO_FIELDSET = '-ERR no such fieldset';
const MISMATCH = '-ERR value count does not match fieldset field count';
const DUPLICATE = '-ERR duplicate field name in fieldset';

describe.each(PROTOCOLS)('HIMPORT over %s', (_name, resp3) => {
  it('makes hashes of prepared fields and values in their order', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(
        engine,
        'HIMPORT PREPARE user name age',
        'HIMPORT SET u1 user alice 30',
        'HIMPORT SET u2 user bob 25',
        'HGETALL u1',
        'HMGET u2 age name',
        'TYPE u2',
      ),
    ).toEqual(['OK', 'OK', 'OK', ['name', 'alice', 'age', '30'], ['25', 'bob'], 'hash']);
    engine.verify();
  });

  it('takes any name once, the empty one too, and the last list under a name', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(
        engine,
        "HIMPORT PREPARE '' '' b",
        "HIMPORT SET k '' x y",
        'HGETALL k',
        'HIMPORT PREPARE dup a b a',
        'HIMPORT SET k dup 1 2 3',
        'HIMPORT PREPARE f a b',
        'HIMPORT PREPARE f a b a',
        'HIMPORT SET k f 1 2',
        'HIMPORT PREPARE f z',
        'HIMPORT SET k f 1 2',
        'HIMPORT SET k f 1',
        'HGETALL k',
      ),
    ).toEqual([
      'OK',
      'OK',
      ['', 'x', 'b', 'y'],
      DUPLICATE,
      NO_FIELDSET,
      'OK',
      DUPLICATE,
      'OK',
      'OK',
      MISMATCH,
      'OK',
      ['z', '1'],
    ]);
  });

  it('replaces a hash with all it had, but no other type', () => {
    const engine = engineOf(resp3);
    runLines(
      engine,
      'HIMPORT PREPARE f a',
      'HSET h old 1 other 2',
      'EXPIRE h 100',
      'HEXPIRE h 9 FIELDS 1 old',
    );
    expect(runLines(engine, 'HIMPORT SET h f x', 'HGETALL h', 'TTL h', 'HTTL h FIELDS 2 a old')).toEqual([
      'OK',
      ['a', 'x'],
      -1,
      [-1, -2],
    ]);
    engine.verify();
    engine.clock.advance(200_000);
    engine.server.runDueWork();
    expect(runLines(engine, 'HGETALL h', 'SET s v', 'HIMPORT SET s f x', 'GET s')).toEqual([
      ['a', 'x'],
      'OK',
      `-${WRONG_TYPE}`,
      'v',
    ]);
  });

  it('converts what is too large for a small hash', () => {
    const engine = engineOf(resp3, { config: { 'hash-max-listpack-entries': '4' } });
    const fields = Array.from({ length: 20 }, (_, i) => `f${i}`);
    const values = fields.map((field) => `v${field}`);
    runLines(engine, `HIMPORT PREPARE wide ${fields.join(' ')}`, `HIMPORT SET k wide ${values.join(' ')}`);
    expect(runLines(engine, 'OBJECT ENCODING k', 'HLEN k', `HMGET k ${fields.join(' ')}`)).toEqual([
      'hashtable',
      20,
      values,
    ]);
    engine.verify();
  });

  it('forgets lists when asked to, and keeps the hashes', () => {
    const engine = engineOf(resp3);
    const prepare = (name: string): string => `HIMPORT PREPARE ${name} a b`;
    expect(
      runLines(
        engine,
        'HIMPORT DISCARD none',
        'HIMPORT DISCARDALL',
        ...['x', 'y', 'z'].map(prepare),
        'HIMPORT SET k x 1 2',
        'HIMPORT DISCARD x',
        'HIMPORT DISCARD x',
        'HIMPORT SET k x 3 4',
        'HIMPORT DISCARDALL',
        'HIMPORT DISCARDALL',
        'HIMPORT SET k y 3 4',
        'HGETALL k',
      ),
    ).toEqual([0, 0, 'OK', 'OK', 'OK', 'OK', 1, 0, NO_FIELDSET, 2, 0, NO_FIELDSET, ['a', '1', 'b', '2']]);
  });

  it('keeps lists to their connection, until RESET, and works in MULTI', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'HIMPORT PREPARE f a');
    expect(engine.bytes([['HIMPORT', 'SET', 'k', 'f', '1']], 1).toString()).toBe(`${NO_FIELDSET}\r\n`);
    expect(
      runLines(
        engine,
        'MULTI',
        'HIMPORT PREPARE g a b',
        'HIMPORT SET k g 1 2',
        'HIMPORT SET l f 3',
        'EXEC',
      ).at(-1),
    ).toEqual(['OK', 'OK', 'OK']);
    runLines(engine, 'RESET');
    engine.server.clients.speak(0, 0, resp3);
    expect(runLines(engine, 'HIMPORT SET k f 1', 'HGETALL k')).toEqual([NO_FIELDSET, ['a', '1', 'b', '2']]);
  });

  it('counts lists as memory of the client', () => {
    const engine = engineOf(resp3);
    const used = (): number => Number(/tot-mem=(\d+)/.exec(String(runLines(engine, 'CLIENT INFO')[0]))![1]);
    runLines(engine, 'HIMPORT DISCARDALL');
    const before = used();
    runLines(engine, `HIMPORT PREPARE f ${'x'.repeat(5000)}`);
    expect(used() - before).toBeGreaterThan(5000);
    runLines(engine, 'HIMPORT PREPARE f a');
    expect(used() - before).toBeLessThan(1000);
    runLines(engine, 'HIMPORT DISCARDALL');
    expect(used()).toBe(before);
  });

  it('refuses what is no subcommand or too little', () => {
    const engine = engineOf(resp3);
    const arity = (name: string): string => `-ERR wrong number of arguments for '${name}' command`;
    expect(
      runLines(
        engine,
        'HIMPORT',
        'HIMPORT nonsense',
        'HIMPORT HELP',
        'HIMPORT PREPARE f',
        'HIMPORT SET k f',
        'HIMPORT DISCARD',
        'HIMPORT DISCARDALL f',
      ),
    ).toEqual([
      arity('himport'),
      "-ERR unknown subcommand 'nonsense'. Try HIMPORT HELP.",
      "-ERR unknown subcommand 'HELP'. Try HIMPORT HELP.",
      arity('himport|prepare'),
      arity('himport|set'),
      arity('himport|discard'),
      arity('himport|discardall'),
    ]);
  });
});

it('HIMPORT announces a write like that of HSET', () => {
  const engine = engineOf(false);
  runLines(engine, 'HIMPORT PREPARE f a b');
  const announced = new Announcements(engine);
  expect(announced.of('HIMPORT SET k f 1 2')).toBe('new:k hset:k +1');
  expect(announced.of('HIMPORT PREPARE g a')).toBe('+0');
});
