// A millrace started for one run.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const READY = 'Ready to accept connections';

export class OwnServer {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #directory: string;

  private constructor(child: ChildProcess, port: number, directory: string) {
    this.#process = child;
    this.port = port;
    this.#directory = directory;
  }

  /** `program` is the file of the server; resolves when it is ready. */
  static async start(program: string, args: readonly string[]): Promise<OwnServer> {
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), 'millrace-soak-'));
    const all = [program, '--port', String(port), '--dir', directory, '--save', '', ...args];
    const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'inherit'] });
    const last: string[] = [];
    await new Promise<void>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        if (last.push(line) > 5) last.shift();
        if (line.includes(READY)) resolve();
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`the server did not start:\n  ${last.join('\n  ')}`)));
    });
    return new OwnServer(child, port, directory);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM');
      await once(this.#process, 'exit');
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
