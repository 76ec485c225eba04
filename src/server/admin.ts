// The server as its administrators see it: INFO, statistics, the slow log and its like, the end.
import { release, type } from 'node:os';
import type { Logger } from '../base/log.ts';
import { quote } from '../base/quoted.ts';
import { MILLRACE_VERSION, SERVER_NAME } from '../base/version.ts';
import { counter } from '../bridge/binding.ts';
import type { AdminPort, ShutdownOptions } from '../commands/admin_port.ts';
import type { Context } from '../commands/context.ts';
import { withoutSecrets } from '../commands/redaction.ts';
import { PAUSE_ALL } from '../commands/server_port.ts';
import { FAST, SKIP_SLOWLOG } from '../commands/spec.ts';
import { rewriteFile } from '../config/rewrite.ts';
import type { ActiveExpiry } from '../keyspace/active_expiry.ts';
import type { CommandLog, CommandLogs } from '../metrics/command_log.ts';
import type { Latency } from '../metrics/latency.ts';
import { LatencyMonitor } from '../metrics/latency_monitor.ts';
import { SHUTDOWN_FAILED } from '../resp/errors.ts';
import type { Aof } from './aof.ts';
import { busyUs } from './busy.ts';
import { infoText } from './info/info.ts';
import type { MemoryStats } from './memory_stats.ts';
import type { Saving } from './saving.ts';
import type { ServerCore } from './server.ts';

const CRASH_EXIT_CODE = 1;
/** Commands that the fast path runs are noted as slow only below this limit: it does not measure them one by one. */
const FAST_PATH_US_MAX = 1000;

export class Admin implements AdminPort {
  readonly latencyMonitor = new LatencyMonitor();
  /** True after DEBUG PAUSE-CRON 1. */
  isCronPaused = false;
  /** Ends the server in order; set by whoever started it. */
  onShutdown: () => void = () => {};
  /** Ends the process after a report of the crash. */
  onCrash: () => void = () => process.exit(CRASH_EXIT_CODE);
  /** What a signal wants done. */
  #asked: (() => void) | null = null;
  /** Everything is ready for the end. */
  #isPrepared = false;
  readonly #server: ServerCore;

  constructor(server: ServerCore) {
    this.#server = server;
    server.monitors.onChange = () => this.watchChanged();
  }

  get log(): Logger {
    return this.#server.log;
  }

  get saving(): Saving {
    return this.#server.saving;
  }

  get isLoading(): boolean {
    return this.#server.loading.active;
  }

  get aof(): Aof {
    return this.#server.aof;
  }

  get latency(): Latency {
    return this.#server.latency;
  }

  get commandLogs(): CommandLogs {
    return this.#server.commandLogs;
  }

  get expiry(): ActiveExpiry {
    return this.#server.expiry;
  }

  get memory(): MemoryStats {
    this.#server.memory.notePeak();
    return this.#server.memory;
  }

