// The numbers that a trial can produce: what they are called, which way is better, how they are printed.

export interface FigureSpec {
  readonly title: string;
  readonly better: 'more' | 'less';
  readonly digits: number;
}

export const FIGURES = {
  perSecond: { title: 'requests/s', better: 'more', digits: 0 },
  cpuUs: { title: 'server CPU µs/request', better: 'less', digits: 3 },
  cpuUserUs: { title: 'of it user µs', better: 'less', digits: 3 },
  p50Ms: { title: 'p50 ms', better: 'less', digits: 3 },
  p99Ms: { title: 'p99 ms', better: 'less', digits: 3 },
  p999Ms: { title: 'p99.9 ms', better: 'less', digits: 3 },
  maxMs: { title: 'max ms', better: 'less', digits: 2 },
  rssMb: { title: 'RSS MB', better: 'less', digits: 1 },
  clientUs: { title: 'client CPU µs/request', better: 'less', digits: 3 },
  otherCpus: { title: 'CPUs used by others', better: 'less', digits: 2 },
  rssPerKey: { title: 'RSS a key, bytes', better: 'less', digits: 1 },
  usedPerKey: { title: 'used_memory a key, bytes', better: 'less', digits: 1 },
  rssPerElement: { title: 'RSS an element, bytes', better: 'less', digits: 1 },
  usedPerElement: { title: 'used_memory an element, bytes', better: 'less', digits: 1 },
  emptyRssMb: { title: 'RSS of the empty server, MB', better: 'less', digits: 1 },
  besideIdle: { title: 'requests/s beside idle connections, by those without', better: 'more', digits: 3 },
  rssConnected: { title: 'RSS a connection, no command yet, bytes', better: 'less', digits: 0 },
  rssServed: { title: 'RSS a connection, one command served, bytes', better: 'less', digits: 0 },
  rssIdle: { title: 'RSS a connection, idle later, bytes', better: 'less', digits: 0 },
  stallMs: { title: 'longest answer to PING, ms', better: 'less', digits: 2 },
  ownStallMs: { title: '… without waits for a processor', better: 'less', digits: 2 },
  ownP99Ms: { title: 'p99 ms without waits for a processor', better: 'less', digits: 3 },
  gapMs: { title: 'longest gap between answers, ms', better: 'less', digits: 2 },
  proberLateMs: { title: 'the prober itself late, at most, ms', better: 'less', digits: 2 },
  p99Share: { title: 'p99 meanwhile, by that before', better: 'less', digits: 2 },
  ownP99Share: { title: '… without waits for a processor', better: 'less', digits: 2 },
  ceilingShare: { title: 'memory gained at most, by the ceiling', better: 'less', digits: 2 },
  saveMs: { title: 'duration of the save, ms', better: 'less', digits: 0 },
  extraMb: { title: 'memory on top, MB', better: 'less', digits: 1 },
  startMs: { title: 'start to "Ready to accept connections", ms', better: 'less', digits: 0 },
} as const satisfies Record<string, FigureSpec>;

export type FigureName = keyof typeof FIGURES;
export type Figures = Partial<Record<FigureName, number>>;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function formatFigure(name: FigureName, value: number | undefined): string {
  if (value === undefined) return '–';
  const { digits } = FIGURES[name];
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Faults of one turn's figures that no true measurement has: not a number, negative, percentiles out of order. */
export function insaneFigures(figures: Figures): string[] {
  const faults: string[] = [];
  for (const [name, value] of Object.entries(figures)) {
    if (!Number.isFinite(value)) faults.push(`${name} is ${value}`);
  }
  for (const name of ['perSecond', 'cpuUs', 'p50Ms', 'rssMb', 'stallMs', 'startMs', 'rssPerKey'] as const) {
    if (figures[name] !== undefined && figures[name] <= 0) faults.push(`${name} is not above zero`);
  }
  const rising = [figures.p50Ms, figures.p99Ms, figures.maxMs].filter((value) => value !== undefined);
  if (rising.some((value, i) => i > 0 && value < rising[i - 1]!)) faults.push('p50, p99 and max do not rise');
  return faults;
}
