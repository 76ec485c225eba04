// Wakes the server when the next deadline has come, in real time. Under virtual time nobody starts it: whoever moves the
// clock calls `wake` instead.
import type { ServerCore } from './server.ts';

/** Timers of the event loop take no longer ones. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class Alarm {
  readonly #server: ServerCore;
  #timer: NodeJS.Timeout | null = null;

  constructor(server: ServerCore) {
    this.#server = server;
  }

  start(): void {
    this.#server.deadlines.onEarlier = () => this.#set();
    this.#set();
  }

  stop(): void {
    this.#server.deadlines.onEarlier = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #set(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { clock, deadlines } = this.#server;
    if (deadlines.nextMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.min(Math.max(Math.ceil(deadlines.nextMs - clock.monotonicMs()), 0), TIMER_MS_MAX);
    this.#timer = setTimeout(() => this.#ring(), delayMs);
    // The sockets keep the process alive, or nothing does.
    this.#timer.unref();
  }

  #ring(): void {
    this.#timer = null;
    this.#server.wake();
    this.#server.flush();
    this.#set();
  }
}
