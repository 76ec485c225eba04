// createServer: a server inside another program or a test. Its defaults differ from the command line's on purpose: it
// listens on the loopback address at any free port, saves nothing, prints nothing, handles no signals, never ends
// the process and does not keep it alive.
import { EventEmitter } from 'node:events';
import { SystemClock, VirtualClock } from '../base/clock.ts';
import { Logger } from '../base/log.ts';
import { infoText } from './info/info.ts';
import { Instance } from './instance.ts';
import { anyPortOf, type CreateServerOptions, configOf } from './options.ts';

export interface MillraceServerEvents {
  /** A line for the log, without its line end; with the option `logfile` lines go to that file instead. */
  log: [line: string];
  /** The server has ended, by `close` or by a client's SHUTDOWN, and its memory is free. */
  close: [];
}

export class MillraceServer extends EventEmitter<MillraceServerEvents> {
  readonly #instance: Instance;
  #closed: Promise<void> | null = null;

  /** @internal Use createServer. */
  constructor(instance: Instance) {
    super();
    this.#instance = instance;
    instance.onShutdown = () => void this.close();
    // A report of the crash is in the log; the program around the server goes on.
    instance.core.admin.onCrash = () => void this.close();
  }

  /** The TCP port, 0 when there is none. */
  get port(): number {
    return this.#instance.core.network.port;
  }

  /** The port for TLS, 0 when there is none. */
  get tlsPort(): number {
    return this.#instance.core.network.tlsPort;
  }

  /** Address that is listened on; the first one of several. */
  get host(): string {
    return this.#instance.core.config.value('bind')[0] ?? '';
  }

  /** Absolute path of the unix socket, '' when there is none. */
  get unixSocket(): string {
    return this.#instance.core.network.socketPath;
  }

  /** redis://host:port, rediss://host:port when only TLS is spoken, or unix:path when only a socket is listened on. */
  get url(): string {
    const port = this.port || this.tlsPort;
    if (port === 0) return `unix:${this.unixSocket}`;
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return `${this.port === 0 ? 'rediss' : 'redis'}://${host}:${port}`;
  }

  /** The text of INFO, of all default sections or of those named. Throws once the server is closed. */
  info(...sections: string[]): string {
    this.#mustRun();
    return infoText(this.#instance.core, sections);
  }

  /**
   * Lets that many milliseconds of virtual time pass: TTLs end, timeouts fire, each at its time. As in Redis, a key with
   * 1000 ms to live is there after 1000 ms and gone after 1001. Throws unless the server was made with
   * `clock: 'virtual'`, and once it is closed.
   */
  advance(ms: number): void {
    this.#mustRun();
    this.#instance.advance(ms);
  }

  /** Closes all connections; resolves when everything is freed. Closing twice is fine. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    // Without save points this saves nothing. Whoever closes the server is not to be told that he cannot.
    this.#instance.core.admin.prepareShutdown({ save: 'as-configured', force: true });
    await this.#instance.stop();
    this.emit('close');
  }

  #mustRun(): void {
    if (!this.#instance.running) throw new Error('the server is closed');
  }
}

/**
 * Starts a server; it accepts connections when the promise resolves. Rejects with a TypeError that names a wrong option,
 * with an error whose `code` tells why the system refused (EADDRINUSE, EACCES …), or with one named TlsError that says
 * what is wrong with a certificate or its key.
 */
export async function createServer(options: CreateServerOptions = {}): Promise<MillraceServer> {
  const config = configOf(options);
  const clock = options.clock === 'virtual' ? new VirtualClock() : new SystemClock();
  let server: MillraceServer | undefined;
  // Listeners run later, so that they may do anything, even close the server, and hear what was logged before they
  // could listen.
  const emit = (line: string) => server?.emit('log', line.trimEnd());
  const sink = (line: string) =>
    server === undefined ? setImmediate(emit, line) : queueMicrotask(() => emit(line));
  const log = new Logger({ clock, pid: process.pid, sink });
  log.role = 'M';
  log.level = config.value('loglevel');
  log.path = config.file('logfile');
  const { checked = false, seed } = options;
  const instance = new Instance({ config, clock, log, checked, ...(seed === undefined ? {} : { seed }) });
  try {
    instance.listen(anyPortOf(options));
    instance.start();
    if (config.boolean('appendonly') || instance.core.saving.isConfigured) await instance.load();
  } catch (error) {
    await instance.stop();
    throw error;
  }
  if (options.keepAlive !== true) instance.core.reactor.unref();
  server = new MillraceServer(instance);
  return server;
}
