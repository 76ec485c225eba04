import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asOfValkey } from '../persist/seal.ts';
import { MAKERS, NEWER_STREAMS } from '../persist/values.ts';
import { Engine } from '../support/engine.ts';
import { encodeCommand } from '../support/resp.ts';
import { seededRandom } from '../support/seed.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-aof-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const ALWAYS = { appendonly: 'yes', appendfsync: 'always', save: '' };

/** A server with an append-only file in `dir` that has loaded what is there. */
async function started(config: Record<string, string> = ALWAYS): Promise<Engine> {
  const engine = new Engine({ dir, config: { ...ALWAYS, ...config } });
  await engine.server.aof.load();
  return engine;
}

function aofFile(name: string): string {
  return join(dir, 'appendonlydir', `appendonly.aof.${name}`);
}

function manifest(): string {
  return readFileSync(aofFile('manifest'), 'latin1');
}

/** Waits, in real time, until other threads have done their work. */
async function until(isDone: () => boolean): Promise<void> {
  const endMs = Date.now() + 30_000;
  while (!isDone()) {
    if (Date.now() > endMs) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('an append-only file', () => {
  it.each(['everysec', 'no'])('has what was answered, with appendfsync %s', async (appendfsync) => {
    const engine = await started({ appendfsync });
    for (let i = 1; i <= 20; i++) {
      expect(engine.line(`INCR n`)).toBe(i);
      expect(readFileSync(aofFile('1.incr.aof'), 'latin1').match(/INCR/g)).toHaveLength(i);
    }
    engine.server.aof.stop();
  });

  it('begins with a base and an increment, and is loaded at the next start', async () => {
    const engine = await started();
    const random = seededRandom('aof');
    for (const [i, [, make]] of [...MAKERS, ...NEWER_STREAMS].entries()) {
      engine.line(`SELECT ${i % 3}`);
      for (const command of make(`key ${i}`, random)) engine.run(command);
      if (i % 2 === 0) engine.run(['PEXPIRE', `key ${i}`, '100000']);
    }
    engine.line('SELECT 0');
    for (const line of [
      'SPOP none',
      'MULTI',
      'SET a 1',
      'INCRBYFLOAT a 0.5',
      'EXEC',
      'FLUSHDB',
      'SADD s 1 2 3',
      'SPOP s',
    ])
      engine.line(line);
    const digest = engine.line('DEBUG DIGEST');
    engine.server.aof.stop();
    expect(manifest()).toBe(
      'file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
    );
    const other = await started();
    expect(other.line('DEBUG DIGEST')).toBe(digest);
    expect(other.line('DEBUG LOADAOF')).toBe('OK');
    expect(other.line('DEBUG DIGEST')).toBe(digest);
    other.verify();
    other.server.aof.stop();
  });

  it('may have a base, or begin, as a file of Valkey', async () => {
    const engine = await started();
    engine.line('SET a 1');
    engine.line('BGREWRITEAOF');
    await until(() => !engine.server.aof.rewrite.isInProgress);
    engine.line('SET b 2');
    engine.server.aof.stop();
    const base = asOfValkey(readFileSync(aofFile('2.base.rdb')));
    const increment = readFileSync(aofFile('2.incr.aof'));
    writeFileSync(aofFile('2.base.rdb'), base);
    const other = await started();
    expect([other.line('GET a'), other.line('GET b')]).toEqual(['1', '2']);
    other.server.aof.stop();
    rmSync(join(dir, 'appendonlydir'), { recursive: true });
    writeFileSync(join(dir, 'appendonly.aof'), Buffer.concat([base, increment]));
    const upgraded = await started();
    expect([upgraded.line('GET a'), upgraded.line('GET b')]).toEqual(['1', '2']);
    upgraded.server.aof.stop();
  });

  it('has what SORT has stored', async () => {
    const engine = await started();
    engine.line('RPUSH l 3 1 2');
    engine.line('SORT l BY w* GET # STORE sorted');
    engine.server.aof.stop();
    const other = await started();
    expect(other.line('LRANGE sorted 0 -1')).toEqual(['1', '2', '3']);
    other.server.aof.stop();
  });

  it('keeps what had not expired when it was changed', async () => {
    const engine = await started();
    engine.line('SET a 1 PX 1000');
    engine.line('HSET h f 1 g 2');
    engine.line('HPEXPIRE h 1000 FIELDS 1 f');
    engine.line('APPEND a 2');
    engine.line('PERSIST a');
    engine.line('SET b 1 PX 1000');
    engine.server.aof.stop();
    const other = new Engine({ dir, config: ALWAYS });
    other.clock.advance(5000);
    await other.server.aof.load();
    expect(other.line('GET a')).toBe('12');
    expect(other.line('GET b')).toBe(null);
    expect(other.line('HGETALL h')).toEqual(['g', '2']);
    other.server.aof.stop();
  });

  it('is on disk before a reply leaves', async () => {
    const engine = await started();
    engine.line('SET a 1');
    expect(readFileSync(aofFile('1.incr.aof'), 'latin1')).toContain('$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n');
    engine.bytes([['BLPOP', 'l', '0']], 1);
    engine.line('RPUSH l x');
    expect(readFileSync(aofFile('1.incr.aof'), 'latin1')).toMatch(/RPUSH\r\n.*LPOP\r\n\$1\r\nl\r\n$/s);
    engine.server.aof.stop();
  });

  it('is written by another thread with everysec', async () => {
    const engine = await started({ appendfsync: 'everysec' });
    engine.line('SET a 1');
    await until(() => readFileSync(aofFile('1.incr.aof'), 'latin1').includes('SET'));
    engine.line('SET b 1');
    engine.server.aof.stop();
    expect(readFileSync(aofFile('1.incr.aof'), 'latin1')).toMatch(/b\r\n\$1\r\n1\r\n$/);
  });

  it('begins anew while commands go on', async () => {
    const engine = await started();
    for (let i = 0; i < 300; i++) engine.line(`SET key${i} ${i}`);
    engine.line('SELECT 5');
    expect(engine.line('BGREWRITEAOF')).toBe('Background append only file rewriting started');
    expect(engine.line('BGREWRITEAOF')).toMatchObject({
      text: expect.stringContaining('already in progress'),
    });
    expect(engine.line('BGSAVE SCHEDULE')).toBe('Background saving scheduled');
    for (let i = 0; i < 300; i += 2) engine.line(`SET key${i} new`);
    const { aof } = engine.server;
    await until(() => !aof.rewrite.isInProgress && aof.manifest.history.length === 0);
    expect(manifest()).toBe(
      'file appendonly.aof.2.base.rdb seq 2 type b\nfile appendonly.aof.2.incr.aof seq 2 type i\n',
    );
    expect(readdirSync(join(dir, 'appendonlydir')).sort()).toEqual([
      'appendonly.aof.2.base.rdb',
      'appendonly.aof.2.incr.aof',
      'appendonly.aof.manifest',
    ]);
    engine.line('SET last 1');
    const digest = engine.line('DEBUG DIGEST');
    aof.stop();
    const other = await started();
    expect(other.line('DEBUG DIGEST')).toBe(digest);
    other.server.aof.stop();
  });

  it('begins anew by itself when it has grown', async () => {
    const engine = await started({
      'auto-aof-rewrite-min-size': '1000',
      'auto-aof-rewrite-percentage': '50',
    });
    const { aof } = engine.server;
    for (let i = 0; i < 50; i++) engine.line(`SET key ${i}`);
    aof.tick();
    expect(aof.rewrite.isInProgress).toBe(true);
    await until(() => aof.rewrite.count === 1);
    aof.stop();
  });

  it('is turned on and off', async () => {
    const engine = new Engine({ dir, config: { appendonly: 'no' } });
    engine.line('SET before 1');
    expect(engine.line('CONFIG SET appendonly yes')).toBe('OK');
    engine.line('SET after 1');
    const { aof } = engine.server;
    await until(() => aof.rewrite.count === 1);
    engine.line('SET later 1');
    const digest = engine.line('DEBUG DIGEST');
    expect(engine.line('CONFIG SET appendonly no')).toBe('OK');
    engine.line('SET unknown 1');
    const other = await started();
    expect(other.line('DEBUG DIGEST')).toBe(digest);
    other.server.aof.stop();
  });

  it('takes over the single file of former times', async () => {
    writeFileSync(join(dir, 'appendonly.aof'), encodeCommand(['SET', 'a', '1']));
    const engine = await started();
    expect(engine.line('GET a')).toBe('1');
    expect(manifest()).toBe(
      'file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
    );
    engine.line('SET b 2');
    engine.server.aof.stop();
    const other = await started();
    expect(other.line('MGET a b')).toEqual(['1', '2']);
    other.server.aof.stop();
  });

  it('acknowledges what it has on disk', async () => {
    const engine = await started({ appendfsync: 'everysec' });
    expect(engine.line('WAITAOF 1 0 0')).toEqual([1, 0]);
    engine.line('SET a 1');
    expect(engine.line('WAITAOF 0 0 0')).toEqual([0, 0]);
    expect(engine.bytes([['WAITAOF', '1', '0', '0']], 1).toString()).toBe('');
    engine.clock.advance(1000);
    await until(() => {
      engine.server.aof.tick();
      return engine.server.aof.hasSyncedAll;
    });
    await until(() => (engine.reactor.received.get(1) ?? []).length > 0);
    expect(engine.take(1).toString()).toBe('*2\r\n:1\r\n:0\r\n');
    expect(engine.line('WAITAOF 1 0 0')).toEqual([1, 0]);
    expect(engine.line('CONFIG SET appendonly no')).toBe('OK');
    expect(engine.line('WAITAOF 0 0 0')).toEqual([0, 0]);
  });

  it('notes times if asked to, and passes them over', async () => {
    const engine = await started({ 'aof-timestamp-enabled': 'yes' });
    engine.line('SET a 1');
    const { nowMs } = engine.server.keyspace;
    engine.server.aof.stop();
    const text = readFileSync(aofFile('1.incr.aof'), 'latin1');
    expect(text.startsWith(`#TS:${Math.floor(nowMs / 1000)}\r\n*2\r\n`)).toBe(true);
    const other = await started();
    expect(other.line('GET a')).toBe('1');
    other.server.aof.stop();
  });
});

describe('loading refuses', () => {
  function prepared(text: string, base = ''): void {
    mkdirSync(join(dir, 'appendonlydir'));
    if (base !== '') writeFileSync(aofFile('1.base.aof'), base);
    writeFileSync(aofFile('1.incr.aof'), text);
    const line = base === '' ? '' : 'file appendonly.aof.1.base.aof seq 1 type b\n';
    writeFileSync(aofFile('manifest'), `${line}file appendonly.aof.1.incr.aof seq 1 type i\n`);
  }

  const set = (name: string) => encodeCommand(['SET', name, '1']).toString('latin1');

  it.each([
    [`${set('a')}!!!`, 'Bad file format reading the append only file appendonly.aof.1.incr.aof'],
    [`${set('a')}*1\r\n$3\r\nFOO\r\n`, "Unknown command 'FOO' reading the append only file"],
    ['*3\r\n$3\r\nSET\r\n:1\r\n', 'Bad file format'],
    ['*0\r\n', 'Bad file format'],
    // More words than there can be, and more than there are.
    [`${set('a')}*103400000001068\r\n$3\r\nSET\r\n`, 'Bad file format'],
    [`*2000000000\r\n$3\r\nSET\r\n${set('a')}`, 'Bad file format'],
  ])('%j', async (text, reason) => {
    prepared(text);
    const engine = new Engine({ dir, config: ALWAYS });
    await expect(engine.server.aof.load()).rejects.toThrow(reason);
    expect(engine.log.join('\n')).toContain(reason);
  });

  it('a torn end, if told so', async () => {
    prepared(set('a').slice(0, -1));
    const engine = new Engine({ dir, config: { ...ALWAYS, 'aof-load-truncated': 'no' } });
    await expect(engine.server.aof.load()).rejects.toThrow(
      'Unexpected end of file reading the append only file',
    );
  });

  it('a torn file that is not the last one', async () => {
    prepared(set('b'), set('a').slice(0, -1));
    const engine = new Engine({ dir, config: ALWAYS });
    await expect(engine.server.aof.load()).rejects.toThrow('the truncated file is not the last file');
  });

  it('a manifest that names a file which is not there', async () => {
    prepared(set('a'));
    rmSync(aofFile('1.incr.aof'));
    const engine = new Engine({ dir, config: ALWAYS });
    await expect(engine.server.aof.load()).rejects.toThrow('No such file or directory');
  });

  it.each([
    ['', 'Found an empty AOF manifest'],
    ['\n', 'Invalid AOF manifest file format'],
    ['file a seq 1 type b\nfile b seq 2 type b\n', 'Found duplicate base file information'],
    ['file a seq 2 type i\nfile b seq 1 type i\n', 'Found a non-monotonic sequence number'],
    ['file a seq 1 type x\n', 'Unknown AOF file type'],
    ['file a/b seq 1 type b\n', "File can't be a path, just a filename"],
    ['file a seq 1 type b', 'The AOF manifest file contains too long line'],
  ])('the manifest %j', async (text, reason) => {
    prepared('');
    writeFileSync(aofFile('manifest'), text);
    const engine = new Engine({ dir, config: ALWAYS });
    await expect(engine.server.aof.load()).rejects.toThrow(reason);
    expect(engine.log.join('\n')).toContain('*** FATAL AOF MANIFEST FILE ERROR ***');
  });
});

describe('a log that is cut', () => {
  it('at any byte loses nothing whole, goes on, and may be cut again', async () => {
    const first = await started();
    /** Size of the log after each unit, and what a reader sees then. */
    const states: { bytes: number; digest: unknown }[] = [];
    const note = () => {
      const bytes = readFileSync(aofFile('1.incr.aof')).length;
      if (states.at(-1)?.bytes !== bytes) states.push({ bytes, digest: first.line('DEBUG DIGEST') });
    };
    const units = [
      ['SET a 1'],
      ['MULTI', 'SET b 1', 'RPUSH l 1 2', 'EXEC'],
      ['SADD s x y z'],
      ['SPOP s'],
      ['SELECT 2'],
      ['ZADD z 1 a 2 b'],
      ['MULTI', 'SELECT 0', 'INCRBYFLOAT a 1.5', 'SELECT 2', 'XADD x * f v', 'EXEC'],
      ['SET t 1 EX 1000'],
      ['FLUSHDB'],
    ];
    note();
    for (const unit of units) {
      for (const line of unit) first.line(line);
      note();
    }
    first.server.aof.stop();
    const whole = readFileSync(aofFile('1.incr.aof'));
    const engine = new Engine({ dir, config: ALWAYS });
    const other = new Engine({ dir, config: ALWAYS });
    for (let cut = 0; cut <= whole.length; cut++) {
      writeFileSync(aofFile('1.incr.aof'), whole.subarray(0, cut));
      const expected = states.findLast(({ bytes }) => bytes <= cut)!;
      engine.line('FLUSHALL');
      await engine.server.aof.load();
      expect(engine.line('DEBUG DIGEST')).toBe(expected.digest);
      if (cut % 3 !== 0) {
        engine.server.aof.stop();
        continue;
      }
      expect(engine.line('SET more 1')).toBe('OK');
      const digest = engine.line('DEBUG DIGEST');
      engine.line('MULTI');
      engine.line('SET torn 1');
      engine.line('SET torn2 1');
      engine.line('EXEC');
      engine.server.aof.stop();
      const bytes = readFileSync(aofFile('1.incr.aof')).length;
      truncateSync(aofFile('1.incr.aof'), bytes - 1 - (cut % 90));
      other.line('FLUSHALL');
      await other.server.aof.load();
      expect(other.line('DEBUG DIGEST')).toBe(digest);
      other.server.aof.stop();
    }
  });

  it('may end in a word of any size that a string can have', async () => {
    const first = await started();
    first.line('SET a 1');
    first.server.aof.stop();
    const whole = readFileSync(aofFile('1.incr.aof'), 'latin1');
    writeFileSync(aofFile('1.incr.aof'), `${whole}*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$2000000000\r\nhalf`);
    const engine = await started();
    expect(engine.line('MGET a b')).toEqual(['1', null]);
    expect(readFileSync(aofFile('1.incr.aof'), 'latin1')).toBe(whole);
    engine.server.aof.stop();
  });

  it('is cut behind zeros up to the end of a sector, which bytes leave that were never written', async () => {
    const first = await started();
    for (let i = 0; i < 40; i++) first.line(`SET k${i} value`);
    first.server.aof.stop();
    const bytes = readFileSync(aofFile('1.incr.aof'));
    const sectorBytes = 512;
    writeFileSync(aofFile('1.incr.aof'), Buffer.from(bytes).fill(0, sectorBytes, 2 * sectorBytes));
    const engine = await started();
    const found = Number(engine.line('DBSIZE'));
    expect(readFileSync(aofFile('1.incr.aof')).length).toBeLessThanOrEqual(sectorBytes);
    expect([found > 0, engine.line('GET k0'), engine.line(`GET k${found}`)]).toEqual([true, 'value', null]);
    engine.server.aof.stop();
    writeFileSync(aofFile('1.incr.aof'), Buffer.from(bytes).fill(0, sectorBytes, sectorBytes + 9));
    await expect(started()).rejects.toThrow('Bad file format');
  });
});
