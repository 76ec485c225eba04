// Developer builds of the native code, each in a directory of its own under .cache, by cmake-js:
//
//   node .ci/native.mjs test [title]     the native tests, optimised
//   node .ci/native.mjs asan [title]     with the address and undefined-behaviour sanitizers; without a title also
//                                        the tests of the bridge, on a sanitized addon in an ordinary Node, and all
//                                        ways for connections to die (test/kills) in a server with that addon
//   node .ci/native.mjs tsan [title]     the same with the thread sanitizer
//   node .ci/native.mjs fuzz [seconds]   every fuzzer of test/native/fuzz, 60 seconds each if not told; needs clang
//
// `title` runs only the cases whose title contains it; `--native` leaves out the tests of the bridge and the server,
// `--kills` all but the latter.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { headersDirectory } from './headers.mjs';
import { withLock } from './lock.mjs';
import { rootDirectory } from './tree.mjs';

const variants = {
  test: { sanitize: '', run: runTests },
  asan: { sanitize: 'address,undefined', run: runTests, runtime: 'libasan.so' },
  tsan: { sanitize: 'thread', run: runTests, runtime: 'libtsan.so' },
  fuzz: { sanitize: 'fuzzer,address,undefined', compiler: 'clang++', run: runFuzzers },
};

// The thread sanitizer's shadow memory can clash with where a randomised layout puts things.
const fixedLayout = existsSync('/usr/bin/setarch') ? ['setarch', '--addr-no-randomize'] : [];

const [name, argument] = process.argv.slice(2);
const variant = variants[name];
if (!variant) {
  console.error(`usage: node .ci/native.mjs ${Object.keys(variants).join('|')} [argument]`);
  process.exit(2);
}
const directory = join(rootDirectory, '.cache', `cmake-${name}`);
mkdirSync(directory, { recursive: true });
await withLock(`${directory}.lock`, () => build(variant));
variant.run(argument);

function build({ sanitize, compiler }) {
  const require = createRequire(import.meta.url);
  const script = join(dirname(require.resolve('cmake-js/package.json')), 'bin/cmake-js');
  const options = [
    '--directory',
    'native',
    '--out',
    directory,
    '--config',
    'RelWithDebInfo',
    '--log-level',
    'warn',
    `--CDSANITIZE=${sanitize}`,
  ];
  if (compiler) options.push('--cxx', compiler);
  const headers = headersDirectory();
  run(process.execPath, [script, 'build', ...options], headers ? { npm_config_nodedir: headers } : {});
}

function runTests(given = '') {
  if (given === '--kills') {
    runKills(variant.runtime);
    return;
  }
  const title = given === '--native' ? '' : given;
  for (const program of ['default', 'kqueue']) {
    const [command, ...args] = [...fixedLayout, join(directory, program), title];
    run(command, args, { TSAN_OPTIONS: 'halt_on_error=1', UBSAN_OPTIONS: 'print_stacktrace=1' });
  }
  if (!variant.runtime || given !== '') return;
  runBridgeTests(variant.runtime);
  runKills(variant.runtime);
}

/** The test itself runs in an ordinary Node, its servers on the sanitized addon. */
function runKills(runtime) {
  const [command, ...args] = [...fixedLayout, process.execPath, 'node_modules/vitest/vitest.mjs'];
  const environment = { MILLRACE_SANITIZER: libraryOf(runtime), ...sanitized() };
  run(command, [...args, 'run', 'test/kills', '--testTimeout=240000'], environment);
}

function libraryOf(runtime) {
  return spawnSync('g++', [`-print-file-name=${runtime}`], { encoding: 'utf8' }).stdout.trim();
}

/** Node itself is not instrumented and frees nothing at its end: its share of what a sanitizer may say is left out. */
function sanitized() {
  return {
    MILLRACE_ADDON: join(directory, 'RelWithDebInfo/millrace.node'),
    ASAN_OPTIONS: 'detect_leaks=0',
    TSAN_OPTIONS: 'ignore_noninstrumented_modules=1 halt_on_error=1',
    UBSAN_OPTIONS: 'print_stacktrace=1',
  };
}

function runBridgeTests(runtime) {
  const [command, ...args] = [...fixedLayout, process.execPath, 'node_modules/vitest/vitest.mjs'];
  const options = ['--pool=forks', '--no-file-parallelism', '--testTimeout=240000'];
  run(command, [...args, 'run', 'test/bridge', ...options], {
    LD_PRELOAD: libraryOf(runtime),
    ...sanitized(),
  });
}

/** What a fuzzer learns stays in .cache/corpus; an input that breaks something is left there as <fuzzer>-crash-… */
function runFuzzers(seconds = '60') {
  for (const program of readdirSync(directory).filter((file) => /^fuzz_\w+$/.test(file))) {
    const corpus = join(rootDirectory, '.cache/corpus', program);
    mkdirSync(corpus, { recursive: true });
    const dictionary = join(rootDirectory, `test/native/fuzz/${program.replace('fuzz_', '')}.dict`);
    const options = [`-max_total_time=${seconds}`, `-artifact_prefix=${corpus}-`, '-verbosity=0'];
    if (existsSync(dictionary)) options.push(`-dict=${dictionary}`);
    console.log(`${program}: ${seconds} seconds`);
    run(join(directory, program), [...options, corpus]);
  }
}

function run(command, args, environment = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: rootDirectory,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(1);
}
