// The lock of .ci/setup.mjs, between real processes.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const lockModule = new URL('../../.ci/lock.mjs', import.meta.url).href;
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-lock-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Runs a process that holds the lock while it writes "in", yields, and writes "out" to a common file. */
function worker(): Promise<number | null> {
  const source = `
    import { appendFileSync } from 'node:fs';
    import { setImmediate } from 'node:timers/promises';
    import { withLock } from '${lockModule}';
    const log = new URL('log', '${pathToFileURL(`${directory}/`).href}');
    await withLock('${join(directory, 'lock')}', async () => {
      appendFileSync(log, 'in ');
      for (let i = 0; i < 100; i++) await setImmediate();
      appendFileSync(log, 'out ');
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: 'inherit' });
  return new Promise((resolve) => child.once('exit', resolve));
}

async function runWorkers(count: number) {
  const codes = await Promise.all(Array.from({ length: count }, worker));
  expect(codes).toEqual(Array(count).fill(0));
  expect(readFileSync(join(directory, 'log'), 'utf8')).toBe('in out '.repeat(count));
  expect(readdirSync(directory)).toEqual(['log']);
}

test('one process works at a time, and none leaves anything behind', { timeout: 60_000 }, async () => {
  await runWorkers(6);
});

test('a lock whose owner died is taken over by one process', { timeout: 60_000 }, async () => {
  const dead = spawn(process.execPath, ['--eval', '']);
  await new Promise((resolve) => dead.once('exit', resolve));
  writeFileSync(join(directory, 'lock'), `${dead.pid}`);
  await runWorkers(4);
});
