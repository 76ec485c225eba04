// Who has subscribed to what: channels, patterns of channels, and channels of shards. Names have one character for each
// byte. A client without subscriptions has no object for them, and nobody looks for one.
import { fromLatin1 } from '../base/bytes.ts';
import { Audience } from './audience.ts';
import type { Client } from './client.ts';

/** What one client has subscribed to. */
export class Subscriptions {
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();
  readonly shardChannels = new Set<string>();

  get count(): number {
    return this.channels.size + this.patterns.size + this.shardChannels.size;
  }
}

/** One of the three sets of names. */
export type Topic = 'channels' | 'patterns' | 'shardChannels';

const TOPICS: readonly Topic[] = ['channels', 'patterns', 'shardChannels'];

export interface Pattern {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly audience: Audience;
}

export class Pubsub {
  readonly channels = new Map<string, Audience>();
  readonly shardChannels = new Map<string, Audience>();
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
    this.#audienceOf(topic, name).add(client);
  }

  /** A name that was not subscribed to is passed over. */
  unsubscribe(client: Client, topic: Topic, name: string): void {
    const { subscriptions } = client;
    if (subscriptions === null || !subscriptions[topic].delete(name)) return;
    const audience = this.#audienceOf(topic, name);
    audience.remove(client);
    if (audience.size === 0) this[topic].delete(name);
    if (subscriptions.count > 0) return;
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

  /** A client speaks another protocol now. */
  protocolChanged(client: Client): void {
    const { subscriptions } = client;
    if (subscriptions === null) return;
    for (const topic of TOPICS) {
      for (const name of subscriptions[topic]) this.#audienceOf(topic, name).changed();
    }
  }

  #begin(): Subscriptions {
    this.clientCount++;
    return new Subscriptions();
  }

  /** The subscribers of a name, which is noted if nobody has used it yet. */
  #audienceOf(topic: Topic, name: string): Audience {
    if (topic === 'patterns') {
      let pattern = this.patterns.get(name);
      if (pattern === undefined) {
        pattern = { name, bytes: fromLatin1(name), audience: new Audience() };
        this.patterns.set(name, pattern);
      }
      return pattern.audience;
    }
    let audience = this[topic].get(name);
    if (audience === undefined) {
      audience = new Audience();
      this[topic].set(name, audience);
    }
    return audience;
  }
}
