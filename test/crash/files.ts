// Whole files that were changed: RDB files, made here or by redis-server, that end with a valid checksum, and logs. A start
// either refuses them with a reason, or loads what is sound; and no memory is left behind either way.
import { Crc64 } from '../../src/base/crc64.ts';
import { Random } from '../../src/base/random.ts';
import { Engine } from '../support/engine.ts';
import { mutated } from '../support/mutate.ts';
import { encodeCommand } from '../support/resp.ts';
import { type DiskState, SimulatedDisk } from '../support/simulated_disk.ts';
import { REDIS_FILES } from './recorded.ts';
import { CONFIG, DIRECTORY_PATH, EMPTY } from './recovery.ts';
import type { Result } from './result.ts';
import { SAMPLES } from './samples.ts';
import { Writes } from './writes.ts';

const CHECKSUM_BYTES = 8;
const SAMPLES_EACH = 500;
const LOG_UNITS = 30;
const TABLES_BYTES_MAX = 64 * 1024;
const FAILURES_MAX = 3;
const RDB = `${DIRECTORY_PATH}/dump.rdb`;
const LOG = `${DIRECTORY_PATH}/appendonly.aof`;
const REFUSALS = ['RdbError', 'AofError'];

export async function files(amount: number, seed: number): Promise<Result> {
  const random = new Random(seed);
  const failures: string[] = [];
  const subject = new Subject(random);
  let rdb: Buffer = Buffer.alloc(0);
  let log: Buffer = Buffer.alloc(0);
  let loaded = 0;
  let done = 0;
  for (; done < amount && failures.length < FAILURES_MAX; done++) {
    if (done % SAMPLES_EACH === 0) {
      rdb = random.below(3) === 0 ? REDIS_FILES[random.below(REDIS_FILES.length)]! : subject.rdb();
      log = subject.log();
    }
    const isRdb = done % 2 === 0;
    const bytes = isRdb ? summed(mutated(random, rdb, () => rdb)) : mutated(random, log, () => log);
    try {
      if (await subject.load(isRdb, bytes)) loaded++;
    } catch (error) {
      const stack = error instanceof Error ? error.stack : String(error);
      failures.push(`seed ${seed}, file ${done}: ${stack}\n  ${bytes.toString('hex')}`);
    }
  }
  console.log(`${loaded} of ${done} changed files were loaded`);
  return { done, failures };
}

function summed(body: Uint8Array): Buffer {
  const crc = new Crc64();
  crc.update(body, 0, body.length);
  const end = Buffer.alloc(CHECKSUM_BYTES);
  end.writeUInt32LE(crc.low, 0);
  end.writeUInt32LE(crc.high, 4);
  return Buffer.concat([body, end]);
}

class Subject {
  readonly #engine = new Engine({ dir: DIRECTORY_PATH, config: { ...CONFIG, appendonly: 'no' } });
  readonly #random: Random;
  #emptyBytes = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** An RDB file of values of all kinds, without its checksum. */
  rdb(): Buffer {
    const disk = this.#use(EMPTY);
    for (const [i, make] of SAMPLES.entries()) {
      for (const command of make(`key${i}`, this.#random)) this.#engine.run(command);
      if (i % 3 === 0) this.#engine.run(['PEXPIRE', `key${i}`, '100000000']);
    }
    this.#engine.line('SAVE');
    this.#empty();
    return Buffer.from(disk.state.files.get(RDB)!.subarray(0, -CHECKSUM_BYTES));
  }

  /** A log of commands of all kinds. */
  log(): Buffer {
    const writes = new Writes(this.#random, () => this.#engine.clock.nowMs());
    const units = Array.from({ length: LOG_UNITS }, () => writes.next());
    return Buffer.concat(units.flat().map((words) => encodeCommand(words)));
  }

  /** False if the file was refused. Throws if something is wrong. */
  async load(isRdb: boolean, bytes: Buffer): Promise<boolean> {
    this.#use({ ...EMPTY, files: new Map([[isRdb ? RDB : LOG, bytes]]) });
    const { aof, saving } = this.#engine.server;
    let isLoaded = true;
    try {
      await (isRdb ? saving.load() : aof.load());
    } catch (error) {
      if (!REFUSALS.includes((error as Error).name)) throw error;
      isLoaded = false;
    }
    this.#engine.verify();
    if (!isRdb) aof.stop();
    this.#empty();
    return isLoaded;
  }

  #use(state: DiskState): SimulatedDisk {
    const disk = new SimulatedDisk(state);
    Object.assign(this.#engine.server, { files: disk });
    return disk;
  }

  #empty(): void {
    const { arena, background, keyspace } = this.#engine.server;
    for (let index = 0; index < keyspace.databaseCount; index++) keyspace.flush(index, false);
    background.finish();
    this.#engine.log.length = 0;
    if (this.#emptyBytes === 0) this.#emptyBytes = arena.usedBytes;
    const left = arena.usedBytes - this.#emptyBytes;
    if (left > TABLES_BYTES_MAX) throw new Error(`${left} bytes are left behind`);
  }
}
