// Entries that are sent twice and added once: IDMP and IDMPAUTO of XADD, XCFGSET, XIDMPRECORD, and what XINFO shows of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Engine } from '../support/engine.ts';
import { seededRandom } from '../support/seed.ts';
import { engineOf, PROTOCOLS, runLines, SYNTAX } from './string_support.ts';

const INVALID_ID = '-ERR Invalid stream ID specified as stream command argument';

/** What XINFO STREAM shows of producers: the settings, then producers, ids, ids ever, duplicates. */
function shown(engine: Engine, key = 's'): unknown[] | undefined {
  const info = runLines(engine, `XINFO STREAM ${key}`)[0] as unknown[];
  const at = info.indexOf('idmp-duration');
  return at < 0 ? undefined : [1, 3, 5, 7, 9, 11].map((offset) => info[at + offset]);
}

/** Checks the structure of a stream and of what it knows of producers. */
function check(engine: Engine): void {
  const { keyspace } = engine.server;
  const key = Buffer.from('s');
  keyspace.streams.check(keyspace.db(0).find(key, 0, key.length, keyspace.hash.hash(key, 0, key.length)));
  engine.verify();
}

describe.each(PROTOCOLS)('sent entries over %s', (_name, resp3) => {
  it('are added once, whatever their fields, for each producer', () => {
    const engine = engineOf(resp3);
    expect(runLines(engine, 'XADD s 5-1 a b')).toEqual(['5-1']);
    expect(shown(engine)).toBeUndefined();
    expect(
      runLines(
        engine,
        'XADD s IDMP p1 x * f 1',
        'XADD s IDMP p1 x * f 2',
        'XADD s NOMKSTREAM IDMP p2 x MAXLEN ~ 100 * f 3',
        'XADD s MAXLEN = 1 IDMP p1 x * f 4',
        'XADD s KEEPREF idmp p1 * * f 5',
        'XLEN s',
        'XRANGE s - + COUNT 2',
      ),
    ).toEqual([
      '1700000000000-0',
      '1700000000000-0',
      '1700000000000-1',
      '1700000000000-0',
      '1700000000000-2',
      4,
      [
        ['5-1', ['a', 'b']],
        ['1700000000000-0', ['f', '1']],
      ],
    ]);
    expect(shown(engine)).toEqual([100, 100, 2, 3, 3, 2]);
    expect(String(runLines(engine, 'XINFO STREAM s FULL'))).toContain(
      'iids-added,3,iids-duplicates,2,entries',
    );
    check(engine);
  });

  it('are known by their fields with IDMPAUTO, in any order', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(
        engine,
        'XADD s IDMPAUTO p * a 1 b 2',
        'XADD s IDMPAUTO p * b 2 a 1',
        'XADD s IDMPAUTO p * a 2 b 1',
        'XADD s IDMPAUTO p * a 1 b 2 b 2',
        'XADD s IDMPAUTO p * a 1',
        'XADD s IDMPAUTO q * a 1 b 2',
        "XADD s IDMPAUTO p * a1 ''",
        'XLEN s',
      ),
    ).toEqual([...[0, 0, 1, 2, 3, 4, 5].map((sequence) => `1700000000000-${sequence}`), 6]);
    expect(shown(engine)).toEqual([100, 100, 2, 6, 6, 1]);
  });

  it('are known for a time, and the newest ones', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'XADD s 1-1 a b', 'XCFGSET s IDMP-DURATION 2 IDMP-MAXSIZE 3');
    for (let i = 1; i <= 4; i++) runLines(engine, `XADD s IDMP p ${i} * f v`);
    expect(shown(engine)).toEqual([2, 3, 1, 3, 4, 0]);
    expect(runLines(engine, 'XADD s IDMP p 2 * f v', 'XADD s IDMP p 1 * f v', 'XLEN s')).toEqual([
      '1700000000000-1',
      '1700000000000-4',
      6,
    ]);
    engine.clock.advance(2000);
    engine.server.keyspace.tick();
    expect(shown(engine)).toEqual([2, 3, 0, 0, 5, 1]);
    expect(runLines(engine, 'XADD s IDMP q 1 * f v', 'XADD s IDMP p 1 * f v')).toEqual([
      '1700000002000-0',
      '1700000002000-1',
    ]);
    expect(shown(engine)).toEqual([2, 3, 2, 2, 7, 1]);
    check(engine);
  });

  it('are forgotten when a setting changes, and only then', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'XADD s IDMP p 1 * f v', 'XADD s IDMP p 1 * f v', 'XCFGSET s IDMP-MAXSIZE 100');
    expect(shown(engine)).toEqual([100, 100, 1, 1, 1, 1]);
    runLines(engine, 'XCFGSET s idmp-duration 50');
    expect(shown(engine)).toEqual([50, 100, 0, 0, 1, 1]);
    expect(runLines(engine, 'XADD s IDMP p 1 * f v', 'XLEN s')).toEqual(['1700000000000-1', 2]);
    runLines(engine, 'CONFIG SET stream-idmp-duration 7 stream-idmp-maxsize 8', 'XADD t IDMP p 1 * f v');
    expect(shown(engine, 't')).toEqual([7, 8, 1, 1, 1, 0]);
    expect(shown(engine)).toEqual([50, 100, 1, 1, 2, 1]);
    check(engine);
  });

  it('must be said properly', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET str v', 'XADD s 1-1 a b');
    for (const [line, error] of [
      ['XADD s IDMP p * f v', INVALID_ID],
      ['XADD s IDMP p i 9-1 f v', '-ERR IDMP/IDMPAUTO can be used only with auto-generated IDs'],
      ['XADD s IDMPAUTO p 9-* f v', '-ERR IDMP/IDMPAUTO can be used only with auto-generated IDs'],
      ['XADD s IDMP p i IDMPAUTO q * f v', '-ERR IDMP/IDMPAUTO specified multiple times'],
      ["XADD s IDMP '' i * f v", '-ERR IDMP requires a non-empty producer ID'],
      ["XADD s IDMP p '' * f v", '-ERR IDMP requires a non-empty idempotent ID'],
      ["XADD s IDMPAUTO '' * f v", '-ERR IDMPAUTO requires a non-empty producer ID'],
      ['XADD s IDMP p i * f', "-ERR wrong number of arguments for 'xadd' command"],
      ['XADD none NOMKSTREAM IDMP p i * f v', null],
      ['XTRIM s IDMP p i MAXLEN 1', `-${SYNTAX}`],
      ['XCFGSET s', '-ERR At least one parameter must be specified'],
      ['XCFGSET s IDMP-DURATION', `-${SYNTAX}`],
      ['XCFGSET s OTHER 1', `-${SYNTAX}`],
      ['XCFGSET s IDMP-DURATION 01', '-ERR value is not an integer or out of range'],
      ['XCFGSET s IDMP-DURATION 86401', '-ERR IDMP-DURATION must be between 1 and 86400 seconds'],
      ['XCFGSET s IDMP-MAXSIZE 0', '-ERR IDMP-MAXSIZE must be between 1 and 10000 entries'],
      ['XCFGSET none IDMP-MAXSIZE 1', '-ERR no such key'],
      ['XIDMPRECORD none p i 1-1', '-ERR no such key'],
      ['XIDMPRECORD s p i x', INVALID_ID],
      ['XIDMPRECORD s p i 1-2', '-ERR No such message in stream'],
      ['XIDMPRECORD str p i 1-1', '-WRONGTYPE Operation against a key holding the wrong kind of value'],
      ['XCFGSET str IDMP-MAXSIZE 1', '-WRONGTYPE Operation against a key holding the wrong kind of value'],
    ] as const)
      expect([line, ...runLines(engine, line)]).toEqual([line, error]);
    expect(shown(engine)).toBeUndefined();
    expect(runLines(engine, 'XLEN s', 'EXISTS none')).toEqual([1, 0]);
  });
});

