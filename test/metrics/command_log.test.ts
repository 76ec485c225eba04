import { describe, expect, it } from 'vitest';
import { CommandLog, CommandLogs } from '../../src/metrics/command_log.ts';

function add(log: CommandLog, ...words: string[]): void {
  const argument = (i: number, most: number): string => words[i]!.slice(0, most);
  const length = (i: number): number => words[i]!.length;
  log.add({ time: 1, value: 5, count: words.length, argument, length, address: 'a:1', name: 'n' });
}

function shown(log: CommandLog): string[] {
  return log.newest(log.length).map(({ args }) => args.join(' '));
}

describe('slow log', () => {
  it('keeps the newest entries, whatever the limit was before', () => {
    const log = new CommandLog(10000);
    for (let i = 0; i < 3000; i++) add(log, `c${i}`);
    expect(log.length).toBe(128);
    expect(log.newest(2).map(({ id, args }) => [id, args])).toEqual([
      [2999, ['c2999']],
      [2998, ['c2998']],
    ]);
    log.maxLength = 2;
    expect(log.length).toBe(128);
    add(log, 'last');
    expect(shown(log)).toEqual(['last', 'c2999']);
    log.maxLength = 5000;
    for (let i = 0; i < 5000; i++) add(log, `d${i}`);
    expect(log.length).toBe(5000);
    expect(shown(log).at(-1)).toBe('d0');
    log.maxLength = 0;
    add(log, 'x');
    expect(log.newest(10)).toEqual([]);
  });

  it('goes on numbering after a reset', () => {
    const log = new CommandLog(10000);
    add(log, 'a');
    log.reset();
    expect(log.length).toBe(0);
    add(log, 'b');
    expect(log.newest(10)[0]!.id).toBe(1);
  });

  it('cuts long words and many words', () => {
    const log = new CommandLog(10000);
    add(log, 'x'.repeat(128), 'y'.repeat(130));
    expect(shown(log)[0]).toBe(`${'x'.repeat(128)} ${'y'.repeat(128)}... (2 more bytes)`);
    // Longer than a string can be.
    const argument = (_: number, most: number): string => 'z'.repeat(Math.min(most, 2 ** 30));
    const word = { time: 1, value: 5, count: 1, argument, length: () => 2 ** 30, address: '', name: '' };
    log.add(word);
    expect(shown(log)[0]).toBe(`${'z'.repeat(128)}... (${2 ** 30 - 128} more bytes)`);
    const words = Array.from({ length: 33 }, (_, i) => `w${i}`);
    add(log, ...words.slice(0, 32));
    add(log, ...words);
    expect(shown(log)[1]).toBe(words.slice(0, 32).join(' '));
    expect(shown(log)[0]).toBe(`${words.slice(0, 31).join(' ')} ... (2 more arguments)`);
  });

  it('has its limit in microseconds, and none below zero', () => {
    const log = new CommandLog(10000);
    const takes = (threshold: number, us: number): boolean => {
      log.threshold = threshold;
      return log.takes(us);
    };
    expect([takes(10, 9), takes(10, 10), takes(0, 0), takes(-1, 1e9)]).toEqual([false, true, true, false]);
  });
});

it('commands are looked at from a power of two on that is below what is to be noted', () => {
  const logs = new CommandLogs();
  const bytesMin = (request: number, reply: number): number => {
    logs.largeRequest.threshold = request;
    logs.largeReply.threshold = reply;
    return logs.bytesMin;
  };
  expect(logs.bytesMin).toBe(524288);
  expect([bytesMin(-1, -1), bytesMin(-1, 5), bytesMin(0, -1), bytesMin(5000, 2 ** 40)]).toEqual([
    2 ** 32,
    4,
    0,
    2048,
  ]);
});
