// The bench: trials × servers × turns, then a table, a JSON file and a plot.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { buildGenerator } from './generator.ts';
import { measureConnect } from './measure/connect.ts';
import { measureConnections } from './measure/connections.ts';
import { measureElements } from './measure/elements.ts';
import { measureForget } from './measure/forget.ts';
import { measureLoad } from './measure/load.ts';
import { measureMemory } from './measure/memory.ts';
import { measureGroups, measureHandover } from './measure/pairs.ts';
import { measurePubsub } from './measure/pubsub.ts';
import { measureSave } from './measure/save.ts';
import { measureStall } from './measure/stall.ts';
import { measureStart } from './measure/start.ts';
import type { Outcome, Turn } from './measure/turn.ts';
import { measureValueStall } from './measure/value_stall.ts';
import { type Options, readOptions } from './options.ts';
import { plotSvg } from './plot.ts';
import { progressBar } from './progress.ts';
import { record, type Surroundings, surroundings } from './record.ts';
import { hasRedisBenchmark } from './redis_benchmark.ts';
import { targetFiles, targetVersion } from './server.ts';
import { faultsOf, summarize, type TrialSummary, type TurnRecord } from './summary.ts';
import { loadTable, specialTable } from './table.ts';
import type { Target } from './targets.ts';
import type { Trial } from './trials.ts';

/** Returns the exit code. */
export async function main(args: readonly string[], root: string): Promise<number> {
  try {
    const options = readOptions(args);
    if (typeof options !== 'string') return await run(options, root);
    console.log(options);
    return 0;
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`);
    return 2;
  }
}

async function run(options: Options, root: string): Promise<number> {
  const versions = availableTargets(options, root);
  const targets = [...versions.keys()];
  if (targets.length === 0) throw new Error('no server to measure');
  const around = surroundings(root);
  const turns = await runAll(options, targets, root);
  const names = targets.map((target) => target.name);
  const summaries = options.trials.map((trial) => summarize(trial, names, turns));
  print(summaries, names[0]!);
  write(options, root, around, versions, summaries, turns);
  const failed = summaries.filter((summary) => !summary.passed);
  console.log(`${summaries.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

/** The servers that can be run, and their versions; says which are left out. */
function availableTargets(options: Options, root: string): Map<Target, string> {
  const found = new Map<Target, string>();
  for (const target of options.targets) {
    const version = targetFiles(target, root) ? targetVersion(target, root) : undefined;
    if (version !== undefined) {
      found.set(target, version);
    } else if (target.optional && !options.named) {
      console.log(`${target.name}: not installed, left out`);
    } else {
      throw new Error(`${target.name} cannot be run; is it built?`);
    }
  }
  return found;
}

/** Every trial in turns, the servers alternating inside a turn, so that all see the same phases of the machine. */
async function runAll(options: Options, targets: readonly Target[], root: string): Promise<TurnRecord[]> {
  const records: TurnRecord[] = [];
  const generator = await buildGenerator(root);
  const redisBenchmark = hasRedisBenchmark();
  const { seconds, warmupSeconds, trials, turns } = options;
  const progress = progressBar(trials.length * turns * targets.length);
  for (const trial of trials) {
    for (let turn = 1; turn <= turns; turn++) {
      for (const [index, target] of targets.entries()) {
        progress.begin(`${trial.name}, ${target.name}, turn ${turn}`);
        const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
        const port = options.port + index;
        const setting = {
          target,
          root,
          directory,
          port,
          generator,
          redisBenchmark,
          seconds,
          warmupSeconds,
          seed: turn,
        };
        const outcome = await measure(trial, setting);
        rmSync(directory, { recursive: true, force: true });
        records.push({ trial: trial.name, target: target.name, turn, ...outcome });
        progress.end(faultsOf(outcome));
      }
    }
  }
  progress.stop();
  return records;
}

async function measure(trial: Trial, turn: Turn): Promise<Outcome> {
  try {
    switch (trial.kind) {
      case 'load':
        return await measureLoad(trial, turn);
      case 'connect':
        return await measureConnect(trial, turn);
      case 'pubsub':
        return await measurePubsub(trial, turn);
      case 'forget':
        return await measureForget(trial, turn);
      case 'memory':
        return await measureMemory(trial, turn);
      case 'connections':
        return await measureConnections(trial, turn);
      case 'stall':
        return await measureStall(trial, turn);
      case 'save':
        return await measureSave(trial, turn);
      case 'start':
        return await measureStart(trial, turn);
      case 'elements':
        return await measureElements(trial, turn);
      case 'value-stall':
        return await measureValueStall(trial, turn);
      case 'handover':
        return await measureHandover(trial, turn);
      case 'groups':
        return await measureGroups(trial, turn);
    }
  } catch (error) {
    return { figures: {}, errors: [(error as Error).message] };
  }
}

/** Whether a trial has the figures of a load, rate, CPU, latency, and no others. */
function isLoad({ trial }: TrialSummary): boolean {
  if (trial.kind === 'load') return trial.idle === undefined;
  return ['connect', 'pubsub', 'handover', 'groups'].includes(trial.kind);
}

function print(summaries: readonly TrialSummary[], reference: string): void {
  const loads = summaries.filter(isLoad);
  const specials = summaries.filter((summary) => !isLoad(summary));
  if (loads.length > 0) console.log(loadTable(loads, reference));
  if (specials.length > 0) console.log(specialTable(specials, reference));
  for (const { trial, targets } of summaries) {
    for (const { target, errors } of targets) {
      for (const error of new Set(errors)) console.log(`${trial.name}, ${target}: ${error}`);
    }
  }
}

function write(
  options: Options,
  root: string,
  around: Surroundings,
  versions: ReadonlyMap<Target, string>,
  summaries: readonly TrialSummary[],
  turns: readonly TurnRecord[],
): void {
  const stamp = around.date.slice(0, 19).replaceAll(':', '').replace('T', '-');
  const json = options.json ?? join(root, 'bench/results', `${stamp}.json`);
  mkdirSync(dirname(json), { recursive: true });
  writeFileSync(json, record(around, options, versions, summaries, turns));
  console.log(`written: ${relative('.', json)}`);
  if (versions.size < 2) return; // nothing to compare, so nothing to draw
  const svg = json.replace(/(\.json)?$/, '.svg');
  const caption = `commit ${around.commit}, ${around.date.slice(0, 10)}, ${around.cpus} CPUs, Node ${around.node}`;
  const loads = summaries.filter(isLoad);
  writeFileSync(svg, plotSvg(loads, [...versions.keys()][0]!.name, caption));
  console.log(`written: ${relative('.', svg)}`);
}
