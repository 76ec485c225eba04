// Starts a server in a process of its own for a test: free port, empty directory, ready before the promise resolves.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RespClient } from './resp.ts';

/** `millrace` is dist/millrace.js of this tree, `redis` the redis-server on the path, else a program or a .js file. */
export type Program = 'millrace' | 'redis' | (string & {});

export interface ServerOptions {
  program?: Program;
  /** Command-line options after the standard ones, as `['--maxclients', '10']`. */
  args?: readonly string[];
  /** Variables of its environment, besides those of this process. */
  env?: Readonly<Record<string, string>>;
  /** How long to wait for the first answer. */
  readyMs?: number;
}

const ATTEMPTS = 5;
/** Slow machines have to be waited for: it ends only what hangs. */
const READY_MS = 120_000;

function commandOf(program: Program): [string, string[]] {
  const path = program === 'millrace' ? resolve(import.meta.dirname, '../../dist/millrace.js') : program;
  if (path === 'redis') return ['redis-server', []];
  return /\.[cm]?js$/.test(path) ? [process.execPath, [path]] : [path, []];
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer().once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => found(port));
    });
  });
}

export class TestServer {
  readonly port: number;
  readonly dir: string;
  readonly socketPath: string;
  #output = '';
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;

  constructor(
    program: Program,
    port: number,
    dir: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    this.port = port;
    this.dir = dir;
    this.socketPath = join(dir, 'server.sock');
    const [command, first] = commandOf(program);
    const standard = ['--port', `${port}`, '--dir', dir, '--unixsocket', this.socketPath, '--save', ''];
    this.#child = spawn(command, [...first, ...standard, ...args], {
      cwd: dir,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const collect = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString('latin1')).slice(-1_000_000);
    };
    this.#child.stdout!.on('data', collect);
    this.#child.stderr!.on('data', collect);
    this.#exited = new Promise((done) => {
      this.#child.once('exit', () => done());
      this.#child.once('error', (error) => {
        this.#output += `\n${error.message}`;
        done();
      });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** What the server printed so far (the last million bytes). */
  get log(): string {
    return this.#output;
  }

  connect(): Promise<RespClient> {
    return RespClient.connect({ port: this.port });
  }

  /** Resolves once the process has ended by itself. */
  exited(): Promise<void> {
    return this.#exited;
  }

  /** True once the server answers (any answer: it may ask for a password), false when it ended before that. */
  async answers(withinMs: number): Promise<boolean> {
    const untilMs = Date.now() + withinMs;
    while (this.running && Date.now() < untilMs) {
      try {
        const client = await this.connect();
        const reply = await client.raw('PING').finally(() => client.close());
        if (!reply.toString('latin1').startsWith('-LOADING')) return true;
      } catch {
        // Not listening yet.
      }
      await sleep(10);
    }
    return false;
  }

  /** Ends the process, by force after five seconds, and removes its directory. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.running) this.#child.kill(signal);
    const force = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await this.#exited;
    clearTimeout(force);
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Ends the process, at once unless another signal is named, and keeps its directory. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Starts a server and waits until it answers; rejects with its log when it does not. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const { program = 'millrace', args = [], env = {}, readyMs = READY_MS } = options;
  for (let attempt = 1; ; attempt++) {
    const dir = mkdtempSync(join(tmpdir(), 'millrace-test-'));
    const server = new TestServer(program, await freePort(), dir, args, env);
    if (await server.answers(readyMs)) return server;
    const log = server.log;
    await server.stop('SIGKILL');
    const portTaken = log.includes('Failed listening on port') || log.includes('Address already in use');
    if (!portTaken || attempt === ATTEMPTS) throw new Error(`${program} did not start:\n${log}`);
  }
}
