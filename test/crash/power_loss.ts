// Losses of power at random points of random lives (life.ts).
//
//   node test/crash/run.mjs power_loss [--points 100000] [--seed N]
import { parseArgs } from 'node:util';
import { Life } from './life.ts';
import { Recovery } from './recovery.ts';

const { values } = parseArgs({
  options: { points: { type: 'string', default: '100000' }, seed: { type: 'string' } },
});
const first = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
console.log(`losses of power: --seed ${first}`);
// Time is virtual: what happens again and again is done by the life itself.
Object.assign(globalThis, { setInterval: () => ({ unref: () => null }) });
const recovery = new Recovery();
let points = 0;
let failed = 0;
for (let seed = first; points < Number(values.points) && failed < 3; seed++) {
  const outcome = await new Life(seed, recovery).run();
  points += outcome.points;
  failed += outcome.failures.length;
  for (const failure of outcome.failures) console.log(failure);
}
console.log(`${points} points`);
console.log(`${points - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
