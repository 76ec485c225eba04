// Builds dist/: two entries bundled with esbuild that share their chunks (the library and the program), and the type
// declarations with tsc. Packages stay imports: the bundle holds our own code only. Run directly, it is
// `npm run build` and fails on type errors.
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rootDirectory } from './tree.mjs';

const distDirectory = join(rootDirectory, 'dist');
const hashbang = '#!/usr/bin/env node\n';

/** `entries` maps a file name of `directory`, without its ending, to the source it starts from. */
export async function bundle(
  entries = { index: 'src/index.ts', millrace: 'src/bin/millrace.ts' },
  directory = distDirectory,
) {
  const { build } = await import('esbuild');
  rmSync(directory, { recursive: true, force: true });
  await build({
    absWorkingDir: rootDirectory,
    entryPoints: entries,
    outdir: directory,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Inlines constants of other files and folds what follows from them; names stay readable in stack traces.
    minifySyntax: true,
    sourcemap: true,
    logLevel: 'warning',
  });
  if (entries.millrace) makeExecutable(join(directory, 'millrace.js'));
}

/** esbuild hands on the first line of an entry if it is a hashbang. */
function makeExecutable(file) {
  if (!readFileSync(file, 'utf8').startsWith(hashbang)) {
    throw new Error(`src/bin/millrace.ts must begin with ${hashbang.trim()}`);
  }
  chmodSync(file, 0o755);
}

/** Writes dist/types/; false if the compiler found errors, which it prints. */
export function declareTypes() {
  const require = createRequire(import.meta.url);
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  const project = join(rootDirectory, 'tsconfig.types.json');
  return spawnSync(process.execPath, [compiler, '-p', project], { stdio: 'inherit' }).status === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle();
  process.exitCode = declareTypes() ? 0 : 1;
}
