// What happens every 1000 / hz milliseconds of real time. Under virtual time nobody starts it.
import { counter, counterCount } from '../bridge/binding.ts';
import type { ServerCore } from './server.ts';

/** Free granules go back to the system this long after they were last needed. */
const PURGE_PERIOD_MS = 1000;
const PURGE_GRANULES = 64;
const SAMPLE_PERIOD_MS = 100;

export class Cron {
  readonly #server: ServerCore;
  readonly #counters = new Float64Array(counterCount);
  #timer: NodeJS.Timeout | null = null;
  #lastPurgeMs = 0;
  #lastSampleMs = 0;

  constructor(server: ServerCore) {
    this.#server = server;
  }

  start(): void {
    this.#schedule();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#server.background.stop();
  }

  #schedule(): void {
    const periodMs = 1000 / this.#server.config.number('hz');
    this.#timer = setTimeout(() => {
      if (!this.#server.admin.isCronPaused) this.#tick(periodMs);
      this.#schedule();
    }, periodMs);
    this.#timer.unref();
  }

  #tick(periodMs: number): void {
    const server = this.#server;
    const nowMs = server.clock.monotonicMs();
    server.keyspace.tick();
    if (nowMs - this.#lastSampleMs >= SAMPLE_PERIOD_MS) this.#sample(nowMs);
    if (nowMs - this.#lastPurgeMs >= PURGE_PERIOD_MS) {
      this.#lastPurgeMs = nowMs;
      server.arena.purge(PURGE_GRANULES);
      server.arena.askAgain();
    }
    server.saving.tick();
    server.arena.prepare();
    server.background.beginPeriod(periodMs);
  }

  #sample(nowMs: number): void {
    this.#lastSampleMs = nowMs;
    const { reactor, rates, memory, memoryLimit, clientEviction, commandsProcessed, tls } = this.#server;
    reactor.counters(this.#counters);
    rates.commands.sample(commandsProcessed, nowMs);
    rates.bytesIn.sample(this.#counters[counter.bytesIn]!, nowMs);
    rates.bytesOut.sample(this.#counters[counter.bytesOut]!, nowMs);
    tls.logFailures(this.#counters[counter.handshakeErrors]!);
    memory.notePeak();
    clientEviction.look();
    memoryLimit.measure();
  }
}
