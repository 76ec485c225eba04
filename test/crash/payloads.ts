// RESTORE of dumps, made here, by redis-server or by older ones, that were changed and then given a valid checksum: an error or a
// sound value, and nothing else. What was accepted has to stand commands of its type, and its own dump; no memory may be left
// behind, and none taken that the dump does not account for.
import { Random } from '../../src/base/random.ts';
import { checkValue } from '../persist/check_value.ts';
import { bytesOf, OLD_FORMS } from '../persist/old_forms.ts';
import { sealed } from '../persist/seal.ts';
import { Engine } from '../support/engine.ts';
import { mutated } from '../support/mutate.ts';
import { type Reply, ReplyError } from '../support/resp.ts';
import { REDIS_DUMPS } from './recorded.ts';
import type { Result } from './result.ts';
import { LARGE, SAMPLES, USES } from './samples.ts';

const FOOTER_BYTES = 10;
const VERSION = 12;
const USES_EACH = 6;
/** One byte of compressed text may stand for so many. */
const GROWTH_MAX = 264;
const SPARE_BYTES = 64 * 1024;
/** Tables of an empty database, and names of hashes whose fields had expiries; what else is left behind adds up. */
const TABLES_BYTES_MAX = 4096;
const VERIFY_EACH = 500;
const SAMPLES_EACH = 2000;
const FAILURES_MAX = 3;

export async function payloads(amount: number, seed: number): Promise<Result> {
  const random = new Random(seed);
  const failures: string[] = [];
  const engines = [new Subject(random, false), new Subject(random, true)];
  const foreign = [...OLD_FORMS.map(([, body]) => bytesOf(body)), ...REDIS_DUMPS];
  let bodies: Buffer[] = [];
  let done = 0;
  for (; done < amount && failures.length < FAILURES_MAX; done++) {
    const subject = engines[done % engines.length]!;
    if (done % SAMPLES_EACH === 0) bodies = [...foreign, ...engines.flatMap((one) => one.bodies())];
    const pick = (): Buffer => bodies[random.below(bodies.length)]!;
    const body = mutated(random, pick(), pick);
    try {
      subject.stand(body);
      if (done % VERIFY_EACH === 0) subject.engine.verify();
    } catch (error) {
      const stack = error instanceof Error ? error.stack : String(error);
      failures.push(
        `seed ${seed}, change ${done}: ${stack}\n  ${body.toString('hex')}\n  ${subject.uses.join('; ')}`,
      );
    }
  }
  const accepted = engines.map((one) => one.accepted).join(' + ');
  console.log(`${accepted} of ${done} changed dumps were accepted`);
  return { done, failures };
}

/** A server that is given dumps. */
class Subject {
  readonly engine = new Engine();
  accepted = 0;
  /** What was done with the last value. */
  uses: string[] = [];
  readonly #random: Random;
  readonly #emptyBytes: number;

  constructor(random: Random, isLarge: boolean) {
    this.#random = random;
    if (isLarge) for (const [name, value] of LARGE) this.#run('CONFIG', 'SET', name!, value!);
    this.#run('CONFIG', 'SET', 'lazyfree-lazy-user-del', 'no');
    this.bodies();
    this.#emptyBytes = this.#usedBytes();
  }

  /** Dumps of fresh values, without their ends; half of them compressed where that pays. */
  bodies(): Buffer[] {
    const found: Buffer[] = [];
    for (const compresses of ['yes', 'no']) {
      this.#run('CONFIG', 'SET', 'rdbcompression', compresses);
      for (const make of SAMPLES) {
        for (const command of make('from', this.#random)) this.#run(...command);
        found.push(Buffer.from(this.#run('DUMP', 'from') as string, 'latin1').subarray(0, -FOOTER_BYTES));
        this.#run('DEL', 'from');
      }
    }
    return found;
  }

  /** Throws if something is wrong. */
  stand(body: Buffer): void {
    this.uses = [];
    this.#run('DEL', 'k', 'other', 'copy');
    const reply = this.#run('RESTORE', 'k', '0', sealed(body, VERSION));
    if (reply === 'OK') this.#use(body.length);
    else if (!(reply instanceof ReplyError) || reply.text !== 'ERR Bad data format')
      throw new Error(`RESTORE answered ${String(reply)}`);
    this.#run('DEL', 'k', 'other', 'copy');
    const left = this.#usedBytes() - this.#emptyBytes;
    if (left > TABLES_BYTES_MAX) throw new Error(`${left} bytes are left behind`);
    const { log } = this.engine;
    if (log.length > 0) throw new Error(log.join(''));
  }

  #use(bytes: number): void {
    const random = this.#random;
    this.accepted++;
    if (this.#usedBytes() - this.#emptyBytes > GROWTH_MAX * bytes + SPARE_BYTES)
      throw new Error(`${bytes} bytes take ${this.#usedBytes() - this.#emptyBytes}`);
    checkValue(this.engine, 'k');
    const type = this.#run('TYPE', 'k') as string;
    const dump = this.#run('DUMP', 'k');
    // All fields of a hash may have expired by now.
    if (dump === null) return;
    if (this.#run('RESTORE', 'copy', '0', Buffer.from(dump as string, 'latin1')) !== 'OK')
      throw new Error('its own dump was refused');
    const [one, other] = ['k', 'copy'].map((key) => String(this.#run('DEBUG', 'DIGEST-VALUE', key)));
    if (one !== other) throw new Error('its own dump is another value');
    const uses = USES[type]!;
    for (let left = USES_EACH; left > 0; left--) this.#line(uses[random.below(uses.length)]!);
    if (this.#run('EXISTS', 'k') === 1) checkValue(this.engine, 'k');
    this.#line(random.below(2) === 0 ? 'COPY k other REPLACE' : 'MEMORY USAGE k');
    this.#line('DUMP k');
  }

  #line(line: string): void {
    this.uses.push(line);
    this.#run(...line.split(' '));
  }

  #run(...words: (string | Uint8Array)[]): Reply {
    return this.engine.run(words);
  }

  #usedBytes(): number {
    this.engine.server.background.finish();
    return this.engine.server.arena.usedBytes;
  }
}
