// Builds and runs the native tests (Makefile explains the two programs); their own output is shown if one fails.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const buildLimitMs = 600_000;
const runLimitMs = 120_000;

/** Output of a program that must end well. */
function outputOf(command: string, args: string[], timeoutMs: number): string {
  const options = { cwd: root, encoding: 'utf8', timeout: timeoutMs } as const;
  const { status, stdout, stderr, error, signal } = spawnSync(command, args, options);
  expect(status, `${command}: ${error?.message ?? signal ?? ''}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

beforeAll(() => {
  outputOf('make', ['-f', 'test/native/Makefile', '-s', `-j${availableParallelism()}`], buildLimitMs);
}, buildLimitMs);

for (const program of ['default', 'kqueue']) {
  test(`native tests with the ${program} poller`, { timeout: runLimitMs }, () => {
    expect(outputOf(`.cache/native-tests/${program}`, [], runLimitMs)).toMatch(/ 0 failed checks\n$/);
  });
}
