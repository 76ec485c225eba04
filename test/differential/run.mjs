// Bundles the differential test (TypeScript) with esbuild and runs it; see main.ts for the options.
import { mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');
const outfile = resolve(root, `.cache/differential-${process.pid}.mjs`);
mkdirSync(resolve(root, '.cache'), { recursive: true });
await build({
  entryPoints: [resolve(import.meta.dirname, 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  define: { 'import.meta.dirname': JSON.stringify(resolve(root, 'test/support')) },
});
await import(pathToFileURL(outfile).href);
rmSync(outfile);
