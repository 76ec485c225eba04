// The longest time that the server fails to answer while its key space grows from nothing.
import { GeneratorRun } from '../generator.ts';
import { outrankOthers } from '../priority.ts';
import type { Server } from '../server.ts';
import type { StallTrial } from '../trials.ts';
import { fill, type Outcome, replyErrors, Stretch, type Turn, withServer } from './turn.ts';

export const SERVER_RANK = 10;
export const PROBER_RANK = 20;

export async function measureStall(trial: StallTrial, turn: Turn): Promise<Outcome> {
  return withServer(turn, 1, async (server) => {
    const prober = new GeneratorRun(turn.generator, {
      mode: 'steady',
      port: turn.port,
      rate: trial.pingsPerSecond,
      pid: server.pid,
    });
    await prober.stage('measuring');
    outrankOthers(server.pid, SERVER_RANK);
    outrankOthers(prober.pid, PROBER_RANK);
    return fillAndProbe(trial, turn, server, prober);
  });
}

async function fillAndProbe(
  trial: StallTrial,
  turn: Turn,
  server: Server,
  prober: GeneratorRun,
): Promise<Outcome> {
  const stretch = new Stretch(server.pid);
  const beganMs = performance.now();
  const errors = await fill(turn, trial.keys, 32);
  const seconds = (performance.now() - beganMs) / 1000;
  const { cpuUs } = stretch.end(trial.keys, undefined);
  prober.finish();
  const result = await prober.result;
  const figures = {
    stallMs: result.maxMs,
    ownStallMs: result.ownMaxMs,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    p999Ms: result.p999Ms,
    gapMs: result.longestGapMs,
    proberLateMs: result.senderLateMs,
    perSecond: trial.keys / seconds,
    cpuUs: cpuUs!,
  };
  return { figures, errors: [...errors, ...replyErrors({ ...result, firstError: 'not +PONG' })] };
}
