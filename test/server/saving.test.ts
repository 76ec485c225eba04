import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRdb } from '../../src/persist/rdb_loader.ts';
import { writeSnapshot } from '../../src/persist/snapshot_writer.ts';
import { SAVES_FAIL } from '../../src/resp/errors.ts';
import { asOfValkey, resealed } from '../persist/seal.ts';
import { MAKERS } from '../persist/values.ts';
import { Engine } from '../support/engine.ts';
import { FaultyFiles } from '../support/faulty_files.ts';
import { ReplyError } from '../support/resp.ts';
import { seededRandom } from '../support/seed.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-saving-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

function engineHere(config: Record<string, string> = {}): Engine {
  return new Engine({ dir, config });
}

function dumpFile(): string {
  return join(dir, 'dump.rdb');
}

/** One of every type in several databases, with expiries. */
function fill(engine: Engine, name: string): void {
  const random = seededRandom(name);
  for (const [i, [, make]] of MAKERS.entries()) {
    engine.line(`SELECT ${i % 3}`);
    for (const command of make(`key ${i}`, random)) engine.run(command);
    if (i % 2 === 0) engine.run(['PEXPIRE', `key ${i}`, '100000']);
  }
  engine.line('SELECT 0');
}

describe('a snapshot', () => {
  it.each([
    ['yes', 'yes'],
    ['no', 'no'],
  ])('holds everything, compressed: %s, with checksum: %s', async (rdbcompression, rdbchecksum) => {
    const engine = engineHere({ rdbcompression, rdbchecksum });
    fill(engine, 'snapshot');
    const digest = engine.line('DEBUG DIGEST');
    expect(engine.line('INFO persistence')).not.toContain('rdb_changes_since_last_save:0\r\n');
    engine.clock.advance(3000);
    expect(engine.line('SAVE')).toBe('OK');
    expect(readdirSync(dir)).toEqual(['dump.rdb']);
    expect(engine.line('LASTSAVE')).toBe(Math.floor(engine.clock.nowMs() / 1000));
    expect(engine.line('INFO persistence')).toContain('rdb_changes_since_last_save:0\r\n');
    const other = engineHere();
    await other.server.saving.load();
    expect(other.line('DEBUG DIGEST')).toBe(digest);
    expect(other.line('INFO persistence')).toContain(`rdb_last_load_keys_loaded:${MAKERS.length}\r\n`);
    other.verify();
    expect(engine.line('DEBUG RELOAD')).toBe('OK');
    expect(engine.line('DEBUG DIGEST')).toBe(digest);
    engine.verify();
  });

  it('leaves out what has expired when it is loaded', () => {
    const engine = engineHere();
    engine.line('SET a 1 PX 1000');
    engine.line('SET b 2');
    engine.line('SAVE');
    engine.clock.advance(2000);
    expect(engine.line('DEBUG RELOAD NOSAVE')).toBe('OK');
    expect(engine.line('DBSIZE')).toBe(1);
    expect(engine.server.saving.lastLoad).toMatchObject({ keys: 1, expired: 1 });
  });

  it('can be merged into what there is', () => {
    const engine = engineHere();
    engine.line('MSET a 1 b 2');
    engine.line('SAVE');
    engine.line('MSET a 3 c 4');
    expect(engine.line('DEBUG RELOAD NOSAVE NOFLUSH MERGE')).toBe('OK');
    expect(engine.line('MGET a b c')).toEqual(['1', '2', '4']);
    expect(engine.line('DEBUG RELOAD NOSAVE NOFLUSH')).toBeInstanceOf(ReplyError);
    engine.verify();
  });

  it('keeps the old file when a file operation fails', () => {
    const engine = engineHere();
    engine.line('SET a 1');
    engine.line('SAVE');
    const before = readFileSync(dumpFile());
    engine.line('SET a 2');
    const settings = { compresses: true, hasChecksum: true, clocks: 'none', facts: [] } as const;
    const { keyspace } = engine.server;
    const whole = new FaultyFiles();
    writeSnapshot(keyspace, whole, join(dir, 'other.rdb'), settings);
    for (let failAt = 1; failAt < whole.calls.length; failAt++) {
      expect(() => writeSnapshot(keyspace, new FaultyFiles(failAt), dumpFile(), settings)).toThrow('EIO');
      expect(readFileSync(dumpFile())).toEqual(before);
    }
  });
});

