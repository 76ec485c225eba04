// Builds dist/, bundled with esbuild: the library (index.js), the program (program.cjs, a script, and millrace.js, which runs
// it: src/bin/millrace.ts says why), the tools; and the type declarations with tsc. Packages stay imports: the bundles hold
// our own code only. A tool is one file with the packages that draw for it inside, because nobody should have to
// install those with a server. Run directly, it is `npm run build` and fails on type errors.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rootDirectory } from './tree.mjs';

const distDirectory = join(rootDirectory, 'dist');
const TOOLS = {
  'millrace-soak': 'src/bin/soak.ts',
  'millrace-rdb': 'src/bin/rdb.ts',
  'millrace-check-aof': 'src/bin/check_aof.ts',
  'millrace-check-rdb': 'src/bin/check_rdb.ts',
};
const typesDirectory = join(distDirectory, 'types');

/** Writes dist/*.js. Files appear over their predecessors, so that a program started meanwhile finds either. */
export async function bundle() {
  const { build } = await import('esbuild');
  const common = {
    absWorkingDir: rootDirectory,
    outdir: distDirectory,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    metafile: true,
    logLevel: 'warning',
  };
  // Inlines constants of other files and folds what follows from them; names stay readable in stack traces.
  const ours = { ...common, packages: 'external', minifySyntax: true };
  const library = await build({ ...ours, entryPoints: { index: 'src/index.ts' }, sourcemap: true });
  const program = await build({
    ...ours,
    entryPoints: { program: 'src/bin/program.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: '(function (module, exports, require, importMetaUrl) {' },
    footer: { js: '})' },
  });
  const script = join(distDirectory, 'program.cjs');
  const digest = createHash('sha256').update(readFileSync(script)).digest('hex').slice(0, 16);
  const launcher = await build({
    ...ours,
    entryPoints: { millrace: 'src/bin/millrace.ts' },
    define: { PROGRAM_FILE: JSON.stringify(basename(script)), PROGRAM_DIGEST: JSON.stringify(digest) },
    banner: { js: '#!/usr/bin/env node' },
  });
  chmodSync(join(distDirectory, 'millrace.js'), 0o755);
  const tools = await build({
    ...common,
    entryPoints: TOOLS,
    external: ['node-gyp-build'],
    minify: true,
    // Packages of the older kind find require() under this name.
    banner: {
      js: `#!/usr/bin/env node\nimport { createRequire as makeRequire } from 'node:module';\nconst require = makeRequire(import.meta.url);`,
    },
  });
  for (const name of Object.keys(TOOLS)) chmodSync(join(distDirectory, `${name}.js`), 0o755);
  const written = new Set(
    [library, program, launcher, tools]
      .flatMap(({ metafile }) => Object.keys(metafile.outputs))
      .map((file) => basename(file)),
  );
  for (const file of readdirSync(distDirectory)) {
    if (file !== basename(typesDirectory) && !written.has(file)) rmSync(join(distDirectory, file));
  }
}

/** Writes dist/types/; false if the compiler found errors, which it prints. */
export function declareTypes() {
  const require = createRequire(import.meta.url);
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  const project = join(rootDirectory, 'tsconfig.types.json');
  rmSync(typesDirectory, { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], { stdio: 'inherit' });
  const needed = new Set();
  collectDeclarations(join(typesDirectory, 'index.d.ts'), needed);
  for (const file of readdirSync(typesDirectory, { recursive: true })) {
    if (file.endsWith('.d.ts') && !needed.has(join(typesDirectory, file))) rmSync(join(typesDirectory, file));
  }
  return status === 0;
}

/** What a declaration file imports, and so on: the compiler declares the whole program, users see its front. */
function collectDeclarations(file, found) {
  if (found.has(file)) return;
  found.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()['"](\.[^'"]+)\.ts['"]/g)) {
    collectDeclarations(join(dirname(file), `${path}.d.ts`), found);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle();
  process.exitCode = declareTypes() ? 0 : 1;
}
