// What commands may ask of the server that runs them.
import type { ClientRow } from '../bridge/binding.ts';
import type { CommandStats } from '../metrics/command_stats.ts';
import type { HotKeys, HotKeysOptions } from '../metrics/hot_keys.ts';
import type { Reply } from '../resp/reply.ts';
import type { AclLog } from '../session/acl_log.ts';
import type { Client, QueuedCommand } from '../session/client.ts';
import type { Clients } from '../session/clients.ts';
import type { Monitors } from '../session/monitors.ts';
import type { Pubsub } from '../session/pubsub.ts';
import type { Watches } from '../session/watches.ts';
import type { AccessPort } from './access_port.ts';
import type { AdminPort } from './admin_port.ts';
import type { Effects } from './effects.ts';

export interface ServerPort {
  readonly clients: Clients;
  readonly watches: Watches;
  readonly monitors: Monitors;
  readonly aclLog: AclLog;
  readonly access: AccessPort;
  readonly pubsub: Pubsub;
  readonly publisher: PublishPort;
  readonly waiting: WaitingPort;
  readonly blocking: BlockingPort;
  readonly pause: PausePort;
  readonly clientEviction: ClientEvictionPort;
  readonly tracking: TrackingPort;
  readonly hotKeys: HotKeysPort;
  readonly migration: MigrationPort;
  readonly admin: AdminPort;
  readonly effects: Effects;
  readonly stats: CommandStats;
  readonly startedMs: number;
  readonly runId: string;

  /** The current client; its object is made if there is none. */
  currentClient(): Client;
  /** The current client's object, if it has one: without it, the client is authenticated and has all defaults. */
  knownClient(): Client | undefined;
  /** The current connection as the native side describes it. */
  currentRow(): ClientRow;
  /** Puts changes of a client into force for its next command. */
  clientChanged(client: Client): void;
  /** Moves the current client to a database. */
  select(index: number): void;
  /** Makes the current client speak RESP3, or RESP2. */
  speak(resp3: boolean): void;
  /** Lets what the current command writes through although replies were off when it began; whether they were. */
  unmute(): boolean;
  /** Drops what the current command writes. */
  mute(): void;
  /** The current client has subscribed for the first time, or to nothing any more. */
  subscriberChanged(client: Client): void;

  /** Runs a queued command of the current client at once, its reply going where replies go now. */
  runQueued(command: QueuedCommand): void;
  /** Copies the running command, to be run later. */
  queueCurrent(): QueuedCommand;

  /** Closes the current client's connection once what was written is sent. */
  closeAfterReply(): void;
  /** Closes any client's connection; at once, or after what it was sent already. */
  closeClient(client: Client, atOnce: boolean): void;
  /** Closes a connection at once, whether it has a Client object or not. */
  closeConnection(row: ClientRow): void;
}

/** HOTKEYS: one session at a time. */
export interface HotKeysPort {
  /** The session in progress, or the last one. */
  readonly session: HotKeys | null;
  /** Begins one; none is in progress. */
  start(options: HotKeysOptions): void;
  /** Ends it. */
  stop(): void;
  /** Forgets the last one. */
  reset(): void;
}

export interface Login {
  /** Null: that of the password alone. */
  readonly user: Uint8Array | null;
  readonly password: Uint8Array;
}

export interface MigrationOrder {
  readonly host: string;
  readonly port: number;
  /** Number of the database there. */
  readonly database: string;
  /** How long the other server may be silent. */
  readonly timeoutMs: number;
  /** The keys stay here, too. */
  readonly copies: boolean;
  /** They may replace others there. */
  readonly replaces: boolean;
  readonly login: Login | null;
  /** Their names: those who make the order do not use them any more. */
  readonly keys: readonly Uint8Array[];
}

/** MIGRATE. */
export interface MigrationPort {
  /** Carries keys of the current client's database to another server and answers the client then; until then it is blocked. */
  begin(order: MigrationOrder): void;
}

/** Closing clients to free memory. */
export interface ClientEvictionPort {
  /** What all clients may take; 0: there is no limit. */
  readonly limitBytes: number;
  /** Clients that may be closed, by the logarithm of their size. */
  buckets(): Map<number, { clients: number; bytes: number }>;
}

/** Messages to subscribers. Both functions return how many subscriptions the message met. */
export interface PublishPort {
  /** The channel's name has one character for each byte. */
  publish(channel: string, message: Uint8Array, at: number, length: number): number;
  publishToShard(channel: string, message: Uint8Array, at: number, length: number): number;
}

/** Clients that may not run commands for a while. */
export interface WaitingPort {
  /**
   * Blocks the current client in the command it is running, which writes no reply now; its further commands wait.
   * `timedOut` writes the answer if nothing happens within `timeoutMs` (may be Infinity); `ended` is called once when the
   * wait is over, however it ended, also by the end of the connection.
   */
  block(client: Client, timeoutMs: number, timedOut: (reply: Reply) => void, ended: () => void): void;
  /** The blocked client with this id (CLIENT ID), if there is one. */
  blocked(id: number): Client | undefined;
  /** Ends the wait of a blocked client with the answer that `write` gives; false if it is not blocked. */
  unblock(client: Client, write: (reply: Reply) => void): boolean;
  /** Ends the wait of a blocked client as if its time were up; false if it is not blocked. */
  timeOut(client: Client): boolean;
}

/** Which arguments of a command are keys. */
export interface KeyArguments {
  readonly first: number;
  readonly count: number;
  /** From one to the next; 1 unless given. */
  readonly step?: number;
}

export interface BlockOptions {
  /** Type (structs/entry.ts) that one of the keys must have for the command to run again; any unless given. */
  readonly type?: number;
  /** Runs again also when a key was deleted or has got another type (XREADGROUP, whose group is gone then). */
  readonly always?: boolean;
  /** Clients of one team find the same at a key: once one found nothing the others are not tried (name of a group). */
  readonly team?: string;
  /** All arguments to run again with, the command's name first, where they differ: XREAD fixes what `$` means. */
  readonly args?: readonly Uint8Array[];
  /** Runs again also after so many ms: time alone makes entries fit to be claimed (XREADGROUP). Infinity: no. */
  readonly againMs?: number;
}

/** Clients that wait for keys to change. Commands use blockOnKeys (blocking.ts). */
export interface BlockingPort {
  block(keys: KeyArguments, timeoutMs: number, timedOut: (reply: Reply) => void, options: BlockOptions): void;
}

export interface TrackingOptions {
  readonly bcast: boolean;
  readonly optin: boolean;
  readonly optout: boolean;
  readonly noloop: boolean;
  /** CLIENT ID of the client that gets the invalidations; 0: the one that tracks. */
  readonly redirectId: number;
  /** Of BCAST, added to those there are; one character for each byte. */
  readonly prefixes: readonly string[];
}

/** CLIENT TRACKING. */
export interface TrackingPort {
  start(client: Client, options: TrackingOptions): void;
  stop(client: Client): void;
  /** Databases were emptied, whether they held anything or not. */
  flushed(): void;
}

export const PAUSE_WRITE = 1;
export const PAUSE_ALL = 2;

/** CLIENT PAUSE. */
export interface PausePort {
  /** Holds back writes (PAUSE_WRITE) or everything (PAUSE_ALL) for so many ms; a pause is never made shorter or milder. */
  begin(mode: number, forMs: number): void;
  end(): void;
}
