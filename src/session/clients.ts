// All clients of a server. The native side knows every connection; here are only the objects of those that need one,
// made when somebody asks.
import { type ClientRow, type ClientsWanted, holderColumns } from '../bridge/binding.ts';
import { Client } from './client.ts';
import { LaneClients } from './lane_clients.ts';
import { ATTENTION, DB_SHIFT, KNOWN, RESP3 } from './state.ts';
import type { Users } from './users.ts';

/** Where rows come from: the addon's Reactor. */
export interface Connections {
  clients(wanted?: ClientsWanted): ClientRow[];
  clientRow(lane: number, slot: number): ClientRow | null;
  holders(into: Float64Array): number;
}

export class Clients {
  readonly lanes: LaneClients[];
  /** Packed state of a connection when its first command arrives. */
  firstState = KNOWN;
  readonly #connections: Connections;
  readonly #users: Users;
  #holders = new Float64Array(64 * holderColumns);
  /** Whether a connection whose first command arrives now must authenticate. */
  authRequired = false;

  constructor(lanes: number, connections: Connections, users: Users) {
    this.lanes = Array.from({ length: lanes }, () => new LaneClients());
    this.#connections = connections;
    this.#users = users;
  }

  /** The Client object of a connection, made if there is none yet. */
  get(lane: number, slot: number, generation: number): Client {
    const known = this.lanes[lane]!.client(slot);
    if (known !== undefined) return known;
    const row = this.#connections.clientRow(lane, slot);
    const user = this.#users.default;
    const client = new Client(lane, slot, generation, row?.id ?? 0, user, !this.authRequired);
    const state = this.lanes[lane]!.state(slot);
    client.dbIndex = state >>> DB_SHIFT;
    client.resp3 = (state & RESP3) !== 0;
    if (state !== 0) client.authenticated = true;
    this.lanes[lane]!.add(client);
    return client;
  }

  /** Has every command of connections without objects looked at, or no longer: what their user may do has changed. */
  guardPlain(isGuarded: boolean): void {
    const firstState = isGuarded ? KNOWN | ATTENTION : KNOWN;
    if (firstState === this.firstState) return;
    this.firstState = firstState;
    for (const lane of this.lanes) lane.guardPlain(isGuarded);
  }

  /** Stores what changed in a client where the executor looks for it. */
  refresh(client: Client): void {
    this.lanes[client.lane]!.refresh(client);
  }

  /** The Client object of a connection, if there is one. */
  find(row: ClientRow): Client | undefined {
    return this.named(row.lane, row.slot, row.generation);
  }

  /** The same by the connection's name. */
  named(lane: number, slot: number, generation: number): Client | undefined {
    const client = this.lanes[lane]!.client(slot);
    return client?.generation === generation ? client : undefined;
  }

  /** Moves a connection to a database. */
  select(lane: number, slot: number, index: number): void {
    const client = this.lanes[lane]!.client(slot);
    if (client === undefined) {
      const state = this.lanes[lane]!.state(slot);
      this.lanes[lane]!.setState(slot, (state & ((1 << DB_SHIFT) - 1)) | (index << DB_SHIFT));
    } else {
      client.dbIndex = index;
      this.refresh(client);
    }
  }

  /** Makes a connection speak RESP3, or RESP2. */
  speak(lane: number, slot: number, resp3: boolean): void {
    const client = this.lanes[lane]!.client(slot);
    if (client === undefined) {
      const state = this.lanes[lane]!.state(slot);
      this.lanes[lane]!.setState(slot, resp3 ? state | RESP3 : state & ~RESP3);
    } else {
      client.resp3 = resp3;
      this.refresh(client);
    }
  }

  /** The Client objects there are; plain connections have none. */
  *known(): Iterable<Client> {
    for (const lane of this.lanes) yield* lane.clients;
  }

  get knownCount(): number {
    let count = 0;
    for (const lane of this.lanes) count += lane.clientCount;
    return count;
  }

  /** Rows of the connections that agree with all of `wanted`; asking for few costs little, however many there are. */
  rows(wanted?: ClientsWanted): ClientRow[] {
    return this.#connections.clients(wanted);
  }

  /** The connection with this id (CLIENT ID), if it is alive; quick if it has an object. */
  rowOf(id: number): ClientRow | undefined {
    for (const client of this.known()) {
      if (client.id === id) return client.closing ? undefined : (this.row(client) ?? undefined);
    }
    return this.rows().find((row) => row.id === id && !row.closed);
  }

  /**
   * The connections that hold memory for requests or replies, as Reactor.holders() lists them, however many others there
   * are. The rows may be written on, and hold until this is called again.
   */
  holders(): Float64Array {
    let count = this.#connections.holders(this.#holders);
    if (count * holderColumns > this.#holders.length) {
      this.#holders = new Float64Array(2 * count * holderColumns);
      count = Math.min(this.#connections.holders(this.#holders), 2 * count);
    }
    return this.#holders.subarray(0, count * holderColumns);
  }

  row(client: Client): ClientRow | null {
    return this.#connections.clientRow(client.lane, client.slot);
  }
}
