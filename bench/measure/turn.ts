// What every measurement is given, gives back, and needs.
import type { Figures } from '../figures.ts';
import { GeneratorRun } from '../generator.ts';
import { Server } from '../server.ts';
import type { Target } from '../targets.ts';
import { busySeconds, type Usage, usageOf } from '../usage.ts';

export interface Turn {
  readonly target: Target;
  readonly root: string;
  readonly directory: string; // empty, for the server's files
  readonly port: number;
  readonly generator: string; // path of loadgen
  readonly redisBenchmark: boolean; // whether redis-benchmark can be run
  readonly seconds: number; // to measure
  readonly warmupSeconds: number;
  readonly seed: number;
}

export interface Outcome {
  readonly figures: Figures;
  readonly errors: readonly string[];
}

/** Starts a server of the turn's target for the time that `use` takes. */
export async function withServer<T>(
  turn: Turn,
  ioThreads: number,
  use: (server: Server) => Promise<T>,
  flags: readonly string[] = [],
): Promise<T> {
  const { root, directory, port } = turn;
  const server = await Server.start(turn.target, { root, directory, port, ioThreads, flags });
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

/** Writes keys 0..keys-1, one after the other. */
export async function fill(turn: Turn, keys: number, valueBytes: number): Promise<string[]> {
  const run = new GeneratorRun(turn.generator, {
    port: turn.port,
    mix: 'set',
    distribution: 'sequential',
    keys,
    requests: keys,
    'value-bytes': valueBytes,
    pipeline: valueBytes > 4096 ? 4 : 64,
    connections: 8,
  });
  return replyErrors(await run.result);
}

export function replyErrors(result: { errors: number; firstError: string }): string[] {
  return result.errors > 0 ? [`${result.errors} wrong replies, the first: ${result.firstError}`] : [];
}

/** A stretch of time in which the CPU use of one server is counted. */
export class Stretch {
  readonly #pid: number;
  readonly #beganMs = performance.now();
  readonly #busyBefore = busySeconds();
  readonly #before: Usage;

  constructor(pid: number) {
    this.#pid = pid;
    this.#before = usageOf(pid);
  }

  /** Figures of the stretch up to now, in which the server has answered `requests` commands. */
  end(requests: number, clientSeconds: number | undefined): Figures {
    const after = usageOf(this.#pid);
    const busy = busySeconds();
    const seconds = (performance.now() - this.#beganMs) / 1000;
    const cpuSeconds = after.cpuSeconds - this.#before.cpuSeconds;
    const user = after.userTicks - this.#before.userTicks;
    const system = after.systemTicks - this.#before.systemTicks;
    const cpuUs = (cpuSeconds / requests) * 1e6;
    const figures: Figures = { cpuUs, cpuUserUs: (cpuUs * user) / (user + system || 1) };
    if (clientSeconds === undefined) return figures;
    figures.clientUs = (clientSeconds / requests) * 1e6;
    if (busy === undefined || this.#busyBefore === undefined) return figures;
    const others = (busy - this.#busyBefore - cpuSeconds - clientSeconds) / seconds;
    return { ...figures, otherCpus: Math.max(0, others) };
  }
}
