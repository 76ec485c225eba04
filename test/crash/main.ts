// The programs of this directory; run.mjs runs them by several processes.
//
//   power_loss   losses of power: --amount points of time
//   cuts         a log that is cut: --amount cuts, the first at byte 0, the next one at byte 1, …
//   faults       failures of the disk: --amount trials
//   files        RDB files and logs that were changed: --amount files
//   kills        kills of a server: --amount cycles
//   payloads     RESTORE of changed dumps: --amount changes
//   record       has redis-server make what payloads and files change of its: redis_dumps.json
import { parseArgs } from 'node:util';
import { printFailure } from '../support/failures.ts';
import { cuts } from './cuts.ts';
import { faults } from './faults.ts';
import { files } from './files.ts';
import { kills } from './kills.ts';
import { payloads } from './payloads.ts';
import { powerLoss } from './power_loss.ts';
import { record } from './record.ts';
import type { Result } from './result.ts';

const PROGRAMS: Record<string, (amount: number, seed: number) => Promise<Result>> = {
  power_loss: powerLoss,
  cuts,
  faults,
  files,
  kills,
  payloads,
  record,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { amount: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
});
const [name = ''] = positionals;
// Time is virtual: what happens again and again is done by the programs themselves.
Object.assign(globalThis, { setInterval: () => ({ unref: () => null }) });
console.log(`${name}: --seed ${values.seed}`);
const { done, failures } = await PROGRAMS[name]!(Number(values.amount), Number(values.seed)).catch(
  (error: Error): Result => ({ done: 1, failures: [`seed ${values.seed}: ${error.stack}`] }),
);
for (const failure of failures) printFailure(failure.split('\n')[0]!, failure);
console.log(`${done - failures.length} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
