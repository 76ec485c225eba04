// What `npm test` runs once .ci/setup.mjs has made the clone ready: formatting and lint, types, all tests (the native
// ones among them), and, where clang is installed, a short fuzzing of the parser. Needs nothing but Node and a C++
// compiler; what compares with other servers is in .ci/run.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { COLOURS, Totals } from './step.mjs';
import { rootDirectory } from './tree.mjs';

const FUZZ_SECONDS = '5';
const report = join(rootDirectory, '.cache/vitest.json');
const node = process.execPath;

/** Tests that passed and failed; a file that could not run at all counts as one failure. */
function readReport() {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failures = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map((one) => `${relative(rootDirectory, name)}: ${one.fullName}: ${reasonOf(one.failureMessages)}`),
  );
  failures.push(...broken.map(({ name }) => `${relative(rootDirectory, name)} did not run`));
  return { passed: numPassedTests, failed: numFailedTests + broken.length, failures };
}

/** What a program that a test has run names as its failure, else what the test says. */
function reasonOf(messages) {
  const text = messages.join('\n').replace(COLOURS, '').trim();
  return /^failure: (.*)$/m.exec(text)?.[1] ?? text.split('\n')[0];
}

mkdirSync(join(rootDirectory, '.cache'), { recursive: true });
rmSync(report, { force: true });
const totals = new Totals();
await totals.run('formatting and lint', node, [
  'node_modules/@biomejs/biome/bin/biome',
  'check',
  '--error-on-warnings',
]);
await totals.run('types', node, ['node_modules/typescript/bin/tsc', '-p', '.']);
await totals.run(
  'tests',
  node,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ],
  { limitSec: 2400, read: readReport },
);
if (spawnSync('clang++', ['--version']).status === 0) {
  await totals.run('fuzzing', node, ['.ci/native.mjs', 'fuzz', FUZZ_SECONDS]);
}
totals.close();
