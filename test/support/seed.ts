// The seed of a random test: printed, and always the same one for a test, unless MILLRACE_SEED is another or says `random`.
import { KeyHash } from '../../src/base/keyhash.ts';
import { Random } from '../../src/base/random.ts';

const SEED_END = 2 ** 31;

export function seedOf(name: string): number {
  const given = process.env.MILLRACE_SEED;
  if (given === 'random') return new Random().below(SEED_END);
  if (given !== undefined) return Number(given);
  const bytes = Buffer.from(name);
  return new KeyHash(1, 2).hash(bytes, 0, bytes.length) >>> 1;
}

export function seededRandom(name: string): Random {
  const seed = seedOf(name);
  console.log(`${name}: MILLRACE_SEED=${seed}`);
  return new Random(seed);
}