describe('a save in the background', () => {
  /** Waits until nothing is being saved. */
  async function ended(engine: Engine): Promise<void> {
    while (engine.server.snapshots.owner !== null) await new Promise((resolve) => setImmediate(resolve));
  }

  const info = (engine: Engine, field: string): string => {
    const text = String(engine.line('INFO persistence'));
    return new RegExp(`^${field}:(.*)\r$`, 'm').exec(text)![1]!;
  };

  it('writes what was there when it began', async () => {
    const engine = engineHere();
    fill(engine, 'background');
    const digest = engine.line('DEBUG DIGEST');
    expect(engine.line('BGSAVE')).toBe('Background saving started');
    expect(engine.line('SAVE')).toEqual(new ReplyError('ERR Background save already in progress'));
    expect(engine.line('BGSAVE SCHEDULE')).toEqual(new ReplyError('ERR Background save already in progress'));
    expect(engine.line('BGSAVE now')).toEqual(new ReplyError('ERR syntax error'));
    expect(info(engine, 'rdb_bgsave_in_progress')).toBe('1');
    expect(info(engine, 'current_save_keys_total')).toBe(String(MAKERS.length));
    for (let i = 0; i < 30; i++) engine.line(`SET new${i} value`);

    await ended(engine);
    expect(readdirSync(dir)).toEqual(['dump.rdb']);
    expect([info(engine, 'rdb_changes_since_last_save'), info(engine, 'rdb_saves')]).toEqual(['30', '1']);
    expect(info(engine, 'rdb_last_bgsave_status')).toBe('ok');
    expect(engine.log.map((line) => line.replace(/^.*? [*#] /, ''))).toEqual([
      `Background saving started by pid ${process.pid}\n`,
      'DB saved on disk\n',
      'Background saving terminated with success\n',
    ]);
    const other = engineHere();
    await other.server.saving.load();
    expect(other.line('DEBUG DIGEST')).toBe(digest);
    engine.verify();
  });

  it('waits for its turn inside of a transaction, and can be cancelled', async () => {
    const engine = engineHere({ 'rdb-key-save-delay': '1000000' });
    engine.line('SET a 1');
    engine.line('MULTI');
    engine.line('BGSAVE');
    expect(engine.line('EXEC')).toEqual(['Background saving scheduled']);
    expect(engine.line('BGSAVE CANCEL')).toBe('Scheduled background saving cancelled');
    engine.server.saving.tick();
    expect(engine.server.snapshots.owner).toBeNull();
    engine.line('BGSAVE');
    expect(engine.line('BGSAVE CANCEL')).toBe('Background saving cancelled');
    await ended(engine);
    expect([readdirSync(dir), info(engine, 'rdb_last_bgsave_status')]).toEqual([[], 'ok']);
    expect(engine.line('BGSAVE CANCEL')).toBeInstanceOf(ReplyError);
  });

  it('is given up when everything is deleted', async () => {
    const engine = engineHere({ save: '60 1' });
    engine.line('SET a 1');
    engine.line('BGSAVE');
    engine.line('FLUSHALL');
    await ended(engine);
    const other = engineHere();
    await other.server.saving.load();
    expect([other.line('DBSIZE'), readdirSync(dir)]).toEqual([0, ['dump.rdb']]);
    expect(info(engine, 'rdb_changes_since_last_save')).toBe('0');
  });

  it('begins at a save point, and again some time after it failed', async () => {
    const files = new FaultyFiles(3);
    const engine = new Engine({ dir, files, config: { save: '10 2' } });
    const tick = async (): Promise<string> => {
      engine.clock.advance(4000);
      engine.server.saving.tick();
      await ended(engine);
      return info(engine, 'rdb_last_bgsave_status');
    };
    engine.line('MSET a 1 b 2');
    await tick();
    await tick();
    expect(engine.server.saving.saves).toBe(0);
    expect(await tick()).toBe('err');
    const refused = engine.line('SET a 3');
    expect(refused).toEqual(new ReplyError(SAVES_FAIL));
    expect([engine.line('GET a'), engine.line('PING')]).toEqual(['1', refused]);
    expect(readdirSync(dir)).toEqual([]);
    engine.line('CONFIG SET stop-writes-on-bgsave-error no');
    expect(engine.line('SET a 3')).toBe('OK');
    engine.line('CONFIG SET stop-writes-on-bgsave-error yes');
    expect(engine.line('SET a 4')).toEqual(refused);
    expect(await tick()).toBe('err');
    expect(await tick()).toBe('ok');
    expect(engine.line('SET a 5')).toBe('OK');
    expect(engine.server.saving.changes).toBe(1);
  });

  it('keeps the old file when a file operation fails', async () => {
    const engine = engineHere();
    engine.line('SET a 1');
    engine.line('SAVE');
    const before = readFileSync(dumpFile());
    for (let failAt = 1; ; failAt++) {
      const files = new FaultyFiles(failAt);
      const other = new Engine({ dir, files });
      other.line('SET a 2');
      other.line('BGSAVE');
      await ended(other);
      const isOver = files.calls.length < failAt;
      const failed = files.calls[failAt - 1];
      // A failed sync of the directory leaves the new file, of which it is not known whether it will stay; and that the old
      // file could not be closed does not matter.
      const isGood = isOver || (failed === 'closeLater' && files.calls.includes('rename'));
      const isSwitched = isGood || failed === 'syncDirectoryLater';
      expect(info(other, 'rdb_last_bgsave_status')).toBe(isGood ? 'ok' : 'err');
      expect(readFileSync(dumpFile()).equals(before)).toBe(!isSwitched);
      expect(readdirSync(dir)).toEqual(['dump.rdb']);
      if (isOver) break;
    }
  });
});

describe('a file', () => {
  it('is read in pieces of any size, and refused where it is broken', () => {
    const engine = engineHere();
    engine.line('RPUSH l a b c');
    engine.line('HSET h f v');
    engine.line('SAVE');
    const whole = readFileSync(dumpFile());
    const attempt = (bytes: Uint8Array): string => {
      writeFileSync(dumpFile(), bytes);
      const other = engineHere();
      try {
        loadRdb(other.server.keyspace, new FaultyFiles(), dumpFile(), true, false);
      } catch (error) {
        other.verify();
        return (error as Error).message;
      }
      other.verify();
      return 'loaded';
    };
    expect(attempt(whole)).toBe('loaded');
    expect(attempt(asOfValkey(whole))).toBe('loaded');
    for (let end = 0; end < whole.length; end++)
      expect(attempt(whole.subarray(0, end))).toMatch(/ at offset \d+$/);
    for (let at = 0; at < whole.length; at++) {
      const copy = Buffer.from(whole);
      copy[at]! ^= 0x41;
      expect(attempt(copy)).toMatch(/ at offset \d+$/);
      attempt(resealed(copy));
    }
    expect(attempt(Buffer.from('REDIS0099'))).toBe("Can't handle RDB format version 99 at offset 9");
    expect(attempt(Buffer.from('REDIS0080'))).toBe("Can't handle RDB format version 80 at offset 9");
    expect(attempt(Buffer.from('VALKEY081'))).toBe("Can't handle RDB format version 81 at offset 9");
    expect(attempt(Buffer.from('VALKEY011'))).toBe("Can't handle RDB format version 11 at offset 9");
  });
});
