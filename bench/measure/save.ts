// What a save in the background costs those who are served meanwhile: the answers to a steady stream of PINGs, beside those
// shortly before it, the memory that it takes on top, and how long it lasts; with nobody else there, or with clients that overwrite keys all the time.
import { type GeneratorResult, GeneratorRun } from '../generator.ts';
import { outrankOthers } from '../priority.ts';
import type { Server } from '../server.ts';
import type { SaveTrial } from '../trials.ts';
import { rssBytesOf } from '../usage.ts';
import { PROBER_RANK, SERVER_RANK } from './stall.ts';
import { fill, type Outcome, replyErrors, type Turn, withServer } from './turn.ts';

const POLL_MS = 100;
/** How long answers are looked at before the save. */
const QUIET_MS = 3000;
const WRITERS = 8;
/** More than any save takes; the writers end with it. */
const WRITING_SECONDS_MAX = 600;

export async function measureSave(trial: SaveTrial, turn: Turn): Promise<Outcome> {
  return withServer(turn, 1, async (server) => {
    const errors = await fill(turn, trial.keys, 32);
    outrankOthers(server.pid, SERVER_RANK);
    const writer = trial.writes ? writeAllTheTime(trial, turn) : null;
    await writer?.stage('measuring');
    const without = await probed(
      trial,
      turn,
      server,
      () => new Promise((resolve) => setTimeout(resolve, QUIET_MS)),
    );
    const during = await probed(trial, turn, server, () => save(server));
    if (writer !== null) process.kill(writer.pid);
    const { result } = during;
    const { saveMs, extraBytes } = during.value;
    const figures = {
      saveMs,
      extraMb: extraBytes / 2 ** 20,
      stallMs: result.maxMs,
      ownStallMs: result.ownMaxMs,
      ownP99Ms: result.ownP99Ms,
      ownP99Share: result.ownP99Ms / without.result.ownP99Ms,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      p99Share: result.p99Ms / without.result.p99Ms,
      gapMs: result.longestGapMs,
      proberLateMs: result.senderLateMs,
    };
    return { figures, errors: [...errors, ...replyErrors({ ...result, firstError: 'not +PONG' })] };
  });
}

/** Does something while a prober sends PINGs; what came of it, and how they were answered. */
async function probed<T>(
  trial: SaveTrial,
  turn: Turn,
  server: Server,
  work: () => Promise<T>,
): Promise<{ value: T; result: GeneratorResult }> {
  const prober = new GeneratorRun(turn.generator, {
    mode: 'steady',
    port: turn.port,
    rate: trial.pingsPerSecond,
    pid: server.pid,
  });
  await prober.stage('measuring');
  outrankOthers(prober.pid, PROBER_RANK);
  const value = await work();
  prober.finish();
  return { value, result: await prober.result };
}

function writeAllTheTime(trial: SaveTrial, turn: Turn): GeneratorRun {
  return new GeneratorRun(turn.generator, {
    port: turn.port,
    mix: 'set',
    connections: WRITERS,
    pipeline: 1,
    keys: trial.keys,
    distribution: 'uniform',
    'value-bytes': 32,
    seconds: WRITING_SECONDS_MAX,
    'warmup-seconds': 0,
    seed: turn.seed,
  });
}

/** Saves, and looks at the memory of the server and of the children that it may have. */
async function save({ client, pid }: Server): Promise<{ saveMs: number; extraBytes: number }> {
  const before = rssBytesOf(pid);
  const beganMs = performance.now();
  let extraBytes = 0;
  await client.bgsave();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const text = await client.info('persistence');
    const copied = Number(/^current_cow_size:(\d+)/m.exec(text)?.[1] ?? 0);
    extraBytes = Math.max(extraBytes, rssBytesOf(pid) - before, copied);
    if (text.includes('rdb_bgsave_in_progress:0')) return { saveMs: performance.now() - beganMs, extraBytes };
  }
}
