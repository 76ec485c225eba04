// Runs the comparison with Redis (main.ts); an argument names one part of it.
import { resolve } from 'node:path';
import { runBundled } from '../support/bundled.mjs';

await runBundled(resolve(import.meta.dirname, 'main.ts'));
