// What a start leaves to later ones: the program as V8 compiled it.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from '../support/server.ts';
import { Program } from './process.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const LONG_AGO = new Date(2001, 0, 1);

let home: string;
let dist: string;
let port: number;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'millrace-launch-'));
  dist = join(home, 'dist');
  port = await freePort();
  mkdirSync(dist);
  for (const name of ['package.json', 'dist/millrace.js', 'dist/program.cjs'])
    cpSync(join(ROOT, name), join(home, name));
  for (const name of ['native', 'node_modules']) symlinkSync(join(ROOT, name), join(home, name));
});

afterEach(() => rmSync(home, { recursive: true }));

/** Starts the copy, waits until it is ready, ends it. */
async function start(flags: readonly string[] = []): Promise<void> {
  const program = new Program(['--port', String(port), '--save', ''], {
    directory: home,
    program: [...flags, join(dist, 'millrace.js')],
  });
  await program.ready();
  program.kill('SIGTERM');
  expect(await program.ended).toEqual({ code: 0, signal: null });
  expect(program.errors).toBe('');
}

function codeFiles(): string[] {
  return readdirSync(dist)
    .filter((name) => name.endsWith('.code'))
    .map((name) => join(dist, name));
}

/** Whether the next start writes the file anew, which it does unless V8 takes what is there. */
async function isWrittenAnew(file: string, flags: readonly string[] = []): Promise<boolean> {
  utimesSync(file, LONG_AGO, LONG_AGO);
  await start(flags);
  return statSync(file).mtimeMs !== LONG_AGO.getTime();
}

it('is left by the first start and taken by the second', async () => {
  await start();
  const [file, ...others] = codeFiles();
  expect(others).toEqual([]);
  expect(await isWrittenAnew(file!)).toBe(false);
});

it('is written anew where it is damaged, cut, or for other flags', async () => {
  await start();
  const file = codeFiles()[0]!;
  const whole = readFileSync(file);
  const damaged = Buffer.from(whole);
  damaged[whole.length >> 1]! ^= 1;
  for (const bad of [damaged, whole.subarray(0, whole.length - 1), whole.subarray(0, 10), Buffer.alloc(0)]) {
    writeFileSync(file, bad);
    expect(await isWrittenAnew(file)).toBe(true);
    expect(await isWrittenAnew(file)).toBe(false);
  }
  expect(await isWrittenAnew(file, ['--no-opt'])).toBe(true);
});

it('is not taken for a program of the same length', async () => {
  await start();
  const file = codeFiles()[0]!;
  const launcher = join(dist, 'millrace.js');
  const digest = file.match(/\.([0-9a-f]{16})-v/)![1]!;
  writeFileSync(launcher, readFileSync(launcher, 'utf8').replace(digest, '0123456789abcdef'));
  await start();
  expect(codeFiles()).toHaveLength(2);
});

it('is done without where it cannot be written', async () => {
  await start();
  const file = codeFiles()[0]!;
  rmSync(file);
  mkdirSync(file);
  await start();
  expect(existsSync(join(file, 'anything'))).toBe(false);
});
