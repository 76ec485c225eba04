// The checks of append-only and RDB files beside those of Redis: the same files, whole, cut and changed, must give the same lines,
// answers and contents afterwards.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemFiles } from '../../src/base/files.ts';
import type { Random } from '../../src/base/random.ts';
import { checkAof } from '../../src/check/aof_check.ts';
import { checkRdb } from '../../src/check/rdb_check.ts';
import { encodeCommand } from '../support/resp.ts';
import { startServer } from '../support/server.ts';
import type { Tally } from './tally.ts';

const MUTATIONS = 250;
const files = new SystemFiles();

/** Files by name. */
type Fixture = Record<string, Buffer>;

interface Answer {
  isSound: boolean;
  lines: string[];
  contents: string[];
}

function words(...commands: string[]): Buffer {
  return Buffer.concat(commands.map((command) => encodeCommand(command.split(' '))));
}

/** What a server leaves behind: a manifest with base and increment, and a dump. */
async function written(): Promise<Fixture> {
  await using server = await startServer({ program: 'redis', args: ['--appendonly', 'yes'] });
  const client = await server.connect();
  for (const command of [
    'SET a b',
    'RPUSH l 1 2 3 x',
    'SET t u PX 1',
    'HSET h f v',
    'ZADD z 1.5 m',
    'XADD s * f v',
  ])
    await client.call(...command.split(' '));
  await client.call('BGREWRITEAOF');
  while (!String(await client.call('INFO', 'persistence')).includes('aof_rewrite_in_progress:0'));
  for (const command of ['SET c d', 'MULTI', 'SET e f', 'DEL e', 'EXEC', 'SAVE'])
    await client.call(...command.split(' '));
  client.close();
  const fixture: Fixture = { 'dump.rdb': readFileSync(join(server.dir, 'dump.rdb')) };
  const directory = join(server.dir, 'appendonlydir');
  for (const name of readdirSync(directory)) fixture[name] = readFileSync(join(directory, name));
  return fixture;
}

function answerOf(dir: string, isSound: boolean, output: string): Answer {
  const lines = output
    .split('\n')
    // Lines of a server's log, and what is in it about places in Redis's source.
    .filter((line) => line !== '' && !/^\d+:C .* # $/.test(line))
    .map((line) => line.replace(/^\d+:C .* # /, '').replace(/Internal error in RDB reading.*/, 'unsound'));
  const contents = readdirSync(dir).map((name) => `${name} ${readFileSync(join(dir, name), 'latin1')}`);
  return { isSound, lines, contents };
}

class Comparison {
  readonly #tally: Tally;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** `args` without and with the file's name at the end; `strict`: every line counts. */
  async aof(
    fixture: Fixture,
    name: string,
    options: string[],
    strict: boolean,
    label: string,
  ): Promise<void> {
    const theirs = this.#in(fixture, (dir) => {
      const { status, stdout } = spawnSync('redis-check-aof', [...options, name], {
        cwd: dir,
        encoding: 'latin1',
        input: 'y',
      });
      return answerOf(dir, status === 0, stdout);
    });
    const ours = await this.#own(fixture, name, options);
    this.#compare(label, await theirs, ours, strict);
  }

  async rdb(fixture: Fixture, name: string, label: string): Promise<void> {
    const theirs = await this.#in(fixture, (dir) => {
      const { status, stdout } = spawnSync('redis-check-rdb', [name], { cwd: dir, encoding: 'latin1' });
      return answerOf(dir, status === 0, stdout);
    });
    const ours = await this.#in(fixture, (dir) => {
      let output = '';
      const end = checkRdb(files, join(dir, name), name, Date.now(), (line) => (output += `${line}\n`));
      return answerOf(dir, end >= 0, output);
    });
    this.#compare(label, theirs, ours, theirs.isSound);
  }

  #own(fixture: Fixture, name: string, options: string[]): Promise<Answer> {
    return this.#in(fixture, async (dir) => {
      let output = '';
      const isSound = await checkAof({
        files,
        path: join(dir, name),
        nowMs: Date.now(),
        fixes: options[0] === '--fix',
        untilSeconds: Number(options[1] ?? 0),
        print: (line) => (output += `${line.replaceAll(`${dir}/`, name.endsWith('manifest') ? './' : '')}\n`),
        confirm: async (question) => (output += question) !== '',
      });
      return answerOf(dir, isSound, output);
    });
  }

  async #in(fixture: Fixture, run: (dir: string) => Answer | Promise<Answer>): Promise<Answer> {
    const dir = mkdtempSync(join(tmpdir(), 'millrace-tools-'));
    try {
      for (const [name, bytes] of Object.entries(fixture)) writeFileSync(join(dir, name), bytes);
      return await run(dir);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  #compare(label: string, theirs: Answer, ours: Answer, strict: boolean): void {
    const [a, b] = [theirs, ours].map((answer) => JSON.stringify(strict ? answer : { ...answer, lines: [] }));
    this.#tally.note(a === b, `${label}:\n  theirs ${a}\n  ours   ${b}`);
  }
}

