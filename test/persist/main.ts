// What is exchanged with Redis, compared part by part. Needs redis-server and redis-tools; MILLRACE_SEED repeats a run.
import { seededRandom } from '../support/seed.ts';
import { compareCheckTools } from './check_tools.ts';
import { exchangeDumps } from './dumps.ts';
import { exchangeLogs } from './logs.ts';
import { Tally } from './tally.ts';

const PARTS = { dumps: exchangeDumps, 'check tools': compareCheckTools, logs: exchangeLogs };

const wanted = process.argv[2];
const total = new Tally();
for (const [name, part] of Object.entries(PARTS)) {
  if (wanted !== undefined && wanted !== name) continue;
  const tally = new Tally();
  await part(tally, seededRandom(name));
  console.log(`${name}: ${tally.passed} passed, ${tally.failed} failed`);
  total.passed += tally.passed;
  total.failed += tally.failed;
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
