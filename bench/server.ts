// Starts a server under measurement, waits until it says that it is ready, asks it questions, ends it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { serverFlags, type Target } from './targets.ts';

const READY = 'Ready to accept connections';
const START_PATIENCE_MS = 20_000;
const STOP_PATIENCE_MS = 10_000;

export interface StartOptions {
  readonly root: string; // the project's folder
  readonly directory: string; // where the server runs
  readonly port: number;
  readonly ioThreads: number;
  readonly flags: readonly string[]; // besides those that all servers get
}

function place(target: Target, args: readonly string[], root: string): string[] {
  return [target.command === 'node' ? process.execPath : target.command].concat(
    args.map((arg) => arg.replaceAll('{root}/', root)),
  );
}

/** The first line of what the server says about its version, "unknown" if it cannot be asked; undefined if it cannot be run. */
export function targetVersion(target: Target, root: string): string | undefined {
  if (target.version === undefined) return 'unknown';
  const [command, ...args] = place(target, target.version, root);
  try {
    return execFileSync(command!, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split(
      '\n',
    )[0]!;
  } catch {
    return undefined;
  }
}

/** Whether all files that the target names exist. */
export function targetFiles(target: Target, root: string): boolean {
  return target.prefix.every((arg) => !arg.startsWith('{root}/') || existsSync(arg.replace('{root}/', root)));
}

export class Server {
  readonly port: number;
  readonly startMs: number;
  readonly #process: ChildProcess;
  #client: Redis | undefined;

  private constructor(child: ChildProcess, port: number, startMs: number) {
    this.#process = child;
    this.port = port;
    this.startMs = startMs;
  }

  static async start(target: Target, options: StartOptions): Promise<Server> {
    const flags = [...serverFlags(options.port, options.ioThreads), ...options.flags];
    const [command, ...args] = place(target, [...target.prefix, ...flags], options.root);
    const beganMs = performance.now();
    const child = spawn(command!, args, { cwd: options.directory, stdio: ['ignore', 'pipe', 'pipe'] });
    try {
      const readyMs = await ready(child);
      return new Server(child, options.port, readyMs - beganMs);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** A connection for questions between measurements. */
  get client(): Redis {
    if (this.#client === undefined) {
      const retryStrategy = () => null;
      this.#client = new Redis({
        port: this.port,
        host: '127.0.0.1',
        enableReadyCheck: false,
        retryStrategy,
      });
      this.#client.on('error', () => {}); // the question that fails says so
    }
    return this.#client;
  }

  /** The fields of one section of INFO. */
  async info(section: string): Promise<Map<string, string>> {
    const lines = (await this.client.info(section)).split('\r\n');
    const fields = lines.filter((line) => line.includes(':') && !line.startsWith('#'));
    return new Map(
      fields.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
    );
  }

  async stop(): Promise<void> {
    this.#client?.disconnect();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    const impatience = setTimeout(() => this.#process.kill('SIGKILL'), STOP_PATIENCE_MS);
    await ended;
    clearTimeout(impatience);
  }
}

/** Resolves to the time when the child printed its line; what it prints later is read and dropped. */
function ready(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const last: string[] = [];
    const refuse = (why: string) => reject(new Error([why, ...last].join('\n  ')));
    const impatience = setTimeout(() => refuse(`not ready after ${START_PATIENCE_MS} ms`), START_PATIENCE_MS);
    const onLine = (line: string) => {
      if (line.includes(READY)) {
        clearTimeout(impatience);
        resolve(performance.now());
      } else if (last.push(line) > 5) {
        last.shift();
      }
    };
    createInterface(child.stdout!).on('line', onLine);
    createInterface(child.stderr!).on('line', onLine);
    child.once('error', (error) => refuse(error.message));
    child.once('exit', (code, signal) => {
      clearTimeout(impatience);
      refuse(`ended with ${signal ?? code} before it was ready`);
    });
  });
}
