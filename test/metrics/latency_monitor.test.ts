import { describe, expect, it } from 'vitest';
import { ago, LatencyMonitor } from '../../src/metrics/latency_monitor.ts';

function monitorOf(thresholdMs: number): LatencyMonitor {
  const monitor = new LatencyMonitor();
  monitor.thresholdMs = thresholdMs;
  return monitor;
}

describe('latency monitor', () => {
  it('notes what reaches the limit, and nothing while it is off', () => {
    const monitor = monitorOf(0);
    monitor.note('command', 1000, 1);
    expect([...monitor.events()]).toEqual([]);
    monitor.thresholdMs = 10;
    monitor.note('command', 9.99, 1);
    monitor.note('command', 10.5, 1);
    expect(monitor.history('command')?.samples).toEqual([{ time: 1, ms: 10 }]);
    expect(monitor.history('fork')).toBeUndefined();
  });

  it('keeps the longest time of a second, and 160 seconds', () => {
    const monitor = monitorOf(1);
    for (let second = 1; second <= 161; second++) {
      monitor.note('command', 5, second);
      monitor.note('command', second === 2 ? 500 : 7, second);
      monitor.note('command', 6, second);
    }
    const history = monitor.history('command')!;
    expect(history.samples.length).toBe(160);
    expect(history.samples[0]).toEqual({ time: 2, ms: 500 });
    expect(history.samples[1]).toEqual({ time: 3, ms: 7 });
    monitor.note('command', 5, 162);
    expect([history.minMs, history.currentMaxMs, history.maxMs]).toEqual([5, 7, 500]);
  });

  it('sums up as the doctor shows it', () => {
    const monitor = monitorOf(1);
    monitor.note('command', 10, 100);
    monitor.note('command', 20, 102);
    monitor.note('command', 33, 104);
    const history = monitor.history('command')!;
    expect(history.average).toEqual({ meanMs: 21, deviationMs: 8 });
    expect(history.periodSec(106)).toBe(2);
  });

  it('forgets one event, or all', () => {
    const monitor = monitorOf(1);
    for (const event of ['a', 'b', 'c']) monitor.note(event, 5, 1);
    expect([monitor.reset('nosuch'), monitor.reset('b'), monitor.reset(), monitor.reset()]).toEqual([
      0, 1, 2, 0,
    ]);
  });
});

it('says how long ago something was in the largest fitting unit', () => {
  expect([0, 59, 60, 3599, 3600, 86399, 86400, 1e6].map(ago)).toEqual([
    '0s',
    '59s',
    '1m',
    '59m',
    '1h',
    '23h',
    '1d',
    '11d',
  ]);
});
