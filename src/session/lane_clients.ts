// The connections of one lane as the execution thread knows them: a packed state for each slot, and Client objects for
// the few that need one.
import type { Client } from './client.ts';
import { ATTENTION, DB_SHIFT, HAS_CLIENT, KNOWN, RESP3 } from './state.ts';

export class LaneClients {
  states = new Int32Array(256);
  readonly #clients = new Map<number, Client>();

  get clients(): Iterable<Client> {
    return this.#clients.values();
  }

  /** The Client object of a slot, if one exists. */
  client(slot: number): Client | undefined {
    return this.#clients.get(slot);
  }

  state(slot: number): number {
    return slot < this.states.length ? this.states[slot]! : 0;
  }

  setState(slot: number, state: number): void {
    if (slot >= this.states.length) {
      const larger = new Int32Array(Math.max(slot + 1, this.states.length * 2));
      larger.set(this.states);
      this.states = larger;
    }
    this.states[slot] = state;
  }

  add(client: Client): void {
    this.#clients.set(client.slot, client);
    this.refresh(client);
  }

  /** Recomputes the packed state after the client changed. */
  refresh(client: Client): void {
    let state = KNOWN | HAS_CLIENT | (client.dbIndex << DB_SHIFT);
    if (client.resp3) state |= RESP3;
    if (client.needsAttention) state |= ATTENTION;
    this.setState(client.slot, state);
  }

  /** Forgets a closed connection; its Client object, if there was one. */
  remove(slot: number): Client | undefined {
    const client = this.#clients.get(slot);
    this.#clients.delete(slot);
    if (slot < this.states.length) this.states[slot] = 0;
    return client;
  }
}
