// What depends on how a process or a worker thread ends, or on what the system allows a process.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { counter } from '../../src/bridge/binding.ts';
import { RawClient } from './socket.ts';

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));
const BUILT = fileURLToPath(new URL('../../native/build/Release/millrace.node', import.meta.url));
const ADDON = process.env.MILLRACE_ADDON ?? BUILT;

// A sanitizer's library is for the child alone: shells crash under that for threads.
const { LD_PRELOAD = '', ...env } = process.env;

function run(scenario: string, ioThreads: number, prefix = ''): ChildProcess {
  const program = `"${process.execPath}" --expose-gc "${CHILD}" "${ADDON}"`;
  const command = `${prefix} LD_PRELOAD="${LD_PRELOAD}" exec ${program} ${scenario} ${ioThreads}`;
  return spawn('/bin/sh', ['-c', command], { env, stdio: ['pipe', 'pipe', 'inherit'] });
}

const exitOf = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));

describe.runIf(existsSync(ADDON)).each([1, 2])('%i I/O threads', (ioThreads) => {
  it.each(['unref', 'stop', 'exit', 'workers', 'stopping', 'garbage'])(
    'ends cleanly: %s',
    async (scenario) => {
      expect(await exitOf(run(scenario, ioThreads))).toBe(0);
    },
    120_000,
  );

  it('rests instead of spinning when descriptors run out, and recovers', async () => {
    const child = run('serve', ioThreads, 'ulimit -n 60;');
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const port = Number((await lines.next()).value);
    const clients = await Promise.all(Array.from({ length: 100 }, () => RawClient.open(port)));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const client of clients) client.destroy();
    const late = await RawClient.open(port);
    late.send('POST\r\n');
    const exited = exitOf(child);
    child.stdin!.end();
    const { counters, cpuMs } = JSON.parse((await lines.next()).value as string);
    expect(counters[counter.acceptPauses]).toBeGreaterThan(3);
    expect(counters[counter.acceptPauses]).toBeLessThan(60);
    expect(counters[counter.accepted]).toBeGreaterThan(20);
    expect(cpuMs).toBeLessThan(1000);
    expect(await exited).toBe(0);
    late.destroy();
  }, 120_000);
});
