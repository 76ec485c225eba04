// Rounds of the random tests until the time is over, each with a seed of its own: what .ci/run, which draws the same each time, has
// no time for. Needs redis-server and redis-tools.
//
//   node .ci/long.mjs [--hours 8] [--only "losses of power"] [--seed N]
import { parseArgs } from 'node:util';
import { Totals } from './step.mjs';

const HOUR_MS = 3_600_000;
const LIMIT_SEC = 7200;
const SEED_END = 2 ** 30;

const crash = (name, amount) => (seed) => [
  'test/crash/run.mjs',
  name,
  '--amount',
  String(amount),
  '--seed',
  seed,
];
/** All but those of crashes take the seed from the environment, too. */
const PARTS = {
  'losses of power': crash('power_loss', 200_000),
  'changed files': crash('files', 50_000),
  'failures of the disk': crash('faults', 2600),
  'cut logs': crash('cuts', 131_072),
  'changed dumps': crash('payloads', 400_000),
  'kills while clients write': crash('kills', 300),
  'tests that draw': () => ['node_modules/vitest/vitest.mjs', 'run'],
  'files from and to redis-server': () => ['test/persist/run.mjs'],
  'access control here and in redis-server': () => ['test/acl/run.mjs'],
  'fuzzed rules of access control': () => ['test/acl/fuzz.mjs'],
  'hit ratios beside redis-server': () => ['test/eviction/run.mjs'],
  'differential test': (seed) => ['test/differential/run.mjs', '--seed', seed, '--commands', '300000'],
};

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '8' },
    only: { type: 'string', multiple: true, default: Object.keys(PARTS) },
    seed: { type: 'string', default: String(Math.floor(Math.random() * SEED_END)) },
  },
});
const endMs = Date.now() + Number(values.hours) * HOUR_MS;
const totals = new Totals();
for (let seed = Number(values.seed); Date.now() < endMs; seed++) {
  process.env.MILLRACE_SEED = String(seed);
  for (const title of values.only) {
    if (Date.now() >= endMs) break;
    const args = PARTS[title](String(seed));
    await totals.run(`${title}, seed ${seed}`, process.execPath, args, { limitSec: LIMIT_SEC });
  }
}
totals.close();
