// From single turns to medians, ratios, and who passed.
import { FIGURES, type FigureName, type Figures, insaneFigures, median } from './figures.ts';
import type { Outcome } from './measure/turn.ts';
import type { Bar, Trial } from './trials.ts';

export interface TurnRecord extends Outcome {
  readonly trial: string;
  readonly target: string;
  readonly turn: number; // from 1
}

export interface TargetSummary {
  readonly target: string;
  readonly median: Figures;
  readonly best: Figures;
  /** The median over the turns of this server's figure divided by the reference's of the same turn. */
  readonly ratio: Figures;
  readonly errors: readonly string[];
}

export interface TrialSummary {
  readonly trial: Trial;
  readonly targets: readonly TargetSummary[];
  readonly passed: boolean;
}

/** Faults of a turn: what the measurement found, and figures that cannot be. */
export function faultsOf(record: Outcome): string[] {
  return [...record.errors, ...(record.errors.length === 0 ? insaneFigures(record.figures) : [])];
}

/** `targets[0]` is the reference. */
export function summarize(
  trial: Trial,
  targets: readonly string[],
  records: readonly TurnRecord[],
): TrialSummary {
  const ours = records.filter((record) => record.trial === trial.name);
  const reference = ours.filter((record) => record.target === targets[0]);
  const summaries = targets.map((target) => summarizeTarget(ours, reference, target));
  return { trial, targets: summaries, passed: summaries.every((summary) => summary.errors.length === 0) };
}

function summarizeTarget(
  records: readonly TurnRecord[],
  reference: readonly TurnRecord[],
  target: string,
): TargetSummary {
  const turns = records.filter((record) => record.target === target);
  const names = [...new Set(turns.flatMap((turn) => Object.keys(turn.figures) as FigureName[]))];
  const medians: Figures = {};
  const best: Figures = {};
  const ratio: Figures = {};
  for (const name of names) {
    const values = turns.flatMap((turn) => turn.figures[name] ?? []);
    medians[name] = median(values);
    best[name] = name === 'perSecond' ? Math.max(...values) : Math.min(...values);
    const ratios = turns.flatMap((turn) => {
      const other = reference.find((candidate) => candidate.turn === turn.turn)?.figures[name];
      const own = turn.figures[name];
      return own === undefined || other === undefined || other === 0 ? [] : own / other;
    });
    if (ratios.length > 0) ratio[name] = median(ratios);
  }
  const errors = turns.length === 0 ? ['not run'] : turns.flatMap(faultsOf);
  return { target, median: medians, best, ratio, errors };
}

/** Whether a figure reaches its bar; undefined where there is nothing to compare. */
export function reaches(bar: Bar, summary: TargetSummary): boolean | undefined {
  const actual = bar.ratio === undefined ? summary.median[bar.figure] : summary.ratio[bar.figure];
  const wanted = bar.ratio ?? bar.value;
  if (actual === undefined || wanted === undefined) return undefined;
  return FIGURES[bar.figure].better === 'more' ? actual >= wanted : actual <= wanted;
}
