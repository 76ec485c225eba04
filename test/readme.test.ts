// What the README shows must work: its programs run, its command lines start a server.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { Program } from './bin/process.ts';
import { RespClient } from './support/resp.ts';
import { freePort } from './support/server.ts';

const root = resolve(import.meta.dirname, '..');
const text = readFileSync(join(root, 'README.md'), 'utf8');
// Inside the package, so that it can import itself and the clients by name.
const directory = join(root, '.cache/readme');
mkdirSync(directory, { recursive: true });

afterAll(() => rmSync(directory, { recursive: true }));

/** The code of all blocks in one language. */
function blocks(language: string): string[] {
  return [...text.matchAll(/^```(\w+)\n(.*?)^```/gms)]
    .filter(([, name]) => name === language)
    .map(([, , code]) => code!);
}

/** What a program says in comments that its lines print. */
function promised(code: string): string {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, line]) => `${line}\n`).join('');
}

/** The arguments of every line that calls the program. */
const commandLines = blocks('sh')
  .flatMap((block) => block.split('\n'))
  .map((line) => /^(?:npx )?millrace (.*)/.exec(line)?.[1])
  .filter((line) => line !== undefined);

describe('the programs', () => {
  it('are there', () => expect(blocks('ts').length).toBeGreaterThan(1));

  it.each(blocks('ts').map((code, i) => [i + 1, code] as const))(
    'number %i prints what it says, and ends',
    async (i, code) => {
      const file = join(directory, `${i}.mjs`);
      writeFileSync(file, (await transform(code, { loader: 'ts', target: 'node20' })).code);
      const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 30_000 });
      expect(stdout).toBe(promised(code));
    },
    40_000,
  );
});

describe('the command lines', () => {
  it('are there', () => expect(commandLines.length).toBeGreaterThan(1));

  it.each(commandLines)('%s', async (line) => {
    const home = mkdtempSync(join(tmpdir(), 'millrace-'));
    const file = join(home, 'file.conf');
    writeFileSync(file, 'maxmemory 1gb\n');
    const port = await freePort();
    const args = line.split(' ').map((word) => (word.endsWith('.conf') ? file : word));
    const program = new Program([...args, '--port', String(port)], { directory: home });
    await program.ready();
    const client = await RespClient.connect({ port });
    expect(await client.call('PING')).toBe('PONG');
    client.close();
    program.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 0, signal: null });
    rmSync(home, { recursive: true });
  });
});
