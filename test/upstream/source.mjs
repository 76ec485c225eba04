// Gets the Tcl suite of Redis 7.0.15 from Debian's source package `redis`, and lays out a directory to run it in.
//
// Nothing of it is kept in this repository: the package is downloaded at test time into .cache/ with apt. The machine's
// own apt configuration stays untouched; a deb-src line for the mirror it already uses is given to apt in a directory
// of its own, with its own lists.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SUITE = 'bookworm';
const VERSION = '7.0.15';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const CLIENTS = ['redis-cli', 'redis-benchmark'];
/** Programs under test, and which of ours takes their place. */
const PROGRAMS = {
  'redis-server': 'millrace',
  'redis-check-aof': 'millrace-check-aof',
  'redis-check-rdb': 'millrace-check-rdb',
};

export const root = resolve(import.meta.dirname, '../..');

/** Base addresses of the Debian mirrors which this machine's apt already uses. */
function mirrors() {
  const texts = [];
  const parts = '/etc/apt/sources.list.d';
  if (existsSync('/etc/apt/sources.list')) texts.push(readFileSync('/etc/apt/sources.list', 'utf8'));
  for (const name of existsSync(parts) ? readdirSync(parts) : []) {
    if (/\.(list|sources)$/.test(name)) texts.push(readFileSync(join(parts, name), 'utf8'));
  }
  const lines = texts
    .join('\n')
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'));
  const urls = lines.flatMap((line) => line.match(/\bhttps?:\/\/\S+/g) ?? []);
  const find = (ending) => urls.find((url) => url.replace(/\/$/, '').endsWith(ending));
  return {
    main: find('/debian') ?? 'http://deb.debian.org/debian',
    security: find('/debian-security') ?? 'http://deb.debian.org/debian-security',
  };
}

function sourcesFile() {
  const { main, security } = mirrors();
  const signed = existsSync(KEYRING) ? `Signed-By: ${KEYRING}\n` : '';
  const stanza = (url, suite) =>
    `Types: deb-src\nURIs: ${url}\nSuites: ${suite}\nComponents: main\n${signed}`;
  return `${stanza(main, SUITE)}\n${stanza(security, `${SUITE}-security`)}`;
}

/** Downloads and unpacks the source package into `into`, which must not exist yet. */
function download(into) {
  const work = `${into}.part`;
  rmSync(work, { recursive: true, force: true });
  for (const dir of ['parts', 'lists/partial', 'cache/archives/partial'])
    mkdirSync(join(work, dir), { recursive: true });
  writeFileSync(join(work, 'parts/source.sources'), sourcesFile());
  const options = [
    ['Dir::Etc::sourcelist', '/dev/null'],
    ['Dir::Etc::sourceparts', join(work, 'parts')],
    ['Dir::State::lists', join(work, 'lists')],
    ['Dir::Cache', join(work, 'cache')],
    ...(process.getuid() === 0 ? [['APT::Sandbox::User', 'root']] : []),
  ].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const run = (program, args) =>
    execFileSync(program, args, { cwd: work, stdio: ['ignore', 'ignore', 'pipe'] });
  run('apt-get', [...options, 'update']);
  run('apt-get', [...options, 'source', '--download-only', 'redis']);
  const description = readdirSync(work).find((name) => name.endsWith('.dsc'));
  if (!description?.includes(`_${VERSION}-`))
    throw new Error(`expected redis ${VERSION}, apt gave ${description}`);
  run('dpkg-source', ['--no-check', '-x', description, 'suite']);
  renameSync(join(work, 'suite'), into);
  rmSync(work, { recursive: true, force: true });
}

/** Path of the unpacked source package, fetched on the first call on a machine. */
export function obtainSuite() {
  const path = join(root, '.cache', `redis-${VERSION}`);
  if (!existsSync(path)) {
    mkdirSync(join(root, '.cache'), { recursive: true });
    download(path);
  }
  return path;
}

function programPath(name) {
  return execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
}

/** The shell line that starts a program under test; `exec` keeps the pid, which the suite signals and looks for. */
function launcher(name, server) {
  const program =
    server === 'real' ? programPath(name) : `${process.execPath} ${root}/dist/${PROGRAMS[name]}.js`;
  return `#!/bin/sh\nexec ${program} "$@"\n`;
}

/**
 * What the suite's own script makes for its mode over TLS. The two that take long are made here in a quicker way: it
 * keeps what it finds.
 */
function makeCertificates(run) {
  const directory = join(run, 'tests/tls');
  mkdirSync(directory);
  const make = (...args) => execFileSync('openssl', args, { cwd: directory, stdio: 'ignore' });
  make('genrsa', '-out', 'ca.key', '2048');
  make('dhparam', '-dsaparam', '-out', 'redis.dh', '2048');
  execFileSync('/bin/bash', ['utils/gen-test-certs.sh'], { cwd: run, stdio: 'ignore' });
}

/**
 * A fresh directory under the system's temporary directory that looks like the suite's root: links to its files, a
 * wrapper as src/redis-server, and tests/tmp of its own so that runs side by side do not clean up after each other.
 */
export function layOut(suite, server, overTls) {
  const run = mkdtempSync(join(tmpdir(), 'mru-'));
  const link = (from, to) => symlinkSync(from, join(run, to));
  for (const dir of ['src', 'tests', 'tests/tmp', 'tests/support']) mkdirSync(join(run, dir));
  for (const name of readdirSync(join(suite, 'tests'))) {
    if (!['tmp', 'tls', 'support'].includes(name)) link(join(suite, 'tests', name), `tests/${name}`);
  }
  for (const name of readdirSync(join(suite, 'tests/support'))) {
    if (name !== 'util.tcl') link(join(suite, 'tests/support', name), `tests/support/${name}`);
  }
  const sources = [join(suite, 'tests/support/util.tcl'), join(import.meta.dirname, 'shim.tcl')];
  writeFileSync(join(run, 'tests/support/util.tcl'), sources.map((path) => `source {${path}}\n`).join(''));
  link(join(suite, 'utils'), 'utils');
  link(join(suite, 'redis.conf'), 'redis.conf');
  for (const client of CLIENTS) link(programPath(client), `src/${client}`);
  if (overTls) makeCertificates(run);
  for (const name of Object.keys(PROGRAMS)) {
    writeFileSync(join(run, 'src', name), launcher(name, server));
    chmodSync(join(run, 'src', name), 0o755);
  }
  return run;
}
