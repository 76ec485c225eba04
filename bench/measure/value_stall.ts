// The longest time that the server fails to answer while one value grows large, or while a large one is deleted.
import { DATASETS, fillDataset } from '../datasets.ts';
import { GeneratorRun } from '../generator.ts';
import { outrankOthers } from '../priority.ts';
import type { ValueStallTrial } from '../trials.ts';
import { PROBER_RANK, SERVER_RANK } from './stall.ts';
import { type Outcome, replyErrors, Stretch, type Turn, withServer } from './turn.ts';

/** How long to look on after a value was deleted. */
const AFTER_DELETION_MS = 3000;

export async function measureValueStall(trial: ValueStallTrial, turn: Turn): Promise<Outcome> {
  return withServer(turn, 1, async (server) => {
    const errors = trial.drop ? await fillDataset(turn.port, trial.dataset) : [];
    const key = DATASETS[trial.dataset].command(0)[1]!;
    const prober = new GeneratorRun(turn.generator, {
      mode: 'steady',
      port: turn.port,
      rate: trial.pingsPerSecond,
    });
    await prober.stage('measuring');
    outrankOthers(server.pid, SERVER_RANK);
    outrankOthers(prober.pid, PROBER_RANK);
    const stretch = new Stretch(server.pid);
    if (trial.drop) {
      await server.client.del(key);
      await new Promise((resolve) => setTimeout(resolve, AFTER_DELETION_MS));
    } else {
      errors.push(...(await fillDataset(turn.port, trial.dataset)));
    }
    const { cpuUs } = stretch.end(DATASETS[trial.dataset].elements, undefined);
    prober.finish();
    const result = await prober.result;
    const figures = {
      stallMs: result.maxMs,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      gapMs: result.longestGapMs,
      proberLateMs: result.senderLateMs,
      cpuUs: cpuUs!,
    };
    return { figures, errors: [...errors, ...replyErrors({ ...result, firstError: 'not +PONG' })] };
  });
}
