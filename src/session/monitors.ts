// Clients that asked for MONITOR, in the order they asked.
import type { Client } from './client.ts';

export class Monitors {
  readonly clients = new Set<Client>();

  get active(): boolean {
    return this.clients.size > 0;
  }

  add(client: Client): void {
    client.monitor = true;
    this.clients.add(client);
  }

  remove(client: Client): void {
    client.monitor = false;
    this.clients.delete(client);
  }
}
