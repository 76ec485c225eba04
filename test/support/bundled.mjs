// Bundles a program of the tests that is written in TypeScript with esbuild, and runs it in this process.
import { mkdirSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');

/** @param {string} entry file of the program */
export async function runBundled(entry) {
  const outfile = resolve(root, `.cache/${basename(entry, '.ts')}-${process.pid}.mjs`);
  mkdirSync(resolve(root, '.cache'), { recursive: true });
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Stacks name the files of the sources.
    sourcemap: 'inline',
    define: { 'import.meta.dirname': JSON.stringify(resolve(root, 'test/support')) },
  });
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(outfile).href);
  rmSync(outfile);
}
