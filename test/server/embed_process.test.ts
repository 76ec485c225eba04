import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const CHILD = fileURLToPath(new URL('embed_child.mjs', import.meta.url));
const MiB = 2 ** 20;

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
}

function start(scenario: string): { child: ChildProcess; ended: Promise<Ended>; line: Promise<string> } {
  const child = spawn(process.execPath, ['--expose-gc', CHILD, scenario], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const line = new Promise<string>((resolve) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk;
      if (output.includes('\n')) resolve(output.slice(0, output.indexOf('\n')));
    });
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, output }));
  });
  return { child, ended, line };
}

it('does not keep its program alive, and leaves signals to it', async () => {
  expect(await start('forgetful').ended).toEqual({ code: 0, signal: null, output: 'no listeners\n' });
});

it('keeps its program alive if asked to', async () => {
  const { child, ended, line } = start('faithful');
  expect(Number(await line)).toBeGreaterThan(0);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: null, signal: 'SIGTERM' });
});

it('does not take its program with it', async () => {
  expect(await start('survivor').ended).toEqual({ code: 0, signal: null, output: 'still here\n' });
});

it('runs in threads that end in every way', async () => {
  expect(await start('threads').ended).toEqual({ code: 0, signal: null, output: '4\n' });
}, 30_000);

it.runIf(process.platform === 'linux')(
  'leaves nothing behind, two hundred times',
  async () => {
    const { output, code } = await start('cycles').ended;
    expect(code).toBe(0);
    const { before, after } = JSON.parse(output);
    console.log('held after 100 and after 300 servers:', before, after);
    expect(after.descriptors).toBe(before.descriptors);
    expect(after.threads).toBe(before.threads);
    // A server's own memory would be a megabyte of data, rings of 8 MiB, and addresses for 32 GiB.
    expect(after.residentBytes - before.residentBytes).toBeLessThan(60 * MiB);
    expect(after.addressBytes - before.addressBytes).toBeLessThan(1024 * MiB);
    expect(after.heapBytes - before.heapBytes).toBeLessThan(4 * MiB);
    expect(after.bufferBytes - before.bufferBytes).toBeLessThan(4 * MiB);
  },
  120_000,
);
