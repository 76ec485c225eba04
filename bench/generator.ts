// Builds the native load generator when its sources have changed, and runs it.
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';

const FLAGS = ['-std=c++20', '-O2', '-Wall', '-Wextra', '-Werror', '-fno-exceptions', '-pthread'];
/** loadgen waits with the poller that the server has for this platform. */
const POLLER = `native/net/poller_${process.platform === 'linux' ? 'epoll' : 'kqueue'}.cc`;

/** The last line that loadgen prints. */
export interface GeneratorResult {
  readonly requests: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  readonly hits: number;
  readonly misses: number;
  readonly clientUserSeconds: number;
  readonly clientSystemSeconds: number;
  readonly longestGapMs: number;
  readonly senderLateMs: number;
  /** Without the time in which the server's main thread waited for a processor. */
  readonly ownP99Ms: number;
  readonly ownMaxMs: number;
  readonly errors: number;
  readonly firstError: string;
}

/** Path of the program, compiled with $CXX or c++ unless that has been done for these sources before. */
export async function buildGenerator(root: string): Promise<string> {
  const own = readdirSync(join(root, 'bench/native')).map((file) => `bench/native/${file}`);
  const files = [...own, 'native/base/histogram.h', 'native/net/poller.h', POLLER];
  const hash = createHash('sha256').update(FLAGS.join());
  for (const file of files) hash.update(readFileSync(join(root, file)));
  const folder = join(root, '.cache/bench');
  const program = join(folder, `loadgen-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const units = files.filter((file) => file.endsWith('.cc')).map((file) => join(root, file));
  const unfinished = `${program}.${process.pid}`;
  await promisify(execFile)(process.env.CXX ?? 'c++', [...FLAGS, '-o', unfinished, ...units]);
  renameSync(unfinished, program);
  return program;
}

/** One run of loadgen. */
export class GeneratorRun {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #stages = new Map<string, () => void>();
  readonly #reached = new Set<string>();
  readonly result: Promise<GeneratorResult>;

  constructor(program: string, options: Readonly<Record<string, string | number>>) {
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.result = this.#follow();
    this.result.catch(() => {}); // whoever awaits it sees it; a stage that is awaited first must not end the process
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Resolves once loadgen says that it has reached a stage; rejects if it ends before. */
  async stage(name: string): Promise<void> {
    if (this.#reached.has(name)) return;
    const reached = new Promise<void>((resolve) => this.#stages.set(name, resolve));
    await Promise.race([
      reached,
      this.result.then(() => Promise.reject(new Error(`loadgen never said "${name}"`))),
    ]);
  }

  /** Lets a run in the mode "hold" go on to its next stage. */
  next(): void {
    this.#process.stdin.write('\n');
  }

  /** Ends a run in the mode "steady". */
  finish(): void {
    this.#process.stdin.end();
  }

  #follow(): Promise<GeneratorResult> {
    return new Promise((resolve, reject) => {
      let complaint = '';
      let result: GeneratorResult | undefined;
      this.#process.stderr.on('data', (chunk: Buffer) => (complaint += chunk));
      createInterface(this.#process.stdout).on('line', (line) => {
        if (line.startsWith('{')) {
          result = JSON.parse(line) as GeneratorResult;
        } else {
          this.#reached.add(line);
          this.#stages.get(line)?.();
        }
      });
      this.#process.once('error', reject);
      this.#process.once('close', (code, signal) => {
        if (result !== undefined) resolve(result);
        else
          reject(
            new Error(complaint.trim() || `loadgen ended with ${signal ?? `code ${code}`} and no result`),
          );
      });
    });
  }
}
