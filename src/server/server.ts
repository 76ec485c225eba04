// One server: the parts and how they are wired. No part knows this file's peers but through it.
import { Arena, type ArenaOptions } from '../arena/arena.ts';
import type { Clock } from '../base/clock.ts';
import type { SumUp } from '../base/crc64.ts';
import { Deadlines } from '../base/deadlines.ts';
import { type Files, SystemFiles } from '../base/files.ts';
import { KeyHash } from '../base/keyhash.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import {
  FRAME_CLASS,
  FRAME_CLOSE_AFTER,
  FRAME_CLOSE_NOW,
  FRAME_SELECT_DB,
  IO_SLEEPING,
  PROTOCOL_CROSS_PROTOCOL,
} from '../bridge/abi.ts';
import { type ClientRow, counterCount, type Reactor } from '../bridge/binding.ts';
import { Lane } from '../bridge/lane.ts';
import { CommandCatalog } from '../commands/acl_catalog.ts';
import { Context } from '../commands/context.ts';
import { Effects } from '../commands/effects.ts';
import type { ServerPort } from '../commands/server_port.ts';
import type { CommandSpec } from '../commands/spec.ts';
import { CommandTable } from '../commands/table.ts';
import type { Config } from '../config/config.ts';
import { ActiveExpiry } from '../keyspace/active_expiry.ts';
import { Defrag } from '../keyspace/defrag.ts';
import { Keyspace } from '../keyspace/keyspace.ts';
import { Maintenance } from '../keyspace/maintenance.ts';
import { CommandLogs } from '../metrics/command_log.ts';
import { CommandStats } from '../metrics/command_stats.ts';
import { Latency } from '../metrics/latency.ts';
import { Rates } from '../metrics/rates.ts';
import { AclLog } from '../session/acl_log.ts';
import type { Client, QueuedCommand } from '../session/client.ts';
import { Clients } from '../session/clients.ts';
import { Monitors } from '../session/monitors.ts';
import { Pubsub } from '../session/pubsub.ts';
import { Users } from '../session/users.ts';
import { Watches } from '../session/watches.ts';
import { Access } from './access.ts';
import { Admin } from './admin.ts';
import { Aof } from './aof.ts';
import { Background } from './background.ts';
import { BlockedKeys } from './blocked_keys.ts';
import { ClientEviction } from './client_eviction.ts';
import { Executor } from './executor.ts';
import { DENY_WRITE, Gate } from './gate.ts';
import { HotKeyWatch } from './hot_key_watch.ts';
import { Invalidations } from './invalidations.ts';
import { Loading } from './loading.ts';
import { MemoryLimit } from './memory_limit.ts';
import { MemoryStats } from './memory_stats.ts';
import { Migration } from './migration.ts';
import { Network } from './network.ts';
import { Notifications } from './notifications.ts';
import { Outbox } from './outbox.ts';
import { OutputLimit } from './output_limit.ts';
import { Pause } from './pause.ts';
import { Publisher } from './publisher.ts';
import { Saving } from './saving.ts';
import { followSettings } from './settings.ts';
import { Snapshots } from './snapshots.ts';
import { Tls } from './tls.ts';
import { classOf, Waiting } from './waiting.ts';
import { CROSS_PROTOCOL_WARNING } from './warnings.ts';

export interface ServerOptions {
  config: Config;
  commands: readonly CommandSpec[];
  clock: Clock;
  random: Random;
  log: Logger;
  arena: ArenaOptions;
  hints?: Uint32Array;
  /** How the addon sums up bytes, where it is at hand. */
  sumUp?: SumUp;
  /** What files are written and read with; the system's unless a test wants them to fail. */
  files?: Files;
  /** Makes the native side; called with the function that it calls when there is work. */
  reactor: (hash: KeyHash, onReady: (lane: number) => void) => Reactor;
}

