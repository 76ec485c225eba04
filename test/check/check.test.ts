import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemFiles } from '../../src/base/files.ts';
import { checkAof } from '../../src/check/aof_check.ts';
import { checkRdb } from '../../src/check/rdb_check.ts';
import { asOfValkey } from '../persist/seal.ts';
import { Engine } from '../support/engine.ts';
import { seededRandom } from '../support/seed.ts';

const dir = mkdtempSync(join(tmpdir(), 'millrace-check-'));
const files = new SystemFiles();
const SET = '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n';
const MULTI = '*1\r\n$5\r\nMULTI\r\n';
const EXEC = '*1\r\n$4\r\nEXEC\r\n';
const rdbFile = join(dir, 'dump.rdb');

beforeAll(() => {
  const engine = new Engine({ dir });
  engine.line('SET key value PX 100000');
  engine.line('RPUSH list 1 2 3');
  engine.line('SELECT 3');
  engine.line('XADD stream * a b');
  expect(engine.line('SAVE')).toBe('OK');
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

function put(name: string, content: string | Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

interface Settings {
  fixes?: boolean;
  untilSeconds?: number;
  answer?: boolean;
}

/** Checks a file; what it said, with names of files without their directory. */
async function check(path: string, { fixes = false, untilSeconds = 0, answer = true }: Settings = {}) {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line.replaceAll(`${dir}/`, ''));
  const isSound = await checkAof({
    ...{ files, path, nowMs: Date.now(), fixes, untilSeconds, print },
    confirm: async (question) => {
      lines.push(question);
      return answer;
    },
  });
  return { isSound, lines };
}

describe('the check of an append-only file', () => {
  it('finds a sound file sound', async () => {
    expect(await check(put('a.aof', SET + MULTI + SET + EXEC))).toEqual({
      isSound: true,
      lines: [
        'Start checking Old-Style AOF',
        'AOF analyzed: filename=a.aof, size=83, ok_up_to=83, ok_up_to_line=21, diff=0',
        'AOF a.aof is valid',
      ],
    });
    expect((await check(put('empty.aof', ''))).lines.at(-1)).toBe('AOF empty.aof is empty');
  });

  it.each([
    [
      'a word without its end',
      `${SET}*1\r\n$3\r\nab`,
      27,
      '0x              23: Expected to read 5 bytes, got 2 bytes',
    ],
    [
      'a line without a number',
      `${SET}*1\r\n?3\r\nab`,
      27,
      "0x              1f: Expected prefix '$', got: '?'",
    ],
    ['no end of a line', `${SET}*1x\n`, 27, '0x              1b: Expected \\r\\n, got: 780a'],
    [
      'a byte that is no letter',
      `${SET}*1\xe9\n`,
      27,
      '0x              1b: Expected \\r\\n, got: ffffffe90a',
    ],
    [
      'a MULTI without EXEC',
      SET + MULTI + SET,
      27,
      '0x              42: Reached EOF before reading EXEC for MULTI',
    ],
    [
      'a MULTI in a MULTI',
      SET + MULTI + MULTI + EXEC,
      27,
      '0x              32: Unexpected MULTI in AOF bad.aof',
    ],
    ['an EXEC alone', SET + EXEC, 27, '0x              23: Unexpected EXEC in AOF bad.aof'],
    ['something else', `${SET}hello`, 27, 'AOF bad.aof format error'],
    [
      'a length out of range',
      '*1\r\n$-5\r\n',
      0,
      '0x               4: Expected to read string of -5 bytes, which is not in the suitable range',
    ],
    [
      'a length that nothing has',
      '*1\r\n$9223372036854775805\r\nabc',
      0,
      '0x              1a: Expected to read 9223372036854775807 bytes, got 3 bytes',
    ],
  ])('says what is wrong: %s', async (_name, text, sound, problem) => {
    const path = put('bad.aof', Buffer.from(text, 'latin1'));
    const { isSound, lines } = await check(path);
    expect(isSound).toBe(false);
    expect(lines[1]).toBe(problem);
    expect(lines[2]).toContain(`size=${text.length}, ok_up_to=${sound},`);
    expect(lines.at(-1)).toBe('AOF bad.aof is not valid. Use the --fix option to try fixing it.');
    expect((await check(path, { fixes: true, answer: false })).lines.at(-1)).toBe('Aborting...');
    expect(readFileSync(path)).toHaveLength(text.length);
    expect((await check(path, { fixes: true })).lines.at(-1)).toBe('Successfully truncated AOF bad.aof');
    expect(readFileSync(path)).toHaveLength(sound);
  });

  it('cuts to a time', async () => {
    const path = put('times.aof', `#TS:100\r\n${SET}#TS:200\r\n${SET}`);
    expect((await check(path, { untilSeconds: 200 })).lines.at(-2)).toBe(
      'Truncate nothing in AOF times.aof to timestamp 200',
    );
    expect((await check(path, { untilSeconds: 50 })).lines.at(-1)).toBe(
      'AOF times.aof has nothing before timestamp 50, aborting...',
    );
    expect((await check(path, { untilSeconds: 150 })).lines.at(-1)).toBe(
      'Successfully truncated AOF times.aof to timestamp 150',
    );
    expect(readFileSync(path, 'latin1')).toBe(`#TS:100\r\n${SET}`);
    const bad = put('times.aof', `#TS:soon\r\n${SET}`);
    expect(await check(bad, { untilSeconds: 150 })).toMatchObject({ isSound: false });
    expect((await check(bad)).isSound).toBe(true);
  });

  it('takes the files of a manifest, and cuts the last one only', async () => {
    const manifest = put('m', 'file b.rdb seq 1 type b\nfile i1 seq 1 type i\nfile i2 seq 2 type i\n');
    put('b.rdb', readFileSync(rdbFile));
    put('i1', SET);
    put('i2', `${SET}*1`);
    const { isSound, lines } = await check(manifest, { fixes: true });
    expect(isSound).toBe(true);
    expect(lines).toContain('Start to check BASE AOF (RDB format).');
    expect(lines).toContain('RDB preamble is OK, proceeding with AOF tail...');
    expect(lines).toContain('BASE AOF b.rdb is valid');
    expect(lines).toContain('INCR AOF i1 is valid');
    expect(lines.slice(-2)).toEqual([
      'Successfully truncated AOF i2',
      'All AOF files and manifest are valid',
    ]);
    put('i1', `${SET}*1`);
    expect((await check(manifest, { fixes: true })).lines.at(-1)).toBe(
      'Failed to truncate AOF i1 because it is not the last file',
    );
    rmSync(join(dir, 'i1'));
    expect((await check(manifest)).lines.at(-1)).toContain('Cannot open file');
    put('m', 'file b.rdb seq 1 type b\nfile i1 seq 1\n');
    expect((await check(manifest)).lines.slice(-2)).toEqual([
      ">>> 'file i1 seq 1'",
      'Invalid AOF manifest file format',
    ]);
  });

  it('knows an RDB file of Valkey at the beginning', async () => {
    const path = put('valkey.aof', Buffer.concat([asOfValkey(readFileSync(rdbFile)), Buffer.from(SET)]));
    const { isSound, lines } = await check(path);
    expect(isSound).toBe(true);
    expect(lines).toContain('RDB preamble is OK, proceeding with AOF tail...');
  });

  it('takes a file that holds lines like those of a manifest for what it is', async () => {
    expect((await check(put('word.aof', SET.replace('$1\r\nb', '$6\r\nfile x')))).isSound).toBe(true);
  });

  it('answers whatever it is given', async () => {
    const random = seededRandom('broken append-only files');
    const sound = Buffer.concat([readFileSync(rdbFile), Buffer.from(SET + MULTI + SET + EXEC)]);
    for (let i = 0; i < 300; i++) {
      const bytes = Buffer.from(random.below(2) === 0 ? sound : SET + MULTI + SET + EXEC);
      bytes[random.below(bytes.length)] = random.below(256);
      const path = put('any.aof', bytes.subarray(0, 1 + random.below(bytes.length)));
      const { isSound, lines } = await check(path);
      expect(lines.at(-1)).toMatch(isSound ? /is valid$/ : /not valid|not sane|manifest|too long line/);
    }
  });
});

describe('the check of an RDB file', () => {
  const run = (path: string) => {
    const lines: string[] = [];
    const end = checkRdb(files, path, 'x.rdb', Date.now(), (line) => void lines.push(line));
    return { end, lines };
  };

  it('tells what it meets', () => {
    const { end, lines } = run(rdbFile);
    const size = readFileSync(rdbFile).length;
    expect(end).toBe(size);
    expect(lines[0]).toBe('[offset 0] Checking RDB file x.rdb');
    expect(lines.filter((line) => /AUX FIELD redis-bits = '64'$/.test(line))).toHaveLength(1);
    expect(lines.filter((line) => /Selecting DB ID [03]$/.test(line))).toHaveLength(2);
    expect(lines.slice(-5)).toEqual([
      `[offset ${size}] Checksum OK`,
      `[offset ${size}] \\o/ RDB looks OK! \\o/`,
      '[info] 3 keys read',
      '[info] 1 expires',
      '[info] 1 already expired',
    ]);
  });

  it('says where a broken one breaks', () => {
    const bytes = readFileSync(rdbFile);
    const { end, lines } = run(put('x.rdb', bytes.subarray(0, bytes.indexOf('stream') + 3)));
    expect(end).toBe(-1);
    expect(lines.slice(-6)).toEqual([
      expect.stringMatching(/^\[offset \d+\] Unexpected EOF reading RDB file$/),
      '[additional info] While doing: read-key',
      '[additional info] Reading type 19 (stream-v2)',
      '[info] 2 keys read',
      '[info] 1 expires',
      '[info] 1 already expired',
    ]);
    const typeOf = (head: string, kind: number) =>
      run(put('x.rdb', Buffer.from([...Buffer.from(head), kind, 1]))).lines.at(-4);
    expect(typeOf('VALKEY080', 22)).toBe('[additional info] Reading type 22 (hash-volatile-items)');
    expect(typeOf('REDIS0014', 22)).toBe('[additional info] Reading type 22 (hash-hashtable-md-pre-release)');
    expect(typeOf('REDIS0014', 27)).toBe('[additional info] Reading type 27 (stream-v5)');
    expect(run(put('x.rdb', 'REDIS9999')).lines[2]).toBe("[offset 9] Can't handle RDB format version 9999");
    expect(run(put('x.rdb', 'not a dump')).lines[2]).toBe(
      '[offset 9] Wrong signature trying to load DB from file',
    );
    bytes[bytes.length - 1]! ^= 1;
    expect(run(put('x.rdb', bytes)).lines[2]).toMatch(/AUX FIELD/);
    expect(run(join(dir, 'x.rdb')).lines).toContain(`[offset ${bytes.length}] RDB CRC error`);
  });
});

describe('the programs', () => {
  const run = (name: string, args: string[], input = '') =>
    spawnSync(process.execPath, [resolve(import.meta.dirname, `../../dist/${name}.js`), ...args], {
      encoding: 'utf8',
      input,
    });

  it('answer with 0 for sound files, else with 1', () => {
    const path = put('p.aof', `${SET}*1`);
    expect(run('millrace-check-rdb', [rdbFile]).status).toBe(0);
    expect(run('millrace-check-rdb', [path]).status).toBe(1);
    expect(run('millrace-check-rdb', [join(dir, 'none')]).status).toBe(1);
    expect(run('millrace-check-rdb', [])).toMatchObject({
      status: 1,
      stderr: 'Usage: millrace-check-rdb <rdb-file-name>\n',
    });
    expect(run('millrace-check-rdb', ['--version']).stdout).toMatch(/^millrace-check-rdb \d/);
    expect(run('millrace-check-aof', [path]).status).toBe(1);
    const refused = run('millrace-check-aof', ['--fix', path]);
    expect([refused.status, refused.stdout.endsWith('Continue? [y/N]: Aborting...\n')]).toEqual([1, true]);
    expect(run('millrace-check-aof', ['--fix', path], 'y\n').status).toBe(0);
    expect(run('millrace-check-aof', [path]).status).toBe(0);
    expect(run('millrace-check-aof', ['--truncate-to-timestamp', 'x', path]).status).toBe(1);
    expect(run('millrace-check-aof', ['--truncate-to-timestamp', '1', path]).status).toBe(0);
    expect(run('millrace-check-aof', ['-x', path]).stdout).toContain(
      'Usage: millrace-check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>',
    );
    expect(existsSync(path)).toBe(true);
  });
});
