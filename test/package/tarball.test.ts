// The package as users get it: packed, installed without network, scripts or compiler, and used. The tree is copied
// first, so that packing sees everything there is to leave out, and one prebuild: the addon this machine built.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);
const limitMs = 300_000;
const leftOut = new Set(['.git', '.cache', 'node_modules', 'prebuilds', 'build']);

const work = mkdtempSync(join(tmpdir(), 'millrace-package-'));
const stage = join(work, 'stage');
const home = join(work, 'home');
const bin = join(work, 'bin');
const libc = { linux: isGlibc() ? '.glibc' : '.musl' }[process.platform as string] ?? '';
const prebuild = `${process.platform}-${process.arch}/millrace${libc}.node`;
let tarball = '';

function run(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = process.env): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: limitMs,
  });
  expect(status, `${command} ${args.join(' ')}: ${error?.message ?? ''}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

function isGlibc(): boolean {
  const report = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return report.header.glibcVersionRuntime !== undefined;
}

/** Packs a directory into `work`; returns the file. */
function pack(directory: string): string {
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], directory),
  );
  return join(work, filename);
}

/** Runs a module in the project that installed the package, where PATH has Node and nothing else. */
function runUser(name: string, source: string): string {
  writeFileSync(join(home, name), source);
  return run(process.execPath, [name], home, { PATH: bin });
}

const startAndPing = `
  const server = await createServer({ port: 0 });
  const socket = net.connect(server.port, '127.0.0.1', () => socket.write('*1\\r\\n$4\\r\\nPING\\r\\n'));
  const [reply] = await events.once(socket, 'data');
  socket.destroy();
  await server.close();
  console.log(JSON.stringify({ reply: String(reply), url: server.url, port: server.port }));
`;

function expectPong(output: string) {
  const { reply, url, port } = JSON.parse(output);
  expect(reply).toBe('+PONG\r\n');
  expect(url).toBe(`redis://127.0.0.1:${port}`);
}

beforeAll(() => {
  cpSync(root, stage, {
    recursive: true,
    filter: (source) => !leftOut.has(relative(root, source).split('/')[0]!),
  });
  cpSync(join(root, 'native/build/Release/millrace.node'), join(stage, 'prebuilds', prebuild));
  tarball = pack(stage);
  const dependencies = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies);
  const tarballs = dependencies.map((name) => pack(join(root, 'node_modules', name)));
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }');
  run('npm', ['install', '--offline', '--ignore-scripts', tarball, ...tarballs], home);
}, limitMs);

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('the tarball', () => {
  test('holds the program, its types, a prebuild and what a build from source needs', () => {
    const files = new Set(run('tar', ['-tzf', tarball], work).trim().split('\n'));
    for (const file of [
      'LICENSE',
      'package.json',
      'dist/index.js',
      'dist/millrace.js',
      'dist/program.cjs',
      'dist/types/index.d.ts',
      'native/addon.cc',
      'native/binding.gyp',
      'native/net/poller_kqueue.cc',
      `prebuilds/${prebuild}`,
    ]) {
      expect(files).toContain(`package/${file}`);
    }
    const strangers = [...files].filter((file) =>
      /^package\/(src|test|bench|build|\.)|\/build\/|\.(o|code)$/.test(file),
    );
    expect(strangers).toEqual([]);
  });

  // npm looks for binding.gyp beside package.json and would run node-gyp; pnpm 10 and 11 do not know "gypfile": false
  // and warn or fail.
  test('makes no package manager want to run anything', () => {
    const manifest = JSON.parse(run('tar', ['-xzOf', tarball, 'package/package.json'], work));
    expect(manifest.gypfile).toBe(false);
    const hooks = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare'];
    expect(Object.keys(manifest.scripts).filter((name) => hooks.includes(name))).toEqual([]);
    expect(run('tar', ['-tzf', tarball], work)).not.toContain('package/binding.gyp\n');
  });

  test('satisfies publint and arethetypeswrong', { timeout: limitMs }, () => {
    const publint = join(root, 'node_modules/publint/src/cli.js');
    expect(run(process.execPath, [publint, '--strict', tarball], work)).toContain('All good!');
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    run(process.execPath, [attw, '--profile', 'esm-only', '--no-color', tarball], work);
  });
});

describe('installed without compiler, network or scripts', () => {
  test('import starts a server that answers', () => {
    const imports = `import net from 'node:net'; import events from 'node:events'; import { createServer } from 'millrace';`;
    expectPong(runUser('import.mjs', `${imports}${startAndPing}`));
  });

  test('so does require, where Node can require modules', () => {
    const requires = `const net = require('net'); const events = require('events');`;
    const create = process.features.require_module
      ? `const { createServer } = require('millrace');`
      : `const { createServer } = await import('millrace');`;
    expectPong(runUser('require.cjs', `${requires}(async () => { ${create}${startAndPing} })()`));
  });

  test('the program is there', () => {
    expect(
      run(join(home, 'node_modules/.bin/millrace'), ['--version'], home, { PATH: `${bin}:/usr/bin` }),
    ).toMatch(/\d/);
  });

  test('the types are sound without help from our own settings', () => {
    writeFileSync(
      join(home, 'user.ts'),
      `import { createServer } from 'millrace';
       const server = await createServer({ port: 0 });
       const port: number = server.port;
       const closed: Promise<void> = server.close();
       await closed;
       // @ts-expect-error: a port is a number
       const wrong: string = server.port;
       export { port, wrong };`,
    );
    const types = join(root, 'node_modules/@types');
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
    run(
      process.execPath,
      [tsc, ...options, '--lib', 'es2023,esnext.disposable', '--typeRoots', types, 'user.ts'],
      home,
    );
  });
});
