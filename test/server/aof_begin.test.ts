import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemFiles } from '../../src/base/files.ts';
import { Engine } from '../support/engine.ts';
import { ReplyError } from '../support/resp.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-begin-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A server without a log whose snapshots take until `hurry` is called. */
function slowEngine(): Engine {
  const engine = new Engine({ dir, config: { save: '', 'rdb-key-save-delay': '10000000' } });
  engine.line('SET k v');
  return engine;
}

const hurry = (engine: Engine) => engine.line('CONFIG SET rdb-key-save-delay 0');

async function until(isDone: () => boolean): Promise<void> {
  const endMs = Date.now() + 30_000;
  while (!isDone()) {
    if (Date.now() > endMs) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the first base', () => {
  it('is scheduled behind a save, and made though the log is off', async () => {
    const engine = slowEngine();
    const { aof, saving } = engine.server;
    engine.line('BGSAVE');
    expect(String(engine.line('BGREWRITEAOF'))).toContain('scheduled');
    hurry(engine);
    await until(() => aof.rewrite.count === 1);
    expect(saving.isLastSaveGood).toBe(true);
    expect(readdirSync(join(dir, 'appendonlydir')).sort()).toEqual([
      'appendonly.aof.1.base.rdb',
      'appendonly.aof.manifest',
    ]);
    aof.disable();
  });

  it('is not left half made by SHUTDOWN, unless by force', () => {
    const engine = slowEngine();
    const { aof } = engine.server;
    expect(engine.line('CONFIG SET appendonly yes')).toBe('OK');
    expect(aof.isBeginning).toBe(true);
    const refused = engine.line('SHUTDOWN NOSAVE');
    expect(refused).toBeInstanceOf(ReplyError);
    expect((refused as ReplyError).text).toBe('ERR Errors trying to SHUTDOWN. Check logs.');
    expect(engine.log.join('\n')).toContain("Writing initial AOF, can't exit.");
    expect(engine.server.admin.prepareShutdown({ save: 'no', force: true })).toBe(true);
    expect(engine.log.join('\n')).toContain('Writing initial AOF. Exit anyway.');
    aof.stop();
  });

  it('does not keep the server from ending once it is there', async () => {
    const engine = slowEngine();
    const { aof } = engine.server;
    engine.line('CONFIG SET appendonly yes');
    hurry(engine);
    await until(() => !aof.rewrite.isInProgress);
    // What was before is gone when the rewrite says that it is done.
    expect(aof.manifest.history).toEqual([]);
    expect(engine.server.admin.prepareShutdown({ save: 'no', force: false })).toBe(true);
    aof.stop();
  });
});

describe('a save', () => {
  it('has the same temporary name in the foreground and in the background', () => {
    const names: string[] = [];
    class NotingFiles extends SystemFiles {
      override create(path: string, mode: number): number {
        names.push(basename(path));
        return super.create(path, mode);
      }
    }
    const engine = new Engine({ dir, files: new NotingFiles(), config: { save: '' } });
    engine.line('BGSAVE');
    engine.server.saving.abortSave();
    expect(readdirSync(dir)).toEqual([]);
    expect(engine.server.saving.save()).toBe(true);
    expect(names[0]).toMatch(/^temp-\d+-[0-9a-f]{8}\.rdb$/);
    expect(names).toEqual([names[0], names[0]]);
    expect(readdirSync(dir)).toEqual(['dump.rdb']);
  });
});
