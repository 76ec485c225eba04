// client-output-buffer-limit, as far as the execution thread has to look at it.
//
// The I/O side counts what a connection is sent at once and what its socket did not take (native/net/sender.cc), and
// closes the connection that goes too far. A single reply may be larger than the ring, though, and pass through it in pieces
// while its client reads them. So the size of a reply counts by itself, too; and replies may reach maxmemory-clients before
// the batch is over. Whoever writes a reply that nobody will read stops, if that leaves no work half done: commands that change nothing do, others write into the void.
import { CLOSED_OUTPUT_LIMIT } from '../bridge/abi.ts';
import type { ClientRow } from '../bridge/binding.ts';
import { lineOfRow } from '../commands/client_view.ts';
import { READONLY } from '../commands/spec.ts';
import type { ServerCore } from './server.ts';
import { classNameOf } from './waiting.ts';

/** Thrown out of a handler whose reply nobody will read. */
export class ReplyAbandoned extends Error {
  override readonly name = 'ReplyAbandoned';
}

export class OutputLimit {
  readonly #server: ServerCore;
  /** Connections closed for this, by either side. */
  closes = 0;

  constructor(server: ServerCore) {
    this.#server = server;
  }

  /** The current client is being sent a reply that has this many bytes so far. */
  look(replyBytes: number): void {
    const server = this.#server;
    server.clientEviction.look();
    if (this.#isTooLong(replyBytes) && !server.currentClient().closing) {
      this.#note(server.currentRow());
      server.closeClient(server.currentClient(), true);
    }
    if (server.knownClient()?.gone) this.#abandon();
  }

  #isTooLong(replyBytes: number): boolean {
    const limits = this.#server.config.value('client-output-buffer-limit');
    const { hardBytes } = limits[classNameOf(this.#server.knownClient())];
    return hardBytes > 0 && replyBytes > hardBytes;
  }

  #abandon(): void {
    const { context, outbox } = this.#server;
    if ((context.table.flags[context.commandId]! & READONLY) !== 0) throw new ReplyAbandoned();
    outbox.mute();
  }

  /** The native side has closed a connection for this reason. */
  closed(lane: number, slot: number, reason: number): void {
    if (reason !== CLOSED_OUTPUT_LIMIT) return;
    const row = this.#server.reactor.clientRow(lane, slot);
    if (row !== null && !this.#server.clients.find(row)?.closing) this.#note(row);
  }

  #note(row: ClientRow): void {
    this.closes++;
    const line = lineOfRow(this.#server.context, row);
    this.#server.log.warning(
      `Client ${line} scheduled to be closed ASAP for overcoming of output buffer limits.`,
    );
  }
}
