import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import { engineOf, PROTOCOLS, plain, runLines } from './string_support.ts';

function watched(resp3: boolean): Engine {
  return engineOf(resp3, { config: { 'latency-monitor-threshold': '5' } });
}

/** Text of a reply for people: a bulk string, or a verbatim string whose format is txt. */
function verbatim(engine: Engine, resp3: boolean, ...words: string[]): string {
  const bytes = engine.bytes([words]).toString();
  const text = bytes.slice(bytes.indexOf('\r\n') + 2, -2);
  const head = resp3 ? `=${text.length}` : `$${text.length}`;
  expect(bytes.startsWith(`${head}\r\n${resp3 ? 'txt:' : ''}`)).toBe(true);
  return resp3 ? text.slice(4) : text;
}

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('notes slow commands by their second', () => {
    const engine = watched(resp3);
    const start = Math.floor(engine.clock.nowMs() / 1000);
    runLines(engine, 'DEBUG SLEEP 0.3', 'DEBUG SLEEP 0.1');
    engine.clock.advance(600);
    runLines(engine, 'DEBUG SLEEP 0.2', 'DEBUG SLEEP 0.004', 'PING');
    expect(runLines(engine, 'LATENCY HISTORY command', 'LATENCY LATEST', 'LATENCY HISTORY nosuch')).toEqual([
      [
        [start, 300],
        [start + 1, 200],
      ],
      [['command', start + 1, 200, 300]],
      [],
    ]);
    expect(runLines(engine, 'LATENCY RESET a b', 'LATENCY RESET command', 'LATENCY RESET')).toEqual([
      0, 1, 0,
    ]);
    expect(runLines(engine, 'LATENCY LATEST')).toEqual([[]]);
  });

  it('notes nothing while the monitor is off', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'DEBUG SLEEP 1');
    expect(runLines(engine, 'LATENCY LATEST')).toEqual([[]]);
    expect(verbatim(engine, resp3, 'LATENCY', 'DOCTOR')).toContain('latency-monitor-threshold');
    runLines(engine, 'CONFIG SET latency-monitor-threshold 1');
    expect(verbatim(engine, resp3, 'LATENCY', 'DOCTOR')).toContain('All is well');
  });

  it('answers wrong arguments', () => {
    expect(
      runLines(
        watched(resp3),
        'LATENCY GRAPH nosuch',
        'LATENCY GRAPH',
        'LATENCY HISTORY',
        'LATENCY DOCTOR x',
        'LATENCY HELP x',
        'LATENCY NOSUCH',
      ),
    ).toEqual([
      "-ERR No samples available for event 'nosuch'",
      "-ERR wrong number of arguments for 'latency|graph' command",
      "-ERR wrong number of arguments for 'latency|history' command",
      "-ERR wrong number of arguments for 'latency|doctor' command",
      "-ERR wrong number of arguments for 'latency|help' command",
      "-ERR unknown subcommand 'NOSUCH'. Try LATENCY HELP.",
    ]);
  });

  it('shows histograms of the commands asked for, subcommands with their container', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'DEBUG SLEEP 0.003', 'SET a b', 'SET c d', 'CONFIG GET x', 'CONFIG RESETSTAT');
    runLines(engine, 'DEBUG SLEEP 0.003', 'DEBUG SLEEP 0.005', 'CONFIG GET x', 'SET a b', 'SET c d');
    const one = (calls: number): unknown[] => ['calls', calls, 'histogram_usec', [1, calls]];
    const debug = ['calls', 2, 'histogram_usec', [4227, 1, 8454, 2]];
    expect(runLines(engine, 'LATENCY HISTOGRAM debug nosuch config set')).toEqual([
      ['debug', debug, 'config|get', one(1), 'config|resetstat', one(1), 'set', one(2)],
    ]);
    expect(runLines(engine, 'LATENCY HISTOGRAM config|get', 'LATENCY HISTOGRAM nosuch')).toEqual([
      ['config|get', one(1)],
      [],
    ]);
    const names = (plain(engine.line('LATENCY HISTOGRAM')) as unknown[]).filter((_, i) => i % 2 === 0);
    expect(new Set(names)).toEqual(
      new Set(['set', 'debug', 'config|get', 'config|resetstat', 'latency|histogram']),
    );
    runLines(engine, 'CONFIG RESETSTAT', 'CONFIG SET latency-tracking no', 'SET a b');
    expect(runLines(engine, 'LATENCY HISTOGRAM set')).toEqual([[]]);
    expect(engine.bytes([['LATENCY', 'HISTOGRAM', 'config|resetstat']]).toString()).toBe(
      resp3
        ? '%1\r\n$16\r\nconfig|resetstat\r\n%2\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n%1\r\n:1\r\n:1\r\n'
        : '*2\r\n$16\r\nconfig|resetstat\r\n*4\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n*2\r\n:1\r\n:1\r\n',
    );
  });

  it('draws the graph that the reference draws', () => {
    const engine = watched(resp3);
    // Recorded from the reference: the same delays in the same seconds give these lines.
    const times = [
      10, 20, 43, 80, 160, 320, 10, 100, 30, 50, 60, 70, 90, 110, 130, 150, 170, 203, 250, 12, 300, 5, 44,
    ];
    const seconds = [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24, 26];
    const start = Math.floor(engine.clock.nowMs() / 1000);
    const { latencyMonitor } = engine.server.admin;
    for (const [i, ms] of times.entries()) latencyMonitor.note('command', ms, start + seconds[i]!);
    engine.clock.advance((seconds.at(-1)! + 1) * 1000);
    expect(verbatim(engine, resp3, 'LATENCY', 'GRAPH', 'command')).toBe(
      `${[
        'command - high 320 ms, low 5 ms (all time high 320 ms)',
        '-'.repeat(80),
        '     #            _ #  ',
        '     |          _o| |  ',
        '    #| _    _oo#||| |  ',
        '__o#||_|_o##|||||||_|_o',
        '                       ',
        '22222221111111119765431',
        '7654310987653210sssssss',
        'ssssssssssssssss       ',
      ].join('\n')}\n`,
    );
  });

  it('draws one delay, and more than a line of them', () => {
    const engine = watched(resp3);
    const start = Math.floor(engine.clock.nowMs() / 1000);
    engine.server.admin.latencyMonitor.note('fork', 20, start);
    engine.clock.advance(1000);
    expect(verbatim(engine, resp3, 'LATENCY', 'GRAPH', 'fork').split('\n').slice(2)).toEqual([
      ' ',
      ' ',
      ' ',
      '_',
      ' ',
      '1',
      's',
      '',
    ]);
    for (let i = 1; i < 100; i++) engine.server.admin.latencyMonitor.note('fork', 20 + i, start + i);
    engine.clock.advance(100_000);
    const lines = verbatim(engine, resp3, 'LATENCY', 'GRAPH', 'fork').split('\n').slice(2);
    expect(lines.map((line) => line.length)).toEqual([...Array(8).fill(80), 0, ...Array(8).fill(20), 0]);
  });
});

describe('the doctor', () => {
  it('reports each event, and advises on those there are', () => {
    const engine = watched(false);
    runLines(engine, 'DEBUG SLEEP 0.3');
    engine.clock.advance(1700);
    runLines(engine, 'DEBUG SLEEP 0.1');
    const text = verbatim(engine, false, 'LATENCY', 'DOCTOR');
    expect(text).toContain(
      '1. command: 2 latency spikes (average 200ms, mean deviation 100ms, period 1.00 sec). Worst all time event 300ms.',
    );
    expect(text).toContain('CONFIG SET slowlog-log-slower-than 5000');
    expect(text).not.toContain('expired');
    engine.server.admin.latencyMonitor.note('expire-cycle', 10, 1);
    expect(verbatim(engine, false, 'LATENCY', 'DOCTOR')).toContain('Deleting expired keys');
  });

  it('calls background work by its name', () => {
    const engine = watched(false);
    engine.server.admin.timed('expire-cycle', () => engine.clock.advance(50));
    expect(runLines(engine, 'LATENCY LATEST')).toEqual([
      [['expire-cycle', Math.floor(engine.clock.nowMs() / 1000), 50, 50]],
    ]);
  });
});
