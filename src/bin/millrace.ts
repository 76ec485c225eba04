// What `millrace` runs: the program (program.ts), which the build made one script, dist/program.cjs.
//
// To read a program of that size takes V8 a third of the time to "Ready to accept connections", and less than a tenth if
// it is given what it compiled before. So the first start of a Node version leaves that beside the script, if it may write
// there. V8 takes it for its own version, processor and flags only, but tells scripts apart by their length and trusts
// every byte; wherefore the name has the script's digest, and the file begins with its own.
import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import type { main } from './program.ts';

/** Name of the script's file, and its digest: the build sets both. */
declare const PROGRAM_FILE: string;
declare const PROGRAM_DIGEST: string;

/** What the script evaluates to: a module of the older kind, but for the last parameter, which is its import.meta.url. */
type Body = (module: { exports: object }, exports: object, require: NodeJS.Require, url: string) => void;

const DIGEST = 'sha1';
const DIGEST_BYTES = 20;

// Commands leave next to no garbage, yet V8 would let the part of its heap where objects begin grow to 48 MiB for whatever
// there is, and keep that. It stays at what it begins with, three times a mebibyte at most.
setFlagsFromString('--semi-space-growth-factor=1');

const url = new URL(PROGRAM_FILE, import.meta.url).href;
const file = fileURLToPath(url);
const codeFile = `${file}.${PROGRAM_DIGEST}-${process.version}-${process.arch}.code`;

// It is ASCII, which this encoding reads without a look at each byte.
const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData: compiledBefore() });
const body = script.runInThisContext() as Body;
const module = { exports: {} };
body(module, module.exports, createRequire(import.meta.url), url);
await (module.exports as { main: typeof main }).main(() => {
  if (script.cachedDataRejected !== false) keepCompiled();
});

/** What an earlier start has left, if it is whole. */
function compiledBefore(): Buffer | undefined {
  try {
    const kept = readFileSync(codeFile);
    const code = kept.subarray(DIGEST_BYTES);
    return digestOf(code).equals(kept.subarray(0, DIGEST_BYTES)) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Leaves what is compiled by now to later starts, if it can. */
function keepCompiled(): void {
  try {
    accessSync(dirname(file), constants.W_OK);
    const code = script.createCachedData();
    // Whoever reads half of it, or what two have written at once, sees that by the digest.
    writeFileSync(codeFile, Buffer.concat([digestOf(code), code]));
  } catch {
    // The next start takes as long as this one.
  }
}

function digestOf(code: Buffer): Buffer {
  return createHash(DIGEST).update(code).digest();
}
