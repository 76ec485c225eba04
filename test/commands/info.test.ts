import { describe, expect, it } from 'vitest';
import { REDIS_VERSION } from '../../src/base/version.ts';
import type { Engine } from '../support/engine.ts';
import { linesOf } from './reference/rows.ts';
import { engineOf, PROTOCOLS, plain, runLines } from './string_support.ts';

function info(engine: Engine, ...sections: string[]): string {
  return plain(engine.run(['INFO', ...sections])) as string;
}

/** The value of a field, as text. */
function field(text: string, name: string): string | undefined {
  return new RegExp(`^${name.replace('|', '\\|')}:(.*)\r$`, 'm').exec(text)?.[1];
}

function titles(text: string): string[] {
  return [...text.matchAll(/^# (.*)\r$/gm)].map((match) => match[1]!);
}

const DEFAULT_TITLES = [
  'Server',
  'Clients',
  'Memory',
  'Persistence',
  'Stats',
  'Replication',
  'CPU',
  'Modules',
  'Errorstats',
  'Cluster',
  'Keyspace',
];
const ALL_TITLES = DEFAULT_TITLES.toSpliced(8, 1, 'Commandstats', 'Errorstats', 'Latencystats');

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('shows the sections asked for, each once, in its own order', () => {
    const engine = engineOf(resp3);
    expect(titles(info(engine))).toEqual(DEFAULT_TITLES);
    expect(titles(info(engine, 'default'))).toEqual(DEFAULT_TITLES);
    expect(titles(info(engine, 'ALL'))).toEqual(ALL_TITLES);
    expect(titles(info(engine, 'everything'))).toEqual(ALL_TITLES);
    expect(titles(info(engine, 'keyspace', 'CPU', 'cpu', 'nosuch'))).toEqual(['CPU', 'Keyspace']);
    expect(titles(info(engine, 'commandstats', 'default'))).toEqual(
      ALL_TITLES.filter((title) => title !== 'Latencystats'),
    );
    expect(info(engine, 'nosuch')).toBe('');
    expect(engine.bytes([['INFO', 'keyspace']]).toString()).toBe(
      resp3 ? '=16\r\ntxt:# Keyspace\r\n\r\n' : '$12\r\n# Keyspace\r\n\r\n',
    );
  });

  it('has every field of the reference, in its order', () => {
    const names = info(engineOf(resp3), 'everything')
      .split('\r\n')
      .map((line) => line.split(':')[0]!)
      .filter((name) => name !== '');
    const reference = linesOf('info-7.0.15.txt').filter((name) => name !== '');
    expect(names.filter((name) => reference.includes(name))).toEqual(reference);
  });

  it('counts commands, errors and keys', () => {
    const engine = engineOf(resp3);
    runLines(
      engine,
      'SET a b',
      'INCR a',
      'SET',
      'NOSUCH',
      'CONFIG GET x',
      'SET e v PX 100000',
      'SELECT 2',
      'SET c d',
    );
    const text = info(engine, 'everything');
    expect(field(text, 'cmdstat_set')).toMatch(
      /^calls=3,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=0$/,
    );
    expect(field(text, 'cmdstat_incr')).toMatch(/^calls=1,.*,rejected_calls=0,failed_calls=1$/);
    expect(field(text, 'cmdstat_config|get')).toMatch(/^calls=1,/);
    expect(field(text, 'cmdstat_config')).toBeUndefined();
    expect(field(text, 'errorstat_ERR')).toBe('count=3');
    expect(field(text, 'total_error_replies')).toBe('3');
    expect(field(text, 'db0')).toBe('keys=2,expires=1,avg_ttl=0,subexpiry=0,keys_with_volatile_items=0');
    expect(field(text, 'db2')).toBe('keys=1,expires=0,avg_ttl=0,subexpiry=0,keys_with_volatile_items=0');
    expect(field(text, 'rdb_changes_since_last_save')).toBe('3');
    expect(field(text, 'redis_version')).toBe(REDIS_VERSION);
    expect(field(text, 'role')).toBe('master');
    expect(field(text, 'maxmemory_policy')).toBe('noeviction');
  });

  it('counts clients that watch keys, and the keys', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'WATCH a b');
    engine.line('WATCH a c', 1);
    const text = info(engine, 'clients');
    expect([field(text, 'watching_clients'), field(text, 'total_watched_keys')]).toEqual(['2', '3']);
    expect(field(text, 'blocked_clients')).toBe('0');
  });

  it('shows percentiles of the times of commands as configured', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'DEBUG SLEEP 0.05', 'DEBUG SLEEP 0.003');
    expect(field(info(engine, 'latencystats'), 'latency_percentiles_usec_debug')).toBe(
      'p50=3014.655,p99=50069.503,p99.9=50069.503',
    );
    engine.run(['CONFIG', 'SET', 'latency-tracking-info-percentiles', '0 100 12.5']);
    expect(field(info(engine, 'latencystats'), 'latency_percentiles_usec_debug')).toBe(
      'p0=2998.272,p100=50069.503,p12.5=3014.655',
    );
    runLines(engine, 'CONFIG SET latency-tracking no', 'CONFIG RESETSTAT');
    expect(info(engine, 'latencystats')).toBe('# Latencystats\r\n');
  });

  it('answers TIME, DBSIZE, ROLE and LASTSAVE', () => {
    const engine = engineOf(resp3);
    engine.clock.advance(1234);
    const ms = engine.clock.nowMs();
    runLines(engine, 'SET a b');
    expect(runLines(engine, 'TIME', 'DBSIZE', 'ROLE', 'LASTSAVE', 'TIME x', 'LASTSAVE x')).toEqual([
      [String(Math.floor(ms / 1000)), String((ms % 1000) * 1000)],
      1,
      ['master', 0, []],
      Math.floor((ms - 1234) / 1000),
      "-ERR wrong number of arguments for 'time' command",
      "-ERR wrong number of arguments for 'lastsave' command",
    ]);
  });

  it('draws a picture with the version below', () => {
    const engine = engineOf(resp3);
    const [first, second, last] = ['LOLWUT', 'LOLWUT VERSION 5', 'LOLWUT VERSION 99'].map(
      (line) => plain(engine.line(line)) as string,
    );
    expect(last).toMatch(/^Redis ver\. \d+\.\d+\.\d+ \(millrace \d+\.\d+\.\d+\)\n$/);
    expect(first!.endsWith(`\n\n${last}`)).toBe(true);
    expect(first!.split('\n').length).toBe(18);
    expect(second).not.toBe(first);
    const wrong = '-ERR value is not an integer or out of range';
    expect(runLines(engine, 'LOLWUT VERSION x', 'LOLWUT VERSION 5 1 1 x', 'LOLWUT VERSION 6 x')).toEqual([
      wrong,
      wrong,
      wrong,
    ]);
    expect(runLines(engine, 'LOLWUT VERSION 99999999999 x')).toEqual([last]);
  });
});