it('XIDMPRECORD tells an entry where it came from', () => {
  const engine = new Engine();
  expect(
    runLines(
      engine,
      'XADD s 1700000000000-7 a b',
      'XADD s 1700000000000-8 a b',
      'XIDMPRECORD s p i 1700000000000-7',
      'XIDMPRECORD s p i 1700000000000-7',
      'XIDMPRECORD s p i 1700000000000-8',
      'XADD s IDMP p i * a b',
    ),
  ).toEqual([
    '1700000000000-7',
    '1700000000000-8',
    'OK',
    'OK',
    '-ERR IID already exists for this producer with a different stream ID',
    '1700000000000-7',
  ]);
  check(engine);
});

it('options that look like others are taken for what they are', () => {
  const engine = new Engine();
  engine.server.effects.activate(true);
  engine.server.effects.take(new Uint8Array(64));
  for (let i = 0; i < 120; i++) engine.line(`XADD s ${i + 1}-0 f v`);
  engine.server.effects.take(new Uint8Array(64));
  expect(runLines(engine, 'XADD s IDMP nomkstream limit MAXLEN ~ 10 LIMIT 1000 * limit v')).toEqual([
    '1700000000000-0',
  ]);
  const log = Buffer.from(engine.server.effects.take(new Uint8Array(64))).toString('latin1');
  expect(
    log
      .split('\r\n')
      .filter((line) => /^[^*$]/.test(line))
      .join(' '),
  ).toBe('XADD s IDMP nomkstream limit MAXLEN = 21 1700000000000-0 limit v');
  expect(runLines(engine, 'XADD t IDMP nomkstream x * f v', 'EXISTS t')).toEqual(['1700000000000-0', 1]);
});

