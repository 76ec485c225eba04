// The n-th file operation fails, for every n: nothing that was acknowledged is lost, the server goes on or heals by itself,
// and what it leaves behind is loaded by the next one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Engine } from '../support/engine.ts';
import { FaultyFiles } from '../support/faulty_files.ts';

const ROUNDS = 12;

interface Outcome {
  /** Operations there were. */
  calls: readonly string[];
  acknowledged: number[];
  healed: boolean;
}

function isGood(engine: Engine, i: number): boolean {
  return engine.bytes([['SET', 'healed', '1']], 200 + i).toString() === '+OK\r\n';
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Writes with `always`, rewriting on the way, while the `failAt`-th operation fails. */
async function life(dir: string, failAt: number): Promise<Outcome> {
  const files = new FaultyFiles(failAt);
  const config = { appendonly: 'yes', appendfsync: 'always', save: '' };
  const engine = new Engine({ dir, config, files });
  const outcome: Outcome = { calls: files.calls, acknowledged: [], healed: false };
  const { aof } = engine.server;
  try {
    await aof.load();
  } catch {
    return outcome;
  }
  for (let i = 0; i < ROUNDS; i++) {
    // A connection of its own for each: that of a reply which is taken back is closed.
    if (engine.bytes([['RPUSH', 'log', String(i)]], i + 1).toString()[0] === ':')
      outcome.acknowledged.push(i);
    if (i === 4) engine.line('BGREWRITEAOF', 100);
    await pause();
    engine.clock.advance(1000);
    aof.tick();
  }
  for (let i = 0; i < 500 && !outcome.healed; i++) {
    await pause();
    engine.clock.advance(1000);
    aof.tick();
    outcome.healed = !aof.isBroken && !aof.rewrite.isInProgress && isGood(engine, i);
  }
  aof.stop();
  return outcome;
}

it('survives the failure of any operation', async () => {
  for (let failAt = 1; ; failAt++) {
    const dir = mkdtempSync(join(tmpdir(), 'millrace-faults-'));
    try {
      const { calls, acknowledged, healed } = await life(dir, failAt);
      const where = `operation ${failAt}, ${calls[failAt - 1]}`;
      const next = new Engine({ dir, config: { appendonly: 'yes', appendfsync: 'always', save: '' } });
      await next.server.aof.load();
      const found = (next.line('LRANGE log 0 -1') as string[]).map(Number);
      expect(
        acknowledged.filter((i) => !found.includes(i)),
        where,
      ).toEqual([]);
      expect(new Set(found).size, where).toBe(found.length);
      if (acknowledged.length > 0) expect(healed, where).toBe(true);
      next.server.aof.stop();
      if (calls.length < failAt) break;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
}, 120_000);
