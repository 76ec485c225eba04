// From the start of the process to the line that says it serves.
import { median } from '../figures.ts';
import type { StartTrial } from '../trials.ts';
import { rssBytesOf } from '../usage.ts';
import { type Outcome, type Turn, withServer } from './turn.ts';

export async function measureStart(trial: StartTrial, turn: Turn): Promise<Outcome> {
  const starts: number[] = [];
  const errors: string[] = [];
  let rss = 0;
  for (let i = 0; i < trial.starts; i++) {
    await withServer(turn, 1, async (server) => {
      starts.push(server.startMs);
      rss = rssBytesOf(server.pid);
      if ((await server.client.ping()) !== 'PONG') errors.push('no answer to PING');
    });
  }
  return { figures: { startMs: median(starts), emptyRssMb: rss / 2 ** 20 }, errors };
}