it('come back from the log and from a snapshot', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-sent-'));
  const config = { appendonly: 'yes', save: '' };
  const engine = new Engine({ dir, config });
  await engine.server.aof.load();
  runLines(
    engine,
    'XADD s IDMP p 1 * f v',
    'XADD s IDMP p 1 * f v',
    'XADD s IDMPAUTO q * f v',
    'XADD s 1800000000000-0 f v',
  );
  runLines(engine, 'XADD t IDMP p 1 * f v', 'XCFGSET t IDMP-MAXSIZE 9');
  engine.server.aof.stop();
  const other = new Engine({ dir, config });
  await other.server.aof.load();
  expect(shown(other)).toEqual([100, 100, 2, 2, 2, 0]);
  expect(shown(other, 't')).toEqual([100, 9, 0, 0, 1, 0]);
  expect(runLines(other, 'XADD s IDMP p 1 * f x', 'XADD s IDMPAUTO q * f v')).toEqual([
    '1700000000000-0',
    '1700000000000-1',
  ]);
  expect(runLines(other, 'SAVE', 'DEBUG RELOAD', 'XADD s IDMP p 1 * f x')).toEqual([
    'OK',
    'OK',
    '1700000000000-0',
  ]);
  expect(shown(other)).toEqual([100, 100, 2, 2, 2, 3]);
  other.server.aof.stop();
  rmSync(dir, { recursive: true });
});

it('does as a plain map does', () => {
  const random = seededRandom('sent entries');
  const engine = new Engine();
  runLines(engine, 'XADD s 1-1 a b', 'XCFGSET s IDMP-DURATION 3 IDMP-MAXSIZE 5');
  const model = new Map<string, Map<string, { id: string; ms: number }>>();
  for (let i = 0; i < 4000; i++) {
    const { nowMs } = engine.server.keyspace;
    const producer = `p${random.below(6)}`;
    const sent = `${random.below(12)}`;
    const own = model.get(producer) ?? new Map<string, { id: string; ms: number }>();
    model.set(producer, own);
    for (const all of model.values())
      for (const [name, { ms }] of all) if (ms <= nowMs - 3000) all.delete(name);
    const [id] = runLines(engine, `XADD s IDMP ${producer} ${sent} * f v`) as [string];
    const known = own.get(sent);
    if (known !== undefined) expect(id).toBe(known.id);
    else own.set(sent, { id, ms: nowMs });
    if (own.size > 5) own.delete(own.keys().next().value!);
    if (random.below(10) === 0) engine.clock.advance(random.below(2000));
    engine.server.keyspace.tick();
    if (i % 100 === 0) check(engine);
  }
  runLines(engine, 'COPY s t', 'DEL s', 'RENAME t s');
  check(engine);
  const before = engine.server.arena.usedBytes;
  expect(runLines(engine, 'MEMORY USAGE s')[0]).toBeGreaterThan(1000);
  runLines(engine, 'DEL s');
  expect(engine.server.arena.usedBytes).toBeLessThan(before);
  engine.verify();
});
