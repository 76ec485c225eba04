// The state of MULTI in a client.
import type { Client, QueuedCommand } from './client.ts';
import type { Watches } from './watches.ts';

/** What the reference counts for the pointer to a queued argument, besides its bytes. */
const ARGUMENT_BYTES = 8;

export function begin(client: Client): void {
  client.queue = [];
}

/** Adds a command, with its flags, to the transaction. */
export function enqueue(client: Client, command: QueuedCommand, flags: number): void {
  client.queue!.push(command);
  client.queuedBytes += command.bytes.length + (command.pairs.length >> 1) * ARGUMENT_BYTES;
  client.queuedFlags |= flags;
}

/** Leaves MULTI, if the client is in it, and forgets its watched keys. */
export function discard(client: Client, watches: Watches): void {
  client.queue = null;
  client.queuedBytes = 0;
  client.queuedFlags = 0;
  client.queueFailed = false;
  forget(client, watches);
}

/** Forgets the watched keys, and whether one of them changed. */
export function forget(client: Client, watches: Watches): void {
  watches.unwatch(client);
  client.watchFailed = false;
}
