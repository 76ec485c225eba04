// A little of what run.mjs does much of.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { seededRandom } from '../support/seed.ts';
import { cuts } from './cuts.ts';
import { faults } from './faults.ts';
import { files } from './files.ts';
import { payloads } from './payloads.ts';
import { powerLoss } from './power_loss.ts';

const SEED_END = 2 ** 30;
const LIMIT_MS = 600_000;

// What happens again and again is done by the programs themselves, as in main.ts.
beforeAll(() => {
  vi.stubGlobal('setInterval', () => ({ unref: () => null }));
});

afterAll(() => {
  vi.unstubAllGlobals();
});

it.each([
  ['a loss of power', powerLoss, 1000],
  ['a failure of the disk', faults, 40],
  ['a log that is cut', cuts, 500],
  ['a dump that was changed', payloads, 2000],
  ['a file that was changed', files, 200],
])('survives %s', { timeout: LIMIT_MS }, async (name, run, amount) => {
  const { failures } = await run(amount, seededRandom(name).below(SEED_END));
  expect(failures).toEqual([]);
});
