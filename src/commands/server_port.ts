// What commands may ask of the server that runs them.
import type { CommandStats } from '../metrics/command_stats.ts';
import type { Client, QueuedCommand } from '../session/client.ts';
import type { Clients } from '../session/clients.ts';

export interface ServerPort {
  readonly clients: Clients;
  readonly stats: CommandStats;
  readonly startedMs: number;
  readonly runId: string;
  currentClient(): Client;
  clientChanged(client: Client): void;
  /** Runs a queued command of the current client at once, its reply going where replies go now. */
  runQueued(command: QueuedCommand): void;
  /** Copies the running command, to be run later. */
  queueCurrent(): QueuedCommand;
  /** Closes the current client's connection once what was written is sent. */
  closeAfterReply(): void;
  /** Closes any client's connection; at once, or after what it was sent already. */
  closeClient(client: Client, atOnce: boolean): void;
}
