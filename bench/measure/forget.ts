// What clients that read their replies notice of others that ask for large ones and never read them, and how much memory
// the server gains by those.
import { GeneratorRun } from '../generator.ts';
import type { ForgetTrial } from '../trials.ts';
import { rssBytesOf } from '../usage.ts';
import { fill, type Outcome, replyErrors, type Turn, withServer } from './turn.ts';

const KEYS = 100_000;
const LOOK_MS = 100;

export async function measureForget(trial: ForgetTrial, turn: Turn): Promise<Outcome> {
  return withServer(turn, 1, async (server) => {
    const { client, pid } = server;
    const errors = await fill(turn, KEYS, 32);
    await client.config('SET', 'maxmemory-clients', `${trial.ceilingMb}mb`);
    await client.set('large', Buffer.alloc(trial.valueBytes, 'x'));
    await client.get('large');
    const quiet = await load(turn).result;
    const before = rssBytesOf(pid);
    let most = before;
    const look = setInterval(() => {
      most = Math.max(most, rssBytesOf(pid));
    }, LOOK_MS);
    const { forgetful, anewPerSecond } = trial;
    const loaded = load(turn);
    await loaded.stage('measuring');
    const run = new GeneratorRun(turn.generator, {
      mode: 'forget',
      port: turn.port,
      connections: forgetful,
      rate: anewPerSecond,
    });
    await run.stage('asked');
    const crowding = await loaded.result;
    const beside = await load(turn).result;
    run.finish();
    await run.result;
    clearInterval(look);
    // The longest wait is that while all of them come at once.
    const { maxMs } = crowding;
    const { perSecond, p50Ms, p99Ms } = beside;
    const p99Share = p99Ms / quiet.p99Ms;
    const ceilingShare = (most - before) / (trial.ceilingMb * 2 ** 20);
    const figures = { perSecond, p50Ms, p99Ms, maxMs, p99Share, ceilingShare };
    return { figures, errors: [...errors, ...[quiet, crowding, beside].flatMap(replyErrors)] };
  });
}

/** Clients that wait for each reply. */
function load({ generator, port, seconds, warmupSeconds, seed }: Turn): GeneratorRun {
  const settings = { port, mix: 'get', keys: KEYS, seconds, seed, 'warmup-seconds': warmupSeconds };
  return new GeneratorRun(generator, settings);
}
