// Memory for each element of a value: what the server grows by while it is filled.
import { DATASETS, fillDataset } from '../datasets.ts';
import type { ElementsTrial } from '../trials.ts';
import { memoryOf, SETTLE_MS } from './memory.ts';
import { type Outcome, type Turn, withServer } from './turn.ts';

export async function measureElements(trial: ElementsTrial, turn: Turn): Promise<Outcome> {
  return withServer(turn, 1, async (server) => {
    const { elements } = DATASETS[trial.dataset];
    const before = await memoryOf(server);
    const errors = await fillDataset(turn.port, trial.dataset);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const after = await memoryOf(server);
    const figures = {
      rssPerElement: (after.rss - before.rss) / elements,
      usedPerElement: (after.used - before.used) / elements,
    };
    return { figures, errors };
  });
}
