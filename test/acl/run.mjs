// Runs the comparison of access control with redis-server (main.ts).
import { resolve } from 'node:path';
import { runBundled } from '../support/bundled.mjs';

await runBundled(resolve(import.meta.dirname, 'main.ts'));
