// Messages delivered a second to subscribers; latency is that of the last of them.
import { GeneratorRun } from '../generator.ts';
import type { PubsubTrial } from '../trials.ts';
import { type Outcome, replyErrors, Stretch, type Turn, withServer } from './turn.ts';

export async function measurePubsub(trial: PubsubTrial, turn: Turn): Promise<Outcome> {
  return withServer(turn, trial.ioThreads, async (server) => {
    const run = new GeneratorRun(turn.generator, {
      mode: 'pubsub',
      port: turn.port,
      connections: trial.subscribers,
      pipeline: trial.window,
      seconds: turn.seconds,
      'warmup-seconds': turn.warmupSeconds,
    });
    await run.stage('measuring');
    const stretch = new Stretch(server.pid);
    await run.stage('measured');
    const result = await run.result;
    const clientSeconds = result.clientUserSeconds + result.clientSystemSeconds;
    const { perSecond, p50Ms, p99Ms, p999Ms, maxMs } = result;
    const cpu = stretch.end(result.requests, clientSeconds);
    return { figures: { perSecond, p50Ms, p99Ms, p999Ms, maxMs, ...cpu }, errors: replyErrors(result) };
  });
}
