// Runs a program of this directory (main.ts) by several processes, each of which does a share.
//
//   node test/crash/run.mjs NAME [--amount 100000] [--seed N] [--jobs 2]
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Totals } from '../../.ci/step.mjs';
import { runBundled } from '../support/bundled.mjs';

/** The second job takes other variants of `faults` than the first. */
const SEEDS_A_JOB = 1_000_004;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    amount: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 30)) },
    jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
  },
});
const jobs = Number(values.jobs);
const amount = String(Math.ceil(Number(values.amount) / jobs));
const totals = new Totals();
const share = (i) => {
  const seed = String(Number(values.seed) + i * SEEDS_A_JOB);
  const args = [process.argv[1], ...positionals, '--jobs', '1', '--amount', amount, '--seed', seed];
  return totals.run(`${positionals[0]}, process ${i + 1}`, process.execPath, args);
};
if (jobs > 1) {
  await Promise.all(Array.from({ length: jobs }, (_, i) => share(i)));
  totals.close();
} else {
  process.argv.splice(2, Infinity, ...positionals, '--amount', amount, '--seed', values.seed);
  await runBundled(resolve(import.meta.dirname, 'main.ts'));
}
