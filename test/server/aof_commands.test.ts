import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemFiles } from '../../src/base/files.ts';
import { AofReader, COMMAND, END } from '../../src/persist/aof_reader.ts';
import { MAKERS } from '../persist/values.ts';
import { Engine } from '../support/engine.ts';
import { seededRandom } from '../support/seed.ts';

const LARGE = 5000;
const CONFIG = { appendonly: 'yes', appendfsync: 'always', save: '', 'aof-use-rdb-preamble': 'no' };
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-commands-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function started(config: Record<string, string> = {}): Promise<Engine> {
  const engine = new Engine({ dir, config: { ...CONFIG, ...config } });
  await engine.server.aof.load();
  return engine;
}

const directory = () => join(dir, 'appendonlydir');

const baseFile = () => join(directory(), 'appendonly.aof.2.base.aof');

/** The commands of a file, as texts. */
function commandsOf(path: string): string[][] {
  const files = new SystemFiles();
  const fd = files.open(path);
  const reader = new AofReader(files, fd, 0);
  const commands: string[][] = [];
  let result = reader.next();
  for (; result === COMMAND; result = reader.next()) {
    const { bytes, count, pairs } = reader;
    const word = (i: number) => Buffer.from(bytes.subarray(pairs[i]!, pairs[i]! + pairs[i + 1]!));
    commands.push(Array.from({ length: count }, (_, i) => word(2 * i).toString('latin1')));
  }
  expect(result).toBe(END);
  files.close(fd);
  return commands;
}

