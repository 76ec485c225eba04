// Requests per second, latency and CPU under a steady load.
import { fillDataset } from '../datasets.ts';
import { GeneratorRun } from '../generator.ts';
import { runRedisBenchmark } from '../redis_benchmark.ts';
import type { Server } from '../server.ts';
import { tlsFlags, tlsPort } from '../tls.ts';
import type { LoadTrial } from '../trials.ts';
import { childrenSeconds, rssBytesOf } from '../usage.ts';
import { fill, type Outcome, replyErrors, Stretch, type Turn, withServer } from './turn.ts';

/** Loads that work on the keys key:000000000000 and up; these are there before the load begins, so every GET finds one. */
const ON_FILLED_KEYS = ['get', 'set', 'mset', 'get:10,set:1'];
const POLL_MS = 50;

export async function measureLoad(trial: LoadTrial, turn: Turn): Promise<Outcome> {
  if (trial.tls && !turn.redisBenchmark) return { figures: {}, errors: ['redis-benchmark is not installed'] };
  const flags = trial.tls ? await tlsFlags(turn.directory, turn.port) : [];
  const measure = async (server: Server): Promise<Outcome> => {
    const filled = ON_FILLED_KEYS.includes(trial.load);
    const fillErrors = filled ? await fill(turn, trial.keys, trial.valueBytes) : [];
    if (trial.dataset !== undefined) fillErrors.push(...(await fillDataset(turn.port, trial.dataset)));
    if (trial.appendfsync !== undefined) await beginLog(server, trial.appendfsync);
    const useBenchmark = trial.client === 'redis-benchmark' && turn.redisBenchmark;
    const once = () => (useBenchmark ? withRedisBenchmark : withGenerator)(trial, turn, server);
    const outcome = await (trial.idle === undefined ? once() : besideIdle(trial.idle, turn, once));
    const figures = { ...outcome.figures, rssMb: rssBytesOf(server.pid) / 2 ** 20 };
    return { figures, errors: [...fillErrors, ...outcome.errors] };
  };
  return withServer(turn, trial.ioThreads, measure, flags);
}

/** Turns the append-only file on, and waits until what is there is in it. */
async function beginLog({ client }: Server, policy: string): Promise<void> {
  await client.config('SET', 'auto-aof-rewrite-percentage', '0', 'appendfsync', policy, 'appendonly', 'yes');
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const text = await client.info('persistence');
    if (text.includes('aof_rewrite_in_progress:0') && text.includes('aof_rewrite_scheduled:0')) return;
  }
}

/** Measures twice: with nobody else, and beside connections that do nothing. */
async function besideIdle(idle: number, turn: Turn, measure: () => Promise<Outcome>): Promise<Outcome> {
  const alone = await measure();
  const holder = new GeneratorRun(turn.generator, { mode: 'hold', port: turn.port, connections: idle });
  await holder.stage('connected');
  holder.next();
  await holder.stage('served');
  const beside = await measure();
  holder.next();
  await holder.result;
  const share = beside.figures.perSecond! / alone.figures.perSecond!;
  return { figures: { ...beside.figures, besideIdle: share }, errors: [...alone.errors, ...beside.errors] };
}

async function withGenerator(trial: LoadTrial, turn: Turn, server: Server): Promise<Outcome> {
  const run = new GeneratorRun(turn.generator, {
    port: turn.port,
    ...(trial.command === undefined ? { mix: trial.load } : { command: trial.command }),
    connections: trial.connections,
    pipeline: trial.pipeline,
    keys: trial.keys,
    distribution: trial.distribution,
    'value-bytes': trial.valueBytes,
    seconds: turn.seconds,
    'warmup-seconds': turn.warmupSeconds,
    seed: turn.seed,
  });
  await run.stage('measuring');
  const stretch = new Stretch(server.pid);
  await run.stage('measured');
  const result = await run.result;
  const clientSeconds = result.clientUserSeconds + result.clientSystemSeconds;
  const { perSecond, p50Ms, p99Ms, p999Ms, maxMs } = result;
  const figures = { perSecond, p50Ms, p99Ms, p999Ms, maxMs, ...stretch.end(result.requests, clientSeconds) };
  const lost = result.misses > 0 ? [`${result.misses} keys were not found`] : [];
  return { figures, errors: [...replyErrors(result), ...lost] };
}

/** redis-benchmark counts requests, not time: two runs find out how many of them fill the time. */
async function withRedisBenchmark(trial: LoadTrial, turn: Turn, server: Server): Promise<Outcome> {
  const port = trial.tls ? tlsPort(turn.port) : turn.port;
  const pilot = await runRedisBenchmark(trial, port, trial.connections * trial.pipeline * 20);
  const requestsIn = (perSecond: number, seconds: number) =>
    Math.ceil((perSecond * seconds) / (trial.pipeline * trial.connections)) *
    trial.pipeline *
    trial.connections;
  const warmup = await runRedisBenchmark(trial, port, requestsIn(pilot.perSecond, turn.warmupSeconds));
  const requests = requestsIn(warmup.perSecond, turn.seconds);
  await server.client.config('RESETSTAT');
  const childrenBefore = childrenSeconds();
  const stretch = new Stretch(server.pid);
  const result = await runRedisBenchmark(trial, port, requests);
  const clientSeconds = childrenBefore === undefined ? undefined : childrenSeconds()! - childrenBefore;
  const cpu = stretch.end(requests, clientSeconds);
  const { perSecond, p50Ms, p99Ms, maxMs } = result;
  const errors = [...result.errors, ...(await miscounted(trial, server, requests))];
  return { figures: { perSecond, p50Ms, p99Ms, maxMs, ...cpu }, errors };
}

/** redis-benchmark does not look at replies, so the server's own counts say whether each command was run and succeeded. */
async function miscounted(trial: LoadTrial, server: Server, requests: number): Promise<string[]> {
  const row = (await server.info('commandstats')).get(`cmdstat_${trial.load}`) ?? '';
  const count = (name: string) => Number(new RegExp(`\\b${name}=(\\d+)`).exec(row)?.[1]);
  const errors: string[] = [];
  if (count('calls') !== requests) errors.push(`${requests} commands sent, ${count('calls')} run`);
  if (count('failed_calls') + count('rejected_calls') !== 0) errors.push(`commands failed: ${row}`);
  if (trial.load === 'get') {
    const hits = Number((await server.info('stats')).get('keyspace_hits'));
    if (hits !== requests) errors.push(`${requests} keys asked for, ${hits} found`);
  }
  return errors;
}