describe('the loop', () => {
  it('counts time of batches, and forgets it on demand', () => {
    const engine = engineOf(false);
    const busy = () => ({
      all: field(info(engine, 'stats'), 'eventloop_duration_sum'),
      commands: field(info(engine, 'stats'), 'eventloop_duration_cmd_sum'),
    });
    expect(busy()).toEqual({ all: '0', commands: '0' });
    // Time stands still in a test: a command that lets it pass takes its place.
    const handlers = engine.server.table.handlers as ((c: unknown) => void)[];
    const id = engine.server.table.lookup('dbsize');
    const dbsize = handlers[id]!;
    handlers[id] = (c) => {
      engine.clock.advance(3);
      dbsize(c);
    };
    runLines(engine, 'DBSIZE');
    handlers[id] = dbsize;
    expect(busy()).toEqual({ all: '3000', commands: '3000' });
    runLines(engine, 'CONFIG RESETSTAT');
    expect(busy()).toEqual({ all: '0', commands: '0' });
  });

  it('says what is paused', () => {
    const engine = engineOf(false);
    const paused = () =>
      ['reason', 'actions', 'timeout_milliseconds'].map((name) => field(info(engine), `paused_${name}`));
    expect(paused()).toEqual(['none', 'none', '0']);
    runLines(engine, 'CLIENT PAUSE 500 WRITE');
    engine.clock.advance(100);
    expect(paused()).toEqual(['client_pause', 'write', '400']);
    runLines(engine, 'CLIENT UNPAUSE');
    expect(paused()).toEqual(['none', 'none', '0']);
  });
});