/** Magic and version of an RDB file: Redis takes as a version whatever digits come first. */
const RDB_HEAD_BYTES = 9;

/** A file with something changed behind its head, or cut off anywhere. */
function mutated(bytes: Buffer, random: Random, headBytes = 0): Buffer {
  const copy = Buffer.from(bytes);
  if (random.below(3) === 0) return copy.subarray(0, random.below(copy.length));
  copy[headBytes + random.below(copy.length - headBytes)] = random.below(3) === 0 ? random.below(256) : 42;
  return copy;
}

export async function compareCheckTools(tally: Tally, random: Random): Promise<void> {
  const compare = new Comparison(tally);
  const sound = await written();
  const names = Object.keys(sound);
  const manifest = names.find((name) => name.endsWith('.manifest'))!;
  const [base, increment] = ['.base.rdb', '.incr.aof'].map(
    (end) => names.find((name) => name.endsWith(end))!,
  );
  const units = words('SET a b', 'MULTI', 'SET c d', 'EXEC', 'SET e f');
  const stamped = Buffer.concat([Buffer.from('#TS:100\r\n'), units, Buffer.from('#TS:200\r\n'), units]);
  const singles: Fixture = {
    commands: units,
    empty: Buffer.alloc(0),
    rdb: sound['dump.rdb']!,
    preamble: Buffer.concat([sound['dump.rdb']!, units]),
    'preamble-cut': Buffer.concat([sound['dump.rdb']!, units.subarray(0, 40)]),
    stamped,
    nested: words('MULTI', 'MULTI', 'EXEC'),
    alone: words('SET a b', 'EXEC'),
    open: words('SET a b', 'MULTI', 'SET c d'),
    foreign: Buffer.concat([units, Buffer.from('hello')]),
    huge: Buffer.from('*1\r\n$9223372036854775807\r\nabc'),
    negative: Buffer.from('*1\r\n$-1\r\nabc'),
    none: Buffer.from('*0\r\n*-3\r\n'),
    untimely: Buffer.from('#TS:x\r\n'),
  };
  for (const [name, bytes] of Object.entries(singles)) {
    for (const options of [
      [],
      ['--fix'],
      ['--truncate-to-timestamp', '150'],
      ['--truncate-to-timestamp', '50'],
    ])
      await compare.aof({ [name]: bytes }, name, options, true, `${name} ${options.join(' ')}`);
  }
  for (const options of [[], ['--fix']]) {
    await compare.aof(sound, manifest, options, true, `manifest ${options.join(' ')}`);
    for (const broken of [base!, increment!]) {
      const cut = { ...sound, [broken]: sound[broken]!.subarray(0, sound[broken]!.length - 3) };
      await compare.aof(cut, manifest, options, broken === increment, `cut ${broken} ${options.join(' ')}`);
    }
    for (const text of [
      'file a seq 1\n',
      'file a seq 1 type b\nfile b seq 1 type b\n',
      'file a/b seq 1 type i\n',
      'file a seq 1 type i',
    ])
      await compare.aof({ manifest: Buffer.from(text) }, 'manifest', options, true, `manifest ${text}`);
  }
  await compare.rdb(sound, 'dump.rdb', 'dump');
  for (let i = 0; i < MUTATIONS; i++) {
    // A line without its end makes the reference print what happens to be in its buffer.
    const bytes = mutated(stamped, random);
    await compare.aof(
      { x: bytes },
      'x',
      [],
      !/[*$]\d*$/.test(bytes.toString('latin1')),
      `changed ${bytes.toString('latin1')}`,
    );
    if (i % 3 !== 0) continue;
    await compare.rdb({ x: mutated(sound['dump.rdb']!, random, RDB_HEAD_BYTES) }, 'x', `changed dump ${i}`);
  }
}
