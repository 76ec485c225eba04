// What `npm start` and `npm test` run first: makes a clone ready, and costs a few file stats when it is already.
//
//   node_modules   lacks a package of package-lock.json, or has another version  ->  npm ci, else npm install
//   native addon   missing, or older than native/                                ->  node-gyp (incremental)
//   dist           missing, or older than src/ or the build's own settings       ->  .ci/build.mjs
//
// "Older" compares with the time at which the last successful build began (.cache/*.stamp), so that an edit made
// while it ran is not lost; the number of files, in the stamp, tells that one was deleted. One setup works at a time;
// others wait, then find nothing left to do.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addonFile, gypDirectory } from './gyp.mjs';
import { headersDirectory } from './headers.mjs';
import { withLock } from './lock.mjs';
import { rootDirectory, survey } from './tree.mjs';

const cacheDirectory = join(rootDirectory, '.cache');

const addon = { stamp: 'addon', outputs: [addonFile], inputs: [gypDirectory], build: buildAddon };
const dist = {
  stamp: 'dist',
  outputs: [
    'index',
    'millrace',
    'millrace-soak',
    'millrace-rdb',
    'millrace-check-aof',
    'millrace-check-rdb',
  ].map((name) => `dist/${name}.js`),
  inputs: ['src', 'package.json', 'tsconfig.json', 'tsconfig.types.json', '.ci/build.mjs'],
  build: buildDist,
};

const steps = [
  { title: 'installing dependencies', isNeeded: dependenciesDiffer, run: installDependencies },
  { title: 'building the native addon', isNeeded: () => isStale(addon), run: () => stamped(addon) },
  { title: 'building dist', isNeeded: () => isStale(dist), run: () => stamped(dist) },
];

/** Compares what npm wrote into node_modules with the lockfile; optional packages may be missing. */
function dependenciesDiffer() {
  const installedFile = join(rootDirectory, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return true;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(rootDirectory, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).some(([path, { version, optional, devOptional, peer }]) => {
    if (path === '') return false;
    const found = installed[path];
    return found ? found.version !== version : !(optional || devOptional || peer);
  });
}

function isStale({ stamp, outputs, inputs }) {
  const stampFile = join(cacheDirectory, `${stamp}.stamp`);
  if (![stampFile, ...outputs.map((output) => join(rootDirectory, output))].every(existsSync)) return true;
  const { files, newestMs } = survey(inputs);
  return newestMs > statSync(stampFile).mtimeMs || readFileSync(stampFile, 'utf8') !== `${files}`;
}

async function stamped({ stamp, inputs, build }) {
  const startedAt = new Date();
  const { files } = survey(inputs);
  await build();
  const stampFile = join(cacheDirectory, `${stamp}.stamp`);
  writeFileSync(stampFile, `${files}`);
  utimesSync(stampFile, startedAt, startedAt);
}

function npm(args) {
  const script = process.env.npm_execpath;
  const [command, first] = script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []];
  const { status, error } = spawnSync(command, [...first, ...args], { cwd: rootDirectory, stdio: 'inherit' });
  if (error) throw new Error(`cannot run npm: ${error.message}`);
  return status === 0;
}

function installDependencies() {
  if (npm(['ci'])) return;
  console.error('millrace: npm ci failed, trying npm install');
  if (!npm(['install'])) throw new Error('npm could not install the dependencies; its messages are above');
}

function buildAddon() {
  const headers = headersDirectory();
  const options = ['--directory', gypDirectory, '--jobs', 'max', '--loglevel', 'warn'];
  if (headers) options.push('--nodedir', headers);
  if (npm(['exec', '--no', '--', 'node-gyp', 'configure', 'build', ...options])) return;
  throw new Error('node-gyp failed; it needs make, python3 and a C++20 compiler (its messages are above)');
}

async function buildDist() {
  const { bundle, declareTypes } = await import('./build.mjs');
  await bundle();
  if (!declareTypes())
    console.error('millrace: the type errors above do not stop the program, only a release');
}

async function runSteps() {
  for (const step of steps) {
    if (!step.isNeeded()) continue;
    console.error(`millrace: ${step.title}`);
    await step.run();
  }
}

try {
  if (steps.some((step) => step.isNeeded())) {
    mkdirSync(cacheDirectory, { recursive: true });
    await withLock(join(cacheDirectory, 'setup.lock'), runSteps);
  }
} catch (error) {
  console.error(`millrace: ${error.message}`);
  process.exitCode = 1;
}
