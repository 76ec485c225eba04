// The program in a process of its own, with what it prints and how it ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

const PROGRAM = resolve(import.meta.dirname, '../../dist/millrace.js');

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunOptions {
  directory: string;
  /** What it reads from standard input; nothing unless stated. */
  input?: string;
  environment?: Record<string, string>;
  /** What Node runs, with flags of its own before it; dist/millrace.js unless stated. */
  program?: readonly string[];
}

export class Program {
  /** What came through standard output and standard error so far. */
  output = '';
  errors = '';
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  #check: () => void = () => {};

  constructor(args: readonly string[], options: RunOptions) {
    const env: NodeJS.ProcessEnv = { ...process.env, ...options.environment };
    // Loading certificates takes longer than everything else.
    delete env.NODE_EXTRA_CA_CERTS;
    this.#child = spawn(process.execPath, [...(options.program ?? [PROGRAM]), ...args], {
      cwd: options.directory,
      env,
    });
    this.#child.stdout!.on('data', (chunk: Buffer) => {
      this.output += chunk.toString('utf8');
      this.#check();
    });
    this.#child.stderr!.on('data', (chunk: Buffer) => {
      this.errors += chunk.toString('utf8');
    });
    this.#child.stdin!.on('error', () => {});
    this.#child.stdin!.end(options.input ?? '');
    this.ended = new Promise((done) => {
      this.#child.once('close', (code, signal) => {
        done({ code, signal });
        this.#check();
      });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Texts of the log lines so far, each behind its role and level: "M * Ready to accept connections". */
  get log(): string[] {
    return linesOf(this.output, this.pid);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves once it has printed `text`; rejects if it ends before that. */
  async prints(text: string): Promise<void> {
    const found = new Promise<boolean>((done) => {
      this.#check = () => {
        if (this.output.includes(text)) done(true);
        else if (this.#child.exitCode !== null || this.#child.signalCode !== null) done(false);
      };
      this.#check();
    });
    if (!(await found)) throw new Error(`it ended before "${text}":\n${this.output}${this.errors}`);
  }

  /** Resolves once it accepts connections. */
  ready(): Promise<void> {
    return this.prints('eady to accept connections');
  }
}

/** The lines of a log, without what differs from run to run. */
export function linesOf(log: string, pid: number): string[] {
  const prefix = new RegExp(`^${pid}:(.) \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{3} (.)`);
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(prefix, '$1 $2').replaceAll(String(pid), 'PID'));
}
