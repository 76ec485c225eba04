import { describe, expect, it } from 'vitest';
import { Engine } from '../support/engine.ts';
import { seededRandom } from '../support/seed.ts';
import { engineOf, PROTOCOLS, plain, runLines } from './string_support.ts';

const NOT_AN_INTEGER = '-ERR value is not an integer or out of range';
const INT64_MAX = '9223372036854775807';
const INT64_MIN = '-9223372036854775808';
const invalid = (command: string) => `-ERR invalid expire time in '${command}' command`;

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('sets, reads and takes off expiries in every unit', () => {
    const engine = engineOf(resp3);
    const nowMs = engine.clock.nowMs();
    runLines(engine, 'SET k v');
    expect(
      runLines(engine, 'TTL k', 'PTTL k', 'EXPIRETIME k', 'PEXPIRETIME k', 'TTL none', 'PEXPIRETIME none'),
    ).toEqual([-1, -1, -1, -1, -2, -2]);
    expect(runLines(engine, 'PEXPIRE k 10499', 'TTL k', 'PTTL k', 'PEXPIRETIME k', 'EXPIRETIME k')).toEqual([
      1,
      10,
      10_499,
      nowMs + 10_499,
      Math.floor((nowMs + 10_499 + 500) / 1000),
    ]);
    expect(runLines(engine, 'PEXPIRE k 10500', 'TTL k', 'EXPIRE k 7', 'PTTL k')).toEqual([1, 11, 1, 7000]);
    expect(
      runLines(engine, `PEXPIREAT k ${nowMs + 5}`, 'PTTL k', 'EXPIREAT k 1800000000', 'EXPIRETIME k'),
    ).toEqual([1, 5, 1, 1_800_000_000]);
    expect(runLines(engine, 'PERSIST k', 'PERSIST k', 'TTL k', 'PERSIST none', 'EXPIRE none 5')).toEqual([
      1, 0, -1, 0, 0,
    ]);
    engine.verify();
  });

  it('lets a key go just after its time', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET k v', 'PEXPIRE k 100');
    engine.clock.advance(100);
    expect(runLines(engine, 'PTTL k', 'TTL k', 'GET k')).toEqual([0, 0, 'v']);
    engine.clock.advance(1);
    expect(runLines(engine, 'DBSIZE', 'GET k', 'DBSIZE', 'PTTL k', 'PERSIST k')).toEqual([1, null, 0, -2, 0]);
    expect(engine.server.keyspace.db(0).volatileCount).toBe(0);
  });

  it('deletes at once what a time in the past is set for', () => {
    const engine = engineOf(resp3);
    for (const line of [
      'EXPIRE k 0',
      'EXPIRE k -1',
      'PEXPIRE k -5',
      'EXPIREAT k 1',
      'PEXPIREAT k 0',
      `PEXPIREAT k ${INT64_MIN}`,
    ]) {
      expect(runLines(engine, 'SET k v', line, 'EXISTS k'), line).toEqual(['OK', 1, 0]);
    }
    runLines(engine, 'SET k v');
    expect(runLines(engine, `PEXPIREAT k ${engine.clock.nowMs()}`, 'DBSIZE')).toEqual([1, 0]);
  });

  it('obeys NX, XX, GT and LT', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SET k v');
    expect(runLines(engine, 'EXPIRE k 10 XX', 'EXPIRE k 10 GT', 'EXPIRE k 10 nx', 'EXPIRE k 20 NX')).toEqual([
      0, 0, 1, 0,
    ]);
    expect(runLines(engine, 'EXPIRE k 5 GT', 'EXPIRE k 10 GT', 'EXPIRE k 11 GT', 'TTL k')).toEqual([
      0, 0, 1, 11,
    ]);
    expect(runLines(engine, 'EXPIRE k 12 LT', 'EXPIRE k 11 LT', 'EXPIRE k 10 lt', 'TTL k')).toEqual([
      0, 0, 1, 10,
    ]);
    expect(runLines(engine, 'EXPIRE k 9 XX GT', 'EXPIRE k 9 XX LT', 'PERSIST k', 'EXPIRE k 50 LT')).toEqual([
      0, 1, 1, 1,
    ]);
    expect(
      runLines(engine, 'PERSIST k', 'EXPIRE k 50 XX LT', 'EXPIRE k 50 XX GT', 'EXPIRE k 5 NX NX'),
    ).toEqual([1, 0, 0, 1]);
    expect(runLines(engine, 'EXPIRE k -1 GT', 'EXPIRE k -1 LT', 'EXISTS k')).toEqual([0, 1, 0]);
    expect(
      runLines(
        engine,
        'EXPIRE k 1 NX XX',
        'EXPIRE k 1 LT NX',
        'EXPIRE k 1 GT LT',
        'EXPIRE k 1 maybe',
        'EXPIRE k x maybe',
      ),
    ).toEqual([
      '-ERR NX and XX, GT or LT options at the same time are not compatible',
      '-ERR NX and XX, GT or LT options at the same time are not compatible',
      '-ERR GT and LT options at the same time are not compatible',
      '-ERR Unsupported option maybe',
      '-ERR Unsupported option maybe',
    ]);
  });

  it('refuses exactly the times that do not fit 64 bits', () => {
    const engine = engineOf(resp3);
    const nowMs = BigInt(engine.clock.nowMs());
    runLines(engine, 'SET k v');
    const most = 2n ** 63n - 1n - nowMs;
    expect(
      runLines(
        engine,
        `PEXPIRE k ${most}`,
        'PEXPIRETIME k',
        `PEXPIRE k ${most + 1n}`,
        `EXPIRE k ${most / 1000n}`,
        `EXPIRE k ${most / 1000n + 1n}`,
        'EXPIRE k 9223372036854776',
        'EXPIRE k -9223372036854776',
        `PEXPIREAT k ${INT64_MAX}`,
        'EXPIREAT k 9223372036854776',
        `PEXPIREAT none ${INT64_MAX}`,
      ).map(String),
    ).toEqual([
      '1',
      INT64_MAX,
      invalid('pexpire'),
      '1',
      invalid('expire'),
      invalid('expire'),
      invalid('expire'),
      '1',
      invalid('expireat'),
      '0',
    ]);
    expect(runLines(engine, 'PEXPIRETIME k', 'EXPIRETIME k', 'PTTL k', 'TTL k').map(String)).toEqual([
      INT64_MAX,
      '9223372036854776',
      String(most),
      String((most + 500n) / 1000n),
    ]);
    expect(
      runLines(
        engine,
        `PEXPIREAT k ${INT64_MAX} GT`,
        'PEXPIREAT k 9223372036854775806 LT',
        'PEXPIRETIME k',
      ).map(String),
    ).toEqual(['0', '1', '9223372036854775806']);
    expect(
      runLines(engine, 'EXPIRE k 1.5', "EXPIRE k ''", 'EXPIRE k 9223372036854775808', 'EXPIREAT k x'),
    ).toEqual([NOT_AN_INTEGER, NOT_AN_INTEGER, NOT_AN_INTEGER, NOT_AN_INTEGER]);
    expect(runLines(engine, 'EXPIRE k -9223372036854775', 'EXISTS k')).toEqual([1, 0]);
  });
});