export class ServerCore implements ServerPort {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly arena: Arena;
  readonly keyspace: Keyspace;
  readonly table: CommandTable;
  readonly reactor: Reactor;
  readonly lanes: Lane[];
  readonly clients: Clients;
  readonly stats: CommandStats;
  readonly latency = new Latency();
  readonly commandLogs = new CommandLogs();
  readonly monitors = new Monitors();
  readonly aclLog = new AclLog();
  readonly access: Access;
  readonly pubsub = new Pubsub();
  readonly publisher = new Publisher(this);
  readonly notifications = new Notifications(this);
  readonly deadlines = new Deadlines();
  readonly watches: Watches;
  readonly waiting = new Waiting(this);
  readonly blocking: BlockedKeys;
  readonly pause = new Pause(this);
  readonly hotKeys = new HotKeyWatch(this);
  readonly migration = new Migration(this);
  readonly clientEviction = new ClientEviction(this);
  readonly outputLimit = new OutputLimit(this);
  readonly outbox = new Outbox((bytes) => this.outputLimit.look(bytes));
  readonly context: Context;
  readonly tracking: Invalidations;
  readonly gate: Gate;
  readonly startedMs: number;
  readonly runId: string;
  replicationId: string;
  readonly network: Network;
  readonly tls: Tls;
  readonly memory: MemoryStats;
  readonly memoryLimit = new MemoryLimit(this);
  readonly admin = new Admin(this);
  readonly effects: Effects;
  readonly files: Files;
  readonly saving: Saving;
  readonly aof = new Aof(this);
  readonly snapshots = new Snapshots(this);
  readonly loading = new Loading(this);
  readonly expiry: ActiveExpiry;
  readonly defrag: Defrag;
  readonly rates = new Rates();
  /** What counts without end, as it was at the last CONFIG RESETSTAT. */
  readonly base = { counters: new Float64Array(counterCount), batchesUs: 0, busyUs: 0 };
  /** Work that is done in slices between commands. */
  readonly background: Background;
  commandsProcessed = 0;
  /** Connections closed because of client-query-buffer-limit. */
  queryLimitCloses = 0;
  /** Whether batches leave it to their caller to publish what they wrote. */
  publishesLater = false;
  readonly executor: Executor;
  #stopped = false;

