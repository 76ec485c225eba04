// A whole server that can be started, advanced and stopped: what the command line and createServer run.
import { buildServer, type HostOptions } from './host.ts';
import { Network } from './network.ts';
import type { ServerCore } from './server.ts';

export class Instance {
  readonly core: ServerCore;
  readonly network: Network;
  /** Called when a client or a signal has ended the server; by default nothing happens. */
  onShutdown: (exitCode: number) => void = () => {};
  #stopped = false;

  constructor(options: HostOptions) {
    this.core = buildServer(options);
    this.network = new Network(this.core.reactor, options.config, options.log);
  }

  /** Opens the listeners. Throws ListenError. */
  listen(anyPort = false): void {
    this.network.listen(anyPort);
  }

  /** Begins to serve. */
  start(): void {
    this.core.reactor.start();
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
    this.core.reactor.stop();
  }
}
