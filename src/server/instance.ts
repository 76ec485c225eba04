// A whole server that can be started, advanced and stopped: what the command line and createServer run.

import { VirtualClock } from '../base/clock.ts';
import { loadBinding, type Memory } from '../bridge/binding.ts';
import type { ShutdownOptions } from '../commands/admin_port.ts';
import { Alarm } from './alarm.ts';
import { Cron } from './cron.ts';
import { checkPrivateDescriptors, fitClients } from './descriptors.ts';
import { buildServer, type HostOptions } from './host.ts';
import { checkMissing } from './missing.ts';
import type { AnyPort } from './network.ts';
import type { ServerCore } from './server.ts';

const AS_CONFIGURED = { save: 'as-configured', force: false } as const;

export class Instance {
  readonly core: ServerCore;
  /** Called when a client or a signal is about to end the server. */
  onStopping: () => void = () => {};
  /** Called when a client or a signal has ended the server. */
  onShutdown: () => void = () => {};
  readonly #memory: Memory;
  readonly #alarm: Alarm;
  readonly #cron: Cron;
  readonly #virtual: VirtualClock | null;
  #stopped: Promise<void> | null = null;

  /** Throws MissingError for a configuration that must not be served. */
  constructor(options: HostOptions) {
    checkMissing(options.config, options.log);
    checkPrivateDescriptors(options.config, options.log, () => loadBinding().hasPrivateFiles());
    fitClients(options.config, options.log);
    const { core, memory } = buildServer(options);
    this.core = core;
    this.#memory = memory;
    this.#alarm = new Alarm(core);
    this.#cron = new Cron(core);
    this.#virtual = options.clock instanceof VirtualClock ? options.clock : null;
    core.admin.onShutdown = () => void this.shutdown();
  }

  /** False from the call of `stop` on. */
  get running(): boolean {
    return this.#stopped === null;
  }

  /**
   * Opens the listeners, once it is known who may come. `any`: where port 0 means any free one instead of none. Throws
   * AclFileError, ListenError, TlsError.
   */
  listen(any: AnyPort = {}): void {
    this.core.access.loadAtStart();
    this.core.tls.start(any.tlsPort);
    this.core.network.listen(any);
  }

  /**
   * Loads the data that were saved, if there are any, while clients are told to wait. Rejects with RdbError, AofError, or the
   * error of the file operation that failed.
   */
  load(): Promise<void> {
    return this.core.aof.isOn ? this.core.aof.load() : this.core.saving.load();
  }

  /** Begins to serve. */
  start(): void {
    this.core.reactor.start();
    this.core.memory.started();
    if (this.#virtual !== null) return;
    this.#alarm.start();
    this.#cron.start();
  }

  /**
   * Lets `ms` milliseconds of virtual time pass, stopping at each deadline on the way, so that what it starts begins
   * at its own time. Fractions are dropped. Throws TypeError without a virtual clock, RangeError for a bad number.
   */
  advance(ms: number): void {
    const clock = this.#virtual;
    if (clock === null) throw new TypeError("advance needs the option clock: 'virtual'");
    if (!(ms >= 0 && ms <= Number.MAX_SAFE_INTEGER))
      throw new RangeError('advance takes milliseconds, 0 or more');
    const endMs = clock.monotonicMs() + Math.floor(ms);
    let nowMs: number;
    do {
      nowMs = clock.monotonicMs();
      const nextMs = Math.ceil(Math.min(this.core.deadlines.nextMs, endMs));
      clock.advance(Math.max(0, nextMs - nowMs));
      this.core.runDueWork();
      nowMs = clock.monotonicMs();
    } while (nowMs < endMs || this.core.deadlines.nextMs <= endMs);
  }

  /** Ends in order: what has to be saved is saved, then everything closed. False if saving failed, and the server goes on. */
  shutdown(options: Omit<ShutdownOptions, 'now'> = AS_CONFIGURED): boolean {
    if (!this.running) return true;
    const { admin, log, network } = this.core;
    if (!admin.prepareShutdown(options)) return false;
    this.onStopping();
    if (network.socketPath !== '') log.notice('Removing the unix socket file.');
    void this.stop();
    log.warning('Redis is now ready to exit, bye bye...');
    this.onShutdown();
    return true;
  }

  /** Closes all connections at once; the promise resolves when the server's memory is free. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#alarm.stop();
    this.#cron.stop();
    await this.core.stop();
    this.#memory.dispose();
  }
}
