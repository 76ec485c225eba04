// Runs the differential test; see main.ts for the options.
import { resolve } from 'node:path';
import { runBundled } from '../support/bundled.mjs';

await runBundled(resolve(import.meta.dirname, 'main.ts'));
