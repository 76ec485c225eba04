// What a server listens on: the addresses of `bind`, a unix socket; and the log lines and errors about it, which tools
// read.
import { errorText } from '../base/errno.ts';
import type { Logger } from '../base/log.ts';
import type { Reactor } from '../bridge/binding.ts';
import type { Config } from '../config/config.ts';

/** The server cannot listen where it was told to; the log has the same reasons in the reference's words. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  /** Name of the system's error, as EADDRINUSE; '' if there was none. */
  readonly code: string;
  /** Listeners that were opened before the one that failed. */
  readonly opened: number;

  constructor(where: string, cause?: unknown, opened = 0) {
    super(cause === undefined ? where : `cannot listen on ${where}: ${errorText(cause)}`, { cause });
    this.code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
    this.opened = opened;
  }
}

/** Reasons for which an address marked as optional ("-::*") is passed over. */
const PASSED_OVER = new Set([
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EPROTONOSUPPORT',
  'ENOPROTOOPT',
  'ESOCKTNOSUPPORT',
  'EPFNOSUPPORT',
]);

/** Ports for which 0 means any free one instead of none. */
export interface AnyPort {
  readonly port?: boolean;
  readonly tlsPort?: boolean;
}

interface Where {
  readonly port: number;
  readonly tlsPort: number;
  readonly addresses: readonly string[];
}

export class Network {
  readonly #reactor: Reactor;
  readonly #config: Config;
  readonly #log: Logger;
  /** The TCP ports that are listened on, 0 if none is. */
  port = 0;
  tlsPort = 0;
  /** Path of the unix socket that is listened on, '' if none is. */
  socketPath = '';
  #addresses: readonly string[] = [];

  constructor(reactor: Reactor, config: Config, log: Logger) {
    this.#reactor = reactor;
    this.#config = config;
    this.#log = log;
  }

  /** Opens everything the configuration names. */
  listen(any: AnyPort = {}): void {
    const addresses = this.#config.value('bind');
    const port = this.#config.number('port');
    if (port !== 0 || any.port) this.port = this.#listenTcp(port, addresses, false);
    if (any.port) this.#config.assign('port', this.port);
    const tlsPort = this.#config.number('tls-port');
    if (tlsPort !== 0 || any.tlsPort) this.tlsPort = this.#listenTcp(tlsPort, addresses, true);
    if (any.tlsPort) this.#config.assign('tls-port', this.tlsPort);
    this.#addresses = addresses;
    const path = this.#config.file('unixsocket');
    if (path !== '') this.#listenUnix(path);
    if (this.port === 0 && this.tlsPort === 0 && this.socketPath === '') {
      this.#log.warning('Configured to not listen anywhere, exiting.');
      throw new ListenError('configured to listen neither on a port nor on a unix socket');
    }
  }

  /** Opens one listener for each address; throws if one fails that is not optional. The port, 0 if none was opened. */
  #listenTcp(port: number, addresses: readonly string[], secure: boolean): number {
    let bound = port;
    let opened = 0;
    for (const given of addresses) {
      const optional = given.startsWith('-');
      const address = optional ? given.slice(1) : given;
      try {
        bound = this.#reactor.listenTcp(address, bound, this.#config.number('tcp-backlog'), secure);
        opened++;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? '';
        const reason = errorText(error);
        this.#log.warning(
          `Warning: Could not create server TCP listening socket ${address}:${port}: bind: ${reason}`,
        );
        if (optional && PASSED_OVER.has(code)) continue;
        this.#log.warning(`Failed listening on port ${port} (${secure ? 'TLS' : 'TCP'}), aborting.`);
        throw new ListenError(`${address}:${port}`, error, opened);
      }
    }
    return opened > 0 ? bound : 0;
  }

  /** Listens elsewhere from now on; false if that cannot be, and then everything is as before. */
  moveTo(port: number, addresses: readonly string[], tlsPort = this.tlsPort): boolean {
    const before = { port: this.port, tlsPort: this.tlsPort, addresses: this.#addresses };
    let touched = false;
    try {
      // If the new port is taken, that is known before anything is closed.
      if (port !== 0 && port !== this.port) this.#listenTcp(port, addresses, false);
      if (tlsPort !== 0 && tlsPort !== this.tlsPort) this.#listenTcp(tlsPort, addresses, true);
      touched = true;
      this.#listenOnlyAt({ port, tlsPort, addresses });
      return true;
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      if (touched || error.opened > 0) this.#listenOnlyAt(before);
      return false;
    }
  }

  /** INFO's list of listeners. */
  get listeners(): string[] {
    const rows = [];
    const binds = this.#addresses.map((address) => `bind=${address}`).join(',');
    if (this.port !== 0) rows.push(`name=tcp,${binds},port=${this.port}`);
    if (this.socketPath !== '') rows.push(`name=unix,bind=${this.socketPath}`);
    if (this.tlsPort !== 0) rows.push(`name=tls,${binds},port=${this.tlsPort}`);
    return rows;
  }

  /** Closes all listeners and opens these, and the unix socket again. */
  #listenOnlyAt({ port, tlsPort, addresses }: Where): void {
    const path = this.socketPath;
    this.#reactor.stopListening();
    this.port = 0;
    this.tlsPort = 0;
    if (port !== 0) this.port = this.#listenTcp(port, addresses, false);
    if (tlsPort !== 0) this.tlsPort = this.#listenTcp(tlsPort, addresses, true);
    this.#addresses = addresses;
    if (path !== '') this.#listenUnix(path);
  }

  #listenUnix(path: string): void {
    try {
      const permissions = this.#config.number('unixsocketperm');
      this.#reactor.listenUnix(path, permissions, this.#config.number('tcp-backlog'));
    } catch (error) {
      this.#log.warning(`Failed opening Unix socket: bind: ${errorText(error)}`);
      throw new ListenError(path, error);
    }
    this.socketPath = path;
  }
}
