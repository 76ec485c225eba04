// The parts of .ci/run, cheapest first. What needs another program (the reference server, Tcl, clang) comes after
// `npm test`, which must pass on a machine that has none of them.
import { spawnSync } from 'node:child_process';
import { Totals } from './step.mjs';

const PACKAGES = [
  'redis-server',
  'redis-tools',
  'tcl',
  'tcl-tls',
  'openssl',
  'clang',
  'dpkg-dev',
  'make',
  'g++',
  'python3',
  'procps',
];
/** What is drawn is the same in each run, so that a run says something about the change before it; long.mjs draws anew. */
const SEED = '1';
const node = process.execPath;

function isInstalled(name) {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', `\${db:Status-Status}`, name], {
    encoding: 'utf8',
  });
  return stdout === 'installed';
}

/** Runs a program as root; its output only if it fails. */
function asRoot(command, args) {
  const quiet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', command, ...args];
  const [program, ...rest] = process.getuid() === 0 ? quiet : ['sudo', '-n', ...quiet];
  const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8' });
  if (status !== 0) console.log(`${stdout}\n${stderr}`);
  return status === 0;
}

/** Installs what is missing; a redis service that apt starts on the way is stopped. False if it cannot. */
function installPackages() {
  const missing = PACKAGES.filter((name) => !isInstalled(name));
  if (missing.length === 0) return true;
  console.log(`\n== installing ${missing.join(' ')}`);
  asRoot('apt-get', ['update', '-q']);
  const installed = asRoot('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing]);
  if (missing.includes('redis-server')) {
    spawnSync('service', ['redis-server', 'stop']);
    spawnSync('systemctl', ['stop', 'redis-server']);
  }
  return installed;
}

const totals = new Totals();
await totals.run('npm test', 'npm', ['test'], { limitSec: 2700 });
if (!installPackages()) {
  console.log('the packages could not be installed');
  totals.add(0, 1);
}
const differential = ['test/differential/run.mjs', '--seed', SEED];
await totals.run('redis-cli and redis-benchmark', node, ['test/clients/redis_cli.mjs']);
await totals.run('files from and to redis-server', node, ['test/persist/run.mjs']);
const crash = (name, amount) => ['test/crash/run.mjs', name, '--amount', String(amount), '--seed', SEED];
await totals.run('kills while clients write', node, crash('kills', 300));
await totals.run('losses of power', node, crash('power_loss', 100_000));
// Each of the two processes cuts a log of its own at every byte.
await totals.run('cut logs', node, crash('cuts', 2 * 65_536));
await totals.run('failures of the disk', node, crash('faults', 1300));
await totals.run('changed dumps', node, crash('payloads', 200_000));
await totals.run('changed files', node, crash('files', 20_000));
await totals.run('hit ratios beside redis-server', node, ['test/eviction/run.mjs']);
await totals.run('access control here and in redis-server', node, ['test/acl/run.mjs']);
await totals.run('fuzzed rules of access control', node, ['test/acl/fuzz.mjs']);
await totals.run('upstream suite', node, ['test/upstream/run.mjs', '--jobs', '2'], { limitSec: 1500 });
await totals.run('differential test of itself', node, [
  ...differential,
  '--self-check',
  '--commands',
  '4000',
]);
await totals.run('differential test', node, [...differential, '--commands', '300000'], { limitSec: 1200 });
await totals.run('differential test, I/O threads', node, [
  ...differential,
  ...['--commands', '80000', '--target-arg=--io-threads', '--target-arg=2'],
]);
await totals.run('native tests, address sanitizer', node, ['.ci/native.mjs', 'asan', '--native']);
await totals.run('native tests, thread sanitizer', node, ['.ci/native.mjs', 'tsan', '--native']);
await totals.run('addons of all platforms', node, ['.ci/prebuild.mjs'], { limitSec: 1200 });
await totals.run(
  'soak, 15,000 connections',
  node,
  ['dist/millrace-soak.js', '--connections', '15000', '--seed', SEED],
  {
    limitSec: 300,
  },
);
await totals.run('bench, short', 'npm', ['run', 'bench', '--', '--short'], { limitSec: 600 });
totals.close();
