// Losses of power at random points of random lives (life.ts).
import { Life } from './life.ts';
import { Recovery } from './recovery.ts';
import type { Result } from './result.ts';

const FAILURES_MAX = 3;

export async function powerLoss(points: number, firstSeed: number): Promise<Result> {
  const recovery = new Recovery();
  let done = 0;
  const failures: string[] = [];
  for (let seed = firstSeed; done < points && failures.length < FAILURES_MAX; seed++) {
    const outcome = await new Life(seed, recovery).run();
    done += outcome.points;
    failures.push(...outcome.failures);
  }
  return { done, failures };
}