  constructor(options: ServerOptions) {
    this.config = options.config;
    this.clock = options.clock;
    this.random = options.random;
    this.log = options.log;
    this.startedMs = options.clock.nowMs();
    this.files = options.files ?? new SystemFiles();
    this.saving = new Saving(this);
    this.runId = options.random.hex(20);
    this.replicationId = options.random.hex(20);
    this.table = new CommandTable(options.commands);
    this.stats = new CommandStats(this.table.specs.length);
    const hash = new KeyHash(options.random.u32(), options.random.u32());
    this.arena = new Arena(options.arena);
    this.keyspace = new Keyspace({
      arena: this.arena,
      hash,
      clock: options.clock,
      random: options.random,
      databases: options.config.number('databases'),
      ...(options.hints === undefined ? {} : { hints: options.hints }),
      ...(options.sumUp === undefined ? {} : { sumUp: options.sumUp }),
    });
    this.effects = new Effects(this.keyspace, () => this.executor.running);
    this.memory = new MemoryStats(this);
    this.expiry = new ActiveExpiry(this.keyspace);
    this.background = new Background(
      () => options.clock.monotonicMs(),
      () => this.afterBackground(),
    );
    const maintenance = new Maintenance(this.keyspace);
    this.defrag = new Defrag(this.keyspace);
    this.background.add((budgetMs) => this.admin.timed('expire-cycle', () => this.expiry.slice(budgetMs)));
    this.background.add((budgetMs) => this.keyspace.lazyfree.slice(budgetMs));
    this.background.add((budgetMs) => this.memoryLimit.slice(budgetMs));
    this.background.add((budgetMs) => maintenance.slice(budgetMs));
    this.background.add((budgetMs) =>
      this.admin.timed('active-defrag-cycle', () => this.defrag.slice(budgetMs)),
    );
    this.background.add(() => this.memory.returnSome());
    this.background.add((budgetMs) => this.tracking.freeSlice(budgetMs));
    this.watches = new Watches(this.keyspace);
    this.blocking = new BlockedKeys(this);
    this.reactor = options.reactor(hash, (lane) => this.#onReady(lane));
    this.network = new Network(this.reactor, options.config, options.log);
    this.tls = new Tls(this.reactor, options.config, options.log);
    this.reactor.setCommands(this.table.names(), this.table.firstKeys(), this.table.members());
    this.lanes = this.reactor.lanes.map(
      (buffers, index) => new Lane(index, buffers, this.reactor, () => this.aof.record()),
    );
    const catalog = new CommandCatalog(this.table);
    const users = new Users(catalog.size);
    this.clients = new Clients(this.lanes.length, this.reactor, users);
    this.context = new Context(this, this.outbox.reply, this.keyspace, this.config, this.table);
    this.access = new Access(this, catalog, users);
    this.tracking = new Invalidations(this);
    this.gate = new Gate(this, this.context, this.outbox);
    this.executor = new Executor(this, this.gate, this.context, this.outbox);
    this.arena.onLarge = () => this.memoryLimit.look();
    followSettings(this);
  }

  // ---- what commands ask (ServerPort) ----

  currentClient(): Client {
    const { lane, slot, generation } = this.executor;
    return this.clients.get(lane.index, slot, generation);
  }

  /** The current connection's Client object, if it has one. */
  knownClient(): Client | undefined {
    return this.clients.lanes[this.executor.lane.index]!.client(this.executor.slot);
  }

  /** The client whose command is running, if there is one and it has an object. */
  actingClient(): Client | undefined {
    return this.executor.running ? this.knownClient() : undefined;
  }

  clientChanged(client: Client): void {
    this.clients.refresh(client);
    this.executor.refreshState();
  }

  currentRow(): ClientRow {
    const { lane, slot } = this.executor;
    return this.reactor.clientRow(lane.index, slot)!;
  }

  select(index: number): void {
    const { lane, slot } = this.executor;
    this.clients.select(lane.index, slot, index);
    this.executor.refreshState();
    this.outbox.control(FRAME_SELECT_DB, index);
  }

  speak(resp3: boolean): void {
    const { lane, slot } = this.executor;
    this.clients.speak(lane.index, slot, resp3);
    const client = this.knownClient();
    if (client !== undefined) this.pubsub.protocolChanged(client);
    this.executor.refreshState();
  }

  unmute(): boolean {
    return this.outbox.unmute();
  }

  mute(): void {
    this.outbox.mute();
  }

  subscriberChanged(client: Client): void {
    this.clientChanged(client);
    const lane = this.lanes[client.lane]!;
    this.outbox.controlTo(lane, client.slot, client.generation, FRAME_CLASS, classOf(client));
  }

  runQueued(command: QueuedCommand): void {
    this.executor.runQueued(command);
  }

  queueCurrent(id = this.context.commandId): QueuedCommand {
    return this.context.args.keep(id);
  }

  closeAfterReply(): void {
    const client = this.currentClient();
    client.closing = true;
    this.clientChanged(client);
    this.outbox.control(FRAME_CLOSE_AFTER, 0);
  }

  closeClient(client: Client, atOnce: boolean): void {
    client.closing = true;
    client.gone ||= atOnce;
    this.clientChanged(client);
    if (atOnce) this.#letGo(client);
    const kind = atOnce ? FRAME_CLOSE_NOW : FRAME_CLOSE_AFTER;
    this.outbox.controlTo(this.lanes[client.lane]!, client.slot, client.generation, kind, 0);
  }

  closeConnection(row: ClientRow): void {
    // Before its first command a connection may end without a record of that, so no object is made for it.
    if (row.known) {
      this.closeClient(this.clients.get(row.lane, row.slot, row.generation), true);
    } else {
      this.outbox.controlTo(this.lanes[row.lane]!, row.slot, row.generation, FRAME_CLOSE_NOW, 0);
    }
  }

  // ---- what the gate and the executor ask ----

  connectionClosed(lane: Lane, slot: number, _generation: number, reason: number): void {
    this.outputLimit.closed(lane.index, slot, reason);
    const client = this.clients.lanes[lane.index]!.remove(slot);
    if (client === undefined) return;
    client.closing = true;
    this.#letGo(client);
    client.onClose?.();
  }

  /** A client is gone, or as good as gone: nothing will happen to it any more. */
  #letGo(client: Client): void {
    this.monitors.remove(client);
    this.pubsub.leave(client);
    this.tracking.stop(client);
    this.watches.unwatch(client);
    this.waiting.forget(client);
    this.pause.forget(client);
  }

  /** Whether the current client may run a command that needs an `enable-…` directive. */
  allowsProtected(name: string): boolean {
    return this.admin.allows(name.startsWith('module') ? 'enable-module-command' : 'enable-debug-command');
  }

  /** The current connection's last command was this subcommand, of which the native side knows the container only. */
  noteSubcommand(id: number): void {
    this.clients.lanes[this.executor.lane.index]!.noteSubcommand(this.executor.slot, id);
  }

  /** Makes the current connection's next command look at everything that may stand in its way again. */
  refreshState(): void {
    this.executor.refreshState();
  }

  /** Runs commands that a client had to keep. Only between batches. */
  resume(client: Client, commands: readonly QueuedCommand[]): void {
    this.executor.resume(client, commands);
  }

  /** Runs a command again that was blocked on keys. Only between commands. */
  runAgain(client: Client, command: QueuedCommand): void {
    this.executor.runAgain(client, command);
  }

  /** Puts the turn in progress aside for messages; the client whose turn it is if its reply has begun. */
  suspendTurn(): Client | undefined {
    return this.executor.suspend() ? this.knownClient() : undefined;
  }

