// The result on the console.
import Table from 'cli-table3';
import { FIGURES, type FigureName, formatFigure } from './figures.ts';
import { reaches, type TargetSummary, type TrialSummary } from './summary.ts';
import type { Bar } from './trials.ts';

const LOAD_COLUMNS = [
  ...(['perSecond', 'cpuUs', 'p50Ms', 'p99Ms', 'maxMs', 'rssMb', 'clientUs', 'otherCpus'] as const),
];
const COMPARED: readonly FigureName[] = ['perSecond', 'cpuUs'];

export function loadTable(summaries: readonly TrialSummary[], reference: string): string {
  const table = new Table({
    head: ['trial', 'server', ...LOAD_COLUMNS.flatMap(headings)],
    colAligns: ['left', 'left', ...LOAD_COLUMNS.flatMap(headings).map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const { trial, targets } of summaries) {
    targets.forEach((target, i) => {
      const cells = LOAD_COLUMNS.flatMap((name) => {
        const text = formatFigure(name, target.median[name]);
        if (!COMPARED.includes(name)) return [text];
        return [text, target.target === reference ? '' : ratioCell(name, target, trial.bars)];
      });
      table.push([i === 0 ? trial.name : '', target.target, ...cells]);
    });
  }
  return table.toString();
}

function headings(name: FigureName): string[] {
  const narrow = FIGURES[name].title.replaceAll(' ', '\n');
  return COMPARED.includes(name) ? [narrow, '× (bar)'] : [narrow];
}

/** "2.31 (≥ 2 ✓)": the ratio to the reference, and the bar if there is one. */
function ratioCell(name: FigureName, summary: TargetSummary, bars: readonly Bar[]): string {
  const ratio = summary.ratio[name];
  if (ratio === undefined) return '–';
  const bar = bars.find((candidate) => candidate.figure === name && candidate.ratio !== undefined);
  return ratio.toFixed(2) + (bar === undefined ? '' : ` ${barText(bar, summary)}`);
}

function barText(bar: Bar, summary: TargetSummary): string {
  const sign = FIGURES[bar.figure].better === 'more' ? '≥' : '≤';
  const reached = reaches(bar, summary);
  return `(${sign} ${bar.ratio ?? bar.value}${reached === undefined ? '' : reached ? ' ✓' : ' ✗'})`;
}

/** One row a figure: for the trials that have figures of their own. */
export function specialTable(summaries: readonly TrialSummary[], reference: string): string {
  const names = summaries[0]?.targets.map((target) => target.target) ?? [];
  const table = new Table({
    head: ['trial', 'figure', ...names.flatMap((name) => (name === reference ? [name] : [name, '×', 'bar']))],
    style: { head: [], border: [], compact: true },
  });
  for (const { trial, targets } of summaries) {
    const figures = Object.keys(FIGURES) as FigureName[];
    for (const name of figures.filter((figure) =>
      targets.some((target) => target.median[figure] !== undefined),
    )) {
      const cells = targets.flatMap((target) => {
        const spread = `${formatFigure(name, target.median[name])}${bestText(name, target)}`;
        if (target.target === reference) return [spread];
        const bar = trial.bars.find((candidate) => candidate.figure === name);
        const ratio = target.ratio[name]?.toFixed(2) ?? '–';
        return [spread, ratio, bar === undefined ? '' : barText(bar, target)];
      });
      table.push([trial.name, FIGURES[name].title, ...cells]);
    }
  }
  return table.toString();
}

function bestText(name: FigureName, target: TargetSummary): string {
  const best = target.best[name];
  return best === undefined || best === target.median[name] ? '' : ` (best ${formatFigure(name, best)})`;
}