it('agrees with a plain model of conditions and units', () => {
  const random = seededRandom('expire');
  const engine = new Engine();
  const { clock } = engine;
  let expiryMs: number | null = null;
  let exists = false;
  for (let step = 0; step < 4000; step++) {
    if (random.below(4) === 0) clock.advance(random.below(3000));
    if (exists && expiryMs !== null && expiryMs < clock.nowMs()) exists = false;
    if (!exists) {
      engine.line('SET k v');
      [exists, expiryMs] = [true, null];
    }
    const [command, unit, base] = [
      ['EXPIRE', 1000, clock.nowMs()],
      ['PEXPIRE', 1, clock.nowMs()],
      ['EXPIREAT', 1000, 0],
      ['PEXPIREAT', 1, 0],
    ][random.below(4)] as [string, number, number];
    const time = Math.floor((clock.nowMs() + random.below(9000) - 1000 - base) / unit);
    const deadlineMs = time * unit + base;
    const condition = ['', ' NX', ' XX', ' GT', ' LT'][random.below(5)]!;
    const current: number = expiryMs ?? Number.POSITIVE_INFINITY;
    const holds =
      condition === '' ||
      (condition === ' NX' && expiryMs === null) ||
      (condition === ' XX' && expiryMs !== null) ||
      (condition === ' GT' && deadlineMs > current) ||
      (condition === ' LT' && deadlineMs < current);
    const line = `${command} k ${time}${condition}`;
    expect(engine.line(line), line).toBe(holds ? 1 : 0);
    if (holds) [exists, expiryMs] = [deadlineMs > clock.nowMs(), deadlineMs];
    expect(plain(engine.line('PEXPIRETIME k')), line).toBe(exists ? (expiryMs ?? -1) : -2);
  }
  engine.verify();
});