  /** Goes on with the turn that was put aside. */
  resumeTurn(): void {
    this.executor.takeUp();
  }

  logProtocolError(code: number): void {
    if (code === PROTOCOL_CROSS_PROTOCOL) {
      this.log.warning(CROSS_PROTOCOL_WARNING);
    } else {
      this.queryLimitCloses++;
      this.log.warning('Closing client that reached max query buffer length');
    }
  }

  logInternalError(error: unknown): void {
    this.log.warning(
      `Error while running a command: ${error instanceof Error ? error.stack : String(error)}`,
    );
  }

  /** Why the disk does not allow any writes; '' when it does. */
  get diskRefusal(): string {
    return this.aof.refusal === '' ? this.saving.refusal : this.aof.refusal;
  }

  /** `diskRefusal` may have changed. */
  diskStateChanged(): void {
    this.gate.deny(DENY_WRITE, this.diskRefusal !== '');
  }

  // ---- running ----

  /** Does what is due by now; returns the time after that. Only between batches. */
  wake(): number {
    const nowMs = this.clock.monotonicMs();
    if (this.deadlines.nextMs > nowMs) return nowMs;
    this.deadlines.runDue(nowMs);
    this.settle();
    return this.clock.monotonicMs();
  }

  /** Serves clients whom changes outside of a batch can serve, and lets those go on whose wait is over. */
  settle(): void {
    this.blocking.serve();
    this.waiting.runReleased();
  }

  /** Keys may have expired in the background, and somebody may have waited for that. */
  afterBackground(): void {
    this.settle();
    this.flush();
  }

  /** Does everything that is due, however long it takes: virtual time has moved. */
  runDueWork(): void {
    this.keyspace.tick();
    // First, because the end of a pause lets expired keys go.
    this.wake();
    this.background.finish();
    this.afterBackground();
  }

  /** Lets clients go on whose wait a batch has ended, and publishes what it wrote to connections of other lanes. */
  afterBatch(): void {
    this.waiting.runReleased();
    this.tracking.settle();
    if (this.publishesLater) return;
    if (this.effects.active) this.aof.record();
    for (const lane of this.lanes) {
      if (!lane.hasUnpublished) continue;
      lane.publish();
      this.#wakeIo(lane);
    }
  }

  /** Sends what was written outside of a batch (timers, blocked clients). */
  flush(): void {
    this.tracking.settle();
    if (this.effects.active) this.aof.record();
    for (const lane of this.lanes) {
      if (!lane.hasUnpublished) continue;
      lane.publish();
      this.reactor.flush(lane.index);
    }
  }

  /** Closes everything that is open; resolves when the rings are gone. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.migration.stop();
    this.aof.stop();
    this.snapshots.abort();
    return this.reactor.stop();
  }

  #publishAll(): void {
    this.publishesLater = false;
    for (const lane of this.lanes) {
      lane.publish();
      this.#wakeIo(lane);
    }
    this.afterBatch();
  }

  #wakeIo(lane: Lane): void {
    if (Atomics.load(lane.ctl, IO_SLEEPING) === 1) this.reactor.flush(lane.index);
  }

  #onReady(index: number): void {
    if (index >= 0) {
      this.executor.drain(this.lanes[index]!);
      return;
    }
    this.#drainAll();
  }

  /** Threaded lanes: runs until all are empty for a while, then sleeps. */
  #drainAll(): void {
    if (this.#stopped) return;
    const endMs = this.clock.monotonicMs() + TURN_MS_MAX;
    let idleRounds = 0;
    while (idleRounds < IDLE_ROUNDS_MAX) {
      let any = false;
      // Where replies wait for the disk, they wait for all lanes together.
      this.publishesLater = this.aof.isSynchronous;
      for (const lane of this.lanes) {
        if (!this.executor.drain(lane)) continue;
        any = true;
        if (!this.publishesLater) this.#wakeIo(lane);
      }
      if (this.publishesLater && any) this.#publishAll();
      this.publishesLater = false;
      idleRounds = any ? 0 : idleRounds + 1;
      if (any && this.clock.monotonicMs() > endMs) {
        setImmediate(() => this.#drainAll());
        return;
      }
    }
    for (const lane of this.lanes) {
      if (!this.reactor.sleep(lane.index)) {
        setImmediate(() => this.#drainAll());
        return;
      }
    }
  }
}

/** How long the execution thread may stay with its lanes before the event loop gets a turn. */
const TURN_MS_MAX = 2;
/** Empty rounds over all lanes before the execution thread goes to sleep. */
const IDLE_ROUNDS_MAX = 50;
