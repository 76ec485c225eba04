// What happens every 1000 / hz milliseconds of real time. Under virtual time nobody starts it.
import { counter, counterCount } from '../bridge/binding.ts';
import { busyUs } from './busy.ts';
import type { ServerCore } from './server.ts';

/** Free granules go back to the system this long after they were last needed. */
const PURGE_PERIOD_MS = 1000;
const PURGE_GRANULES = 64;
const SAMPLE_PERIOD_MS = 100;
/** Listeners that rested this recently are still at it. */
const RESTING_MS = 1000;

export class Cron {
  readonly #server: ServerCore;
  readonly #counters = new Float64Array(counterCount);
  #timer: NodeJS.Timeout | null = null;
  #lastPurgeMs = 0;
  #lastSampleMs = 0;
  #pauses = 0;
  #lastPauseMs = Number.NEGATIVE_INFINITY;

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
      server.arena.rest();
      server.arena.purge(PURGE_GRANULES);
      server.arena.askAgain();
    }
    server.saving.tick();
    server.arena.prepare();
    server.background.beginPeriod(periodMs);
  }

  /** Listeners that rest because of what the system lacks try again all the time: it is said when that begins. */
  #logPauses(nowMs: number): void {
    const pauses = this.#counters[counter.acceptPauses]!;
    if (pauses === this.#pauses) return;
    this.#pauses = pauses;
    const wasResting = nowMs - this.#lastPauseMs < RESTING_MS;
    this.#lastPauseMs = nowMs;
    if (wasResting) return;
    this.#server.log.warning(
      'Accepting client connection: the system has no descriptors or memory left; trying again every 100 ms.',
    );
  }

  #sample(nowMs: number): void {
    this.#lastSampleMs = nowMs;
    const { reactor, rates, memory, memoryLimit, clientEviction, commandsProcessed, tls } = this.#server;
    reactor.counters(this.#counters);
    rates.commands.sample(commandsProcessed, nowMs);
    rates.bytesIn.sample(this.#counters[counter.bytesIn]!, nowMs);
    rates.bytesOut.sample(this.#counters[counter.bytesOut]!, nowMs);
    rates.cycles.sample(this.#counters[counter.turns]!, nowMs);
    rates.busyUs.sample(busyUs(this.#server), nowMs);
    tls.logFailures(this.#counters[counter.handshakeErrors]!);
    this.#logPauses(nowMs);
    memory.notePeak();
    clientEviction.look();
    memoryLimit.measure();
  }
}