async function rewrite(engine: Engine, meanwhile: () => void): Promise<void> {
  engine.line('BGREWRITEAOF');
  while (engine.server.aof.rewrite.isInProgress) {
    meanwhile();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(engine.server.aof.rewrite.isLastGood).toBe(true);
}

/** The groups of a stream with what is pending in them. */
function groupsOf(engine: Engine, key: string): unknown[] {
  return (engine.run(['XINFO', 'GROUPS', key]) as string[][]).map((group) => {
    return [group, engine.run(['XPENDING', key, group[1]!, '-', '+', '1000'])];
  });
}

/** All that is there: digests, expiries of keys and fields, and all about streams. */
function contentsOf(engine: Engine): unknown[] {
  const contents: unknown[] = [];
  for (const index of [0, 1, 2]) {
    engine.line(`SELECT ${index}`);
    for (const key of (engine.line('KEYS *') as string[]).sort()) {
      const type = engine.run(['TYPE', key]);
      const digest = engine.run(['DEBUG', 'DIGEST-VALUE', key]);
      const found: unknown[] = [index, key, type, digest, engine.run(['PEXPIRETIME', key])];
      if (type === 'hash') {
        const fields = (engine.run(['HKEYS', key]) as string[]).sort();
        found.push(engine.run(['HPEXPIRETIME', key, 'FIELDS', String(fields.length), ...fields]));
      }
      if (type === 'stream') {
        found.push(engine.run(['XINFO', 'STREAM', key]), groupsOf(engine, key));
      }
      contents.push(found);
    }
  }
  engine.line('SELECT 0');
  return contents;
}

function fill(engine: Engine): void {
  const random = seededRandom('base of commands');
  for (const [i, [, make]] of MAKERS.entries()) {
    engine.line(`SELECT ${i % 3}`);
    for (const command of make(`key ${i}`, random)) engine.run(command);
    if (i % 2 === 0) engine.run(['PEXPIRE', `key ${i}`, '100000']);
  }
  engine.line('SELECT 1');
  const numbers = Array.from({ length: LARGE }, (_, i) => i);
  engine.run(['SADD', 'large set', ...numbers.map((i) => `m${i}`)]);
  engine.run(['ZADD', 'large zset', ...numbers.flatMap((i) => [String(i / 3), `m${i}`])]);
  engine.run(['HSET', 'large hash', ...numbers.flatMap((i) => [`f${i}`, `v${i}`])]);
  engine.run(['HSET', 'fields', ...numbers.flatMap((i) => [`f${i}`, `v${i}`])]);
  engine.run(['HPEXPIRE', 'fields', '50000', 'FIELDS', '3', 'f1', 'f2', 'f3']);
  engine.run(['PEXPIRE', 'large zset', '200000']);
  engine.line('HSET few a 1 b 2');
  engine.line('HPEXPIRE few 60000 FIELDS 1 b');
  engine.line('XGROUP CREATE nothing group $ MKSTREAM');
  engine.line('SELECT 0');
}

describe('a base of commands', () => {
  it('makes the data as they were, while commands go on', async () => {
    const engine = await started();
    fill(engine);
    let n = 0;
    await rewrite(engine, () => {
      engine.line(`SELECT ${n++ % 3}`);
      for (const line of ['DEL fields', 'HSET large\0hash x y', `RPUSH later ${n}`, `SET now ${n}`])
        engine.line(line);
      engine.run(['SREM', 'large set', `m${n}`]);
      engine.run(['HDEL', 'large hash', `f${LARGE - n}`]);
      engine.run(['ZINCRBY', 'large zset', '1000', `m${n}`]);
      engine.line('SELECT 0');
    });
    expect(n).toBeGreaterThan(2);
    engine.server.aof.stop();
    expect(readFileSync(join(directory(), 'appendonly.aof.manifest'), 'latin1')).toMatch(
      /^file appendonly\.aof\.2\.base\.aof seq 2 type b\n/,
    );
    const again = await started();
    again.verify();
    expect(contentsOf(again)).toEqual(contentsOf(engine));
  });

  it('takes 64 elements a command', async () => {
    const engine = await started();
    const numbers = Array.from({ length: 130 }, (_, i) => String(i));
    engine.run(['RPUSH', 'list', ...numbers]);
    engine.line('SET text 5 PX 100');
    engine.line('HSET hash f v');
    engine.line('HPEXPIREAT hash 4102444800000 FIELDS 1 f');
    engine.line('XADD stream 1-1 a b');
    engine.line('XGROUP CREATE stream g 0');
    engine.line('XREADGROUP GROUP g c STREAMS stream >');
    engine.line('XGROUP CREATECONSUMER stream g idle');
    const nowMs = engine.clock.nowMs();
    await rewrite(engine, () => {});
    engine.server.aof.stop();
    const commands = commandsOf(baseFile());
    expect(commands[0]).toEqual(['SELECT', '0']);
    const about = (key: string) => commands.filter((words) => words.includes(key));
    expect(about('list')).toEqual([
      ['RPUSH', 'list', ...numbers.slice(0, 64)],
      ['RPUSH', 'list', ...numbers.slice(64, 128)],
      ['RPUSH', 'list', '128', '129'],
    ]);
    expect(about('text')).toEqual([
      ['SET', 'text', '5'],
      ['PEXPIREAT', 'text', String(nowMs + 100)],
    ]);
    expect(about('hash')).toEqual([
      ['HSET', 'hash', 'f', 'v'],
      ['HPEXPIREAT', 'hash', '4102444800000', 'FIELDS', '1', 'f'],
    ]);
    expect(about('stream')).toEqual([
      ['XADD', 'stream', '1-1', 'a', 'b'],
      ['XSETID', 'stream', '1-1', 'ENTRIESADDED', '1', 'MAXDELETEDID', '0-0'],
      ['XGROUP', 'CREATE', 'stream', 'g', '1-1', 'ENTRIESREAD', '1'],
      ['XCLAIM', 'stream', 'g', 'c', '0', '1-1', 'TIME', String(nowMs), 'RETRYCOUNT', '1', 'JUSTID', 'FORCE'],
      ['XGROUP', 'CREATECONSUMER', 'stream', 'g', 'idle'],
    ]);
  });

  it('knows what producers sent and which entries were released', async () => {
    const engine = await started();
    for (const line of [
      'XADD s 1-1 a b',
      'XADD s 2-1 a c',
      'XADD s 3-1 a d',
      'XCFGSET s IDMP-DURATION 5000 IDMP-MAXSIZE 7',
      'XIDMPRECORD s ann 9 1-1',
      'XIDMPRECORD s ben y 2-1',
      'XGROUP CREATE s g 0',
      'XREADGROUP GROUP g c STREAMS s >',
      'XNACK s g FAIL IDS 1 3-1 RETRYCOUNT 4',
      'XNACK s g SILENT IDS 1 2-1',
    ])
      engine.line(line);
    await rewrite(engine, () => {});
    engine.server.aof.stop();
    expect(commandsOf(baseFile()).slice(-8)).toEqual([
      ['XSETID', 's', '3-1', 'ENTRIESADDED', '3', 'MAXDELETEDID', '0-0'],
      ['XCFGSET', 's', 'IDMP-DURATION', '5000', 'IDMP-MAXSIZE', '7'],
      ['XIDMPRECORD', 's', 'ann', '9', '1-1'],
      ['XIDMPRECORD', 's', 'ben', 'y', '2-1'],
      ['XGROUP', 'CREATE', 's', 'g', '3-1', 'ENTRIESREAD', '3'],
      expect.arrayContaining(['XCLAIM', '1-1']),
      ['XNACK', 's', 'g', 'SILENT', 'IDS', '1', '3-1', 'RETRYCOUNT', '4', 'FORCE'],
      ['XNACK', 's', 'g', 'SILENT', 'IDS', '1', '2-1', 'RETRYCOUNT', '0', 'FORCE'],
    ]);
    const again = await started();
    again.verify();
    expect(again.line('XPENDING s g - + 10')).toEqual(engine.line('XPENDING s g - + 10'));
    expect(again.line('XIDMPRECORD s ann 9 2-1')).toEqual(engine.line('XIDMPRECORD s ann 9 2-1'));
  });

  it.each([
    ['in the middle and at the end', ['XDEL s 2-1 4-1']],
    ['at the beginning', ['XTRIM s MINID 3-1']],
    ['at the beginning, as one that was deleted', ['XDEL s 1-1 3-1', 'XTRIM s MAXLEN 1']],
    ['everywhere', ['XTRIM s MAXLEN 0']],
  ])('knows what is pending, or was sent, and was deleted since: %s', async (_, lines) => {
    const engine = await started();
    const before = ['XADD s 1-1 a b', 'XADD s 2-1 a c', 'XADD s 3-1 a d', 'XADD s 4-1 a e', 'XADD s 5-1 a f'];
    before.push('XIDMPRECORD s ann 1 1-1', 'XIDMPRECORD s ann 4 4-1', 'XDEL s 5-1');
    before.push('XGROUP CREATE s g 0', 'XGROUP CREATE s h 2-1', 'XGROUP CREATE s idle $');
    before.push('XREADGROUP GROUP g c COUNT 2 STREAMS s >', 'XREADGROUP GROUP g d STREAMS s >');
    before.push('XREADGROUP GROUP h c STREAMS s >', 'XNACK s h FAIL IDS 2 3-1 4-1');
    for (const line of [...before, ...lines]) engine.line(line);
    await rewrite(engine, () => {});
    engine.server.aof.stop();
    const again = await started();
    again.verify();
    expect(contentsOf(again)).toEqual(contentsOf(engine));
    for (const line of [
      'XPENDING s g - + 10 c',
      'XPENDING s h - + 10',
      'XAUTOCLAIM s g d 0 0',
      'XADD s * a b',
    ])
      expect(again.line(line)).toEqual(engine.line(line));
    for (const [name, id] of [
      ['1', '2-1'],
      ['4', '3-1'],
    ])
      expect(again.line(`XIDMPRECORD s ann ${name} ${id}`)).toEqual(
        engine.line(`XIDMPRECORD s ann ${name} ${id}`),
      );
    again.server.aof.stop();
  });

  it('says when it was made if asked to', async () => {
    const engine = await started({ 'aof-timestamp-enabled': 'yes' });
    engine.line('SET a b');
    await rewrite(engine, () => {});
    engine.server.aof.stop();
    const second = Math.floor(engine.clock.nowMs() / 1000);
    expect(readFileSync(baseFile(), 'latin1')).toMatch(new RegExp(`^#TS:${second}\r\n\\*2\r\n`));
    expect((await started()).line('GET a')).toBe('b');
  });
});