  info(sections: readonly string[]): string {
    return infoText(this.#server, sections);
  }

  /** Whether the current client may do what `enable-…` allows to all, to nobody, or to local clients. */
  allows(setting: 'enable-debug-command' | 'enable-module-command' | 'enable-protected-configs'): boolean {
    const value = this.#server.config.string(setting);
    return value === 'yes' || (value === 'local' && isLocal(this.#server.currentRow()));
  }

  mayChangeProtectedSettings(): boolean {
    return this.allows('enable-protected-configs');
  }

  resetStatistics(): void {
    const server = this.#server;
    const { keyspace, rates, base, expiry } = server;
    server.stats.reset();
    server.access.resetStatistics();
    server.latency.reset();
    server.commandsProcessed = 0;
    server.queryLimitCloses = 0;
    server.outputLimit.closes = 0;
    server.clientEviction.evicted = 0;
    server.reactor.counters(base.counters);
    base.batchesUs = server.executor.batchesMs * 1000;
    base.busyUs = busyUs(server);
    const nowMs = server.clock.monotonicMs();
    rates.commands.reset(0, nowMs);
    rates.bytesIn.reset(base.counters[counter.bytesIn]!, nowMs);
    rates.bytesOut.reset(base.counters[counter.bytesOut]!, nowMs);
    rates.cycles.reset(base.counters[counter.turns]!, nowMs);
    rates.busyUs.reset(base.busyUs, nowMs);
    keyspace.stats.fill(0);
    server.memoryLimit.resetStatistics();
    keyspace.lazyfree.freedObjects = 0;
    expiry.stalePercent = 0;
    expiry.timeCapReached = 0;
    expiry.spentMs = 0;
  }

  rewriteConfig(everything: boolean): void {
    const { access, config, files } = this.#server;
    const users = config.string('aclfile') === '' ? access.lines().map(quoteWords) : null;
    rewriteFile(config, files, users, everything);
  }

  /** Ends the server between two turns of the event loop, so that what was replied before is sent. */
  shutdown(options: ShutdownOptions): string | null {
    if (!this.prepareShutdown(options)) return SHUTDOWN_FAILED;
    this.#server.closeAfterReply();
    setImmediate(() => this.onShutdown());
    return null;
  }

  /**
   * Does what has to be done before the end: from then on no command is run, and nothing is lost. False if that failed, and
   * the server goes on. Does nothing when called again after success.
   */
  prepareShutdown({ save, force }: Omit<ShutdownOptions, 'now'>): boolean {
    if (this.#isPrepared) return true;
    const { aof, loading, log, pause, saving } = this.#server;
    log.warning('User requested shutdown...');
    if (saving.inBackground) log.warning('There is a child saving an .rdb. Killing it!');
    saving.abortSave();
    if (aof.isBeginning && !force) {
      log.warning("Writing initial AOF, can't exit.");
      log.warning('Errors trying to shut down the server. Check the logs for more information.');
      return false;
    }
    if (aof.isBeginning) log.warning('Writing initial AOF. Exit anyway.');
    // What is half loaded must not take the place of the whole.
    const saves = !loading.active && (save === 'yes' || (save === 'as-configured' && saving.isConfigured));
    if (saves) log.notice('Saving the final RDB snapshot before exiting.');
    if (saves && !saving.save()) {
      if (!force) {
        log.warning("Error trying to save the DB, can't exit.");
        log.warning('Errors trying to shut down the server. Check the logs for more information.');
        return false;
      }
      log.warning('Error trying to save the DB. Exit anyway.');
    }
    this.#isPrepared = true;
    pause.begin(PAUSE_ALL, Number.POSITIVE_INFINITY);
    return true;
  }

  get isAskedToEnd(): boolean {
    return this.#asked !== null;
  }

  /** Has `end` end the server, soon, but after a signal that has come meanwhile was seen; not before DEBUG PAUSE-CRON 0. */
  askShutdown(end: () => void): void {
    this.#asked = end;
    setImmediate(() => this.#endIfAsked());
  }

  abortShutdown(): boolean {
    if (this.#asked === null) return false;
    this.#asked = null;
    this.log.notice('Shutdown manually aborted.');
    return true;
  }

  #endIfAsked(): void {
    if (this.isCronPaused) return;
    const end = this.#asked;
    this.#asked = null;
    end?.();
  }

  crash(reason: string): never {
    const { log } = this.#server;
    const { stack = '' } = new Error(reason);
    const report = [
      `=== CRASH REPORT: ${reason}`,
      `${SERVER_NAME} ${MILLRACE_VERSION}, Node ${process.versions.node}, ${type()} ${release()} ${process.arch}`,
      ...stack.split('\n').slice(1),
      ...this.info(['server', 'clients', 'memory', 'stats', 'keyspace']).split('\r\n'),
      '=== END OF CRASH REPORT',
    ];
    for (const line of report) log.warning(line);
    this.onCrash();
    throw new Error(reason);
  }

  pauseCron(isPaused: boolean): void {
    this.isCronPaused = isPaused;
    if (!isPaused) setImmediate(() => this.#endIfAsked());
  }

  changeReplicationId(): void {
    this.#server.replicationId = this.#server.random.hex(20);
  }

  /** Whether anybody wants to see every command has changed. */
  watchChanged(): void {
    const { commandLogs, monitors, gate, hotKeys } = this.#server;
    const { threshold } = commandLogs.slow;
    const seesAll = threshold >= 0 && threshold < FAST_PATH_US_MAX;
    gate.watch(monitors.active || this.latencyMonitor.enabled || hotKeys.isActive || seesAll);
  }

  /** Notes a command that was measured alone in the logs of commands and the latency monitor. */
  ran(context: Context, id: number, elapsedMs: number): void {
    const { clock, commandLogs, executor, hotKeys, table } = this.#server;
    if (this.latencyMonitor.enabled) {
      const event = (table.flags[id]! & FAST) === 0 ? 'command' : 'fast-command';
      this.latencyMonitor.note(event, elapsedMs, Math.floor(clock.nowMs() / 1000));
    }
    if (hotKeys.isActive) hotKeys.ran(context, id, elapsedMs);
    const us = Math.floor(elapsedMs * 1000);
    if (commandLogs.slow.takes(us)) this.#log(commandLogs.slow, us, context, id);
    if (executor.mayBeLarge) this.large(context, id);
  }

  /** Notes a command in the logs of large requests and replies if it is to be. */
  large(context: Context, id: number): void {
    const { commandLogs, executor } = this.#server;
    const { largeReply, largeRequest } = commandLogs;
    const requestBytes = context.args.encodedBytes;
    if (largeRequest.takes(requestBytes)) this.#log(largeRequest, requestBytes, context, id);
    const { replyBytes } = executor;
    if (largeReply.takes(replyBytes)) this.#log(largeReply, replyBytes, context, id);
  }

  #log(log: CommandLog, value: number, { args, config }: Context, id: number): void {
    const { clock, table } = this.#server;
    if ((table.flags[id]! & SKIP_SLOWLOG) !== 0) return;
    log.add({
      time: Math.floor(clock.nowMs() / 1000),
      value,
      count: args.count,
      argument: withoutSecrets(table.specs[id]!.name, args, config),
      length: (i) => args.length(i),
      address: this.#server.currentRow().addr,
      name: this.#server.knownClient()?.name ?? '',
    });
  }

  /** Runs a piece of background work, which is an event for the latency monitor. */
  timed<T>(event: string, work: () => T): T {
    if (!this.latencyMonitor.enabled) return work();
    const { clock } = this.#server;
    const startMs = clock.monotonicMs();
    const result = work();
    this.latencyMonitor.note(event, clock.monotonicMs() - startMs, Math.floor(clock.nowMs() / 1000));
    return result;
  }
}

/** A line whose words are the same when a configuration is read. */
function quoteWords(line: string): string {
  return line
    .split(' ')
    .map((word) => (word === '' || /["']/.test(word) ? quote(word) : word))
    .join(' ');
}

function isLocal({ unix, addr }: { unix: boolean; addr: string }): boolean {
  return unix || addr.startsWith('127.0.0.1:') || addr.startsWith('[::1]:');
}
