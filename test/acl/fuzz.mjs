// Runs the fuzzer of rules of access control (fuzz.ts).
import { resolve } from 'node:path';
import { runBundled } from '../support/bundled.mjs';

await runBundled(resolve(import.meta.dirname, 'fuzz.ts'));
