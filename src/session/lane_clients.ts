// The connections of one lane as the execution thread knows them: a packed state for each slot, and Client objects for
// the few that need one.
import type { Client } from './client.ts';
import { ATTENTION, DB_SHIFT, HAS_CLIENT, KNOWN, RESP3 } from './state.ts';

export class LaneClients {
  states = new Int32Array(256);
  readonly #clients = new Map<number, Client>();
  #subcommands = new Int32Array(0);

  get clients(): Iterable<Client> {
    return this.#clients.values();
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  /** The Client object of a slot, if one exists. */
  client(slot: number): Client | undefined {
    return this.#clients.get(slot);
  }

  state(slot: number): number {
    return slot < this.states.length ? this.states[slot]! : 0;
  }

  setState(slot: number, state: number): void {
    if (slot >= this.states.length) this.states = grown(this.states, slot);
    this.states[slot] = state;
  }

  /** The subcommand that a slot ran last; 0 if it ran none. It says nothing if another command came after it. */
  subcommand(slot: number): number {
    return slot < this.#subcommands.length ? this.#subcommands[slot]! : 0;
  }

  noteSubcommand(slot: number, id: number): void {
    if (slot >= this.#subcommands.length) this.#subcommands = grown(this.#subcommands, slot);
    this.#subcommands[slot] = id;
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

  /** Marks all connections without objects, or takes their marks away. */
  guardPlain(isGuarded: boolean): void {
    const { states } = this;
    for (let slot = 0; slot < states.length; slot++) {
      const state = states[slot]!;
      if ((state & (KNOWN | HAS_CLIENT)) !== KNOWN) continue;
      states[slot] = isGuarded ? state | ATTENTION : state & ~ATTENTION;
    }
  }

  /** Forgets a closed connection; its Client object, if there was one. */
  remove(slot: number): Client | undefined {
    const client = this.#clients.get(slot);
    this.#clients.delete(slot);
    if (slot < this.states.length) this.states[slot] = 0;
    if (slot < this.#subcommands.length) this.#subcommands[slot] = 0;
    return client;
  }
}

function grown(array: Int32Array<ArrayBuffer>, slot: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(slot + 1, array.length * 2));
  larger.set(array);
  return larger;
}
