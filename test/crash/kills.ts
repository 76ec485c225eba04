// Kills a server again and again while clients write, with `appendfsync always`, at any moment, also of rewriting and saving:
// whatever was answered is there after the next start, what was never sent is not, transactions are there as a whole or not at
// all. Now and then it is told to end instead (SIGTERM), with `appendfsync everysec`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../src/base/random.ts';
import { decodeReply, encodeCommand, type Reply, ReplyError, type RespClient } from '../support/resp.ts';
import { freePort, TestServer } from '../support/server.ts';
import { Ledger, type Words } from './ledger.ts';
import type { Result } from './result.ts';

const WRITERS = 6;
const LIFE_MS = 150;
const START_MS = 120_000;
const FAILURES_MAX = 3;
const SETTINGS = [
  ...['--appendonly', 'yes', '--appendfsync', 'always', '--auto-aof-rewrite-min-size', '20kb'],
  ...['--enable-debug-command', 'yes'],
];

export async function kills(cycles: number, seed: number): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-kills-'));
  const run = new Kills(dir, await freePort(), new Random(seed));
  const failures: string[] = [];
  let done = 0;
  try {
    await run.start();
    for (; done < cycles && failures.length < FAILURES_MAX; done++) {
      const wrong = await run.cycle();
      if (wrong.length > 0) failures.push(`seed ${seed}, cycle ${done}: ${wrong.join('; ')}`);
    }
  } catch (error) {
    failures.push(`seed ${seed}, cycle ${done++}: ${error}`);
  } finally {
    await run.end();
    rmSync(dir, { recursive: true, force: true });
  }
  console.log(`${run.answered} writes were answered before ${done} kills`);
  return { done, failures };
}

class Kills {
  answered = 0;
  readonly #dir: string;
  readonly #port: number;
  readonly #random: Random;
  #server!: TestServer;
  #ledger!: Ledger;

  constructor(dir: string, port: number, random: Random) {
    this.#dir = dir;
    this.#port = port;
    this.#random = random;
  }

  async start(): Promise<void> {
    const threads = ['--io-threads', String(1 + this.#random.below(2))];
    this.#server = new TestServer('millrace', this.#port, this.#dir, [...SETTINGS, ...threads]);
    if (!(await this.#server.answers(START_MS))) throw new Error(`it does not start:\n${this.#server.log}`);
  }

  async end(): Promise<void> {
    await this.#server.kill();
  }

  /** A life and a death of the server; what is wrong after the next start. */
  async cycle(): Promise<string[]> {
    const random = this.#random;
    const isAsked = random.below(7) === 0;
    this.#ledger = new Ledger(random);
    const control = await this.#server.connect();
    for (const words of [['FLUSHALL'], ['CONFIG', 'SET', 'appendfsync', isAsked ? 'everysec' : 'always']])
      if ((await control.call(...words)) !== 'OK') throw new Error(`${words[0]} was refused`);
    const clients = [
      ...Array.from({ length: WRITERS }, () => this.#write()),
      this.#consume(['BLMOVE', 'source', 'moved', 'RIGHT', 'LEFT', '0'], (reply) =>
        this.#ledger.moved(reply),
      ),
      this.#consume(['SPOP', 'pool'], (reply) => this.#ledger.popped(reply)),
    ];
    await this.#live(control);
    await this.#server.kill(isAsked ? 'SIGTERM' : 'SIGKILL');
    await Promise.all(clients);
    this.answered += this.#ledger.answered;
    await this.start();
    const asking = await this.#server.connect();
    const wrong = await this.#ledger.check((...words) => asking.call(...words));
    asking.close();
    return wrong;
  }

  /** Some time passes, in which the log may be rewritten and the data saved. */
  async #live(control: RespClient): Promise<void> {
    const random = this.#random;
    await sleep(random.below(LIFE_MS));
    const way = random.below(4);
    if (way < 2) control.write(way === 0 ? 'BGREWRITEAOF\r\n' : 'BGSAVE\r\n');
    await sleep(random.below(random.below(2) === 0 ? 5 : LIFE_MS));
    control.close();
  }

  async #write(): Promise<void> {
    const ledger = this.#ledger;
    const client = await this.#server.connect();
    for (;;) {
      const { commands, answered } = ledger.next();
      const replies = await this.#send(client, commands);
      if (replies === null) return;
      const bad = replies.find((reply) => reply instanceof ReplyError);
      if (bad !== undefined) ledger.complain(`${commands[0]!.join(' ')}: ${(bad as ReplyError).text}`);
      answered();
    }
  }

  async #consume(words: Words, got: (reply: string) => void): Promise<void> {
    const client = await this.#server.connect();
    for (;;) {
      const replies = await this.#send(client, [words]);
      if (replies === null) return;
      if (typeof replies[0] === 'string') got(replies[0]);
      else await sleep(1);
    }
  }

  /** Replies to commands that are sent at once; null when the connection ends before the last one. */
  async #send(client: RespClient, commands: readonly Words[]): Promise<Reply[] | null> {
    try {
      client.write(Buffer.concat(commands.map((words) => encodeCommand(words))));
      return (await client.take(commands.length, START_MS)).map((reply) => decodeReply(reply));
    } catch {
      client.close();
      return null;
    }
  }
}
