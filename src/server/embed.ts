// createServer: a server inside another program or a test. Its defaults differ from the command line's on purpose: it
// listens on the loopback address at any free port, saves nothing, prints nothing, handles no signals, never ends
// the process and does not keep it alive.
import { EventEmitter } from 'node:events';
import { type Clock, SystemClock, VirtualClock } from '../base/clock.ts';
import { Logger } from '../base/log.ts';
import { Config } from '../config/config.ts';
import { infoText } from './info/info.ts';
import { Instance } from './instance.ts';

type SettingInput = string | number | boolean | readonly (string | number)[];

export interface CreateServerOptions {
  /** TCP port; 0 (the default) takes any free one, null listens on no port (then give `unixSocket`). */
  port?: number | null;
  /** Address to listen on, 127.0.0.1 by default. */
  host?: string;
  /** Path of a unix socket to listen on as well. */
  unixSocket?: string;
  /** 'virtual': time stands still until `advance`. */
  clock?: 'system' | 'virtual';
  /** Makes random replies repeatable. */
  seed?: number;
  /** Whether the server keeps the process alive; false by default. */
  keepAlive?: boolean;
  /** Redzones around every block of memory; for hunting bugs. */
  checked?: boolean;
  /** Any directive of redis.conf, in camelCase or quoted as it is written there. */
  [directive: string]: SettingInput | null | undefined;
}

export interface MillraceServerEvents {
  /** A line for the log, without its line end. */
  log: [line: string];
  /** The server has ended, by `close` or by a client's SHUTDOWN. */
  close: [];
}

const OWN_OPTIONS = new Set(['port', 'host', 'unixSocket', 'clock', 'seed', 'keepAlive', 'checked']);

export class MillraceServer extends EventEmitter<MillraceServerEvents> {
  /** The TCP port, 0 when there is none. */
  readonly port: number;
  readonly host: string;
  /** Path of the unix socket, '' when there is none. */
  readonly unixSocket: string;
  readonly #instance: Instance;
  readonly #clock: Clock;

  /** Use createServer. */
  constructor(instance: Instance, clock: Clock, host: string) {
    super();
    this.#instance = instance;
    this.#clock = clock;
    this.port = instance.core.network.port;
    this.host = host;
    this.unixSocket = instance.core.network.socketPath;
    instance.onShutdown = () => this.emit('close');
  }

  /** redis://host:port, or unix:path when only a socket is listened on. */
  get url(): string {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return this.port === 0 ? `unix:${this.unixSocket}` : `redis://${host}:${this.port}`;
  }

  /** The text of INFO. */
  info(...sections: string[]): string {
    return infoText(this.#instance.core, sections);
  }

  /** Lets virtual time pass: TTLs end, timeouts fire. Throws unless the clock is virtual. */
  advance(ms: number): void {
    if (!(this.#clock instanceof VirtualClock)) throw new TypeError("advance needs createServer({ clock: 'virtual' })");
    this.#clock.advance(ms);
    this.#instance.core.runDueWork();
  }

  /** Closes all connections and frees everything. Closing twice is fine. */
  async close(): Promise<void> {
    this.#instance.stop();
    this.emit('close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Starts a server; it accepts connections when the promise resolves. Rejects with what stands in the way. */
export async function createServer(options: CreateServerOptions = {}): Promise<MillraceServer> {
  const clock = options.clock === 'virtual' ? new VirtualClock() : new SystemClock();
  let server: MillraceServer | undefined;
  const log = new Logger({ clock, pid: process.pid, sink: (line) => server?.emit('log', line.trimEnd()) });
  log.role = 'M';
  const host = options.host ?? '127.0.0.1';
  const config = makeConfig(options, host);
  const instance = new Instance({
    config,
    clock,
    log,
    checked: options.checked ?? false,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  });
  try {
    instance.listen(options.port !== null && (options.port ?? 0) === 0);
    instance.start();
  } catch (error) {
    instance.stop();
    throw error;
  }
  if (options.keepAlive !== true) instance.core.reactor.unref();
  server = new MillraceServer(instance, clock, host);
  return server;
}

function makeConfig(options: CreateServerOptions, host: string): Config {
  const config = new Config(process.cwd());
  const apply = (name: string, words: readonly string[]) => {
    const reason = config.applyLine(name, words);
    if (reason !== null) throw new TypeError(`option ${name}: ${reason}`);
  };
  apply('save', ['']);
  apply('bind', [host]);
  apply('port', [String(options.port ?? 0)]);
  apply('io-threads', ['1']);
  if (options.unixSocket !== undefined) apply('unixsocket', [options.unixSocket]);
  for (const [key, value] of Object.entries(options)) {
    if (OWN_OPTIONS.has(key) || value === undefined || value === null) continue;
    const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    apply(name, wordsOf(value));
  }
  return config;
}

function wordsOf(value: SettingInput): string[] {
  if (Array.isArray(value)) return value.map(String);
  if (typeof value === 'boolean') return [value ? 'yes' : 'no'];
  return String(value).split(/\s+/);
}
