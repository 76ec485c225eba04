// The JSON of a run: all that is needed to judge or repeat it, and nothing that names the machine or its folders.
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import type { Options } from './options.ts';
import type { TrialSummary, TurnRecord } from './summary.ts';
import { serverFlags, type Target } from './targets.ts';

export interface Surroundings {
  readonly date: string;
  readonly commit: string;
  readonly changed: boolean; // files differ from the commit
  readonly kernel: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly cpuModel: string;
  readonly memoryGb: number;
  readonly node: string;
  readonly v8: string;
}

export function surroundings(root: string): Surroundings {
  const git = (...args: string[]) => {
    try {
      return execFileSync('git', args, {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      return '';
    }
  };
  const cpus = os.cpus();
  return {
    date: new Date().toISOString(),
    commit: git('rev-parse', '--short', 'HEAD') || 'unknown',
    changed: git('status', '--porcelain', '--untracked-files=no') !== '',
    kernel: `${os.type()} ${os.release().split('-')[0]}`,
    architecture: os.arch(),
    cpus: cpus.length,
    cpuModel: cpus[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    node: process.versions.node,
    v8: process.versions.v8,
  };
}

export function record(
  around: Surroundings,
  options: Options,
  versions: ReadonlyMap<Target, string>,
  summaries: readonly TrialSummary[],
  turns: readonly TurnRecord[],
): string {
  const { short, seconds, warmupSeconds } = options;
  const servers = [...versions].map(([target, version]) => ({ name: target.name, version }));
  const flags = serverFlags(0, 1); // the port differs; --io-threads is the trial's
  const trials = summaries.map((summary) => ({
    ...summary.trial,
    passed: summary.passed,
    targets: summary.targets,
    turns: turns.filter((turn) => turn.trial === summary.trial.name).map(({ trial: _, ...turn }) => turn),
  }));
  const document = { ...around, short, turns: options.turns, seconds, warmupSeconds, servers, flags, trials };
  return `${JSON.stringify(document, null, 2)}\n`;
}
