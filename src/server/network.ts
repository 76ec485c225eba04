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

export class Network {
  readonly #reactor: Reactor;
  readonly #config: Config;
  readonly #log: Logger;
  /** The TCP port that is listened on, 0 if none is. */
  port = 0;
  /** Path of the unix socket that is listened on, '' if none is. */
  socketPath = '';
  #addresses: readonly string[] = [];

  constructor(reactor: Reactor, config: Config, log: Logger) {
    this.#reactor = reactor;
    this.#config = config;
    this.#log = log;
  }

  /** Opens everything the configuration names. `anyPort`: port 0 means any free one instead of none. */
  listen(anyPort = false): void {
    const port = this.#config.number('port');
    if (port !== 0 || anyPort) this.listenTcp(port, this.#config.value('bind'));
    if (anyPort) this.#config.assign('port', this.port);
    const path = this.#config.file('unixsocket');
    if (path !== '') this.#listenUnix(path);
    if (this.port === 0 && this.socketPath === '') {
      this.#log.warning('Configured to not listen anywhere, exiting.');
      throw new ListenError('configured to listen neither on a port nor on a unix socket');
    }
  }

  /** Opens one listener for each address; throws if one fails that is not optional. */
  listenTcp(port: number, addresses: readonly string[]): void {
    let bound = port;
    let opened = 0;
    for (const given of addresses) {
      const optional = given.startsWith('-');
      const address = optional ? given.slice(1) : given;
      try {
        bound = this.#reactor.listenTcp(address, bound, this.#config.number('tcp-backlog'));
        opened++;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? '';
        const reason = errorText(error);
        this.#log.warning(
          `Warning: Could not create server TCP listening socket ${address}:${port}: bind: ${reason}`,
        );
        if (optional && PASSED_OVER.has(code)) continue;
        this.#log.warning(`Failed listening on port ${port} (TCP), aborting.`);
        throw new ListenError(`${address}:${port}`, error, opened);
      }
    }
    this.port = opened > 0 ? bound : 0;
    this.#addresses = addresses;
  }

  /** Listens elsewhere from now on; false if that cannot be, and then everything is as before. */
  moveTo(port: number, addresses: readonly string[]): boolean {
    const before = { port: this.port, addresses: this.#addresses };
    let touched = false;
    try {
      // If the new port is taken, that is known before anything is closed.
      if (port !== 0 && port !== this.port) this.listenTcp(port, addresses);
      touched = true;
      this.#listenOnlyAt(port, addresses);
      return true;
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      if (touched || error.opened > 0) this.#listenOnlyAt(before.port, before.addresses);
      return false;
    }
  }

  /** INFO's list of listeners. */
  get listeners(): string[] {
    const rows = [];
    if (this.port !== 0) {
      const binds = this.#addresses.map((address) => `bind=${address}`);
      rows.push(`name=tcp,${binds.join(',')},port=${this.port}`);
    }
    if (this.socketPath !== '') rows.push(`name=unix,bind=${this.socketPath}`);
    return rows;
  }

  /** Closes all listeners and opens these, and the unix socket again. */
  #listenOnlyAt(port: number, addresses: readonly string[]): void {
    const path = this.socketPath;
    this.#reactor.stopListening();
    this.port = 0;
    if (port !== 0) this.listenTcp(port, addresses);
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
