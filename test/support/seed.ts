// The seed of a random test: printed, and taken from MILLRACE_SEED to repeat a run.
import { Random } from '../../src/base/random.ts';

export function seededRandom(name: string): Random {
  const seed = Number(process.env.MILLRACE_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`${name}: MILLRACE_SEED=${seed}`);
  return new Random(seed);
}
