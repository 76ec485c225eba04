// TLS as the configuration wants it: builds what the native side needs from the tls-… directives, at the start and after
// CONFIG SET, and writes failed handshakes to the log.
import { textOf } from '../base/files.ts';
import type { Logger } from '../base/log.ts';
import type { Reactor, TlsOptions } from '../bridge/binding.ts';
import type { Config } from '../config/config.ts';
import { UNABLE_TO_LISTEN, UNABLE_TO_UPDATE_TLS } from '../config/reasons.ts';
import type { Network } from './network.ts';

/** TLS is asked for and cannot be had; the log has the reason, too. */
export class TlsError extends Error {
  override readonly name = 'TlsError';
}

/** Directives of which a change means a new context. */
const OF_CONTEXT = [
  'tls-cert-file',
  'tls-key-file',
  'tls-key-file-pass',
  'tls-client-cert-file',
  'tls-client-key-file',
  'tls-client-key-file-pass',
  'tls-ca-cert-file',
  'tls-ca-cert-dir',
  'tls-dh-params-file',
  'tls-protocols',
  'tls-ciphers',
  'tls-ciphersuites',
  'tls-prefer-server-ciphers',
  'tls-session-caching',
  'tls-session-cache-size',
  'tls-session-cache-timeout',
  'tls-cluster',
  'tls-replication',
] as const;

/** tls-auth-clients as the native side numbers it. */
const CLIENTS = { no: 0, yes: 1, optional: 2 } as const;

export class Tls {
  readonly #reactor: Reactor;
  readonly #config: Config;
  readonly #log: Logger;
  #configured = false;
  #failuresSeen = 0;

  constructor(reactor: Reactor, config: Config, log: Logger) {
    this.#reactor = reactor;
    this.#config = config;
    this.#log = log;
  }

  /** Puts the settings into force and follows their changes. */
  follow(network: Network): void {
    const config = this.#config;
    config.onChange(OF_CONTEXT, () =>
      !this.#isWanted() || this.#configure() === '' ? undefined : UNABLE_TO_UPDATE_TLS,
    );
    config.onChange('tls-port', (port) => {
      if (port !== 0 && !this.#configured && this.#configure() !== '') return UNABLE_TO_UPDATE_TLS;
      const isOpen = network.moveTo(config.number('port'), config.value('bind'), port);
      return isOpen ? undefined : UNABLE_TO_LISTEN;
    });
    const apply = (): undefined => {
      this.#reactor.configure('tls-auth-clients', CLIENTS[config.value('tls-auth-clients')]);
      const name = 'max-new-tls-connections-per-cycle';
      this.#reactor.configure(name, config.number(name));
    };
    apply();
    config.onChange(['tls-auth-clients', 'max-new-tls-connections-per-cycle'], apply);
  }

  /** To be called before anything listens. `anyPort`: a port will be opened although the setting is 0. Throws TlsError. */
  start(anyPort = false): void {
    if (!anyPort && !this.#isWanted()) return;
    const reason = this.#configure();
    if (reason !== '') throw new TlsError(`TLS cannot be had: ${reason}`);
  }

  /** Logs handshakes that failed; `failures` is how many there ever were. */
  logFailures(failures: number): void {
    if (failures === this.#failuresSeen) return;
    this.#failuresSeen = failures;
    const { failed, more } = this.#reactor.takeFailedHandshakes();
    for (const { reason, addr, laddr } of failed) {
      this.#log.warning(`Error accepting a client connection: ${reason} (addr=${addr} laddr=${laddr})`);
    }
    if (more > 0) this.#log.warning(`Error accepting a client connection: ${more} more like those above`);
  }

  #isWanted(): boolean {
    const config = this.#config;
    return (
      config.number('tls-port') !== 0 || config.boolean('tls-cluster') || config.boolean('tls-replication')
    );
  }

  /** '' or why not; new connections get the old context then. */
  #configure(): string {
    const reason = this.#reactor.configureTls(optionsOf(this.#config));
    if (reason === '') this.#configured = true;
    else this.#log.warning(reason);
    return reason;
  }
}

function optionsOf(config: Config): TlsOptions {
  const file = (name: Parameters<Config['file']>[0]): string => textOf(config.file(name));
  const others = config.boolean('tls-cluster') || config.boolean('tls-replication');
  return {
    certFile: file('tls-cert-file'),
    keyFile: file('tls-key-file'),
    keyFilePass: config.string('tls-key-file-pass'),
    clientCertFile: file('tls-client-cert-file'),
    clientKeyFile: file('tls-client-key-file'),
    clientKeyFilePass: config.string('tls-client-key-file-pass'),
    caCertFile: file('tls-ca-cert-file'),
    caCertDir: file('tls-ca-cert-dir'),
    dhParamsFile: file('tls-dh-params-file'),
    protocols: config.string('tls-protocols'),
    ciphers: config.string('tls-ciphers'),
    ciphersuites: config.string('tls-ciphersuites'),
    needsCa: others || config.value('tls-auth-clients') !== 'no',
    preferServerCiphers: config.boolean('tls-prefer-server-ciphers'),
    sessionCaching: config.boolean('tls-session-caching'),
    sessionCacheSize: config.number('tls-session-cache-size'),
    sessionCacheSeconds: config.number('tls-session-cache-timeout'),
  };
}
