import { describe, expect, it } from 'vitest';
import { formatFigure, insaneFigures, median } from '../../bench/figures.ts';
import { readOptions } from '../../bench/options.ts';
import { plotSvg } from '../../bench/plot.ts';
import { reaches, summarize, type TurnRecord } from '../../bench/summary.ts';
import { loadTable } from '../../bench/table.ts';
import { shortened, TRIALS } from '../../bench/trials.ts';

const trial = TRIALS.find((candidate) => candidate.name === 'get-p16')!;

function turn(target: string, number: number, perSecond: number, cpuUs: number): TurnRecord {
  return { trial: trial.name, target, turn: number, figures: { perSecond, cpuUs }, errors: [] };
}

// The machine is twice as slow in the second turn: ratios within a turn do not notice.
const records = [
  turn('redis-server', 1, 1000, 1),
  turn('millrace', 1, 2500, 0.4),
  turn('redis-server', 2, 500, 2),
  turn('millrace', 2, 1250, 0.8),
  turn('redis-server', 3, 900, 1.1),
  turn('millrace', 3, 1800, 0.55),
];
const names = ['redis-server', 'millrace'];

describe('summary', () => {
  it('takes medians over the turns and ratios within a turn', () => {
    const { targets, passed } = summarize(trial, names, records);
    expect(passed).toBe(true);
    expect(targets[0]).toMatchObject({
      median: { perSecond: 900, cpuUs: 1.1 },
      best: { perSecond: 1000, cpuUs: 1 },
    });
    expect(targets[1]).toMatchObject({ median: { perSecond: 1800 }, ratio: { perSecond: 2.5, cpuUs: 0.4 } });
  });

  it('compares ratios with bars', () => {
    const millrace = summarize(trial, names, records).targets[1]!;
    expect(reaches({ figure: 'perSecond', ratio: 2.5 }, millrace)).toBe(true);
    expect(reaches({ figure: 'perSecond', ratio: 2.6 }, millrace)).toBe(false);
    expect(reaches({ figure: 'cpuUs', ratio: 0.39 }, millrace)).toBe(false);
    expect(reaches({ figure: 'cpuUs', value: 0.55 }, millrace)).toBe(true);
    expect(reaches({ figure: 'stallMs', value: 5 }, millrace)).toBe(undefined);
  });

  it('fails a trial for a wrong reply, an impossible figure or a server that was not run', () => {
    const wrong = { ...turn('millrace', 1, 1, 1), errors: ['1 wrong reply'] };
    expect(summarize(trial, ['millrace'], [wrong]).passed).toBe(false);
    expect(summarize(trial, ['millrace'], [turn('millrace', 1, Number.NaN, 1)]).passed).toBe(false);
    expect(summarize(trial, ['millrace'], []).passed).toBe(false);
  });

  it('knows figures that cannot be', () => {
    expect(insaneFigures({ perSecond: 5, p50Ms: 1, p99Ms: 2, maxMs: 2 })).toEqual([]);
    expect(insaneFigures({ perSecond: 0 })).toHaveLength(1);
    expect(insaneFigures({ p50Ms: 3, p99Ms: 2 })).toHaveLength(1);
    expect(insaneFigures({ cpuUs: Number.POSITIVE_INFINITY })).toHaveLength(1);
  });

  it('computes medians and prints figures', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(formatFigure('perSecond', 1234567.8)).toBe('1,234,568');
    expect(formatFigure('cpuUs', undefined)).toBe('–');
  });
});

describe('output', () => {
  const summaries = [summarize(trial, names, records)];

  it('prints ratios and bars', () => {
    const lines = loadTable(summaries, 'redis-server').split('\n');
    expect(lines.find((line) => line.includes('millrace'))).toMatch(
      /1,800 .* 2\.50 \(≥ 2 ✓\) .* 0\.40 \(≤ 0\.5 ✓\)/,
    );
  });

  it('draws the ratios', () => {
    const svg = plotSvg(summaries, 'redis-server', 'a caption');
    expect(svg).toMatch(/^<svg .*<\/svg>$/s);
    for (const text of ['get-p16', 'millrace', 'a caption', '>2.5<', '>0.4<']) expect(svg).toContain(text);
  });
});

describe('options', () => {
  it('selects trials and servers', () => {
    const options = readOptions([
      '--trial',
      'get-p16*',
      '--trial',
      'get-p16',
      '--target',
      'millrace',
      '--turns',
      '2',
    ]);
    if (typeof options === 'string') throw new Error(options);
    expect(options.trials.map(({ name }) => name)).toEqual(['get-p16', 'get-p16-lean', 'get-p16-io2']);
    expect(options.targets.map(({ name }) => name)).toEqual(['millrace']);
    expect(options.turns).toBe(2);
  });

  it('takes a further server from the command line', () => {
    const options = readOptions(['--server', 'old=node /elsewhere/millrace.js']);
    if (typeof options === 'string') throw new Error(options);
    expect(options.targets.at(-1)).toMatchObject({
      name: 'old',
      command: 'node',
      prefix: ['/elsewhere/millrace.js'],
    });
  });

  it('refuses what it does not know', () => {
    expect(() => readOptions(['--trial', 'nonsense'])).toThrow('no trial is called "nonsense"');
    expect(() => readOptions(['--target', 'nonsense'])).toThrow('no server is called "nonsense"');
    expect(() => readOptions(['--turns', '0'])).toThrow('--turns');
    expect(() => readOptions(['--nonsense'])).toThrow();
  });

  it('has trials with names of their own, each with a short form', () => {
    expect(new Set(TRIALS.map(({ name }) => name)).size).toBe(TRIALS.length);
    for (const each of TRIALS) expect(shortened(each).kind).toBe(each.kind);
  });
});
