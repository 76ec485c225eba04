// Losses of power at random points of random lives, of servers with a log (life.ts) and of some that only save (save_life.ts).
import { Life } from './life.ts';
import { Recovery } from './recovery.ts';
import type { Result } from './result.ts';
import { SavedRecovery, SaveLife } from './save_life.ts';

const FAILURES_MAX = 3;
/** One life in so many is that of a server without a log. */
const SAVES_EACH = 6;

export async function powerLoss(points: number, firstSeed: number): Promise<Result> {
  const recovery = new Recovery();
  const saved = new SavedRecovery();
  let done = 0;
  const failures: string[] = [];
  for (let seed = firstSeed; done < points && failures.length < FAILURES_MAX; seed++) {
    const life = seed % SAVES_EACH === 0 ? new SaveLife(seed, saved) : new Life(seed, recovery);
    const outcome = await life.run();
    done += outcome.points;
    failures.push(...outcome.failures);
  }
  return { done, failures };
}
