// A whole server that can be started, advanced and stopped: what the command line and createServer run.

import { VirtualClock } from '../base/clock.ts';
import { Alarm } from './alarm.ts';
import { Cron } from './cron.ts';
import { buildServer, type HostOptions } from './host.ts';
import type { ServerCore } from './server.ts';

export class Instance {
  readonly core: ServerCore;
  /** Called when a client or a signal has ended the server; by default nothing happens. */
  onShutdown: (exitCode: number) => void = () => {};
  readonly #alarm: Alarm;
  readonly #cron: Cron;
  readonly #isVirtual: boolean;
  #stopped = false;

  constructor(options: HostOptions) {
    this.core = buildServer(options);
    this.#alarm = new Alarm(this.core);
    this.#cron = new Cron(this.core);
    this.#isVirtual = options.clock instanceof VirtualClock;
    this.core.admin.onShutdown = () => this.shutdown();
  }

  /** Opens the listeners. Throws ListenError. */
  listen(anyPort = false): void {
    this.core.network.listen(anyPort);
  }

  /** Begins to serve. */
  start(): void {
    this.core.reactor.start();
    this.core.memory.started();
    if (this.#isVirtual) return;
    this.#alarm.start();
    this.#cron.start();
  }

  /** Ends in order, as for SIGTERM: no new clients, then everything closed. */
  shutdown(): void {
    const { log } = this.core;
    log.warning('User requested shutdown...');
    this.stop();
    log.warning('Redis is now ready to exit, bye bye...');
    this.onShutdown(0);
  }

  /** Closes all connections and frees what the server holds. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#alarm.stop();
    this.#cron.stop();
    this.core.reactor.stop();
  }
}
