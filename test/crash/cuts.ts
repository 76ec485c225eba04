// A log of 64 KiB is cut at every byte, as a crash cuts it. What a start finds then is what the last whole unit before the cut
// led to; it goes on, its log is cut again in the middle of a transaction, and the next start finds what was written before.
import { Random } from '../../src/base/random.ts';
import { Engine } from '../support/engine.ts';
import { type DiskState, SimulatedDisk } from '../support/simulated_disk.ts';
import { CONFIG, DIRECTORY_PATH, EMPTY, Recovery } from './recovery.ts';
import type { Result } from './result.ts';
import { Writes } from './writes.ts';

const LOG_BYTES = 64 * 1024;
const LONG_BYTES = 1500;
/** How often the log is written on and cut again. */
const AGAIN_EACH = 4;
const FAILURES_MAX = 3;
const INCREMENT = `${DIRECTORY_PATH}/appendonlydir/appendonly.aof.1.incr.aof`;

export async function cuts(amount: number, seed: number): Promise<Result> {
  const random = new Random(seed);
  const recovery = new Recovery();
  const whole = await written(random);
  const log = whole.files.get(INCREMENT)!;
  const states = await recovery.statesOf(withLog(whole, new Uint8Array(0)), log);
  const failures: string[] = [];
  let done = 0;
  for (; done < amount && failures.length < FAILURES_MAX; done++) {
    const cut = done % (log.length + 1);
    const fail = (what: string): number => failures.push(`seed ${seed}, cut at ${cut}: ${what}`);
    try {
      const expected = states.findLast(({ at }) => at <= cut)!;
      if ((await recovery.start(withLog(whole, log.subarray(0, cut)))) !== expected.print)
        fail('not what was there');
      if (done % AGAIN_EACH !== 0) continue;
      const print = recovery.write([
        ['MULTI'],
        ['SET', 'again', `${cut}`],
        ['RPUSH', 'l0', 'again'],
        ['EXEC'],
      ]);
      const before = recovery.disk.state.files.get(INCREMENT)!.length;
      recovery.write([['MULTI'], ['SET', 'torn', '1'], ['RPUSH', 'l0', 'torn'], ['EXEC']]);
      const longer = recovery.disk.state.files.get(INCREMENT)!;
      const again = before + random.below(longer.length - before);
      if ((await recovery.start(withLog(whole, longer.subarray(0, again)))) !== print)
        fail('lost when cut again');
    } catch (error) {
      fail(`refused to start: ${error}`);
    }
  }
  return { done, failures };
}

function withLog({ files, directories }: DiskState, log: Uint8Array): DiskState {
  return { directories, files: new Map([...files, [INCREMENT, log]]) };
}

/** A disk with a log of random writes, some of them long. */
async function written(random: Random): Promise<DiskState> {
  const disk = new SimulatedDisk(EMPTY);
  const config = { ...CONFIG, 'auto-aof-rewrite-percentage': '0' };
  const engine = new Engine({ dir: DIRECTORY_PATH, config, files: disk, seed: 1 });
  await engine.server.aof.load();
  const writes = new Writes(random, () => engine.clock.nowMs());
  for (let number = 0; disk.state.files.get(INCREMENT)!.length < LOG_BYTES; number++) {
    engine.bytes(writes.next(), 0);
    engine.bytes(
      [['SETRANGE', `long${number % 5}`, '3', String(number).repeat(1 + random.below(LONG_BYTES / 3))]],
      1,
    );
    engine.clock.advance(random.below(20));
    engine.server.runDueWork();
  }
  engine.server.aof.stop();
  return disk.state;
}
