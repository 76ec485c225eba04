// Who has subscribed to what: channels, patterns of channels, and channels of shards. Names have one character for each
// byte. A client without subscriptions has no object for them, and nobody looks for one.
import { fromLatin1 } from '../base/bytes.ts';
import type { Client } from './client.ts';

/** What one client has subscribed to. */
export class Subscriptions {
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();
  readonly shardChannels = new Set<string>();
}

/** One of the three sets of names. */
export type Topic = keyof Subscriptions;

export interface Pattern {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly clients: Set<Client>;
}

export class Pubsub {
  readonly channels = new Map<string, Set<Client>>();
  readonly shardChannels = new Map<string, Set<Client>>();
  readonly patterns = new Map<string, Pattern>();
  /** Clients with any subscription. */
  clientCount = 0;

  /** Whether a message to a channel (not of a shard) could reach anybody. */
  get isHeard(): boolean {
    return this.channels.size > 0 || this.patterns.size > 0;
  }

  subscribe(client: Client, topic: Topic, name: string): void {
    client.subscriptions ??= this.#begin();
    const own = client.subscriptions[topic];
    if (own.has(name)) return;
    own.add(name);
    this.#clientsOf(topic, name).add(client);
  }

  /** A name that was not subscribed to is passed over. */
  unsubscribe(client: Client, topic: Topic, name: string): void {
    const { subscriptions } = client;
    if (subscriptions === null || !subscriptions[topic].delete(name)) return;
    const clients = this.#clientsOf(topic, name);
    clients.delete(client);
    if (clients.size === 0) this[topic].delete(name);
    const { channels, patterns, shardChannels } = subscriptions;
    if (channels.size + patterns.size + shardChannels.size > 0) return;
    client.subscriptions = null;
    this.clientCount--;
  }

  /** Ends all subscriptions of a client. */
  leave(client: Client): void {
    const { subscriptions } = client;
    if (subscriptions === null) return;
    for (const name of subscriptions.channels) this.unsubscribe(client, 'channels', name);
    for (const name of subscriptions.patterns) this.unsubscribe(client, 'patterns', name);
    for (const name of subscriptions.shardChannels) this.unsubscribe(client, 'shardChannels', name);
  }

  #begin(): Subscriptions {
    this.clientCount++;
    return new Subscriptions();
  }

  /** The subscribers of a name, which is noted if nobody has used it yet. */
  #clientsOf(topic: Topic, name: string): Set<Client> {
    if (topic === 'patterns') {
      let pattern = this.patterns.get(name);
      if (pattern === undefined) {
        pattern = { name, bytes: fromLatin1(name), clients: new Set() };
        this.patterns.set(name, pattern);
      }
      return pattern.clients;
    }
    let clients = this[topic].get(name);
    if (clients === undefined) {
      clients = new Set();
      this[topic].set(name, clients);
    }
    return clients;
  }
}
