// Memory for each key: what the server grows by while it is filled.
import type { Server } from '../server.ts';
import type { MemoryTrial } from '../trials.ts';
import { rssBytesOf } from '../usage.ts';
import { fill, type Outcome, type Turn, withServer } from './turn.ts';

export const SETTLE_MS = 2500; // so that the server's timers can give back what the load alone needed

export async function measureMemory(trial: MemoryTrial, turn: Turn): Promise<Outcome> {
  return withServer(turn, 1, async (server) => {
    const before = await memoryOf(server);
    const errors = await fill(turn, trial.keys, trial.valueBytes);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const after = await memoryOf(server);
    const keys = await server.client.dbsize();
    if (keys !== trial.keys) errors.push(`${trial.keys} keys written, ${keys} there`);
    const figures = {
      rssPerKey: (after.rss - before.rss) / trial.keys,
      usedPerKey: (after.used - before.used) / trial.keys,
      emptyRssMb: before.rss / 2 ** 20,
    };
    return { figures, errors };
  });
}

export async function memoryOf(server: Server): Promise<{ rss: number; used: number }> {
  const used = Number((await server.info('memory')).get('used_memory'));
  return { used, rss: rssBytesOf(server.pid) };
}
