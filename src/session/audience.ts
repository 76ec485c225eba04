// Who receives the messages of a channel or pattern, and the same as lists of connections for the native side: one list for
// each lane and protocol, made when the first message needs it and kept until somebody comes or goes.
import type { Client } from './client.ts';

/** Connections of one lane that speak the same protocol. */
export interface Listeners {
  readonly lane: number;
  readonly resp3: boolean;
  /** Pairs of slot and generation. */
  readonly targets: Int32Array;
}

export class Audience {
  readonly clients = new Set<Client>();
  #lists: readonly Listeners[] | null = null;

  get size(): number {
    return this.clients.size;
  }

  add(client: Client): void {
    this.clients.add(client);
    this.#lists = null;
  }

  remove(client: Client): void {
    this.clients.delete(client);
    this.#lists = null;
  }

  /** One of the clients speaks another protocol now. */
  changed(): void {
    this.#lists = null;
  }

  get lists(): readonly Listeners[] {
    this.#lists ??= listsOf(this.clients);
    return this.#lists;
  }
}

export function listsOf(clients: Iterable<Client>): Listeners[] {
  const lists: { lane: number; resp3: boolean; targets: number[] }[] = [];
  for (const { lane, resp3, slot, generation } of clients) {
    let list = lists.find((one) => one.lane === lane && one.resp3 === resp3);
    if (list === undefined) {
      list = { lane, resp3, targets: [] };
      lists.push(list);
    }
    list.targets.push(slot, generation);
  }
  return lists.map(({ lane, resp3, targets }) => ({ lane, resp3, targets: Int32Array.from(targets) }));
}
