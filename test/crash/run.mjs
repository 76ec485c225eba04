// Runs a program of this directory by several processes at once, each with a share of the work.
//
//   node test/crash/run.mjs power_loss --points 100000 [--seed N] [--jobs 2]
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Totals } from '../../.ci/step.mjs';
import { runBundled } from '../support/bundled.mjs';

/** Which option of a program is the work to be shared. */
const WORK = { power_loss: '--points' };

const [program, ...options] = process.argv.slice(2);
const option = (name) => {
  const at = options.indexOf(name);
  return at < 0 ? undefined : options.splice(at, 2)[1];
};
const jobs = Number(option('--jobs') ?? Math.min(2, availableParallelism()));
const work = WORK[program];
if (work === undefined) throw new Error(`one of ${Object.keys(WORK).join(', ')} is needed`);
if (jobs === 1) {
  process.argv.splice(2, Infinity, ...options);
  await runBundled(resolve(import.meta.dirname, `${program}.ts`));
} else {
  const amount = Number(option(work) ?? 100_000);
  const seed = Number(option('--seed') ?? Math.floor(Math.random() * 2 ** 30));
  const totals = new Totals();
  const shares = Array.from({ length: jobs }, (_, i) => [
    ...[process.argv[1], program, '--jobs', '1', work, String(Math.ceil(amount / jobs))],
    ...['--seed', String(seed + i * 1_000_000), ...options],
  ]);
  await Promise.all(shares.map((share, i) => totals.run(`${program} ${i + 1}`, process.execPath, share)));
  totals.close();
}
