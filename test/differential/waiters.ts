// Connections that wait for keys, on one side of the test: which of them are blocked, and what they were answered.
import { decodeReply, encodeCommand, type RespClient } from '../support/resp.ts';
import type { BlockStep } from './steps.ts';

const REPLY_TIMEOUT_MS = 60_000;
const MULTI = encodeCommand(['MULTI']);
const EXEC = encodeCommand(['EXEC']);

interface Waiter {
  readonly client: RespClient;
  readonly id: number;
  /** What it is blocked in. */
  step: BlockStep | null;
}

export class Waiters {
  readonly #observer: RespClient;
  readonly #waiters: Waiter[] = [];

  constructor(observer: RespClient) {
    this.#observer = observer;
  }

  /** Opens `count` connections; every other one speaks RESP3. */
  async open(count: number, connect: () => Promise<RespClient>): Promise<void> {
    for (let i = 0; i < count; i++) {
      const client = await connect();
      if (i % 2 === 1) await client.call('HELLO', 3);
      this.#waiters.push({ client, id: Number(await client.call('CLIENT', 'ID')), step: null });
    }
  }

  close(): void {
    for (const { client } of this.#waiters) client.close();
  }

  /** Whether a waiter is blocked. */
  isBusy(waiter: number): boolean {
    return this.#waiters[waiter]!.step !== null;
  }

  get anyBusy(): boolean {
    return this.#waiters.some(({ step }) => step !== null);
  }

  /** Sends a command; its reply if there is one at once, null if the waiter is blocked now. */
  async send(step: BlockStep): Promise<Buffer | null> {
    const waiter = this.#waiters[step.waiter]!;
    const { client } = waiter;
    const command = encodeCommand(step.args);
    client.write(step.inTransaction ? Buffer.concat([MULTI, command, EXEC]) : command);
    const replies = step.inTransaction ? 3 : 1;
    while (client.available < replies) {
      if (client.closed) return Buffer.from('(connection closed)');
      if (!(await this.#blocked()).has(waiter.id)) continue;
      waiter.step = step;
      return null;
    }
    return (await client.take(replies, REPLY_TIMEOUT_MS)).at(-1)!;
  }

  /** The waiters that were answered since they were last asked, with what they were blocked in and the reply. */
  async served(): Promise<Map<number, { step: BlockStep; reply: Buffer }>> {
    const found = new Map<number, { step: BlockStep; reply: Buffer }>();
    if (!this.anyBusy) return found;
    const blocked = await this.#blocked();
    for (const [i, waiter] of this.#waiters.entries()) {
      const { client, id, step } = waiter;
      if (step === null || blocked.has(id)) continue;
      waiter.step = null;
      found.set(i, { step, reply: (await client.take(1, REPLY_TIMEOUT_MS))[0]! });
    }
    return found;
  }

  /** Ends the wait of a waiter, whatever it is answered. */
  async drop(waiter: number): Promise<void> {
    await this.unblock(waiter, 'TIMEOUT');
    await this.#waiters[waiter]!.client.take(1, REPLY_TIMEOUT_MS);
    this.#waiters[waiter]!.step = null;
  }

  /** CLIENT UNBLOCK of a waiter. */
  unblock(waiter: number, reason: string): Promise<Buffer> {
    return this.#observer.raw('CLIENT', 'UNBLOCK', this.#waiters[waiter]!.id, reason);
  }

  /** Ids of the connections that CLIENT LIST shows as blocked. */
  async #blocked(): Promise<Set<number>> {
    const text = String(decodeReply(await this.#observer.raw('CLIENT', 'LIST')));
    const lines = text.split('\n').filter((line) => / flags=[A-Za-z]*b/.test(line));
    return new Set(lines.map((line) => Number(/^id=(\d+)/.exec(line)![1])));
  }
}
