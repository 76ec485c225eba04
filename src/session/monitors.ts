// Clients that asked for MONITOR, in the order they asked.
import type { Client } from './client.ts';

export class Monitors {
  readonly clients = new Set<Client>();
  /** Called when somebody began or ended to monitor. */
  onChange: () => void = () => {};

  get active(): boolean {
    return this.clients.size > 0;
  }

  add(client: Client): void {
    client.monitor = true;
    this.clients.add(client);
    this.onChange();
  }

  remove(client: Client): void {
    client.monitor = false;
    if (this.clients.delete(client)) this.onChange();
  }
}
