// The same commands go to millrace and to redis-server, both with an append-only file. The logs must hold the same commands; and
// what one has written, base and increments, the other one loads, and then both have the same data.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemFiles } from '../../src/base/files.ts';
import type { Random } from '../../src/base/random.ts';
import { parseManifest } from '../../src/persist/aof_manifest.ts';
import { AofReader, COMMAND } from '../../src/persist/aof_reader.ts';
import type { RespClient } from '../support/resp.ts';
import { type Program, startServer, type TestServer } from '../support/server.ts';
import { LOGGED } from './logged.ts';
import type { Tally } from './tally.ts';
import { MAKERS } from './values.ts';

const PROGRAMS = ['redis', 'millrace'] as const;
/** Times of the log are compared in steps of this. */
const STEP_MS = 50_000;
/** Those further away are no times from now. */
const NEAR_MS = 10_000_000;
const files = new SystemFiles();

function start(program: Program, preamble: string, args: string[] = []): Promise<TestServer> {
  return startServer({
    program,
    args: [
      ...['--appendonly', 'yes', '--aof-use-rdb-preamble', preamble, '--enable-debug-command', 'yes'],
      ...['--auto-aof-rewrite-percentage', '0', ...args],
    ],
  });
}

/** The commands of the last increment in a directory. */
function logOf(dir: string): string[][] {
  const manifest = parseManifest(readFileSync(join(dir, 'appendonlydir/appendonly.aof.manifest')));
  const fd = files.open(join(dir, 'appendonlydir', manifest.increments.at(-1)!.name));
  const reader = new AofReader(files, fd, 0);
  const commands: string[][] = [];
  while (reader.next() === COMMAND) {
    const { bytes, count, pairs } = reader;
    const word = (i: number) => Buffer.from(bytes.subarray(pairs[i]!, pairs[i]! + pairs[i + 1]!));
    commands.push(Array.from({ length: count }, (_, i) => word(2 * i).toString('latin1')));
  }
  files.close(fd);
  return commands;
}

/** A log without what may differ: the case of names, and how long it took from the beginning to a command. */
function canonical(log: string[][], startMs: number): string[] {
  const time = (word: string) => {
    const afterMs = /^\d{13}$/.test(word) ? Number(word) - startMs : Number.NaN;
    return Math.abs(afterMs) < NEAR_MS ? `(time ${Math.floor(afterMs / STEP_MS)})` : word;
  };
  const lines = log.map(([name, ...words]) => [name!.toUpperCase(), ...words.map(time)].join(' '));
  // How many entries a group has read Redis forgets when they are claimed.
  const isExtra = (line: string, i: number) =>
    /^XGROUP SETID .* ENTRIESREAD/.test(line) && lines[i - 1]!.startsWith('XCLAIM');
  return lines
    .filter((line, i) => !isExtra(line, i))
    .join('\n')
    .replace(/^MULTI\n(.*)\nEXEC$/gm, '$1')
    .split('\n');
}

/**
 * All that there is to know: digests of databases, expiries, streams. What is pending of deleted entries commands cannot say, so
 * emptied streams are left out with bases of commands.
 */
async function portrait(client: RespClient, preamble: string): Promise<string[]> {
  const found: string[] = [];
  for (let database = 0; database < 3; database++) {
    await client.call('SELECT', database);
    for (const key of ((await client.call('KEYS', '*')) as string[]).sort()) {
      const name = Buffer.from(key, 'latin1');
      const type = await client.call('TYPE', name);
      const expiry = await client.call('PEXPIRETIME', name);
      found.push(`${database} ${key} ${type} ${expiry} ${await client.call('DEBUG', 'DIGEST-VALUE', name)}`);
      if (type !== 'stream') continue;
      const [length, groups] = [await client.call('XLEN', name), await client.call('XINFO', 'GROUPS', name)];
      if (length === 0 && preamble === 'no') continue;
      found.push(JSON.stringify([length, groups]));
      for (const group of groups as string[][])
        found.push(JSON.stringify(await client.call('XPENDING', name, group[1]!)));
    }
  }
  await client.call('SELECT', 0);
  return [...found, String(await client.call('DEBUG', 'DIGEST'))];
}

async function rewrite(client: RespClient): Promise<void> {
  await client.call('BGREWRITEAOF');
  const isBusy = /aof_rewrite_(in_progress|scheduled):1/;
  while (isBusy.test(String(await client.call('INFO', 'persistence'))));
}

/** The logs of the fixed sequence. */
async function compareLogs(tally: Tally): Promise<void> {
  const logs: string[][] = [];
  for (const program of PROGRAMS) {
    await using server = await start(program, 'yes');
    const client = await server.connect();
    const nowMs = Date.now();
    for (const command of LOGGED)
      await client.call(...command.map((word) => word.replace('{soon}', String(nowMs + 100_000))));
    client.close();
    logs.push(canonical(logOf(server.dir), nowMs));
  }
  const [theirs, ours] = logs as [string[], string[]];
  for (let i = 0; i < Math.max(theirs.length, ours.length); i++) {
    tally.note(theirs[i] === ours[i], `command ${i} of the log: theirs ${theirs[i]}, ours ${ours[i]}`);
    if (theirs[i] !== ours[i]) break;
  }
}

/** What `writer` leaves behind is loaded by `reader`. */
async function exchange(
  writer: Program,
  reader: Program,
  preamble: string,
  random: Random,
): Promise<string | null> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-exchange-'));
  try {
    let before: string[];
    {
      await using server = await start(writer, preamble);
      const client = await server.connect();
      const fill = async (round: number) => {
        for (const [i, [, make]] of MAKERS.entries()) {
          await client.call('SELECT', i % 3);
          // A listpack forgets the sign of zero, in Redis too.
          const signed = make(`${round} key ${i}`, random);
          const commands = signed.map((words) => words.map((word) => (word === '-0' ? '0' : word)));
          for (const command of commands)
            await client.call(...command.map((word) => Buffer.from(word, 'latin1')));
          if (i % 2 === 0) await client.call('PEXPIRE', `${round} key ${i}`, 10_000_000);
        }
      };
      await fill(1);
      await rewrite(client);
      await fill(2);
      before = await portrait(client, preamble);
      client.close();
      await server.kill();
      cpSync(join(server.dir, 'appendonlydir'), join(dir, 'appendonlydir'), { recursive: true });
      const isPlain = readdirSync(join(dir, 'appendonlydir')).includes('appendonly.aof.2.base.aof');
      if (isPlain !== (preamble === 'no')) return 'the base has another form';
    }
    await using server = await start(reader, 'yes', ['--dir', dir]);
    const client = await server.connect();
    const after = await portrait(client, preamble);
    client.close();
    const wrong = before.findIndex((line, i) => line !== after[i]);
    return wrong < 0 && before.length === after.length ? null : `${before[wrong]} became ${after[wrong]}`;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export async function exchangeLogs(tally: Tally, random: Random): Promise<void> {
  await compareLogs(tally);
  for (const preamble of ['yes', 'no']) {
    for (const writer of PROGRAMS) {
      for (const reader of PROGRAMS) {
        if (writer === 'redis' && reader === 'redis') continue;
        const wrong = await exchange(writer, reader, preamble, random);
        tally.note(
          wrong === null,
          `written by ${writer}, loaded by ${reader}, preamble ${preamble}: ${wrong}`,
        );
      }
    }
  }
}
