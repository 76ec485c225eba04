// How many connections a second a server accepts; its CPU time is that of closing them, too.
import { GeneratorRun } from '../generator.ts';
import type { ConnectTrial } from '../trials.ts';
import { type Outcome, replyErrors, Stretch, type Turn, withServer } from './turn.ts';

export async function measureConnect(trial: ConnectTrial, turn: Turn): Promise<Outcome> {
  return withServer(turn, trial.ioThreads, async (server) => {
    const run = new GeneratorRun(turn.generator, {
      mode: 'connect',
      port: turn.port,
      pid: server.pid,
      seconds: turn.seconds,
      'warmup-seconds': turn.warmupSeconds,
    });
    await run.stage('measuring');
    const stretch = new Stretch(server.pid);
    await run.stage('measured');
    const result = await run.result;
    const clientSeconds = result.clientUserSeconds + result.clientSystemSeconds;
    const figures = { perSecond: result.perSecond, ...stretch.end(result.requests, clientSeconds) };
    return { figures, errors: replyErrors(result) };
  });
}
