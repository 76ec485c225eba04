// What .ci/step.mjs says at the end of a run: whatever fails in a part, or in a part of a part, is named there with its reason.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const stepModule = new URL('../../.ci/step.mjs', import.meta.url).href;

/** The last lines that a run of parts prints; `parts` is a list of calls of `totals.run`. */
function endOf(parts: string, lines: number): string[] {
  const source = `
    import { Totals } from '${stepModule}';
    const node = process.execPath;
    const program = (text) => ['--input-type=module', '--eval', text];
    const totals = new Totals();
    ${parts}
    totals.close();`;
  const { MILLRACE_PART: _, ...env } = process.env;
  const args = ['--input-type=module', '--eval', source];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  return stdout.trimEnd().split('\n').slice(-lines);
}

test('failures are named at the end, once, by the part that met them', () => {
  const inner = `
    import { Totals } from '${stepModule}';
    const totals = new Totals();
    const text = 'console.log("failure: seed 3: it broke"); console.log("2 passed, 1 failed"); process.exitCode = 1;';
    await totals.run('inner', process.execPath, ['--eval', text]);
    totals.close();`;
  const lines = endOf(
    `await totals.run('good', 'true', []);
     await totals.run('outer', node, program(${JSON.stringify(inner)}));`,
    3,
  );
  expect(lines).toEqual([
    expect.stringMatching(/^== outer: FAILED \(1\)/),
    'failure: outer: inner: seed 3: it broke',
    '3 passed, 1 failed',
  ]);
});

test('a part that says nothing of its failure is told of by its last words', () => {
  const thrown = `throw new RangeError('Invalid length: 5')`;
  const lines = endOf(
    `await totals.run('thrown', node, program(${JSON.stringify(thrown)}));
     await totals.run('silent', 'false', []);
     await totals.run('missing', 'no-such-program', []);
     await totals.run('killed', node, program('console.log("step 7"); process.kill(process.pid, "SIGKILL")'));
     await totals.run('slow', node, program('console.log("step 9"); setTimeout(() => {}, 60_000)'), { limitSec: 2 });`,
    6,
  );
  expect(lines).toEqual([
    'failure: thrown: ended with 1: RangeError: Invalid length: 5',
    'failure: silent: ended with 1: without a word',
    'failure: missing: ended with ENOENT: spawn no-such-program ENOENT',
    'failure: killed: ended with SIGKILL: step 7',
    expect.stringMatching(/^failure: slow: not done after 2 s, at: (step 9|its beginning)$/),
    '0 passed, 5 failed',
  ]);
});

test('many failures, and long ones, leave room for all parts', () => {
  const many = `for (let i = 0; i < 40; i++) console.log('failure: ' + 'x'.repeat(1000)); process.exitCode = 1;`;
  const lines = endOf(`await totals.run('many', node, program(${JSON.stringify(many)}));`, 27);
  expect(lines[0]).toMatch(/^failure: many: x{200,300} …$/);
  expect(lines.slice(-2)).toEqual(['failure: 15 more, all named above', '0 passed, 1 failed']);
});
